//! A worker's desk: where requests lie while they are answered.
//!
//! Invariant: the desk knows one connection at a time, the one it is handed.

use super::connection::{Connection, Content, Rest, State, Then};
use super::kernel::Kernel;
use super::pool::Pool;
use super::scribe::{Answered, Scribe};
use crate::limits::{CONTENT_DISCARD_MAX, CONTENT_MAX, DESK_LEN, READ_CHUNK, READS_MAX};
use crate::request::{self, Chunked, Framing, Gate, Head, Method, Refusal, Scan, Step, Stop};
use crate::socket::Received;
use crate::sys::simd;

/// What becomes of a connection when its turn ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// It waits for the kernel.
    Over,
    /// There may be more to read at once, but others have their turn first.
    Unfinished,
    /// It is closed.
    Close,
}

/// The desk of one worker.
pub(super) struct Desk<K> {
    pub(super) kernel: K,
    pub(super) scribe: Scribe,
    pub(super) pool: Pool,
    /// Seconds since the worker began.
    pub(super) tick: u32,
    octets: &'static mut [u8; DESK_LEN],
}

impl<K: Kernel> Desk<K> {
    pub(super) const fn new(
        kernel: K,
        scribe: Scribe,
        pool: Pool,
        octets: &'static mut [u8; DESK_LEN],
    ) -> Self {
        Self {
            kernel,
            scribe,
            pool,
            tick: 0,
            octets,
        }
    }

    /// Reads and answers what the client has sent.
    pub(super) fn on_read(&mut self, connection: &mut Connection<K::Stream>) -> Turn {
        for _ in 0..READS_MAX {
            match connection.state {
                State::Sending(_) => return Turn::Over,
                State::Lingering { .. } => return self.drain(connection),
                State::Open(_) | State::Content(_) => {}
            }
            let Some(stream) = &connection.stream else {
                return Turn::Close;
            };
            let parked = connection.inbox.len();
            let room = self.octets.get_mut(parked..).unwrap_or_default();
            let asked = room.len() / READ_CHUNK * READ_CHUNK;
            let room = room.get_mut(..asked).unwrap_or_default();
            let len = match self.kernel.receive(stream, room) {
                Received::Octets(len) => len,
                Received::WouldBlock => return Turn::Over,
                Received::EndOfFile => return self.on_end_of_file(connection),
                Received::Failed => return Turn::Close,
            };
            match self.take_in(connection, parked, parked + len) {
                Turn::Over => {}
                turn => return turn,
            }
            // A short read has drained the socket. Only the end of file may still be there.
            if len < asked && !connection.marks.is_half_closed {
                return Turn::Over;
            }
        }
        Turn::Unfinished
    }

    /// Takes in the octets from `at` to `end`, before which there is room for those that are parked.
    #[inline]
    fn take_in(&mut self, connection: &mut Connection<K::Stream>, at: usize, end: usize) -> Turn {
        match &mut connection.state {
            State::Open(_) if at == 0 => self.work(connection, 0, end, false),
            State::Open(gate) => {
                let fresh = self.octets.get(at..end).unwrap_or_default();
                if gate.pass(fresh, end) {
                    self.unpark(connection);
                    self.work(connection, 0, end, true)
                } else if self.park(connection, at, end) {
                    Turn::Over
                } else {
                    self.refuse(connection, Refusal::NoMemory)
                }
            }
            State::Content(_) => match self.on_content(connection, at, end) {
                Ok(next) => self.work(connection, next, end, false),
                Err(turn) => turn,
            },
            State::Sending(_) | State::Lingering { .. } => Turn::Over,
        }
    }

    /// Puts what is parked at the front of the desk and returns its length.
    fn unpark(&mut self, connection: &mut Connection<K::Stream>) -> usize {
        let len = self
            .pool
            .copy(&connection.inbox, self.octets.as_mut_slice());
        self.pool.clear(&mut connection.inbox);
        len
    }

    /// Parks the octets from `at` to `end`; `false` where the pool has no room.
    fn park(&mut self, connection: &mut Connection<K::Stream>, at: usize, end: usize) -> bool {
        let octets = self.octets.get(at..end).unwrap_or_default();
        self.pool.append(&mut connection.inbox, octets)
    }

    /// Goes on with what came while answers were waiting to be sent.
    pub(super) fn work_on_parked(&mut self, connection: &mut Connection<K::Stream>) -> Turn {
        let len = self.unpark(connection);
        self.work(connection, 0, len, false)
    }

