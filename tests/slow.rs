//! Clients that are slow on purpose: slowhttptest, in its four modes, with somebody in a hurry beside it.
//!
//! Invariant: the short run. `cargo xtask chaos --only slow` has four thousand connections in each mode.

use crate::support::server::{Elf, Launch, Server};
use crate::support::wait;
use crate::support::wire::{self, Wire};
use rustix::process::Signal;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Heads, contents, ranges, reads: what each mode of slowhttptest is slow at.
const MODES: [&str; 4] = [
    "-H -i 1 -x 24",
    "-B -i 1 -s 8192 -x 10",
    "-R -t GET -a 10 -b 1000",
    "-X -k 3 -n 1 -w 1 -y 16 -z 1",
];

/// Starts a mode with 500 connections for three seconds.
fn attack(server: &Server, mode: &str, target: &str) -> Child {
    let url = format!("http://{}{target}", server.address);
    let child = Command::new("slowhttptest")
        .args(mode.split(' '))
        .args(["-c", "500", "-r", "500", "-l", "3", "-p", "5", "-u", &url])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    child.expect("slowhttptest is missing: install the package slowhttptest")
}

/// Two thousand slow clients do not slow down another one, and leave nothing behind.
#[test]
fn nobody_waits_for_slow_clients() {
    let _turn = wait::turn();
    let server = Launch::new(Elf::Testbed)
        .flags(&["-w", "2", "--head-timeout", "2", "--progress-timeout", "2"])
        .start();
    let before = server.proc().fds();
    let target = |mode: &str| {
        if mode.starts_with("-X") {
            "/1m"
        } else {
            "/page"
        }
    };
    let mut attacks: Vec<Child> = MODES
        .iter()
        .map(|mode| attack(&server, mode, target(mode)))
        .collect();
    let mut latencies = Vec::new();
    let mut most = 0;
    while attacks
        .iter_mut()
        .any(|attack| attack.try_wait().expect("a child").is_none())
    {
        let start = Instant::now();
        let mut wire = server.connect();
        assert_eq!(wire.ask(&wire::get("/plaintext")).content, b"Hello, World!");
        latencies.push(start.elapsed());
        most = most.max(server.proc().fds() - before);
        wire.reset();
        wait::span(Duration::from_millis(2));
    }
    latencies.sort_unstable();
    let typical = latencies[latencies.len() * 9 / 10];
    println!(
        "{} answers, nine tenths within {typical:?}",
        latencies.len()
    );
    assert!(most > 1000, "only {most} connections at a time");
    // The attackers have the processors too; what is promised at p99 is measured by the long run.
    assert!(typical < Duration::from_millis(50), "{typical:?}");
    wait::until("the descriptors are those of the start", || {
        server.proc().fds() == before
    });
    server.stop();
}

/// A client that reads nothing does not fill the kernel's memory, of which all connections have a share.
#[test]
fn unread_response_is_mostly_not_sent() {
    let server = Server::testbed(&["-w", "1"]);
    let mut wire = Wire::connect_narrow(server.address);
    wire.send(&wire::get("/4m").repeat(4));
    wait::span(Duration::from_millis(300));
    // What comes from now on, the kernel had.
    server.hold();
    while wait::holds_within(Duration::from_millis(300), || {
        let had = wire.inbox().len();
        wire.gone();
        wire.inbox().len() > had
    }) {}
    let len = wire.inbox().len();
    server.signal(Signal::CONT);
    assert!(len > 0 && len < 1 << 20, "{len} octets");
    wire.reset();
    server.stop();
}
