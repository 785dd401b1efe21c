//! An octet at every place of tokens of every length: where a parser looks at blocks, each lane has its turn.
//!
//! Invariant: whether an octet is accepted depends on what it is part of, never on where it stands in a block.

use crate::support::server::Elf;
use crate::support::table::{self, BAD, Case, Expect, case};

const HELLO: Expect = Expect::keep(&[200]).content(b"Hello, World!");

/// Lengths of the part that is looked at: several blocks of 16, and all that is between them.
const LENGTHS: std::ops::Range<usize> = 1..37;

/// What follows in many requests, so that whole blocks can be read behind the part.
const TAILS: [&str; 2] = [
    "\r\n",
    "Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r\nAccept-Language: en\r\n\r\n",
];

/// Puts each octet at every place of `plain` octets of every length, between what `around` says.
fn sweep(octets: &[(u8, Expect<'_>)], plain: u8, around: fn(&str) -> (String, String)) {
    let mut requests = Vec::new();
    for tail in TAILS {
        let (before, behind) = around(tail);
        for len in LENGTHS {
            for at in 0..len {
                for (octet, expect) in octets {
                    let mut part = vec![plain; len];
                    part[at] = *octet;
                    let name = format!("{octet:#04x} at {at} of {len}");
                    let request = [before.as_bytes(), &part, behind.as_bytes()].concat();
                    requests.push((name, request, *expect));
                }
            }
        }
    }
    let cases: Vec<Case> = requests
        .iter()
        .map(|(name, request, expect)| case(name, request, *expect))
        .collect();
    table::check_all_whole(Elf::Vanillin, &cases);
}

#[test]
fn octets_of_a_value() {
    let octets = [
        (b'\0', BAD),
        (b'\n', BAD),
        (b'\r', BAD),
        (0x1f, BAD),
        (0x7f, BAD),
        (b'\t', HELLO),
        (0x80, HELLO),
        (0xff, HELLO),
        (b':', HELLO),
    ];
    sweep(&octets, b'v', |tail| {
        let before = "GET /plaintext HTTP/1.1\r\nHost: a\r\nX-A: ";
        (before.into(), format!("\r\n{tail}"))
    });
}

#[test]
fn octets_of_a_name() {
    let octets = [
        (b'\0', BAD),
        (b' ', BAD),
        (b'\t', BAD),
        (b'\r', BAD),
        (b'\n', BAD),
        (b'(', BAD),
        (b'/', BAD),
        (b'@', BAD),
        (0x80, BAD),
        (0xff, BAD),
        (b'_', HELLO),
        (b'9', HELLO),
        (b'~', HELLO),
    ];
    sweep(&octets, b'n', |tail| {
        let before = "GET /plaintext HTTP/1.1\r\nHost: a\r\n";
        (before.into(), format!(": v\r\n{tail}"))
    });
}

#[test]
fn octets_of_a_path() {
    let missing = Expect::keep(&[404]);
    let octets = [
        (b'\0', BAD),
        (b'\n', BAD),
        (b'"', BAD),
        (b'#', BAD),
        (b'<', BAD),
        (b'^', BAD),
        (b'`', BAD),
        (b'{', BAD),
        (0x7f, BAD),
        (0x80, BAD),
        (0xff, BAD),
        (b'/', missing),
        (b'.', missing),
        (b'@', missing),
    ];
    sweep(&octets, b'p', |tail| {
        ("GET /x".into(), format!("y HTTP/1.1\r\nHost: a\r\n{tail}"))
    });
}

#[test]
fn octets_of_a_host() {
    let octets = [
        (b'\0', BAD),
        (b' ', BAD),
        (b'\r', BAD),
        (b'\n', BAD),
        (b'/', BAD),
        (b'@', BAD),
        (b'[', BAD),
        (b'?', BAD),
        (0x7f, BAD),
        (0x80, BAD),
        (b'-', HELLO),
        (b'.', HELLO),
        (b'_', HELLO),
        (b'~', HELLO),
    ];
    sweep(&octets, b'h', |tail| {
        let before = "GET /plaintext HTTP/1.1\r\nHost: x";
        (before.into(), format!("y\r\n{tail}"))
    });
}

/// Hosts of every length with ports of every length, and white space of every length around them.
#[test]
fn hosts_and_ports() {
    let mut requests = Vec::new();
    for tail in TAILS {
        for host in 0..20 {
            for port in 0..8 {
                for (before, behind) in [("", ""), (" ", ""), ("\t", " "), ("  ", "  ")] {
                    let name = "h".repeat(host);
                    let digits = &"0000080"[7 - port.min(7)..];
                    for value in [
                        name.clone(),
                        format!("{name}:{digits}"),
                        format!("{name}:{digits}x"),
                    ] {
                        let lines = format!("Host:{before}{value}{behind}\r\n{tail}");
                        let request = format!("GET /plaintext HTTP/1.1\r\n{lines}").into_bytes();
                        let expect = match (host, port) {
                            _ if value.ends_with('x') => BAD,
                            (0, _) => BAD,
                            // More digits than a port can have.
                            (_, 6..) if value.contains(':') => BAD,
                            _ => HELLO,
                        };
                        requests.push((value, request, expect));
                    }
                }
            }
        }
    }
    let cases: Vec<Case> = requests
        .iter()
        .map(|(name, request, expect)| case(name, request, *expect))
        .collect();
    table::check_all_whole(Elf::Vanillin, &cases);
}
