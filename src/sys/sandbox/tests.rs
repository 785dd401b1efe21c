//! Children that enter the sandbox and try to leave it, and the filter's program run by hand.
//!
//! # Safety
//! This file holds the permit for `fork`: a child makes system calls and nothing else, because the test process
//! has other threads whose locks it inherits.
#![allow(unsafe_code)]

use rustix::process::{Pid, WaitOptions, waitpid};

use super::landlock::handled;
use super::seccomp::{EQUAL, FILTER, GREATER, LOAD, NOT_LESS, RETURN};
use super::{Outcome, landlock, privileges, seccomp};
use crate::sys::arch::{self, AUDIT_ARCH, number};
use crate::sys::memory;
use crate::sys::probe::Deed;
use crate::sys::process;

const FORK: usize = 57;
const GETPPID: u32 = 110;
const SIGSYS: i32 = 31;

/// How a child ended.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Exited(i32),
    Killed(i32),
}

/// Runs `f` in a process of its own; what it returns is the exit code.
fn child(f: impl FnOnce() -> u8) -> End {
    // SAFETY: the child runs `f`, which only makes system calls, and exits.
    let pid = unsafe { arch::syscall(FORK, []) };
    if pid == 0 {
        process::exit(f());
    }
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    let (_, status) = waitpid(Some(pid), WaitOptions::empty()).unwrap().unwrap();
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => End::Exited(code),
        (None, signal) => End::Killed(signal.unwrap()),
    }
}

/// A deed's error as an exit code, 0 if it was done.
fn attempt(deed: Deed) -> u8 {
    match deed.attempt() {
        Ok(()) => 0,
        Err(errno) => errno.number() as u8,
    }
}

const EPERM: u8 = 1;
const EACCES: u8 = 13;
const NOT_APPLIED: u8 = 200;
const APPLIED: Outcome = Outcome::APPLIED;

#[test]
fn every_deed_ends_the_process_under_seccomp() {
    for (name, deed) in Deed::ALL {
        let end = child(|| {
            if privileges::forgo() != APPLIED || seccomp::install() != APPLIED {
                return NOT_APPLIED;
            }
            attempt(deed)
        });
        assert_eq!(end, End::Killed(SIGSYS), "{name}");
    }
}

#[test]
fn the_serving_loop_lives_under_seccomp() {
    use crate::epoll::{Epoll, Events, FOREVER, Interest, Token};
    use crate::sys::{clock, ticker, wake};
    let epoll = Epoll::create();
    let mut events = Events::new(memory::zeroed().unwrap());
    let (nudge, ticks) = (wake::create(), ticker::create());
    let end = child(|| {
        if privileges::forgo() != APPLIED || seccomp::install() != APPLIED {
            return NOT_APPLIED;
        }
        wake::notify(&nudge);
        ticker::arm(&ticks, 0, 1_000_000);
        let _ = epoll.add(&nudge, Interest::Readable, Token::new(0, 0));
        let _ = epoll.add(&ticks, Interest::Readable, Token::new(1, 0));
        let mut seen = 0;
        while seen < 2 {
            seen += epoll.wait(&mut events, FOREVER).map_or(0, Iterator::count);
        }
        wake::drain(&nudge);
        let _ = (ticker::read(&ticks), clock::realtime());
        process::write_stderr(b"");
        7
    });
    assert_eq!(end, End::Exited(7));
}

#[test]
fn landlock_denies_files_and_addresses() {
    // SAFETY: this form of the call takes no memory.
    let version = unsafe { arch::syscall(number::LANDLOCK_CREATE_RULESET, [0, 0, 1]) };
    let tried = |deed| {
        child(|| {
            if privileges::forgo() != APPLIED || landlock::restrict() != APPLIED {
                return NOT_APPLIED;
            }
            attempt(deed)
        })
    };
    if version < 1 {
        assert_ne!(landlock::restrict(), APPLIED);
        return;
    }
    assert_eq!(tried(Deed::Open), End::Exited(EACCES.into()));
    if version >= 4 {
        assert_eq!(tried(Deed::Connect), End::Exited(EACCES.into()));
        assert_eq!(tried(Deed::Bind), End::Exited(EACCES.into()));
    }
    if version >= 6 {
        assert_eq!(tried(Deed::Signal), End::Exited(EPERM.into()));
    }
}

