//! What the field lines say of the exchange itself: Expect.
//!
//! Invariant: what follows from it is decided by others.

use crate::request::{Fields, Name, list, octet};

/// What the client expects before it sends the content (RFC 9110 section 10.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// Nothing.
    Nothing,
    /// `100-continue`: an interim or a final response.
    Continue,
    /// Something else, among other things maybe.
    Unknown,
}

/// What all Expect lines expect.
#[must_use]
pub fn expectation(fields: Fields<'_>) -> Expectation {
    let mut expectation = Expectation::Nothing;
    for member in list::of(fields, Name::Expect) {
        if octet::which(member, CONTINUE) == 0 {
            expectation = Expectation::Continue;
        } else if !member.is_empty() {
            return Expectation::Unknown;
        }
    }
    expectation
}

/// The only expectation that is known here.
const CONTINUE: &[u8] = &octet::names(b" 100-continue");

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;

    use super::{Expectation, expectation};
    use crate::request::Fields;

    #[test]
    fn expectations() {
        let table: [(&[&str], Expectation); 11] = [
            (&[], Expectation::Nothing),
            (&[""], Expectation::Nothing),
            (&["100-continue"], Expectation::Continue),
            (&["100-Continue , "], Expectation::Continue),
            (&["100-continue", "100-continue"], Expectation::Continue),
            (&["100-continue;a"], Expectation::Unknown),
            (&["100-continue=1"], Expectation::Unknown),
            (&["100-continue, more"], Expectation::Unknown),
            (&["more", "100-continue"], Expectation::Unknown),
            (&["200-ok"], Expectation::Unknown),
            (&["a=\",100-continue\""], Expectation::Unknown),
        ];
        for (values, expected) in table {
            let lines = values.iter().map(|value| format!("expect: {value}\r\n"));
            let section: String = lines.collect();
            assert_eq!(
                expectation(Fields::new(section.as_bytes())),
                expected,
                "{values:?}"
            );
        }
    }
}
