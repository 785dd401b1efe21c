//! System calls that fail: strace lets each of them fail as its man page says, for a while.
//!
//! Invariant: no crash, no spin, no lost descriptor, no wrong octet; service as usual when the fault is over.

use crate::support::clients::{self, TARGETS};
use crate::support::deadlines::SHORT;
use crate::support::injection::{self, FAULTS, SAYING};
use crate::support::server::{Elf, End, Launch, Server};
use crate::support::wait;
use crate::support::wire;
use std::env;
use std::fs;
use std::process::Command;
use std::thread;
use std::time::Duration;

fn sandboxed(elf: Elf, fault: &str) -> Launch {
    traced(elf, fault, "/dev/null")
}

fn traced(elf: Elf, fault: &str, trace: &str) -> Launch {
    assert!(
        Command::new("strace").arg("-V").output().is_ok(),
        "strace is missing: install the package strace"
    );
    let words = injection::strace(fault, trace);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Launch::new(elf).wrapper(&words).flags(&["-w", "2"])
}

/// A call that strace lets fail is none of those that the sandbox allows. The deadlines end what waits for an event
/// that the fault has eaten: an EAGAIN where there is something to read, or room to write, is none that an edge follows.
fn launch(fault: &str, trace: &str) -> Launch {
    traced(Elf::Testbed, fault, trace)
        .flags(&["--no-sandbox"])
        .flags(&SHORT)
}

/// Whether a request on a new connection is answered as it should be; what comes must not be wrong.
#[track_caller]
fn is_answered(server: &Server, target: &str) -> bool {
    clients::is_answered(server.address, target).unwrap_or_else(|why| panic!("{why}"))
}

/// How many of twelve requests by four clients are not answered.
fn failures(server: &Server) -> usize {
    let client = || {
        let answers = TARGETS.map(|target| is_answered(server, target));
        answers.iter().filter(|is_answered| !**is_answered).count()
    };
    thread::scope(|scope| {
        let clients: Vec<_> = (0..4).map(|_| scope.spawn(client)).collect();
        let counts = clients
            .into_iter()
            .map(|client| client.join().expect("no panic"));
        counts.sum()
    })
}

/// The first calls go well, then twelve fail, then all go well again.
fn survives(call: &str, first: usize, error: &str) {
    let fault = format!("{call}:error={error}:when={first}..{}", first + 12);
    let name = format!("{}/{call}-{error}.calls", env!("CARGO_TARGET_TMPDIR"));
    let server = launch(&fault, &name).start();
    let before = server.proc().fds();
    let failed = failures(&server);
    assert!(
        failed == 0 || !injection::is_pause(call, error),
        "{fault}: {failed} of 12 requests failed"
    );
    // Whoever waits for an event that the fault has eaten is helped by the next one.
    for _ in 0..32 {
        server.connect().reset();
        wait::span(Duration::from_millis(2));
    }
    wait::until(&format!("{fault}: service as usual"), || {
        let outcome = clients::all_are_answered(server.address, 8);
        outcome.unwrap_or_else(|why| panic!("{why}"))
    });
    wait::until(&format!("{fault}: no descriptor is lost"), || {
        server.proc().fds() == before || injection::is_leak(call)
    });
    wait::until(&format!("{fault}: nothing is left to do"), || {
        server.proc().rests(Duration::from_millis(20))
    });
    server.stop();
    let mut trace = String::new();
    wait::until("strace has written everything", || {
        trace = fs::read_to_string(&name).unwrap_or_default();
        trace.ends_with("+++\n")
    });
    assert!(
        trace.contains("(INJECTED)") || injection::is_rare(call),
        "{fault}: nothing has failed"
    );
}

#[test]
fn serving_loop_survives() {
    let _turn = wait::turn();
    for (call, first, errors) in FAULTS {
        // A build for debugging asserts that close(2) does not fail; what ships takes it as it comes.
        if call == "close" && cfg!(debug_assertions) && env::var_os("VANILLIN_TESTBED").is_none() {
            continue;
        }
        // Most of the time goes by in waiting.
        for errors in errors.chunks(6) {
            thread::scope(|scope| {
                for error in errors {
                    scope.spawn(move || survives(call, first, error));
                }
            });
        }
    }
}

