//! The head of a request: request line and field lines.
//!
//! Incomplete is not invalid: a head that has not arrived whole is parsed as far as it goes, and what is
//! wrong in it is refused at once.

use super::scan::Scan;
use super::{Fields, Framing, Method, Refusal, Request, Seen, framing, host, known, octet, plain};
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
    /// The request, as yet without its content.
    pub request: Request<'a>,
    /// Octets of the head, with the empty lines around it.
    pub len: usize,
    /// How long the content is.
    pub framing: Framing,
    /// Whether the connection stays open after the response.
    pub is_persistent: bool,
    /// Whether the client waits for a response before it sends the content.
    pub expects: bool,
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

const VERSION: u64 = octet::form(b"HTTP/0.0");
const CRLF: u64 = octet::form(b"\r\n");

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

/// Parses the head that the octets begin with into its place, which is [`Head::new`] before.
#[inline(always)]
pub(crate) fn parse_into<'a, S: Scan>(octets: &'a [u8], head: &mut Head<'a>) -> Result<(), Stop> {
    // What is beyond the bound is not looked at, so that the answer does not depend on how much of it has come.
    let octets = octets.get(..REQUEST_HEAD_MAX).unwrap_or(octets);
    match head_of::<S>(octets, head) {
        Err(Stop::Incomplete) if octets.len() == REQUEST_HEAD_MAX => {
            Err(Stop::Refused(Refusal::FieldsTooLarge))
        }
        parsed => parsed,
    }
}

#[inline(never)]
fn head_of<'a, S: Scan>(octets: &'a [u8], head: &mut Head<'a>) -> Result<(), Stop> {
    let request = &mut head.request;
    let mut rest = octets;
    any_line(&mut rest, request)?;
    let section = rest;
    loop {
        let at = (section.len() - rest.len()) as u32;
        let at = plain::lines::<S>(section, at, section.len() as u32) as usize;
        rest = section.get(at..).unwrap_or_default();
        any_field_line(&mut rest, &mut request.seen)?;
        // No other line is as short as the empty one.
        if at + 2 + rest.len() == section.len() {
            request.fields = Fields::new(section.get(..at).unwrap_or_default());
            break;
        }
    }
    head.len = octets.len() - rest.len();
    Ok(framing::settle(head)?)
}

/// Takes any request line off the front.
#[inline(always)]
fn any_line<'a>(rest: &mut &'a [u8], request: &mut Request<'a>) -> Result<(), Stop> {
    // RFC 9112 section 2.2: an empty line before the request line is ignored.
    if octet::eat(rest, b'\r') && !octet::eat(rest, b'\n') {
        return Err(stop(rest));
    }
    let method = octet::span(rest, octet::TOKEN);
    if method.len() > METHOD_MAX {
        return Err(BAD);
    }
    if method.is_empty() || !octet::eat(rest, b' ') {
        return Err(stop(rest));
    }
    request.method = Method::of(method);
    let target = octet::span(rest, octet::URI);
    if target.len() > TARGET_MAX {
        return Err(Stop::Refused(Refusal::TargetTooLong));
    }
    if !octet::eat(rest, b' ') {
        return Err(stop(rest));
    }
    let mut path = target;
    let method = request.method;
    let is_path = match target {
        [b'/', ..] => true,
        [b'*'] => method == Method::Options,
        _ => false,
    };
    // RFC 9112 section 3.2.2: its authority is used instead of Host; both have to be valid.
    if !is_path && !host::skip(&mut path, method == Method::Connect) {
        return Err(BAD);
    }
    request.path = octet::span(&mut path, octet::PATH);
    let version = *rest;
    // HTTP-version = "HTTP/" DIGIT "." DIGIT
    if !octet::eat_all(rest, VERSION) || !octet::eat_all(rest, CRLF) {
        return Err(stop(rest));
    }
    let [_, _, _, _, _, b'1', _, minor, ..] = version else {
        return Err(Stop::Refused(Refusal::VersionNotSupported));
    };
    // RFC 9110 section 2.5: a higher minor version is processed as the highest one known.
    request.minor = u8::from(*minor != b'0');
    Ok(())
}

/// Why parsing stops where something else had to follow.
#[inline(always)]
fn stop(rest: &[u8]) -> Stop {
    if rest.is_empty() {
        Stop::Incomplete
    } else {
        BAD
    }
}

/// Takes any field line off the front, one octet after the other, and takes note of it; or the empty line.
/// `field-line = field-name ":" OWS field-value OWS CRLF`
#[inline(always)]
fn any_field_line(rest: &mut &[u8], seen: &mut Seen) -> Result<(), Stop> {
    let name = octet::span(rest, octet::TOKEN);
    let mut value = [].as_slice();
    let is_empty = name.is_empty();
    let name = known::index(name);
    if !is_empty {
        if !octet::eat(rest, b':') {
            return Err(stop(rest));
        }
        value = octet::span(rest, octet::TEXT);
    }
    if !octet::eat_all(rest, CRLF) {
        return Err(stop(rest));
    }
    Ok(seen.note(name, value)?)
}
