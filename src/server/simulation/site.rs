//! What is served in the simulation, twice: as the server has it, and as plain octets.

use std::borrow::Cow;
use std::format;
use std::string::String;
use std::vec::Vec;

use crate::request::Request;
use crate::resource::{Coding, Moment};
use crate::response::{Response, Status};
use crate::router::Router;
use crate::server::handler::{Buffer, Handler, HandlerError};
use crate::{Method, Route, routes};

/// Octets of which every place shows where it is.
const fn pattern<const LEN: usize>() -> [u8; LEN] {
    const PERIOD: usize = 4099;
    let mut octets = [0; LEN];
    let mut at = 0;
    while at < LEN && at < PERIOD {
        octets[at] = (at % 251) as u8 ^ (at / 251) as u8;
        at += 1;
    }
    while at < LEN {
        let (done, rest) = octets.split_at_mut(at);
        // A multiple of the period at a time.
        let len = if done.len() < rest.len() {
            done.len()
        } else {
            rest.len()
        };
        let (place, _) = rest.split_at_mut(len);
        let (from, _) = done.split_at(len);
        place.copy_from_slice(from);
        at += len;
    }
    octets
}

pub(super) static PAGE: [u8; 3000] = pattern();
pub(super) static LONG: [u8; 70_000] = pattern();
pub(super) static HUGE: [u8; 2_300_000] = pattern();
static PARDON: [u8; 5000] = pattern();

const BINARY: &str = "application/octet-stream";
const TEXT: &str = "text/plain; charset=utf-8";
const ALLOW: &str = "Allow: GET, HEAD, OPTIONS\r\n";

/// Seconds since 1970.
pub(super) const MODIFIED: u64 = 784_111_777;

static SITE: Router = Router::new(routes![
    Route::text("/plain", "Hello, World!").tag("\"plain\""),
    Route::text("/empty", "").tag("\"empty\""),
    Route::new("/page", BINARY, &PAGE)
        .tag("\"page\"")
        .modified(MODIFIED),
    Route::new("/long", BINARY, &LONG).tag("\"long\""),
    Route::new("/huge", BINARY, &HUGE).tag("\"huge\""),
    Route::text("/coded", "not coded, and longer")
        .tag("\"coded\"")
        .encoded(Coding::Gzip, b"coded")
        .tag("\"coded-gzip\""),
    Route::redirect("/old", Status::MOVED_PERMANENTLY, "/plain"),
    Route::no_content("/nothing"),
    Route::error(Status::BAD_REQUEST, BINARY, &PARDON),
    Route::error(Status::NOT_FOUND, BINARY, b"nothing here"),
]);

pub(super) const ROUTER: Handler = Handler::Router(&SITE);
pub(super) const FUNCTION: Handler = Handler::function(answer);

/// POST is answered with its own content, forwards or backwards; anything else by the site.
fn answer<'a>(
    request: &Request<'a>,
    moment: Moment,
    buffer: &'a mut Buffer,
) -> Result<Response<'a>, HandlerError> {
    if request.method != Method::Post {
        return Ok(SITE.respond(request, moment));
    }
    let content = match request.path {
        b"/error" => return Err(HandlerError("simulated")),
        b"/reverse" => {
            for octet in request.content().iter().rev() {
                let _ = buffer.push(*octet);
            }
            buffer
        }
        _ => request.content(),
    };
    Ok(Response::Written {
        status: Status::OK,
        content_type: BINARY,
        content,
    })
}

/// A response, octet for octet but for its date.
#[derive(Clone)]
pub(super) struct Answer {
    pub(super) head: Vec<u8>,
    pub(super) date_at: usize,
    pub(super) body: Cow<'static, [u8]>,
}

impl Answer {
    pub(super) fn len(&self) -> usize {
        self.head.len() + self.body.len()
    }
}

/// What a response says of the connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Persistence {
    Implied,
    KeepAlive,
    Close,
}

/// How a request is answered that is right as a request.
#[derive(Clone, Copy)]
pub(super) struct Wish {
    pub(super) target: usize,
    pub(super) is_head: bool,
    pub(super) special: Special,
}

