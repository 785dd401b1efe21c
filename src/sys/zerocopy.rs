//! Sending from where the octets lie: `SO_ZEROCOPY` and the error queue that tells when the kernel is done.
//!
//! Invariant: which octets were sent is not known here. Their memory never changes (they are constants), so that
//! completions matter only because the queue they lie in is bounded.
//!
//! # Safety
//! This file holds the permit for `setsockopt` and `recvmsg`, which rustix has not for these purposes.
#![allow(unsafe_code)]

use rustix::fd::BorrowedFd;

use super::arch::{self, number};
use super::descriptor;

const SOL_SOCKET: usize = 1;
const SO_ZEROCOPY: usize = 60;
const MSG_ERRQUEUE_DONTWAIT: usize = 0x2040;
const SO_EE_ORIGIN_ZEROCOPY: u8 = 5;
const SO_EE_CODE_ZEROCOPY_COPIED: u8 = 1;

/// What the error queue held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Completions {
    /// The kernel copied at least once, so that asking for the opposite is a waste on this connection.
    pub copied: bool,
    /// The sends that are done with.
    pub count: u32,
}

/// `struct msghdr`.
#[repr(C)]
struct Message {
    name: usize,
    name_len: u32,
    iov: usize,
    iov_len: usize,
    control: *mut Control,
    control_len: usize,
    flags: i32,
}

/// `struct cmsghdr`, `struct sock_extended_err` and the room for the offender's address behind it.
#[repr(C)]
#[derive(Default)]
struct Control {
    len: usize,
    level: i32,
    kind: i32,
    errno: u32,
    origin: u8,
    r#type: u8,
    code: u8,
    pad: u8,
    first: u32,
    last: u32,
    offender: [u32; 7],
}

/// Lets `fd` send without a copy; whether the kernel agrees.
#[must_use]
pub fn enable(fd: BorrowedFd<'_>) -> bool {
    let on = 1_i32;
    let fd = descriptor::argument(fd);
    let (value, len) = ((&raw const on).expose_provenance(), size_of::<i32>());
    // SAFETY: the option's value is one integer, which is only read.
    unsafe {
        arch::syscall(
            number::SETSOCKOPT,
            [fd, SOL_SOCKET, SO_ZEROCOPY, value, len],
        ) == 0
    }
}

/// Empties the error queue of `fd`. The queue's bound is the kernel's, `net.core.optmem_max`.
#[inline(never)]
#[must_use]
pub fn drain(fd: BorrowedFd<'_>) -> Completions {
    let fd = descriptor::argument(fd);
    let mut completions = Completions::default();
    let mut control = Control::default();
    let mut message = Message {
        name: 0,
        name_len: 0,
        iov: 0,
        iov_len: 0,
        control: core::ptr::null_mut(),
        control_len: 0,
        flags: 0,
    };
    loop {
        // The kernel leaves here how much of the room it used.
        message.control_len = size_of::<Control>();
        control.origin = 0;
        message.control = &raw mut control;
        let address = (&raw mut message).expose_provenance();
        // SAFETY: the message names one buffer, `control`, with its length, and outlives the call.
        let returned =
            unsafe { arch::syscall(number::RECVMSG, [fd, address, MSG_ERRQUEUE_DONTWAIT]) };
        if returned < 0 {
            return completions;
        }
        if control.origin == SO_EE_ORIGIN_ZEROCOPY {
            completions.copied |= control.code & SO_EE_CODE_ZEROCOPY_COPIED != 0;
            // `ee_info` to `ee_data`: the first and the last send that are done with, both included.
            let span = control.last.wrapping_sub(control.first).wrapping_add(1);
            completions.count = completions.count.wrapping_add(span);
        }
    }
}
