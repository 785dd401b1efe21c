//! The functions of a C library that compiled code calls, on `x86_64`.
//!
//! They are assembly because a loop in Rust that copies is compiled to a call of `memcpy`, which it would be.
//!
//! Invariant: every call returns what C says and touches nothing beyond its length.
//!
//! # Safety
//! This file holds the permit for assembly. Each function keeps its C contract: pointers valid for the length,
//! and apart where `memcpy` asks for it.
#![allow(unsafe_code)]

use core::arch::naked_asm;
use core::ffi::{c_char, c_int, c_void};

/// Octets up to which a copy is a loop of vector moves: `rep movsb` costs more to begin.
const LOOP_MAX: usize = 512;

/// Copies octets that do not overlap, or of which the source lies higher; `memmove` relies on the latter.
#[cfg_attr(not(test), unsafe(no_mangle))]
#[unsafe(naked)]
unsafe extern "C" fn memcpy(to: *mut c_void, from: *const c_void, len: usize) -> *mut c_void {
    naked_asm!(
        "mov rax, rdi",                             // the result
        "lea rcx, [rdx - 16]",
        "cmp rcx, {loop_max} - 16",                 // unsigned: less than 16 is very much
        "ja 2f",
        "movups xmm1, [rsi + rcx]",                 // the last 16, read before anything is written
        "lea r8, [rdi + rcx]",
        "neg rcx",
        "jz 3f",
        "sub rsi, rcx",                             // both at their ends less 16
        "1:",
        "movups xmm0, [rsi + rcx]",
        "movups [r8 + rcx], xmm0",
        "add rcx, 16",                              // counts up to zero
        "js 1b",
        "3:",
        "movups [r8], xmm1",                        // overlaps what the loop wrote
        "ret",
        "2:",
        "mov rcx, rdx",
        "rep movsb",                                // the processor's own copy
        "ret",
        loop_max = const LOOP_MAX,
    )
}

/// Copies octets that may overlap.
#[cfg_attr(not(test), unsafe(no_mangle))]
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
#[cfg_attr(not(test), unsafe(no_mangle))]
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
#[cfg_attr(not(test), unsafe(no_mangle))]
#[unsafe(naked)]
unsafe extern "C" fn memcmp(a: *const c_void, b: *const c_void, len: usize) -> c_int {
    naked_asm!(
        "mov rcx, rdx",
        "cmp rcx, rcx", // equal, where there is nothing to compare
        "repe cmpsb",   // the processor's own comparison
        "setb al",      // it takes the first from the second
        "seta cl",
        "sub al, cl", // 1, 0 or -1
        "movsx eax, al",
        "ret",
    )
}

/// Tells whether octets differ: anything but zero.
#[cfg_attr(not(test), unsafe(no_mangle))]
#[unsafe(naked)]
unsafe extern "C" fn bcmp(a: *const c_void, b: *const c_void, len: usize) -> c_int {
    naked_asm!(
        "lea rcx, [rdx - 8]",
        "test rcx, rcx",
        "js 3f",        // shorter than a word
        "add rdi, rcx", // both at their ends less 8
        "add rsi, rcx",
        "neg rcx",
        "1:",
        "mov rax, [rdi + rcx]",
        "sub rax, [rsi + rcx]",
        "jnz 2f",
        "add rcx, 8", // counts up to zero
        "js 1b",
        "cmp ecx, 8", // was it there already?
        "mov ecx, eax",
        "jne 1b", // the last 8 overlap those before
        "ret",
        "2:",
        "mov al, 1", // the lower half alone may be zero
        "ret",
        "3:",
        "mov ecx, edx",
        "xor eax, eax", // equal, where there is nothing to compare
        "repe cmpsb",
        "setne al",
        "ret",
    )
}

/// Octets before the one that is zero.
#[cfg_attr(not(test), unsafe(no_mangle))]
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

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::{LOOP_MAX, bcmp, memcmp, memcpy, memmove, memset, strlen};

    const EDGE: u8 = 0xEE;

    /// Every length that takes a path of its own, and its neighbours.
    fn lens() -> impl Iterator<Item = usize> {
        (0..=130)
            .chain(LOOP_MAX - 3..=LOOP_MAX + 3)
            .chain([4096, 10_007])
    }

    fn pattern(len: usize) -> Vec<u8> {
        (0..len).map(|at| (at * 31 % 251) as u8).collect()
    }

    #[test]
    fn copies_all_and_no_more() {
        for len in lens() {
            let from = pattern(len);
            let mut to = std::vec![EDGE; len + 2];
            let place = to[1..].as_mut_ptr();
            // SAFETY: both are valid for `len`, and apart.
            let returned = unsafe { memcpy(place.cast(), from.as_ptr().cast(), len) };
            assert_eq!(returned, place.cast());
            assert_eq!(to[1..=len], from, "{len}");
            assert_eq!((to[0], to[len + 1]), (EDGE, EDGE), "{len}");
        }
    }

    #[test]
    fn moves_over_itself() {
        for len in lens() {
            for (from, to) in [
                (0, 0),
                (0, 1),
                (1, 0),
                (0, 7),
                (33, 0),
                (0, 33),
                (0, len),
                (len, 0),
            ] {
                let mut octets = pattern(len + from.max(to));
                let mut expected = octets.clone();
                expected.copy_within(from..from + len, to);
                let base = octets.as_mut_ptr();
                // SAFETY: both ranges lie in `octets`.
                unsafe { memmove(base.add(to).cast(), base.add(from).cast(), len) };
                assert_eq!(octets, expected, "{len} from {from} to {to}");
            }
        }
    }

    #[test]
    fn fills_all_and_no_more() {
        for len in lens() {
            let mut octets = std::vec![EDGE; len + 2];
            // SAFETY: valid for `len`.
            unsafe { memset(octets[1..].as_mut_ptr().cast(), 0x1AA, len) };
            assert!(octets[1..=len].iter().all(|&octet| octet == 0xAA), "{len}");
            assert_eq!((octets[0], octets[len + 1]), (EDGE, EDGE), "{len}");
        }
    }

    #[test]
    fn compares_as_slices_do() {
        for len in lens() {
            let a = pattern(len);
            let mut b = a.clone();
            let compare = |b: &[u8]| {
                // SAFETY: both are valid for `len`.
                let ordered = unsafe { memcmp(a.as_ptr().cast(), b.as_ptr().cast(), len) };
                assert_eq!(ordered.cmp(&0), a.as_slice().cmp(b), "{len}");
                // SAFETY: the same.
                let differ = unsafe { bcmp(a.as_ptr().cast(), b.as_ptr().cast(), len) };
                assert_eq!(differ != 0, a.as_slice() != b, "{len}");
            };
            compare(&b);
            for at in 0..len {
                for change in [1, 0x80, 0xFF] {
                    b[at] = a[at].wrapping_add(change);
                    // What follows the first difference does not count.
                    b[len - 1] ^= if at + 1 < len { 0xFF } else { 0 };
                    compare(&b);
                    b[len - 1] = a[len - 1];
                    b[at] = a[at];
                }
            }
        }
    }

    #[test]
    fn measures_strings() {
        for len in 0..40 {
            let mut string = std::vec![b'x'; len];
            string.push(0);
            // SAFETY: the string ends in null.
            assert_eq!(unsafe { strlen(string.as_ptr().cast()) }, len);
        }
    }
}
