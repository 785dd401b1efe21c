//! The field lines of a request, validated, and the walk over them.

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
    pub fn iter(self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        let mut rest = self.section;
        core::iter::from_fn(move || {
            let end = rest.iter().position(|&octet| octet == b'\n')?;
            let (line, after) = rest.split_at_checked(end + 1)?;
            rest = after;
            let colon = line.iter().position(|&octet| octet == b':')?;
            let (name, value) = line.split_at_checked(colon)?;
            Some((name, value.get(1..)?.trim_ascii()))
        })
    }

    /// The values of every field line with this name, whose case does not matter, in order.
    pub fn values(self, name: &'static str) -> impl Iterator<Item = &'a [u8]> {
        self.iter().filter_map(move |(candidate, value)| {
            candidate
                .eq_ignore_ascii_case(name.as_bytes())
                .then_some(value)
        })
    }
}
