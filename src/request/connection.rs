//! What the field lines say of the exchange itself: Connection and Expect.
//!
//! Invariant: what follows from it is decided by others.

use crate::request::{Fields, list};

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
            self.close |= option.eq_ignore_ascii_case(b"close");
            self.keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
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
        if member.eq_ignore_ascii_case(b"100-continue") {
            expectation = Expectation::Continue;
        } else if !member.is_empty() {
            return Expectation::Unknown;
        }
    }
    expectation
}
