//! The chunked coding, RFC 9112 section 7.1: sizes, extensions, terminators, trailers.
//!
//! Invariant: what does not match the grammar is 400 and a close, where it stands, and no octet of it is content.

use crate::support::server::Elf;
use crate::support::table::{self, BAD, Case, Expect, case};

const HELLO: Expect = Expect::keep(&[200]).content(b"hello");
const EMPTY: Expect = Expect::keep(&[200]).content(b"");
/// A size that is well-formed but beyond every bound.
const LARGE: Expect = Expect::close(&[413]);

/// Bodies, and what `echo` makes of them.
const BODIES: &[(&str, &[u8], Expect)] = &[
    ("one chunk", b"5\r\nhello\r\n0\r\n\r\n", HELLO),
    ("two chunks", b"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", HELLO),
    (
        "a chunk for every octet",
        b"1\r\nh\r\n1\r\ne\r\n1\r\nl\r\n1\r\nl\r\n1\r\no\r\n0\r\n\r\n",
        HELLO,
    ),
    ("no chunks", b"0\r\n\r\n", EMPTY),
    ("several zeros", b"5\r\nhello\r\n000\r\n\r\n", HELLO),
    ("leading zeros", b"0005\r\nhello\r\n0\r\n\r\n", HELLO),
    (
        "lower case",
        b"a\r\n0123456789\r\n0\r\n\r\n",
        Expect::keep(&[200]).content(b"0123456789"),
    ),
    (
        "upper case",
        b"A\r\n0123456789\r\n0\r\n\r\n",
        Expect::keep(&[200]).content(b"0123456789"),
    ),
    (
        "two digits",
        b"1A\r\n01234567890123456789abcdef\r\n0\r\n\r\n",
        Expect::keep(&[200]).content(b"01234567890123456789abcdef"),
    ),
    (
        "data that looks like chunks",
        b"c\r\n0\r\n\r\n5\r\nhell\r\n0\r\n\r\n",
        Expect::keep(&[200]).content(b"0\r\n\r\n5\r\nhell"),
    ),
    ("an empty size", b"\r\nhello\r\n0\r\n\r\n", BAD),
    (
        "no size but an extension",
        b";a=b\r\nhello\r\n0\r\n\r\n",
        BAD,
    ),
    ("a space before the size", b" 5\r\nhello\r\n0\r\n\r\n", BAD),
    ("a space behind the size", b"5 \r\nhello\r\n0\r\n\r\n", BAD),
    ("a tab behind the size", b"5\t\r\nhello\r\n0\r\n\r\n", BAD),
    ("a plus", b"+5\r\nhello\r\n0\r\n\r\n", BAD),
    ("a minus", b"-5\r\nhello\r\n0\r\n\r\n", BAD),
    ("minus zero", b"-0\r\n\r\n", BAD),
    ("a prefix", b"0x5\r\nhello\r\n0\r\n\r\n", BAD),
    (
        "a prefix in the last chunk",
        b"5\r\nhello\r\n0x0\r\n\r\n",
        BAD,
    ),
    ("a letter that is no digit", b"g\r\nhello\r\n0\r\n\r\n", BAD),
    (
        "a digit and a letter that is none",
        b"5g\r\nhello\r\n0\r\n\r\n",
        BAD,
    ),
    ("an underscore", b"0_5\r\nhello\r\n0\r\n\r\n", BAD),
    ("a comma", b"5,5\r\nhello\r\n0\r\n\r\n", BAD),
    ("a point", b"5.0\r\nhello\r\n0\r\n\r\n", BAD),
    ("a quote", b"\"5\"\r\nhello\r\n0\r\n\r\n", BAD),
    ("a NUL", b"5\0\r\nhello\r\n0\r\n\r\n", BAD),
    ("a bare LF behind the size", b"5\nhello\r\n0\r\n\r\n", BAD),
    ("a bare CR behind the size", b"5\rhello\r\n0\r\n\r\n", BAD),
    (
        "CR CR LF behind the size",
        b"5\r\r\nhello\r\n0\r\n\r\n",
        BAD,
    ),
    (
        "CR and something else behind the size",
        b"5\rX\nhello\r\n0\r\n\r\n",
        BAD,
    ),
    ("a bare LF behind the data", b"5\r\nhello\n0\r\n\r\n", BAD),
    ("a bare CR behind the data", b"5\r\nhello\r0\r\n\r\n", BAD),
    ("nothing behind the data", b"5\r\nhello0\r\n\r\n", BAD),
    ("data longer than its size", b"4\r\nhello\r\n0\r\n\r\n", BAD),
    (
        "data shorter than its size",
        b"6\r\nhello\r\n0\r\n\r\n",
        BAD,
    ),
    (
        "two octets of anything behind the data",
        b"5\r\nhelloXX0\r\n\r\n",
        BAD,
    ),
    (
        "a bare LF behind the last size",
        b"5\r\nhello\r\n0\n\r\n",
        BAD,
    ),
    ("a bare LF at the end", b"5\r\nhello\r\n0\r\n\n", BAD),
    (
        "CR and something else at the end",
        b"5\r\nhello\r\n0\r\n\rX",
        BAD,
    ),
    (
        "a size of 15 digits",
        b"00000000000000A\r\n0123456789\r\n0\r\n\r\n",
        Expect::keep(&[200]).content(b"0123456789"),
    ),
    (
        "a size of 16 digits",
        b"000000000000000A\r\n0123456789\r\n0\r\n\r\n",
        BAD,
    ),
    (
        "a size of 2^32 and 5",
        b"100000005\r\nhello\r\n0\r\n\r\n",
        LARGE,
    ),
    (
        "a size of 2^64 and 5",
        b"10000000000000005\r\nhello\r\n0\r\n\r\n",
        BAD,
    ),
    (
        "a size of 2^63",
        b"8000000000000000\r\nhello\r\n0\r\n\r\n",
        BAD,
    ),
    (
        "a size of 2^64 - 1",
        b"ffffffffffffffff\r\nhello\r\n0\r\n\r\n",
        BAD,
    ),
    (
        "a size of 2^60 - 1",
        b"fffffffffffffff\r\nhello\r\n0\r\n\r\n",
        LARGE,
    ),
    (
        "sizes that add up beyond 2^64",
        b"5\r\nhello\r\nfffffffffffffff\r\nhello\r\n0\r\n\r\n",
        LARGE,
    ),
];

