//! Octets that end where readable memory ends.
//!
//! # Safety
//! This file may use `unsafe` because a page that must not be read is made by `mprotect`, and the octets before it
//! are reached by pointer.
#![allow(unsafe_code)]

use std::ptr::{self, NonNull};
use std::slice;

use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap_anonymous, mprotect, munmap};

const PAGE: usize = 4096;

/// Pages that octets are placed at the end of, and one behind them that nobody may read.
pub(crate) struct Guard {
    pages: NonNull<u8>,
    room: usize,
}

impl Guard {
    /// Room for at least `room` octets.
    pub(crate) fn new(room: usize) -> Self {
        let room = room.next_multiple_of(PAGE);
        let access = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: no address is asked for, so no mapping of anybody's is replaced.
        let pages =
            unsafe { mmap_anonymous(ptr::null_mut(), room + PAGE, access, MapFlags::PRIVATE) };
        let pages = NonNull::new(pages.expect("mmap").cast::<u8>()).expect("an address");
        // SAFETY: the mapping is `room + PAGE` long, so that this is its last page.
        let last = unsafe { pages.add(room) };
        // SAFETY: the page belongs to the mapping above, and nothing refers to it.
        unsafe { mprotect(last.as_ptr().cast(), PAGE, MprotectFlags::empty()) }.expect("mprotect");
        Self { pages, room }
    }

    /// A copy of the octets, behind whose last one the guard page begins.
    pub(crate) fn place(&mut self, octets: &[u8]) -> &[u8] {
        let start = self.room.checked_sub(octets.len()).expect("room");
        // SAFETY: the first `room` octets of the mapping are readable, writable and initialised, and `self` is
        // borrowed for as long as the slice lives.
        let room = unsafe { slice::from_raw_parts_mut(self.pages.as_ptr(), self.room) };
        let place = &mut room[start..];
        place.copy_from_slice(octets);
        place
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // SAFETY: the mapping was made with this length, and no slice of it outlives `self`.
        let unmapped = unsafe { munmap(self.pages.as_ptr().cast(), self.room + PAGE) };
        unmapped.expect("munmap");
    }
}
