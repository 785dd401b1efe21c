//! A server under test, started, found ready and stopped by its own handle.
//!
//! Each runs in a process group of its own, since some signal their whole group when they end.
//!
//! Invariant: every process started here is ended here, also when a measurement fails or is interrupted.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use nix::sys::signal::{SigSet, Signal, killpg};
use nix::unistd::Pid;

use super::account::Account;
use super::pin;

/// How long a server may take to accept its first connection.
const START_MAX: Duration = Duration::from_secs(10);

/// The process groups of the servers that run now.
static RUNNING: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

fn running() -> MutexGuard<'static, Vec<Pid>> {
    // A list of numbers is whole whoever panicked beside it.
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on SIGINT and SIGTERM end the servers before they end this program.
pub(crate) fn end_with_signals() -> anyhow::Result<()> {
    let mut signals = SigSet::empty();
    signals.add(Signal::SIGINT);
    signals.add(Signal::SIGTERM);
    // Threads inherit the mask, so that the signal waits for the one below; children begin with an empty one.
    signals.thread_block()?;
    thread::spawn(move || {
        let signal = signals.wait();
        for group in running().iter() {
            // A group that has ended already is what is wanted.
            let _ = killpg(*group, Signal::SIGKILL);
        }
        std::process::exit(128 + signal.map_or(0, |signal| signal as i32));
    });
    Ok(())
}

/// How to start a server.
#[derive(Clone, Debug)]
pub(crate) struct Launch {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
}

impl Launch {
    /// The command line, for the report.
    pub(crate) fn line(&self) -> String {
        let name = self
            .program
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        name.into_iter()
            .chain(self.arguments.iter().cloned())
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// A running server.
pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
}

impl Server {
    /// Starts `launch`, which listens on `port`, on `cpus`; what it says on its standard error goes to `log`.
    pub(crate) fn spawn(
        launch: &Launch,
        port: u16,
        cpus: &[usize],
        log: &Path,
    ) -> anyhow::Result<Self> {
        let mut command = Command::new(&launch.program);
        command
            .args(&launch.arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(log)?);
        command.process_group(0);
        // A signal between the two would leave the server behind.
        let mut running = running();
        let child = pin::on(cpus, || command.spawn())?;
        let child = child.with_context(|| format!("start {}", launch.program.display()))?;
        let server = Self { child, port };
        running.push(server.pid());
        Ok(server)
    }

    /// Starts `launch` and waits until it accepts.
    pub(crate) fn start(
        launch: &Launch,
        port: u16,
        cpus: &[usize],
        log: &Path,
    ) -> anyhow::Result<Self> {
        let mut server = Self::spawn(launch, port, cpus, log)?;
        let begin = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            if let Some(status) = server.child.try_wait()? {
                let said = fs::read_to_string(log).unwrap_or_default();
                let first = said.lines().next().unwrap_or("no word");
                bail!("{} ended with {status}: {first}", launch.line());
            }
            if begin.elapsed() > START_MAX {
                bail!("{} does not accept connections", launch.line());
            }
            sleep(Duration::from_millis(1));
        }
        Ok(server)
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }

    pub(crate) fn account(&self) -> Account {
        Account::of(self.pid())
    }

    /// How it has ended, where it has.
    pub(crate) fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Ends it and its descendants at once, which needs none of their shutdown.
    pub(crate) fn kill(&self) {
        // A group that has ended already is what is wanted.
        let _ = killpg(self.pid(), Signal::SIGKILL);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        // It fails where a thread that traced the server has waited for it, which is as good.
        let _ = self.child.wait();
        running().retain(|group| *group != self.pid());
    }
}

/// A port of the loopback interface that nothing listens on.
pub(crate) fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}
