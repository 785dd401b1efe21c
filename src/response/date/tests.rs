//! Dates that are sent: a table, and every day until 9999 against a calendar that counts.

use std::format;

use super::{LAST, format};

fn text(unix: u64) -> std::string::String {
    std::string::String::from_utf8(format(unix).to_vec()).unwrap()
}

#[test]
fn moments() {
    let table = [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (946_684_799, "Fri, 31 Dec 1999 23:59:59 GMT"),
        (946_684_800, "Sat, 01 Jan 2000 00:00:00 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (2_147_483_647, "Tue, 19 Jan 2038 03:14:07 GMT"),
        (2_147_483_648, "Tue, 19 Jan 2038 03:14:08 GMT"),
        (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
        (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        (4_294_967_296, "Sun, 07 Feb 2106 06:28:16 GMT"),
        (LAST, "Fri, 31 Dec 9999 23:59:59 GMT"),
        (LAST + 1, "Fri, 31 Dec 9999 23:59:59 GMT"),
        (u64::MAX, "Fri, 31 Dec 9999 23:59:59 GMT"),
    ];
    for (unix, expected) in table {
        assert_eq!(text(unix), expected);
    }
    const { assert!(format(0)[28] == b'T') };
}

#[test]
fn every_day_as_a_slow_calendar() {
    let names = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let mut days = 0;
    for year in 1970..=9999 {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        for (month, name) in months.iter().enumerate() {
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
                let second = days * 7919 % 86400;
                let (hour, minute) = (second / 3600, second / 60 % 60);
                let weekday = names[(days % 7) as usize];
                // Formatting all of them takes a while without optimisation.
                if year < 2410 || day == 1 || day >= 28 {
                    let expected = format!(
                        "{weekday}, {day:02} {name} {year} {hour:02}:{minute:02}:{:02} GMT",
                        second % 60
                    );
                    assert_eq!(text(days * 86400 + second), expected);
                }
                days += 1;
            }
        }
    }
    assert_eq!(days * 86400 - 1, LAST);
}
