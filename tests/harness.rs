//! The harness against a small server with a fault of choice: a test that cannot fail is no test.
//!
//! Invariant: every fault that the table is to find is planted here once, and found.

use crate::support::date;
use crate::support::random::Random;
use crate::support::reply::Reply;
use crate::support::table::{BAD, Case, Expect, SITE, Target, case};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

/// What the mock does wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    None,
    TakesAReadForARequest,
    ForgetsPipelined,
    GoesOnAfterAnError,
    ClosesUnannounced,
    AnswersTwice,
    AnnouncesAndStays,
    OldDate,
    NoDate,
    NoLength,
    ShortContent,
    OtherContent,
    OtherStatus,
    RepeatsAField,
    NamesItself,
    SpaceBehindAValue,
}

const CASES: [Case; 2] = [
    case(
        "a good request",
        b"GET /plaintext HTTP/1.1\r\nHost: a\r\n\r\n",
        Expect::keep(&[200]).content(b"Hello, World!"),
    ),
    case(
        "a bare LF",
        b"GET /plaintext HTTP/1.1\nHost: a\r\n\r\n",
        BAD,
    ),
];

fn rendered(good: bool, close: bool, fault: Fault) -> Vec<u8> {
    let content = match (good, fault) {
        (true, Fault::OtherContent) => "Hello, world!",
        (true, _) => "Hello, World!",
        (false, _) => "Bad Request\n",
    };
    let status = match (good, fault) {
        (true, _) => "200 OK",
        (false, Fault::OtherStatus) => "404 Not Found",
        (false, _) => "400 Bad Request",
    };
    let mut head = format!("HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\n");
    let now = date::now();
    match fault {
        Fault::OldDate => head.extend(["Date: ", &date::imf(now - 3600), "\r\n"]),
        Fault::NoDate => {}
        _ => head.extend(["Date: ", &date::imf(now), "\r\n"]),
    }
    match fault {
        Fault::RepeatsAField => head += "ETag: \"a\"\r\nETag: \"a\"\r\n",
        Fault::NamesItself => head += "Server: mock/1.0\r\n",
        Fault::SpaceBehindAValue => head += "X-Mock: a \r\n",
        _ => {}
    }
    if fault != Fault::NoLength {
        let len = content.len() + usize::from(fault == Fault::ShortContent);
        head.extend(["Content-Length: ", &len.to_string(), "\r\n"]);
    }
    if close && fault != Fault::ClosesUnannounced {
        head += "Connection: close\r\n";
    }
    let reply = format!("{head}\r\n{content}").into_bytes();
    if fault == Fault::AnswersTwice {
        return reply.repeat(2);
    }
    reply
}

/// Serves a connection until its end; `None` is what any exit from here means.
fn serve(mut stream: TcpStream, fault: Fault) -> Option<()> {
    let mut inbox = Vec::new();
    let mut buf = [0; 4096];
    loop {
        let len = stream.read(&mut buf).ok().filter(|len| *len > 0)?;
        inbox.extend_from_slice(&buf[..len]);
        if fault == Fault::TakesAReadForARequest && !inbox.ends_with(b"\r\n\r\n") {
            stream.write_all(&rendered(false, true, fault)).ok()?;
            return linger(&mut stream);
        }
        while let Some((good, len)) = first(&inbox) {
            let request: Vec<u8> = inbox.drain(..len).collect();
            if fault == Fault::ForgetsPipelined {
                inbox.clear();
            }
            let close = !good || request.windows(5).any(|window| window == b"close");
            stream.write_all(&rendered(good, close, fault)).ok()?;
            let ends = match fault {
                Fault::GoesOnAfterAnError => close && good,
                Fault::AnnouncesAndStays => !good,
                _ => close,
            };
            if ends {
                return linger(&mut stream);
            }
        }
    }
}

/// The first request of the inbox: whether it is good, and its length. A bare LF makes it bad where it stands.
fn first(inbox: &[u8]) -> Option<(bool, usize)> {
    for (at, octet) in inbox.iter().enumerate() {
        if *octet == b'\n' && !inbox[..at].ends_with(b"\r") {
            let end = inbox.windows(4).position(|four| four == b"\r\n\r\n");
            return Some((false, end.map_or(inbox.len(), |end| end + 4)));
        }
        if inbox[..=at].ends_with(b"\r\n\r\n") {
            return Some((true, at + 1));
        }
    }
    None
}

