//! The process: its end, its standard descriptors, its limits.
//!
//! Invariant: nothing here fails; a process that cannot say something says nothing.
//!
//! # Safety
//! This file holds the permit for naming the descriptors 1 and 2, for `poll`, `epoll_create1`, and `prlimit64`, which
//! reads or writes two numbers.
#![allow(unsafe_code)]

use rustix::fd::BorrowedFd;

use super::arch::{self, number};
use super::descriptor;

/// EINTR as a system call returns it.
const INTERRUPTED: isize = -4;

const RLIMIT_NOFILE: usize = 7;

/// Ends every thread of the process.
pub fn exit(code: u8) -> ! {
    arch::exit(number::EXIT_GROUP, code)
}

/// Writes to standard output, all of it if anybody takes it.
pub fn write_stdout(octets: &[u8]) {
    // SAFETY: the number is a constant of the system; should it be closed, the write fails and that is all.
    write_all(unsafe { BorrowedFd::borrow_raw(1) }, octets);
}

/// Writes to standard error, all of it if anybody takes it.
pub fn write_stderr(octets: &[u8]) {
    // SAFETY: as in `write_stdout`.
    write_all(unsafe { BorrowedFd::borrow_raw(2) }, octets);
}

/// Writes a line to standard error unless nobody takes it just now: a worker waits for no reader of its log.
/// At most 4096 octets, which a pipe that is writable takes at once.
pub fn log(line: &[u8]) {
    const POLLOUT: i16 = 4;
    /// `struct pollfd`.
    #[repr(C)]
    struct Asked {
        fd: i32,
        events: i16,
        found: i16,
    }
    let mut asked = Asked {
        fd: 2,
        events: POLLOUT,
        found: 0,
    };
    let place = core::ptr::from_mut(&mut asked).addr();
    // SAFETY: the call reads and writes one structure, and does not wait.
    unsafe { arch::syscall(number::POLL, [place, 1, 0]) };
    if asked.found & POLLOUT != 0 {
        write_stderr(line);
    }
}

/// Writes until all is written or the descriptor takes no more: a full pipe or disk does not stop a server.
pub fn write_all(fd: BorrowedFd<'_>, mut octets: &[u8]) {
    while !octets.is_empty() {
        match descriptor::write(descriptor::argument(fd), octets) {
            INTERRUPTED => {}
            len @ 1.. => match octets.get(len.cast_unsigned()..) {
                Some(rest) => octets = rest,
                None => return,
            },
            _ => return,
        }
    }
}

/// Fills those of the descriptors 0 to 2 that are closed, so that no socket becomes one of them and receives
/// what is meant for an operator.
///
/// An epoll instance fills them: it needs no `/dev`, and refuses to be read or written.
pub fn fill_standard_descriptors() {
    // The kernel gives the lowest number that is free, so at most three are kept.
    loop {
        // SAFETY: the call takes flags, of which there are none, and opens a descriptor.
        let returned = unsafe { arch::syscall(number::EPOLL_CREATE1, [0]) };
        if !(0..=2).contains(&returned) {
            // SAFETY: the call takes a number. It is an error's, or that of the descriptor that is one too many.
            unsafe { arch::syscall(number::CLOSE, [returned.cast_unsigned()]) };
            return;
        }
    }
}

/// Raises the limit on open descriptors as far as it goes, and returns it: none is above `fs.nr_open`, of 31 bits, but
/// the one that says that there is none.
#[must_use]
pub fn raise_descriptor_limit() -> u32 {
    // `struct rlimit64`: the limit, and how far it may be raised. The largest number is no limit.
    let mut limits = [0_u64; 2];
    let place = (&raw mut limits).expose_provenance();
    // SAFETY: the call writes both numbers.
    unsafe { arch::syscall(number::PRLIMIT64, [0, RLIMIT_NOFILE, 0, place]) };
    let [current, maximum] = limits;
    limits = [maximum, maximum];
    let place = (&raw const limits).expose_provenance();
    // SAFETY: the call reads both numbers.
    match unsafe { arch::syscall(number::PRLIMIT64, [0, RLIMIT_NOFILE, place, 0]) } {
        0 => maximum as u32,
        _ => current as u32,
    }
}

#[cfg(test)]
mod tests {
    use rustix::fd::AsFd;
    use rustix::fs::{Mode, OFlags, open};
    use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
    use std::vec;

    use super::{fill_standard_descriptors, raise_descriptor_limit, write_all};

    #[test]
    fn writes_what_is_taken_and_gives_up_the_rest() {
        let full = open("/dev/full", OFlags::WRONLY, Mode::empty()).unwrap();
        write_all(full.as_fd(), b"nobody takes this");
        let (family, kind) = (AddressFamily::UNIX, SocketType::STREAM);
        let (reader, writer) = socketpair(family, kind, SocketFlags::NONBLOCK, None).unwrap();
        write_all(writer.as_fd(), &vec![b'x'; 1 << 24]);
        let mut buf = vec![0; 1 << 12];
        assert_eq!(rustix::io::read(&reader, buf.as_mut_slice()), Ok(1 << 12));
    }

    #[test]
    fn the_limit_is_the_hard_one() {
        let limit = raise_descriptor_limit();
        let limits = rustix::process::getrlimit(rustix::process::Resource::Nofile);
        assert_eq!(limits.current, limits.maximum);
        assert_eq!(
            limits.maximum.map_or(u32::MAX, |maximum| maximum as u32),
            limit
        );
    }

    #[test]
    fn open_descriptors_are_left_alone() {
        let before = std::fs::read_link("/proc/self/fd/1").unwrap();
        fill_standard_descriptors();
        assert_eq!(std::fs::read_link("/proc/self/fd/1").unwrap(), before);
    }
}
