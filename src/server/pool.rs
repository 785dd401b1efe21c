//! The chunks that octets are parked in: unfinished requests, and answers that a socket would not take.

use heapless::Vec;

use crate::limits::{CHUNKS_MAX, READ_CHUNK};

/// Ends a chain, and the list of free chunks.
const NONE: u16 = u16::MAX;

/// A chunk and the number of the next one in its chain.
#[derive(Clone, Copy)]
pub(super) struct Chunk {
    next: u16,
    octets: [u8; READ_CHUNK],
}

static_assertions::const_assert!(size_of::<Chunk>() <= READ_CHUNK + 4);

/// The chunks of one worker. Those beyond the highest that was ever used are not touched.
pub(super) struct Pool {
    chunks: &'static mut Chunks,
    free: u16,
}

/// The memory of a pool.
pub(super) type Chunks = Vec<Chunk, CHUNKS_MAX>;

/// Parked octets, first to last. It does not know its pool, which is the worker's.
#[derive(Debug)]
pub(super) struct Chain {
    first: u16,
    last: u16,
    /// Octets of the first chunk that are gone already.
    skip: u16,
    len: u16,
}

impl Chain {
    pub(super) const fn new() -> Self {
        Self {
            first: NONE,
            last: NONE,
            skip: 0,
            len: 0,
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
        Self { chunks, free: NONE }
    }

    /// How many chunks hold octets.
    #[cfg(test)]
    pub(super) fn used(&self) -> usize {
        let (mut free, mut number) = (0, self.free);
        while let Some(chunk) = self.chunks.get(usize::from(number)) {
            free += 1;
            number = chunk.next;
        }
        self.chunks.len() - free
    }

    fn take(&mut self) -> Option<u16> {
        let number = self.free;
        if let Some(chunk) = self.chunks.get(usize::from(number)) {
            self.free = chunk.next;
            return Some(number);
        }
        let number = self.chunks.len() as u16;
        let chunk = Chunk {
            next: NONE,
            octets: [0; READ_CHUNK],
        };
        self.chunks.push(chunk).ok().map(|()| number)
    }

    /// Appends octets; `false` where the pool or the chain has no room for all of them, and then nothing changes
    /// but the chain, whose owner gives it up.
    #[must_use]
    pub(super) fn append(&mut self, chain: &mut Chain, mut octets: &[u8]) -> bool {
        if chain.len() + octets.len() > usize::from(u16::MAX) {
            return false;
        }
        while !octets.is_empty() {
            let used = (usize::from(chain.skip) + chain.len()) % READ_CHUNK;
            if used == 0 || chain.first == NONE {
                let Some(number) = self.take() else {
                    return false;
                };
                match self.chunks.get_mut(usize::from(chain.last)) {
                    Some(last) if chain.first != NONE => last.next = number,
                    _ => chain.first = number,
                }
                chain.last = number;
            }
            let Some(chunk) = self.chunks.get_mut(usize::from(chain.last)) else {
                return false;
            };
            chunk.next = NONE;
            let room = chunk.octets.get_mut(used..).unwrap_or_default();
            let taken = room.len().min(octets.len());
            for (place, octet) in room.iter_mut().zip(octets) {
                *place = *octet;
            }
            chain.len += taken as u16;
            octets = octets.get(taken..).unwrap_or_default();
        }
        true
    }

    /// Copies the octets to the front of `place`, as many as fit, and returns their number.
    pub(super) fn copy(&self, chain: &Chain, place: &mut [u8]) -> usize {
        let mut number = chain.first;
        let mut skip = usize::from(chain.skip);
        let wanted = chain.len().min(place.len());
        let mut done = 0;
        while done < wanted {
            let Some(chunk) = self.chunks.get(usize::from(number)) else {
                break;
            };
            let octets = chunk.octets.get(skip..).unwrap_or_default();
            let room = place.get_mut(done..wanted).unwrap_or_default();
            for (place, octet) in room.iter_mut().zip(octets) {
                *place = *octet;
            }
            done += octets.len().min(wanted - done);
            number = chunk.next;
            skip = 0;
        }
        done
    }

    /// Gives up the first `len` octets.
    pub(super) fn release(&mut self, chain: &mut Chain, len: usize) {
        let len = len.min(chain.len());
        chain.len -= len as u16;
        chain.skip += len as u16;
        while usize::from(chain.skip) >= READ_CHUNK || (chain.len == 0 && chain.first != NONE) {
            let number = chain.first;
            let Some(chunk) = self.chunks.get_mut(usize::from(number)) else {
                break;
            };
            chain.first = chunk.next;
            chunk.next = self.free;
            self.free = number;
            chain.skip = chain.skip.saturating_sub(READ_CHUNK as u16);
        }
        if chain.first == NONE {
            *chain = Chain::new();
        }
    }

    /// Gives up all octets.
    pub(super) fn clear(&mut self, chain: &mut Chain) {
        self.release(chain, chain.len());
        if chain.first != NONE {
            // A chain whose last append found no chunk.
            self.release(chain, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Chain, NONE, Pool};
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
            } else {
                pool.release(chain, len);
                model.drain(..len.min(model.len()));
            }
            let mut copy = std::vec![0; 25_000];
            let copied = pool.copy(chain, &mut copy);
            assert_eq!(copied, model.len());
            assert!(model.iter().eq(&copy[..copied]), "step {step}");
        }
        for (chain, _) in &mut chains {
            pool.clear(chain);
        }
        let (mut free, mut number) = (0, pool.free);
        while number != NONE {
            free += 1;
            number = pool.chunks[usize::from(number)].next;
        }
        assert_eq!(free, pool.chunks.len());
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
