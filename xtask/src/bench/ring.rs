//! The generator's `io_uring`: sends constants, counts what comes back, reads none of it.
//!
//! Received bytes are discarded by the kernel (`MSG_TRUNC`, tcp(7): "causes the received bytes of data to be
//! discarded, rather than passed back in a caller-supplied buffer"), so that a large body costs the generator
//! no copy and a small one no cache line.
//!
//! Invariant: this file knows sockets and byte counts, not HTTP, time or statistics.
//!
//! # Safety
//!
//! `io_uring` takes addresses that the kernel reads and writes after the call that named them has returned,
//! which Rust's borrows cannot express. Every address given to it here is of memory that is never freed:
//! requests and socket addresses are `&'static`, the buffers and their ring are leaked at creation.

#![allow(unsafe_code)]

use std::alloc::{Layout, alloc_zeroed, handle_alloc_error};
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::RawFd;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use io_uring::types::{BufRingEntry, Fd, SubmitArgs, Timespec};
use io_uring::{IoUring, cqueue, opcode, squeue};

/// Submissions that fit before the queue is flushed to the kernel.
const SUBMISSIONS: u32 = 4096;
/// Completions that fit; more than all connections can have at once.
const COMPLETIONS: u32 = 32768;
/// Receive buffers, a power of two.
const BUFFERS: u16 = 4096;
/// Length of each receive buffer: the largest piece that one completion reports.
const BUFFER_LEN: u32 = 1 << 20;
/// The one buffer group.
const GROUP: u16 = 0;
const PAGE: usize = 4096;

/// What became of one operation.
#[derive(Clone, Copy)]
pub(crate) struct Completion {
    /// The token that the operation was submitted with.
    pub(crate) token: u64,
    /// Bytes, or a negated errno.
    pub(crate) result: i32,
    /// Whether the operation goes on and reports again.
    pub(crate) more: bool,
}

/// An `io_uring` with its receive buffers.
pub(crate) struct Ring {
    uring: IoUring,
    entries: NonNull<BufRingEntry>,
    tail: u16,
    sink: u64,
}

