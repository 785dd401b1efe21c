//! System calls of Linux on `x86_64`.
//!
//! # Safety
//! This file holds the permit because Rust cannot say `syscall`. It promises nothing about a call's meaning:
//! whoever names the number owes what the kernel asks of that call.
#![allow(unsafe_code)]

use core::arch::asm;
use core::hint;
use core::mem::MaybeUninit;

use super::ERROR_MIN;

/// `AUDIT_ARCH_X86_64`: how seccomp calls this architecture. Its 32-bit calls have another name.
pub(in crate::sys) const AUDIT_ARCH: u32 = 0xC000_003E;

/// Numbers of the system calls that are made without rustix, or that the sandbox knows.
pub(in crate::sys) mod number {
    pub(in crate::sys) const READ: usize = 0;
    pub(in crate::sys) const WRITE: usize = 1;
    pub(in crate::sys) const CLOSE: usize = 3;
    pub(in crate::sys) const MMAP: usize = 9;
    pub(in crate::sys) const MPROTECT: usize = 10;
    pub(in crate::sys) const RT_SIGPROCMASK: usize = 14;
    pub(in crate::sys) const SOCKET: usize = 41;
    pub(in crate::sys) const SENDTO: usize = 44;
    pub(in crate::sys) const RECVFROM: usize = 45;
    pub(in crate::sys) const SENDMSG: usize = 46;
    pub(in crate::sys) const RECVMSG: usize = 47;
    pub(in crate::sys) const SHUTDOWN: usize = 48;
    pub(in crate::sys) const BIND: usize = 49;
    pub(in crate::sys) const LISTEN: usize = 50;
    pub(in crate::sys) const GETSOCKNAME: usize = 51;
    pub(in crate::sys) const SETSOCKOPT: usize = 54;
    pub(in crate::sys) const CLONE: usize = 56;
    pub(in crate::sys) const EXIT: usize = 60;
    pub(in crate::sys) const FCNTL: usize = 72;
    pub(in crate::sys) const GETEUID: usize = 107;
    pub(in crate::sys) const SETGROUPS: usize = 116;
    pub(in crate::sys) const SETRESUID: usize = 117;
    pub(in crate::sys) const SETRESGID: usize = 119;
    pub(in crate::sys) const CAPSET: usize = 126;
    pub(in crate::sys) const PRCTL: usize = 157;
    pub(in crate::sys) const SCHED_GETAFFINITY: usize = 204;
    pub(in crate::sys) const RESTART_SYSCALL: usize = 219;
    pub(in crate::sys) const CLOCK_GETTIME: usize = 228;
    pub(in crate::sys) const EXIT_GROUP: usize = 231;
    pub(in crate::sys) const EPOLL_CTL: usize = 233;
    pub(in crate::sys) const OPENAT: usize = 257;
    pub(in crate::sys) const EPOLL_PWAIT: usize = 281;
    pub(in crate::sys) const POLL: usize = 7;
    pub(in crate::sys) const TIMERFD_CREATE: usize = 283;
    pub(in crate::sys) const TIMERFD_SETTIME: usize = 286;
    pub(in crate::sys) const ACCEPT4: usize = 288;
    pub(in crate::sys) const SIGNALFD4: usize = 289;
    pub(in crate::sys) const EVENTFD2: usize = 290;
    pub(in crate::sys) const EPOLL_CREATE1: usize = 291;
    pub(in crate::sys) const PRLIMIT64: usize = 302;
    pub(in crate::sys) const SECCOMP: usize = 317;
    pub(in crate::sys) const LANDLOCK_CREATE_RULESET: usize = 444;
    pub(in crate::sys) const LANDLOCK_RESTRICT_SELF: usize = 446;
}

