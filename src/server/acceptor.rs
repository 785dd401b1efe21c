//! The acceptor: what accepts, hands over, and listens to signals, in the thread that has started the server.
//!
//! Invariant: it never reads a request; what it sends by itself is 503 to those for whom there is no descriptor.

use heapless::Vec;
use rustix::fd::OwnedFd;

use super::floor::Floor;
use super::kernel::Linux;
use super::phase::{Phase, Post, Shared};
use super::watch::{BELL, Happened, LISTENER, SIGNAL, TIMER};
use crate::epoll::{Epoll, FOREVER, Interest, Token};
use crate::limits::{ACCEPT_RETRY_MS, ACCEPTS_MAX, HANDOVER_RETRY_MS, STOP_SECONDS, WORKERS_MAX};
use crate::response::{Response, Status};
use crate::socket::{self, Accepted, Listener};
use crate::sys::descriptor::{self, Kept, lend};
use crate::sys::errno::Errno;
use crate::sys::{process, signal, ticker};

type Posts = Vec<Post, WORKERS_MAX>;

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

/// The acceptor. What is longest lies last.
#[repr(C)]
pub(super) struct Acceptor {
    listener: Option<Listener>,
    /// Workers that have a thread of their own.
    threads: u32,
    /// Connections that may be on their way to one worker.
    arrivals_max: u32,
    /// Whose turn it is.
    turn: u32,
    shared: Shared,
    signals: Kept,
    timer: Kept,
    /// Given up for a moment to answer those for whom no descriptor is left.
    reserve: Kept,
    drain_seconds: u32,
    stage: Stage,
    queue: Queue,
    posts: Posts,
}

impl Acceptor {
    /// An acceptor in the thread that waits with this, while it has nobody to hand over to.
    #[inline]
    pub(super) fn new(
        epoll: &Epoll,
        shared: Shared,
        arrivals_max: u32,
        drain_seconds: u32,
    ) -> Result<Self, Errno> {
        let (signals, timer) = (signal::open(), ticker::create());
        epoll.add(&signals, Interest::ReadableLevel, Token::new(SIGNAL, 0))?;
        epoll.add(&timer, Interest::ReadableLevel, Token::new(TIMER, 0))?;
        Ok(Self {
            listener: None,
            posts: Posts::new(),
            threads: 0,
            arrivals_max,
            turn: 0,
            shared,
            signals,
            timer,
            reserve: descriptor::duplicate(shared.bell()),
            drain_seconds,
            stage: Stage::Serving,
            queue: Queue::Unknown,
        })
    }

    /// Hands over to a worker, too, which has a thread of its own or is the one in this thread.
    #[inline]
    pub(super) fn employ(&mut self, post: Post, has_thread: bool) {
        self.threads += u32::from(has_thread);
        // Cannot fail: there are at the most WORKERS_MAX.
        let _ = self.posts.push(post);
    }

    /// Listens there, too.
    #[inline]
    pub(super) fn listen(&mut self, epoll: &Epoll, listener: Listener) -> Result<(), Errno> {
        let listener = self.listener.insert(listener);
        let token = Token::new(LISTENER, 0);
        epoll.watch(listener.fd(), Interest::Readable, token, true)
    }

    /// Listens no more.
    #[inline]
    pub(super) fn leave(&mut self) {
        self.listener = None;
    }

    /// How long its thread may sleep, in milliseconds.
    pub(super) const fn timeout(&self) -> i32 {
        self.queue as i32
    }

    /// Whether there is nothing to do for it.
    pub(super) const fn is_idle(&self, happened: Happened) -> bool {
        happened.is_nothing() && matches!(self.queue, Queue::Empty)
    }

