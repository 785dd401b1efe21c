//! What the field lines say of the exchange itself: Connection and Expect.
//!
//! Invariant: what follows from it is decided by others.

use crate::request::{Fields, list, octet};

/// The connection options that mean something here (RFC 9110 section 7.6.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The client sends no further request.
    pub close: bool,
    /// A client of HTTP/1.0 would like to send further ones.
    pub keep_alive: bool,
}

impl Options {
    /// Adds the options in the value of one field line.
    pub fn add(&mut self, value: &[u8]) {
        for option in list::members(value) {
            self.close |= octet::is_name(option, "close");
            self.keep_alive |= octet::is_name(option, "keep-alive");
        }
    }
}

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
    for member in list::of(fields, "expect") {
        if octet::is_name(member, "100-continue") {
            expectation = Expectation::Continue;
        } else if !member.is_empty() {
            return Expectation::Unknown;
        }
    }
    expectation
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;

    use super::{Expectation, Options, expectation};
    use crate::request::Fields;

    #[test]
    fn options() {
        let table: [(&[&str], bool, bool); 14] = [
            (&[], false, false),
            (&[""], false, false),
            (&["close"], true, false),
            (&["Keep-Alive"], false, true),
            (&["CLOSE, upgrade ,keep-alive"], true, true),
            (&[" ,, close,"], true, false),
            (&["keep-alive", "close"], true, true),
            (&["te\t,\tclose\t"], true, false),
            (&["closed"], false, false),
            (&["clos"], false, false),
            (&["not close"], false, false),
            (&["close;a"], false, false),
            (&["\"close\""], false, false),
            (&["close=1, keep_alive"], false, false),
        ];
        for (values, close, keep_alive) in table {
            let mut options = Options::default();
            for value in values {
                options.add(value.as_bytes());
            }
            assert_eq!(options, Options { close, keep_alive }, "{values:?}");
        }
    }

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
