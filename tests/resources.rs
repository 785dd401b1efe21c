//! What the server costs: memory, wake-ups, CPU.
//!
//! Invariant: the numbers are the kernel's, and each is compared with what is promised.

use crate::faults;
use crate::support::server::{Elf, Server};
use crate::support::wait;
use crate::support::wire::{self, Wire};
use std::fs;
use std::time::{Duration, Instant};

/// Resident memory of an idle server with two workers.
const IDLE_KB: u64 = 128;

/// User memory of an idle connection.
const CONNECTION_OCTETS: u64 = 64;

/// What 10,000 connections write once, beside their entries: a worker's table ends within a page, and its stack and
/// its array of events reach further the more is to do at once.
const ONCE_KB: u64 = 2 * (4 + 12 + 16);

/// Whether the ELF is one that ships: unoptimised code alone may have more pages than all of it.
fn ships() -> bool {
    fs::metadata(Elf::Vanillin.path()).is_ok_and(|file| file.len() < 100 * 1024)
}

#[test]
fn idle_server_is_small() {
    let server = Server::start(&["-w", "2"]);
    for _ in 0..4 {
        assert_eq!(server.connect().ask(&wire::get("/plaintext")).status, 200);
    }
    let written = server.proc().written_kb();
    assert!(written < IDLE_KB, "{written} KiB are written");
    if ships() {
        let resident = server.proc().resident_kb();
        assert!(resident < IDLE_KB, "{resident} KiB are resident");
    }
    server.stop();
}

/// Ten thousand connections that are idle between two requests: each is one entry of a table.
#[test]
fn idle_connections_are_small() {
    const CONNECTIONS: usize = 10_000;
    let _turn = wait::turn();
    let most = faults::descriptors().saturating_sub(300);
    let count = CONNECTIONS.min(most);
    println!("{count} connections");
    let server = Server::start(&["-w", "2"]);
    let fds = server.proc().fds();
    for _ in 0..20 {
        assert_eq!(server.connect().ask(&wire::get("/plaintext")).status, 200);
    }
    let before = server.proc().written_kb();
    let mut wires: Vec<Wire> = Vec::with_capacity(count);
    for _ in 0..count {
        let mut wire = server.connect();
        assert_eq!(wire.ask(&wire::get("/plaintext")).status, 200);
        wires.push(wire);
    }
    let grown = server.proc().written_kb().saturating_sub(before);
    let promised = count as u64 * CONNECTION_OCTETS / 1024 + ONCE_KB;
    assert!(
        grown <= promised,
        "{grown} KiB for {count} connections, {promised} are promised"
    );
    let cpu = server.proc().cpu();
    for wire in wires.iter_mut().rev().take(100) {
        assert_eq!(wire.ask(&wire::get("/plaintext")).status, 200);
    }
    wait::span(Duration::from_millis(500));
    let busy = server.proc().cpu_since(cpu);
    assert!(
        busy < Duration::from_millis(100),
        "{busy:?} of CPU while all are idle"
    );
    drop(wires);
    wait::until("the descriptors are those of the start", || {
        server.proc().fds() == fds
    });
    server.stop();
}

/// Connections and requests leave nothing behind: memory after thousands is that after the first.
#[test]
fn memory_does_not_grow() {
    let _turn = wait::turn();
    let server = Server::testbed(&["-w", "2"]);
    let load = || {
        for target in ["/plaintext", "/100k", "/missing", "/page"] {
            let mut wire = server.connect();
            for _ in 0..100 {
                wire.ask(&wire::get(target));
            }
            wire.ask(b"nonsense\r\n\r\n");
        }
    };
    load();
    load();
    let before = server.proc().written_kb();
    for _ in 0..20 {
        load();
    }
    let grown = server.proc().written_kb().saturating_sub(before);
    assert!(grown <= 8, "{grown} KiB more");
    server.stop();
}

/// How often the threads of the server are woken in this span, and how long it became.
fn wake_ups(server: &Server, span: Duration) -> (u64, Duration) {
    let start = Instant::now();
    let before: u64 = server.proc().sleeps().iter().sum();
    wait::span(span);
    let wakes = server.proc().sleeps().iter().sum::<u64>() - before;
    (wakes, start.elapsed())
}

