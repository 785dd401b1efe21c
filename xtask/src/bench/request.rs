//! The requests that the bench makes.

use std::fmt::Write;

/// What a browser sends beside its request line and Host: with those of `/plaintext` and a port of five
/// digits a head of 508 bytes.
const BROWSER: &[(&str, &str)] = &[
    (
        "User-Agent",
        "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    ),
    (
        "Accept",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    ),
    ("Accept-Language", "en-GB,en;q=0.7,de;q=0.3"),
    ("Accept-Encoding", "gzip, deflate, br, zstd"),
    ("DNT", "1"),
    ("Connection", "keep-alive"),
    ("Cookie", "sid=3f9c1b7a52e84d06; theme=light"),
    ("Upgrade-Insecure-Requests", "1"),
    ("Sec-Fetch-Dest", "document"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-Site", "none"),
    ("Sec-Fetch-User", "?1"),
    ("Priority", "u=0, i"),
];

/// The field lines behind Host.
pub(crate) fn extra(browser: bool, close: bool) -> String {
    let mut lines = String::new();
    for (name, value) in BROWSER
        .iter()
        .filter(|(name, _)| browser && !(close && *name == "Connection"))
    {
        // Writing to a String cannot fail.
        let _ = write!(lines, "{name}: {value}\r\n");
    }
    if close {
        lines.push_str("Connection: close\r\n");
    }
    lines
}

/// A GET of `path` with the field lines `extra`.
pub(crate) fn get(port: u16, path: &str, extra: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{extra}\r\n").into_bytes()
}

/// The same request in the words of the client with this number: for a port of five digits, whatever the server's is.
pub(crate) fn of_client(request: &[u8], port: u16, client: usize) -> Vec<u8> {
    let text = String::from_utf8_lossy(request);
    let host = |port: usize| format!("127.0.0.1:{port}\r\n");
    let other = text.replacen(&host(port.into()), &host(10_000 + client), 1);
    other.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::{extra, get, of_client};

    #[test]
    fn a_browser_head_has_508_bytes() {
        assert_eq!(get(40000, "/plaintext", &extra(true, false)).len(), 508);
    }

    #[test]
    fn every_client_has_a_request_of_its_own_and_all_are_as_long() {
        let request = get(40_000, "/plaintext", &extra(true, false));
        let of_clients = (0..1_000).map(|client| of_client(&request, 40_000, client));
        let mut requests: Vec<_> = of_clients.chain([request.clone()]).collect();
        assert!(requests.iter().all(|other| other.len() == request.len()));
        requests.sort();
        requests.dedup();
        assert_eq!(requests.len(), 1_001);
    }
}
