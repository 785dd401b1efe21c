//! The report: Markdown with every figure, the charts beside it, and the commands that made them.
//!
//! Invariant: nothing is measured or decided here; what was not measured is written as such.

mod text;

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context;

use super::chart::{self, Bar, Panel};
use super::contender::Field;
use super::load::{Outcome, QUANTILES};
use super::rounds::{Plan, Results, Spread};
use super::sides::Side;

/// Everything that was found out.
pub(crate) struct Report<'a> {
    pub(crate) command: String,
    pub(crate) plan: &'a Plan,
    pub(crate) field: &'a Field,
    pub(crate) results: &'a Results,
    pub(crate) sides: &'a [Side],
}

/// Workloads in the chart of rates.
const CHARTED: [&str; 5] = ["keep-alive", "browser", "pipelined", "close", "1 MiB"];

impl Report<'_> {
    /// Writes `report.md` and its charts into `folder`.
    pub(crate) fn write(&self, folder: &Path, root: &Path) -> anyhow::Result<()> {
        fs::create_dir_all(folder).with_context(|| format!("create {}", folder.display()))?;
        let mut shown = Vec::new();
        for (name, title, panels) in self.charts() {
            let panels: Vec<Panel> = panels
                .into_iter()
                .filter(|panel| !panel.bars.is_empty())
                .collect();
            if !panels.is_empty() {
                fs::write(folder.join(name), chart::render(title, &panels))?;
                shown.push((name, title));
            }
        }
        // The report says nothing about where on a machine it was made.
        let here = format!("{}/", root.display());
        fs::write(
            folder.join("report.md"),
            text::render(self, &shown).replace(&here, ""),
        )?;
        Ok(())
    }

    fn charts(&self) -> [(&'static str, &'static str, Vec<Panel>); 4] {
        [
            (
                "rate.svg",
                "Requests per second, as a ratio to the floor",
                self.rates(),
            ),
            (
                "latency.svg",
                "Latency at a fixed rate, in microseconds",
                self.latencies(),
            ),
            (
                "instructions.svg",
                "User-space instructions per request",
                self.instructions(),
            ),
            ("idle.svg", "Memory and start", self.idle()),
        ]
    }

    fn rates(&self) -> Vec<Panel> {
        let rows = self.plan.workloads.iter().zip(&self.results.rows);
        rows.filter(|(workload, _)| CHARTED.contains(&workload.name))
            .map(|(workload, row)| Panel {
                heading: format!("{}: {}", workload.name, workload.about),
                bars: self.bars(
                    |column| row[column].ratio(&row[0], Outcome::rate),
                    |value| format!("{value:.2}"),
                ),
                reference: Some(1.0),
            })
            .collect()
    }

    fn latencies(&self) -> Vec<Panel> {
        let rows = self.plan.workloads.iter().zip(&self.results.rows);
        rows.filter(|(workload, _)| workload.name == "fixed rate")
            .flat_map(|(_, row)| {
                QUANTILES
                    .iter()
                    .enumerate()
                    .map(|(index, (name, _))| Panel {
                        heading: format!("{name} at {:.0} requests per second", self.results.rate),
                        bars: self.bars(
                            |column| row[column].spread(|outcome| outcome.latencies_us[index]),
                            |value| format!("{value:.0} us"),
                        ),
                        reference: None,
                    })
            })
            .collect()
    }

    fn instructions(&self) -> Vec<Panel> {
        let figure = |heading: &str, pick: fn(&Side) -> Option<f64>| Panel {
            heading: heading.to_owned(),
            bars: self.bars(
                |column| Spread::of(pick(&self.sides[column])),
                |value| format!("{value:.0}"),
            ),
            reference: None,
        };
        vec![
            figure("Short GET", |side| {
                Some(side.instructions.as_ref().ok()?.short)
            }),
            figure("Browser's head of 508 bytes", |side| {
                Some(side.instructions.as_ref().ok()?.browser)
            }),
            figure("Pipelined by 16", |side| {
                Some(side.instructions.as_ref().ok()?.pipelined)
            }),
        ]
    }

    fn idle(&self) -> Vec<Panel> {
        let kib = |value: f64| format!("{value:.0} KiB");
        let figure = |heading: &str, pick: fn(&Side) -> Option<f64>| Panel {
            heading: heading.to_owned(),
            bars: self.bars(|column| Spread::of(pick(&self.sides[column])), kib),
            reference: None,
        };
        vec![
            figure("Resident memory, idle", |side| {
                Some(side.idle.as_ref().ok()?.alone.resident as f64)
            }),
            figure("Resident memory with 10,000 idle connections", |side| {
                Some(side.idle.as_ref().ok()?.ten_thousand.resident as f64)
            }),
            Panel {
                heading: "From exec to the first answer".to_owned(),
                bars: self.bars(
                    |column| self.sides[column].start,
                    |value| format!("{:.2} ms", value / 1000.0),
                ),
                reference: None,
            },
            figure("Program and the libraries that it maps", |side| {
                Some(side.idle.as_ref().ok()?.files as f64 / 1024.0)
            }),
        ]
    }

    /// A bar for every contender that has the figure.
    fn bars(
        &self,
        figure: impl Fn(usize) -> Option<Spread>,
        label: impl Fn(f64) -> String,
    ) -> Vec<Bar> {
        let contenders = self.field.contenders.iter().enumerate();
        contenders
            .filter_map(|(column, contender)| {
                let spread = figure(column)?;
                Some(Bar {
                    name: contender.name.to_owned(),
                    spread,
                    label: label(spread.median),
                })
            })
            .collect()
    }
}

/// What the machine is, as far as it matters.
fn machine() -> String {
    let said = |command: &str, arguments: &[&str]| {
        let output = Command::new(command).args(arguments).output().ok()?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let model = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = model.lines().find_map(|line| {
        line.strip_prefix("model name")?
            .split(": ")
            .nth(1)
            .map(str::to_owned)
    });
    let kernel = said("uname", &["-r"]).unwrap_or_default();
    let count = super::pin::available().map_or(0, |cpus| cpus.len());
    format!(
        "{}: {count} CPUs ({}), Linux {}",
        said("date", &["-u", "+%F"]).unwrap_or_default(),
        model.unwrap_or_default(),
        // Its number, without what a builder calls it.
        kernel.split('-').next().unwrap_or_default()
    )
}
