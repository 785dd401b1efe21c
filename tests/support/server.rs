//! The ELF under test as a child process: started on a free port, stopped by its own handle.
//!
//! Invariant: a server belongs to one test. It is never left behind, and never killed by name.

use crate::support::proc::Proc;
use crate::support::wait;
use crate::support::wire::Wire;
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::{Pid, PidfdFlags, Signal};
use std::env;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, PipeWriter, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// The binaries that are tested.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Elf {
    /// The one that ships, with its built-in site.
    Vanillin,
    /// Answers every request with its own content.
    Echo,
    /// Has a route for every feature that the built-in site has no use for.
    Testbed,
}

impl Elf {
    /// Where it lies: what Cargo has built, unless the environment names another, such as the one in `dist/`.
    pub(crate) fn path(self) -> OsString {
        let (variable, built) = match self {
            Self::Vanillin => ("VANILLIN_ELF", env!("CARGO_BIN_EXE_vanillin")),
            Self::Echo => ("VANILLIN_ECHO", env!("CARGO_BIN_EXE_echo")),
            Self::Testbed => ("VANILLIN_TESTBED", env!("CARGO_BIN_EXE_testbed")),
        };
        env::var_os(variable).unwrap_or_else(|| built.into())
    }
}

/// How a server is to be started.
pub(crate) struct Launch {
    elf: Elf,
    wrapper: Vec<OsString>,
    flags: Vec<OsString>,
    variables: Vec<(String, String)>,
    address: &'static str,
    defaults: bool,
    path: Option<OsString>,
    errors: Option<PipeWriter>,
}

impl Launch {
    pub(crate) fn new(elf: Elf) -> Self {
        Self {
            elf,
            wrapper: Vec::new(),
            flags: Vec::new(),
            variables: Vec::new(),
            address: "127.0.0.1",
            defaults: true,
            path: None,
            errors: None,
        }
    }

    /// These flags and no others.
    pub(crate) fn exactly(mut self, flags: &[&str]) -> Self {
        self.defaults = false;
        self.flags(flags)
    }

    /// Another path to the same ELF, such as one that the wrapper makes valid.
    pub(crate) fn path(mut self, path: &str) -> Self {
        self.path = Some(path.into());
        self
    }

    pub(crate) fn flags(mut self, flags: &[&str]) -> Self {
        self.flags.extend(flags.iter().map(OsString::from));
        self
    }

    /// A command that is put in front and, in the end, executes the ELF in its own place.
    pub(crate) fn wrapper(mut self, words: &[&str]) -> Self {
        self.wrapper.extend(words.iter().map(OsString::from));
        self
    }

    /// With forty descriptors, half of which somebody else has left open: fewer than it counts on. The shell is bash, as
    /// others have no names for so many.
    pub(crate) fn starved(self) -> Self {
        let script = "for fd in {10..29}; do eval \"exec $fd</dev/null\"; done; exec \"$0\" \"$@\"";
        self.wrapper(&["prlimit", "--nofile=40:40", "bash", "-c", script])
    }

    /// Where standard error goes instead of where the test can read it.
    pub(crate) fn errors_to(mut self, pipe: PipeWriter) -> Self {
        self.errors = Some(pipe);
        self
    }

    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    pub(crate) fn address(mut self, address: &'static str) -> Self {
        self.address = address;
        self
    }

    /// The command with its flags: a free port of the loopback, unless the test says otherwise.
    fn command(&self) -> Command {
        let elf = self.path.clone().unwrap_or_else(|| self.elf.path());
        let mut words = self.wrapper.iter().cloned().chain([elf]);
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words);
        if self.defaults {
            if !self.flags.iter().any(|flag| flag == "-p") {
                command.args(["-p", "0"]);
            }
            command.args(["-a", self.address]);
        }
        command.args(&self.flags);
        command.env_remove("PORT");
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Starts the server and waits for the line that says where it listens.
    pub(crate) fn start(self) -> Server {
        let (mut server, receiver) = self.spawn();
        server.line = receiver.recv_timeout(wait::PATIENCE).unwrap_or_default();
        let Some(address) = listening(&server.line) else {
            server.signal(Signal::KILL);
            let end = server.end();
            panic!("the first line is `{}`; {end:?}", server.line);
        };
        server.address = address;
        server
    }

    /// Starts what may fail to: the server, or what is left of it.
    pub(crate) fn attempt(self) -> (Option<Server>, Option<End>) {
        let (mut server, receiver) = self.spawn();
        server.line = receiver.recv_timeout(wait::PATIENCE).unwrap_or_default();
        if let Some(address) = listening(&server.line) {
            server.address = address;
            return (Some(server), None);
        }
        let end = server.end();
        (None, Some(end))
    }

    /// Starts a server that cannot say where it listens; the kernel does.
    pub(crate) fn start_mute(self) -> Server {
        let (mut server, _nothing_comes) = self.spawn();
        wait::until("the server listens", || {
            server.proc.listens().is_some_and(|address| {
                server.address = address;
                true
            })
        });
        server
    }

    /// Runs what is to end by itself.
    pub(crate) fn outcome(self) -> End {
        let (mut server, receiver) = self.spawn();
        let mut end = server.end();
        end.output
            .insert_str(0, &receiver.recv().unwrap_or_default());
        end
    }

