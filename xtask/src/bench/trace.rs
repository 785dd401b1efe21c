//! Counts what a server does between two of our requests, exactly: the instructions of its user space by
//! single steps (a virtual machine has no counters for them) or its system calls.
//!
//! Invariant: a traced server is ended here and by SIGKILL, since its stops and its end are seen by the thread
//! that traces it and by nobody else (`__WNOTHREAD`).

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::mem::offset_of;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle, sleep};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use nix::errno::Errno;
use nix::sched::{sched_getaffinity, sched_setaffinity};
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use super::account::Account;
use super::answer;
use super::server::Server;

/// System call numbers above this one are counted as this one.
const CALL_MAX: usize = 511;
/// How often to look whether the server has come to rest.
const LOOK: Duration = Duration::from_micros(300);
/// The longest time to wait for that.
const REST_MAX: Duration = Duration::from_secs(20);
/// A step costs up to 25 microseconds on a virtual machine, so that a run of about this many is short beside
/// the second between two ticks of a server's clock.
const RUN_STEPS: u64 = 3_000;
/// Batches of the shorter of two runs, at most.
const BATCHES_MAX: usize = 16;
/// Runs of each length, of which the least counts: a tick of the server's clock falls into few of them and
/// only ever adds.
const REPETITIONS: usize = 8;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Counting {
    Instructions,
    Calls,
}

/// What was counted so far.
struct Counts {
    /// Instructions or system calls; an instruction with a repeat prefix counts once.
    total: AtomicU64,
    calls: Vec<AtomicU64>,
    failed: AtomicBool,
}

/// A server whose threads are all traced.
pub(crate) struct Traced {
    server: Server,
    account: Account,
    counts: Arc<Counts>,
    tracer: Option<JoinHandle<()>>,
}

/// System calls by number.
pub(crate) type Calls = BTreeMap<usize, u64>;

impl Traced {
    /// Traces every thread that `server` has and every one that it starts.
    pub(crate) fn attach(server: Server, counting: Counting) -> anyhow::Result<Self> {
        // A server or a helper of it that still starts would do so step by step.
        let begin = Instant::now();
        while !server.account().all_sleep() && begin.elapsed() < REST_MAX {
            sleep(LOOK);
        }
        let account = server.account();
        let threads = account.threads();
        ensure!(!threads.is_empty(), "the server has ended");
        let counts = Arc::new(Counts {
            total: AtomicU64::new(0),
            calls: (0..=CALL_MAX).map(|_| AtomicU64::new(0)).collect(),
            failed: AtomicBool::new(false),
        });
        let (attached, ready) = mpsc::channel();
        let own = Arc::clone(&counts);
        let thread = thread::spawn(move || {
            // A step is two switches between tracer and server: far cheaper on one CPU than across two.
            let seized = sched_getaffinity(threads[0])
                .and_then(|cpus| sched_setaffinity(Pid::from_raw(0), &cpus))
                .and_then(|()| threads.iter().try_for_each(|thread| seize(*thread)));
            let failed = seized.is_err();
            // The receiver waits for exactly this message.
            let _ = attached.send(seized);
            if failed || follow(&own, counting).is_err() {
                own.failed.store(true, Ordering::Relaxed);
            }
        });
        let traced = Self {
            server,
            account,
            counts,
            tracer: Some(thread),
        };
        ready
            .recv()?
            .context("trace the server (needs the right to ptrace it)")?;
        Ok(traced)
    }

    /// What was counted up to a moment at which the server rests: all its threads sleep, each in a system call.
    fn count(&self) -> anyhow::Result<u64> {
        let begin = Instant::now();
        loop {
            ensure!(
                !self.counts.failed.load(Ordering::Relaxed),
                "the tracer failed"
            );
            let before = self.counts.total.load(Ordering::Acquire);
            if self.account.all_sleep() && self.counts.total.load(Ordering::Acquire) == before {
                return Ok(before);
            }
            ensure!(
                begin.elapsed() < REST_MAX,
                "the server does not come to rest"
            );
            sleep(LOOK);
        }
    }

    /// The system calls counted so far.
    fn calls(&self) -> Calls {
        let counts = self
            .counts
            .calls
            .iter()
            .map(|count| count.load(Ordering::Relaxed));
        counts.enumerate().filter(|(_, count)| *count > 0).collect()
    }

