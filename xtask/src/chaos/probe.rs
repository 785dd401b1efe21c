//! A client in a hurry, while others do what they do.
//!
//! It asks on a new connection and on a kept one by turns, reads every reply strictly and measures how long each takes
//! from before the connect. A second one asks a second server that nobody else knows: what that one waits for is the
//! machine's doing.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::bench::histogram::Histogram;
use crate::support::wait;
use crate::support::wire::{self, Wire};

/// What is promised at p99.
const LATENCY_MAX_MS: f64 = 50.0;

/// Between two questions.
const PAUSE: Duration = Duration::from_millis(3);

/// What a client in a hurry has seen.
pub(crate) struct Seen {
    latencies: Histogram,
    asked: usize,
    slowest: Duration,
    wrong: Vec<String>,
}

impl Seen {
    fn p99_ms(&self) -> f64 {
        self.latencies.quantile_us(0.99) / 1000.0
    }

    fn ask(address: SocketAddr, stop: &AtomicBool) -> Self {
        let mut seen = Self {
            latencies: Histogram::new(),
            asked: 0,
            slowest: Duration::ZERO,
            wrong: Vec::new(),
        };
        let mut kept = None;
        while !stop.load(Ordering::Relaxed) {
            let start = Instant::now();
            let asked = match seen.asked % 2 {
                0 => anew(address),
                _ => again(address, &mut kept),
            };
            let elapsed = start.elapsed();
            seen.wrong.extend(asked.err());
            seen.latencies.record(elapsed.as_nanos() as u64);
            seen.slowest = seen.slowest.max(elapsed);
            seen.asked += 1;
            thread::sleep(PAUSE);
        }
        seen
    }
}

fn anew(address: SocketAddr) -> Result<(), String> {
    let mut wire = Wire::try_connect(address).map_err(|why| why.to_string())?;
    take(&mut wire)?;
    // No port is left behind.
    wire.reset();
    Ok(())
}

/// The server may close an idle connection to make room, which is no answer that is owed.
fn again(address: SocketAddr, kept: &mut Option<Wire>) -> Result<(), String> {
    if let Some(wire) = kept {
        match take(wire) {
            Err(_) if wire.inbox().is_empty() && wire.gone() => {}
            outcome => return outcome,
        }
    }
    let wire = Wire::try_connect(address).map_err(|why| why.to_string())?;
    take(kept.insert(wire))
}

fn take(wire: &mut Wire) -> Result<(), String> {
    wire.send(&wire::get("/plaintext"));
    let reply = wire.try_reply(false)?;
    if reply.status != 200 || reply.content != b"Hello, World!" {
        return Err(reply.head);
    }
    Ok(())
}

/// Runs `work` with a client in a hurry beside it, and another one at the server `alone`; what both have seen.
fn beside<T>(address: SocketAddr, alone: SocketAddr, work: impl FnOnce() -> T) -> (T, Seen, Seen) {
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let [one, other] = [address, alone].map(|address| {
            let stop = &stop;
            scope.spawn(move || Seen::ask(address, stop))
        });
        let result = work();
        // So that there is something to see beside the shortest work.
        wait::span(Duration::from_millis(200));
        stop.store(true, Ordering::Relaxed);
        let seen = |thread: thread::ScopedJoinHandle<'_, Seen>| thread.join().unwrap_or_else(lost);
        (result, seen(one), seen(other))
    })
}

/// A client that has panicked has seen something wrong.
fn lost(_: Box<dyn std::any::Any + Send>) -> Seen {
    Seen {
        latencies: Histogram::new(),
        asked: 0,
        slowest: Duration::ZERO,
        wrong: vec!["the client has panicked".to_owned()],
    }
}

/// Times that a run is repeated on a machine that is too busy even for the server that nobody attacks.
const ATTEMPTS: usize = 3;

/// The same, with a verdict; `work` says what came of it. It is done again where the machine was to blame.
pub(crate) fn judge(
    address: SocketAddr,
    alone: SocketAddr,
    mut work: impl FnMut() -> Result<String, String>,
) -> Result<String, String> {
    let mut attempt = 1;
    loop {
        let (result, seen, other) = beside(address, alone, &mut work);
        let text = format!(
            "{}; beside it {} answers, p99 {:.2} ms, slowest {:.1} ms (a server that nobody else knows: p99 {:.2} ms)",
            result?,
            seen.asked,
            seen.p99_ms(),
            seen.slowest.as_secs_f64() * 1000.0,
            other.p99_ms(),
        );
        if let Some(wrong) = seen.wrong.first() {
            return Err(format!("{text}; {} wrong: {wrong}", seen.wrong.len()));
        }
        if seen.p99_ms() <= LATENCY_MAX_MS {
            return Ok(text);
        }
        if other.p99_ms() <= LATENCY_MAX_MS || attempt == ATTEMPTS {
            return Err(text);
        }
        attempt += 1;
    }
}
