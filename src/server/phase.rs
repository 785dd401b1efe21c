//! What the threads of a server share: the phase it is in, and who has left.

use core::cell::Cell;
use core::sync::atomic::{AtomicU32, Ordering};

use rustix::fd::OwnedFd;

use crate::limits::ARRIVALS_MAX;
use crate::sys::descriptor::Kept;
use crate::sys::lane::Lane;
use crate::sys::wake;

/// Where a server is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum Phase {
    /// Requests are answered.
    Serving = 0,
    /// The same, but load balancers are told to look elsewhere.
    Draining = 1,
    /// What is in flight is finished.
    Stopping = 2,
}

/// What others may touch of a worker: the lane to it, and the bell that wakes it.
pub(super) type Mailbox = (Lane, Kept);

/// A worker as the acceptor sees it.
pub(super) struct Post {
    mailbox: &'static Mailbox,
    next: Cell<u32>,
}

/// The worker's end of its lane.
pub(super) struct Arrivals {
    mailbox: &'static Mailbox,
    next: u32,
}

impl Post {
    /// Whether fewer than `max` connections are on their way, of which there are at most `ARRIVALS_MAX`.
    pub(super) fn has_room(&self, max: u32) -> bool {
        // The worker takes them in order: where this one is gone, all before it are.
        self.mailbox
            .0
            .is_empty(self.next.get().wrapping_add(ARRIVALS_MAX as u32 - max))
    }

    /// Whether the worker has taken everything.
    pub(super) fn is_empty(&self) -> bool {
        self.has_room(1)
    }

    /// Hands a connection over; there has to be room for it.
    pub(super) fn hand_over(&self, stream: OwnedFd) {
        self.mailbox.0.put(self.next.get(), stream);
        self.next.set(self.next.get().wrapping_add(1));
    }

    /// Wakes the worker.
    pub(super) fn wake(&self) {
        wake::notify(&self.mailbox.1);
    }
}

impl Arrivals {
    pub(super) const fn new(mailbox: &'static Mailbox) -> Self {
        Self { mailbox, next: 0 }
    }

    /// The acceptor's view, while nothing has come through.
    pub(super) const fn post(&self) -> Post {
        Post {
            mailbox: self.mailbox,
            next: Cell::new(0),
        }
    }

    /// Whether a connection has arrived.
    #[inline]
    pub(super) fn ready(&self) -> bool {
        !self.mailbox.0.is_empty(self.next)
    }

    /// Takes the connection that has arrived first.
    pub(super) fn take(&mut self) -> Option<OwnedFd> {
        let stream = self.mailbox.0.take(self.next)?;
        self.next = self.next.wrapping_add(1);
        Some(stream)
    }
}

/// Every worker has a board. On the acceptor's everybody reads the phase, which only the acceptor writes, and counts
/// itself once as one who has left.
pub(super) type Board = (AtomicU32, AtomicU32, Mailbox);

/// A view of the acceptor's board.
#[derive(Clone, Copy)]
pub(super) struct Shared(&'static Board);

impl Shared {
    /// A view of a board of zeros: all serve, and nobody has left.
    pub(super) const fn new(board: &'static Board) -> Self {
        Self(board)
    }

    pub(super) fn phase(self) -> Phase {
        match self.0.0.load(Ordering::Acquire) {
            0 => Phase::Serving,
            1 => Phase::Draining,
            _ => Phase::Stopping,
        }
    }

    pub(super) fn enter(self, phase: Phase) {
        self.0.0.store(phase as u32, Ordering::Release);
    }

    /// A worker ends.
    pub(super) fn leave(self) {
        self.0.1.fetch_add(1, Ordering::AcqRel);
        wake::notify(self.bell());
    }

    /// How many workers have ended.
    pub(super) fn left(self) -> u32 {
        self.0.1.load(Ordering::Acquire)
    }

    pub(super) const fn bell(self) -> &'static Kept {
        &self.0.2.1
    }
}
