//! A worker: one thread, one epoll instance, and the connections that were handed to it. The acceptor is served by one, too.
//!
//! Invariant: no other thread reads or writes what a worker has; connections come through a queue, and the
//! phase of the server is read, never written.

use rustix::fd::OwnedFd;

use super::Server;
use super::acceptor::Acceptor;
use super::floor::{self, Floor};
use super::kernel::Linux;
use super::phase::{Arrivals, Board, Phase, Post, Shared};
use super::watch::{Happened, NO_CONNECTION, TICK, Watch};
use crate::epoll::{Epoll, Events, FOREVER};
use crate::limits::STOP_IDLE_MS;
use crate::sys::descriptor::Kept;
use crate::sys::errno::Errno;
use crate::sys::events::EventArray;
use crate::sys::ticker;

/// All that a worker needs, so that nothing can be missing later.
pub(super) type Memory = (Board, EventArray, floor::Memory<OwnedFd>);

/// A worker before it begins: made by the thread that starts the server, run by that one or by one of its own.
#[repr(C)]
pub struct Worker {
    floor: Floor<Linux>,
    events: Events,
    arrivals: Arrivals,
    pub(super) shared: Shared,
    ticker: Kept,
    pub(super) connections: u32,
    is_ticking: bool,
}

impl Worker {
    /// A worker that looks at somebody's board, or at its own where it is the first.
    pub(super) fn new(
        server: &Server,
        connections: u32,
        shared: Option<Shared>,
        watch: Watch,
        (board, room, memory): &'static mut Memory,
    ) -> Self {
        board.2.1 = watch.bell;
        let board: &Board = board;
        let kernel = Linux {
            epoll: watch.epoll,
            carriage: server.carriage,
        };
        Self {
            floor: Floor::new(kernel, server.handler, server.deadlines, memory),
            events: Events::new(room),
            arrivals: Arrivals::new(&board.2),
            shared: shared.unwrap_or(Shared::new(board)),
            ticker: watch.ticker,
            connections,
            is_ticking: false,
        }
    }

    /// The way to it.
    pub(super) const fn post(&self) -> Post {
        self.arrivals.post()
    }

    /// What it waits with.
    pub(super) const fn epoll(&self) -> &Epoll {
        &self.floor.desk.kernel.epoll
    }

    /// Serves until the server stops and the last connection is closed, and accepts if this is the thread that does. The
    /// event loop.
    ///
    /// # Errors
    /// What waiting fails with; ECANCELED where another worker has ended before its time.
    #[inline(never)]
    pub(super) fn work(&mut self, mut acceptor: Option<&mut Acceptor>) -> Result<(), Errno> {
        loop {
            let mut happened = Happened::default();
            let floor = &mut self.floor;
            let timeout = acceptor.as_ref().map_or(FOREVER, |it| it.timeout());
            let mut events = floor.desk.kernel.epoll.wait(&mut self.events, timeout)?;
            // First of all, wherever the bell is among the events: what they bring may have been sent by
            // somebody who has seen the new phase.
            let phase = self.shared.phase();
            if phase != Phase::Serving {
                self.is_ticking |= enter_phase(floor, phase, &self.ticker);
            }
            let mut has_attended = false;
            let mut entrance = acceptor.as_deref_mut();
            loop {
                let event = match events.next() {
                    Some(event) if event.token().slot() >= NO_CONNECTION => {
                        happened.add(event.token().slot());
                        continue;
                    }
                    Some(event) => event,
                    None => {
                        if let Some(acceptor) = entrance.take()
                            && !acceptor.is_idle(happened)
                        {
                            has_attended = true;
                            if acceptor.attend(happened, floor)? {
                                return Ok(());
                            }
                        }
                        if !self.arrivals.ready() {
                            break;
                        }
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
            if happened.has(TICK) {
                self.on_tick();
            }
            if has_attended && let Some(acceptor) = &mut acceptor {
                acceptor.hand_over();
            }
            if self.floor.desk.scribe.is_stopping
                && self.floor.table.open() == 0
                && acceptor.as_ref().is_none_or(|it| it.is_last())
            {
                return Ok(());
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
