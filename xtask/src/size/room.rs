//! Which room a byte belongs to.

use addr2line::Context;
use anyhow::Context as _;
use gimli::{Dwarf, EndianSlice, LittleEndian, SectionId};

use crate::compile::{CARGO_HOME_NAME, WORKSPACE_NAME};
use crate::elf::Elf;

/// The line tables of a binary.
pub(super) struct Rooms<'a>(Context<EndianSlice<'a, LittleEndian>>);

impl<'a> Rooms<'a> {
    pub(super) fn new(elf: &Elf<'a>) -> anyhow::Result<Self> {
        let sections = elf.sections();
        let load = |id: SectionId| {
            let section = sections.iter().find(|section| section.name == id.name());
            let content = section.map_or(&[][..], |section| section.content);
            Ok::<_, gimli::Error>(EndianSlice::new(content, LittleEndian))
        };
        let tables = Dwarf::load(load).and_then(Context::from_dwarf);
        Ok(Self(tables.context("the line tables cannot be read")?))
    }

    /// The innermost of the inlined functions that this repository wrote down; else whose code it is.
    pub(super) fn of_code(&self, address: u64) -> anyhow::Result<String> {
        let frames = self.0.find_frames(address).skip_all_loads();
        let mut frames = frames.context("the line tables cannot be read")?;
        let mut outermost = None;
        while let Some(frame) = frames.next().context("the line tables cannot be read")? {
            let Some(file) = frame.location.and_then(|location| location.file) else {
                continue;
            };
            if let Some(path) = file.strip_prefix(WORKSPACE_NAME) {
                return Ok(of_source(path.trim_start_matches('/')));
            }
            outermost = Some(of_dependency(file));
        }
        Ok(outermost.unwrap_or_else(|| "(code without a line)".to_owned()))
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
pub(super) fn of_symbol(name: &str) -> String {
    let path = name.trim_start_matches(['<', '&']);
    if path.ends_with("::SHEET") {
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
