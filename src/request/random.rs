//! Random input for tests, the same in every run with the same seed.

use core::ops::Range;

/// An xorshift generator (Marsaglia 2003).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below the bound.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() >> 11) as usize % bound
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }

    /// Where to replace, remove or insert an octet in `len` of them, and by which, preferably one that means something.
    pub(crate) fn edit(&mut self, len: usize, meaningful: &[u8]) -> (Range<usize>, Option<u8>) {
        let at = self.below(len + 1);
        let octet = match self.below(4) {
            0 => self.below(256) as u8,
            _ => meaningful[self.below(meaningful.len())],
        };
        match self.below(3) {
            0 if at < len => (at..at + 1, Some(octet)),
            1 if at < len => (at..at + 1, None),
            _ => (at..at, Some(octet)),
        }
    }
}
