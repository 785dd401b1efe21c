//! Seconds since 1970 to the form of HTTP-date that is sent (RFC 9110 section 5.6.7).
//!
//! Invariant: nothing here reads a clock.

#[cfg(test)]
mod tests;

/// Octets of a date.
pub const LEN: usize = 29;

/// The last second of the year 9999, the last that has a date.
const LAST: u64 = 253_402_300_799;

const DAYS: [[u8; 3]; 7] = [
    *b"Thu", *b"Fri", *b"Sat", *b"Sun", *b"Mon", *b"Tue", *b"Wed",
];
const MONTHS: [[u8; 3]; 12] = [
    *b"Mar", *b"Apr", *b"May", *b"Jun", *b"Jul", *b"Aug", *b"Sep", *b"Oct", *b"Nov", *b"Dec",
    *b"Jan", *b"Feb",
];

/// The moment as IMF-fixdate: `Sun, 06 Nov 1994 08:49:37 GMT`. Moments beyond the year 9999 are its last second.
#[must_use]
pub const fn format(unix: u64) -> [u8; LEN] {
    let unix = if unix > LAST { LAST } else { unix };
    let seconds = (unix % 86400) as u32;
    let days = (unix / 86400) as u32;
    // Years begin in March, so that the leap day is the last one. Day 0 of era 0 is the first of March of the year 0.
    let era = (days + 719_468) / 146_097;
    let day_of_era = (days + 719_468) % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153 % 12;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let year = era * 400 + year_of_era + month / 10;

    let weekday = DAYS[(days % 7) as usize];
    let month = MONTHS[month as usize];
    let mut text = *b"Thu, 01 Jan 1970 00:00:00 GMT";
    let mut at = 0;
    while at < 3 {
        text[at] = weekday[at];
        text[8 + at] = month[at];
        at += 1;
    }
    [text[5], text[6]] = digits(day);
    [text[12], text[13]] = digits(year / 100);
    [text[14], text[15]] = digits(year);
    [text[17], text[18]] = digits(seconds / 3600);
    [text[20], text[21]] = digits(seconds / 60 % 60);
    [text[23], text[24]] = digits(seconds % 60);
    text
}

/// The last two digits of the number.
const fn digits(number: u32) -> [u8; 2] {
    [b'0' + (number / 10 % 10) as u8, b'0' + (number % 10) as u8]
}
