//! The fields that decide about framing, connection and choice.

use super::{Refusal, host, octet};

/// A field that the server acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Known {
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
pub(super) const CLOSE: u8 = 1 << 6;

/// Among the bits of [`Seen`]: the option `keep-alive` of a `Connection` field.
pub(super) const KEEP_ALIVE: u8 = 1 << 7;

/// A field of concern by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Name {
    Host,
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
    AcceptEncoding,
}

/// The names in the order of [`Name`], the most frequent first.
const NAMES: &[u8] = &octet::names(
    b" host connection if-none-match if-modified-since content-length range if-range if-match \
if-unmodified-since transfer-encoding expect accept-encoding",
);

impl Name {
    /// Whether the octets are this name.
    pub(super) fn is(self, octets: &[u8]) -> bool {
        octet::which(octets, NAMES) == self as usize
    }
}

/// The number of a name among all that are of concern; of others one that is none.
#[inline(always)]
pub(super) fn index(name: &[u8]) -> usize {
    octet::which(name, NAMES)
}

/// What the names stand for. Accept-Encoding is looked up where a resource has a choice, and means nothing before.
const FIELDS: [Known; 11] = [
    Known::Host,
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

    pub(super) const fn has(self, known: Known) -> bool {
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

    /// Takes note of a field line, whose name has this index.
    #[inline(always)]
    pub(super) fn note(&mut self, index: usize, value: &[u8]) -> Result<(), Refusal> {
        let Some(known) = FIELDS.get(index) else {
            return Ok(());
        };
        // RFC 9112 section 3.2: an invalid Host is answered with 400, and so is a second one.
        let is_bad = index == Name::Host as usize && !host::is_valid(octet::trim(value));
        if is_bad || self.0 & ONCE & *known as u8 != 0 {
            return Err(Refusal::BadRequest);
        }
        self.0 |= *known as u8;
        Ok(())
    }

    /// Takes note of the options of all `Connection` fields, by the bits of [`CLOSE`] and [`KEEP_ALIVE`].
    pub(super) const fn note_options(&mut self, bits: u8) {
        self.0 |= bits & (CLOSE | KEEP_ALIVE);
    }

    /// Whether the connection stays open after a request of this minor version.
    pub(super) const fn is_persistent(self, minor: u8) -> bool {
        let implied = if minor == 0 { 0 } else { KEEP_ALIVE };
        (self.0 | implied) & (CLOSE | KEEP_ALIVE) == KEEP_ALIVE
    }
}