#[test]
fn landlock_handles_what_each_version_knows() {
    for (version, known) in [
        (1, [0x1FFF, 0, 0]),
        (2, [0x3FFF, 0, 0]),
        (3, [0x7FFF, 0, 0]),
        (4, [0x7FFF, 3, 0]),
        (5, [0xFFFF, 3, 0]),
        (6, [0xFFFF, 3, 3]),
        (7, [0xFFFF, 3, 3]),
    ] {
        assert_eq!(handled(version), known, "{version}");
    }
}

#[test]
fn dropped_privileges_do_not_come_back() {
    let after = |deed| {
        child(|| match privileges::drop_all() {
            APPLIED => attempt(deed),
            _ => NOT_APPLIED,
        })
    };
    assert_eq!(after(Deed::Mark), End::Exited(EPERM.into()));
    let nobody = privileges::NOBODY;
    // SAFETY: the call takes numbers.
    let may_change =
        child(|| unsafe { u8::from(arch::syscall(number::SETRESUID, [nobody; 3]) == 0) });
    if may_change == End::Exited(1) {
        assert_eq!(after(Deed::BecomeRoot), End::Exited(EPERM.into()));
    }
}

/// What the filter says of a call.
fn verdict(arch: u32, number: u32, second: u32, third: u32) -> u32 {
    let load = |offset| match offset {
        0 => number,
        4 => arch,
        24 => second,
        32 => third,
        _ => panic!("the program looks at nothing else"),
    };
    let (mut at, mut loaded) = (0, 0);
    loop {
        let instruction = FILTER[at];
        at += 1;
        let mut jump = |holds| {
            let distance = if holds {
                instruction.then
            } else {
                instruction.otherwise
            };
            at += usize::from(distance);
        };
        match instruction.code {
            LOAD => loaded = load(instruction.value),
            EQUAL => jump(loaded == instruction.value),
            NOT_LESS => jump(loaded >= instruction.value),
            GREATER => jump(loaded > instruction.value),
            RETURN => return instruction.value,
            _ => panic!("the program has these kinds of instruction"),
        }
    }
}

const ALLOW: u32 = 0x7FFF_0000;

#[test]
fn the_filter_allows_what_is_listed() {
    let allowed: std::vec::Vec<u32> = (0..1024)
        .filter(|&number| verdict(AUDIT_ARCH, number, 0, 0) == ALLOW)
        .collect();
    let listed = [
        0, 1, 3, 7, 44, 45, 46, 47, 48, 60, 219, 228, 231, 233, 281, 286, 288,
    ];
    assert_eq!(allowed, listed);
    // Another architecture's numbers mean something else; x32's are marked.
    assert!((0..1024).all(|number| verdict(0x4000_0003, number, 1, 60) != ALLOW));
    assert!((0..1024).all(|number| verdict(AUDIT_ARCH, number | 1 << 30, 1, 60) != ALLOW));
    assert_ne!(verdict(AUDIT_ARCH, GETPPID, 1, 60), ALLOW);
}

#[test]
fn the_filter_looks_at_arguments() {
    let (setsockopt, fcntl) = (number::SETSOCKOPT as u32, number::FCNTL as u32);
    for second in 0..2000 {
        let duplicates = verdict(AUDIT_ARCH, fcntl, second, 0) == ALLOW;
        assert_eq!(duplicates, second == 1030, "{second}");
        for third in 0..100 {
            let expected = second == 1 && (third == 13 || third == 60);
            let allowed = verdict(AUDIT_ARCH, setsockopt, second, third) == ALLOW;
            assert_eq!(allowed, expected, "{second} {third}");
        }
    }
}
