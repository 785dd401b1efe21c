//! A kernel of nothing but memory: sockets whose clients follow a script, and readiness as epoll tells it.

use std::collections::VecDeque;
use std::vec::Vec;

use rustix::event::epoll::EventFlags;

use super::judge::{Judge, Now};
use super::random::Random;
use super::script::{End, Script};
use crate::epoll::{Event, Token};
use crate::limits::EVENTS_MAX;
use crate::server::kernel::Kernel;
use crate::socket::{Received, Sent};

/// A connection as the worker holds it: there is exactly one of each number.
pub(super) struct Stream(pub(super) usize);

/// Both ends of a connection that the server has not closed.
#[allow(clippy::struct_excessive_bools)]
pub(super) struct Socket {
    pub(super) judge: Judge,
    /// Octets that have arrived from the client.
    pub(super) delivered: usize,
    /// The client has said that it sends no more.
    is_ended: bool,
    is_reset: bool,
    /// The reset has not been reported yet.
    has_error: bool,
    /// Octets that the socket takes before the client has to read, and those that it holds.
    window: usize,
    held: usize,
    token: Option<Token>,
    is_ready: bool,
    may_zerocopy: bool,
    notices: u32,
    pub(super) is_slow: bool,
    pub(super) reads: bool,
    /// Rounds that have passed since there was something to receive and no event to say so.
    neglected: u32,
}

/// How often something goes wrong, as once in so many times; 0 for never.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Faults {
    pub(super) would_block: usize,
    pub(super) short_send: usize,
    pub(super) register: usize,
    pub(super) reset: usize,
    pub(super) spurious: usize,
}

pub(super) struct Simulated {
    pub(super) random: Random,
    pub(super) faults: Faults,
    pub(super) now: Now,
    pub(super) steps: u64,
    sockets: Vec<Option<Socket>>,
    /// The numbers of those that the server has not closed.
    pub(super) open: Vec<usize>,
    ready: VecDeque<usize>,
    /// Sockets that pretended not to be ready: an event is due.
    owed: Vec<usize>,
    /// Events of the past.
    past: Vec<Event>,
}

impl Simulated {
    pub(super) fn new(random: Random, faults: Faults, now: Now) -> Self {
        Self {
            random,
            faults,
            now,
            steps: 0,
            sockets: Vec::new(),
            open: Vec::new(),
            ready: VecDeque::new(),
            owed: Vec::new(),
            past: Vec::new(),
        }
    }

    /// A client connects, and may have sent something already.
    pub(super) fn connect(&mut self, script: Script) -> Stream {
        let number = self.sockets.len();
        let random = &mut self.random;
        // Not less than what lets a long answer through in some hundred sends.
        let answers = script
            .exchanges
            .iter()
            .filter_map(|one| one.choices.first());
        let least = answers.map(|one| one.answer.len()).sum::<usize>() / 300 + 1;
        let socket = Socket {
            judge: Judge::new(script, self.now.tick),
            delivered: 0,
            is_ended: false,
            is_reset: false,
            has_error: false,
            window: random
                .pick(&[1, 100, 3000, 20_000, 200_000, 4_000_000])
                .max(least),
            held: 0,
            token: None,
            is_ready: false,
            may_zerocopy: false,
            notices: 0,
            is_slow: random.once_in(12),
            reads: !random.once_in(16),
            neglected: 0,
        };
        self.sockets.push(Some(socket));
        self.open.push(number);
        Stream(number)
    }

    pub(super) fn socket(&mut self, number: usize) -> &mut Socket {
        let socket = self.sockets.get_mut(number).and_then(Option::as_mut);
        socket.unwrap_or_else(|| panic!("connection {number} is used after it was closed"))
    }

    fn is_open(&self, number: usize) -> bool {
        self.sockets.get(number).is_some_and(Option::is_some)
    }

    /// Something happens that epoll reports.
    fn wake(&mut self, number: usize) {
        let socket = self.socket(number);
        if socket.token.is_some() && !socket.is_ready {
            socket.is_ready = true;
            self.ready.push_back(number);
        }
    }

    /// The client sends some of its script, often up to the end of a head.
    pub(super) fn deliver(&mut self, number: usize, most: usize) {
        let waits = self.random.once_in(3);
        let socket = self.socket(number);
        let script = &socket.judge.script;
        let mut end = script.octets.len();
        if let End::Reset(at) = script.end {
            end = at;
        }
        let left = end.saturating_sub(socket.delivered);
        let most = if waits {
            socket.judge.until_head_end(socket.delivered).min(most)
        } else {
            most
        };
        if socket.is_ended || socket.is_reset {
            return;
        }
        if left > 0 {
            socket.delivered += left.min(most);
        } else if script.end == End::Half {
            socket.is_ended = true;
        } else if script.end == End::Wait {
            return;
        } else {
            return self.reset(number);
        }
        self.steps += 1;
        self.wake(number);
    }

    pub(super) fn reset(&mut self, number: usize) {
        self.steps += 1;
        let is_purged = self.random.once_in(2);
        let socket = self.socket(number);
        socket.is_reset = true;
        socket.has_error = true;
        if is_purged {
            socket.delivered = socket.judge.received;
        }
        self.wake(number);
    }

