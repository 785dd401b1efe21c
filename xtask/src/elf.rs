//! ELF files as data: segments, symbols, and the file without what no loader reads.
//!
//! Invariant: nothing here starts, formats or judges; it reads.

use std::collections::HashMap;

use anyhow::{Context, bail, ensure};
use object::elf::{FileHeader64, ProgramHeader64};
use object::read::elf::{ElfFile64, FileHeader, ProgramHeader};
use object::{LittleEndian, Object, ObjectSection, ObjectSymbol, SectionKind, SymbolKind};

/// A file for a 64-bit little-endian machine.
pub(crate) struct Elf<'a> {
    bytes: &'a [u8],
    file: ElfFile64<'a, LittleEndian>,
}

/// A named stretch of memory.
#[derive(Clone, Debug)]
pub(crate) struct Symbol {
    pub(crate) name: String,
    pub(crate) address: u64,
    pub(crate) len: u64,
    pub(crate) is_code: bool,
}

/// What lies between two addresses, or in the file only.
#[derive(Clone, Debug)]
pub(crate) struct Section<'a> {
    pub(crate) name: String,
    pub(crate) address: u64,
    pub(crate) len: u64,
    pub(crate) is_code: bool,
    pub(crate) content: &'a [u8],
}

impl Section<'_> {
    /// It is part of the file, and of the process that is made of it.
    pub(crate) fn in_file(&self) -> bool {
        self.address != 0 && !self.content.is_empty()
    }

    pub(crate) fn holds(&self, symbol: &Symbol) -> bool {
        (self.address..self.address + self.len).contains(&symbol.address)
    }
}

impl<'a> Elf<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> anyhow::Result<Self> {
        let file = ElfFile64::parse(bytes).context("not a 64-bit little-endian ELF file")?;
        Ok(Self { bytes, file })
    }

    pub(crate) fn header(&self) -> &FileHeader64<LittleEndian> {
        self.file.elf_header()
    }

    pub(crate) fn segments(&self) -> &[ProgramHeader64<LittleEndian>] {
        self.file.elf_program_headers()
    }

    /// Sections with a name; a stripped file has none.
    pub(crate) fn sections(&self) -> Vec<Section<'a>> {
        let sections = self.file.sections();
        sections
            .map(|section| Section {
                name: section.name().unwrap_or_default().to_owned(),
                address: section.address(),
                len: section.size(),
                is_code: section.kind() == SectionKind::Text,
                content: section.data().unwrap_or_default(),
            })
            .collect()
    }

    /// Symbols that name code or data, demangled, without the hash that a compiler appends.
    pub(crate) fn symbols(&self) -> Vec<Symbol> {
        let symbols = self.file.symbols();
        symbols
            .filter(|symbol| {
                matches!(
                    symbol.kind(),
                    SymbolKind::Text | SymbolKind::Data | SymbolKind::Unknown
                )
            })
            .filter(object::ObjectSymbol::is_definition)
            .filter_map(|symbol| {
                let name = symbol.name().ok().filter(|name| !name.is_empty())?;
                Some(Symbol {
                    name: format!("{:#}", rustc_demangle::demangle(name)),
                    address: symbol.address(),
                    len: symbol.size(),
                    is_code: symbol.kind() == SymbolKind::Text,
                })
            })
            .collect()
    }

    /// Names that another file would have to define.
    pub(crate) fn undefined(&self) -> Vec<String> {
        let symbols = self.file.symbols();
        symbols
            .filter(object::ObjectSymbol::is_undefined)
            .filter_map(|symbol| Some(symbol.name().ok()?.to_owned()))
            .filter(|name| !name.is_empty())
            .collect()
    }

    /// Calls and jumps, found by their bytes: for each address that some lead to, where those stand.
    pub(crate) fn calls(&self) -> HashMap<u64, Vec<u64>> {
        let mut calls = HashMap::<u64, Vec<u64>>::new();
        for section in self.sections().iter().filter(|section| section.is_code) {
            for (at, window) in section.content.windows(6).enumerate() {
                let len = match window {
                    // call rel32, jmp rel32
                    [0xe8 | 0xe9, ..] => 5,
                    // jcc rel32
                    [0x0f, 0x80..=0x8f, ..] => 6,
                    _ => continue,
                };
                let distance = window[len - 4..len]
                    .try_into()
                    .map_or(0, i32::from_le_bytes);
                let address = section.address + at as u64;
                let target = (address + len as u64).wrapping_add_signed(i64::from(distance));
                calls.entry(target).or_default().push(address);
            }
        }
        calls
    }

    /// Overwrites what a symbol names, in a copy of the file.
    pub(crate) fn erase(&self, symbol: &Symbol, copy: &mut [u8]) {
        for segment in self.segments() {
            let into = symbol.address.checked_sub(segment.p_vaddr(LittleEndian));
            let Some(into) = into.filter(|into| *into < segment.p_filesz(LittleEndian)) else {
                continue;
            };
            let start = (segment.p_offset(LittleEndian) + into) as usize;
            if let Some(named) = copy.get_mut(start..start + symbol.len as usize) {
                named.fill(0);
            }
        }
    }

    /// The file up to the end of its last segment: no symbols, no line tables, no section headers.
    pub(crate) fn stripped(&self) -> anyhow::Result<Vec<u8>> {
        let header = self.header();
        let endian = LittleEndian;
        let table = header.e_phoff(endian)
            + u64::from(header.e_phentsize(endian)) * u64::from(header.e_phnum(endian));
        let ends = self
            .segments()
            .iter()
            .map(|segment| segment.p_offset(endian) + segment.p_filesz(endian));
        let end = ends.fold(table, u64::max);
        let Some(kept) = usize::try_from(end)
            .ok()
            .and_then(|end| self.bytes.get(..end))
        else {
            bail!("a segment ends behind the file");
        };
        let mut kept = kept.to_vec();
        ensure!(kept.len() >= HEADER_LEN, "the file header is cut");
        kept[SECTION_TABLE_OFFSET..SECTION_TABLE_OFFSET + 8].fill(0);
        kept[SECTION_COUNTS..HEADER_LEN].fill(0);
        Ok(kept)
    }
}

/// `sizeof(Elf64_Ehdr)`.
const HEADER_LEN: usize = 64;

/// `offsetof(Elf64_Ehdr, e_shoff)`.
const SECTION_TABLE_OFFSET: usize = 0x28;

/// `offsetof(Elf64_Ehdr, e_shentsize)`; behind it `e_shnum` and `e_shstrndx` end the header.
const SECTION_COUNTS: usize = 0x3a;
