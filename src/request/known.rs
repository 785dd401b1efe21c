//! The fields that decide about framing, connection and choice.

use super::connection::{self, Expectation, Options};
use super::parser::Head;
use super::{Framing, Refusal, framing, host};

/// A field that the server acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub(super) enum Known {
    Host = 1,
    ContentLength = 1 << 1,
    TransferEncoding = 1 << 2,
    Expect = 1 << 3,
    AcceptEncoding = 1 << 4,
    Condition = 1 << 5,
    Range = 1 << 6,
    Connection = 1 << 7,
}

/// Among the bits of [`Seen`]: the option `close` of a `Connection` field.
const CLOSE: u16 = 1 << 8;

/// Among the bits of [`Seen`]: the option `keep-alive` of a `Connection` field.
const KEEP_ALIVE: u16 = 1 << 9;

/// The first eight octets of a name as a number, letters in lower case, nought behind its end.
const fn prefix(name: &[u8]) -> u64 {
    let mut octets = [0; 8];
    let mut at = 0;
    while at < name.len() && at < 8 {
        octets[at] = name[at] | 0x20;
        at += 1;
    }
    u64::from_le_bytes(octets)
}

const HOST: u64 = prefix(b"host");
const CONNECTION: u64 = prefix(b"connection");
const CONTENT_LENGTH: u64 = prefix(b"content-length");
const TRANSFER_ENCODING: u64 = prefix(b"transfer-encoding");
const EXPECT: u64 = prefix(b"expect");
const ACCEPT_ENCODING: u64 = prefix(b"accept-encoding");
const IF_MATCH: u64 = prefix(b"if-match");
const IF_NONE_MATCH: u64 = prefix(b"if-none-match");
const IF_MODIFIED_SINCE: u64 = prefix(b"if-modified-since");
const IF_UNMODIFIED_SINCE: u64 = prefix(b"if-unmodified-since");
const IF_RANGE: u64 = prefix(b"if-range");
const RANGE: u64 = prefix(b"range");

impl Known {
    /// The field by its name, which begins the octets and is `len` of them; `None` for those of no concern.
    #[inline]
    pub(super) fn of(octets: &[u8], len: usize) -> Option<Self> {
        let first = match octets.first_chunk::<8>() {
            Some(first) => {
                let behind = u64::MAX.checked_shl(8 * len as u32).unwrap_or(0);
                (u64::from_le_bytes(*first) | 0x2020_2020_2020_2020) & !behind
            }
            None => prefix(octets.get(..len)?),
        };
        let (whole, known): (&[u8], Self) = match first {
            HOST => return Some(Self::Host),
            CONNECTION => (b"connection", Self::Connection),
            CONTENT_LENGTH => (b"content-length", Self::ContentLength),
            TRANSFER_ENCODING => (b"transfer-encoding", Self::TransferEncoding),
            EXPECT => (b"expect", Self::Expect),
            ACCEPT_ENCODING => (b"accept-encoding", Self::AcceptEncoding),
            IF_MATCH => (b"if-match", Self::Condition),
            IF_NONE_MATCH => (b"if-none-match", Self::Condition),
            IF_MODIFIED_SINCE => (b"if-modified-since", Self::Condition),
            IF_UNMODIFIED_SINCE => (b"if-unmodified-since", Self::Condition),
            IF_RANGE => (b"if-range", Self::Range),
            RANGE => (b"range", Self::Range),
            _ => return None,
        };
        octets
            .get(..len)?
            .eq_ignore_ascii_case(whole)
            .then_some(known)
    }
}

/// Which fields a request has of those that the server acts on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen(u16);

impl Seen {
    const fn has(self, known: Known) -> bool {
        self.0 & known as u16 != 0
    }

    /// Whether there is a condition or a range.
    #[must_use]
    pub const fn is_conditional(self) -> bool {
        self.0 & (Known::Condition as u16 | Known::Range as u16) != 0
    }

    /// Whether `Connection` has the option `keep-alive`.
    #[must_use]
    pub const fn asks_to_keep_alive(self) -> bool {
        self.0 & KEEP_ALIVE != 0
    }

    /// Whether nothing but a Host needs to be known to say where the next request begins.
    #[inline]
    pub(super) const fn is_settled(self) -> bool {
        const UNSETTLED: u16 = Known::ContentLength as u16
            | Known::TransferEncoding as u16
            | Known::Expect as u16
            | CLOSE;
        self.0 & (UNSETTLED | Known::Host as u16) == Known::Host as u16
    }

    /// Takes note of a field line.
    #[inline]
    pub(super) fn note(&mut self, known: Known, value: &[u8]) -> Result<(), Refusal> {
        match known {
            Known::Host => {
                // RFC 9112 section 3.2: a second Host or an invalid one is answered with 400.
                if self.has(known) || !host::is_valid(value.trim_ascii()) {
                    return Err(Refusal::BadRequest);
                }
            }
            Known::ContentLength if self.has(known) => return Err(Refusal::BadRequest),
            Known::Connection => self.note_options(value),
            _ => {}
        }
        self.0 |= known as u16;
        Ok(())
    }

    fn note_options(&mut self, value: &[u8]) {
        let mut options = Options::default();
        options.add(value);
        let Options { close, keep_alive } = options;
        self.0 |= u16::from(close) * CLOSE | u16::from(keep_alive) * KEEP_ALIVE;
    }
}

/// Decides about framing and persistence once all field lines are known. RFC 9112 sections 6.3 and 9.3.
#[inline(never)]
pub(super) fn settle(head: &mut Head<'_>) -> Result<(), Refusal> {
    let seen = head.request.seen;
    let is_old = head.request.minor == 0;
    if !seen.has(Known::Host) && !is_old {
        return Err(Refusal::BadRequest);
    }
    head.is_persistent = seen.0 & CLOSE == 0 && (!is_old || seen.asks_to_keep_alive());
    let fields = head.request.fields;
    if seen.has(Known::TransferEncoding) {
        // RFC 9112 section 6.1: with Content-Length, or in HTTP/1.0, it is an attack or a fault.
        if seen.has(Known::ContentLength) || is_old {
            return Err(Refusal::BadRequest);
        }
        framing::transfer_encoding(fields)?;
        head.framing = Framing::Chunked;
    } else if let Some(value) = fields.values("content-length").next() {
        let len = framing::content_length(value).ok_or(Refusal::BadRequest)?;
        head.framing = if len == 0 {
            Framing::None
        } else {
            Framing::Length(len)
        };
    }
    // RFC 9110 section 10.1.1: a request of HTTP/1.0 has no expectations.
    if seen.has(Known::Expect) && !is_old {
        match connection::expectation(fields) {
            Expectation::Nothing => {}
            Expectation::Continue => head.expects = head.framing != Framing::None,
            Expectation::Unknown => return Err(Refusal::ExpectationFailed),
        }
    }
    Ok(())
}
