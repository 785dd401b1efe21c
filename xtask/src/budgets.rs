//! `cargo xtask budgets`: what vanillin costs, counted, against what it may cost.
//!
//! Only counts are compared here, which are the same on a busy machine as on an idle one. Speed is for the bench.
//!
//! Invariant: nothing is timed.

// Counts are far below what a float holds exactly.
#![allow(clippy::cast_precision_loss)]

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use crate::bench::contender::serve_vanillin;
use crate::bench::figures::{self, Subject};
use crate::bench::pin;
use crate::bench::server::{self, Launch};
use crate::compile;

/// Counts what vanillin costs and compares it with xtask/budgets.toml.
#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// Records what it costs now, with a little room, as the new budgets.
    #[arg(long)]
    record: bool,
    /// The server.
    #[arg(long, default_value = "dist/vanillin", value_name = "PATH")]
    elf: PathBuf,
}

/// One thing that is counted.
struct Measure {
    /// The key in the file of budgets.
    name: &'static str,
    about: &'static str,
    /// Differences below this mean nothing; a recorded budget leaves between one and two of it as room.
    step: f64,
}

/// What is over budget is counted again, at most this often: on a very busy machine a tick of the server's clock
/// falls into every run of requests, and it only ever adds.
const ATTEMPTS: usize = 3;

/// In the order in which `count` returns them.
const MEASURES: [Measure; 10] = [
    Measure {
        name: "instructions_short_get",
        about: "user-space instructions of a short GET, the same as the one before",
        step: 4.0,
    },
    Measure {
        name: "instructions_browser_head",
        about: "user-space instructions of a browser's GET of 508 bytes, the same as the one before",
        step: 8.0,
    },
    Measure {
        name: "instructions_pipelined",
        about: "user-space instructions of a short GET pipelined by 16, all the same",
        step: 4.0,
    },
    Measure {
        name: "instructions_other_short_get",
        about: "user-space instructions of a short GET as long as the one before, but another one",
        step: 4.0,
    },
    Measure {
        name: "instructions_other_browser_head",
        about: "user-space instructions of a browser's GET as long as the one before, but another one",
        step: 8.0,
    },
    Measure {
        name: "calls_per_request",
        about: "system calls of a request while 64 connections take turns",
        step: 0.05,
    },
    Measure {
        name: "calls_per_batch",
        about: "system calls of 16 pipelined requests",
        step: 0.05,
    },
    Measure {
        name: "elf_bytes",
        about: "bytes of the ELF",
        step: 64.0,
    },
    Measure {
        name: "resident_kib",
        about: "KiB resident before the first request",
        step: 16.0,
    },
    Measure {
        name: "connections_kib",
        about: "KiB of private memory added by 10,000 idle connections",
        step: 16.0,
    },
];

/// What the server costs, in the order of `MEASURES`.
fn count(elf: &Path) -> anyhow::Result<[f64; MEASURES.len()]> {
    let folder = compile::workspace().join("target").join("bench");
    fs::create_dir_all(&folder)?;
    let cpus = pin::available()?;
    let launch = |port: u16, _pipelined: bool| {
        let launch = Launch {
            program: elf.to_owned(),
            arguments: serve_vanillin(port, 1),
        };
        Ok((launch, "/plaintext".to_owned()))
    };
    let subject = Subject {
        launch: Box::new(launch),
        cpus: cpus.get(..1).context("no CPU to run on")?,
        log: folder.join("budgets.log"),
    };
    let (instructions, calls, idle) = (subject.instructions()?, subject.calls()?, subject.idle()?);
    Ok([
        instructions.short,
        instructions.browser,
        instructions.pipelined,
        instructions.other_short,
        instructions.other_browser,
        calls.per_request,
        calls.per_batch,
        figures::size(elf)? as f64,
        idle.alone.resident as f64,
        idle.ten_thousand.private.saturating_sub(idle.alone.private) as f64,
    ])
}

