//! A tick every second, as something to read.
//!
//! Invariant: no time is told here, only that some has passed; a ticker that is not armed never wakes anybody.
#![forbid(unsafe_code)]

use rustix::fd::{AsFd, OwnedFd};
use rustix::io::Errno;
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};

/// A ticker that stands still; non-blocking, closed on exec.
///
/// # Errors
/// EMFILE, ENFILE, ENOMEM: `timerfd_create(2)`.
pub fn create() -> Result<OwnedFd, Errno> {
    let flags = TimerfdFlags::NONBLOCK.union(TimerfdFlags::CLOEXEC);
    timerfd_create(TimerfdClockId::Monotonic, flags)
}

/// Ticks after `first_ms`, less than a second and not 0, and every second from then on.
pub fn arm(fd: impl AsFd, first_ms: u32) {
    set(fd, 1, first_ms);
}

/// Ticks no more.
pub fn disarm(fd: impl AsFd) {
    set(fd, 0, 0);
}

/// The ticks since the last read. 0 if there was none.
#[must_use]
pub fn read(fd: impl AsFd) -> u64 {
    let mut ticks = [0; 8];
    // Discarded: it fails only where no tick has come, and then leaves zeros.
    let _ = rustix::io::read(fd, ticks.as_mut_slice());
    u64::from_ne_bytes(ticks)
}

fn set(fd: impl AsFd, interval_s: i64, first_ms: u32) {
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
    let _ = timerfd_settime(fd, TimerfdTimerFlags::empty(), &times);
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
