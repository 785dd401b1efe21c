//! Requests that come in pieces: heads that are parked until they are whole, and content.
//!
//! Invariant: what is parked here is put back to the front of the desk before anybody looks at it.

use super::connection::{Connection, Content, State};
use super::desk::{Desk, Turn};
use super::kernel::Kernel;
use crate::limits::{CONTENT_DISCARD_MAX, CONTENT_MAX};
use crate::request::{Chunked, Framing, Gate, Refusal, Step};

impl<K: Kernel> Desk<K> {
    /// Takes in what was received, before which there is room for what is parked.
    #[inline(never)]
    pub(super) fn take_in(&mut self, connection: &mut Connection<K::Stream>) -> Turn {
        let State::Open(gate) = &mut connection.state else {
            return self.on_content(connection);
        };
        let end = self.lot.end;
        if !gate.pass(self.lot.up_to(end), end as usize) {
            return self.keep(connection, end);
        }
        self.unpark(connection);
        self.lot.at = 0;
        Turn::Work
    }

    /// Puts what is parked at the front of the desk and returns its length.
    pub(super) fn unpark(&mut self, connection: &mut Connection<K::Stream>) -> u32 {
        let len = self
            .pool
            .copy(&connection.inbox, self.lot.octets.as_mut_slice());
        self.pool.clear(&mut connection.inbox);
        len as u32
    }

    /// Parks the octets up to `end`; `false` where the pool has no room.
    pub(super) fn park(&mut self, connection: &mut Connection<K::Stream>, end: u32) -> bool {
        let octets = self.lot.up_to(end);
        self.pool.append(&mut connection.inbox, octets)
    }

    /// Parks the octets up to `end`, or refuses the request that they are of.
    #[inline(never)]
    pub(super) fn keep(&mut self, connection: &mut Connection<K::Stream>, end: u32) -> Turn {
        if self.park(connection, end) {
            return Turn::Over;
        }
        self.refuse(connection, Refusal::NoMemory)
    }

    /// A request with content, whose head is so long.
    #[inline(never)]
    pub(super) fn begin_content(
        &mut self,
        connection: &mut Connection<K::Stream>,
        head_len: u32,
        framing: Framing,
        expects: bool,
    ) -> Turn {
        let is_kept = self.scribe.handler.wants_content();
        let body = match framing {
            Framing::Length(len) if len > u64::from(content_max(is_kept)) => {
                return self.refuse(connection, Refusal::ContentTooLarge);
            }
            Framing::Length(len) => Chunked::plain(len),
            Framing::Chunked | Framing::None => Chunked::new(),
        };
        let head_end = self.lot.at + head_len;
        let waits = expects && head_end == self.lot.end;
        // RFC 9110 section 10.1.1: a final response at once, and nothing is read of the content.
        connection.marks.is_early = waits && !is_kept;
        if waits && is_kept && !connection.marks.has_continued {
            self.scribe.outbox.put_continue();
            connection.marks.has_continued = true;
        }
        // The answers before it leave now, so that afterwards there is only one thing to wait for.
        let turn = self.deliver(connection, &[]);
        if turn != Turn::Work {
            return turn;
        }
        connection.since = self.tick;
        connection.state = State::Content(Content {
            body,
            len: 0,
            is_kept,
        });
        if !self.park(connection, head_end) {
            return self.refuse(connection, Refusal::NoMemory);
        }
        self.lot.at = head_end;
        if connection.marks.is_early {
            return self.finish_content(connection);
        }
        self.on_content(connection)
    }

    /// Takes the content that lies there.
    #[inline(never)]
    fn on_content(&mut self, connection: &mut Connection<K::Stream>) -> Turn {
        let State::Content(content) = &mut connection.state else {
            return Turn::Over;
        };
        let refusal = loop {
            let octets = self.lot.rest();
            let (skip, len) = match content.body.step(octets) {
                Step::More => (octets.len(), 0),
                Step::Data { skip, len } => (skip, len as u32),
                Step::Done { used } => {
                    self.lot.at += used as u32;
                    return self.finish_content(connection);
                }
                Step::Refused(refusal) => break refusal,
            };
            self.lot.at += skip as u32;
            content.len += len;
            let announced = u64::from(content.len) + content.body.pending();
            if announced > u64::from(content_max(content.is_kept)) {
                break Refusal::ContentTooLarge;
            }
            if len == 0 {
                return Turn::Over;
            }
            let kept = self.lot.up_to(self.lot.at + len);
            if content.is_kept && !self.pool.append(&mut connection.inbox, kept) {
                break Refusal::NoMemory;
            }
            self.lot.at += len;
        };
        self.refuse(connection, refusal)
    }

    /// The request is whole: it is put at the front of the desk, and answered.
    fn finish_content(&mut self, connection: &mut Connection<K::Stream>) -> Turn {
        connection.state = State::Open(Gate::new());
        connection.since = self.tick;
        connection.marks.is_used = true;
        connection.marks.has_continued = false;
        self.lot.whole = self.unpark(connection);
        self.work_on_any(connection)
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
