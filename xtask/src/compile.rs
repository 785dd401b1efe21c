//! The freestanding binaries as they ship, before they are stripped.
//!
//! Invariant: one compilation serves all: what ships, what is measured and what is tested are the same code. The
//! symbols and line tables beside it say what is inside; the loader never sees them.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

/// The one machine that was tested.
pub(crate) const TARGET: &str = "x86_64-unknown-linux-gnu";

/// The binary that ships.
pub(crate) const SHIPPED: &str = "vanillin";

/// Those that only tests run, where they exist.
pub(crate) fn for_tests() -> impl Iterator<Item = &'static str> {
    let is_there = |name: &&str| {
        workspace()
            .join("tests")
            .join(name)
            .join("main.rs")
            .exists()
    };
    ["echo", "testbed"].into_iter().filter(is_there)
}

/// What the workspace is called in line tables.
pub(crate) const WORKSPACE_NAME: &str = "/workspace";

/// What Cargo's own folder is called in line tables.
pub(crate) const CARGO_HOME_NAME: &str = "/cargo";

/// The folder of the workspace.
pub(crate) fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or(Path::new("."))
}

/// The folder of what is built here, apart from Cargo's other builds: its flags differ.
pub(crate) fn folder() -> PathBuf {
    workspace().join("target/elf")
}

/// The folder of the binaries with their symbols.
pub(crate) fn built() -> PathBuf {
    folder().join(TARGET).join("dist")
}

/// Builds all freestanding binaries with the profile `dist` and returns the folder they lie in.
pub(crate) fn dist() -> anyhow::Result<PathBuf> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .current_dir(workspace())
        .args(["build", "--package", "vanillin", "--profile", "dist"])
        .args(["--bin", SHIPPED]);
    for name in for_tests() {
        command.args(["--bin", name]);
    }
    command
        .args(["--target", TARGET, "--target-dir"])
        .arg(folder())
        .env("CARGO_PROFILE_DIST_STRIP", "none")
        .env("CARGO_PROFILE_DIST_DEBUG", "line-tables-only")
        .env("CARGO_ENCODED_RUSTFLAGS", flags().join("\x1f"))
        .env_remove("RUSTFLAGS");
    let status = command.status().context("cargo cannot be started")?;
    ensure!(status.success(), "cargo build ended with {status}");
    Ok(built())
}

/// Flags of the compiler for the target only: naming one keeps build scripts out of it.
pub(crate) fn flags() -> Vec<String> {
    let workspace = workspace().display();
    let mut flags = vec![
        format!("--remap-path-prefix={workspace}={WORKSPACE_NAME}"),
        // An address is a constant of four bytes instead of a sum with the instruction pointer.
        "-Crelocation-model=static".to_owned(),
        // Functions that call nobody may push too: a small constant is then three octets instead of ten.
        "-Cno-redzone=yes".to_owned(),
        // An entry of a jump table is eight octets, more than the comparison that it saves.
        "-Cllvm-args=-min-jump-table-entries=20".to_owned(),
        // Left out is what takes work out of loops and off branches at the price of registers: they have to be saved
        // somewhere, and constants are loaded again behind every call. 400 octets; a request takes fewer instructions, too.
        "-Cllvm-args=-disable-machine-licm".to_owned(),
        "-Cllvm-args=-disable-licm-promotion".to_owned(),
        "-Cllvm-args=-two-entry-phi-node-folding-threshold=0".to_owned(),
        "-Cllvm-args=-simplifycfg-sink-common=false".to_owned(),
        "-Cllvm-args=-enable-load-pre=false".to_owned(),
    ];
    if let Some(home) = cargo_home() {
        flags.push(format!(
            "--remap-path-prefix={}={CARGO_HOME_NAME}",
            home.display()
        ));
    }
    flags
}

/// Where Cargo keeps the sources of dependencies.
pub(crate) fn cargo_home() -> Option<PathBuf> {
    let default = || Some(PathBuf::from(env::var_os("HOME")?).join(".cargo"));
    env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(default)
}
