//! What the threads of a server share: the phase it is in, and who has left.

use core::sync::atomic::{AtomicU8, AtomicU32, Ordering};

use heapless::spsc::{Consumer, Producer, Queue};
use rustix::fd::OwnedFd;

use crate::limits::ARRIVALS_MAX;
use crate::sys::descriptor::Kept;
use crate::sys::wake;

/// Where a server is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Phase {
    /// Requests are answered.
    Serving = 0,
    /// The same, but load balancers are told to look elsewhere.
    Draining = 1,
    /// What is in flight is finished.
    Stopping = 2,
}

/// Connections on their way to a worker; one place of the queue stays empty.
pub(super) type ArrivalQueue = Queue<OwnedFd, { ARRIVALS_MAX + 1 }>;

/// The worker's end of the queue.
pub(super) type Arrivals = Consumer<'static, OwnedFd>;

/// The acceptor's end of the queue.
pub(super) type Handover = Producer<'static, OwnedFd>;

/// The board that everybody reads. Only the acceptor writes the phase; each worker counts itself out once.
pub(super) struct Board {
    phase: AtomicU8,
    left: AtomicU32,
    /// Wakes the acceptor when a worker leaves.
    bell: Kept,
}

/// A view of the board.
#[derive(Clone, Copy)]
pub(super) struct Shared(&'static Board);

impl Board {
    pub(super) const fn new(bell: Kept) -> Self {
        Self {
            phase: AtomicU8::new(Phase::Serving as u8),
            left: AtomicU32::new(0),
            bell,
        }
    }
}

impl Shared {
    pub(super) const fn new(board: &'static Board) -> Self {
        Self(board)
    }

    pub(super) fn phase(self) -> Phase {
        match self.0.phase.load(Ordering::Acquire) {
            0 => Phase::Serving,
            1 => Phase::Draining,
            _ => Phase::Stopping,
        }
    }

    pub(super) fn enter(self, phase: Phase) {
        self.0.phase.store(phase as u8, Ordering::Release);
    }

    /// A worker ends.
    pub(super) fn leave(self) {
        self.0.left.fetch_add(1, Ordering::AcqRel);
        wake::notify(&self.0.bell);
    }

    /// How many workers have ended.
    pub(super) fn left(self) -> u32 {
        self.0.left.load(Ordering::Acquire)
    }

    pub(super) const fn bell(self) -> &'static Kept {
        &self.0.bell
    }
}
