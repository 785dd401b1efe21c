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

/// What came of giving something up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is given up.
    Applied,
    /// This kernel does not know how, or it or what surrounds the process does not let it.
    Refused,
}

impl Outcome {
    /// The outcome of a system call whose success is zero. Less is an error; more is a thread that cannot follow.
    const fn of(returned: isize) -> Self {
        match returned {
            0 => Self::Applied,
            _ => Self::Refused,
        }
    }
}
