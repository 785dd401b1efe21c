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

/// What came of giving something up, as the system call returned it: less than zero is an error, and means that this
/// kernel does not know how, or that it or what surrounds the process does not let it; more is a thread that cannot
/// follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome(isize);

impl Outcome {
    /// It is given up.
    pub const APPLIED: Self = Self(0);
}
