//! What the tests stand on, for commands that test: the wire, the strict reading of replies, clients of all kinds.
//!
//! Invariant: nothing is written here twice. These are the files of the tests.

// Each has more than is used here.
#![allow(dead_code)]

#[path = "../../tests/support/clients.rs"]
pub(crate) mod clients;
#[path = "../../tests/support/date.rs"]
pub(crate) mod date;
#[path = "../../tests/support/deadlines.rs"]
pub(crate) mod deadlines;
#[path = "../../tests/support/injection.rs"]
pub(crate) mod injection;
#[path = "../../tests/support/random.rs"]
pub(crate) mod random;
#[path = "../../tests/support/reply.rs"]
pub(crate) mod reply;
#[path = "../../tests/support/wait.rs"]
pub(crate) mod wait;
#[path = "../../tests/support/wire.rs"]
pub(crate) mod wire;
