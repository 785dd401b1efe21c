//! Classes of octets, sixteen at a time, with SSE2, which every x86-64 processor has.
//!
//! # Safety
//! This file may use `unsafe` because Rust asks for it where a function with a target feature is called from one
//! without; SSE2 belongs to the architecture that `sys` is written for.
#![allow(unsafe_code)]

use core::arch::x86_64::{
    __m128i, _mm_add_epi8, _mm_andnot_si128, _mm_cmpeq_epi8, _mm_cmplt_epi8, _mm_loadu_si128,
    _mm_min_epu8, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8, _mm_sub_epi8,
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

/// Which octets are from `first` to `first + len - 1`.
#[inline]
#[target_feature(enable = "sse2")]
fn range(octets: __m128i, first: u8, len: u8) -> __m128i {
    let from_first = _mm_sub_epi8(octets, splat(first));
    _mm_cmpeq_epi8(_mm_min_epu8(from_first, splat(len - 1)), from_first)
}

#[inline]
#[target_feature(enable = "sse2")]
fn letters(octets: __m128i) -> __m128i {
    range(_mm_or_si128(octets, splat(0x20)), b'a', 26)
}

#[inline]
#[target_feature(enable = "sse2")]
fn mask(lanes: __m128i) -> u32 {
    _mm_movemask_epi8(lanes).cast_unsigned()
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
                mask($lanes)
            }
            // SAFETY: the processor has SSE2, as the comment of this file says.
            unsafe { answer(block) }
        }
    };
}

question!(
    /// Octets that are not from SP to `~`. Adding one takes DEL to the smallest signed number,
    /// so that one signed comparison finds CTL, DEL and obs-text.
    value_stops,
    |octets| _mm_cmplt_epi8(_mm_add_epi8(octets, splat(1)), splat(b' ' + 1))
);

question!(
    /// Slash, letters and digits. The slash is the octet before the digits.
    plain_path,
    |octets| _mm_or_si128(letters(octets), range(octets, b'/', 11))
);

question!(
    /// Letters and hyphen.
    plain_name,
    |octets| _mm_or_si128(letters(octets), _mm_cmpeq_epi8(octets, splat(b'-')))
);

question!(
    /// Letters, digits, hyphen and dot. From hyphen to `9` lies one other octet, the slash.
    plain_host,
    |octets| _mm_or_si128(
        letters(octets),
        _mm_andnot_si128(
            _mm_cmpeq_epi8(octets, splat(b'/')),
            range(octets, b'-', 13)
        )
    )
);

question!(
    /// Digits.
    digits,
    |octets| range(octets, b'0', 10)
);
