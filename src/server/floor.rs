//! The connections of a worker, and what it does about them: no thread, no waiting.
//!
//! Invariant: what happens to one connection never touches another. The simulation in this room's tests runs it on another kernel.

use super::deadlines::{Deadlines, Overdue};
use super::desk::{Desk, Turn};
use super::handler::{Buffer, Handler};
use super::kernel::Kernel;
use super::memo::{self, Memo};
use super::pool::{Chunks, Pool};
use super::scribe::{self, Scribe};
use super::table::{Entries, Table};
use super::watch::NO_CONNECTION;
use crate::epoll::{Event, Token};
use crate::limits::{CONNECTIONS_MAX, DESK_ROOM};
use crate::request::Refusal;
use crate::response::{self, Outbox};
use crate::sys::clock;

const _: () = assert!(
    CONNECTIONS_MAX < NO_CONNECTION as usize,
    "a slot is no special token"
);

/// The floor that a worker serves.
#[repr(C)]
pub(super) struct Floor<K: Kernel> {
    pub(super) desk: Desk<K>,
    pub(super) table: Table<K::Stream>,
    deadlines: Deadlines,
}

/// The memory of a floor.
pub(super) type Memory<S> = (
    response::Octets,
    scribe::Path,
    Buffer,
    [u8; DESK_ROOM],
    memo::Octets,
    Chunks,
    Entries<S>,
);

impl<K: Kernel> Floor<K> {
    pub(super) const fn new(
        kernel: K,
        handler: Handler,
        deadlines: Deadlines,
        memory: &'static mut Memory<K::Stream>,
    ) -> Self {
        let (outbox, path, buffer, octets, memo, chunks, entries) = memory;
        let scribe = Scribe::new(handler, Outbox::new(outbox), path, buffer);
        Self {
            desk: Desk::new(kernel, scribe, Pool::new(chunks), octets, Memo::new(memo)),
            table: Table::new(entries),
            deadlines,
        }
    }

    /// A new connection: the event that stands for it. It is read at once: often its request is there already, and where
    /// that is also its last one the kernel is never asked for events.
    #[inline]
    pub(super) fn admit(&mut self, stream: K::Stream) -> Option<Event> {
        match self.table.insert(stream, self.desk.tick) {
            Ok(token) => Some(Event::readable_at_once(token)),
            Err(stream) => {
                self.desk.kernel.close(stream, false);
                None
            }
        }
    }

    /// Something has happened to a connection.
    #[inline(always)]
    pub(super) fn on_event(&mut self, event: Event) {
        let token = event.token();
        if let Some(connection) = self.table.find(token) {
            let turn = self.desk.attend(connection, event);
            if turn != Turn::Over || !connection.marks.is_registered {
                self.settle(token, turn);
            }
        }
    }

    /// Does what comes of a turn: asks the kernel for events, or ends the connection.
    #[inline(never)]
    fn settle(&mut self, token: Token, turn: Turn) {
        let free = self.table.free;
        let Some(connection) = self.table.find(token) else {
            return;
        };
        let is_new = !connection.marks.is_registered;
        if turn != Turn::Close
            && let Some(stream) = &connection.stream
            && self.desk.kernel.watch(stream, token, is_new)
        {
            connection.marks.is_registered = true;
            return;
        }
        // What it held is given back.
        self.desk.release(connection);
        if let Some(stream) = connection.stream.take() {
            self.desk.kernel.close(stream, !is_new);
        }
        connection.since = free;
        self.table.release(token);
    }

    /// Sets the date, and returns the nanoseconds of the second.
    pub(super) fn read_clock(&mut self) -> u32 {
        let (unix, nanoseconds) = clock::realtime();
        let scribe = &mut self.desk.scribe;
        scribe.moment.unix = unix;
        scribe.outbox.set_date(unix);
        nanoseconds
    }

    /// A second has passed: closes, or refuses, every connection that is late, and where the server stops those that
    /// wait for nothing but another request.
    pub(super) fn sweep(&mut self) {
        self.go_round(false);
    }

    /// Closes the connection that has been idle for longest; `false` where none is idle.
    pub(super) fn make_room(&mut self) -> bool {
        self.go_round(true)
    }

    /// Looks at every connection once, for the one that has been idle for longest if `makes_room`; whether there is one.
    #[inline(never)]
    fn go_round(&mut self, makes_room: bool) -> bool {
        let (tick, is_stopping) = (self.desk.tick, self.desk.scribe.is_stopping);
        let (mut longest, mut oldest) = (0, Token::new(u32::MAX, 0));
        for slot in 0..self.table.len() {
            let Some((token, connection)) = self.table.at(slot) else {
                continue;
            };
            if makes_room {
                let age = tick.wrapping_sub(connection.since);
                if connection.is_idle() && age >= longest {
                    // Among those of one second the first.
                    (longest, oldest) = (age + 1, token);
                }
                continue;
            }
            let turn = match self.deadlines.judge(connection, tick, is_stopping) {
                Overdue::No => continue,
                Overdue::Close => Turn::Close,
                Overdue::Refuse => self.desk.refuse(connection, Refusal::Late),
            };
            if turn != Turn::Over {
                self.settle(token, turn);
            }
        }
        // Does nothing where there is none.
        self.settle(oldest, Turn::Close);
        longest > 0
    }
}
