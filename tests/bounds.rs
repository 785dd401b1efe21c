//! Every bound of `vanillin::limits` that the wire can reach, at N-1, N and N+1.
//!
//! Invariant: a request at the bound is served, one octet more is refused with the status of its kind and a close.

use crate::support::clients::ENDLESS;
use crate::support::server::{Elf, Server};
use crate::support::table::{self, Case, Expect, case};
use crate::support::wire::{self, Wire, get};
use vanillin::limits;

const SERVED: Expect = Expect::keep(&[200]);
const HELLO: Expect = SERVED.content(b"Hello, World!");

/// One less, the bound, and one more, as names and whether it is within.
fn around(bound: usize) -> [(usize, bool); 3] {
    [(bound - 1, true), (bound, true), (bound + 1, false)]
}

/// Checks requests made by `make` around the bound.
fn check<'a>(
    elf: Elf,
    bound: usize,
    make: impl Fn(usize) -> Vec<u8>,
    within: Expect<'a>,
    beyond: Expect<'a>,
) {
    let requests = around(bound).map(|(len, _)| (format!("{len} octets"), make(len)));
    let cases: Vec<Case> = around(bound)
        .iter()
        .zip(&requests)
        .map(|((_, good), (name, request))| {
            case(name, request, if *good { within } else { beyond })
        })
        .collect();
    table::check_all(elf, &cases);
}

#[test]
fn target() {
    let make = |len: usize| {
        let pad = "x".repeat(len - "/plaintext?".len());
        format!("GET /plaintext?{pad} HTTP/1.1\r\nHost: a\r\n\r\n").into_bytes()
    };
    check(
        Elf::Vanillin,
        limits::TARGET_MAX,
        make,
        HELLO,
        Expect::close(&[414]),
    );
}

#[test]
fn target_that_is_missing() {
    let make = |len: usize| {
        let pad = "/x".repeat(len / 2) + if len.is_multiple_of(2) { "" } else { "y" };
        format!("GET {pad} HTTP/1.1\r\nHost: a\r\n\r\n").into_bytes()
    };
    let missing = Expect::keep(&[404]);
    check(
        Elf::Vanillin,
        limits::TARGET_MAX,
        make,
        missing,
        Expect::close(&[414]),
    );
}

#[test]
fn target_in_absolute_form() {
    let make = |len: usize| {
        let pad = "x".repeat(len - "http://a/plaintext?".len());
        format!("GET http://a/plaintext?{pad} HTTP/1.1\r\nHost: a\r\n\r\n").into_bytes()
    };
    check(
        Elf::Vanillin,
        limits::TARGET_MAX,
        make,
        HELLO,
        Expect::close(&[414]),
    );
}

/// Dot segments and percent-encodings are resolved within the bound too.
#[test]
fn target_of_dot_segments() {
    let make = |len: usize| {
        let rest = len - "/plaintext".len();
        let dots = "/%2e".repeat(rest / 4) + &"x".repeat(rest % 4).replacen('x', "/", 1);
        format!("GET {dots}/plaintext HTTP/1.1\r\nHost: a\r\n\r\n").into_bytes()
    };
    let answered = Expect::keep(&[200, 404]);
    check(
        Elf::Vanillin,
        limits::TARGET_MAX,
        make,
        answered,
        Expect::close(&[414]),
    );
}

#[test]
fn method() {
    let make = |len: usize| {
        let method = "M".repeat(len);
        format!("{method} /plaintext HTTP/1.1\r\nHost: a\r\n\r\n").into_bytes()
    };
    let unknown = Expect::keep(&[501]);
    check(
        Elf::Vanillin,
        limits::METHOD_MAX,
        make,
        unknown,
        Expect::close(&[400]),
    );
}

#[test]
fn head_of_one_long_field() {
    let make = |len: usize| {
        let start = "GET /plaintext HTTP/1.1\r\nHost: a\r\nX-Long: ";
        let pad = "x".repeat(len - start.len() - 4);
        format!("{start}{pad}\r\n\r\n").into_bytes()
    };
    check(
        Elf::Vanillin,
        limits::REQUEST_HEAD_MAX,
        make,
        HELLO,
        Expect::close(&[431]),
    );
}

