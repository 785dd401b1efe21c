//! Look-ups: the normal form of paths against RFC 3986 section 5.2.4 taken literally, and the router against a list.

use vanillin::limits::TARGET_MAX;
use vanillin::{Route, Router, request, routes};

use super::mutation::mutated;
use crate::support::random::Random;

const PATHS: &[&[u8]] = &[
    b"/",
    b"//",
    b"/a/b/c/./../../g",
    b"/./a/../b/.",
    b"/a/..",
    b"/..",
    b"/../../a//../b/",
    b"/a/%2e%2E/b/%2e/c%2fd",
    b"/%41%5a%7e%7E%30%2D%5F",
    b"/%25%32%65%2",
    b"/%zz",
    b"/caf%c3%a9/.../..a/.b",
    b"/0123456789abcdef/0123456789abcdef/../x",
];

/// Section 6.2.2.2 and 6.2.2.1: what may be decoded is, and other digits are in upper case.
fn decoded(path: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::new();
    let mut at = 0;
    while at < path.len() {
        if path[at] != b'%' {
            decoded.push(path[at]);
            at += 1;
            continue;
        }
        let digits = std::str::from_utf8(path.get(at + 1..at + 3)?).ok()?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let octet = u8::from_str_radix(digits, 16).ok()?;
        if octet.is_ascii_alphanumeric() || b"-._~".contains(&octet) {
            decoded.push(octet);
        } else {
            decoded.extend_from_slice(format!("%{octet:02X}").as_bytes());
        }
        at += 3;
    }
    Some(decoded)
}

/// Section 5.2.4, step by step.
fn without_dots(path: &[u8]) -> Vec<u8> {
    let mut input = path.to_vec();
    let mut output: Vec<u8> = Vec::new();
    let parent = |output: &mut Vec<u8>| {
        let slash = output.iter().rposition(|octet| *octet == b'/');
        output.truncate(slash.unwrap_or(0));
    };
    while !input.is_empty() {
        if input.starts_with(b"/./") {
            input.drain(..2);
        } else if input == b"/." {
            input.truncate(1);
        } else if input.starts_with(b"/../") {
            input.drain(..3);
            parent(&mut output);
        } else if input == b"/.." {
            input.truncate(1);
            parent(&mut output);
        } else {
            let next = input.iter().skip(1).position(|octet| *octet == b'/');
            let len = next.map_or(input.len(), |at| at + 1);
            output.extend(input.drain(..len));
        }
    }
    output
}

#[test]
fn normal_forms_are_those_of_the_rfc() {
    let mut random = Random::new();
    let corpus: Vec<Vec<u8>> = PATHS.iter().map(|path| path.to_vec()).collect();
    for turn in 0..200_000 {
        let path = match corpus.get(turn) {
            Some(path) => path.clone(),
            None => mutated(&mut random, &corpus),
        };
        if !path.starts_with(b"/") {
            continue;
        }
        let shown = path.escape_ascii();
        let mut normal = heapless::Vec::<u8, TARGET_MAX>::new();
        let said = request::normalise(&path, &mut normal);
        let Some(decoded) = decoded(&path) else {
            assert!(said.is_err(), "{shown}");
            continue;
        };
        assert_eq!(said, Ok(()), "{shown}");
        assert_eq!(normal.as_slice(), without_dots(&decoded), "{shown}");
        let mut again = heapless::Vec::new();
        assert_eq!(request::normalise(&normal, &mut again), Ok(()), "{shown}");
        assert_eq!(again, normal, "{shown}");
    }
}

/// Declares a router and the list of its targets.
macro_rules! site {
    ($($target:literal)*) => {
        static SITE: Router = Router::new(routes![$(Route::text($target, $target)),*]);
        const TARGETS: &[&str] = &[$($target),*];
    };
}

// Prefixes of each other, lengths around eight and sixteen, and targets that differ in one octet.
site! {
    "/" "//" "/a" "/b" "/A" "/a/" "/aa" "/ab" "/ba" "/a/b" "/a/b/" "/a/b/c"
    "/234567" "/2345678" "/23456789" "/2345670" "/2345678/" "/a345678" "/23456/8"
    "/23456789012345" "/234567890123456" "/2345678901234567" "/234567890123457" "/x34567890123456"
    "/23456789012345678901234567890" "/23456789012345678901234567891" "/23456789012345678901234567890/"
    "/caf%C3%A9" "/caf%C3%A8" "/%2F" "/%25" "/..." "/.a" "/a." "/~" "/-" "/_" "/:@!$&'()*+,;="
    "/index.html" "/index.htm" "/index" "/indexes" "/robots.txt" "/favicon.ico" "/style.css" "/app.js"
    "/health" "/healthz" "/livez" "/readyz" "/metrics" "/api" "/api/v1" "/api/v2" "/api/v1/users" "/api/v1/user"
}

#[test]
fn the_router_finds_what_a_list_finds() {
    let mut random = Random::new();
    let corpus: Vec<Vec<u8>> = TARGETS
        .iter()
        .map(|target| target.as_bytes().to_vec())
        .collect();
    let mut hits = 0;
    for turn in 0..200_000 {
        let path = match corpus.get(turn) {
            Some(path) => path.clone(),
            None => mutated(&mut random, &corpus),
        };
        let listed = TARGETS.iter().find(|target| target.as_bytes() == path);
        let found = SITE.find(&path).map(vanillin::parts::Resource::target);
        assert_eq!(found, listed.copied(), "{}", path.escape_ascii());
        hits += usize::from(found.is_some());
    }
    assert!(hits > 1_000, "{hits}");
}
