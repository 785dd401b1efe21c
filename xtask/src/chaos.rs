//! `cargo xtask chaos`: what clients, the kernel and the operator can do to a server, for long and in numbers.
//!
//! The tests have a short run of each phase. What is promised is judged here: no crash, no spin, no wrong octet, no
//! lost descriptor, memory as before, and a client in a hurry that is answered within 50 ms at p99 whatever else
//! goes on.
//!
//! Invariant: loopback only, every run bounded in time, every process stopped by its own handle, every choice from
//! the seed that is printed.

// Counts and percentages for people; a float holds more of each than is shown.
#![allow(clippy::cast_precision_loss)]

mod arena;
mod endless;
mod findings;
mod injected;
mod probe;
mod simulated;
mod slow;
mod soak;
mod storms;

use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::ensure;

use crate::bench::{pin, server};
use crate::compile;
use findings::Findings;

/// Lets everything go wrong that can, for long, and says what came of it.
///
/// Needs `cargo xtask dist` before it, and strace and slowhttptest from Debian.
#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// A short run of everything, in about three minutes.
    #[arg(long)]
    quick: bool,
    /// Minutes of the soak and of the simulation each; 10 and 2 unless given, 0.5 and 0.2 for the quick run.
    #[arg(long)]
    minutes: Option<f64>,
    /// Where chance begins; printed by every run.
    #[arg(long)]
    seed: Option<u64>,
    /// Only these phases.
    #[arg(long, value_delimiter = ',', value_name = "PHASE")]
    only: Vec<Phase>,
    /// The server.
    #[arg(long, default_value = "dist/vanillin", value_name = "PATH")]
    elf: PathBuf,
    /// The same server with a larger site, for what takes long responses.
    #[arg(long, value_name = "PATH")]
    testbed: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
enum Phase {
    /// System calls that fail, by strace.
    Injected,
    /// Slow clients, by slowhttptest, in its four modes.
    Slow,
    /// Floods of connections, resets, peers that are gone, ten thousand that are idle.
    Storms,
    /// A million requests in one pipeline; a gibibyte in chunks; heads without an end.
    Endless,
    /// The worker in a simulated world.
    Simulated,
    /// Good, bad and aborted traffic for long.
    Soak,
}

const PHASES: [Phase; 6] = [
    Phase::Injected,
    Phase::Slow,
    Phase::Storms,
    Phase::Endless,
    Phase::Simulated,
    Phase::Soak,
];

/// What every phase goes by.
struct Plan {
    elf: PathBuf,
    testbed: PathBuf,
    quick: bool,
    seed: u64,
    minutes: Option<f64>,
}

impl Plan {
    fn span(&self, long: f64, quick: f64) -> Duration {
        let otherwise = if self.quick { quick } else { long };
        Duration::from_secs_f64(60.0 * self.minutes.unwrap_or(otherwise))
    }
}

impl Arguments {
    fn plan(&self) -> anyhow::Result<Plan> {
        let built = || compile::built().join("testbed");
        let plan = Plan {
            elf: self.elf.clone(),
            testbed: self.testbed.clone().unwrap_or_else(built),
            quick: self.quick,
            seed: self.seed.unwrap_or_else(clock),
            minutes: self.minutes,
        };
        for elf in [&plan.elf, &plan.testbed] {
            let is_there = elf.is_file();
            ensure!(
                is_there,
                "{} does not exist: cargo xtask dist makes it",
                elf.display()
            );
        }
        Ok(plan)
    }
}

/// A seed that nobody has chosen.
fn clock() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(1, |since| u64::from(since.subsec_micros()))
}

/// Does what the arguments ask for.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    std::env::set_current_dir(compile::workspace())?;
    let plan = arguments.plan()?;
    pin::raise_descriptor_limit()?;
    server::end_with_signals()?;
    println!("seed {}: --seed {0} repeats it", plan.seed);
    let mut findings = Findings::new();
    let is_wanted = |phase: &Phase| arguments.only.is_empty() || arguments.only.contains(phase);
    for phase in PHASES.into_iter().filter(is_wanted) {
        findings.begin(&format!("{phase:?}").to_lowercase());
        let result = match phase {
            Phase::Injected => injected::run(&plan, &mut findings),
            Phase::Slow => slow::run(&plan, &mut findings),
            Phase::Storms => storms::run(&plan, &mut findings),
            Phase::Endless => endless::run(&plan, &mut findings),
            Phase::Simulated => simulated::run(&plan, &mut findings),
            Phase::Soak => soak::run(&plan, &mut findings),
        };
        // The others can still be found out about.
        if let Err(error) = result {
            findings.judge(false, format!("it cannot go on: {error:#}"));
        }
    }
    findings.summarize()
}
