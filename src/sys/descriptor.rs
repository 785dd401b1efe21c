//! Descriptors without a doubt, and such as are never closed.
//!
//! rustix asserts at each making and each loan of an `OwnedFd` that its number is not -1, which the optimiser cannot
//! know and which leaves a panic at every use. Here it is told.
//!
//! Invariant: what a descriptor is for is not known here.
//!
//! # Safety
//! This file holds the permit for that hint, and for taking over a number that the kernel just returned.
#![allow(unsafe_code)]

use core::hint::assert_unchecked;

use rustix::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd};
use rustix::io::Errno;

use super::arch::{self, outcome};

/// Lends a descriptor: `as_fd` without its assertion.
#[inline]
#[must_use]
pub fn lend(fd: &OwnedFd) -> BorrowedFd<'_> {
    // SAFETY: an `OwnedFd` is made by `FromRawFd` alone, which refuses -1.
    unsafe { assert_unchecked(fd.as_raw_fd() != -1) };
    fd.as_fd()
}

/// A descriptor that stays open for as long as the process, as a server's own do: what is never closed needs no
/// code that closes it where a start fails.
#[derive(Debug)]
pub struct Kept(BorrowedFd<'static>);

impl Kept {
    /// Closes `fd` no more.
    #[inline]
    #[must_use]
    pub fn new(fd: OwnedFd) -> Self {
        let number = fd.into_raw_fd();
        // SAFETY: as in `lend`.
        unsafe { assert_unchecked(number != -1) };
        // SAFETY: the descriptor has no owner any more who could close it.
        Self(unsafe { BorrowedFd::borrow_raw(number) })
    }
}

impl AsFd for Kept {
    #[inline]
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0
    }
}

/// Makes a system call that opens a descriptor, and takes it over.
///
/// # Safety
/// - The kernel's demands on `number` with these arguments are met, and a success is a new descriptor.
#[inline(never)]
pub(super) unsafe fn open(
    number: usize,
    first: usize,
    second: usize,
    third: usize,
    fourth: usize,
) -> Result<OwnedFd, Errno> {
    // SAFETY: by this function's contract.
    let fd = outcome(unsafe { arch::syscall5(number, [first, second, third, fourth, 0]) })?;
    let fd = (fd as u32).cast_signed();
    // SAFETY: descriptors are not negative.
    unsafe { assert_unchecked(fd != -1) };
    // SAFETY: the kernel just made this descriptor for us alone.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// The descriptor as a system call's argument.
#[inline]
pub(super) fn argument(fd: BorrowedFd<'_>) -> usize {
    fd.as_raw_fd().cast_unsigned() as usize
}
