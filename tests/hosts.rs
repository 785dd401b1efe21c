//! `Host`, RFC 9112 section 3.2 and RFC 9110 section 7.2: exactly one, and valid.
//!
//! Invariant: the value of a valid Host never changes what is served.

use crate::support::server::Elf;
use crate::support::table::{self, BAD, Case, Expect, case};

const HELLO: Expect = Expect::keep(&[200]).content(b"Hello, World!");
const HELLO_LAST: Expect = Expect::close(&[200]).content(b"Hello, World!");

const LINES: &[Case] = &[
    case("none", b"GET /plaintext HTTP/1.1\r\n\r\n", BAD),
    case(
        "none in HTTP/1.0",
        b"GET /plaintext HTTP/1.0\r\n\r\n",
        HELLO_LAST,
    ),
    case(
        "two",
        b"GET /plaintext HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        BAD,
    ),
    case(
        "two that are equal",
        b"GET /plaintext HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "two with others between",
        b"GET /plaintext HTTP/1.1\r\nHost: a\r\nX: y\r\nAccept: */*\r\nhost: a\r\n\r\n",
        BAD,
    ),
    case(
        "two in HTTP/1.0",
        b"GET /plaintext HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n",
        BAD,
    ),
    case(
        "an invalid one in HTTP/1.0",
        b"GET /plaintext HTTP/1.0\r\nHost: a b\r\n\r\n",
        BAD,
    ),
    case(
        "two with an absolute target",
        b"GET http://a/plaintext HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "one in lower case",
        b"GET /plaintext HTTP/1.1\r\nhost: a\r\n\r\n",
        HELLO,
    ),
    case(
        "one in upper case",
        b"GET /plaintext HTTP/1.1\r\nHOST: a\r\n\r\n",
        HELLO,
    ),
    case(
        "the last of several fields",
        b"GET /plaintext HTTP/1.1\r\nAccept: */*\r\nX-A: b\r\nHost: a\r\n\r\n",
        HELLO,
    ),
    case(
        "a name that begins like it",
        b"GET /plaintext HTTP/1.1\r\nHosts: a\r\n\r\n",
        BAD,
    ),
    case(
        "a name that ends like it",
        b"GET /plaintext HTTP/1.1\r\nX-Host: a\r\n\r\n",
        BAD,
    ),
    case(
        "a name that is close beside it",
        b"GET /plaintext HTTP/1.1\r\nHosT: a\r\nX-Host: b\r\nHosts: c\r\n\r\n",
        HELLO,
    ),
    case(
        "no space behind the colon",
        b"GET /plaintext HTTP/1.1\r\nHost:a\r\n\r\n",
        HELLO,
    ),
    case(
        "white space around the value",
        b"GET /plaintext HTTP/1.1\r\nHost: \t a\t \t\r\n\r\n",
        HELLO,
    ),
    case(
        "a space before the colon",
        b"GET /plaintext HTTP/1.1\r\nHost : a\r\n\r\n",
        BAD,
    ),
    case(
        "a space before the name",
        b"GET /plaintext HTTP/1.1\r\n Host: a\r\n\r\n",
        BAD,
    ),
    case(
        "continued on the next line",
        b"GET /plaintext HTTP/1.1\r\nHost:\r\n a\r\n\r\n",
        BAD,
    ),
    case("empty", b"GET /plaintext HTTP/1.1\r\nHost:\r\n\r\n", BAD),
    case(
        "only white space",
        b"GET /plaintext HTTP/1.1\r\nHost: \t \r\n\r\n",
        BAD,
    ),
];

/// Values of `Host = uri-host [ ":" port ]`.
const VALUES: &[(&str, Expect)] = &[
    ("example.com", HELLO),
    ("EXAMPLE.com", HELLO),
    ("example.com.", HELLO),
    ("example.com:80", HELLO),
    ("example.com:65535", HELLO),
    ("example.com:", HELLO),
    ("example.com:0", HELLO),
    ("127.0.0.1", HELLO),
    ("127.0.0.1:3000", HELLO),
    ("999.999.999.999", HELLO),
    ("xn--bcher-kva.example", HELLO),
    ("a_b", HELLO),
    ("a-b", HELLO),
    ("a~b!c$d&e'f(g)h*i+j,k;l=m", HELLO),
    ("%41", HELLO),
    ("a%2Fb", HELLO),
    ("[::1]", HELLO),
    ("[::1]:80", HELLO),
    ("[::1]:", HELLO),
    ("[2001:db8::1]", HELLO),
    ("[2001:DB8:0:0:8:800:200C:417A]:8080", HELLO),
    ("[::ffff:192.0.2.1]", HELLO),
    ("[::]", HELLO),
    ("[v1.a]", BAD),
    ("example.com:99999", BAD),
    (":80", BAD),
    ("[]", BAD),
    ("[::1", BAD),
    ("::1", BAD),
    ("::1]", BAD),
    ("[::1]x", BAD),
    ("[::1]80", BAD),
    ("[::1]:80x", BAD),
    ("[::1]:80:80", BAD),
    ("x[::1]", BAD),
    ("[zz]", BAD),
    ("[::1]]", BAD),
    ("[[::1]]", BAD),
    ("[::1%25eth0]", BAD),
    ("a:b", BAD),
    ("a:80x", BAD),
    ("a:-1", BAD),
    ("a:+1", BAD),
    ("a:80:80", BAD),
    ("a:80,b", BAD),
    ("a b", BAD),
    ("a, b", BAD),
    ("a\tb", BAD),
    ("a:80 b", BAD),
    ("a/b", BAD),
    ("a/", BAD),
    ("/", BAD),
    ("a?b", BAD),
    ("a#b", BAD),
    ("user@a", BAD),
    ("user:word@a", BAD),
    ("@", BAD),
    ("http://a", BAD),
    ("a\\b", BAD),
    ("a\"b", BAD),
    ("\"a\"", BAD),
    ("<a>", BAD),
    ("{a}", BAD),
    ("a|b", BAD),
    ("a^b", BAD),
    ("a`b", BAD),
    ("%", BAD),
    ("%4", BAD),
    ("%4g", BAD),
    ("a%", BAD),
    ("b\u{fc}cher", BAD),
];

#[test]
fn lines() {
    table::check_all(Elf::Vanillin, LINES);
}

#[test]
fn values() {
    let requests: Vec<Vec<u8>> = VALUES
        .iter()
        .map(|(value, _)| format!("GET /plaintext HTTP/1.1\r\nHost: {value}\r\n\r\n").into_bytes())
        .collect();
    let cases: Vec<Case> = VALUES
        .iter()
        .zip(&requests)
        .map(|((value, expect), request)| case(value, request, *expect))
        .collect();
    table::check_all(Elf::Vanillin, &cases);
}

/// RFC 3986 section 3.2.2: `reg-name = *( unreserved / pct-encoded / sub-delims )`.
#[test]
fn every_octet_in_the_value() {
    let requests: Vec<(String, Vec<u8>, Expect)> = (0..=255)
        .map(|octet: u8| {
            let mut request = b"GET /plaintext HTTP/1.1\r\nHost: a?b\r\n\r\n".to_vec();
            request[32] = octet;
            let good = octet.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&octet);
            let expect = if good { HELLO } else { BAD };
            (format!("octet {octet:#04x} in Host"), request, expect)
        })
        .collect();
    let cases: Vec<Case> = requests
        .iter()
        .map(|(name, request, expect)| case(name, request, *expect))
        .collect();
    table::check_all_whole(Elf::Vanillin, &cases);
}
