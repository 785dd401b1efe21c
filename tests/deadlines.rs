//! Deadlines: what a client is given, counted from the beginning of its phase, and what happens then.
//!
//! Invariant: no octet extends a deadline, and nobody who keeps to them is cut off.

use crate::support::deadlines::SHORT;
use crate::support::server::Server;
use crate::support::wait;
use crate::support::wire::{self, Wire};
use std::ops::Range;
use std::time::{Duration, Instant};

/// When a deadline of one second has to have passed: the clock of a worker ticks once a second.
const LATE: Range<Duration> = Duration::from_millis(900)..Duration::from_millis(3200);

/// Waits for the end of the stream and judges when it comes; what came before it.
fn end_of(wire: &mut Wire, start: Instant, what: &str) -> Vec<u8> {
    let bytes = wire.rest().unwrap_or_else(|why| panic!("{what}: {why}"));
    let elapsed = start.elapsed();
    assert!(LATE.contains(&elapsed), "{what}: closed after {elapsed:?}");
    bytes
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
    let mut wires: Vec<(Instant, Wire)> = beginnings
        .iter()
        .map(|beginning| {
            let wire = server.connect();
            wire.send(beginning);
            (Instant::now(), wire)
        })
        .collect();
    for ((start, wire), beginning) in wires.iter_mut().zip(beginnings) {
        let what = beginning.escape_ascii().to_string();
        is_408(&end_of(wire, *start, &what), &what);
    }
    server.stop();
}

/// Sends a bit every 50 milliseconds until the other side is gone.
fn trickle(wire: &mut Wire, mut pieces: impl FnMut() -> Vec<u8>) {
    while !wire.gone() {
        wire.send(&pieces());
        wait::span(Duration::from_millis(50));
    }
}

/// An octet now and then does not extend the time for a head.
#[test]
fn head_that_trickles() {
    let server = Server::start(&SHORT);
    let mut wire = server.connect();
    wire.send(b"GET /plaintext HTTP/1.1\r\nHost: a\r\nX-Long: ");
    let start = Instant::now();
    trickle(&mut wire, || b"x".to_vec());
    assert!(LATE.contains(&start.elapsed()), "{:?}", start.elapsed());
    is_408(wire.inbox(), "a head that trickles");
    server.stop();
}

/// The same in a second request, whose time begins with its first octet.
#[test]
fn later_head_that_trickles() {
    let server = Server::start(&["--head-timeout", "1", "--idle-timeout", "30"]);
    let mut wire = server.connect();
    assert_eq!(wire.ask(&wire::get("/plaintext")).status, 200);
    wait::span(Duration::from_millis(1500));
    wire.send(b"GET /plaintext HTTP/1.1\r\n");
    let start = Instant::now();
    trickle(&mut wire, || b"A: b\r\n".to_vec());
    assert!(LATE.contains(&start.elapsed()), "{:?}", start.elapsed());
    is_408(wire.inbox(), "a later head that trickles");
    server.stop();
}

/// Content that trickles, wanted or not.
#[test]
fn content_that_trickles() {
    let heads: [(&str, &[u8]); 2] = [
        ("Content-Length: 10000", b"x"),
        ("Transfer-Encoding: chunked", b"1\r\nx\r\n"),
    ];
    std::thread::scope(|scope| {
        for (server, target) in [
            (Server::echo(&SHORT), "/"),
            (Server::start(&SHORT), "/plaintext"),
        ] {
            scope.spawn(move || {
                for (line, piece) in heads {
                    let mut wire = server.connect();
                    let head = format!("POST {target} HTTP/1.1\r\nHost: a\r\n{line}\r\n\r\n");
                    wire.send(head.as_bytes());
                    let start = Instant::now();
                    trickle(&mut wire, || piece.to_vec());
                    assert!(LATE.contains(&start.elapsed()), "{:?}", start.elapsed());
                    is_408(wire.inbox(), line);
                }
                server.stop();
            });
        }
    });
}