    /// Does what is to be done now; `true` where the server's time is up.
    ///
    /// # Errors
    /// ECANCELED where a worker has ended before its time.
    #[inline(never)]
    pub(super) fn attend(
        &mut self,
        happened: Happened,
        floor: &mut Floor<Linux>,
    ) -> Result<bool, Errno> {
        if happened.has(LISTENER) {
            self.queue = Queue::Unknown;
        }
        if happened.has(SIGNAL) {
            self.on_signal();
        }
        if happened.has(TIMER) {
            // Discarded: that it has fired is all there is to know.
            let _ = ticker::read(&self.timer);
            if self.stage == Stage::Stopping {
                // Even the requests in flight have had their time.
                return Ok(true);
            }
            self.advance();
        }
        if happened.has(BELL) && self.stage != Stage::Stopping && self.shared.left() > 0 {
            return Err(Errno::CANCELED);
        }
        if self.queue != Queue::Empty {
            self.accept(floor);
        }
        if self.stage == Stage::Closing && self.queue == Queue::Empty {
            self.advance();
        }
        Ok(false)
    }

    /// Whether the server stops, and every thread but this one has ended.
    pub(super) fn is_last(&self) -> bool {
        self.stage == Stage::Stopping && self.shared.left() >= self.threads
    }

    /// Accepts a batch.
    fn accept(&mut self, floor: &mut Floor<Linux>) {
        self.queue = Queue::Unknown;
        for _ in 0..ACCEPTS_MAX {
            if self.queue != Queue::Blocked && self.reserve.outcome().is_err() {
                self.reserve = descriptor::duplicate(self.shared.bell());
            }
            let Some(listener) = &self.listener else {
                self.queue = Queue::Empty;
                break;
            };
            let Some(post) = next_post(&self.posts, &mut self.turn, self.arrivals_max) else {
                self.queue = Queue::Full;
                break;
            };
            match listener.accept() {
                Accepted::Connection(stream) => {
                    if self.queue == Queue::Blocked {
                        self.queue = Queue::Unknown;
                        refuse(floor, &stream);
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
    }

    /// Wakes every worker that something of the last batch is on its way to.
    #[inline]
    pub(super) fn hand_over(&mut self) {
        if self.ring(false) && self.queue == Queue::Full {
            self.queue = Queue::Unknown;
        }
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

    /// Enters the next stage, with its time. What follows from it is done at once.
    #[inline(never)]
    fn advance(&mut self) {
        let mut seconds = STOP_SECONDS;
        self.queue = Queue::Unknown;
        self.stage = match self.stage {
            Stage::Serving if self.drain_seconds > 0 => {
                seconds = self.drain_seconds;
                self.enter(Phase::Draining);
                Stage::Draining
            }
            Stage::Serving | Stage::Draining => Stage::Closing,
            Stage::Closing | Stage::Stopping => {
                // The workers know before any client can: whoever finds the port closed finds them stopping.
                self.enter(Phase::Stopping);
                // Closing it ends its registration too.
                self.listener = None;
                Stage::Stopping
            }
        };
        ticker::arm(&self.timer, seconds, 0);
    }

    fn enter(&self, phase: Phase) {
        self.shared.enter(phase);
        self.ring(true);
    }

    /// Wakes the workers that connections are on their way to, or all; whether one has taken all of them.
    #[inline(never)]
    fn ring(&self, all: bool) -> bool {
        let mut has_room = false;
        for post in &self.posts {
            let is_empty = post.is_empty();
            has_room |= is_empty;
            if self.threads > 0 && (all || !is_empty) {
                post.wake();
            }
        }
        has_room
    }
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
fn refuse(floor: &mut Floor<Linux>, stream: &OwnedFd) {
    floor.read_clock();
    let desk = &mut floor.desk;
    let response = Response::Error(Status::SERVICE_UNAVAILABLE);
    desk.scribe.answer_last(response, false);
    // Whether it arrives or not, the connection is over.
    let _ = socket::send(lend(stream), desk.scribe.outbox.octets());
    desk.scribe.outbox.clear();
    // A close with input unread is a reset, which the answer may be lost to. What it is does not matter.
    let _ = socket::recv(lend(stream), desk.lot.octets);
}
