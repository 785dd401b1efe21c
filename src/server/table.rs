//! The connections of one worker, by number.

use heapless::Vec;

use super::connection::Connection;
use crate::epoll::Token;
use crate::limits::CONNECTIONS_MAX;

/// The memory of a table.
pub(super) type Entries<S> = Vec<Connection<S>, CONNECTIONS_MAX>;

/// Entries are used from the front, and those that were never used are not touched.
pub(super) struct Table<S: 'static> {
    entries: &'static mut Entries<S>,
    /// The entry that the next connection gets; the one behind the last where none is free.
    pub(super) free: u32,
    open: u32,
}

impl<S> Table<S> {
    pub(super) const fn new(entries: &'static mut Entries<S>) -> Self {
        Self {
            entries,
            free: 0,
            open: 0,
        }
    }

    /// How many connections there are.
    pub(super) const fn open(&self) -> u32 {
        self.open
    }

    /// How many entries have ever been used.
    pub(super) fn len(&self) -> u32 {
        self.entries.len() as u32
    }

    /// Gives a stream an entry; the stream comes back where the table is full.
    pub(super) fn insert(&mut self, stream: S, tick: u32) -> Result<Token, S> {
        let slot = self.free;
        if slot == self.len() {
            // Fails where the table is full, and then there is no such entry.
            let _ = self.entries.push(Connection::vacant(slot + 1));
        }
        let Some(entry) = self.entries.get_mut(slot as usize) else {
            return Err(stream);
        };
        self.free = entry.since;
        self.open += 1;
        Ok(Token::new(slot, entry.begin(stream, tick)))
    }

    /// The connection that an event is about, unless it is closed by now.
    #[inline]
    pub(super) fn find(&mut self, token: Token) -> Option<&mut Connection<S>> {
        self.entries
            .get_mut(token.slot() as usize)
            .filter(|entry| entry.generation == token.generation() && entry.stream.is_some())
    }

    /// The connection with this number, and its token.
    pub(super) fn at(&mut self, slot: u32) -> Option<(Token, &mut Connection<S>)> {
        let entry = self.entries.get_mut(slot as usize)?;
        entry.stream.as_ref()?;
        Some((Token::new(slot, entry.generation), entry))
    }

    /// The entry, which has given up its stream and notes the one that was free before it, is free.
    pub(super) const fn release(&mut self, token: Token) {
        self.free = token.slot();
        self.open -= 1;
    }
}
