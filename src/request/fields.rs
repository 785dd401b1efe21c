//! The field lines of a request, validated, and the walk over them.

use super::known::Name;
use super::octet;

/// The field section of a request: lines of `field-name ":" OWS field-value OWS CRLF`.
///
/// A value of this type exists only for a section that the parser has accepted, so the walk cannot fail.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fields<'a> {
    section: &'a [u8],
}

impl<'a> Fields<'a> {
    /// The section must have been validated: every line ends in CRLF and has a colon.
    #[must_use]
    pub(crate) const fn new(section: &'a [u8]) -> Self {
        Self { section }
    }

    /// The field lines in the order of their arrival, as name and value without the white space around it.
    pub fn iter(mut self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        core::iter::from_fn(move || self.next_line())
    }

    /// The values of every field line with this name, given in lower case, whatever its case, in order.
    pub fn values(self, name: &'static str) -> impl Iterator<Item = &'a [u8]> {
        self.iter()
            .filter(|(candidate, _)| candidate.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| value)
    }

    /// Takes lines off the front up to and with the first one with this name; its value.
    #[inline(never)]
    pub(super) fn next_value(&mut self, name: Name) -> Option<&'a [u8]> {
        loop {
            let is_it = name.is(octet::take(&mut self.section, b':')?);
            let value = octet::take(&mut self.section, b'\n')?;
            if is_it {
                return Some(octet::trim(value));
            }
        }
    }

    fn next_line(&mut self) -> Option<(&'a [u8], &'a [u8])> {
        let name = octet::take(&mut self.section, b':')?;
        let value = octet::take(&mut self.section, b'\n')?;
        Some((name, octet::trim(value)))
    }
}
