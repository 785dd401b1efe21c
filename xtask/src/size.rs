//! `cargo xtask size`: where the bytes of the ELF are.
//!
//! Code is attributed by line tables, byte for byte: what is inlined counts where it was written down, and what a
//! dependency's generic code costs counts in the room that uses it. Data is attributed by its symbol.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::fs;
use std::io::{self, Write as _};

use anyhow::Context;
use clap::Args;

use crate::compile;
use crate::elf::{Elf, Symbol};
use crate::origin::{self, By, Origins};

/// Show where the bytes of the ELF are, by room
#[derive(Args)]
pub(crate) struct Arguments {
    /// The binary to look into
    #[arg(default_value = compile::SHIPPED)]
    binary: String,
    /// How many of the largest symbols to list
    #[arg(long, value_name = "N", default_value_t = 20)]
    top: usize,
    /// What code is attributed to; all copies of what is inlined count together
    #[arg(long, value_enum, default_value_t = By::Room)]
    by: By,
    /// Look into what was built last, without building
    #[arg(long)]
    built: bool,
}

/// Bytes of one room.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    code: u64,
    data: u64,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let folder = if arguments.built {
        compile::built()
    } else {
        eprintln!("building ...");
        compile::dist()?
    };
    let path = folder.join(&arguments.binary);
    let bytes = fs::read(&path).with_context(|| format!("{} is not there", path.display()))?;
    let elf = Elf::parse(&bytes)?;
    let len = elf.stripped()?.len() as u64;
    let shares = shares(&elf, len, arguments.by)?;
    let mut text = String::new();
    write_rooms(&mut text, &shares, len)?;
    write_symbols(&mut text, &elf.symbols(), arguments.top)?;
    // The reader may have seen enough.
    let _ = io::stdout().write_all(text.as_bytes());
    Ok(())
}

/// Every byte of the file that ships, attributed.
fn shares(elf: &Elf<'_>, len: u64, by: By) -> anyhow::Result<BTreeMap<String, Share>> {
    let origins = Origins::new(elf)?;
    let symbols = elf.symbols();
    let mut shares = BTreeMap::<String, Share>::new();
    let mut rest = len;
    for section in elf.sections().iter().filter(|section| section.in_file()) {
        rest = rest.saturating_sub(section.len);
        if section.is_code {
            for address in section.address..section.address + section.len {
                shares
                    .entry(origins.of_code(address, by)?)
                    .or_default()
                    .code += 1;
            }
            continue;
        }
        let mut unnamed = section.len;
        for symbol in symbols.iter().filter(|symbol| section.holds(symbol)) {
            shares
                .entry(origin::of_symbol(&symbol.name))
                .or_default()
                .data += symbol.len;
            unnamed = unnamed.saturating_sub(symbol.len);
        }
        let name = format!("({} without a name)", section.name);
        shares.entry(name).or_default().data += unnamed;
    }
    shares
        .entry("(headers and gaps)".to_owned())
        .or_default()
        .data += rest;
    shares.retain(|_, share| share.code + share.data > 0);
    Ok(shares)
}

/// Columns of the longest name.
const NAME_LEN_MAX: usize = 72;

fn write_rooms(text: &mut String, shares: &BTreeMap<String, Share>, len: u64) -> fmt::Result {
    let width = shares
        .keys()
        .map(|name| name.chars().count())
        .max()
        .unwrap_or_default();
    let width = width.min(NAME_LEN_MAX);
    let mut rows: Vec<_> = shares.iter().collect();
    rows.sort_by_key(|(_, share)| std::cmp::Reverse(share.code + share.data));
    writeln!(
        text,
        "{:width$}{:>8}{:>8}{:>8}{:>7}",
        "", "code", "data", "bytes", "%"
    )?;
    for (room, Share { code, data }) in rows {
        let bytes = code + data;
        let percent = percent(bytes, len);
        writeln!(
            text,
            "{room:width$.width$}{code:>8}{data:>8}{bytes:>8}{percent:>7}"
        )?;
    }
    writeln!(
        text,
        "{:width$}{:>8}{:>8}{len:>8}{:>7}",
        "the file",
        "",
        "",
        percent(len, len)
    )
}

fn percent(bytes: u64, len: u64) -> String {
    let thousandths = bytes * 1000 / len.max(1);
    format!("{}.{}", thousandths / 10, thousandths % 10)
}

fn write_symbols(text: &mut String, symbols: &[Symbol], top: usize) -> fmt::Result {
    let mut symbols = symbols.to_vec();
    symbols.sort_by(|a, b| b.len.cmp(&a.len).then_with(|| a.name.cmp(&b.name)));
    symbols.dedup_by(|a, b| a.address == b.address && a.len == b.len);
    writeln!(text, "\nlargest symbols, with what is inlined into them")?;
    for symbol in symbols.iter().take(top) {
        let kind = if symbol.is_code { "code" } else { "data" };
        writeln!(text, "{:>8}  {kind}  {}", symbol.len, symbol.name)?;
    }
    Ok(())
}
