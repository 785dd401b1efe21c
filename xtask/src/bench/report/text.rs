//! The report's Markdown.

use std::fmt::Write;

use super::super::contender::Contender;
use super::super::load::Outcome;
use super::super::rounds::{Cell, Spread};
use super::super::sides::{Lack, Side};
use super::super::workload::Target;
use super::{Report, machine};

/// A server that was busy for less than this share of a run was not what limited it.
const BUSY: f64 = 0.9;

/// Writing to a String cannot fail, so its result is dropped in one place.
macro_rules! say {
    ($text:expr, $($format:tt)*) => {{ let _ = writeln!($text, $($format)*); }};
}

pub(super) fn render(report: &Report<'_>, charts: &[(&str, &str)]) -> String {
    let mut text = String::new();
    introduction(&mut text, report);
    for (name, title) in charts {
        say!(text, "![{title}]({name})\n");
    }
    rates(&mut text, report);
    latencies(&mut text, report);
    if !report.sides.is_empty() {
        counts(&mut text, report);
        footprint(&mut text, report);
    }
    commands(&mut text, report);
    text
}

fn introduction(text: &mut String, report: &Report<'_>) {
    let plan = report.plan;
    say!(text, "# vanillin beside its peers\n");
    say!(text, "Made by `{}`. {}.\n", report.command, machine());
    say!(
        text,
        "{} rounds of {} s per run. Each round runs every server once per workload, started afresh and pinned to one CPU, \
         with the generator on another. The floor is a C program that receives and sends a constant: what the kernel \
         costs when the server costs nothing. A ratio is to the floor of the same round: the median, with the least and \
         the greatest of the rounds. Absolute numbers hold for this machine and this hour only.\n",
        plan.rounds,
        plan.seconds
    );
    for contender in &report.field.contenders {
        say!(text, "- {}: {}", contender.name, contender.version);
    }
    for (name, reason) in &report.field.missing {
        say!(text, "- **missing** {name}: {reason}");
    }
    say!(text, "");
}

/// Tables with a row per workload and a column per server: one of small answers, one of large bodies.
fn tables(text: &mut String, report: &Report<'_>, cell: impl Fn(usize, &[Cell]) -> String) {
    for large in [false, true] {
        let rows: Vec<_> = report
            .plan
            .workloads
            .iter()
            .zip(&report.results.rows)
            .collect();
        let rows = rows
            .iter()
            .filter(|(workload, _)| matches!(workload.target, Target::Body(_)) == large);
        let rows: Vec<_> = rows.collect();
        let columns: Vec<usize> = (0..report.field.contenders.len())
            .filter(|column| {
                // A second floor is shown where it has a part, a peer also where it has none.
                let contender = &report.field.contenders[*column];
                !contender.is_floor()
                    || rows
                        .iter()
                        .any(|(_, row)| !row[*column].outcomes().is_empty())
            })
            .collect();
        if rows.is_empty() {
            continue;
        }
        let names: Vec<&str> = columns
            .iter()
            .map(|column| report.field.contenders[*column].name)
            .collect();
        say!(text, "| workload | {} |", names.join(" | "));
        say!(text, "|---|{}", "---|".repeat(names.len()));
        for (workload, row) in rows {
            let cells: Vec<String> = columns.iter().map(|column| cell(*column, row)).collect();
            say!(
                text,
                "| {}: {} | {} |",
                workload.name,
                workload.about,
                cells.join(" | ")
            );
        }
        say!(text, "");
    }
}

fn rates(text: &mut String, report: &Report<'_>) {
    say!(text, "## Requests per second\n");
    say!(
        text,
        "The floor's own rate, and the others' as a ratio to it. `~` marks runs in which the server was busy for less than \
         {:.0} % of the time, so that the generator or the fixed rate was the limit: there its CPU time tells more.\n",
        BUSY * 100.0
    );
    tables(text, report, |column, row| {
        let busy = row[column].spread(|outcome| outcome.server_seconds / outcome.seconds);
        let mark = if busy.is_some_and(|busy| busy.median < BUSY) {
            "~"
        } else {
            ""
        };
        let figure = if column == 0 {
            row[0]
                .spread(Outcome::rate)
                .map(|rate| format!("{:.0}/s", rate.median))
        } else {
            row[column]
                .ratio(&row[0], Outcome::rate)
                .map(|ratio| two(&ratio))
        };
        figure.map_or_else(
            || unmeasured(&row[column]),
            |figure| format!("{mark}{figure}"),
        )
    });
    say!(text, "## CPU time per request\n");
    say!(
        text,
        "The floor's in microseconds, and the others' as a ratio to it; system time included.\n"
    );
    tables(text, report, |column, row| {
        let figure = if column == 0 {
            row[0]
                .spread(Outcome::cpu_us)
                .map(|cpu| format!("{:.2} us", cpu.median))
        } else {
            row[column]
                .ratio(&row[0], Outcome::cpu_us)
                .map(|ratio| two(&ratio))
        };
        figure.unwrap_or_else(|| unmeasured(&row[column]))
    });
}

