//! The load generator: a program of its own (`xtask bench-load`), so that it is optimised whatever the caller
//! is, and so that its descriptors and memory go with it.
//!
//! It learns the length of a response from the first one and from then on counts bytes. Three modes:
//!
//! - `closed`: every active connection has one batch of requests in flight, always.
//! - `rate`: requests start at fixed times whether or not answers came; a latency counts from the time at
//!   which its request was due, so a stall of the server is charged to every request that it delays.
//! - `close`: a connection per request, from connect to the end of the stream.
//!
//! Invariant: what happens between two completions allocates nothing and parses nothing.

mod close;
mod stay;

use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use nix::unistd::Pid;

use super::account::Account;
use super::answer;
use super::histogram::Histogram;
use super::request;
use super::ring::{Completion, Ring};

/// How long the generator waits for completions before it looks at the clock.
const NAP: Duration = Duration::from_millis(50);

#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(crate) enum Mode {
    Closed,
    Rate,
    Close,
}

/// One run of load against a server on the loopback interface.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Load {
    #[arg(long)]
    pub(crate) port: u16,
    #[arg(long, default_value = "/plaintext")]
    pub(crate) path: String,
    #[arg(long, value_enum, default_value_t = Mode::Closed)]
    pub(crate) mode: Mode,
    /// Connections with requests.
    #[arg(long, default_value_t = 64)]
    pub(crate) connections: usize,
    /// Connections that made one request before the run and make none during it.
    #[arg(long, default_value_t = 0)]
    pub(crate) idle: usize,
    /// Requests in flight on a connection, sent together.
    #[arg(long, default_value_t = 1)]
    pub(crate) depth: usize,
    /// Requests per second in the `rate` mode.
    #[arg(long, default_value_t = 10_000.0)]
    pub(crate) rate: f64,
    #[arg(long, default_value_t = 1.0)]
    pub(crate) seconds: f64,
    /// Seconds of load before the measurement.
    #[arg(long, default_value_t = 0.2)]
    pub(crate) warm_up: f64,
    /// Sends what a browser sends instead of the least.
    #[arg(long)]
    pub(crate) browser: bool,
    /// Has every connection ask in words of its own instead of all in the same.
    #[arg(long)]
    pub(crate) strangers: bool,
    /// Asks with If-None-Match for what a first request found.
    #[arg(long)]
    pub(crate) validate: bool,
    /// The status that every response must have.
    #[arg(long, default_value_t = 200)]
    pub(crate) status: u16,
    /// The process whose CPU time (with its descendants') is accounted.
    #[arg(long)]
    pub(crate) server: Option<i32>,
}

/// The quantiles of the latency that are kept, by name.
pub(crate) const QUANTILES: [(&str, f64); 3] = [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)];

/// What a run showed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Outcome {
    /// Requests answered in the measured time.
    pub(crate) requests: u64,
    /// The measured time.
    pub(crate) seconds: f64,
    /// CPU time of the server in the measured time.
    pub(crate) server_seconds: f64,
    /// Latencies at `QUANTILES`.
    pub(crate) latencies_us: [f64; 3],
    /// Connections that ended when they should not have.
    pub(crate) lost: u64,
    /// Length of one response.
    pub(crate) length: u64,
}

impl Outcome {
    pub(crate) fn rate(&self) -> f64 {
        self.requests as f64 / self.seconds
    }

    pub(crate) fn cpu_us(&self) -> f64 {
        self.server_seconds * 1e6 / self.requests as f64
    }

    /// The line that the generator prints.
    fn render(&self) -> String {
        let mut words = vec![
            ("requests", self.requests.to_string()),
            ("seconds", format!("{:.6}", self.seconds)),
            ("server_seconds", format!("{:.9}", self.server_seconds)),
            ("lost", self.lost.to_string()),
            ("length", self.length.to_string()),
        ];
        let latencies = QUANTILES.iter().zip(self.latencies_us);
        words.extend(latencies.map(|((name, _), latency)| (*name, format!("{latency:.2}"))));
        words
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Reads that line.
    pub(crate) fn parse(line: &str) -> anyhow::Result<Self> {
        let word = |name: &str| {
            let mut pairs = line
                .split_whitespace()
                .filter_map(|word| word.split_once('='));
            let value = pairs
                .find(|(candidate, _)| *candidate == name)
                .map(|(_, value)| value);
            value.with_context(|| format!("no {name} in {line:?}"))
        };
        let mut latencies_us = [0.0; 3];
        for (latency, (name, _)) in latencies_us.iter_mut().zip(QUANTILES) {
            *latency = word(name)?.parse()?;
        }
        Ok(Self {
            requests: word("requests")?.parse()?,
            seconds: word("seconds")?.parse()?,
            server_seconds: word("server_seconds")?.parse()?,
            latencies_us,
            lost: word("lost")?.parse()?,
            length: word("length")?.parse()?,
        })
    }
}

/// The clock and the counts of a run: warm-up, then measurement, then over.
struct Tally {
    histogram: Histogram,
    requests: u64,
    lost: u64,
    measuring_since: Option<Instant>,
    warm_until: Instant,
    until: Instant,
    account: Option<Account>,
    cpu_before: f64,
}

impl Tally {
    fn start(load: &Load) -> Self {
        let now = Instant::now();
        let warm_until = now + Duration::from_secs_f64(load.warm_up);
        Self {
            histogram: Histogram::new(),
            requests: 0,
            lost: 0,
            measuring_since: None,
            warm_until,
            until: warm_until + Duration::from_secs_f64(load.seconds),
            account: load.server.map(|pid| Account::of(Pid::from_raw(pid))),
            cpu_before: 0.0,
        }
    }

