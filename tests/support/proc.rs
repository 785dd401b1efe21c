//! What the kernel says about a process: `/proc`, read as text.
//!
//! Invariant: only facts about the process under test, none about its insides.

use crate::support::wait;
use std::collections::HashSet;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

/// A process by its id.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Proc(pub(crate) u32);

impl Proc {
    fn read(self, name: &str) -> String {
        fs::read_to_string(format!("/proc/{}/{name}", self.0))
            .unwrap_or_else(|why| panic!("/proc/{}/{name}: {why}", self.0))
    }

    /// Open descriptors.
    pub(crate) fn fds(self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.0))
            .unwrap_or_else(|why| panic!("/proc/{}/fd: {why}", self.0))
            .count()
    }

    /// What descriptor `fd` refers to, if it is open.
    pub(crate) fn fd(self, fd: u32) -> Option<String> {
        fs::read_link(format!("/proc/{}/fd/{fd}", self.0))
            .ok()
            .map(|target| target.to_string_lossy().into_owned())
    }

    /// How many descriptors each of its epoll instances watches.
    pub(crate) fn watched(self) -> Vec<usize> {
        let is_epoll = |fd: &u32| self.fd(*fd).is_some_and(|it| it.contains("eventpoll"));
        let fds = (0..100).filter(is_epoll);
        fds.map(|fd| self.read(&format!("fdinfo/{fd}")).matches("tfd:").count())
            .collect()
    }

    /// Threads, by their ids.
    pub(crate) fn tasks(self) -> Vec<u32> {
        let mut tasks: Vec<u32> = fs::read_dir(format!("/proc/{}/task", self.0))
            .unwrap_or_else(|why| panic!("/proc/{}/task: {why}", self.0))
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
            .collect();
        tasks.sort_unstable();
        tasks
    }

    /// CPU time of all threads.
    pub(crate) fn cpu(self) -> Duration {
        let nanoseconds = self.tasks().into_iter().map(|task| {
            let stat = self.read(&format!("task/{task}/schedstat"));
            let first = stat.split(' ').next().and_then(|first| first.parse().ok());
            first.unwrap_or(0)
        });
        Duration::from_nanos(nanoseconds.sum())
    }

    /// CPU time since it was measured last.
    pub(crate) fn cpu_since(self, before: Duration) -> Duration {
        self.cpu().saturating_sub(before)
    }

    /// How often each thread has gone to sleep, which is how often it was woken.
    pub(crate) fn sleeps(self) -> Vec<u64> {
        let of = |task: u32| field(&self.read(&format!("task/{task}/status")), "voluntary_ctxt");
        self.tasks().into_iter().map(of).collect()
    }

    /// Whether no thread has anything to do over this span: all sleep, and none is woken.
    pub(crate) fn rests(self, span: Duration) -> bool {
        let before = self.sleeps();
        !wait::holds_within(span, || !self.sleeps_now()) && self.sleeps() == before
    }

    /// Whether every thread sleeps. Its state is what comes behind its name, which is in parentheses.
    fn sleeps_now(self) -> bool {
        self.tasks().into_iter().all(|task| {
            let stat = self.read(&format!("task/{task}/stat"));
            stat.rsplit_once(") ")
                .is_some_and(|(_, state)| state.starts_with('S'))
        })
    }

    /// Kilobytes of resident memory, the file's own pages included.
    pub(crate) fn resident_kb(self) -> u64 {
        field(&self.read("smaps_rollup"), "Rss:")
    }

    /// Kilobytes of resident memory that belong to the process alone and were written.
    pub(crate) fn written_kb(self) -> u64 {
        field(&self.read("smaps_rollup"), "Anonymous:")
    }

    /// How a process that nobody has waited for yet has ended: the last column of its statistics is what `wait` says.
    pub(crate) fn exit(self) -> String {
        let stat = self.read("stat");
        let last = stat
            .trim()
            .rsplit(' ')
            .next()
            .and_then(|last| last.parse().ok());
        ExitStatus::from_raw(last.unwrap_or(0)).to_string()
    }

    /// Children that this process has started.
    pub(crate) fn children(self) -> Vec<Self> {
        self.read(&format!("task/{}/children", self.0))
            .split_whitespace()
            .filter_map(|id| id.parse().ok().map(Self))
            .collect()
    }

    /// The IPv4 address that the process listens on, found without its help.
    pub(crate) fn listens(self) -> Option<SocketAddr> {
        let sockets: HashSet<String> = fs::read_dir(format!("/proc/{}/fd", self.0))
            .ok()?
            .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
            .filter_map(|link| {
                let inode = link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']');
                inode.map(ToOwned::to_owned)
            })
            .collect();
        fs::read_to_string(format!("/proc/{}/net/tcp", self.0))
            .ok()?
            .lines()
            .skip(1)
            .find_map(|line| listener(line, &sockets))
    }
}

/// A line of `/proc/net/tcp`: number, local address, remote address, state (`0A` listens), ..., inode in the tenth column.
fn listener(line: &str, sockets: &HashSet<String>) -> Option<SocketAddr> {
    let columns: Vec<&str> = line.split_whitespace().collect();
    if columns.get(3) != Some(&"0A") || !sockets.contains(*columns.get(9)?) {
        return None;
    }
    let (address, port) = columns.get(1)?.split_once(':')?;
    let address = Ipv4Addr::from(u32::from_str_radix(address, 16).ok()?.swap_bytes());
    let port = u16::from_str_radix(port, 16).ok()?;
    Some(SocketAddr::from((address, port)))
}

/// The number behind the first line that begins with `name`.
fn field(text: &str, name: &str) -> u64 {
    text.lines()
        .find(|line| line.starts_with(name))
        .and_then(|line| line.split_whitespace().nth(1)?.parse().ok())
        .unwrap_or_else(|| panic!("no {name} in:\n{text}"))
}

/// Whether the tests run as root.
pub(crate) fn root() -> bool {
    rustix::process::geteuid().is_root()
}