/// What a GET or HEAD asks beyond a target.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Special {
    Nothing,
    NotModified,
    Failed,
    Range(usize, usize),
    Unsatisfiable,
    Gzip,
}

/// A target, its body and field lines of its 200: those that every answer about it has, and those that a 304 has not.
pub(super) struct Known {
    pub(super) target: &'static str,
    pub(super) tag: &'static str,
    pub(super) body: &'static [u8],
    vary: &'static str,
    others: &'static str,
}

const fn known(
    target: &'static str,
    tag: &'static str,
    body: &'static [u8],
    vary: &'static str,
    others: &'static str,
) -> Known {
    Known {
        target,
        tag,
        body,
        vary,
        others,
    }
}

pub(super) const CODED: usize = 5;
pub(super) const HUGE_AT: usize = 4;

const TEXT_FIELDS: &str = "Content-Type: text/plain; charset=utf-8\r\nAccept-Ranges: bytes\r\n";
const BINARY_FIELDS: &str = "Content-Type: application/octet-stream\r\nAccept-Ranges: bytes\r\n";
const PAGE_FIELDS: &str = "Content-Type: application/octet-stream\r\n\
    Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\nAccept-Ranges: bytes\r\n";
const CODED_FIELDS: &str = "Content-Type: text/plain; charset=utf-8\r\n\
    Content-Encoding: gzip\r\nAccept-Ranges: bytes\r\n";

pub(super) static KNOWN: [Known; 6] = [
    known("/plain", "\"plain\"", b"Hello, World!", "", TEXT_FIELDS),
    known("/empty", "\"empty\"", b"", "", TEXT_FIELDS),
    known("/page", "\"page\"", &PAGE, "", PAGE_FIELDS),
    known("/long", "\"long\"", &LONG, "", BINARY_FIELDS),
    known("/huge", "\"huge\"", &HUGE, "", BINARY_FIELDS),
    known(
        "/coded",
        "\"coded\"",
        b"not coded, and longer",
        "Vary: Accept-Encoding\r\n",
        TEXT_FIELDS,
    ),
];

static GZIPPED: Known = known(
    "/coded",
    "\"coded-gzip\"",
    b"coded",
    "Vary: Accept-Encoding\r\n",
    CODED_FIELDS,
);

/// Puts a response together. `len` is the value of Content-Length.
fn compose(
    status: &str,
    fields: &str,
    len: Option<usize>,
    persistence: Persistence,
    body: impl Into<Cow<'static, [u8]>>,
) -> Answer {
    let length = len.map_or_else(String::new, |len| format!("Content-Length: {len}\r\n"));
    let connection = match persistence {
        Persistence::Implied => "",
        Persistence::KeepAlive => "Connection: keep-alive\r\n",
        Persistence::Close => "Connection: close\r\n",
    };
    let start = format!("HTTP/1.1 {status}\r\nDate: ");
    let date_at = start.len();
    let date = "Thu, 01 Jan 1970 00:00:00 GMT";
    let head = format!("{start}{date}\r\n{fields}{length}{connection}\r\n").into_bytes();
    Answer {
        head,
        date_at,
        body: body.into(),
    }
}

