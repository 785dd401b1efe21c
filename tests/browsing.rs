//! curl in earnest: what people type, and what they get.
//!
//! Invariant: curl is taken as it is, without configuration; its exit code and its output are what counts.

use crate::support::server::Server;
use std::process::{Command, Stdio};

/// Runs curl against a path of the server; the exit code and the output.
fn curl(server: &Server, flags: &[&str], path: &str) -> (i32, Vec<u8>) {
    let url = format!("http://{}{path}", server.address);
    let output = Command::new("curl")
        .args(["-q", "--silent", "--show-error", "--max-time", "10"])
        .args(flags)
        .arg(url)
        .stdin(Stdio::null())
        .output()
        .expect("curl is missing: install the package curl");
    (output.status.code().unwrap_or(-1), output.stdout)
}

fn text(server: &Server, flags: &[&str], path: &str) -> String {
    let (code, output) = curl(server, flags, path);
    assert_eq!(code, 0, "curl {} {path}", flags.join(" "));
    String::from_utf8(output).expect("UTF-8")
}

/// What curl says about the exchange after the content was thrown away.
fn facts(server: &Server, flags: &[&str], facts: &str, path: &str) -> String {
    text(
        server,
        &[&["-o", "/dev/null", "-w", facts], flags].concat(),
        path,
    )
}

#[test]
fn plain() {
    let server = Server::start(&[]);
    assert_eq!(text(&server, &[], "/plaintext"), "Hello, World!");
    assert_eq!(text(&server, &[], "/health"), "ok\n");
    assert!(text(&server, &[], "/").contains("<!doctype html>"));
    assert_eq!(
        facts(&server, &[], "%{http_code} %{http_version}", "/missing"),
        "404 1.1"
    );
    let (code, _) = curl(&server, &["--fail"], "/missing");
    assert_eq!(code, 22);
    server.stop();
}

#[test]
fn head() {
    let server = Server::start(&[]);
    let head = text(&server, &["--head"], "/plaintext");
    assert!(
        head.starts_with("HTTP/1.1 200 OK\r\n") && head.ends_with("\r\n\r\n"),
        "{head}"
    );
    assert!(head.contains("\r\nContent-Length: 13\r\n"), "{head}");
    server.stop();
}

#[test]
fn ranges() {
    let server = Server::start(&[]);
    assert_eq!(text(&server, &["-r", "0-4"], "/plaintext"), "Hello");
    assert_eq!(text(&server, &["-r", "7-"], "/plaintext"), "World!");
    assert_eq!(text(&server, &["-r", "-6"], "/plaintext"), "World!");
    assert_eq!(text(&server, &["-C", "7"], "/plaintext"), "World!");
    let code = facts(&server, &["-r", "99-"], "%{http_code}", "/plaintext");
    assert_eq!(code, "416");
    server.stop();
}

#[test]
fn conditions() {
    let server = Server::testbed(&[]);
    let code = |flags: &[&str], path: &str| facts(&server, flags, "%{http_code}", path);
    assert_eq!(
        code(&["-z", "Sun, 06 Nov 1994 08:49:37 GMT"], "/dated"),
        "304"
    );
    assert_eq!(
        code(&["-z", "Sun, 06 Nov 1994 08:49:36 GMT"], "/dated"),
        "200"
    );
    assert_eq!(
        code(&["-z", "-Sun, 06 Nov 1994 08:49:36 GMT"], "/dated"),
        "412"
    );
    let file = std::env::temp_dir().join(format!("vanillin-{}-etag", std::process::id()));
    let name = file.to_str().expect("UTF-8");
    assert_eq!(code(&["--etag-save", name], "/page"), "200");
    assert_eq!(code(&["--etag-compare", name], "/page"), "304");
    assert_eq!(code(&["--etag-compare", name], "/dated"), "200");
    std::fs::remove_file(file).expect("the file that curl has written");
    server.stop();
}

#[test]
fn compression() {
    let server = Server::testbed(&[]);
    let page = include_str!("testbed/page.html");
    assert_eq!(text(&server, &[], "/page"), page);
    assert_eq!(text(&server, &["--compressed"], "/page"), page);
    for coding in ["gzip", "br", "zstd"] {
        let accept = format!("Accept-Encoding: {coding}");
        let size = facts(&server, &["-H", &accept], "%{size_download}", "/page");
        assert!(
            size.parse::<usize>().expect("a number") < page.len() / 2,
            "{coding}: {size}"
        );
        if Command::new("curl").arg("-V").output().is_ok_and(|output| {
            let features = String::from_utf8_lossy(&output.stdout).to_lowercase();
            features.contains(match coding {
                "gzip" => "libz",
                "br" => "brotli",
                other => other,
            })
        }) {
            let flags = ["--compressed", "-H", &accept];
            assert_eq!(text(&server, &flags, "/page"), page, "{coding}");
        }
    }
    server.stop();
}

