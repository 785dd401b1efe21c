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

/// What one server costs beside its speed.
pub(crate) struct Side {
    pub(crate) instructions: Result<Instructions, String>,
    pub(crate) calls: Result<Calls, String>,
    pub(crate) idle: Result<Idle, String>,
    /// Microseconds from exec to the first answer.
    pub(crate) start: Option<Spread>,
    /// The same as a ratio to the floor of the same round.
    pub(crate) start_ratio: Option<Spread>,
    pub(crate) elf: u64,
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
    let mut starts = vec![Vec::new(); contenders.len()];
    for round in 0..STARTS {
        eprintln!("start {} of {STARTS}", round + 1);
        for (subject, starts) in subjects.iter().zip(&mut starts) {
            starts.push(said(subject.start_us(waiting)));
        }
    }
    let mut sides = Vec::new();
    for ((contender, subject), own) in contenders.iter().zip(&subjects).zip(&starts) {
        eprintln!("counting {}", contender.name);
        let pairs = own.iter().zip(starts.first().into_iter().flatten());
        let ratios =
            pairs.filter_map(|(own, floor)| Some(own.as_ref().ok()? / floor.as_ref().ok()?));
        sides.push(Side {
            instructions: said(subject.instructions()),
            calls: said(subject.calls()),
            idle: said(subject.idle()),
            start: Spread::of(own.iter().flatten().copied()),
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
            .ok_or_else(|| anyhow::anyhow!("not supported"))
    };
    Subject {
        launch: Box::new(launch),
        cpus,
        log: place.log(contender.name),
    }
}

fn said<T>(figure: anyhow::Result<T>) -> Result<T, String> {
    figure.map_err(|error| format!("{error:#}"))
}
