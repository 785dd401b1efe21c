//! The calls that receive and send on a connection, as short as they can be: every request passes through them.
//!
//! Invariant: nothing waits, and what an error means is not known here.
//!
//! # Safety
//! This file holds the permit for `recvfrom` and `sendto`, which write to and read from one place.
#![allow(unsafe_code)]

use rustix::fd::BorrowedFd;

use super::arch::{self, number};
use super::descriptor;

const MSG_DONTWAIT: usize = 0x40;
const MSG_NOSIGNAL: usize = 0x4000;

/// EINTR as a system call returns it.
const INTERRUPTED: isize = -4;

/// Receives into `octets`: how many, 0 at the end of the stream, or an error number below 0.
#[inline(always)]
pub(crate) fn receive(fd: BorrowedFd<'_>, octets: &mut [u8]) -> isize {
    let fd = descriptor::argument(fd);
    let place = octets.as_mut_ptr().expose_provenance();
    loop {
        // SAFETY: the place is writable and as long as said.
        let returned = unsafe {
            arch::transfer::<{ number::RECVFROM }>(fd, place, octets.len(), MSG_DONTWAIT)
        };
        if returned != INTERRUPTED {
            return returned;
        }
    }
}

/// Sends from `octets`: how many were taken, or an error number below 0.
#[inline(always)]
pub(crate) fn send(fd: BorrowedFd<'_>, octets: &[u8]) -> isize {
    let fd = descriptor::argument(fd);
    let place = octets.as_ptr().expose_provenance();
    let flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    loop {
        // SAFETY: the octets are only read, and as many as said.
        let returned =
            unsafe { arch::transfer::<{ number::SENDTO }>(fd, place, octets.len(), flags) };
        if returned != INTERRUPTED {
            return returned;
        }
    }
}
