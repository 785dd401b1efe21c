//! Connections in numbers: opened and dropped, reset, half closed, half open, and idle.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::socket::{setsockopt, sockopt};

use super::Plan;
use super::arena::Arena;
use super::findings::Findings;
use super::probe;
use crate::support::clients::{self, TARGETS};
use crate::support::random::Random;
use crate::support::wait;
use crate::support::wire::{self, Wire};

/// Clients that make a storm.
const CLIENTS: u64 = 4;

const IDLE: usize = 10_000;
const HALF_OPEN: usize = 500;

/// What a client does again and again.
type Act<'a> = &'a (dyn Fn(&mut Random) -> Result<(), String> + Sync);

pub(crate) fn run(plan: &Plan, findings: &mut Findings) -> anyhow::Result<()> {
    let span = Duration::from_secs(if plan.quick { 3 } else { 20 });
    let mut arena = Arena::open(&plan.testbed, &[])?;
    let alone = Arena::open(&plan.testbed, &[])?;
    let address = arena.address;
    let connect = || connect(address);
    let storms: [(&str, Act<'_>); 4] = [
        ("connections without an octet", &|_| {
            connect().map(Wire::reset)
        }),
        ("resets while a response is sent", &|random| {
            let wire = connect()?;
            wire.send(&wire::get(TARGETS[random.below(TARGETS.len())]).repeat(4));
            wire.reset();
            Ok(())
        }),
        ("every way to end", &|random| {
            clients::mistreat(address, &TARGETS, random)
        }),
        ("half-closed connections", &|random| {
            let target = TARGETS[random.below(TARGETS.len())];
            let mut wire = connect()?;
            wire.send(&wire::get(target));
            wire.half_close();
            let reply = wire.try_reply(false)?;
            clients::judge(target, &reply)?;
            wire.ends().then_some(()).ok_or("no end")?;
            wire.reset();
            Ok(())
        }),
    ];
    for (name, act) in storms {
        let outcome = probe::judge(address, alone.address, || storm(plan.seed, span, act));
        findings.outcome(name, outcome);
        if let Err(error) = arena.settle() {
            findings.judge(false, format!("after {name}: {error:#}"));
        }
    }
    half_open(plan, findings)?;
    idle(plan, findings)
}

fn connect(address: SocketAddr) -> Result<Wire, String> {
    Wire::try_connect(address).map_err(|why| why.to_string())
}

/// All clients do it for a while; how often it was done.
fn storm(seed: u64, span: Duration, act: Act<'_>) -> Result<String, String> {
    let begin = Instant::now();
    let count = AtomicUsize::new(0);
    thread::scope(|scope| {
        let client = |at| {
            let mut random = Random::of(seed.wrapping_add(at));
            while begin.elapsed() < span {
                act(&mut random)?;
                count.fetch_add(1, Ordering::Relaxed);
            }
            Ok(())
        };
        let threads: Vec<_> = (0..CLIENTS)
            .map(|at| scope.spawn(move || client(at)))
            .collect();
        let panicked = |_| Err("a client has panicked".to_owned());
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().unwrap_or_else(panicked))
    })?;
    let (count, seconds) = (count.into_inner(), begin.elapsed().as_secs_f64());
    Ok(format!(
        "{count} connections, {:.0} a second",
        count as f64 / seconds
    ))
}

/// Peers that are gone without a word, as where a cable is pulled: a socket that is closed in repair mode sends none.
fn half_open(plan: &Plan, findings: &mut Findings) -> anyhow::Result<()> {
    let flags = [
        "--head-timeout",
        "2",
        "--idle-timeout",
        "2",
        "--progress-timeout",
        "2",
    ];
    let mut arena = Arena::open(&plan.testbed, &flags)?;
    let mut gone = 0;
    for at in 0..HALF_OPEN {
        let mut stream = TcpStream::connect(arena.address)?;
        match at % 3 {
            0 => {}
            1 => stream.write_all(b"GET / HTTP/1.1\r\n")?,
            _ => {
                stream.write_all(&wire::get("/4m"))?;
                // The response is on its way.
                stream.read_exact(&mut [0; 1000])?;
            }
        }
        gone += usize::from(setsockopt(&stream, sockopt::TcpRepair, &1).is_ok());
    }
    if gone < HALF_OPEN {
        findings.say("half-open connections need CAP_NET_ADMIN: these were closed instead");
    }
    let begin = Instant::now();
    let outcome = arena.settle().map(|()| {
        let seconds = begin.elapsed().as_secs_f64();
        format!(
            "{gone} of {HALF_OPEN} gone without a word, all descriptors back after {seconds:.1} s"
        )
    });
    findings.outcome(
        "half-open connections",
        outcome.map_err(|error| format!("{error:#}")),
    );
    Ok(())
}

fn idle(plan: &Plan, findings: &mut Findings) -> anyhow::Result<()> {
    let mut arena = Arena::open(&plan.elf, &[])?;
    let alone = Arena::open(&plan.elf, &[])?;
    let before = arena.memory();
    let mut wires = Vec::with_capacity(IDLE);
    for _ in 0..IDLE {
        let mut wire = connect(arena.address).map_err(anyhow::Error::msg)?;
        wire.send(&wire::get("/plaintext"));
        wire.try_reply(false).map_err(anyhow::Error::msg)?;
        wires.push(wire);
    }
    let after = arena.memory();
    let outcome = probe::judge(arena.address, alone.address, || {
        let busy = arena.spends(Duration::from_secs(5));
        let kept = wires
            .iter_mut()
            .filter_map(|wire| (!wire.gone()).then_some(()));
        Ok(format!(
            "{} of {IDLE} are there after 5 s and cost {busy:.1?} of CPU; {} KiB resident, {} before",
            kept.count(),
            after.resident,
            before.resident
        ))
    });
    findings.outcome("idle connections", outcome);
    for wire in wires {
        wire.reset();
    }
    wait::span(Duration::from_millis(100));
    let outcome = arena
        .settle()
        .map(|()| "all descriptors are back".to_owned());
    findings.outcome("after them", outcome.map_err(|error| format!("{error:#}")));
    Ok(())
}
