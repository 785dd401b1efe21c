//! Deadlines: what a client is given, counted from the beginning of its phase, and what happens then.
//!
//! Invariant: no octet extends a deadline, and nobody who keeps to them is cut off.

use crate::support::deadlines::SHORT;
use crate::support::server::Server;
use crate::support::wait;
use crate::support::wire::{self, Wire};
use rustix::process::Signal;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// The length of all deadlines of [`SHORT`], less what the clock of a worker may be ahead: it ticks once a second.
const DEADLINE: Duration = Duration::from_millis(900);

/// When one of them has to have been noticed: the second tick behind it.
const LATE: Duration = Duration::from_millis(3200);

/// Waits for the end of the stream, which may not come before its time; what came before it.
fn end_of(wire: &mut Wire, start: Instant, what: &str) -> Vec<u8> {
    let bytes = wire.rest().unwrap_or_else(|why| panic!("{what}: {why}"));
    not_early(start, what);
    bytes
}

/// Asserts that a deadline that began at `start` may have passed; the time since then.
fn not_early(start: Instant, what: &str) -> Duration {
    let elapsed = start.elapsed();
    assert!(elapsed >= DEADLINE, "{what}: closed after {elapsed:?}");
    elapsed
}

/// The one reply on a stream that has ended, which has to be 408 and a close.
fn is_408(bytes: &[u8], what: &str) {
    let replies = crate::support::reply::all(bytes, &[]).expect("strict replies");
    let [reply] = replies.as_slice() else {
        panic!("{what}: {} replies", replies.len());
    };
    assert_eq!(reply.status, 408, "{what}");
    assert!(reply.closes(), "{what}");
}

/// RFC 9110 section 15.5.9: a head that is late.
#[test]
fn late_head() {
    let server = Server::start(&SHORT);
    let beginnings: [&[u8]; 5] = [
        b"G",
        b"GET /plaintext",
        b"GET /plaintext HTTP/1.1\r\n",
        b"GET /plaintext HTTP/1.1\r\nHost: a\r\n",
        b"GET /plaintext HTTP/1.1\r\nHost: a\r\n\r",
    ];
    wait::within(LATE, "all heads are late", || {
        let start = Instant::now();
        let mut wires = beginnings.map(|beginning| {
            let wire = server.connect();
            wire.send(beginning);
            wire
        });
        for (wire, beginning) in wires.iter_mut().zip(beginnings) {
            let what = beginning.escape_ascii().to_string();
            is_408(&end_of(wire, start, &what), &what);
        }
        start.elapsed()
    });
    server.stop();
}

/// Sends a bit every 50 milliseconds until the other side is gone, which has to be in time; how long that took.
fn trickle(wire: &mut Wire, what: &str, piece: &[u8]) -> Duration {
    let start = Instant::now();
    wait::until(what, || {
        wire.send(piece);
        wait::span(Duration::from_millis(50));
        wire.gone()
    });
    let elapsed = not_early(start, what);
    is_408(wire.inbox(), what);
    elapsed
}

/// An octet now and then does not extend the time for a head.
#[test]
fn head_that_trickles() {
    let server = Server::start(&SHORT);
    wait::within(LATE, "a head that trickles", || {
        let mut wire = server.connect();
        wire.send(b"GET /plaintext HTTP/1.1\r\nHost: a\r\nX-Long: ");
        trickle(&mut wire, "a head that trickles", b"x")
    });
    server.stop();
}

/// The same in a second request, whose time begins with its first octet.
#[test]
fn later_head_that_trickles() {
    let server = Server::start(&["--head-timeout", "1", "--idle-timeout", "30"]);
    wait::within(LATE, "a later head that trickles", || {
        let mut wire = server.connect();
        assert_eq!(wire.ask(&wire::get("/plaintext")).status, 200);
        wait::span(Duration::from_millis(1500));
        wire.send(b"GET /plaintext HTTP/1.1\r\n");
        trickle(&mut wire, "a later head that trickles", b"A: b\r\n")
    });
    server.stop();
}

