//! The outbox: responses one behind the other, as they are sent.

use super::{ALLOW, Message, Response, Status, date, decimal};
use crate::limits::{CONTENT_MAX, OUTBOX_LEN, RESPONSE_COPY_MAX};

/// What a response says of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persistence {
    /// Nothing: it stays open, as HTTP/1.1 implies.
    Implied,
    /// `Connection: keep-alive`, for a client of HTTP/1.0 that asked for it.
    KeepAlive,
    /// `Connection: close`.
    Close,
}

impl Persistence {
    const fn field_line(self) -> &'static [u8] {
        match self {
            Self::Implied => b"",
            Self::KeepAlive => b"Connection: keep-alive\r\n",
            Self::Close => b"Connection: close\r\n",
        }
    }
}

/// The memory of an outbox.
pub type Octets = [u8; OUTBOX_LEN];

/// Octets that are sent together, and the date that is put into heads.
#[derive(Debug)]
pub struct Outbox {
    octets: &'static mut Octets,
    len: usize,
    date: [u8; date::LEN],
}

/// How a response is sent to this request.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// Only the head, as HEAD asks.
    pub head_only: bool,
    /// What is said of the connection.
    pub persistence: Persistence,
}

impl Outbox {
    /// An outbox in this memory.
    #[must_use]
    pub const fn new(octets: &'static mut Octets) -> Self {
        Self {
            octets,
            len: 0,
            date: *super::DATE_PLACEHOLDER,
        }
    }

    /// Sets the date of the heads to come, in seconds since 1970.
    pub fn set_date(&mut self, unix: u64) {
        self.date = date::format(unix);
    }

