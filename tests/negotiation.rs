//! Content negotiation, RFC 9110 section 12.5.3: the coding that the client prefers, and on a tie the smallest.
//!
//! Invariant: every answer of a resource with several representations says `Vary: Accept-Encoding`, 304 and errors included.

use crate::support::server::Server;
use crate::support::wire::{self, Wire};

/// The representations of `/page` of the testbed, by their sizes: br < zstd < gzip < identity.
const CODINGS: [(&str, &[u8]); 4] = [
    ("identity", include_bytes!("testbed/page.html")),
    ("gzip", include_bytes!("testbed/page.html.gz")),
    ("br", include_bytes!("testbed/page.html.br")),
    ("zstd", include_bytes!("testbed/page.html.zst")),
];

/// Values of Accept-Encoding, and the coding that is served.
const VALUES: &[(&str, &str)] = &[
    ("gzip", "gzip"),
    ("br", "br"),
    ("zstd", "zstd"),
    ("identity", "identity"),
    ("GZIP", "gzip"),
    ("Br", "br"),
    ("x-gzip", "gzip"),
    ("X-GZip", "gzip"),
    ("", "identity"),
    (",", "identity"),
    ("deflate", "identity"),
    ("compress, deflate", "identity"),
    ("gzipp", "identity"),
    ("gzi", "identity"),
    ("b", "identity"),
    ("brr", "identity"),
    ("gzip, br", "br"),
    ("br, gzip", "br"),
    ("gzip, deflate, br, zstd", "br"),
    ("gzip, zstd", "zstd"),
    ("gzip,deflate", "gzip"),
    (" gzip\t,  deflate ", "gzip"),
    (",,gzip,,", "gzip"),
    ("*", "br"),
    ("gzip;q=1", "gzip"),
    ("gzip;q=1.0", "gzip"),
    ("gzip;q=1.000", "gzip"),
    ("gzip;q=0.001", "gzip"),
    ("gzip;Q=0.5", "gzip"),
    ("gzip ; q=0.5", "gzip"),
    ("gzip\t;\tq=0.5", "gzip"),
    ("gzip;q=0", "identity"),
    ("gzip;q=0.0", "identity"),
    ("gzip;q=0.000", "identity"),
    ("gzip; q=0", "identity"),
    ("gzip;q=0.5, br;q=0.4", "gzip"),
    ("gzip;q=0.5, br;q=0.6", "br"),
    ("gzip;q=0.500, br;q=0.501", "br"),
    ("gzip;q=1, br;q=0.999", "gzip"),
    ("gzip, br;q=0.999", "gzip"),
    ("br;q=0.5, zstd;q=0.8, gzip;q=0.7", "zstd"),
    ("gzip;q=0.5, br;q=0.5", "br"),
    ("br;q=0, gzip", "gzip"),
    ("br;q=0, *", "zstd"),
    ("br;q=0, zstd;q=0, *", "gzip"),
    ("*;q=0", "identity"),
    ("*;q=0, gzip", "gzip"),
    ("*;q=0, gzip;q=0.1", "gzip"),
    ("gzip, *;q=0", "gzip"),
    ("gzip;q=0.1, *;q=0.5", "br"),
    ("identity;q=0", "identity"),
    ("identity;q=0, gzip", "gzip"),
    ("identity;q=0, *;q=0", "identity"),
    ("identity;q=1, gzip;q=0.5", "identity"),
    ("identity, gzip", "gzip"),
    ("identity;q=0.5, gzip;q=0.4", "identity"),
    ("identity;q=0.5, gzip;q=0.5", "gzip"),
    ("identity;q=0.1, *;q=0", "identity"),
    ("gzip;q=0.5\r\nAccept-Encoding: br", "br"),
    ("gzip\r\naccept-encoding: br;q=0.5", "gzip"),
    ("deflate\r\nX-A: b\r\nACCEPT-ENCODING: zstd", "zstd"),
];

/// Members that are malformed: served is the coding, or identity, but never an error.
const MALFORMED: &[&str] = &[
    "gzip;q=2",
    "gzip;q=-1",
    "gzip;q=1.001",
    "gzip;q=0.0001",
    "gzip;q=.5",
    "gzip;q=",
    "gzip;q",
    "gzip;",
    "gzip;x=1",
    "gzip;q=0.5;q=0",
    "gzip;q=a",
    "gzip;q = 0.5",
    "gzip;;q=0.5",
    "gzip gzip",
    "\"gzip\"",
    "gzip/1",
    ";q=1",
    "=",
    "q=1",
];

fn ask(wire: &mut Wire, lines: &str) -> (u16, String, Vec<u8>) {
    let reply = wire.ask(&wire::request("GET", "/page", lines));
    assert!(
        reply.lists("vary", "accept-encoding"),
        "{lines}: {}",
        reply.head
    );
    assert_ne!(reply.field("content-encoding"), Some("identity"), "{lines}");
    let coding = reply.field("content-encoding").unwrap_or("identity");
    (reply.status, coding.to_owned(), reply.content)
}

#[test]
fn sizes_are_in_order() {
    let [identity, gzip, br, zstd] = CODINGS.map(|(_, content)| content.len());
    assert!(br < zstd && zstd < gzip && gzip < identity);
}

