//! The fields that decide about framing, connection and choice.

use super::connection::{self, Expectation};
use super::parser::Head;
use super::scan::{BLOCK, Scan};
use super::{Framing, Refusal, framing, host, list, octet};

/// A field that the server acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
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

/// The fields that a request has once.
const ONCE: u16 = Known::Host as u16 | Known::ContentLength as u16;

/// Among the bits of [`Seen`]: the option `close` of a `Connection` field.
const CLOSE: u16 = 1 << 8;

/// The connection options that mean something here (RFC 9110 section 7.6.1).
const OPTIONS: &[u8] = &octet::names(b" close keep-alive");

/// Among the bits of [`Seen`]: the option `keep-alive` of a `Connection` field.
const KEEP_ALIVE: u16 = 1 << 9;

/// A field of concern but Host by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Name {
    Connection,
    AcceptEncoding,
    IfNoneMatch,
    IfModifiedSince,
    ContentLength,
    Range,
    IfRange,
    IfMatch,
    IfUnmodifiedSince,
    TransferEncoding,
    Expect,
}

/// The names in the order of [`Name`], the most frequent first.
const NAMES: &[u8] = &octet::names(
    b" connection accept-encoding if-none-match if-modified-since content-length range if-range \
if-match if-unmodified-since transfer-encoding expect",
);

impl Name {
    /// Whether the octets are this name.
    pub(super) fn is(self, octets: &[u8]) -> bool {
        octet::which(octets, NAMES, octet::ANY_CASE) == self as usize
    }
}

/// What the names stand for.
const FIELDS: [Known; 11] = [
    Known::Connection,
    Known::AcceptEncoding,
    Known::Condition,
    Known::Condition,
    Known::ContentLength,
    Known::Range,
    Known::Range,
    Known::Condition,
    Known::Condition,
    Known::TransferEncoding,
    Known::Expect,
];

/// The names of concern, each as the bit of its key. Of the names that clients send, Accept-Language is the only other
/// one with such a key.
const KEYS: u64 = {
    let names: [&[u8]; 12] = [
        b"host",
        b"connection",
        b"accept-encoding",
        b"if-none-match",
        b"if-modified-since",
        b"content-length",
        b"range",
        b"if-range",
        b"if-match",
        b"if-unmodified-since",
        b"transfer-encoding",
        b"expect",
    ];
    let (mut bits, mut at) = (0, 0);
    while at < names.len() {
        bits |= 1 << key(names[at][0], names[at].len());
        at += 1;
    }
    bits
};

/// Six bits of a name's first letter, in any case, and of its length.
const fn key(initial: u8, len: usize) -> u32 {
    ((initial & 31) as u32 + 13 * len as u32) & 63
}

const HOST: u32 = u32::from_le_bytes(*b"host");

impl Known {
    /// The field by its name, which begins the octets and is `len` of them; `None` for those of no concern.
    #[inline(always)]
    pub(super) fn of(octets: &[u8], len: usize) -> Option<Self> {
        if KEYS >> key(*octets.first()?, len) & 1 == 0 {
            return None;
        }
        let name = octets.get(..len)?;
        if let [a, b, c, d] = name
            && u32::from_le_bytes([*a, *b, *c, *d]) | 0x2020_2020 == HOST
        {
            return Some(Self::Host);
        }
        Self::search(name)
    }

    #[inline(never)]
    fn search(name: &[u8]) -> Option<Self> {
        FIELDS
            .get(octet::which(name, NAMES, octet::ANY_CASE))
            .copied()
    }
}

/// Which fields a request has of those that the server acts on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen(u16);

impl Seen {
    pub(super) const NOTHING: Self = Self(0);

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

    /// Takes note of a field line whose value is the first `len` octets of `behind`.
    #[inline(always)]
    pub(super) fn note<S: Scan>(
        &mut self,
        known: Known,
        behind: &[u8],
        len: usize,
    ) -> Result<(), Refusal> {
        if known as u16 & ONCE != 0 {
            // RFC 9112 section 3.2: a second Host or an invalid one is answered with 400.
            let is_bad = self.has(known) || known == Known::Host && !is_host::<S>(behind, len);
            if is_bad {
                return Err(Refusal::BadRequest);
            }
        } else if known == Known::Connection {
            self.note_options(behind.get(..len).unwrap_or_default());
        }
        self.0 |= known as u16;
        Ok(())
    }

    #[inline(never)]
    fn note_options(&mut self, value: &[u8]) {
        if value == b" keep-alive" {
            self.0 |= KEEP_ALIVE;
            return;
        }
        for option in list::members(value) {
            self.0 |= match octet::which(option, OPTIONS, octet::ANY_CASE) {
                0 => CLOSE,
                1 => KEEP_ALIVE,
                _ => 0,
            };
        }
    }
}

/// Whether the first `len` octets are a valid value of Host. Short names and addresses, with a port of up to four
/// digits behind one space, are known at a glance.
#[inline(always)]
fn is_host<S: Scan>(behind: &[u8], len: usize) -> bool {
    if let Some((b' ', host)) = behind.split_first()
        && let Some(block) = host.first_chunk::<BLOCK>()
        && len <= BLOCK
    {
        let len = len - 1;
        let plain = S::plain_host(block);
        let name = (!plain).trailing_zeros() as usize;
        if name == len && len > 0 {
            return true;
        }
        // What is behind the colon: octets of hosts, of which those of a port are digits.
        let port = (1_u32 << len).wrapping_sub(2 << name);
        if name > 0
            && host.get(name) == Some(&b':')
            && len.wrapping_sub(name + 1) <= 4
            && port & !S::digits(block) == 0
        {
            return true;
        }
    }
    host::is_valid(behind.get(..len).unwrap_or_default().trim_ascii())
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
