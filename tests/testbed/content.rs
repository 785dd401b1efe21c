//! Octets that tell where they stand, so that a part that comes from the wrong place shows.

/// Octets of the largest body.
pub(crate) const LEN: usize = 4 << 20;

/// Octets of a block; each begins with its number.
const BLOCK: usize = 4096;

/// Blocks of text, alike but for eight decimal digits at their beginning.
pub(crate) const fn numbered() -> [u8; LEN] {
    let mut body = [b'.'; LEN];
    let mut at = 1;
    while at < BLOCK {
        body[at] = b'a' + (at % 23) as u8;
        at += 1;
    }
    let mut filled = BLOCK;
    while filled < LEN {
        let (whole, rest) = body.split_at_mut(filled);
        rest.split_at_mut(filled).0.copy_from_slice(whole);
        filled *= 2;
    }
    let mut block = 0;
    while block < LEN / BLOCK {
        let (mut digit, mut rest) = (8, block);
        while digit > 0 {
            digit -= 1;
            body[block * BLOCK + digit] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        block += 1;
    }
    body
}
