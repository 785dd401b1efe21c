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

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::{is_token, members, of, sole};
    use crate::request::Fields;

    #[test]
    fn one_value() {
        let table: &[(&str, &[&str])] = &[
            ("", &[""]),
            ("a", &["a"]),
            (" a\t", &["a"]),
            ("a,b", &["a", "b"]),
            ("a , \tb", &["a", "b"]),
            (",", &["", ""]),
            (", a,,b ,", &["", "a", "", "b", ""]),
            ("\"a,b\", c", &["\"a,b\"", "c"]),
            ("a=\"b,\";c=\",\", d", &["a=\"b,\";c=\",\"", "d"]),
            ("\"a\\\", \"b\"", &["\"a\\\"", "\"b\""]),
            ("\"a, b", &["\"a, b"]),
            ("a b, c", &["a b", "c"]),
        ];
        for (value, expected) in table {
            let members: Vec<&[u8]> = members(value.as_bytes()).collect();
            let expected: Vec<&[u8]> = expected.iter().map(|member| member.as_bytes()).collect();
            assert_eq!(members, expected, "{value}");
        }
    }

    #[test]
    fn all_lines() {
        let fields = Fields::new(b"A: 1,2\r\nB: x\r\na:\r\nAA: y\r\na: \"3,\r\nA: 4\"\r\n");
        let members: Vec<&[u8]> = of(fields, "a").collect();
        assert_eq!(members, [b"1".as_slice(), b"2", b"", b"\"3,", b"4\""]);
        assert_eq!(of(fields, "c").next(), None);
        assert_eq!(sole(fields, "b"), Some(b"x".as_slice()));
        assert_eq!(sole(fields, "a"), None);
        assert_eq!(sole(fields, "c"), None);
    }

    #[test]
    fn tokens() {
        assert!(is_token(b"a!#$%&'*+-.^_`|~9"));
        for value in ["", "a b", "a,b", "a\"", "a/b", "\u{e4}"] {
            assert!(!is_token(value.as_bytes()), "{value}");
        }
    }
}
