//! How a resource looks on the wire.
//!
//! Invariant: nothing here knows a descriptor, a route or a request.
#![forbid(unsafe_code)]

pub mod date;
pub mod decimal;
