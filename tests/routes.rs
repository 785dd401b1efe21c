//! What routes may declare: redirects, fields, caching, statuses, error pages; and the built-in site.
//!
//! Invariant: what a route declares arrives as it was declared.

use crate::support::server::{Elf, Server};
use crate::support::table::{self, Case, Expect, case};
use crate::support::wire;

#[test]
fn built_in_site() {
    let server = Server::start(&[]);
    let mut wire = server.connect();
    let page = wire.ask(&wire::get("/"));
    assert_eq!(page.status, 200);
    assert_eq!(page.field("content-type"), Some("text/html; charset=utf-8"));
    assert!(page.field("cache-control").is_some() && page.field("etag").is_some());
    let html = String::from_utf8(page.content).expect("UTF-8");
    let start = html.trim_start().to_ascii_lowercase();
    assert!(start.starts_with("<!doctype html>"), "{start}");
    assert!(html.contains("vanillin") && html.contains("<title>") && html.contains("lang="));
    for target in ["/health", "/livez", "/readyz"] {
        let reply = wire.ask(&wire::get(target));
        assert_eq!(
            (reply.status, reply.text().as_str()),
            (200, "ok\\n"),
            "{target}"
        );
        assert_eq!(
            reply.field("content-type"),
            Some("text/plain; charset=utf-8")
        );
    }
    let reply = wire.ask(&wire::get("/plaintext"));
    assert_eq!(
        (reply.status, reply.content.as_slice()),
        (200, b"Hello, World!".as_slice())
    );
    let reply = wire.ask(&wire::get("/missing"));
    assert_eq!(reply.status, 404);
    assert_eq!(
        reply.field("content-type"),
        Some("text/plain; charset=utf-8")
    );
    assert!((1..200).contains(&reply.content.len()), "{}", reply.text());
    server.stop();
}

/// Nothing but what is needed: no version, nothing of the request, no field that has no purpose.
#[test]
fn replies_say_no_more_than_they_need() {
    const NEEDED: [&str; 16] = [
        "accept-ranges",
        "allow",
        "cache-control",
        "connection",
        "content-encoding",
        "content-length",
        "content-range",
        "content-security-policy",
        "content-type",
        "date",
        "etag",
        "last-modified",
        "location",
        "retry-after",
        "vary",
        "x-content-type-options",
    ];
    let server = Server::start(&[]);
    let mut wire = server.connect();
    for (method, target) in [
        ("GET", "/"),
        ("GET", "/plaintext"),
        ("GET", "/missing"),
        ("POST", "/"),
        ("FROB", "/"),
        ("OPTIONS", "*"),
    ] {
        let reply = wire.ask(&wire::request(method, target, ""));
        for (name, _) in &reply.fields {
            let name = name.to_ascii_lowercase();
            assert!(NEEDED.contains(&&*name), "{method} {target}: {name}");
        }
        assert!(
            !reply.head.contains(env!("CARGO_PKG_VERSION")),
            "{}",
            reply.head
        );
    }
    server.stop();
}

const REDIRECTS: &[Case] = &[
    case(
        "301",
        b"GET /301 HTTP/1.1\r\nHost: a\r\n\r\n",
        Expect::keep(&[301]).fields(&[("location", "/plaintext")]),
    ),
    case(
        "302",
        b"GET /302 HTTP/1.1\r\nHost: a\r\n\r\n",
        Expect::keep(&[302]).fields(&[("location", "/plaintext")]),
    ),
    case(
        "303",
        b"GET /303 HTTP/1.1\r\nHost: a\r\n\r\n",
        Expect::keep(&[303]).fields(&[("location", "/plaintext")]),
    ),
    case(
        "307",
        b"GET /307 HTTP/1.1\r\nHost: a\r\n\r\n",
        Expect::keep(&[307]).fields(&[("location", "/plaintext")]),
    ),
    case(
        "308",
        b"GET /308 HTTP/1.1\r\nHost: a\r\n\r\n",
        Expect::keep(&[308]).fields(&[("location", "https://example.com/a?b=c")]),
    ),
    case(
        "301 to HEAD, and a close",
        b"HEAD /301 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        Expect::close(&[301]).fields(&[("location", "/plaintext")]),
    ),
    case(
        "a query is not carried along",
        b"GET /301?a=b HTTP/1.1\r\nHost: a\r\n\r\n",
        Expect::keep(&[301]).fields(&[("location", "/plaintext")]),
    ),
    case(
        "204",
        b"GET /204 HTTP/1.1\r\nHost: a\r\n\r\n",
        Expect::keep(&[204]).content(b""),
    ),
    case(
        "204 to HEAD",
        b"HEAD /204 HTTP/1.1\r\nHost: a\r\n\r\n",
        Expect::keep(&[204]).content(b""),
    ),
];

