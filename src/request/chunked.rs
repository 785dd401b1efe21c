//! The chunked transfer coding (RFC 9112 section 7.1), octet by octet.
//!
//! Invariant: the decoder keeps no octet of what it reads. Its state is a few numbers, so that it resumes anywhere.

#[cfg(test)]
mod tests;

use static_assertions::const_assert;

use crate::limits::{CHUNK_EXTENSIONS_MAX, CHUNK_SIZE_DIGITS_MAX, TRAILERS_MAX};
use crate::request::{Refusal, octet};

/// A decoder of one chunked body, at any octet of it.
#[derive(Clone, Copy, Debug)]
pub struct Chunked {
    /// Octets of the current chunk's data that have not come yet; meanwhile its size, digit by digit.
    size: u64,
    /// Octets of all chunk extensions so far; behind the last chunk octets of the trailer section.
    spent: u16,
    /// Digits of the current chunk-size.
    digits: u8,
    state: State,
}

const_assert!(size_of::<Chunked>() <= 16);
const_assert!(CHUNK_SIZE_DIGITS_MAX < u64::BITS / 4);
const_assert!(CHUNK_EXTENSIONS_MAX < u16::MAX as usize);
const_assert!(TRAILERS_MAX < u16::MAX as usize);

/// What the octets given to [`Chunked::step`] are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// All of them are framing, and more is to come.
    More,
    /// Behind `skip` octets of framing come `len` octets of content, at least one; what is behind them is unread.
    Data {
        /// Octets of framing.
        skip: usize,
        /// Octets of content.
        len: usize,
    },
    /// The body ends behind `used` octets of framing.
    Done {
        /// Octets of framing.
        used: usize,
    },
    /// They are no chunked body, or exceed a bound. The decoder is of no use any more.
    Refused(Refusal),
}

/// Where the decoder is. From `ExtensionGap` on the octets that lead to a state are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
enum State {
    /// Octets of this kind do not belong here.
    Refused,
    /// There are too many trailer fields.
    TooLarge,
    Data,
    Done,
    /// Before the first digit of chunk-size.
    Start,
    /// Behind a digit of chunk-size.
    Size,
    /// Before the LF of a chunk's first line.
    SizeLf,
    DataCr,
    DataLf,
    /// Before the LF that ends the body.
    LastLf,
    /// In white space that only another extension may follow.
    ExtensionGap,
    NameStart,
    Name,
    NameGap,
    ValueStart,
    Value,
    Quoted,
    QuotedPair,
    QuotedEnd,
    TrailerName,
    TrailerValue,
    TrailerLf,
    /// At the start of a trailer field line, or of the empty line that ends the body.
    TrailerStart,
}

/// The kinds of octets that the states tell apart.
#[derive(Clone, Copy)]
#[repr(u8)]
enum Kind {
    Blank,
    Cr,
    Lf,
    Semicolon,
    Equals,
    Quote,
    Backslash,
    Colon,
    Token,
    Text,
    Control,
}

impl Chunked {
    /// A decoder before the first octet of a body.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            size: 0,
            spent: 0,
            digits: 0,
            state: State::Start,
        }
    }

    /// Octets of the current chunk's content that have not come yet.
    #[must_use]
    pub const fn pending(&self) -> u64 {
        match self.state {
            State::Data => self.size,
            _ => 0,
        }
    }

    /// Reads on, up to the next content, the end of the body or the end of the octets.
    pub fn step(&mut self, bytes: &[u8]) -> Step {
        for (at, &octet) in bytes.iter().enumerate() {
            if self.state == State::Data {
                let here = bytes.len() - at;
                let len = usize::try_from(self.size).map_or(here, |size| size.min(here));
                self.size -= len as u64;
                if self.size == 0 {
                    self.state = State::DataCr;
                }
                return Step::Data { skip: at, len };
            }
            self.read(octet);
            match self.state {
                State::Done => return Step::Done { used: at + 1 },
                State::Refused => return Step::Refused(Refusal::BadRequest),
                State::TooLarge => return Step::Refused(Refusal::FieldsTooLarge),
                _ => {}
            }
        }
        Step::More
    }

    fn read(&mut self, octet: u8) {
        let row = (self.state as usize).wrapping_sub(State::Start as usize);
        let row = NEXT.get(row);
        let mut next = row.map_or(State::Refused, |row| row[kind(octet)]);
        if matches!(self.state, State::Start | State::Size)
            && let Some(digit) = octet::hex(octet)
        {
            self.size = self.size << 4 | u64::from(digit);
            self.digits += 1;
            next = State::Size;
            if u32::from(self.digits) > CHUNK_SIZE_DIGITS_MAX {
                next = State::Refused;
            }
        }
        if next >= State::ExtensionGap {
            let (bound, beyond) = if next >= State::TrailerName {
                (TRAILERS_MAX, State::TooLarge)
            } else {
                (CHUNK_EXTENSIONS_MAX, State::Refused)
            };
            self.spent += 1;
            if usize::from(self.spent) > bound {
                next = beyond;
            }
        }
        if next == State::Data {
            self.digits = 0;
            if self.size == 0 {
                self.spent = 0;
                next = State::TrailerStart;
            }
        }
        self.state = next;
    }
}

