//! Where content is: in the chunked transfer coding (RFC 9112 section 7.1), octet by octet, or of a length that is known.
//!
//! Invariant: the decoder keeps no octet of what it reads. Its state is a few numbers, so that it resumes anywhere.

#[cfg(test)]
mod tests;

use static_assertions::const_assert;

use crate::limits::{CHUNK_EXTENSIONS_MAX, CHUNK_SIZE_DIGITS_MAX, TRAILERS_MAX};
use crate::request::{Refusal, octet};

/// A decoder of one body, at any octet of it.
#[derive(Clone, Copy, Debug)]
pub struct Chunked {
    /// Octets of the current chunk's data that have not come yet; meanwhile its size, digit by digit.
    size: u64,
    /// Octets that chunk extensions may still have; behind the last chunk those of the trailer section.
    left: u16,
    /// Digits that the current chunk-size may still have.
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
    Data,
    /// In the data of a body that is not chunked.
    Plain,
    /// Octets of this kind do not belong here.
    Refused,
    /// There are too many trailer fields.
    TooLarge,
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

impl Chunked {
    /// A decoder before the first octet of a body.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            size: 0,
            left: CHUNK_EXTENSIONS_MAX as u16,
            digits: CHUNK_SIZE_DIGITS_MAX as u8,
            state: State::Start,
        }
    }

    /// A decoder of a body that is nothing but so many octets of content, at least one.
    #[must_use]
    pub const fn plain(len: u64) -> Self {
        Self {
            size: len,
            state: State::Plain,
            ..Self::new()
        }
    }

    /// Octets of the current chunk's content that have not come yet.
    #[must_use]
    pub const fn pending(&self) -> u64 {
        match self.state {
            State::Data | State::Plain => self.size,
            _ => 0,
        }
    }

    /// Reads on, up to the next content, the end of the body or the end of the octets.
    pub fn step(&mut self, bytes: &[u8]) -> Step {
        if self.state == State::Done {
            return Step::Done { used: 0 };
        }
        for (at, &octet) in bytes.iter().enumerate() {
            if matches!(self.state, State::Data | State::Plain) {
                let here = bytes.len() - at;
                let len = usize::try_from(self.size).map_or(here, |size| size.min(here));
                self.size -= len as u64;
                if self.size == 0 {
                    self.state = match self.state {
                        State::Plain => State::Done,
                        _ => State::DataCr,
                    };
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
        let mut next = next(self.state, octet);
        if next == State::Size {
            self.size = self.size << 4 | u64::from(octet::digit(octet));
            if self.digits == 0 {
                next = State::Refused;
            }
            self.digits = self.digits.wrapping_sub(1);
        }
        if next >= State::ExtensionGap {
            if self.left == 0 {
                next = if next >= State::TrailerName {
                    State::TooLarge
                } else {
                    State::Refused
                };
            }
            self.left = self.left.wrapping_sub(1);
        }
        if next == State::Data {
            self.digits = CHUNK_SIZE_DIGITS_MAX as u8;
            if self.size == 0 {
                self.left = TRAILERS_MAX as u16;
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

/// The octets that lead from one state to another: a single one, a space that stands for HTAB too, or a class that is
/// told by the highest bit.
type Rule = (State, u8, State);

const HEX: u8 = 1 << 7 | octet::HEX;
const TOKEN: u8 = 1 << 7 | octet::TOKEN;
const TEXT: u8 = 1 << 7 | octet::TEXT;

/// Of the rules that apply the first one counts. The most frequent states come first.
// chunk          = chunk-size [ chunk-ext ] CRLF chunk-data CRLF
// chunk-ext      = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
// chunk-ext-name = token
// chunk-ext-val  = token / quoted-string
// trailer-section = *( field-line CRLF )
static RULES: [Rule; 42] = {
    use State::{
        Data, DataCr, DataLf, Done, ExtensionGap, LastLf, Name, NameGap, NameStart, Quoted,
        QuotedEnd, QuotedPair, Size, SizeLf, Start, TrailerLf, TrailerName, TrailerStart,
        TrailerValue, Value, ValueStart,
    };
    [
        (Start, HEX, Size),
        (Size, HEX, Size),
        (Size, b'\r', SizeLf),
        (SizeLf, b'\n', Data),
        (DataCr, b'\r', DataLf),
        (DataLf, b'\n', Start),
        (Size, b';', NameStart),
        (Size, b' ', ExtensionGap),
        (ExtensionGap, b' ', ExtensionGap),
        (ExtensionGap, b';', NameStart),
        (NameStart, b' ', NameStart),
        (NameStart, TOKEN, Name),
        (Name, TOKEN, Name),
        (Name, b'=', ValueStart),
        (Name, b';', NameStart),
        (Name, b' ', NameGap),
        (Name, b'\r', SizeLf),
        (NameGap, b' ', NameGap),
        (NameGap, b'=', ValueStart),
        (NameGap, b';', NameStart),
        (ValueStart, b' ', ValueStart),
        (ValueStart, b'"', Quoted),
        (ValueStart, TOKEN, Value),
        (Value, TOKEN, Value),
        (Value, b';', NameStart),
        (Value, b' ', ExtensionGap),
        (Value, b'\r', SizeLf),
        (Quoted, b'"', QuotedEnd),
        (Quoted, b'\\', QuotedPair),
        (Quoted, TEXT, Quoted),
        (QuotedPair, TEXT, Quoted),
        (QuotedEnd, b';', NameStart),
        (QuotedEnd, b' ', ExtensionGap),
        (QuotedEnd, b'\r', SizeLf),
        (TrailerStart, b'\r', LastLf),
        (LastLf, b'\n', Done),
        (TrailerStart, TOKEN, TrailerName),
        (TrailerName, TOKEN, TrailerName),
        (TrailerName, b':', TrailerValue),
        (TrailerValue, TEXT, TrailerValue),
        (TrailerValue, b'\r', TrailerLf),
        (TrailerLf, b'\n', TrailerStart),
    ]
};

fn next(state: State, octet: u8) -> State {
    let octet = if octet == b'\t' { b' ' } else { octet };
    let rule = RULES.iter().find(|(from, what, _)| {
        let fits = if *what < 1 << 7 {
            octet == *what
        } else {
            octet::is(octet, what & !(1 << 7))
        };
        fits && *from == state
    });
    rule.map_or(State::Refused, |(_, _, to)| *to)
}