fn body_unless(is_head: bool, body: &'static [u8]) -> &'static [u8] {
    if is_head { b"" } else { body }
}

/// The answer to a GET or HEAD of a known target.
pub(super) fn page(wish: Wish, persistence: Persistence) -> Answer {
    let known = match wish.special {
        Special::Gzip => &GZIPPED,
        _ => &KNOWN[wish.target],
    };
    let (tag, vary, others) = (known.tag, known.vary, known.others);
    let kept = format!("ETag: {tag}\r\nCache-Control: no-cache\r\n{vary}");
    let whole = format!("{kept}{others}");
    let len = known.body.len();
    match wish.special {
        Special::NotModified => {
            compose("304 Not Modified", &kept, None, persistence, b"".as_slice())
        }
        Special::Failed => varying(error(412, wish.is_head, persistence), vary),
        Special::Range(first, last) => {
            let fields = format!("{whole}Content-Range: bytes {first}-{last}/{len}\r\n");
            let part = &known.body[first..=last];
            compose(
                "206 Partial Content",
                &fields,
                Some(part.len()),
                persistence,
                part,
            )
        }
        Special::Unsatisfiable => {
            let body = "416 Range Not Satisfiable\n";
            let fields = format!(
                "Content-Type: {TEXT}\r\nCache-Control: no-store\r\nContent-Range: bytes */{len}\r\n"
            );
            let answer = compose(
                body.trim(),
                &fields,
                Some(body.len()),
                persistence,
                body.as_bytes(),
            );
            varying(answer, vary)
        }
        Special::Nothing | Special::Gzip => {
            let body = body_unless(wish.is_head, known.body);
            compose("200 OK", &whole, Some(len), persistence, body)
        }
    }
}

/// The same answer with lines behind its Content-Length.
fn varying(mut answer: Answer, lines: &str) -> Answer {
    let head = String::from_utf8(answer.head).expect("a head");
    let (before, behind) = head.split_once("\r\nContent-Length: ").expect("a length");
    let (len, rest) = behind.split_once("\r\n").expect("a line");
    answer.head = format!("{before}\r\nContent-Length: {len}\r\n{lines}{rest}").into_bytes();
    answer
}

/// The server's own errors.
pub(super) fn error(code: u16, is_head: bool, persistence: Persistence) -> Answer {
    let body = match code {
        400 => "400 Bad Request\n",
        404 => "404 Not Found\n",
        405 => "405 Method Not Allowed\n",
        408 => "408 Request Timeout\n",
        412 => "412 Precondition Failed\n",
        413 => "413 Content Too Large\n",
        414 => "414 URI Too Long\n",
        417 => "417 Expectation Failed\n",
        431 => "431 Request Header Fields Too Large\n",
        501 => "501 Not Implemented\n",
        503 => "503 Service Unavailable\n",
        505 => "505 HTTP Version Not Supported\n",
        code => panic!("{code} is no error of the model"),
    };
    let more = match code {
        405 => ALLOW,
        503 => "Retry-After: 1\r\n",
        _ => "",
    };
    let fields = format!("Content-Type: {TEXT}\r\nCache-Control: no-store\r\n{more}");
    let len = Some(body.len());
    let sent = body_unless(is_head, body.as_bytes());
    compose(body.trim(), &fields, len, persistence, sent)
}

/// The same where the site has its own pages.
pub(super) fn error_page(
    handler: Handler,
    code: u16,
    is_head: bool,
    persistence: Persistence,
) -> Answer {
    let (status, body): (_, &'static [u8]) = match (handler, code) {
        (Handler::Router(_), 400) => ("400 Bad Request", &PARDON),
        (Handler::Router(_), 404) => ("404 Not Found", b"nothing here"),
        _ => return error(code, is_head, persistence),
    };
    let fields = format!("Cache-Control: no-store\r\nContent-Type: {BINARY}\r\n");
    let len = Some(body.len());
    compose(
        status,
        &fields,
        len,
        persistence,
        body_unless(is_head, body),
    )
}

/// What a function has written.
pub(super) fn written(content: Vec<u8>, persistence: Persistence) -> Answer {
    let fields = format!("Cache-Control: no-cache\r\nContent-Type: {BINARY}\r\n");
    let len = Some(content.len());
    compose("200 OK", &fields, len, persistence, content)
}

pub(super) fn redirect(persistence: Persistence) -> Answer {
    let fields = "Cache-Control: no-cache\r\nLocation: /plain\r\n";
    let status = "301 Moved Permanently";
    compose(status, fields, Some(0), persistence, b"".as_slice())
}

pub(super) fn no_content(fields: &str, persistence: Persistence) -> Answer {
    compose("204 No Content", fields, None, persistence, b"".as_slice())
}

pub(super) fn nothing(persistence: Persistence) -> Answer {
    no_content("Cache-Control: no-cache\r\n", persistence)
}

pub(super) fn options(persistence: Persistence) -> Answer {
    no_content(ALLOW, persistence)
}

/// A handler's error, and an empty request.
pub(super) fn minimal(status: &str) -> Answer {
    compose(status, "", Some(0), Persistence::Close, b"".as_slice())
}
