//! HTTP-date to seconds since 1970 (RFC 9110 section 5.6.7).
//!
//! Invariant: nothing here reads a clock; what time it is comes in by argument.

#[cfg(test)]
mod tests;

const DAYS: &[u8] = b"Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday";
const MONTHS: &[u8] = b"JanFebMarAprMayJunJulAugSepOctNovDec";

// In a form, 0 to 4 stand for two digits of second, minute, hour, day and year, 5 for the day with a space in place of
// a leading zero, and m for a month. Anything else stands for itself.
const IMF_FIXDATE: &[u8] = b", 3 m 44 2:1:0 GMT";
const RFC850: &[u8] = b", 3-m-4 2:1:0 GMT";
const ASCTIME: &[u8] = b" m 5 2:1:0 44";

/// The seconds from 1970 to a date in any of the three forms. A date before 1970 is 0.
///
/// The two digits of a year in the form of RFC 850 stand for the last such year that is no more than 50 years after `now`.
#[must_use]
pub fn parse(value: &[u8], now: u64) -> Option<u64> {
    let end = value
        .iter()
        .position(|octet| !octet.is_ascii_alphabetic())?;
    let (name, rest) = value.split_at_checked(end)?;
    let short = name.len() == 3;
    DAYS.split(|&octet| octet == b',').find(|day| {
        if short {
            day.starts_with(name)
        } else {
            *day == name
        }
    })?;
    let form = match (short, rest) {
        (true, [b',', ..]) => IMF_FIXDATE,
        (true, _) => ASCTIME,
        (false, _) => RFC850,
    };
    let mut date = Date::read(rest, form)?;
    if !short {
        date = date.later(1900);
        while date.year < 9900 && date.later(50).seconds() <= now {
            date = date.later(100);
        }
    }
    date.exists().then(|| date.seconds())
}

#[derive(Clone, Copy)]
struct Date {
    year: u32,
    /// From 0 for January.
    month: u32,
    day: u32,
    hour: u32,
    minute: u32,
    second: u32,
}

impl Date {
    fn read(mut rest: &[u8], form: &[u8]) -> Option<Self> {
        let mut numbers = [0; 6];
        let mut month = 0;
        for &part in form {
            rest = if part == b'm' {
                let (name, after) = rest.split_at_checked(3)?;
                month = MONTHS.chunks_exact(3).position(|month| month == name)? as u32;
                after
            } else if part.is_ascii_digit() {
                let [tens, ones, after @ ..] = rest else {
                    return None;
                };
                let blank = part == b'5' && *tens == b' ';
                let tens = if blank { 0 } else { digit(*tens)? };
                let number = numbers.get_mut(usize::from(part - b'0'))?;
                *number = *number * 100 + tens * 10 + digit(*ones)?;
                after
            } else {
                rest.strip_prefix(&[part])?
            }
        }
        let [second, minute, hour, day, year, day_of_asctime] = numbers;
        rest.is_empty().then_some(Self {
            year,
            month,
            day: day + day_of_asctime,
            hour,
            minute,
            second,
        })
    }

    /// Whether the calendar has the day and the clock the time, leap seconds included.
    fn exists(self) -> bool {
        let leap = self.year.is_multiple_of(4)
            && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400));
        let days = match self.month {
            1 => 28 + u32::from(leap),
            3 | 5 | 8 | 10 => 30,
            _ => 31,
        };
        (1..=days).contains(&self.day) && self.hour < 24 && self.minute < 60 && self.second <= 60
    }

    fn later(self, years: u32) -> Self {
        Self {
            year: self.year + years,
            ..self
        }
    }

    /// From 1970, or 0 before it.
    fn seconds(self) -> u64 {
        // Years begin in March, so that the leap day is the last one, and 400 years early, so that none is negative.
        let (year, month) = if self.month < 2 {
            (self.year + 399, self.month + 10)
        } else {
            (self.year + 400, self.month - 2)
        };
        let leap_days = year / 4 - year / 100 + year / 400;
        let days = year * 365 + leap_days + (153 * month + 2) / 5 + self.day;
        let seconds = (self.hour * 60 + self.minute) * 60 + self.second;
        (u64::from(days) * 86400 + u64::from(seconds)).saturating_sub(EPOCH)
    }
}

/// Seconds from the last day of February 400 BC, the day before the first one that `seconds` counts, to 1970.
const EPOCH: u64 = (719_468 + 146_097 + 1) * 86400;

fn digit(octet: u8) -> Option<u32> {
    octet.is_ascii_digit().then(|| u32::from(octet - b'0'))
}
