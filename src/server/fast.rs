//! The fast way to look at blocks of octets: `request` asks, `sys` answers, and neither knows the other.

use crate::request::Scan;
use crate::sys::simd;

/// What the processor is fast at.
#[derive(Clone, Copy, Debug)]
pub struct Fast;

impl Scan for Fast {
    #[inline(always)]
    fn value_stops(block: &[u8; 16]) -> u32 {
        simd::value_stops(block)
    }

    #[inline(always)]
    fn plain_path(block: &[u8; 16]) -> u32 {
        simd::plain_path(block)
    }

    #[inline(always)]
    fn plain_name(block: &[u8; 16]) -> u32 {
        simd::plain_name(block)
    }

    #[inline(always)]
    fn plain_host(block: &[u8; 16]) -> u32 {
        simd::plain_host(block)
    }

    #[inline(always)]
    fn digits(block: &[u8; 16]) -> u32 {
        simd::digits(block)
    }
}
