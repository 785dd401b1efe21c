//! Values in pages of their own.
//!
//! Invariant: nothing grows, and a page that nobody touched is not there.
//!
//! # Safety
//! This file holds the permit because it turns mapped pages into a value and back.
#![allow(unsafe_code)]

use core::ops::{Deref, DerefMut};
use core::ptr::{self, NonNull};

use rustix::io::Errno;
use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous, munmap};

/// A value in anonymous pages, which are unmapped when it is dropped.
pub struct Placed<T> {
    value: NonNull<T>,
}

/// Types for which octets of zero are a value.
///
/// # Safety
/// - Memory of all zeros is a valid value of the type.
pub unsafe trait Zeroed {}

// SAFETY: every pattern of bits is a value of these integers.
unsafe impl Zeroed for u8 {}
// SAFETY: as above.
unsafe impl Zeroed for u16 {}
// SAFETY: as above.
unsafe impl Zeroed for u32 {}
// SAFETY: as above.
unsafe impl Zeroed for u64 {}
// SAFETY: heapless keeps a length and room for elements that need not be any; a length of zero is the empty vector,
// which a test confirms.
unsafe impl<T, const N: usize> Zeroed for heapless::Vec<T, N> {}
// SAFETY: an array is its elements.
unsafe impl<T: Zeroed, const N: usize> Zeroed for [T; N] {}

/// Moves a value into pages that stay for as long as the process.
///
/// # Errors
/// ENOMEM: mmap(2).
#[inline]
pub fn place<T>(value: T) -> Result<&'static mut T, Errno> {
    Ok(Placed::place(value)?.leak())
}

/// Zeros that stay for as long as the process; no page is touched.
///
/// # Errors
/// ENOMEM: mmap(2).
#[inline]
pub fn zeroed<T: Zeroed>() -> Result<&'static mut T, Errno> {
    Ok(Placed::<T>::zeroed()?.leak())
}

impl<T> Placed<T> {
    /// Moves `value` into pages of its own.
    ///
    /// Optimised builds write only what of it is initialised, straight to the pages; unoptimised ones keep the
    /// whole of it on the caller's stack for a moment.
    ///
    /// # Errors
    /// ENOMEM: mmap(2).
    #[inline]
    pub fn place(value: T) -> Result<Self, Errno> {
        let pages = map(size_of::<T>())?.cast::<T>();
        // SAFETY: the mapping is new, writable, at least this long, and aligned to a page.
        unsafe { pages.write(value) };
        Ok(Self { value: pages })
    }

    /// A value of zeros, none of whose pages is touched, and none of it on the stack in any build.
    ///
    /// # Errors
    /// ENOMEM: mmap(2).
    pub fn zeroed() -> Result<Self, Errno>
    where
        T: Zeroed,
    {
        let value = map(size_of::<T>())?.cast::<T>();
        Ok(Self { value })
    }

    /// Gives the pages to the process for the rest of its life.
    #[must_use]
    pub fn leak<'leaked>(self) -> &'leaked mut T
    where
        T: 'leaked,
    {
        let mut value = self.value;
        core::mem::forget(self);
        // SAFETY: the pages hold a value, nobody unmaps them any more, and no other reference to them exists.
        unsafe { value.as_mut() }
    }

    const ALIGNED: () = assert!(
        align_of::<T>() <= 4096,
        "a page's alignment is all there is"
    );
}

impl<T> Deref for Placed<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the pages hold a value from `place` or `zeroed` on until `drop`.
        unsafe { self.value.as_ref() }
    }
}