    /// Answers every request that lies whole between `at` and `end`, and sends the answers.
    /// `is_old` says that the first of them was parked unfinished.
    #[inline]
    fn work(
        &mut self,
        connection: &mut Connection<K::Stream>,
        mut at: usize,
        end: usize,
        is_old: bool,
    ) -> Turn {
        while at < end {
            let octets = self.octets.get(at..end).unwrap_or_default();
            let mut head = Head::EMPTY;
            match request::parse_into::<Fast>(octets, &mut head) {
                Ok(()) => {}
                Err(Stop::Incomplete) => {
                    return self.keep_head(connection, at, end, is_old && at == 0);
                }
                Err(Stop::Refused(refusal)) => {
                    connection.marks.is_head = octets.starts_with(b"HEAD ");
                    return self.refuse(connection, refusal);
                }
            }
            let content_at = at + head.len;
            if head.framing != Framing::None {
                let (framing, expects) = (head.framing, head.expects);
                connection.marks.is_head = head.request.method == Method::Head;
                match self.begin_content(connection, at, content_at, end, framing, expects) {
                    Ok(next) => at = next,
                    Err(turn) => return turn,
                }
                continue;
            }
            let answered = self.scribe.answer(&mut head);
            at = content_at;
            if (!answered.is_plain() || self.scribe.outbox.is_full())
                && let Err(turn) = self.deliver(connection, &answered, at, end)
            {
                return turn;
            }
        }
        connection.state = State::Open(Gate::new());
        connection.since = self.tick;
        connection.marks.is_used = true;
        match self.flush(connection, &[], Then::Continue) {
            Ok(()) => Turn::Over,
            Err(turn) => turn,
        }
    }

    /// Sends the outbox and what belongs to the last answer in it. What lies from `next` to `end` is parked
    /// where the socket does not take everything.
    #[inline(never)]
    fn deliver(
        &mut self,
        connection: &mut Connection<K::Stream>,
        answered: &Answered,
        next: usize,
        end: usize,
    ) -> Result<(), Turn> {
        let then = match (answered.is_persistent, next < end) {
            (true, _) => Then::Continue,
            (false, true) => Then::Linger,
            (false, false) => Then::Close,
        };
        let flushed = self.flush(connection, answered.body, then);
        if flushed == Err(Turn::Over) && then == Then::Continue && !self.park(connection, next, end)
        {
            return Err(Turn::Close);
        }
        flushed
    }

    /// Parks the beginning of a head. The answers before it leave first.
    #[inline(never)]
    fn keep_head(
        &mut self,
        connection: &mut Connection<K::Stream>,
        at: usize,
        end: usize,
        is_old: bool,
    ) -> Turn {
        connection.marks.is_used |= at > 0;
        let before = Answered::PLAIN;
        if let Err(turn) = self.deliver(connection, &before, at, end) {
            return turn;
        }
        let octets = self.octets.get(at..end).unwrap_or_default();
        let mut gate = Gate::new();
        // It is being parsed right now: the gate opens when there is more to say.
        gate.pass(octets, octets.len());
        connection.state = State::Open(gate);
        if !is_old {
            connection.since = self.tick;
        }
        if self.park(connection, at, end) {
            Turn::Over
        } else {
            self.refuse(connection, Refusal::NoMemory)
        }
    }

    /// A request with content: its head lies from `at` to `content_at`. Returns where the next request begins.
    #[inline(never)]
    fn begin_content(
        &mut self,
        connection: &mut Connection<K::Stream>,
        at: usize,
        content_at: usize,
        end: usize,
        framing: Framing,
        expects: bool,
    ) -> Result<usize, Turn> {
        let is_kept = self.scribe.handler.wants_content();
        let bound = content_max(is_kept);
        let rest = match framing {
            Framing::Length(len) if len > u64::from(bound) => {
                return Err(self.refuse(connection, Refusal::ContentTooLarge));
            }
            Framing::Length(len) => Rest::Length(len as u32),
            Framing::Chunked | Framing::None => Rest::Chunked(Chunked::new()),
        };
        if expects && content_at == end {
            if !is_kept {
                // RFC 9110 section 10.1.1: a final response at once, and nothing is read of the content.
                return Err(self.answer_early(connection, at, content_at));
            }
            self.scribe.outbox.put_continue();
        }
        // The answers before it leave now, so that afterwards there is only one thing to wait for.
        self.deliver(connection, &Answered::PLAIN, at, end)?;
        if !self.park(connection, at, content_at) {
            return Err(self.refuse(connection, Refusal::NoMemory));
        }
        connection.since = self.tick;
        connection.state = State::Content(Content {
            rest,
            len: 0,
            is_kept,
        });
        self.on_content(connection, content_at, end)
    }

