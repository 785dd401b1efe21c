//! How many processors this process may use.
//!
//! Invariant: nothing is cached and nothing fails; what cannot be read does not count.
#![forbid(unsafe_code)]

use core::ffi::CStr;

use rustix::fs::{Mode, OFlags};
use rustix::thread::sched_getaffinity;

const QUOTA_V2: &CStr = c"/sys/fs/cgroup/cpu.max";
const QUOTA_V1: &CStr = c"/sys/fs/cgroup/cpu/cpu.cfs_quota_us";
const PERIOD_V1: &CStr = c"/sys/fs/cgroup/cpu/cpu.cfs_period_us";

/// Octets read of a control file: two decimal numbers.
const CONTROL_LEN: usize = 48;

/// Processors by affinity, or by the control group's quota rounded up where that is less. At least 1.
#[must_use]
pub fn count() -> u32 {
    let affine = sched_getaffinity(None).map_or(1, |set| set.count());
    quota().unwrap_or(affine).clamp(1, affine.max(1))
}

/// The processors that the control group's quota pays for, where there is one.
fn quota() -> Option<u32> {
    let mut line = [0; CONTROL_LEN];
    if let Some(line) = read(QUOTA_V2, &mut line) {
        // `$MAX $PERIOD`, where `$MAX` may be `max`.
        let (quota, rest) = number(line)?;
        let (period, _) = number(rest)?;
        return share(quota, period);
    }
    let (quota, _) = number(read(QUOTA_V1, &mut line)?)?;
    let (period, _) = number(read(PERIOD_V1, &mut line)?)?;
    share(quota, period)
}

/// Whole processors for `quota` microseconds in each `period`.
fn share(quota: u32, period: u32) -> Option<u32> {
    quota
        .checked_add(period.checked_sub(1)?)?
        .checked_div(period)
}

/// The decimal number that the octets begin with, and what follows the octet behind it.
fn number(mut octets: &[u8]) -> Option<(u32, &[u8])> {
    let mut value: Option<u32> = None;
    while let [octet, rest @ ..] = octets {
        octets = rest;
        let digit = u32::from(octet.wrapping_sub(b'0'));
        if digit > 9 {
            break;
        }
        value = Some(value.unwrap_or(0).checked_mul(10)?.checked_add(digit)?);
    }
    Some((value?, octets))
}

/// The beginning of a file, if it can be read.
fn read<'line>(path: &CStr, line: &'line mut [u8; CONTROL_LEN]) -> Option<&'line [u8]> {
    let flags = OFlags::RDONLY.union(OFlags::CLOEXEC);
    let file = rustix::fs::open(path, flags, Mode::empty()).ok()?;
    let len = rustix::io::read(file, line.as_mut_slice()).ok()?;
    line.get(..len)
}

#[cfg(test)]
mod tests {
    use super::{count, number, share};

    #[test]
    fn quotas_round_up() {
        for (quota, period, expected) in [
            (100_000, 100_000, Some(1)),
            (100_001, 100_000, Some(2)),
            (50_000, 100_000, Some(1)),
            (250_000, 100_000, Some(3)),
            (1, 0, None),
            (u32::MAX, 2, None),
        ] {
            assert_eq!(share(quota, period), expected, "{quota}/{period}");
        }
    }

    #[test]
    fn numbers_are_decimal() {
        assert_eq!(
            number(b"150000 100000\n"),
            Some((150_000, &b"100000\n"[..]))
        );
        assert_eq!(number(b"7"), Some((7, &b""[..])));
        for octets in [&b"max 100000\n"[..], b"-1\n", b"", b"4294967296\n"] {
            assert_eq!(number(octets), None);
        }
    }

    #[test]
    fn at_least_one_and_no_more_than_affinity() {
        let available = std::thread::available_parallelism().unwrap().get();
        assert_eq!(count() as usize, available);
    }
}
