//! The rounds: who is measured when, and what came out.
//!
//! Invariant: one server runs at a time, started for the run and stopped after it, so that no run sees what
//! another left behind.

use std::fmt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, bail};

use super::contender::{Contender, Place};
use super::load::{Load, Mode, Outcome};
use super::pin;
use super::server::{Server, free_port};
use super::sides;
use super::workload::Workload;

/// The share of the floor's keep-alive rate at which the fixed-rate run asks.
const RATE_SHARE: f64 = 0.4;
/// The fixed rate when nobody measured the floor before.
const RATE_DEFAULT: f64 = 20_000.0;
/// What a run costs beside its measured time: start, connections, warm-up, end.
const OVERHEAD_SECONDS: f64 = 0.35;

/// What is to be done.
pub(crate) struct Plan {
    pub(crate) rounds: usize,
    pub(crate) seconds: f64,
    pub(crate) rate: Option<f64>,
    pub(crate) workloads: Vec<Workload>,
}

/// With what.
pub(crate) struct Programs {
    pub(crate) generator: PathBuf,
    pub(crate) place: Place,
}

/// What one server showed in one workload.
#[derive(Clone, Debug)]
pub(crate) enum Cell {
    /// One outcome per round.
    Measured(Vec<Outcome>),
    /// The server cannot do it, and why.
    Unsupported(String),
    /// Something that should have worked did not.
    Failed(String),
}

/// A median and its spread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) greatest: f64,
}

/// All cells: one row per workload, one column per contender, and the commands that made them.
pub(crate) struct Results {
    pub(crate) rows: Vec<Vec<Cell>>,
    pub(crate) rate: f64,
    pub(crate) commands: Vec<Vec<Option<String>>>,
}

impl Spread {
    /// Of values of which there is at least one.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let (least, greatest) = (*values.first()?, *values.last()?);
        let middle = values.len() / 2;
        let median = if values.len() % 2 == 1 {
            values[middle]
        } else {
            f64::midpoint(values[middle - 1], values[middle])
        };
        Some(Self {
            median,
            least,
            greatest,
        })
    }
}

impl Cell {
    pub(crate) fn outcomes(&self) -> &[Outcome] {
        match self {
            Self::Measured(outcomes) => outcomes,
            Self::Unsupported(_) | Self::Failed(_) => &[],
        }
    }

    /// `figure` of every round.
    pub(crate) fn spread(&self, figure: impl Fn(&Outcome) -> f64) -> Option<Spread> {
        Spread::of(self.outcomes().iter().map(figure))
    }

    /// `figure` in every round as a ratio to that of `floor`; rounds in which the floor has none are left out.
    pub(crate) fn ratio(&self, floor: &Self, figure: impl Fn(&Outcome) -> f64) -> Option<Spread> {
        let pairs = self.outcomes().iter().zip(floor.outcomes());
        let ratios = pairs.map(|(own, floor)| figure(own) / figure(floor));
        Spread::of(ratios.filter(|ratio| ratio.is_finite()))
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Measured(_) => match (self.spread(Outcome::rate), self.spread(Outcome::cpu_us)) {
                (Some(rate), Some(cpu)) => {
                    write!(f, "{:.0}/s, {:.2} us CPU", rate.median, cpu.median)
                }
                _ => f.write_str("not measured"),
            },
            Self::Unsupported(reason) => write!(f, "not supported: {reason}"),
            Self::Failed(reason) => write!(f, "failed: {reason}"),
        }
    }
}

/// Does every workload with every contender, round after round.
pub(crate) fn run(
    plan: &Plan,
    contenders: &[Contender],
    programs: &Programs,
) -> anyhow::Result<Results> {
    let cpus = pin::available()?;
    let mut results = Results {
        rows: vec![vec![Cell::Measured(Vec::new()); contenders.len()]; plan.workloads.len()],
        rate: plan.rate.unwrap_or(RATE_DEFAULT),
        commands: vec![vec![None; contenders.len()]; plan.workloads.len()],
    };
    let total = plan.rounds * plan.workloads.len() * contenders.len();
    let estimate = total as f64 * (plan.seconds + OVERHEAD_SECONDS)
        + contenders.len() as f64 * sides::SECONDS_EACH;
    eprintln!(
        "{} rounds, {total} runs; with everything else at most about {}",
        plan.rounds,
        minutes(estimate)
    );
    let begin = Instant::now();
    let mut done = 0;
    for round in 0..plan.rounds {
        for (row, workload) in plan.workloads.iter().enumerate() {
            for turn in 0..contenders.len() {
                // Each round begins with another server, so that none is always first after a pause.
                let column = (turn + round) % contenders.len();
                let contender = &contenders[column];
                done += 1;
                if !matches!(results.rows[row][column], Cell::Measured(_)) {
                    continue;
                }
                let measured = once(
                    plan.seconds,
                    results.rate,
                    workload,
                    contender,
                    programs,
                    &cpus,
                );
                let said = note(&mut results, (row, column), measured);
                let left = begin.elapsed().as_secs_f64() / done as f64 * (total - done) as f64;
                eprintln!(
                    "[{done}/{total}] round {} {}: {}: {said} ({} left)",
                    round + 1,
                    workload.name,
                    contender.name,
                    minutes(left)
                );
            }
            settle_rate(plan, workload, &mut results, row);
        }
    }
    Ok(results)
}

