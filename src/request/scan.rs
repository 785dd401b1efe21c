//! Sixteen octets at a time: which of them belong to a class, as a bit mask whose lowest bit is the first octet.

/// Octets of a block.
pub const BLOCK: usize = 16;

/// The questions that the parser asks about blocks. [`Plain`] answers them as they are written;
/// a worker brings a faster way along, and the tests hold the two against each other.
pub trait Scan {
    /// Octets that end a run of a field value: every CTL, DEL, and also HTAB and obs-text, which are allowed but rare.
    fn value_stops(block: &[u8; BLOCK]) -> u32;

    /// Slash, letters and digits: octets of a path that are in normal form whatever stands beside them.
    fn plain_path(block: &[u8; BLOCK]) -> u32;

    /// Letters and hyphen: octets of most field names.
    fn plain_name(block: &[u8; BLOCK]) -> u32;

    /// Letters, digits, hyphen and dot: octets of most hosts.
    fn plain_host(block: &[u8; BLOCK]) -> u32;

    /// Digits.
    fn digits(block: &[u8; BLOCK]) -> u32;
}

/// One octet after the other.
#[derive(Clone, Copy, Debug)]
pub struct Plain;

fn mask(block: &[u8; BLOCK], class: impl Fn(u8) -> bool) -> u32 {
    block
        .iter()
        .rev()
        .fold(0, |mask, &octet| mask << 1 | u32::from(class(octet)))
}

impl Scan for Plain {
    fn value_stops(block: &[u8; BLOCK]) -> u32 {
        mask(block, |octet| !matches!(octet, b' '..=b'~'))
    }

    fn plain_path(block: &[u8; BLOCK]) -> u32 {
        mask(block, |octet| {
            octet == b'/' || octet.is_ascii_alphanumeric()
        })
    }

    fn plain_name(block: &[u8; BLOCK]) -> u32 {
        mask(block, |octet| octet == b'-' || octet.is_ascii_alphabetic())
    }

    fn plain_host(block: &[u8; BLOCK]) -> u32 {
        mask(block, |octet| {
            matches!(octet, b'-' | b'.') || octet.is_ascii_alphanumeric()
        })
    }

    fn digits(block: &[u8; BLOCK]) -> u32 {
        mask(block, |octet| octet.is_ascii_digit())
    }
}
