//! Where a byte of the binary was written down: room, file, function, line.
//!
//! Invariant: only line tables and names of symbols are asked; no machine code is understood.

use addr2line::Context;
use anyhow::Context as _;
use clap::ValueEnum;
use gimli::{Dwarf, EndianSlice, LittleEndian, SectionId};

use crate::compile::{CARGO_HOME_NAME, WORKSPACE_NAME};
use crate::elf::Elf;

/// What code is attributed to: the innermost of these that this repository wrote down, inlined or not.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum By {
    Room,
    File,
    Function,
    Line,
}

/// The line tables of a binary.
pub(crate) struct Origins<'a>(Context<EndianSlice<'a, LittleEndian>>);

impl<'a> Origins<'a> {
    pub(crate) fn new(elf: &Elf<'a>) -> anyhow::Result<Self> {
        let sections = elf.sections();
        let load = |id: SectionId| {
            let section = sections.iter().find(|section| section.name == id.name());
            let content = section.map_or(&[][..], |section| section.content);
            Ok::<_, gimli::Error>(EndianSlice::new(content, LittleEndian))
        };
        let tables = Dwarf::load(load).and_then(Context::from_dwarf);
        Ok(Self(tables.context("the line tables cannot be read")?))
    }

    /// Whose code a byte is.
    pub(crate) fn of_code(&self, address: u64, by: By) -> anyhow::Result<String> {
        let failure = "the line tables cannot be read";
        let frames = self.0.find_frames(address).skip_all_loads();
        let mut frames = frames.context(failure)?;
        let mut owner = None;
        // From what is inlined to what it is inlined into.
        while let Some(frame) = frames.next().context(failure)? {
            let Some(location) = frame.location else {
                continue;
            };
            let file = location.file.unwrap_or_default();
            let Some(path) = file.strip_prefix(WORKSPACE_NAME) else {
                owner = Some(of_dependency(file));
                continue;
            };
            let path = path.trim_start_matches('/');
            return Ok(match (by, frame.function) {
                (By::Function, Some(function)) => {
                    let name = function.raw_name().unwrap_or_default();
                    format!("{path} {:#}", rustc_demangle::demangle(&name))
                }
                (By::Room | By::Function, _) => of_source(path),
                (By::File, _) => path.to_owned(),
                (By::Line, _) => format!("{path}:{}", location.line.unwrap_or_default()),
            });
        }
        Ok(owner.unwrap_or_else(|| "(code without a line)".to_owned()))
    }
}

/// `src/server/worker.rs` and `src/server.rs` are in the room `server`.
fn of_source(path: &str) -> String {
    let mut parts = path.split('/');
    let (first, second) = (parts.next().unwrap_or(path), parts.next());
    match (first, second) {
        ("src", Some(room)) => room.trim_end_matches(".rs").to_owned(),
        _ => first.trim_end_matches(".rs").to_owned(),
    }
}

/// The crate of a source file outside this repository.
fn of_dependency(path: &str) -> String {
    if path.starts_with(CARGO_HOME_NAME) {
        // registry/src/INDEX/NAME-VERSION/src/...
        let package = path.split('/').find(|part| {
            part.rsplit_once('-').is_some_and(|(_, version)| {
                version.starts_with(|first: char| first.is_ascii_digit()) && version.contains('.')
            })
        });
        if let Some((name, _)) = package.and_then(|package| package.rsplit_once('-')) {
            return name.to_owned();
        }
    }
    match path.split_once("/library/") {
        Some((_, inside)) => inside.split('/').next().unwrap_or(inside).to_owned(),
        None => path.to_owned(),
    }
}

/// The room of a named constant, by the path of its name.
pub(crate) fn of_symbol(name: &str) -> String {
    let path = name.trim_start_matches(['<', '&']);
    if path.ends_with("::VANILLIN_SHEET") {
        return "site".to_owned();
    }
    let mut parts = path.split("::");
    match (parts.next(), parts.next()) {
        (Some("vanillin"), Some(room)) if parts.next().is_some() => room.to_owned(),
        (Some("vanillin"), Some(_)) => "main".to_owned(),
        (Some(krate), Some(_)) => krate.to_owned(),
        _ => path.to_owned(),
    }
}
