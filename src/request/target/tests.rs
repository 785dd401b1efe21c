//! Paths: tables, bounds, and the algorithm of RFC 3986 letter by letter as the oracle.

use std::{format, vec::Vec};

use super::{Flaw, is_normal, normalise};
use crate::limits::TARGET_MAX;
use crate::request::Refusal;
use crate::request::random::Random;

fn normal(path: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut into = heapless::Vec::new();
    into.push(b'?').unwrap();
    normalise(path, &mut into).map(|()| into.to_vec())
}

/// Paths and their normal forms.
const NORMAL_FORMS: &[(&str, &str)] = &[
    ("", "/"),
    ("/", "/"),
    ("//", "//"),
    ("/a", "/a"),
    ("/a/", "/a/"),
    ("/a//b", "/a//b"),
    ("/.", "/"),
    ("/./", "/"),
    ("/..", "/"),
    ("/../", "/"),
    ("/../..", "/"),
    ("/../../a", "/a"),
    ("/a/.", "/a/"),
    ("/a/./", "/a/"),
    ("/a/..", "/"),
    ("/a/../", "/"),
    ("/a/../b", "/b"),
    ("/a/b/..", "/a/"),
    ("/a/b/../", "/a/"),
    ("/a/b/../../c", "/c"),
    ("/a/b/../../../../c", "/c"),
    ("/a//../b", "/a/b"),
    ("/a///..//../b", "/a//b"),
    ("/..//a", "//a"),
    ("/.//a", "//a"),
    ("/...", "/..."),
    ("/.../", "/.../"),
    ("/.a/..a/a./a..", "/.a/..a/a./a.."),
    ("/%2e", "/"),
    ("/%2E/a", "/a"),
    ("/a/%2e%2E/b", "/b"),
    ("/a/.%2e/b", "/b"),
    ("/a/%2e./b", "/b"),
    ("/a/%2e%2e%2e", "/a/..."),
    ("/%2e%2e/%2e%2e/etc", "/etc"),
    ("/%252e%252e/a", "/%252e%252e/a"),
    ("/..%2fa", "/..%2Fa"),
    ("/a%2F..%2fb", "/a%2F..%2Fb"),
    ("/a/..%2F../b", "/a/..%2F../b"),
    ("/%00", "/%00"),
    ("/%61%7A%41%5a%30%39%2d%2e%5f%7e", "/azAZ09-._~"),
    ("/%ff%Fe%20%25%3f%23%5B", "/%FF%FE%20%25%3F%23%5B"),
    (
        "/%21%24%26%27%28%29%2a%2b%2c%3b%3d%3a%40",
        "/%21%24%26%27%28%29%2A%2B%2C%3B%3D%3A%40",
    ),
    ("/!$&'()*+,;=:@", "/!$&'()*+,;=:@"),
    ("/[a]", "/[a]"),
];

#[test]
fn normal_forms() {
    for (path, expected) in NORMAL_FORMS {
        let normal = normal(path.as_bytes()).unwrap();
        assert_eq!(
            normal,
            expected.as_bytes(),
            "{path} is {}",
            normal.escape_ascii()
        );
    }
    for path in [
        "/%",
        "/%4",
        "/%4/",
        "/a%",
        "/%g0",
        "/%0g",
        "/%%41",
        "/%-1",
        "/%+1",
        "/%u0041",
        "/a/%2/../b",
    ] {
        assert_eq!(normal(path.as_bytes()), Err(Refusal::BadRequest), "{path}");
    }
}

#[test]
fn bounds() {
    for len in TARGET_MAX - 1..=TARGET_MAX + 1 {
        let path = format!("/{}", "a".repeat(len - 1));
        match normal(path.as_bytes()) {
            Ok(normal) => assert!(len <= TARGET_MAX && normal == path.as_bytes()),
            Err(refusal) => assert!(len > TARGET_MAX && refusal == Refusal::TargetTooLong),
        }
    }
    for segment in ["/..", "/.", "/a/..", "/%2e%2E", "//", "/a", "/%41", "/%c3"] {
        let path = segment.repeat(TARGET_MAX / segment.len());
        assert!(normal(path.as_bytes()).is_ok());
    }
}

