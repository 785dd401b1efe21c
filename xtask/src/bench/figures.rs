//! What one server costs beside its speed: instructions, system calls, memory, the time it takes to start, and
//! its size. None of it but the start depends on how busy the machine is.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

use super::account::Memory;
use super::answer;
use super::pin;
use super::request;
use super::server::{Launch, Server, free_port};
use super::trace::{self, Conversation, Counting, Traced};

/// Requests that make a batch in the pipelined figures.
pub(crate) const DEPTH: usize = 16;
/// Batches in which system calls are counted.
const BATCHES: usize = 16;
/// Connections that take turns where system calls are counted.
const CONNECTIONS: usize = 64;
/// A start that takes longer than this has failed.
const START_MAX: Duration = Duration::from_secs(10);

/// Tells how to start a server at a port and the path of its plain text.
type Launcher<'a> = dyn Fn(u16, bool) -> anyhow::Result<(Launch, String)> + 'a;

/// A server of which figures are collected.
pub(crate) struct Subject<'a> {
    /// Given the port and whether requests will be pipelined.
    pub(crate) launch: Box<Launcher<'a>>,
    pub(crate) cpus: &'a [usize],
    pub(crate) log: PathBuf,
}

/// User-space instructions per request that is the same as the one before.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Instructions {
    pub(crate) short: f64,
    pub(crate) browser: f64,
    pub(crate) pipelined: f64,
    /// Of a request as long as the one before, but another one.
    pub(crate) other_short: f64,
    pub(crate) other_browser: f64,
}

/// What a request is to the one before.
#[derive(Clone, Copy, Debug)]
enum Follows {
    /// The same octets.
    Same,
    /// As many, but others.
    Other,
}

/// System calls.
#[derive(Clone, Debug, Default)]
pub(crate) struct Calls {
    /// Per request when 64 connections take turns.
    pub(crate) per_request: f64,
    /// The same by name.
    pub(crate) names: String,
    /// Per batch of 16 pipelined requests.
    pub(crate) per_batch: f64,
}

/// Memory while nothing happens.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Idle {
    pub(crate) alone: Memory,
    pub(crate) thousand: Memory,
    pub(crate) ten_thousand: Memory,
    /// Bytes of every file that the server has mapped.
    pub(crate) files: u64,
}

impl Subject<'_> {
    fn start(&self, pipelined: bool) -> anyhow::Result<(Server, String)> {
        let port = free_port()?;
        let (launch, path) = (self.launch)(port, pipelined)?;
        Ok((Server::start(&launch, port, self.cpus, &self.log)?, path))
    }

    fn trace(
        &self,
        counting: Counting,
        connections: usize,
        depth: usize,
        browser: bool,
        follows: Follows,
    ) -> anyhow::Result<(Traced, Conversation)> {
        let (server, path) = self.start(depth > 1)?;
        let request = request::get(server.port, &path, &request::extra(browser, false));
        let next = match follows {
            Follows::Same => request.clone(),
            Follows::Other => request::of_client(&request, server.port, 1),
        };
        let conversation = Conversation::open(server.port, &[request, next], connections, depth)?;
        Ok((Traced::attach(server, counting)?, conversation))
    }

    fn per_batch(
        &self,
        counting: Counting,
        depth: usize,
        browser: bool,
        follows: Follows,
    ) -> anyhow::Result<f64> {
        let (traced, mut conversation) = self.trace(counting, 1, depth, browser, follows)?;
        traced.per_batch(&mut conversation)
    }

    /// Counts instructions on one connection.
    pub(crate) fn instructions(&self) -> anyhow::Result<Instructions> {
        let count = |depth: usize, browser: bool, follows: Follows| -> anyhow::Result<f64> {
            let batch = self.per_batch(Counting::Instructions, depth, browser, follows)?;
            Ok(batch / depth as f64)
        };
        Ok(Instructions {
            short: count(1, false, Follows::Same)?,
            browser: count(1, true, Follows::Same)?,
            pipelined: count(DEPTH, false, Follows::Same)?,
            other_short: count(1, false, Follows::Other)?,
            other_browser: count(1, true, Follows::Other)?,
        })
    }

    /// Counts system calls.
    pub(crate) fn calls(&self) -> anyhow::Result<Calls> {
        let (traced, mut conversation) =
            self.trace(Counting::Calls, CONNECTIONS, 1, false, Follows::Same)?;
        let calls = traced.calls_of(&mut conversation, BATCHES)?;
        let share = |count: u64| count as f64 / (CONNECTIONS * BATCHES) as f64;
        let names: Vec<String> = calls
            .iter()
            .filter(|(_, count)| share(**count) >= 0.005)
            .map(|(number, count)| format!("{} {:.2}", trace::name(*number), share(*count)))
            .collect();
        drop(traced);
        Ok(Calls {
            per_request: share(calls.values().sum()),
            names: names.join(", "),
            per_batch: self.per_batch(Counting::Calls, DEPTH, false, Follows::Same)?,
        })
    }

    /// Resident memory before the first request, and with connections that made one request each and stay.
    pub(crate) fn idle(&self) -> anyhow::Result<Idle> {
        let (server, path) = self.start(false)?;
        let request = request::get(server.port, &path, "");
        let account = server.account();
        let (alone, files) = (account.memory(), account.mapped_files());
        let mut streams = Vec::new();
        let mut with = |count: usize| -> anyhow::Result<Memory> {
            while streams.len() < count {
                let mut stream = answer::connect(server.port)?;
                answer::exchange(&mut stream, &request)?;
                streams.push(stream);
            }
            Ok(server.account().memory())
        };
        let (thousand, ten_thousand) = (with(1_000)?, with(10_000)?);
        Ok(Idle {
            alone,
            thousand,
            ten_thousand,
            files,
        })
    }

    /// Microseconds from before the exec to the first byte of a 200. The caller's thread waits on another CPU.
    pub(crate) fn start_us(&self, waiting: &[usize]) -> anyhow::Result<f64> {
        let port = free_port()?;
        let (launch, path) = (self.launch)(port, false)?;
        let request = request::get(port, &path, "Connection: close\r\n");
        pin::on(waiting, || {
            let begin = Instant::now();
            let server = Server::spawn(&launch, port, self.cpus, &self.log)?;
            let answered = first_answer(port, &request, begin);
            drop(server);
            answered
        })?
    }
}

/// Tries until an answer comes, without a pause.
fn first_answer(port: u16, request: &[u8], begin: Instant) -> anyhow::Result<f64> {
    while begin.elapsed() < START_MAX {
        let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else {
            continue;
        };
        stream.set_read_timeout(Some(Duration::from_secs(1)))?;
        let mut head = [0; 12];
        if stream.write_all(request).is_err() || stream.read_exact(&mut head).is_err() {
            continue;
        }
        let microseconds = begin.elapsed().as_secs_f64() * 1e6;
        ensure!(
            head.starts_with(b"HTTP/1.") && head.ends_with(b" 200"),
            "the first answer is no 200"
        );
        return Ok(microseconds);
    }
    bail!("no answer within {} s", START_MAX.as_secs())
}

/// The length of a file in bytes.
pub(crate) fn size(path: &Path) -> anyhow::Result<u64> {
    Ok(fs::metadata(path)
        .with_context(|| format!("{}", path.display()))?
        .len())
}
