//! Values in pages of their own, which stay for as long as the process.
//!
//! Invariant: nothing grows or is given back, and a page that nobody touched is not there.
//!
//! # Safety
//! This file holds the permit because it turns mapped pages into a value.
#![allow(unsafe_code)]

use core::mem::MaybeUninit;
use core::ptr::{self, NonNull};
use core::sync::atomic::AtomicU32;

use super::arch::{self, number, outcome};
use super::descriptor::Kept;
use super::errno::Errno;

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
// SAFETY: as above, of one that is atomic.
unsafe impl Zeroed for AtomicU32 {}
// SAFETY: it is a number.
unsafe impl Zeroed for Kept {}
// SAFETY: heapless keeps a length and room for elements that need not be any; a length of zero is the empty vector,
// which a test confirms.
unsafe impl<T, const N: usize> Zeroed for heapless::Vec<T, N> {}
// SAFETY: heapless keeps two numbers and room for elements that need not be any; two zeros are the empty queue, which
// a test confirms.
unsafe impl<T, const N: usize> Zeroed for heapless::spsc::Queue<T, N> {}
// SAFETY: an array is its elements.
unsafe impl<T: Zeroed, const N: usize> Zeroed for [T; N] {}

/// Implements `Zeroed` for tuples, so that values that belong together lie in one mapping.
macro_rules! tuple {
    ($($part:ident)*) => {
        // SAFETY: a tuple is its parts, and what lies between them is nothing.
        unsafe impl<$($part: Zeroed),*> Zeroed for ($($part,)*) {}
    };
}

tuple!(A B);
tuple!(A B C);
tuple!(A B C D E F G);

/// Moves a value into pages that stay for as long as the process.
///
/// Optimised builds write only what of it is initialised, straight to the pages; unoptimised ones keep the whole of
/// it on the caller's stack for a moment.
///
/// # Errors
/// ENOMEM: mmap(2).
#[inline]
pub fn place<T>(value: T) -> Result<&'static mut T, Errno> {
    let pages = pages::<T>()?;
    // SAFETY: the mapping is new, writable, at least this long, and aligned to a page.
    unsafe { pages.write(value) };
    // SAFETY: the pages hold a value, nobody unmaps them, and no other reference to them exists.
    Ok(unsafe { &mut *pages.as_ptr() })
}

/// Moves what `make` makes into such pages, which has more of them that are zeros for itself.
///
/// # Errors
/// ENOMEM: mmap(2).
#[inline]
pub fn place_with<T: 'static, Z: Zeroed + 'static>(
    make: impl FnOnce(&'static mut Z) -> T,
) -> Result<&'static mut T, Errno> {
    let pages = pages::<(MaybeUninit<T>, Z)>()?;
    // SAFETY: the mapping is new, at least this long, aligned to a page, and zeros are a value of either part; nobody
    // unmaps it, and no other reference to it exists.
    let (place, zeros) = unsafe { &mut *pages.as_ptr() };
    Ok(place.write(make(zeros)))
}

/// Zeros that stay for as long as the process; no page is touched, and none of it is on the stack in any build.
///
/// # Errors
/// ENOMEM: mmap(2).
#[inline]
pub fn zeroed<T: Zeroed>() -> Result<&'static mut T, Errno> {
    let pages = pages::<T>()?;
    // SAFETY: the mapping is new, at least this long, aligned to a page, and zeros are a value of the type; nobody
    // unmaps it, and no other reference to it exists.
    Ok(unsafe { &mut *pages.as_ptr() })
}

/// New pages for one value.
#[inline]
fn pages<T>() -> Result<NonNull<T>, Errno> {
    const { assert!(align_of::<T>() <= 4096, "a page is all there is") };
    map(size_of::<T>()).map(NonNull::cast).ok_or(Errno::NOMEM)
}

/// New pages of zeros, which cost nothing until they are touched. `None` if the kernel has none.
#[inline(never)]
pub(super) fn map(len: usize) -> Option<NonNull<u8>> {
    const READ_WRITE: usize = 0b11;
    /// `MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE`.
    const FLAGS: usize = 0x2 | 0x20 | 0x4000;
    // SAFETY: no address is asked for, so no mapping of anybody's is replaced.
    let pages = unsafe { arch::syscall(number::MMAP, [0, len, READ_WRITE, FLAGS, usize::MAX, 0]) };
    NonNull::new(ptr::with_exposed_provenance_mut(outcome(pages).ok()?))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileExt;

    use super::zeroed;

    const LEN: usize = 8 << 20;

    /// How much of a value is in memory, as `/proc/self/pagemap` says page by page.
    fn resident_kib<T>(value: &T) -> usize {
        let first = core::ptr::from_ref(value).addr() / 4096;
        let pages = size_of::<T>().div_ceil(4096);
        let mut entries = std::vec![0; pages * 8];
        let pagemap = std::fs::File::open("/proc/self/pagemap").unwrap();
        pagemap
            .read_exact_at(&mut entries, first as u64 * 8)
            .unwrap();
        // Bit 63: the page is present.
        4 * entries
            .iter()
            .skip(7)
            .step_by(8)
            .filter(|entry| **entry & 0x80 != 0)
            .count()
    }

    #[test]
    fn zeros_cost_nothing() {
        let octets = zeroed::<[u8; LEN]>().unwrap();
        assert_eq!(resident_kib(&*octets), 0);
        assert_eq!(octets.first(), Some(&0));
        octets.fill(1);
        assert!(resident_kib(&*octets) >= LEN / 1024);
        assert_eq!(octets.last(), Some(&1));
    }

    #[test]
    fn a_vector_of_zeros_is_empty() {
        let placed = zeroed::<heapless::Vec<u64, LEN>>().unwrap();
        assert!(placed.is_empty());
        assert!(resident_kib(&*placed) <= 4);
        placed.push(7).unwrap();
        assert_eq!(placed.as_slice(), &[7]);
        assert_eq!(placed.pop(), Some(7));
        // Its representation: nothing but the room of the element that was there differs from zeros.
        let words = size_of::<heapless::Vec<u64, 3>>() / 8;
        let vector = zeroed::<heapless::Vec<u64, 3>>().unwrap();
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
        let placed = super::place(vector).unwrap();
        assert!(resident_kib(&*placed) <= 4);
        placed.push(7).unwrap();
        assert_eq!(placed.as_slice(), &[7]);
    }

    #[test]
    fn a_queue_of_zeros_is_empty() {
        let queue = zeroed::<heapless::spsc::Queue<u64, 4>>().unwrap();
        assert!(queue.is_empty());
        for round in 0..3 {
            for number in 0..3 {
                queue.enqueue(round * number).unwrap();
            }
            assert!(queue.is_full());
            for number in 0..3 {
                assert_eq!(queue.dequeue(), Some(round * number));
            }
        }
        assert_eq!(queue.dequeue(), None);
    }
}
