//! Black-box tests of the ELF that ships: bytes in, bytes out.
//!
//! Invariant: no test knows the inside of the server. `VANILLIN_ELF`, `VANILLIN_ECHO` and `VANILLIN_TESTBED` name
//! other binaries than those that Cargo has built, such as the one in `dist/`.

// What every test stands on: server, wire, strict reader, table.
mod support;

// The harness itself, against a mock with faults.
mod harness;
