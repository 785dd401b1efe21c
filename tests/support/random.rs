//! Seeded randomness: a run prints its seed, and `VANILLIN_SEED` repeats it.
//!
//! Invariant: no test draws from anything else.

use std::env;
use std::time::SystemTime;

/// A xorshift generator; its quality is enough to choose offsets.
pub(crate) struct Random(u64);

impl Random {
    /// Takes the seed from the environment or the clock, and prints it for whoever reads a failure.
    pub(crate) fn new() -> Self {
        let seed = env::var("VANILLIN_SEED")
            .ok()
            .and_then(|seed| seed.parse().ok())
            .unwrap_or_else(|| {
                SystemTime::now()
                    .duration_since(SystemTime::UNIX_EPOCH)
                    .map_or(1, |since| u64::from(since.subsec_nanos()))
            });
        println!("VANILLIN_SEED={seed}");
        Self::of(seed)
    }

    /// What follows from this seed.
    pub(crate) fn of(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `bound`, which is not zero.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).expect("64-bit") % bound
    }
}
