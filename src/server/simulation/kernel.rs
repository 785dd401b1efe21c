//! A kernel of nothing but memory: sockets whose clients follow a script, and readiness as epoll tells it.

use std::collections::VecDeque;
use std::vec::Vec;

use rustix::event::epoll::EventFlags;

use super::judge::{Judge, Now};
use super::random::Random;
use super::script::{End, Script};
use crate::epoll::{Event, Token};
use crate::limits::EVENTS_MAX;

/// A connection as the worker holds it: there is exactly one of each number.
pub(super) struct Stream(pub(super) usize);

/// Both ends of a connection that the server has not closed.
#[allow(clippy::struct_excessive_bools)]
pub(super) struct Socket {
    pub(super) judge: Judge,
    /// Octets that have arrived from the client.
    pub(super) delivered: usize,
    /// The client has said that it sends no more.
    pub(super) is_ended: bool,
    pub(super) is_reset: bool,
    /// The reset has not been reported yet.
    pub(super) has_error: bool,
    /// Octets that the socket takes before the client has to read, and those that it holds.
    pub(super) window: usize,
    pub(super) held: usize,
    pub(super) token: Option<Token>,
    is_ready: bool,
    pub(super) may_zerocopy: bool,
    pub(super) notices: u32,
    pub(super) is_slow: bool,
    pub(super) reads: bool,
    /// Rounds that have passed since there was something to receive and no event to say so.
    pub(super) neglected: u32,
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
    pub(super) sockets: Vec<Option<Socket>>,
    /// The numbers of those that the server has not closed.
    pub(super) open: Vec<usize>,
    ready: VecDeque<usize>,
    /// Sockets that pretended not to be ready: an event is due.
    pub(super) owed: Vec<usize>,
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
    pub(super) fn wake(&mut self, number: usize) {
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

    /// Whether an event is about a connection that the server has closed.
    pub(super) fn is_late(&self, event: Event) -> bool {
        let mut open = self.open.iter();
        open.all(|one| !self.has_token(*one, event.token()))
    }

    /// The server is told to stop.
    pub(super) fn stop(&mut self) {
        self.now.is_stopping = true;
        for number in self.open.clone() {
            let judge = &mut self.socket(number).judge;
            judge.before_stop = judge.received;
        }
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
            if let Err(error) = judge.waits_rightly(&self.now) {
                panic!("connection {number}: {error}");
            }
            let has_end = socket.is_ended && !judge.is_at_end;
            let has_input = socket.delivered > judge.received || has_end || socket.has_error;
            let has_input = has_input && judge.blocked.is_none();
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
}
