//! The floor: built from `floor.c`, and the mode of it that does what a workload asks.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::{Place, closes, prepare};
use crate::bench::workload::{Target, Workload};

const SOURCE: &str = include_str!("../floor.c");

/// Compiles the floor.
pub(super) fn build(place: &Place) -> anyhow::Result<PathBuf> {
    let (source, program) = (place.folder.join("floor.c"), place.folder.join("floor"));
    fs::write(&source, SOURCE)?;
    prepare(
        Command::new("gcc")
            .args(["-O2", "-pthread", "-o"])
            .arg(&program)
            .arg(&source),
    )?;
    Ok(program)
}

/// The arguments for `workload`; nothing where the variant has no part in it.
pub(super) fn arguments(workload: &Workload, sendfile: bool, port: u16) -> Option<Vec<String>> {
    let port = port.to_string();
    let words = match workload.target {
        Target::Body(size) => {
            let mode = if sendfile { "sendfile" } else { "body" };
            vec![mode.to_owned(), port, size.to_string()]
        }
        _ if sendfile => return None,
        _ if closes(workload.mode) => vec!["close".to_owned(), port],
        _ if workload.depth > 1 => vec!["pipelined".to_owned(), port],
        _ => vec!["small".to_owned(), port, workload.workers.to_string()],
    };
    Some(words)
}
