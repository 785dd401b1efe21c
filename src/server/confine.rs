//! What the process gives up before it meets the network.

use crate::sys::process;
use crate::sys::sandbox::{Outcome, landlock, privileges, seccomp};

/// How much the process gives up between listening and the first accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sandbox {
    /// Nothing: for debugging, and for programs that do more than serve.
    Off,
    /// Everything: privileges, the file system, new connections, and every system call that serving does not make.
    /// A program with a libc does not survive it.
    Full,
}

impl Sandbox {
    /// What threads inherit.
    pub(super) fn before_threads(self) {
        if self == Self::Full {
            report(privileges::drop_all(), "drop of privileges");
            report(privileges::forgo(), "no_new_privs");
            report(landlock::restrict(), "Landlock");
        }
    }

    /// What holds for every thread at once.
    pub(super) fn after_threads(self) {
        if self == Self::Full {
            report(seccomp::install(), "seccomp");
        }
    }
}

/// Where the kernel lacks a piece, one line says so and the server runs on.
#[inline(never)]
fn report(outcome: Outcome, piece: &str) {
    if outcome != Outcome::APPLIED {
        process::write_stderr(b"vanillin: sandbox: no ");
        process::write_stderr(piece.as_bytes());
        process::write_stderr(b" here\n");
    }
}
