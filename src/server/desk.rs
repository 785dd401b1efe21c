//! A worker's desk: where requests lie while they are answered.
//!
//! Invariant: the desk knows one connection at a time, the one it is handed.

use super::Fast;
use super::connection::{Connection, State, Then};
use super::kernel::Kernel;
use super::memo::Memo;
use super::pool::Pool;
use super::scribe::Scribe;
use crate::epoll::Event;
use crate::limits::{DESK_LEN, DESK_ROOM, READ_CHUNK, READS_MAX};
use crate::request::{self, Framing, Gate, Head, Method, Stop, TARGET_AT};
use crate::response::cut;
use crate::socket::{Received, Sent};

/// What becomes of a connection when its turn ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// What lies on the desk is answered.
    Work,
    /// There may be more to read.
    Read,
    /// It waits for the kernel.
    Over,
    /// There may be more to read at once, but others have their turn first.
    Unfinished,
    /// It is closed.
    Close,
}

/// The desk of one worker. What is used most lies in front, where the code that names it is shortest.
#[repr(C)]
pub(super) struct Desk<K> {
    pub(super) lot: Lot,
    /// Seconds since the worker began.
    pub(super) tick: u32,
    pub(super) kernel: K,
    pub(super) pool: Pool,
    pub(super) scribe: Scribe,
    memo: Memo,
}

/// What lies there to be answered: a whole request at the front, so many octets with its content decoded behind its
/// head, or none; then the octets from `at` to `end`. Behind them there is room for the parser to look at.
#[repr(C)]
pub(super) struct Lot {
    pub(super) octets: &'static mut [u8; DESK_ROOM],
    pub(super) whole: u32,
    pub(super) at: u32,
    pub(super) end: u32,
    /// The client has sent no more than that for now.
    pub(super) is_drained: bool,
}

impl Lot {
    /// The octets from `at` to this end.
    #[inline(never)]
    pub(super) fn up_to(&self, end: u32) -> &[u8] {
        part(self.octets, self.at, end)
    }

    /// The octets from `at` to `end`.
    pub(super) fn rest(&self) -> &[u8] {
        self.up_to(self.end)
    }
}

impl<K: Kernel> Desk<K> {
    pub(super) const fn new(
        kernel: K,
        scribe: Scribe,
        pool: Pool,
        octets: &'static mut [u8; DESK_ROOM],
        memo: Memo,
    ) -> Self {
        Self {
            kernel,
            scribe,
            pool,
            memo,
            tick: 0,
            lot: Lot {
                octets,
                whole: 0,
                at: 0,
                end: 0,
                is_drained: false,
            },
        }
    }

    /// Does for a connection what an event asks for: sends what waits, reads, answers.
    #[inline(always)]
    pub(super) fn attend(&mut self, connection: &mut Connection<K::Stream>, event: Event) -> Turn {
        if event.half_closed() || event.failed() {
            self.on_notice(connection, event);
        }
        let mut turn = Turn::Read;
        if !connection.is_read() {
            self.lot.is_drained = false;
            turn = self.on_other_event(connection, event);
        } else if !event.readable() {
            return Turn::Over;
        }
        let mut reads = READS_MAX;
        loop {
            if turn == Turn::Read {
                if reads == 0 {
                    return Turn::Unfinished;
                }
                reads -= 1;
                turn = self.receive(connection);
            }
            if turn == Turn::Work {
                turn = self.work(connection);
            }
            if turn != Turn::Read {
                return turn;
            }
        }
    }

    /// Receives what the client has sent.
    #[inline(always)]
    fn receive(&mut self, connection: &mut Connection<K::Stream>) -> Turn {
        let parked = connection.inbox.len();
        let room = match parked {
            0 => self.lot.octets.get_mut(..DESK_LEN).unwrap_or_default(),
            _ => room_behind(self.lot.octets, parked),
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
        // A short read has drained the socket. Only the end of file may still be there.
        self.lot.is_drained = len < asked && !connection.marks.is_half_closed;
        self.lot.at = parked as u32;
        self.lot.end = self.lot.at + len as u32;
        if parked == 0
            && let State::Open(_) = connection.state
        {
            connection.since = self.tick;
            return Turn::Work;
        }
        let turn = self.take_in(connection);
        self.after_turn(connection, turn)
    }

    /// Reads on where a turn is over for want of octets, of which there may be more.
    #[inline(never)]
    fn after_turn(&self, connection: &Connection<K::Stream>, turn: Turn) -> Turn {
        if turn == Turn::Over && connection.is_read() && !self.lot.is_drained {
            Turn::Read
        } else {
            turn
        }
    }

    /// Answers every request that lies whole on the desk, and sends the answers.
    #[inline(always)]
    fn work(&mut self, connection: &mut Connection<K::Stream>) -> Turn {
        while self.lot.at < self.lot.end {
            let turn = if let Some(body) = self.answer_constant() {
                if body.is_empty() && !self.scribe.outbox.is_full() {
                    continue;
                }
                self.deliver(connection, body)
            } else {
                self.work_on_any(connection)
            };
            if turn != Turn::Work {
                return self.after_turn(connection, turn);
            }
        }
        connection.state = State::Open(Gate::new());
        connection.since = self.tick;
        connection.marks.is_used = true;
        if let Some(octets) = self.scribe.outbox.pending()
            && let Some(stream) = &connection.stream
        {
            let sent = self.kernel.send(stream, octets);
            if sent != Sent::Octets(octets.len()) {
                return self.keep_rest(connection, sent, &[]);
            }
            self.scribe.outbox.clear();
        }
        if self.lot.is_drained {
            Turn::Over
        } else {
            Turn::Read
        }
    }

    /// Writes the answer to the request that lies there, if it is a constant as it is. What is left to be sent behind it.
    #[inline(always)]
    fn answer_constant(&mut self) -> Option<&'static [u8]> {
        if self.scribe.is_stopping {
            return None;
        }
        let Lot {
            octets, at, end, ..
        } = &mut self.lot;
        if let Some((len, message)) = self.memo.recall(octets.get(*at as usize..*end as usize)?) {
            *at += len;
            Some(self.scribe.outbox.put_again(message))
        } else {
            self.answer_plain()
        }
    }

