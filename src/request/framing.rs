//! What the field lines say of the content that follows and of the connection: Content-Length, Transfer-Encoding, Expect
//! and Connection.
//!
//! Invariant: this is asked only once all field lines are known.

#[cfg(test)]
mod tests;

use static_assertions::const_assert;

use super::known::{CLOSE, KEEP_ALIVE, Known};
use super::parser::Head;
use super::{Fields, Framing, Name, Refusal, list, octet};

/// The words that mean something here, behind the empty one.
const WORDS: &[u8] = &octet::names(b"  100-continue close keep-alive chunked");

// A set of words has a bit for each, in their order, the next one for all others, and the lowest one for what no list of
// transfer codings has: a malformed member, parameters of `chunked`, anything behind it.
const NO_CODING: u32 = 1;
const EMPTY: u32 = 1 << 4;
const CONTINUE: u32 = EMPTY << 1;
const CHUNKED: u32 = EMPTY << 4;
const OTHER: u32 = EMPTY << 5;
const_assert!(CLOSE as u32 == EMPTY << 2 && KEEP_ALIVE as u32 == EMPTY << 3);

/// The set of words that all field lines with this name list.
#[inline(never)]
fn words(fields: Fields<'_>, name: Name) -> u32 {
    let mut words = 0;
    for mut rest in list::of(fields, name) {
        let token = octet::span(&mut rest, octet::TOKEN);
        let mut word = EMPTY << octet::which(token, WORDS);
        // transfer-coding = token *( OWS ";" OWS transfer-parameter )
        match octet::trim(rest) {
            [] => {}
            [b';', ..] if word & (CHUNKED | EMPTY) == 0 => word = OTHER,
            _ => word = OTHER | NO_CODING,
        }
        words |= words / CHUNKED % 2 * NO_CODING;
        words |= word;
    }
    words
}

/// Decides about framing and persistence. RFC 9112 sections 6.3 and 9.3.
#[inline(never)]
pub(super) fn settle(head: &mut Head<'_>) -> Result<(), Refusal> {
    let request = &mut head.request;
    let fields = request.fields;
    let is_old = request.minor == 0;
    if !is_old && !request.seen.has(Known::Host) {
        return Err(Refusal::BadRequest);
    }
    if request.seen.has(Known::Connection) {
        let words = words(fields, Name::Connection);
        request.seen.note_options(words as u8);
    }
    let seen = request.seen;
    head.is_persistent = seen.is_persistent(request.minor);
    if seen.has(Known::TransferEncoding) {
        // RFC 9112 section 6.1: with Content-Length, or in HTTP/1.0, it is an attack or a fault.
        if seen.has(Known::ContentLength) || is_old {
            return Err(Refusal::BadRequest);
        }
        let words = words(fields, Name::TransferEncoding);
        if words & (NO_CODING | EMPTY) != 0 {
            return Err(Refusal::BadRequest);
        }
        if words != CHUNKED {
            return Err(Refusal::NotImplemented);
        }
        head.framing = Framing::Chunked;
    }
    if seen.has(Known::ContentLength) {
        // Content-Length = 1*DIGIT
        let value = list::sole(fields, Name::ContentLength);
        match value.and_then(octet::decimal) {
            Some(0) => {}
            Some(len) if len < u64::MAX => head.framing = Framing::Length(len),
            _ => return Err(Refusal::BadRequest),
        }
    }
    // RFC 9110 section 10.1.1: a request of HTTP/1.0 has no expectations.
    if seen.has(Known::Expect) && !is_old {
        let words = words(fields, Name::Expect);
        if words > CONTINUE + EMPTY + NO_CODING {
            return Err(Refusal::ExpectationFailed);
        }
        head.expects = words >= CONTINUE && head.framing != Framing::None;
    }
    Ok(())
}
