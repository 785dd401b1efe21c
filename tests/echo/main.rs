//! The shipped binary: configuration to server.
fn main() {}
