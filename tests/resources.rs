//! What the server costs: memory, wake-ups, CPU.
//!
//! Invariant: the numbers are the kernel's, and each is compared with what is promised.

use crate::faults;
use crate::support::server::{Elf, Server};
use crate::support::wait;
use crate::support::wire::{self, Wire};
use std::fs;
use std::time::Duration;

/// Resident memory of an idle server with two workers.
const IDLE_KB: u64 = 128;

/// User memory of an idle connection.
const CONNECTION_OCTETS: u64 = 64;

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
    // Whole pages: each worker's table ends within one.
    let promised = count as u64 * CONNECTION_OCTETS / 1024 + 16;
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

/// How often the threads of the server are woken in this span.
fn wake_ups(server: &Server, span: Duration) -> u64 {
    let before: u64 = server.proc().sleeps().iter().sum();
    wait::span(span);
    server.proc().sleeps().iter().sum::<u64>() - before
}

/// Without connections nothing wakes the server, and with idle ones only the clock of their worker.
#[test]
fn idle_server_sleeps() {
    let _turn = wait::turn();
    let server = Server::start(&["-w", "2"]);
    wait::until("every thread sleeps", || {
        wake_ups(&server, Duration::from_millis(50)) == 0
    });
    assert_eq!(
        wake_ups(&server, Duration::from_millis(1500)),
        0,
        "before the first connection"
    );
    let mut wires: Vec<Wire> = (0..10).map(|_| server.connect()).collect();
    for wire in &mut wires {
        assert_eq!(wire.ask(&wire::get("/plaintext")).status, 200);
    }
    // After its last answer a worker goes to sleep, which counts as much as being woken.
    wait::span(Duration::from_millis(100));
    let wakes = wake_ups(&server, Duration::from_millis(2500));
    assert!(wakes <= 6, "{wakes} wake-ups of two workers in 2.5 seconds");
    drop(wires);
    // The clocks stop when they find that nobody is there.
    wait::span(Duration::from_millis(1200));
    let wakes = wake_ups(&server, Duration::from_millis(1500));
    assert_eq!(wakes, 0, "after the last connection");
    server.stop();
}

/// A head that comes an octet at a time costs work in proportion to its length.
#[test]
fn slow_heads_cost_linear_work() {
    let _turn = wait::turn();
    let server = Server::start(&["-w", "1"]);
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
    let (short, long) = (cost(2000), cost(16_000));
    // Eight times the length; quadratic work would be sixty-four times.
    assert!(
        long < short * 16,
        "{short:?} for 2,000 octets, {long:?} for 16,000"
    );
    server.stop();
}

/// A pipeline on one connection does not starve another one.
#[test]
fn hot_connection_is_fair() {
    let _turn = wait::turn();
    let server = Server::start(&["-w", "1"]);
    let mut requests = wire::get("/plaintext").repeat(100_000);
    requests.extend(wire::request("GET", "/plaintext", "Connection: close\r\n"));
    std::thread::scope(|scope| {
        let hot = scope.spawn(|| {
            server
                .connect()
                .exchange(&requests)
                .map(|bytes| bytes.len())
        });
        let mut other = server.connect();
        let mut slowest = Duration::ZERO;
        while !hot.is_finished() {
            let start = std::time::Instant::now();
            assert_eq!(other.ask(&wire::get("/health")).status, 200);
            slowest = slowest.max(start.elapsed());
        }
        assert!(
            slowest < Duration::from_millis(500),
            "{slowest:?} for one request"
        );
        let len = hot.join().expect("no panic").expect("an orderly end");
        assert!(len > 100_000 * 100);
    });
    server.stop();
}
