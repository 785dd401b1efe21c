//! The chunks that octets are parked in: unfinished requests, and answers that a socket would not take.

use crate::limits::{CHUNKS_MAX, READ_CHUNK};

/// A chunk and how much further than the next one in memory the one is that comes behind it, so that zeros are a list
/// of all.
type Chunk = (u16, [u8; READ_CHUNK]);

/// The chunks of one worker. Those beyond the highest that was ever used are not touched.
pub(super) struct Pool {
    chunks: &'static mut Chunks,
    free: u16,
}

/// The memory of a pool.
pub(super) type Chunks = [Chunk; CHUNKS_MAX];

/// Parked octets, first to last. It does not know its pool, which is the worker's. One without octets has no chunk.
#[derive(Debug, Default)]
pub(super) struct Chain {
    first: u16,
    last: u16,
    len: u16,
    /// So many more octets fit in the last chunk.
    room: u8,
}

impl Chain {
    pub(super) const fn new() -> Self {
        Self {
            first: 0,
            last: 0,
            len: 0,
            room: 0,
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.len as usize
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl Pool {
    pub(super) const fn new(chunks: &'static mut Chunks) -> Self {
        Self { chunks, free: 0 }
    }

    /// How many chunks hold octets.
    #[cfg(test)]
    pub(super) fn used(&self) -> usize {
        let (mut used, mut number) = (CHUNKS_MAX, self.free);
        while let Some((further, _)) = self.chunks.get(usize::from(number)) {
            used -= 1;
            number = number.wrapping_add(1).wrapping_add(*further);
        }
        used
    }

    /// Appends octets; `false` where the pool or the chain has no room for all of them, and then nothing changes
    /// but the chain, whose owner gives it up.
    #[must_use]
    #[inline(never)]
    pub(super) fn append(&mut self, chain: &mut Chain, octets: &[u8]) -> bool {
        if chain.len() + octets.len() > usize::from(u16::MAX) {
            return false;
        }
        for octet in octets {
            if chain.room == 0 {
                let number = self.free;
                let Some((further, _)) = self.chunks.get(usize::from(number)) else {
                    return false;
                };
                self.free = behind(number, *further);
                if chain.is_empty() {
                    chain.first = number;
                } else {
                    self.link(chain.last, number);
                }
                chain.last = number;
                chain.room = READ_CHUNK as u8;
            }
            let Some((_, chunk)) = self.chunks.get_mut(usize::from(chain.last)) else {
                return false;
            };
            if let Some(place) = chunk.get_mut(READ_CHUNK - usize::from(chain.room)) {
                *place = *octet;
            }
            chain.room -= 1;
            chain.len += 1;
        }
        true
    }

    /// Puts a chunk behind another.
    fn link(&mut self, before: u16, number: u16) {
        if let Some((further, _)) = self.chunks.get_mut(usize::from(before)) {
            *further = number.wrapping_sub(before).wrapping_sub(1);
        }
    }

    /// Copies the octets to the front of `place`, as many as fit, and returns their number.
    #[inline(never)]
    pub(super) fn copy(&self, chain: &Chain, place: &mut [u8]) -> usize {
        let mut number = chain.first;
        let (mut chunk, mut done): (&[u8], _) = (&[], 0);
        for place in place.iter_mut().take(chain.len()) {
            if chunk.is_empty()
                && let Some((further, octets)) = self.chunks.get(usize::from(number))
            {
                number = behind(number, *further);
                chunk = octets;
            }
            if let [octet, rest @ ..] = chunk {
                *place = *octet;
                chunk = rest;
            }
            done += 1;
        }
        done
    }

    /// Gives up all octets.
    #[inline(never)]
    pub(super) fn clear(&mut self, chain: &mut Chain) {
        if !chain.is_empty() {
            self.link(chain.last, self.free);
            self.free = chain.first;
            chain.len = 0;
            chain.room = 0;
        }
    }
}

/// The chunk behind one.
const fn behind(number: u16, further: u16) -> u16 {
    number.wrapping_add(further).wrapping_add(1)
}

#[cfg(test)]
mod tests {
    use super::{Chain, Pool};
    use crate::limits::{CHUNKS_MAX, READ_CHUNK};
    use std::collections::VecDeque;
    use std::vec::Vec;

    #[test]
    fn chains_keep_their_octets_in_order_and_give_their_chunks_back() {
        let mut pool = Pool::new(crate::sys::memory::zeroed().unwrap());
        let mut chains: [(Chain, VecDeque<u8>); 3] =
            core::array::from_fn(|_| (Chain::new(), VecDeque::new()));
        let mut seed = 0x2545_f491_4f6c_dd1d_u64;
        for step in 0..20_000_u32 {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            let (chain, model) = &mut chains[(seed % 3) as usize];
            let len = (seed >> 8) as usize % 500;
            if seed & 0x100_0000 == 0 && model.len() < 20_000 {
                let octets: Vec<u8> = (0..len).map(|at| (at as u8) ^ step as u8).collect();
                assert!(pool.append(chain, &octets));
                model.extend(&octets);
            } else if seed & 0x600_0000 == 0 {
                pool.clear(chain);
                model.clear();
            }
            let mut copy = std::vec![0; 25_000];
            let copied = pool.copy(chain, &mut copy);
            assert_eq!(copied, model.len());
            assert!(model.iter().eq(&copy[..copied]), "step {step}");
        }
        for (chain, _) in &mut chains {
            pool.clear(chain);
        }
        assert_eq!(pool.used(), 0);
    }

    #[test]
    fn an_empty_pool_refuses_and_recovers() {
        let mut pool = Pool::new(crate::sys::memory::zeroed().unwrap());
        let mut chains: Vec<Chain> = Vec::new();
        let mut octets_left = CHUNKS_MAX * READ_CHUNK;
        while octets_left > 0 {
            let mut chain = Chain::new();
            let len = octets_left.min(100 * READ_CHUNK);
            assert!(pool.append(&mut chain, &std::vec![7; len]));
            chains.push(chain);
            octets_left -= len;
        }
        let mut late = Chain::new();
        assert!(!pool.append(&mut late, b"x"));
        pool.clear(&mut late);
        pool.clear(&mut chains[0]);
        assert!(pool.append(&mut late, b"x"));
    }
}
