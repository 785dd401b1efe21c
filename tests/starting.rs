//! The command line: what is accepted, what is refused, and what the operator is told.
//!
//! Invariant: a refusal is one line on standard error that names the option, the value and what is accepted.

use crate::support::server::{Elf, End, Launch, Server};
use crate::support::wait;
use crate::support::wire::{self, Wire};
use std::net::TcpListener;

fn run(flags: &[&str]) -> End {
    Launch::new(Elf::Vanillin).exactly(flags).outcome()
}

fn code(end: &End) -> Option<i32> {
    end.status.and_then(|status| status.code())
}

/// Asserts that the run failed as it should, and that the line says what it must.
fn refused(end: &End, what: &str, words: &[&str]) {
    assert_eq!(code(end), Some(1), "{what}: {end:?}");
    assert_eq!(end.output, "", "{what}");
    assert_eq!(end.errors.lines().count(), 1, "{what}: {end:?}");
    assert!(end.errors.ends_with('\n'), "{what}: {end:?}");
    for word in words {
        assert!(
            end.errors.contains(word),
            "{what}: `{word}` is not in {end:?}"
        );
    }
}

#[test]
fn help_and_version() {
    for flag in ["-h", "--help"] {
        let end = run(&[flag]);
        assert_eq!((code(&end), &*end.errors), (Some(0), ""), "{flag}");
        for word in [
            "-p",
            "--port",
            "-a",
            "--address",
            "-w",
            "--workers",
            "-h",
            "--help",
            "-V",
            "--version",
            "PORT",
            "--drain",
            "3000",
        ] {
            assert!(
                end.output.contains(word),
                "{flag}: no {word} in\n{}",
                end.output
            );
        }
        assert!(end.output.ends_with('\n'));
        assert!(
            end.output.lines().all(|line| line.len() <= 100),
            "{}",
            end.output
        );
    }
    for flag in ["-V", "--version"] {
        let end = run(&[flag]);
        let version = format!("vanillin {}\n", env!("CARGO_PKG_VERSION"));
        assert_eq!(
            (code(&end), end.output, &*end.errors),
            (Some(0), version, ""),
            "{flag}"
        );
    }
}

/// Help and version are given whatever else stands there.
#[test]
fn help_starts_nothing() {
    let end = run(&["-p", "0", "--help"]);
    assert_eq!(code(&end), Some(0));
    assert!(!end.output.contains("listening"));
}

#[test]
fn bad_values() {
    let cases: [(&[&str], &[&str]); 32] = [
        (&["-p", "65536"], &["port", "65536", "65535"]),
        (&["-p", "-1"], &["port", "-1"]),
        (&["-p", ""], &["port"]),
        (&["-p", "80x"], &["port", "80x"]),
        (&["-p", "x"], &["port", "x"]),
        (&["-p", "0x50"], &["port", "0x50"]),
        (&["-p", "+80"], &["port", "+80"]),
        (&["-p", " 80"], &["port", " 80"]),
        (
            &["-p", "99999999999999999999"],
            &["port", "99999999999999999999"],
        ),
        (&["--port", "http"], &["port", "http"]),
        (&["-p"], &["port"]),
        (&["--port"], &["port"]),
        (&["-a", ""], &["address"]),
        (&["-a", "localhost"], &["address", "localhost"]),
        (&["-a", "300.1.1.1"], &["address", "300.1.1.1"]),
        (&["-a", "1.2.3"], &["address", "1.2.3"]),
        (&["-a", "1.2.3.4.5"], &["address", "1.2.3.4.5"]),
        (&["-a", "127.0.0.1:"], &["address", "127.0.0.1:"]),
        (&["-a", "127.0.0.1:x"], &["address", "127.0.0.1:x"]),
        (&["-a", "127.0.0.1:65536"], &["address", "127.0.0.1:65536"]),
        (&["-a", "[::1"], &["address", "[::1"]),
        (&["-a", "[::1]x"], &["address", "[::1]x"]),
        (&["-a", "[:::1]"], &["address", "[:::1]"]),
        (&["-a", ":x"], &["address", ":x"]),
        (&["--address"], &["address"]),
        (&["-w", "0"], &["workers", "0"]),
        (&["-w", "65"], &["workers", "65", "64"]),
        (&["-w", "-1"], &["workers", "-1"]),
        (&["-w", "two"], &["workers", "two"]),
        (&["--workers"], &["workers"]),
        (&["--nonsense"], &["--nonsense"]),
        (&["site"], &["site"]),
    ];
    for (flags, words) in cases {
        refused(&run(flags), &flags.join(" "), words);
    }
}

/// A value of any length and any octets is shown without doing harm to a terminal or a log.
#[test]
fn strange_values() {
    let long = "9".repeat(5000);
    refused(&run(&["-p", &long]), "a long value", &["port"]);
    let end = run(&["-p", "8\n0\u{1b}[31m"]);
    refused(&end, "control characters", &["port"]);
    assert!(!end.errors.contains('\u{1b}'), "{end:?}");
    refused(&run(&["-p", "\u{e9}\u{1f980}"]), "not ASCII", &["port"]);
}

#[test]
fn port_in_the_environment() {
    let launch = || Launch::new(Elf::Vanillin).exactly(&["-a", "127.0.0.1"]);
    let server = launch().variable("PORT", "0").start();
    assert_eq!(server.connect().ask(&wire::get("/health")).status, 200);
    server.stop();
    for value in ["x", "65536", "-1", "80 ", " "] {
        let end = launch().variable("PORT", value).outcome();
        refused(&end, value, &["PORT", value]);
    }
    // The flag counts before the environment.
    let holder = TcpListener::bind("127.0.0.1:0").expect("bind");
    let taken = holder.local_addr().expect("an address").port().to_string();
    let server = launch()
        .flags(&["-p", "0"])
        .variable("PORT", &taken)
        .start();
    assert_ne!(server.address.port().to_string(), taken);
    server.stop();
}

