//! No file system, no new address, no signal to a stranger: Landlock.
//!
//! Invariant: there is no rule, so nothing that a rule could grant is left.
//!
//! # Safety
//! This file holds the permit for the two calls of Landlock, one of which reads one structure.
#![allow(unsafe_code)]

use super::Outcome;
use crate::sys::arch::{self, number};
use crate::sys::descriptor::{self, lend};

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
        arch::syscall(
            number::LANDLOCK_CREATE_RULESET,
            [0, 0, CREATE_RULESET_VERSION],
        )
    };
    // Without Landlock there is no version, and the next call fails as this one did.
    let handled = handled(version);
    let place = (&raw const handled).expose_provenance();
    let len = size_of::<Handled>();
    // SAFETY: the structure is as long as said and is only read; the call opens a descriptor.
    let ruleset = unsafe { arch::syscall(number::LANDLOCK_CREATE_RULESET, [place, len, 0]) };
    // SAFETY: as above.
    match unsafe { descriptor::adopt(ruleset) } {
        Err(_) => Outcome::of(ruleset),
        Ok(ruleset) => {
            let ruleset = descriptor::argument(lend(&ruleset));
            // SAFETY: the call takes a descriptor and flags, of which there are none.
            Outcome::of(unsafe { arch::syscall(number::LANDLOCK_RESTRICT_SELF, [ruleset, 0]) })
        }
    }
}

/// All rights that a version of the interface can deny.
pub(super) const fn handled(version: isize) -> Handled {
    // The first version has 13 rights; the second, third and fifth each have one more: renaming across directories,
    // truncation, ioctl of devices.
    let rights = 13 + (version >= 2) as u32 + (version >= 3) as u32 + (version >= 5) as u32;
    [
        (1 << rights) - 1,
        if version < 4 { 0 } else { BIND_AND_CONNECT },
        if version < 6 { 0 } else { SOCKETS_AND_SIGNALS },
    ]
}
