//! Preconditions (RFC 9110 section 13).
//!
//! Invariant: whether preconditions apply to the request at all is decided before; the rest of Range is not judged here.

#[cfg(test)]
mod tests;

use core::cmp::Ordering;

use crate::request::date::Date;
use crate::request::{Fields, Name, list};
use crate::resource::Representation;
use crate::response;

/// The order of the last modification and the date in the only field line with this name.
pub(crate) type Order = fn(&Conditions<'_>, Name) -> Option<Ordering>;

/// The conditions of a request.
#[derive(Clone, Copy, Debug)]
pub struct Conditions<'a> {
    /// The request's.
    pub fields: Fields<'a>,
    /// What would be served.
    pub chosen: &'static Representation,
    /// What time it is, in seconds since 1970.
    pub now: u64,
    /// How dates are compared, or that they are not.
    pub order: Order,
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

impl Conditions<'_> {
    /// Judges the preconditions in the order of RFC 9110 section 13.2.2, for GET or HEAD that is otherwise answered with
    /// 2xx.
    #[must_use]
    pub fn evaluate(&self) -> Verdict {
        if self.compare(Name::IfMatch, Name::IfUnmodifiedSince) == Some(Ordering::Greater) {
            return Verdict::Failed;
        }
        match self.compare(Name::IfNoneMatch, Name::IfModifiedSince) {
            Some(Ordering::Less | Ordering::Equal) => Verdict::NotModified,
            _ => Verdict::Proceed,
        }
    }

    /// What is served is equal to what the entity-tags stand for that all lines with this name together list, or it is
    /// newer. Only where there is no such line, the date counts.
    ///
    // If-Match   = "*" / #entity-tag
    // entity-tag = [ weak ] opaque-tag
    // weak       = %s"W/"
    #[inline(never)]
    fn compare(&self, tags: Name, date: Name) -> Option<Ordering> {
        let (mut members, mut is_listed, mut is_any) = (0, false, false);
        for member in list::of(self.fields, tags) {
            members += 1;
            is_any = member == b"*";
            is_listed |= self.chosen.tag()
                == match member {
                    [b'W', b'/', opaque @ ..] if tags == Name::IfNoneMatch => opaque,
                    _ => member,
                };
        }
        if members == 0 {
            return self.order(date);
        }
        is_listed |= is_any && members == 1;
        Some(if is_listed {
            Ordering::Equal
        } else {
            Ordering::Greater
        })
    }

    pub(super) fn order(&self, name: Name) -> Option<Ordering> {
        (self.order)(self, name)
    }
}

/// Where no date is known, conditions about it do not count.
pub(super) fn no_order(_: &Conditions<'_>, _: Name) -> Option<Ordering> {
    None
}

/// Where dates are known.
pub(super) fn order(current: &Conditions<'_>, name: Name) -> Option<Ordering> {
    let long_ago = Date::default();
    let modified = Date::parse(current.chosen.modified(), long_ago)?;
    let now = Date::parse(&response::date::format(current.now), long_ago)?;
    let date = Date::parse(list::sole(current.fields, name)?, now)?;
    Some(modified.cmp(&date))
}