    /// How much is counted for one of `conversation`'s batches: the difference between a run of 2N and one of
    /// N batches, divided by N, so that what a run costs beside its batches falls out.
    pub(crate) fn per_batch(&self, conversation: &mut Conversation) -> anyhow::Result<f64> {
        conversation.hold(1)?;
        let single = self.counted(conversation, 1)?;
        if single > RUN_STEPS {
            // What a run costs beside it is nothing against a batch as long as this.
            let again = if single > 10 * RUN_STEPS {
                single
            } else {
                self.counted(conversation, 1)?
            };
            return Ok(single.min(again) as f64);
        }
        let batches = (RUN_STEPS / single.max(1)).clamp(1, BATCHES_MAX as u64) as usize;
        let (mut single, mut double) = (u64::MAX, u64::MAX);
        for _ in 0..REPETITIONS {
            single = single.min(self.counted(conversation, batches)?);
            double = double.min(self.counted(conversation, 2 * batches)?);
        }
        Ok(double.saturating_sub(single) as f64 / batches as f64)
    }

    fn counted(&self, conversation: &mut Conversation, batches: usize) -> anyhow::Result<u64> {
        let before = self.count()?;
        conversation.hold(batches)?;
        Ok(self.count()? - before)
    }

    /// The system calls of `batches` batches by number, in all: the run with the fewest of several.
    pub(crate) fn calls_of(
        &self,
        conversation: &mut Conversation,
        batches: usize,
    ) -> anyhow::Result<Calls> {
        conversation.hold(1)?;
        let mut fewest: Option<Calls> = None;
        for _ in 0..REPETITIONS {
            self.count()?;
            let before = self.calls();
            conversation.hold(batches)?;
            self.count()?;
            let mut calls = self.calls();
            for (number, count) in &mut calls {
                *count -= before.get(number).copied().unwrap_or(0);
            }
            calls.retain(|_, count| *count > 0);
            let fewer = |fewest: &Calls| calls.values().sum::<u64>() < fewest.values().sum();
            if fewest.as_ref().is_none_or(fewer) {
                fewest = Some(calls);
            }
        }
        Ok(fewest.unwrap_or_default())
    }
}

impl Drop for Traced {
    fn drop(&mut self) {
        // The tracer sees the end of the server and then ends itself; only then may anybody else wait for it.
        self.server.kill();
        if let Some(tracer) = self.tracer.take() {
            // The tracer does not panic, and its failure is noted in the counts.
            let _ = tracer.join();
        }
    }
}

fn seize(thread: Pid) -> nix::Result<()> {
    let children =
        Options::PTRACE_O_TRACECLONE | Options::PTRACE_O_TRACEFORK | Options::PTRACE_O_TRACEVFORK;
    let seized = ptrace::seize(thread, children | Options::PTRACE_O_TRACESYSGOOD);
    match seized.and_then(|()| ptrace::interrupt(thread)) {
        // A thread that has ended does nothing that could be counted.
        Err(Errno::ESRCH) => Ok(()),
        result => result,
    }
}

/// Follows every traced thread until none is left.
fn follow(counts: &Counts, counting: Counting) -> nix::Result<()> {
    let mut places: BTreeMap<Pid, i64> = BTreeMap::new();
    loop {
        let status = match waitpid(None, Some(WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD)) {
            Ok(status) => status,
            Err(Errno::EINTR) => continue,
            Err(Errno::ECHILD) => return Ok(()),
            Err(error) => return Err(error),
        };
        let (thread, signal) = match status {
            WaitStatus::Stopped(thread, Signal::SIGTRAP) => {
                if counting == Counting::Instructions {
                    step(counts, &mut places, thread);
                }
                (thread, None)
            }
            WaitStatus::Stopped(thread, signal) => (thread, Some(signal)),
            WaitStatus::PtraceSyscall(thread) => {
                enter(counts, thread);
                (thread, None)
            }
            WaitStatus::PtraceEvent(thread, ..) => (thread, None),
            _ => continue,
        };
        let resumed = match counting {
            Counting::Instructions => ptrace::step(thread, signal),
            Counting::Calls => ptrace::syscall(thread, signal),
        };
        // A thread that is being killed is no longer stopped.
        if resumed.is_err_and(|error| error != Errno::ESRCH) {
            return resumed;
        }
    }
}

