//! The time of day.
//!
//! rustix reads it through the vDSO, which costs 2.6 KB of code to find; once a second, a system call is cheaper.
//!
//! Invariant: deadlines are not measured here; they are counted in ticks.
//!
//! # Safety
//! This file holds the permit for `clock_gettime`, which writes one structure.
#![allow(unsafe_code)]

use super::arch::{self, number};

const CLOCK_REALTIME: usize = 0;

/// Seconds since the epoch, and nanoseconds of the second that has begun. Zero before 1970.
#[must_use]
pub fn realtime() -> (u64, u32) {
    let mut time = [0_i64; 2];
    // SAFETY: CLOCK_REALTIME always exists, and `time` has the size and alignment of a `timespec`.
    unsafe {
        arch::syscall(
            number::CLOCK_GETTIME,
            [CLOCK_REALTIME, (&raw mut time).expose_provenance()],
        );
    }
    let [seconds, nanoseconds] = time;
    (
        seconds.max(0).cast_unsigned(),
        nanoseconds.cast_unsigned() as u32,
    )
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    #[test]
    fn it_is_now() {
        let clock = || SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
        let before = clock();
        let (seconds, nanoseconds) = super::realtime();
        assert!((before..=clock()).contains(&seconds));
        assert!(nanoseconds < 1_000_000_000);
    }
}
