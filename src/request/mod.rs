//! Octets to a request: what the client said.
//!
//! Reading order: [`parse`] takes the head apart, `plain` and `scan` are what makes it fast, `known` notes the fields that
//! count, `framing` decides by them, [`Chunked`] takes the content out of its chunks; the rest are the grammars of single
//! values.
//!
//! Invariant: nothing here knows a descriptor, a route or a response.
#![forbid(unsafe_code)]

mod parser;

mod plain;

mod scan;

mod known;

mod framing;

mod method;

mod fields;

mod gate;

mod chunked;

pub(crate) mod target;

mod host;

pub(crate) mod date;

pub(crate) mod list;

pub(crate) mod octet;

#[cfg(test)]
pub(crate) mod random;

mod refusal;

pub use chunked::{Chunked, Step};
pub use fields::Fields;
pub use gate::Gate;
pub use host::{ip, number};
pub(crate) use known::Name;
pub use known::Seen;
pub use method::Method;
pub use octet::eat;
pub(crate) use parser::parse_into;
pub use parser::{Head, Parsed, Stop, parse};
pub use plain::{TARGET_AT, plain};
pub use refusal::Refusal;
pub use scan::{BLOCK, Plain, Scan};
pub use target::normalise;

/// How long the content of a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// There is no content.
    None,
    /// So many octets, more than none.
    Length(u64),
    /// Until the last chunk.
    Chunked,
}

/// A request, as a handler sees it.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The method, as far as the server knows it.
    pub method: Method,
    /// The minor version: 0 or 1.
    pub minor: u8,
    /// Which fields are there of those that the server acts on.
    pub seen: Seen,
    /// The path of the target in normal form (RFC 3986 section 6.2.2), without the query; `*` for `OPTIONS *`,
    /// `/` for `CONNECT`.
    pub path: &'a [u8],
    /// What it was parsed from.
    octets: &'a [u8],
    fields: Fields<'a>,
    /// Where its content begins; beyond the end where there is none.
    pub(crate) content_at: u16,
}

impl<'a> Request<'a> {
    #[inline(always)]
    const fn new(octets: &'a [u8]) -> Self {
        Self {
            method: Method::Unknown,
            minor: 1,
            seen: Seen::NOTHING,
            path: b"",
            octets,
            fields: Fields::new(b""),
            content_at: u16::MAX,
        }
    }

    /// The method token as it was received.
    #[must_use]
    pub fn method_token(&self) -> &'a [u8] {
        self.start().0
    }

    /// The request-target as it was received: at most `limits::TARGET_MAX` octets of URI characters.
    #[must_use]
    pub fn target(&self) -> &'a [u8] {
        self.start().1
    }

    /// Method and target.
    fn start(&self) -> (&'a [u8], &'a [u8]) {
        let mut rest = self.octets;
        octet::eat_all(&mut rest, const { octet::form(b"\r\n") });
        let method = octet::span(&mut rest, octet::TOKEN);
        octet::eat(&mut rest, b' ');
        (method, octet::span(&mut rest, octet::URI))
    }

    /// The content, its transfer coding removed: at most `limits::CONTENT_MAX` octets.
    #[must_use]
    pub fn content(&self) -> &'a [u8] {
        let content = self.octets.get(usize::from(self.content_at)..);
        content.unwrap_or_default()
    }

    /// The field lines.
    #[must_use]
    pub const fn fields(&self) -> Fields<'a> {
        self.fields
    }
}
