//! `Expect`, RFC 9110 section 10.1.1: a client that waits is answered at once, and nobody is told to go on in vain.
//!
//! Invariant: `100 Continue` is only sent where the content is wanted, and never to HTTP/1.0.

use crate::support::server::{Elf, Server};
use crate::support::table::{self, BAD, Case, Expect, case};
use vanillin::limits;

const FIVE: Expect = Expect::keep(&[200]).content(b"hello");
const EMPTY: Expect = Expect::keep(&[200]).content(b"");

const WANTED: &[Case] = &[
    case(
        "the content comes with it",
        b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
        FIVE.interim(),
    ),
    case(
        "its case does not matter",
        b"POST / HTTP/1.1\r\nHost: a\r\nexpect: 100-CONTINUE\r\nContent-Length: 5\r\n\r\nhello",
        FIVE.interim(),
    ),
    case(
        "chunks",
        b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        FIVE.interim(),
    ),
    case(
        "no content is announced",
        b"GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n",
        EMPTY,
    ),
    case(
        "content of no octets is announced",
        b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n",
        EMPTY,
    ),
    case(
        "HTTP/1.0 does not know it",
        b"POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
        Expect::close(&[200]).content(b"hello"),
    ),
    case(
        "HTTP/1.0 may expect anything",
        b"POST / HTTP/1.0\r\nExpect: wonders\r\nContent-Length: 5\r\n\r\nhello",
        Expect::close(&[200]).content(b"hello"),
    ),
    case(
        "another expectation",
        b"POST / HTTP/1.1\r\nHost: a\r\nExpect: wonders\r\nContent-Length: 5\r\n\r\nhello",
        Expect::close(&[417]),
    ),
    case(
        "another expectation beside it",
        b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue, wonders\r\nContent-Length: 5\r\n\r\nhello",
        Expect::close(&[417]),
    ),
    case(
        "a value that begins like it",
        b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continues\r\nContent-Length: 5\r\n\r\nhello",
        Expect::close(&[417]),
    ),
    case(
        "the framing is judged first",
        b"POST / HTTP/1.1\r\nHost: a\r\nExpect: wonders\r\nContent-Length: x\r\n\r\nhello",
        BAD,
    ),
    case(
        "the length is judged first",
        b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n",
        Expect::close(&[413]),
    ),
];

const UNWANTED: &[Case] = &[
    case(
        "content that would only be discarded",
        b"POST /plaintext HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
        Expect::either(&[405]),
    ),
    case(
        "content of a GET",
        b"GET /plaintext HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
        Expect::either(&[200]).content(b"Hello, World!"),
    ),
    case(
        "no content",
        b"GET /plaintext HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n",
        Expect::keep(&[200]).content(b"Hello, World!"),
    ),
];

#[test]
fn wanted_content() {
    table::check_all(Elf::Echo, WANTED);
}

#[test]
fn unwanted_content() {
    table::check_all(Elf::Vanillin, UNWANTED);
}

/// The client that waits hears `100 Continue` before it has sent an octet of the content, request after request.
#[test]
fn client_that_waits_is_told_to_go_on() {
    let server = Server::echo(&[]);
    let mut wire = server.connect();
    for framing in ["Content-Length: 5", "Transfer-Encoding: chunked"] {
        let head =
            format!("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n{framing}\r\n\r\n");
        assert_eq!(wire.ask(head.as_bytes()).status, 100, "{framing}");
        let content: &[u8] = if framing.starts_with('C') {
            b"hello"
        } else {
            b"5\r\nhello\r\n0\r\n\r\n"
        };
        let reply = wire.ask(content);
        assert_eq!((reply.status, reply.text()), (200, "hello".into()));
    }
    server.stop();
}

/// The client that waits for leave to send what nobody wants gets the final answer instead, and a close with it.
#[test]
fn client_that_waits_in_vain_is_answered() {
    let server = Server::start(&[]);
    for (request, status) in [
        ("POST /plaintext", 405),
        ("GET /plaintext", 200),
        ("PUT /missing", 404),
    ] {
        let head = format!(
            "{request} HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
        );
        let mut wire = server.connect();
        let reply = wire.ask(head.as_bytes());
        assert_eq!(reply.status, status, "{request}");
        assert!(reply.closes(), "{request}: the content may come or not");
        assert!(wire.ends(), "{request}: the connection stays");
    }
    server.stop();
}

/// A length beyond the bound is refused before the content, with or without the expectation.
#[test]
fn content_beyond_the_bound_is_refused_at_once() {
    let lines = ["", "Expect: 100-continue\r\n"];
    for (server, target, max) in [
        (Server::echo(&[]), "/", limits::CONTENT_MAX as u64),
        (
            Server::start(&[]),
            "/plaintext",
            limits::CONTENT_DISCARD_MAX,
        ),
    ] {
        for line in lines {
            let head = format!(
                "POST {target} HTTP/1.1\r\nHost: a\r\n{line}Content-Length: {}\r\n\r\n",
                max + 1
            );
            let mut wire = server.connect();
            let reply = wire.ask(head.as_bytes());
            assert_eq!(reply.status, 413, "{target} {line}");
            assert!(reply.closes() && wire.ends(), "{target} {line}");
        }
        server.stop();
    }
}
