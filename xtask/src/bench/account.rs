//! What the kernel's accounting says about a server: CPU time, memory, threads.

use std::fs;

use nix::time::{ClockId, clock_gettime};
use nix::unistd::{Pid, SysconfVar, sysconf};

/// A process and its descendants.
pub(crate) struct Account {
    pids: Vec<Pid>,
}

/// Resident memory in KiB.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Memory {
    /// `VmRSS`: what is mapped and present, shared pages of the binary included.
    pub(crate) resident: u64,
    /// What would be free if the process ended: private clean and private dirty pages.
    pub(crate) private: u64,
}

impl Account {
    /// `root` and every descendant that it has now.
    pub(crate) fn of(root: Pid) -> Self {
        let parents: Vec<(Pid, Pid)> = fs::read_dir("/proc")
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
            .filter_map(|pid: i32| {
                Some((
                    Pid::from_raw(pid),
                    Pid::from_raw(stat(pid)?.get(1)?.parse().ok()?),
                ))
            })
            .collect();
        let mut pids = vec![root];
        let mut next = 0;
        while let Some(&parent) = pids.get(next) {
            pids.extend(
                parents
                    .iter()
                    .filter(|(_, of)| *of == parent)
                    .map(|(pid, _)| *pid),
            );
            next += 1;
        }
        Self { pids }
    }

    /// CPU time of all of them and of the children that they have waited for, in seconds. The process clocks
    /// are exact to the moment; those of ended children come in ticks.
    pub(crate) fn cpu_seconds(&self) -> f64 {
        let ticks = sysconf(SysconfVar::CLK_TCK).ok().flatten().unwrap_or(100) as f64;
        self.pids
            .iter()
            .map(|pid| {
                let own = ClockId::pid_cpu_clock_id(*pid)
                    .and_then(clock_gettime)
                    .map_or(0.0, |time| {
                        time.tv_sec() as f64 + time.tv_nsec() as f64 / 1e9
                    });
                let ended: u64 = stat(pid.as_raw()).map_or(0, |fields| {
                    fields
                        .iter()
                        .skip(13)
                        .take(2)
                        .filter_map(|field| field.parse::<u64>().ok())
                        .sum()
                });
                own + ended as f64 / ticks
            })
            .sum()
    }

    /// The threads of all of them.
    pub(crate) fn threads(&self) -> Vec<Pid> {
        self.pids
            .iter()
            .flat_map(|pid| {
                fs::read_dir(format!("/proc/{pid}/task"))
                    .into_iter()
                    .flatten()
            })
            .filter_map(|entry| {
                entry
                    .ok()?
                    .file_name()
                    .to_str()?
                    .parse()
                    .ok()
                    .map(Pid::from_raw)
            })
            .collect()
    }

    /// Open descriptors of all of them.
    pub(crate) fn descriptors(&self) -> usize {
        let counts = self.pids.iter().map(|pid| {
            let folder = fs::read_dir(format!("/proc/{pid}/fd"));
            folder.map_or(0, Iterator::count)
        });
        counts.sum()
    }

    /// Whether every thread sleeps: none runs, and none is stopped by a tracer.
    pub(crate) fn all_sleep(&self) -> bool {
        self.threads().iter().all(|thread| {
            stat(thread.as_raw())
                .is_some_and(|fields| fields.first().is_some_and(|state| state == "S"))
        })
    }

    pub(crate) fn memory(&self) -> Memory {
        let mut memory = Memory::default();
        for pid in &self.pids {
            memory.resident += kibibytes(&format!("/proc/{pid}/status"), &["VmRSS:"]);
            memory.private += kibibytes(
                &format!("/proc/{pid}/smaps_rollup"),
                &["Private_Clean:", "Private_Dirty:"],
            );
        }
        memory
    }

    /// Length in bytes of every file that is mapped: what an image must hold for this server to run, without
    /// its configuration and content.
    pub(crate) fn mapped_files(&self) -> u64 {
        let mut paths: Vec<String> = self
            .pids
            .iter()
            .filter_map(|pid| fs::read_to_string(format!("/proc/{pid}/maps")).ok())
            .flat_map(|maps| {
                maps.lines()
                    .filter_map(|line| line.find('/').map(|at| line[at..].to_owned()))
                    .collect::<Vec<_>>()
            })
            .collect();
        paths.sort();
        paths.dedup();
        paths
            .iter()
            .filter_map(|path| fs::metadata(path).ok())
            .filter(fs::Metadata::is_file)
            .map(|file| file.len())
            .sum()
    }
}

/// The fields of /proc/PID/stat from the state on, which is field 3 of `proc_pid_stat(5)`.
fn stat(pid: i32) -> Option<Vec<String>> {
    let line = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = line.rsplit_once(") ")?;
    Some(fields.split_whitespace().map(str::to_owned).collect())
}

/// The sum of the named lines of a file whose lines are `Name: N kB`.
fn kibibytes(path: &str, names: &[&str]) -> u64 {
    fs::read_to_string(path).map_or(0, |text| {
        text.lines()
            .filter_map(|line| {
                let mut words = line.split_whitespace();
                words.next().filter(|name| names.contains(name))?;
                words.next()?.parse::<u64>().ok()
            })
            .sum()
    })
}
