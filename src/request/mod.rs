//! Octets to a request: what the client said.
//!
//! Invariant: nothing here knows a descriptor, a route or a response.
#![forbid(unsafe_code)]

mod fields;

pub use fields::Fields;