    /// Takes note of the time; false when the run is over.
    fn goes_on(&mut self, now: Instant) -> bool {
        if self.measuring_since.is_none() && now >= self.warm_until {
            self.histogram.clear();
            self.requests = 0;
            self.cpu_before = self.cpu();
            self.measuring_since = Some(now);
            self.until = now + (self.until - self.warm_until);
        }
        now < self.until
    }

    fn cpu(&self) -> f64 {
        self.account.as_ref().map_or(0.0, Account::cpu_seconds)
    }

    fn answered(&mut self, requests: usize, latency: Duration) {
        self.requests += requests as u64;
        self.histogram.record(latency.as_nanos() as u64);
    }

    fn finish(self, now: Instant, length: u64) -> Outcome {
        Outcome {
            requests: self.requests,
            seconds: self
                .measuring_since
                .map_or(0.0, |since| (now - since).as_secs_f64()),
            server_seconds: self.cpu() - self.cpu_before,
            latencies_us: QUANTILES.map(|(_, share)| self.histogram.quantile_us(share)),
            lost: self.lost,
            length,
        }
    }
}

/// What `load` asks for and the length of the answer to it.
struct Learnt {
    request: Vec<u8>,
    length: u64,
}

/// Asks once, on a connection of its own, and checks that the answer is the expected one.
fn learn(load: &Load) -> anyhow::Result<Learnt> {
    let close = load.mode == Mode::Close;
    let mut extra = request::extra(load.browser, close);
    if load.validate {
        let request = request::get(load.port, &load.path, &extra);
        let answer = answer::exchange(&mut answer::connect(load.port)?, &request)?;
        let etag = answer.etag.context("unsupported: no ETag")?;
        extra = format!("{extra}If-None-Match: {etag}\r\n");
    }
    let request = request::get(load.port, &load.path, &extra);
    let mut stream = answer::connect(load.port)?;
    let first = answer::exchange(&mut stream, &request)?;
    ensure!(
        first.status == load.status,
        "unsupported: status {} instead of {}",
        first.status,
        load.status
    );
    if close {
        answer::end(&mut stream).context("unsupported: does not close")?;
    } else {
        let second =
            answer::exchange(&mut stream, &request).context("unsupported: no keep-alive")?;
        ensure!(
            second == first,
            "unsupported: a second response unlike the first"
        );
    }
    Ok(Learnt {
        request,
        length: first.length,
    })
}

/// Opens `count` connections; each makes one request and then stays.
fn open(load: &Load, learnt: &Learnt, count: usize) -> anyhow::Result<Vec<TcpStream>> {
    let mut streams = Vec::with_capacity(count);
    for _ in 0..count {
        let mut stream = answer::connect(load.port)?;
        let answer = answer::exchange(&mut stream, &learnt.request)?;
        ensure!(answer.length == learnt.length, "responses differ in length");
        streams.push(stream);
    }
    Ok(streams)
}

/// Runs `load` and prints its outcome.
pub(crate) fn run(load: &Load) -> anyhow::Result<()> {
    super::pin::raise_descriptor_limit()?;
    let learnt = learn(load)?;
    let idle = open(load, &learnt, load.idle)?;
    let outcome = match load.mode {
        Mode::Closed => stay::closed(load, &learnt)?,
        Mode::Rate => stay::rate(load, &learnt)?,
        Mode::Close => close::run(load, &learnt)?,
    };
    drop(idle);
    if outcome.requests == 0 {
        bail!("no request was answered");
    }
    println!("{}", outcome.render());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Outcome;

    #[test]
    fn an_outcome_survives_its_line() {
        let outcome = Outcome {
            requests: 190_000,
            seconds: 1.0,
            server_seconds: 0.95,
            latencies_us: [300.0, 500.5, 900.25],
            lost: 0,
            length: 126,
        };
        assert_eq!(Outcome::parse(&outcome.render()).unwrap(), outcome);
    }
}
