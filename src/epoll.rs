//! Readiness: which descriptors can be read or written now.
//!
//! Invariant: nothing here owns a registered descriptor or knows what it is; the caller's [`Token`] is all that
//! comes back, and its generation is how the caller tells a stale event from one of the descriptor's successor.
#![forbid(unsafe_code)]

use rustix::event::epoll::EventFlags as F;
use rustix::fd::{BorrowedFd, OwnedFd};
use static_assertions::{assert_eq_size, assert_impl_all};

use crate::sys::descriptor::{Kept, argument, lend};
use crate::sys::errno::Errno;
use crate::sys::events::{self, ADD, DELETE, EventArray, MODIFY};

/// An epoll instance, which stays for as long as the process.
#[derive(Debug)]
pub struct Epoll {
    fd: Kept,
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Interest {
    /// A new edge of readability: for an eventfd, a timerfd, a signalfd.
    Readable = F::IN.union(F::ET).bits(),
    /// Readability for as long as it lasts: for a listener, whose queue need not be emptied at once.
    ReadableLevel = F::IN.bits(),
    /// New edges of readability, writability and the peer's end of file: for a stream.
    Both = F::IN.union(F::OUT).union(F::RDHUP).union(F::ET).bits(),
}

/// What an event says of itself: a slot of the caller's table, and which of its occupants is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token(u64);

/// One descriptor's readiness.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    flags: F,
    token: Token,
}

/// Room for the events of one wait, zero pages until the kernel writes to it.
pub struct Events {
    room: &'static mut EventArray,
}

assert_eq_size!(Token, u64);
assert_eq_size!(events::Event, [u8; 12]);
assert_eq_size!(Epoll, i32);
assert_impl_all!(Events: Send);

impl Epoll {
    /// A new instance, closed on exec.
    #[must_use]
    pub fn create() -> Self {
        Self {
            fd: events::create(),
        }
    }

    /// Waits for `interest` in `fd` from now on. What is ready already is reported by the next wait.
    ///
    /// # Errors
    /// ENOMEM, ENOSPC (`max_user_watches`), EEXIST, EPERM; EBADF where one of the two is not there: `epoll_ctl(2)`.
    #[inline]
    pub fn add(&self, fd: &Kept, interest: Interest, token: Token) -> Result<(), Errno> {
        events::control(&self.fd, ADD, fd.argument(), interest as u32, token.0)
    }

    /// The same for an `fd` that is new, or that is registered: what is ready is then reported once more.
    ///
    /// # Errors
    /// ENOENT where it is not registered, and those of [`Epoll::add`].
    #[inline]
    pub fn watch(
        &self,
        fd: BorrowedFd<'_>,
        interest: Interest,
        token: Token,
        is_new: bool,
    ) -> Result<(), Errno> {
        let operation = if is_new { ADD } else { MODIFY };
        events::control(&self.fd, operation, argument(fd), interest as u32, token.0)
    }

    /// Ends the registration of `fd`, also where there is a second name of the same, and closes it.
    pub fn remove(&self, fd: OwnedFd) {
        // Discarded: it fails only for a descriptor that is not registered.
        let _ = events::control(&self.fd, DELETE, argument(lend(&fd)), 0, 0);
        drop(fd);
    }

    /// Waits until something is ready or `timeout_ms` have passed, for ever if they are [`FOREVER`].
    ///
    /// # Errors
    /// EBADF, EINVAL: this instance is not one, a fault of the program: `epoll_wait(2)`.
    #[inline]
    pub fn wait<'events>(
        &self,
        events: &'events mut Events,
        timeout_ms: i32,
    ) -> Result<impl Iterator<Item = Event> + use<'events>, Errno> {
        let happened = events::wait(&self.fd, events.room, timeout_ms)?;
        Ok(happened.iter().map(Event::from_kernel))
    }
}

/// No time in which a wait ends by itself.
pub const FOREVER: i32 = -1;

impl Token {
    /// The token of one occupant of a slot.
    #[must_use]
    pub const fn new(slot: u32, generation: u32) -> Self {
        Self((generation as u64) << 32 | slot as u64)
    }

    /// The slot of the caller's table.
    #[must_use]
    pub const fn slot(self) -> u32 {
        self.0 as u32
    }

    /// Which of the slot's occupants.
    #[must_use]
    pub const fn generation(self) -> u32 {
        (self.0 >> 32) as u32
    }
}

impl Event {
    #[inline]
    fn from_kernel(event: &events::Event) -> Self {
        // The kernel's structure is packed: its fields are copied out, never borrowed.
        let (flags, data) = (event.flags, event.data);
        Self {
            flags: F::from_bits_retain(flags),
            token: Token(data),
        }
    }

