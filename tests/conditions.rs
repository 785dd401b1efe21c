//! Conditional requests, RFC 9110 section 13: entity tags, dates, and which of them counts.
//!
//! Invariant: a condition changes the answer only where it would have been 200 without it.

use crate::support::date;
use crate::support::reply::Reply;
use crate::support::server::{Elf, Server};
use crate::support::table::{self, Case, Expect, case};
use crate::support::wire::{self, Wire};

/// When `/dated` of the testbed was modified.
const MODIFIED: u64 = 784_111_777;

fn tag_of(wire: &mut Wire, target: &str) -> String {
    let reply = wire.ask(&wire::get(target));
    reply.field("etag").expect("an ETag").to_owned()
}

/// RFC 9110 section 8.8.3: `entity-tag = [ weak ] DQUOTE *etagc DQUOTE`; ours are strong.
#[test]
fn tags_are_strong_and_differ_with_the_content() {
    let server = Server::testbed(&[]);
    let mut wire = server.connect();
    let mut tags = Vec::new();
    for target in [
        "/plaintext",
        "/10k",
        "/100k",
        "/1m",
        "/4m",
        "/page",
        "/dated",
        "/health",
    ] {
        let tag = tag_of(&mut wire, target);
        let inner = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
        let inner = inner.unwrap_or_else(|| panic!("{target}: {tag}"));
        assert!(
            inner
                .bytes()
                .all(|octet| octet.is_ascii_graphic() && octet != b'"')
        );
        assert_eq!(
            tag,
            tag_of(&mut wire, target),
            "{target}: the tag is stable"
        );
        tags.push(tag);
    }
    let count = tags.len();
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), count, "two contents share a tag");
    server.stop();
}

/// Asks for the target under every line and compares the status.
fn check(server: &Server, target: &str, lines: &[(String, u16)]) {
    let mut wire = server.connect();
    let plain = wire.ask(&wire::get(target));
    for (line, status) in lines {
        for method in ["GET", "HEAD"] {
            let reply = wire.ask(&wire::request(method, target, &format!("{line}\r\n")));
            assert_eq!(reply.status, *status, "{method} {target} with {line}");
            assert!(!reply.closes(), "{method} {target} with {line}");
            if reply.status == 304 {
                judge_304(&reply, &plain);
            }
        }
    }
}

/// RFC 9110 section 15.4.5: 304 carries what 200 would have carried of these.
fn judge_304(reply: &Reply, plain: &Reply) {
    for name in [
        "cache-control",
        "content-location",
        "etag",
        "expires",
        "vary",
    ] {
        assert_eq!(reply.field(name), plain.field(name), "{name}");
    }
    assert!(reply.content.is_empty());
}

#[test]
fn if_none_match() {
    let server = Server::start(&[]);
    for target in ["/", "/plaintext"] {
        let tag = tag_of(&mut server.connect(), target);
        let bare = tag.trim_matches('"');
        let lines = [
            (tag.clone(), 304),
            (format!("W/{tag}"), 304),
            ("*".into(), 304),
            (format!("\"a\", {tag}"), 304),
            (format!("{tag}, \"a\""), 304),
            (format!("\"a\",{tag},\"b\""), 304),
            (format!("\"a\" ,\t{tag} , \"b\""), 304),
            (format!(", ,{tag},"), 304),
            (format!("W/\"a\", W/{tag}"), 304),
            (format!("\"a,b\", {tag}"), 304),
            (format!("\"\", {tag}"), 304),
            (format!("\"a\"\r\nIf-None-Match: {tag}"), 304),
            (format!("{tag}\r\nIf-None-Match: \"a\""), 304),
            ("\"a\"".into(), 200),
            ("W/\"a\"".into(), 200),
            ("\"\"".into(), 200),
            (bare.into(), 200),
            (format!("\"{bare}"), 200),
            (format!("{bare}\""), 200),
            (format!("w/{tag}"), 200),
            (format!("'{bare}'"), 200),
            (format!("\"x{bare}\""), 200),
            (format!("\"{bare}x\""), 200),
            (format!("\"a,{bare}\""), 200),
            (tag.to_uppercase().replace('"', "\"_"), 200),
        ];
        let lines = lines.map(|(value, status)| (format!("If-None-Match: {value}"), status));
        check(&server, target, &lines);
    }
    server.stop();
}

/// RFC 9110 section 15.4.5, of a resource that has all of them.
#[test]
fn fields_that_not_modified_repeats() {
    let server = Server::testbed(&[]);
    let plain = server.connect().ask(&wire::get("/located"));
    for name in [
        "cache-control",
        "content-location",
        "etag",
        "expires",
        "vary",
    ] {
        assert!(plain.field(name).is_some(), "{name}");
    }
    check(&server, "/located", &[("If-None-Match: *".into(), 304)]);
    let same = wire::request("GET", "/located", "If-None-Match: *\r\n");
    assert_eq!(server.connect().ask(&same).field("x-one"), None);
    server.stop();
}

