//! Octets to a request: what the client said.
//!
//! Invariant: nothing here knows a descriptor, a route or a response.
#![forbid(unsafe_code)]

mod chunked;
pub mod connection;
pub mod date;
mod fields;
pub mod framing;
pub mod host;
pub(crate) mod list;
pub(crate) mod octet;
#[cfg(test)]
pub(crate) mod random;
mod refusal;
pub mod target;

pub use chunked::{Chunked, Step};
pub use fields::Fields;
pub use refusal::Refusal;
