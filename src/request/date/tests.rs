//! Dates: tables, the years of two digits, and every day of four centuries against a calendar that counts.

use std::format;
use std::string::String;

use super::Date;
use crate::request::random::Random;

const EXAMPLE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
const NOW: &str = "Mon, 23 Nov 2026 18:13:20 GMT";

/// What the value is, read in 2026.
fn parse(value: &str) -> Option<Date> {
    Date::parse(value.as_bytes(), date(NOW))
}

/// A date that needs no other.
fn date(imf_fixdate: &str) -> Date {
    Date::parse(imf_fixdate.as_bytes(), Date::default()).unwrap()
}

/// Values and the dates that they are.
const DATES: &[(&str, Option<&str>)] = &[
    ("Sun, 06 Nov 1994 08:49:37 GMT", Some(EXAMPLE)),
    ("Sunday, 06-Nov-94 08:49:37 GMT", Some(EXAMPLE)),
    ("Sun Nov  6 08:49:37 1994", Some(EXAMPLE)),
    ("Sun Nov 06 08:49:37 1994", Some(EXAMPLE)),
    ("Mon, 06 Nov 1994 08:49:37 GMT", Some(EXAMPLE)),
    (
        "Thu, 01 Jan 1970 00:00:00 GMT",
        Some("Mon, 01 Jan 1970 00:00:00 GMT"),
    ),
    (
        "Thu, 01 Jan 1970 00:00:01 GMT",
        Some("Thu, 01 Jan 1970 00:00:01 GMT"),
    ),
    (
        "Wed, 31 Dec 1969 23:59:59 GMT",
        Some("Wed, 31 Dec 1969 23:59:59 GMT"),
    ),
    (
        "Sat, 01 Jan 0000 00:00:00 GMT",
        Some("Sat, 01 Jan 0000 00:00:00 GMT"),
    ),
    (
        "Sat, 29 Feb 0000 00:00:00 GMT",
        Some("Sat, 29 Feb 0000 00:00:00 GMT"),
    ),
    (
        "Fri, 31 Dec 9999 23:59:59 GMT",
        Some("Fri, 31 Dec 9999 23:59:59 GMT"),
    ),
    (
        "Tue, 29 Feb 2000 00:00:00 GMT",
        Some("Tue, 29 Feb 2000 00:00:00 GMT"),
    ),
    (
        "Thu, 29 Feb 2024 12:00:00 GMT",
        Some("Thu, 29 Feb 2024 12:00:00 GMT"),
    ),
    (
        "Mon, 23 Nov 2026 18:13:20 GMT",
        Some("Mon, 23 Nov 2026 18:13:20 GMT"),
    ),
    (
        "Sat, 31 Dec 2016 23:59:60 GMT",
        Some("Sat, 31 Dec 2016 23:59:60 GMT"),
    ),
    ("Mon, 29 Feb 1900 00:00:00 GMT", None),
    ("Mon, 29 Feb 2100 00:00:00 GMT", None),
    ("Mon, 29 Feb 2023 00:00:00 GMT", None),
    ("Mon, 30 Feb 2024 00:00:00 GMT", None),
    ("Mon, 31 Apr 2024 00:00:00 GMT", None),
    ("Mon, 31 Jun 2024 00:00:00 GMT", None),
    ("Mon, 31 Sep 2024 00:00:00 GMT", None),
    ("Mon, 31 Nov 2024 00:00:00 GMT", None),
    ("Mon, 32 Jan 2024 00:00:00 GMT", None),
    ("Mon, 00 Jan 2024 00:00:00 GMT", None),
    ("Mon, 01 Jan 2024 24:00:00 GMT", None),
    ("Mon, 01 Jan 2024 00:60:00 GMT", None),
    ("Mon, 01 Jan 2024 00:00:61 GMT", None),
    ("sun, 06 Nov 1994 08:49:37 GMT", None),
    ("SUN, 06 Nov 1994 08:49:37 GMT", None),
    ("Sun, 06 nov 1994 08:49:37 GMT", None),
    ("Sun, 06 NOV 1994 08:49:37 GMT", None),
    ("Sun, 06 Nov 1994 08:49:37 gmt", None),
    ("Sun, 06 Nov 1994 08:49:37 UTC", None),
    ("Sun, 06 Nov 1994 08:49:37", None),
    ("Sun, 06 Nov 1994 08:49:37 GMT ", None),
    ("Sun, 06 Nov 1994 08:49:37 GMTx", None),
    ("Sun, 6 Nov 1994 08:49:37 GMT", None),
    ("Sun,  6 Nov 1994 08:49:37 GMT", None),
    ("Sun,06 Nov 1994 08:49:37 GMT", None),
    ("Sun 06 Nov 1994 08:49:37 GMT", None),
    ("Sun, 06 Nov 94 08:49:37 GMT", None),
    ("Sun, 06 Nov 1994 8:49:37 GMT", None),
    ("Sun, 06 Nov 1994 08:49 GMT", None),
    ("Sun, 06 Nov 1994 08-49-37 GMT", None),
    ("Sun, 06 Nov +994 08:49:37 GMT", None),
    ("Sun, 06-Nov-1994 08:49:37 GMT", None),
    ("Sun, 06-Nov-94 08:49:37 GMT", None),
    ("Sunday, 06 Nov 1994 08:49:37 GMT", None),
    ("Sunday, 06-Nov-1994 08:49:37 GMT", None),
    ("Sunday, 31-Nov-94 08:49:37 GMT", None),
    ("Sun Nov 6 08:49:37 1994", None),
    ("Sun Nov  6 08:49:37 94", None),
    ("Sun Nov  6 08:49:37 194", None),
    ("Sun Nov  6 08:49:37 1994 GMT", None),
    ("Sun Nov   08:49:37 1994", None),
    ("Sun Nov  0 08:49:37 1994", None),
    ("Sunday Nov  6 08:49:37 1994", None),
    ("Sund, 06 Nov 1994 08:49:37 GMT", None),
    ("Su, 06 Nov 1994 08:49:37 GMT", None),
    ("und, 06 Nov 1994 08:49:37 GMT", None),
    ("day, 06 Nov 1994 08:49:37 GMT", None),
    (", 06 Nov 1994 08:49:37 GMT", None),
    ("Sun, 06 anF 1994 08:49:37 GMT", None),
    ("Sun, 06 Foo 1994 08:49:37 GMT", None),
    ("784111777", None),
    ("Sun", None),
    ("Sunday", None),
    ("Sun,", None),
    ("\"Sun, 06 Nov 1994 08:49:37 GMT\"", None),
    ("", None),
    ("0", None),
];

