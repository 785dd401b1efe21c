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
    fn place(&self, at: usize) -> Option<&AtomicU32> {
        self.places.get(at % ARRIVALS_MAX)
    }

    /// Whether the place is empty.
    #[inline]
    #[must_use]
    pub fn is_empty(&self, at: usize) -> bool {
        self.place(at)
            .is_none_or(|place| place.load(Ordering::Acquire) == 0)
    }

    /// Puts a descriptor into a place; it is closed where the place is not empty.
    pub fn put(&self, at: usize, fd: OwnedFd) {
        let Some(place) = self.place(at) else {
            return;
        };
        let fd = fd.into_raw_fd();
        let number = fd.cast_unsigned() + 1;
        let put = place.compare_exchange(0, number, Ordering::AcqRel, Ordering::Relaxed);
        if put.is_err() {
            // SAFETY: the descriptor was given up three lines before, and nobody has seen its number.
            drop(unsafe { own(fd.cast_unsigned()) });
        }
    }

    /// Takes the descriptor out of a place.
    pub fn take(&self, at: usize) -> Option<OwnedFd> {
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
        let count = 5 * ARRIVALS_MAX;
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

    #[test]
    fn a_full_place_refuses() {
        let lane: &'static Lane = memory::zeroed().unwrap();
        let fds = [(); 2].map(|()| eventfd(0, EventfdFlags::CLOEXEC).unwrap());
        let [first, second] = fds;
        let number = first.as_raw_fd();
        lane.put(0, first);
        lane.put(0, second);
        assert_eq!(lane.take(0).map(|fd| fd.as_raw_fd()), Some(number));
        assert!(lane.is_empty(0));
    }
}
