//! The outbox: responses one behind the other, as they are sent.

use super::message::DATE_LINE;
use super::slices::{cut, paste};
use super::{ALLOW, Message, Response, Status, Wording, date};
use crate::limits::{OUTBOX_LEN, RESPONSE_COPY_MAX};

/// What a response says of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persistence {
    /// Nothing: it stays open, as HTTP/1.1 implies.
    Implied = ENDS.len().cast_signed() - 4,
    /// `Connection: keep-alive`, for a client of HTTP/1.0 that asked for it.
    KeepAlive = CLOSE_LEN.cast_signed(),
    /// `Connection: close`.
    Close = 0,
}

/// How a response is sent to this request.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// Only the head, as HEAD asks.
    pub head_only: bool,
    /// What is said of the connection.
    pub persistence: Persistence,
}

/// The memory of an outbox.
pub type Octets = [u8; OUTBOX_LEN];

/// Octets that are sent together, and the date that is put into heads.
#[derive(Debug)]
pub struct Outbox {
    octets: &'static mut Octets,
    len: usize,
    /// Up to there lies, once or several times, what [`Outbox::put_again`] was given last, with the present date. It still does
    /// when the outbox has been emptied.
    copies_end: usize,
    date: [u8; date::LEN],
    manner: Manner,
    about: &'static Message,
}

impl Outbox {
    /// An outbox in this memory; its date has to be set before there are heads.
    #[must_use]
    pub const fn new(octets: &'static mut Octets) -> Self {
        Self {
            octets,
            len: 0,
            copies_end: 0,
            date: [0; date::LEN],
            manner: Manner {
                head_only: false,
                persistence: Persistence::Implied,
            },
            about: &Message::NONE,
        }
    }

    /// Sets the date of the heads to come, in seconds since 1970.
    pub fn set_date(&mut self, unix: u64) {
        date::write(unix, &mut self.date);
        self.copies_end = 0;
    }

