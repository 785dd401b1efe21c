//! What clients do to servers: vanish, fall silent, stop half-way, come in thousands.
//!
//! Invariant: each ends cleanly, costs no descriptor afterwards, and touches nobody else.

use crate::support::clients;
use crate::support::proc::Proc;
use crate::support::random::Random;
use crate::support::reply;
use crate::support::server::{Elf, Launch, Server};
use crate::support::wait;
use crate::support::wire::{self, Wire};
use rustix::process::{Resource, Rlimit, Signal};
use std::io::Write;
use std::time::{Duration, Instant};

/// Raises the soft limit on descriptors of this process to the hard one; says what it is.
pub(crate) fn descriptors() -> usize {
    let limit = rustix::process::getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    rustix::process::setrlimit(Resource::Nofile, raised).expect("raise the limit");
    limit.maximum.map_or(usize::MAX, |most| most as usize)
}

/// Waits until the server has as many descriptors as before.
fn settles(server: &Server, before: usize) {
    wait::until("the descriptors are those of the start", || {
        server.proc().fds() <= before
    });
}

fn is_served(server: &Server) {
    assert_eq!(
        server.connect().ask(&wire::get("/plaintext")).content,
        b"Hello, World!"
    );
}

fn mistreat(server: &Server, random: &mut Random) {
    let targets = &clients::TARGETS;
    let wrong = clients::mistreat(server.address, targets, random).err();
    assert_eq!(wrong, None, "{}", server.fate());
}

/// Ten thousand connections, ended in any way at any moment, leave nothing behind.
#[test]
fn ten_thousand_aborted_connections() {
    let _turn = wait::turn();
    let server = Server::testbed(&[]);
    let mut random = Random::new();
    let before = server.proc().fds();
    is_served(&server);
    // In batches, so that the server has about as many at once however busy the machine is.
    let mut mistreat_many = |batches: usize| {
        for _ in 0..batches {
            for _ in 0..100 {
                mistreat(&server, &mut random);
            }
            settles(&server, before);
        }
    };
    mistreat_many(10);
    let memory = server.proc().written_kb();
    mistreat_many(90);
    let grown = server.proc().written_kb().saturating_sub(memory);
    assert!(grown <= 64, "{grown} KiB more");
    is_served(&server);
    let end = server.stop();
    assert_eq!(end.errors, "");
}

