//! Clients that are slow on purpose: slowhttptest, in its four modes.

use std::process::{Command, Stdio};

use anyhow::Context;

use super::Plan;
use super::arena::Arena;
use super::findings::Findings;
use super::probe;

/// A mode of slowhttptest: what it is called here, its words, and the target that it asks for.
type Mode = (&'static str, &'static str, &'static str);

const MODES: [Mode; 4] = [
    ("slow heads", "-H -i 1 -x 24 -t GET", "/plaintext"),
    (
        "slow contents",
        "-B -i 1 -s 8192 -x 10 -t POST",
        "/plaintext",
    ),
    ("ranges", "-R -t GET -a 10 -b 1000", "/100k"),
    ("slow reads", "-X -k 3 -n 1 -w 1 -y 16 -z 1", "/1m"),
];

/// Connections of each mode.
const CONNECTIONS: usize = 4000;

pub(crate) fn run(plan: &Plan, findings: &mut Findings) -> anyhow::Result<()> {
    let found = Command::new("slowhttptest").arg("-h").output();
    found.context("slowhttptest is missing: install the package slowhttptest")?;
    let seconds = if plan.quick { 5 } else { 30 };
    for (name, words, target) in MODES {
        let mut arena = Arena::open(&plan.testbed, &[])?;
        let alone = Arena::open(&plan.testbed, &[])?;
        let url = format!("http://{}{target}", arena.address);
        let attack = || -> anyhow::Result<usize> {
            let mut child = Command::new("slowhttptest")
                .args(words.split(' '))
                .args(["-c", &CONNECTIONS.to_string(), "-r", "2000", "-p", "5"])
                .args(["-l", &seconds.to_string(), "-u", &url])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()?;
            let mut most = 0;
            while child.try_wait()?.is_none() {
                most = most.max(arena.fds());
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
            Ok(most)
        };
        let outcome = probe::judge(arena.address, alone.address, || {
            let most = attack().map_err(|error| format!("{error:#}"))?;
            Ok(format!(
                "{CONNECTIONS} connections, at the most {most} descriptors, {seconds} s"
            ))
        });
        findings.outcome(name, outcome);
        if let Err(error) = arena.settle() {
            findings.judge(false, format!("after {name}: {error:#}"));
        }
    }
    Ok(())
}