#[test]
fn if_match() {
    let server = Server::start(&[]);
    let tag = tag_of(&mut server.connect(), "/plaintext");
    let lines = [
        (tag.clone(), 200),
        ("*".into(), 200),
        (format!("\"a\", {tag}"), 200),
        (format!("{tag},\"a\""), 200),
        (format!("W/\"a\",{tag}"), 200),
        (format!("\"a\"\r\nIf-Match: {tag}"), 200),
        ("\"a\"".into(), 412),
        (format!("W/{tag}"), 412),
        (format!("W/{tag}, W/\"a\""), 412),
        (format!("\"a\"\r\nIf-None-Match: {tag}"), 412),
        (format!("{tag}\r\nIf-None-Match: {tag}"), 304),
        (format!("{tag}\r\nIf-None-Match: \"a\""), 200),
        (
            format!("{tag}\r\nIf-Unmodified-Since: {}", date::imf(0)),
            200,
        ),
    ];
    let lines = lines.map(|(value, status)| (format!("If-Match: {value}"), status));
    check(&server, "/plaintext", &lines);
    server.stop();
}

/// RFC 9110 sections 13.1.3 and 13.1.4: without a date of modification, conditions on it are ignored.
#[test]
fn dates_without_a_date() {
    let server = Server::start(&[]);
    let reply = server.connect().ask(&wire::get("/plaintext"));
    assert_eq!(reply.field("last-modified"), None);
    let mut lines = Vec::new();
    for seconds in [0, MODIFIED, date::now(), date::now() + 86400] {
        for name in ["If-Modified-Since", "If-Unmodified-Since"] {
            lines.push((format!("{name}: {}", date::imf(seconds)), 200));
        }
    }
    check(&server, "/plaintext", &lines);
    server.stop();
}

#[test]
fn dates() {
    let server = Server::testbed(&[]);
    let reply = server.connect().ask(&wire::get("/dated"));
    assert_eq!(reply.field("last-modified"), Some(&*date::imf(MODIFIED)));
    let mut lines = Vec::new();
    for form in [date::imf, date::rfc850, date::asctime] {
        for (seconds, since, unmodified) in [
            (MODIFIED, 304, 200),
            (MODIFIED + 1, 304, 200),
            (MODIFIED + 400 * 86400, 304, 200),
            (date::now(), 304, 200),
            (MODIFIED - 1, 200, 412),
            (MODIFIED - 400 * 86400, 200, 412),
            // The leap day of 2000, the last second of a year, and the first of 1970.
            (951_782_400, 304, 200),
            (946_684_799, 304, 200),
        ] {
            let value = form(seconds);
            lines.push((format!("If-Modified-Since: {value}"), since));
            lines.push((format!("If-Unmodified-Since: {value}"), unmodified));
        }
    }
    lines.push((format!("If-Modified-Since: {}", date::imf(0)), 200));
    lines.push((format!("If-Unmodified-Since: {}", date::imf(0)), 412));
    check(&server, "/dated", &lines);
    server.stop();
}

/// A date of two digits that seems to be more than 50 years ahead is in the past.
#[test]
fn two_digits_of_a_year() {
    let server = Server::testbed(&[]);
    let values = [
        ("Sunday, 06-Nov-94 08:49:37 GMT", 304),
        ("Saturday, 06-Nov-93 08:49:37 GMT", 200),
    ];
    let lines: Vec<(String, u16)> = values
        .iter()
        .map(|(value, status)| (format!("If-Modified-Since: {value}"), *status))
        .collect();
    check(&server, "/dated", &lines);
    server.stop();
}

/// What is no HTTP-date is no condition.
#[test]
fn dates_that_are_none() {
    let server = Server::testbed(&[]);
    let values = [
        "",
        "0",
        "784111777",
        "yesterday",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 +0000",
        "Sun, 06 Nov 1994 08:49:37 GMT+1",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun,06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun, 06-Nov-1994 08:49:37 GMT",
        "Sun, 32 Nov 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 31 Nov 1994 08:49:37 GMT",
        "Sun, 29 Feb 1995 08:49:37 GMT",
        "Sun, 06 Foo 1994 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT",
        "Xxx, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 06 Nov 1994 8:49:37 GMT",
        "Sun, 06 Nov 1994 08:49 GMT",
        "Sun, 06 Nov 1994 -8:49:37 GMT",
        "Sun Nov 6 08:49:37 1994",
        "Sun Nov  6 08:49:37 1994 GMT",
        "Sunday, 06-Nov-94 08:49:37",
        "1994-11-06T08:49:37Z",
        "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
    ];
    let mut lines = Vec::new();
    for value in values {
        lines.push((format!("If-Modified-Since: {value}"), 200));
        lines.push((format!("If-Unmodified-Since: {value}"), 200));
    }
    let twice = date::imf(MODIFIED);
    lines.push((
        format!("If-Modified-Since: {twice}\r\nIf-Modified-Since: {twice}"),
        200,
    ));
    check(&server, "/dated", &lines);
    server.stop();
}

