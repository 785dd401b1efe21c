//! A server under test, started, found ready and stopped by its own handle.
//!
//! Invariant: every process started here is ended here, also when a measurement fails.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::account::Account;
use super::pin;

/// How long a server may take to accept its first connection.
const START_MAX: Duration = Duration::from_secs(10);
/// How long a server may take to end after SIGTERM.
const STOP_MAX: Duration = Duration::from_secs(1);

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
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        std::iter::once(name)
            .chain(self.arguments.iter().cloned())
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Starts the program on `cpus` with its output going to `log`.
    pub(crate) fn spawn(&self, cpus: &[usize], log: Option<&PathBuf>) -> anyhow::Result<Child> {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if let Some(log) = log {
            command.stderr(File::create(log)?);
        }
        pin::on(cpus, || command.spawn())?
            .with_context(|| format!("start {}", self.program.display()))
    }
}

/// A running server.
pub(crate) struct Server {
    child: Child,
    reaped: bool,
    pub(crate) port: u16,
}

impl Server {
    /// Starts `launch`, which listens on `port`, and waits until it accepts.
    pub(crate) fn start(
        launch: &Launch,
        port: u16,
        cpus: &[usize],
        log: &PathBuf,
    ) -> anyhow::Result<Self> {
        let mut server = Self {
            child: launch.spawn(cpus, Some(log))?,
            reaped: false,
            port,
        };
        let begin = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            if let Some(status) = server.child.try_wait()? {
                let said = fs::read_to_string(log).unwrap_or_default();
                bail!(
                    "{} ended with {status}: {}",
                    launch.line(),
                    said.lines().last().unwrap_or("no word")
                );
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

    /// Takes note that the process was killed, and perhaps waited for by the thread that traced it.
    pub(crate) fn was_killed(&mut self) {
        self.reaped = true;
        // It fails where the tracer has waited for it, which is as good.
        let _ = self.child.wait();
    }

    pub(crate) fn account(&self) -> Account {
        Account::of(self.pid())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if !self.reaped {
            stop(&mut self.child);
        }
    }
}

/// Ends `child` and its descendants: politely, then not.
pub(crate) fn stop(child: &mut Child) {
    let pid = Pid::from_raw(child.id().cast_signed());
    let all = Account::of(pid);
    // A process that has ended already is what is wanted.
    let _ = kill(pid, Signal::SIGTERM);
    let begin = Instant::now();
    while begin.elapsed() < STOP_MAX {
        if !matches!(child.try_wait(), Ok(None)) {
            break;
        }
        sleep(Duration::from_millis(1));
    }
    if matches!(child.try_wait(), Ok(None)) {
        for pid in all.pids() {
            let _ = kill(*pid, Signal::SIGKILL);
        }
    }
    let _ = child.wait();
}

/// A port of the loopback interface that nothing listens on.
pub(crate) fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}
