//! Lists in field values: `#element`, over one field line or all that share a name.
//!
//! Invariant: members are handed out as they came, empty ones included. What they mean is the caller's business.

use crate::request::{Fields, octet};

/// The members of one value, each without the white space around it.
///
/// A comma between two DQUOTEs parts nothing. A backslash escapes nothing: in an entity-tag it is an octet
/// like any other, and no list that is read here has a quoted-string that decides anything.
pub(crate) fn members(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(value);
    core::iter::from_fn(move || next(&mut rest))
}

/// The members of all field lines with this name, in order (RFC 9110 section 5.3).
pub(crate) fn of<'a>(fields: Fields<'a>, name: &'static str) -> impl Iterator<Item = &'a [u8]> {
    let mut values = fields.values(name);
    let mut rest = None;
    core::iter::from_fn(move || next_of(&mut values, &mut rest))
}

/// The value of the only field line with this name.
pub(crate) fn sole<'a>(fields: Fields<'a>, name: &'static str) -> Option<&'a [u8]> {
    let mut sole = None;
    for value in fields.values(name) {
        if sole.replace(value).is_some() {
            return None;
        }
    }
    sole
}

/// Whether this is a token, `1*tchar`.
pub(crate) fn is_token(value: &[u8]) -> bool {
    !value.is_empty() && value.iter().all(|&octet| octet::is(octet, octet::TOKEN))
}

// OWS = *( SP / HTAB )
// #element => [ element ] *( OWS "," OWS [ element ] )
#[inline(never)]
fn next<'a>(rest: &mut Option<&'a [u8]>) -> Option<&'a [u8]> {
    let value = rest.take()?;
    let mut quoted = false;
    let comma = value.iter().position(|&octet| {
        quoted ^= octet == b'"';
        octet == b',' && !quoted
    });
    let member = match comma.and_then(|at| value.split_at_checked(at)) {
        Some((member, after)) => {
            *rest = after.get(1..);
            member
        }
        None => value,
    };
    Some(member.trim_ascii())
}

#[inline(never)]
fn next_of<'a>(
    values: &mut impl Iterator<Item = &'a [u8]>,
    rest: &mut Option<&'a [u8]>,
) -> Option<&'a [u8]> {
    if rest.is_none() {
        *rest = Some(values.next()?);
    }
    next(rest)
}
