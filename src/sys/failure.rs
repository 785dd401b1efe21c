//! Why a server does not start, or stops.
//!
//! Invariant: a step is named once, where it is taken.

use core::{error, fmt};

use rustix::io::Errno;

/// A step that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The step, mostly a system call.
    pub step: &'static str,
    /// Its error.
    pub errno: Errno,
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.step, self.errno)
    }
}

impl error::Error for Failure {}
