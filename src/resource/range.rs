//! Range and If-Range (RFC 9110 section 14 and 13.1.5).
//!
//! Invariant: only GET asks here, and only where it would be answered with 200.

#[cfg(test)]
mod tests;

use core::cmp::Ordering;

use crate::request::{Fields, Name, list, octet};
use crate::resource::condition::Conditions;

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
/// one whose If-Range is not the entity-tag (strong) or exactly the date of the representation.
#[must_use]
pub fn select(conditions: &Conditions<'_>, len: u64) -> Selection {
    // If-Range = entity-tag / HTTP-date
    if let Some(value) = list::sole(conditions.fields, Name::IfRange)
        && value != conditions.chosen.tag()
        && conditions.order(Name::IfRange) != Some(Ordering::Equal)
    {
        return Selection::Whole;
    }
    let Some((first, last)) = asked(conditions.fields, len) else {
        return Selection::Whole;
    };
    if first < len {
        Selection::Part {
            first,
            last: last.min(len - 1),
        }
    } else {
        Selection::Unsatisfiable
    }
}

/// The first and the last octet of the only range that is asked for, as far as it is known without `len`.
// ranges-specifier = range-unit "=" range-set
fn asked(fields: Fields<'_>, len: u64) -> Option<(u64, u64)> {
    let (unit, range) = list::sole(fields, Name::Range)?.split_at_checked(6)?;
    if octet::which(unit, BYTES) != 0 {
        return None;
    }
    // RFC 9110 section 5.6.1.2: empty members are ignored. A comma among what is left is in no number.
    let mut last = octet::trim(range);
    while let [b',', rest @ ..] | [rest @ .., b','] = last {
        last = octet::trim(rest);
    }
    let first = octet::take(&mut last, b'-')?;
    // suffix-range = "-" suffix-length
    if first.is_empty() {
        let suffix = octet::decimal(last)?;
        if len == 0 && suffix > 0 {
            return None;
        }
        return Some((len.saturating_sub(suffix), u64::MAX));
    }
    // int-range = first-pos "-" [ last-pos ]
    let first = octet::decimal(first)?;
    if last.is_empty() {
        return Some((first, u64::MAX));
    }
    let last = octet::decimal(last)?;
    (first <= last).then_some((first, last))
}

/// The only unit that is known here, with what parts it from its ranges.
const BYTES: &[u8] = &octet::names(b" bytes=");
