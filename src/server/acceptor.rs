//! The acceptor: the thread that accepts, hands over, and listens to signals.
//!
//! Invariant: it never reads a request; what it sends by itself is 503 to those for whom there is no descriptor.

use heapless::Vec;
use rustix::fd::OwnedFd;
use rustix::io::Errno;

use super::StartError;
use super::phase::{Handover, Phase, Shared};
use super::watch::TICK;
use crate::epoll::{Epoll, Events, Interest, Token};
use crate::limits::{
    ACCEPT_RETRY_MS, ACCEPTS_MAX, HANDOVER_RETRY_MS, READ_CHUNK, STOP_SECONDS, WORKERS_MAX,
};
use crate::response::{Manner, Octets, Outbox, Persistence, Response, Status};
use crate::socket::{self, Accepted, Listener};
use crate::sys::descriptor::{self, Kept, lend};
use crate::sys::events::EventArray;
use crate::sys::{clock, process, signal, ticker, wake};

const LISTENER: u32 = 0;
const SIGNAL: u32 = 1;

/// A worker as the acceptor sees it.
pub(super) struct Post {
    pub(super) handover: Handover,
    pub(super) wake: Kept,
}

type Posts = Vec<Post, WORKERS_MAX>;

/// All that an acceptor needs, in one mapping.
pub(super) type Memory = (Posts, Octets, EventArray);

/// What the acceptor does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Queue {
    /// The kernel will say when a connection waits.
    Empty,
    /// Connections may be waiting.
    Unknown,
    /// They have to wait until a worker has taken what is on its way to it, which is soon.
    Full,
    /// They have to wait: descriptors are used up.
    Blocked,
}

/// The acceptor.
pub(super) struct Acceptor {
    epoll: Epoll,
    events: Events,
    listener: Option<Listener>,
    posts: &'static mut Posts,
    /// Connections that may be on their way to one worker.
    arrivals_max: usize,
    /// Whose turn it is.
    turn: usize,
    shared: Shared,
    signals: Kept,
    timer: Kept,
    /// Given up for a moment to answer those for whom no descriptor is left.
    reserve: Option<OwnedFd>,
    outbox: Outbox,
    drain_seconds: u32,
    queue: Queue,
    /// What waits in the queue is still accepted, and nothing after it.
    is_closing: bool,
}

impl Acceptor {
    pub(super) fn new(
        (epoll, timer): (Epoll, Kept),
        (posts, octets, room): &'static mut Memory,
        listener: Listener,
        arrivals_max: usize,
        shared: Shared,
        drain_seconds: u32,
    ) -> Result<Self, Errno> {
        let signals = signal::open()?;
        epoll.add(&listener, Interest::Readable, Token::new(LISTENER, 0))?;
        epoll.add(&signals, Interest::ReadableLevel, Token::new(SIGNAL, 0))?;
        Ok(Self {
            epoll,
            events: Events::new(room),
            listener: Some(listener),
            posts,
            arrivals_max,
            turn: 0,
            shared,
            signals,
            timer,
            reserve: reserve(shared),
            outbox: Outbox::new(octets),
            drain_seconds,
            queue: Queue::Unknown,
            is_closing: false,
        })
    }

    /// Accepts until the server has stopped. The event loop.
    #[inline(never)]
    pub(super) fn work(mut self) -> Result<(), StartError> {
        loop {
            let timeout = match self.queue {
                Queue::Empty => None,
                Queue::Unknown => Some(0),
                Queue::Blocked if !self.is_closing => Some(ACCEPT_RETRY_MS),
                Queue::Full | Queue::Blocked => Some(HANDOVER_RETRY_MS),
            };
            let (mut signalled, mut timed_out) = (false, false);
            match self.epoll.wait(&mut self.events, timeout) {
                Ok(events) => {
                    for event in events {
                        match event.token().slot() {
                            LISTENER => self.queue = Queue::Unknown,
                            SIGNAL => signalled = true,
                            TICK => timed_out = true,
                            _ => {}
                        }
                    }
                }
                Err(errno) => return Err(StartError::new("epoll_wait", errno)),
            }
            if signalled {
                self.on_signal();
            }
            if timed_out && self.on_timer() {
                return Ok(());
            }
            let left = self.shared.left();
            if self.shared.phase() == Phase::Stopping {
                if left as usize >= self.posts.len() {
                    return Ok(());
                }
            } else if left > 0 {
                return Err(StartError::new("a worker has stopped", Errno::CANCELED));
            }
            if self.queue != Queue::Empty {
                self.accept();
            }
            if self.is_closing && self.queue == Queue::Empty {
                self.stop();
            }
        }
    }

