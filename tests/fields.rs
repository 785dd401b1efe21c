//! The field section, RFC 9112 section 5 and RFC 9110 section 5: names, values, line ends.
//!
//! Invariant: a section that is not of the grammar is answered 400 as a whole; no line of it is skipped or repaired.

use crate::support::reply::is_token;
use crate::support::server::Elf;
use crate::support::table::{self, BAD, Case, Expect, case};

const HELLO: Expect = Expect::keep(&[200]).content(b"Hello, World!");

/// Field lines between Host and the end of the section.
const LINES: &[(&str, &[u8], Expect)] = &[
    ("none", b"", HELLO),
    ("an unknown field", b"X-A: b\r\n", HELLO),
    ("a value without white space", b"X-A:b\r\n", HELLO),
    ("an empty value", b"X-A:\r\n", HELLO),
    ("a value of white space", b"X-A: \t \r\n", HELLO),
    ("a value with colons", b"X-A: b:c: d\r\n", HELLO),
    ("white space inside the value", b"X-A: b \t c\r\n", HELLO),
    ("white space behind the value", b"X-A: b \t\r\n", HELLO),
    (
        "a value outside ASCII",
        b"X-A: b\xc3\xa9\xff\x80\r\n",
        HELLO,
    ),
    ("the same field twice", b"X-A: b\r\nX-A: c\r\n", HELLO),
    ("a name of one octet", b"X: b\r\n", HELLO),
    (
        "a name of every kind of octet",
        b"!#$%&'*+-.^_`|~09azAZ: b\r\n",
        HELLO,
    ),
    ("an underscore", b"Content_Length: 5\r\n", HELLO),
    ("a name of digits", b"123: b\r\n", HELLO),
    ("a bare LF", b"X-A: b\nX-C: d\r\n", BAD),
    ("a bare LF behind an empty value", b"X-A:\nX-C: d\r\n", BAD),
    ("a bare CR in a value", b"X-A: b\rc\r\n", BAD),
    ("a bare CR that ends a line", b"X-A: b\rX-C: d\r\n", BAD),
    ("CR CR LF", b"X-A: b\r\r\n", BAD),
    ("LF CR", b"X-A: b\n\rX-C: d\r\n", BAD),
    ("CR LF LF", b"X-A: b\r\n\nX-C: d\r\n", BAD),
    ("a NUL in a value", b"X-A: b\0c\r\n", BAD),
    ("a NUL in a name", b"X\0A: b\r\n", BAD),
    ("a DEL in a value", b"X-A: b\x7fc\r\n", BAD),
    ("a bell in a value", b"X-A: b\x07c\r\n", BAD),
    ("an escape in a value", b"X-A: b\x1b[0m\r\n", BAD),
    ("a vertical tab in a value", b"X-A: b\x0bc\r\n", BAD),
    ("a form feed in a value", b"X-A: b\x0cc\r\n", BAD),
    ("a name outside ASCII", b"X-\xc3\xa9: b\r\n", BAD),
    ("a line continued by a space", b"X-A: b\r\n c\r\n", BAD),
    ("a line continued by a tab", b"X-A: b\r\n\tc\r\n", BAD),
    (
        "a continued line that looks like a field",
        b"X-A: b\r\n X-C: d\r\n",
        BAD,
    ),
    ("a line of a space", b"X-A: b\r\n \r\n", BAD),
    ("a line of a tab", b"X-A: b\r\n\t\r\n", BAD),
    ("a space before the colon", b"X-A : b\r\n", BAD),
    ("a tab before the colon", b"X-A\t: b\r\n", BAD),
    ("a space inside the name", b"X A: b\r\n", BAD),
    ("an empty name", b": b\r\n", BAD),
    ("an empty name and value", b":\r\n", BAD),
    ("no colon", b"X-A\r\n", BAD),
    ("no colon but a value", b"X-A b\r\n", BAD),
    ("no colon in the last of two", b"X-A: b\r\nX-C\r\n", BAD),
    ("a name in quotes", b"\"X-A\": b\r\n", BAD),
    ("a name in parentheses", b"(X-A): b\r\n", BAD),
    ("a name in brackets", b"[X-A]: b\r\n", BAD),
    ("a slash in the name", b"X/A: b\r\n", BAD),
    ("a comma in the name", b"X,A: b\r\n", BAD),
    (
        "a request line as a field",
        b"GET /plaintext HTTP/1.1\r\n",
        BAD,
    ),
];

