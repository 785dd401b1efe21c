//! The head of a request: request line and field lines.
//!
//! Incomplete is not invalid: a head that has not arrived whole is parsed as far as it goes, and what is
//! wrong in it is refused at once.

use super::known::{Known, Seen};
use super::scan::{BLOCK, Scan};
use super::{Framing, Method, Refusal, Request, host, known, octet};
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

impl<'a> Head<'a> {
    /// Before anything is parsed of these octets.
    #[inline(always)]
    pub(crate) const fn new(octets: &'a [u8]) -> Self {
        Self {
            request: Request::new(octets),
            len: 0,
            framing: Framing::None,
            is_persistent: true,
            expects: false,
            is_normal: true,
        }
    }
}

/// Why there is no head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// It has not arrived whole.
    Incomplete,
    /// It never will.
    Refused(Refusal),
}

impl From<Refusal> for Stop {
    #[inline]
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

const BAD: Stop = Stop::Refused(Refusal::BadRequest);

/// Parses the head that `octets` begin with.
#[must_use]
pub fn parse<S: Scan>(octets: &[u8]) -> Parsed<'_> {
    let mut head = Head::new(octets);
    match parse_into::<S>(octets, &mut head) {
        Ok(()) => Parsed::Head(head),
        Err(Stop::Incomplete) => Parsed::Incomplete,
        Err(Stop::Refused(refusal)) => Parsed::Refused(refusal),
    }
}

/// Parses the head that `octets` begin with into its place, which is [`Head::new`] before.
#[inline(always)]
pub(crate) fn parse_into<'a, S: Scan>(octets: &'a [u8], head: &mut Head<'a>) -> Result<(), Stop> {
    // What is beyond the bound is not looked at, so that the answer does not depend on how much of it has come.
    let octets = octets.get(..REQUEST_HEAD_MAX).unwrap_or(octets);
    match head_of::<S>(octets, head) {
        Err(Stop::Incomplete) if octets.len() >= REQUEST_HEAD_MAX => {
            Err(Stop::Refused(Refusal::FieldsTooLarge))
        }
        parsed => parsed,
    }
}

#[inline(always)]
fn head_of<'a, S: Scan>(octets: &'a [u8], head: &mut Head<'a>) -> Result<(), Stop> {
    let request = &mut head.request;
    let mut rest = match plain_line::<S>(octets, request) {
        Some(rest) => rest,
        None => any_line(octets, request, &mut head.is_normal)?,
    };
    request.fields_at = (octets.len() - rest.len()) as u16;
    loop {
        match rest {
            [b'\r', b'\n', after @ ..] => {
                head.len = octets.len() - after.len();
                break;
            }
            [b'\r', _, ..] => return Err(BAD),
            [] | [b'\r'] => return Err(Stop::Incomplete),
            _ => rest = field_line::<S>(rest, &mut request.seen)?,
        }
    }
    request.fields_end = (head.len - 2) as u16;
    if request.seen.is_settled() && request.minor != 0 {
        return Ok(());
    }
    Ok(known::settle(head)?)
}

/// The request line as most are: `GET`, a path in normal form, `HTTP/1.1`. Returns what is behind it.
#[inline(always)]
fn plain_line<'a, S: Scan>(octets: &'a [u8], request: &mut Request<'a>) -> Option<&'a [u8]> {
    const GET: u32 = u32::from_le_bytes(*b"GET ");
    const VERSION: u64 = u64::from_le_bytes(*b" HTTP/1.");
    const ONE: u32 = u32::from_le_bytes(*b".1\r\n");
    let (method, target) = octets.split_first_chunk::<4>()?;
    let mut rest = target;
    let len = loop {
        let block = rest.first_chunk::<BLOCK>()?;
        let plain = (!S::plain_path(block)).trailing_zeros() as usize;
        if plain < BLOCK {
            rest = rest.get(plain..)?;
            break target.len() - rest.len();
        }
        rest = rest.get(BLOCK..)?;
    };
    let (version, line) = rest.split_first_chunk::<8>()?;
    let one = rest.get(7..)?.first_chunk::<4>()?;
    let is_plain = u32::from_le_bytes(*method) == GET
        && target.first() == Some(&b'/')
        && u64::from_le_bytes(*version) == VERSION
        && u32::from_le_bytes(*one) == ONE
        && len <= TARGET_MAX;
    if !is_plain {
        return None;
    }
    request.path = target.get(..len)?;
    request.method = Method::Get;
    request.minor = 1;
    request.target_at = 4;
    request.target_end = (4 + len) as u16;
    line.get(3..)
}

