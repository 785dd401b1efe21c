//! The request line: `method SP request-target SP HTTP-version CRLF`, RFC 9112 section 3, and nothing looser.
//!
//! Invariant: a line that is not of this form is answered 400 (505 for another major version) and the connection ends.

use crate::support::reply::is_token;
use crate::support::server::Elf;
use crate::support::table::{self, BAD, Case, Expect, case};

const HELLO: Expect = Expect::keep(&[200]).content(b"Hello, World!");
const HELLO_LAST: Expect = Expect::close(&[200]).content(b"Hello, World!");
const VERSION: Expect = Expect::close(&[505]);

const LINE: &[Case] = &[
    case(
        "the plain form",
        b"GET /plaintext HTTP/1.1\r\nHost: a\r\n\r\n",
        HELLO,
    ),
    case(
        "one empty line in front",
        b"\r\nGET /plaintext HTTP/1.1\r\nHost: a\r\n\r\n",
        HELLO,
    ),
    case(
        "two empty lines in front",
        b"\r\n\r\nGET /plaintext HTTP/1.1\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "a bare LF in front",
        b"\nGET /plaintext HTTP/1.1\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "a bare CR in front",
        b"\rGET /plaintext HTTP/1.1\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "a space in front",
        b" GET /plaintext HTTP/1.1\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "a space in the empty line in front",
        b" \r\nGET /plaintext HTTP/1.1\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "bare LF at the end",
        b"GET /plaintext HTTP/1.1\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "bare CR at the end",
        b"GET /plaintext HTTP/1.1\rHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "CR CR LF at the end",
        b"GET /plaintext HTTP/1.1\r\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "two spaces before the target",
        b"GET  /plaintext HTTP/1.1\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "two spaces before the version",
        b"GET /plaintext  HTTP/1.1\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "a space behind the version",
        b"GET /plaintext HTTP/1.1 \r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "a tab before the target",
        b"GET\t/plaintext HTTP/1.1\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "a tab before the version",
        b"GET /plaintext\tHTTP/1.1\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "a vertical tab before the version",
        b"GET /plaintext\x0bHTTP/1.1\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "a space inside the target",
        b"GET /plain text HTTP/1.1\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case("no target", b"GET HTTP/1.1\r\nHost: a\r\n\r\n", BAD),
    case("an empty target", b"GET  HTTP/1.1\r\nHost: a\r\n\r\n", BAD),
    case(
        "an empty method",
        b" /plaintext HTTP/1.1\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case("only a method", b"GET\r\nHost: a\r\n\r\n", BAD),
    case("a fourth word", b"GET / HTTP/1.1 x\r\nHost: a\r\n\r\n", BAD),
    case(
        "a NUL in the method",
        b"G\0T / HTTP/1.1\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "a TLS handshake",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        BAD,
    ),
    case("a response", b"HTTP/1.1 200 OK\r\nHost: a\r\n\r\n", BAD),
];

const VERSIONS: &[Case] = &[
    case(
        "a higher minor version is handled as 1.1",
        b"GET /plaintext HTTP/1.2\r\nHost: a\r\n\r\n",
        HELLO,
    ),
    case(
        "the highest minor version",
        b"GET /plaintext HTTP/1.9\r\nHost: a\r\n\r\n",
        HELLO,
    ),
    case(
        "a higher minor version wants a Host too",
        b"GET /plaintext HTTP/1.2\r\n\r\n",
        BAD,
    ),
    case(
        "HTTP/1.0 closes",
        b"GET /plaintext HTTP/1.0\r\n\r\n",
        HELLO_LAST,
    ),
    case(
        "HTTP/2.0",
        b"GET /plaintext HTTP/2.0\r\nHost: a\r\n\r\n",
        VERSION,
    ),
    case(
        "HTTP/3.0",
        b"GET /plaintext HTTP/3.0\r\nHost: a\r\n\r\n",
        VERSION,
    ),
    case(
        "HTTP/0.9 in words",
        b"GET /plaintext HTTP/0.9\r\nHost: a\r\n\r\n",
        VERSION,
    ),
    case(
        "HTTP/9.9",
        b"GET /plaintext HTTP/9.9\r\nHost: a\r\n\r\n",
        VERSION,
    ),
    case(
        "the preface of HTTP/2",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        BAD,
    ),
    case("HTTP/0.9", b"GET /plaintext\r\n\r\n", BAD),
    case(
        "HTTP/0.9 with a space",
        b"GET /plaintext \r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "two digits of minor version",
        b"GET /plaintext HTTP/1.10\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "two digits of major version",
        b"GET /plaintext HTTP/11.1\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "a leading zero",
        b"GET /plaintext HTTP/01.1\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "no minor version",
        b"GET /plaintext HTTP/1\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "an empty minor version",
        b"GET /plaintext HTTP/1.\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "a comma for the dot",
        b"GET /plaintext HTTP/1,1\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "a letter for a digit",
        b"GET /plaintext HTTP/1.x\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "a sign",
        b"GET /plaintext HTTP/1.-1\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "lower case",
        b"GET /plaintext http/1.1\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "mixed case",
        b"GET /plaintext HTtP/1.1\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "another protocol",
        b"GET /plaintext HTTPS/1.1\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "another protocol of four letters",
        b"GET /plaintext ICAP/1.0\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "a space inside the version",
        b"GET /plaintext HTTP/ 1.1\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "no slash",
        b"GET /plaintext HTTP1.1\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case("no name", b"GET /plaintext /1.1\r\nHost: a\r\n\r\n", BAD),
];

#[test]
fn line_has_one_form() {
    table::check_all(Elf::Vanillin, LINE);
}

#[test]
fn versions() {
    table::check_all(Elf::Vanillin, VERSIONS);
}

/// RFC 9110 section 9.1: `method = token`; a token that is no method is 501, anything else is malformed.
#[test]
fn every_octet_in_the_method() {
    let requests: Vec<(String, Vec<u8>, u8)> = (0..=255)
        .map(|octet: u8| {
            let mut request = b"G?T /plaintext HTTP/1.1\r\nHost: a\r\n\r\n".to_vec();
            request[1] = octet;
            (format!("octet {octet:#04x} in the method"), request, octet)
        })
        .collect();
    let cases: Vec<Case> = requests
        .iter()
        .map(|(name, request, octet)| {
            let expect = match octet {
                b'E' => HELLO,
                octet if is_token(*octet) => Expect::keep(&[501]),
                _ => BAD,
            };
            case(name, request, expect)
        })
        .collect();
    table::check_all_whole(Elf::Vanillin, &cases);
}

/// `HTTP-version = HTTP-name "/" DIGIT "." DIGIT`, each octet of it replaced by every other one.
#[test]
fn every_octet_in_the_version() {
    let line = b"GET /plaintext HTTP/1.1\r\nHost: a\r\n\r\n";
    let requests: Vec<(String, Vec<u8>, Expect)> = (15..23)
        .flat_map(|at| (0..=255).map(move |octet: u8| (at, octet)))
        .map(|(at, octet)| {
            let mut request = line.to_vec();
            request[at] = octet;
            let expect = match (at, octet) {
                _ if request == line => HELLO,
                (20, b'0'..=b'9') => VERSION,
                (22, b'0') => HELLO_LAST,
                (22, b'1'..=b'9') => HELLO,
                _ => BAD,
            };
            (format!("octet {octet:#04x} at {at}"), request, expect)
        })
        .collect();
    let cases: Vec<Case> = requests
        .iter()
        .map(|(name, request, expect)| case(name, request, *expect))
        .collect();
    table::check_all_whole(Elf::Vanillin, &cases);
}
