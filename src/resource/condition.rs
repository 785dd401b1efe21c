//! Preconditions (RFC 9110 section 13).
//!
//! Invariant: whether preconditions apply to the request at all is decided before; the rest of Range is not judged here.

#[cfg(test)]
mod tests;

use core::cmp::Ordering;

use crate::request::date::Date;
use crate::request::{Fields, Name, list};
use crate::response;

/// What tells the representation that would be served from others.
#[derive(Clone, Copy, Debug)]
pub struct Validators<'a> {
    /// The entity-tag, which is strong, in its quotes; empty where there is none.
    pub tag: &'a [u8],
    /// When it was modified last, in seconds since 1970.
    pub modified: Option<u64>,
    /// What time it is, in seconds since 1970.
    pub now: u64,
}

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
#[must_use]
pub fn evaluate(fields: Fields<'_>, get_or_head: bool, current: &Validators<'_>) -> Verdict {
    let failed = match current.is_listed(fields, Name::IfMatch, false) {
        Some(listed) => !listed,
        None => current.order(fields, Name::IfUnmodifiedSince) == Some(Ordering::Greater),
    };
    if failed {
        return Verdict::Failed;
    }
    match current.is_listed(fields, Name::IfNoneMatch, true) {
        Some(true) if get_or_head => Verdict::NotModified,
        Some(true) => Verdict::Failed,
        Some(false) => Verdict::Proceed,
        None => match current.order(fields, Name::IfModifiedSince) {
            Some(Ordering::Less | Ordering::Equal) if get_or_head => Verdict::NotModified,
            _ => Verdict::Proceed,
        },
    }
}

impl Validators<'_> {
    /// Whether all lines with this name together list the entity-tag; `None` where there is no such line.
    ///
    // If-Match   = "*" / #entity-tag
    // entity-tag = [ weak ] opaque-tag
    // weak       = %s"W/"
    fn is_listed(&self, fields: Fields<'_>, name: Name, weakly: bool) -> Option<bool> {
        let mut members = 0;
        let mut listed = false;
        let mut any = false;
        for member in list::of(fields, name) {
            listed |= self.is_tag(match member {
                [b'W', b'/', opaque @ ..] if weakly => opaque,
                _ => member,
            });
            any |= member == b"*";
            members += 1;
        }
        (members > 0).then_some(listed || any && members == 1)
    }

    /// Strong comparison.
    #[inline(never)]
    pub(super) fn is_tag(&self, candidate: &[u8]) -> bool {
        !self.tag.is_empty() && candidate == self.tag
    }

    /// The order of the last modification and the date in the only line with this name.
    #[inline(never)]
    pub(super) fn order(&self, fields: Fields<'_>, name: Name) -> Option<Ordering> {
        let date = |unix| Date::parse(&response::date::format(unix), Date::default());
        let modified = date(self.modified?)?;
        Some(modified.cmp(&Date::parse(list::sole(fields, name)?, date(self.now)?)?))
    }
}