/// Any request line. Returns what is behind it.
#[inline(never)]
fn any_line<'a>(
    octets: &'a [u8],
    request: &mut Request<'a>,
    is_normal: &mut bool,
) -> Result<&'a [u8], Stop> {
    // RFC 9112 section 2.2: an empty line before the request line is ignored.
    let start = match octets {
        [b'\r', b'\n', ..] => 2,
        [] | [b'\r'] => return Err(Stop::Incomplete),
        _ => 0,
    };
    let (method, target_at) = method(octets, start)?;
    let target = target(octets, target_at, method)?;
    let rest = octets.get(target.end..).unwrap_or_default();
    request.minor = version(rest)?;
    request.method = method;
    request.method_at = start as u16;
    request.target_at = target_at as u16;
    request.target_end = target.end as u16;
    request.path = octets
        .get(target.path_start..target.path_end)
        .unwrap_or_default();
    *is_normal = false;
    Ok(rest.get(VERSION_LEN..).unwrap_or_default())
}

/// The method and where the target begins.
fn method(octets: &[u8], start: usize) -> Result<(Method, usize), Stop> {
    let rest = octets.get(start..).unwrap_or_default();
    match run(rest, octet::TOKEN) {
        Some(len) if (1..=METHOD_MAX).contains(&len) && rest.get(len) == Some(&b' ') => {
            let token = rest.get(..len).unwrap_or_default();
            Ok((Method::of(token), start + len + 1))
        }
        None if rest.len() <= METHOD_MAX => Err(Stop::Incomplete),
        _ => Err(BAD),
    }
}

/// Where a request-target lies.
struct Target {
    path_start: usize,
    path_end: usize,
    end: usize,
}

fn target(octets: &[u8], start: usize, method: Method) -> Result<Target, Stop> {
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
    })
}

/// A nought stands for any digit. `HTTP-version = "HTTP/" DIGIT "." DIGIT`
const VERSION: &[u8; VERSION_LEN] = b" HTTP/0.0\r\n";

const VERSION_LEN: usize = 11;

/// The minor version, from the octets behind the target.
fn version(rest: &[u8]) -> Result<u8, Stop> {
    for (at, pattern) in VERSION.iter().enumerate() {
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

/// Validates the field line that `rest` begins with and returns what is behind it.
/// `field-line = field-name ":" OWS field-value OWS CRLF`
#[inline(always)]
fn field_line<'a, S: Scan>(rest: &'a [u8], seen: &mut Seen) -> Result<&'a [u8], Stop> {
    let (len, value_len, after) = match plain_field_line::<S>(rest) {
        Some(line) => line,
        None => any_field_line(rest)?,
    };
    if let Some(known) = Known::of(rest, len) {
        let behind = rest.get(len + 1..).unwrap_or_default();
        seen.note::<S>(known, behind, value_len)?;
    }
    Ok(after)
}

/// The lengths of name and value, and what is behind the line.
type Line<'a> = (usize, usize, &'a [u8]);

/// A field line whose name is of letters and whose value has no octet that is rare.
#[inline(always)]
fn plain_field_line<S: Scan>(rest: &[u8]) -> Option<Line<'_>> {
    let mut behind = rest;
    let len = loop {
        let block = behind.first_chunk::<BLOCK>()?;
        // The first octet that is not of a plain name; without one, the name goes on.
        let plain = (!S::plain_name(block)).trailing_zeros() as usize;
        if plain < BLOCK {
            let len = rest.len() - behind.len() + plain;
            if len == 0 || block.get(plain) != Some(&b':') {
                return None;
            }
            break len;
        }
        behind = behind.get(BLOCK..)?;
    };
    let value = rest.get(len + 1..)?;
    let mut tail = value;
    let stop = loop {
        if let Some(block) = tail.first_chunk::<BLOCK>() {
            let stops = S::value_stops(block);
            if stops != 0 {
                break stops.trailing_zeros() as usize;
            }
            tail = tail.get(BLOCK..)?;
        } else {
            // The last block of all, less what was looked at already.
            let seen = BLOCK - tail.len();
            let stops = S::value_stops(rest.last_chunk::<BLOCK>()?) >> seen;
            if stops == 0 {
                return None;
            }
            break stops.trailing_zeros() as usize;
        }
    };
    let (end, after) = tail.get(stop..)?.split_first_chunk::<2>()?;
    (u16::from_le_bytes(*end) == u16::from_le_bytes(*b"\r\n"))
        .then(|| (len, value.len() - after.len() - 2, after))
}

/// Any field line, one octet after the other.
#[inline(never)]
fn any_field_line(rest: &[u8]) -> Result<Line<'_>, Stop> {
    let len = run(rest, octet::TOKEN).ok_or(Stop::Incomplete)?;
    if len == 0 || rest.get(len) != Some(&b':') {
        return Err(BAD);
    }
    let value = rest.get(len + 1..).unwrap_or_default();
    let value_len = run(value, octet::TEXT).ok_or(Stop::Incomplete)?;
    match value.get(value_len..) {
        Some([b'\r', b'\n', after @ ..]) => Ok((len, value_len, after)),
        Some([b'\r']) => Err(Stop::Incomplete),
        _ => Err(BAD),
    }
}

/// How many octets of a class there are before the first of another; `None` where none of another has come.
fn run(octets: &[u8], class: u8) -> Option<usize> {
    octets.iter().position(|&other| !octet::is(other, class))
}
