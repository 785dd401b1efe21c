//! What the process gives up before it meets the network, so that a compromise of it is worth nothing.
//!
//! The order matters: [`privileges`] and [`landlock`] bind the calling thread and those that it starts later, so
//! they come after bind(2) and before the workers; [`seccomp`] binds every thread at once and allows no
//! start-up, so it comes last.
//!
//! Invariant: every function can be left out or fail without harm to service; none undoes another's work.

pub mod landlock;
pub mod privileges;
pub mod seccomp;
#[cfg(test)]
mod tests;

use rustix::io::Errno;

/// What came of giving something up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is given up.
    Applied,
    /// This kernel does not know how, or what surrounds the process does not let it.
    Unsupported,
    /// The kernel refuses.
    Failed(Errno),
}

impl Outcome {
    /// The outcome of a system call whose success is zero.
    fn of(returned: isize) -> Self {
        match super::arch::outcome(returned) {
            Ok(0) => Self::Applied,
            // Some other thread cannot follow: its number is returned.
            Ok(_) => Self::Failed(Errno::SRCH),
            // A filter around the process may answer ENOSYS or EPERM for what it does not know.
            Err(Errno::NOSYS | Errno::OPNOTSUPP | Errno::PERM) => Self::Unsupported,
            Err(errno) => Self::Failed(errno),
        }
    }
}
