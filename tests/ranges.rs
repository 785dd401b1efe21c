//! Range requests, RFC 9110 section 14: one range is served, several are answered with the whole, nonsense is ignored.
//!
//! Invariant: the octets of a part are those of the whole at its position, and of the representation that was selected.

use crate::support::date;
use crate::support::random::Random;
use crate::support::reply::Reply;
use crate::support::server::{Elf, Server};
use crate::support::table::{self, Case, Expect, case};
use crate::support::wire::{self, Wire};

/// What a value of Range comes to, for a representation of 10,240 octets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Comes {
    /// 206 with the octets from the first to the last.
    To(usize, usize),
    /// 200 with the whole.
    Whole,
    /// 416.
    Nowhere,
}

const LEN: usize = 10_240;

const VALUES: &[(&str, Comes)] = &[
    ("bytes=0-0", Comes::To(0, 0)),
    ("bytes=0-9", Comes::To(0, 9)),
    ("bytes=10-19", Comes::To(10, 19)),
    ("bytes=0-10239", Comes::To(0, 10_239)),
    ("bytes=0-10240", Comes::To(0, 10_239)),
    ("bytes=0-99999999", Comes::To(0, 10_239)),
    ("bytes=0-", Comes::To(0, 10_239)),
    ("bytes=1-", Comes::To(1, 10_239)),
    ("bytes=10239-", Comes::To(10_239, 10_239)),
    ("bytes=10239-10239", Comes::To(10_239, 10_239)),
    ("bytes=10239-10240", Comes::To(10_239, 10_239)),
    ("bytes=-1", Comes::To(10_239, 10_239)),
    ("bytes=-10", Comes::To(10_230, 10_239)),
    ("bytes=-10240", Comes::To(0, 10_239)),
    ("bytes=-10241", Comes::To(0, 10_239)),
    ("bytes=-99999999", Comes::To(0, 10_239)),
    (
        "bytes=00000000000000000000005-0000000000000000000000006",
        Comes::To(5, 6),
    ),
    ("bytes=0-18446744073709551614", Comes::To(0, 10_239)),
    ("bytes=0-18446744073709551615", Comes::To(0, 10_239)),
    ("bytes=0-18446744073709551616", Comes::To(0, 10_239)),
    (
        "bytes=0-99999999999999999999999999999999",
        Comes::To(0, 10_239),
    ),
    ("bytes=-18446744073709551615", Comes::To(0, 10_239)),
    ("bytes=-18446744073709551616", Comes::To(0, 10_239)),
    (
        "bytes=-99999999999999999999999999999999",
        Comes::To(0, 10_239),
    ),
    ("Bytes=0-9", Comes::To(0, 9)),
    ("BYTES=0-9", Comes::To(0, 9)),
    ("bytes=10240-", Comes::Nowhere),
    ("bytes=10240-10240", Comes::Nowhere),
    ("bytes=10240-99999", Comes::Nowhere),
    ("bytes=99999999-", Comes::Nowhere),
    ("bytes=18446744073709551615-", Comes::Nowhere),
    ("bytes=18446744073709551616-", Comes::Nowhere),
    (
        "bytes=18446744073709551616-18446744073709551617",
        Comes::Nowhere,
    ),
    ("bytes=99999999999999999999999999999999-", Comes::Nowhere),
    ("bytes=-0", Comes::Nowhere),
    ("bytes=-00", Comes::Nowhere),
    ("bytes=10-9", Comes::Whole),
    ("bytes=10240-10239", Comes::Whole),
    ("bytes=-", Comes::Whole),
    ("bytes=", Comes::Whole),
    ("bytes=,", Comes::Whole),
    ("bytes", Comes::Whole),
    ("bytes 0-9", Comes::Whole),
    ("bytes:0-9", Comes::Whole),
    ("bytes =0-9", Comes::Whole),
    ("=0-9", Comes::Whole),
    ("0-9", Comes::Whole),
    ("octets=0-9", Comes::Whole),
    ("byte=0-9", Comes::Whole),
    ("bytess=0-9", Comes::Whole),
    ("none", Comes::Whole),
    ("bytes=a-b", Comes::Whole),
    ("bytes=0-b", Comes::Whole),
    ("bytes=a-9", Comes::Whole),
    ("bytes=0x0-0x9", Comes::Whole),
    ("bytes=+0-9", Comes::Whole),
    ("bytes=0-+9", Comes::Whole),
    ("bytes=0--9", Comes::Whole),
    ("bytes=--9", Comes::Whole),
    ("bytes=0", Comes::Whole),
    ("bytes=9", Comes::Whole),
    ("bytes=0 - 9", Comes::Whole),
    ("bytes=0- 9", Comes::Whole),
    ("bytes=0-9-", Comes::Whole),
    ("bytes=0-9-19", Comes::Whole),
    ("bytes=0-9;", Comes::Whole),
    ("bytes=0-9 10-19", Comes::Whole),
    ("bytes=\"0-9\"", Comes::Whole),
    ("bytes=0.5-9", Comes::Whole),
];