/// Compares or records.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    std::env::set_current_dir(compile::workspace())?;
    ensure!(
        arguments.elf.is_file(),
        "{} does not exist: cargo xtask dist makes it",
        arguments.elf.display()
    );
    pin::raise_descriptor_limit()?;
    server::end_with_signals()?;
    let elf = fs::canonicalize(&arguments.elf)?;
    let path = Path::new("xtask/budgets.toml");
    if arguments.record {
        fs::write(path, render(&count(&elf)?))?;
        println!("{} written", path.display());
        return Ok(());
    }
    let text = fs::read_to_string(path).with_context(|| format!("{}", path.display()))?;
    let mut found = [f64::INFINITY; MEASURES.len()];
    for _ in 0..ATTEMPTS {
        for (least, found) in found.iter_mut().zip(count(&elf)?) {
            *least = least.min(found);
        }
        if judge_all(&text, &found)?.iter().all(Result::is_ok) {
            break;
        }
    }
    let lines = judge_all(&text, &found)?;
    for line in &lines {
        match line {
            Ok(line) => println!("ok          {line}"),
            Err(line) => println!("FAILED      {line}"),
        }
    }
    let grown: Vec<String> = lines.into_iter().filter_map(Result::err).collect();
    ensure!(
        grown.is_empty(),
        "{} of {} counts are over budget: {}",
        grown.len(),
        MEASURES.len(),
        grown.join("; ")
    );
    Ok(())
}

/// A line about every count.
fn judge_all(
    text: &str,
    found: &[f64; MEASURES.len()],
) -> anyhow::Result<Vec<Result<String, String>>> {
    let pairs = MEASURES.iter().zip(found);
    pairs
        .map(|(measure, found)| Ok(judge(measure, budget(text, measure.name)?, *found)))
        .collect()
}

/// A line about one count; an error when it is over budget.
fn judge(measure: &Measure, budget: f64, found: f64) -> Result<String, String> {
    let (about, found_text, budget_text) = (measure.about, number(found), number(budget));
    if found > budget {
        let over = found - budget;
        let share = over / budget * 100.0;
        return Err(format!(
            "{about}: {found_text}, {} ({share:.1} %) over the budget of {budget_text}",
            number(over)
        ));
    }
    let room = if budget - found > 2.0 * measure.step {
        ", which could be lowered: --record"
    } else {
        ""
    };
    Ok(format!("{about}: {found_text} of {budget_text}{room}"))
}

fn number(value: f64) -> String {
    if value.fract() == 0.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.2}")
    }
}

/// The budget `name` in a file of `name = number` lines.
fn budget(text: &str, name: &str) -> anyhow::Result<f64> {
    let line = text
        .lines()
        .filter_map(|line| line.split_once('='))
        .find(|(key, _)| key.trim() == name);
    let (_, value) = line.with_context(|| format!("no budget {name}"))?;
    value
        .trim()
        .parse()
        .with_context(|| format!("the budget {name} is no number"))
}

/// The file of budgets for what was found.
fn render(found: &[f64; MEASURES.len()]) -> String {
    let mut text =
        String::from("# What vanillin may cost; `cargo xtask budgets` counts what it does.\n");
    for (measure, found) in MEASURES.iter().zip(found) {
        let budget = ((found / measure.step).ceil() + 1.0) * measure.step;
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "\n# {}\n{} = {}\n",
            measure.about,
            measure.name,
            number(budget)
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{MEASURES, budget, judge, render};

    #[test]
    fn what_is_recorded_is_within_budget_and_more_is_not() {
        let found = [
            350.25, 1000.0, 250.0, 700.0, 1500.0, 2.02, 3.0, 16384.0, 124.0, 900.0,
        ];
        let text = render(&found);
        for (measure, found) in MEASURES.iter().zip(found) {
            let budget = budget(&text, measure.name).unwrap();
            assert!(
                judge(measure, budget, found).is_ok_and(|line| !line.contains("lowered")),
                "{text}"
            );
            assert!(judge(measure, budget, budget).is_ok());
            assert!(judge(measure, budget, found + 2.1 * measure.step).is_err());
        }
    }

    #[test]
    fn the_message_says_what_grew_and_by_how_much() {
        let line = judge(&MEASURES[0], 350.0, 385.0).unwrap_err();
        assert_eq!(
            line,
            "user-space instructions of a short GET, the same as the one before: 385, 35 (10.0 %) over \
             the budget of 350"
        );
    }
}
