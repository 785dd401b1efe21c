//! HTTP-date to something that can be compared (RFC 9110 section 5.6.7).
//!
//! Invariant: nothing here reads a clock or counts days; what time it is comes in by argument.

#[cfg(test)]
mod tests;

use crate::request::octet;

// By index the numbers are second, minute, hour, day, year, the tens of a day, the letters of the month and of the day of
// the week, as [`octet::numbers`] reads them.
const FORMS: &[u8; 86] = b"777, 33 666 4444 22:11:00 GMT\
    777 666 53 22:11:00 4444\
    777777day, 33-666-44 22:11:00 GMT";
const ASCTIME: usize = 29;

/// The days of the week: the first seven as they are written short, the last seven without the syllable that they share.
const DAYS: [u64; 11] = [
    letters(b"Tue"),
    letters(b"Wed"),
    letters(b"Thu"),
    letters(b"Sat"),
    letters(b"Sun"),
    letters(b"Mon"),
    letters(b"Fri"),
    letters(b"Tues"),
    letters(b"Wednes"),
    letters(b"Thurs"),
    letters(b"Satur"),
];
const SHORT_DAYS: &[u64] = DAYS.split_at(7).0;
const LONG_DAYS: &[u64] = DAYS.split_at(4).1;

const MONTHS: [u64; 12] = [
    letters(b"Jan"),
    letters(b"Feb"),
    letters(b"Mar"),
    letters(b"Apr"),
    letters(b"May"),
    letters(b"Jun"),
    letters(b"Jul"),
    letters(b"Aug"),
    letters(b"Sep"),
    letters(b"Oct"),
    letters(b"Nov"),
    letters(b"Dec"),
];

const fn letters(mut name: &[u8]) -> u64 {
    let mut letters = 0;
    while let [letter, rest @ ..] = name {
        letters = letters << 8 | *letter as u64;
        name = rest;
    }
    letters
}

/// A date is year, month, day and second of the day as one number; these are the bits below the day and the year.
const DAY_SHIFT: u32 = 17;
const YEAR_SHIFT: u32 = DAY_SHIFT + 9;

/// A date that exists, from the year 0 to 9999, or a century later where only two digits of its year were given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(u64);

impl Date {
    /// Reads a date in any of the three forms.
    ///
    /// The two digits of a year in the form of RFC 850 stand for the last such year that is no more than 50 years after
    /// `now`, which is of no concern in the other forms.
    #[must_use]
    pub fn parse(value: &[u8], now: Self) -> Option<Self> {
        // The form of RFC 850 is the last one; what a name is shorter than the longest one is missing at its start.
        let (form, days) = match value.len() {
            29 => (0, SHORT_DAYS),
            24 => (ASCTIME, SHORT_DAYS),
            len @ 30..=33 => (FORMS.len() - len, LONG_DAYS),
            _ => return None,
        };
        let mut numbers = [0; 8];
        octet::numbers(value, FORMS.get(form..form + value.len())?, &mut numbers);
        let [second, minute, hour, day, mut year, tens, month, day_name] = numbers;
        // A minute may have a leap second.
        if second > 60 || !days.contains(&day_name) {
            return None;
        }
        let month = MONTHS.iter().position(|known| *known == month)? as u64;
        let day = tens * 10 + day;
        let time = (hour * 60 + minute) * 60 + second;
        let of_year = (month << 5 | day) << DAY_SHIFT | time;
        if form > ASCTIME {
            year += 1900;
            while (year + 50) << YEAR_SHIFT | of_year <= now.0 {
                year += 100;
            }
        }
        let exists =
            (1..=last_day(year, month)).contains(&day) && hour < 24 && minute < 60 && second <= 60;
        exists.then_some(Self(year << YEAR_SHIFT | of_year))
    }
}

/// The last day of a month, which is counted from 0.
fn last_day(year: u64, month: u64) -> u64 {
    let mask = if year.is_multiple_of(25) { 15 } else { 3 };
    match month {
        1 => 28 + u64::from(year & mask == 0),
        // April, June, September and November.
        _ => 31 - (0b0101_0010_1000 >> month & 1),
    }
}