    /// What may be said of a connection before the kernel is asked: it may have sent something.
    #[must_use]
    pub(crate) const fn readable_at_once(token: Token) -> Self {
        Self {
            flags: F::IN,
            token,
        }
    }

    /// An event that no kernel has reported.
    #[cfg(any(test, fuzzing))]
    pub(crate) const fn simulated(token: Token, flags: F) -> Self {
        Self { flags, token }
    }

    /// Whose event this is.
    #[must_use]
    pub const fn token(self) -> Token {
        self.token
    }

    /// A receive gives octets, end of file or the error.
    #[must_use]
    pub const fn readable(self) -> bool {
        self.has(F::IN.union(F::RDHUP).union(F::HUP).union(F::ERR))
    }

    /// A send takes octets or gives the error.
    #[must_use]
    pub const fn writable(self) -> bool {
        self.has(F::OUT.union(F::HUP).union(F::ERR))
    }

    /// The peer sends no more. What it sent before may still wait to be received.
    #[must_use]
    pub const fn half_closed(self) -> bool {
        self.has(F::RDHUP.union(F::HUP))
    }

    /// An error is pending, or something lies in the error queue.
    #[must_use]
    pub const fn failed(self) -> bool {
        self.has(F::ERR)
    }

    const fn has(self, flags: F) -> bool {
        self.flags.intersects(flags)
    }
}

impl Events {
    /// Room in this memory.
    #[must_use]
    pub const fn new(room: &'static mut EventArray) -> Self {
        Self { room }
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use rustix::fd::OwnedFd;
    use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};

    use super::{Epoll, Event, Events, FOREVER, Interest, Token};
    use crate::sys::descriptor::lend;
    use crate::sys::memory;

    fn pair() -> (OwnedFd, OwnedFd) {
        let flags = SocketFlags::NONBLOCK;
        socketpair(AddressFamily::UNIX, SocketType::STREAM, flags, None).unwrap()
    }

    fn ready(epoll: &Epoll, events: &mut Events) -> Vec<Event> {
        epoll.wait(events, 0).unwrap().collect()
    }

    #[test]
    fn tokens_keep_their_halves() {
        for (slot, generation) in [(0, 0), (1, 2), (u32::MAX, 0), (0, u32::MAX)] {
            let token = Token::new(slot, generation);
            assert_eq!((token.slot(), token.generation()), (slot, generation));
        }
    }

    #[test]
    fn a_stream_is_writable_at_once_and_readable_per_edge() {
        let (ours, theirs) = pair();
        let (epoll, mut events) = (Epoll::create(), Events::new(memory::zeroed().unwrap()));
        let token = Token::new(7, 9);
        epoll
            .watch(lend(&ours), Interest::Both, token, true)
            .unwrap();
        let [event] = ready(&epoll, &mut events)[..] else {
            panic!("one descriptor, one event");
        };
        assert_eq!(event.token(), token);
        assert!(event.writable() && !event.readable() && !event.failed());
        assert_eq!(ready(&epoll, &mut events).len(), 0);
        rustix::io::write(&theirs, b"x").unwrap();
        let event = epoll.wait(&mut events, FOREVER).unwrap().next().unwrap();
        assert!(event.readable() && !event.half_closed());
        assert_eq!(ready(&epoll, &mut events).len(), 0);
        drop(theirs);
        let event = epoll.wait(&mut events, 1).unwrap().next().unwrap();
        assert!(event.readable() && event.half_closed());
    }

    #[test]
    fn a_level_lasts() {
        let (ours, theirs) = pair();
        let (epoll, mut events) = (Epoll::create(), Events::new(memory::zeroed().unwrap()));
        let token = Token::new(0, 0);
        epoll
            .watch(lend(&ours), Interest::ReadableLevel, token, true)
            .unwrap();
        rustix::io::write(&theirs, b"x").unwrap();
        for _ in 0..2 {
            assert_eq!(ready(&epoll, &mut events).len(), 1);
        }
    }

    #[test]
    fn what_is_removed_is_closed_and_silent() {
        let (ours, theirs) = pair();
        let (epoll, mut events) = (Epoll::create(), Events::new(memory::zeroed().unwrap()));
        epoll
            .watch(lend(&ours), Interest::Both, Token::new(1, 1), true)
            .unwrap();
        // A second name for the same socket would keep its registration alive, were it merely closed.
        let duplicate = rustix::io::dup(&ours).unwrap();
        epoll.remove(ours);
        assert_eq!(ready(&epoll, &mut events).len(), 0);
        drop(duplicate);
        assert_eq!(rustix::io::read(&theirs, &mut [0; 1][..]), Ok(0));
    }
}
