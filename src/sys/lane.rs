//! The way of a descriptor from one thread to another.
//!
//! Invariant: a descriptor has one owner at every moment: the thread that put it, the lane, the thread that took it.
//!
//! # Safety
//! This file holds the permit because a lane keeps descriptors as numbers, and makes owners of them again.
#![allow(unsafe_code)]

use core::sync::atomic::{AtomicU32, Ordering};

use rustix::fd::{IntoRawFd, OwnedFd};

use super::descriptor::own;
use super::memory::Zeroed;
use crate::limits::ARRIVALS_MAX;

const _: () = assert!(
    ARRIVALS_MAX.is_power_of_two(),
    "places follow one another in a ring"
);

/// Places in a ring, each empty or with one descriptor. Both ends count the places that they have used.
pub struct Lane {
    /// The descriptor and one, or nought.
    places: [AtomicU32; ARRIVALS_MAX],
}

// SAFETY: an atomic integer of zero is an empty place.
unsafe impl Zeroed for Lane {}

impl Lane {
    fn place(&self, at: u32) -> Option<&AtomicU32> {
        self.places.get(at as usize % ARRIVALS_MAX)
    }

    /// Whether the place is empty.
    #[inline]
    #[must_use]
    pub fn is_empty(&self, at: u32) -> bool {
        self.place(at)
            .is_none_or(|place| place.load(Ordering::Acquire) == 0)
    }

    /// Puts a descriptor into a place that is empty: what lies there would stay open for ever.
    pub fn put(&self, at: u32, fd: OwnedFd) {
        if let Some(place) = self.place(at) {
            let number = fd.into_raw_fd().cast_unsigned().wrapping_add(1);
            place.store(number, Ordering::Release);
        }
    }

    /// Takes the descriptor out of a place.
    pub fn take(&self, at: u32) -> Option<OwnedFd> {
        let number = self.place(at)?.swap(0, Ordering::AcqRel);
        let fd = number.checked_sub(1)?;
        // SAFETY: only `put` writes a number, and gives up its descriptor for it; the swap leaves it to this thread alone.
        Some(unsafe { own(fd) })
    }
}

#[cfg(test)]
mod tests {
    use super::Lane;
    use crate::limits::ARRIVALS_MAX;
    use crate::sys::memory;
    use rustix::event::{EventfdFlags, eventfd};
    use rustix::fd::AsRawFd;
    use std::thread;

    #[test]
    fn descriptors_arrive_in_order() {
        let lane: &'static Lane = memory::zeroed().unwrap();
        let count = 5 * ARRIVALS_MAX as u32;
        let sender = thread::spawn(move || {
            (0..count)
                .map(|at| {
                    let fd = eventfd(0, EventfdFlags::CLOEXEC).unwrap();
                    let number = fd.as_raw_fd();
                    while !lane.is_empty(at) {
                        thread::yield_now();
                    }
                    lane.put(at, fd);
                    number
                })
                .collect::<std::vec::Vec<_>>()
        });
        let mut taken = std::vec::Vec::new();
        for at in 0..count {
            while lane.is_empty(at) {
                thread::yield_now();
            }
            taken.push(lane.take(at).unwrap());
        }
        let numbers: std::vec::Vec<_> = taken.iter().map(AsRawFd::as_raw_fd).collect();
        assert_eq!(numbers, sender.join().unwrap());
    }
}
