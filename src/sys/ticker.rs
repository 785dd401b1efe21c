//! A tick every second, as something to read.
//!
//! Invariant: no time is told here, only that some has passed; a ticker that is not armed never wakes anybody.
//!
//! # Safety
//! This file holds the permit for `timerfd_create`, which touches no memory.
#![allow(unsafe_code)]

use rustix::fd::AsFd;
use rustix::io::Errno;
use rustix::time::{Itimerspec, TimerfdTimerFlags, Timespec, timerfd_settime};

use super::arch::number;
use super::descriptor::{self, Kept};

const CLOCK_MONOTONIC: usize = 1;
const NONBLOCK_CLOEXEC: usize = 0o2_004_000;

/// A ticker that stands still; non-blocking, closed on exec.
///
/// # Errors
/// EMFILE, ENFILE, ENOMEM: `timerfd_create(2)`.
pub fn create() -> Result<Kept, Errno> {
    // SAFETY: the call takes a clock's number and flags, and opens a descriptor.
    unsafe {
        descriptor::open(
            number::TIMERFD_CREATE,
            CLOCK_MONOTONIC,
            NONBLOCK_CLOEXEC,
            0,
            0,
        )
    }
    .map(Kept::new)
}

/// Ticks after `first_ms`, less than a second and not 0, and every second from then on.
pub fn arm(fd: &Kept, first_ms: u32) {
    set(fd, 1, first_ms);
}

/// Ticks no more.
pub fn disarm(fd: &Kept) {
    set(fd, 0, 0);
}

/// The ticks since the last read. 0 if there was none.
#[must_use]
pub fn read(fd: &Kept) -> u64 {
    let mut ticks = [0; 8];
    // Discarded: it fails only where no tick has come, and then leaves zeros.
    let _ = rustix::io::read(fd.as_fd(), ticks.as_mut_slice());
    u64::from_ne_bytes(ticks)
}

fn set(fd: &Kept, interval_s: i64, first_ms: u32) {
    let times = Itimerspec {
        it_interval: Timespec {
            tv_sec: interval_s,
            tv_nsec: 0,
        },
        it_value: Timespec {
            tv_sec: i64::from(first_ms / 1000),
            tv_nsec: i64::from(first_ms % 1000 * 1_000_000),
        },
    };
    // Discarded: it fails only for a descriptor that is no timer, or nanoseconds that are no part of a second.
    let _ = timerfd_settime(fd.as_fd(), TimerfdTimerFlags::empty(), &times);
}

#[cfg(test)]
mod tests {
    use super::{arm, create, disarm, read};
    use rustix::event::{PollFd, PollFlags, poll};

    #[test]
    fn ticks_when_armed() {
        let fd = create().unwrap();
        assert_eq!(read(&fd), 0);
        arm(&fd, 1);
        poll(&mut [PollFd::new(&fd, PollFlags::IN)], None).unwrap();
        assert_eq!(read(&fd), 1);
        assert_eq!(read(&fd), 0);
        disarm(&fd);
        let timeout = rustix::time::Timespec {
            tv_sec: 1,
            tv_nsec: 100_000_000,
        };
        let ready = poll(&mut [PollFd::new(&fd, PollFlags::IN)], Some(&timeout)).unwrap();
        assert_eq!(ready, 0);
    }
}
