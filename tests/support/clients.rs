//! Clients, good, bad and worse, for tests and for `cargo xtask chaos`.
//!
//! Invariant: a client says what it has seen that must not be; whether that is a failure is for its caller.

use crate::support::random::Random;
use crate::support::reply::{self, Reply};
use crate::support::wire::{self, Wire};
use std::net::SocketAddr;
use std::sync::LazyLock;
use std::thread;

/// What the long bodies of the testbed begin with: octets of which every place shows where it is.
static PATTERN: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let lines = (0..4 << 20).step_by(8);
    lines
        .flat_map(|at| format!("{at:07x}\n").into_bytes())
        .collect()
});

/// Targets of the testbed: a short body, one that is gathered, one that is sent from where it lies.
pub(crate) const TARGETS: [&str; 3] = ["/plaintext", "/100k", "/4m"];

/// Whether three requests on a new connection are answered as they should be: one alone, and two at once, the last of
/// which ends it. No answer, or 503, is `false`; a wrong octet is an error.
pub(crate) fn is_answered(address: SocketAddr, target: &str) -> Result<bool, String> {
    let Ok(mut wire) = Wire::try_connect_narrow(address) else {
        return Ok(false);
    };
    let last = wire::request("GET", target, "Connection: close\r\n");
    // What is answered alone goes another way than what is answered together. A long body is sent without a copy where
    // the one before it has filled the socket.
    let mut pair = Some([wire::get(target), last].concat());
    wire.send(&wire::get(target));
    for _ in 0..3 {
        let reply = wire.try_reply(false);
        if let Some(pair) = pair.take() {
            wire.send(&pair);
        }
        match reply {
            Ok(reply) if [408, 503].contains(&reply.status) => return Ok(false),
            Ok(reply) => judge(target, &reply)?,
            // Silence, or an end before that of the reply.
            Err(why) if why.contains(" after `") => return Ok(false),
            Err(why) => return Err(why),
        }
    }
    Ok(true)
}

/// The same for several clients who ask at the same time.
pub(crate) fn all_are_answered(address: SocketAddr, count: usize) -> Result<bool, String> {
    thread::scope(|scope| {
        let ask = || is_answered(address, "/plaintext");
        let threads: Vec<_> = (0..count).map(|_| scope.spawn(ask)).collect();
        let mut answers = threads.into_iter().map(|thread| {
            let panicked = |_| Err("a client has panicked".to_owned());
            thread.join().unwrap_or_else(panicked)
        });
        answers.try_fold(true, |all, one| Ok(all & one?))
    })
}

/// Whether this is what the testbed has at this target.
pub(crate) fn judge(target: &str, reply: &Reply) -> Result<(), String> {
    let content = reply.content.as_slice();
    let is_right = match target {
        "/plaintext" => content == b"Hello, World!",
        _ => !content.is_empty() && PATTERN.starts_with(content),
    };
    if reply.status != 200 || !is_right {
        return Err(format!("{target} is answered {}", reply.head));
    }
    Ok(())
}