/// A socket address that lives as long as the generator.
pub(crate) struct Destination(&'static libc::sockaddr_in);

impl Destination {
    /// Keeps `address` for ever.
    pub(crate) fn leak(address: SocketAddrV4) -> Self {
        Self(Box::leak(Box::new(libc::sockaddr_in {
            sin_family: libc::AF_INET as libc::sa_family_t,
            sin_port: address.port().to_be(),
            sin_addr: libc::in_addr {
                s_addr: u32::from_ne_bytes(Ipv4Addr::octets(address.ip())),
            },
            sin_zero: [0; 8],
        })))
    }
}

/// Zeroed memory on a page boundary that is never freed; the kernel gives pages when they are touched.
fn leak_pages(len: usize) -> NonNull<u8> {
    let layout =
        Layout::from_size_align(len.max(PAGE), PAGE).expect("a length far below isize::MAX");
    // SAFETY: the layout's size is at least one page, so not zero.
    let memory = unsafe { alloc_zeroed(layout) };
    NonNull::new(memory).unwrap_or_else(|| handle_alloc_error(layout))
}

impl Ring {
    /// Creates the ring. Needs Linux 6.1 or later.
    pub(crate) fn new() -> io::Result<Self> {
        let uring = IoUring::builder()
            .setup_single_issuer()
            .setup_defer_taskrun()
            .setup_taskrun_flag()
            .setup_cqsize(COMPLETIONS)
            .build(SUBMISSIONS)?;
        let entries =
            leak_pages(usize::from(BUFFERS) * size_of::<BufRingEntry>()).cast::<BufRingEntry>();
        // SAFETY: the address is page-aligned, holds BUFFERS entries and is never freed.
        let registered = unsafe {
            uring.submitter().register_buf_ring_with_flags(
                entries.as_ptr() as u64,
                BUFFERS,
                GROUP,
                0,
            )
        };
        registered?;
        let sink = leak_pages(BUFFER_LEN as usize).as_ptr() as u64;
        let mut ring = Self {
            uring,
            entries,
            tail: 0,
            sink,
        };
        for id in 0..BUFFERS {
            ring.give_back(id);
        }
        ring.publish();
        Ok(ring)
    }

    /// Writes buffer `id` behind the tail. All buffers are the same memory: nothing is ever written to it.
    fn give_back(&mut self, id: u16) {
        let slot = usize::from(self.tail & (BUFFERS - 1));
        // SAFETY: the slot is below BUFFERS, and the kernel reads it only after the tail has passed it.
        let entry = unsafe { &mut *self.entries.as_ptr().add(slot) };
        entry.set_addr(self.sink);
        entry.set_len(BUFFER_LEN);
        entry.set_bid(id);
        self.tail = self.tail.wrapping_add(1);
    }

    /// Shows the kernel the buffers written since the last call.
    fn publish(&mut self) {
        // SAFETY: the pointer is the first entry of the ring, as the crate asks.
        let tail = unsafe { BufRingEntry::tail(self.entries.as_ptr()) };
        // SAFETY: the tail is an aligned u16 inside the ring, shared with the kernel by atomic access.
        unsafe { AtomicU16::from_ptr(tail.cast_mut()) }.store(self.tail, Ordering::Release);
    }

    fn push(&mut self, entries: &[squeue::Entry]) -> io::Result<()> {
        let submission = self.uring.submission();
        let room = submission.capacity() - submission.len();
        drop(submission);
        if room < entries.len() {
            self.uring.submit()?;
        }
        // SAFETY: every address in an entry built in this file is of memory that is never freed.
        unsafe { self.uring.submission().push_multiple(entries) }.map_err(io::Error::other)
    }

    /// Sends all of `bytes`; reports only a failure.
    pub(crate) fn send(&mut self, fd: RawFd, bytes: &'static [u8], token: u64) -> io::Result<()> {
        self.push(&[send(fd, bytes, token)])
    }

    /// Discards and counts what arrives, until the end of the stream or a failure.
    pub(crate) fn receive(&mut self, fd: RawFd, token: u64) -> io::Result<()> {
        self.push(&[receive(fd, token)])
    }

    /// Connects, sends all of `bytes` and then receives: one chain; connecting and sending report only failures.
    pub(crate) fn exchange(
        &mut self,
        fd: RawFd,
        to: &Destination,
        bytes: &'static [u8],
        failed: u64,
        received: u64,
    ) -> io::Result<()> {
        let address: *const libc::sockaddr_in = to.0;
        let connect = opcode::Connect::new(
            Fd(fd),
            address.cast(),
            size_of::<libc::sockaddr_in>() as u32,
        )
        .build()
        .user_data(failed)
        .flags(squeue::Flags::IO_LINK | squeue::Flags::SKIP_SUCCESS);
        let send =
            send(fd, bytes, failed).flags(squeue::Flags::IO_LINK | squeue::Flags::SKIP_SUCCESS);
        self.push(&[connect, send, receive(fd, received)])
    }

    /// Submits what was pushed and waits for a completion, at most for `timeout`.
    pub(crate) fn wait(&mut self, timeout: Duration) -> io::Result<()> {
        let timeout = Timespec::from(timeout);
        match self
            .uring
            .submitter()
            .submit_with_args(1, &SubmitArgs::new().timespec(&timeout))
        {
            Err(e)
                if !matches!(
                    e.raw_os_error(),
                    Some(libc::ETIME | libc::EINTR | libc::EBUSY)
                ) =>
            {
                Err(e)
            }
            _ => Ok(()),
        }
    }

    /// Submits what was pushed without waiting; no system call when there is nothing to do.
    pub(crate) fn poll(&mut self) -> io::Result<()> {
        let submission = self.uring.submission();
        let nothing = submission.is_empty() && !submission.taskrun();
        drop(submission);
        if nothing {
            return Ok(());
        }
        match self.uring.submit() {
            Err(e) if !matches!(e.raw_os_error(), Some(libc::EINTR | libc::EBUSY)) => Err(e),
            _ => Ok(()),
        }
    }

    /// Moves every completion into `completions`, which is emptied first.
    pub(crate) fn take(&mut self, completions: &mut Vec<Completion>) {
        completions.clear();
        let before = self.tail;
        // The queue borrows the ring, so buffers go back after it is read.
        let mut used = [0u16; 256];
        loop {
            let mut count = 0;
            for entry in self.uring.completion().take(used.len()) {
                let flags = entry.flags();
                if let Some(id) = cqueue::buffer_select(flags) {
                    used[count] = id;
                    count += 1;
                }
                completions.push(Completion {
                    token: entry.user_data(),
                    result: entry.result(),
                    more: cqueue::more(flags),
                });
            }
            for &id in &used[..count] {
                self.give_back(id);
            }
            if self.uring.completion().is_empty() {
                break;
            }
        }
        if self.tail != before {
            self.publish();
        }
    }
}

fn send(fd: RawFd, bytes: &'static [u8], token: u64) -> squeue::Entry {
    opcode::Send::new(Fd(fd), bytes.as_ptr(), bytes.len() as u32)
        .flags(libc::MSG_NOSIGNAL | libc::MSG_WAITALL)
        .build()
        .user_data(token)
        .flags(squeue::Flags::SKIP_SUCCESS)
}

fn receive(fd: RawFd, token: u64) -> squeue::Entry {
    opcode::RecvMulti::new(Fd(fd), GROUP)
        .flags(libc::MSG_TRUNC)
        .build()
        .user_data(token)
}
