//! A worker in a simulated world: the kernel, the clients and the clock follow from one seed.
//!
//! Every octet that the worker sends is held against a sequential model of the connection at once, and so is every
//! close, every deadline, and what is left when all is over. `VANILLIN_SEED` repeats a run, `VANILLIN_STEPS` says
//! how long to go on; a failure names its seed.
//!
//! Invariant: nothing here depends on anything but the seed: no descriptor, no clock, no thread.

mod random;

mod site;

mod script;

mod writer;

mod judge;

mod kernel;

mod calls;

use std::env;
use std::time::Instant;
use std::{eprintln, println};

use super::deadlines::Deadlines;
use super::floor::Floor;
use super::pool::Chain;
use crate::limits::{CHUNKS_MAX, EVENTS_MAX, READ_CHUNK};
use crate::response::date;
use crate::sys::memory;
use judge::{Cause, Now};
use kernel::{Faults, Simulated};
use random::Random;
use script::Script;

/// Names the seed where the run panics.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("VANILLIN_SEED={} repeats this run", self.0);
        }
    }
}

/// A worker and everything around it.
struct World {
    floor: Floor<Simulated>,
    random: Random,
    /// Connections at the same time, and how many there will be.
    most: usize,
    left: usize,
    wants_huge: bool,
    /// Chunks of the pool that the run takes away.
    hogs: std::vec::Vec<Chain>,
}

const EPOCH: u64 = 1_700_000_000;

impl World {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let handler = random.pick(&[site::ROUTER, site::FUNCTION]);
        let deadlines = Deadlines {
            head: random.between(2, 12) as u32,
            content: random.between(2, 12) as u32,
            idle: random.between(2, 20) as u32,
            progress: random.between(2, 12) as u32,
        };
        let faults = Faults {
            would_block: random.pick(&[0, 4, 30]),
            short_send: random.pick(&[0, 3, 20]),
            register: random.pick(&[0, 50]),
            reset: random.pick(&[0, 0, 300]),
            spurious: random.pick(&[0, 3]),
        };
        let now = Now::new(handler, deadlines);
        let kernel = Simulated::new(Random::new(random.number()), faults, now);
        let crowd = random.once_in(10);
        let mut world = Self {
            floor: Floor::new(kernel, handler, deadlines, memory::zeroed().unwrap()),
            most: if crowd {
                1500
            } else {
                random.pick(&[1, 8, 60])
            },
            left: if crowd {
                3000
            } else {
                random.pick(&[100, 400])
            },
            wants_huge: !crowd && random.once_in(3),
            random,
            hogs: std::vec::Vec::new(),
        };
        world.set_clock();
        world
    }

    fn kernel(&mut self) -> &mut Simulated {
        &mut self.floor.desk.kernel
    }

    fn set_clock(&mut self) {
        let tick = self.floor.desk.tick;
        let unix = EPOCH + u64::from(tick);
        let scribe = &mut self.floor.desk.scribe;
        scribe.moment.unix = unix;
        scribe.outbox.set_date(unix);
        let now = &mut self.floor.desk.kernel.now;
        now.tick = tick;
        now.dates.push(date::format(unix));
    }

    /// A second passes.
    fn tick(&mut self) {
        self.floor.desk.tick += 1;
        self.set_clock();
        let ends = self.floor.desk.scribe.is_stopping;
        self.kernel().now.cause = if ends { Cause::End } else { Cause::Sweep };
        self.floor.sweep();
        self.kernel().now.cause = Cause::Turn;
        self.kernel().check_survivors();
    }

    /// A client connects where there is room, or where room can be made.
    fn connect(&mut self) {
        if self.left == 0 {
            return;
        }
        if self.floor.table.open() as usize >= self.most {
            self.kernel().now.cause = Cause::Idle;
            let has_room = self.floor.make_room();
            self.kernel().now.cause = Cause::Turn;
            if !has_room {
                return;
            }
        }
        self.left -= 1;
        let handler = self.floor.desk.scribe.handler;
        let script = Script::new(&mut self.random, handler, self.wants_huge);
        let stream = self.kernel().connect(script);
        for _ in 0..self.random.below(3) {
            let most = self.random.amount(usize::MAX);
            self.kernel().deliver(stream.0, most);
        }
        if let Some(event) = self.floor.admit(stream) {
            self.floor.on_event(event);
        }
    }

    /// A client does something.
    fn stir(&mut self) {
        let count = self.kernel().open.len();
        if count == 0 {
            return;
        }
        let at = self.random.below(count);
        let number = self.kernel().open[at];
        let mut most = self.random.amount(usize::MAX);
        if self.kernel().socket(number).is_slow {
            most = 1;
        }
        let resets = self.kernel().faults.reset;
        if self.random.once_in(resets) {
            self.kernel().reset(number);
        } else if self.random.once_in(2) {
            self.kernel().deliver(number, most);
        } else if self.kernel().socket(number).reads {
            self.kernel().read(number, most);
        }
    }

    /// Everybody who reads at all reads everything.
    fn read_all(&mut self) {
        for number in self.kernel().open.clone() {
            if self.kernel().socket(number).reads {
                self.kernel().read(number, usize::MAX);
            }
        }
    }

    /// One round of the worker's loop.
    fn work(&mut self) {
        for event in self.kernel().wait() {
            if self.random.once_in(8) {
                self.stir();
            }
            let (is_late, steps) = (self.kernel().is_late(event), self.kernel().steps);
            self.floor.on_event(event);
            let is_heeded = self.kernel().steps > steps;
            assert!(
                !is_late || !is_heeded,
                "an event of a closed connection is heeded"
            );
        }
        if self.most < 100 {
            self.kernel().check_fairness();
        }
    }

    /// Takes most chunks of the pool away, or gives them back.
    fn squeeze(&mut self) {
        let pool = &mut self.floor.desk.pool;
        if self.hogs.is_empty() {
            let mut left = CHUNKS_MAX - pool.used();
            left -= left.min(self.random.below(20));
            while left > 0 {
                let mut hog = Chain::new();
                let len = left.min(400);
                assert!(pool.append(&mut hog, &std::vec![0; len * READ_CHUNK]));
                self.hogs.push(hog);
                left -= len;
            }
            self.kernel().now.is_tight = true;
        } else {
            for hog in &mut self.hogs {
                pool.clear(hog);
            }
            self.hogs.clear();
            self.kernel().now.is_tight = false;
        }
    }

    /// Anything may happen.
    fn live(&mut self, squeezes: bool) {
        while self.left > 0 {
            match self.random.below(200) {
                0 => self.tick(),
                1 if squeezes && self.random.once_in(10) => self.squeeze(),
                2 if self.random.once_in(5) => self.read_all(),
                3..=12 => self.connect(),
                13..=150 => self.stir(),
                _ => self.work(),
            }
        }
    }

    /// Nothing fails any more: everything comes to its end.
    fn end(&mut self) {
        if !self.hogs.is_empty() {
            self.squeeze();
        }
        self.kernel().faults = Faults::default();
        if self.random.once_in(2) {
            self.floor.desk.scribe.is_stopping = true;
            self.kernel().stop();
        }
        for _ in 0..100 {
            loop {
                for number in self.kernel().open.clone() {
                    self.kernel().deliver(number, usize::MAX);
                }
                self.read_all();
                if self.kernel().is_quiet() {
                    break;
                }
                while !self.kernel().is_quiet() {
                    self.work();
                }
            }
            if self.kernel().open.is_empty() {
                break;
            }
            self.tick();
        }
        assert_eq!(self.kernel().open.len(), 0, "connections never end");
        assert_eq!(self.floor.table.open(), 0, "entries are lost");
        assert_eq!(self.floor.desk.pool.used(), 0, "chunks are lost");
        assert!(self.floor.desk.scribe.outbox.octets().is_empty());
    }
}

