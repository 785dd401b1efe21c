//! Threads without a libc.
//!
//! Invariant: a thread has a stack, a guard page below it and nothing else: no thread-local storage, no name, no
//! handle. Nobody joins it; it says that it ends by means of its own.
//!
//! # Safety
//! This file holds the permit because it makes the stack that a thread runs on.
#![allow(unsafe_code)]

use core::mem::ManuallyDrop;

use super::arch::{self, done, number, outcome};
use super::errno::Errno;
use super::memory;

const PAGE_LEN: usize = 4096;

/// `CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM`: everything is shared.
const SHARE_ALL: usize = 0x100 | 0x200 | 0x400 | 0x800 | 0x1_0000 | 0x4_0000;

/// Runs `f` in a new thread on a stack of `stack_len` octets, which stays mapped when the thread has ended.
///
/// The thread inherits the signal mask. It ends when `f` returns.
///
/// # Safety
/// - The process has no libc, or one that is told nothing of this thread and of which `f` uses nothing: there is
///   no thread-local storage, so that whatever reads it (`errno`, an allocator's cache, `std::thread`) faults.
/// - `f` does not unwind, and `stack_len` suffices for it: a page below the stack ends the process when it does not.
///
/// # Errors
/// ENOMEM, EAGAIN: mmap(2), mprotect(2), clone(2). `f` is forgotten, and the stack stays mapped.
#[inline(always)]
pub unsafe fn spawn<F: FnOnce() + Send + 'static>(stack_len: usize, f: F) -> Result<(), Errno> {
    // Whether the thread starts or not, nobody else drops it.
    let f = ManuallyDrop::new(f);
    let len = stack_len.next_multiple_of(PAGE_LEN).wrapping_add(PAGE_LEN);
    let pages = memory::map(len).ok_or(Errno::NOMEM)?.as_ptr();
    let guard = pages.expose_provenance();
    // SAFETY: the lowest page is part of the mapping, and nothing lies in it.
    done(unsafe { arch::syscall(number::MPROTECT, [guard, PAGE_LEN, 0]) })?;
    let below = size_of::<F>().next_multiple_of(align_of::<F>().max(16));
    let argument = pages.wrapping_add(len.wrapping_sub(below));
    // SAFETY: the place lies in the mapping, below its end by the value's size and aligned for it.
    unsafe { argument.cast::<ManuallyDrop<F>>().write(f) };
    // SAFETY: the flags share everything; the stack below `argument` is new; `f` may run in a thread.
    outcome(unsafe { arch::clone(SHARE_ALL, argument, run::<F>) }).map(drop)
}

/// The thread's beginning and end.
///
/// # Safety
/// - `f` points to a value that nobody else uses.
unsafe extern "C" fn run<F: FnOnce()>(f: *mut u8) -> ! {
    // SAFETY: `spawn` wrote it there for this thread alone.
    let f = unsafe { f.cast::<F>().read() };
    f();
    arch::exit(number::EXIT, 0)
}
