//! The sequential model of one connection: which octets its client may see next, and when it may be closed.

use std::format;
use std::string::String;
use std::vec::Vec;

use super::script::{After, Choice, Script, Then};
use super::site::{self, Answer, Persistence};
use crate::limits::{LINGER_MAX, LINGER_SECONDS};
use crate::response::date;
use crate::server::deadlines::Deadlines;
use crate::server::handler::Handler;

/// What the model has to know of the rest of the world.
pub(super) struct Now {
    pub(super) tick: u32,
    /// What Date was at each tick.
    pub(super) dates: Vec<[u8; date::LEN]>,
    pub(super) deadlines: Deadlines,
    /// The pool has been used up, or nearly.
    pub(super) is_tight: bool,
    pub(super) is_stopping: bool,
    /// What the worker is doing.
    pub(super) cause: Cause,
    extras: Vec<(Answer, Extra)>,
}

/// What the worker is doing when it closes a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// It reads and answers.
    Turn,
    /// It looks at deadlines.
    Sweep,
    /// The same, and it ends.
    End,
    /// It makes room for another connection.
    Idle,
    /// It has no room.
    Full,
}

/// Answers that do not depend on the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extra {
    Continue,
    Late { is_head: bool },
    NoMemory { is_head: bool },
}

impl Now {
    pub(super) fn new(handler: Handler, deadlines: Deadlines) -> Self {
        let interim = Answer {
            head: b"HTTP/1.1 100 Continue\r\n\r\n".to_vec(),
            date_at: usize::MAX,
            body: b"".as_slice().into(),
        };
        let error = |code, is_head| site::error_page(handler, code, is_head, Persistence::Close);
        let mut extras = Vec::from([(interim, Extra::Continue)]);
        for is_head in [false, true] {
            extras.push((error(408, is_head), Extra::Late { is_head }));
            extras.push((error(503, is_head), Extra::NoMemory { is_head }));
        }
        Self {
            tick: 0,
            dates: Vec::new(),
            deadlines,
            is_tight: false,
            is_stopping: false,
            cause: Cause::Turn,
            extras,
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Which {
    Choice(usize),
    Extra(usize),
}

/// An answer that what was sent so far is the beginning of.
#[derive(Clone, Copy, Debug)]
struct Guess {
    which: Which,
    at: usize,
}

/// The model's view of a connection.
#[allow(clippy::struct_excessive_bools)]
pub(super) struct Judge {
    pub(super) script: Script,
    /// The exchange that is to be answered next.
    at: usize,
    guesses: Vec<Guess>,
    has_continued: bool,
    /// The last answer has been sent.
    over: Option<Then>,
    /// Octets that the server has taken.
    pub(super) received: usize,
    pub(super) is_at_end: bool,
    /// Octets that the server had taken when it was told to stop.
    pub(super) before_stop: usize,
    opened: u32,
    /// When the present request's first octet and the last of its head were taken.
    started: u32,
    headed: u32,
    /// When the last answer was complete.
    answered: u32,
    /// When the socket last took octets, and since when it has not taken all of them.
    pub(super) progress: u32,
    pub(super) blocked: Option<u32>,
    /// What waits to be sent may be there because the pool was used up.
    pub(super) was_tight: bool,
    /// When the server said that it sends no more, and how much it has taken since.
    pub(super) finished: Option<(u32, usize)>,
    /// The server was told that the connection is lost.
    pub(super) is_lost: bool,
}

impl Judge {
    pub(super) fn new(script: Script, tick: u32) -> Self {
        Self {
            script,
            at: 0,
            guesses: Vec::new(),
            has_continued: false,
            over: None,
            received: 0,
            is_at_end: false,
            before_stop: 0,
            opened: tick,
            started: tick,
            headed: tick,
            answered: tick,
            progress: tick,
            blocked: None,
            was_tight: false,
            finished: None,
            is_lost: false,
        }
    }

    fn start(&self) -> usize {
        self.script.starts[self.at]
    }

    /// Where the present request's head ends, and where the request does.
    fn ends(&self) -> Option<(usize, usize)> {
        let exchange = self.script.exchanges.get(self.at)?;
        let end = if exchange.is_cut {
            usize::MAX
        } else {
            self.script.starts[self.at + 1]
        };
        Some((self.start() + exchange.head_len, end))
    }

    /// How far it is from there to the next end of a head.
    pub(super) fn until_head_end(&self, from: usize) -> usize {
        let exchanges = self.script.exchanges.iter().zip(self.script.starts.iter());
        let mut ends = exchanges.map(|(exchange, start)| start + exchange.head_len);
        ends.find(|end| *end > from)
            .map_or(usize::MAX, |end| end - from)
    }

    /// The server takes octets of the client.
    pub(super) fn receive(&mut self, len: usize, tick: u32) {
        self.note(self.received, self.received + len, tick);
        self.received += len;
        if let Some((_, drained)) = &mut self.finished {
            *drained += len;
        }
    }

    fn note(&mut self, before: usize, after: usize, tick: u32) {
        let Some((head_end, _)) = self.ends() else {
            return;
        };
        if before <= self.start() && after > self.start() {
            self.started = tick;
        }
        if before < head_end && after >= head_end {
            self.headed = tick;
        }
    }

    fn answer<'a>(&'a self, which: Which, now: &'a Now) -> &'a Answer {
        match which {
            Which::Choice(index) => &self.script.exchanges[self.at].choices[index].answer,
            Which::Extra(index) => &now.extras[index].0,
        }
    }

    fn may_begin(&self, choice: &Choice, now: &Now) -> bool {
        let Some((head_end, end)) = self.ends() else {
            return false;
        };
        match choice.after {
            After::Start => self.received > self.start(),
            After::Head => self.received >= head_end,
            After::Whole => {
                let may_go_on = !now.is_stopping || end <= self.before_stop;
                self.received >= end && (may_go_on || choice.then != Then::Next)
            }
            After::EndOfFile => self.is_at_end,
            After::Stop => self.received >= end && now.is_stopping,
        }
    }

    fn may_begin_extra(&self, extra: Extra, now: &Now) -> bool {
        let exchange = &self.script.exchanges[self.at];
        let is_begun = self.received > self.start();
        let has_head = self.received >= self.start() + exchange.head_len;
        // A HEAD is known as one once its head is there.
        let is_right = |is_head| is_head == (exchange.is_head && has_head);
        match extra {
            Extra::Continue => has_head && self.awaits_continue(),
            Extra::Late { is_head } => self.is_late(now) && is_right(is_head),
            Extra::NoMemory { is_head } => {
                (now.is_tight || self.was_tight) && is_begun && is_right(is_head)
            }
        }
    }

    /// The present request has not come in time.
    fn is_late(&self, now: &Now) -> bool {
        let Some((head_end, end)) = self.ends() else {
            return false;
        };
        let (since, limit) = if self.received < head_end {
            (self.started, now.deadlines.head)
        } else {
            (self.headed, now.deadlines.content)
        };
        let is_partial = self.received > self.start() && self.received < end;
        is_partial && now.tick - since > limit
    }

    fn guess(&mut self, octets: &[u8], now: &Now) -> Result<(), String> {
        if self.over.is_some() || self.at >= self.script.exchanges.len() {
            return Err(self.complain(octets));
        }
        let exchange = &self.script.exchanges[self.at];
        for (index, choice) in exchange.choices.iter().enumerate() {
            if self.may_begin(choice, now) {
                let which = Which::Choice(index);
                self.guesses.push(Guess { which, at: 0 });
            }
        }
        for (index, (_, extra)) in now.extras.iter().enumerate() {
            if self.may_begin_extra(*extra, now) {
                let which = Which::Extra(index);
                self.guesses.push(Guess { which, at: 0 });
            }
        }
        if self.guesses.is_empty() {
            return Err(self.complain(octets));
        }
        Ok(())
    }

    /// The server sends octets.
    pub(super) fn send(&mut self, mut octets: &[u8], now: &Now) -> Result<(), String> {
        while !octets.is_empty() {
            if self.guesses.is_empty() {
                self.guess(octets, now)?;
            }
            let guesses = self.guesses.iter();
            let least = guesses
                .map(|one| self.answer(one.which, now).len() - one.at)
                .min();
            let (part, rest) = octets.split_at(least.unwrap_or(0).min(octets.len()));
            let mut guesses = core::mem::take(&mut self.guesses);
            guesses.retain(|one| self.agrees(one, part, now));
            for guess in &mut guesses {
                guess.at += part.len();
            }
            let done = guesses
                .iter()
                .find(|one| self.answer(one.which, now).len() == one.at);
            match done.copied() {
                _ if guesses.is_empty() => return Err(self.complain(part)),
                Some(guess) => self.complete(guess.which, now),
                None => self.guesses = guesses,
            }
            octets = rest;
        }
        Ok(())
    }

    fn complain(&self, octets: &[u8]) -> String {
        let sent = String::from_utf8_lossy(&octets[..octets.len().min(300)]);
        let asked = &self.script.octets[self.start()..];
        let asked = String::from_utf8_lossy(&asked[..asked.len().min(300)]);
        self.wrong(&format!("is sent {sent:?} as an answer to {asked:?}"))
    }

    fn agrees(&self, guess: &Guess, octets: &[u8], now: &Now) -> bool {
        let answer = self.answer(guess.which, now);
        let (head, at) = (&answer.head, guess.at);
        let in_head = head.len().saturating_sub(at).min(octets.len());
        let (head_part, body_part) = octets.split_at(in_head);
        let body_at = (at + in_head).saturating_sub(head.len());
        if answer.body.get(body_at..body_at + body_part.len()) != Some(body_part) {
            return false;
        }
        if in_head == 0 {
            return true;
        }
        // What of this lies before, in and behind the date.
        let date_start = answer.date_at.clamp(at, at + in_head);
        let date_end = answer
            .date_at
            .saturating_add(date::LEN)
            .clamp(at, at + in_head);
        let (before, rest) = head_part.split_at(date_start - at);
        let (date, behind) = rest.split_at(date_end - date_start);
        let skip = date_start.saturating_sub(answer.date_at);
        let dates = &now.dates[self.opened as usize..];
        before == &head[at..date_start]
            && behind == &head[date_end..at + in_head]
            && (date.is_empty() || dates.iter().any(|one| one[skip..].starts_with(date)))
    }

    fn complete(&mut self, which: Which, now: &Now) {
        self.answered = now.tick;
        let then = match which {
            Which::Choice(index) => self.script.exchanges[self.at].choices[index].then,
            Which::Extra(index) if now.extras[index].1 == Extra::Continue => {
                self.has_continued = true;
                return;
            }
            Which::Extra(_) => Then::Linger,
        };
        if then != Then::Next {
            self.over = Some(then);
            return;
        }
        self.at += 1;
        self.has_continued = false;
        self.note(self.start(), self.received, now.tick);
    }

    /// Why the server may close the connection now.
    pub(super) fn may_close(&self, now: &Now) -> Result<(), String> {
        if self.is_lost || now.is_tight || now.cause == Cause::Full {
            return Ok(());
        }
        let is_sweep = matches!(now.cause, Cause::Sweep | Cause::End);
        if let Some(since) = self.blocked {
            let progress = now.deadlines.progress;
            if is_sweep && (now.tick - self.progress > progress || now.tick - since > progress) {
                return Ok(());
            }
            return Err(self.wrong("is closed with octets to send"));
        }
        if !self.guesses.is_empty() {
            return Err(self.wrong("is closed within an answer"));
        }
        let is_between = self.received == self.start();
        match (self.over, self.finished) {
            (Some(Then::Linger), _) if self.is_at_end => Ok(()),
            (Some(Then::Linger), None) => Err(self.wrong("is closed without time to read")),
            (Some(_), Some((since, drained))) => {
                let is_late = is_sweep && now.tick - since > LINGER_SECONDS;
                if is_late || self.is_at_end || drained >= LINGER_MAX as usize {
                    return Ok(());
                }
                Err(self.wrong("lingers too briefly"))
            }
            (Some(_), None) => Ok(()),
            (None, _) if self.is_at_end && self.at == self.script.exchanges.len() => Ok(()),
            (None, _) if matches!(now.cause, Cause::Idle | Cause::End) && is_between => Ok(()),
            (None, _) if is_sweep && is_between && self.idle_too_long(now) => Ok(()),
            (None, _) => Err(self.wrong("is closed for no reason")),
        }
    }

    /// Nobody is left without the interim response that was asked for.
    pub(super) fn waits_rightly(&self, now: &Now) -> Result<(), String> {
        let is_between = self.blocked.is_none() && self.over.is_none() && !self.is_lost;
        let at_head_end = self.ends().is_some_and(|(end, _)| self.received == end);
        if is_between && at_head_end && self.awaits_continue() && !now.is_tight {
            return Err(self.wrong("waits for 100 Continue"));
        }
        Ok(())
    }

    fn awaits_continue(&self) -> bool {
        let exchange = self.script.exchanges.get(self.at);
        exchange.is_some_and(|one| one.may_continue && !self.has_continued)
    }

    fn idle_too_long(&self, now: &Now) -> bool {
        let limit = if self.at == 0 {
            now.deadlines.head
        } else {
            now.deadlines.idle
        };
        now.tick - self.answered > limit
    }

    /// What a connection that has survived a sweep may not be like.
    pub(super) fn survives(&self, now: &Now) -> Result<(), String> {
        if self.blocked.is_some() {
            if now.tick - self.progress > now.deadlines.progress {
                return Err(self.wrong("has made no progress for too long"));
            }
            return Ok(());
        }
        if let Some((since, _)) = self.finished {
            if now.tick - since > LINGER_SECONDS {
                return Err(self.wrong("lingers too long"));
            }
            return Ok(());
        }
        if self.over.is_some() {
            return Err(self.wrong("is not closed behind its last answer"));
        }
        let Some((head_end, end)) = self.ends() else {
            return Ok(());
        };
        if self.received <= self.start() {
            if self.idle_too_long(now) {
                return Err(self.wrong("is idle for too long"));
            }
        } else if self.received >= end {
            return Err(self.wrong("has a whole request that is not answered"));
        } else {
            let (since, limit) = if self.received < head_end {
                (self.started, now.deadlines.head)
            } else {
                (self.headed, now.deadlines.content)
            };
            if now.tick - since.max(self.answered) > limit {
                return Err(self.wrong("has a request that comes too slowly"));
            }
        }
        Ok(())
    }

    fn wrong(&self, what: &str) -> String {
        let Self {
            at,
            received,
            is_at_end,
            over,
            finished,
            blocked,
            guesses,
            ..
        } = self;
        let (count, starts) = (self.script.exchanges.len(), &self.script.starts);
        format!(
            "it {what}: request {at} of {count}, taken {received} of {starts:?}, \
             at its end {is_at_end}, over {over:?}, finished {finished:?}, blocked {blocked:?}, {guesses:?}"
        )
    }
}