#[test]
fn redirects() {
    let server = Server::testbed(&[]);
    for path in ["/301", "/302", "/303", "/307"] {
        assert_eq!(text(&server, &["-L"], path), "Hello, World!", "{path}");
        let facts = facts(
            &server,
            &["-L"],
            "%{http_code} %{num_redirects} %{num_connects}",
            path,
        );
        assert_eq!(facts, "200 1 1", "{path}");
    }
    let url = facts(&server, &[], "%{redirect_url}", "/308");
    assert_eq!(url, "https://example.com/a?b=c");
    server.stop();
}

#[test]
fn old_version() {
    let server = Server::start(&[]);
    assert_eq!(text(&server, &["--http1.0"], "/plaintext"), "Hello, World!");
    let reply = text(&server, &["--http1.0", "-i"], "/plaintext");
    assert!(reply.starts_with("HTTP/1.1 200 OK\r\n"), "{reply}");
    assert!(reply.contains("\r\nConnection: close\r\n"), "{reply}");
    server.stop();
}

#[test]
fn methods() {
    let server = Server::start(&[]);
    let code = |flags: &[&str]| facts(&server, flags, "%{http_code}", "/plaintext");
    assert_eq!(code(&["-X", "OPTIONS"]), "204");
    assert_eq!(code(&["-X", "OPTIONS", "--request-target", "*"]), "204");
    assert_eq!(code(&["-X", "DELETE"]), "405");
    assert_eq!(code(&["-X", "TRACE"]), "405");
    assert_eq!(code(&["-X", "FROB"]), "501");
    assert_eq!(code(&["-d", "a=b"]), "405");
    server.stop();
}

#[test]
fn paths_as_they_are() {
    let server = Server::start(&[]);
    let code = |path| facts(&server, &["--path-as-is"], "%{http_code}", path);
    assert_eq!(code("/../../etc/passwd"), "404");
    assert_eq!(code("/a/../plaintext"), "200");
    assert_eq!(code("/%2e%2e/plaintext"), "200");
    assert_eq!(code("/..%2fplaintext"), "404");
    server.stop();
}

/// One connection for several requests, whatever they come to.
#[test]
fn connection_is_reused() {
    let server = Server::start(&[]);
    let base = format!("http://{}", server.address);
    let urls = ["/health", "/missing", "/", "/plaintext"].map(|path| format!("{base}{path}"));
    let others: Vec<&str> = urls
        .iter()
        .flat_map(|url| ["-o", "/dev/null", url])
        .collect();
    let flags = [&["-w", "%{num_connects} "], others.as_slice()].concat();
    let connects = text(&server, &flags, "/plaintext");
    assert!(connects.starts_with("1 0 0 0 "), "{connects}");
    server.stop();
}

/// Uploads of unknown length, and ones that curl asks leave for.
#[test]
fn uploads() {
    let server = Server::echo(&[]);
    let lines: Vec<String> = (0..1500).map(|line| format!("{line:07}")).collect();
    let content = lines.join("\n");
    let file = std::env::temp_dir().join(format!("vanillin-{}-upload", std::process::id()));
    std::fs::write(&file, &content).expect("a temporary file");
    let name = file.to_str().expect("UTF-8");
    assert_eq!(text(&server, &["-T", name], "/"), content);
    let chunked = ["-H", "Transfer-Encoding: chunked", "-T", name];
    assert_eq!(text(&server, &chunked, "/"), content);
    let body = format!("@{name}");
    let waiting = ["-H", "Expect: 100-continue", "--data-binary", &body];
    assert_eq!(text(&server, &waiting, "/"), content);
    std::fs::remove_file(file).expect("the temporary file");
    let output = Command::new("sh")
        .arg("-c")
        .arg("printf hello | curl -q -sS --max-time 10 -T - \"$0\"")
        .arg(format!("http://{}/", server.address))
        .output()
        .expect("sh");
    assert_eq!(output.stdout, b"hello");
    server.stop();
}

/// A large download, whole and octet by octet the right one.
#[test]
fn downloads() {
    let server = Server::testbed(&[]);
    let (code, content) = curl(&server, &[], "/4m");
    assert_eq!((code, content.len()), (0, 4 << 20));
    let (code, slow) = curl(&server, &["--limit-rate", "8m"], "/4m");
    assert_eq!(code, 0);
    assert!(content == slow);
    server.stop();
}
