//! The fields that decide about framing, connection and choice.

use super::connection::{self, Expectation, Options};
use super::parser::Head;
use super::scan::{BLOCK, Scan};
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

/// The fields that a request has once.
const ONCE: u16 = Known::Host as u16 | Known::ContentLength as u16;

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

/// The letters that a name of concern begins with, each as the bit of its lowest five.
const INITIALS: u32 = initials(b"hcteair");

/// The lengths of the names of concern, each as a bit.
const LENGTHS: u32 =
    1 << 4 | 1 << 5 | 1 << 6 | 1 << 8 | 1 << 10 | 1 << 13 | 1 << 14 | 1 << 15 | 1 << 17 | 1 << 19;

const fn initials(letters: &[u8]) -> u32 {
    let (mut bits, mut at) = (0, 0);
    while at < letters.len() {
        bits |= 1 << (letters[at] & 31);
        at += 1;
    }
    bits
}

impl Known {
    /// The field by its name, which begins the octets and is `len` of them; `None` for those of no concern.
    #[inline(always)]
    pub(super) fn of(octets: &[u8], len: usize) -> Option<Self> {
        let initial = octets.first()? & 31;
        if INITIALS >> initial & 1 == 0 || LENGTHS.checked_shr(len as u32)? & 1 == 0 {
            return None;
        }
        let first = match octets.first_chunk::<8>() {
            Some(first) => {
                let behind = u64::MAX.checked_shl(8 * len as u32).unwrap_or(0);
                (u64::from_le_bytes(*first) | 0x2020_2020_2020_2020) & !behind
            }
            None => prefix(octets.get(..len)?),
        };
        if first == HOST {
            return Some(Self::Host);
        }
        Self::search(first, octets.get(..len)?)
    }

    #[inline(never)]
    fn search(first: u64, name: &[u8]) -> Option<Self> {
        let (rest, known): (&[u8], Self) = match first {
            CONNECTION => (b"on", Self::Connection),
            ACCEPT_ENCODING => (b"ncoding", Self::AcceptEncoding),
            CONTENT_LENGTH => (b"length", Self::ContentLength),
            TRANSFER_ENCODING => (b"-encoding", Self::TransferEncoding),
            EXPECT => (b"", Self::Expect),
            IF_MATCH => (b"", Self::Condition),
            IF_NONE_MATCH => (b"match", Self::Condition),
            IF_MODIFIED_SINCE => (b"ied-since", Self::Condition),
            IF_UNMODIFIED_SINCE => (b"ified-since", Self::Condition),
            IF_RANGE => (b"", Self::Range),
            RANGE => (b"", Self::Range),
            _ => return None,
        };
        name.get(8..)
            .unwrap_or_default()
            .eq_ignore_ascii_case(rest)
            .then_some(known)
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
        let mut options = Options::default();
        options.add(value);
        let Options { close, keep_alive } = options;
        self.0 |= (u16::from(close) * CLOSE) | (u16::from(keep_alive) * KEEP_ALIVE);
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
