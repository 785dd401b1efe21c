//! A worker: one thread, one epoll instance, and the connections that were handed to it.
//!
//! Invariant: no other thread reads or writes what a worker has; connections come through a queue, and the
//! phase of the server is read, never written.

use rustix::fd::OwnedFd;

use super::Server;
use super::deadlines::{Deadlines, Overdue};
use super::desk::{Desk, Turn};
use super::handler::{Buffer, Handler};
use super::kernel::{Kernel, Linux};
use super::phase::{Arrivals, Handover, Phase, Shared};
use super::pool::{Chunks, Pool};
use super::scribe::{self, Scribe};
use super::table::{Entries, Table};
use super::watch::TICK;
use crate::epoll::{Epoll, Event, Events, FOREVER, Token};
use crate::limits::{CONNECTIONS_MAX, DESK_ROOM, STOP_IDLE_MS};
use crate::request::Refusal;
use crate::response::{self, Outbox};
use crate::sys::descriptor::Kept;
use crate::sys::events::EventArray;
use crate::sys::lane::Lane;
use crate::sys::{clock, ticker};

const _: () = assert!(
    CONNECTIONS_MAX < TICK as usize,
    "a slot is no special token"
);

/// The connections of a worker and what it does about them.
#[repr(C)]
pub(super) struct Floor<K: Kernel> {
    pub(super) desk: Desk<K>,
    pub(super) table: Table<K::Stream>,
    deadlines: Deadlines,
}

/// The memory of a floor.
type FloorMemory<S> = (
    response::Octets,
    scribe::Path,
    Buffer,
    [u8; DESK_ROOM],
    Chunks,
    Entries<S>,
);

/// All that a worker needs, so that nothing can be missing later.
pub(super) type Memory = (Lane, EventArray, FloorMemory<OwnedFd>);

impl<K: Kernel> Floor<K> {
    pub(super) const fn new(
        kernel: K,
        handler: Handler,
        deadlines: Deadlines,
        memory: &'static mut FloorMemory<K::Stream>,
    ) -> Self {
        let (outbox, path, buffer, octets, chunks, entries) = memory;
        let scribe = Scribe::new(handler, Outbox::new(outbox), path, buffer);
        Self {
            desk: Desk::new(kernel, scribe, Pool::new(chunks), octets),
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
    fn read_clock(&mut self) -> u32 {
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

/// A worker before it begins: made by the thread that starts the server, run by a thread of its own.
#[repr(C)]
pub struct Worker {
    floor: Floor<Linux>,
    events: Events,
    arrivals: Arrivals,
    shared: Shared,
    ticker: Kept,
    connections: u32,
    is_ticking: bool,
}

impl Worker {
    pub(super) const fn new(
        server: &Server,
        connections: u32,
        shared: Shared,
        (epoll, ticker): (Epoll, Kept),
        (lane, room, memory): &'static mut Memory,
    ) -> Self {
        let carriage = server.carriage;
        let kernel = Linux { epoll, carriage };
        Self {
            floor: Floor::new(kernel, server.handler, server.deadlines, memory),
            events: Events::new(room),
            arrivals: Arrivals::new(lane),
            shared,
            ticker,
            connections,
            is_ticking: false,
        }
    }

    /// The way to it.
    pub(super) const fn handover(&self) -> Handover {
        self.arrivals.handover()
    }

    /// Serves until the server stops and the last connection is closed. The event loop.
    pub(super) fn work(&mut self) {
        loop {
            let mut has_ticked = false;
            let floor = &mut self.floor;
            let Ok(mut events) = floor.desk.kernel.epoll.wait(&mut self.events, FOREVER) else {
                return;
            };
            // First of all, wherever the bell is among the events: what they bring may have been sent by
            // somebody who has seen the new phase.
            let phase = self.shared.phase();
            if phase != Phase::Serving {
                self.is_ticking |= enter_phase(floor, phase, &self.ticker);
            }
            loop {
                let event = match events.next() {
                    Some(event) if event.token().slot() >= TICK => {
                        // The bell only wakes.
                        has_ticked |= event.token().slot() == TICK;
                        continue;
                    }
                    Some(event) => event,
                    None if !self.arrivals.ready() => break,
                    None => {
                        let is_full = floor.table.open() >= self.connections;
                        if is_full && !floor.make_room() {
                            break;
                        }
                        keep_time(floor, &mut self.is_ticking, &self.ticker);
                        match self.arrivals.take().and_then(|stream| floor.admit(stream)) {
                            Some(event) => event,
                            None => continue,
                        }
                    }
                };
                floor.on_event(event);
            }
            drop(events);
            if has_ticked {
                self.on_tick();
            }
            if self.floor.desk.scribe.is_stopping && self.floor.table.open() == 0 {
                return;
            }
        }
    }

    #[inline(never)]
    fn on_tick(&mut self) {
        // At the most one: where the worker itself was held up, clients had nobody to hear them meanwhile.
        let ticks = ticker::read(&self.ticker).min(1);
        self.floor.desk.tick = self.floor.desk.tick.wrapping_add(ticks as u32);
        self.floor.read_clock();
        self.floor.sweep();
        if self.floor.table.open() == 0 {
            self.is_ticking = false;
            ticker::arm(&self.ticker, 0, 0);
        }
    }

    /// Says that it has ended.
    pub(super) fn leave(&self) {
        self.shared.leave();
    }
}

/// Starts the ticker with the first connection; an idle worker sleeps without end.
fn keep_time(floor: &mut Floor<Linux>, is_ticking: &mut bool, ticker: &Kept) {
    if *is_ticking {
        return;
    }
    *is_ticking = true;
    let nanoseconds = floor.read_clock();
    // The second begins when the clock's second does, so that the date is never late by more than a tick.
    ticker::arm(ticker, 0, 1_000_000_000 - (nanoseconds | 1));
}

/// The server is in another phase than serving, maybe for a while already; `true` where the ticker was started.
#[inline(never)]
fn enter_phase(floor: &mut Floor<Linux>, phase: Phase, ticker: &Kept) -> bool {
    let scribe = &mut floor.desk.scribe;
    scribe.moment.draining = true;
    let stops = phase == Phase::Stopping && !scribe.is_stopping;
    if stops {
        scribe.is_stopping = true;
        // The clock stands still in a worker without connections; now its ticker is taken for going.
        floor.read_clock();
        // Idle connections are closed when it fires: a request may be on its way.
        ticker::arm(ticker, 0, STOP_IDLE_MS * 1_000_000);
    }
    stops
}
