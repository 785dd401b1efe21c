//! `cargo xtask dist`: the ELF that ships, in `dist/`, with everything that is promised of it checked.

mod check;
mod memory;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use clap::Args;

use crate::compile;
use crate::elf::Elf;
use check::Check;

/// Build the ELF that ships into dist/, with a Dockerfile, and verify it
///
/// Fails when a check fails. The binaries that only tests run are built the same way into target/elf/. Every line of
/// the report is `ok`, `goal missed` or `FAILED`, what was looked at, and what was found.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Fail when the ELF without its site is larger than this
    #[arg(long, value_name = "BYTES", default_value_t = check::SIZE_MAX)]
    size_max: usize,
    /// Verify this ELF, as it is, instead of building one (symbols are looked up in it too)
    #[arg(long, value_name = "FILE")]
    verify: Option<std::path::PathBuf>,
}

/// Mode of everything that is executed: nobody may write to it.
const MODE: u32 = 0o555;

const DOCKERFILE: &str = include_str!("dist/Dockerfile");

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    if let Some(path) = &arguments.verify {
        let bytes = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let checks = check::all(
            &Elf::parse(&bytes)?,
            &bytes,
            &Elf::parse(&bytes)?,
            arguments.size_max,
        );
        return report(&checks);
    }
    eprintln!("building ...");
    let folder = compile::dist()?;
    for name in compile::for_tests() {
        let bytes = fs::read(folder.join(name))?;
        write(
            &compile::folder().join(name),
            &Elf::parse(&bytes)?.stripped()?,
            MODE,
        )?;
    }
    let dist = compile::workspace().join("dist");
    fs::create_dir_all(&dist)?;
    let whole = fs::read(folder.join(compile::SHIPPED))?;
    let whole = Elf::parse(&whole)?;
    let bytes = whole.stripped()?;
    let path = dist.join(compile::SHIPPED);
    write(&path, &bytes, MODE)?;
    write(&dist.join("Dockerfile"), DOCKERFILE.as_bytes(), 0o644)?;
    eprintln!("verifying {} ...", path.display());
    let mut checks = check::all(&Elf::parse(&bytes)?, &bytes, &whole, arguments.size_max);
    checks.push(starts(&path));
    let result = report(&checks);
    memory::print(&whole);
    result
}

/// Writes a file whole or not at all: it may be running.
fn write(path: &Path, bytes: &[u8], mode: u32) -> anyhow::Result<()> {
    let new = path.with_extension("new");
    let written = fs::remove_file(&new)
        .or_else(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        })
        .and_then(|()| fs::write(&new, bytes))
        .and_then(|()| fs::set_permissions(&new, Permissions::from_mode(mode)))
        .and_then(|()| fs::rename(&new, path));
    written.with_context(|| format!("{} cannot be written", path.display()))
}

/// The ELF runs: what was cut off it is not missed.
fn starts(path: &Path) -> Check {
    let expected = format!("vanillin {}\n", env!("CARGO_PKG_VERSION"));
    let what = "--version";
    match Command::new(path).arg(what).output() {
        Ok(output) if output.status.success() && output.stdout == expected.as_bytes() => {
            Check::ok(what, expected.trim_end())
        }
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            Check::failed(what, format!("{said:?} and {}", output.status))
        }
        Err(error) => Check::failed(what, error),
    }
}

/// Prints every check and fails when one has.
fn report(checks: &[Check]) -> anyhow::Result<()> {
    for check in checks {
        println!("{check}");
    }
    let failed = checks.iter().filter(|check| check.has_failed()).count();
    println!("{} checks, {failed} failed", checks.len());
    ensure!(failed == 0, "the ELF is not fit to ship");
    Ok(())
}
