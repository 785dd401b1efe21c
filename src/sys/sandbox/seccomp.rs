//! No system call but those of the serving loop: seccomp-bpf.
//!
//! Invariant: nothing is allowed that opens, maps, starts or connects anything; what is not listed ends the process.
//!
//! # Safety
//! This file holds the permit for `seccomp`, which reads one program.
#![allow(unsafe_code)]

use super::Outcome;
use crate::sys::arch::{self, AUDIT_ARCH, number};

/// The system calls that the serving loop makes, whatever their arguments: for these the kernel remembers the
/// verdict and does not run the program, so the most frequent ones have no business elsewhere.
const ALLOWED: [usize; 17] = [
    number::RECVFROM,
    number::SENDTO,
    number::EPOLL_PWAIT,
    number::EPOLL_CTL,
    number::ACCEPT4,
    number::CLOSE,
    // eventfd, timerfd, signalfd.
    number::READ,
    // eventfd; a line on standard error, after a look whether it takes one.
    number::WRITE,
    number::POLL,
    number::SENDMSG,
    // The error queue of MSG_ZEROCOPY.
    number::RECVMSG,
    number::SHUTDOWN,
    number::TIMERFD_SETTIME,
    number::CLOCK_GETTIME,
    number::EXIT,
    number::EXIT_GROUP,
    // The kernel's own, to go on with a call that a stopped process was in.
    number::RESTART_SYSCALL,
];

/// What `fcntl` is for: a reserve descriptor is had back once one is free.
const F_DUPFD_CLOEXEC: u32 = 1030;

/// The options that a connection is given, all of `SOL_SOCKET`: `SO_ZEROCOPY` and `SO_LINGER`.
const OPTIONS: [u32; 2] = [60, 13];
const SOL_SOCKET: u32 = 1;

const SET_MODE_FILTER: usize = 1;
/// `SECCOMP_FILTER_FLAG_TSYNC`: all threads. `SECCOMP_FILTER_FLAG_SPEC_ALLOW`: older kernels else turn speculation
/// off for the process, at the price of half its speed, against strangers' code in it, of which there is none.
const FLAGS: usize = 1 | 4;

const RET_KILL_PROCESS: u32 = 0x8000_0000;
const RET_ALLOW: u32 = 0x7FFF_0000;

/// `struct seccomp_data`: offsets of what the program looks at. Of an argument, its lower half.
const NUMBER: u32 = 0;
const ARCH: u32 = 4;
const COMMAND: u32 = 16 + 8;
const LEVEL: u32 = COMMAND;
const OPTION: u32 = LEVEL + 8;

/// `struct sock_filter`.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct Instruction {
    pub(super) code: u16,
    pub(super) if_equal: u8,
    pub(super) if_not: u8,
    pub(super) value: u32,
}

/// `BPF_LD | BPF_W | BPF_ABS`, `BPF_JMP | BPF_JEQ | BPF_K`, `BPF_RET | BPF_K`.
pub(super) const LOAD: u16 = 0x20;
pub(super) const EQUAL: u16 = 0x15;
pub(super) const RETURN: u16 = 0x06;

/// `struct sock_fprog`.
#[repr(C)]
struct Program {
    len: u16,
    instructions: &'static [Instruction; LEN],
}

const LEN: usize = ALLOWED.len() + OPTIONS.len() + 12;

/// Where the program ends well, and where it does not.
const ALLOW: usize = LEN - 1;
const KILL: usize = LEN - 2;

pub(super) static FILTER: [Instruction; LEN] = filter();

/// The program. Every jump leads forwards, to one of its two last instructions or to the next call's turn.
const fn filter() -> [Instruction; LEN] {
    let mut filter = [stop(RET_KILL_PROCESS); LEN];
    filter[0] = load(ARCH);
    filter[1] = compare(1, AUDIT_ARCH, 2, KILL);
    filter[2] = load(NUMBER);
    let mut at = 3;
    let mut index = 0;
    while index < ALLOWED.len() {
        filter[at] = compare(at, ALLOWED[index] as u32, ALLOW, at + 1);
        at += 1;
        index += 1;
    }
    filter[at] = compare(at, number::FCNTL as u32, at + 1, at + 3);
    filter[at + 1] = load(COMMAND);
    filter[at + 2] = compare(at + 2, F_DUPFD_CLOEXEC, ALLOW, KILL);
    at += 3;
    filter[at] = compare(at, number::SETSOCKOPT as u32, at + 1, KILL);
    filter[at + 1] = load(LEVEL);
    filter[at + 2] = compare(at + 2, SOL_SOCKET, at + 3, KILL);
    filter[at + 3] = load(OPTION);
    at += 4;
    index = 0;
    while index < OPTIONS.len() {
        filter[at] = compare(at, OPTIONS[index], ALLOW, at + 1);
        at += 1;
        index += 1;
    }
    assert!(at == KILL, "the program is as long as said");
    filter[ALLOW] = stop(RET_ALLOW);
    filter
}

const fn load(offset: u32) -> Instruction {
    Instruction {
        code: LOAD,
        if_equal: 0,
        if_not: 0,
        value: offset,
    }
}

/// At `at`: goes on at `then` if `value` was loaded, and at `otherwise` if not.
const fn compare(at: usize, value: u32, then: usize, otherwise: usize) -> Instruction {
    Instruction {
        code: EQUAL,
        if_equal: distance(at, then),
        if_not: distance(at, otherwise),
        value,
    }
}

const fn stop(verdict: u32) -> Instruction {
    Instruction {
        code: RETURN,
        if_equal: 0,
        if_not: 0,
        value: verdict,
    }
}

/// Instructions between the one at `from` and the one at `to`.
const fn distance(from: usize, to: usize) -> u8 {
    let distance = to - from - 1;
    assert!(distance <= u8::MAX as usize, "a jump is eight bits");
    distance as u8
}

/// Allows the process the serving loop's system calls from now on, and nothing else, in every thread.
///
/// It needs [`super::privileges::forgo`] before it. It is for a freestanding program: a libc's threads, allocator
/// and handlers make calls that end the process here.
#[must_use]
pub fn install() -> Outcome {
    let program = Program {
        len: LEN as u16,
        instructions: &FILTER,
    };
    let address = (&raw const program).expose_provenance();
    // SAFETY: the program is as long as said, and is only read.
    let returned = unsafe { arch::syscall(number::SECCOMP, [SET_MODE_FILTER, FLAGS, address]) };
    Outcome::of(returned)
}
