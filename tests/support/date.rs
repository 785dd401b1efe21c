//! `Date` as the strict reader sees it: IMF-fixdate, RFC 9110 section 5.6.7, and the reference it is compared with.
//!
//! Invariant: dates are counted here day by day, not by the formula that a server would use.

use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
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

/// Seconds since 1970 of this moment.
pub(crate) fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970")
        .as_secs()
}

fn month_len(year: u64, month: usize) -> u64 {
    let leap = (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
    MONTHS[month].1 + u64::from(month == 1 && leap)
}

/// Year, month from 0, day of the month from 1, and the name of the day of the week.
fn civil(days: u64) -> (u64, usize, u64, &'static str) {
    let name = DAYS[usize::try_from(days % 7).expect("below 7")];
    let (mut year, mut month, mut left) = (1970, 0, days);
    while left >= month_len(year, month) {
        left -= month_len(year, month);
        month += 1;
        if month == 12 {
            (year, month) = (year + 1, 0);
        }
    }
    (year, month, left + 1, name)
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`
pub(crate) fn imf(seconds: u64) -> String {
    let (year, month, day, name) = civil(seconds / 86400);
    let month = MONTHS[month].0;
    format!("{name}, {day:02} {month} {year:04} {} GMT", clock(seconds))
}

/// `Sunday, 06-Nov-94 08:49:37 GMT`
pub(crate) fn rfc850(seconds: u64) -> String {
    let (year, month, day, name) = civil(seconds / 86400);
    let (month, year) = (MONTHS[month].0, year % 100);
    let rest = match name {
        "Tue" => "s",
        "Wed" => "nes",
        "Thu" => "rs",
        "Sat" => "ur",
        _ => "",
    };
    format!(
        "{name}{rest}day, {day:02}-{month}-{year:02} {} GMT",
        clock(seconds)
    )
}

/// `Sun Nov  6 08:49:37 1994`
pub(crate) fn asctime(seconds: u64) -> String {
    let (year, month, day, name) = civil(seconds / 86400);
    let month = MONTHS[month].0;
    format!("{name} {month} {day:2} {} {year}", clock(seconds))
}

fn clock(seconds: u64) -> String {
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{hour:02}:{minute:02}:{second:02}")
}

/// Whether the value is the IMF-fixdate of a moment at most ten seconds ago.
pub(crate) fn is_recent(value: &str) -> bool {
    /// The last date that was recent and the second in which it was.
    static LAST: Mutex<(u64, String)> = Mutex::new((0, String::new()));
    let now = now();
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if last.0 == now && last.1 == value {
        return true;
    }
    let recent = (now.saturating_sub(10)..=now + 1).any(|second| imf(second) == value);
    if recent {
        *last = (now, value.to_owned());
    }
    recent
}

#[test]
fn reference_agrees_with_the_examples_of_the_rfc() {
    let seconds = 784_111_777;
    assert_eq!(imf(seconds), "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_eq!(rfc850(seconds), "Sunday, 06-Nov-94 08:49:37 GMT");
    assert_eq!(asctime(seconds), "Sun Nov  6 08:49:37 1994");
    assert_eq!(imf(951_782_400), "Tue, 29 Feb 2000 00:00:00 GMT");
    assert_eq!(imf(4_107_542_400), "Mon, 01 Mar 2100 00:00:00 GMT");
    assert!(is_recent(&imf(now())));
    assert!(!is_recent(&imf(now() - 60)));
}
