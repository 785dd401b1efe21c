//! Classes of octets, sixteen at a time, with SSE2, which every x86-64 processor has.
//!
//! A range is one addition, which takes its first octet to the smallest signed number, and one signed comparison.
//!
//! # Safety
//! This file may use `unsafe` because Rust asks for it where a function with a target feature is called from one
//! without; SSE2 belongs to the architecture that `sys` is written for.
#![allow(unsafe_code)]

use core::arch::x86_64::{
    __m128i, _mm_add_epi8, _mm_and_si128, _mm_andnot_si128, _mm_cmpeq_epi8, _mm_cmpgt_epi8,
    _mm_loadu_si128, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8,
};

#[inline]
#[target_feature(enable = "sse2")]
fn splat(octet: u8) -> __m128i {
    _mm_set1_epi8(octet.cast_signed())
}

#[inline]
#[target_feature(enable = "sse2")]
fn load(block: &[u8; 16]) -> __m128i {
    // SAFETY: the reference covers sixteen octets, and the load asks for no alignment.
    unsafe { _mm_loadu_si128(block.as_ptr().cast()) }
}

/// Which octets are none of those from `first` to `last`.
#[inline]
#[target_feature(enable = "sse2")]
fn outside(octets: __m128i, first: u8, last: u8) -> __m128i {
    let least = 0x80_u8.wrapping_sub(first);
    let moved = _mm_add_epi8(octets, splat(least));
    _mm_cmpgt_epi8(moved, splat(last.wrapping_add(least)))
}

/// Which octets are no letters.
#[inline]
#[target_feature(enable = "sse2")]
fn no_letters(octets: __m128i) -> __m128i {
    outside(_mm_or_si128(octets, splat(0x20)), b'a', b'z')
}

#[inline]
#[target_feature(enable = "sse2")]
fn is(octets: __m128i, octet: u8) -> __m128i {
    _mm_cmpeq_epi8(octets, splat(octet))
}

/// Declares a question: its documentation, its name, and the lanes that answer it.
macro_rules! question {
    ($(#[$doc:meta])* $name:ident, |$octets:ident| $lanes:expr) => {
        $(#[$doc])*
        #[inline(always)]
        #[must_use]
        pub fn $name(block: &[u8; 16]) -> u32 {
            #[inline]
            #[target_feature(enable = "sse2")]
            fn answer(block: &[u8; 16]) -> u32 {
                let $octets = load(block);
                _mm_movemask_epi8($lanes).cast_unsigned()
            }
            // SAFETY: the processor has SSE2, as the comment of this file says.
            unsafe { answer(block) }
        }
    };
}

question!(
    /// Which octets are SP.
    spaces,
    |octets| is(octets, b' ')
);

question!(
    /// Which octets are no letter and no hyphen.
    name_stops,
    |octets| _mm_andnot_si128(is(octets, b'-'), no_letters(octets))
);

question!(
    /// Which octets are not from SP to `~`.
    value_stops,
    |octets| outside(octets, b' ', b'~')
);

question!(
    /// Which octets are no letter, digit, hyphen or dot. From hyphen to `9` lies one other octet, the slash.
    host_stops,
    |octets| _mm_and_si128(
        no_letters(octets),
        _mm_or_si128(outside(octets, b'-', b'9'), is(octets, b'/'))
    )
);

question!(
    /// Which octets are no digits.
    digit_stops,
    |octets| outside(octets, b'0', b'9')
);
