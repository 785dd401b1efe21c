//! Draining and replacing: how an instance leaves without anybody noticing.
//!
//! Invariant: a connection that was accepted is answered or closed in order; none is reset.

use crate::support::reply;
use crate::support::server::{Elf, Launch, Server};
use crate::support::wait;
use crate::support::wire::{self, Wire};
use rustix::process::Signal;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

fn status(address: SocketAddr, method: &str, target: &str) -> u16 {
    let mut wire = Wire::connect(address);
    wire.ask(&wire::request(method, target, "")).status
}

/// While it drains the server serves as before, except that it says it is not ready.
#[test]
fn drain_tells_and_serves_on() {
    let mut server = Server::start(&["--drain", "2"]);
    let mut early = server.connect();
    assert_eq!(early.ask(&wire::get("/readyz")).status, 200);
    assert_eq!(status(server.address, "HEAD", "/readyz"), 200);
    let start = Instant::now();
    server.signal(Signal::TERM);
    wait::until("/readyz says 503", || {
        status(server.address, "GET", "/readyz") == 503
    });
    assert_eq!(early.ask(&wire::get("/readyz")).status, 503);
    assert_eq!(early.ask(&wire::request("HEAD", "/readyz", "")).status, 503);
    while start.elapsed() < Duration::from_millis(1500) {
        assert_eq!(status(server.address, "GET", "/readyz"), 503);
        for target in ["/livez", "/health", "/", "/plaintext"] {
            assert_eq!(status(server.address, "GET", target), 200, "{target}");
            assert_eq!(early.ask(&wire::get(target)).status, 200, "{target}");
        }
    }
    assert!(early.ends(), "the idle connection is closed in the end");
    assert!(server.ends_within(Duration::from_secs(2)), "it drains on");
    let elapsed = start.elapsed();
    let expected = Duration::from_millis(1900)..Duration::from_secs(3);
    assert!(expected.contains(&elapsed), "{elapsed:?}");
    assert_eq!(
        server.end().status.and_then(|status| status.code()),
        Some(0)
    );
}

/// A second signal ends the drain.
#[test]
fn second_signal_ends_the_drain() {
    let mut server = Server::start(&["--drain", "60"]);
    server.signal(Signal::TERM);
    wait::until("/readyz says 503", || {
        status(server.address, "GET", "/readyz") == 503
    });
    let start = Instant::now();
    server.signal(Signal::TERM);
    assert!(server.ends_within(wait::PATIENCE), "it drains on");
    assert!(
        start.elapsed() < Duration::from_millis(500),
        "{:?}",
        start.elapsed()
    );
    server.end();
}

/// Without a drain the end comes with the signal.
#[test]
fn no_drain_by_default() {
    let mut server = Server::start(&[]);
    server.signal(Signal::TERM);
    assert!(server.ends_within(Duration::from_secs(1)));
    server.end();
}

/// Connections that the kernel has accepted, but the server has not yet, are answered before the end.
#[test]
fn backlog_is_emptied_before_the_end() {
    let _turn = wait::turn();
    for workers in ["1", "2"] {
        let mut server = Server::start(&["-w", workers]);
        assert_eq!(status(server.address, "GET", "/health"), 200);
        server.signal(Signal::STOP);
        let mut wires: Vec<Wire> = (0..800)
            .map(|_| {
                let wire = server.connect();
                wire.send(&wire::get("/plaintext"));
                wire
            })
            .collect();
        server.signal(Signal::TERM);
        server.signal(Signal::CONT);
        let mut lost = Vec::new();
        for (at, wire) in wires.iter_mut().enumerate() {
            match wire.try_reply(false) {
                Ok(reply) => assert_eq!(reply.content, b"Hello, World!"),
                Err(why) => lost.push((at, why)),
            }
        }
        assert!(
            lost.is_empty(),
            "{workers} workers: {} lost, {:?}",
            lost.len(),
            lost.first()
        );
        drop(wires);
        assert!(server.ends_within(Duration::from_secs(2)));
        assert_eq!(
            server.end().status.and_then(|status| status.code()),
            Some(0)
        );
    }
}

/// What a client that hammers a port has seen.
#[derive(Default)]
struct Tally {
    stop: AtomicBool,
    answered: AtomicUsize,
    failed: AtomicUsize,
}

impl Tally {
    fn hammer(&self, address: SocketAddr) {
        while !self.stop.load(Ordering::Relaxed) {
            let good = Wire::try_connect(address).is_ok_and(|wire| {
                wire.send(&wire::request("GET", "/plaintext", "Connection: close\r\n"));
                let replies = wire.whole().and_then(|bytes| reply::all(&bytes, &[]));
                replies.is_ok_and(|replies| match replies.as_slice() {
                    [reply] => reply.content == b"Hello, World!",
                    _ => false,
                })
            });
            let count = if good { &self.answered } else { &self.failed };
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A connection that is kept, and opened anew where the server has said that it closes or has closed it idle.
    fn hammer_kept(&self, address: SocketAddr) {
        let mut wire = Wire::connect(address);
        while !self.stop.load(Ordering::Relaxed) {
            if wire.gone() {
                wire = Wire::connect(address);
            }
            wire.send(&wire::get("/plaintext"));
            match wire.try_reply(false) {
                Ok(reply) => {
                    self.answered.fetch_add(1, Ordering::Relaxed);
                    if reply.closes() {
                        wire = Wire::connect(address);
                    }
                }
                Err(why) => {
                    println!("{why}");
                    self.failed.fetch_add(1, Ordering::Relaxed);
                    wire = Wire::connect(address);
                }
            }
        }
    }
}

/// Two instances behind one port, replaced one after the other while clients hammer it: no request fails.
#[test]
fn rolling_restart() {
    let _turn = wait::turn();
    let first = Server::start(&["-w", "1", "--drain", "1"]);
    let address = first.address;
    let port = address.port().to_string();
    let next = || {
        Launch::new(Elf::Vanillin)
            .flags(&["-w", "1", "--drain", "1", "-p", &port])
            .start()
    };
    let tally = Tally::default();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| tally.hammer(address));
        }
        scope.spawn(|| tally.hammer_kept(address));
        let mut running = vec![first, next()];
        for _ in 0..2 {
            let fresh = next();
            running.remove(0).stop();
            running.push(fresh);
        }
        tally.stop.store(true, Ordering::Relaxed);
    });
    let (answered, failed) = (tally.answered.into_inner(), tally.failed.into_inner());
    println!("{answered} answered, {failed} failed");
    assert!(answered > 1000, "{answered} answered");
    assert_eq!(failed, 0, "of {answered}");
}