/// Counts one step unless it repeats the instruction before it.
fn step(counts: &Counts, places: &mut BTreeMap<Pid, i64>, thread: Pid) {
    let register = offset_of!(libc::user, regs) + offset_of!(libc::user_regs_struct, rip);
    let Ok(place) = ptrace::read_user(thread, register as ptrace::AddressType) else {
        return;
    };
    if places.insert(thread, place) != Some(place) {
        counts.total.fetch_add(1, Ordering::Release);
    }
}

/// Counts a system call when it is entered, not when it returns.
fn enter(counts: &Counts, thread: Pid) {
    let entry = ptrace::syscall_info(thread)
        .ok()
        .filter(|info| info.op == libc::PTRACE_SYSCALL_INFO_ENTRY);
    if entry.is_none() {
        return;
    }
    let register = offset_of!(libc::user, regs) + offset_of!(libc::user_regs_struct, orig_rax);
    let Ok(number) = ptrace::read_user(thread, register as ptrace::AddressType) else {
        return;
    };
    if let Some(count) = counts.calls.get((number.max(0) as usize).min(CALL_MAX)) {
        count.fetch_add(1, Ordering::Relaxed);
    }
    counts.total.fetch_add(1, Ordering::Release);
}

/// Connections on which two batches of requests, which may be the same, are sent again and again.
pub(crate) struct Conversation {
    streams: Vec<TcpStream>,
    /// The first of them is the next.
    batches: [Vec<u8>; 2],
    answers: Vec<u8>,
}

impl Conversation {
    /// Opens `connections`, on each of which `depth` requests make a batch, by turns of one and of the other, which have
    /// answers of the same length.
    pub(crate) fn open(
        port: u16,
        requests: &[Vec<u8>; 2],
        connections: usize,
        depth: usize,
    ) -> anyhow::Result<Self> {
        let mut streams = Vec::new();
        let mut length = 0;
        for _ in 0..connections {
            let mut stream = answer::connect(port)?;
            length = answer::exchange(&mut stream, &requests[0])?.length as usize;
            streams.push(stream);
        }
        let mut conversation = Self {
            streams,
            batches: requests.each_ref().map(|request| request.repeat(depth)),
            answers: vec![0; length * depth],
        };
        conversation.hold(1).context("unsupported: no keep-alive")?;
        Ok(conversation)
    }

    /// Sends a batch on every connection and then reads all answers, `batches` times.
    fn hold(&mut self, batches: usize) -> anyhow::Result<()> {
        for _ in 0..batches {
            for stream in &mut self.streams {
                stream.write_all(&self.batches[0])?;
            }
            self.batches.swap(0, 1);
            for stream in &mut self.streams {
                stream.read_exact(&mut self.answers)?;
            }
        }
        Ok(())
    }
}

/// The name of a system call, as far as servers make it.
pub(crate) fn name(number: usize) -> String {
    let known = [
        (libc::SYS_read, "read"),
        (libc::SYS_write, "write"),
        (libc::SYS_writev, "writev"),
        (libc::SYS_close, "close"),
        (libc::SYS_fcntl, "fcntl"),
        (libc::SYS_pread64, "pread"),
        (libc::SYS_sendfile, "sendfile"),
        (libc::SYS_sendto, "send"),
        (libc::SYS_recvfrom, "recv"),
        (libc::SYS_sendmsg, "sendmsg"),
        (libc::SYS_recvmsg, "recvmsg"),
        (libc::SYS_epoll_wait, "epoll_wait"),
        (libc::SYS_epoll_pwait, "epoll_pwait"),
        (libc::SYS_epoll_pwait2, "epoll_pwait2"),
        (libc::SYS_epoll_ctl, "epoll_ctl"),
        (libc::SYS_accept4, "accept"),
        (libc::SYS_clock_gettime, "clock_gettime"),
        (libc::SYS_gettimeofday, "gettimeofday"),
        (libc::SYS_setsockopt, "setsockopt"),
        (libc::SYS_futex, "futex"),
        (libc::SYS_openat, "open"),
        (libc::SYS_newfstatat, "stat"),
        (libc::SYS_fstat, "fstat"),
        (libc::SYS_ioctl, "ioctl"),
        (libc::SYS_lseek, "lseek"),
        (libc::SYS_statx, "statx"),
        (libc::SYS_getsockname, "getsockname"),
        (libc::SYS_poll, "poll"),
    ];
    let found = known
        .iter()
        .find(|(candidate, _)| usize::try_from(*candidate) == Ok(number));
    found.map_or_else(|| format!("call {number}"), |(_, name)| (*name).to_owned())
}
