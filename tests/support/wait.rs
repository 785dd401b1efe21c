//! Waiting for a fact that can be observed, with a deadline.
//!
//! Invariant: no test waits for time to pass in the hope that something has happened.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long anything that should happen at once may take on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// Looks again and again until the fact holds; says whether it did before the deadline.
pub(crate) fn holds_within(limit: Duration, mut fact: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + limit;
    loop {
        if fact() {
            return true;
        }
        if Instant::now() >= end {
            return false;
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// Waits until the fact holds and fails the test when it does not within `PATIENCE`.
pub(crate) fn until(what: &str, fact: impl FnMut() -> bool) {
    assert!(
        holds_within(PATIENCE, fact),
        "{what}: not so after {PATIENCE:?}"
    );
}

/// How often something is measured before it, and not the machine, is held to be slow.
const TRIALS: usize = 10;

/// Measures how long something takes until it is within the limit, which has to be so in one of a few trials: a busy
/// machine delays some of them, a slow server all. What is not a matter of time is for the measurement to assert.
#[track_caller]
pub(crate) fn within(limit: Duration, what: &str, mut measure: impl FnMut() -> Duration) {
    let mut times = Vec::new();
    while times.len() < TRIALS {
        let time = measure();
        if time <= limit {
            return;
        }
        times.push(time);
    }
    panic!("{what}: {times:?}, never within {limit:?}");
}

/// Lets a span pass that is itself what a test measures: work done, wake-ups, memory over it.
pub(crate) fn span(length: Duration) {
    holds_within(length, || false);
}

/// Tests with thousands of descriptors, or that measure CPU time, take turns.
pub(crate) fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}
