//! The side figures of every contender.
//!
//! Invariant: a figure that a server cannot give is named with its reason and never a number.

use super::contender::{Contender, Place};
use super::figures::{self, Calls, Idle, Instructions, Subject};
use super::pin;
use super::rounds::Spread;
use super::workload::{self, Workload};

/// Starts of each server; a start takes a few milliseconds.
const STARTS: usize = 15;
/// About what it takes to count one server.
pub(crate) const SECONDS_EACH: f64 = 8.0;

/// Why a figure is missing.
#[derive(Clone, Debug)]
pub(crate) enum Lack {
    Unsupported,
    Failed(String),
}

/// What one server costs beside its speed.
pub(crate) struct Side {
    pub(crate) instructions: Result<Instructions, Lack>,
    pub(crate) calls: Result<Calls, Lack>,
    pub(crate) idle: Result<Idle, Lack>,
    /// Microseconds from exec to the first answer.
    pub(crate) start: Option<Spread>,
    /// The same as a ratio to the floor of the same round.
    pub(crate) start_ratio: Option<Spread>,
    pub(crate) elf: u64,
}

impl Side {
    /// The reasons of what failed.
    pub(crate) fn failures(&self) -> Vec<&str> {
        let lacks = [
            self.instructions.as_ref().err(),
            self.calls.as_ref().err(),
            self.idle.as_ref().err(),
        ];
        let failed = lacks.into_iter().flatten().filter_map(|lack| match lack {
            Lack::Failed(reason) => Some(reason.as_str()),
            Lack::Unsupported => None,
        });
        failed.collect()
    }
}

/// Collects the side figures of `contenders`, of which the first is the floor.
pub(crate) fn collect(contenders: &[Contender], place: &Place) -> anyhow::Result<Vec<Side>> {
    let cpus = pin::available()?;
    let (server, rest) = cpus.split_at(1);
    let waiting = if rest.is_empty() { server } else { rest };
    let subjects: Vec<_> = contenders
        .iter()
        .map(|contender| subject(contender, place, server))
        .collect();
    eprintln!("{STARTS} starts of each");
    let mut starts = vec![Vec::new(); contenders.len()];
    for _ in 0..STARTS {
        for (subject, starts) in subjects.iter().zip(&mut starts) {
            starts.push(found(subject.start_us(waiting)));
        }
    }
    let mut sides = Vec::new();
    for (index, (contender, subject)) in contenders.iter().zip(&subjects).enumerate() {
        eprintln!(
            "[{}/{}] counting {}",
            index + 1,
            contenders.len(),
            contender.name
        );
        let pairs = starts[index].iter().zip(&starts[0]);
        let ratios =
            pairs.filter_map(|(own, floor)| Some(own.as_ref().ok()? / floor.as_ref().ok()?));
        sides.push(Side {
            instructions: found(subject.instructions()),
            calls: found(subject.calls()),
            idle: found(subject.idle()),
            start: Spread::of(starts[index].iter().flatten().copied()),
            start_ratio: Spread::of(ratios),
            elf: figures::size(&contender.program)?,
        });
    }
    Ok(sides)
}

fn subject<'a>(contender: &'a Contender, place: &'a Place, cpus: &'a [usize]) -> Subject<'a> {
    let launch = |port: u16, pipelined: bool| {
        let depth = if pipelined { figures::DEPTH } else { 1 };
        let workload = Workload {
            depth,
            ..workload::PLAIN
        };
        contender
            .offer(place, &workload, port)?
            .ok_or_else(|| anyhow::anyhow!("unsupported: nothing like it"))
    };
    Subject {
        launch: Box::new(launch),
        cpus,
        log: place.log(contender.name),
    }
}

fn found<T>(figure: anyhow::Result<T>) -> Result<T, Lack> {
    figure.map_err(|error| {
        let reason = format!("{error:#}");
        if reason.contains("unsupported: ") {
            return Lack::Unsupported;
        }
        eprintln!("failed: {reason}");
        Lack::Failed(reason)
    })
}
