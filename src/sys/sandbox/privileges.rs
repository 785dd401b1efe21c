//! No privilege that the process was started with: capabilities, groups, root.
//!
//! Invariant: what is given up cannot be had back, not even by execve.
//!
//! # Safety
//! This file holds the permit for calls that take numbers, and for `capset`, which reads two structures.
#![allow(unsafe_code)]

use super::Outcome;
use crate::sys::arch::{self, number};

/// The user and the group of nobody.
pub(super) const NOBODY: usize = 65534;

const PR_SET_NO_NEW_PRIVS: usize = 38;
const PR_CAPBSET_DROP: usize = 24;
const PR_CAP_AMBIENT: usize = 47;
const PR_CAP_AMBIENT_CLEAR_ALL: usize = 4;
const CAPABILITIES_MAX: usize = 64;

/// Gives up gaining privileges by execve, which Landlock and seccomp ask for.
#[must_use]
pub fn forgo() -> Outcome {
    Outcome::of(prctl(PR_SET_NO_NEW_PRIVS, 1))
}

/// Drops every capability, every supplementary group and, where the process is root's and may say so, root.
///
/// It binds this thread and those that it starts: it is called while there is one.
#[must_use]
pub fn drop_all() -> Outcome {
    // What follows is discarded where it fails: each needs a capability, without which there is nothing to drop; or the
    // kernel has none of this number.
    for capability in 0..CAPABILITIES_MAX {
        prctl(PR_CAPBSET_DROP, capability);
    }
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL);
    // SAFETY: these calls take numbers; no groups are read from nowhere.
    unsafe {
        arch::syscall(number::SETGROUPS, [0, 0]);
        if arch::syscall(number::GETEUID, []) == 0 {
            arch::syscall(number::SETRESGID, [NOBODY; 3]);
            arch::syscall(number::SETRESUID, [NOBODY; 3]);
        }
    }
    // `_LINUX_CAPABILITY_VERSION_3`, of this thread; and effective, permitted, inheritable, twice.
    let header = [0x2008_0522_u32, 0];
    let none = [0_u32; 6];
    let (header, none) = (
        (&raw const header).expose_provenance(),
        (&raw const none).expose_provenance(),
    );
    // SAFETY: both structures are as long as this version says, and are only read.
    Outcome::of(unsafe { arch::syscall(number::CAPSET, [header, none]) })
}

fn prctl(option: usize, argument: usize) -> isize {
    // SAFETY: the options used here take numbers.
    unsafe { arch::syscall(number::PRCTL, [option, argument, 0, 0, 0]) }
}
