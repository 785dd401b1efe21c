use std::format;
use std::string::String;

use super::parse;
use crate::request::random::Random;

/// 2026-11-23 18:13:20.
const NOW: u64 = 1_795_457_600;

/// Sun, 06 Nov 1994 08:49:37 GMT.
const EXAMPLE: Option<u64> = Some(784_111_777);

const DATES: &[(&str, Option<u64>)] = &[
    ("Sun, 06 Nov 1994 08:49:37 GMT", EXAMPLE),
    ("Sunday, 06-Nov-94 08:49:37 GMT", EXAMPLE),
    ("Sun Nov  6 08:49:37 1994", EXAMPLE),
    ("Sun Nov 06 08:49:37 1994", EXAMPLE),
    ("Mon, 06 Nov 1994 08:49:37 GMT", EXAMPLE),
    ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
    ("Thu, 01 Jan 1970 00:00:01 GMT", Some(1)),
    ("Wed, 31 Dec 1969 23:59:59 GMT", Some(0)),
    ("Sat, 01 Jan 0000 00:00:00 GMT", Some(0)),
    ("Sat, 29 Feb 0000 00:00:00 GMT", Some(0)),
    ("Fri, 31 Dec 9999 23:59:59 GMT", Some(253_402_300_799)),
    ("Tue, 29 Feb 2000 00:00:00 GMT", Some(951_782_400)),
    ("Thu, 29 Feb 2024 12:00:00 GMT", Some(1_709_208_000)),
    ("Mon, 23 Nov 2026 18:13:20 GMT", Some(NOW)),
    // A leap second is the first second of the next minute.
    ("Sat, 31 Dec 2016 23:59:60 GMT", Some(1_483_228_800)),
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
        assert_eq!(parse(value.as_bytes(), NOW), *expected, "{value}");
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
        assert_eq!(
            parse(format!("{short}, 06 Nov 1994 08:49:37 GMT").as_bytes(), NOW),
            EXAMPLE
        );
        assert_eq!(
            parse(format!("{day}, 06-Nov-94 08:49:37 GMT").as_bytes(), NOW),
            EXAMPLE
        );
        assert_eq!(
            parse(format!("{short} Nov  6 08:49:37 1994").as_bytes(), NOW),
            EXAMPLE
        );
    }
    for end in 0..29 {
        assert_eq!(parse(&b"Sun, 06 Nov 1994 08:49:37 GMT"[..end], NOW), None);
    }
}

/// RFC 9110: more than 50 years in the future is the most recent such year in the past.
#[test]
fn two_digits_of_a_year() {
    let full = |text: &str| parse(text.as_bytes(), 0).unwrap();
    let table = [
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
    for (short, long) in table {
        assert_eq!(parse(short.as_bytes(), NOW), Some(full(long)), "{short}");
    }
    let later = full("Sat, 01 Jan 2095 00:00:00 GMT");
    assert_eq!(
        parse(b"Monday, 01-Jan-40 00:00:00 GMT", later),
        Some(full("Mon, 01 Jan 2140 00:00:00 GMT"))
    );
    assert_eq!(
        parse(b"Monday, 29-Feb-00 00:00:00 GMT", later),
        None,
        "2100 is no leap year"
    );
    assert!(parse(b"Monday, 01-Jan-40 00:00:00 GMT", u64::MAX).is_some());
}

#[test]
fn every_day_as_a_slow_calendar() {
    let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let mut days = 0;
    for year in 1970..=2404 {
        for (month, name) in months.iter().enumerate() {
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let len = [
                31,
                28 + u64::from(leap),
                31,
                30,
                31,
                30,
                31,
                31,
                30,
                31,
                30,
                31,
            ][month];
            for day in 1..=len {
                let seconds = days * 86400 + 3723;
                let imf = format!("Sun, {day:02} {name} {year} 01:02:03 GMT");
                assert_eq!(parse(imf.as_bytes(), NOW), Some(seconds), "{imf}");
                let asctime = format!("Sun {name} {day:2} 01:02:03 {year}");
                assert_eq!(parse(asctime.as_bytes(), NOW), Some(seconds), "{asctime}");
                let rfc850 = format!("Sunday, {day:02}-{name}-{:02} 01:02:03 GMT", year % 100);
                assert_eq!(parse(rfc850.as_bytes(), seconds), Some(seconds), "{rfc850}");
                days += 1;
            }
            for day in len + 1..=40 {
                let imf = format!("Sun, {day:02} {name} {year} 01:02:03 GMT");
                assert_eq!(parse(imf.as_bytes(), NOW), None, "{imf}");
            }
        }
    }
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
            random.mutate(&mut value, b"0123456789 ,-:");
        }
        let parsed = parse(&value, random.next());
        let text = String::from_utf8_lossy(&value);
        if parsed.is_some() {
            assert!(value.len() >= 24, "seed {seed:#x}: {text}");
        }
    }
}
