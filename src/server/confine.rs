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
    #[inline(never)]
    pub(super) fn before_threads(self) {
        if self == Self::Full {
            report(
                privileges::drop_all(),
                b"vanillin: sandbox: cannot drop privileges\n",
            );
            report(
                privileges::forgo(),
                b"vanillin: sandbox: no no_new_privs here\n",
            );
            report(
                landlock::restrict(),
                b"vanillin: sandbox: no Landlock here\n",
            );
        }
    }

    /// What holds for every thread at once.
    pub(super) fn after_threads(self) {
        if self == Self::Full {
            report(seccomp::install(), b"vanillin: sandbox: no seccomp here\n");
        }
    }
}

/// Where the kernel lacks a piece, one line says so and the server runs on.
fn report(outcome: Outcome, line: &[u8]) {
    if outcome != Outcome::Applied {
        process::write_stderr(line);
    }
}