/// One run's outcome and the commands that made it, or why there is none.
type Measured = anyhow::Result<Option<(Outcome, String)>>;

fn note(results: &mut Results, (row, column): (usize, usize), measured: Measured) -> String {
    let cell = &mut results.rows[row][column];
    match measured {
        Ok(Some((outcome, command))) => {
            let said = format!("{:.0}/s", outcome.rate());
            if let Cell::Measured(outcomes) = cell {
                outcomes.push(outcome);
            }
            results.commands[row][column].get_or_insert(command);
            return said;
        }
        Ok(None) => *cell = Cell::Unsupported("has nothing like it".to_owned()),
        Err(error) => {
            let reason = format!("{error:#}");
            *cell = match reason.split_once("unsupported: ") {
                Some((_, reason)) => Cell::Unsupported(reason.to_owned()),
                None => Cell::Failed(reason),
            }
        }
    }
    cell.to_string()
}

/// After the first keep-alive runs the fixed rate follows from the floor's.
fn settle_rate(plan: &Plan, workload: &Workload, results: &mut Results, row: usize) {
    if plan.rate.is_none()
        && workload.name == "keep-alive"
        && let [first] = results.rows[row][0].outcomes()
    {
        results.rate = (first.rate() * RATE_SHARE / 1000.0).round().max(1.0) * 1000.0;
    }
}

fn minutes(seconds: f64) -> String {
    if seconds < 100.0 {
        format!("{seconds:.0} s")
    } else {
        format!("{:.0} min", seconds / 60.0)
    }
}

/// The CPUs of the server and of the generator.
fn places(cpus: &[usize], workers: usize) -> (Vec<usize>, Vec<usize>) {
    let server: Vec<usize> = cpus.iter().copied().take(workers).collect();
    let rest: Vec<usize> = cpus.iter().copied().skip(workers).take(1).collect();
    // Where no CPU is left the generator shares them all.
    let generator = if rest.is_empty() { cpus.to_vec() } else { rest };
    (server, generator)
}

/// Starts a server, loads it once and stops it.
fn once(
    seconds: f64,
    rate: f64,
    workload: &Workload,
    contender: &Contender,
    programs: &Programs,
    cpus: &[usize],
) -> Measured {
    let port = free_port()?;
    let Some((launch, path)) = contender.offer(&programs.place, workload, port)? else {
        return Ok(None);
    };
    let (server_cpus, generator_cpus) = places(cpus, workload.workers);
    let server = Server::start(
        &launch,
        port,
        &server_cpus,
        &programs.place.log(contender.name),
    )?;
    let mut load = workload.load(port, &path, seconds, rate);
    load.server = Some(server.pid().as_raw());
    contender.adapt(&mut load);
    let arguments = load.arguments();
    let command = format!("{}; xtask {}", launch.line(), arguments.join(" "));
    let mut generator = Command::new(&programs.generator);
    generator
        .args(&arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = pin::on(&generator_cpus, || generator.spawn())?.context("start the generator")?;
    let output = child.wait_with_output()?;
    drop(server);
    if !output.status.success() {
        bail!(
            "{}",
            String::from_utf8_lossy(&output.stderr)
                .trim()
                .replace('\n', " ")
        );
    }
    let outcome = Outcome::parse(&String::from_utf8_lossy(&output.stdout))?;
    if outcome.lost > 0 && load.mode != Mode::Close {
        bail!(
            "{} of {} connections were lost",
            outcome.lost,
            load.connections
        );
    }
    Ok(Some((outcome, command)))
}

impl Load {
    /// The command line that makes the generator do this.
    fn arguments(&self) -> Vec<String> {
        let mode = match self.mode {
            Mode::Closed => "closed",
            Mode::Rate => "rate",
            Mode::Close => "close",
        };
        let mut words = vec![
            "bench-load".to_owned(),
            format!("--port={}", self.port),
            format!("--path={}", self.path),
            format!("--mode={mode}"),
            format!("--connections={}", self.connections),
            format!("--idle={}", self.idle),
            format!("--depth={}", self.depth),
            format!("--seconds={}", self.seconds),
            format!("--warm-up={}", self.warm_up),
            format!("--status={}", self.status),
        ];
        if self.mode == Mode::Rate {
            words.push(format!("--rate={}", self.rate));
        }
        words.extend(self.browser.then(|| "--browser".to_owned()));
        words.extend(self.strangers.then(|| "--strangers".to_owned()));
        words.extend(self.validate.then(|| "--validate".to_owned()));
        words.extend(self.server.map(|pid| format!("--server={pid}")));
        words
    }
}

#[cfg(test)]
mod tests {
    use super::Spread;

    #[test]
    fn medians_of_odd_and_even_counts() {
        assert_eq!(
            Spread::of([3.0, 1.0, 2.0]),
            Some(Spread {
                median: 2.0,
                least: 1.0,
                greatest: 3.0
            })
        );
        assert_eq!(
            Spread::of([4.0, 1.0, 2.0, 3.0]),
            Some(Spread {
                median: 2.5,
                least: 1.0,
                greatest: 4.0
            })
        );
        assert_eq!(Spread::of([]), None);
    }
}
