//! The first instructions, on `x86_64`.
//!
//! # Safety
//! This file holds the permit for assembly: the kernel calls nobody, it jumps.

use core::arch::naked_asm;

/// Where the kernel enters. The stack holds the argument count, and below it nothing.
#[unsafe(no_mangle)]
#[unsafe(naked)]
unsafe extern "C" fn _start() -> ! {
    naked_asm!(
        "xor ebp, ebp",                             // the outermost frame
        "mov rdi, rsp",                             // entry's argument: the initial stack, which is aligned to 16
        "call {entry}",                             // does not return
        entry = sym super::entry,
    )
}