    fn answer_early(
        &mut self,
        connection: &mut Connection<K::Stream>,
        at: usize,
        content_at: usize,
    ) -> Turn {
        let octets = self.octets.get(at..content_at).unwrap_or_default();
        let mut head = Head::EMPTY;
        if request::parse_into::<Fast>(octets, &mut head).is_err() {
            return Turn::Close;
        }
        head.is_persistent = false;
        let answered = self.scribe.answer(&mut head);
        match self.flush(connection, answered.body, Then::Linger) {
            Ok(()) => Turn::Over,
            Err(turn) => turn,
        }
    }

    /// Takes content from `at` to `end`. Once it is complete the request is answered, and the result is where the
    /// next one begins.
    #[inline(never)]
    fn on_content(
        &mut self,
        connection: &mut Connection<K::Stream>,
        mut at: usize,
        end: usize,
    ) -> Result<usize, Turn> {
        let State::Content(mut content) = connection.state else {
            return Err(Turn::Close);
        };
        loop {
            let octets = self.octets.get(at..end).unwrap_or_default();
            let (skip, len) = match &mut content.rest {
                Rest::Length(0) => break,
                Rest::Length(left) => {
                    let len = octets.len().min(*left as usize);
                    *left -= len as u32;
                    (0, len)
                }
                Rest::Chunked(chunked) => match chunked.step(octets) {
                    Step::More => (octets.len(), 0),
                    Step::Data { skip, len } => (skip, len),
                    Step::Done { used } => {
                        at += used;
                        break;
                    }
                    Step::Refused(refusal) => return Err(self.refuse(connection, refusal)),
                },
            };
            let bound = content_max(content.is_kept);
            content.len += len as u32;
            if u64::from(content.len) + content.rest.announced() > u64::from(bound) {
                return Err(self.refuse(connection, Refusal::ContentTooLarge));
            }
            at += skip;
            if content.is_kept && !self.park(connection, at, at + len) {
                return Err(self.refuse(connection, Refusal::NoMemory));
            }
            at += len;
            if at >= end && !matches!(content.rest, Rest::Length(0)) {
                connection.state = State::Content(content);
                return Err(Turn::Over);
            }
        }
        connection.state = State::Open(Gate::new());
        self.answer_with_content(connection, at, end)
    }

    /// Answers the request whose head and content are parked.
    fn answer_with_content(
        &mut self,
        connection: &mut Connection<K::Stream>,
        next: usize,
        end: usize,
    ) -> Result<usize, Turn> {
        let len = self.unpark(connection);
        let octets = self.octets.get(..len).unwrap_or_default();
        let mut head = Head::EMPTY;
        if request::parse_into::<Fast>(octets, &mut head).is_err() {
            return Err(Turn::Close);
        }
        head.request.content = octets.get(head.len..).unwrap_or_default();
        let answered = self.scribe.answer(&mut head);
        connection.marks.is_used = true;
        self.deliver(connection, &answered, next, end)?;
        Ok(next)
    }
}

/// Octets of content that are accepted.
const fn content_max(is_kept: bool) -> u32 {
    if is_kept {
        CONTENT_MAX as u32
    } else {
        CONTENT_DISCARD_MAX as u32
    }
}

impl Rest {
    /// Octets that are certain to come.
    fn announced(&self) -> u64 {
        match self {
            Self::Length(left) => u64::from(*left),
            Self::Chunked(chunked) => chunked.pending(),
        }
    }
}

/// The fast way to look at blocks of octets.
struct Fast;

impl Scan for Fast {
    #[inline]
    fn value_stops(block: &[u8; 16]) -> u32 {
        simd::value_stops(block)
    }

    #[inline]
    fn plain_path(block: &[u8; 16]) -> u32 {
        simd::plain_path(block)
    }

    #[inline]
    fn plain_name(block: &[u8; 16]) -> u32 {
        simd::plain_name(block)
    }

    #[inline]
    fn plain_host(block: &[u8; 16]) -> u32 {
        simd::plain_host(block)
    }

    #[inline]
    fn digits(block: &[u8; 16]) -> u32 {
        simd::digits(block)
    }

    #[inline]
    fn colons(block: &[u8; 16]) -> u32 {
        simd::colons(block)
    }
}
