//! What the field lines say of the content that follows: Content-Length and Transfer-Encoding.
//!
//! Invariant: each field is judged alone. What they mean together is the parser's decision.

use crate::request::{Chunked, Fields, Refusal, list, octet};

/// The value of Content-Length, `1*DIGIT`. `u64::MAX` counts as overflow.
#[must_use]
pub fn content_length(value: &[u8]) -> Option<u64> {
    octet::decimal(value).filter(|&length| length != u64::MAX)
}

/// The decoder of the content, where there is a Transfer-Encoding. It has to be `chunked`, exactly once.
///
/// # Errors
///
/// Where `chunked` is repeated, not the last coding or has parameters, and where a member is empty or malformed, the
/// message has no certain end: 400. A well-formed coding that nobody implements here is 501, also in front of `chunked`.
pub fn transfer_encoding(fields: Fields<'_>) -> Result<Option<Chunked>, Refusal> {
    let mut chunked = None;
    let mut unknown = false;
    for member in list::of(fields, "transfer-encoding") {
        // transfer-coding = token *( OWS ";" OWS transfer-parameter )
        let name = member
            .split(|&octet| octet == b';')
            .next()
            .unwrap_or(member);
        let name = name.trim_ascii_end();
        if chunked.is_some() || !list::is_token(name) {
            return Err(Refusal::BadRequest);
        }
        if !name.eq_ignore_ascii_case(b"chunked") {
            unknown = true;
        } else if name.len() == member.len() {
            chunked = Some(Chunked::new());
        } else {
            return Err(Refusal::BadRequest);
        }
    }
    if unknown {
        return Err(Refusal::NotImplemented);
    }
    Ok(chunked)
}
