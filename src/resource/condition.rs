//! Preconditions (RFC 9110 section 13).
//!
//! Invariant: whether preconditions apply to the request at all is decided before; the rest of Range is not judged here.

#[cfg(test)]
mod tests;

use crate::request::{Fields, date, list};

/// What the preconditions of a request come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The request is answered as if it had none.
    Proceed,
    /// 304 Not Modified.
    NotModified,
    /// 412 Precondition Failed.
    Failed,
}

/// Judges the preconditions in the order of RFC 9110 section 13.2.2, for a request that is otherwise answered with 2xx.
///
/// `tag` is the entity-tag of the representation that would be served, in its quotes, or empty where it has none;
/// `modified` and `now` are seconds since 1970.
#[must_use]
pub fn evaluate(
    fields: Fields<'_>,
    get_or_head: bool,
    tag: &[u8],
    modified: Option<u64>,
    now: u64,
) -> Verdict {
    let failed = match lists(fields, "if-match", tag, b"") {
        Some(matched) => !matched,
        None => is_newer(fields, "if-unmodified-since", modified, now) == Some(true),
    };
    if failed {
        return Verdict::Failed;
    }
    let weak_tag = tag.strip_prefix(WEAK).unwrap_or(tag);
    match lists(fields, "if-none-match", weak_tag, WEAK) {
        Some(true) if get_or_head => Verdict::NotModified,
        Some(true) => Verdict::Failed,
        None if get_or_head
            && is_newer(fields, "if-modified-since", modified, now) == Some(false) =>
        {
            Verdict::NotModified
        }
        _ => Verdict::Proceed,
    }
}

// entity-tag = [ weak ] opaque-tag
// weak       = %s"W/"
const WEAK: &[u8] = b"W/";

/// Strong comparison: the same octets in quotes, without a `W/` before them.
pub(crate) fn is_same(candidate: &[u8], tag: &[u8]) -> bool {
    candidate.starts_with(b"\"") && candidate == tag
}

/// Whether one of the tags in all lines with this name is the given one, `ignored` in front of it left aside.
/// `None` where there is no such line.
// If-Match = "*" / #entity-tag
fn lists(fields: Fields<'_>, name: &'static str, tag: &[u8], ignored: &[u8]) -> Option<bool> {
    let mut members = 0;
    let mut matched = false;
    let mut any = false;
    for member in list::of(fields, name) {
        let opaque = member.strip_prefix(ignored).unwrap_or(member);
        matched |= is_same(opaque, tag);
        any |= member == b"*";
        members += 1;
    }
    (members > 0).then_some(matched || any && members == 1)
}

/// Whether the representation is newer than the date in the only line with this name.
fn is_newer(
    fields: Fields<'_>,
    name: &'static str,
    modified: Option<u64>,
    now: u64,
) -> Option<bool> {
    let date = date::parse(list::sole(fields, name)?, now)?;
    Some(modified? > date)
}
