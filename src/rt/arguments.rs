//! What the kernel passes to a program: its arguments and its environment.
//!
//! # Safety
//! This file holds the permit because the kernel passes pointers.

use core::ffi::{CStr, c_char};

/// The arguments behind the program's name.
pub(crate) struct Arguments(Strings);

/// The environment: `NAME=value` strings.
pub(crate) struct Environment(Strings);

/// A vector of pointers to strings that ends in null. Both live as long as the process.
struct Strings(*const *const c_char);

/// Splits the initial process stack.
///
/// # Safety
/// - As for [`super::entry`].
pub(super) unsafe fn from_stack(stack: *const usize) -> (Arguments, Environment) {
    // SAFETY: the count lies at the stack's end.
    let count = unsafe { stack.read() };
    let arguments = stack.wrapping_add(1).cast::<*const c_char>();
    let environment = arguments.wrapping_add(count).wrapping_add(1);
    // A program may be started without even a name; the vector is empty then.
    let first = arguments.wrapping_add(count.min(1));
    (Arguments(Strings(first)), Environment(Strings(environment)))
}

impl Iterator for Arguments {
    type Item = &'static [u8];

    fn next(&mut self) -> Option<&'static [u8]> {
        self.0.next()
    }
}

impl Iterator for Environment {
    type Item = &'static [u8];

    fn next(&mut self) -> Option<&'static [u8]> {
        self.0.next()
    }
}

impl Iterator for Strings {
    type Item = &'static [u8];

    #[inline(never)]
    fn next(&mut self) -> Option<&'static [u8]> {
        // SAFETY: the vector ends in null, and the walk does not go past it.
        let string = unsafe { self.0.read() };
        if string.is_null() {
            return None;
        }
        self.0 = self.0.wrapping_add(1);
        // SAFETY: the kernel ends every string in null, and nobody writes to them.
        Some(unsafe { CStr::from_ptr(string) }.to_bytes())
    }
}