/// Extensions of the first chunk: `*( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )`.
const EXTENSIONS: &[(&[u8], Expect)] = &[
    (b";a", HELLO),
    (b";a=b", HELLO),
    (b";a=b;c=d;e", HELLO),
    (b";a=\"b\"", HELLO),
    (b";a=\"\"", HELLO),
    (b";a=\"b c\td\"", HELLO),
    (b";a=\"b;c=d\"", HELLO),
    (b";a=\"b\\\"c\"", HELLO),
    (b";a=\"b\\\\\"", HELLO),
    (b";a=\"\\\\\";b=\"\\\"\"", HELLO),
    (b";a=\"\xc3\xa9\"", HELLO),
    (b";!#$%&'*+-.^_`|~=~", HELLO),
    (b";5=5", HELLO),
    (b" ;a=b", HELLO),
    (b"; a=b", HELLO),
    (b";a =b", HELLO),
    (b";a= b", HELLO),
    (b"\t;\ta\t=\tb", HELLO),
    (b";", BAD),
    (b";;", BAD),
    (b";a;", BAD),
    (b";=b", BAD),
    (b";a=", BAD),
    (b";a==b", BAD),
    (b";a=b=c", BAD),
    (b";a=b c", BAD),
    (b";a b", BAD),
    (b";a=b ", BAD),
    (b";a ", BAD),
    (b"a=b", BAD),
    (b" a=b", BAD),
    (b",a=b", BAD),
    (b";a=b,c", BAD),
    (b";a=\"b", BAD),
    (b";a=b\"", BAD),
    (b";a=\"b\"c", BAD),
    (b";a=\"b\\", BAD),
    (b";a=\"b\\\"", BAD),
    (b";\"a\"=b", BAD),
    (b";a=(b)", BAD),
    (b";a=b/c", BAD),
    (b";\xc3\xa9", BAD),
    (b";a=\xc3\xa9", BAD),
    (b";a=\0", BAD),
    (b";a=\"\0\"", BAD),
    (b";a=\"\x7f\"", BAD),
    (b";a=\"\\\0\"", BAD),
    (b";a=\x0bb", BAD),
    (b";a\n", BAD),
    (b";a\nb", BAD),
    (b";a=\"\n\"", BAD),
    (b";a=\"\\\n\"", BAD),
    (b";a\rb", BAD),
    (b";a=\"\r\"", BAD),
    (b";a=\"\r\n\"", BAD),
    (b";\r", BAD),
    (b"\r", BAD),
];