/// Time in which the server itself was held up is not counted against those whom it could not hear meanwhile.
#[test]
fn server_that_was_held_up_blames_nobody() {
    let server = Server::start(&["-w", "1", "--head-timeout", "3"]);
    let mut wire = server.connect();
    assert_eq!(wire.ask(&wire::get("/plaintext")).status, 200);
    server.signal(Signal::STOP);
    wait::span(Duration::from_millis(5500));
    wire.send(b"GET /plaintext HTTP/1.1\r\n");
    server.signal(Signal::CONT);
    // The one worker has read that and looked at its clock when it answers this twice.
    let mut other = server.connect();
    for _ in 0..2 {
        assert_eq!(other.ask(&wire::get("/plaintext")).status, 200);
    }
    assert_eq!(wire.ask(b"Host: a\r\n\r\n").status, 200);
    server.stop();
}

/// Content that trickles, wanted or not.
#[test]
fn content_that_trickles() {
    let framings: [(&str, &[u8]); 2] = [
        ("Content-Length: 10000", b"x"),
        ("Transfer-Encoding: chunked", b"1\r\nx\r\n"),
    ];
    let echo = Server::echo(&SHORT);
    let site = Server::start(&SHORT);
    std::thread::scope(|scope| {
        for (server, target) in [(&echo, "/"), (&site, "/plaintext")] {
            for (line, piece) in framings {
                scope.spawn(move || {
                    let head = format!("POST {target} HTTP/1.1\r\nHost: a\r\n{line}\r\n\r\n");
                    wait::within(LATE, line, || {
                        let mut wire = server.connect();
                        wire.send(head.as_bytes());
                        trickle(&mut wire, line, piece)
                    });
                });
            }
        }
    });
    echo.stop();
    site.stop();
}

/// A connection on which nothing is said ends without a word: before the first request, or with 408, and after it.
#[test]
fn idle_connections() {
    let server = Server::start(&SHORT);
    wait::within(LATE, "idle connections", || {
        let start = Instant::now();
        let mut silent = server.connect();
        let mut idle = server.connect();
        assert_eq!(idle.ask(&wire::get("/plaintext")).status, 200);
        let bytes = end_of(&mut idle, start, "idle");
        assert!(bytes.is_empty(), "{}", bytes.escape_ascii());
        let bytes = end_of(&mut silent, start, "silent");
        if !bytes.is_empty() {
            is_408(&bytes, "silent");
        }
        start.elapsed()
    });
    server.stop();
}

/// A client that keeps to the deadlines stays connected beyond all of them.
#[test]
fn busy_connection_stays() {
    // Far longer than a client is kept waiting between two requests on a busy machine.
    let server = Server::start(&["--head-timeout", "3", "--idle-timeout", "3"]);
    let mut wire = server.connect();
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(6) {
        assert_eq!(wire.ask(&wire::get("/plaintext")).status, 200);
        wait::span(Duration::from_millis(500));
    }
    server.stop();
}

/// A client that does not take its response at all.
#[test]
fn response_that_is_not_taken() {
    let server = Server::testbed(&SHORT);
    let before = server.proc().fds();
    wait::within(Duration::from_secs(5), "the client is cut off", || {
        let wire = Wire::connect_narrow(server.address);
        wire.send(&wire::get("/4m").repeat(4));
        wait::until("the response begins", || server.proc().fds() > before);
        let start = Instant::now();
        wait::until("the connection is cut off", || {
            server.proc().fds() == before
        });
        start.elapsed()
    });
    server.stop();
}

/// An octet now and then is no progress: the kernel tells the server of larger steps.
#[test]
fn response_that_is_taken_by_the_octet() {
    let server = Server::testbed(&SHORT);
    let before = server.proc().fds();
    wait::within(Duration::from_secs(5), "the client is cut off", || {
        let mut stream = TcpStream::connect(server.address).expect("a connection");
        let requests = wire::get("/4m").repeat(4);
        stream.write_all(&requests).expect("room for requests");
        let start = Instant::now();
        wait::until("the connection is cut off", || {
            stream.read_exact(&mut [0]).expect("an octet");
            wait::span(Duration::from_millis(50));
            server.proc().fds() == before
        });
        not_early(start, "taken by the octet")
    });
    server.stop();
}

