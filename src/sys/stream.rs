//! The calls that receive and send on a connection, as short as they can be: every request passes through them.
//!
//! Invariant: nothing waits, and what an error means is not known here.
//!
//! # Safety
//! This file holds the permit for `recvfrom`, which writes to one place, and `sendto` and `sendmsg`, which read from one or two.
#![allow(unsafe_code)]

use rustix::fd::BorrowedFd;

use super::arch::{self, number};
use super::descriptor;

const MSG_DONTWAIT: usize = 0x40;
const MSG_NOSIGNAL: usize = 0x4000;
const MSG_ZEROCOPY: usize = 0x0400_0000;

/// EINTR as a system call returns it.
const INTERRUPTED: isize = -4;
/// ENOBUFS: what a send without a copy keeps accounts in is used up.
const NO_BUFFERS: isize = -105;

/// `struct msghdr`, of a send.
#[repr(C)]
struct Message {
    name: [usize; 2],
    parts: usize,
    count: usize,
    rest: [usize; 3],
}

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

/// Sends from `head` and then from `body`: how many were taken, or an error number below 0. Without a copy if
/// `zerocopy`, and with one where the kernel cannot.
#[inline]
pub(crate) fn send_both(fd: BorrowedFd<'_>, head: &[u8], body: &[u8], zerocopy: bool) -> isize {
    // `struct iovec`, twice.
    let parts = [
        head.as_ptr().expose_provenance(),
        head.len(),
        body.as_ptr().expose_provenance(),
        body.len(),
    ];
    let message = Message {
        name: [0; 2],
        parts: (&raw const parts).expose_provenance(),
        count: 2,
        rest: [0; 3],
    };
    let (fd, place) = (
        descriptor::argument(fd),
        (&raw const message).expose_provenance(),
    );
    let mut flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    if zerocopy {
        flags |= MSG_ZEROCOPY;
    }
    loop {
        // SAFETY: the message names two places that are only read, as many octets as said, and nothing else.
        let returned = unsafe { arch::syscall(number::SENDMSG, [fd, place, flags]) };
        if returned == NO_BUFFERS && flags & MSG_ZEROCOPY != 0 {
            flags &= !MSG_ZEROCOPY;
        } else if returned != INTERRUPTED {
            return returned;
        }
    }
}