impl<T> DerefMut for Placed<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`, and `self` is borrowed for as long.
        unsafe { self.value.as_mut() }
    }
}

impl<T> Drop for Placed<T> {
    fn drop(&mut self) {
        let () = Self::ALIGNED;
        // SAFETY: the value is not used after this.
        unsafe { ptr::drop_in_place(self.value.as_ptr()) };
        // SAFETY: the mapping was made with this length, and nothing refers to it any more.
        // Discarded: unmapping a mapping whole does not fail.
        let _ = unsafe { munmap(self.value.as_ptr().cast(), mapped_len(size_of::<T>())) };
    }
}

// SAFETY: the pages belong to this value alone, as those of a box do.
unsafe impl<T: Send> Send for Placed<T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for Placed<T> {}

/// The length of a mapping for `len` octets: the kernel refuses one of none.
const fn mapped_len(len: usize) -> usize {
    if len == 0 { 1 } else { len }
}

/// New pages of zeros, which cost nothing until they are touched.
#[inline(never)]
pub(super) fn map(len: usize) -> Result<NonNull<u8>, Errno> {
    let protection = ProtFlags::READ.union(ProtFlags::WRITE);
    let flags = MapFlags::PRIVATE.union(MapFlags::NORESERVE);
    // SAFETY: no address is asked for, so no mapping of anybody's is replaced.
    let pages = unsafe { mmap_anonymous(ptr::null_mut(), mapped_len(len), protection, flags) }?;
    NonNull::new(pages.cast()).ok_or(Errno::NOMEM)
}

#[cfg(test)]
mod tests {
    use core::cell::Cell;
    use std::rc::Rc;

    use super::Placed;

    const LEN: usize = 8 << 20;

    /// Which pages of a value are in memory: mincore(2) does not say it of anonymous ones, smaps does.
    fn resident_kib<T>(value: &T) -> usize {
        let address = core::ptr::from_ref(value).addr();
        let smaps = std::fs::read_to_string("/proc/self/smaps").unwrap();
        let mut inside = false;
        for line in smaps.lines() {
            let word = line.split_whitespace().next().unwrap_or_default();
            if let Some((from, to)) = word.split_once('-') {
                let bound = |octets| usize::from_str_radix(octets, 16).unwrap();
                inside = (bound(from)..bound(to)).contains(&address);
            } else if inside && word == "Rss:" {
                return line.split_whitespace().nth(1).unwrap().parse().unwrap();
            }
        }
        panic!("the value lies in no mapping");
    }

    #[test]
    fn zeros_cost_nothing() {
        // Neighbouring mappings are one to the kernel, so that another test's pages may count: far fewer than these.
        let mut octets = Placed::<[u8; LEN]>::zeroed().unwrap();
        assert!(resident_kib(&*octets) < 512);
        assert_eq!(octets.first(), Some(&0));
        octets.fill(1);
        assert!(resident_kib(&*octets) >= LEN / 1024);
        assert_eq!(octets.last(), Some(&1));
    }

    #[test]
    fn a_vector_of_zeros_is_empty() {
        let mut placed = Placed::<heapless::Vec<u64, LEN>>::zeroed().unwrap();
        assert!(placed.is_empty());
        assert!(resident_kib(&*placed) < 512);
        placed.push(7).unwrap();
        assert_eq!(placed.as_slice(), &[7]);
        assert_eq!(placed.pop(), Some(7));
        // Its representation: nothing but the room of the element that was there differs from zeros.
        let words = size_of::<heapless::Vec<u64, 3>>() / 8;
        let mut vector = Placed::<heapless::Vec<u64, 3>>::zeroed().unwrap();
        vector.push(0).unwrap();
        vector.clear();
        let first = core::ptr::from_ref(&*vector).cast::<u64>();
        // SAFETY: the pages are zeros but for what was written, so that every word is initialised.
        assert!((0..words).all(|at| unsafe { first.add(at).read() } == 0));
    }

    #[test]
    #[cfg(not(debug_assertions))]
    fn an_empty_vector_costs_a_page() {
        let vector: heapless::Vec<u64, LEN> = heapless::Vec::new();
        let mut placed = Placed::place(vector).unwrap();
        assert!(resident_kib(&*placed) < 512);
        placed.push(7).unwrap();
        assert_eq!(placed.as_slice(), &[7]);
    }

    #[test]
    fn what_is_placed_is_dropped_once() {
        struct Counted(Rc<Cell<u32>>);
        impl Drop for Counted {
            fn drop(&mut self) {
                self.0.set(self.0.get() + 1);
            }
        }
        let drops = Rc::new(Cell::new(0));
        drop(Placed::place(Counted(Rc::clone(&drops))).unwrap());
        assert_eq!(drops.get(), 1);
        let leaked = Placed::place(Counted(Rc::clone(&drops))).unwrap().leak();
        assert_eq!((drops.get(), leaked.0.get()), (1, 1));
    }

    #[test]
    fn nothing_can_be_placed() {
        let () = *Placed::place(()).unwrap();
    }
}
