//! Deeds that a compromised server would do, for tests to try from inside a sandbox.
//!
//! Invariant: no shipped binary names this file, so that none of it is in one.
//!
//! # Safety
//! This file holds the permit for the calls that its deeds make; each says why it is harmless when it succeeds.
#![allow(unsafe_code)]
#![doc(hidden)]

use rustix::io::Errno;

use super::arch::{outcome, syscall};

/// Something that a server does not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Opens the root directory for reading.
    Open,
    /// Makes a TCP socket.
    Socket,
    /// Connects one to port 9 of this machine.
    Connect,
    /// Binds one to a free port.
    Bind,
    /// Executes a file that does not exist.
    Execute,
    /// Makes a page of the stack executable.
    MakeExecutable,
    /// Lets the parent trace this process.
    Trace,
    /// Signals init without a signal, which only asks whether it may.
    Signal,
    /// Becomes root.
    BecomeRoot,
    /// Marks a TCP socket for the firewall, which takes a capability.
    Mark,
}

impl Deed {
    /// Every deed, with the name that a test calls it by.
    pub const ALL: [(&'static str, Self); 10] = [
        ("open", Self::Open),
        ("socket", Self::Socket),
        ("connect", Self::Connect),
        ("bind", Self::Bind),
        ("execute", Self::Execute),
        ("make-executable", Self::MakeExecutable),
        ("trace", Self::Trace),
        ("signal", Self::Signal),
        ("become-root", Self::BecomeRoot),
        ("mark", Self::Mark),
    ];

    /// Tries it: what the kernel answers, if the process lives to hear it.
    ///
    /// # Errors
    /// The kernel's refusal.
    pub fn attempt(self) -> Result<(), Errno> {
        match self {
            // openat(AT_FDCWD, "/", O_RDONLY)
            Self::Open => call(257, [usize::MAX - 99, path(c"/"), 0, 0, 0]),
            Self::Socket => tcp(),
            Self::Connect => tcp().and_then(|fd| address(42, fd, 9)),
            Self::Bind => tcp().and_then(|fd| address(49, fd, 0)),
            // execve("/nonexistent", NULL, NULL)
            Self::Execute => call(59, [path(c"/nonexistent"), 0, 0, 0, 0]),
            // mprotect(page, 4096, PROT_READ | PROT_WRITE | PROT_EXEC)
            Self::MakeExecutable => call(10, [stack_page(), 4096, 7, 0, 0]),
            // ptrace(PTRACE_TRACEME)
            Self::Trace => call(101, [0; 5]),
            // kill(1, 0)
            Self::Signal => call(62, [1, 0, 0, 0, 0]),
            // setresuid(0, 0, 0)
            Self::BecomeRoot => call(117, [0; 5]),
            Self::Mark => tcp().and_then(mark),
        }
        .map(drop)
    }
}

/// `socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)`
fn tcp() -> Result<usize, Errno> {
    call(41, [2, 0o4001, 0, 0, 0])
}

/// connect(2) or bind(2) with a port of 127.0.0.1.
fn address(number: usize, fd: usize, port: u16) -> Result<usize, Errno> {
    let [high, low] = port.to_be_bytes();
    let address: [u8; 16] = [2, 0, high, low, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
    call(
        number,
        [fd, (&raw const address).expose_provenance(), 16, 0, 0],
    )
}

/// `setsockopt(fd, SOL_SOCKET, SO_MARK, 1)`
fn mark(fd: usize) -> Result<usize, Errno> {
    let mark = 1_u32;
    call(54, [fd, 1, 36, (&raw const mark).expose_provenance(), 4])
}

/// The page that the stack ends in.
fn stack_page() -> usize {
    let local = 0_u8;
    (&raw const local).addr() & !4095
}

fn path(path: &core::ffi::CStr) -> usize {
    path.as_ptr().expose_provenance()
}

fn call(number: usize, arguments: [usize; 5]) -> Result<usize, Errno> {
    // SAFETY: the callers above pass addresses of live memory, which the kernel only reads; a stack
    // that is executable is no less a stack.
    outcome(unsafe { syscall(number, arguments) })
}