/// Several ranges, among them what has brought servers down: many, overlapping, backwards.
const SEVERAL: &[&str] = &[
    "bytes=0-0,1-1",
    "bytes=0-9, 20-29",
    "bytes=0-,0-,0-,0-,0-,0-,0-,0-",
    "bytes=20-29,0-9",
    "bytes=0-9,99999-",
    "bytes=0-9,9-0",
    "bytes=-1,-1",
    "bytes=99999-,99999-",
];

fn judge(reply: &Reply, whole: &[u8], comes: Comes, value: &str) {
    match comes {
        Comes::To(first, last) => {
            assert_eq!(reply.status, 206, "{value}");
            let range = format!("bytes {first}-{last}/{}", whole.len());
            assert_eq!(reply.field("content-range"), Some(&*range), "{value}");
            assert!(
                reply.content == whole[first..=last],
                "{value}: other octets"
            );
        }
        Comes::Whole => {
            assert_eq!(reply.status, 200, "{value}");
            assert_eq!(reply.field("content-range"), None, "{value}");
            assert!(reply.content == whole, "{value}: other octets");
        }
        Comes::Nowhere => {
            assert_eq!(reply.status, 416, "{value}");
            let range = format!("bytes */{}", whole.len());
            assert_eq!(reply.field("content-range"), Some(&*range), "{value}");
        }
    }
    assert!(!reply.closes(), "{value}");
}

fn ask(wire: &mut Wire, target: &str, lines: &str) -> Reply {
    wire.ask(&wire::request("GET", target, lines))
}

#[test]
fn one_range() {
    let server = Server::testbed(&[]);
    let mut wire = server.connect();
    let whole = wire.ask(&wire::get("/10k"));
    assert_eq!(whole.content.len(), LEN);
    assert_eq!(whole.field("accept-ranges"), Some("bytes"));
    for (value, comes) in VALUES {
        let reply = ask(&mut wire, "/10k", &format!("Range: {value}\r\n"));
        judge(&reply, &whole.content, *comes, value);
    }
    server.stop();
}

/// RFC 9110 section 5.6.1.2: a list may have empty members and white space, which are ignored.
#[test]
fn one_range_among_empty_members() {
    let server = Server::testbed(&[]);
    let mut wire = server.connect();
    let whole = wire.ask(&wire::get("/10k")).content;
    for value in ["bytes=0-9,", "bytes=,0-9", "bytes= 0-9", "bytes=\t0-9"] {
        let reply = ask(&mut wire, "/10k", &format!("Range: {value}\r\n"));
        judge(&reply, &whole, Comes::To(0, 9), value);
    }
    server.stop();
}

/// RFC 9110 section 15.3.7: a 206 carries what a 200 would have carried of these.
#[test]
fn part_carries_the_fields_of_the_whole() {
    let server = Server::testbed(&[]);
    let mut wire = server.connect();
    for target in ["/10k", "/cached", "/page", "/dated", "/located"] {
        let whole = wire.ask(&wire::get(target));
        let part = ask(&mut wire, target, "Range: bytes=0-3\r\n");
        assert_eq!(part.status, 206);
        for name in [
            "cache-control",
            "content-location",
            "content-type",
            "etag",
            "expires",
            "last-modified",
            "vary",
        ] {
            assert_eq!(part.field(name), whole.field(name), "{target}: {name}");
        }
    }
    server.stop();
}