    fn spawn(mut self) -> (Server, mpsc::Receiver<String>) {
        let errors = self.errors.take().map_or_else(Stdio::piped, Stdio::from);
        let mut child = self
            .command()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .unwrap_or_else(|why| panic!("{:?}: {why}", self.command()));
        let stderr = child.stderr.take();
        let stdout = child.stdout.take().expect("piped");
        let errors = thread::spawn(move || stderr.map(drained).unwrap_or_default());
        let (sender, receiver) = mpsc::channel();
        let output = thread::spawn(move || {
            let mut reader = BufReader::new(stdout);
            let mut line = String::new();
            let _shows_as_an_empty_line = reader.read_line(&mut line);
            let _receiver_may_have_given_up = sender.send(line);
            drained(reader)
        });
        let server = Server {
            proc: Proc(child.id()),
            child,
            line: String::new(),
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            pipes: Some((output, errors)),
        };
        (server, receiver)
    }
}

fn pid(id: u32) -> Pid {
    i32::try_from(id)
        .ok()
        .and_then(Pid::from_raw)
        .expect("a process id")
}

fn drained(mut pipe: impl Read) -> String {
    let mut bytes = Vec::new();
    let _what_came_counts = pipe.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads `vanillin X.Y.Z listening on http://ADDRESS:PORT (N workers)`.
fn listening(line: &str) -> Option<SocketAddr> {
    let rest = line.strip_prefix("vanillin ")?;
    let (version, rest) = rest.split_once(" listening on http://")?;
    let (address, rest) = rest.split_once(" (")?;
    let (workers, end) = rest.split_once(' ')?;
    let workers: usize = workers.parse().ok()?;
    let numbers = version.split('.').all(|part| part.parse::<u16>().is_ok());
    let plural = if workers == 1 {
        "worker)\n"
    } else {
        "workers)\n"
    };
    (numbers && end == plural).then(|| address.parse().ok())?
}

/// What a server leaves when it ends.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) status: Option<ExitStatus>,
    /// Standard output behind the first line.
    pub(crate) output: String,
    pub(crate) errors: String,
}

/// A running server.
pub(crate) struct Server {
    child: Child,
    proc: Proc,
    pub(crate) line: String,
    pub(crate) address: SocketAddr,
    pipes: Option<(JoinHandle<String>, JoinHandle<String>)>,
}

impl Server {
    /// The shipped ELF on a free port of the loopback.
    pub(crate) fn start(flags: &[&str]) -> Self {
        Launch::new(Elf::Vanillin).flags(flags).start()
    }

    pub(crate) fn echo(flags: &[&str]) -> Self {
        Launch::new(Elf::Echo).flags(flags).start()
    }

    pub(crate) fn testbed(flags: &[&str]) -> Self {
        Launch::new(Elf::Testbed).flags(flags).start()
    }

    pub(crate) fn proc(&self) -> Proc {
        self.proc
    }

    /// The server is not the child itself but what the wrapper has forked.
    pub(crate) fn adopt(&mut self, proc: Proc) {
        self.proc = proc;
    }

    pub(crate) fn connect(&self) -> Wire {
        Wire::try_connect(self.address)
            .unwrap_or_else(|why| panic!("connect to {}: {why}; {}", self.address, self.fate()))
    }

    /// Whether the server still runs, and how it has ended otherwise.
    pub(crate) fn fate(&self) -> String {
        if self.ends_within(Duration::ZERO) {
            format!("the server has ended: {}", self.proc.exit())
        } else {
            "the server runs".into()
        }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let _may_have_ended = rustix::process::kill_process(pid(self.proc.0), signal);
    }

    /// Holds the server up. A signal stops one thread after the other, so that some of them would run on for a while.
    pub(crate) fn hold(&self) {
        self.signal(Signal::STOP);
        wait::until("all threads are stopped", || self.proc.are_all('T'));
    }

    /// Waits for the child to end, without reaping it; says whether it has.
    pub(crate) fn ends_within(&self, limit: Duration) -> bool {
        let fd = rustix::process::pidfd_open(pid(self.child.id()), PidfdFlags::empty())
            .expect("pidfd_open");
        let limit = Timespec {
            tv_sec: i64::try_from(limit.as_secs()).expect("seconds"),
            tv_nsec: i64::from(limit.subsec_nanos()),
        };
        let mut fds = [PollFd::new(&fd, PollFlags::IN)];
        rustix::event::poll(&mut fds, Some(&limit)).expect("poll") == 1
    }

    /// Waits for the end, kills what does not end, and returns what is left of it.
    pub(crate) fn end(&mut self) -> End {
        if !self.ends_within(wait::PATIENCE) {
            let _may_have_ended_now = self.child.kill();
        }
        let status = self.child.wait().ok();
        let text = |pipe: JoinHandle<String>| pipe.join().unwrap_or_default();
        let (output, errors) = self
            .pipes
            .take()
            .map(|(output, errors)| (text(output), text(errors)))
            .unwrap_or_default();
        End {
            status,
            output,
            errors,
        }
    }

    /// Stops the server as an operator does and asserts that it ends well.
    pub(crate) fn stop(mut self) -> End {
        self.signal(Signal::TERM);
        let end = self.end();
        assert_eq!(
            end.status.and_then(|status| status.code()),
            Some(0),
            "the exit after SIGTERM: {end:?}"
        );
        end
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.pipes.is_some() {
            self.signal(Signal::TERM);
            if !self.ends_within(Duration::from_secs(2)) {
                self.signal(Signal::KILL);
            }
            self.end();
        }
    }
}
