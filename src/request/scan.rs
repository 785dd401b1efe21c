//! Sixteen octets at a time: which of them end a run of a class, as a bit mask whose lowest bit is the first octet.

/// Octets of a block.
pub const BLOCK: usize = 16;

/// The questions that the parser asks about blocks. [`Plain`] answers them as they are written;
/// a worker brings a faster way along, and the tests hold the two against each other.
pub trait Scan {
    /// All SP.
    fn spaces(block: &[u8; BLOCK]) -> u32;

    /// All but letters and hyphen, which most field names are made of.
    fn name_stops(block: &[u8; BLOCK]) -> u32;

    /// All but SP to `~`: every CTL and DEL, and HTAB and obs-text, which are allowed but rare.
    fn value_stops(block: &[u8; BLOCK]) -> u32;

    /// All but letters, digits, hyphen and dot, which most hosts are made of.
    fn host_stops(block: &[u8; BLOCK]) -> u32;

    /// All but digits.
    fn digit_stops(block: &[u8; BLOCK]) -> u32;
}

/// One octet after the other.
#[derive(Clone, Copy, Debug)]
pub struct Plain;

/// The octets that do not belong to a class.
fn others(block: &[u8; BLOCK], class: impl Fn(u8) -> bool) -> u32 {
    block
        .iter()
        .rev()
        .fold(0, |mask, &octet| mask << 1 | u32::from(!class(octet)))
}

impl Scan for Plain {
    fn spaces(block: &[u8; BLOCK]) -> u32 {
        others(block, |octet| octet != b' ')
    }

    fn name_stops(block: &[u8; BLOCK]) -> u32 {
        others(block, |octet| octet == b'-' || octet.is_ascii_alphabetic())
    }

    fn value_stops(block: &[u8; BLOCK]) -> u32 {
        others(block, |octet| matches!(octet, b' '..=b'~'))
    }

    fn host_stops(block: &[u8; BLOCK]) -> u32 {
        others(block, |octet| {
            matches!(octet, b'-' | b'.') || octet.is_ascii_alphanumeric()
        })
    }

    fn digit_stops(block: &[u8; BLOCK]) -> u32 {
        others(block, |octet| octet.is_ascii_digit())
    }
}