/// Requests whose first field line follows the request line in an unusual way.
const STARTS: &[Case] = &[
    case(
        "a space before the first field",
        b"GET /plaintext HTTP/1.1\r\n X-A: b\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "a tab before the first field",
        b"GET /plaintext HTTP/1.1\r\n\tX-A: b\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "a line of a space before the first field",
        b"GET /plaintext HTTP/1.1\r\n \r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "no fields, and the next request behind",
        b"GET /plaintext HTTP/1.1\r\n\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "the section ended by LF CRLF",
        b"GET /plaintext HTTP/1.1\r\nHost: a\r\n\n\r\n",
        BAD,
    ),
    case(
        "the section ended by two LFs",
        b"GET /plaintext HTTP/1.1\r\nHost: a\n\n",
        BAD,
    ),
    case(
        "the section ended by a bare LF",
        b"GET /plaintext HTTP/1.1\r\nHost: a\r\n\n",
        BAD,
    ),
    case(
        "the section ended by CR and something else",
        b"GET /plaintext HTTP/1.1\r\nHost: a\r\n\rX",
        BAD,
    ),
    case(
        "the section ended by CR CR LF",
        b"GET /plaintext HTTP/1.1\r\nHost: a\r\n\r\r\n",
        BAD,
    ),
];

#[test]
fn lines() {
    let requests: Vec<Vec<u8>> = LINES
        .iter()
        .map(|(_, lines, _)| {
            let head: &[u8] = b"GET /plaintext HTTP/1.1\r\nHost: a\r\n";
            [head, lines, b"\r\n"].concat()
        })
        .collect();
    let cases: Vec<Case> = LINES
        .iter()
        .zip(&requests)
        .map(|((name, _, expect), request)| case(name, request, *expect))
        .collect();
    table::check_all(Elf::Vanillin, &cases);
}

#[test]
fn starts_and_ends() {
    table::check_all(Elf::Vanillin, STARTS);
}

fn sweep(at: usize, good: fn(u8) -> bool) {
    let requests: Vec<(String, Vec<u8>, Expect)> = (0..=255)
        .map(|octet: u8| {
            let mut request = b"GET /plaintext HTTP/1.1\r\nHost: a\r\nabc: def\r\n\r\n".to_vec();
            request[at] = octet;
            let expect = if good(octet) { HELLO } else { BAD };
            (format!("octet {octet:#04x} at {at}"), request, expect)
        })
        .collect();
    let cases: Vec<Case> = requests
        .iter()
        .map(|(name, request, expect)| case(name, request, *expect))
        .collect();
    table::check_all_whole(Elf::Vanillin, &cases);
}

/// RFC 9110 section 5.1: `field-name = token`. A colon inside ends the name early, which is another field.
#[test]
fn every_octet_in_a_name() {
    sweep(35, |octet| is_token(octet) || octet == b':');
}

/// A name that begins with a colon is empty.
#[test]
fn every_octet_at_the_start_of_a_name() {
    sweep(34, is_token);
}

/// RFC 9110 section 5.5: `field-vchar = VCHAR / obs-text`, with SP and HTAB between them.
#[test]
fn every_octet_in_a_value() {
    sweep(40, |octet| {
        octet == b'\t' || (octet >= b' ' && octet != 0x7f)
    });
}

/// The colon may be followed by anything that a value may hold, white space included.
#[test]
fn every_octet_behind_the_colon() {
    sweep(38, |octet| {
        octet == b'\t' || (octet >= b' ' && octet != 0x7f)
    });
}
