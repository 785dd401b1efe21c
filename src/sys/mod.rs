//! What Linux gives and rustix does not wrap, or wraps at a price that a 16 KiB ELF does not pay.
//!
//! Invariant: nothing here knows of HTTP, of a connection or of the server; each file is one concern of the
//! kernel's, and its public functions are safe unless they say what the caller owes.

mod arch;
pub mod clock;
pub mod cpus;
pub mod descriptor;
pub mod errno;
pub mod events;
pub mod lane;
pub mod listener;
pub mod memory;
pub mod probe;
pub mod process;
pub mod sandbox;
pub mod signal;
pub mod simd;
pub mod stream;
pub mod thread;
pub mod ticker;
pub mod wake;
pub mod zerocopy;
