//! What a worker asks of the kernel.

use rustix::fd::{BorrowedFd, OwnedFd};

use crate::epoll::{Epoll, Interest, Token};
use crate::socket::{self, Received, Sent};
use crate::sys::descriptor::lend;

/// The calls that a worker makes for its connections. The simulation in this room's tests is the other kernel.
pub(super) trait Kernel {
    /// A connection.
    type Stream: 'static;

    fn receive(&mut self, stream: &Self::Stream, place: &mut [u8]) -> Received;

    fn send(&mut self, stream: &Self::Stream, octets: &[u8]) -> Sent;

    /// Sends octets that are gathered, then constant ones, without copying those if `zerocopy`.
    fn send_both(
        &mut self,
        stream: &Self::Stream,
        octets: &[u8],
        body: &'static [u8],
        zerocopy: bool,
    ) -> Sent;

    /// Allows sending without a copy; `false` where that is impossible.
    fn enable_zerocopy(&mut self, stream: &Self::Stream) -> bool;

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

/// How bodies are sent that are not copied into the outbox.
#[derive(Clone, Copy, Debug)]
pub struct Carriage(&'static Calls);

/// The calls that it takes.
#[derive(Debug)]
struct Calls {
    enable: fn(BorrowedFd<'_>) -> bool,
    send: fn(BorrowedFd<'_>, &[u8], &'static [u8], bool) -> Sent,
    take_notices: fn(BorrowedFd<'_>) -> bool,
}

impl Carriage {
    /// The kernel copies them.
    pub const COPIED: Self = Self(&Calls {
        enable: |_| false,
        send: |stream, octets, body, _| socket::send_both(stream, octets, body, false),
        take_notices: |_| false,
    });

    /// The kernel reads long ones where they lie, with `MSG_ZEROCOPY`.
    pub const UNCOPIED: Self = Self(&Calls {
        enable: socket::enable_zerocopy,
        send: socket::send_both,
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
        zerocopy: bool,
    ) -> Sent {
        (self.carriage.0.send)(lend(stream), octets, body, zerocopy)
    }

    fn enable_zerocopy(&mut self, stream: &OwnedFd) -> bool {
        (self.carriage.0.enable)(lend(stream))
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
