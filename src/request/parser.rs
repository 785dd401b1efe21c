//! The head of a request: request line and field lines.
//!
//! Incomplete is not invalid: a head that has not arrived whole is parsed as far as it goes, and what is
//! wrong in it is refused at once.

use super::known::{Known, Seen};
use super::scan::{BLOCK, Scan, block};
use super::{Fields, Framing, Method, Refusal, Request, host, known, octet};
use crate::limits::{METHOD_MAX, REQUEST_HEAD_MAX, TARGET_MAX};

/// What octets are as the beginning of a request.
#[derive(Debug)]
pub enum Parsed<'a> {
    /// A whole head.
    Head(Head<'a>),
    /// The beginning of a head.
    Incomplete,
    /// Not a request; the connection is closed after the answer.
    Refused(Refusal),
}

/// A whole head.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// The request; its content is empty as yet.
    pub request: Request<'a>,
    /// Octets of the head, with the empty lines around it.
    pub len: usize,
    /// How long the content is.
    pub framing: Framing,
    /// Whether the connection stays open after the response.
    pub is_persistent: bool,
    /// Whether the client waits for a response before it sends the content.
    pub expects: bool,
    /// Whether the path is in normal form as it stands.
    pub is_normal: bool,
}

enum Stop {
    Incomplete,
    Refused(Refusal),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

const BAD: Stop = Stop::Refused(Refusal::BadRequest);

/// Parses the head that `octets` begin with.
#[inline]
#[must_use]
pub fn parse<S: Scan>(octets: &[u8]) -> Parsed<'_> {
    // What is beyond the bound is not looked at, so that the answer does not depend on how much of it has come.
    let octets = octets.get(..REQUEST_HEAD_MAX).unwrap_or(octets);
    match head::<S>(octets) {
        Ok(head) => Parsed::Head(head),
        Err(Stop::Refused(refusal)) => Parsed::Refused(refusal),
        Err(Stop::Incomplete) if octets.len() < REQUEST_HEAD_MAX => Parsed::Incomplete,
        Err(Stop::Incomplete) => Parsed::Refused(Refusal::FieldsTooLarge),
    }
}

#[inline]
fn head<S: Scan>(octets: &[u8]) -> Result<Head<'_>, Stop> {
    // RFC 9112 section 2.2: an empty line before the request line is ignored.
    let start = match octets {
        [b'\r', b'\n', ..] => 2,
        [] | [b'\r'] => return Err(Stop::Incomplete),
        _ => 0,
    };
    let (method, target_start) = method(octets, start)?;
    let target = target::<S>(octets, target_start, method)?;
    let (minor, fields_start) = version(octets, target.end)?;
    let mut seen = Seen::default();
    let mut at = fields_start;
    let end = loop {
        match octets.get(at) {
            Some(b'\r') => match octets.get(at + 1) {
                Some(b'\n') => break at,
                Some(_) => return Err(BAD),
                None => return Err(Stop::Incomplete),
            },
            Some(_) => at = field_line::<S>(octets, at, &mut seen)?,
            None => return Err(Stop::Incomplete),
        }
    };
    let request = Request {
        method,
        method_token: octets.get(start..target_start - 1).unwrap_or_default(),
        target: octets.get(target_start..target.end).unwrap_or_default(),
        path: octets
            .get(target.path_start..target.path_end)
            .unwrap_or_default(),
        fields: Fields::new(octets.get(fields_start..end).unwrap_or_default()),
        seen,
        minor,
        content: &[],
    };
    let mut head = Head {
        request,
        len: end + 2,
        framing: Framing::None,
        is_persistent: minor != 0,
        expects: false,
        is_normal: target.is_normal,
    };
    if !seen.is_settled() || minor == 0 {
        known::settle(&mut head)?;
    }
    Ok(head)
}

/// The method and where the target begins.
#[inline]
fn method(octets: &[u8], start: usize) -> Result<(Method, usize), Stop> {
    match octets.get(start..start + 4) {
        Some(b"GET ") => Ok((Method::Get, start + 4)),
        _ => other_method(octets, start),
    }
}

#[inline(never)]
fn other_method(octets: &[u8], start: usize) -> Result<(Method, usize), Stop> {
    let rest = octets.get(start..).unwrap_or_default();
    let len = rest
        .iter()
        .position(|&other| !octet::is(other, octet::TOKEN));
    match len {
        Some(len) if (1..=METHOD_MAX).contains(&len) && rest.get(len) == Some(&b' ') => Ok((
            Method::of(rest.get(..len).unwrap_or_default()),
            start + len + 1,
        )),
        None if rest.len() <= METHOD_MAX => Err(Stop::Incomplete),
        _ => Err(BAD),
    }
}

/// Where a request-target lies and what it is like.
struct Target {
    path_start: usize,
    path_end: usize,
    end: usize,
    is_normal: bool,
}

#[inline]
fn target<S: Scan>(octets: &[u8], start: usize, method: Method) -> Result<Target, Stop> {
    if let Some(block) = block(octets, start) {
        // Most targets are short and plain: one block tells where they end.
        let end = start + (!S::plain_path(block)).trailing_zeros() as usize;
        if octets.get(start) == Some(&b'/') && octets.get(end) == Some(&b' ') {
            return Ok(Target {
                path_start: start,
                path_end: end,
                end,
                is_normal: true,
            });
        }
    }
    any_target(octets, start, method)
}