fn linger(stream: &mut TcpStream) -> Option<()> {
    stream.shutdown(std::net::Shutdown::Write).ok()?;
    let mut buf = [0; 4096];
    while stream.read(&mut buf).ok()? > 0 {}
    None
}

/// The verdict of the table on a mock with this fault.
fn verdict(fault: Fault) -> Result<(), String> {
    let listener = TcpListener::bind("127.0.0.1:0").expect("bind");
    let address = listener.local_addr().expect("an address");
    // The thread and its sockets end with the process: an accept cannot be called off.
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _nobody_waits = stream.set_nodelay(true);
            thread::spawn(move || serve(stream, fault));
        }
    });
    let target = Target {
        address,
        lead: SITE,
    };
    CASES.iter().try_for_each(|case| target.check(case))
}

#[test]
fn table_accepts_a_server_without_fault() {
    assert_eq!(verdict(Fault::None), Ok(()));
}

#[test]
fn table_finds_every_fault() {
    let faults = [
        Fault::TakesAReadForARequest,
        Fault::ForgetsPipelined,
        Fault::GoesOnAfterAnError,
        Fault::ClosesUnannounced,
        Fault::AnswersTwice,
        Fault::AnnouncesAndStays,
        Fault::OldDate,
        Fault::NoDate,
        Fault::NoLength,
        Fault::ShortContent,
        Fault::OtherContent,
        Fault::OtherStatus,
        Fault::RepeatsAField,
        Fault::NamesItself,
        Fault::SpaceBehindAValue,
    ];
    let threads = faults.map(|fault| (fault, thread::spawn(move || verdict(fault))));
    for (fault, thread) in threads {
        let verdict = thread.join().expect("no panic");
        assert!(verdict.is_err(), "{fault:?} was not found");
    }
}

#[test]
fn reader_refuses_what_is_not_strict() {
    let date = date::imf(date::now());
    let good = format!(
        "HTTP/1.1 404 Not Found\r\nDate: {date}\r\nContent-Type: text/plain; charset=utf-8\r\n"
    );
    let whole = format!("{good}Content-Length: 2\r\n\r\nno");
    let (reply, len) = Reply::take(whole.as_bytes(), false)
        .expect("strict")
        .expect("complete");
    assert_eq!(
        (reply.status, len, reply.text()),
        (404, whole.len(), "no".into())
    );
    for end in 0..whole.len() {
        let taken = Reply::take(&whole.as_bytes()[..end], false);
        assert!(matches!(taken, Ok(None)), "{end} octets are not complete");
    }
    let bad = [
        whole.replace("HTTP/1.1", "HTTP/1.0"),
        whole.replace("404 Not", "404Not"),
        whole.replace("404", "4040"),
        whole.replace("Date:", "Date :"),
        whole.replace("Date:", "D te:"),
        whole.replace("Date: ", "Date:"),
        whole.replace("Content-Length: 2", "Content-Length: 02"),
        whole.replace("Content-Length: 2", "Content-Length: two"),
        whole.replace("Content-Length: 2", "Content-Length: 0"),
        whole.replace(
            "Content-Length: 2",
            "Transfer-Encoding: chunked\r\nContent-Length: 2",
        ),
        whole.replace("; charset=utf-8", ""),
        whole.replace("404 Not Found", "405 Not Allowed"),
        whole.replace("404 Not Found", "301 Moved"),
        whole.replace("404 Not Found", "204 No Content"),
        whole.replace("404 Not Found", "416 Out of Range"),
        whole.replace("404 Not Found", "206 Part"),
    ];
    for text in bad {
        let taken = Reply::take(text.as_bytes(), false);
        assert!(taken.is_err(), "accepted `{}`", text.escape_debug());
    }
}

#[test]
fn randomness_covers_its_range() {
    let mut random = Random::new();
    let mut seen = [false; 8];
    for _ in 0..1000 {
        seen[random.below(seen.len())] = true;
    }
    assert_eq!(seen, [true; 8]);
}
