//! The framing of content, RFC 9112 section 6: `Content-Length`, `Transfer-Encoding`, both, neither.
//!
//! Invariant: framing is judged before the method, so a fault in it is 400 even where the answer would have been 405.

use crate::support::server::Elf;
use crate::support::table::{self, BAD, Case, Expect, case};

const HELLO: Expect = Expect::keep(&[200]).content(b"Hello, World!");
const EMPTY: Expect = Expect::keep(&[200]).content(b"");
const FIVE: Expect = Expect::keep(&[200]).content(b"hello");
const LAST: Expect = Expect::close(&[200]).content(b"hello");
const UNKNOWN: Expect = Expect::close(&[501]);

/// Field lines of a POST with the content `hello`, and what `echo` makes of it.
const LENGTHS: &[(&str, Expect)] = &[
    ("Content-Length: 5", FIVE),
    ("content-length: 5", FIVE),
    ("CONTENT-LENGTH:5", FIVE),
    ("Content-Length: \t5 \t", FIVE),
    ("Content-Length: 05", FIVE),
    ("Content-Length: 0000000000000000000000000000005", FIVE),
    ("Content-Length:", BAD),
    ("Content-Length: \t", BAD),
    ("Content-Length: +5", BAD),
    ("Content-Length: -5", BAD),
    ("Content-Length: -0", BAD),
    ("Content-Length: 5.0", BAD),
    ("Content-Length: 0x5", BAD),
    ("Content-Length: 5e0", BAD),
    ("Content-Length: five", BAD),
    ("Content-Length: 5 5", BAD),
    ("Content-Length: 5,5", BAD),
    ("Content-Length: 5, 5", BAD),
    ("Content-Length: 5,", BAD),
    ("Content-Length: ,5", BAD),
    ("Content-Length: 5;", BAD),
    ("Content-Length: \"5\"", BAD),
    ("Content-Length: 5\u{b2}", BAD),
    ("Content-Length: 5_0", BAD),
    ("Content-Length: 5\0", BAD),
    ("Content-Length : 5", BAD),
    ("Content-Length: 5\r\n ", BAD),
    ("Content-Length: 5\r\nContent-Length: 5", BAD),
    ("Content-Length: 5\r\nContent-Length: 6", BAD),
    ("Content-Length: 6\r\nContent-Length: 5", BAD),
    ("Content-Length: 5\r\ncontent-length: 0", BAD),
    ("Content-Length: 5\r\nX-A: b\r\nContent-Length: 5", BAD),
    ("Content-Length: 18446744073709551616", BAD),
    ("Content-Length: 18446744073709551621", BAD),
    ("Content-Length: 4294967301", Expect::close(&[413])),
    ("Content-Length: 9223372036854775808", Expect::close(&[413])),
    // The largest number of 64 bits counts as overflow.
    ("Content-Length: 18446744073709551615", BAD),
    ("Content-Length: 99999999999999999999999999999999", BAD),
    (
        "Content-Length: 340282366920938463463374607431768211461",
        BAD,
    ),
];

/// Field lines of a POST whose content is `hello` in one chunk.
const CODINGS: &[(&str, Expect)] = &[
    ("Transfer-Encoding: chunked", FIVE),
    ("transfer-encoding:chunked", FIVE),
    ("Transfer-Encoding: Chunked", FIVE),
    ("Transfer-Encoding: CHUNKED", FIVE),
    ("Transfer-Encoding: \t chunked \t", FIVE),
    ("TE: trailers\r\nTransfer-Encoding: chunked", FIVE),
    ("Transfer-Encoding:", BAD),
    ("Transfer-Encoding: ,", BAD),
    ("Transfer-Encoding: chunked,", BAD),
    ("Transfer-Encoding: ,chunked", BAD),
    ("Transfer-Encoding: , chunked", BAD),
    ("Transfer-Encoding: chunked, chunked", BAD),
    (
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        BAD,
    ),
    ("Transfer-Encoding: chunked\r\nTransfer-Encoding:", BAD),
    ("Transfer-Encoding:\r\nTransfer-Encoding: chunked", BAD),
    (
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        BAD,
    ),
    (
        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
        UNKNOWN,
    ),
    ("Transfer-Encoding: chunked, identity", BAD),
    ("Transfer-Encoding: identity, chunked", UNKNOWN),
    ("Transfer-Encoding: identity", UNKNOWN),
    ("Transfer-Encoding: gzip", UNKNOWN),
    ("Transfer-Encoding: gzip, chunked", UNKNOWN),
    ("Transfer-Encoding: x-unknown, chunked", UNKNOWN),
    ("Transfer-Encoding: chunked, gzip", BAD),
    ("Transfer-Encoding: xchunked", UNKNOWN),
    ("Transfer-Encoding: chunkedx", UNKNOWN),
    ("Transfer-Encoding: chunke", UNKNOWN),
    ("Transfer-Encoding: chunked;q=1", BAD),
    ("Transfer-Encoding: chunked; a=b", BAD),
    ("Transfer-Encoding: \"chunked\"", BAD),
    ("Transfer-Encoding: 'chunked'", UNKNOWN),
    ("Transfer-Encoding: chunked chunked", BAD),
    ("Transfer-Encoding: chunked\x0b", BAD),
    ("Transfer-Encoding: \x0bchunked", BAD),
    ("Transfer-Encoding: \0chunked", BAD),
    ("Transfer-Encoding: \u{a0}chunked", BAD),
    ("Transfer-Encoding : chunked", BAD),
    ("Transfer-Encoding\t: chunked", BAD),
    (" Transfer-Encoding: chunked", BAD),
    ("Transfer-Encoding:\r\n chunked", BAD),
    ("Content-Length: 15\r\nTransfer-Encoding: chunked", BAD),
    ("Transfer-Encoding: chunked\r\nContent-Length: 15", BAD),
    ("Content-Length: 0\r\nTransfer-Encoding: chunked", BAD),
    ("Transfer-Encoding: identity\r\nContent-Length: 15", BAD),
    ("Transfer-Encoding: x\r\nContent-Length: 15", BAD),
    ("Content-Length: x\r\nTransfer-Encoding: chunked", BAD),
];

