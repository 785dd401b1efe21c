//! Where a program runs and how many descriptors it may have; children inherit both.

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::Pid;

/// Descriptors that 10,000 connections and everything else need.
const DESCRIPTORS: u64 = 16384;

/// The CPUs that this program may use, lowest first.
pub(crate) fn available() -> anyhow::Result<Vec<usize>> {
    let set = sched_getaffinity(Pid::from_raw(0))?;
    Ok((0..CpuSet::count())
        .filter(|cpu| set.is_set(*cpu).unwrap_or(false))
        .collect())
}

/// Runs `action` with this thread on `cpus` and brings it back afterwards; what `action` starts stays there.
pub(crate) fn on<T>(cpus: &[usize], action: impl FnOnce() -> T) -> anyhow::Result<T> {
    let thread = Pid::from_raw(0);
    let before = sched_getaffinity(thread)?;
    let mut set = CpuSet::new();
    for cpu in cpus {
        set.set(*cpu)?;
    }
    sched_setaffinity(thread, &set)?;
    let result = action();
    sched_setaffinity(thread, &before)?;
    Ok(result)
}

/// Raises the soft limit of descriptors as far as it is needed and allowed.
pub(crate) fn raise_descriptor_limit() -> anyhow::Result<()> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    if soft < DESCRIPTORS {
        setrlimit(Resource::RLIMIT_NOFILE, DESCRIPTORS.min(hard), hard)?;
    }
    Ok(())
}
