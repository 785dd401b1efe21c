//! The fields that decide about framing, connection and choice.

use super::connection::{self, Expectation};
use super::parser::Head;
use super::{Framing, Refusal, framing, host, list, octet};

/// A field that the server acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Known {
    Host = 1,
    ContentLength = 1 << 1,
    TransferEncoding = 1 << 2,
    Expect = 1 << 3,
    Choice = 1 << 4,
    Connection = 1 << 5,
}

/// The fields that a request has once.
const ONCE: u8 = Known::Host as u8 | Known::ContentLength as u8;

/// Among the bits of [`Seen`]: the option `close` of a `Connection` field.
const CLOSE: u8 = 1 << 6;

/// Among the bits of [`Seen`]: the option `keep-alive` of a `Connection` field.
const KEEP_ALIVE: u8 = 1 << 7;

/// The connection options that mean something here (RFC 9110 section 7.6.1).
const OPTIONS: &[u8] = &octet::names(b" close keep-alive");

/// A field of concern by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Name {
    Connection,
    IfNoneMatch,
    IfModifiedSince,
    ContentLength,
    Range,
    IfRange,
    IfMatch,
    IfUnmodifiedSince,
    TransferEncoding,
    Expect,
    /// Behind that of Host, which nobody asks for by its name.
    AcceptEncoding = 11,
}

/// The names in the order of [`Name`], the most frequent first.
const NAMES: &[u8] = &octet::names(
    b" connection if-none-match if-modified-since content-length range if-range if-match \
if-unmodified-since transfer-encoding expect host accept-encoding",
);

impl Name {
    /// Whether the octets are this name.
    pub(super) fn is(self, octets: &[u8]) -> bool {
        octet::which(octets, NAMES) == self as usize
    }
}

/// What the names stand for. Accept-Encoding is looked up where a resource has a choice, and means nothing before.
const FIELDS: [Known; 11] = [
    Known::Connection,
    Known::Choice,
    Known::Choice,
    Known::ContentLength,
    Known::Choice,
    Known::Choice,
    Known::Choice,
    Known::Choice,
    Known::TransferEncoding,
    Known::Expect,
    Known::Host,
];

/// The keys of the names in [`FIELDS`], each as a bit, and the key of no name at all. Of the names that clients send
/// often no other one has such a key.
const KEYS: u64 = {
    let (mut keys, mut names, mut left) = (1 << key(b':', 0), NAMES, FIELDS.len());
    while left > 0
        && let [len, initial, ..] = names
    {
        keys |= 1 << key(*initial, *len as u32);
        names = names.split_at(*len as usize + 1).1;
        left -= 1;
    }
    keys
};

/// Six bits of a name's first letter, in any case, and of its length.
#[inline(always)]
const fn key(initial: u8, len: u32) -> u32 {
    (initial as u32 * 2 + len * 23) % u64::BITS
}

/// Whether a name that begins so and is so long may be of concern.
#[inline(always)]
pub(super) const fn is_likely(initial: u8, len: u32) -> bool {
    KEYS >> key(initial, len) & 1 != 0
}

/// Which fields a request has of those that the server acts on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen(u8);

impl Seen {
    pub(super) const NOTHING: Self = Self(0);

    const fn has(self, known: Known) -> bool {
        self.0 & known as u8 != 0
    }

    /// Whether there is a condition or a range.
    #[must_use]
    pub const fn is_conditional(self) -> bool {
        self.has(Known::Choice)
    }

    /// Whether `Connection` has the option `keep-alive`.
    #[must_use]
    pub const fn asks_to_keep_alive(self) -> bool {
        self.0 & KEEP_ALIVE != 0
    }

    /// Whether nothing but a Host needs to be known to say where the next request begins.
    #[inline(always)]
    pub(super) const fn is_settled(self) -> bool {
        const UNSETTLED: u8 = Known::ContentLength as u8
            | Known::TransferEncoding as u8
            | Known::Expect as u8
            | CLOSE;
        self.0 & (UNSETTLED | Known::Host as u8) == Known::Host as u8
    }

    /// Takes note of the first field line, which is a valid Host.
    #[inline(always)]
    pub(super) const fn note_host(&mut self) {
        self.0 = Known::Host as u8;
    }

    /// Takes note of a field line whose name has so many octets.
    #[inline(never)]
    pub(super) fn note(&mut self, line: &[u8], name_len: usize) -> Result<(), Refusal> {
        // What nearly every client sends that says anything of the connection.
        if line == b"Connection: keep-alive\r\n" {
            self.0 |= KEEP_ALIVE;
            return Ok(());
        }
        let (name, value) = line.split_at_checked(name_len).unwrap_or_default();
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        if name.is_empty() {
            return Err(Refusal::BadRequest);
        }
        let index = octet::which(name, NAMES);
        let Some(known) = FIELDS.get(index) else {
            return Ok(());
        };
        match known {
            Known::Connection => self.note_options(value),
            // RFC 9112 section 3.2: an invalid Host is answered with 400, and so is a second one.
            Known::Host if !host::is_valid(value) => return Err(Refusal::BadRequest),
            _ if self.0 & ONCE & *known as u8 != 0 => return Err(Refusal::BadRequest),
            _ => {}
        }
        self.0 |= *known as u8;
        Ok(())
    }

    fn note_options(&mut self, value: &[u8]) {
        for option in list::members(value) {
            self.0 |= match octet::which(option, OPTIONS) {
                0 => CLOSE,
                1 => KEEP_ALIVE,
                _ => 0,
            };
        }
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
    let fields = head.request.fields();
    if seen.has(Known::TransferEncoding) {
        // RFC 9112 section 6.1: with Content-Length, or in HTTP/1.0, it is an attack or a fault.
        if seen.has(Known::ContentLength) || is_old {
            return Err(Refusal::BadRequest);
        }
        framing::transfer_encoding(fields)?;
        head.framing = Framing::Chunked;
    } else if let Some(value) = list::sole(fields, Name::ContentLength) {
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

#[cfg(test)]
mod tests {
    use super::{CLOSE, Seen};

    #[test]
    fn options() {
        let table: [(&[&str], bool, bool); 14] = [
            (&[], false, false),
            (&[""], false, false),
            (&["close"], true, false),
            (&["Keep-Alive"], false, true),
            (&["CLOSE, upgrade ,keep-alive"], true, true),
            (&[" ,, close,"], true, false),
            (&["keep-alive", "close"], true, true),
            (&["te\t,\tclose\t"], true, false),
            (&["closed"], false, false),
            (&["clos"], false, false),
            (&["not close"], false, false),
            (&["close;a"], false, false),
            (&["\"close\""], false, false),
            (&["close=1, keep_alive"], false, false),
        ];
        for (values, close, keep_alive) in table {
            let mut seen = Seen::NOTHING;
            for value in values {
                seen.note_options(value.as_bytes());
            }
            let found = (seen.0 & CLOSE != 0, seen.asks_to_keep_alive());
            assert_eq!(found, (close, keep_alive), "{values:?}");
        }
    }
}
