//! What every test stands on: the ELF as a child process, the wire, the strict reading of replies, the table.
//!
//! Invariant: nothing here knows how the server is made. Bytes on the wire, exit codes and `/proc` are all it sees,
//! and the only pause is the one between two looks of `wait::until`.

pub(crate) mod clients;
pub(crate) mod date;
pub(crate) mod deadlines;
pub(crate) mod injection;
pub(crate) mod proc;
pub(crate) mod random;
pub(crate) mod reply;
pub(crate) mod server;
pub(crate) mod table;
pub(crate) mod trace;
pub(crate) mod wait;
pub(crate) mod wire;