#[test]
fn head_of_many_short_fields() {
    let make = |len: usize| {
        let start = "GET /plaintext HTTP/1.1\r\nHost: a\r\n";
        let rest = len - start.len() - 2;
        let fields = "A:\r\n".repeat(rest / 4 - 1);
        let last = "B".repeat(1 + rest % 4);
        format!("{start}{fields}{last}:\r\n\r\n").into_bytes()
    };
    check(
        Elf::Vanillin,
        limits::REQUEST_HEAD_MAX,
        make,
        HELLO,
        Expect::close(&[431]),
    );
}

#[test]
fn head_with_the_longest_target() {
    let make = |len: usize| {
        let pad = "x".repeat(limits::TARGET_MAX - "/plaintext?".len());
        let start = format!("GET /plaintext?{pad} HTTP/1.1\r\nHost: a\r\nX-Long: ");
        let pad = "y".repeat(len - start.len() - 4);
        format!("{start}{pad}\r\n\r\n").into_bytes()
    };
    check(
        Elf::Vanillin,
        limits::REQUEST_HEAD_MAX,
        make,
        HELLO,
        Expect::close(&[431]),
    );
}

fn content(len: usize) -> Vec<u8> {
    (0..len).map(|at| b'a' + (at % 26) as u8).collect()
}

fn with_length(target: &str, len: usize) -> Vec<u8> {
    let head = format!("POST {target} HTTP/1.1\r\nHost: a\r\nContent-Length: {len}\r\n\r\n");
    [head.into_bytes(), content(len)].concat()
}

