//! A nudge from one thread to another, as something to read.
//!
//! Invariant: nothing is carried but the fact; what is to be done lies elsewhere.
//!
//! # Safety
//! This file holds the permit for `eventfd2`, which touches no memory.
#![allow(unsafe_code)]

use super::arch::{self, number};
use super::descriptor::{self, Kept};

const NONBLOCK_CLOEXEC: usize = 0o2_004_000;

/// A descriptor to be nudged; non-blocking, closed on exec.
#[inline]
#[must_use]
pub fn create() -> Kept {
    // SAFETY: the call takes a count and flags, and opens a descriptor.
    Kept::new(unsafe { arch::syscall(number::EVENTFD2, [0, NONBLOCK_CLOEXEC]) })
}

/// Makes it readable, and a new edge of an edge-triggered epoll.
#[inline(never)]
pub fn notify(fd: &Kept) {
    // Discarded: it fails only where the counter is full of nudges that were not read yet.
    descriptor::write(fd.argument(), &1_u64.to_ne_bytes());
}

/// Forgets the nudges so far.
pub fn drain(fd: &Kept) {
    let mut count = [0; 8];
    // Discarded: it fails only where there was none.
    descriptor::read(fd.argument(), &mut count);
}

#[cfg(test)]
mod tests {
    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::time::Timespec;

    use super::{Kept, create, drain, notify};

    fn readable(fd: &Kept) -> bool {
        let at_once = Timespec::default();
        poll(&mut [PollFd::new(fd, PollFlags::IN)], Some(&at_once)) == Ok(1)
    }

    #[test]
    fn nudges_are_drained_together() {
        let fd = create();
        assert!(!readable(&fd));
        notify(&fd);
        notify(&fd);
        assert!(readable(&fd));
        drain(&fd);
        assert!(!readable(&fd));
        drain(&fd);
    }
}