#[test]
fn preferred_coding_is_served() {
    let server = Server::testbed(&[]);
    let mut wire = server.connect();
    for (value, wanted) in VALUES {
        let (status, coding, content) = ask(&mut wire, &format!("Accept-Encoding: {value}\r\n"));
        assert_eq!((status, &*coding), (200, *wanted), "{value}");
        let expected = CODINGS.iter().find(|(name, _)| *name == coding);
        assert!(
            expected.is_some_and(|(_, octets)| *octets == content),
            "{value}"
        );
    }
    let (status, coding, _) = ask(&mut wire, "");
    assert_eq!((status, &*coding), (200, "identity"), "without the field");
    server.stop();
}

#[test]
fn malformed_members_do_no_harm() {
    let server = Server::testbed(&[]);
    let mut wire = server.connect();
    for value in MALFORMED {
        let (status, coding, content) = ask(&mut wire, &format!("Accept-Encoding: {value}\r\n"));
        assert_eq!(status, 200, "{value}");
        let expected = CODINGS.iter().find(|(name, _)| *name == coding);
        assert!(
            expected.is_some_and(|(_, octets)| *octets == content),
            "{value}"
        );
        // A good member beside it counts all the same.
        let (_, coding, _) = ask(&mut wire, &format!("Accept-Encoding: {value}, zstd\r\n"));
        assert!(
            ["zstd", "br"].contains(&&*coding),
            "{value}, zstd: {coding}"
        );
    }
    server.stop();
}

/// Each representation has a tag of its own, and is validated by it.
#[test]
fn each_representation_has_its_own_tag() {
    let server = Server::testbed(&[]);
    let mut wire = server.connect();
    let mut tags = Vec::new();
    for (coding, _) in CODINGS {
        let line = format!("Accept-Encoding: {coding}\r\n");
        let reply = wire.ask(&wire::request("GET", "/page", &line));
        tags.push(reply.field("etag").expect("an ETag").to_owned());
    }
    for (at, (coding, _)) in CODINGS.iter().enumerate() {
        for (other, tag) in tags.iter().enumerate() {
            let lines = format!("Accept-Encoding: {coding}\r\nIf-None-Match: {tag}\r\n");
            let reply = wire.ask(&wire::request("GET", "/page", &lines));
            let expected = if at == other { 304 } else { 200 };
            assert_eq!(reply.status, expected, "{coding} with the tag of {other}");
            assert!(reply.lists("vary", "accept-encoding"));
            assert_eq!(reply.field("etag"), Some(&*tags[at]), "{coding}");
        }
    }
    let all = tags.join(", ");
    let reply = wire.ask(&wire::request(
        "GET",
        "/page",
        &format!("If-None-Match: {all}\r\n"),
    ));
    assert_eq!(reply.status, 304);
    server.stop();
}

/// RFC 9110 section 12.5.1: what else a client prefers is no reason for 406.
#[test]
fn other_preferences_are_ignored() {
    let server = Server::testbed(&[]);
    let mut wire = server.connect();
    for line in [
        "Accept: image/png",
        "Accept: text/html;q=0, */*;q=0",
        "Accept-Language: tlh",
        "Accept-Charset: ebcdic",
    ] {
        let reply = wire.ask(&wire::request("GET", "/page", &format!("{line}\r\n")));
        assert_eq!(reply.status, 200, "{line}");
    }
    server.stop();
}

/// Whatever is answered about a resource with several representations, says by what it is chosen; once.
#[test]
fn every_answer_varies() {
    let server = Server::testbed(&[]);
    let mut wire = server.connect();
    let range = "Range: bytes=1-2\r\n";
    for (method, line, status) in [
        ("GET", "", 200),
        ("HEAD", "", 200),
        ("GET", range, 206),
        ("OPTIONS", "", 204),
        ("POST", "Content-Length: 0\r\n", 405),
        ("DELETE", "", 405),
        ("GET", "If-Match: \"other\"\r\n", 412),
        ("HEAD", "If-Match: \"other\"\r\n", 412),
        ("GET", "If-None-Match: *\r\n", 304),
        ("GET", "Range: bytes=1000000-\r\n", 416),
    ] {
        for (target, expected) in [("/page", 1), ("/10k", 0)] {
            let lines = format!("Accept-Encoding: br\r\n{line}");
            let reply = wire.ask(&wire::request(method, target, &lines));
            let what = format!("{method} {target} {line}: {}", reply.head);
            assert_eq!(reply.status, status, "{what}");
            let count = reply.head.matches("\r\nVary: Accept-Encoding\r\n").count();
            assert_eq!(count, expected, "{what}");
        }
    }
    // Nothing of it is left for what is about another resource, or about none.
    for request in ["OPTIONS *", "GET /missing", "BREW /page"] {
        let (method, target) = request.split_once(' ').expect("a target");
        let reply = wire.ask(&wire::request(method, target, ""));
        assert_eq!(reply.field("vary"), None, "{request}");
    }
    server.stop();
}

/// A resource with one representation does not vary.
#[test]
fn one_representation_does_not_vary() {
    let server = Server::testbed(&[]);
    let mut wire = server.connect();
    for target in ["/plaintext", "/10k", "/dated"] {
        let reply = wire.ask(&wire::request(
            "GET",
            target,
            "Accept-Encoding: gzip, br\r\n",
        ));
        assert_eq!(reply.field("vary"), None, "{target}");
        assert_eq!(reply.field("content-encoding"), None, "{target}");
    }
    server.stop();
}