#[inline(never)]
fn any_target(octets: &[u8], start: usize, method: Method) -> Result<Target, Stop> {
    let rest = octets.get(start..).unwrap_or_default();
    let bounded = rest.get(..=TARGET_MAX).unwrap_or(rest);
    let Some(len) = bounded
        .iter()
        .position(|&other| !octet::is(other, octet::URI))
    else {
        return Err(if bounded.len() > TARGET_MAX {
            Stop::Refused(Refusal::TargetTooLong)
        } else {
            Stop::Incomplete
        });
    };
    let target = rest.get(..len).unwrap_or_default();
    if rest.get(len) != Some(&b' ') || target.is_empty() {
        return Err(BAD);
    }
    let path_start = match target {
        [b'/', ..] => 0,
        b"*" if method == Method::Options => 0,
        _ if method == Method::Connect => {
            // RFC 9110 section 9.3.6: the port of an authority-form is not optional.
            let has_port = target.last().is_some_and(u8::is_ascii_digit) && target.contains(&b':');
            if !has_port || !host::is_valid(target) {
                return Err(BAD);
            }
            len
        }
        // RFC 9112 section 3.2.2: its authority is used instead of Host; both have to be valid.
        _ => host::path_of(target).ok_or(BAD)?,
    };
    let path = target.get(path_start..).unwrap_or_default();
    let path_len = path
        .iter()
        .position(|&other| other == b'?')
        .unwrap_or(path.len());
    Ok(Target {
        path_start: start + path_start,
        path_end: start + path_start + path_len,
        end: start + len,
        is_normal: false,
    })
}

/// The minor version and where the field lines begin. `HTTP-version = "HTTP/" DIGIT "." DIGIT`
#[inline]
fn version(octets: &[u8], space: usize) -> Result<(u8, usize), Stop> {
    let rest = octets.get(space..).unwrap_or_default();
    match rest.first_chunk::<11>() {
        Some(b" HTTP/1.1\r\n") => Ok((1, space + 11)),
        _ => other_version(rest).map(|minor| (minor, space + 11)),
    }
}

#[inline(never)]
fn other_version(rest: &[u8]) -> Result<u8, Stop> {
    // A nought stands for any digit.
    const PATTERN: &[u8; 11] = b" HTTP/0.0\r\n";
    for (at, pattern) in PATTERN.iter().enumerate() {
        match (rest.get(at), pattern) {
            (None, _) => return Err(Stop::Incomplete),
            (Some(b'0'..=b'9'), b'0') => {}
            (Some(other), pattern) if other == pattern => {}
            _ => return Err(BAD),
        }
    }
    match (rest.get(6), rest.get(8)) {
        // RFC 9110 section 2.5: a higher minor version is processed as the highest one known.
        (Some(b'1'), Some(minor)) => Ok(u8::from(*minor > b'0')),
        _ => Err(Stop::Refused(Refusal::VersionNotSupported)),
    }
}

/// Validates the field line at `at` and returns where the next one begins.
/// `field-line = field-name ":" OWS field-value OWS`
#[inline]
fn field_line<S: Scan>(octets: &[u8], at: usize, seen: &mut Seen) -> Result<usize, Stop> {
    let colon = match block(octets, at) {
        Some(block) => {
            let colons = S::colons(block);
            let before = (colons & colons.wrapping_neg()).wrapping_sub(1);
            // Without a colon `before` is all ones, and no name is that long and plain.
            if colons & 1 == 0 && before & !S::plain_name(block) == 0 {
                at + colons.trailing_zeros() as usize
            } else {
                any_name(octets, at)?
            }
        }
        None => any_name(octets, at)?,
    };
    let end = value_end::<S>(octets, colon + 1)?;
    let line = octets.get(at..end).unwrap_or_default();
    if let Some(known) = Known::of(line, colon - at) {
        let value = octets.get(colon + 1..end).unwrap_or_default();
        seen.note(known, value)?;
    }
    Ok(end + 2)
}

#[inline(never)]
fn any_name(octets: &[u8], at: usize) -> Result<usize, Stop> {
    let rest = octets.get(at..).unwrap_or_default();
    match rest
        .iter()
        .position(|&other| !octet::is(other, octet::TOKEN))
    {
        Some(len) if len > 0 && rest.get(len) == Some(&b':') => Ok(at + len),
        None => Err(Stop::Incomplete),
        _ => Err(BAD),
    }
}

/// Where the CRLF is that ends the value at `at`.
#[inline]
fn value_end<S: Scan>(octets: &[u8], mut at: usize) -> Result<usize, Stop> {
    loop {
        let stops = match block(octets, at) {
            Some(block) => S::value_stops(block),
            None => return short_value_end(octets, at),
        };
        if stops == 0 {
            at += BLOCK;
            continue;
        }
        at += stops.trailing_zeros() as usize;
        if octets.get(at..at + 2) == Some(b"\r\n") {
            return Ok(at);
        }
        if !octets
            .get(at)
            .is_some_and(|&other| octet::is(other, octet::TEXT))
        {
            return short_value_end(octets, at);
        }
        at += 1;
    }
}

/// The same, one octet at a time: for the last octets that have arrived.
#[inline(never)]
fn short_value_end(octets: &[u8], at: usize) -> Result<usize, Stop> {
    let rest = octets.get(at..).unwrap_or_default();
    match rest
        .iter()
        .position(|&other| !octet::is(other, octet::TEXT))
    {
        Some(len) => match rest.get(len..len + 2) {
            Some(b"\r\n") => Ok(at + len),
            None if rest.get(len) == Some(&b'\r') => Err(Stop::Incomplete),
            _ => Err(BAD),
        },
        None => Err(Stop::Incomplete),
    }
}