/// RFC 9110 section 13.2.2: a tag counts before a date.
#[test]
fn precedence() {
    let server = Server::testbed(&[]);
    let tag = tag_of(&mut server.connect(), "/dated");
    let (old, new) = (date::imf(MODIFIED - 1), date::imf(MODIFIED));
    let lines = [
        (
            format!("If-None-Match: {tag}\r\nIf-Modified-Since: {old}"),
            304,
        ),
        (
            format!("If-None-Match: \"a\"\r\nIf-Modified-Since: {new}"),
            200,
        ),
        (
            format!("If-Modified-Since: {new}\r\nIf-None-Match: \"a\""),
            200,
        ),
        (
            format!("If-Match: {tag}\r\nIf-Unmodified-Since: {old}"),
            200,
        ),
        (
            format!("If-Match: \"a\"\r\nIf-Unmodified-Since: {new}"),
            412,
        ),
        (
            format!("If-Unmodified-Since: {old}\r\nIf-None-Match: {tag}"),
            412,
        ),
        (
            format!("If-Unmodified-Since: {new}\r\nIf-None-Match: {tag}"),
            304,
        ),
        (
            format!("If-Unmodified-Since: {new}\r\nIf-Modified-Since: {new}"),
            304,
        ),
        (format!("If-Match: {tag}\r\nIf-Modified-Since: {new}"), 304),
    ];
    check(&server, "/dated", &lines);
    server.stop();
}

/// RFC 9110 section 13.2.1: conditions are ignored where the answer is not 2xx, and by OPTIONS.
const IGNORED: &[Case] = &[
    case(
        "on a missing page",
        b"GET /missing HTTP/1.1\r\nHost: a\r\nIf-None-Match: *\r\nIf-Match: \"a\"\r\n\r\n",
        Expect::keep(&[404]),
    ),
    case(
        "with a method that is not allowed",
        b"POST /plaintext HTTP/1.1\r\nHost: a\r\nIf-Match: \"a\"\r\n\r\n",
        Expect::keep(&[405]),
    ),
    case(
        "with an unknown method",
        b"FROB /plaintext HTTP/1.1\r\nHost: a\r\nIf-Match: \"a\"\r\n\r\n",
        Expect::keep(&[501]),
    ),
    case(
        "with OPTIONS",
        b"OPTIONS /plaintext HTTP/1.1\r\nHost: a\r\nIf-Match: \"a\"\r\nIf-None-Match: *\r\n\r\n",
        Expect::keep(&[204]),
    ),
    case(
        "with a fault in the framing",
        b"GET /plaintext HTTP/1.1\r\nHost: a\r\nIf-None-Match: *\r\nContent-Length: x\r\n\r\n",
        table::BAD,
    ),
];

const IN_EVERY_WAY: &[Case] = &[
    case(
        "an asterisk among others is no tag",
        b"GET /plaintext HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"a\", *\r\nIf-None-Match: *\r\n\r\n",
        Expect::keep(&[200]),
    ),
    case(
        "304 by any tag",
        b"GET /plaintext HTTP/1.1\r\nHost: a\r\nIf-None-Match: *\r\n\r\n",
        Expect::keep(&[304]),
    ),
    case(
        "304 and a close",
        b"GET /plaintext HTTP/1.1\r\nHost: a\r\nConnection: close\r\nIf-None-Match: *\r\n\r\n",
        Expect::close(&[304]),
    ),
    case(
        "412",
        b"GET /plaintext HTTP/1.1\r\nHost: a\r\nIf-Match: \"a\"\r\n\r\n",
        Expect::keep(&[412]),
    ),
    case(
        "412 to HEAD",
        b"HEAD /plaintext HTTP/1.1\r\nHost: a\r\nIf-Match: \"a\"\r\n\r\n",
        Expect::keep(&[412]),
    ),
];

#[test]
fn ignored_where_they_do_not_apply() {
    table::check_all(Elf::Vanillin, IGNORED);
}

#[test]
fn in_every_way() {
    table::check_all(Elf::Vanillin, IN_EVERY_WAY);
}

/// A redirect and a 204 have no representation to compare, but their answers are complete all the same.
#[test]
fn routes_that_are_not_200() {
    let server = Server::testbed(&[]);
    let mut wire = server.connect();
    for (target, status) in [("/301", 301), ("/308", 308), ("/maintenance", 503)] {
        for line in ["If-None-Match: *\r\n", "If-Match: \"a\"\r\n"] {
            let reply = wire.ask(&wire::request("GET", target, line));
            assert_eq!(reply.status, status, "{target} with {line}");
        }
    }
    server.stop();
}
