//! The calls that the worker makes.

use super::kernel::{Simulated, Stream};
use crate::epoll::Token;
use crate::server::kernel::{Kernel, Zerocopy};
use crate::socket::{Received, Sent};

impl Simulated {
    fn give(&mut self, number: usize, octets: &[u8], body: &[u8]) -> Sent {
        self.steps += 1;
        let total = octets.len() + body.len();
        assert!(total > 0, "connection {number}: nothing is sent");
        let is_short = self.random.once_in(self.faults.short_send);
        let is_refused = self.random.once_in(self.faults.would_block);
        let part = self.random.below(total);
        let socket = self.sockets[number].as_mut().unwrap();
        let judge = &mut socket.judge;
        assert!(
            judge.finished.is_none(),
            "connection {number}: sends behind its end"
        );
        if socket.is_reset {
            socket.has_error = false;
            judge.is_lost = true;
            return Sent::Failed;
        }
        let room = socket.window - socket.held;
        let mut len = room.min(total);
        if is_refused {
            len = 0;
        } else if is_short {
            len = len.min(part);
        }
        let first = &octets[..len.min(octets.len())];
        let second = &body[..len - first.len()];
        for part in [first, second] {
            if let Err(error) = judge.send(part, &self.now) {
                panic!("connection {number}: {error}");
            }
        }
        socket.held += len;
        if len > 0 {
            judge.progress = self.now.tick;
        }
        if len == total {
            judge.blocked = None;
            judge.was_tight = false;
            return Sent::Octets(len);
        }
        judge.was_tight |= self.now.is_tight;
        if judge.blocked.is_none() {
            judge.blocked = Some(self.now.tick);
            judge.progress = self.now.tick;
        }
        if len < room {
            self.owed.push(number);
        }
        if len == 0 {
            return Sent::WouldBlock;
        }
        Sent::Octets(len)
    }
}

impl Kernel for Simulated {
    type Stream = Stream;

    fn receive(&mut self, stream: &Stream, place: &mut [u8]) -> Received {
        self.steps += 1;
        assert!(!place.is_empty(), "there is room to receive into");
        let number = stream.0;
        let is_refused = self.random.once_in(self.faults.would_block);
        let tick = self.now.tick;
        let socket = self.socket(number);
        socket.neglected = 0;
        let taken = socket.judge.received;
        let there = socket.judge.script.octets.get(taken..socket.delivered);
        let there = there.unwrap_or_default();
        if there.is_empty() {
            if socket.has_error {
                socket.has_error = false;
                socket.judge.is_lost = true;
                return Received::Failed;
            }
            if socket.is_ended || socket.is_reset {
                socket.judge.is_at_end = true;
                socket.judge.is_lost |= socket.is_reset;
                return Received::EndOfFile;
            }
            return Received::WouldBlock;
        }
        if is_refused {
            self.owed.push(number);
            return Received::WouldBlock;
        }
        let len = there.len().min(place.len());
        place[..len].copy_from_slice(&there[..len]);
        socket.judge.receive(len, tick);
        Received::Octets(len)
    }

    fn send(&mut self, stream: &Stream, octets: &[u8]) -> Sent {
        self.give(stream.0, octets, b"")
    }

    fn send_both(
        &mut self,
        stream: &Stream,
        octets: &[u8],
        body: &'static [u8],
        zerocopy: &mut Zerocopy,
    ) -> Sent {
        let may = !self.random.once_in(8);
        let is_asked = *zerocopy == Zerocopy::Untried;
        let uncopied = zerocopy.may_send(octets, body, || may);
        if is_asked && *zerocopy == Zerocopy::On {
            self.socket(stream.0).may_zerocopy = true;
        }
        if uncopied {
            let socket = self.socket(stream.0);
            assert!(socket.may_zerocopy, "zerocopy without permission");
            assert!(
                octets.is_empty(),
                "the outbox changes while the kernel reads it"
            );
            socket.notices += 1;
            self.wake(stream.0);
        }
        self.give(stream.0, octets, body)
    }

    fn take_notices(&mut self, stream: &Stream) -> bool {
        self.steps += 1;
        let is_copied = self.random.once_in(8);
        let socket = self.socket(stream.0);
        let had = core::mem::take(&mut socket.notices) > 0;
        had && is_copied
    }

    fn finish(&mut self, stream: &Stream) {
        let tick = self.now.tick;
        self.socket(stream.0).judge.finished = Some((tick, 0));
    }

    fn watch(&mut self, stream: &Stream, token: Token, is_new: bool) -> bool {
        self.steps += 1;
        let number = stream.0;
        let fails = self.random.once_in(self.faults.register);
        let socket = self.socket(number);
        assert_eq!(
            socket.token.is_none(),
            is_new,
            "connection {number} is registered once"
        );
        if fails {
            socket.judge.is_lost = true;
            return false;
        }
        socket.token = Some(token);
        self.wake(number);
        true
    }

    fn close(&mut self, stream: Stream, is_registered: bool) {
        self.steps += 1;
        let number = stream.0;
        let socket = self.sockets[number].take();
        let socket = socket.unwrap_or_else(|| panic!("connection {number} is closed twice"));
        assert_eq!(socket.token.is_some(), is_registered, "connection {number}");
        if let Err(error) = socket.judge.may_close(&self.now) {
            panic!("connection {number}: {error}");
        }
        self.open.retain(|one| *one != number);
    }
}
