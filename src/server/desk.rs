//! A worker's desk: where requests lie while they are answered.
//!
//! Invariant: the desk knows one connection at a time, the one it is handed.

use super::Fast;
use super::connection::{Connection, Content, Rest, State, Then};
use super::kernel::Kernel;
use super::pool::Pool;
use super::scribe::{Answered, Scribe};
use crate::limits::{CONTENT_DISCARD_MAX, CONTENT_MAX, DESK_LEN, READ_CHUNK, READS_MAX};
use crate::request::{self, Chunked, Framing, Gate, Head, Method, Refusal, Step, Stop};
use crate::socket::Received;

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

/// What lies at the front of the desk when work begins.
#[derive(Clone, Copy, Debug)]
enum Front {
    /// Nothing of note.
    Nothing,
    /// A head that was parked unfinished, so that its time runs already.
    Old,
    /// A whole request with its content decoded behind its head: so many octets.
    Whole(usize),
    /// A request that is answered before its content has come.
    Early,
}

/// The desk of one worker.
pub(super) struct Desk<K> {
    pub(super) kernel: K,
    pub(super) scribe: Scribe,
    pub(super) pool: Pool,
    /// Seconds since the worker began.
    pub(super) tick: u32,
    pub(super) octets: &'static mut [u8; DESK_LEN],
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
    #[inline(always)]
    pub(super) fn on_read(&mut self, connection: &mut Connection<K::Stream>) -> Turn {
        let mut reads = READS_MAX;
        loop {
            let parked = connection.inbox.len();
            let room = if parked == 0 {
                self.octets.as_mut_slice()
            } else {
                room_behind(self.octets, parked)
            };
            let asked = room.len();
            let Some(stream) = &connection.stream else {
                return Turn::Close;
            };
            let len = match self.kernel.receive(stream, room) {
                Received::Octets(len) => len,
                Received::WouldBlock => return Turn::Over,
                Received::EndOfFile => return self.on_end_of_file(connection),
                Received::Failed => return Turn::Close,
            };
            let turn = match &connection.state {
                State::Open(_) if parked == 0 => self.work(connection, 0, len, Front::Nothing),
                _ => self.take_in(connection, parked, parked + len),
            };
            if turn != Turn::Over {
                return turn;
            }
            // A short read has drained the socket. Only the end of file may still be there.
            if len < asked && !connection.marks.is_half_closed {
                return Turn::Over;
            }
            reads -= 1;
            if reads == 0 {
                return Turn::Unfinished;
            }
            match connection.state {
                State::Sending(_) => return Turn::Over,
                State::Lingering { .. } => return self.drain(connection),
                State::Open(_) | State::Content(_) => {}
            }
        }
    }