/// A connection on which nothing is said ends without a word: before the first request, or with 408, and after it.
#[test]
fn idle_connections() {
    let server = Server::start(&SHORT);
    let start = Instant::now();
    let mut silent = server.connect();
    let mut idle = server.connect();
    assert_eq!(idle.ask(&wire::get("/plaintext")).status, 200);
    let bytes = end_of(&mut idle, start, "idle");
    assert!(bytes.is_empty(), "{}", bytes.escape_ascii());
    let bytes = silent.rest().expect("an orderly end");
    assert!(start.elapsed() < LATE.end, "{:?}", start.elapsed());
    if !bytes.is_empty() {
        is_408(&bytes, "silent");
    }
    server.stop();
}

/// A client that keeps to the deadlines stays connected beyond all of them.
#[test]
fn busy_connection_stays() {
    let server = Server::start(&SHORT);
    let mut wire = server.connect();
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(3500) {
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
    let wire = Wire::connect_narrow(server.address);
    wire.send(&wire::get("/4m").repeat(4));
    wait::until("the response begins", || server.proc().fds() > before);
    let start = Instant::now();
    wait::until("the connection is cut off", || {
        server.proc().fds() == before
    });
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
    server.stop();
}

/// A client that takes its response slowly, but steadily, gets all of it.
#[test]
fn slow_reader_gets_everything() {
    let server = Server::testbed(&["--progress-timeout", "3"]);
    let mut wire = Wire::connect_narrow(server.address);
    wire.send(&wire::request("GET", "/4m", "Connection: close\r\n"));
    let start = Instant::now();
    // A megabyte a second, far more than the rate that is asked for.
    while wire.read().expect("an octet or the end") > 0 {
        let due = Duration::from_micros(wire.inbox().len() as u64);
        wait::span(due.saturating_sub(start.elapsed()));
    }
    let replies = crate::support::reply::all(wire.inbox(), &[]).expect("a whole reply");
    assert_eq!(replies.len(), 1);
    assert!(start.elapsed() > Duration::from_secs(3));
    server.stop();
}

/// A socket's buffer may take longer to empty than a deadline lasts: progress is what the client takes of it.
#[test]
fn reader_behind_a_full_buffer_is_not_cut_off() {
    let server = Server::testbed(&["--progress-timeout", "2"]);
    let mut wire = Wire::connect_narrow(server.address);
    wire.send(&wire::get("/4m").repeat(2));
    let start = Instant::now();
    // A hundred kilobytes a second.
    while start.elapsed() < Duration::from_secs(4) {
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
    let mut wire = server.connect();
    wire.send(b"nonsense\r\n\r\n");
    assert_eq!(wire.reply().status, 400);
    let start = Instant::now();
    wait::until("the connection is closed at last", || {
        wire.send_now(b"x");
        server.proc().fds() == before
    });
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
    // A flood instead of a trickle ends earlier.
    let wire = server.connect();
    wire.send(b"nonsense\r\n\r\n");
    let start = Instant::now();
    let flood = vec![b'x'; 64 * 1024];
    while start.elapsed() < Duration::from_secs(3) && wire.try_send(&flood).is_ok() {}
    assert!(
        start.elapsed() < Duration::from_secs(3),
        "the flood is still taken"
    );
    server.stop();
}

/// A thousand late heads are found without effort, and nobody waits for it.
#[test]
fn many_deadlines_at_once() {
    let _turn = wait::turn();
    let server = Server::start(&SHORT);
    let before = server.proc().fds();
    let wires: Vec<Wire> = (0..1000)
        .map(|_| {
            let wire = server.connect();
            wire.send(b"GET /plaintext HTTP/1.1\r\n");
            wire
        })
        .collect();
    let mut slowest = Duration::ZERO;
    let mut one = server.connect();
    let mut rounds = 0;
    while server.proc().fds() > before + 1 && rounds < 100_000 {
        let start = Instant::now();
        assert_eq!(one.ask(&wire::get("/plaintext")).status, 200);
        slowest = slowest.max(start.elapsed());
        rounds += 1;
        // The late ones get their 408 and are waited for until they close.
        if rounds % 100 == 0 {
            for wire in &wires {
                wire.half_close();
            }
        }
    }
    assert!(slowest < Duration::from_millis(300), "{slowest:?}");
    drop(wires);
    server.stop();
}
