//! A tick every second, as something to read.
//!
//! Invariant: no time is told here, only that some has passed; a ticker that is not armed never wakes anybody.
//!
//! # Safety
//! This file holds the permit for `timerfd_create`, which touches no memory, and `timerfd_settime`, which reads one
//! structure.
#![allow(unsafe_code)]

use super::arch::{self, number};
use super::descriptor::{self, Kept};

const CLOCK_MONOTONIC: usize = 1;
const NONBLOCK_CLOEXEC: usize = 0o2_004_000;

/// A ticker that stands still; non-blocking, closed on exec.
#[inline]
#[must_use]
pub fn create() -> Kept {
    // SAFETY: the call takes a clock's number and flags, and opens a descriptor.
    Kept::new(unsafe { arch::syscall(number::TIMERFD_CREATE, [CLOCK_MONOTONIC, NONBLOCK_CLOEXEC]) })
}

/// Ticks once this time has passed, of which the nanoseconds are less than a second, and every second from then on.
/// Ticks no more if it is zero.
#[inline(never)]
pub fn arm(fd: &Kept, seconds: u32, nanoseconds: u32) {
    // `struct itimerspec`: every second, and the first time.
    let times = [1, 0, u64::from(seconds), u64::from(nanoseconds)];
    let place = (&raw const times).expose_provenance();
    // SAFETY: the structure is as large as the kernel's, and is only read.
    // Discarded: it fails only for a descriptor that is no timer, or nanoseconds that are no part of a second.
    unsafe {
        arch::syscall(number::TIMERFD_SETTIME, [fd.argument(), 0, place, 0]);
    }
}

/// The ticks since the last read. 0 if there was none.
#[must_use]
pub fn read(fd: &Kept) -> u64 {
    let mut ticks = [0; 8];
    // Discarded: it fails only where no tick has come, and then leaves zeros.
    descriptor::read(fd.argument(), &mut ticks);
    u64::from_ne_bytes(ticks)
}

#[cfg(test)]
mod tests {
    use super::{arm, create, read};
    use rustix::event::{PollFd, PollFlags, poll};

    #[test]
    fn ticks_when_armed() {
        let fd = create();
        assert_eq!(read(&fd), 0);
        arm(&fd, 0, 1_000_000);
        poll(&mut [PollFd::new(&fd, PollFlags::IN)], None).unwrap();
        assert_eq!(read(&fd), 1);
        assert_eq!(read(&fd), 0);
        arm(&fd, 0, 0);
        let timeout = rustix::time::Timespec {
            tv_sec: 1,
            tv_nsec: 100_000_000,
        };
        let ready = poll(&mut [PollFd::new(&fd, PollFlags::IN)], Some(&timeout)).unwrap();
        assert_eq!(ready, 0);
    }
}