fn latencies(text: &mut String, report: &Report<'_>) {
    let mut rows = report.plan.workloads.iter().zip(&report.results.rows);
    let Some((workload, row)) = rows.find(|(workload, _)| workload.name == "fixed rate") else {
        return;
    };
    say!(text, "## Latency at a fixed rate\n");
    say!(
        text,
        "{} at {:.0} requests per second in all. A latency counts from the time at which its request was due, so a stall \
         is charged to every request that it delays. Microseconds.\n",
        workload.about,
        report.results.rate
    );
    say!(
        text,
        "| server | p50 | p99 | p99.9 | p99 to the floor's |\n|---|---|---|---|---|"
    );
    let pairs = report.field.contenders.iter().zip(row);
    for (contender, cell) in
        pairs.filter(|(contender, cell)| !contender.is_floor() || !cell.outcomes().is_empty())
    {
        let figures = [0, 1, 2].map(|index| cell.spread(|outcome| outcome.latencies_us[index]));
        let cells =
            figures.map(|figure| figure.map_or_else(|| unmeasured(cell), |spread| whole(&spread)));
        let ratio = cell.ratio(&row[0], |outcome| outcome.latencies_us[1]);
        say!(
            text,
            "| {} | {} | {} |",
            contender.name,
            cells.join(" | "),
            ratio.map_or_else(String::new, |ratio| two(&ratio))
        );
    }
    say!(text, "");
}

/// The contenders with their side figures; a second floor that has none is left out.
fn sided<'a>(report: &Report<'a>) -> impl Iterator<Item = (&'a Contender, &'a Side)> {
    let pairs = report.field.contenders.iter().zip(report.sides);
    pairs.filter(|(contender, side)| !contender.is_floor() || side.idle.is_ok())
}

fn counts(text: &mut String, report: &Report<'_>) {
    say!(text, "## Instructions and system calls\n");
    say!(
        text,
        "User-space instructions per request on one connection, by single steps: the difference between runs of 2N and of N \
         batches, divided by N. Each request is the same as the one before, or another one as long. System calls per request \
         while 64 connections take turns, and per batch of 16 pipelined requests.\n"
    );
    say!(
        text,
        "| server | short GET | browser's head | pipelined by 16 | another short GET | another browser's head \
         | calls per request | of these | calls per batch |"
    );
    say!(text, "|---|---|---|---|---|---|---|---|---|");
    for (contender, side) in sided(report) {
        let instructions = match &side.instructions {
            Ok(found) => format!(
                "{:.0} | {:.0} | {:.0} | {:.0} | {:.0}",
                found.short, found.browser, found.pipelined, found.other_short, found.other_browser
            ),
            Err(lack) => format!("{} | | | | ", lacking(lack)),
        };
        let calls = match &side.calls {
            Ok(calls) => format!(
                "{:.2} | {} | {:.1}",
                calls.per_request, calls.names, calls.per_batch
            ),
            Err(lack) => format!("{} | | ", lacking(lack)),
        };
        say!(text, "| {} | {instructions} | {calls} |", contender.name);
    }
    say!(text, "");
}

fn footprint(text: &mut String, report: &Report<'_>) {
    say!(text, "## Memory, start and size\n");
    say!(
        text,
        "Memory in KiB, resident (private), of all processes of a server: before the first request, and with connections \
         that made one request each and stay. From exec to the first answer in milliseconds. The ELF is the program file \
         alone, the image every file that it has mapped while serving.\n"
    );
    say!(
        text,
        "| server | idle | 1,000 connections | 10,000 connections | exec to answer | to the floor's | ELF, bytes | image, KiB |"
    );
    say!(text, "|---|---|---|---|---|---|---|---|");
    for (contender, side) in sided(report) {
        say!(text, "| {} | {} |", contender.name, footprint_cells(side));
    }
    say!(text, "");
}

fn footprint_cells(side: &Side) -> String {
    let (memory, files) = match &side.idle {
        Ok(idle) => {
            let three = [idle.alone, idle.thousand, idle.ten_thousand];
            let cells = three.map(|memory| format!("{} ({})", memory.resident, memory.private));
            (cells.join(" | "), format!("{}", idle.files / 1024))
        }
        Err(lack) => (format!("{} | | ", lacking(lack)), String::new()),
    };
    let milliseconds = |spread: Spread| {
        let scaled = [spread.median, spread.least, spread.greatest].map(|value| value / 1000.0);
        two(&Spread {
            median: scaled[0],
            least: scaled[1],
            greatest: scaled[2],
        })
    };
    let start = side
        .start
        .map_or_else(|| "not measured".to_owned(), milliseconds);
    let ratio = side
        .start_ratio
        .map_or_else(String::new, |ratio| two(&ratio));
    format!("{memory} | {start} | {ratio} | {} | {files}", side.elf)
}

fn commands(text: &mut String, report: &Report<'_>) {
    say!(
        text,
        "<details><summary>The commands of each run</summary>\n"
    );
    for ((workload, row), cells) in report
        .plan
        .workloads
        .iter()
        .zip(&report.results.commands)
        .zip(&report.results.rows)
    {
        say!(text, "- {}", workload.name);
        for ((contender, command), cell) in report.field.contenders.iter().zip(row).zip(cells) {
            match command {
                Some(command) => say!(text, "  - {}: `{command}`", contender.name),
                None => say!(text, "  - {}: {cell}", contender.name),
            }
        }
    }
    for (contender, side) in sided(report) {
        for reason in side.failures() {
            say!(text, "- {}: failed: {reason}", contender.name);
        }
    }
    say!(text, "\n</details>");
}

fn lacking(lack: &Lack) -> &'static str {
    match lack {
        Lack::Unsupported => "not supported",
        Lack::Failed(_) => "failed",
    }
}

fn unmeasured(cell: &Cell) -> String {
    match cell {
        Cell::Measured(_) => "not measured".to_owned(),
        Cell::Unsupported(_) => "not supported".to_owned(),
        Cell::Failed(_) => "failed".to_owned(),
    }
}

fn two(spread: &Spread) -> String {
    format!(
        "{:.2} ({:.2}..{:.2})",
        spread.median, spread.least, spread.greatest
    )
}

fn whole(spread: &Spread) -> String {
    format!(
        "{:.0} ({:.0}..{:.0})",
        spread.median, spread.least, spread.greatest
    )
}
