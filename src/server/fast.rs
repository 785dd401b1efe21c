//! The fast way to look at blocks of octets: `request` asks, `sys` answers, and neither knows the other.

use crate::request::Scan;
use crate::sys::simd;

/// What the processor is fast at.
#[derive(Clone, Copy, Debug)]
pub struct Fast;

impl Scan for Fast {
    #[inline(always)]
    fn spaces(block: &[u8; 16]) -> u32 {
        simd::spaces(block)
    }

    #[inline(always)]
    fn name_stops(block: &[u8; 16]) -> u32 {
        simd::name_stops(block)
    }

    #[inline(always)]
    fn value_stops(block: &[u8; 16]) -> u32 {
        simd::value_stops(block)
    }

    #[inline(always)]
    fn host_stops(block: &[u8; 16]) -> u32 {
        simd::host_stops(block)
    }

    #[inline(always)]
    fn digit_stops(block: &[u8; 16]) -> u32 {
        simd::digit_stops(block)
    }
}
