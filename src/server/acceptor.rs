//! The acceptor: the thread that accepts, hands over, and listens to signals.
//!
//! Invariant: it never reads a request; what it sends by itself is 503 to those for whom there is no descriptor.

use heapless::Vec;
use rustix::fd::OwnedFd;

use super::phase::{Board, Phase, Post, Shared};
use super::watch::{TICK, Watch};
use crate::epoll::{Epoll, Events, FOREVER, Interest, Token};
use crate::limits::{ACCEPT_RETRY_MS, ACCEPTS_MAX, HANDOVER_RETRY_MS, STOP_SECONDS, WORKERS_MAX};
use crate::response::{Manner, Octets, Outbox, Persistence, Response, Status, Wording};
use crate::socket::{self, Accepted, Listener};
use crate::sys::descriptor::{self, Kept, lend};
use crate::sys::errno::Errno;
use crate::sys::events::EventArray;
use crate::sys::{clock, memory, process, signal, ticker};

const LISTENER: u32 = 0;
const SIGNAL: u32 = 1;

pub(super) type Posts = Vec<Post, WORKERS_MAX>;

/// All that an acceptor needs, in one mapping.
type Memory = (Posts, Octets, EventArray, Board);

/// What is known of the kernel's queue, as the milliseconds that are waited before it is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
enum Queue {
    /// The kernel will say when a connection waits.
    Empty = FOREVER,
    /// Connections may be waiting.
    Unknown = 0,
    /// They have to wait until a worker has taken what is on its way to it, which is soon.
    Full = HANDOVER_RETRY_MS,
    /// They have to wait: descriptors are used up.
    Blocked = ACCEPT_RETRY_MS,
}

/// How far the acceptor is in the server's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Serving,
    Draining,
    /// What waits in the queue is still accepted, and nothing after it: closing a listener resets it.
    Closing,
    Stopping,
}

/// The acceptor.
pub(super) struct Acceptor {
    epoll: Epoll,
    events: Events,
    listener: Option<Listener>,
    pub(super) posts: &'static mut Posts,
    /// Connections that may be on their way to one worker.
    pub(super) arrivals_max: u32,
    /// Whose turn it is.
    turn: u32,
    pub(super) shared: Shared,
    signals: Kept,
    timer: Kept,
    /// Given up for a moment to answer those for whom no descriptor is left.
    reserve: Kept,
    outbox: Outbox,
    drain_seconds: u32,
    stage: Stage,
    queue: Queue,
}

