//! The path of a request-target in the normal form of RFC 3986 section 6.2.2, which routes are declared in.
//!
//! Invariant: nothing here knows a route. The query is no part of a path and never gets here.

#[cfg(test)]
mod tests;

use heapless::Vec;

use crate::limits::TARGET_MAX;
use crate::request::{Refusal, octet};

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
    let mut rest = path.get(1..).unwrap_or_default();
    let mut octet = b'/';
    // Where the current segment starts, right behind a slash.
    let mut start = 1;
    // Digits of a percent-encoding that are still to come.
    let mut digits = 0;
    loop {
        into.push(octet).map_err(|_| Refusal::TargetTooLong)?;
        while let [] | [b'/', ..] = rest
            && let Some(len) = without_dots(into, start)
        {
            into.truncate(len);
            start = len;
            rest = rest.get(1..).unwrap_or_default();
        }
        let [next, after @ ..] = rest else {
            return Ok(());
        };
        let encoded = rest;
        octet = *next;
        rest = after;
        if octet == b'/' {
            start = into.len() + 1;
        } else if digits > 0 {
            digits -= 1;
            octet = octet.to_ascii_uppercase();
        } else if octet == b'%' {
            let decoded = octet::encoded(encoded).ok_or(Refusal::BadRequest)?;
            if octet::is(decoded, octet::UNRESERVED) {
                octet = decoded;
                rest = after.get(2..).unwrap_or_default();
            } else {
                digits = 2;
            }
        }
    }
}

/// The length of the path without its last segment and the one that this takes back, if it is one of dots.
fn without_dots(path: &[u8], start: usize) -> Option<usize> {
    match path.split_at_checked(start)? {
        (_, b".") => Some(start),
        ([parents @ .., _], b"..") => {
            let slash = parents.iter().rposition(|&octet| octet == b'/');
            Some(slash.map_or(1, |slash| slash + 1))
        }
        _ => None,
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