/// A request that ends early is not answered as if it were whole, wherever it ends.
#[test]
fn truncated_requests_are_not_served() {
    let requests: [&[u8]; 4] = [
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a=\"b\"\r\nhello\r\n0\r\nA: b\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nExpect: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ];
    let server = Server::echo(&[]);
    let before = server.proc().fds();
    for request in requests {
        for len in 0..request.len() {
            let mut wire = server.connect();
            wire.send(&request[..len]);
            wire.half_close();
            let bytes = wire.rest().expect("an orderly end");
            let replies = reply::all(&bytes, &[]).expect("strict replies");
            let good = replies
                .iter()
                .all(|reply| reply.status >= 400 && reply.closes());
            assert!(
                replies.len() <= 1 && good,
                "{}: {replies:?}",
                request[..len].escape_ascii()
            );
        }
    }
    settles(&server, before);
    server.stop();
}

/// The reply to a faulty request arrives although more of the request is on its way: no RST overtakes it.
#[test]
fn error_reply_is_not_lost() {
    let server = Server::start(&["-w", "1"]);
    let requests: [&[u8]; 4] = [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
    ];
    for request in requests {
        let mut wire = server.connect();
        wire.send(request);
        for _ in 0..100 {
            wire.send(&[b'x'; 1000]);
        }
        let reply = wire.try_reply(false).expect("a reply, not an RST");
        assert!([400, 413].contains(&reply.status) && reply.closes());
        assert!(wire.ends(), "{}", request.escape_ascii());
    }
    server.stop();
}

/// Clients that never say anything do not keep others waiting.
#[test]
fn silent_clients() {
    let server = Server::start(&[]);
    let before = server.proc().fds();
    let silent: Vec<Wire> = (0..500).map(|_| server.connect()).collect();
    let halves: Vec<Wire> = (0..500)
        .map(|at| {
            let wire = server.connect();
            wire.send(&wire::get("/plaintext")[..=at % 30]);
            wire
        })
        .collect();
    for _ in 0..50 {
        is_served(&server);
    }
    drop((silent, halves));
    settles(&server, before);
    server.stop();
}

/// A crowd that comes in one moment is served in the next: nobody sleeps while the queues to the workers are full.
#[test]
fn crowd_is_served_at_once() {
    let _turn = wait::turn();
    let server = Server::start(&["-w", "1"]);
    is_served(&server);
    let serve = || {
        server.hold();
        let mut wires: Vec<Wire> = (0..900).map(|_| server.connect()).collect();
        for wire in &wires {
            wire.send(&wire::get("/plaintext"));
        }
        let start = Instant::now();
        server.signal(Signal::CONT);
        for wire in &mut wires {
            assert_eq!(wire.reply().content, b"Hello, World!");
        }
        start.elapsed()
    };
    // Another process may have had the CPU.
    let least = (0..3).map(|_| serve()).min().unwrap_or_default();
    assert!(least < Duration::from_millis(300), "{least:?} for 900");
    server.stop();
}

/// Clients that send and do not read, and then reset: what was parked for them is free again.
#[test]
fn resets_with_output_parked() {
    let _turn = wait::turn();
    let server = Server::testbed(&["-w", "1"]);
    let before = server.proc().fds();
    is_served(&server);
    for _ in 0..20 {
        let wires: Vec<Wire> = (0..20)
            .map(|at| {
                let wire = Wire::connect_narrow(server.address);
                let target = if at % 2 == 0 { "/4m" } else { "/100k" };
                wire.send(&wire::get(target).repeat(100));
                wire
            })
            .collect();
        is_served(&server);
        for wire in wires {
            wire.reset();
        }
    }
    settles(&server, before);
    is_served(&server);
    server.stop();
}

/// A launch with this many descriptors, the hard limit included.
fn limited(elf: Elf, descriptors: usize, flags: &[&str]) -> Server {
    let limit = format!("--nofile={descriptors}:{descriptors}");
    Launch::new(elf)
        .wrapper(&["prlimit", &limit])
        .flags(flags)
        .start()
}

/// CPU time of a server over this span, which may become longer, in thousandths of it.
fn spent_over(proc: Proc, span: Duration) -> u128 {
    let start = Instant::now();
    let before = proc.cpu();
    wait::span(span);
    proc.cpu_since(before).as_nanos() * 1000 / start.elapsed().as_nanos()
}

/// With every descriptor in the hands of clients that say nothing, the server rests, those who are connected are
/// served, and everybody is when descriptors are free again.
#[test]
fn descriptor_limit_is_reached() {
    let _turn = wait::turn();
    for workers in ["1", "2"] {
        let server = limited(Elf::Vanillin, 60, &["-w", workers]);
        let before = server.proc().fds();
        let mut first = server.connect();
        assert_eq!(first.ask(&wire::get("/health")).status, 200);
        let crowd: Vec<Wire> = (0..200).map(|_| server.connect()).collect();
        let spent = spent_over(server.proc(), Duration::from_millis(700));
        assert!(spent < 100, "{workers}: {spent} ms/s of CPU at the limit");
        assert!(server.proc().fds() <= 60);
        drop(crowd);
        wait::until("service resumes", || {
            let mut wire = server.connect();
            wire.send(&wire::get("/plaintext"));
            wire.try_reply(false).is_ok_and(|reply| reply.status == 200)
        });
        drop(first);
        settles(&server, before);
        is_served(&server);
        server.stop();
    }
}

/// With fewer descriptors than it counts on: who cannot be given one is told to come back, from the reserve, and who is
/// connected is served on.
#[test]
fn want_of_a_descriptor_is_answered() {
    let server = Launch::new(Elf::Vanillin)
        .starved()
        .flags(&["-w", "1"])
        .start();
    let before = server.proc().fds();
    // Everything that they send has come before the first of them is accepted.
    server.hold();
    let mut wires: Vec<Wire> = (0..60).map(|_| server.connect()).collect();
    for wire in &wires {
        wire.send(&wire::get("/plaintext"));
    }
    server.signal(Signal::CONT);
    let mut told = 0;
    wires.retain_mut(|wire| {
        let reply = wire.reply();
        if reply.status != 503 {
            assert_eq!(reply.content, b"Hello, World!");
            return true;
        }
        assert!(reply.field("retry-after").is_some() && reply.closes());
        assert!(wire.ends(), "a reset, which the reply may be lost to");
        told += 1;
        false
    });
    assert!(told > 0, "{} of 60 are served", wires.len());
    for wire in &mut wires {
        assert_eq!(wire.ask(&wire::get("/health")).status, 200);
    }
    drop(wires);
    settles(&server, before);
    is_served(&server);
    server.stop();
}

/// Idle connections give way: however many clients keep theirs open, the next one is answered.
#[test]
fn idle_connections_make_room() {
    let server = limited(Elf::Vanillin, 60, &["-w", "2"]);
    let mut wires = Vec::new();
    for at in 0..300 {
        let mut wire = server.connect();
        wire.send(&wire::get("/plaintext"));
        let reply = wire.try_reply(false);
        let reply = reply.unwrap_or_else(|why| panic!("connection {at}: {why}"));
        assert_eq!(reply.status, 200, "connection {at}");
        wires.push(wire);
    }
    // The oldest had to go, in order; the newest are still there.
    let newest = wires
        .pop()
        .map(|mut wire| wire.ask(&wire::get("/plaintext")));
    assert!(newest.is_some_and(|reply| reply.status == 200));
    assert!(
        wires.first_mut().is_some_and(Wire::gone),
        "the oldest is still there"
    );
    drop(wires);
    server.stop();
}

/// The same with the cap that an operator sets.
#[test]
fn cap_on_connections() {
    let server = Server::start(&["-w", "1", "--connections", "10"]);
    let before = server.proc().fds();
    let mut wires = Vec::new();
    for at in 0..50 {
        let mut wire = server.connect();
        wire.send(&wire::get("/plaintext"));
        let reply = wire.try_reply(false);
        let reply = reply.unwrap_or_else(|why| panic!("connection {at}: {why}"));
        assert_eq!(reply.status, 200, "connection {at}");
        wires.push(wire);
        assert!(server.proc().fds() <= before + 12, "connection {at}");
    }
    drop(wires);
    settles(&server, before);
    server.stop();
}

/// At the cap of busy connections a newcomer waits, and is served when one of them leaves.
#[test]
fn newcomers_wait_at_the_cap() {
    let server = Server::start(&["-w", "1", "--connections", "4"]);
    let before = server.proc().fds();
    let busy: Vec<Wire> = (0..4)
        .map(|_| {
            let wire = server.connect();
            wire.send(b"GET /plaintext HTTP/1.1\r\nHo");
            wire
        })
        .collect();
    wait::until("all four are accepted", || {
        server.proc().fds() >= before + 4
    });
    let base = server.proc().fds();
    let mut waiting = server.connect();
    waiting.send(&wire::get("/plaintext"));
    let spent = spent_over(server.proc(), Duration::from_millis(300));
    assert!(spent < 100, "{spent} ms/s of CPU at the cap");
    assert!(server.proc().fds() <= base + 2);
    drop(busy);
    assert_eq!(waiting.reply().content, b"Hello, World!");
    server.stop();
}

/// A pool without a chunk left is the trouble of those who need one, and of nobody else.
#[test]
fn chunk_pool_is_empty() {
    let _turn = wait::turn();
    descriptors();
    let server = Server::start(&["-w", "1", "--head-timeout", "60"]);
    let before = server.proc().fds();
    // Half a head of 8,000 octets in the hands of each: together more than the pool has.
    let head = wire::get(&format!("/plaintext?{}", "x".repeat(7900)));
    let needed = vanillin::limits::CHUNKS_MAX * vanillin::limits::READ_CHUNK / 7900 + 40;
    let mut wires = Vec::new();
    for _ in 0..needed {
        let wire = server.connect();
        wire.send(&head[..7900]);
        wires.push(wire);
        is_served(&server);
    }
    let refused: Vec<u16> = wires
        .iter_mut()
        .filter_map(|wire| {
            wire.gone();
            let reply = reply::all(wire.inbox(), &[]).expect("strict replies");
            let reply = reply.first()?;
            assert!(reply.field("retry-after").is_some() && reply.closes());
            Some(reply.status)
        })
        .collect();
    assert!(!refused.is_empty(), "{needed} connections are not enough");
    assert!(refused.iter().all(|status| *status == 503), "{refused:?}");
    // The others are not harmed.
    let mut first = wires.swap_remove(0);
    first.send(&head[7900..]);
    assert_eq!(first.reply().content, b"Hello, World!");
    drop((wires, first));
    settles(&server, before);
    server.stop();
}

/// A gigabyte in chunks is refused at the bound, and nothing of it is kept.
#[test]
fn endless_content_is_cut_off() {
    let server = Server::start(&["-w", "1"]);
    let chunk = [b"fff8\r\n".as_slice(), &vec![b'x'; 0xfff8], b"\r\n"].concat();
    let (sent, reply) = clients::flood(server.address, clients::CHUNKED, &chunk, 1 << 30)
        .unwrap_or_else(|why| panic!("{why}; {}", server.fate()));
    assert!(sent < 64 << 20, "{sent} octets were taken");
    assert_eq!(reply.status, 413);
    server.stop();
}

/// A pipe that nobody reads must not stop the server when it has something to say.
#[test]
fn blocked_standard_error() {
    let (reader, mut writer) = std::io::pipe().expect("a pipe");
    writer
        .write_all(&vec![b'.'; 64 * 1024])
        .expect("room for what a pipe holds");
    let server = Launch::new(Elf::Echo)
        .errors_to(writer)
        .flags(&["-w", "1"])
        .start();
    for _ in 0..3 {
        let reply = server.connect().ask(&wire::get("/error"));
        assert_eq!(reply.status, 400);
        assert_eq!(server.connect().ask(&wire::get("/")).status, 200);
    }
    drop(reader);
    server.stop();
}
