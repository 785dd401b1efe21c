//! Descriptors without a doubt, and such as are never closed.
//!
//! rustix asserts at each making and each loan of an `OwnedFd` that its number is not -1, which the optimiser cannot
//! know and which leaves a panic at every use.
//!
//! Invariant: what a descriptor is for is not known here.
//!
//! # Safety
//! This file holds the permit for reading one representation as another, for taking over a number that the
//! kernel just returned, and for `fcntl`, `read` and `write`.
#![allow(unsafe_code)]

use core::mem;
use core::ptr;

use rustix::fd::{AsRawFd, BorrowedFd, OwnedFd};

use super::arch::{self, number, outcome};
use super::errno::Errno;

/// Lends a descriptor: `as_fd` without its assertion.
#[inline]
#[must_use]
pub fn lend(fd: &OwnedFd) -> BorrowedFd<'_> {
    // SAFETY: both types are documented to have the representation of a descriptor's number, and the loan is as long
    // as the one of `fd`.
    unsafe { *ptr::from_ref(fd).cast() }
}

/// A descriptor that stays open for as long as the process, as a server's own do: what is never closed needs no
/// code that closes it where a start fails.
///
/// Where the kernel had none to give it is the error, and every call with it fails. Of those that are made together only
/// the last one is looked at: want of descriptors does not pass meanwhile.
#[derive(Debug)]
pub struct Kept(i32);

impl Kept {
    /// Keeps what a system call returned that opens a descriptor.
    #[inline]
    pub(super) const fn new(returned: isize) -> Self {
        Self(returned as i32)
    }

    /// None, for this reason.
    #[inline]
    pub(crate) const fn none(errno: Errno) -> Self {
        Self(errno.as_returned())
    }

    /// Whether it is there.
    ///
    /// # Errors
    /// Why it is not.
    #[inline]
    pub fn outcome(&self) -> Result<(), Errno> {
        match Errno::returned(self.0) {
            Some(errno) if self.0 < 0 => Err(errno),
            _ => Ok(()),
        }
    }

    /// Keeps it no more.
    #[inline]
    pub fn close(&mut self) {
        // SAFETY: the descriptor has no other owner, and its number is forgotten.
        unsafe { arch::syscall(number::CLOSE, [self.argument()]) };
        self.0 = -1;
    }

    /// It as a system call's argument.
    #[inline]
    pub(crate) const fn argument(&self) -> usize {
        self.0.cast_unsigned() as usize
    }
}

#[cfg(test)]
impl rustix::fd::AsFd for Kept {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.outcome().unwrap();
        // SAFETY: it is there, and nobody closes it.
        unsafe { BorrowedFd::borrow_raw(self.0) }
    }
}

/// Another descriptor for the same, closed on exec.
#[inline]
#[must_use]
pub fn duplicate(fd: &Kept) -> Kept {
    const F_DUPFD_CLOEXEC: usize = 1030;
    // SAFETY: the call takes numbers, and opens a descriptor above the standard ones.
    Kept::new(unsafe { arch::syscall(number::FCNTL, [fd.argument(), F_DUPFD_CLOEXEC, 3]) })
}

/// Reads from `fd` into `octets`: how many, or an error number below 0.
#[inline]
pub(super) fn read(fd: usize, octets: &mut [u8]) -> isize {
    let place = octets.as_mut_ptr().expose_provenance();
    // SAFETY: the place is writable and as long as said.
    unsafe { arch::syscall(number::READ, [fd, place, octets.len()]) }
}

/// Writes `octets` to `fd`: how many were taken, or an error number below 0.
#[inline]
pub(super) fn write(fd: usize, octets: &[u8]) -> isize {
    let place = octets.as_ptr().expose_provenance();
    // SAFETY: the octets are only read, and as many as said.
    unsafe { arch::syscall(number::WRITE, [fd, place, octets.len()]) }
}

/// Takes over what a system call returned that opens a descriptor.
///
/// # Safety
/// - `returned` is an error, or a descriptor that the kernel has just made for us alone.
#[inline(always)]
pub(super) unsafe fn adopt(returned: isize) -> Result<OwnedFd, Errno> {
    let fd = outcome(returned)?;
    // SAFETY: by this function's contract.
    Ok(unsafe { own(fd as u32) })
}

/// The owner of a descriptor.
///
/// # Safety
/// - `fd` is open, not negative, and has no other owner.
#[inline]
pub(super) unsafe fn own(fd: u32) -> OwnedFd {
    // SAFETY: as in `lend`: an owner is its number.
    unsafe { mem::transmute::<u32, OwnedFd>(fd) }
}

/// The descriptor as a system call's argument.
#[inline]
pub(crate) fn argument(fd: BorrowedFd<'_>) -> usize {
    fd.as_raw_fd().cast_unsigned() as usize
}
