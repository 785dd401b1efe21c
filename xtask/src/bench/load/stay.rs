//! Connections that stay open: the closed loop and the fixed rate.

use std::net::TcpStream;
use std::os::fd::{AsRawFd, RawFd};
use std::time::{Duration, Instant};

use super::super::request;
use super::{Completion, Learnt, Load, NAP, Outcome, Ring, Tally, open};

/// A connection and what is still to come on it.
struct Connection {
    fd: RawFd,
    batch: &'static [u8],
    missing: i64,
    since: Instant,
    /// Requests sent, which in the `rate` mode number its due times.
    sent: u32,
    /// Requests due.
    due: u32,
}

/// The connections of a run on their ring.
struct Crowd {
    ring: Ring,
    connections: Vec<Connection>,
    batch_length: i64,
    alive: usize,
    completions: Vec<Completion>,
    _streams: Vec<TcpStream>,
}

/// Marks the completion of a failed send.
const SEND: u64 = 1 << 32;

impl Crowd {
    fn gather(load: &Load, learnt: &Learnt) -> anyhow::Result<Self> {
        let streams = open(load, learnt, load.connections)?;
        let mut ring = Ring::new()?;
        let now = Instant::now();
        let batch = |request: &[u8]| &*Vec::leak(request.repeat(load.depth));
        let common = batch(&learnt.request);
        let connections: Vec<_> = streams
            .iter()
            .enumerate()
            .map(|(client, stream)| Connection {
                fd: stream.as_raw_fd(),
                batch: if load.strangers {
                    batch(&request::of_client(&learnt.request, load.port, client))
                } else {
                    common
                },
                missing: 0,
                since: now,
                sent: 0,
                due: 0,
            })
            .collect();
        for (index, connection) in connections.iter().enumerate() {
            ring.receive(connection.fd, index as u64)?;
        }
        Ok(Self {
            ring,
            alive: connections.len(),
            connections,
            batch_length: i64::try_from(learnt.length * load.depth as u64)?,
            completions: Vec::with_capacity(1 << 15),
            _streams: streams,
        })
    }

    fn ask(&mut self, index: usize, since: Instant) -> anyhow::Result<()> {
        let connection = &mut self.connections[index];
        connection.missing = self.batch_length;
        connection.since = since;
        connection.sent += 1;
        self.ring
            .send(connection.fd, connection.batch, SEND | index as u64)?;
        Ok(())
    }

    /// Counts what a completion brought; the connection's index when its answers are now complete.
    fn heard(
        &mut self,
        completion: Completion,
        tally: &mut Tally,
    ) -> anyhow::Result<Option<usize>> {
        if completion.token & SEND != 0 {
            return Ok(None);
        }
        let index = completion.token as usize;
        let connection = &mut self.connections[index];
        if completion.result <= 0 && completion.result != -libc::ENOBUFS {
            tally.lost += 1;
            self.alive -= 1;
            return Ok(None);
        }
        if !completion.more {
            self.ring.receive(connection.fd, index as u64)?;
        }
        let before = connection.missing;
        connection.missing -= i64::from(completion.result.max(0));
        anyhow::ensure!(connection.missing >= 0, "more came than was asked for");
        Ok((before > 0 && connection.missing == 0).then_some(index))
    }
}

/// Every connection has one batch in flight, always.
pub(super) fn closed(load: &Load, learnt: &Learnt) -> anyhow::Result<Outcome> {
    let mut crowd = Crowd::gather(load, learnt)?;
    let mut tally = Tally::start(load);
    let mut now = Instant::now();
    for index in 0..crowd.connections.len() {
        crowd.ask(index, now)?;
    }
    while tally.goes_on(now) && crowd.alive > 0 {
        crowd.ring.wait(NAP)?;
        now = Instant::now();
        let mut completions = std::mem::take(&mut crowd.completions);
        crowd.ring.take(&mut completions);
        for completion in &completions {
            if let Some(index) = crowd.heard(*completion, &mut tally)? {
                tally.answered(load.depth, now - crowd.connections[index].since);
                crowd.ask(index, now)?;
            }
        }
        crowd.completions = completions;
    }
    Ok(tally.finish(now, learnt.length))
}

/// Request `k` is due at `k / rate` on connection `k mod n`; one that finds its connection busy waits there,
/// and its latency counts from when it was due.
pub(super) fn rate(load: &Load, learnt: &Learnt) -> anyhow::Result<Outcome> {
    let mut crowd = Crowd::gather(load, learnt)?;
    let mut tally = Tally::start(load);
    let count = crowd.connections.len();
    let start = Instant::now();
    let step = 1.0 / load.rate;
    let due_at = |index: usize, turn: u32| {
        start + Duration::from_secs_f64((f64::from(turn) * count as f64 + index as f64) * step)
    };
    let (mut next, mut turn) = (0, 0);
    let mut now = start;
    // The generator spins here: a sleeping one would add its own wake-up to every latency.
    while tally.goes_on(now) && crowd.alive > 0 {
        while due_at(next, turn) <= now {
            let connection = &mut crowd.connections[next];
            connection.due += 1;
            if connection.missing == 0 {
                crowd.ask(next, due_at(next, turn))?;
            }
            next += 1;
            if next == count {
                (next, turn) = (0, turn + 1);
            }
        }
        crowd.ring.poll()?;
        now = Instant::now();
        let mut completions = std::mem::take(&mut crowd.completions);
        crowd.ring.take(&mut completions);
        for completion in &completions {
            if let Some(index) = crowd.heard(*completion, &mut tally)? {
                tally.answered(1, now - crowd.connections[index].since);
                let (sent, due) = (crowd.connections[index].sent, crowd.connections[index].due);
                if sent < due {
                    crowd.ask(index, due_at(index, sent))?;
                }
            }
        }
        crowd.completions = completions;
    }
    // What is due and unanswered counts with the time that it has waited so far.
    for (index, connection) in crowd.connections.iter().enumerate() {
        let answered = connection.sent - u32::from(connection.missing > 0);
        for turn in answered..connection.due {
            tally.histogram.record(
                now.saturating_duration_since(due_at(index, turn))
                    .as_nanos() as u64,
            );
        }
    }
    Ok(tally.finish(now, learnt.length))
}
