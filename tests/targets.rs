//! The request-target, RFC 9112 section 3.2: its four forms, its octets, and how it is looked up.
//!
//! Invariant: look-up is by RFC 3986 section 6.2.2 normal form, and no target leads out of the table.

use crate::support::reply::is_token;
use crate::support::server::Elf;
use crate::support::table::{self, BAD, Case, Expect, case};
use crate::support::wire;

const HELLO: Expect = Expect::keep(&[200]).content(b"Hello, World!");
const MISSING: Expect = Expect::keep(&[404]);
const OPTIONS: Expect = Expect::keep(&[204]).fields(&[("allow", "GET, HEAD, OPTIONS")]);

/// Targets of a GET and what they lead to.
const TARGETS: &[(&str, Expect)] = &[
    ("/plaintext", HELLO),
    ("/plaintext?", HELLO),
    ("/plaintext?a=b&c=/../?d", HELLO),
    ("/%70laintext", HELLO),
    ("/%70%6C%61%69%6e%74%65%78%74", HELLO),
    ("/./plaintext", HELLO),
    ("/a/../plaintext", HELLO),
    ("/a/b/../../plaintext", HELLO),
    ("/../plaintext", HELLO),
    ("/../../../../plaintext", HELLO),
    ("/a/./../plaintext", HELLO),
    ("/%2e/plaintext", HELLO),
    ("/%2e%2E/plaintext", HELLO),
    ("/a/.%2e/plaintext", HELLO),
    ("/missing", MISSING),
    ("/plaintext/", MISSING),
    ("/plaintext/.", MISSING),
    ("/plaintext/..", Expect::keep(&[200])),
    ("/plaintex", MISSING),
    ("/plaintextt", MISSING),
    ("/Plaintext", MISSING),
    ("/PLAINTEXT", MISSING),
    ("//plaintext", MISSING),
    ("/plaintext//", MISSING),
    ("/a//../plaintext", MISSING),
    ("/%2Fplaintext", MISSING),
    ("/%2fplaintext", MISSING),
    ("/plaintext%3Fa", MISSING),
    ("/plaintext%3fa", MISSING),
    ("/plaintext%20", MISSING),
    ("/plaintext%0d", MISSING),
    ("/plaintext%0a", MISSING),
    ("/plaintext%00", MISSING),
    ("/%00", MISSING),
    ("/..%2fplaintext", MISSING),
    ("/..%5cplaintext", MISSING),
    ("/...", MISSING),
    ("/..;/plaintext", MISSING),
    ("/.plaintext", MISSING),
    ("/%2570laintext", MISSING),
    ("/etc/passwd", MISSING),
    ("/../../../../etc/passwd", MISSING),
    ("/%2e%2e/%2e%2e/%2e%2e/etc/passwd", MISSING),
    ("/%C3%A9", MISSING),
    ("/plaintext;a=b", MISSING),
    ("/-._~!$&'()*+,;=:@", MISSING),
    ("/plaintext#", BAD),
    ("/plaintext#a", BAD),
    ("/plaintext?a#b", BAD),
    ("/%", BAD),
    ("/%7", BAD),
    ("/%7g", BAD),
    ("/%g7", BAD),
    ("/%%70laintext", BAD),
    ("/%-1", BAD),
    ("/%+1", BAD),
    ("/% 1", BAD),
    ("/plaintext?%zz", HELLO),
    ("plaintext", BAD),
    ("./plaintext", BAD),
    ("?a", BAD),
    ("\\plaintext", BAD),
    ("*", BAD),
    ("a:80", BAD),
    ("localhost", BAD),
    ("http://a/plaintext", HELLO),
    ("HTTP://a/plaintext", HELLO),
    ("hTtP://a/plaintext", HELLO),
    ("http://a:80/plaintext", HELLO),
    ("http://a:/plaintext", HELLO),
    ("http://other.example/plaintext?x", HELLO),
    ("http://127.0.0.1:80/plaintext", HELLO),
    ("http://[::1]/plaintext", HELLO),
    ("http://[::1]:8080/plaintext", HELLO),
    ("http://a", Expect::keep(&[200])),
    ("http://a/", Expect::keep(&[200])),
    ("http://a?x", Expect::keep(&[200])),
    ("http://a/a/../plaintext", HELLO),
    ("http://a/missing", MISSING),
    ("http:///plaintext", BAD),
    ("http://", BAD),
    ("http://:80/plaintext", BAD),
    ("http:/plaintext", BAD),
    ("http:plaintext", BAD),
    ("http://a:8x/plaintext", BAD),
    ("http://user@a/plaintext", BAD),
    ("http://user:word@a/plaintext", BAD),
    ("http://[::1/plaintext", BAD),
    ("http://::1/plaintext", BAD),
    ("http://a/plaintext#b", BAD),
    ("https://a/plaintext", HELLO),
    ("HTTPS://a:443/plaintext", HELLO),
    ("https:///plaintext", BAD),
    ("ftp://a/plaintext", BAD),
    ("://a/plaintext", BAD),
];