/// A client that takes its response slowly, but steadily, gets all of it.
#[test]
fn slow_reader_gets_everything() {
    let server = Server::testbed(&["--progress-timeout", "4"]);
    let mut wire = Wire::connect_narrow(server.address);
    wire.send(&wire::request("GET", "/4m", "Connection: close\r\n"));
    let start = Instant::now();
    // 700 kilobytes a second, far more than the rate that is asked for.
    while wire.read().expect("an octet or the end") > 0 {
        let due = Duration::from_micros(wire.inbox().len() as u64 * 10 / 7);
        wait::span(due.saturating_sub(start.elapsed()));
    }
    let replies = crate::support::reply::all(wire.inbox(), &[]).expect("a whole reply");
    assert_eq!(replies.len(), 1);
    assert!(start.elapsed() > Duration::from_secs(5));
    server.stop();
}

/// A socket's buffer may take longer to empty than a deadline lasts: progress is what the client takes of it.
#[test]
fn reader_behind_a_full_buffer_is_not_cut_off() {
    let server = Server::testbed(&["--progress-timeout", "3"]);
    let mut wire = Wire::connect_narrow(server.address);
    wire.send(&wire::get("/4m").repeat(2));
    let start = Instant::now();
    // A hundred kilobytes a second.
    while start.elapsed() < Duration::from_secs(6) {
        let len = wire.read().expect("octets");
        assert!(len > 0, "cut off after {:?}", start.elapsed());
        let due = Duration::from_micros(10 * wire.inbox().len() as u64);
        wait::span(due.saturating_sub(start.elapsed()));
    }
    server.stop();
}

/// After an error the rest of what the client sends is taken for a while, and not longer.
#[test]
fn lingering_is_bounded() {
    let server = Server::start(&[]);
    let before = server.proc().fds();
    wait::within(Duration::from_secs(5), "a trickle behind an error", || {
        let mut wire = server.connect();
        wire.send(b"nonsense\r\n\r\n");
        assert_eq!(wire.reply().status, 400);
        let start = Instant::now();
        wait::until("the connection is closed at last", || {
            wire.send_now(b"x");
            server.proc().fds() == before
        });
        start.elapsed()
    });
    // A flood instead of a trickle ends earlier. What the kernel holds for the server is not counted by it.
    let wire = server.connect();
    wire.send(b"nonsense\r\n\r\n");
    let flood = vec![b'x'; 64 * 1024];
    let mut pieces = 0;
    while pieces < 1000 && wire.try_send(&flood).is_ok() {
        pieces += 1;
    }
    assert!(pieces < 1000, "the flood is still taken");
    server.stop();
}

/// A thousand late heads are found without effort, and nobody waits for it.
#[test]
fn many_deadlines_at_once() {
    const HEADS: usize = 1000;
    let _turn = wait::turn();
    let server = Server::start(&["-w", "1", "--head-timeout", "3"]);
    let mut one = server.connect();
    assert_eq!(one.ask(&wire::get("/plaintext")).status, 200);
    let before = server.proc().fds();
    let mut wires: Vec<Wire> = (0..HEADS)
        .map(|_| {
            let wire = server.connect();
            wire.send(b"GET /plaintext HTTP/1.1\r\n");
            wire
        })
        .collect();
    wait::until("all of them wait", || server.proc().fds() == before + HEADS);
    // How much the server does between two answers to the same client; how long that takes is up to the machine.
    let mut cpu = server.proc().cpu();
    let mut most = Duration::ZERO;
    wait::until("all of them are refused", || {
        assert_eq!(one.ask(&wire::get("/plaintext")).status, 200);
        most = most.max(server.proc().cpu_since(cpu));
        cpu = server.proc().cpu();
        wires.iter_mut().rev().all(|wire| {
            wire.gone();
            !wire.inbox().is_empty()
        })
    });
    assert!(most < Duration::from_millis(100), "{most:?} of CPU");
    for mut wire in wires {
        wire.half_close();
        is_408(&wire.rest().expect("an orderly end"), "one of many");
    }
    server.stop();
}
