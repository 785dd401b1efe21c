//! Good, bad and aborted traffic at the same time, for long: what the server holds at the end is what it held after the
//! first ten seconds.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::anyhow;

use super::Plan;
use super::arena::Arena;
use super::findings::Findings;
use crate::bench::account::Memory;
use crate::support::clients::{self, TARGETS};
use crate::support::random::Random;
use crate::support::wire::{self, Wire};

/// The span after which memory is what it is to stay.
const FIRST: Duration = Duration::from_secs(10);

/// How often it says how far it is.
const PROGRESS: Duration = Duration::from_secs(30);

/// KiB that are more at the end than after the first ten seconds: pages of tables that no connection had come to.
const GROWTH_MAX_KIB: u64 = 64;

/// What was done to both servers.
#[derive(Default)]
struct Tally {
    good: AtomicUsize,
    bad: AtomicUsize,
    aborted: AtomicUsize,
}

/// What a client does again and again.
type Act = fn(&Side, &mut Random, &Tally) -> Result<(), String>;

/// One of the servers and what is asked of it.
struct Side {
    name: &'static str,
    arena: Arena,
    targets: &'static [&'static str],
}

pub(crate) fn run(plan: &Plan, findings: &mut Findings) -> anyhow::Result<()> {
    let mut sides = [
        Side {
            name: "the ELF",
            arena: Arena::open(&plan.elf, &[])?,
            targets: &TARGETS[..1],
        },
        Side {
            name: "the testbed",
            arena: Arena::open(&plan.testbed, &[])?,
            targets: &TARGETS,
        },
    ];
    let tally = Tally::default();
    let span = plan.span(10.0, 0.5);
    traffic(&sides, plan.seed, FIRST.min(span / 2), &tally, findings)?;
    let before = measure(&mut sides)?;
    for ((memory, fds), side) in before.iter().zip(&sides) {
        findings.say(&format!(
            "{}: {} KiB resident, {fds} descriptors",
            side.name, memory.resident
        ));
    }
    traffic(
        &sides,
        plan.seed + 1000,
        span.saturating_sub(FIRST),
        &tally,
        findings,
    )?;
    let after = measure(&mut sides)?;
    for ((side, before), after) in sides.iter().zip(before).zip(after) {
        let ((memory, fds), (was, had)) = (after, before);
        let grown = memory.resident.saturating_sub(was.resident);
        findings.judge(
            grown <= GROWTH_MAX_KIB && fds == had,
            format!(
                "{}: {} KiB resident and {had} descriptors after the first seconds, {} KiB and {fds} in the end \
                 (private: {} and {} KiB)",
                side.name, was.resident, memory.resident, was.private, memory.private
            ),
        );
    }
    findings.judge(true, format!("{}, in {} s", tally.text(), span.as_secs()));
    Ok(())
}

impl Tally {
    fn text(&self) -> String {
        let count = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        format!(
            "{} good requests answered, {} bad ones refused, {} connections mistreated",
            count(&self.good),
            count(&self.bad),
            count(&self.aborted)
        )
    }
}

/// What each server holds once nobody is connected.
fn measure(sides: &mut [Side; 2]) -> anyhow::Result<Vec<(Memory, usize)>> {
    let each = sides.iter_mut().map(|side| {
        side.arena.settle()?;
        Ok((side.arena.memory(), side.arena.fds()))
    });
    each.collect()
}

/// Everybody at once, for a span; an error where one of them has seen something wrong.
fn traffic(
    sides: &[Side; 2],
    seed: u64,
    span: Duration,
    tally: &Tally,
    findings: &Findings,
) -> anyhow::Result<()> {
    let begin = Instant::now();
    let clients: [Act; 3] = [keep, misbehave, mistreat];
    let wrong = thread::scope(|scope| {
        let mut threads = Vec::new();
        for (at, side) in sides.iter().enumerate() {
            for (way, client) in clients.into_iter().enumerate() {
                let mut random = Random::of(seed + (10 * at + way) as u64);
                threads.push(scope.spawn(move || {
                    while begin.elapsed() < span {
                        client(side, &mut random, tally)?;
                    }
                    Ok(())
                }));
            }
        }
        let mut said = begin;
        while threads.iter().any(|thread| !thread.is_finished()) {
            thread::sleep(Duration::from_millis(50));
            if said.elapsed() > PROGRESS {
                findings.say(&tally.text());
                said = Instant::now();
            }
        }
        let panicked = |_| Err("a client has panicked".to_owned());
        let mut ends = threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(panicked));
        ends.find_map(Result::err)
    });
    wrong.map_or(Ok(()), |why| Err(anyhow!(why)))
}

/// A connection that is kept for some requests, some of them in a pipeline, every reply read strictly.
fn keep(side: &Side, random: &mut Random, tally: &Tally) -> Result<(), String> {
    let mut wire = Wire::try_connect(side.arena.address).map_err(|why| why.to_string())?;
    for _ in 0..random.below(100) {
        let target = match random.below(20) {
            0 => side.targets[random.below(side.targets.len())],
            _ => "/plaintext",
        };
        let depth = [1, 1, 1, 16][random.below(4)];
        wire.send(&wire::get(target).repeat(depth));
        for _ in 0..depth {
            clients::judge(target, &wire.try_reply(false)?)?;
            tally.good.fetch_add(1, Ordering::Relaxed);
        }
    }
    wire.reset();
    Ok(())
}

fn misbehave(side: &Side, random: &mut Random, tally: &Tally) -> Result<(), String> {
    clients::misbehave(side.arena.address, random)?;
    tally.bad.fetch_add(1, Ordering::Relaxed);
    Ok(())
}

fn mistreat(side: &Side, random: &mut Random, tally: &Tally) -> Result<(), String> {
    clients::mistreat(side.arena.address, side.targets, random)?;
    tally.aborted.fetch_add(1, Ordering::Relaxed);
    Ok(())
}
