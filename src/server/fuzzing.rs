//! A worker without a kernel, for the fuzz targets in `tests/fuzz`: they are the one client that it has.
//!
//! Invariant: nothing here decides anything. It is compiled for fuzz targets only.

use rustix::event::epoll::EventFlags;

use super::deadlines::Deadlines;
use super::floor::Floor;
use super::handler::Handler;
use super::kernel::{Kernel, Zerocopy};
use crate::epoll::{Event, Token};
use crate::socket::{Received, Sent};
use crate::sys::memory;

/// The other end of the one connection.
pub trait Client {
    /// What a receive gives the server.
    fn give(&mut self, place: &mut [u8]) -> Received;

    /// What a send of these octets, one part behind the other, comes to.
    fn take(&mut self, parts: [&[u8]; 2]) -> Sent;
}

/// A worker and its client.
pub struct Stage<C: Client> {
    floor: Floor<Line<C>>,
}

/// What is between the two.
struct Line<C> {
    client: C,
    token: Option<Token>,
    /// The server has asked for another event.
    is_due: bool,
    is_open: bool,
}

impl<C: Client> Stage<C> {
    /// A worker with nobody to serve; `None` where there is no memory for it.
    #[must_use]
    pub fn new(handler: Handler, client: C) -> Option<Self> {
        let line = Line {
            client,
            token: None,
            is_due: false,
            is_open: false,
        };
        let mut floor = Floor::new(line, handler, Deadlines::DEFAULT, memory::zeroed().ok()?);
        floor.desk.scribe.outbox.set_date(0);
        Some(Self { floor })
    }

    /// The client.
    pub const fn client(&mut self) -> &mut C {
        &mut self.floor.desk.kernel.client
    }

    /// The client connects.
    pub fn begin(&mut self) {
        let line = &mut self.floor.desk.kernel;
        (line.token, line.is_open) = (None, true);
        if let Some(event) = self.floor.admit(()) {
            self.floor.on_event(event);
        }
        self.go_on();
    }

    /// Something has happened to the connection: it is readable, writable, or has had its last octet.
    pub fn happen(&mut self, is_readable: bool, is_writable: bool, has_ended: bool) {
        let mut flags = EventFlags::empty();
        flags.set(EventFlags::IN, is_readable);
        flags.set(EventFlags::OUT, is_writable);
        flags.set(EventFlags::RDHUP, has_ended);
        if let Some(token) = self.floor.desk.kernel.token {
            self.floor.on_event(Event::simulated(token, flags));
        }
        self.go_on();
    }

    fn go_on(&mut self) {
        while core::mem::take(&mut self.floor.desk.kernel.is_due)
            && let Some(token) = self.floor.desk.kernel.token
        {
            self.floor.on_event(Event::readable_at_once(token));
        }
    }

    /// Whether the server has not closed the connection.
    pub const fn is_open(&self) -> bool {
        self.floor.desk.kernel.is_open
    }
}

impl<C: Client> Kernel for Line<C> {
    type Stream = ();

    fn receive(&mut self, (): &(), place: &mut [u8]) -> Received {
        self.client.give(place)
    }

    fn send(&mut self, (): &(), octets: &[u8]) -> Sent {
        self.client.take([octets, &[]])
    }

    fn send_both(&mut self, (): &(), octets: &[u8], body: &'static [u8], _: &mut Zerocopy) -> Sent {
        self.client.take([octets, body])
    }

    fn take_notices(&mut self, (): &()) -> bool {
        false
    }

    fn finish(&mut self, (): &()) {}

    fn watch(&mut self, (): &(), token: Token, _: bool) -> bool {
        self.token = Some(token);
        self.is_due = true;
        true
    }

    fn close(&mut self, (): (), _: bool) {
        self.is_open = false;
    }
}
