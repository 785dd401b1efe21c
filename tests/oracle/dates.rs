//! Dates: written and read, against a calendar that is turned day by day.

use vanillin::request::date::parse;
use vanillin::response::date::format;

const DAYS: [&str; 7] = [
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
];

const MONTHS: [(&str, u64); 12] = [
    ("Jan", 31),
    ("Feb", 28),
    ("Mar", 31),
    ("Apr", 30),
    ("May", 31),
    ("Jun", 30),
    ("Jul", 31),
    ("Aug", 31),
    ("Sep", 30),
    ("Oct", 31),
    ("Nov", 30),
    ("Dec", 31),
];

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400)
}

/// Calls with each day from 1970 to 9999: how many before it, its name, year, month and day of the month.
fn each_day(mut visit: impl FnMut(u64, &str, u64, &str, u64)) {
    let mut days = 0;
    for year in 1970..=9999 {
        for (at, (month, len)) in MONTHS.into_iter().enumerate() {
            let len = len + u64::from(at == 1 && is_leap(year));
            for day in 1..=len {
                let name = DAYS[usize::try_from(days % 7).expect("below 7")];
                visit(days, name, year, month, day);
                days += 1;
            }
        }
    }
}

#[test]
fn every_day_is_written_and_read_in_all_forms() {
    each_day(|days, name, year, month, day| {
        // Each day at another time of it.
        let second = days * 7919 % 86400;
        let unix = days * 86400 + second;
        let clock = format!(
            "{:02}:{:02}:{:02}",
            second / 3600,
            second / 60 % 60,
            second % 60
        );
        let short = &name[..3];
        let imf = format!("{short}, {day:02} {month} {year} {clock} GMT");
        assert_eq!(format(unix), imf.as_bytes());
        assert_eq!(parse(imf.as_bytes(), 0), Some(unix), "{imf}");
        let asctime = format!("{short} {month} {day:2} {clock} {year}");
        assert_eq!(parse(asctime.as_bytes(), 0), Some(unix), "{asctime}");
        let rfc850 = format!("{name}, {day:02}-{month}-{:02} {clock} GMT", year % 100);
        // RFC 9110 section 5.6.7: more than 50 years in the future is the most recent year in the past.
        if year < 9000 && (day, month) != (29, "Feb") {
            assert_eq!(parse(rfc850.as_bytes(), unix), Some(unix), "{rfc850}");
            let soon = unix.saturating_sub(49 * 366 * 86400);
            assert_eq!(parse(rfc850.as_bytes(), soon), Some(unix), "{rfc850}");
            let late = unix + 49 * 365 * 86400;
            assert_eq!(parse(rfc850.as_bytes(), late), Some(unix), "{rfc850}");
        }
    });
}

#[test]
fn every_second_of_a_day_is_written_and_read() {
    for second in 0..86400 {
        let (hour, minute) = (second / 3600, second / 60 % 60);
        let text = format!(
            "Thu, 29 Feb 2024 {hour:02}:{minute:02}:{:02} GMT",
            second % 60
        );
        let unix = 1_709_164_800 + second;
        assert_eq!(format(unix), text.as_bytes());
        assert_eq!(parse(text.as_bytes(), 0), Some(unix), "{text}");
    }
    assert_eq!(&format(u64::MAX), b"Fri, 31 Dec 9999 23:59:59 GMT");
}

#[test]
fn days_that_no_calendar_has_are_no_dates() {
    for year in [1900, 1999, 2000, 2023, 2024, 2100] {
        for (at, (month, len)) in MONTHS.into_iter().enumerate() {
            let len = len + u64::from(at == 1 && is_leap(year));
            for day in [0, len + 1, 32, 99] {
                let text = format!("Mon, {day:02} {month} {year} 00:00:00 GMT");
                assert_eq!(parse(text.as_bytes(), 0), None, "{text}");
            }
        }
    }
}
