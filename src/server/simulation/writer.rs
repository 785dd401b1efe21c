//! The requests of scripts, right ones and wrong ones, and what the model answers to each.

use std::format;
use std::string::String;
use std::vec;
use std::vec::Vec;

use super::random::Random;
use super::script::{After, Choice, Exchange, Then};
use super::site::{self, Answer, KNOWN, Persistence, Special, Wish};
use crate::limits::{CONTENT_DISCARD_MAX, CONTENT_MAX, REQUEST_HEAD_MAX, TARGET_MAX};
use crate::server::handler::Handler;

/// Writes requests, and their answers beside them.
pub(super) struct Writer<'random> {
    pub(super) random: &'random mut Random,
    pub(super) handler: Handler,
    /// The target that is asked for without anything special.
    pub(super) favourite: Option<usize>,
}

impl Writer<'_> {
    /// The version, the field lines of every request, and what they make of the connection.
    fn fields(&mut self) -> (&'static str, String, Persistence) {
        let host = self
            .random
            .pick(&["Host: a", "host:a:80", "HOST:  [::1]:1 \t"]);
        let (version, option, persistence) = match self.random.below(24) {
            0 => ("HTTP/1.0", "", Persistence::Close),
            1 => (
                "HTTP/1.0",
                "Connection: Keep-Alive\r\n",
                Persistence::KeepAlive,
            ),
            2 => ("HTTP/1.1", "Connection: te, close\r\n", Persistence::Close),
            3 => (
                "HTTP/1.7",
                "Connection: keep-alive\r\n",
                Persistence::Implied,
            ),
            _ => ("HTTP/1.1", "", Persistence::Implied),
        };
        let padding = match self.random.below(16) {
            0 => self.random.below(300),
            1 => self.random.below(12_000),
            _ => 0,
        };
        let padding = match padding {
            0 => String::new(),
            len => format!("X-Padding: {}\r\n", "p".repeat(len)),
        };
        (version, format!("{host}\r\n{padding}{option}"), persistence)
    }

    pub(super) fn valid(&mut self, wants_huge: bool) -> Exchange {
        if self.favourite.is_some() && !self.random.once_in(50) {
            return self.page(wants_huge);
        }
        match self.random.below(14) {
            0..=6 => self.page(wants_huge),
            7..=10 => self.with_content(),
            _ => self.other(),
        }
    }

    fn page(&mut self, wants_huge: bool) -> Exchange {
        let any = self.random.below(KNOWN.len());
        let mut target = self.favourite.unwrap_or(any);
        if target == site::HUGE_AT && !wants_huge {
            target = 0;
        }
        let known = &KNOWN[target];
        let is_plain = self.favourite.is_some();
        let is_head = !is_plain && self.random.once_in(5);
        let (tag, len) = (known.tag, known.body.len());
        let (special, line) = match self.random.below(12) {
            _ if is_plain => (Special::Nothing, String::new()),
            0 => (
                Special::NotModified,
                format!("If-None-Match: \"x\", W/{tag}\r\n"),
            ),
            1 => (Special::Failed, String::from("If-Match: \"x\"\r\n")),
            2 if known.target == "/page" => {
                let date = "Sun Nov  6 08:49:37 1994";
                (
                    Special::NotModified,
                    format!("If-Modified-Since: {date}\r\n"),
                )
            }
            3 | 4 if len > 0 && !is_head => {
                let first = self.random.below(len);
                let last = self.random.between(first, len - 1);
                let line = format!("If-Range: {tag}\r\nRange: bytes={first}-{last}\r\n");
                (Special::Range(first, last), line)
            }
            5 if !is_head => (Special::Unsatisfiable, format!("Range: bytes={len}-\r\n")),
            6..=8 if target == site::CODED => {
                (Special::Gzip, String::from("Accept-Encoding: br, gzip\r\n"))
            }
            _ => (Special::Nothing, String::new()),
        };
        let wish = Wish {
            target,
            is_head,
            special,
        };
        let (path, query) = (known.target, self.random.pick(&["", "", "", "?a=/../b"]));
        let path = match self.random.below(8) {
            0 => format!("/x/..{path}{query}"),
            1 => format!("http://other{path}{query}"),
            2 => format!("/%{:02x}{}{query}", path.as_bytes()[1], &path[2..]),
            _ => format!("{path}{query}"),
        };
        let (version, fields, persistence) = self.fields();
        let method = if is_head { "HEAD" } else { "GET" };
        let before = self.random.pick(&["", "", "", "\r\n"]);
        let head = format!("{before}{method} {path} {version}\r\n{fields}{line}\r\n");
        let answer = |persistence| site::page(wish, persistence);
        plain(head, b"", is_head, persistence, &answer)
    }

    fn other(&mut self) -> Exchange {
        let (version, fields, persistence) = self.fields();
        let handler = self.handler;
        let kind = self.random.below(6);
        let line = match kind {
            0 => "GET /old",
            1 => "GET /nothing",
            2 => "OPTIONS *",
            3 => "OPTIONS /plain",
            4 => "BREW /plain",
            _ => "GET /missing",
        };
        let answer = |persistence| match kind {
            0 => site::redirect(persistence),
            1 => site::nothing(persistence),
            2 | 3 => site::options(persistence),
            4 => site::error_page(handler, 501, false, persistence),
            _ => site::error_page(handler, 404, false, persistence),
        };
        let head = format!("{line} {version}\r\n{fields}\r\n");
        plain(head, b"", false, persistence, &answer)
    }

    fn with_content(&mut self) -> Exchange {
        let (version, fields, persistence) = self.fields();
        let is_function = matches!(self.handler, Handler::Function(_));
        let most = if is_function { CONTENT_MAX } else { 300_000 };
        let len = match self.random.below(4) {
            0 => self.random.below(most + 1),
            1 => self.random.below(2),
            _ => self.random.below(1000),
        };
        let salt = self.random.below(256) as u8;
        let content: Vec<u8> = (0..len).map(|at| (at % 251) as u8 ^ salt).collect();
        let is_old = version == "HTTP/1.0";
        let (framing, sent) = if is_old || self.random.once_in(2) {
            (format!("Content-Length: {len}\r\n"), content.clone())
        } else {
            (
                String::from("Transfer-Encoding: chunked\r\n"),
                self.chunks(&content),
            )
        };
        let expects = !sent.is_empty() && self.random.once_in(4);
        let expectation = if expects {
            "Expect: 100-continue\r\n"
        } else {
            ""
        };
        // HEAD shows whether it is remembered too long.
        let (method, target) = match self.random.below(6) {
            0 => ("HEAD", "/plain"),
            1 => ("POST", "/reverse"),
            // Rare, because it writes to the log.
            2 if self.random.once_in(200) => ("POST", "/error"),
            _ => ("POST", "/plain"),
        };
        let is_head = method == "HEAD";
        let head = format!("{method} {target} {version}\r\n{framing}{fields}{expectation}\r\n");
        let handler = self.handler;
        let answer = |persistence| {
            if is_head {
                let wish = Wish {
                    target: 0,
                    is_head,
                    special: Special::Nothing,
                };
                return site::page(wish, persistence);
            }
            if !is_function {
                let code = if target == "/plain" { 405 } else { 404 };
                return site::error_page(handler, code, false, persistence);
            }
            match target {
                "/error" => site::minimal("400 Bad Request"),
                "/reverse" => site::written(content.iter().rev().copied().collect(), persistence),
                _ => site::written(content.clone(), persistence),
            }
        };
        let mut exchange = plain(head, &sent, is_head, persistence, &answer);
        if is_function && target == "/error" {
            exchange.choices.truncate(1);
            exchange.choices[0].then = Then::Close;
        }
        if expects && !is_old {
            exchange.may_continue = is_function;
            if !is_function {
                exchange.choices.push(Choice {
                    answer: answer(Persistence::Close),
                    then: Then::Linger,
                    after: After::Head,
                });
            }
        }
        exchange
    }

    fn chunks(&mut self, content: &[u8]) -> Vec<u8> {
        let (mut sent, mut rest, mut extensions) = (Vec::new(), content, 40);
        while !rest.is_empty() {
            let least = rest.len().div_ceil(200);
            let (chunk, after) = rest.split_at(self.random.amount(rest.len()).max(least));
            let extension = if extensions > 0 && self.random.once_in(4) {
                extensions -= 1;
                " ; a=\"b\\\"c\"; d"
            } else {
                ""
            };
            sent.extend_from_slice(format!("{:X}{extension}\r\n", chunk.len()).as_bytes());
            sent.extend_from_slice(chunk);
            sent.extend_from_slice(b"\r\n");
            rest = after;
        }
        let trailer = self
            .random
            .pick(&["", "", "Trailer: x\r\nTrailer-2: y\r\n"]);
        sent.extend_from_slice(format!("000\r\n{trailer}\r\n").as_bytes());
        sent
    }

    /// What is no request, or too much of one.
    pub(super) fn invalid(&mut self) -> Exchange {
        let long = |len: usize| "l".repeat(len);
        let too_much = if matches!(self.handler, Handler::Function(_)) {
            CONTENT_MAX as u64 + 1
        } else {
            CONTENT_DISCARD_MAX + 1
        };
        let (text, code) = match self.random.below(16) {
            0 => (String::from("GET /plain HTTP/1.1\r\n\r\n"), 400),
            1 => (String::from("GET  /plain HTTP/1.1\r\nHost: a\r\n\r\n"), 400),
            2 => (String::from("GET /plain HTTP/1.1\nHost: a\n\n"), 400),
            3 => (
                String::from("GET /plain HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
                400,
            ),
            4 => (String::from("GET /plain HTTP/1.1\r\nHost : a\r\n\r\n"), 400),
            5 => (String::from("GET /plain HTTP/2.0\r\nHost: a\r\n\r\n"), 505),
            6 => (
                String::from("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n"),
                501,
            ),
            7 => (
                String::from(
                    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n",
                ),
                400,
            ),
            8 => (
                format!(
                    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {too_much}\r\n\r\n{}",
                    long(50)
                ),
                413,
            ),
            9 => (
                String::from("POST / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n"),
                417,
            ),
            10 => (
                format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", long(TARGET_MAX)),
                414,
            ),
            11 => {
                let len = REQUEST_HEAD_MAX - self.random.below(30);
                (
                    format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", long(len)),
                    431,
                )
            }
            12 => (String::from("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n"), 400),
            13 => (String::from("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"), 400),
            14 => {
                let chunk = long(self.random.below(CONTENT_MAX));
                let start = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
                (
                    format!("{start}{:x}\r\n{chunk}\r\n-1\r\n\r\n", chunk.len().max(1)),
                    400,
                )
            }
            _ => (
                format!(
                    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{too_much:x}\r\nx"
                ),
                413,
            ),
        };
        let head_len = text.find("\r\n\r\n").map_or(text.len(), |at| at + 4);
        // A target is put in normal form only when it is answered, which needs no time to read.
        let then = if text.contains("%zz") {
            Then::Close
        } else {
            Then::Linger
        };
        let answer = site::error_page(self.handler, code, false, Persistence::Close);
        Exchange {
            octets: text.into_bytes(),
            head_len,
            is_head: false,
            may_continue: false,
            is_cut: false,
            choices: vec![Choice {
                answer,
                then,
                after: After::Start,
            }],
        }
    }
}

/// A request with one answer, and another one where the server stops.
pub(super) fn plain(
    head: String,
    content: &[u8],
    is_head: bool,
    persistence: Persistence,
    answer: &dyn Fn(Persistence) -> Answer,
) -> Exchange {
    let head_len = head.len();
    let mut octets = head.into_bytes();
    octets.extend_from_slice(content);
    let is_last = persistence == Persistence::Close;
    let then = if is_last { Then::Close } else { Then::Next };
    let mut choices = vec![Choice {
        answer: answer(persistence),
        then,
        after: After::Whole,
    }];
    if !is_last {
        choices.push(Choice {
            answer: answer(Persistence::Close),
            then: Then::Close,
            after: After::Stop,
        });
    }
    Exchange {
        octets,
        head_len,
        is_head,
        may_continue: false,
        is_cut: false,
        choices,
    }
}
