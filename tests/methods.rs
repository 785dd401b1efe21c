//! Methods, RFC 9110 section 9: what GET, HEAD and OPTIONS answer, and how every other method is refused.
//!
//! Invariant: a method is compared octet by octet; its case matters.

use crate::support::server::{Elf, Server};
use crate::support::table::{self, Case, Expect, case};
use crate::support::wire::{self, Wire};
use std::collections::BTreeSet;

/// The methods of the IANA registry that the built-in site does not support.
const REGISTERED: [&str; 35] = [
    "ACL",
    "BASELINE-CONTROL",
    "BIND",
    "CHECKIN",
    "CHECKOUT",
    "CONNECT",
    "COPY",
    "DELETE",
    "LABEL",
    "LINK",
    "LOCK",
    "MERGE",
    "MKACTIVITY",
    "MKCALENDAR",
    "MKCOL",
    "MKREDIRECTREF",
    "MKWORKSPACE",
    "MOVE",
    "ORDERPATCH",
    "PATCH",
    "POST",
    "PROPFIND",
    "PROPPATCH",
    "PUT",
    "REBIND",
    "REPORT",
    "SEARCH",
    "TRACE",
    "UNBIND",
    "UNCHECKOUT",
    "UNLINK",
    "UNLOCK",
    "UPDATE",
    "UPDATEREDIRECTREF",
    "VERSION-CONTROL",
];

/// Tokens that are no method, most of them close to one.
const UNKNOWN: [&str; 16] = [
    "get",
    "Get",
    "GE",
    "GETT",
    "GET-",
    "head",
    "HEADS",
    "post",
    "POS",
    "OPTION",
    "OPTIONSS",
    "options",
    "FOO",
    "X",
    "PROPFINDX",
    "VERSION_CONTROL",
];

/// Targets of the built-in site, each of which is a resource.
const PAGES: [&str; 5] = ["/", "/health", "/plaintext", "/livez", "/readyz"];

fn members(list: Option<&str>) -> BTreeSet<String> {
    list.unwrap_or_default()
        .split(',')
        .map(|member| member.trim().to_owned())
        .filter(|member| !member.is_empty())
        .collect()
}

fn readable() -> BTreeSet<String> {
    ["GET", "HEAD", "OPTIONS"].map(String::from).into()
}

/// RFC 9110 section 9.3.2: HEAD answers what GET does, without the content.
#[test]
fn head_equals_get() {
    let server = Server::start(&[]);
    let mut wire = server.connect();
    for target in PAGES.into_iter().chain(["/missing"]) {
        let get = wire.ask(&wire::get(target));
        let head = wire.ask(&wire::request("HEAD", target, ""));
        assert_eq!(get.head, head.head, "{target}");
        assert!(
            head.content.is_empty() && !get.content.is_empty(),
            "{target}"
        );
    }
    // An octet of content behind a reply to HEAD would have been taken for the next status line.
    assert_eq!(wire.ask(&wire::get("/health")).content, b"ok\n");
    server.stop();
}

#[test]
fn head_equals_get_on_every_kind_of_route() {
    let server = Server::testbed(&[]);
    let mut wire = server.connect();
    let targets = [
        "/plaintext",
        "/10k",
        "/4m",
        "/page",
        "/dated",
        "/301",
        "/302",
        "/303",
        "/307",
        "/308",
        "/204",
        "/fields",
        "/cached",
        "/maintenance",
        "/missing",
    ];
    for target in targets {
        for lines in ["", "Accept-Encoding: gzip\r\n", "If-None-Match: *\r\n"] {
            let get = wire.ask(&wire::request("GET", target, lines));
            let head = wire.ask(&wire::request("HEAD", target, lines));
            assert_eq!(get.head, head.head, "{target} {lines}");
        }
    }
    server.stop();
}

/// RFC 9110 section 9.3.7.
#[test]
fn options_says_what_is_allowed() {
    let server = Server::start(&[]);
    let mut wire = server.connect();
    for target in PAGES.into_iter().chain(["*"]) {
        let reply = wire.ask(&wire::request("OPTIONS", target, ""));
        assert_eq!(reply.status, 204, "{target}: {}", reply.head);
        assert!(reply.content.is_empty(), "{target}: {}", reply.text());
        assert_eq!(members(reply.field("allow")), readable(), "{target}");
    }
    let reply = wire.ask(&wire::request("OPTIONS", "/missing", ""));
    assert_eq!(reply.status, 404);
    server.stop();
}

