//! How answers leave: at once where the socket takes them, later where it does not, and the end of a connection.

use super::connection::{Connection, Sending, State, Then, Zerocopy};
use super::desk::{Desk, Turn};
use super::kernel::Kernel;
use super::pool::Chain;
use crate::epoll::Event;
use crate::limits::{LINGER_MAX, READ_CHUNK, ZEROCOPY_MIN};
use crate::request::Refusal;
use crate::response::{Response, Status};
use crate::socket::{Received, Sent};

impl<K: Kernel> Desk<K> {
    /// Sends the outbox and a body behind it. `Ok` where the connection goes on and nothing is left to send.
    #[inline]
    pub(super) fn flush(
        &mut self,
        connection: &mut Connection<K::Stream>,
        body: &'static [u8],
        then: Then,
    ) -> Result<(), Turn> {
        let octets = self.scribe.outbox.octets();
        if octets.is_empty() && body.is_empty() {
            return self.after(connection, then);
        }
        let Some(stream) = &connection.stream else {
            return Err(Turn::Close);
        };
        let sent = if body.is_empty() {
            self.kernel.send(stream, octets)
        } else {
            self.send_both(connection, body)
        };
        let sent = match sent {
            Sent::Octets(len) => len,
            Sent::WouldBlock => 0,
            Sent::Failed => {
                self.scribe.outbox.clear();
                return Err(Turn::Close);
            }
        };
        if sent == self.scribe.outbox.octets().len() + body.len() {
            self.scribe.outbox.clear();
            return self.after(connection, then);
        }
        Err(self.keep_rest(connection, sent, body, then))
    }

    #[inline(never)]
    fn send_both(&mut self, connection: &mut Connection<K::Stream>, body: &'static [u8]) -> Sent {
        let Some(stream) = &connection.stream else {
            return Sent::Failed;
        };
        if body.len() >= ZEROCOPY_MIN && connection.marks.zerocopy == Zerocopy::Untried {
            connection.marks.zerocopy = if self.kernel.enable_zerocopy(stream) {
                Zerocopy::On
            } else {
                Zerocopy::GivenUp
            };
        }
        let octets = self.scribe.outbox.octets();
        // The kernel reads what it does not copy after this returns, and the outbox is written to again.
        let zerocopy = octets.is_empty()
            && body.len() >= ZEROCOPY_MIN
            && connection.marks.zerocopy == Zerocopy::On;
        self.kernel.send_both(stream, octets, body, zerocopy)
    }

    /// The kernel has something to say about octets that were sent without a copy.
    pub(super) fn on_notice(&mut self, connection: &mut Connection<K::Stream>) {
        if connection.marks.zerocopy == Zerocopy::Untried {
            return;
        }
        if let Some(stream) = &connection.stream
            && self.kernel.take_notices(stream)
        {
            connection.marks.zerocopy = Zerocopy::GivenUp;
        }
    }

    /// Parks what the socket would not take.
    #[inline(never)]
    fn keep_rest(
        &mut self,
        connection: &mut Connection<K::Stream>,
        sent: usize,
        body: &'static [u8],
        then: Then,
    ) -> Turn {
        connection.since = self.tick;
        connection.state = State::Sending(Sending {
            outbox: Chain::new(),
            body: b"",
            progress: self.tick as u16,
            sent: 0,
            then,
        });
        let State::Sending(sending) = &mut connection.state else {
            return Turn::Close;
        };
        let octets = self.scribe.outbox.octets();
        sending.body = behind(body, sent.saturating_sub(octets.len()));
        let is_kept = self.pool.append(&mut sending.outbox, behind(octets, sent));
        self.scribe.outbox.clear();
        if is_kept { Turn::Over } else { Turn::Close }
    }

    /// An event of a connection that is not being read.
    #[inline(never)]
    pub(super) fn on_other_event(
        &mut self,
        connection: &mut Connection<K::Stream>,
        event: Event,
    ) -> Turn {
        if let State::Sending(_) = connection.state {
            if event.writable() {
                return self.on_write(connection);
            }
        } else if event.readable() {
            return self.drain(connection);
        }
        Turn::Over
    }

    /// A turn for a connection that the kernel has not reported just now.
    #[inline(never)]
    pub(super) fn go_on(&mut self, connection: &mut Connection<K::Stream>) -> Turn {
        match connection.state {
            State::Sending(_) => Turn::Over,
            State::Lingering { .. } => self.drain(connection),
            State::Open(_) | State::Content(_) => self.on_read(connection),
        }
    }

