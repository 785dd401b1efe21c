//! Seconds since 1970 to the form of HTTP-date that is sent (RFC 9110 section 5.6.7).
//!
//! Invariant: nothing here reads a clock.

#[cfg(test)]
mod tests;

/// Octets of a date.
pub const LEN: usize = 29;

/// The last second of the year 9999, the last that has a date.
const LAST: u64 = 253_402_300_799;

// In place of a digit is the number of those that it can be.
const FORM: &[u8; LEN] = b"___, \n\n ___ \n\n\n\n \n\n:\x06\n:\x06\n GMT";

const DAYS: [[u8; 4]; 7] = [
    *b"Thu,", *b"Fri,", *b"Sat,", *b"Sun,", *b"Mon,", *b"Tue,", *b"Wed,",
];
const MONTHS: [[u8; 4]; 12] = [
    *b"Mar ", *b"Apr ", *b"May ", *b"Jun ", *b"Jul ", *b"Aug ", *b"Sep ", *b"Oct ", *b"Nov ",
    *b"Dec ", *b"Jan ", *b"Feb ",
];

/// The moment as IMF-fixdate: `Sun, 06 Nov 1994 08:49:37 GMT`. Moments beyond the year 9999 are its last second.
#[must_use]
pub const fn format(unix: u64) -> [u8; LEN] {
    let mut text = [0; LEN];
    write(if unix > LAST { LAST } else { unix }, &mut text);
    text
}

/// The same, to where it belongs. The clocks of Linux do not reach the year 9999: 64 bits of nanoseconds end before.
#[inline(never)]
pub(super) const fn write(unix: u64, text: &mut [u8; LEN]) {
    let days = (unix / 86400) as u32;
    // Years begin in March, so that the leap day is the last one. Quarters of days count from the first of March of the
    // year 0; a century has 146097 of them, and so has a year 1461 within a century whose days are rounded up.
    let quarters = (days + 719_468) * 4 + 3;
    let century = quarters / 146_097;
    let quarters = (quarters % 146_097) | 3;
    let day_of_year = quarters % 1461 / 4;
    // The months of 31 and 30 days follow one another as a line of this slope, by 65536ths of a month, does.
    let months = day_of_year * 2141 + 1305;
    let month = months >> 16;
    let day = months % 65536 / 2141 + 1;
    let year = century * 100 + quarters / 1461 + month / 10;

    *text = *FORM;
    let (start, behind) = text.split_at_mut(8);
    if let (Some(start), Some(behind)) = (start.first_chunk_mut(), behind.first_chunk_mut()) {
        *start = DAYS[(days % 7) as usize];
        *behind = MONTHS[(month % 12) as usize];
    }
    // All the digits as one number, from the day to the second.
    let mut digits = (day * 10_000 + year) as u64 * 360_000 + unix % 86400;
    let mut rest: &mut [u8] = text;
    while let [front @ .., last] = rest {
        rest = front;
        if let 6 | 10 = *last {
            let values = *last as u64;
            *last = b'0' + (digits % values) as u8;
            digits /= values;
        }
    }
}
