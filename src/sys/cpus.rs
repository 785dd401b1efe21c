//! How many processors this process may use.
//!
//! Invariant: nothing is cached and nothing fails; what cannot be read does not count.
//!
//! # Safety
//! This file holds the permit for `sched_getaffinity`, which fills one array, and `openat`, which reads one path.
#![allow(unsafe_code)]

use core::ffi::CStr;

use super::arch::{self, number};
use super::descriptor::{self, lend};

/// The control files: of the second version one of one line, of the first two, which make the same line. A system
/// has one version or the other.
const CONTROLS: [&CStr; 3] = [
    c"/sys/fs/cgroup/cpu.max",
    c"/sys/fs/cgroup/cpu/cpu.cfs_quota_us",
    c"/sys/fs/cgroup/cpu/cpu.cfs_period_us",
];

/// Octets read of the control files: two decimal numbers.
const CONTROL_LEN: usize = 64;

/// Words of a set of processors, one bit each: the kernel's largest is 8192.
const SET_LEN: usize = 8192 / 64;

const AT_FDCWD: usize = (-100_isize).cast_unsigned();
const O_CLOEXEC: usize = 0o2_000_000;

/// Processors by affinity, or by the control group's quota rounded up where that is less. At least 1.
#[inline(never)]
#[must_use]
pub fn count() -> u32 {
    let mut control = [0; CONTROL_LEN];
    let mut len = 0;
    for path in CONTROLS {
        len += read(path, control.get_mut(len..).unwrap_or_default());
    }
    affine().min(share(&control)).max(1)
}

/// Processors that the scheduler may put this thread on.
fn affine() -> u32 {
    let mut set = [0_u64; SET_LEN];
    let place = (&raw mut set).expose_provenance();
    // SAFETY: the array is as long as said. Where the call fails the set stays empty.
    unsafe {
        arch::syscall(number::SCHED_GETAFFINITY, [0, size_of_val(&set), place]);
    }
    let mut count = 0;
    for &word in &set {
        let mut word = word;
        while word != 0 {
            word &= word.wrapping_sub(1);
            count += 1;
        }
    }
    count
}

/// Processors that a quota pays for, rounded up: `$QUOTA $PERIOD`, in microseconds, then zeros. No bound if it is
/// anything else, such as `max $PERIOD`, or -1.
fn share(control: &[u8]) -> u32 {
    let (mut quota, mut period) = (0_u64, 0_u64);
    let mut octets = control.iter();
    for number in [&mut quota, &mut period] {
        for octet in octets.by_ref() {
            let digit = octet.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            // The kernel's numbers are of 64 bits at most.
            *number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
        }
    }
    // Of what is no number the first digit is missing.
    if quota == 0 || period == 0 {
        return u32::MAX;
    }
    quota.div_ceil(period).min(u64::from(u32::MAX)) as u32
}

/// How many octets are read of a file's beginning, 0 if there is none.
fn read(path: &CStr, octets: &mut [u8]) -> usize {
    let path = path.as_ptr().expose_provenance();
    // SAFETY: the path ends in null and is only read; the call opens a descriptor, if there is one of this name.
    let file =
        unsafe { descriptor::adopt(arch::syscall(number::OPENAT, [AT_FDCWD, path, O_CLOEXEC])) };
    let len = file.map(|file| descriptor::read(lend(&file), octets));
    len.unwrap_or(0).max(0).cast_unsigned()
}

#[cfg(test)]
mod tests {
    use super::{count, share};

    #[test]
    fn quotas_round_up() {
        for (control, expected) in [
            (&b"100000 100000\n"[..], 1),
            (b"100001 100000\n", 2),
            (b"50000 100000\n", 1),
            (b"250000\n100000\n", 3),
            (b"200000 100000\0\0", 2),
            (b"4294967296 100000\n", 42950),
            (b"max 100000\n", u32::MAX),
            (b"-1\n100000\n", u32::MAX),
            (b"100000 0\n", u32::MAX),
            (b"100000\n", u32::MAX),
            (b"", u32::MAX),
            (b"99999999999 1\n\0", u32::MAX),
        ] {
            assert_eq!(share(control), expected, "{control:?}");
        }
    }

    #[test]
    fn no_more_than_affinity() {
        let affine = rustix::thread::sched_getaffinity(None).unwrap().count();
        // The standard library rounds a quota down.
        let available = std::thread::available_parallelism().unwrap().get() as u32;
        assert!((available..=affine).contains(&count()));
    }
}
