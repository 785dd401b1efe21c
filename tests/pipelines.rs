//! Pipelining, RFC 9112 section 9.3.2: any number of requests at once, the answers complete and in their order.
//!
//! Invariant: a client that does not read costs the server nothing but what its socket holds.

use crate::support::random::Random;
use crate::support::reply;
use crate::support::server::Server;
use crate::support::wait;
use crate::support::wire::{self, Wire};
use std::time::Duration;

/// A request that `echo` answers with this number.
fn numbered(number: usize) -> Vec<u8> {
    format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\n{number:08}").into_bytes()
}

fn numbers(bytes: &[u8]) -> Vec<usize> {
    reply::all(bytes, &[])
        .expect("strict replies")
        .iter()
        .map(|reply| {
            assert_eq!(reply.status, 200);
            reply.text().parse().expect("a number")
        })
        .collect()
}

/// The last request of a pipeline, which ends the connection.
fn last(number: usize) -> Vec<u8> {
    let request = numbered(number);
    let text = String::from_utf8(request).expect("ASCII");
    text.replace("Host: a\r\n", "Host: a\r\nConnection: close\r\n")
        .into_bytes()
}

fn pipeline(count: usize) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..count - 1).flat_map(numbered).collect();
    bytes.extend(last(count - 1));
    bytes
}

#[test]
fn sixteen_in_one_segment() {
    let server = Server::echo(&[]);
    let mut wire = server.connect();
    for round in 0..50 {
        let requests: Vec<u8> = (0..16).flat_map(|at| numbered(round * 16 + at)).collect();
        wire.send(&requests);
        for at in 0..16 {
            assert_eq!(wire.reply().text(), format!("{:08}", round * 16 + at));
        }
    }
    server.stop();
}

/// Different routes, statuses, methods: each answer is that of its own request.
#[test]
fn mixed_requests_in_one_segment() {
    let server = Server::start(&[]);
    let requests = [
        wire::get("/plaintext"),
        wire::get("/missing"),
        wire::request("HEAD", "/plaintext", ""),
        wire::get("/health"),
        wire::request("POST", "/", "Content-Length: 3\r\n"),
        b"abc".to_vec(),
        wire::request("OPTIONS", "*", ""),
        wire::request("FROB", "/", ""),
        wire::request("GET", "/plaintext", "If-None-Match: *\r\n"),
        wire::request("GET", "/plaintext", "Range: bytes=0-4\r\n"),
        wire::request("GET", "/health", "Connection: close\r\n"),
        wire::get("/plaintext"),
    ];
    let mut wire = server.connect();
    wire.send(&requests.concat());
    let bytes = wire.rest().expect("an orderly end");
    drop(wire);
    let heads = [false, false, true];
    let statuses: Vec<u16> = reply::all(&bytes, &heads)
        .expect("strict replies")
        .iter()
        .map(|reply| reply.status)
        .collect();
    assert_eq!(statuses, [200, 404, 200, 200, 405, 204, 501, 304, 206, 200]);
    server.stop();
}

/// Segments that end anywhere in a request.
#[test]
fn long_pipeline_in_pieces_of_any_size() {
    let server = Server::echo(&[]);
    let bytes = pipeline(300);
    for size in [1, 7, 69, 70, 139, 140, 141, 1000, 1400, 4096, 16380] {
        let mut wire = server.connect();
        for piece in bytes.chunks(size) {
            wire.send(piece);
        }
        let got = numbers(&wire.rest().expect("an orderly end"));
        assert_eq!(got, (0..300).collect::<Vec<_>>(), "pieces of {size}");
    }
    server.stop();
}

/// Sends until the kernel takes no more and the server has nothing to do; says how much that was.
fn fill(server: &Server, wire: &Wire, bytes: &[u8]) -> usize {
    let mut sent = 0;
    wait::until("the server stops reading", || {
        loop {
            let count = wire.send_now(&bytes[sent..]);
            if count == 0 {
                break;
            }
            sent += count;
        }
        server.proc().rests(Duration::from_millis(50))
    });
    sent
}

