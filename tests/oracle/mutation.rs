//! Requests, right ones and wrong ones, and what becomes of them when octets are lost, doubled and changed.

use vanillin::limits::{METHOD_MAX, REQUEST_HEAD_MAX, TARGET_MAX};

use crate::support::random::Random;

/// One of each kind of request and of fault, apart from what is long.
const CORPUS: &[&[u8]] = &[
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /index.html?a=b&c=d HTTP/1.1\r\nHost: example.com:8080\r\nAccept: */*\r\nUser-Agent: x/1.0 (y; z)\r\n\r\n",
    b"HEAD /a%20b/%7euser/../c/./d HTTP/1.1\r\nHost: [::1]:80\r\nX:\r\n\r\n",
    b"GET /0123456789abcdef HTTP/1.1\r\nHost: 0123456789abcdef.example\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    b"OPTIONS http://a HTTP/1.1\r\nHost: b\r\n\r\n",
    b"GET http://user@a/ HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET HtTpS://[2001:db8::1.2.3.4]:443?q HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET http://a:65536/ HTTP/1.1\r\nHost: a\r\n\r\n",
    b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n",
    b"CONNECT a: HTTP/1.1\r\nHost: a\r\n\r\n",
    b"CONNECT /plain HTTP/1.1\r\nHost: a\r\n\r\n",
    b"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"VERSION-CONTROL /x HTTP/1.1\r\nhost: a\r\n\r\n",
    b"M!#$%&'*+-.^_`|~ /x HTTP/1.1\r\nHOST:a\r\n\r\n",
    b"get /x HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.0\r\n\r\n",
    b"GET / HTTP/1.0\r\nConnection: keep-alive\r\nExpect: x\r\n\r\n",
    b"GET / HTTP/1.9\r\nHost: a\r\nConnection: x , CLOSE\r\n\r\n",
    b"GET / HTTP/2.0\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.10\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.d\r\nHost: a\r\n\r\n",
    b"GET / HTTP/d.1\r\nHost: a\r\n\r\n",
    b"GET / http/1.1\r\nHost: a\r\n\r\n",
    b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
    b"GET /#f HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET example.com HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551614\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551615\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 00000000000000000000000005\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nExpect: 100-continue\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\nExpect: 100-Continue, ,\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip;a=\"b,c\", chunked\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked;a=b\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
    b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n",
    b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
    b"PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue, x\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost:\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: [1:2:3:4:5:6:7::]:\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: [1:2:3:4:5:6:255.255.255.255]\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: [v1.x]\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a%2Fb%zz\r\n\r\n",
    b"GET / HTTP/1.1\r\n Host: a\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nName\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n",
    b"GET / HTTP/1.1\nHost: a\n\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nX: b\rc\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nX: b\0c\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nX: \xff\x80\t \t\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nX\xff: b\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\n\rX",
    b"GET /a HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"a,b\", W/\"c\"\r\nRange: bytes=0-1\r\nIf-Range: \"x\"\r\n\r\n",
    b"GET /a HTTP/1.1\r\nHost: a\r\nif-match: *\r\nIF-MODIFIED-SINCE: x\r\nIf-Unmodified-Since: y\r\n\r\n",
    b"GET /a HTTP/1.1\r\nHost: a\r\nIf-Matches: x\r\nRanges: y\r\nIf-Ranged: z\r\nConnections: close\r\n\r\n",
    b"GET /a HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip;q=0.5, br, *;q=0\r\nX-A-Name-Of-Many-Octets: 1234567890123456\r\n\r\n",
];

/// What requests are made of, and what does harm in them.
const PIECES: &[&[u8]] = &[
    b"\r\n",
    b"\r",
    b"\n",
    b"\r\n\r\n",
    b" ",
    b"\t",
    b":",
    b",",
    b";",
    b"\"",
    b"\\",
    b"\0",
    b"\x7f",
    b"\x80",
    b"\xff",
    b"%",
    b"%2e",
    b"%2F",
    b"/",
    b"//",
    b"/../",
    b"?",
    b"#",
    b"*",
    b"@",
    b"[",
    b"]",
    b"http://",
    b"HTTP/1.1",
    b" HTTP/1.0\r\n",
    b"HTTP/1.",
    b"GET ",
    b"CONNECT ",
    b"OPTIONS ",
    b"Host: a\r\n",
    b"Host: [::1]\r\n",
    b"host:",
    b"Connection: close\r\n",
    b"Connection: keep-alive\r\n",
    b"Content-Length: 1\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"chunked",
    b"Expect: 100-continue\r\n",
    b"0",
    b"65536",
    b"18446744073709551616",
    b"Range: bytes=0-\r\n",
    b"0123456789abcdef",
    b"-abcdefghijklmno",
    b"A: ",
];

/// The corpus, and requests at the bounds.
pub(crate) fn corpus() -> Vec<Vec<u8>> {
    let mut corpus: Vec<Vec<u8>> = CORPUS.iter().map(|one| one.to_vec()).collect();
    let line = |method: &str, target: &str| format!("{method} {target} HTTP/1.1\r\nHost: a\r\n");
    for more in 0..3 {
        let method = "M".repeat(METHOD_MAX - 1 + more);
        corpus.push((line(&method, "/") + "\r\n").into_bytes());
        let target = "/".repeat(TARGET_MAX - 1 + more);
        corpus.push((line("GET", &target) + "\r\n").into_bytes());
        let head = line("GET", "/") + "X: ";
        let pad = "y".repeat(REQUEST_HEAD_MAX - 1 + more - head.len() - 4);
        corpus.push((head.clone() + &pad + "\r\n\r\n").into_bytes());
        // What is wrong beyond the bound is not looked at.
        corpus.push((head.clone() + &pad + "yyy\r\nZ\x01\r\n\r\n").into_bytes());
        let short = &pad[3..];
        corpus.push((line("GET", "/") + "X: " + short + "\x01\r\n\r\n").into_bytes());
    }
    corpus
}

/// A copy with a few changes.
pub(crate) fn mutated(random: &mut Random, corpus: &[Vec<u8>]) -> Vec<u8> {
    let mut octets = corpus[random.below(corpus.len())].clone();
    for _ in 0..=random.below(3) {
        let at = random.below(octets.len() + 1);
        let len = random.below(octets.len() - at + 1).min(random.below(24));
        match random.below(8) {
            0 if at < octets.len() => octets[at] ^= 1 << random.below(8),
            1 if at < octets.len() => octets[at] = random.below(256) as u8,
            2 => drop(octets.drain(at..at + len)),
            3 => {
                let again = octets[at..at + len].to_vec();
                octets.splice(at..at, again);
            }
            4 => {
                let other = &corpus[random.below(corpus.len())];
                let from = random.below(other.len() + 1);
                octets.truncate(at);
                octets.extend_from_slice(&other[from..]);
            }
            5 => octets[at..at + len].make_ascii_uppercase(),
            _ => {
                let piece = PIECES[random.below(PIECES.len())];
                let end = if random.below(2) == 0 { at } else { at + len };
                octets.splice(at..end, piece.iter().copied());
            }
        }
    }
    octets
}
