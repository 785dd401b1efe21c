//! Persistence, RFC 9112 section 9: who keeps a connection, who closes it, and how that is said.
//!
//! Invariant: a connection that is announced to close is closed, and no other is.

use crate::support::server::{Elf, Server};
use crate::support::table::{self, Case, Expect, case};
use crate::support::wire;

const KEPT: Expect = Expect::keep(&[200]).content(b"Hello, World!");
const CLOSED: Expect = Expect::close(&[200]).content(b"Hello, World!");

/// Field lines of an HTTP/1.1 request.
const LINES: &[(&str, Expect)] = &[
    ("", KEPT),
    ("Connection: keep-alive\r\n", KEPT),
    ("Connection: Keep-Alive\r\n", KEPT),
    ("Connection:\r\n", KEPT),
    ("Connection: ,\r\n", KEPT),
    ("Connection: , ,\t,\r\n", KEPT),
    ("Connection: x-close\r\n", KEPT),
    ("Connection: closed\r\n", KEPT),
    ("Connection: clos\r\n", KEPT),
    ("Connection: not-close\r\n", KEPT),
    ("X-Connection: close\r\n", KEPT),
    ("Proxy-Connection: close\r\n", KEPT),
    ("Keep-Alive: timeout=5, max=1\r\n", KEPT),
    (
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
        KEPT,
    ),
    (
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
        KEPT,
    ),
    ("Connection: close\r\n", CLOSED),
    ("connection:close\r\n", CLOSED),
    ("Connection: Close\r\n", CLOSED),
    ("Connection: CLOSE\r\n", CLOSED),
    ("Connection: \t close \t\r\n", CLOSED),
    ("Connection: close,\r\n", CLOSED),
    ("Connection: ,close\r\n", CLOSED),
    ("Connection: , close ,,\r\n", CLOSED),
    ("Connection: keep-alive, close\r\n", CLOSED),
    ("Connection: close, keep-alive\r\n", CLOSED),
    ("Connection: te,close\r\n", CLOSED),
    ("Connection: upgrade , \tclose\r\n", CLOSED),
    ("Connection: keep-alive\r\nConnection: close\r\n", CLOSED),
    ("Connection: close\r\nConnection: keep-alive\r\n", CLOSED),
    (
        "Connection: a\r\nX-A: b\r\nConnection: c, close\r\n",
        CLOSED,
    ),
];

/// Field lines of an HTTP/1.0 request.
const OLD_LINES: &[(&str, Expect)] = &[
    ("", CLOSED),
    ("Connection:\r\n", CLOSED),
    ("Connection: close\r\n", CLOSED),
    ("Connection: keep-alives\r\n", CLOSED),
    ("Connection: keep-alive, close\r\n", CLOSED),
    ("Connection: close, keep-alive\r\n", CLOSED),
    ("Connection: keep-alive\r\nConnection: close\r\n", CLOSED),
    ("Proxy-Connection: keep-alive\r\n", CLOSED),
    ("Connection: Upgrade\r\nUpgrade: h2c\r\n", CLOSED),
    ("Connection: keep-alive\r\n", ASKED),
    ("connection: Keep-Alive\r\n", ASKED),
    ("Connection: x, KEEP-ALIVE ,\r\n", ASKED),
    ("Host: a\r\nConnection: keep-alive\r\n", ASKED),
    ("Connection: x\r\nConnection: keep-alive\r\n", ASKED),
];

/// RFC 9112 section 9.3: a client of HTTP/1.0 learns that its wish is granted.
const ASKED: Expect = KEPT.fields(&[("connection", "keep-alive")]);

fn check(version: &str, host: &str, lines: &[(&str, Expect)]) {
    let requests: Vec<Vec<u8>> = lines
        .iter()
        .map(|(lines, _)| format!("GET /plaintext {version}\r\n{host}{lines}\r\n").into_bytes())
        .collect();
    let cases: Vec<Case> = lines
        .iter()
        .zip(&requests)
        .map(|((name, expect), request)| case(name, request, *expect))
        .collect();
    table::check_all(Elf::Vanillin, &cases);
}

#[test]
fn options_of_the_connection() {
    check("HTTP/1.1", "Host: a\r\n", LINES);
}

#[test]
fn options_of_an_old_connection() {
    check("HTTP/1.0", "", OLD_LINES);
}

/// What closes is the framing, not the status: every kind of reply keeps the connection.
#[test]
fn errors_keep_the_connection_when_the_framing_is_intact() {
    let server = Server::start(&[]);
    let mut wire = server.connect();
    for round in 0..3 {
        for (method, target, status) in [
            ("GET", "/missing", 404),
            ("POST", "/", 405),
            ("FROB", "/", 501),
            ("GET", "/plaintext", 200),
        ] {
            let reply = wire.ask(&wire::request(method, target, ""));
            assert_eq!(reply.status, status, "round {round}");
            assert!(!reply.closes(), "{method} {target} in round {round}");
        }
    }
    server.stop();
}

/// A client that is done sending may still be waiting for the answer.
#[test]
fn half_close_is_no_abort() {
    let server = Server::testbed(&[]);
    for target in ["/plaintext", "/1m", "/4m", "/missing"] {
        let mut wire = server.connect();
        wire.send(&wire::get(target).repeat(3));
        wire.half_close();
        let bytes = wire.rest().expect("an orderly end");
        let replies = crate::support::reply::all(&bytes, &[]).expect("strict replies");
        assert_eq!(replies.len(), 3, "{target}");
        assert!(
            replies
                .windows(2)
                .all(|two| two[0].content == two[1].content)
        );
    }
    server.stop();
}

/// RFC 9112 section 2.2: an empty line behind the last request is ignored. One that is all of a stream is answered.
#[test]
fn empty_line_before_the_end() {
    let server = Server::testbed(&[]);
    let statuses = |pieces: &[&[u8]]| -> Vec<u16> {
        let mut wire = server.connect();
        for piece in pieces {
            wire.send(piece);
            if piece.len() > 2 {
                assert_eq!(wire.reply().status, 200);
            }
        }
        wire.half_close();
        let bytes = wire.rest().expect("an orderly end");
        let replies = crate::support::reply::all(&bytes, &[]).expect("strict replies");
        replies.iter().map(|reply| reply.status).collect()
    };
    let content = b"POST /any HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello".to_vec();
    for request in [wire::get("/plaintext"), wire::get("/4m"), content] {
        let none: &[u16] = &[];
        assert_eq!(statuses(&[&request, b"\r\n"]), none);
        assert_eq!(statuses(&[&request, b"\r", b"\n"]), none);
        assert_eq!(statuses(&[&[&*request, b"\r\n"].concat()]), none);
        assert_eq!(statuses(&[&request, b"\r"]), [400]);
    }
    assert_eq!(statuses(&[b"\r\n"]), [444]);
    assert_eq!(statuses(&[b"\r", b"\n"]), [444]);
    server.stop();
}

/// One connection, many requests: there is no limit on their number.
#[test]
fn connection_serves_thousands_of_requests() {
    let server = Server::start(&[]);
    let mut wire = server.connect();
    for number in 0..5000 {
        let reply = wire.ask(&wire::get("/plaintext"));
        assert!(!reply.closes(), "request {number}");
        assert_eq!(reply.content, b"Hello, World!");
    }
    server.stop();
}