/// Trailer sections. They are checked and dropped: none of them changes anything.
const TRAILERS: &[(&[u8], Expect)] = &[
    (b"A: b\r\n", HELLO),
    (b"A:b\r\n", HELLO),
    (b"A:\r\n", HELLO),
    (b"A: b\r\nC: d\r\nE: f\r\n", HELLO),
    (b"A: b \t c\xff\t\r\n", HELLO),
    (b"Host: other\r\n", HELLO),
    (b"Connection: close\r\n", HELLO),
    (b"Content-Length: 7\r\n", HELLO),
    (b"Transfer-Encoding: chunked\r\n", HELLO),
    (b"A : b\r\n", BAD),
    (b" A: b\r\n", BAD),
    (b"\tA: b\r\n", BAD),
    (b"A: b\r\n c\r\n", BAD),
    (b"A b\r\n", BAD),
    (b"A\r\n", BAD),
    (b": b\r\n", BAD),
    (b"A B: c\r\n", BAD),
    (b"A: b\n", BAD),
    (b"A: b\nC: d\r\n", BAD),
    (b"A: b\rC: d\r\n", BAD),
    (b"A: b\r\r\n", BAD),
    (b"A: \0\r\n", BAD),
    (b"A: \x7f\r\n", BAD),
    (b"A\xc3\xa9: b\r\n", BAD),
    (b"GET / HTTP/1.1\r\n", BAD),
    (b"5\r\nhello\r\n", BAD),
    (b"0\r\n", BAD),
];

/// Sends every body to `echo`, and to a resource that discards it.
fn check(bodies: &[(String, Vec<u8>, Expect<'_>)]) {
    for (elf, target) in [(Elf::Echo, "/"), (Elf::Vanillin, "/plaintext")] {
        let head =
            format!("POST {target} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
        let requests: Vec<Vec<u8>> = bodies
            .iter()
            .map(|(_, body, _)| [head.as_bytes(), body].concat())
            .collect();
        let cases: Vec<Case> = bodies
            .iter()
            .zip(&requests)
            .map(|((name, _, expect), request)| case(name, request, judged_by(elf, *expect)))
            .collect();
        table::check_all(elf, &cases);
    }
}

/// The expectation for `echo`, or what the built-in site makes of the same content.
fn judged_by(elf: Elf, expect: Expect<'_>) -> Expect<'_> {
    match elf {
        Elf::Vanillin if expect.accepts(200) => Expect::keep(&[405]),
        _ => expect,
    }
}

#[test]
fn bodies() {
    let bodies: Vec<_> = BODIES
        .iter()
        .map(|(name, body, expect)| ((*name).to_owned(), body.to_vec(), *expect))
        .collect();
    check(&bodies);
}

#[test]
fn extensions() {
    let bodies: Vec<_> = EXTENSIONS
        .iter()
        .map(|(extension, expect)| {
            let body = [b"5", *extension, b"\r\nhello\r\n0\r\n\r\n"].concat();
            (extension.escape_ascii().to_string(), body, *expect)
        })
        .collect();
    check(&bodies);
}

/// The last chunk may have extensions as well.
#[test]
fn extensions_of_the_last_chunk() {
    let bodies: Vec<_> = EXTENSIONS
        .iter()
        .map(|(extension, expect)| {
            let body = [b"5\r\nhello\r\n0", *extension, b"\r\n\r\n"].concat();
            (extension.escape_ascii().to_string(), body, *expect)
        })
        .collect();
    check(&bodies);
}

#[test]
fn trailers() {
    let bodies: Vec<_> = TRAILERS
        .iter()
        .map(|(trailers, expect)| {
            let body = [b"5\r\nhello\r\n0\r\n", *trailers, b"\r\n"].concat();
            (trailers.escape_ascii().to_string(), body, *expect)
        })
        .collect();
    check(&bodies);
}

/// Each octet of a small body replaced by every other one: only what the grammar allows is accepted.
#[test]
fn every_octet_in_a_size_line() {
    let head: &[u8] = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    let requests: Vec<(String, Vec<u8>, Expect)> = (0..=255)
        .map(|octet: u8| {
            let body = [b"5", &[octet] as &[u8], b"\r\nhello\r\n0\r\n\r\n"].concat();
            // Another digit makes the size 50 to 5f, and what follows is no chunk of that size.
            (format!("octet {octet:#04x}"), [head, &body].concat(), BAD)
        })
        .filter(|(_, request, _)| !request[head.len() + 1].is_ascii_hexdigit())
        .collect();
    let cases: Vec<Case> = requests
        .iter()
        .map(|(name, request, expect)| case(name, request, *expect))
        .collect();
    table::check_all_whole(Elf::Echo, &cases);
}