    /// What is to be sent.
    #[inline]
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        self.octets.get(..self.len).unwrap_or_default()
    }

    /// Whether the longest response would not fit any more.
    #[inline]
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.len + RESPONSE_COPY_MAX > OUTBOX_LEN
    }

    /// Empties it.
    #[inline]
    pub fn clear(&mut self) {
        self.len = 0;
    }

    /// The place for octets that were parked: all of the outbox.
    pub fn refill(&mut self, fill: impl FnOnce(&mut [u8]) -> usize) {
        self.len = fill(self.octets);
    }

    /// Appends an interim response.
    pub fn put_continue(&mut self) {
        self.put(b"HTTP/1.1 100 Continue\r\n\r\n");
    }

    /// Appends a response, but for a long body, which is returned and has to be sent behind.
    #[inline]
    pub fn put_response(&mut self, response: &Response<'_>, manner: Manner) -> &'static [u8] {
        if let Response::Message(message) = *response
            && manner.persistence == Persistence::Implied
            && !manner.head_only
        {
            let at = self.len + message.date_at();
            self.copy(message.octets());
            self.put_date(at);
            return message.long_body();
        }
        self.put_other(response, manner)
    }

    #[inline(never)]
    fn put_other(&mut self, response: &Response<'_>, manner: Manner) -> &'static [u8] {
        match *response {
            Response::Message(message) => self.put_message(message, manner),
            Response::Part { of, first, last } => self.put_part(of, first, last, manner),
            Response::Error(status) => self.put_error(status, None, manner),
            Response::Unsatisfiable { len } => {
                self.put_error(Status::RANGE_NOT_SATISFIABLE, Some(len), manner)
            }
            Response::Written {
                status,
                content_type,
                content,
            } => self.put_written(status, content_type, content, manner),
        }
    }

    /// Fails only where a response exceeds `RESPONSE_COPY_MAX`, which the builders exclude.
    #[inline(never)]
    fn put(&mut self, octets: &[u8]) {
        self.copy(octets);
    }

    #[inline(always)]
    fn copy(&mut self, octets: &[u8]) {
        if let Some(place) = self
            .octets
            .get_mut(self.len..)
            .and_then(|rest| rest.get_mut(..octets.len()))
        {
            copy(place, octets);
            self.len += octets.len();
        }
    }

    #[inline]
    fn put_date(&mut self, at: usize) {
        if let Some(place) = self
            .octets
            .get_mut(at..)
            .and_then(<[u8]>::first_chunk_mut::<{ date::LEN }>)
        {
            *place = self.date;
        }
    }

    fn put_message(&mut self, message: &'static Message, manner: Manner) -> &'static [u8] {
        let at = self.len + message.date_at();
        let head = message.head();
        self.put(head.strip_suffix(b"\r\n").unwrap_or(head));
        self.put_date(at);
        if !message.closes() {
            self.put(manner.persistence.field_line());
        }
        self.put(b"\r\n");
        self.put_body(message.body(), message.long_body(), manner)
    }

    /// A short body is copied; one that is long is left to the caller.
    fn put_body(
        &mut self,
        body: &'static [u8],
        long: &'static [u8],
        manner: Manner,
    ) -> &'static [u8] {
        if manner.head_only {
            return &[];
        }
        if long.is_empty() {
            self.put(body);
            return &[];
        }
        body
    }

    fn put_status(&mut self, status: Status) {
        self.put(b"HTTP/1.1 ");
        let line = status.line();
        self.put(line.octets().strip_suffix(b"\n").unwrap_or_default());
        self.put(b"\r\nDate: ");
        let date = self.date;
        self.put(&date);
        self.put(b"\r\n");
    }

    /// An error: a small plain body that repeats the status, never stored by a cache.
    fn put_error(
        &mut self,
        status: Status,
        unsatisfiable: Option<usize>,
        manner: Manner,
    ) -> &'static [u8] {
        self.put_status(status);
        self.put(b"Content-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\n");
        match status {
            Status::METHOD_NOT_ALLOWED => self.put(ALLOW.as_bytes()),
            Status::SERVICE_UNAVAILABLE => self.put(b"Retry-After: 1\r\n"),
            _ => {}
        }
        if let Some(len) = unsatisfiable {
            self.put(b"Content-Range: bytes */");
            self.put_number(len);
            self.put(b"\r\n");
        }
        let line = status.line();
        self.put_length(line.octets().len(), manner);
        if !manner.head_only {
            self.put(line.octets());
        }
        &[]
    }

    fn put_number(&mut self, number: usize) {
        self.put(decimal(number as u64, &mut [0; 20]));
    }

    /// The end of a head whose length is known only now.
    fn put_length(&mut self, len: usize, manner: Manner) {
        self.put(b"Content-Length: ");
        self.put_number(len);
        self.put(b"\r\n");
        self.put(manner.persistence.field_line());
        self.put(b"\r\n");
    }

    fn put_part(
        &mut self,
        of: &'static Message,
        first: usize,
        last: usize,
        manner: Manner,
    ) -> &'static [u8] {
        let body = of.body();
        let part = body.get(first..=last).unwrap_or(&[]);
        self.put_status(Status::PARTIAL_CONTENT);
        self.put(of.repeated());
        self.put(b"Content-Range: bytes ");
        self.put_number(first);
        self.put(b"-");
        self.put_number(last);
        self.put(b"/");
        self.put_number(body.len());
        self.put(b"\r\n");
        self.put_length(part.len(), manner);
        self.put_body(part, of.long_body(), manner)
    }

    fn put_written(
        &mut self,
        status: Status,
        content_type: &'static str,
        content: &[u8],
        manner: Manner,
    ) -> &'static [u8] {
        if content.len() > CONTENT_MAX || content_type.len() > 256 {
            return self.put_error(Status::INTERNAL_SERVER_ERROR, None, manner);
        }
        self.put_status(status);
        self.put(b"Cache-Control: no-cache\r\n");
        if status.forbids_content() {
            self.put(manner.persistence.field_line());
            self.put(b"\r\n");
            return &[];
        }
        self.put(b"Content-Type: ");
        self.put(content_type.as_bytes());
        self.put(b"\r\n");
        self.put_length(content.len(), manner);
        if !manner.head_only {
            self.put(content);
        }
        &[]
    }
}

/// Copies octets to a place of their length, sixteen at a time. `copy_from_slice` would keep its check of the lengths,
/// and with it a way to panic, where the compiler optimises for size.
#[inline(always)]
fn copy(place: &mut [u8], octets: &[u8]) {
    const BLOCK: usize = 16;
    let (Some(last), true) = (octets.last_chunk::<BLOCK>(), place.len() == octets.len()) else {
        for (place, octet) in place.iter_mut().zip(octets) {
            *place = *octet;
        }
        return;
    };
    let (blocks, _) = octets.as_chunks::<BLOCK>();
    let (places, _) = place.as_chunks_mut::<BLOCK>();
    for (place, block) in places.iter_mut().zip(blocks) {
        *place = *block;
    }
    // Overlaps the last whole block.
    if let Some(place) = place.last_chunk_mut::<BLOCK>() {
        *place = *last;
    }
}
