//! Octets to a request: what the client said.
//!
//! Reading order: [`parse`] takes the head apart, `scan` is what makes it fast, `known` decides about framing,
//! [`Chunked`] takes the content out of its chunks; the rest are the grammars of single values.
//!
//! Invariant: nothing here knows a descriptor, a route or a response.
#![forbid(unsafe_code)]

mod parser;

mod scan;

mod known;

mod method;

mod fields;

mod gate;

mod chunked;

pub(crate) mod target;

mod host;

mod connection;

mod framing;

pub mod date;

pub(crate) mod list;

pub(crate) mod octet;

mod refusal;

pub use chunked::{Chunked, Step};
pub use fields::Fields;
pub use gate::Gate;
pub use known::Seen;
pub use method::Method;
pub use parser::{Head, Parsed, parse};
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
    /// The method token as it was received.
    pub method_token: &'a [u8],
    /// The request-target as it was received: at most `limits::TARGET_MAX` octets of URI characters.
    pub target: &'a [u8],
    /// The path of the target in normal form (RFC 3986 section 6.2.2), without the query; `*` for `OPTIONS *`,
    /// empty for `CONNECT`.
    pub path: &'a [u8],
    /// The field lines.
    pub fields: Fields<'a>,
    /// Which fields are there of those that the server acts on.
    pub seen: Seen,
    /// The minor version: 0 or 1.
    pub minor: u8,
    /// The content, its transfer coding removed: at most `limits::CONTENT_MAX` octets.
    pub content: &'a [u8],
}
