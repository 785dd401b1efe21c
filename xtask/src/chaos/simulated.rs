//! The worker in a simulated world (`src/server/simulation.rs`), with more seeds than the tests have time for.

use std::process::Command;
use std::time::Instant;

use anyhow::{Context, ensure};

use super::Plan;
use super::findings::Findings;
use crate::compile;

/// Steps of one run of the test; between two runs is a look at the clock.
const STEPS: u64 = 5_000_000;

const TEST: &str = "server::simulation::a_worker_keeps_its_promises_whatever_happens";

pub(crate) fn run(plan: &Plan, findings: &mut Findings) -> anyhow::Result<()> {
    let span = plan.span(2.0, 0.2);
    let first = plan.seed;
    let (mut seed, mut steps, mut rate) = (first, 0, String::new());
    let mut begin = None;
    while begin.is_none_or(|begin: Instant| begin.elapsed() < span) {
        let output = Command::new(env!("CARGO"))
            .current_dir(compile::workspace())
            .args([
                "test",
                "--package",
                "vanillin",
                "--lib",
                "--",
                "--exact",
                TEST,
                "--nocapture",
            ])
            .env("VANILLIN_SEED", seed.to_string())
            .env("VANILLIN_STEPS", STEPS.to_string())
            .output()?;
        // What compiles first does not count.
        begin.get_or_insert_with(Instant::now);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let lines = text.lines().chain(said.lines());
            let about: Vec<&str> = lines.filter(|line| is_about(line)).collect();
            findings.judge(false, format!("from seed {seed}: {}", about.join("; ")));
            return Ok(());
        }
        // `N steps, N a second; the next seed is N`
        let line = text.lines().find(|line| line.contains("the next seed is"));
        let line = line.context("the simulation does not say how far it came")?;
        let mut numbers = line
            .split(|letter: char| !letter.is_ascii_digit())
            .filter_map(|word| word.parse::<u64>().ok());
        steps += numbers.next().context("steps")?;
        rate = numbers.next().context("rate")?.to_string();
        seed = numbers.next().context("seed")?;
        ensure!(seed > first, "the seeds do not go on");
        findings.say(&format!("{steps} steps"));
    }
    findings.judge(
        true,
        format!(
            "{steps} steps of {} worlds from seed {first}, {rate} a second",
            seed - first
        ),
    );
    Ok(())
}

/// Lines that say what went wrong.
fn is_about(line: &str) -> bool {
    ["VANILLIN_SEED", "panicked", "assert", "left:", "right:"]
        .iter()
        .any(|word| line.contains(word))
}
