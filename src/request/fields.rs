//! The field lines of a request, validated, and the walk over them.

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

    /// The values of every field line with this name, whose case does not matter, in order.
    pub fn values(mut self, name: &'static str) -> impl Iterator<Item = &'a [u8]> {
        core::iter::from_fn(move || self.next_value(name))
    }

    /// Takes lines off the front up to and with the first one with this name, in lower case; its value.
    #[inline(never)]
    pub(super) fn next_value(&mut self, name: &str) -> Option<&'a [u8]> {
        loop {
            let (candidate, value) = self.next_line()?;
            if octet::is_name(candidate, name.as_bytes()) {
                return Some(value);
            }
        }
    }

    fn next_line(&mut self) -> Option<(&'a [u8], &'a [u8])> {
        let colon = self.section.iter().position(|&octet| octet == b':')?;
        let (name, rest) = self.section.split_at_checked(colon)?;
        let end = rest.iter().position(|&octet| octet == b'\r')?;
        let (value, rest) = rest.split_at_checked(end)?;
        self.section = rest.get(2..)?;
        Some((name, octet::trim(value.get(1..)?)))
    }
}
