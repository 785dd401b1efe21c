//! The server: an acceptor, its workers, and what they do with connections.
//!
//! Reading order: [`Server`] starts everything; `worker` waits, and has a `floor` of connections; `acceptor` accepts and hands
//! over; `desk` answers what lies on it with the help of `scribe`; `intake` parks what is not whole; `delivery` sends;
//! `connection` is what is remembered.
//!
//! Invariant: this is the only room that knows all the others. No memory is asked for after the start, and no two
//! workers share any that changes.
#![forbid(unsafe_code)]

mod acceptor;

mod worker;

mod floor;

mod phase;

mod desk;

mod intake;

mod fast;

mod scribe;

mod delivery;

mod connection;

mod table;

mod pool;

mod deadlines;

mod handler;

mod kernel;
mod memo;

mod watch;

mod confine;

#[cfg(test)]
mod simulation;

#[cfg(fuzzing)]
pub mod fuzzing;

pub use confine::Sandbox;
pub use deadlines::Deadlines;
pub use fast::Fast;
pub use handler::{Author, Buffer, Function, Handler, HandlerError};
pub use kernel::Carriage;

pub use crate::sys::errno::Errno;

use core::net::Ipv6Addr;

use crate::limits;
use crate::socket::{Listener, Place};
use crate::sys::{cpus, memory, process, signal};
use acceptor::Acceptor;
use phase::Shared;
use watch::Watch;
use worker::Worker;

/// What the thread of a worker runs: [`Seat::work`].
pub struct Seat(&'static mut Worker);

impl Seat {
    /// Serves until the server stops.
    pub fn work(self) {
        // Discarded: that it has ended before its time is all that the acceptor can learn.
        let _ = self.0.work(None);
    }
}

impl Drop for Seat {
    /// However a worker ends, the acceptor learns of it.
    fn drop(&mut self) {
        self.0.leave();
    }
}

/// Why a server could not start, or had to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StartError {
    /// It is the listener that could not be opened: its address or its port.
    pub is_listening: bool,
    /// The kernel's error.
    pub errno: Errno,
}

impl From<Errno> for StartError {
    #[inline]
    fn from(errno: Errno) -> Self {
        Self {
            is_listening: false,
            errno,
        }
    }
}

impl core::fmt::Display for StartError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let step = if self.is_listening { "listen" } else { "serve" };
        write!(formatter, "cannot {step}: {}", self.errno)
    }
}

impl core::error::Error for StartError {}

/// Starts a thread that calls [`Seat::work`]; is not asked for one where a single worker serves. In an ordinary program:
/// ```
/// # use vanillin::{Errno, Seat};
/// fn spawn(seat: Seat) -> Result<(), Errno> {
///     let thread = std::thread::Builder::new().name("worker".into());
///     thread.spawn(move || seat.work()).map(drop).map_err(|_| Errno::AGAIN)
/// }
/// ```
pub type Spawn = fn(Seat) -> Result<(), Errno>;

/// A server: where it listens, who works, and what answers.
///
/// ```no_run
/// use core::net::Ipv6Addr;
/// use vanillin::{Errno, Handler, Place, Route, Router, Seat, Server, routes};
///
/// static SITE: Router = Router::new(routes![Route::text("/health", "ok\n")]);
///
/// fn spawn(seat: Seat) -> Result<(), Errno> {
///     let thread = std::thread::Builder::new();
///     thread.spawn(move || seat.work()).map(drop).map_err(|_| Errno::AGAIN)
/// }
///
/// let place = Place::new(Ipv6Addr::LOCALHOST, 3000);
/// let server = Server { place, workers: 2, ..Server::new(Handler::Router(&SITE), spawn) };
/// server.run()?;
/// # Ok::<(), vanillin::StartError>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Server {
    /// Where to listen: an address, `::` for every one, of IPv6 and IPv4, and a port, 0 for a free one. An IPv4 address is
    /// mapped into IPv6's.
    pub place: Place,
    /// Workers, up to `limits::WORKERS_MAX`; 0 for as many as there are processors for this process. Each has a thread of its
    /// own, but one alone has the thread that accepts: what no other thread knows costs the kernel less.
    pub workers: u32,
    /// Connections of all workers together; 0 for as many as descriptors and `limits::CONNECTIONS_MAX` allow.
    pub connections: u32,
    /// Connections that the kernel keeps waiting.
    pub backlog: u32,
    /// How long things may take.
    pub deadlines: Deadlines,
    /// Seconds between a signal to stop and the end of accepting.
    pub drain_seconds: u32,
    /// What the process gives up before the first accept.
    pub sandbox: Sandbox,
    /// What answers requests.
    pub handler: Handler,
    /// How long bodies are sent.
    pub carriage: Carriage,
    /// What starts a thread.
    pub spawn: Spawn,
    /// Called once when the server listens, with the place, which then has a port, and the number of workers.
    pub on_ready: fn(&Place, u32),
}