/// Requests that are about the form of the target.
const FORMS: &[Case] = &[
    case(
        "the authority of the target wins over Host",
        b"GET http://a/plaintext HTTP/1.1\r\nHost: b\r\n\r\n",
        HELLO,
    ),
    case(
        "absolute-form needs a Host all the same",
        b"GET http://a/plaintext HTTP/1.1\r\n\r\n",
        BAD,
    ),
    case(
        "absolute-form in HTTP/1.0",
        b"GET http://a/plaintext HTTP/1.0\r\n\r\n",
        Expect::close(&[200]).content(b"Hello, World!"),
    ),
    case(
        "asterisk-form is for OPTIONS",
        b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        OPTIONS,
    ),
    case(
        "absolute-form without a path is the server",
        b"OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n",
        OPTIONS,
    ),
    case(
        "absolute-form without a path but a query",
        b"OPTIONS http://a?b HTTP/1.1\r\nHost: a\r\n\r\n",
        OPTIONS,
    ),
    case(
        "asterisk-form is not for TRACE",
        b"TRACE * HTTP/1.1\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "asterisk-form is not for HEAD",
        b"HEAD * HTTP/1.1\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "asterisk-form is not for POST",
        b"POST * HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
        BAD,
    ),
    case(
        "an asterisk with more",
        b"OPTIONS *a HTTP/1.1\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "two asterisks",
        b"OPTIONS ** HTTP/1.1\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "authority-form",
        b"CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n",
        Expect::keep(&[405]),
    ),
    case(
        "authority-form without a port",
        b"CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "CONNECT with a path",
        b"CONNECT /plaintext HTTP/1.1\r\nHost: a\r\n\r\n",
        Expect::keep(&[405]),
    ),
    case(
        "raw octets outside ASCII",
        b"GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n",
        BAD,
    ),
    case(
        "a NUL",
        b"GET /plaintext\0 HTTP/1.1\r\nHost: a\r\n\r\n",
        BAD,
    ),
];

#[test]
fn targets() {
    let requests: Vec<Vec<u8>> = TARGETS
        .iter()
        .map(|(target, _)| wire::get(target))
        .collect();
    let cases: Vec<Case> = TARGETS
        .iter()
        .zip(&requests)
        .map(|((name, expect), request)| case(name, request, *expect))
        .collect();
    table::check_all(Elf::Vanillin, &cases);
}

#[test]
fn forms() {
    table::check_all(Elf::Vanillin, FORMS);
}

/// RFC 3986: `pchar = unreserved / pct-encoded / sub-delims / ":" / "@"`, and `/ ?` in path and query.
fn is_of_a_target(octet: u8) -> bool {
    // All that a token may have beside `"#%^` and backquote and bar, plus the delimiters.
    (is_token(octet) && !b"#%^`|".contains(&octet)) || b"()/:;=?@,".contains(&octet)
}

/// Octets that RFC 3986 reserves for the host. In a path they are taken as they are, and in a query.
fn is_bracket(octet: u8) -> bool {
    octet == b'[' || octet == b']'
}

fn sweep(prefix: &str, good: Expect<'static>) {
    let requests: Vec<(String, Vec<u8>, u8)> = (0..=255)
        .map(|octet: u8| {
            let mut request = format!("GET {prefix}").into_bytes();
            request.push(octet);
            request.extend_from_slice(b"xx HTTP/1.1\r\nHost: a\r\n\r\n");
            (format!("octet {octet:#04x} in {prefix}"), request, octet)
        })
        .collect();
    let cases: Vec<Case> = requests
        .iter()
        .map(|(name, request, octet)| {
            let expect = match *octet {
                octet if is_bracket(octet) => good,
                // `/plaintext?xx` is the resource.
                b'?' if prefix == "/plaintext" => HELLO,
                // A query is ignored, and so is its encoding.
                b'%' if prefix.ends_with('?') => HELLO,
                octet if is_of_a_target(octet) => good,
                _ => BAD,
            };
            case(name, request, expect)
        })
        .collect();
    table::check_all_whole(Elf::Vanillin, &cases);
}

#[test]
fn every_octet_in_the_path() {
    sweep("/plaintext", MISSING);
}

#[test]
fn every_octet_in_the_query() {
    sweep("/plaintext?", HELLO);
}

/// Every percent-encoding of two hexadecimal digits is the octet it stands for, and of anything else malformed.
#[test]
fn every_percent_encoding() {
    let mut requests = Vec::new();
    for octet in 0..=255_u8 {
        let upper = format!("%{octet:02X}");
        let expect = match octet {
            b'p' => HELLO,
            _ => MISSING,
        };
        requests.push((format!("/{}laintext", upper.to_lowercase()), expect));
        requests.push((format!("/{upper}laintext"), expect));
    }
    for first in [
        "%G0", "%0G", "%/0", "%:0", "%0:", "%@0", "%`0", "%0g", "%x0",
    ] {
        requests.push((format!("/{first}"), BAD));
    }
    let requests: Vec<(String, Vec<u8>, Expect)> = requests
        .into_iter()
        .map(|(target, expect)| (target.clone(), wire::get(&target), expect))
        .collect();
    let cases: Vec<Case> = requests
        .iter()
        .map(|(target, request, expect)| case(target, request, *expect))
        .collect();
    table::check_all_whole(Elf::Vanillin, &cases);
}
