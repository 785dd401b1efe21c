//! The connections of one worker, by number.

use heapless::Vec;

use super::connection::Connection;
use crate::epoll::Token;
use crate::limits::CONNECTIONS_MAX;

const NONE: u32 = u32::MAX;

/// The memory of a table.
pub(super) type Entries<S> = Vec<Connection<S>, CONNECTIONS_MAX>;

/// Entries are used from the front, and those that were never used are not touched.
pub(super) struct Table<S: 'static> {
    entries: &'static mut Entries<S>,
    free: u32,
    open: u32,
}

impl<S> Table<S> {
    pub(super) const fn new(entries: &'static mut Entries<S>) -> Self {
        Self {
            entries,
            free: NONE,
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
        if let Some(entry) = self.entries.get_mut(slot as usize) {
            self.free = entry.since;
            let generation = entry.generation.wrapping_add(1);
            *entry = Connection::new(stream, generation, tick);
            self.open += 1;
            return Ok(Token::new(slot, generation));
        }
        if self.is_full() {
            return Err(stream);
        }
        let slot = self.len();
        // Cannot fail: it is not full.
        let _ = self.entries.push(Connection::new(stream, 0, tick));
        self.open += 1;
        Ok(Token::new(slot, 0))
    }

    fn is_full(&self) -> bool {
        self.entries.len() >= CONNECTIONS_MAX
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

    /// Frees an entry and returns its stream.
    pub(super) fn remove(&mut self, token: Token) -> Option<S> {
        let free = self.free;
        let entry = self.find(token)?;
        let stream = entry.stream.take();
        entry.since = free;
        self.free = token.slot();
        self.open -= 1;
        stream
    }

    /// The connection that has been idle for longest.
    pub(super) fn oldest_idle(&self, tick: u32) -> Option<Token> {
        let mut oldest: Option<(u32, Token)> = None;
        for (slot, entry) in self.entries.iter().enumerate() {
            let age = tick.wrapping_sub(entry.since);
            if entry.is_idle() && oldest.is_none_or(|(other, _)| age > other) {
                oldest = Some((age, Token::new(slot as u32, entry.generation)));
            }
        }
        oldest.map(|(_, token)| token)
    }
}