const DECLARED: &[Case] = &[
    case(
        "fields of its own",
        b"GET /fields HTTP/1.1\r\nHost: a\r\n\r\n",
        Expect::keep(&[200]).fields(&[
            ("x-one", "1"),
            ("x-two", "two words, and a comma"),
            ("content-security-policy", "default-src 'self'"),
        ]),
    ),
    case(
        "a policy for caches",
        b"GET /cached HTTP/1.1\r\nHost: a\r\n\r\n",
        Expect::keep(&[200]).fields(&[("cache-control", "public, max-age=31536000, immutable")]),
    ),
    case(
        "maintenance",
        b"GET /maintenance HTTP/1.1\r\nHost: a\r\n\r\n",
        Expect::keep(&[503])
            .fields(&[("retry-after", "120")])
            .content(b"<!doctype html><title>Back soon</title>"),
    ),
    case(
        "maintenance for any method",
        b"POST /maintenance HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
        Expect::keep(&[503]).content(b"<!doctype html><title>Back soon</title>"),
    ),
    case(
        "the page for what is missing",
        b"GET /missing HTTP/1.1\r\nHost: a\r\n\r\n",
        Expect::keep(&[404])
            .fields(&[("content-type", "text/html; charset=utf-8")])
            .content(b"<!doctype html><title>Nothing here</title>"),
    ),
    case(
        "the page for what is missing, whatever the method",
        b"DELETE /missing HTTP/1.1\r\nHost: a\r\n\r\n",
        Expect::keep(&[404]).content(b"<!doctype html><title>Nothing here</title>"),
    ),
    case(
        "the page for what is missing, to HEAD",
        b"HEAD /missing HTTP/1.1\r\nHost: a\r\n\r\n",
        Expect::keep(&[404]).content(b""),
    ),
    case(
        "the page for a method that is not allowed",
        b"POST /plaintext HTTP/1.1\r\nHost: a\r\n\r\n",
        Expect::keep(&[405])
            .fields(&[("content-type", "text/html; charset=utf-8")])
            .content(b"<!doctype html><title>Not that way</title>"),
    ),
    case(
        "the page for a bad request",
        b"GET /plaintext HTTP/1.1\r\n\r\n",
        Expect::close(&[400])
            .fields(&[("content-type", "text/html; charset=utf-8")])
            .content(b"<!doctype html><title>Pardon?</title>"),
    ),
    case(
        "an error without a page",
        b"FROB /plaintext HTTP/1.1\r\nHost: a\r\n\r\n",
        Expect::keep(&[501]).fields(&[("content-type", "text/plain; charset=utf-8")]),
    ),
    case(
        "a target with an encoded octet",
        b"GET /caf%c3%a9 HTTP/1.1\r\nHost: a\r\n\r\n",
        Expect::keep(&[200]).content(b"encoded"),
    ),
];

#[test]
fn redirects() {
    table::check_all(Elf::Testbed, REDIRECTS);
}

#[test]
fn declared_responses() {
    table::check_all(Elf::Testbed, DECLARED);
}

/// Bodies of every size arrive whole, one after the other on one connection.
#[test]
fn bodies_of_every_size() {
    let server = Server::testbed(&[]);
    let mut wire = server.connect();
    let whole = wire.ask(&wire::get("/4m")).content;
    assert_eq!(whole.len(), 4 << 20);
    let lines = whole.chunks(8).enumerate();
    for (line, octets) in lines {
        assert_eq!(octets, format!("{:07x}\n", line * 8).as_bytes());
    }
    for (target, len) in [("/10k", 10_240), ("/100k", 102_400), ("/1m", 1 << 20)] {
        let content = wire.ask(&wire::get(target)).content;
        assert!(content == whole[..len], "{target}");
    }
    server.stop();
}