impl Acceptor {
    /// An acceptor of a server without workers, which listens to signals only.
    #[inline]
    pub(super) fn new(drain_seconds: u32) -> Result<&'static mut Self, Errno> {
        let signals = signal::open();
        let watch = Watch::new();
        watch.bell.outcome()?;
        let token = Token::new(SIGNAL, 0);
        watch.epoll.add(&signals, Interest::ReadableLevel, token)?;
        memory::place_with(|(posts, octets, room, board): &mut Memory| {
            let shared = Shared::new(board, watch.bell);
            Self {
                epoll: watch.epoll,
                events: Events::new(room),
                listener: None,
                posts,
                arrivals_max: 1,
                turn: 0,
                shared,
                signals,
                timer: watch.ticker,
                reserve: descriptor::duplicate(shared.bell()),
                outbox: Outbox::new(octets),
                drain_seconds,
                stage: Stage::Serving,
                queue: Queue::Unknown,
            }
        })
    }

    /// Listens there, too.
    #[inline]
    pub(super) fn listen(&mut self, listener: Listener) -> Result<(), Errno> {
        let listener = self.listener.insert(listener);
        let token = Token::new(LISTENER, 0);
        self.epoll
            .watch(listener.fd(), Interest::Readable, token, true)
    }

    /// Listens no more.
    #[inline]
    pub(super) fn leave(&mut self) {
        self.listener = None;
    }

    /// Accepts until the server has stopped. The event loop.
    #[inline(never)]
    pub(super) fn serve(&mut self) -> Result<(), Errno> {
        loop {
            let mut happened = 0;
            for event in self.epoll.wait(&mut self.events, self.queue as i32)? {
                happened |= bit(event.token().slot());
            }
            if happened & bit(LISTENER) != 0 {
                self.queue = Queue::Unknown;
            }
            if happened & bit(SIGNAL) != 0 {
                self.on_signal();
            }
            if happened & bit(TICK) != 0 {
                // Discarded: that it has fired is all there is to know.
                let _ = ticker::read(&self.timer);
                if self.stage == Stage::Stopping {
                    // Even the requests in flight have had their time.
                    return Ok(());
                }
                self.advance();
            }
            let left = self.shared.left();
            if self.stage == Stage::Stopping {
                if left as usize >= self.posts.len() {
                    return Ok(());
                }
            } else if left > 0 {
                return Err(Errno::CANCELED);
            }
            if self.queue != Queue::Empty {
                self.accept();
            }
            if self.stage == Stage::Closing && self.queue == Queue::Empty {
                self.advance();
            }
        }
    }

    /// Accepts a batch and wakes every worker that got something of it.
    fn accept(&mut self) {
        self.queue = Queue::Unknown;
        for _ in 0..ACCEPTS_MAX {
            if self.queue != Queue::Blocked && self.reserve.outcome().is_err() {
                self.reserve = descriptor::duplicate(self.shared.bell());
            }
            let Some(listener) = &self.listener else {
                self.queue = Queue::Empty;
                break;
            };
            let Some(post) = next_post(self.posts, &mut self.turn, self.arrivals_max) else {
                self.queue = Queue::Full;
                break;
            };
            match listener.accept() {
                Accepted::Connection(stream) => {
                    if self.queue == Queue::Blocked {
                        self.queue = Queue::Unknown;
                        refuse(&mut self.outbox, &stream);
                    } else {
                        post.hand_over(stream);
                        self.turn += 1;
                    }
                }
                Accepted::Retry => {}
                Accepted::Empty => {
                    self.queue = Queue::Empty;
                    break;
                }
                Accepted::Exhausted => {
                    self.queue = Queue::Blocked;
                    // Descriptors may be used up: the next connection has the reserve's, and is answered with 503.
                    if self.reserve.outcome().is_err() {
                        break;
                    }
                    self.reserve.close();
                }
            }
        }
        self.ring(false);
    }

    /// The first signal begins the end, the second one is the end.
    fn on_signal(&mut self) {
        while let Some(number) = signal::read(&self.signals) {
            if self.stage != Stage::Serving {
                process::exit(128 + number as u8);
            }
            self.advance();
        }
    }

    /// Enters the next stage, with its time.
    #[inline(never)]
    fn advance(&mut self) {
        let mut seconds = STOP_SECONDS;
        self.stage = match self.stage {
            Stage::Serving if self.drain_seconds > 0 => {
                seconds = self.drain_seconds;
                self.enter(Phase::Draining);
                Stage::Draining
            }
            Stage::Serving | Stage::Draining => {
                self.queue = Queue::Unknown;
                Stage::Closing
            }
            Stage::Closing | Stage::Stopping => {
                // The workers know before any client can: whoever finds the port closed finds them stopping.
                self.enter(Phase::Stopping);
                // Closing it ends its registration too.
                self.listener = None;
                self.queue = Queue::Empty;
                Stage::Stopping
            }
        };
        ticker::arm(&self.timer, seconds, 0);
    }

    fn enter(&self, phase: Phase) {
        self.shared.enter(phase);
        self.ring(true);
    }

    /// Wakes the workers that connections are on their way to, or all.
    #[inline(never)]
    fn ring(&self, all: bool) {
        for post in self.posts.iter() {
            if all || !post.is_empty() {
                post.wake();
            }
        }
    }
}

/// The event of a slot, among the few there are, in a set.
const fn bit(slot: u32) -> u32 {
    1_u32.wrapping_shl(slot)
}

/// The next worker in the round that has room in its queue: whose turn it stays until it is given something.
fn next_post<'posts>(
    posts: &'posts Posts,
    turn: &mut u32,
    arrivals_max: u32,
) -> Option<&'posts Post> {
    // One more than there are: the round ends somewhere.
    for _ in 0..=posts.len() {
        match posts.get(*turn as usize) {
            None => *turn = 0,
            Some(post) if post.has_room(arrivals_max) => return Some(post),
            Some(_) => *turn += 1,
        }
    }
    None
}

/// Answers a connection with 503, without a look at its request.
fn refuse(outbox: &mut Outbox, stream: &OwnedFd) {
    outbox.set_date(clock::realtime().0);
    outbox.set_manner(Manner {
        head_only: false,
        persistence: Persistence::Close,
    });
    let response = Response::Error(Status::SERVICE_UNAVAILABLE);
    outbox.put_response(&response, &Wording::OWN);
    // Whether it arrives or not, the connection is over.
    let _ = socket::send(lend(stream), outbox.octets());
    // A close with input unread is a reset, which the answer may be lost to. What it is does not matter.
    outbox.refill(|room| {
        let _ = socket::recv(lend(stream), room);
        0
    });
}