/// Requests that no server may serve, with the statuses that may come instead.
pub(crate) const BAD: [(&[u8], &[u16]); 10] = [
    (b"nonsense\r\n\r\n", &[400]),
    (b"GET / HTTP/1.1\r\n\r\n", &[400]),
    (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", &[400]),
    (b"GET / HTTP/1.1\nHost: a\n\n", &[400]),
    (b"GET / HTTP/3.0\r\nHost: a\r\n\r\n", &[400, 505]),
    (b"GET / HTTP/1.1\r\nHost: a\r\nA : b\r\n\r\n", &[400]),
    (b"GET / HTTP/1.1\r\nHost: a\r\n A: b\r\n\r\n", &[400]),
    (
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        &[400],
    ),
    (
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n",
        &[413],
    ),
    (
        b"BREW / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        &[501],
    ),
];

/// Sends one of the bad requests and says what is wrong with what came of it.
pub(crate) fn misbehave(address: SocketAddr, random: &mut Random) -> Result<(), String> {
    let (request, statuses) = BAD[random.below(BAD.len())];
    let wire = Wire::try_connect(address).map_err(|why| why.to_string())?;
    wire.send(request);
    let shown = request.escape_ascii();
    let replies = wire.whole().and_then(|bytes| reply::all(&bytes, &[]));
    match replies.map_err(|why| format!("{shown}: {why}"))?.as_slice() {
        [reply] if statuses.contains(&reply.status) && reply.closes() => Ok(()),
        replies => Err(format!("{shown} is answered {replies:?}")),
    }
}

/// The ways in which a connection is mistreated.
const WAYS: usize = 9;

/// Connects, asks for one of the targets, or for half of it, and ends in one of many ways.
pub(crate) fn mistreat(
    address: SocketAddr,
    targets: &[&str],
    random: &mut Random,
) -> Result<(), String> {
    let request = wire::get(targets[random.below(targets.len())]);
    let half = random.below(request.len());
    let mut wire = Wire::try_connect(address).map_err(|why| why.to_string())?;
    match random.below(WAYS) {
        0 => wire.reset(),
        1 => drop(wire),
        2 => {
            wire.send(&request[..half]);
            wire.reset();
        }
        3 => {
            wire.send(&request[..half]);
            drop(wire);
        }
        4 => {
            wire.send(&request);
            wire.reset();
        }
        // Unread octets make the close an RST.
        5 => {
            wire.send(&request.repeat(3));
            drop(wire);
        }
        6 => {
            wire.send(&request);
            wire.half_close();
            let _octets = wire.read();
            wire.reset();
        }
        7 => {
            wire.send(b"nonsense\r\n\r\n");
            wire.reset();
        }
        _ => {
            wire.send(&wire::get("/plaintext"));
            wire.half_close();
            let replies = wire.whole().and_then(|bytes| reply::all(&bytes, &[]))?;
            if replies.len() != 1 {
                return Err(format!("a half-closed connection gets {replies:?}"));
            }
        }
    }
    Ok(())
}

/// A name, a beginning, what follows it again and again, and the statuses that may come of it.
pub(crate) type Endless = (&'static str, &'static [u8], &'static [u8], &'static [u16]);

/// The head of a request whose content comes in chunks.
pub(crate) const CHUNKED: &[u8] =
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

/// What never ends.
pub(crate) const ENDLESS: [Endless; 9] = [
    ("a method", b"", b"M", &[400, 501]),
    ("a target", b"GET /", b"x", &[414]),
    ("a query", b"GET /?", b"&a=b", &[414]),
    ("a field name", b"GET / HTTP/1.1\r\n", b"x", &[431]),
    (
        "a field value",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: ",
        b"x",
        &[431],
    ),
    (
        "fields",
        b"GET / HTTP/1.1\r\nHost: a\r\n",
        b"A: b\r\n",
        &[431],
    ),
    ("empty lines", b"", b"\r\n", &[400]),
    (
        "an extension",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a=",
        b"x",
        &[400],
    ),
    (
        "trailers",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
        b"A: b\r\n",
        &[431],
    ),
];

/// Sends `more` again and again, at the most `most` octets, whatever the server says; returns how many it took and the
/// reply, which has to arrive although the client does not stop.
pub(crate) fn flood(
    address: SocketAddr,
    start: &[u8],
    more: &[u8],
    most: usize,
) -> Result<(usize, Reply), String> {
    let mut wire = Wire::try_connect(address).map_err(|why| why.to_string())?;
    wire.send(start);
    let mut sent = start.len();
    // What the server says is read at once, as an RST takes what is not.
    while sent < most && !wire.gone() {
        match wire.try_send(more) {
            Ok(()) => sent += more.len(),
            Err((len, _)) => {
                sent += len;
                break;
            }
        }
    }
    while !wire.gone() && wire.inbox().is_empty() {
        wire.read()?;
    }
    let reply = wire.try_reply(false)?;
    Ok((sent, reply))
}
