//! What the server gives up before it serves, seen from outside: what the kernel says of the process, and the filter
//! that the ELF under test has really installed, run by hand.
//!
//! Invariant: nothing is known of the filter but what strace shows of the call that installs it.

use crate::support::clients;
use crate::support::injection;
use crate::support::proc;
use crate::support::server::{Elf, Launch, Server};
use crate::support::trace::Trace;
use crate::support::wait;
use crate::support::wire::{self, Wire};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Duration;

/// Calls that the filter allows though no run makes them, and why.
const UNSEEN: [(u32, &str); 1] = [(
    219,
    "restart_syscall: the kernel's own, to go on with what a stopped process was in",
)];

/// A call that most runs make: the end of a worker, which the end of the process may overtake.
const EXIT: u32 = 60;

/// What a compromised server would want.
const WANTED: [(u32, &str); 22] = [
    (2, "open"),
    (9, "mmap"),
    (10, "mprotect"),
    (41, "socket"),
    (42, "connect"),
    (49, "bind"),
    (50, "listen"),
    (56, "clone"),
    (57, "fork"),
    (58, "vfork"),
    (59, "execve"),
    (62, "kill"),
    (101, "ptrace"),
    (105, "setuid"),
    (117, "setresuid"),
    (157, "prctl"),
    (165, "mount"),
    (257, "openat"),
    (310, "process_vm_readv"),
    (322, "execveat"),
    (425, "io_uring_setup"),
    (435, "clone3"),
];

const ARCH: u32 = 0xC000_003E;
const ALLOW: u32 = 0x7FFF_0000;
const KILL_PROCESS: u32 = 0x8000_0000;

/// One instruction of the filter: code, operand, and how far to jump where it holds and where not.
type Instruction = [u32; 4];

/// The filter, and the numbers and names of the calls that were made under it.
fn read(text: &str) -> (Vec<Instruction>, BTreeMap<u32, String>) {
    let (_, rest) = text.split_once("] seccomp(").expect("a filter");
    let (program, rest) = rest.split_once('\n').expect("a line");
    let filter = program.split("BPF_").skip(1).map(instruction).collect();
    // `PID [ NUMBER] name(...`
    let call = |line: &str| {
        let (_, rest) = line.split_once('[')?;
        let (number, rest) = rest.split_once("] ")?;
        let (name, _) = rest.split_once('(')?;
        Some((number.trim().parse().ok()?, name.to_owned()))
    };
    let calls = rest.lines().filter(|line| !line.contains("resumed>"));
    (filter, calls.filter_map(call).collect())
}

/// Reads `STMT(CODE, OPERAND), ` or `JUMP(CODE, OPERAND, THEN, ELSE), `, where a code is a sum of parts.
fn instruction(text: &str) -> Instruction {
    let number = |word: &str| {
        let word = word.trim();
        let number = match word.strip_prefix("0x") {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => word.parse(),
        };
        number.unwrap_or_else(|why| panic!("{word}: {why}"))
    };
    let (_, inner) = text.split_once('(').expect("arguments");
    let (inner, _) = inner.split_once(')').expect("arguments");
    let mut words = inner.split(',');
    let code = words.next().expect("a code").split('|').map(number).sum();
    let mut rest = words.map(number);
    let mut next = || rest.next().unwrap_or(0);
    [code, next(), next(), next()]
}

/// What the filter says of a call with these lower halves of its second and third argument.
fn verdict(filter: &[Instruction], arch: u32, number: u32, second: u32, third: u32) -> u32 {
    let (mut at, mut loaded) = (0, 0);
    loop {
        let [code, operand, then, otherwise] = filter[at];
        at += 1;
        match (code, operand) {
            (0x20, 0) => loaded = number,
            (0x20, 4) => loaded = arch,
            (0x20, 24) => loaded = second,
            (0x20, 32) => loaded = third,
            (0x15, _) if loaded == operand => at += then as usize,
            (0x25, _) if loaded > operand => at += then as usize,
            (0x35, _) if loaded >= operand => at += then as usize,
            (0x15 | 0x25 | 0x35, _) => at += otherwise as usize,
            (0x06, _) => return operand,
            _ => panic!("{code:#x} {operand:#x} is not understood"),
        }
    }
}

/// Every kind of thing that a server does: pages short, long and without a copy, errors, closed and reset connections,
/// late heads, a full house, want of descriptors, something to say, and the end.
fn serve_everything(elf: Elf, name: &str) -> (Vec<Instruction>, BTreeMap<u32, String>) {
    let trace = Trace::new(name);
    let launch =
        Launch::new(elf)
            .starved()
            .flags(&["-w", "1", "--head-timeout", "1", "--drain", "1"]);
    // Numbers as they are, and all of the filter.
    let server = trace.start(launch, &["-n", "-v", "-X", "raw"]);
    let large = if elf == Elf::Echo { "/" } else { "/4m" };
    // It lets go of its reserve and asks for it back.
    let mut crowd: Vec<Wire> = (0..40).map(|_| server.connect()).collect();
    wait::until("somebody is told to come back", || {
        crowd
            .iter_mut()
            .any(|wire| wire.gone() || wire.inbox().starts_with(b"HTTP/1.1 503"))
    });
    drop(crowd);
    wait::until("there are descriptors again", || {
        clients::is_answered(server.address, "/plaintext").unwrap_or(elf != Elf::Testbed)
    });
    for _ in 0..4 {
        for target in ["/plaintext", large, "/missing", "/error"] {
            let mut wire = server.connect();
            wire.ask(&wire::get(target));
            wire.reset();
        }
        let mut wire = server.connect();
        wire.send(b"nonsense\r\n\r\n");
        assert_eq!(wire.reply().status, 400);
    }
    let mut late = server.connect();
    late.send(b"GET / HTTP/1.1\r\n");
    assert_eq!(late.reply().status, 408);
    // What is sent without a copy is told of when the client has it.
    wait::span(Duration::from_millis(50));
    server.stop();
    read(&trace.text())
}