    /// The socket takes octets again.
    fn on_write(&mut self, connection: &mut Connection<K::Stream>) -> Turn {
        let State::Sending(sending) = &mut connection.state else {
            return Turn::Over;
        };
        let (body, then) = (sending.body, sending.then);
        let (pool, outbox) = (&self.pool, &sending.outbox);
        let parked = outbox.len();
        self.scribe.outbox.refill(|place| pool.copy(outbox, place));
        let sent = self.send_both(connection, body);
        self.scribe.outbox.clear();
        let sent = match sent {
            Sent::Octets(len) => len,
            Sent::WouldBlock => return Turn::Over,
            Sent::Failed => return Turn::Close,
        };
        let State::Sending(sending) = &mut connection.state else {
            return Turn::Over;
        };
        self.pool.release(&mut sending.outbox, sent);
        sending.body = behind(body, sent.saturating_sub(parked));
        sending.progress = self.tick as u16;
        sending.sent = sending.sent.saturating_add((sent / 256) as u16);
        if sent < parked + body.len() {
            return Turn::Over;
        }
        if let Err(turn) = self.after(connection, then) {
            return turn;
        }
        match self.work_on_parked(connection) {
            // Nothing was read while answers waited, and the kernel does not say so again.
            Turn::Over => Turn::Unfinished,
            turn => turn,
        }
    }

    /// Everything is sent.
    fn after(&mut self, connection: &mut Connection<K::Stream>, then: Then) -> Result<(), Turn> {
        match then {
            Then::Continue => Ok(()),
            Then::Close => Err(Turn::Close),
            Then::Linger => Err(self.linger(connection)),
        }
    }

    #[inline(never)]
    fn linger(&mut self, connection: &mut Connection<K::Stream>) -> Turn {
        if let Some(stream) = &connection.stream {
            self.kernel.finish(stream);
        }
        self.pool.clear(&mut connection.inbox);
        connection.since = self.tick;
        connection.state = State::Lingering { drained: 0 };
        self.drain(connection)
    }

    /// Throws away what the client still sends after the last answer.
    pub(super) fn drain(&mut self, connection: &mut Connection<K::Stream>) -> Turn {
        let (Some(stream), State::Lingering { drained }) =
            (&connection.stream, &mut connection.state)
        else {
            return Turn::Close;
        };
        let place = self.octets.get_mut(..4 * READ_CHUNK).unwrap_or_default();
        while *drained < LINGER_MAX {
            match self.kernel.receive(stream, place) {
                Received::Octets(len) => *drained += len as u32,
                Received::WouldBlock => return Turn::Over,
                Received::EndOfFile | Received::Failed => return Turn::Close,
            }
        }
        Turn::Close
    }

    /// Answers with an error and closes, but lets the client read it.
    pub(super) fn refuse(
        &mut self,
        connection: &mut Connection<K::Stream>,
        refusal: Refusal,
    ) -> Turn {
        let status = Status::of(refusal as u16);
        self.answer_last(connection, Response::Error(status), Then::Linger)
    }

    #[inline(never)]
    fn answer_last(
        &mut self,
        connection: &mut Connection<K::Stream>,
        response: Response<'_>,
        then: Then,
    ) -> Turn {
        self.pool.clear(&mut connection.inbox);
        let is_head = connection.marks.is_head;
        let body = self.scribe.answer_last(response, is_head);
        // Never `Ok`: nothing goes on behind the last answer.
        self.flush(connection, body, then)
            .err()
            .unwrap_or(Turn::Close)
    }

    /// Gives back what a connection has parked.
    pub(super) fn release(&mut self, connection: &mut Connection<K::Stream>) {
        self.pool.clear(&mut connection.inbox);
        if let State::Sending(sending) = &mut connection.state {
            self.pool.clear(&mut sending.outbox);
        }
    }

    /// The client has sent its last octet, and all before it is answered.
    pub(super) fn on_end_of_file(&mut self, connection: &mut Connection<K::Stream>) -> Turn {
        let mut octets = [0; 3];
        let len = self.pool.copy(&connection.inbox, &mut octets);
        let response = match (&connection.state, octets.get(..len)) {
            (State::Open(_), Some([])) => return Turn::Close,
            // An empty request: nothing but the line that may come before one.
            (State::Open(_), Some(b"\r\n")) => Response::Empty(Status::NO_RESPONSE),
            _ => Response::Error(Status::BAD_REQUEST),
        };
        self.answer_last(connection, response, Then::Close)
    }
}

/// What is left of octets when so many are gone.
#[inline(never)]
fn behind(octets: &[u8], gone: usize) -> &[u8] {
    octets.get(gone..).unwrap_or_default()
}
