//! System calls that fail: strace lets each of them fail as its man page says, for a while.
//!
//! Invariant: no crash, no spin, no lost descriptor, no wrong octet; service as usual when the fault is over.

use crate::support::server::{Elf, End, Launch, Server};
use crate::support::wait;
use crate::support::wire::{self, Wire};
use std::process::Command;
use std::time::Duration;

fn strace(fault: &str) -> Vec<String> {
    assert!(
        Command::new("strace").arg("-V").output().is_ok(),
        "strace is missing: install the package strace"
    );
    let call = fault.split(':').next().unwrap_or_default();
    [
        "strace",
        "-D",
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        &format!("trace={call}"),
        "-e",
    ]
    .into_iter()
    .map(String::from)
    .chain([format!("inject={fault}")])
    .collect()
}

fn sandboxed(fault: &str) -> Launch {
    let words = strace(fault);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Launch::new(Elf::Testbed)
        .wrapper(&words)
        .flags(&["-w", "2"])
}

/// A call that strace lets fail is none of those that the sandbox allows.
fn launch(fault: &str) -> Launch {
    sandboxed(fault).flags(&["--no-sandbox"])
}

/// Whether a request on a new connection is answered as it should be; what comes must not be wrong.
fn is_answered(server: &Server, target: &str) -> bool {
    let Ok(mut wire) = Wire::try_connect(server.address) else {
        return false;
    };
    wire.send(&wire::request("GET", target, "Connection: close\r\n"));
    let Ok(reply) = wire.try_reply(false) else {
        return false;
    };
    match (target, reply.status) {
        (_, 503) => false,
        ("/plaintext", 200) => {
            assert_eq!(reply.content, b"Hello, World!");
            true
        }
        (_, 200) => {
            for (line, octets) in reply.content.chunks(8).enumerate() {
                assert_eq!(octets, format!("{:07x}\n", line * 8).as_bytes(), "{target}");
            }
            true
        }
        (_, status) => panic!("{target}: {status}"),
    }
}

/// Faults of the serving loop. The first calls go well, then twelve fail, then all go well again.
const FAULTS: [(&str, &[&str]); 6] = [
    (
        "accept4",
        &[
            "EINTR",
            "ECONNABORTED",
            "EPROTO",
            "EPERM",
            "EMFILE",
            "ENFILE",
            "ENOBUFS",
            "ENOMEM",
            "ENETDOWN",
            "EHOSTUNREACH",
            "EOPNOTSUPP",
            "ETIMEDOUT",
        ],
    ),
    (
        "recvfrom",
        &["EINTR", "ECONNRESET", "ETIMEDOUT", "ENOMEM", "EIO"],
    ),
    (
        "sendto",
        &["EINTR", "EPIPE", "ECONNRESET", "ENOBUFS", "ENOMEM"],
    ),
    (
        "sendmsg",
        &["EINTR", "EPIPE", "ECONNRESET", "ENOBUFS", "ENOMEM"],
    ),
    ("epoll_ctl", &["ENOMEM", "ENOSPC"]),
    ("epoll_wait,epoll_pwait,epoll_pwait2", &["EINTR"]),
];

#[test]
fn serving_loop_survives() {
    let _turn = wait::turn();
    for (calls, errors) in FAULTS {
        // What registers the listener and the rest at the start has to go well.
        let first = if calls == "epoll_ctl" { 14 } else { 6 };
        for error in errors {
            let fault = format!("{calls}:error={error}:when={first}..{}", first + 12);
            let server = launch(&fault).start();
            let before = server.proc().fds();
            let mut failed = 0;
            for round in 0..12 {
                let target = ["/plaintext", "/100k", "/4m"][round % 3];
                failed += usize::from(!is_answered(&server, target));
            }
            // What is only a pause must not be noticed at all.
            let pause = [
                "EINTR",
                "ECONNABORTED",
                "EPROTO",
                "ENETDOWN",
                "EHOSTUNREACH",
            ]
            .contains(error);
            assert!(
                !pause || failed == 0,
                "{fault}: {failed} of 12 requests failed"
            );
            wait::until(&format!("{fault}: service as usual"), || {
                (0..8).all(|_| is_answered(&server, "/plaintext"))
            });
            wait::until(&format!("{fault}: no descriptor is lost"), || {
                server.proc().fds() == before
            });
            wait::until(&format!("{fault}: nothing is left to do"), || {
                server.proc().rests(Duration::from_millis(20))
            });
            server.stop();
        }
    }
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
            let (server, end) = launch(&fault).attempt();
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
        let server = sandboxed(fault).start();
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
