//! Good, bad and aborted clients at the same time, for a few seconds.
//!
//! Invariant: the short run. `cargo xtask chaos --only soak` has ten minutes of it.

use crate::support::clients::{self, TARGETS};
use crate::support::random::Random;
use crate::support::server::Server;
use crate::support::wait;
use crate::support::wire::{self, Wire};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// Seconds of each of the two halves.
const HALF: Duration = Duration::from_secs(2);

/// Asks on a connection that is kept until told to stop; returns how many requests were answered.
fn ask(server: &Server, stop: &AtomicBool) -> usize {
    let mut wire = server.connect();
    let mut answered = 0;
    while !stop.load(Ordering::Relaxed) {
        let target = TARGETS[usize::from(answered % 16 == 0)];
        let reply = wire.ask(&wire::get(target));
        assert_eq!(clients::judge(target, &reply), Ok(()));
        answered += 1;
    }
    answered
}

/// Half of the time is spent with everybody at once; then all that is left is what there was before.
fn half(server: &Server, seed: u64) -> usize {
    let stop = AtomicBool::new(false);
    let address = server.address;
    thread::scope(|scope| {
        let good = scope.spawn(|| ask(server, &stop));
        let unkind: [fn(_, &mut Random) -> _; 2] = [clients::misbehave, |address, random| {
            clients::mistreat(address, &TARGETS, random)
        }];
        for (at, act) in unkind.into_iter().enumerate() {
            let (stop, mut random) = (&stop, Random::of(seed + at as u64));
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    assert_eq!(act(address, &mut random), Ok(()), "{}", server.fate());
                }
            });
        }
        wait::span(HALF);
        stop.store(true, Ordering::Relaxed);
        good.join().expect("no panic")
    })
}

#[test]
fn good_clients_among_others() {
    let _turn = wait::turn();
    let server = Server::testbed(&["-w", "2"]);
    let before = server.proc().fds();
    let seed = Random::new().below(1 << 20) as u64;
    let settled = || {
        wait::until("the descriptors are those of the start", || {
            server.proc().fds() == before
        });
        server.proc().written_kb()
    };
    let mut answered = half(&server, seed);
    let memory = settled();
    answered += half(&server, seed + 2);
    let grown = settled().saturating_sub(memory);
    println!("{answered} answered, {grown} KiB more");
    assert!(answered > 100, "{answered} answered");
    assert!(grown <= 64, "{grown} KiB more");
    let mut wire = Wire::connect(server.address);
    assert_eq!(wire.ask(&wire::get("/plaintext")).status, 200);
    server.stop();
}
