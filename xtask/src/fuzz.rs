//! `cargo xtask fuzz`: runs the fuzz targets in `tests/fuzz`, from the seeds that are kept there and what earlier
//! runs have found.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

use crate::compile;

/// Each is a file in `tests/fuzz`.
const TARGETS: [&str; 2] = ["parser", "connection"];

/// What a target has to say between two lines of ours.
const PROGRESS: Duration = Duration::from_secs(10);

/// Runs the fuzz targets: the parser against its reference, and whole connections.
///
/// Needs a nightly toolchain and `cargo install cargo-fuzz`. What is found is added to `target/fuzz/corpus`, an input
/// that fails is kept in `target/fuzz/artifacts`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// One target instead of all.
    #[arg(long, value_parser = TARGETS)]
    target: Option<String>,
    /// Executions of each target.
    #[arg(long, default_value_t = 200_000)]
    runs: u64,
    /// Octets of the longest input; unless it is given, 4096.
    #[arg(long)]
    max_len: Option<usize>,
    /// Where it begins; the same seed makes the same inputs of the same corpus.
    #[arg(long)]
    seed: Option<u32>,
    /// What watches memory: `none`, which is fast, or `address`.
    #[arg(long, default_value = "none")]
    sanitizer: String,
    /// Executes one input, such as one that has failed, and nothing else. Wants a target.
    #[arg(long, requires = "target")]
    input: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let targets = TARGETS.iter().filter(|target| {
        let wanted = arguments.target.as_deref();
        wanted.is_none_or(|wanted| wanted == **target)
    });
    build(arguments)?;
    let mut summary = Vec::new();
    for target in targets {
        match &arguments.input {
            Some(input) => execute_one(target, input)?,
            None => summary.push(execute(arguments, target)?),
        }
    }
    for line in summary {
        println!("{line}");
    }
    Ok(())
}

fn folder() -> PathBuf {
    compile::workspace().join("target/fuzz")
}

fn build(arguments: &Arguments) -> anyhow::Result<()> {
    let status = Command::new("rustup")
        .current_dir(compile::workspace())
        .args(["run", "nightly", "cargo", "fuzz", "build"])
        .args(["--fuzz-dir", "tests/fuzz", "--target-dir"])
        .arg(folder())
        .args(["--sanitizer", &arguments.sanitizer])
        .status()
        .context("rustup cannot be started")?;
    ensure!(
        status.success(),
        "the fuzz targets are not built; `rustup toolchain install nightly` and `cargo install cargo-fuzz` \
         install what may be missing"
    );
    Ok(())
}

fn command(target: &str) -> anyhow::Result<Command> {
    let host = compile::TARGET;
    let binary = folder().join(host).join("release").join(target);
    ensure!(binary.exists(), "{} is missing", binary.display());
    Ok(Command::new(binary))
}

fn execute_one(target: &str, input: &Path) -> anyhow::Result<()> {
    let status = command(target)?.arg(input).status()?;
    ensure!(status.success(), "{target} fails: {status}");
    Ok(())
}

/// Runs a target and returns what there is to say of it.
fn execute(arguments: &Arguments, target: &str) -> anyhow::Result<String> {
    let corpus = folder().join("corpus").join(target);
    let artifacts = folder().join("artifacts");
    fs::create_dir_all(&corpus)?;
    fs::create_dir_all(&artifacts)?;
    let fuzz = compile::workspace().join("tests/fuzz");
    let mut command = command(target)?;
    command
        .arg(&corpus)
        .arg(fuzz.join("seeds").join(target))
        .arg(format!("-runs={}", arguments.runs))
        .arg(format!("-dict={}", fuzz.join("http.dict").display()))
        .arg(format!(
            "-artifact_prefix={}/{target}-",
            artifacts.display()
        ))
        .args(arguments.max_len.map(|len| format!("-max_len={len}")))
        .args(arguments.seed.map(|seed| format!("-seed={seed}")))
        .stderr(Stdio::piped());
    println!("{target}: {} executions", arguments.runs);
    let started = Instant::now();
    let mut child = command.spawn()?;
    let lines = BufReader::new(child.stderr.take().context("no output")?).split(b'\n');
    let (mut log, mut last, mut said) = (Vec::new(), String::new(), started);
    for line in lines {
        let line = String::from_utf8_lossy(&line?).into_owned();
        if line.starts_with('#') && line.contains("cov:") {
            if said.elapsed() > PROGRESS {
                println!("{target}: {line}");
                said = Instant::now();
            }
            last = line;
        } else {
            log.push(line);
        }
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("{}\n{target} fails: {status}", log.join("\n"));
    }
    let seconds = started.elapsed().as_secs_f64();
    Ok(format!(
        "{target}: {} executions in {seconds:.1} s and no failure; {}",
        arguments.runs,
        state(&last)
    ))
}

/// What the last line of a target says of its corpus: `cov: 1 ft: 2 corp: 3/4b`.
fn state(line: &str) -> String {
    let mut words = line.split_whitespace();
    let mut value = |name: &str| {
        words.find(|word| *word == name);
        words.next().unwrap_or("?").to_owned()
    };
    let (edges, inputs) = (value("cov:"), value("corp:"));
    format!("{edges} edges covered by inputs/octets {inputs}")
}