#[test]
fn three_forms() {
    for (value, expected) in DATES {
        assert_eq!(parse(value), expected.map(date), "{value}");
    }
    for day in [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ] {
        let short = &day[..3];
        let forms = [
            format!("{short}, 06 Nov 1994 08:49:37 GMT"),
            format!("{day}, 06-Nov-94 08:49:37 GMT"),
            format!("{short} Nov  6 08:49:37 1994"),
        ];
        for form in forms {
            assert_eq!(parse(&form), Some(date(EXAMPLE)), "{form}");
        }
    }
    for end in 0..29 {
        assert_eq!(parse(&EXAMPLE[..end]), None);
    }
}

/// Values with two digits of a year and the dates that they are in 2026.
const IN_2026: &[(&str, &str)] = &[
    (
        "Monday, 23-Nov-26 18:13:20 GMT",
        "Mon, 23 Nov 2026 18:13:20 GMT",
    ),
    (
        "Monday, 01-Jan-00 00:00:00 GMT",
        "Mon, 01 Jan 2000 00:00:00 GMT",
    ),
    (
        "Monday, 31-Dec-75 23:59:59 GMT",
        "Mon, 31 Dec 2075 23:59:59 GMT",
    ),
    (
        "Monday, 23-Nov-76 18:13:20 GMT",
        "Mon, 23 Nov 2076 18:13:20 GMT",
    ),
    (
        "Monday, 23-Nov-76 18:13:21 GMT",
        "Mon, 23 Nov 1976 18:13:21 GMT",
    ),
    (
        "Monday, 01-Jan-77 00:00:00 GMT",
        "Mon, 01 Jan 1977 00:00:00 GMT",
    ),
    (
        "Monday, 31-Dec-99 23:59:59 GMT",
        "Mon, 31 Dec 1999 23:59:59 GMT",
    ),
    (
        "Monday, 29-Feb-00 00:00:00 GMT",
        "Mon, 29 Feb 2000 00:00:00 GMT",
    ),
    (
        "Monday, 29-Feb-76 00:00:00 GMT",
        "Mon, 29 Feb 2076 00:00:00 GMT",
    ),
];

