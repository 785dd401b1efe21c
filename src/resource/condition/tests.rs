//! Preconditions: tables of field sections and verdicts, and dates against seconds.

use std::format;
use std::string::String;

use super::Verdict::{Failed, NotModified, Proceed};
use super::{Conditions, Verdict, no_order, order};
use crate::request::Fields;
use crate::request::random::Random;
use crate::resource::Representation;
use crate::response::date;

const TAG: &str = "\"a,b\"";
const NOW: u64 = 1_795_457_600;
/// Sun, 06 Nov 1994 08:49:37 GMT.
const MODIFIED: u64 = 784_111_777;

fn verdict(section: &str, modified: Option<u64>) -> Verdict {
    let conditions = Conditions {
        fields: Fields::new(section.as_bytes()),
        chosen: Representation::known_by(TAG, modified),
        now: NOW,
        order: if modified.is_some() { order } else { no_order },
    };
    conditions.evaluate()
}

fn check(table: &[(&str, Verdict)], modified: Option<u64>) {
    for (section, expected) in table {
        assert_eq!(verdict(section, modified), *expected, "{section}");
    }
}

#[test]
fn tags() {
    let table = [
        ("", Proceed),
        ("If-Match: \"a,b\"\r\n", Proceed),
        ("If-Match: \"x\", \"a,b\"\r\n", Proceed),
        ("If-Match: \"x\"\r\nif-match: \"a,b\"\r\n", Proceed),
        ("If-Match: *\r\n", Proceed),
        ("If-Match: ,\"a,b\",\r\n", Proceed),
        ("If-Match: W/\"a,b\"\r\n", Failed),
        ("If-Match: \"x\"\r\n", Failed),
        ("If-Match: \"A,B\"\r\n", Failed),
        ("If-Match: \"\"\r\n", Failed),
        ("If-Match: a,b\r\n", Failed),
        ("If-Match: \"a,b\r\n", Failed),
        ("If-Match: \"a,b\" \"x\"\r\n", Failed),
        ("If-Match:\r\n", Failed),
        ("If-Match: *, \"x\"\r\n", Failed),
        ("If-Match: *\r\nIf-Match: *\r\n", Failed),
        ("If-None-Match: \"a,b\"\r\n", NotModified),
        ("If-None-Match: W/\"a,b\"\r\n", NotModified),
        (
            "If-None-Match: \"x\" ,\tW/\"y\", W/\"a,b\"\r\n",
            NotModified,
        ),
        (
            "If-None-Match: \"x\"\r\nIf-None-Match: \"a,b\"\r\n",
            NotModified,
        ),
        ("If-None-Match: junk, \"a,b\"\r\n", NotModified),
        ("If-None-Match: *\r\n", NotModified),
        ("If-None-Match: \"*\"\r\n", Proceed),
        ("If-None-Match: \"x\"\r\n", Proceed),
        ("If-None-Match: w/\"a,b\"\r\n", Proceed),
        ("If-None-Match: W/W/\"a,b\"\r\n", Proceed),
        ("If-None-Match: W/ \"a,b\"\r\n", Proceed),
        ("If-None-Match: \"x\", *\r\n", Proceed),
        ("If-None-Match: junk\r\n", Proceed),
        ("If-None-Match:\r\n", Proceed),
        (
            "If-Match: \"a,b\"\r\nIf-None-Match: \"a,b\"\r\n",
            NotModified,
        ),
        ("If-Match: \"x\"\r\nIf-None-Match: \"a,b\"\r\n", Failed),
    ];
    check(&table, None);
    check(&table, Some(MODIFIED));
}

/// Field sections and the verdicts about what was modified on Sun, 06 Nov 1994 08:49:37 GMT.
const DATES: &[(&str, Verdict)] = &[
    (
        "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
        NotModified,
    ),
    (
        "If-Modified-Since: Sun, 06 Nov 1994 08:49:38 GMT\r\n",
        NotModified,
    ),
    (
        "If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n",
        Proceed,
    ),
    (
        "If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT\r\n",
        NotModified,
    ),
    (
        "If-Modified-Since: Sun Nov  6 08:49:37 1994\r\n",
        NotModified,
    ),
    (
        "If-Modified-Since: Sun, 06 Nov 2094 08:49:37 GMT\r\n",
        NotModified,
    ),
    ("If-Modified-Since: yesterday\r\n", Proceed),
    ("If-Modified-Since:\r\n", Proceed),
    (
        "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT\r\n",
        Proceed,
    ),
    (
        "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
        Proceed,
    ),
    (
        "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
        Proceed,
    ),
    (
        "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:38 GMT\r\n",
        Proceed,
    ),
    (
        "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n",
        Failed,
    ),
    (
        "If-Unmodified-Since: Sun, 06 Nov 1904 08:49:36 GMT\r\n",
        Failed,
    ),
    ("If-Unmodified-Since: 0\r\n", Proceed),
    // The tags go before the dates.
    (
        "If-None-Match: \"x\"\r\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
        Proceed,
    ),
    (
        "If-None-Match: junk\r\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
        Proceed,
    ),
    (
        "If-Match: \"a,b\"\r\nIf-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n",
        Proceed,
    ),
    (
        "If-None-Match: \"a,b\"\r\nIf-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n",
        Failed,
    ),
    (
        "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
        NotModified,
    ),
];

/// Where others have dates, this one has none.
#[test]
fn no_date() {
    for (section, _) in DATES {
        let conditions = Conditions {
            fields: Fields::new(section.as_bytes()),
            chosen: Representation::known_by(TAG, None),
            now: NOW,
            order,
        };
        assert!(
            section.contains("Match") || conditions.evaluate() == Proceed,
            "{section}"
        );
    }
}

#[test]
fn dates() {
    check(DATES, Some(MODIFIED));
    for (section, _) in DATES {
        if !section.contains("Match") {
            assert_eq!(verdict(section, None), Proceed, "{section}");
        }
    }
}

/// The order of dates is the order of their seconds, in all forms and on every day.
#[test]
fn dates_as_seconds() {
    let seed = 0x5eed_0007;
    let mut random = Random::new(seed);
    for round in 0..30_000 {
        let modified = random.next() % 253_402_300_800;
        let distance = [0, 1, 60, 3600, 86400, 31 * 86400, 366 * 86400][random.below(7)];
        let since =
            (modified.saturating_sub(distance) + random.below(3) as u64).min(253_402_300_799);
        let text = String::from_utf8(date::format(since).to_vec()).unwrap();
        let section = format!("If-Modified-Since: {text}\r\nIf-Unmodified-Since: {text}\r\n");
        let expected = if modified > since {
            Failed
        } else {
            NotModified
        };
        let verdict = verdict(&section, Some(modified));
        assert_eq!(
            verdict, expected,
            "seed {seed:#x}, round {round}: {modified} since {text}"
        );
    }
}