#[test]
fn addresses() {
    for (address, host) in [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.2", "127.0.0.2"),
        ("0.0.0.0", "0.0.0.0"),
        ("[::1]", "[::1]"),
        ("::1", "[::1]"),
        ("[::]", "[::]"),
    ] {
        let server = Launch::new(Elf::Vanillin).address(address).start();
        let shown = server.address.to_string();
        assert!(shown.starts_with(&format!("{host}:")), "{address}: {shown}");
        let reachable = shown
            .replace("0.0.0.0", "127.0.0.1")
            .replace("[::]", "[::1]");
        let mut wire = Wire::connect(reachable.parse().expect("an address"));
        assert_eq!(wire.ask(&wire::get("/health")).status, 200, "{address}");
        server.stop();
    }
}

/// An address may bring its port along.
#[test]
fn addresses_with_a_port() {
    for address in ["127.0.0.1:0", "[::1]:0", ":0"] {
        let server = Launch::new(Elf::Vanillin).exactly(&["-a", address]).start();
        assert_ne!(server.address.port(), 0, "{address}");
        assert_ne!(server.address.port(), 3000, "{address}");
        server.stop();
    }
}

/// Any address is the default, for IPv4 and IPv6 alike.
#[test]
fn default_address_is_dual() {
    let server = Launch::new(Elf::Vanillin).exactly(&["-p", "0"]).start();
    let port = server.address.port();
    assert_eq!(server.address.to_string(), format!("[::]:{port}"));
    for address in [format!("127.0.0.1:{port}"), format!("[::1]:{port}")] {
        let mut wire = Wire::connect(address.parse().expect("an address"));
        assert_eq!(wire.ask(&wire::get("/health")).status, 200, "{address}");
    }
    server.stop();
}

#[test]
fn workers() {
    // One alone is in the thread that accepts.
    for (count, threads) in [("1", 1), ("2", 3), ("7", 8), ("64", 65)] {
        let server = Server::start(&["-w", count]);
        assert!(
            server.line.contains(&format!("({count} worker")),
            "{}",
            server.line
        );
        assert_eq!(server.proc().tasks().len(), threads, "{count} workers");
        for _ in 0..2 * threads {
            assert_eq!(server.connect().ask(&wire::get("/health")).status, 200);
        }
        server.stop();
    }
}

/// Connections go to the workers in turn, also those that come one at a time.
#[test]
fn every_worker_has_its_share() {
    for workers in 2..=4 {
        let server = Server::start(&["-w", &workers.to_string()]);
        let start: usize = server.proc().watched().iter().sum();
        let wires: Vec<Wire> = (0..10 * workers)
            .map(|_| {
                let mut wire = server.connect();
                assert_eq!(wire.ask(&wire::get("/health")).status, 200);
                wire
            })
            .collect();
        // A worker answers before it asks for events. It watches its clock and its bell, too.
        let mut watched = Vec::new();
        wait::until("all are watched", || {
            watched = server.proc().watched();
            watched.iter().sum::<usize>() == start + wires.len()
        });
        let fair = watched.iter().filter(|count| **count == 12).count();
        assert_eq!(fair, workers, "{watched:?}");
        server.stop();
    }
}

/// By default there are as many workers as CPUs that the process may use.
#[test]
fn default_workers_follow_the_affinity() {
    let server = Launch::new(Elf::Vanillin)
        .wrapper(&["taskset", "-c", "0"])
        .start();
    assert!(server.line.contains("(1 worker)"), "{}", server.line);
    server.stop();
}

#[test]
fn long_options() {
    let flags = ["--port", "0", "--address", "127.0.0.1", "--workers", "1"];
    let server = Launch::new(Elf::Vanillin).exactly(&flags).start();
    assert!(server.line.contains("(1 worker)"), "{}", server.line);
    server.stop();
}

/// A start that fails says what failed and why.
#[test]
fn port_that_is_taken() {
    let holder = TcpListener::bind("127.0.0.1:0").expect("bind");
    let port = holder.local_addr().expect("an address").port().to_string();
    let end = run(&["-a", "127.0.0.1", "-p", &port]);
    refused(&end, "a port that is taken", &["in use"]);
    let end = run(&["-a", "203.0.113.1", "-p", "0"]);
    refused(&end, "an address that is not ours", &["no such address"]);
}

/// Two instances may share a port: how one replaces the other.
#[test]
fn port_that_is_shared() {
    let first = Server::start(&[]);
    let port = first.address.port().to_string();
    let second = Server::start(&["-p", &port]);
    assert_eq!(first.address, second.address);
    first.stop();
    assert_eq!(second.connect().ask(&wire::get("/health")).status, 200);
    second.stop();
}

/// Standard output has one line, standard error none, however long the server runs.
#[test]
fn server_is_quiet() {
    let server = Server::start(&[]);
    let mut wire = server.connect();
    for target in ["/", "/missing", "/health"] {
        wire.ask(&wire::get(target));
    }
    wire.ask(b"nonsense\r\n\r\n");
    drop(wire);
    let end = server.stop();
    assert_eq!((&*end.output, &*end.errors), ("", ""));
}
