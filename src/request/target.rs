//! The path of a request-target in the normal form of RFC 3986 section 6.2.2, which routes are declared in.
//!
//! Invariant: nothing here knows a route. The query is no part of a path and never gets here.

#[cfg(test)]
mod tests;

use heapless::Vec;

use crate::limits::TARGET_MAX;
use crate::request::{Refusal, octet};

/// The bits of one dot and of two.
const DOT_SEGMENT: u32 = 0b110;

/// Writes the normal form of a path: percent-encodings of unreserved octets are decoded, all others have upper-case
/// digits, and dot segments are resolved, however they were written, without ever leaving the root.
///
/// The path begins with a slash or is empty, which is the root too. An encoded slash stays encoded, so that it parts no
/// segments. Octets other than `%` are taken as they are.
///
/// # Errors
///
/// A percent sign without two hexadecimal digits behind it is refused, and so is what is longer than `TARGET_MAX`.
pub fn normalise(path: &[u8], into: &mut Vec<u8, TARGET_MAX>) -> Result<(), Refusal> {
    into.clear();
    let mut rest = path.get(1..).unwrap_or_default().iter();
    let mut octet = b'/';
    // Digits of a percent-encoding that are still to come.
    let mut digits: u32 = 0;
    // A bit for the dots that the current segment is made of, the lowest for none; nought where there is more to it.
    let mut dots: u32 = 0;
    loop {
        if into.push(octet).is_err() {
            return Err(Refusal::TargetTooLong);
        }
        dots = match octet {
            b'/' => 1,
            b'.' => dots << 1,
            _ => 0,
        };
        octet = match rest.next() {
            Some(octet) => *octet,
            None if dots & DOT_SEGMENT == 0 => return Ok(()),
            None => b'/',
        };
        if octet == b'/' {
            // Segments of dots go with their slash, those of two with the segment before them.
            while dots & DOT_SEGMENT != 0 {
                dots >>= 1;
                while !matches!(into.pop(), Some(b'/') | None) {}
            }
        } else if digits > 0 {
            digits -= 1;
            // Letters have bit 6, and those in lower case bit 5.
            octet &= !(octet >> 1 & 32);
        } else if octet == b'%' {
            let Some(decoded) = octet::encoded(rest.as_slice()) else {
                return Err(Refusal::BadRequest);
            };
            digits = 2;
            if octet::is(decoded, octet::UNRESERVED) {
                digits = 0;
                octet = decoded;
                rest.nth(1);
            }
        }
    }
}

/// The rule of the normal form that a path breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It does not begin with a slash.
    Relative,
    /// It has an octet that no path may have: a space, a query, a fragment, an octet beyond US-ASCII.
    Octet,
    /// A percent sign has no two upper-case hexadecimal digits behind it.
    Encoding,
    /// An octet is percent-encoded that must not be, since it is unreserved.
    Unreserved,
    /// A segment is `.` or `..`.
    DotSegment,
}

impl Flaw {
    /// What is wrong, for the message of a failed build.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Relative => "does not begin with /",
            Self::Octet => "has an octet that does not belong into a path",
            Self::Encoding => "has a % without two upper-case hexadecimal digits",
            Self::Unreserved => "percent-encodes a letter, a digit, or one of - . _ ~",
            Self::DotSegment => "has a segment . or ..",
        }
    }
}

/// Whether [`normalise`] leaves the path as it is, and which rule it breaks otherwise.
///
/// # Errors
///
/// The first flaw from the left.
pub const fn is_normal(path: &[u8]) -> Result<(), Flaw> {
    let [b'/', ..] = path else {
        return Err(Flaw::Relative);
    };
    let mut rest = path;
    loop {
        rest = match rest {
            [] => return Ok(()),
            [b'/', b'.']
            | [b'/', b'.', b'/', ..]
            | [b'/', b'.', b'.']
            | [b'/', b'.', b'.', b'/', ..] => {
                return Err(Flaw::DotSegment);
            }
            [b'%', high, low, after @ ..]
                if !high.is_ascii_lowercase() && !low.is_ascii_lowercase() =>
            {
                let (Some(high), Some(low)) = (octet::hex(*high), octet::hex(*low)) else {
                    return Err(Flaw::Encoding);
                };
                if octet::is(high << 4 | low, octet::UNRESERVED) {
                    return Err(Flaw::Unreserved);
                }
                after
            }
            [b'%', ..] => return Err(Flaw::Encoding),
            [octet, after @ ..] if *octet == b'/' || octet::is(*octet, octet::SEGMENT) => after,
            _ => return Err(Flaw::Octet),
        }
    }
}
