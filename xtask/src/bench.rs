//! `cargo xtask bench`: vanillin side by side with what people would otherwise use, and with the floor, which
//! is what the kernel costs when the server costs nothing.
//!
//! Absolute numbers on a shared machine mean nothing. Every server does every workload once in each round,
//! rounds follow each other, and a figure is the ratio to the floor of the same round: the median of the
//! rounds, with the least and the greatest.
//!
//! Invariant: loopback only, ports chosen by the kernel, every run bounded in time, every process stopped by
//! its own handle.

// Figures are measured to three digits; a float holds more of every count than that.
#![allow(clippy::cast_precision_loss, clippy::cast_sign_loss)]

pub(crate) mod account;
pub(crate) mod answer;
pub(crate) mod chart;
pub(crate) mod contender;
pub(crate) mod figures;
pub(crate) mod histogram;
pub(crate) mod load;
pub(crate) mod pin;
pub(crate) mod report;
pub(crate) mod request;
pub(crate) mod ring;
pub(crate) mod rounds;
pub(crate) mod server;
pub(crate) mod sides;
pub(crate) mod trace;
pub(crate) mod workload;

use std::path::PathBuf;
use std::process::Command;

use anyhow::ensure;

use crate::compile;
use contender::{Elves, Place};
use report::Report;
use rounds::{Plan, Programs};
use workload::Workload;

/// Measures vanillin beside its peers and the floor, and writes a report.
#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// Only the floor, vanillin and nginx, with the main workloads, in under a minute.
    #[arg(long)]
    quick: bool,
    /// Installs missing peers from Debian (as root) and builds those from crates.io.
    #[arg(long)]
    install: bool,
    /// Keeps the report in xtask/bench-report, which the README shows.
    #[arg(long)]
    record: bool,
    /// Rounds; 5 for the full run, 2 for the quick one.
    #[arg(long)]
    rounds: Option<usize>,
    /// Measured seconds of each run; 1 for the full run, 0.5 for the quick one.
    #[arg(long)]
    seconds: Option<f64>,
    /// Requests per second of the fixed-rate run; 0.4 of what the floor does with keep-alive.
    #[arg(long)]
    rate: Option<f64>,
    /// Takes part only these servers (the floor always does).
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    only: Vec<String>,
    /// Does only these workloads.
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    workloads: Vec<String>,
    #[command(flatten)]
    elves: Elves,
}

/// The generator: this program, optimised. A debug build measures itself.
fn generator(place: &Place) -> anyhow::Result<PathBuf> {
    if !cfg!(debug_assertions) {
        return Ok(std::env::current_exe()?);
    }
    eprintln!("building the load generator");
    let folder = place.folder.join("generator");
    let status = Command::new(env!("CARGO"))
        .args([
            "build",
            "--quiet",
            "--release",
            "--package",
            "xtask",
            "--target-dir",
        ])
        .arg(&folder)
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .status()?;
    ensure!(status.success(), "the load generator does not build");
    Ok(folder.join("release").join("xtask"))
}

/// Does what the arguments ask for.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let root = compile::workspace();
    std::env::set_current_dir(root)?;
    let place = Place::prepare(&root.join("target").join("bench"))?;
    pin::raise_descriptor_limit()?;
    server::end_with_signals()?;
    let wanted = |name: &str| {
        let asked = arguments.only.is_empty() || arguments.only.iter().any(|only| only == name);
        asked && (!arguments.quick || name == "nginx")
    };
    let field = contender::gather(&place, &arguments.elves, arguments.install, wanted)?;
    for (name, reason) in &field.missing {
        eprintln!("missing: {name}: {reason}");
    }
    let programs = Programs {
        generator: generator(&place)?,
        place,
    };
    let plan = arguments.plan();
    let results = rounds::run(&plan, &field.contenders, &programs)?;
    let sides = sides::collect(&field.contenders, &programs.place)?;
    let words: Vec<String> = std::env::args().skip(1).collect();
    let command = format!("cargo xtask {}", words.join(" "));
    let report = Report {
        command,
        plan: &plan,
        field: &field,
        results: &results,
        sides: &sides,
    };
    let folder = programs.place.folder.join("report");
    report.write(&folder, root)?;
    println!("{}", folder.join("report.md").display());
    if arguments.record {
        report.write(&root.join("xtask").join("bench-report"), root)?;
    }
    Ok(())
}

impl Arguments {
    fn plan(&self) -> Plan {
        let chosen = |workload: &Workload| {
            let asked = self.workloads.is_empty()
                || self.workloads.iter().any(|name| name == workload.name);
            asked && (!self.quick || workload.quick)
        };
        Plan {
            rounds: self.rounds.unwrap_or(if self.quick { 2 } else { 5 }),
            seconds: self.seconds.unwrap_or(if self.quick { 0.5 } else { 1.0 }),
            rate: self.rate,
            workloads: workload::ALL
                .iter()
                .filter(|workload| chosen(workload))
                .copied()
                .collect(),
        }
    }
}
