//! Range and If-Range (RFC 9110 section 14 and 13.1.5).
//!
//! Invariant: only GET asks here, and only where it would be answered with 200.

#[cfg(test)]
mod tests;

use crate::request::{Fields, date, list, octet};
use crate::resource::condition;

/// How much of a representation is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    /// All of it: no range is asked for, or none that has to be heeded.
    Whole,
    /// 206 with the octets from `first` to `last`, both included.
    Part {
        /// The first octet's position.
        first: u64,
        /// The last octet's position.
        last: u64,
    },
    /// 416 Range Not Satisfiable.
    Unsatisfiable,
}

/// Selects what is served of a representation of `len` octets.
///
/// A request for several ranges, one in an unknown unit and one that makes no sense are answered with the whole, as is
/// one whose If-Range is not the entity-tag (strong) or exactly the date of the representation. `tag` is in its
/// quotes, or empty where there is none; `modified` and `now` are seconds since 1970.
#[must_use]
pub fn select(
    fields: Fields<'_>,
    len: u64,
    tag: &[u8],
    modified: Option<u64>,
    now: u64,
) -> Selection {
    match asked(fields) {
        Some(range) if is_current(fields, tag, modified, now) => range.of(len),
        _ => Selection::Whole,
    }
}

#[derive(Clone, Copy)]
enum Range {
    // int-range = first-pos "-" [ last-pos ]
    Positions { first: u64, last: u64 },
    // suffix-range = "-" suffix-length
    Suffix(u64),
}

impl Range {
    fn of(self, len: u64) -> Selection {
        let (first, last) = match self {
            Self::Positions { first, last } => (first, last),
            Self::Suffix(1..) if len == 0 => return Selection::Whole,
            Self::Suffix(suffix) => (len.saturating_sub(suffix), u64::MAX),
        };
        if first >= len {
            return Selection::Unsatisfiable;
        }
        Selection::Part {
            first,
            last: last.min(len - 1),
        }
    }
}

/// The only range of the only Range line.
// ranges-specifier = range-unit "=" range-set
// range-set        = 1#range-spec
fn asked(fields: Fields<'_>) -> Option<Range> {
    let value = list::sole(fields, "range")?;
    let (unit, set) = value.split_at_checked(6)?;
    if !unit.eq_ignore_ascii_case(b"bytes=") {
        return None;
    }
    let mut members = list::members(set).filter(|member| !member.is_empty());
    let spec = members.next()?;
    if members.next().is_some() {
        return None;
    }
    let dash = spec.iter().position(|&octet| octet == b'-')?;
    let (first, last) = spec.split_at_checked(dash)?;
    let last = last.get(1..)?;
    if first.is_empty() {
        return octet::decimal(last).map(Range::Suffix);
    }
    let first = octet::decimal(first)?;
    let last = if last.is_empty() {
        u64::MAX
    } else {
        octet::decimal(last)?
    };
    (first <= last).then_some(Range::Positions { first, last })
}

/// Whether If-Range, where there is one, names the representation as it is now.
// If-Range = entity-tag / HTTP-date
fn is_current(fields: Fields<'_>, tag: &[u8], modified: Option<u64>, now: u64) -> bool {
    match list::sole(fields, "if-range") {
        Some(value) => {
            condition::is_same(value, tag)
                || modified.is_some() && modified == date::parse(value, now)
        }
        None => fields.values("if-range").next().is_none(),
    }
}
