//! What a worker asks of the kernel.

use rustix::fd::{BorrowedFd, OwnedFd};

use crate::epoll::{Epoll, Interest, Token};
use crate::limits::ZEROCOPY_MIN;
use crate::socket::{self, Received, Sent};
use crate::sys::descriptor::lend;

/// The calls that a worker makes for its connections. The simulation in this room's tests is the other kernel.
pub(super) trait Kernel {
    /// A connection.
    type Stream: 'static;

    fn receive(&mut self, stream: &Self::Stream, place: &mut [u8]) -> Received;

    fn send(&mut self, stream: &Self::Stream, octets: &[u8]) -> Sent;

    /// Sends octets that are gathered, then constant ones, without copying those where that pays.
    fn send_both(
        &mut self,
        stream: &Self::Stream,
        octets: &[u8],
        body: &'static [u8],
        zerocopy: &mut Zerocopy,
    ) -> Sent;

    /// Takes the notices about octets sent without a copy; `true` where the kernel copied them after all.
    fn take_notices(&mut self, stream: &Self::Stream) -> bool;

    /// Says that no more will be sent.
    fn finish(&mut self, stream: &Self::Stream);

    /// Asks for events, for the first time or again, and for one at once where there is reason for it; `false` where the
    /// kernel has no memory for it.
    fn watch(&mut self, stream: &Self::Stream, token: Token, is_new: bool) -> bool;

    /// Ends a connection, and the events of it.
    fn close(&mut self, stream: Self::Stream, is_registered: bool);
}

/// Whether the large bodies of a connection are sent without a copy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Zerocopy {
    /// Not yet known.
    #[default]
    Untried,
    /// The socket allows it.
    On,
    /// The kernel cannot, or copied anyway.
    GivenUp,
}

impl Zerocopy {
    /// Whether a body is sent so behind these octets; the first time that it pays, the socket is asked to allow it.
    pub(super) fn may_send(
        &mut self,
        octets: &[u8],
        body: &[u8],
        enable: impl FnOnce() -> bool,
    ) -> bool {
        // The kernel reads what it does not copy after the call, and the octets are written to again.
        if !octets.is_empty() || body.len() < ZEROCOPY_MIN {
            return false;
        }
        if *self == Self::Untried {
            *self = if enable() { Self::On } else { Self::GivenUp };
        }
        *self == Self::On
    }
}

/// How bodies are sent that are not copied into the outbox.
#[derive(Clone, Copy, Debug)]
pub struct Carriage(&'static Calls);

/// The calls that it takes.
#[derive(Debug)]
struct Calls {
    send: fn(BorrowedFd<'_>, &[u8], &'static [u8], &mut Zerocopy) -> Sent,
    take_notices: fn(BorrowedFd<'_>) -> bool,
}

impl Carriage {
    /// At once, as the kernel copies them.
    pub const SHORT: Self = Self(&Calls {
        send: |stream, octets, body, _| socket::send_both(stream, octets, body, false),
        take_notices: |_| false,
    });

    /// In pieces of `SEND_MAX`; the longest where they lie, with `MSG_ZEROCOPY`.
    pub const LONG: Self = Self(&Calls {
        send: |stream, octets, body, zerocopy| {
            if zerocopy.may_send(octets, body, || socket::enable_zerocopy(stream)) {
                socket::send_both(stream, octets, body, true)
            } else {
                socket::send_pieces(stream, octets, body)
            }
        },
        take_notices: |stream| socket::drain_completions(stream).copied,
    });
}

/// Linux, and the worker's own epoll instance.
pub(super) struct Linux {
    pub(super) epoll: Epoll,
    pub(super) carriage: Carriage,
}

impl Kernel for Linux {
    type Stream = OwnedFd;

    #[inline]
    fn receive(&mut self, stream: &OwnedFd, place: &mut [u8]) -> Received {
        socket::recv(lend(stream), place)
    }

    #[inline]
    fn send(&mut self, stream: &OwnedFd, octets: &[u8]) -> Sent {
        socket::send(lend(stream), octets)
    }

    fn send_both(
        &mut self,
        stream: &OwnedFd,
        octets: &[u8],
        body: &'static [u8],
        zerocopy: &mut Zerocopy,
    ) -> Sent {
        (self.carriage.0.send)(lend(stream), octets, body, zerocopy)
    }

    fn take_notices(&mut self, stream: &OwnedFd) -> bool {
        (self.carriage.0.take_notices)(lend(stream))
    }

    fn finish(&mut self, stream: &OwnedFd) {
        socket::shutdown_write(lend(stream));
    }

    fn watch(&mut self, stream: &OwnedFd, token: Token, is_new: bool) -> bool {
        let watched = self
            .epoll
            .watch(lend(stream), Interest::Both, token, is_new);
        watched.is_ok()
    }

    fn close(&mut self, stream: OwnedFd, is_registered: bool) {
        if is_registered {
            self.epoll.remove(stream);
        }
    }
}