/// RFC 9110 section 15.3.7.2: whether several ranges are answered in parts is the server's choice.
#[test]
fn several_ranges() {
    let server = Server::testbed(&[]);
    let mut wire = server.connect();
    let whole = wire.ask(&wire::get("/10k")).content;
    for value in SEVERAL {
        let reply = ask(&mut wire, "/10k", &format!("Range: {value}\r\n"));
        judge(&reply, &whole, Comes::Whole, value);
    }
    let many: Vec<String> = (0..1000).map(|at| format!("{at}-{at}")).collect();
    let reply = ask(
        &mut wire,
        "/10k",
        &format!("Range: bytes={}\r\n", many.join(",")),
    );
    judge(&reply, &whole, Comes::Whole, "a thousand ranges");
    let reply = ask(
        &mut wire,
        "/10k",
        "Range: bytes=0-1\r\nRange: bytes=0-1\r\n",
    );
    judge(&reply, &whole, Comes::Whole, "two fields");
    server.stop();
}

#[test]
fn any_range_of_any_size() {
    let server = Server::testbed(&[]);
    let mut wire = server.connect();
    let mut random = Random::new();
    for (target, len) in [
        ("/10k", LEN),
        ("/100k", 102_400),
        ("/1m", 1 << 20),
        ("/4m", 4 << 20),
    ] {
        let whole = wire.ask(&wire::get(target)).content;
        assert_eq!(whole.len(), len);
        for _ in 0..20 {
            let first = random.below(len);
            let last = first + random.below(len - first);
            let value = format!("bytes={first}-{last}");
            let reply = ask(&mut wire, target, &format!("Range: {value}\r\n"));
            judge(&reply, &whole, Comes::To(first, last), &value);
        }
    }
    server.stop();
}

/// RFC 9110 section 14.2: Range is for GET, and only where the answer would have been 200.
#[test]
fn range_where_it_does_not_apply() {
    let server = Server::testbed(&[]);
    let mut wire = server.connect();
    let get = wire.ask(&wire::get("/10k"));
    let tag = get.field("etag").expect("an ETag").to_owned();
    for value in ["bytes=0-9", "bytes=99999-"] {
        let line = format!("Range: {value}\r\n");
        let head = wire.ask(&wire::request("HEAD", "/10k", &line));
        assert_eq!(head.head, get.head, "HEAD with {value}");
        for (method, target, extra, status) in [
            ("GET", "/missing", String::new(), 404),
            ("POST", "/10k", String::new(), 405),
            ("GET", "/301", String::new(), 301),
            ("GET", "/204", String::new(), 204),
            ("GET", "/maintenance", String::new(), 503),
            ("GET", "/10k", format!("If-None-Match: {tag}\r\n"), 304),
            ("GET", "/10k", "If-Match: \"a\"\r\n".into(), 412),
        ] {
            let reply = wire.ask(&wire::request(method, target, &format!("{line}{extra}")));
            assert_eq!(reply.status, status, "{method} {target} with {line}{extra}");
        }
        let reply = wire.ask(&wire::request("OPTIONS", "/10k", &line));
        assert_eq!(reply.status, 204, "OPTIONS with {value}");
    }
    server.stop();
}