    /// Accepts a batch and wakes every worker that got something of it.
    fn accept(&mut self) {
        self.queue = Queue::Unknown;
        for _ in 0..ACCEPTS_MAX {
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
                    post.handover.hand_over(stream);
                    self.turn += 1;
                }
                Accepted::Retry => {}
                Accepted::Empty => {
                    self.queue = Queue::Empty;
                    break;
                }
                Accepted::Exhausted | Accepted::Broken(_) => {
                    self.queue = Queue::Blocked;
                    self.shed();
                    break;
                }
            }
        }
        for post in self.posts.iter() {
            if !post.handover.is_empty() {
                wake::notify(&post.wake);
            }
        }
    }

    /// Descriptors are used up: gives up the reserve and answers those who wait with 503.
    #[inline(never)]
    fn shed(&mut self) {
        for _ in 0..ACCEPTS_MAX {
            drop(self.reserve.take());
            let accepted = self.listener.as_ref().map(Listener::accept);
            if let Some(Accepted::Connection(stream)) = &accepted {
                self.outbox.set_date(clock::realtime().0);
                let manner = Manner {
                    head_only: false,
                    persistence: Persistence::Close,
                };
                let response = Response::Error(Status::SERVICE_UNAVAILABLE);
                self.outbox.put_response(&response, manner);
                // Whether it arrives or not, the connection is over.
                let _ = socket::send(lend(stream), self.outbox.octets());
                self.outbox.clear();
                // A close with input unread is a reset, which the answer may be lost to.
                let _ = socket::recv(lend(stream), &mut [0; READ_CHUNK * 8]);
            }
            let served = matches!(accepted, Some(Accepted::Connection(_)));
            drop(accepted);
            self.reserve = reserve(self.shared);
            if !served {
                break;
            }
        }
    }

    /// The first signal begins the end, the second one is the end.
    fn on_signal(&mut self) {
        while let Some(number) = signal::read(&self.signals) {
            if self.shared.phase() != Phase::Serving || self.is_closing {
                process::exit(128 + number as u8);
            }
            if self.drain_seconds > 0 {
                self.enter(Phase::Draining);
                ticker::arm(&self.timer, self.drain_seconds.saturating_mul(1000));
            } else {
                self.close();
            }
        }
    }

    /// `true` where even the requests in flight have had their time.
    fn on_timer(&mut self) -> bool {
        // Discarded: that it has fired is all there is to know.
        let _ = ticker::read(&self.timer);
        if self.shared.phase() == Phase::Stopping {
            return true;
        }
        if self.is_closing {
            self.stop();
        } else {
            self.close();
        }
        false
    }

    /// Takes what the kernel has accepted for us already: closing a listener resets it.
    fn close(&mut self) {
        self.is_closing = true;
        self.queue = Queue::Unknown;
        ticker::arm(&self.timer, STOP_SECONDS * 1000);
    }

    /// Stops listening and lets the workers finish.
    fn stop(&mut self) {
        self.is_closing = false;
        // The workers know before any client can: whoever finds the port closed finds them stopping.
        self.enter(Phase::Stopping);
        // Closing it ends its registration too.
        self.listener = None;
        self.queue = Queue::Empty;
        ticker::arm(&self.timer, STOP_SECONDS * 1000);
    }

    fn enter(&self, phase: Phase) {
        self.shared.enter(phase);
        for post in self.posts.iter() {
            wake::notify(&post.wake);
        }
    }
}

/// The next worker in the round, `turn` or one behind it, that has room in its queue.
fn next_post<'posts>(
    posts: &'posts mut Posts,
    turn: &mut usize,
    arrivals_max: usize,
) -> Option<&'posts mut Post> {
    for _ in 0..=posts.len() {
        match posts.get(*turn) {
            None => *turn = 0,
            Some(post) if !post.handover.has_room(arrivals_max) => *turn += 1,
            Some(_) => return posts.get_mut(*turn),
        }
    }
    None
}

/// A descriptor that is there to be given up.
fn reserve(shared: Shared) -> Option<OwnedFd> {
    descriptor::duplicate(shared.bell())
}
