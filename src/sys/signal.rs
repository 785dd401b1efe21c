//! Signals as something to read.
//!
//! Invariant: no signal handler exists. What asks for an end is blocked and read from a descriptor, which works
//! for PID 1 too, to which the kernel applies no default action.
//!
//! # Safety
//! This file holds the permit for `rt_sigprocmask` and `signalfd4`, which read one mask each, and
//! `read`, which fills one structure.
#![allow(unsafe_code)]

use core::mem::MaybeUninit;

use super::arch::{self, number};
use super::descriptor::Kept;

/// A terminal's interrupt, `Ctrl-C`.
pub const SIGINT: u32 = 2;
/// A terminal's quit, `Ctrl-\`.
pub const SIGQUIT: u32 = 3;
/// The peer of a pipe or socket is gone.
pub const SIGPIPE: u32 = 13;
/// An operator's request to end.
pub const SIGTERM: u32 = 15;

const SIG_BLOCK: usize = 0;
const SFD_NONBLOCK_CLOEXEC: usize = 0o2_004_000;

/// The kernel's `sigset_t`: signal n is bit n - 1.
const ASKING_FOR_AN_END: u64 = 1 << (SIGINT - 1) | 1 << (SIGQUIT - 1) | 1 << (SIGTERM - 1);
const MASK_LEN: usize = size_of::<u64>();

/// What the kernel writes for one signal.
const SIGINFO_LEN: usize = 128;

/// Blocks what asks for an end, and SIGPIPE, in this thread and those that it starts. A write to a pipe whose peer is
/// gone then fails and that is all.
pub fn block() {
    let mask = ASKING_FOR_AN_END | 1 << (SIGPIPE - 1);
    let place = (&raw const mask).expose_provenance();
    // SAFETY: the mask is as long as said, and is only read; the call does not fail for these signals.
    unsafe { arch::syscall(number::RT_SIGPROCMASK, [SIG_BLOCK, place, 0, MASK_LEN]) };
}

/// A descriptor that is readable when a signal has arrived that asks for an end and is blocked; non-blocking, closed on
/// exec.
#[inline]
#[must_use]
pub fn open() -> Kept {
    let mask = ASKING_FOR_AN_END;
    let new = usize::MAX;
    let place = (&raw const mask).expose_provenance();
    // SAFETY: the mask is as long as said, and is only read; the call opens a descriptor.
    Kept::new(unsafe {
        arch::syscall(
            number::SIGNALFD4,
            [new, place, MASK_LEN, SFD_NONBLOCK_CLOEXEC],
        )
    })
}

/// The number of the next signal that waits, if one does.
#[must_use]
pub fn read(fd: &Kept) -> Option<u32> {
    // `struct signalfd_siginfo` begins with `uint32_t ssi_signo`.
    let mut info = MaybeUninit::<[u32; SIGINFO_LEN / 4]>::uninit();
    let place = info.as_mut_ptr().expose_provenance();
    // SAFETY: the place is writable and as long as said.
    let len = unsafe { arch::syscall(number::READ, [fd.argument(), place, SIGINFO_LEN]) };
    if len < 0 {
        return None;
    }
    // SAFETY: a read of a signalfd that does not fail has written the structure, and one at least.
    let [number, ..] = unsafe { info.assume_init() };
    Some(number)
}

#[cfg(test)]
mod tests {
    use rustix::event::{PollFd, PollFlags, poll};

    use super::{SIGTERM, block, open, read};
    use crate::sys::arch;

    const TGKILL: usize = 234;

    #[test]
    fn a_signal_is_read() {
        // The mask is this thread's alone, so the signal is sent to it and not to the process.
        block();
        let fd = open();
        assert_eq!(read(&fd), None);
        let process = rustix::process::getpid().as_raw_nonzero().get();
        let thread = rustix::thread::gettid().as_raw_nonzero().get();
        let [process, thread] = [process, thread].map(|id| id.cast_unsigned() as usize);
        // SAFETY: the call touches no memory, and the signal is blocked.
        unsafe { arch::syscall(TGKILL, [process, thread, SIGTERM as usize]) };
        poll(&mut [PollFd::new(&fd, PollFlags::IN)], None).unwrap();
        assert_eq!(read(&fd), Some(SIGTERM));
        assert_eq!(read(&fd), None);
    }

    #[test]
    fn sigpipe_is_blocked() {
        block();
        let status = std::fs::read_to_string("/proc/thread-self/status").unwrap();
        let blocked = status.lines().find_map(|line| line.strip_prefix("SigBlk:"));
        let blocked = u64::from_str_radix(blocked.unwrap().trim(), 16).unwrap();
        assert_ne!(blocked & 1 << (super::SIGPIPE - 1), 0);
    }
}
