//! How many processors this process may use.
//!
//! Invariant: nothing is cached and nothing fails; what cannot be read does not count.
//!
//! # Safety
//! This file holds the permit for `sched_getaffinity`, which fills one array, and `openat`, which reads one path.
#![allow(unsafe_code)]

use core::ffi::CStr;
use core::slice;

use super::arch::{self, number};
use super::descriptor::{self, lend};

/// The control file of the second version of control groups. The first version has others, which are not read.
const CONTROL: &CStr = c"/sys/fs/cgroup/cpu.max";

/// Octets read of a control file: two decimal numbers at most.
const CONTROL_LEN: usize = 32;

/// Words of a set of processors, one bit each: the kernel's largest is 8192.
const SET_LEN: usize = 8192 / 64;

const AT_FDCWD: usize = (-100_isize).cast_unsigned();
const O_CLOEXEC: usize = 0o2_000_000;

/// Processors by affinity, or by the control group's quota rounded up where that is less. 0 where neither can be read.
#[inline(never)]
#[must_use]
pub fn count() -> u32 {
    let mut control = [0; CONTROL_LEN];
    read(CONTROL, &mut control);
    affine().min(share(&control)) as u32
}

/// Processors that the scheduler may put this thread on.
fn affine() -> u64 {
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

/// Processors that a quota pays for, rounded up: `$QUOTA $PERIOD`, in microseconds. No bound if it is anything else, such
/// as `max $PERIOD`.
fn share(control: &[u8]) -> u64 {
    let mut octets = control.iter();
    let quota = number(&mut octets);
    let period = number(&mut octets);
    // Of what is no number the first digit is missing.
    if quota == 0 || period == 0 {
        return u64::MAX;
    }
    quota.div_ceil(period)
}

/// Reads a number and the octet behind it. The kernel's are of 64 bits at most.
#[inline(never)]
fn number(octets: &mut slice::Iter<'_, u8>) -> u64 {
    let mut number = 0_u64;
    for octet in octets {
        let digit = octet.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
    }
    number
}

/// Reads the beginning of a file, if there is one of this name.
fn read(path: &CStr, octets: &mut [u8]) {
    let path = path.as_ptr().expose_provenance();
    // SAFETY: the path ends in null and is only read; the call opens a descriptor.
    let opened = unsafe { arch::syscall(number::OPENAT, [AT_FDCWD, path, O_CLOEXEC]) };
    // SAFETY: as above.
    if let Ok(file) = unsafe { descriptor::adopt(opened) } {
        // Discarded: where it fails the octets stay as they are.
        descriptor::read(descriptor::argument(lend(&file)), octets);
    }
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
            (b"max 100000\n", u64::MAX),
            (b"-1\n100000\n", u64::MAX),
            (b"100000 0\n", u64::MAX),
            (b"100000\n", u64::MAX),
            (b"", u64::MAX),
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
