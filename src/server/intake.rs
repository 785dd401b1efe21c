//! Requests that come in pieces: heads that are parked until they are whole, and content.
//!
//! Invariant: what is parked here is put back to the front of the desk before anybody looks at it.

use super::connection::{Connection, Content, Rest, State};
use super::desk::{Desk, Lot, Turn, part};
use super::kernel::Kernel;
use super::scribe::Answered;
use crate::limits::{CONTENT_DISCARD_MAX, CONTENT_MAX};
use crate::request::{Chunked, Framing, Gate, Refusal, Step};

impl<K: Kernel> Desk<K> {
    /// Takes in the octets from `at` to `end`, before which there is room for those that are parked.
    #[inline(never)]
    pub(super) fn take_in(
        &mut self,
        connection: &mut Connection<K::Stream>,
        at: u32,
        end: u32,
    ) -> Result<Lot, Turn> {
        let State::Open(gate) = &mut connection.state else {
            return self.on_content(connection, at, end);
        };
        if !gate.pass(part(self.octets, at, end), end as usize) {
            return Err(self.keep(connection, at, end));
        }
        self.unpark(connection);
        Ok(Lot {
            whole: 0,
            at: 0,
            end,
        })
    }

    /// Puts what is parked at the front of the desk and returns its length.
    pub(super) fn unpark(&mut self, connection: &mut Connection<K::Stream>) -> u32 {
        let len = self
            .pool
            .copy(&connection.inbox, self.octets.as_mut_slice());
        self.pool.clear(&mut connection.inbox);
        len as u32
    }

    /// Parks the octets from `at` to `end`; `false` where the pool has no room.
    pub(super) fn park(
        &mut self,
        connection: &mut Connection<K::Stream>,
        at: u32,
        end: u32,
    ) -> bool {
        let octets = part(self.octets, at, end);
        self.pool.append(&mut connection.inbox, octets)
    }

    /// Parks the octets from `at` to `end`, or refuses the request that they are of.
    #[inline(never)]
    pub(super) fn keep(
        &mut self,
        connection: &mut Connection<K::Stream>,
        at: u32,
        end: u32,
    ) -> Turn {
        if self.park(connection, at, end) {
            return Turn::Over;
        }
        self.refuse(connection, Refusal::NoMemory)
    }

    /// A request with content, whose head ends at `head_end`. Returns what lies on the desk when the content is there.
    #[inline(never)]
    pub(super) fn begin_content(
        &mut self,
        connection: &mut Connection<K::Stream>,
        lot: Lot,
        head_end: u32,
        framing: Framing,
        expects: bool,
    ) -> Result<Lot, Turn> {
        let is_kept = self.scribe.handler.wants_content();
        let rest = match framing {
            Framing::Length(len) if len > u64::from(content_max(is_kept)) => {
                return Err(self.refuse(connection, Refusal::ContentTooLarge));
            }
            Framing::Length(len) => Rest::Length(len as u32),
            Framing::Chunked | Framing::None => Rest::Chunked(Chunked::new()),
        };
        let waits = expects && head_end == lot.end;
        if waits && is_kept {
            if !connection.marks.has_continued {
                self.scribe.outbox.put_continue();
            }
            connection.marks.has_continued = true;
        }
        // The answers before it leave now, so that afterwards there is only one thing to wait for.
        self.deliver(connection, &Answered::PLAIN, lot)?;
        connection.since = self.tick;
        connection.state = State::Content(Content {
            rest,
            len: 0,
            is_kept,
        });
        if !self.park(connection, lot.at, head_end) {
            return Err(self.refuse(connection, Refusal::NoMemory));
        }
        if waits && !is_kept {
            // RFC 9110 section 10.1.1: a final response at once, and nothing is read of the content.
            connection.marks.is_early = true;
            return Ok(self.finish_content(connection, lot.end, lot.end));
        }
        self.on_content(connection, head_end, lot.end)
    }

    /// Takes content from `at` to `end`.
    #[inline(never)]
    fn on_content(
        &mut self,
        connection: &mut Connection<K::Stream>,
        mut at: u32,
        end: u32,
    ) -> Result<Lot, Turn> {
        let State::Content(content) = &mut connection.state else {
            return Err(Turn::Over);
        };
        let refusal = loop {
            let octets = part(self.octets, at, end);
            let (skip, len) = match &mut content.rest {
                Rest::Length(left) => {
                    let len = (end - at).min(*left);
                    *left -= len;
                    (0, len)
                }
                Rest::Chunked(chunked) => match chunked.step(octets) {
                    Step::More => (octets.len(), 0),
                    Step::Data { skip, len } => (skip, len as u32),
                    Step::Done { used } => {
                        content.rest = Rest::Length(0);
                        (used, 0)
                    }
                    Step::Refused(refusal) => break refusal,
                },
            };
            at += skip as u32;
            content.len += len;
            let announced = match &content.rest {
                Rest::Length(left) => u64::from(*left),
                Rest::Chunked(chunked) => chunked.pending(),
            };
            if u64::from(content.len) + announced > u64::from(content_max(content.is_kept)) {
                break Refusal::ContentTooLarge;
            }
            let kept = part(self.octets, at, at + len);
            if content.is_kept && !self.pool.append(&mut connection.inbox, kept) {
                break Refusal::NoMemory;
            }
            at += len;
            if matches!(content.rest, Rest::Length(0)) {
                return Ok(self.finish_content(connection, at, end));
            }
            if at >= end {
                return Err(Turn::Over);
            }
        };
        Err(self.refuse(connection, refusal))
    }

    /// The request is whole: it is put at the front of the desk. What is behind it lies from `at` to `end`.
    fn finish_content(&mut self, connection: &mut Connection<K::Stream>, at: u32, end: u32) -> Lot {
        connection.state = State::Open(Gate::new());
        connection.since = self.tick;
        connection.marks.is_used = true;
        connection.marks.has_continued = false;
        let whole = self.unpark(connection);
        Lot { whole, at, end }
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