impl Default for Chunked {
    fn default() -> Self {
        Self::new()
    }
}

/// The octets that are kinds of their own, in the order of [`Kind`] behind a blank more.
const SPECIAL: &[u8; 9] = b"\t \r\n;=\"\\:";

fn kind(octet: u8) -> usize {
    match SPECIAL.iter().position(|special| *special == octet) {
        Some(at) => at.saturating_sub(1),
        None if octet::is(octet, octet::TOKEN) => Kind::Token as usize,
        None if octet::is(octet, octet::TEXT) => Kind::Text as usize,
        None => Kind::Control as usize,
    }
}

const KINDS: [Kind; 11] = [
    Kind::Blank,
    Kind::Cr,
    Kind::Lf,
    Kind::Semicolon,
    Kind::Equals,
    Kind::Quote,
    Kind::Backslash,
    Kind::Colon,
    Kind::Token,
    Kind::Text,
    Kind::Control,
];

/// The states in which octets are read.
const STATES: [State; 19] = [
    State::Start,
    State::Size,
    State::SizeLf,
    State::DataCr,
    State::DataLf,
    State::LastLf,
    State::ExtensionGap,
    State::NameStart,
    State::Name,
    State::NameGap,
    State::ValueStart,
    State::Value,
    State::Quoted,
    State::QuotedPair,
    State::QuotedEnd,
    State::TrailerName,
    State::TrailerValue,
    State::TrailerLf,
    State::TrailerStart,
];

/// The state behind an octet of each kind, by state and kind.
static NEXT: [[State; KINDS.len()]; STATES.len()] = {
    let mut table = [[State::Refused; KINDS.len()]; STATES.len()];
    let mut state = 0;
    while state < STATES.len() {
        let mut kind = 0;
        while kind < KINDS.len() {
            table[state][kind] = next(STATES[state], KINDS[kind]);
            kind += 1;
        }
        state += 1;
    }
    table
};

// chunk          = chunk-size [ chunk-ext ] CRLF chunk-data CRLF
// chunk-ext      = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
// chunk-ext-name = token
// chunk-ext-val  = token / quoted-string
// trailer-section = *( field-line CRLF )
const fn next(state: State, kind: Kind) -> State {
    match (state, kind) {
        (State::Size | State::Value | State::QuotedEnd | State::ExtensionGap, Kind::Blank) => {
            State::ExtensionGap
        }
        (
            State::Size
            | State::ExtensionGap
            | State::Name
            | State::NameGap
            | State::Value
            | State::QuotedEnd,
            Kind::Semicolon,
        )
        | (State::NameStart, Kind::Blank) => State::NameStart,
        (State::Size | State::Name | State::Value | State::QuotedEnd, Kind::Cr) => State::SizeLf,
        (State::NameStart | State::Name, Kind::Token) => State::Name,
        (State::Name | State::NameGap, Kind::Blank) => State::NameGap,
        (State::Name | State::NameGap, Kind::Equals) | (State::ValueStart, Kind::Blank) => {
            State::ValueStart
        }
        (State::ValueStart | State::Value, Kind::Token) => State::Value,
        (State::ValueStart, Kind::Quote) => State::Quoted,
        (State::Quoted, Kind::Quote) => State::QuotedEnd,
        (State::Quoted, Kind::Backslash) => State::QuotedPair,
        (State::Quoted | State::QuotedPair, kind) if is_text(kind) => State::Quoted,
        (State::SizeLf, Kind::Lf) => State::Data,
        (State::DataCr, Kind::Cr) => State::DataLf,
        (State::DataLf, Kind::Lf) => State::Start,
        (State::TrailerStart, Kind::Cr) => State::LastLf,
        (State::LastLf, Kind::Lf) => State::Done,
        (State::TrailerStart | State::TrailerName, Kind::Token) => State::TrailerName,
        (State::TrailerName, Kind::Colon) => State::TrailerValue,
        (State::TrailerValue, Kind::Cr) => State::TrailerLf,
        (State::TrailerValue, kind) if is_text(kind) => State::TrailerValue,
        (State::TrailerLf, Kind::Lf) => State::TrailerStart,
        _ => State::Refused,
    }
}

const fn is_text(kind: Kind) -> bool {
    !matches!(kind, Kind::Cr | Kind::Lf | Kind::Control)
}
