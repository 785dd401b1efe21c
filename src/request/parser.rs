//! The head of a request: request line and field lines.
//!
//! Incomplete is not invalid: a head that has not arrived whole is parsed as far as it goes, and what is
//! wrong in it is refused at once.

use super::plain::Line;
use super::scan::Scan;
use super::{Framing, Method, Refusal, Request, host, known, octet, plain};
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
    match parse_into::<S>(octets, octets.len() as u32, &mut head) {
        Ok(()) => Parsed::Head(head),
        Err(Stop::Incomplete) => Parsed::Incomplete,
        Err(Stop::Refused(refusal)) => Parsed::Refused(refusal),
    }
}

/// Parses the head that the first `len` of the octets begin with into its place, which is [`Head::new`] before. What is
/// behind them decides nothing, but with a block of it the parser is faster.
#[inline(always)]
pub(crate) fn parse_into<'a, S: Scan>(
    octets: &'a [u8],
    len: u32,
    head: &mut Head<'a>,
) -> Result<(), Stop> {
    // What is beyond the bound is not looked at, so that the answer does not depend on how much of it has come.
    let len = len.min(REQUEST_HEAD_MAX as u32);
    match head_of::<S>(octets, len, head) {
        Err(Stop::Incomplete) if len as usize == REQUEST_HEAD_MAX => {
            Err(Stop::Refused(Refusal::FieldsTooLarge))
        }
        parsed => parsed,
    }
}

#[inline(always)]
fn head_of<'a, S: Scan>(octets: &'a [u8], len: u32, head: &mut Head<'a>) -> Result<(), Stop> {
    let request = &mut head.request;
    let mut at = match plain::request_line::<S>(octets, len, request) {
        Some(end) => end,
        None => any_line(part(octets, 0, len), request, &mut head.is_normal)?,
    };
    request.fields_at = at as u16;
    if let Some(end) = plain::host_line::<S>(octets, len, at) {
        request.seen.note_host();
        at = end;
    }
    while !plain::ends_head(octets, len, at) {
        let line = match plain::field_line::<S>(octets, len, at) {
            Some(line) => line,
            None => match any_field_line(part(octets, at, len), at)? {
                Some(line) => line,
                None => break,
            },
        };
        if known::is_likely(line.initial, line.name_len) {
            let octets = part(octets, at, line.end);
            request.seen.note(octets, line.name_len as usize)?;
        }
        at = line.end;
    }
    request.fields_end = at as u16;
    head.len = at as usize + 2;
    if request.seen.is_settled() && request.minor != 0 {
        return Ok(());
    }
    Ok(known::settle(head)?)
}

/// The octets from `at` to `end`.
fn part(octets: &[u8], at: u32, end: u32) -> &[u8] {
    octets.get(at as usize..end as usize).unwrap_or_default()
}

/// Any request line. Returns where it ends.
#[inline(never)]
fn any_line<'a>(
    octets: &'a [u8],
    request: &mut Request<'a>,
    is_normal: &mut bool,
) -> Result<u32, Stop> {
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
    Ok((target.end + VERSION_LEN) as u32)
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

/// Any field line that begins at `at`, one octet after the other; `None` where it is the empty line.
/// `field-line = field-name ":" OWS field-value OWS CRLF`
#[inline(never)]
fn any_field_line(line: &[u8], at: u32) -> Result<Option<Line>, Stop> {
    let initial = match line {
        [b'\r', b'\n', ..] => return Ok(None),
        [] | [b'\r'] => return Err(Stop::Incomplete),
        [initial, ..] => *initial,
    };
    let name_len = run(line, octet::TOKEN).ok_or(Stop::Incomplete)?;
    if name_len == 0 || line.get(name_len) != Some(&b':') {
        return Err(BAD);
    }
    let value = line.get(name_len + 1..).unwrap_or_default();
    let value_len = run(value, octet::TEXT).ok_or(Stop::Incomplete)?;
    match value.get(value_len..) {
        Some([b'\r', b'\n', ..]) => Ok(Some(Line {
            initial,
            name_len: name_len as u32,
            end: at + (name_len + value_len + 3) as u32,
        })),
        Some([b'\r']) => Err(Stop::Incomplete),
        _ => Err(BAD),
    }
}

/// How many octets of a class there are before the first of another; `None` where none of another has come.
fn run(octets: &[u8], class: u8) -> Option<usize> {
    octets.iter().position(|&other| !octet::is(other, class))
}