/// Descriptors of a server beside its connections: standard ones, listener, signals, timer, reserve, one for the shedding of a
/// connection, what the worker in the accepting thread has, and some that were inherited.
const DESCRIPTORS: u32 = 14;

/// Descriptors of a worker beside its connections: epoll, ticker, wake.
const WORKER_DESCRIPTORS: u32 = 3;

impl Server {
    /// A server with every bound as `limits` says.
    #[must_use]
    pub const fn new(handler: Handler, spawn: Spawn) -> Self {
        Self {
            place: Place::new(Ipv6Addr::UNSPECIFIED, limits::PORT),
            workers: 0,
            connections: 0,
            backlog: limits::BACKLOG,
            deadlines: Deadlines::DEFAULT,
            drain_seconds: 0,
            sandbox: Sandbox::Off,
            handler,
            carriage: if handler.has_long_bodies() {
                Carriage::LONG
            } else {
                Carriage::SHORT
            },
            spawn,
            on_ready: |_, _| {},
        }
    }

    /// Serves until SIGTERM, SIGINT or SIGQUIT, and returns when what was in flight is finished.
    ///
    /// The signals, and SIGPIPE, are blocked in this thread and in those that it starts.
    ///
    /// # Errors
    /// What listening failed with, or what serving did; ECANCELED where a worker has stopped before its time.
    #[inline(never)]
    pub fn run(mut self) -> Result<(), StartError> {
        process::fill_standard_descriptors();
        signal::block();
        let limit = process::raise_descriptor_limit();
        let workers = match self.workers {
            0 => cpus::count(),
            workers => workers,
        }
        .clamp(1, limits::WORKERS_MAX as u32);
        let (connections, arrivals) = self.share(limit, workers);
        let worker = self.worker(connections, None)?;
        let mut acceptor =
            Acceptor::new(worker.epoll(), worker.shared, arrivals, self.drain_seconds)?;
        let outcome = self.serve(&mut acceptor, worker, workers);
        acceptor.leave();
        outcome
    }

    #[inline]
    fn serve(
        &mut self,
        acceptor: &mut Acceptor,
        worker: &mut Worker,
        workers: u32,
    ) -> Result<(), StartError> {
        let listener =
            Listener::open(&mut self.place, self.backlog).map_err(|errno| StartError {
                is_listening: true,
                errno,
            })?;
        acceptor.listen(worker.epoll(), listener)?;
        self.sandbox.before_threads();
        if workers == 1 {
            acceptor.employ(worker.post(), false);
        } else {
            for _ in 0..workers {
                let seat = self.worker(worker.connections, Some(worker.shared))?;
                acceptor.employ(seat.post(), true);
                (self.spawn)(Seat(seat))?;
            }
        }
        self.sandbox.after_threads();
        (self.on_ready)(&self.place, workers);
        Ok(worker.work(Some(acceptor))?)
    }

    /// What each worker has of the descriptors: connections, and connections on their way to it.
    fn share(&self, limit: u32, workers: u32) -> (u32, u32) {
        let taken = DESCRIPTORS + WORKER_DESCRIPTORS * workers;
        let each = (limit.saturating_sub(taken) / workers).max(2);
        let arrivals = (each / 8 + 1).min(limits::ARRIVALS_MAX as u32);
        let most = (each - arrivals).min(limits::CONNECTIONS_MAX as u32);
        // One less than what is asked for, rounded up. Where nothing is, it is more than any limit.
        let asked = self.connections.wrapping_sub(1) / workers;
        ((most - 1).min(asked) + 1, arrivals)
    }

    /// A worker, which looks at somebody's board where it is not the first.
    #[inline(never)]
    fn worker(
        &self,
        connections: u32,
        shared: Option<Shared>,
    ) -> Result<&'static mut Worker, Errno> {
        let watch = Watch::new();
        watch.bell.outcome()?;
        memory::place_with(|memory| Worker::new(self, connections, shared, watch, memory))
    }
}