fn with_chunks(target: &str, len: usize, chunk: usize) -> Vec<u8> {
    let head = format!("POST {target} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    let mut request = head.into_bytes();
    for part in content(len).chunks(chunk) {
        request.extend_from_slice(format!("{:x}\r\n", part.len()).as_bytes());
        request.extend_from_slice(part);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"0\r\n\r\n");
    request
}

/// Content that the handler sees, by length and in chunks of several sizes.
#[test]
fn content_that_is_wanted() {
    let refused = Expect::close(&[413]);
    check(
        Elf::Echo,
        limits::CONTENT_MAX,
        |len| with_length("/", len),
        SERVED,
        refused,
    );
    for chunk in [7, 1000, limits::CONTENT_MAX * 2] {
        let make = |len| with_chunks("/", len, chunk);
        check(Elf::Echo, limits::CONTENT_MAX, make, SERVED, refused);
    }
}

/// What comes back of content at the bound is what was sent, octet by octet, beside a head at its bound.
#[test]
fn content_at_the_bound_comes_back_whole() {
    let server = Server::echo(&[]);
    let mut wire = server.connect();
    let len = limits::CONTENT_MAX;
    let start = format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {len}\r\nX-Long: ");
    let pad = "x".repeat(limits::REQUEST_HEAD_MAX - start.len() - 4);
    let largest = [format!("{start}{pad}\r\n\r\n").into_bytes(), content(len)].concat();
    let requests = [
        with_length("/", len),
        with_chunks("/", len, 1),
        with_chunks("/", len, 140),
        with_chunks("/", len, len),
        largest,
    ];
    for request in requests {
        let reply = wire.ask(&request);
        assert_eq!(reply.status, 200);
        assert!(
            reply.content == content(len),
            "{} octets came",
            reply.content.len()
        );
    }
    server.stop();
}

/// Content that nobody wants is skipped up to a bound, so that the request behind it is answered.
#[test]
fn content_that_is_discarded() {
    let bound = usize::try_from(limits::CONTENT_DISCARD_MAX).expect("64-bit");
    let server = Server::start(&["-w", "1"]);
    for (len, within) in around(bound) {
        for request in [
            with_length("/plaintext", len),
            with_chunks("/plaintext", len, 3000),
            with_chunks("/plaintext", len, len),
        ] {
            let mut wire = server.connect();
            let reply = wire.ask(&request);
            assert_eq!(reply.status, if within { 405 } else { 413 }, "{len}");
            assert_eq!(reply.closes(), !within, "{len}");
            if within {
                assert_eq!(wire.ask(&get("/health")).content, b"ok\n");
            } else {
                assert!(wire.ends(), "{len}");
            }
        }
    }
    server.stop();
}

/// Bodies that are copied behind their head and bodies that are not, alone and one behind the other.
#[test]
fn body_that_is_copied() {
    let targets = around(limits::BODY_COPY_MAX).map(|(len, _)| format!("/{len}"));
    let server = Server::testbed(&["-w", "1"]);
    let mut wire = server.connect();
    let whole = wire.ask(&get("/10k")).content;
    let requests: Vec<Vec<u8>> = targets.iter().map(|target| get(target)).collect();
    wire.send(&requests.concat().repeat(20));
    for _ in 0..20 {
        for (len, _) in around(limits::BODY_COPY_MAX) {
            assert!(wire.reply().content == whole[..len], "{len} octets");
        }
    }
    server.stop();
}

/// Parts that are sent without a copy and parts that are not, to a client that does not take them at once.
#[test]
fn body_that_is_sent_without_a_copy() {
    let server = Server::testbed(&["-w", "1"]);
    let whole = server.connect().ask(&get("/4m")).content;
    for (len, _) in around(limits::ZEROCOPY_MIN) {
        let mut wire = Wire::connect_narrow(server.address);
        let range = format!("Range: bytes=8-{}\r\n", len + 7);
        wire.send(&wire::request("GET", "/4m", &range).repeat(3));
        for _ in 0..3 {
            let reply = wire.reply();
            assert_eq!(reply.status, 206);
            assert!(reply.content == whole[8..len + 8], "{len} octets");
        }
    }
    server.stop();
}

fn chunked(body: &[u8]) -> Vec<u8> {
    let head: &[u8] = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    [head, body].concat()
}

#[test]
fn digits_of_a_chunk_size() {
    let make = |digits: usize| {
        let zeros = "0".repeat(digits - 1);
        chunked(format!("{zeros}5\r\nhello\r\n0\r\n\r\n").as_bytes())
    };
    let bound = limits::CHUNK_SIZE_DIGITS_MAX as usize;
    check(
        Elf::Echo,
        bound,
        make,
        SERVED.content(b"hello"),
        Expect::close(&[400]),
    );
}

/// All extensions of a request count together: many chunks with a short one each are no way around the bound.
#[test]
fn extensions() {
    let bound = limits::CHUNK_EXTENSIONS_MAX;
    let refused = Expect::close(&[400]);
    let hello = SERVED.content(b"hello");
    let one = |len: usize| {
        let extension = format!(";a={}", "x".repeat(len - 3));
        chunked(format!("5{extension}\r\nhello\r\n0\r\n\r\n").as_bytes())
    };
    check(Elf::Echo, bound, one, hello, refused);
    let last = |len: usize| {
        let extension = format!(";a=\"{}\"", "x".repeat(len - 5));
        chunked(format!("5\r\nhello\r\n0{extension}\r\n\r\n").as_bytes())
    };
    check(Elf::Echo, bound, last, hello, refused);
    let many = |len: usize| {
        let chunks = "1;a\r\nx\r\n".repeat(len / 2 - 1);
        let rest = format!("1;{}\r\nx\r\n0\r\n\r\n", "a".repeat(1 + len % 2));
        chunked(format!("{chunks}{rest}").as_bytes())
    };
    check(Elf::Echo, bound, many, SERVED, refused);
}

#[test]
fn trailers() {
    let bound = limits::TRAILERS_MAX;
    let refused = Expect::close(&[431]);
    let hello = SERVED.content(b"hello");
    let one = |len: usize| {
        let pad = "x".repeat(len - 5);
        chunked(format!("5\r\nhello\r\n0\r\nA: {pad}\r\n\r\n").as_bytes())
    };
    check(Elf::Echo, bound, one, hello, refused);
    let many = |len: usize| {
        let lines = "A:\r\n".repeat(len / 4 - 1);
        let last = "B".repeat(1 + len % 4);
        chunked(format!("5\r\nhello\r\n0\r\n{lines}{last}:\r\n\r\n").as_bytes())
    };
    check(Elf::Echo, bound, many, hello, refused);
}

/// What never ends is cut off at its bound, with the status of its kind, however it is split.
#[test]
fn endless_parts_are_cut_off() {
    let server = Server::start(&["-w", "1"]);
    for (name, start, more, statuses) in ENDLESS {
        let mut wire = server.connect();
        wire.send(start);
        let piece = more.repeat(2000 / more.len());
        for _ in 0..limits::DESK_LEN / 1000 {
            wire.send(&piece);
        }
        let reply = wire
            .try_reply(false)
            .unwrap_or_else(|why| panic!("{name}: {why}"));
        assert!(statuses.contains(&reply.status), "{name}: {}", reply.head);
        assert!(reply.closes() && wire.ends(), "{name}");
    }
    server.stop();
}