fn run(seed: u64) -> u64 {
    let _seed = Seed(seed);
    let mut world = World::new(seed);
    let squeezes = world.random.once_in(4);
    world.live(squeezes);
    world.end();
    world.floor.desk.kernel.steps
}

fn number(name: &str) -> Option<u64> {
    env::var(name).ok().map(|value| value.parse().unwrap())
}

#[test]
fn a_worker_keeps_its_promises_whatever_happens() {
    let (first, wanted) = (number("VANILLIN_SEED"), number("VANILLIN_STEPS"));
    let wanted = wanted.unwrap_or(if first.is_some() { 1 } else { 3_000_000 });
    let (began, mut steps, mut seed) = (Instant::now(), 0, first.unwrap_or(1));
    while steps < wanted {
        steps += run(seed);
        seed += 1;
    }
    let rate = u128::from(steps) * 1000 / began.elapsed().as_millis().max(1);
    println!("{steps} steps, {rate} a second; the next seed is {seed}");
}

#[test]
fn everybody_is_heard_in_a_crowd() {
    let mut world = World::new(1);
    world.floor.desk.scribe.handler = site::ROUTER;
    world.floor.desk.kernel.faults = Faults::default();
    let script = Script::upload(450_000);
    for _ in 0..EVENTS_MAX + 100 {
        let stream = world.kernel().connect(script.clone());
        if let Some(event) = world.floor.admit(stream) {
            world.floor.on_event(event);
        }
    }
    for event in world.kernel().wait_for(2 * EVENTS_MAX) {
        world.floor.on_event(event);
    }
    for number in world.kernel().open.clone() {
        while world.kernel().socket(number).delivered < script.octets.len() {
            world.kernel().deliver(number, usize::MAX);
        }
    }
    while !world.kernel().is_quiet() {
        for event in world.kernel().wait_for(EVENTS_MAX) {
            world.floor.on_event(event);
        }
        world.kernel().check_fairness();
    }
    world.end();
}
