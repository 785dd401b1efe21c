//! System calls that fail: strace lets each of them fail with each error of its manual page, in a row and every now and
//! then, while clients ask.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Context, anyhow, ensure};

use super::Plan;
use super::arena::{self, Arena};
use super::findings::Findings;
use crate::support::clients::{self, TARGETS};
use crate::support::deadlines::SHORT;
use crate::support::injection::{self, FAULTS, Fault};
use crate::support::random::Random;
use crate::support::wait;
use crate::support::wire::Wire;

/// Clients that ask at the same time, and how often each asks for every target.
const CLIENTS: usize = 4;
const ROUNDS: usize = 4;

/// How often a call that was not made while it was to fail is tried again.
const ATTEMPTS: usize = 5;

/// How long service may take to be as usual once nothing fails any more.
const RECOVERY_MAX: Duration = Duration::from_secs(30);

/// What came of one fault.
#[derive(Default)]
struct Run {
    injected: usize,
    answered: usize,
    failed: usize,
    wrong: Vec<String>,
}

impl Run {
    fn add(&mut self, other: Self) {
        self.injected += other.injected;
        self.answered += other.answered;
        self.failed += other.failed;
        self.wrong.extend(other.wrong);
    }
}

/// Which calls fail, given the first of them.
type Pattern = fn(usize) -> String;

pub(crate) fn run(plan: &Plan, findings: &mut Findings) -> anyhow::Result<()> {
    let strace = Command::new("strace").arg("-V").output();
    strace.context("strace is missing: install the package strace")?;
    // In a row, every third, all for a long while.
    let all: [Pattern; 3] = [
        |first| format!("{first}..{}", first + 12),
        |first| format!("{first}..{}+3", first + 90),
        |first| format!("{first}..{}", first + 60),
    ];
    let patterns = if plan.quick { &all[..1] } else { &all };
    for fault in FAULTS {
        let (call, _, errors) = fault;
        findings.say(call);
        let mut total = Run::default();
        // Some calls are rare: a notice of the kernel comes when it likes.
        for _ in 0..ATTEMPTS {
            if total.injected == 0 {
                total.add(inject_all(&plan.testbed, fault, patterns));
            }
        }
        let wrong = match total.wrong.as_slice() {
            [] => String::new(),
            wrong => format!("; {}", wrong.join("; ")),
        };
        findings.judge(
            wrong.is_empty() && total.injected > 0,
            format!(
                "{call}: {} errors, {} injected; {} answers, {} without one while they lasted{wrong}",
                errors.len(),
                total.injected,
                total.answered,
                total.failed,
            ),
        );
    }
    Ok(())
}

/// Every error of a call, in every pattern.
fn inject_all(elf: &Path, (call, first, errors): Fault, patterns: &[Pattern]) -> Run {
    let mut total = Run::default();
    for error in errors {
        for pattern in patterns {
            let fault = format!("{call}:error={error}:when={}", pattern(first));
            match inject(elf, call, error, &fault) {
                Ok(run) => total.add(run),
                Err(why) => total.wrong.push(format!("{fault}: {why:#}")),
            }
        }
    }
    total
}

/// How many requests are answered and how many are not.
fn ask(arena: &Arena) -> Result<(usize, usize), String> {
    let client = || {
        let mut answered = 0;
        // Whose connections are shut down before they are closed; what comes of it depends on the fault.
        let mut random = Random::of(1);
        for _ in 0..8 {
            let _unjudged = clients::misbehave(arena.address, &mut random);
        }
        for target in TARGETS.iter().cycle().take(ROUNDS * TARGETS.len()) {
            answered += usize::from(clients::is_answered(arena.address, target)?);
        }
        Ok(answered)
    };
    let answered = thread::scope(|scope| {
        let threads: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(client)).collect();
        let answers = threads.into_iter().map(|thread| {
            let panicked = |_| Err("a client has panicked".to_owned());
            thread.join().unwrap_or_else(panicked)
        });
        answers.sum::<Result<usize, String>>()
    })?;
    Ok((answered, CLIENTS * ROUNDS * TARGETS.len() - answered))
}

fn inject(elf: &Path, call: &str, error: &str, fault: &str) -> anyhow::Result<Run> {
    let trace = arena::folder()?.join("injected.calls");
    let words = injection::strace(fault, trace.to_str().context("a path in UTF-8")?);
    let mut arena = Arena::behind(&words, elf, &[&["--no-sandbox"], SHORT.as_slice()].concat())?;
    let (answered, failed) = ask(&arena).map_err(anyhow::Error::msg)?;
    ensure!(
        failed == 0 || !injection::is_pause(call, error),
        "{failed} of {} requests are not answered, though the call can be made again",
        answered + failed
    );
    // Clocks are read once a second, while somebody is connected.
    if call == "read" {
        let mut idle = Wire::try_connect(arena.address).map_err(|why| anyhow!("{why}"))?;
        let is_cut_off = wait::holds_within(RECOVERY_MAX, || idle.gone());
        ensure!(is_cut_off, "a silent connection is not cut off");
    }
    // Whoever waits for an event that the fault has eaten is helped by the next one.
    for _ in 0..80 {
        if let Ok(wire) = Wire::try_connect(arena.address) {
            wire.reset();
        }
        wait::span(Duration::from_millis(1));
    }
    let mut wrong = None;
    let recovers = wait::holds_within(RECOVERY_MAX, || {
        let outcome = clients::all_are_answered(arena.address, 8);
        outcome.unwrap_or_else(|why| {
            wrong = Some(why);
            false
        })
    });
    arena.lives()?;
    ensure!(
        recovers && wrong.is_none(),
        "service is not as usual: {wrong:?}"
    );
    if !injection::is_leak(call) {
        arena.settle()?;
    }
    drop(arena);
    let mut text = String::new();
    let is_whole = wait::holds_within(RECOVERY_MAX, || {
        text = fs::read_to_string(&trace).unwrap_or_default();
        text.ends_with("+++\n")
    });
    ensure!(is_whole, "strace has not written everything");
    let injected = text.matches("(INJECTED)").count();
    Ok(Run {
        injected,
        answered,
        failed,
        wrong: Vec::new(),
    })
}
