//! How answers leave: at once where the socket takes them, later where it does not, and the end of a connection.

use super::connection::{Connection, State, Then};
use super::desk::{Desk, Turn, part};
use super::kernel::{Kernel, Zerocopy};
use crate::epoll::Event;
use crate::limits::{LINGER_MAX, READ_CHUNK};
use crate::request::Refusal;
use crate::response::{Response, Status, cut};
use crate::socket::{Received, Sent};

impl<K: Kernel> Desk<K> {
    /// Sends the outbox and a body behind it. [`Turn::Work`] where the connection goes on and nothing is left to send.
    #[inline(never)]
    pub(super) fn flush(
        &mut self,
        connection: &mut Connection<K::Stream>,
        body: &'static [u8],
    ) -> Turn {
        let octets = self.scribe.outbox.octets();
        let all = octets.len() + body.len();
        if all > 0 {
            let sent = send_both(&mut self.kernel, connection, octets, body);
            if sent != Sent::Octets(all) {
                return self.keep_rest(connection, sent, body);
            }
            self.scribe.outbox.clear();
        }
        self.after(connection)
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

    /// Parks what the socket has not taken all of.
    #[inline(never)]
    pub(super) fn keep_rest(
        &mut self,
        connection: &mut Connection<K::Stream>,
        sent: Sent,
        body: &'static [u8],
    ) -> Turn {
        let octets = self.scribe.outbox.octets();
        let taken = match sent {
            Sent::Octets(len) => len,
            _ => 0,
        };
        let is_kept = self.pool.append(&mut connection.inbox, octets) && sent != Sent::Failed;
        connection.since = self.tick;
        connection.marks.is_used = true;
        connection.state = State::Sending {
            copied: octets.len() as u16,
            body,
            sent: taken as u32,
            progress: self.tick as u16,
        };
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
        match connection.state {
            State::Sending { .. } if event.writable() => self.on_write(connection),
            State::Lingering { .. } if event.readable() => self.drain(connection),
            _ => Turn::Over,
        }
    }

    /// The socket takes octets again.
    fn on_write(&mut self, connection: &mut Connection<K::Stream>) -> Turn {
        // Nothing else lies on the desk meanwhile.
        let parked = self
            .pool
            .copy(&connection.inbox, self.lot.octets.as_mut_slice());
        let State::Sending {
            copied, body, sent, ..
        } = &connection.state
        else {
            return Turn::Over;
        };
        let (copied, before) = (u32::from(*copied), *sent);
        let octets = part(self.lot.octets, before.min(copied), copied);
        let body = behind(body, before.saturating_sub(copied) as usize);
        let all = octets.len() + body.len();
        let len = match send_both(&mut self.kernel, connection, octets, body) {
            Sent::Octets(len) => len,
            Sent::WouldBlock => return Turn::Over,
            Sent::Failed => return Turn::Close,
        };
        if let State::Sending { sent, progress, .. } = &mut connection.state {
            *sent += len as u32;
            *progress = self.tick as u16;
        }
        if len < all {
            return Turn::Over;
        }
        connection.since = self.tick;
        self.pool.clear(&mut connection.inbox);
        // What came while answers were waiting.
        self.lot.at = copied;
        self.lot.end = parked as u32;
        self.after(connection)
    }

    /// Everything is sent.
    fn after(&mut self, connection: &mut Connection<K::Stream>) -> Turn {
        match connection.marks.then {
            Then::Continue => Turn::Work,
            Then::Close => Turn::Close,
            Then::Linger => self.linger(connection),
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
        let place = self
            .lot
            .octets
            .get_mut(..4 * READ_CHUNK)
            .unwrap_or_default();
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
        let status = Status::of_octets(refusal.octets());
        connection.marks.then = Then::Linger;
        self.answer_last(connection, Response::Error(status))
    }

    #[inline(never)]
    fn answer_last(
        &mut self,
        connection: &mut Connection<K::Stream>,
        response: Response<'_>,
    ) -> Turn {
        self.pool.clear(&mut connection.inbox);
        let is_head = connection.marks.is_head;
        let body = self.scribe.answer_last(response, is_head);
        self.flush(connection, body)
    }

    /// Gives back what a connection has parked.
    pub(super) fn release(&mut self, connection: &mut Connection<K::Stream>) {
        self.pool.clear(&mut connection.inbox);
    }

    /// The client has sent its last octet, and all before it is answered.
    pub(super) fn on_end_of_file(&mut self, connection: &mut Connection<K::Stream>) -> Turn {
        let mut octets = [0; 3];
        let len = self.pool.copy(&connection.inbox, &mut octets);
        let response = match (&connection.state, octets.get(..len)) {
            (State::Open(_), Some([])) => return Turn::Close,
            // RFC 9112 section 2.2: some clients end a request with an empty line too many.
            (State::Open(_), Some(b"\r\n")) if connection.marks.is_used => return Turn::Close,
            // An empty request: nothing but the line that may come before one.
            (State::Open(_), Some(b"\r\n")) => Response::Empty(Status::NO_RESPONSE),
            _ => Response::Error(Status::BAD_REQUEST),
        };
        connection.marks.then = Then::Close;
        self.answer_last(connection, response)
    }
}

/// Sends octets and a body behind them.
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
    if body.is_empty() {
        // One piece is sent by a call that looks at less.
        return kernel.send(stream, octets);
    }
    kernel.send_both(stream, octets, body, &mut marks.zerocopy)
}

/// What is left of octets when so many are gone.
#[inline(always)]
fn behind(octets: &[u8], gone: usize) -> &[u8] {
    cut(octets, gone, octets.len())
}
