//! No file system, no new address, no signal to a stranger: Landlock.
//!
//! Invariant: there is no rule, so nothing that a rule could grant is left.
//!
//! # Safety
//! This file holds the permit for the two calls of Landlock, one of which reads one structure.
#![allow(unsafe_code)]

use rustix::fd::AsRawFd;

use super::Outcome;
use crate::sys::arch::{self, number, outcome};
use crate::sys::descriptor;

const CREATE_RULESET_VERSION: usize = 1;

/// `LANDLOCK_ACCESS_NET_BIND_TCP` and `LANDLOCK_ACCESS_NET_CONNECT_TCP`.
const BIND_AND_CONNECT: u64 = 0b11;

/// `LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET` and `LANDLOCK_SCOPE_SIGNAL`.
const SOCKETS_AND_SIGNALS: u64 = 0b11;

/// `struct landlock_ruleset_attr`: what is handled of the file system, of the network, of scopes. A kernel that
/// knows less of it accepts what it does not know if it is zero.
type Handled = [u64; 3];

/// Denies this thread, and those that it starts, all that the kernel's Landlock can deny.
///
/// It needs [`super::privileges::forgo`] before it.
#[must_use]
pub fn restrict() -> Outcome {
    // SAFETY: this form of the call takes no memory and opens nothing.
    let version = unsafe {
        arch::syscall3(
            number::LANDLOCK_CREATE_RULESET,
            0,
            0,
            CREATE_RULESET_VERSION,
        )
    };
    let handled = match outcome(version) {
        Ok(version) => handled(version),
        Err(_) => return Outcome::of(version),
    };
    let address = (&raw const handled).expose_provenance();
    // SAFETY: the structure is as long as said and is only read; the call opens a descriptor.
    let ruleset = match unsafe {
        descriptor::open(
            number::LANDLOCK_CREATE_RULESET,
            address,
            size_of::<Handled>(),
            0,
            0,
        )
    } {
        Ok(ruleset) => ruleset,
        Err(errno) => return Outcome::Failed(errno),
    };
    let ruleset = ruleset.as_raw_fd().cast_unsigned() as usize;
    // SAFETY: the call takes a descriptor and flags, of which there are none.
    Outcome::of(unsafe { arch::syscall3(number::LANDLOCK_RESTRICT_SELF, ruleset, 0, 0) })
}

/// All rights that a version of the interface can deny.
pub(super) const fn handled(version: usize) -> Handled {
    // The first version has 13 rights; the second, third and fifth each have one more: renaming across directories,
    // truncation, ioctl of devices.
    let more = if version < 3 {
        version.saturating_sub(1)
    } else {
        2
    };
    let rights = 13 + more + (version >= 5) as usize;
    [
        (1 << rights) - 1,
        if version < 4 { 0 } else { BIND_AND_CONNECT },
        if version < 6 { 0 } else { SOCKETS_AND_SIGNALS },
    ]
}