/// A system call of up to six arguments.
///
/// # Safety
/// - The kernel's demands on `number` with these arguments are met, as its manual page states them.
#[inline(always)]
pub(in crate::sys) unsafe fn syscall<const N: usize>(
    number: usize,
    arguments: [usize; N],
) -> isize {
    const { assert!(N <= 6, "no call has more") };
    // What a call does not take is not loaded.
    let argument = |at| {
        arguments
            .get(at)
            .map_or(MaybeUninit::uninit(), |it| MaybeUninit::new(*it))
    };
    let returned: isize;
    // SAFETY: the kernel keeps every register but rax, rcx and r11; memory it touches is the caller's promise.
    unsafe {
        asm!(
            "syscall",                              // number in rax, arguments in rdi, rsi, rdx, r10, r8, r9
            inlateout("rax") number => returned,
            in("rdi") argument(0),
            in("rsi") argument(1),
            in("rdx") argument(2),
            in("r10") argument(3),
            in("r8") argument(4),
            in("r9") argument(5),
            lateout("rcx") _,                       // where the kernel returns to
            lateout("r11") _,                       // the flags it restores
            options(nostack),
        );
    }
    // SAFETY: no call returns less than the error of the greatest number.
    unsafe { hint::assert_unchecked(returned >= ERROR_MIN) };
    returned
}

/// `recvfrom` or `sendto` without an address, on the way of every request.
///
/// The number is part of the instructions: as an operand it would lie in a register that has to be saved, because the
/// call is made again where it is interrupted.
///
/// # Safety
/// - As for [`syscall`]: the place is writable, or readable, for the length.
#[inline(always)]
pub(in crate::sys) unsafe fn transfer<const NUMBER: usize>(
    fd: usize,
    place: usize,
    len: usize,
    flags: usize,
) -> isize {
    let returned: isize;
    // SAFETY: as in `syscall`.
    unsafe {
        asm!(
            "mov eax, {number}",
            "syscall",                              // number in rax, arguments in rdi, rsi, rdx, r10, r8, r9
            number = const NUMBER,
            lateout("rax") returned,
            in("rdi") fd,
            in("rsi") place,
            in("rdx") len,
            in("r10") flags,
            in("r8") 0_usize,
            in("r9") 0_usize,
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack),
        );
    }
    returned
}

/// The system call that does not come back: `exit` or `exit_group`.
#[inline]
pub(in crate::sys) fn exit(number: usize, code: u8) -> ! {
    // SAFETY: either call ends this thread at least, and touches no memory of ours.
    unsafe {
        asm!(
            "syscall",                              // number in rax, exit code in rdi; does not return
            in("rax") number,
            in("rdi") usize::from(code),
            options(noreturn, nostack),
        );
    }
}

/// Starts a thread that calls `entry(argument)` with its stack just below `argument`.
///
/// Rust cannot say this, because the child returns from `syscall` on another stack.
///
/// # Safety
/// - `flags` share the whole process, and ask for no thread-local storage and no thread identifiers.
/// - `argument` is aligned to 16, and below it lies a stack that nobody else uses, large enough for `entry`.
/// - What `entry` does with `argument` is sound in a thread.
pub(in crate::sys) unsafe fn clone(
    flags: usize,
    argument: *mut u8,
    entry: unsafe extern "C" fn(*mut u8) -> !,
) -> isize {
    let returned: isize;
    // SAFETY: the parent returns with rax, rcx and r11 changed; the child leaves through `entry`, which does not
    // return, and sees nothing of the parent's stack.
    unsafe {
        asm!(
            "syscall",                              // clone(flags, stack); what else it takes, no flag asks for
            "test eax, eax",                        // zero in the child
            "jnz 2f",                               // the parent goes on
            "xor ebp, ebp",                         // no caller's frame
            "mov rdi, rsp",                         // the argument is where the stack begins
            "call r9",                              // entry, which does not return; rsp is aligned to 16, as the ABI asks
            "2:",
            inlateout("rax") super::number::CLONE => returned,
            in("rdi") flags,
            in("rsi") argument,
            in("r9") entry,
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack),
        );
    }
    // SAFETY: as in `syscall`.
    unsafe { hint::assert_unchecked(returned >= ERROR_MIN) };
    returned
}
