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
// SAFETY: an array is its elements.
unsafe impl<T: Zeroed, const N: usize> Zeroed for [T; N] {}

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

    /// A value of zeros, none of whose pages is touched.
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
