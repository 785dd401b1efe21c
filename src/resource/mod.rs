//! What is served, and the pure choice of it.
//!
//! Invariant: nothing here knows a descriptor or a route.
#![forbid(unsafe_code)]

pub mod condition;
pub mod encoding;
pub mod range;
