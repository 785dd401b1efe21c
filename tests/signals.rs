//! Signals: how the server is told to stop, and what it still does then.
//!
//! Invariant: what was accepted is answered; nothing waits longer than it must.

use crate::support::proc::{self, Proc};
use crate::support::server::{Elf, Launch, Server};
use crate::support::wait;
use crate::support::wire::{self, Wire};
use rustix::process::Signal;
use std::time::{Duration, Instant};
use vanillin::limits;

const STOPS: [Signal; 3] = [Signal::TERM, Signal::INT, Signal::QUIT];

/// How long a server with nothing in flight may take to exit.
const AT_ONCE: Duration = Duration::from_millis(100);

/// How long a server may take to exit after the last answer.
const SOON: Duration = Duration::from_secs(1);

/// Sends the signal and measures until the process has ended, which has to be well.
fn time_to_exit(server: Server, signal: Signal) -> Duration {
    let start = Instant::now();
    server.signal(signal);
    time_to_end(server, start)
}

/// Measures until the process has ended, which has to be well.
fn time_to_end(mut server: Server, start: Instant) -> Duration {
    assert!(server.ends_within(wait::PATIENCE), "it does not end");
    let elapsed = start.elapsed();
    let end = server.end();
    assert_eq!(
        end.status.and_then(|status| status.code()),
        Some(0),
        "{end:?}"
    );
    assert_eq!(end.errors, "");
    elapsed
}

#[test]
fn idle_server_exits_at_once() {
    for signal in STOPS {
        wait::within(AT_ONCE, &format!("idle, {signal:?}"), || {
            time_to_exit(Server::start(&[]), signal)
        });
    }
}

/// Connections that are idle, or have never said anything, are closed and keep nobody waiting.
#[test]
fn idle_connections_delay_nothing() {
    for signal in STOPS {
        wait::within(AT_ONCE, &format!("idle connections, {signal:?}"), || {
            let server = Server::start(&[]);
            let mut wires: Vec<Wire> = (0..20).map(|_| server.connect()).collect();
            for wire in &mut wires[..10] {
                wire.ask(&wire::get("/health"));
            }
            let elapsed = time_to_exit(server, signal);
            for wire in &mut wires {
                assert!(wire.ends(), "an orderly end without a further octet");
            }
            elapsed
        });
    }
}

/// Waits until nobody can connect any more.
fn refuses(server: &Server) {
    wait::until("the listener is closed", || {
        Wire::try_connect(server.address).is_err()
    });
}

#[test]
fn request_in_flight_is_finished() {
    for signal in STOPS {
        wait::within(SOON, &format!("after the last answer, {signal:?}"), || {
            let server = Server::echo(&[]);
            let mut wire = server.connect();
            let mut idle = server.connect();
            idle.ask(&wire::get("/"));
            wire.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello");
            idle.ask(&wire::get("/"));
            server.signal(signal);
            refuses(&server);
            assert!(idle.ends(), "the idle connection is closed");
            assert!(
                !server.ends_within(Duration::from_millis(300)),
                "it did not wait"
            );
            let reply = wire.ask(b"world");
            assert_eq!((reply.status, reply.text().as_str()), (200, "helloworld"));
            assert!(reply.closes() && wire.ends());
            time_to_end(server, Instant::now())
        });
    }
}

/// A head that is half there counts as a request in flight.
#[test]
fn head_in_flight_is_finished() {
    wait::within(SOON, "after the answer", || {
        let server = Server::start(&["-w", "1"]);
        let mut wire = server.connect();
        wire.send(b"GET /plaintext HTTP/1.1\r\nHo");
        server.connect().ask(&wire::get("/health"));
        server.signal(Signal::TERM);
        refuses(&server);
        let reply = wire.ask(b"st: a\r\n\r\n");
        assert_eq!(
            (reply.status, reply.text().as_str()),
            (200, "Hello, World!")
        );
        assert!(reply.closes() && wire.ends());
        time_to_end(server, Instant::now())
    });
}

/// A body that the client is slow to take is sent to its end.
#[test]
fn response_in_flight_is_finished() {
    wait::within(SOON, "after the body", || {
        let server = Server::testbed(&["-w", "1"]);
        let mut wire = Wire::connect_narrow(server.address);
        wire.send(&wire::get("/4m"));
        while wire.inbox().len() < 1000 {
            wire.read().expect("octets");
        }
        server.signal(Signal::TERM);
        refuses(&server);
        let reply = wire.reply();
        assert_eq!(reply.content.len(), 4 << 20);
        assert!(wire.ends());
        time_to_end(server, Instant::now())
    });
}