    /// The same where the request is not known by heart.
    #[inline(never)]
    fn answer_plain(&mut self) -> Option<&'static [u8]> {
        let at = self.lot.at;
        let octets = self.lot.octets.as_slice();
        let (end, target_end) = request::plain::<Fast>(octets, at, self.lot.end)?;
        let message = self
            .scribe
            .find_plain(octets.get((at + TARGET_AT) as usize..target_end as usize)?)?;
        self.lot.at = end.get();
        self.memo
            .learn(octets.get(at as usize..end.get() as usize)?, message);
        Some(self.scribe.outbox.put_message(message))
    }

    /// Answers whatever request lies there, if it is whole.
    #[inline(never)]
    pub(super) fn work_on_any(&mut self, connection: &mut Connection<K::Stream>) -> Turn {
        let (start, stop) = match self.lot.whole {
            0 => (self.lot.at, self.lot.end),
            whole => (0, whole),
        };
        let octets = part(self.lot.octets, start, stop);
        let mut head = Head::new(octets);
        if let Err(why) = request::parse_into::<Fast>(octets, &mut head) {
            return self.on_stop(connection, why);
        }
        let len = head.len as u32;
        if self.lot.whole > 0 {
            head.request.content_at = len as u16;
            head.is_persistent &= !connection.marks.is_early;
            self.lot.whole = 0;
        } else if head.framing != Framing::None {
            connection.marks.is_head = head.request.method == Method::Head;
            let (framing, expects) = (head.framing, head.expects);
            return self.begin_content(connection, len, framing, expects);
        } else {
            self.lot.at += len;
        }
        let body = self.scribe.answer(&mut head);
        if !head.is_persistent {
            connection.marks.then = if self.lot.at < self.lot.end || connection.marks.is_early {
                // More is still on the way.
                Then::Linger
            } else {
                Then::Close
            };
        } else if body.is_empty() && !self.scribe.outbox.is_full() {
            return Turn::Work;
        }
        self.deliver(connection, body)
    }

    /// What lies there is no whole request: the beginning of one is parked, anything else is refused.
    #[inline(never)]
    fn on_stop(&mut self, connection: &mut Connection<K::Stream>, why: Stop) -> Turn {
        let (at, end) = (self.lot.at, self.lot.end);
        if let Stop::Refused(refusal) = why {
            // RFC 9112 section 2.2: an empty line may be before it.
            let octets = self.lot.rest().trim_ascii_start();
            connection.marks.is_head = octets.starts_with(b"HEAD ");
            return self.refuse(connection, refusal);
        }
        connection.marks.is_head = false;
        if at > 0 {
            connection.marks.is_used = true;
            connection.since = self.tick;
        }
        // The answers before it leave first.
        let turn = self.deliver(connection, &[]);
        if turn != Turn::Work {
            return turn;
        }
        let mut gate = Gate::new();
        // It is being parsed right now: the gate opens when there is more to say.
        gate.pass(self.lot.rest(), (end - at) as usize);
        connection.state = State::Open(gate);
        self.keep(connection, end)
    }

    /// Sends the outbox and what belongs to the last answer in it. What lies there still is parked where the socket does
    /// not take everything.
    #[inline(never)]
    pub(super) fn deliver(
        &mut self,
        connection: &mut Connection<K::Stream>,
        body: &'static [u8],
    ) -> Turn {
        let turn = self.flush(connection, body);
        if turn == Turn::Over
            && connection.marks.then == Then::Continue
            && !self.park(connection, self.lot.end)
        {
            return Turn::Close;
        }
        turn
    }
}

/// The octets from `at` to `end`.
#[inline(always)]
pub(super) fn part(octets: &[u8], at: u32, end: u32) -> &[u8] {
    cut(octets, at as usize, end as usize)
}

/// The desk behind the place for what is parked, in whole chunks.
#[inline(never)]
fn room_behind(octets: &mut [u8; DESK_ROOM], parked: usize) -> &mut [u8] {
    let asked = (DESK_LEN - parked) / READ_CHUNK * READ_CHUNK;
    octets.get_mut(parked..parked + asked).unwrap_or_default()
}
