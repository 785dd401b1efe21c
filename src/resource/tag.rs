//! Entity tags: strong validators from the content.

/// Octets of an entity tag, quotes included.
pub(crate) const TAG_LEN: usize = 18;

const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

/// A 64-bit hash of octets, eight at a time, in the order of RFC-neutral little endian words.
/// `seed` keeps equal octets under different content codings apart.
pub(crate) const fn hash(octets: &[u8], seed: u64) -> u64 {
    let mut state = seed ^ (octets.len() as u64).wrapping_mul(MULTIPLIER);
    let mut rest = octets;
    // Patterns, since a call costs the compiler a hundred times as much.
    while let [a, b, c, d, e, f, g, h, after @ ..] = rest {
        state = mix(state ^ u64::from_le_bytes([*a, *b, *c, *d, *e, *f, *g, *h]));
        rest = after;
    }
    while let [octet, after @ ..] = rest {
        state = mix(state ^ *octet as u64);
        rest = after;
    }
    mix(state)
}

/// One round: multiply to 128 bits and fold, so that every bit of the word reaches every bit of the state.
const fn mix(word: u64) -> u64 {
    let product = (word ^ MULTIPLIER) as u128 * 0xd6e8_feb8_6659_fd93;
    (product as u64) ^ ((product >> 64) as u64) ^ word.rotate_left(29)
}

/// The entity tag of octets under a content coding.
pub(crate) const fn entity_tag(octets: &[u8], seed: u64) -> [u8; TAG_LEN] {
    let mut tag = [b'"'; TAG_LEN];
    let mut hash = hash(octets, seed);
    let mut at = TAG_LEN - 1;
    while at > 1 {
        at -= 1;
        tag[at] = b"0123456789abcdef"[(hash & 15) as usize];
        hash >>= 4;
    }
    tag
}

#[cfg(test)]
mod tests {
    use super::{entity_tag, hash};

    #[test]
    fn every_octet_and_the_coding_count() {
        let octets: [u8; 77] = core::array::from_fn(|at| at as u8);
        let whole = hash(&octets, 0);
        for at in 0..octets.len() {
            let mut changed = octets;
            changed[at] ^= 1;
            assert_ne!(hash(&changed, 0), whole, "octet {at}");
            assert_ne!(hash(&octets[..at], 0), whole, "length {at}");
        }
        assert_ne!(hash(&octets, 1), whole);
        assert_ne!(hash(b"\0", 0), hash(b"\0\0", 0));
    }

    #[test]
    fn a_tag_is_sixteen_digits_in_quotes() {
        let tag = entity_tag(b"x", 0);
        assert_eq!((tag[0], tag[17]), (b'"', b'"'));
        assert!(tag[1..17].iter().all(u8::is_ascii_hexdigit));
    }
}
