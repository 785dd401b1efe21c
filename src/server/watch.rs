//! What every thread of a server waits with: its epoll instance, a clock and a bell.
//!
//! Invariant: connections are not known here.

use crate::epoll::{Epoll, Interest, Token};
use crate::sys::descriptor::Kept;
use crate::sys::{ticker, wake};

/// The slots of tokens that are no connection's. The last three are the acceptor's.
pub(super) const BELL: u32 = u32::MAX;
pub(super) const TICK: u32 = u32::MAX - 1;
pub(super) const LISTENER: u32 = u32::MAX - 2;
pub(super) const SIGNAL: u32 = u32::MAX - 3;
pub(super) const TIMER: u32 = u32::MAX - 4;

/// The first of them.
pub(super) const NO_CONNECTION: u32 = TIMER;

/// What has happened besides, as a set of those slots.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Happened(u32);

impl Happened {
    pub(super) const fn add(&mut self, slot: u32) {
        self.0 |= 1_u32.wrapping_shl(slot);
    }

    pub(super) const fn has(self, slot: u32) -> bool {
        self.0 & 1_u32.wrapping_shl(slot) != 0
    }

    pub(super) const fn is_nothing(self) -> bool {
        self.0 == 0
    }
}

/// An epoll instance that waits for the two.
pub(super) struct Watch {
    pub(super) epoll: Epoll,
    /// Stands still.
    pub(super) ticker: Kept,
    /// What other threads wake this one with; the error, where anything of the three is not as it should be.
    pub(super) bell: Kept,
}

impl Watch {
    #[inline(never)]
    pub(super) fn new() -> Self {
        let (epoll, ticker, bell) = (Epoll::create(), ticker::create(), wake::create());
        let begin = || {
            bell.outcome()?;
            epoll.add(&bell, Interest::Readable, Token::new(BELL, 0))?;
            epoll.add(&ticker, Interest::ReadableLevel, Token::new(TICK, 0))
        };
        let bell = begin().map_or_else(Kept::none, |()| bell);
        Self {
            epoll,
            ticker,
            bell,
        }
    }
}
