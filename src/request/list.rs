//! Lists in field values: `#element`, over one field line or all that share a name.
//!
//! Invariant: members are handed out as they came, empty ones included. What they mean is the caller's business.

use crate::request::{Fields, Name, octet};

/// The members of all field lines that share a name, each without the white space around it.
///
/// A comma between two DQUOTEs parts nothing. A backslash escapes nothing: in an entity-tag it is an octet
/// like any other, and no list that is read here has a quoted-string that decides anything.
pub(crate) struct Members<'a> {
    /// What is left of a value, from a comma on.
    rest: &'a [u8],
    fields: Fields<'a>,
    name: Name,
}

/// The members of all field lines with this name, in order (RFC 9110 section 5.3).
pub(crate) fn of(fields: Fields<'_>, name: Name) -> Members<'_> {
    Members {
        rest: &[],
        fields,
        name,
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = &'a [u8];

    // #element => [ element ] *( OWS "," OWS [ element ] )
    #[inline(never)]
    fn next(&mut self) -> Option<&'a [u8]> {
        let value = match self.rest {
            [_, after @ ..] => after,
            [] => self.fields.next_value(self.name)?,
        };
        let mut quoted = false;
        let comma = value.iter().position(|&octet| {
            quoted ^= octet == b'"';
            octet == b',' && !quoted
        });
        let (member, rest) = value.split_at_checked(comma.unwrap_or(value.len()))?;
        self.rest = rest;
        Some(octet::trim(member))
    }
}

/// The value of the only field line with this name; of several the empty one, which no singleton field may have.
#[inline(never)]
pub(crate) fn sole(mut fields: Fields<'_>, name: Name) -> Option<&[u8]> {
    let mut sole = None;
    while let Some(value) = fields.next_value(name) {
        sole = Some(if sole.is_some() { &[] } else { value });
    }
    sole
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::vec::Vec;

    use super::{of, sole};
    use crate::request::{Fields, Name};

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
            let line = format!("expect:{value}\r\n");
            let fields = Fields::new(line.as_bytes());
            let members: Vec<&[u8]> = of(fields, Name::Expect).collect();
            let expected: Vec<&[u8]> = expected.iter().map(|member| member.as_bytes()).collect();
            assert_eq!(members, expected, "{value}");
        }
    }

    #[test]
    fn all_lines() {
        let fields = Fields::new(
            b"Expect: 1,2\r\nRange: x\r\nexpect:\r\nExpects: y\r\nexpect: \"3,\r\nEXPECT: 4\"\r\n",
        );
        let members: Vec<&[u8]> = of(fields, Name::Expect).collect();
        assert_eq!(members, [b"1".as_slice(), b"2", b"", b"\"3,", b"4\""]);
        assert_eq!(of(fields, Name::IfRange).next(), None);
        assert_eq!(sole(fields, Name::Range), Some(b"x".as_slice()));
        assert_eq!(sole(fields, Name::Expect), Some(b"".as_slice()));
        assert_eq!(sole(fields, Name::IfRange), None);
    }
}