/// RFC 9110 section 15.5.6.
#[test]
fn registered_methods_are_not_allowed() {
    let server = Server::start(&[]);
    let mut wire = server.connect();
    for method in REGISTERED.into_iter().filter(|method| *method != "CONNECT") {
        for target in PAGES {
            let reply = wire.ask(&wire::request(method, target, ""));
            assert_eq!(reply.status, 405, "{method} {target}");
            assert_eq!(
                members(reply.field("allow")),
                readable(),
                "{method} {target}"
            );
            assert!(!reply.closes(), "{method} {target}: the framing is intact");
        }
    }
    let mut wire = server.connect();
    let reply = wire.ask(b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n");
    assert_eq!(reply.status, 405, "CONNECT: {}", reply.head);
    server.stop();
}

/// RFC 9110 section 9.1: a method that is unknown is 501, wherever it goes.
#[test]
fn unknown_methods_are_not_implemented() {
    let server = Server::start(&[]);
    let mut wire = server.connect();
    for method in UNKNOWN {
        for target in ["/plaintext", "/missing"] {
            let reply = wire.ask(&wire::request(method, target, ""));
            assert_eq!(reply.status, 501, "{method} {target}");
            assert!(!reply.closes(), "{method} {target}: the framing is intact");
        }
    }
    server.stop();
}

/// TRACE would show a proxy's secrets to the client, so that nothing of a request comes back.
#[test]
fn nothing_of_a_request_is_reflected() {
    let server = Server::start(&[]);
    let mut wire = server.connect();
    for method in ["GET", "TRACE", "POST", "FROB", "OPTIONS"] {
        for target in ["/secret-5417", "/plaintext?secret-5417"] {
            let lines = "X-A: secret-5417\r\nCookie: secret-5417\r\n";
            let reply = wire.ask(&wire::request(method, target, lines));
            let all = format!("{}{}", reply.head, reply.text());
            assert!(!all.contains("secret-5417"), "{method} {target}: {all}");
        }
    }
    server.stop();
}

/// RFC 9110 section 9.3.2: also where a HEAD is refused, or has an empty line before it.
#[test]
fn refused_head_has_no_content() {
    let server = Server::start(&[]);
    for (method, has_content) in [("HEAD", false), ("GET", true)] {
        for front in ["", "\r\n"] {
            let mut wire = server.connect();
            wire.send(format!("{front}{method} / HTTP/1.1\r\nHost : a\r\n\r\n").as_bytes());
            let all = wire.rest().expect("an orderly end");
            let all = String::from_utf8(all).expect("text");
            assert!(all.starts_with("HTTP/1.1 400 "), "{all}");
            assert_eq!(!all.ends_with("\r\n\r\n"), has_content, "{front:?} {all}");
        }
    }
    server.stop();
}

const IN_EVERY_WAY: &[Case] = &[
    case(
        "HEAD",
        b"HEAD /plaintext HTTP/1.1\r\nHost: a\r\n\r\n",
        Expect::keep(&[200]).fields(&[("content-length", "13")]),
    ),
    case(
        "HEAD of a missing page",
        b"HEAD /missing HTTP/1.1\r\nHost: a\r\n\r\n",
        Expect::keep(&[404]),
    ),
    case(
        "OPTIONS",
        b"OPTIONS /plaintext HTTP/1.1\r\nHost: a\r\n\r\n",
        Expect::keep(&[204]),
    ),
    case(
        "OPTIONS of the server",
        b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        Expect::keep(&[204]),
    ),
    case(
        "POST",
        b"POST /plaintext HTTP/1.1\r\nHost: a\r\n\r\n",
        Expect::keep(&[405]),
    ),
    case(
        "DELETE",
        b"DELETE / HTTP/1.1\r\nHost: a\r\n\r\n",
        Expect::keep(&[405]),
    ),
    case(
        "TRACE",
        b"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n",
        Expect::keep(&[405]),
    ),
    case(
        "an unknown method",
        b"FROB / HTTP/1.1\r\nHost: a\r\n\r\n",
        Expect::keep(&[501]),
    ),
];

#[test]
fn methods_in_every_way() {
    table::check_all(Elf::Vanillin, IN_EVERY_WAY);
}

/// A route that takes any method answers all of them alike: the page behind an ingress that all lost requests go to.
#[test]
fn any_method_where_a_route_opts_in() {
    let server = Server::testbed(&[]);
    let mut wire: Wire = server.connect();
    let get = wire.ask(&wire::get("/any"));
    for method in ["POST", "PUT", "DELETE", "PATCH", "PROPFIND"] {
        let lines = "Content-Length: 5\r\n";
        let request = [wire::request(method, "/any", lines).as_slice(), b"hello"].concat();
        let reply = wire.ask(&request);
        assert_eq!(reply.content, get.content, "{method}");
        assert_eq!(reply.status, get.status, "{method}");
    }
    server.stop();
}
