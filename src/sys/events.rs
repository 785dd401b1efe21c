//! The calls of an epoll instance, and the array that a wait fills.
//!
//! rustix's wait converts a `timespec` that nobody has to the milliseconds that the kernel takes.
//!
//! Invariant: what the events mean is known to `epoll`.
//!
//! # Safety
//! This file holds the permit for `epoll_ctl`, which reads one event, and `epoll_pwait`, which fills an array.
#![allow(unsafe_code)]

use super::arch::{self, done, number, outcome};
use super::descriptor::Kept;
use super::errno::Errno;
use super::memory::Zeroed;
use crate::limits::EVENTS_MAX;

/// `EPOLL_CTL_ADD`
pub const ADD: usize = 1;
/// `EPOLL_CTL_DEL`
pub const DELETE: usize = 2;
/// `EPOLL_CTL_MOD`
pub const MODIFY: usize = 3;
const EPOLL_CLOEXEC: usize = 0o2_000_000;

/// `struct epoll_event`.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(target_arch = "x86_64", repr(C, packed))]
#[cfg_attr(not(target_arch = "x86_64"), repr(C))]
pub struct Event {
    /// What is ready, or waited for.
    pub flags: u32,
    /// Whose it is.
    pub data: u64,
}

/// Room for the events of one wait.
pub type EventArray = [Event; EVENTS_MAX];

// SAFETY: an event is two integers.
unsafe impl Zeroed for Event {}

/// A new instance, closed on exec.
#[inline]
#[must_use]
pub fn create() -> Kept {
    // SAFETY: the call takes flags, and opens a descriptor.
    Kept::new(unsafe { arch::syscall(number::EPOLL_CREATE1, [EPOLL_CLOEXEC]) })
}

/// Registers `fd`, registers it again as if it were new, or ends its registration.
///
/// # Errors
/// ENOMEM, ENOSPC, EEXIST, EPERM, ENOENT: `epoll_ctl(2)`.
#[inline(never)]
pub fn control(
    epoll: &Kept,
    operation: usize,
    fd: usize,
    flags: u32,
    data: u64,
) -> Result<(), Errno> {
    let event = Event { flags, data };
    let event = (&raw const event).expose_provenance();
    // SAFETY: the event is only read.
    done(unsafe { arch::syscall(number::EPOLL_CTL, [epoll.argument(), operation, fd, event]) })
}

/// Fills the array from its beginning, and returns those events. Waits for one `timeout_ms`, for ever if it is -1.
///
/// # Errors
/// EBADF, EINVAL: `epoll_wait(2)`.
#[inline]
pub fn wait<'events>(
    epoll: &Kept,
    room: &'events mut EventArray,
    timeout_ms: i32,
) -> Result<&'events [Event], Errno> {
    const INTERRUPTED: isize = -4;
    let epoll = epoll.argument();
    let place = (&raw mut *room).expose_provenance();
    let timeout = timeout_ms.cast_unsigned() as usize;
    loop {
        // SAFETY: the array has room for so many events; no mask of signals is passed.
        let returned =
            unsafe { arch::syscall(number::EPOLL_PWAIT, [epoll, place, EVENTS_MAX, timeout, 0]) };
        if returned != INTERRUPTED {
            let count = outcome(returned)?;
            return Ok(room.get(..count).unwrap_or_default());
        }
    }
}