    /// What is to be sent.
    #[inline]
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        cut(self.octets, 0, self.len)
    }

    /// The same where there is anything.
    #[inline]
    #[must_use]
    pub fn pending(&self) -> Option<&[u8]> {
        self.octets
            .get(..self.len)
            .filter(|octets| !octets.is_empty())
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

    /// Appends an interim response.
    pub fn put_continue(&mut self) {
        self.put(b"HTTP/1.1 100 Continue\r\n\r\n");
    }

    /// Appends a constant as it is, but for a long body, which is returned and has to be sent behind.
    #[inline(never)]
    pub fn put_message(&mut self, message: &'static Message) -> &'static [u8] {
        let date_at = self.len + usize::from(message.date_at);
        self.put(message.octets);
        self.put_date(date_at);
        message.long_body
    }

    /// The same for a message that is the last one that was appended so, or by [`Outbox::put_message`] since then. Where it still
    /// lies in its place from an earlier time, nothing is copied.
    #[inline(always)]
    pub fn put_again(&mut self, message: &'static Message) -> &'static [u8] {
        let (start, end) = (self.len, self.len + message.octets.len());
        if end > self.copies_end {
            let goes_on = start == self.copies_end;
            self.put_message(message);
            if goes_on {
                self.copies_end = end;
            }
        }
        self.len = end;
        message.long_body
    }

    /// Says how the responses to come are sent.
    #[inline]
    pub fn set_manner(&mut self, manner: Manner) {
        self.manner = manner;
    }

    /// Says what the response to come is about, whose lines it repeats, even where a page of the program's own takes its place.
    #[inline]
    pub fn set_about(&mut self, response: &Response<'_>) {
        self.about = match response {
            Response::Options(of) | Response::Refused(of, _) => of,
            _ => &Message::NONE,
        };
    }

    /// Appends any response, but for a long body, which is returned and has to be sent behind.
    #[inline(never)]
    pub fn put_response(&mut self, response: &Response<'_>, wording: &Wording) -> &'static [u8] {
        match response {
            Response::Message(message) => {
                self.put_message(message);
                let content = message.short_body();
                // Takes back what is behind the field lines.
                self.len -= content.len() + "\r\n\r\n".len();
                return if self.end() {
                    self.put(content);
                    message.long_body
                } else {
                    b""
                };
            }
            Response::NotModified(message) => self.begin(b"304 Not Modified", message.kept()),
            Response::Part { of, first, last } => {
                self.begin(b"206 Partial Content", of.repeated());
                let body = of.body();
                let part = cut(body, *first, last.wrapping_add(1));
                self.put_number(b"\r\nContent-Range: bytes ", *first);
                self.put_number(b"-", *last);
                self.put_number(b"/", body.len());
                self.put_length(part.len());
                return if self.end() { part } else { b"" };
            }
            Response::Options(_) => self.begin(b"204 No Content", ALLOW.as_bytes()),
            Response::Empty(status) => {
                self.begin(wording.line(status).0, b"\r\nContent-Length: 0");
            }
            Response::Error(status) | Response::Refused(_, status) => {
                let (content, len) = wording.line(status);
                self.begin(content, PLAIN);
                self.put(if status.is(Status::METHOD_NOT_ALLOWED) {
                    ALLOW.as_bytes()
                } else if status.is(Status::SERVICE_UNAVAILABLE) {
                    b"\r\nRetry-After: 1"
                } else {
                    b""
                });
                if let Response::Refused(of, _) = response
                    && status.is(Status::RANGE_NOT_SATISFIABLE)
                {
                    self.put_number(b"\r\nContent-Range: bytes */", of.body().len());
                }
                self.put(CONTENT_LENGTH);
                self.put(len);
                if self.end() {
                    self.put(content);
                    self.put(b"\n");
                }
                return b"";
            }
            Response::Written { .. } => {
                (wording.put_written)(self, response);
                return b"";
            }
        }
        self.end();
        b""
    }

    /// Appends the beginning of a head, of which the line is code and reason. Here and behind it every line has its CRLF
    /// before it.
    #[inline(never)]
    pub(super) fn begin(&mut self, line: &[u8], fields: &[u8]) {
        self.put(b"HTTP/1.1 ");
        self.put(line);
        let date_at = self.len + "\r\nDate: ".len();
        self.put(DATE_LINE);
        self.put_date(date_at);
        self.put(fields);
    }

    /// Puts the date where another one is.
    #[inline(never)]
    fn put_date(&mut self, at: usize) {
        if let Some((_, behind)) = self.octets.split_at_mut_checked(at)
            && let Some(date) = behind.first_chunk_mut()
        {
            *date = self.date;
        }
    }

    /// Appends the end of a head; whether content has to follow.
    #[inline(never)]
    pub(super) fn end(&mut self) -> bool {
        let start = self.manner.persistence as usize;
        let end = if start == 0 { CLOSE_LEN } else { ENDS.len() };
        self.put(self.about.vary());
        self.put(cut(ENDS, start, end));
        !self.manner.head_only
    }

    /// Appends `Content-Length`.
    #[inline(never)]
    pub(super) fn put_length(&mut self, len: usize) {
        self.put_number(CONTENT_LENGTH, len);
    }

    /// Appends octets and behind them a number.
    #[inline(never)]
    fn put_number(&mut self, before: &[u8], number: usize) {
        let tens = number / 10;
        let last = [b'0' + (number % 10) as u8];
        if tens == 0 {
            self.put(before);
        } else {
            self.put_number(before, tens);
        }
        self.put(&last);
    }

    /// Fails only where a response exceeds `RESPONSE_COPY_MAX`, which the builders exclude.
    #[inline(never)]
    pub(super) fn put(&mut self, octets: &[u8]) {
        self.copies_end = 0;
        self.len = paste(self.octets, self.len, octets);
    }
}

/// What a head may end with; where each begins, is its [`Persistence`].
const ENDS: &[u8] = b"\r\nConnection: close\r\n\r\n\r\nConnection: keep-alive\r\n\r\n";
const CLOSE_LEN: usize = "\r\nConnection: close\r\n\r\n".len();

const CONTENT_LENGTH: &[u8] = b"\r\nContent-Length: ";

/// An error has a small plain body that repeats the status, never stored by a cache.
const PLAIN: &[u8] = b"\r\nContent-Type: text/plain; charset=utf-8\r\nCache-Control: no-store";

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::{Message, Outbox, Response, Status, Wording};

    /// A function's own 416 is about nothing that is known here, so that no length is claimed.
    #[test]
    fn length_of_the_whole_is_a_resource_s() {
        let mut outbox = Outbox::new(crate::sys::memory::zeroed().unwrap());
        let status = Status::RANGE_NOT_SATISFIABLE;
        for (response, is_said) in [
            (Response::Error(status), false),
            (Response::Refused(&Message::NONE, status), true),
        ] {
            outbox.clear();
            outbox.put_response(&response, &Wording::OWN);
            let line = b"\r\nContent-Range: bytes */0\r\n";
            let is_there = outbox.octets().windows(line.len()).any(|it| it == line);
            assert_eq!(is_there, is_said);
        }
    }

    /// Whatever is appended in between, what is appended again is what it would be the first time.
    #[test]
    fn again_is_the_same() {
        const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n";
        static MESSAGES: [Message; 2] = [
            Message::new(Status::OK, HEAD, HEAD.len(), b""),
            Message::new(
                Status::OK,
                b"HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\nx",
                HEAD.len(),
                b"",
            ),
        ];
        let [mut one, mut other] =
            [(); 2].map(|()| Outbox::new(crate::sys::memory::zeroed().unwrap()));
        let (mut last, mut number) = (0, 1_u32);
        for _ in 0..100_000 {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let kind = number >> 24;
            if kind < 32 {
                last = kind as usize & 1;
            }
            for (at, outbox) in [&mut one, &mut other].into_iter().enumerate() {
                match kind {
                    32..40 => outbox.put_continue(),
                    40..48 => {
                        outbox.put_response(&Response::Message(&MESSAGES[last]), &Wording::OWN);
                    }
                    48..50 => outbox.set_date(number.into()),
                    50..100 => outbox.clear(),
                    100.. if at == 0 => {
                        outbox.put_again(&MESSAGES[last]);
                    }
                    _ => {
                        outbox.put_message(&MESSAGES[last]);
                    }
                }
                if outbox.is_full() {
                    outbox.clear();
                }
            }
            assert_eq!(one.octets(), other.octets());
        }
    }

    #[test]
    fn numbers() {
        let mut outbox = Outbox::new(crate::sys::memory::zeroed().unwrap());
        let powers = (0..19).map(|power| 10_usize.pow(power));
        for number in powers.flat_map(|power| [power - 1, power, power + 1, usize::MAX - power]) {
            outbox.clear();
            outbox.put_number(b"", number);
            assert_eq!(outbox.octets(), number.to_string().as_bytes());
        }
    }
}