    /// Takes in the octets from `at` to `end`, before which there is room for those that are parked.
    #[inline(never)]
    fn take_in(&mut self, connection: &mut Connection<K::Stream>, at: usize, end: usize) -> Turn {
        if let State::Open(gate) = &mut connection.state {
            if !gate.pass(part(self.octets, at, end), end) {
                return self.keep(connection, at, end).err().unwrap_or(Turn::Over);
            }
            self.unpark(connection);
            return self.work(connection, 0, end, Front::Old);
        }
        match self.on_content(connection, at, end) {
            Ok((len, next)) => {
                let front = Front::Whole(usize::from(len));
                self.work(connection, usize::from(next), end, front)
            }
            Err(turn) => turn,
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
        let octets = part(self.octets, at, end);
        self.pool.append(&mut connection.inbox, octets)
    }

    /// Parks the octets from `at` to `end`, or refuses the request that they are of.
    #[inline(never)]
    fn keep(
        &mut self,
        connection: &mut Connection<K::Stream>,
        at: usize,
        end: usize,
    ) -> Result<(), Turn> {
        if self.park(connection, at, end) {
            return Ok(());
        }
        Err(self.refuse(connection, Refusal::NoMemory))
    }

    /// Goes on with what came while answers were waiting to be sent.
    pub(super) fn work_on_parked(&mut self, connection: &mut Connection<K::Stream>) -> Turn {
        let len = self.unpark(connection);
        self.work(connection, 0, len, Front::Nothing)
    }

    /// Answers every request that lies whole between `at` and `end`, and sends the answers.
    #[inline(never)]
    fn work(
        &mut self,
        connection: &mut Connection<K::Stream>,
        mut at: usize,
        end: usize,
        mut front: Front,
    ) -> Turn {
        loop {
            let (start, stop) = match front {
                Front::Whole(len) => (0, len),
                _ if at < end => (at, end),
                _ => break,
            };
            let octets = self.octets.get(start..).unwrap_or_default();
            let len = stop - start;
            let mut head = Head::new(octets);
            match request::parse_into::<Fast>(octets, len, &mut head) {
                Ok(()) => {}
                Err(Stop::Incomplete) => {
                    let is_old = matches!(front, Front::Old) && at == 0;
                    return self.keep_head(connection, at, end, is_old);
                }
                Err(Stop::Refused(refusal)) => {
                    connection.marks.is_head = octets.starts_with(b"HEAD ");
                    return self.refuse(connection, refusal);
                }
            }
            let mut next = at + head.len;
            if let Front::Whole(_) = front {
                head.request.content = part(octets, head.len, len);
                next = at;
            } else if head.framing != Framing::None {
                if let Front::Early = front {
                    head.is_persistent = false;
                } else {
                    let (framing, expects) = (head.framing, head.expects);
                    connection.marks.is_head = head.request.method == Method::Head;
                    let begun = self.begin_content(connection, at, next, end, framing, expects);
                    match begun {
                        Ok((begun, next)) => (front, at) = (begun, next),
                        Err(turn) => return turn,
                    }
                    continue;
                }
            }
            let answered = self.scribe.answer(&mut head);
            at = next;
            if (!answered.is_plain() || self.scribe.outbox.is_full())
                && let Err(turn) = self.deliver(connection, &answered, at, end, front)
            {
                return turn;
            }
            front = Front::Nothing;
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
        front: Front,
    ) -> Result<(), Turn> {
        let then = match (answered.is_persistent, front) {
            (true, _) => Then::Continue,
            // Its content is still on the way.
            (false, Front::Early) => Then::Linger,
            (false, _) if next < end => Then::Linger,
            (false, _) => Then::Close,
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
        connection.marks.is_head = false;
        let before = Answered::PLAIN;
        if let Err(turn) = self.deliver(connection, &before, at, end, Front::Nothing) {
            return turn;
        }
        let octets = part(self.octets, at, end);
        let mut gate = Gate::new();
        // It is being parsed right now: the gate opens when there is more to say.
        gate.pass(octets, octets.len());
        connection.state = State::Open(gate);
        if !is_old {
            connection.since = self.tick;
        }
        self.keep(connection, at, end).err().unwrap_or(Turn::Over)
    }

    /// A request with content: its head lies from `at` to `content_at`. Returns what lies at the front of the desk
    /// then, and where the next request begins.
    #[inline(never)]
    fn begin_content(
        &mut self,
        connection: &mut Connection<K::Stream>,
        at: usize,
        content_at: usize,
        end: usize,
        framing: Framing,
        expects: bool,
    ) -> Result<(Front, usize), Turn> {
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
                return Ok((Front::Early, at));
            }
            if !connection.marks.has_continued {
                self.scribe.outbox.put_continue();
            }
            connection.marks.has_continued = true;
        }
        // The answers before it leave now, so that afterwards there is only one thing to wait for.
        self.deliver(connection, &Answered::PLAIN, at, end, Front::Nothing)?;
        self.keep(connection, at, content_at)?;
        connection.since = self.tick;
        connection.state = State::Content(Content {
            rest,
            len: 0,
            is_kept,
        });
        let (len, next) = self.on_content(connection, content_at, end)?;
        Ok((Front::Whole(usize::from(len)), usize::from(next)))
    }

    /// Takes content from `at` to `end`. Once it is complete the request is put at the front of the desk; the result
    /// is its length and where the next one begins.
    #[inline(never)]
    fn on_content(
        &mut self,
        connection: &mut Connection<K::Stream>,
        mut at: usize,
        end: usize,
    ) -> Result<(u16, u16), Turn> {
        let State::Content(content) = &mut connection.state else {
            return Err(Turn::Over);
        };
        let refusal = loop {
            let octets = part(self.octets, at, end);
            let (skip, len) = match &mut content.rest {
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
                        content.rest = Rest::Length(0);
                        continue;
                    }
                    Step::Refused(refusal) => break refusal,
                },
            };
            content.len += len as u32;
            if u64::from(content.len) + content.rest.announced()
                > u64::from(content_max(content.is_kept))
            {
                break Refusal::ContentTooLarge;
            }
            at += skip;
            let kept = part(self.octets, at, at + len);
            if content.is_kept && !self.pool.append(&mut connection.inbox, kept) {
                break Refusal::NoMemory;
            }
            at += len;
            if matches!(content.rest, Rest::Length(0)) {
                connection.state = State::Open(Gate::new());
                connection.marks.is_used = true;
                connection.marks.has_continued = false;
                return Ok((self.unpark(connection) as u16, at as u16));
            }
            if at >= end {
                return Err(Turn::Over);
            }
        };
        Err(self.refuse(connection, refusal))
    }
}

/// The octets from `at` to `end`.
#[inline(never)]
fn part(octets: &[u8], at: usize, end: usize) -> &[u8] {
    octets.get(at..end).unwrap_or_default()
}

/// The desk behind the place for what is parked, in whole chunks.
#[inline(never)]
fn room_behind(octets: &mut [u8; DESK_LEN], parked: usize) -> &mut [u8] {
    let room = octets.get_mut(parked..).unwrap_or_default();
    let asked = room.len() / READ_CHUNK * READ_CHUNK;
    room.get_mut(..asked).unwrap_or_default()
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
