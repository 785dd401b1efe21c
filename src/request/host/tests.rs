//! Authorities: tables, every port, and the standard library's reading of addresses as the oracle.

use std::format;
use std::net::Ipv6Addr;

use super::is_valid;
use crate::request::random::Random;

const VALID: &[&str] = &[
    "localhost",
    "localhost:3000",
    "example.org",
    "a",
    "a:",
    "a:0",
    "a:80",
    "a:00080",
    "a:65535",
    "127.0.0.1",
    "127.0.0.1:8080",
    "999.1.1.1",
    "a-b_c~d.e",
    "!$&'()*+,;=",
    "%41%fF",
    "a%2Fb:1",
    "xn--bcher-kva.example",
    "[::]",
    "[::]:",
    "[::1]:8080",
    "[1:2:3:4:5:6:7:8]",
    "[1:2:3:4:5:6:1.2.3.4]",
    "[::1.2.3.4]",
    "[::ffff:255.255.255.255]",
    "[1::]",
    "[1:2:3:4:5:6:7::]",
    "[::2:3:4:5:6:7:8]",
    "[1::8]",
    "[FEDC:ba98::0123]",
    "[1:2:3:4:5::1.2.3.4]",
];

const INVALID: &[&str] = &[
    "",
    ":",
    ":80",
    "a:b",
    "a:80:80",
    "a:65536",
    "a:99999",
    "a:000080",
    "a:-1",
    "a:+1",
    "a: 80",
    "a b",
    " a",
    "a ",
    "a\t",
    "a/",
    "a/b",
    "a?b",
    "a#b",
    "user@a",
    "user:word@a",
    "a@",
    "a\\b",
    "a\"b",
    "a<b",
    "a>b",
    "a|b",
    "a^b",
    "a`b",
    "a{b",
    "a[b",
    "a]b",
    "\u{e4}",
    "a\0",
    "a\x7f",
    "%",
    "%4",
    "%4g",
    "a%",
    "a%zz",
    "http://a",
    "::1",
    "1:2:3:4:5:6:7:8",
    "[",
    "[]",
    "]",
    "[]:80",
    "[::1",
    "::1]",
    "[::1]80",
    "[::1]a",
    "[::1]:a",
    "[::1]:65536",
    "[::1]]",
    "[[::1]]",
    "[:]",
    "[:::]",
    "[1]",
    "[1:2:3:4:5:6:7]",
    "[1:2:3:4:5:6:7:]",
    "[:2:3:4:5:6:7:8]",
    "[1:2:3:4:5:6:7:8:9]",
    "[1:2:3:4:5:6:7:8::]",
    "[::1:2:3:4:5:6:7:8]",
    "[1:2:3:4::5:6:7:8]",
    "[1::2::3]",
    "[1:::2]",
    "[::1:]",
    "[12345::]",
    "[g::]",
    "[::%31]",
    "[fe80::1%25eth0]",
    "[fe80::1%eth0]",
    "[1.2.3.4]",
    "[1:2:3:4:5:6:7:1.2.3.4]",
    "[1:2:3:4:5:6::1.2.3.4]",
    "[::1.2.3]",
    "[::1.2.3.4.5]",
    "[::1.2.3.256]",
    "[::1.2.3.04]",
    "[::1.2.3.]",
    "[::.2.3.4]",
    "[::1.2.3.4:5]",
    "[::1.2.3.a]",
    "[1.2.3.4::]",
    "[::1 ]",
    "[v1.a]",
    "[localhost]",
];

#[test]
fn authorities() {
    for authority in VALID {
        assert!(is_valid(authority.as_bytes()), "{authority}");
    }
    for authority in INVALID {
        assert!(!is_valid(authority.as_bytes()), "{authority}");
    }
}

#[test]
fn ports() {
    for port in 0..=99_999_u32 {
        assert_eq!(is_valid(format!("a:{port}").as_bytes()), port <= 65535);
    }
}

/// The standard library reads IPv6 addresses by the same grammar, but lets "::" stand for no group at all.
#[test]
fn as_the_oracle() {
    let seeds = [
        "1:2:3:4:5:6:7:8",
        "::",
        "::1",
        "1::2:3",
        "fe80::abcd",
        "::ffff:1.2.3.4",
        "1:2:3:4:5:6:10.20.30.255",
        "1:2:3::5:6:7:8",
        "::1.20.200.255",
    ];
    let seed = 0x5eed_0003;
    let mut random = Random::new(seed);
    for round in 0..100_000 {
        let mut address = random.pick(&seeds).as_bytes().to_vec();
        for _ in 0..random.below(5) {
            let (place, octet) = random.edit(address.len(), b"::::..01259afFg");
            address.splice(place, octet);
        }
        let Ok(address) = std::string::String::from_utf8(address) else {
            continue;
        };
        let groups = address.split(':').filter(|group| !group.is_empty()).count()
            + usize::from(address.contains('.'));
        let expected =
            address.parse::<Ipv6Addr>().is_ok() && (groups < 8 || !address.contains("::"));
        let authority = format!("[{address}]");
        assert_eq!(
            is_valid(authority.as_bytes()),
            expected,
            "seed {seed:#x}, round {round}: {authority}"
        );
    }
}
