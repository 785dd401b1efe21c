//! What a C run-time would be: the way from the kernel to `main`, and the functions that compiled code calls.
//!
//! The binaries declare it, never the library, whose test binaries have a libc.
//!
//! Invariant: no HTTP, no descriptor but standard error, no thread-local storage.
//!
//! # Safety
//! This folder holds the permit because it is what Rust runs on. The process has no libc, so that
//! threads may be started without one.
#![allow(unsafe_code)]
// Each binary uses its part.
#![allow(dead_code)]

mod arguments;
mod memory;
mod x86_64;

use vanillin::sys::{process, thread};

pub(crate) use arguments::{Arguments, Environment};

/// Where `_start` hands over, with the stack as the kernel laid it out.
///
/// # Safety
/// - `stack` points to the argument count, then the arguments, null, the environment, null: the
///   initial process stack of the System V ABI.
unsafe extern "C" fn entry(stack: *const usize) -> ! {
    // SAFETY: the pointer is the kernel's, by this function's contract.
    let (arguments, environment) = unsafe { arguments::from_stack(stack) };
    process::exit(crate::main(arguments, environment))
}

/// Runs `f` in a thread of its own.
///
/// # Errors
/// ENOMEM, EAGAIN: `sys::thread::spawn`.
pub(crate) fn spawn<F: FnOnce() + Send + 'static>(f: F) -> Result<(), vanillin::Errno> {
    // SAFETY: this process has no libc: this file is its `_start`, and it is linked with -nostdlib.
    // Panics abort, so that `f` does not unwind.
    unsafe { thread::spawn(vanillin::limits::STACK_LEN, f) }
}

/// A fault of the program. What it was is not said: formatting it costs more than the server.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    process::write_stderr(b"vanillin: internal error\n");
    process::exit(101)
}

/// Unoptimised code names this symbol; with panics that abort, nobody calls it.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}
