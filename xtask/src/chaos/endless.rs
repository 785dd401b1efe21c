//! What does not end: a pipeline, a content, a head.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Instant;

use anyhow::{Context, anyhow, bail, ensure};

use super::Plan;
use super::arena::Arena;
use super::findings::Findings;
use super::probe;
use crate::bench::answer;
use crate::support::clients::{self, CHUNKED, ENDLESS, Endless};
use crate::support::reply::Reply;
use crate::support::wire::{self, Wire};

/// Requests on one connection, none of which waits for the answer to another.
const REQUESTS: usize = 1_000_000;

/// Octets of a content that is too large by far, and of everything else that does not end.
const CONTENT: usize = 1 << 30;

/// Octets that may be taken of what is refused: buffers of both sockets, and what is drained afterwards.
const TAKEN_MAX: usize = 64 << 20;

pub(crate) fn run(plan: &Plan, findings: &mut Findings) -> anyhow::Result<()> {
    let mut arena = Arena::open(&plan.elf, &[])?;
    let alone = Arena::open(&plan.elf, &[])?;
    let before = arena.memory();
    let outcome = probe::judge(arena.address, alone.address, || {
        pipeline(&arena).map_err(|error| format!("{error:#}"))
    });
    findings.outcome("a pipeline", outcome);
    findings.outcome("a gibibyte in chunks", content(&arena, CHUNKED));
    let head = format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {CONTENT}\r\n\r\n");
    findings.outcome("a gibibyte at once", content(&arena, head.as_bytes()));
    let tiny: Endless = ("tiny chunks", CHUNKED, b"1\r\nx\r\n", &[413]);
    for endless in ENDLESS.into_iter().chain([tiny]) {
        findings.outcome(endless.0, flood(&arena, endless));
    }
    let grown = arena.memory().resident.saturating_sub(before.resident);
    let settled = arena
        .settle()
        .map(|()| format!("{grown} KiB more are resident, all descriptors are back"));
    findings.outcome("after it", settled.map_err(|error| format!("{error:#}")));
    Ok(())
}

/// Every reply is read strictly and has to be the same.
fn pipeline(arena: &Arena) -> anyhow::Result<String> {
    let begin = Instant::now();
    let mut stream = answer::connect(arena.address.port())?;
    let mut sender = stream.try_clone()?;
    let writing = thread::spawn(move || -> std::io::Result<()> {
        let batch = wire::get("/plaintext").repeat(1000);
        for _ in 0..REQUESTS / 1000 - 1 {
            sender.write_all(&batch)?;
        }
        sender.write_all(&wire::get("/plaintext").repeat(999))?;
        sender.write_all(&wire::request("GET", "/plaintext", "Connection: close\r\n"))
    });
    let count = count_replies(&mut stream)?;
    let written = writing
        .join()
        .map_err(|_| anyhow!("the sender has panicked"))?;
    written.context("send")?;
    ensure!(count == REQUESTS, "{count} replies to {REQUESTS} requests");
    let rate = count as f64 / begin.elapsed().as_secs_f64();
    Ok(format!(
        "{count} requests on one connection, {rate:.0} a second"
    ))
}

fn count_replies(stream: &mut TcpStream) -> anyhow::Result<usize> {
    let (mut inbox, mut count) = (Vec::new(), 0);
    let mut buf = vec![0; 64 * 1024];
    loop {
        let len = stream.read(&mut buf)?;
        if len == 0 {
            ensure!(inbox.is_empty(), "{} octets too many", inbox.len());
            return Ok(count);
        }
        inbox.extend_from_slice(&buf[..len]);
        let mut start = 0;
        while let Some((reply, len)) =
            Reply::take(&inbox[start..], false).map_err(anyhow::Error::msg)?
        {
            if reply.content != b"Hello, World!" {
                bail!("reply {count} is {}", reply.head);
            }
            ensure!(
                reply.closes() == (count + 1 == REQUESTS),
                "reply {count} closes"
            );
            count += 1;
            start += len;
        }
        inbox.drain(..start);
    }
}

/// A content that is refused: the reply arrives though the client does not stop, and one that stops when it has the
/// reply sees an orderly end.
fn content(arena: &Arena, head: &[u8]) -> Result<String, String> {
    let chunk = [b"fff8\r\n".as_slice(), &vec![b'x'; 0xfff8], b"\r\n"].concat();
    let (sent, reply) = clients::flood(arena.address, head, &chunk, CONTENT)?;
    let text = format!("{} after {sent} octets", reply.status);
    if reply.status != 413 || sent > TAKEN_MAX {
        return Err(text);
    }
    let mut wire = Wire::try_connect(arena.address).map_err(|why| why.to_string())?;
    wire.send(head);
    let mut polite = head.len();
    while !wire.gone() && wire.inbox().is_empty() {
        polite += wire.send_now(&chunk);
    }
    let reply = wire.try_reply(false)?;
    if reply.status != 413 || !reply.closes() || !wire.ends() {
        return Err(format!("{text}; no orderly end for who stops then"));
    }
    Ok(format!(
        "{text}, and after {polite} an orderly end for who stops then"
    ))
}

fn flood(arena: &Arena, (_, start, more, statuses): Endless) -> Result<String, String> {
    let more = more.repeat(64 * 1024 / more.len());
    let (sent, reply) = clients::flood(arena.address, start, &more, CONTENT)?;
    let text = format!("{} after {sent} octets", reply.status);
    let is_good = statuses.contains(&reply.status) && reply.closes() && sent < TAKEN_MAX;
    if is_good { Ok(text) } else { Err(text) }
}