/// Waits until the server has done what it had to: a thread that goes to sleep counts as one that was woken.
fn settles(server: &Server) {
    wait::until("every thread sleeps", || {
        server.proc().rests(Duration::from_millis(50))
    });
}

/// Without connections nothing wakes the server, and with idle ones only the clock of their worker.
#[test]
fn idle_server_sleeps() {
    let _turn = wait::turn();
    let server = Server::start(&["-w", "2"]);
    let span = Duration::from_millis(1500);
    settles(&server);
    let (wakes, _) = wake_ups(&server, span);
    assert_eq!(wakes, 0, "before the first connection");
    let mut wires: Vec<Wire> = (0..10).map(|_| server.connect()).collect();
    for wire in &mut wires {
        assert_eq!(wire.ask(&wire::get("/plaintext")).status, 200);
    }
    settles(&server);
    let (wakes, elapsed) = wake_ups(&server, Duration::from_millis(2500));
    assert!(
        wakes <= 2 * (elapsed.as_secs() + 1),
        "{wakes} wake-ups of two workers in {elapsed:?}"
    );
    drop(wires);
    // The clocks stop when they find that nobody is there.
    wait::until("nothing wakes it after the last connection", || {
        wake_ups(&server, span).0 == 0
    });
    server.stop();
}

/// A head that comes an octet at a time costs work in proportion to its length.
#[test]
fn slow_heads_cost_linear_work() {
    let _turn = wait::turn();
    // The whole head may take long where others have the CPU.
    let server = Server::start(&["-w", "1", "--head-timeout", "300"]);
    let cost = |len: usize| {
        let start = "GET /plaintext HTTP/1.1\r\nHost: a\r\nX-Long: ";
        let head = format!("{start}{}\r\n\r\n", "x".repeat(len - start.len() - 4));
        let mut wire = server.connect();
        let mut pace = server.connect();
        let before = server.proc().cpu();
        for octet in head.as_bytes().chunks(1) {
            wire.send(octet);
            pace.ask(b"GET /plaintext HTTP/1.1\r\nHost: a\r\n\r\n");
        }
        assert_eq!(wire.reply().status, 200);
        server.proc().cpu_since(before)
    };
    cost(500);
    let short = cost(2000);
    // Eight times the length; quadratic work would be sixty-four times.
    wait::within(short * 16, "16,000 octets against 2,000", || cost(16_000));
    server.stop();
}

/// A pipeline on one connection does not starve another one: what it gets between a request of the other one and the
/// answer is a turn and what the kernel holds, a small part of the whole.
#[test]
fn hot_connection_is_fair() {
    let _turn = wait::turn();
    let server = Server::start(&["-w", "1"]);
    let mut requests = wire::get("/plaintext").repeat(100_000);
    requests.extend(wire::request("GET", "/plaintext", "Connection: close\r\n"));
    let mut rest = requests.as_slice();
    let mut hot = Wire::connect_narrow(server.address);
    let mut other = server.connect();
    let (mut rounds, mut since, mut most) = (0, 0, 0);
    other.send(&wire::get("/health"));
    // One client looks at both, so that nobody but the server decides who gets what meanwhile.
    let end = Instant::now() + 6 * wait::PATIENCE;
    while !hot.gone() {
        assert!(Instant::now() < end, "the pipeline has no end");
        rest = &rest[hot.send_now(rest)..];
        most = most.max(hot.inbox().len() - since);
        if !other.gone() && other.inbox().is_empty() {
            continue;
        }
        assert_eq!(other.reply().status, 200);
        other.send(&wire::get("/health"));
        (rounds, since) = (rounds + 1, hot.inbox().len());
    }
    let len = hot.inbox().len();
    assert!(len > 100_000 * 100);
    assert!(
        most < len / 4,
        "{most} of {len} octets before one answer, {rounds} others"
    );
    println!("{most} of {len}, {rounds}");
    server.stop();
}