/// The same in other years.
const IN_OTHER_YEARS: &[(&str, &str, Option<&str>)] = &[
    (
        "Sat, 01 Jan 2095 00:00:00 GMT",
        "Monday, 01-Jan-40 00:00:00 GMT",
        Some("Sun, 01 Jan 2140 00:00:00 GMT"),
    ),
    (
        "Sat, 01 Jan 2095 00:00:00 GMT",
        "Monday, 01-Jan-94 00:00:00 GMT",
        Some("Sun, 01 Jan 2094 00:00:00 GMT"),
    ),
    (
        "Sat, 01 Jan 2095 00:00:00 GMT",
        "Monday, 29-Feb-00 00:00:00 GMT",
        None,
    ),
    (
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Monday, 29-Feb-00 00:00:00 GMT",
        Some("Tue, 29 Feb 2000 00:00:00 GMT"),
    ),
    (
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Monday, 31-Dec-99 23:59:59 GMT",
        Some("Fri, 31 Dec 9999 23:59:59 GMT"),
    ),
];

/// RFC 9110: more than 50 years in the future is the most recent such year in the past.
#[test]
fn two_digits_of_a_year() {
    for (short, long) in IN_2026 {
        assert_eq!(parse(short), Some(date(long)), "{short}");
    }
    for (now, value, expected) in IN_OTHER_YEARS {
        assert_eq!(
            Date::parse(value.as_bytes(), date(now)),
            expected.map(date),
            "{value} in {now}"
        );
    }
    let last = Date::parse(
        b"Monday, 31-Dec-48 23:59:59 GMT",
        date("Fri, 31 Dec 9999 23:59:59 GMT"),
    );
    assert!(last > Some(date("Fri, 31 Dec 9999 23:59:59 GMT")));
}

#[test]
fn every_day_as_a_slow_calendar() {
    let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let mut before = None;
    for year in 1970..=2404 {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let feb = 28 + u32::from(leap);
        let days = [31, feb, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        for (month, days) in months.iter().zip(days) {
            for day in 1..=days {
                let midnight = parse(&format!("Sun, {day:02} {month} {year} 00:00:00 GMT"));
                assert!(midnight > before, "{day} {month} {year}");
                let imf = parse(&format!("Sun, {day:02} {month} {year} 01:02:03 GMT"));
                assert!(imf > midnight, "{day} {month} {year}");
                let asctime = parse(&format!("Sun {month} {day:2} 01:02:03 {year}"));
                assert_eq!(asctime, imf, "{day} {month} {year}");
                let rfc850 = format!("Sunday, {day:02}-{month}-{:02} 01:02:03 GMT", year % 100);
                assert_eq!(
                    Date::parse(rfc850.as_bytes(), imf.unwrap()),
                    imf,
                    "{rfc850}"
                );
                before = parse(&format!("Sun, {day:02} {month} {year} 23:59:59 GMT"));
                assert!(before > imf, "{day} {month} {year}");
            }
            for day in days + 1..=40 {
                let imf = format!("Sun, {day:02} {month} {year} 01:02:03 GMT");
                assert_eq!(parse(&imf), None, "{imf}");
            }
        }
    }
}

#[test]
fn every_second_of_a_day() {
    let mut before = None;
    for second in 0..=86400 {
        let (hour, minute) = (second / 3600 % 24, second / 60 % 60);
        let value = match second {
            86400 => std::string::String::from("Sat, 31 Dec 2016 23:59:60 GMT"),
            _ => format!(
                "Sat, 31 Dec 2016 {hour:02}:{minute:02}:{:02} GMT",
                second % 60
            ),
        };
        let now = parse(&value);
        assert!(now > before, "{value}");
        before = now;
    }
    assert!(parse("Sun, 01 Jan 2017 00:00:00 GMT") > before);
}

#[test]
fn nothing_panics() {
    let seeds = [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
    ];
    let seed = 0x5eed_0004;
    let mut random = Random::new(seed);
    for _ in 0..50_000 {
        let mut value = random.pick(&seeds).as_bytes().to_vec();
        for _ in 0..=random.below(3) {
            let (place, octet) = random.edit(value.len(), b"0123456789 ,-:");
            value.splice(place, octet);
        }
        let text = String::from_utf8_lossy(&value);
        if parse(&text).is_some() {
            assert!(value.len() >= 24, "seed {seed:#x}: {text}");
        }
    }
}
