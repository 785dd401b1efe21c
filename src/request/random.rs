//! Random input for tests, the same in every run with the same seed.

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

    /// Replaces, removes, inserts or doubles one octet, preferably by one of those that mean something.
    pub(crate) fn mutate(&mut self, text: &mut std::vec::Vec<u8>, meaningful: &[u8]) {
        let octet = match self.below(4) {
            0 => self.below(256) as u8,
            _ => meaningful[self.below(meaningful.len())],
        };
        let at = self.below(text.len() + 1);
        match self.below(4) {
            0 if at < text.len() => text[at] = octet,
            1 if at < text.len() => drop(text.remove(at)),
            2 if at < text.len() => text.insert(at, text[at]),
            _ => text.insert(at, octet),
        }
    }
}
