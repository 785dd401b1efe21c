//! Ranges: tables of values and selections, and octets counted one by one as the oracle.

use std::format;

use super::Selection::{Unsatisfiable, Whole};
use super::{Conditions, Selection, select};
use crate::request::Fields;
use crate::request::random::Random;
use crate::resource::Representation;
use crate::resource::condition::{no_order, order};

const TAG: &str = "\"tag\"";
const NOW: u64 = 1_795_457_600;
/// Sun, 06 Nov 1994 08:49:37 GMT.
const MODIFIED: u64 = 784_111_777;

fn selected(section: &str, len: u64) -> Selection {
    let conditions = Conditions {
        fields: Fields::new(section.as_bytes()),
        chosen: Representation::known_by(TAG, Some(MODIFIED)),
        now: NOW,
        order,
    };
    select(&conditions, len)
}

const fn part(first: u64, last: u64) -> Selection {
    Selection::Part { first, last }
}

/// Values of Range, and what they select of ten octets.
const OF_TEN: &[(&str, Selection)] = &[
    ("bytes=0-0", part(0, 0)),
    ("bytes=0-9", part(0, 9)),
    ("bytes=0-8", part(0, 8)),
    ("bytes=0-10", part(0, 9)),
    ("bytes=5-5", part(5, 5)),
    ("bytes=9-", part(9, 9)),
    ("bytes=0-", part(0, 9)),
    ("bytes=10-", Unsatisfiable),
    ("bytes=10-20", Unsatisfiable),
    ("bytes=-1", part(9, 9)),
    ("bytes=-10", part(0, 9)),
    ("bytes=-11", part(0, 9)),
    ("bytes=-0", Unsatisfiable),
    ("bytes=-000", Unsatisfiable),
    ("BYTES=1-2", part(1, 2)),
    ("bytes=1-2,", part(1, 2)),
    ("bytes=,1-2", part(1, 2)),
    ("bytes=1-2 , ,", part(1, 2)),
    ("bytes=001-002", part(1, 2)),
    ("bytes=0-18446744073709551615", part(0, 9)),
    ("bytes=0-18446744073709551616", part(0, 9)),
    ("bytes=0-999999999999999999999999999999999999", part(0, 9)),
    ("bytes=-999999999999999999999999999999999999", part(0, 9)),
    ("bytes=18446744073709551615-", Unsatisfiable),
    ("bytes=999999999999999999999999999999999999-", Unsatisfiable),
    (
        "bytes=18446744073709551616-18446744073709551617",
        Unsatisfiable,
    ),
    ("bytes=0-0,1-1", Whole),
    ("bytes=0-0, 10-10", Whole),
    ("bytes=10-, 11-", Whole),
    ("bytes=5-4", Whole),
    ("bytes=", Whole),
    ("bytes=,", Whole),
    ("bytes=-", Whole),
    ("bytes=--1", Whole),
    ("bytes=1--2", Whole),
    ("bytes=1-2-3", Whole),
    ("bytes=1", Whole),
    ("bytes=a-b", Whole),
    ("bytes=0x1-2", Whole),
    ("bytes=+1-2", Whole),
    ("bytes=1 -2", Whole),
    ("bytes=1- 2", Whole),
    ("bytes =1-2", Whole),
    ("bytes:1-2", Whole),
    ("bytes 1-2", Whole),
    ("byte=1-2", Whole),
    ("seconds=1-2", Whole),
    ("1-2", Whole),
    ("", Whole),
];

#[test]
fn ranges() {
    assert_eq!(selected("", 10), Whole);
    for (value, expected) in OF_TEN {
        assert_eq!(
            selected(&format!("Range: {value}\r\n"), 10),
            *expected,
            "{value}"
        );
    }
    assert_eq!(
        selected("Range: bytes=1-2\r\nRange: bytes=1-2\r\n", 10),
        Whole
    );
    let empty = [
        ("bytes=0-", Unsatisfiable),
        ("bytes=0-0", Unsatisfiable),
        ("bytes=-0", Unsatisfiable),
        // Satisfiable, but there is no Content-Range for no octet at all.
        ("bytes=-1", Whole),
    ];
    for (value, expected) in empty {
        assert_eq!(
            selected(&format!("range: {value}\r\n"), 0),
            expected,
            "{value}"
        );
    }
    let end = u64::MAX - 1;
    assert_eq!(selected("range: bytes=5-\r\n", u64::MAX), part(5, end));
    assert_eq!(
        selected("range: bytes=-5\r\n", u64::MAX),
        part(u64::MAX - 5, end)
    );
}

#[test]
fn if_range() {
    let yes = [
        "\"tag\"",
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
    ];
    let no = [
        "",
        "*",
        "W/\"tag\"",
        "\"other\"",
        "tag",
        "\"tag\", \"other\"",
        "Sun, 06 Nov 1994 08:49:36 GMT",
        "Sun, 06 Nov 1994 08:49:38 GMT",
        "yesterday",
    ];
    for value in yes {
        let section = format!("If-Range: {value}\r\nRange: bytes=1-2\r\n");
        assert_eq!(selected(&section, 10), part(1, 2), "{value}");
        let section = format!("Range: bytes=10-\r\nIf-Range: {value}\r\n");
        assert_eq!(selected(&section, 10), Unsatisfiable, "{value}");
        assert_eq!(
            selected(&format!("If-Range: {value}\r\n"), 10),
            Whole,
            "{value}"
        );
        assert_eq!(
            selected(&format!("{section}If-Range: {value}\r\n"), 10),
            Whole,
            "{value}"
        );
    }
    for value in no {
        let section = format!("If-Range: {value}\r\nRange: bytes=1-2\r\n");
        assert_eq!(selected(&section, 10), Whole, "{value}");
        let section = format!("Range: bytes=10-\r\nIf-Range: {value}\r\n");
        assert_eq!(selected(&section, 10), Whole, "{value}");
    }
    let section = "If-Range: Sun, 06 Nov 1994 08:49:37 GMT\r\nRange: bytes=1-2\r\n";
    let conditions = Conditions {
        fields: Fields::new(section.as_bytes()),
        chosen: Representation::known_by(TAG, None),
        now: NOW,
        order: no_order,
    };
    assert_eq!(select(&conditions, 10), Whole);
}

/// The octets that are selected are those that the words of RFC 9110 section 14.1.2 name, one by one.
#[test]
fn as_the_oracle() {
    let seed = 0x5eed_0006;
    let mut random = Random::new(seed);
    for round in 0..20_000 {
        let len = random.below(12) as u64;
        let first = random.below(14) as u64;
        let last = random.below(14) as u64;
        let (value, wanted) = match random.below(3) {
            0 => (format!("{first}-{last}"), [first, last]),
            1 => (format!("{first}-"), [first, u64::MAX]),
            _ => (
                format!("-{last}"),
                [len - last.min(len), if last == 0 { 0 } else { u64::MAX }],
            ),
        };
        let suffix = value.starts_with('-');
        let mut octets = (0..len).filter(|at| (wanted[0]..=wanted[1]).contains(at));
        let expected = match (octets.next(), octets.next_back()) {
            _ if !suffix && wanted[0] > wanted[1] => Whole,
            _ if suffix && last == 0 => Unsatisfiable,
            (None, _) if suffix => Whole,
            (None, _) => Unsatisfiable,
            (Some(first), last) => part(first, last.unwrap_or(first)),
        };
        let selection = selected(&format!("Range: bytes={value}\r\n"), len);
        assert_eq!(
            selection, expected,
            "seed {seed:#x}, round {round}: {value} of {len}"
        );
    }
}