/// What was sent before the signal is answered, all of it, and the last answer says that it is the last.
#[test]
fn pipeline_in_flight_is_finished() {
    wait::within(SOON, "after the last answer", || {
        let server = Server::testbed(&["-w", "1"]);
        let mut wire = Wire::connect_narrow(server.address);
        wire.send(&wire::get("/1m").repeat(8));
        while wire.inbox().len() < 1000 {
            wire.read().expect("octets");
        }
        server.signal(Signal::TERM);
        refuses(&server);
        let mut replies = 0;
        loop {
            let reply = wire.reply();
            assert_eq!(reply.content.len(), 1 << 20);
            replies += 1;
            // The kernel may have taken all eight before the signal came.
            if reply.closes() || replies == 8 {
                break;
            }
        }
        assert!(wire.ends());
        drop(wire);
        time_to_end(server, Instant::now())
    });
}

/// The second signal is for an operator who does not want to wait.
#[test]
fn second_signal_exits_at_once() {
    for (first, second) in [(Signal::TERM, Signal::TERM), (Signal::INT, Signal::QUIT)] {
        wait::within(AT_ONCE, &format!("after a second {second:?}"), || {
            let mut server = Server::echo(&["-w", "1"]);
            let wire = server.connect();
            wire.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello");
            server.connect().ask(&wire::get("/"));
            server.signal(first);
            refuses(&server);
            assert!(
                !server.ends_within(Duration::from_millis(200)),
                "it did not wait"
            );
            let start = Instant::now();
            server.signal(second);
            assert!(server.ends_within(wait::PATIENCE), "{second:?} is ignored");
            let elapsed = start.elapsed();
            let code = server.end().status.and_then(|status| status.code());
            assert_eq!(code, Some(128 + second.as_raw()));
            elapsed
        });
    }
}

/// A request in flight that never ends is given up in the end.
#[test]
fn hanging_request_is_given_up() {
    let limit = Duration::from_secs(limits::STOP_SECONDS.into());
    let mut server = Server::echo(&["-w", "1"]);
    let mut wire = server.connect();
    wire.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello");
    server.connect().ask(&wire::get("/"));
    let start = Instant::now();
    server.signal(Signal::TERM);
    assert!(server.ends_within(limit + limit / 2), "it waits on");
    let elapsed = start.elapsed();
    assert!(elapsed >= limit, "it did not wait: {elapsed:?}");
    assert_eq!(
        server.end().status.and_then(|status| status.code()),
        Some(0)
    );
    assert!(wire.ends() || wire.gone());
}

/// Writing to a peer that is gone must not end the server, however the signal arrives.
#[test]
fn sigpipe_is_nothing() {
    let server = Server::start(&[]);
    for _ in 0..3 {
        server.signal(Signal::PIPE);
        let wire = server.connect();
        wire.send(&wire::get("/plaintext").repeat(1000));
        wire.reset();
    }
    assert_eq!(server.connect().ask(&wire::get("/health")).status, 200);
    server.stop();
}

/// As PID 1 the kernel takes no default action, so that whatever is not handled is ignored.
#[test]
fn as_pid_1() {
    if !proc::root() {
        println!("skipped: only root may unshare a PID namespace");
        return;
    }
    for signal in STOPS {
        wait::within(AT_ONCE, &format!("PID 1, {signal:?}"), || {
            let mut server = Launch::new(Elf::Vanillin)
                .wrapper(&["unshare", "--pid", "--fork", "--kill-child"])
                .start();
            let children = server.proc().children();
            let [child] = children.as_slice() else {
                panic!("unshare has {children:?}");
            };
            assert!(is_pid_1(*child));
            server.adopt(*child);
            assert_eq!(server.connect().ask(&wire::get("/health")).status, 200);
            time_to_exit(server, signal)
        });
    }
}

fn is_pid_1(proc: Proc) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{}/status", proc.0)).unwrap_or_default();
    let ids = status.lines().find(|line| line.starts_with("NSpid:"));
    ids.is_some_and(|ids| ids.split_whitespace().next_back() == Some("1"))
}
