//! The outbox: responses one behind the other, as they are sent.

use super::message::cut;
use super::{ALLOW, Response, Status, date};
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

/// A response taken apart: a form, and what is put into its blanks.
struct Blanks<'a> {
    form: &'static [u8],
    text: &'a [u8],
    /// First and last position of a part, octets of the whole, octets of the content.
    numbers: [u32; 4],
    /// Content that is copied, and content that is not.
    content: &'a [u8],
    long: &'static [u8],
    status: Status,
    persistence: Persistence,
    /// The content is the status.
    is_error: bool,
}

impl<'a> Blanks<'a> {
    const NONE: Self = Self {
        form: ERROR,
        text: b"",
        numbers: [0; 4],
        content: b"",
        long: b"",
        status: Status::INTERNAL_SERVER_ERROR,
        persistence: Persistence::Implied,
        is_error: false,
    };

    #[inline(never)]
    fn read(&mut self, response: &Response<'a>) {
        let [first_at, last_at, whole, len] = &mut self.numbers;
        match *response {
            Response::Message(message) => {
                self.status = message.status();
                self.text = message.fields();
                self.form = TEXT;
                if message.closes() {
                    self.persistence = Persistence::Implied;
                }
                self.content = message.short_body();
                self.long = message.long_body();
                return;
            }
            Response::Part { of, first, last } => {
                let body = of.body();
                let part = cut(body, first, last.wrapping_add(1));
                self.status = Status::PARTIAL_CONTENT;
                self.text = of.repeated();
                (*first_at, *last_at) = (first as u32, last as u32);
                (*whole, *len) = (body.len() as u32, part.len() as u32);
                self.form = PART;
                if of.long_body().is_empty() {
                    self.content = part;
                } else {
                    self.long = part;
                }
                return;
            }
            Response::Written {
                status,
                content_type,
                content,
            } if content.len() <= CONTENT_MAX && content_type.len() <= 256 => {
                self.status = status;
                self.form = EMPTY;
                if !status.forbids_content() {
                    self.form = WRITTEN;
                    self.text = content_type.as_bytes();
                    self.content = content;
                    *len = content.len() as u32;
                }
                return;
            }
            Response::Error(status) => self.status = status,
            Response::Unsatisfiable { len } => {
                self.status = Status::RANGE_NOT_SATISFIABLE;
                self.form = NO_PART;
                *whole = len as u32;
            }
            // Too long for the outbox.
            Response::Written { .. } => {}
        }
        self.is_error = true;
        *len = (self.status.phrase().len() + "404 \n".len()) as u32;
        self.text = match self.status {
            Status::METHOD_NOT_ALLOWED => ALLOW.as_bytes(),
            Status::SERVICE_UNAVAILABLE => b"Retry-After: 1\r\n",
            _ => b"",
        };
    }
}

// Forms of heads. An octet below 9 is a blank: 0 for code and reason, 1 for the date, 2 for the text, 3 to 6 for the
// numbers, 7 and 8 for the forms that others share.
const HEAD: &[u8] = b"HTTP/1.1 \0\r\nDate: \x01\r\n";
const STATUS: &[u8] = b"\0\n";
const TEXT: &[u8] = b"\x02";
const PART: &[u8] = b"\x02Content-Range: bytes \x03-\x04/\x05\r\n\x07";
const EMPTY: &[u8] = b"Cache-Control: no-cache\r\n";
const WRITTEN: &[u8] = b"Cache-Control: no-cache\r\nContent-Type: \x02\r\n\x07";
// A small plain body that repeats the status, never stored by a cache.
const ERROR: &[u8] = b"\x08\x02\x07";
const NO_PART: &[u8] = b"\x08Content-Range: bytes */\x05\r\n\x07";
const LENGTH: &[u8] = b"Content-Length: \x06\r\n";
const PLAIN: &[u8] = b"Content-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\n";

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
        date::write(unix, &mut self.date);
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

    /// What is not a constant as it is.
    #[inline(never)]
    fn put_other(&mut self, response: &Response<'_>, manner: Manner) -> &'static [u8] {
        let mut blanks = Blanks {
            persistence: manner.persistence,
            ..Blanks::NONE
        };
        blanks.read(response);
        self.fill(HEAD, &blanks);
        self.fill(blanks.form, &blanks);
        self.put(blanks.persistence.field_line());
        self.put(b"\r\n");
        if manner.head_only {
            return b"";
        }
        if blanks.is_error {
            self.fill(STATUS, &blanks);
        }
        self.put(blanks.content);
        blanks.long
    }

    /// Appends a form with its blanks filled in.
    #[inline(never)]
    fn fill(&mut self, form: &[u8], blanks: &Blanks<'_>) {
        for &octet in form {
            match octet {
                0 => {
                    self.put_number(u32::from(blanks.status.code()));
                    self.put_octet(b' ');
                    self.put(blanks.status.phrase());
                }
                1 => {
                    self.put_date(self.len);
                    self.len += date::LEN;
                }
                2 => self.put(blanks.text),
                7 => self.fill(LENGTH, blanks),
                8 => self.fill(PLAIN, blanks),
                3..=6 => {
                    let number = blanks.numbers.get(usize::from(octet - 3));
                    self.put_number(number.copied().unwrap_or_default());
                }
                _ => self.put_octet(octet),
            }
        }
    }

    #[inline(never)]
    fn put_octet(&mut self, octet: u8) {
        if let Some(place) = self.octets.get_mut(self.len) {
            *place = octet;
            self.len += 1;
        }
    }

    #[inline(never)]
    fn put_number(&mut self, number: u32) {
        if number >= 10 {
            self.put_number(number / 10);
        }
        self.put_octet(b'0' + (number % 10) as u8);
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
}

/// Copies octets to a place of their length, sixty-four at a time. `copy_from_slice` would keep its check of the lengths,
/// and with it a way to panic, where the compiler optimises for size.
#[inline(always)]
fn copy(place: &mut [u8], octets: &[u8]) {
    const BLOCK: usize = 64;
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
