//! The same request again and again, among others: what a server has learnt of it never shows.
//!
//! Invariant: what is right is what one is told who asks for the first time.

use crate::support::date;
use crate::support::random::Random;
use crate::support::reply::{self, Reply};
use crate::support::server::Server;
use crate::support::wait;
use crate::support::wire::{self, Wire};
use rustix::process::Signal;
use std::time::{Duration, Instant};

/// So often a request is sent before it is taken for learnt.
const LESSONS: usize = 4;

fn teach(wire: &mut Wire, request: &[u8]) -> Reply {
    let mut replies: Vec<Reply> = (0..LESSONS).map(|_| wire.ask(request)).collect();
    let last = replies.pop().expect("at least one");
    for reply in replies {
        assert_eq!(essence(&reply), essence(&last));
    }
    last
}

/// What of a reply depends on nothing but its request.
fn essence(reply: &Reply) -> (&str, &[u8]) {
    (&reply.head, &reply.content)
}

/// Everything that comes back for these octets and the end of the stream.
fn answers(server: &Server, octets: &[u8]) -> Vec<Reply> {
    let wire = server.connect();
    wire.send(octets);
    wire.half_close();
    let bytes = wire.whole().expect("an orderly end");
    let is_head = octets.starts_with(b"HEAD ");
    reply::all(&bytes, &[is_head])
        .unwrap_or_else(|why| panic!("{why}: `{}`", octets.escape_ascii()))
}

/// A request of which one octet is another, is missing, or is there twice, is not the one that was learnt.
#[test]
fn one_octet_makes_another_request() {
    let (pupil, stranger) = (Server::start(&["-w", "1"]), Server::start(&["-w", "1"]));
    let lines = "Accept: */*\r\nX-Long: 0123456789abcdef0123456789abcdef\r\n";
    for request in [
        wire::get("/plaintext"),
        wire::request("GET", "/health", lines),
    ] {
        let mut wire = pupil.connect();
        for at in 0..request.len() {
            let octet = request[at];
            let changed = [octet ^ 1, octet ^ 0x20, octet ^ 0x80, b'/'];
            let mut others: Vec<Vec<u8>> = changed
                .into_iter()
                .filter(|other| *other != octet)
                .map(|other| [&request[..at], &[other], &request[at + 1..]].concat())
                .collect();
            others.push([&request[..at], &request[at + 1..]].concat());
            others.push([&request[..=at], &request[at..]].concat());
            others.push(request[..at].to_vec());
            for other in others {
                teach(&mut wire, &request);
                let (got, expected) = (answers(&pupil, &other), answers(&stranger, &other));
                let [got, expected] =
                    [&got, &expected].map(|all| all.iter().map(essence).collect::<Vec<_>>());
                assert_eq!(got, expected, "`{}`", other.escape_ascii());
            }
        }
    }
    pupil.stop();
    stranger.stop();
}

/// Requests of all kinds, most of them again and again, in segments that end anywhere.
#[test]
fn among_others() {
    let server = Server::testbed(&["-w", "1"]);
    let requests = [
        wire::get("/plaintext"),
        wire::get("/health"),
        wire::request("GET", "/health", "X: 1\r\n"),
        wire::request("GET", "/health", "X: 2\r\n"),
        wire::get("/missing"),
        wire::get("/10k"),
        wire::get("/100k"),
        wire::request("GET", "/plaintext", "If-None-Match: *\r\n"),
        wire::request("GET", "/plaintext", "Range: bytes=0-4\r\n"),
        wire::request("POST", "/plaintext", "Content-Length: 0\r\n"),
        wire::request("OPTIONS", "*", ""),
    ];
    let expected: Vec<Reply> = requests
        .iter()
        .map(|request| server.connect().ask(request))
        .collect();
    let mut random = Random::new();
    for _ in 0..200 {
        let mut plan = Vec::new();
        while plan.len() < 60 {
            let again = [1, 1, 2, 3, 12][random.below(5)];
            plan.extend([random.below(requests.len())].repeat(again));
        }
        let stream: Vec<u8> = plan.iter().flat_map(|at| requests[*at].clone()).collect();
        let mut wire = server.connect();
        for piece in stream.chunks(1 + random.below(stream.len())) {
            wire.send(piece);
        }
        for at in plan {
            let reply = wire.reply();
            assert_eq!(
                essence(&reply),
                essence(&expected[at]),
                "`{}`",
                requests[at].escape_ascii()
            );
        }
    }
    server.stop();
}

/// The date goes on, whatever else stays the same.
#[test]
fn date_goes_on() {
    let server = Server::start(&["-w", "1"]);
    let mut wire = server.connect();
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(4) {
        let before = date::now();
        let reply = wire.ask(&wire::get("/plaintext"));
        let value = reply.field("date").expect("a date");
        // The clock of the server ticks once in a second.
        let mut dates = (before - 2..=date::now()).map(date::imf);
        assert!(
            dates.any(|date| date == value),
            "{value} at {}",
            date::imf(before)
        );
    }
    server.stop();
}

/// A request that was learnt is the last of its connection as soon as the server stops.
#[test]
fn last_one_says_so() {
    let request = wire::get("/plaintext");
    let mut server = Server::start(&["-w", "1"]);
    let mut wire = server.connect();
    assert!(!teach(&mut wire, &request).closes());
    let (begun, rest) = request.split_at(request.len() / 2);
    wire.send(begun);
    server.signal(Signal::TERM);
    wait::until("nobody is let in any more", || {
        Wire::try_connect(server.address).is_err()
    });
    wire.send(rest);
    let reply = wire.reply();
    assert_eq!(reply.content, b"Hello, World!");
    assert!(reply.closes(), "{}", reply.head);
    assert!(wire.ends());
    server.end();
}