    /// The client reads what the socket holds.
    pub(super) fn read(&mut self, number: usize, most: usize) {
        let socket = self.socket(number);
        let len = socket.held.min(most);
        if len == 0 {
            return;
        }
        socket.held -= len;
        if socket.judge.blocked.is_some() {
            self.wake(number);
        }
        self.steps += 1;
    }

    /// What epoll says of a socket.
    fn flags(&mut self, number: usize) -> EventFlags {
        let socket = self.socket(number);
        let mut flags = EventFlags::empty();
        let is_ended = socket.is_ended || socket.is_reset;
        if socket.delivered > socket.judge.received || is_ended {
            flags |= EventFlags::IN;
        }
        if is_ended {
            flags |= EventFlags::RDHUP;
        }
        if socket.held < socket.window || socket.is_reset || socket.judge.finished.is_some() {
            flags |= EventFlags::OUT;
        }
        if socket.is_reset || socket.is_ended && socket.judge.finished.is_some() {
            flags |= EventFlags::HUP;
        }
        if socket.has_error || socket.notices > 0 {
            flags |= EventFlags::ERR;
        }
        flags
    }

    /// The events of one wait: merged, reordered, some without reason, some late.
    pub(super) fn wait(&mut self) -> Vec<Event> {
        let most = self.random.pick(&[1, 4, EVENTS_MAX]);
        self.wait_for(most)
    }

    pub(super) fn wait_for(&mut self, most: usize) -> Vec<Event> {
        let (spurious, is_faulty) = (self.faults.spurious, self.faults.would_block > 0);
        for number in core::mem::take(&mut self.owed) {
            if !self.is_open(number) {
            } else if is_faulty && self.random.once_in(2) {
                self.owed.push(number);
            } else {
                self.wake(number);
            }
        }
        let mut events = Vec::new();
        for _ in 0..self.ready.len().min(most) {
            if self.random.once_in(3) {
                let at = self.random.below(self.ready.len());
                self.ready.swap(0, at);
            }
            let Some(number) = self.ready.pop_front() else {
                break;
            };
            if !self.is_open(number) {
                continue;
            }
            let flags = self.flags(number);
            let socket = self.socket(number);
            socket.is_ready = false;
            let token = socket.token.unwrap();
            if !flags.is_empty() {
                events.push(Event::simulated(token, flags));
            }
        }
        if self.random.once_in(spurious) && !self.open.is_empty() {
            let number = self.open[self.random.below(self.open.len())];
            let flags = self.flags(number) | EventFlags::OUT | EventFlags::IN;
            if let Some(token) = self.socket(number).token {
                events.push(Event::simulated(token, flags));
            }
        }
        if self.random.once_in(spurious) && !self.past.is_empty() {
            let event = self.past[self.random.below(self.past.len())];
            if self
                .open
                .iter()
                .all(|one| !self.has_token(*one, event.token()))
            {
                events.push(event);
            }
        }
        self.steps += events.len() as u64;
        for event in events.iter().take(4) {
            let at = self.random.below(256);
            if at < self.past.len() {
                self.past[at] = *event;
            } else {
                self.past.push(*event);
            }
        }
        events
    }

    fn has_token(&self, number: usize, token: Token) -> bool {
        let socket = self.sockets.get(number).and_then(Option::as_ref);
        socket.is_some_and(|socket| socket.token == Some(token))
    }

    /// Whether epoll has nothing to say.
    pub(super) fn is_quiet(&self) -> bool {
        self.ready.is_empty() && self.owed.is_empty()
    }

    /// Checks that everybody has had a turn who waits for one.
    pub(super) fn check_fairness(&mut self) {
        for number in &self.open {
            let socket = self.sockets[*number].as_mut().unwrap();
            let judge = &socket.judge;
            let has_input = socket.delivered > judge.received && judge.blocked.is_none();
            if !has_input || socket.is_ready || self.owed.contains(number) {
                socket.neglected = 0;
                continue;
            }
            socket.neglected += 1;
            assert!(
                socket.neglected < 3,
                "connection {number} has to wait for others"
            );
        }
    }

    /// Checks what a sweep has to leave behind.
    pub(super) fn check_survivors(&self) {
        for number in &self.open {
            let socket = self.sockets[*number].as_ref().unwrap();
            // A connection whose end the server has not heard of yet may be anything.
            if let Err(error) = socket.judge.survives(&self.now)
                && !socket.judge.is_lost
            {
                panic!("connection {number}: {error}");
            }
        }
    }

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
        zerocopy: bool,
    ) -> Sent {
        if zerocopy {
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

    fn enable_zerocopy(&mut self, stream: &Stream) -> bool {
        let may = !self.random.once_in(8);
        self.socket(stream.0).may_zerocopy = may;
        may
    }

    fn take_notices(&mut self, stream: &Stream) -> bool {
        let is_copied = self.random.once_in(8);
        let socket = self.socket(stream.0);
        let had = core::mem::take(&mut socket.notices) > 0;
        had && is_copied
    }

    fn finish(&mut self, stream: &Stream) {
        let tick = self.now.tick;
        self.socket(stream.0).judge.finished = Some((tick, 0));
    }

    fn register(&mut self, stream: &Stream, token: Token) -> bool {
        self.steps += 1;
        let number = stream.0;
        let fails = self.random.once_in(self.faults.register);
        let socket = self.socket(number);
        assert!(
            socket.token.is_none(),
            "connection {number} is registered twice"
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