/// A handler's error that nobody can be told of is the answer to its request all the same.
#[test]
fn line_that_cannot_be_said() {
    let (call, _, errors) = SAYING;
    for error in errors {
        let fault = format!("{call}:error={error}:when=1..4");
        let server = sandboxed(Elf::Echo, &fault)
            .flags(&["--no-sandbox"])
            .start();
        for _ in 0..6 {
            assert_eq!(server.connect().ask(&wire::get("/error")).status, 400);
            assert_eq!(server.connect().ask(&wire::get("/")).status, 200);
        }
        let end = server.stop();
        let said = end.errors.matches("asked for an error").count();
        assert_eq!(said, 2, "{fault}: {end:?}");
    }
}

/// A worker that cannot wait any more ends the process, which says so: nobody is left with half a server.
#[test]
fn worker_does_not_die_quietly() {
    let fault = "epoll_wait,epoll_pwait,epoll_pwait2:error=EBADF:when=20+";
    let mut server = launch(fault, "/dev/null").start();
    // On a kept connection the worker waits, and the acceptor does not.
    let mut wire = server.connect();
    let answered = (0..40).take_while(|_| {
        wire.send(&wire::get("/plaintext"));
        wire.try_reply(false).is_ok()
    });
    assert!(answered.count() < 40, "the worker lives on");
    let end = server.end();
    judge_start(fault, &end);
    assert!(end.errors.contains("a worker has stopped"), "{end:?}");
}

/// What a start may end with: a server, or one line that says why not.
fn judge_start(fault: &str, end: &End) {
    let code = end.status.and_then(|status| status.code());
    assert_eq!(code, Some(1), "{fault}: {end:?}");
    assert_eq!(end.errors.lines().count(), 1, "{fault}: {end:?}");
    assert!(end.errors.starts_with("vanillin: "), "{fault}: {end:?}");
}

/// The first, second, third, ... call fails, until the start succeeds although the fault is planted.
#[test]
fn start_fails_with_a_reason() {
    let _turn = wait::turn();
    for (call, error) in [
        ("socket", "EMFILE"),
        ("bind", "EACCES"),
        ("listen", "EADDRINUSE"),
        ("epoll_create1", "EMFILE"),
        ("epoll_ctl", "ENOMEM"),
        ("eventfd2", "EMFILE"),
        ("timerfd_create", "EMFILE"),
        ("signalfd4", "EMFILE"),
        ("mmap", "ENOMEM"),
        ("clone", "EAGAIN"),
        ("clone3", "EAGAIN"),
    ] {
        for number in 1..40 {
            let fault = format!("{call}:error={error}:when={number}");
            let (server, end) = launch(&fault, "/dev/null").attempt();
            if let Some(server) = server {
                for _ in 0..4 {
                    assert!(is_answered(&server, "/plaintext"), "{fault}");
                }
                server.stop();
                break;
            }
            judge_start(&fault, &end.expect("either"));
            assert!(number < 39, "{fault}: the start has no end");
        }
    }
}

/// A kernel that lacks a piece of the sandbox is told of in one line, and the server runs on.
#[test]
fn kernel_without_a_sandbox() {
    for (fault, piece) in [
        ("landlock_create_ruleset:error=ENOSYS", "Landlock"),
        ("landlock_create_ruleset:error=EOPNOTSUPP", "Landlock"),
        ("seccomp:error=ENOSYS", "seccomp"),
        ("seccomp:error=EINVAL", "seccomp"),
    ] {
        let server = sandboxed(Elf::Testbed, fault).start();
        for _ in 0..4 {
            assert!(is_answered(&server, "/plaintext"), "{fault}");
        }
        let end = server.stop();
        assert_eq!(end.errors.lines().count(), 1, "{fault}: {end:?}");
        assert!(
            end.errors.starts_with("vanillin: ") && end.errors.contains(piece),
            "{end:?}"
        );
    }
}
