//! How answers leave: at once where the socket takes them, later where it does not, and the end of a connection.

use super::connection::{Connection, Sending, State, Then, Zerocopy};
use super::desk::{Desk, Lot, Turn, part};
use super::kernel::Kernel;
use super::pool::Chain;
use crate::epoll::Event;
use crate::limits::{LINGER_MAX, READ_CHUNK, ZEROCOPY_MIN};
use crate::request::Refusal;
use crate::response::{Response, Status};
use crate::socket::{Received, Sent};

impl<K: Kernel> Desk<K> {
    /// Sends the outbox and a body behind it. `Ok` where the connection goes on and nothing is left to send.
    #[inline(always)]
    pub(super) fn flush(
        &mut self,
        connection: &mut Connection<K::Stream>,
        body: &'static [u8],
        then: Then,
    ) -> Result<(), Turn> {
        let octets = self.scribe.outbox.octets();
        let all = octets.len() + body.len();
        if all == 0 {
            return self.after(connection, then);
        }
        let sent = match &connection.stream {
            Some(stream) if body.is_empty() => self.kernel.send(stream, octets),
            _ => send_both(&mut self.kernel, connection, octets, body),
        };
        let len = match sent {
            Sent::Octets(len) => len,
            Sent::WouldBlock => 0,
            Sent::Failed => all,
        };
        if len < all {
            return Err(self.keep_rest(connection, len, body, then));
        }
        self.scribe.outbox.clear();
        if sent == Sent::Failed {
            return Err(Turn::Close);
        }
        self.after(connection, then)
    }

    /// The client has sent its last octet, or the kernel has something to say about octets sent without a copy.
    #[inline(never)]
    pub(super) fn on_notice(&mut self, connection: &mut Connection<K::Stream>, event: Event) {
        connection.marks.is_half_closed |= event.half_closed();
        if connection.marks.zerocopy == Zerocopy::On
            && let Some(stream) = &connection.stream
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
        let octets = self.scribe.outbox.octets();
        let mut outbox = Chain::new();
        let is_kept = self.pool.append(&mut outbox, behind(octets, sent));
        connection.since = self.tick;
        connection.state = State::Sending(Sending {
            outbox,
            body: behind(body, sent.saturating_sub(octets.len())),
            sent: 0,
            progress: self.tick as u16,
            then,
        });
        self.scribe.outbox.clear();
        if is_kept { Turn::Over } else { Turn::Close }
    }

    /// An event of a connection that is not being read. What lies on the desk where it may go on.
    #[inline(never)]
    pub(super) fn on_other_event(
        &mut self,
        connection: &mut Connection<K::Stream>,
        event: Event,
    ) -> Result<Lot, Turn> {
        match connection.state {
            State::Sending(_) if event.writable() => self.on_write(connection),
            State::Lingering { .. } if event.readable() => Err(self.drain(connection)),
            _ => Err(Turn::Over),
        }
    }

    /// The socket takes octets again.
    fn on_write(&mut self, connection: &mut Connection<K::Stream>) -> Result<Lot, Turn> {
        let State::Sending(sending) = &connection.state else {
            return Err(Turn::Over);
        };
        let (body, then, before) = (sending.body, sending.then, sending.sent as usize);
        // Nothing else lies on the desk meanwhile.
        let parked = self.pool.copy(&sending.outbox, self.octets.as_mut_slice());
        let octets = behind(part(self.octets, 0, parked as u32), before);
        let body = behind(body, before.saturating_sub(parked));
        let all = octets.len() + body.len();
        let len = match send_both(&mut self.kernel, connection, octets, body) {
            Sent::Octets(len) => len,
            Sent::WouldBlock => return Err(Turn::Over),
            Sent::Failed => return Err(Turn::Close),
        };
        let State::Sending(sending) = &mut connection.state else {
            return Err(Turn::Over);
        };
        sending.sent += len as u32;
        sending.progress = self.tick as u16;
        if len < all {
            return Err(Turn::Over);
        }
        self.pool.clear(&mut sending.outbox);
        self.after(connection, then)?;
        connection.since = self.tick;
        // What came while answers were waiting.
        Ok(Lot {
            whole: 0,
            at: 0,
            end: self.unpark(connection),
        })
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

/// Sends octets and a body behind them, without copying the body where that pays.
#[inline(never)]
fn send_both<K: Kernel>(
    kernel: &mut K,
    connection: &mut Connection<K::Stream>,
    octets: &[u8],
    body: &'static [u8],
) -> Sent {
    let Connection { stream, marks, .. } = connection;
    let Some(stream) = stream else {
        return Sent::Failed;
    };
    // The kernel reads what it does not copy after this returns, and the octets are written to again.
    let is_long = octets.is_empty() && body.len() >= ZEROCOPY_MIN;
    if is_long && marks.zerocopy == Zerocopy::Untried {
        marks.zerocopy = if kernel.enable_zerocopy(stream) {
            Zerocopy::On
        } else {
            Zerocopy::GivenUp
        };
    }
    let zerocopy = is_long && marks.zerocopy == Zerocopy::On;
    kernel.send_both(stream, octets, body, zerocopy)
}

/// What is left of octets when so many are gone.
#[inline(never)]
fn behind(octets: &[u8], gone: usize) -> &[u8] {
    octets.get(gone..).unwrap_or_default()
}