#[test]
fn flaws() {
    let table: &[(&str, Result<(), Flaw>)] = &[
        ("/", Ok(())),
        ("//a//", Ok(())),
        ("/.a/..a/a..", Ok(())),
        ("/...", Ok(())),
        ("/!$&'()*+,;=:@-._~azAZ09", Ok(())),
        ("/%00%2F%FF%20", Ok(())),
        ("", Err(Flaw::Relative)),
        ("a/", Err(Flaw::Relative)),
        ("*", Err(Flaw::Relative)),
        ("/a b", Err(Flaw::Octet)),
        ("/a?b", Err(Flaw::Octet)),
        ("/a#b", Err(Flaw::Octet)),
        ("/a[b", Err(Flaw::Octet)),
        ("/\u{e4}", Err(Flaw::Octet)),
        ("/\0", Err(Flaw::Octet)),
        ("/%", Err(Flaw::Encoding)),
        ("/%2", Err(Flaw::Encoding)),
        ("/%2f", Err(Flaw::Encoding)),
        ("/%fF", Err(Flaw::Encoding)),
        ("/%G0", Err(Flaw::Encoding)),
        ("/%41", Err(Flaw::Unreserved)),
        ("/%7E", Err(Flaw::Unreserved)),
        ("/.", Err(Flaw::DotSegment)),
        ("/..", Err(Flaw::DotSegment)),
        ("/./a", Err(Flaw::DotSegment)),
        ("/a/../b", Err(Flaw::DotSegment)),
        ("/a/..", Err(Flaw::DotSegment)),
    ];
    for (path, expected) in table {
        assert_eq!(is_normal(path.as_bytes()), *expected, "{path}");
    }
    const { assert!(is_normal(b"/at/compile/time").is_ok()) };
}

/// RFC 3986 section 5.2.4, letter by letter, on a path whose unreserved octets are decoded.
fn oracle(path: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::new();
    let mut octets = path.iter().copied();
    while let Some(octet) = octets.next() {
        if octet != b'%' {
            decoded.push(octet);
            continue;
        }
        let digits = [octets.next()?, octets.next()?];
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let value = u8::from_str_radix(str::from_utf8(&digits).unwrap(), 16).unwrap();
        if value.is_ascii_alphanumeric() || b"-._~".contains(&value) {
            decoded.push(value);
        } else {
            decoded.extend(format!("%{value:02X}").bytes());
        }
    }
    let mut input = std::string::String::from_utf8(decoded).unwrap();
    let mut output = std::string::String::new();
    while !input.is_empty() {
        if input.starts_with("/./") {
            input.replace_range(..3, "/");
        } else if input == "/." {
            input.replace_range(.., "/");
        } else if input.starts_with("/../") || input == "/.." {
            let end = input.len().min(4);
            input.replace_range(..end, "/");
            output.truncate(output.rfind('/').unwrap_or(0));
        } else {
            let end = input[1..].find('/').map_or(input.len(), |at| at + 1);
            output.extend(input.drain(..end));
        }
    }
    Some(output.into_bytes())
}

#[test]
fn as_the_oracle() {
    let parts = [
        "/", "/", ".", "..", "/..", "/.", "a", "b", "%2e", "%2E", "%2f", "%61", "%7e", "%c3", "%",
        "%4", "~", "@",
    ];
    let seed = 0x5eed_0002;
    let mut random = Random::new(seed);
    for round in 0..60_000 {
        let mut path = b"/".to_vec();
        for _ in 0..random.below(12) {
            path.extend(random.pick(&parts).bytes());
        }
        let shown = path.escape_ascii();
        let normal = normal(&path).ok();
        assert_eq!(
            normal,
            oracle(&path),
            "seed {seed:#x}, round {round}: {shown}"
        );
        let unchanged = normal.as_deref() == Some(&path);
        assert_eq!(
            is_normal(&path).is_ok(),
            unchanged,
            "seed {seed:#x}, round {round}: {shown}"
        );
        if let Some(normal) = normal {
            assert_eq!(
                is_normal(&normal),
                Ok(()),
                "seed {seed:#x}, round {round}: {shown}"
            );
        }
    }
}