/// RFC 9110 section 13.1.5.
#[test]
fn if_range() {
    let server = Server::testbed(&[]);
    let mut wire = server.connect();
    let whole = wire.ask(&wire::get("/dated"));
    let tag = whole.field("etag").expect("an ETag").to_owned();
    let modified = 784_111_777;
    let part = Comes::To(2, 5);
    let values = [
        (tag.clone(), part),
        (format!("W/{tag}"), Comes::Whole),
        ("\"a\"".into(), Comes::Whole),
        ("*".into(), Comes::Whole),
        (tag.trim_matches('"').into(), Comes::Whole),
        (format!("{tag}, \"a\""), Comes::Whole),
        (format!("\"a\", {tag}"), Comes::Whole),
        (format!("{tag}\r\nIf-Range: {tag}"), Comes::Whole),
        (String::new(), Comes::Whole),
        (date::imf(modified), part),
        (date::rfc850(modified), part),
        (date::asctime(modified), part),
        (date::imf(modified + 1), Comes::Whole),
        (date::imf(modified - 1), Comes::Whole),
        (date::imf(date::now()), Comes::Whole),
        ("yesterday".into(), Comes::Whole),
    ];
    for (value, comes) in values {
        let reply = ask(
            &mut wire,
            "/dated",
            &format!("If-Range: {value}\r\nRange: bytes=2-5\r\n"),
        );
        judge(&reply, &whole.content, comes, &value);
        let reply = ask(&mut wire, "/dated", &format!("If-Range: {value}\r\n"));
        judge(&reply, &whole.content, Comes::Whole, &value);
    }
    let reply = ask(
        &mut wire,
        "/dated",
        "If-Range: \"a\"\r\nRange: bytes=99999-\r\n",
    );
    judge(
        &reply,
        &whole.content,
        Comes::Whole,
        "a range that would be unsatisfiable",
    );
    // Without a date of modification no date is that of the representation.
    let whole = wire.ask(&wire::get("/10k"));
    for seconds in [0, modified, date::now()] {
        let lines = format!("If-Range: {}\r\nRange: bytes=2-5\r\n", date::imf(seconds));
        judge(
            &ask(&mut wire, "/10k", &lines),
            &whole.content,
            Comes::Whole,
            &lines,
        );
    }
    server.stop();
}

/// RFC 9110 section 14: the range is one of the representation that was selected, encoded as it is.
#[test]
fn range_of_an_encoded_representation() {
    let server = Server::testbed(&[]);
    let mut wire = server.connect();
    for coding in ["gzip", "br", "zstd", "identity"] {
        let accept = format!("Accept-Encoding: {coding}\r\n");
        let whole = ask(&mut wire, "/page", &accept);
        let tag = whole.field("etag").expect("an ETag");
        for lines in ["", &format!("If-Range: {tag}\r\n")] {
            let lines = format!("{accept}{lines}Range: bytes=3-50\r\n");
            let part = ask(&mut wire, "/page", &lines);
            judge(&part, &whole.content, Comes::To(3, 50), coding);
            assert_eq!(
                part.field("content-encoding"),
                whole.field("content-encoding")
            );
        }
        let lines = format!("Range: bytes=3-50\r\nIf-Range: {tag}\r\n");
        let other = ask(&mut wire, "/page", &lines);
        let status = if coding == "identity" { 206 } else { 200 };
        assert_eq!(
            other.status, status,
            "the tag of {coding} for another representation"
        );
    }
    server.stop();
}

const IN_EVERY_WAY: &[Case] = &[
    case(
        "206",
        b"GET /plaintext HTTP/1.1\r\nHost: a\r\nRange: bytes=7-11\r\n\r\n",
        Expect::keep(&[206])
            .fields(&[("content-range", "bytes 7-11/13"), ("content-length", "5")])
            .content(b"World"),
    ),
    case(
        "206 and a close",
        b"GET /plaintext HTTP/1.1\r\nHost: a\r\nConnection: close\r\nRange: bytes=-1\r\n\r\n",
        Expect::close(&[206]).content(b"!"),
    ),
    case(
        "206 in HTTP/1.0",
        b"GET /plaintext HTTP/1.0\r\nRange: bytes=0-4\r\n\r\n",
        Expect::close(&[206]).content(b"Hello"),
    ),
    case(
        "416",
        b"GET /plaintext HTTP/1.1\r\nHost: a\r\nRange: bytes=13-\r\n\r\n",
        Expect::keep(&[416]).fields(&[("content-range", "bytes */13")]),
    ),
    case(
        "several",
        b"GET /plaintext HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1,3-4\r\n\r\n",
        Expect::keep(&[200]).content(b"Hello, World!"),
    ),
];

#[test]
fn in_every_way() {
    table::check_all(Elf::Vanillin, IN_EVERY_WAY);
}