const OTHERS: &[Case] = &[
    case(
        "no content at all",
        b"POST / HTTP/1.1\r\nHost: a\r\n\r\n",
        EMPTY,
    ),
    case(
        "content of no octets",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
        EMPTY,
    ),
    case(
        "content of zeros",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 000\r\n\r\n",
        EMPTY,
    ),
    case("a GET without content", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", EMPTY),
    case(
        "a GET with content",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
        FIVE,
    ),
    case(
        "content that looks like a request",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 31\r\n\r\nGET /x HTTP/1.1\r\nHost: evil\r\n\r\n",
        Expect::keep(&[200]).content(b"GET /x HTTP/1.1\r\nHost: evil\r\n\r\n"),
    ),
    case(
        "content of every kind of octet",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\n\0\r\n\n\r\xff\x7f ",
        Expect::keep(&[200]).content(b"\0\r\n\n\r\xff\x7f "),
    ),
    case(
        "an octet too many is the next request",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nConnection: close\r\n\r\nhello",
        Expect::close(&[200]).content(b"hell"),
    ),
    case(
        "a length in HTTP/1.0",
        b"POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello",
        LAST,
    ),
    case(
        "no length in HTTP/1.0 is no content",
        b"POST / HTTP/1.0\r\n\r\n",
        Expect::close(&[200]).content(b""),
    ),
    case(
        "chunks in HTTP/1.0",
        b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        BAD,
    ),
    case(
        "chunks and a length in HTTP/1.0",
        b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nhello",
        BAD,
    ),
    case(
        "chunks in HTTP/1.0 that wants to go on",
        b"POST / HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        BAD,
    ),
];

/// The same requests to a resource that takes no content: it is discarded where it can be found.
const DISCARDED: Expect = Expect::keep(&[405]);

fn check(lines: &[(&str, Expect)], content: &str) {
    for (elf, target) in [(Elf::Echo, "/"), (Elf::Vanillin, "/plaintext")] {
        let requests: Vec<Vec<u8>> = lines
            .iter()
            .map(|(lines, _)| {
                let head = format!("POST {target} HTTP/1.1\r\nHost: a\r\n{lines}\r\n\r\n");
                [head.as_bytes(), content.as_bytes()].concat()
            })
            .collect();
        let cases: Vec<Case> = lines
            .iter()
            .zip(&requests)
            .map(|((name, expect), request)| {
                let good = elf == Elf::Vanillin && expect.accepts(200);
                case(name, request, if good { DISCARDED } else { *expect })
            })
            .collect();
        table::check_all(elf, &cases);
    }
}

#[test]
fn lengths() {
    check(LENGTHS, "hello");
}

#[test]
fn codings() {
    check(CODINGS, "5\r\nhello\r\n0\r\n\r\n");
}

#[test]
fn others() {
    table::check_all(Elf::Echo, OTHERS);
}

/// RFC 9112 section 9.3: content that nobody wants is read, so that the request behind it is found.
#[test]
fn unwanted_content_is_skipped() {
    let cases = [
        case(
            "a GET with content",
            b"GET /plaintext HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
            HELLO,
        ),
        case(
            "a GET with content that looks like a request",
            b"GET /plaintext HTTP/1.1\r\nHost: a\r\nContent-Length: 31\r\n\r\nGET / HTTP/1.1\r\nHost: evilx\r\n\r\n",
            HELLO,
        ),
        case(
            "a GET with chunks",
            b"GET /plaintext HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            HELLO,
        ),
        case(
            "a HEAD with content",
            b"HEAD /plaintext HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
            Expect::keep(&[200]),
        ),
        case(
            "an OPTIONS with content",
            b"OPTIONS /plaintext HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
            Expect::keep(&[204]),
        ),
        case(
            "a POST with content",
            b"POST /plaintext HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
            DISCARDED,
        ),
        case(
            "a POST with content to a missing page",
            b"POST /missing HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
            Expect::keep(&[404]),
        ),
        case(
            "an unknown method with content",
            b"FROB /plaintext HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
            Expect::keep(&[501]),
        ),
        case(
            "an unknown method with bad framing",
            b"FROB /plaintext HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\nhello",
            BAD,
        ),
        case(
            "a missing page with bad framing",
            b"GET /missing HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n\r\n",
            BAD,
        ),
        case(
            "an unchanged page with content",
            b"GET /plaintext HTTP/1.1\r\nHost: a\r\nIf-None-Match: *\r\nContent-Length: 5\r\n\r\nhello",
            Expect::keep(&[304]),
        ),
    ];
    table::check_all(Elf::Vanillin, &cases);
}
