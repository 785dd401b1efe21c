//! What a worker remembers of a connection: one cache line.

use core::mem;

use static_assertions::const_assert;

use super::kernel::Zerocopy;
use super::pool::Chain;
use crate::request::{Chunked, Gate};

/// A connection's entry in the table. `S` is the stream, a descriptor.
#[repr(align(64))]
pub(super) struct Connection<S> {
    /// `None` where the entry is free.
    pub(super) stream: Option<S>,
    /// Counts the connections that the entry has had, so that a late event of an earlier one is known.
    pub(super) generation: u32,
    /// The tick at which the present phase began; in a free entry, the number of the next free one.
    pub(super) since: u32,
    pub(super) marks: Marks,
    /// Received octets that wait: an unfinished head, a head whose content is on its way,
    /// or whatever came while answers were waiting, behind what is copied of those.
    pub(super) inbox: Chain,
    pub(super) state: State,
}

const_assert!(size_of::<Connection<rustix::fd::OwnedFd>>() == 64);

/// Facts about a connection that hold in every state.
#[derive(Clone, Copy, Debug, Default)]
#[allow(clippy::struct_excessive_bools)]
pub(super) struct Marks {
    /// The kernel tells the worker about it.
    pub(super) is_registered: bool,
    /// The client has sent its last octet.
    pub(super) is_half_closed: bool,
    /// It has been given at least one response.
    pub(super) is_used: bool,
    /// The request that is refused asked for a head only.
    pub(super) is_head: bool,
    /// The request whose head may be parked once more has been given its interim response.
    pub(super) has_continued: bool,
    /// The last request is answered before its content has come.
    pub(super) is_early: bool,
    /// What happens when all that waits is sent; once it is the end, it stays so.
    pub(super) then: Then,
    /// `MSG_ZEROCOPY`, as far as this connection is concerned.
    pub(super) zerocopy: Zerocopy,
}

/// Where a connection is in the course of its requests.
#[derive(Debug)]
pub(super) enum State {
    /// Between requests, or within a head where the inbox is not empty.
    Open(Gate),
    /// Within the content of a request; the inbox holds its head, and the content where it is kept.
    Content(Content),
    /// Octets wait for the socket to take them; nothing is read meanwhile.
    Sending {
        /// So many octets in front of the inbox, which are copies of answers.
        copied: u16,
        /// Octets that are constants, which go behind them.
        body: &'static [u8],
        /// Octets of both that the socket has taken.
        sent: u32,
        /// Tick of the last progress, its lower half.
        progress: u16,
    },
    /// All is said; what the client still sends is thrown away, so that no reset destroys what it has not read.
    Lingering {
        /// Octets thrown away.
        drained: u32,
    },
}

/// The content of a request on its way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Content {
    /// What is left of it.
    pub(super) body: Chunked,
    /// Octets of content up to now.
    pub(super) len: u32,
    /// The handler wants to see it.
    pub(super) is_kept: bool,
}

/// What happens when everything is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Then {
    /// The next request.
    #[default]
    Continue,
    /// Close.
    Close,
    /// Close, but let the client read first.
    Linger,
}

impl Marks {
    const NONE: Self = Self {
        is_registered: false,
        is_half_closed: false,
        is_used: false,
        is_head: false,
        has_continued: false,
        is_early: false,
        then: Then::Continue,
        zerocopy: Zerocopy::Untried,
    };
}

impl<S> Connection<S> {
    /// A free entry that no connection has had.
    pub(super) const fn vacant(next: u32) -> Self {
        Self {
            stream: None,
            generation: u32::MAX,
            since: next,
            marks: Marks::NONE,
            inbox: Chain::new(),
            // Until there is a connection this means nothing; of all states it leaves the least undefined.
            state: State::Sending {
                copied: 0,
                body: b"",
                sent: 0,
                progress: 0,
            },
        }
    }

    /// Hands a free entry to a connection, and returns its generation.
    pub(super) fn begin(&mut self, stream: S, tick: u32) -> u32 {
        // A free entry has no stream that could be dropped, and its inbox is empty.
        mem::forget(self.stream.replace(stream));
        self.generation = self.generation.wrapping_add(1);
        self.since = tick;
        self.marks = Marks::NONE;
        self.state = State::Open(Gate::new());
        self.generation
    }

    /// Whether what the client sends is read.
    #[inline]
    pub(super) const fn is_read(&self) -> bool {
        matches!(self.state, State::Open(_) | State::Content(_))
    }

    /// Whether it holds nothing of a request or of a response.
    pub(super) const fn is_idle(&self) -> bool {
        self.stream.is_some() && matches!(self.state, State::Open(_)) && self.inbox.is_empty()
    }
}
