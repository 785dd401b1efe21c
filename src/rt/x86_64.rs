//! `_start`, and the functions of a C library that compiled code calls, on `x86_64`.
//!
//! They are assembly because a loop in Rust that copies is compiled to a call of `memcpy`, which it would be.
//!
//! # Safety
//! This file holds the permit for assembly. Each function keeps its C contract: pointers valid for the length,
//! and apart where `memcpy` asks for it.

use core::arch::naked_asm;
use core::ffi::{c_char, c_int, c_void};

/// Octets up to which a copy is a loop of vector moves: below that, `rep movsb` costs more to begin.
const LOOP_MAX: usize = 512;

/// Where the kernel enters. The stack holds the argument count, and below it nothing.
#[unsafe(no_mangle)]
#[unsafe(naked)]
unsafe extern "C" fn _start() -> ! {
    naked_asm!(
        "xor ebp, ebp",                             // the outermost frame
        "mov rdi, rsp",                             // entry's argument: the initial stack
        "and rsp, -16",                             // aligned already by the kernel; cheap to be sure
        "call {entry}",
        "ud2",                                      // unreachable: entry does not return
        entry = sym super::entry,
    )
}

/// Copies octets that do not overlap, or of which the source lies higher; `memmove` relies on the latter.
#[unsafe(no_mangle)]
#[unsafe(naked)]
unsafe extern "C" fn memcpy(to: *mut c_void, from: *const c_void, len: usize) -> *mut c_void {
    naked_asm!(
        "mov rax, rdi",                             // the result
        "cmp rdx, 32",
        "jb 3f",
        "cmp rdx, {loop_max}",
        "ja 7f",
        "movups xmm2, [rsi + rdx - 32]",            // the last 32, read before anything is written
        "movups xmm3, [rsi + rdx - 16]",
        "lea rsi, [rsi + rdx - 32]",                // both ends less 32
        "lea rdi, [rdi + rdx - 32]",
        "mov ecx, 32",
        "sub rcx, rdx",                             // counts up to zero: offset of the next 32 from there
        "jz 2f",
        "1:",
        "movups xmm0, [rsi + rcx]",
        "movups xmm1, [rsi + rcx + 16]",
        "movups [rdi + rcx], xmm0",
        "movups [rdi + rcx + 16], xmm1",
        "add rcx, 32",
        "js 1b",
        "2:",
        "movups [rdi], xmm2",                       // overlaps what the loop wrote
        "movups [rdi + 16], xmm3",
        "ret",
        "3:",                                       // less than 32: all is read before anything is written
        "cmp edx, 16",
        "jb 4f",
        "movups xmm0, [rsi]",
        "movups xmm1, [rsi + rdx - 16]",
        "movups [rdi], xmm0",
        "movups [rdi + rdx - 16], xmm1",
        "ret",
        "4:",
        "cmp edx, 8",
        "jb 5f",
        "mov rcx, [rsi]",
        "mov r8, [rsi + rdx - 8]",
        "mov [rdi], rcx",
        "mov [rdi + rdx - 8], r8",
        "ret",
        "5:",
        "cmp edx, 4",
        "jb 6f",
        "mov ecx, [rsi]",
        "mov r8d, [rsi + rdx - 4]",
        "mov [rdi], ecx",
        "mov [rdi + rdx - 4], r8d",
        "ret",
        "6:",
        "test edx, edx",
        "jz 8f",
        "movzx ecx, byte ptr [rsi]",                // one to three: first, middle, last
        "movzx r8d, byte ptr [rsi + rdx - 1]",
        "mov r9, rdx",
        "shr r9",
        "movzx esi, byte ptr [rsi + r9]",
        "mov [rdi], cl",
        "mov [rdi + r9], sil",
        "mov [rdi + rdx - 1], r8b",
        "ret",
        "7:",
        "mov rcx, rdx",
        "rep movsb",                                // the processor's own copy
        "8:",
        "ret",
        loop_max = const LOOP_MAX,
    )
}

/// Copies octets that may overlap.
#[unsafe(no_mangle)]
#[unsafe(naked)]
unsafe extern "C" fn memmove(to: *mut c_void, from: *const c_void, len: usize) -> *mut c_void {
    naked_asm!(
        "mov rcx, rdi",
        "sub rcx, rsi",
        "cmp rcx, rdx",                             // unsigned: the target begins inside the source?
        "jae {memcpy}",                             // no: forwards will do
        "mov rax, rdi",
        "lea rdi, [rdi + rdx - 1]",
        "lea rsi, [rsi + rdx - 1]",
        "mov rcx, rdx",
        "std",
        "rep movsb",                                // from the end backwards
        "cld",
        "ret",
        memcpy = sym memcpy,
    )
}

/// Fills with one octet.
#[unsafe(no_mangle)]
#[unsafe(naked)]
unsafe extern "C" fn memset(to: *mut c_void, octet: c_int, len: usize) -> *mut c_void {
    naked_asm!(
        "mov r8, rdi",
        "mov eax, esi",
        "mov rcx, rdx",
        "rep stosb",
        "mov rax, r8",
        "ret",
    )
}

/// Orders octets: negative, zero or positive as the first that differ do.
#[unsafe(no_mangle)]
#[unsafe(naked)]
unsafe extern "C" fn memcmp(a: *const c_void, b: *const c_void, len: usize) -> c_int {
    naked_asm!(
        "sub rdx, 8",
        "jb 3f",
        "1:",
        "mov rax, [rdi]",
        "mov rcx, [rsi]",
        "cmp rax, rcx",
        "jne 2f",
        "test rdx, rdx", // nothing behind these eight?
        "jz 4f",
        "mov eax, 8",
        "cmp rdx, rax",
        "cmovb rax, rdx", // the last step overlaps, so that it is whole
        "add rdi, rax",
        "add rsi, rax",
        "sub rdx, rax",
        "jmp 1b",
        "2:",
        "bswap rax", // the first octet counts most
        "bswap rcx",
        "cmp rax, rcx",
        "sbb eax, eax", // -1 if below, else 0
        "or eax, 1",    // -1 or 1
        "ret",
        "3:",
        "add edx, 8", // less than eight: one by one
        "jz 4f",
        "5:",
        "movzx eax, byte ptr [rdi]",
        "movzx ecx, byte ptr [rsi]",
        "sub eax, ecx",
        "jnz 6f",
        "inc rdi",
        "inc rsi",
        "dec edx",
        "jnz 5b",
        "4:",
        "xor eax, eax",
        "6:",
        "ret",
    )
}

/// Zero if octets are equal.
#[unsafe(no_mangle)]
#[unsafe(naked)]
unsafe extern "C" fn bcmp(a: *const c_void, b: *const c_void, len: usize) -> c_int {
    naked_asm!("jmp {memcmp}", memcmp = sym memcmp)
}

/// Octets before the one that is zero.
#[unsafe(no_mangle)]
#[unsafe(naked)]
unsafe extern "C" fn strlen(string: *const c_char) -> usize {
    naked_asm!(
        "or rax, -1",
        "1:",
        "inc rax",
        "cmp byte ptr [rdi + rax], 0",
        "jne 1b",
        "ret",
    )
}
