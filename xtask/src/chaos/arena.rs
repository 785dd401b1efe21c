//! A server to be mistreated, and what the kernel says of it.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};

use crate::bench::account::Memory;
use crate::bench::contender::serve_vanillin;
use crate::bench::pin;
use crate::bench::server::{Launch, Server, free_port};
use crate::compile;
use crate::support::clients;
use crate::support::wait;

/// How long a server may take to be what it was before.
const SETTLE_MAX: Duration = Duration::from_secs(30);

/// Workers of every server here.
pub(crate) const WORKERS: usize = 2;

/// A running server.
pub(crate) struct Arena {
    server: Server,
    pub(crate) address: SocketAddr,
    /// Descriptors before the first client.
    fds: usize,
}

/// Where what is written meanwhile lies.
pub(crate) fn folder() -> anyhow::Result<PathBuf> {
    let folder = compile::workspace().join("target").join("chaos");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

impl Arena {
    pub(crate) fn open(elf: &Path, flags: &[&str]) -> anyhow::Result<Self> {
        Self::behind(&[], elf, flags)
    }

    /// Starts the server with other words in front of it.
    pub(crate) fn behind(wrapper: &[String], elf: &Path, flags: &[&str]) -> anyhow::Result<Self> {
        let port = free_port()?;
        let elf = elf.to_str().context("a path in UTF-8")?.to_owned();
        let mut words = wrapper.iter().cloned().chain([elf]);
        let mut launch = Launch {
            program: words.next().context("a command")?.into(),
            arguments: words.collect(),
        };
        launch.arguments.extend(serve_vanillin(port, WORKERS));
        let flags = flags.iter().map(|flag| (*flag).to_owned());
        launch.arguments.extend(flags);
        let log = folder()?.join("server.log");
        let server = Server::start(&launch, port, &pin::available()?, &log)?;
        let mut arena = Self {
            server,
            address: (Ipv4Addr::LOCALHOST, port).into(),
            fds: 0,
        };
        // Who answers has started, and opens no more by itself; that connection is one of them for a moment.
        let answers = || clients::is_answered(arena.address, "/plaintext") == Ok(true);
        let is_up = wait::holds_within(SETTLE_MAX, answers);
        ensure!(is_up, "{} does not answer", launch.line());
        arena.fds = arena.fds();
        wait::holds_within(Duration::from_millis(100), || {
            arena.fds = arena.fds.min(arena.fds());
            false
        });
        Ok(arena)
    }

    pub(crate) fn fds(&self) -> usize {
        self.server.account().descriptors()
    }

    pub(crate) fn memory(&self) -> Memory {
        self.server.account().memory()
    }

    /// CPU time that it spends in this span.
    pub(crate) fn spends(&self, span: Duration) -> Duration {
        let account = self.server.account();
        let before = account.cpu_seconds();
        wait::span(span);
        Duration::from_secs_f64((account.cpu_seconds() - before).max(0.0))
    }

    /// Whether it has ended, and how.
    pub(crate) fn lives(&mut self) -> anyhow::Result<()> {
        let end = self.server.ended()?;
        ensure!(end.is_none(), "the server has ended: {end:?}");
        Ok(())
    }

    /// Waits until all descriptors of clients are closed and the server sleeps.
    pub(crate) fn settle(&mut self) -> anyhow::Result<()> {
        self.lives()?;
        let is_settled = wait::holds_within(SETTLE_MAX, || self.fds() <= self.fds);
        let (now, before) = (self.fds(), self.fds);
        ensure!(is_settled, "{now} descriptors instead of {before}");
        // The clock of each worker ticks once a second.
        let busy = self.spends(Duration::from_millis(200));
        ensure!(
            busy < Duration::from_millis(50),
            "{busy:?} of CPU in 200 ms although nothing happens"
        );
        Ok(())
    }
}
