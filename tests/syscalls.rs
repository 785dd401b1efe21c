//! System calls per request, counted by strace on the server while it answers.
//!
//! Invariant: two runs that differ only in the number of requests are compared, so that start and end do not count.

use crate::support::server::{Elf, Launch, Server};
use crate::support::trace::Trace;
use crate::support::wire::{self, Wire};
use std::collections::BTreeMap;

fn start(trace: &Trace, elf: Elf) -> Server {
    trace.start(Launch::new(elf).flags(&["-w", "1"]), &["-s", "0"])
}

/// How often each system call was made; an interrupted line counts where it begins.
fn counts(trace: &Trace) -> BTreeMap<String, i64> {
    let text = trace.text();
    let mut counts = BTreeMap::new();
    for line in text.lines() {
        let call = line.split_whitespace().nth(1).unwrap_or_default();
        if let Some((name, _)) = call.split_once('(') {
            *counts.entry(name.to_owned()).or_default() += 1;
        }
    }
    counts
}

/// The calls of a run with `work` done `rounds` times.
fn run(
    name: &str,
    elf: Elf,
    connections: usize,
    rounds: usize,
    work: fn(&mut [Wire]),
) -> BTreeMap<String, i64> {
    let trace = Trace::new(&format!("{name}-{rounds}"));
    let server = start(&trace, elf);
    let mut wires: Vec<Wire> = (0..connections).map(|_| server.connect()).collect();
    for wire in &mut wires {
        assert_eq!(wire.ask(&wire::get("/plaintext")).status, 200);
    }
    for _ in 0..rounds {
        work(&mut wires);
    }
    drop(wires);
    server.stop();
    counts(&trace)
}

/// What 20 more rounds cost.
fn cost(name: &str, elf: Elf, connections: usize, work: fn(&mut [Wire])) -> Cost {
    let few = run(name, elf, connections, 10, work);
    let many = run(name, elf, connections, 30, work);
    Cost(
        many.into_iter()
            .map(|(call, count)| (call.clone(), count - few.get(&call).unwrap_or(&0)))
            .filter(|(_, count)| *count > 0)
            .collect(),
    )
}

#[derive(Debug)]
struct Cost(BTreeMap<String, i64>);

impl Cost {
    /// How many calls had one of these names.
    fn of(&self, names: &[&str]) -> i64 {
        let counts = names.iter().filter_map(|name| self.0.get(*name));
        counts.sum()
    }

    /// Judges a run of so many segments received: one call each to receive and to send, its share of waiting, and
    /// next to nothing else.
    fn judge(&self, segments: i64) {
        let receives = self.of(&["recvfrom", "recvmsg", "read"]);
        let sends = self.of(&["sendto", "sendmsg", "write", "writev"]);
        let waits = self.of(&["epoll_wait", "epoll_pwait", "epoll_pwait2"]);
        let all: i64 = self.0.values().sum();
        // The clock of the worker may tick meanwhile, and a first receive may come before the first request.
        let slack = 100;
        assert!(
            receives <= segments + slack,
            "{receives} receives for {segments}: {self:?}"
        );
        assert!(
            sends <= segments + slack,
            "{sends} sends for {segments}: {self:?}"
        );
        assert!(
            waits <= segments + slack,
            "{waits} waits for {segments}: {self:?}"
        );
        assert!(all - receives - sends - waits <= slack, "{self:?}");
    }
}

/// 64 connections, one request on each: a receive and a send for every request.
#[test]
fn keep_alive() {
    let cost = cost("keep-alive", Elf::Vanillin, 64, |wires| {
        for wire in &*wires {
            wire.send(&wire::get("/plaintext"));
        }
        for wire in wires {
            assert_eq!(wire.reply().content, b"Hello, World!");
        }
    });
    cost.judge(20 * 64);
}

/// Sixteen requests in a segment: still one receive and one send.
#[test]
fn pipelined() {
    let cost = cost("pipelined", Elf::Vanillin, 8, |wires| {
        for wire in &*wires {
            wire.send(&wire::get("/plaintext").repeat(16));
        }
        for wire in wires {
            for _ in 0..16 {
                assert_eq!(wire.reply().content, b"Hello, World!");
            }
        }
    });
    cost.judge(20 * 8);
}

/// Errors, conditions, ranges and HEAD cost no more than a page.
#[test]
fn other_replies() {
    let cost = cost("others", Elf::Vanillin, 8, |wires| {
        for wire in wires {
            assert_eq!(wire.ask(&wire::get("/missing")).status, 404);
            assert_eq!(wire.ask(&wire::request("HEAD", "/", "")).status, 200);
            let part = wire.ask(&wire::request("GET", "/", "Range: bytes=0-9\r\n"));
            assert_eq!(part.status, 206);
            let close = wire.ask(&wire::request("POST", "/", "Content-Length: 0\r\n"));
            assert_eq!(close.status, 405);
        }
    });
    cost.judge(20 * 8 * 4);
}

/// A connection for every request: accepted, handed over, answered, closed, in few calls.
#[test]
fn connection_per_request() {
    let trace_of = |rounds: usize| {
        let trace = Trace::new(&format!("connections-{rounds}"));
        let server = start(&trace, Elf::Vanillin);
        for _ in 0..rounds {
            let mut wire = server.connect();
            wire.send(&wire::request("GET", "/plaintext", "Connection: close\r\n"));
            wire.rest().expect("an orderly end");
        }
        server.stop();
        counts(&trace)
    };
    let (few, many) = (trace_of(50), trace_of(150));
    let all = |counts: &BTreeMap<String, i64>| counts.values().sum::<i64>();
    let each = (all(&many) - all(&few)) / 100;
    assert!(each <= 16, "{each} calls for a connection: {many:?}");
}