#[test]
fn filter_is_what_serving_needs() {
    let _turn = wait::turn();
    let (filter, mut calls) = serve_everything(Elf::Testbed, "testbed");
    let (same, also) = serve_everything(Elf::Echo, "echo");
    assert_eq!(filter, same);
    calls.extend(also);
    let seen: BTreeSet<u32> = calls.keys().copied().collect();
    // Whatever the arguments, or with those that are looked at.
    let arguments = (0..=64).flat_map(|third| [(1, third), (1030, third)]);
    let arguments: Vec<(u32, u32)> = arguments.collect();
    let may = |number: u32| {
        let mut arguments = arguments.iter();
        arguments.any(|(second, third)| verdict(&filter, ARCH, number, *second, *third) == ALLOW)
    };
    let allowed: BTreeSet<u32> = (0..1024).filter(|number| may(*number)).collect();
    let forbidden: Vec<u32> = seen.difference(&allowed).copied().collect();
    assert_eq!(forbidden, [0; 0], "made, but not allowed");
    let explained = UNSEEN.map(|(number, _)| number);
    let unseen = allowed.difference(&seen).copied();
    let unseen: Vec<u32> = unseen.filter(|number| *number != EXIT).collect();
    assert_eq!(
        unseen, explained,
        "allowed, but not made: {UNSEEN:?} are explained; {seen:?} were made"
    );
    calls.retain(|_, name| !injection::is_covered(name));
    assert_eq!(calls, BTreeMap::new(), "nobody has seen these fail");
}

#[test]
fn filter_kills() {
    let (filter, _) = serve_everything(Elf::Vanillin, "vanillin");
    for (number, name) in WANTED {
        for second in [0, 1, 2, 7, 1030] {
            let verdict = verdict(&filter, ARCH, number, second, 60);
            assert_eq!(verdict, KILL_PROCESS, "{name}");
        }
    }
    for number in 0..1024 {
        for (arch, number) in [(0x4000_0003, number), (ARCH, number | 1 << 30)] {
            let verdict = verdict(&filter, arch, number, 1, 60);
            assert_eq!(verdict, KILL_PROCESS, "{arch:#x} {number:#x}");
        }
    }
    // setsockopt(2) and fcntl(2) with other arguments than those of the serving loop.
    for (second, third) in [(6, 19), (1, 36), (1, 7), (0, 60)] {
        let verdict = verdict(&filter, ARCH, 54, second, third);
        assert_eq!(verdict, KILL_PROCESS, "setsockopt {second} {third}");
    }
    for command in [0, 1, 2, 3, 4, 8, 1033] {
        let verdict = verdict(&filter, ARCH, 72, command, 0);
        assert_eq!(verdict, KILL_PROCESS, "fcntl {command}");
    }
}

/// What the kernel says of every thread of a running server.
fn has_given_up(server: &Server) {
    for task in server.proc().tasks() {
        let path = format!("/proc/{}/task/{task}/status", server.proc().0);
        let status = fs::read_to_string(&path).expect("the status of a thread");
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.unwrap_or_default().trim().to_owned()
        };
        assert_eq!(field("NoNewPrivs:"), "1", "{task}");
        assert_eq!(field("Seccomp:"), "2", "{task}");
        for set in ["CapInh:", "CapPrm:", "CapEff:", "CapAmb:"] {
            assert_eq!(field(set).trim_matches('0'), "", "{task}: {set}");
        }
        assert!(!field("Uid:").split('\t').any(|id| id == "0"), "{task}");
        // Only who has been root can give these up.
        if proc::root() {
            assert_eq!(field("CapBnd:").trim_matches('0'), "", "{task}");
            assert_eq!(field("Groups:"), "", "{task}");
            assert!(!field("Gid:").split('\t').any(|id| id == "0"), "{task}");
        }
    }
}

#[test]
fn nothing_is_left_to_give_up() {
    let server = Server::start(&["-w", "2"]);
    has_given_up(&server);
    server.stop();
}

/// Root may listen on a port below 1024, and is root no more when it does. Nobody else uses the port in a network of
/// its own.
#[test]
fn root_binds_before_it_gives_up() {
    if !proc::root() {
        println!("skipped: needs root");
        return;
    }
    let server = Launch::new(Elf::Vanillin)
        .wrapper(&["unshare", "--net", "setpriv", "--groups=4,24"])
        .exactly(&["-p", "80", "-w", "2"])
        .start();
    assert_eq!(server.address.port(), 80);
    has_given_up(&server);
    server.stop();
}
