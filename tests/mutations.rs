//! Streams that were good before chance had its way with them: however they are cut, the answer is the same.
//!
//! Invariant: nothing is known here about what is right; only that the server answers strictly, ends every stream in
//! order, and does not let the segments decide.

use crate::support::random::Random;
use crate::support::reply::{self, Reply};
use crate::support::server::Server;
use crate::support::wire::{self, Wire};
use std::time::Duration;

/// What the streams are made of.
const SEEDS: [&[u8]; 9] = [
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /a/../b/%2e%41?c=d HTTP/1.1\r\nHost: [::1]:80\r\nAccept: */*\r\nConnection: keep-alive\r\n\r\n",
    b"GET http://a.example:80/x HTTP/1.1\r\nHost: b\r\nRange: bytes=0-1\r\nIf-None-Match: \"a\"\r\n\r\n",
    b"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello world",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a=\"b\\\"\"\r\nhello\r\n1\r\n!\r\n0;c\r\nD: e\r\n\r\n",
    b"PUT /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
    b"DELETE /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
];

/// What is put into them: what framing turns on.
const PIECES: [&[u8]; 22] = [
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b" ",
    b"\t",
    b":",
    b";",
    b",",
    b"0",
    b"f",
    b"-",
    b"\"",
    b"\\",
    b"\xff",
    b"\r\n\r\n",
    b"0\r\n\r\n",
    b"Content-Length: 2\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Host: a\r\n",
    b"HTTP/1.1",
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
];

fn mutated(random: &mut Random) -> Vec<u8> {
    let mut stream = Vec::new();
    for _ in 0..=random.below(3) {
        stream.extend_from_slice(SEEDS[random.below(SEEDS.len())]);
    }
    for _ in 0..random.below(4) {
        let at = random.below(stream.len());
        match random.below(4) {
            0 => stream[at] = random.below(256) as u8,
            1 => drop(stream.remove(at)),
            2 => {
                let piece = PIECES[random.below(PIECES.len())];
                stream.splice(at..at, piece.iter().copied());
            }
            _ => {
                let end = (at + 1 + random.below(20)).min(stream.len());
                let copied = stream[at..end].to_vec();
                stream.splice(at..at, copied);
            }
        }
    }
    stream
}

/// Sends the pieces of many streams, the first of all, then the second of all, and returns what came back for each.
fn answers(server: &Server, streams: &[Vec<Vec<u8>>]) -> Vec<Result<Vec<u8>, String>> {
    let wires: Vec<Wire> = streams.iter().map(|_| server.connect()).collect();
    let rounds = streams.iter().map(Vec::len).max().unwrap_or(0);
    for round in 0..rounds {
        for (wire, pieces) in wires.iter().zip(streams) {
            if let Some(piece) = pieces.get(round) {
                wire.send(piece);
            }
        }
        // One worker has read all that when it answers this.
        let mut last = server.connect();
        last.send(&wire::get("/"));
        if let Err(why) = last.try_reply(false) {
            panic!("{why}; {}\n{}", server.fate(), culprits(streams).join("\n"));
        }
    }
    wires
        .into_iter()
        .map(|wire| {
            wire.half_close();
            wire.whole()
        })
        .collect()
}

/// Those of the streams that a fresh server does not survive.
fn culprits(streams: &[Vec<Vec<u8>>]) -> Vec<String> {
    let kills = |pieces: &&Vec<Vec<u8>>| {
        let server = Server::echo(&["-w", "1"]);
        let wire = server.connect();
        for piece in *pieces {
            wire.send(piece);
            let _shows_in_the_end = Wire::try_connect(server.address).map(|mut wire| {
                wire.send(&wire::get("/"));
                wire.try_reply(false)
            });
        }
        server.ends_within(Duration::from_millis(20))
    };
    let shown = |pieces: &Vec<Vec<u8>>| {
        let pieces = pieces.iter().map(|piece| piece.escape_ascii().to_string());
        format!("it does not survive {:?}", pieces.collect::<Vec<_>>())
    };
    streams.iter().filter(kills).map(shown).collect()
}

/// Status and content of every final response.
fn essence(bytes: &[u8]) -> Result<Vec<(u16, String)>, String> {
    // A HEAD or an empty reply cannot be told from the stream alone; no seed makes one.
    let replies = reply::all(bytes, &[])?;
    let replies = replies.iter().filter(|reply| reply.status >= 200);
    Ok(replies
        .map(|reply: &Reply| (reply.status, reply.text()))
        .collect())
}

#[test]
fn segments_decide_nothing() {
    let server = Server::echo(&["-w", "1"]);
    let before = server.proc().fds();
    let mut random = Random::new();
    let mut statuses = std::collections::BTreeMap::new();
    for _ in 0..60 {
        let streams: Vec<Vec<u8>> = (0..50).map(|_| mutated(&mut random)).collect();
        let whole: Vec<Vec<Vec<u8>>> = streams.iter().map(|one| vec![one.clone()]).collect();
        let cut: Vec<Vec<Vec<u8>>> = streams
            .iter()
            .map(|stream| {
                let size = 1 + random.below(stream.len());
                let few = size.max(stream.len() / 8 + 1);
                stream.chunks(few).map(<[u8]>::to_vec).collect()
            })
            .collect();
        let (one, other) = (answers(&server, &whole), answers(&server, &cut));
        for ((stream, one), other) in streams.iter().zip(one).zip(other) {
            let shown = stream.escape_ascii();
            let one = one.and_then(|bytes| essence(&bytes));
            let other = other.and_then(|bytes| essence(&bytes));
            let one = one.unwrap_or_else(|why| panic!("{why}\nfor whole `{shown}`"));
            let other = other.unwrap_or_else(|why| panic!("{why}\nfor cut `{shown}`"));
            assert_eq!(one, other, "whole and cut differ for `{shown}`");
            for (status, _) in one {
                *statuses.entry(status).or_insert(0) += 1;
            }
        }
    }
    println!("{statuses:?}");
    assert!(statuses.len() >= 3, "chance has not gone far: {statuses:?}");
    crate::support::wait::until("the descriptors are those of the start", || {
        server.proc().fds() == before
    });
    server.stop();
}