/// A client that sends and sends and does not read: the server stops reading it, serves others, keeps its memory,
/// and when the client reads at last, every answer is there, in order.
#[test]
fn client_that_does_not_read_is_held_back() {
    const REQUESTS: usize = 200_000;
    let _turn = wait::turn();
    let server = Server::echo(&["-w", "1"]);
    let mut other = server.connect();
    other.ask(&numbered(0));
    let before = server.proc().written_kb();
    let bytes = pipeline(REQUESTS);
    let mut stalled = Wire::connect_narrow(server.address);
    let sent = fill(&server, &stalled, &bytes);
    assert!(
        sent < bytes.len(),
        "everything was taken: the pipeline is too short"
    );
    for number in 0..100 {
        assert_eq!(other.ask(&numbered(number)).text(), format!("{number:08}"));
    }
    let grown = server.proc().written_kb().saturating_sub(before);
    assert!(
        grown < 256,
        "{grown} KiB more for one client that does not read"
    );
    let cpu = server.proc().cpu();
    wait::span(Duration::from_millis(300));
    let busy = server.proc().cpu_since(cpu);
    assert!(
        busy < Duration::from_millis(30),
        "{busy:?} of CPU while nothing moves"
    );
    let got = numbers(&stalled.exchange(&bytes[sent..]).expect("an orderly end"));
    assert_eq!(got.len(), REQUESTS);
    assert!(got.into_iter().eq(0..REQUESTS), "out of order");
    server.stop();
}

/// Large bodies to a client that does not read: they wait where they lie.
#[test]
fn large_bodies_are_not_gathered() {
    let _turn = wait::turn();
    let server = Server::testbed(&["-w", "1"]);
    let request = wire::get("/4m");
    let mut one = server.connect();
    let expected = one.ask(&request).content;
    let before = server.proc().written_kb();
    let mut wires: Vec<Wire> = (0..16)
        .map(|_| {
            let wire = Wire::connect_narrow(server.address);
            wire.send(&request.repeat(4));
            wire.half_close();
            wire
        })
        .collect();
    for _ in 0..20 {
        assert_eq!(one.ask(&wire::get("/plaintext")).content, b"Hello, World!");
    }
    let grown = server.proc().written_kb().saturating_sub(before);
    assert!(
        grown < 256,
        "{grown} KiB more for 16 clients that do not read"
    );
    let mut wire = wires.pop().expect("sixteen");
    for _ in 0..4 {
        assert!(wire.reply().content == expected, "a body has changed");
    }
    assert!(wire.ends());
    drop(wires);
    server.stop();
}

/// Readers of every speed at once, each asking for bodies of every size: everybody gets the octets of their own request.
#[test]
fn readers_of_every_speed() {
    const TARGETS: [&str; 5] = ["/plaintext", "/10k", "/100k", "/1m", "/4m"];
    let _turn = wait::turn();
    let server = Server::testbed(&["-w", "2"]);
    let mut one = server.connect();
    let bodies = TARGETS.map(|target| one.ask(&wire::get(target)).content);
    let mut random = Random::new();
    let plans: Vec<Vec<usize>> = (0..24)
        .map(|_| (0..6).map(|_| random.below(TARGETS.len())).collect())
        .collect();
    std::thread::scope(|scope| {
        for (reader, plan) in plans.iter().enumerate() {
            let (server, bodies) = (&server, &bodies);
            scope.spawn(move || {
                let mut wire = if reader % 2 == 0 {
                    Wire::connect_narrow(server.address)
                } else {
                    server.connect()
                };
                let requests = plan.iter().map(|at| wire::get(TARGETS[*at]));
                wire.send(&requests.collect::<Vec<_>>().concat());
                for at in plan {
                    wait::span(Duration::from_millis(reader as u64 % 8));
                    let reply = wire.reply();
                    same(&reply.content, &bodies[*at], TARGETS[*at]);
                }
            });
        }
    });
    server.stop();
}

/// Says where two contents begin to differ.
fn same(got: &[u8], expected: &[u8], what: &str) {
    if got == expected {
        return;
    }
    let pairs = got.iter().zip(expected);
    let at = pairs.take_while(|(one, other)| one == other).count();
    let shown = |octets: &[u8]| {
        let end = octets.len().min(at + 60);
        octets[at.min(end)..end].escape_ascii().to_string()
    };
    let (one, other) = (shown(got), shown(expected));
    panic!(
        "{what}: {} and {} octets, from {at} on `{one}`, not `{other}`",
        got.len(),
        expected.len()
    );
}
