//! A worker's desk: where requests lie while they are answered.
//!
//! Invariant: the desk knows one connection at a time, the one it is handed.

use super::Fast;
use super::connection::{Connection, State, Then};
use super::kernel::Kernel;
use super::pool::Pool;
use super::scribe::{Answered, Scribe};
use crate::epoll::Event;
use crate::limits::{DESK_LEN, DESK_ROOM, READ_CHUNK, READS_MAX};
use crate::request::{self, Framing, Gate, Head, Method, Stop};
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

/// What lies on the desk to be answered: a whole request at the front, of which so many octets are there with its
/// content decoded behind its head, or none; then the octets from `at` to `end`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lot {
    pub(super) whole: u32,
    pub(super) at: u32,
    pub(super) end: u32,
}

/// The desk of one worker.
pub(super) struct Desk<K> {
    pub(super) kernel: K,
    pub(super) scribe: Scribe,
    pub(super) pool: Pool,
    /// Seconds since the worker began.
    pub(super) tick: u32,
    /// Behind what is received there is room for the parser to look at.
    pub(super) octets: &'static mut [u8; DESK_ROOM],
}

impl<K: Kernel> Desk<K> {
    pub(super) const fn new(
        kernel: K,
        scribe: Scribe,
        pool: Pool,
        octets: &'static mut [u8; DESK_ROOM],
    ) -> Self {
        Self {
            kernel,
            scribe,
            pool,
            tick: 0,
            octets,
        }
    }

    /// Does for a connection what an event asks for: sends what waits, reads, answers.
    #[inline(always)]
    pub(super) fn attend(&mut self, connection: &mut Connection<K::Stream>, event: Event) -> Turn {
        if event.half_closed() || event.failed() {
            self.on_notice(connection, event);
        }
        let mut is_readable = event.readable();
        let mut reads = READS_MAX;
        loop {
            let (lot, is_drained) = match connection.state {
                State::Open(_) | State::Content(_) if is_readable => self.receive(connection),
                State::Open(_) | State::Content(_) => return Turn::Over,
                _ => {
                    is_readable = true;
                    (self.on_other_event(connection, event), false)
                }
            };
            let turn = match lot {
                Ok(lot) => self.work(connection, lot),
                Err(turn) => turn,
            };
            let is_read = matches!(connection.state, State::Open(_) | State::Content(_));
            if is_drained || turn != Turn::Over || !is_read {
                return turn;
            }
            reads -= 1;
            if reads == 0 {
                return Turn::Unfinished;
            }
        }
    }

    /// Receives what the client has sent, and whether that was all.
    #[inline(always)]
    fn receive(&mut self, connection: &mut Connection<K::Stream>) -> (Result<Lot, Turn>, bool) {
        let parked = connection.inbox.len();
        let room = match parked {
            0 => self.octets.get_mut(..DESK_LEN).unwrap_or_default(),
            _ => room_behind(self.octets, parked),
        };
        let asked = room.len();
        let Some(stream) = &connection.stream else {
            return (Err(Turn::Close), true);
        };
        let len = match self.kernel.receive(stream, room) {
            Received::Octets(len) => len,
            Received::WouldBlock => return (Err(Turn::Over), true),
            Received::EndOfFile => return (Err(self.on_end_of_file(connection)), true),
            Received::Failed => return (Err(Turn::Close), true),
        };
        // A short read has drained the socket. Only the end of file may still be there.
        let is_drained = len < asked && !connection.marks.is_half_closed;
        if parked == 0
            && let State::Open(_) = connection.state
        {
            connection.since = self.tick;
            let end = len as u32;
            return (
                Ok(Lot {
                    whole: 0,
                    at: 0,
                    end,
                }),
                is_drained,
            );
        }
        let (at, end) = (parked as u32, (parked + len) as u32);
        (self.take_in(connection, at, end), is_drained)
    }

    /// Answers every request that lies whole on the desk, and sends the answers.
    #[inline(always)]
    fn work(&mut self, connection: &mut Connection<K::Stream>, mut lot: Lot) -> Turn {
        while lot.whole > 0 || lot.at < lot.end {
            let (start, stop) = match lot.whole {
                0 => (lot.at, lot.end),
                whole => (0, whole),
            };
            let octets = self.octets.get(start as usize..).unwrap_or_default();
            let mut head = Head::new(octets);
            if let Err(why) = request::parse_into::<Fast>(octets, stop - start, &mut head) {
                return self.on_stop(connection, why, lot);
            }
            let head_end = lot.at + head.len as u32;
            if lot.whole > 0 {
                head.request.content = part(octets, head.len as u32, stop);
                head.is_persistent &= !connection.marks.is_early;
                lot.whole = 0;
            } else if head.framing != Framing::None {
                connection.marks.is_head = head.request.method == Method::Head;
                let (framing, expects) = (head.framing, head.expects);
                lot = match self.begin_content(connection, lot, head_end, framing, expects) {
                    Ok(lot) => lot,
                    Err(turn) => return turn,
                };
                continue;
            } else {
                lot.at = head_end;
            }
            let answered = self.scribe.answer(&mut head);
            if (!answered.is_plain() || self.scribe.outbox.is_full())
                && let Err(turn) = self.deliver(connection, &answered, lot)
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

    /// What lies there is no whole request: the beginning of one is parked, anything else is refused.
    #[inline(never)]
    fn on_stop(&mut self, connection: &mut Connection<K::Stream>, why: Stop, lot: Lot) -> Turn {
        let Lot { at, end, .. } = lot;
        if let Stop::Refused(refusal) = why {
            connection.marks.is_head = part(self.octets, at, end).starts_with(b"HEAD ");
            return self.refuse(connection, refusal);
        }
        connection.marks.is_head = false;
        if at > 0 {
            connection.marks.is_used = true;
            connection.since = self.tick;
        }
        // The answers before it leave first.
        if let Err(turn) = self.deliver(connection, &Answered::PLAIN, lot) {
            return turn;
        }
        let mut gate = Gate::new();
        // It is being parsed right now: the gate opens when there is more to say.
        gate.pass(part(self.octets, at, end), (end - at) as usize);
        connection.state = State::Open(gate);
        self.keep(connection, at, end)
    }

    /// Sends the outbox and what belongs to the last answer in it. The rest of the lot is parked where the socket does
    /// not take everything.
    #[inline(never)]
    pub(super) fn deliver(
        &mut self,
        connection: &mut Connection<K::Stream>,
        answered: &Answered,
        lot: Lot,
    ) -> Result<(), Turn> {
        let then = if answered.is_persistent {
            Then::Continue
        } else if lot.at < lot.end || connection.marks.is_early {
            // More is still on the way.
            Then::Linger
        } else {
            Then::Close
        };
        let flushed = self.flush(connection, answered.body, then);
        if flushed == Err(Turn::Over)
            && then == Then::Continue
            && !self.park(connection, lot.at, lot.end)
        {
            return Err(Turn::Close);
        }
        flushed
    }
}

/// The octets from `at` to `end`.
#[inline(never)]
pub(super) fn part(octets: &[u8], at: u32, end: u32) -> &[u8] {
    octets.get(at as usize..end as usize).unwrap_or_default()
}

/// The desk behind the place for what is parked, in whole chunks.
#[inline(never)]
fn room_behind(octets: &mut [u8; DESK_ROOM], parked: usize) -> &mut [u8] {
    let asked = (DESK_LEN - parked) / READ_CHUNK * READ_CHUNK;
    octets.get_mut(parked..parked + asked).unwrap_or_default()
}
