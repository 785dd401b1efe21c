//! The calls that open a listener, and that say where it is.
//!
//! rustix's options and addresses are as many functions as options, and leave panics: they assert what the kernel
//! guarantees.
//!
//! Invariant: only TCP's two families are known. An address is IPv6's; IPv4's is mapped into it (RFC 4291 section
//! 2.5.5.2) and becomes a socket of IPv4, which a kernel without IPv6 has too.
//!
//! # Safety
//! This file holds the permit for `socket`, `setsockopt`, `bind`, `listen`, `accept4` and `getsockname`, which read
//! or fill one structure.
#![allow(unsafe_code)]

use core::net::{Ipv6Addr, SocketAddrV6};
use core::ptr;

use rustix::fd::{BorrowedFd, OwnedFd};

use super::arch::{self, number, outcome};
use super::descriptor::{self, lend};
use super::errno::Errno;
use crate::limits::UNSENT_MAX;

const AF_INET: u16 = 2;
const AF_INET6: u16 = 10;

const SOCK_STREAM: usize = 1;
const NONBLOCK_CLOEXEC: usize = 0o2_004_000;

const SOL_SOCKET: u8 = 1;
const SO_REUSEADDR: u8 = 2;
const SO_REUSEPORT: u8 = 15;
const IPPROTO_TCP: u8 = 6;
const TCP_NODELAY: u8 = 1;
const TCP_NOTSENT_LOWAT: u8 = 25;
const IPPROTO_IPV6: u8 = 41;
const IPV6_V6ONLY: u8 = 26;

/// `struct sockaddr_in6`, and as its beginning `struct sockaddr_in`. All but the family is in network order.
#[repr(C)]
#[derive(Default)]
struct Address {
    family: u16,
    port: u16,
    /// The address. In IPv6's structure, the flow.
    ipv4: u32,
    /// Both halves of the address.
    ipv6: [u64; 2],
    scope: u32,
}

/// Octets of the structure, without what the alignment adds.
const ADDRESS_LEN: usize = 28;

/// What the second half of an IPv4 address that is mapped begins with.
const MAPPED: u32 = 0xffff_u32.to_be();

/// The options of a listener: level, option and value. An accepted socket inherits those of TCP.
static OPTIONS: [(u8, u8, u32); 5] = [
    (IPPROTO_IPV6, IPV6_V6ONLY, 0),
    (SOL_SOCKET, SO_REUSEADDR, 1),
    (SOL_SOCKET, SO_REUSEPORT, 1),
    (IPPROTO_TCP, TCP_NODELAY, 1),
    (IPPROTO_TCP, TCP_NOTSENT_LOWAT, UNSENT_MAX),
];

/// A non-blocking socket that listens at `address`. Every address is every one of IPv4 where there is no IPv6.
///
/// # Errors
/// What socket(2), bind(2) and listen(2) say.
#[inline(never)]
pub(crate) fn open(address: Ipv6Addr, port: u16, backlog: u32) -> Result<OwnedFd, Errno> {
    let number = u128::from_ne_bytes(address.octets());
    let [first, second] = [number as u64, (number >> 64) as u64];
    let mut bound = Address {
        family: AF_INET6,
        port: port.to_be(),
        ipv4: (second >> 32) as u32,
        ipv6: [first, second],
        scope: 0,
    };
    if first == 0 && second as u32 == MAPPED {
        bound.family = AF_INET;
    } else {
        bound.ipv4 = 0;
    }
    loop {
        match listen(&bound, backlog) {
            // The kernel has no IPv6, or none of its interfaces.
            Err(Errno::AFNOSUPPORT | Errno::ADDRNOTAVAIL)
                if number == 0 && bound.family == AF_INET6 =>
            {
                bound.family = AF_INET;
            }
            outcome => return outcome,
        }
    }
}

/// Opens a socket that listens.
fn listen(bound: &Address, backlog: u32) -> Result<OwnedFd, Errno> {
    let family = usize::from(bound.family);
    // SAFETY: the call takes numbers, and opens a descriptor.
    let fd = unsafe {
        descriptor::adopt(arch::syscall(
            number::SOCKET,
            [family, SOCK_STREAM | NONBLOCK_CLOEXEC, 0],
        ))
    }?;
    let socket = descriptor::argument(lend(&fd));
    for (level, option, value) in &OPTIONS {
        let (place, len) = (ptr::from_ref(value).expose_provenance(), size_of::<u32>());
        let (level, option) = (usize::from(*level), usize::from(*option));
        // SAFETY: the option's value is one integer, which is only read.
        // Discarded: a socket of IPv4 has no other protocol to be open for, and a kernel that knows less than this
        // serves all the same.
        unsafe { arch::syscall(number::SETSOCKOPT, [socket, level, option, place, len]) };
    }
    let place = (&raw const *bound).expose_provenance();
    // SAFETY: the structure is as long as said, and is only read. IPv4's may be longer than it is.
    outcome(unsafe { arch::syscall(number::BIND, [socket, place, ADDRESS_LEN]) })?;
    // SAFETY: the call takes numbers. It takes a backlog of more than it allows for as much as it allows.
    outcome(unsafe { arch::syscall(number::LISTEN, [socket, backlog as usize]) })?;
    Ok(fd)
}

/// The next connection of the queue: non-blocking, closed on exec.
#[inline]
pub(crate) fn accept(fd: BorrowedFd<'_>) -> Result<OwnedFd, Errno> {
    let listener = descriptor::argument(fd);
    // SAFETY: no address is asked for; the call opens a descriptor.
    unsafe {
        descriptor::adopt(arch::syscall(
            number::ACCEPT4,
            [listener, 0, 0, NONBLOCK_CLOEXEC],
        ))
    }
}

/// Where a TCP socket is bound. `[::]:0` if it is of another family.
#[must_use]
pub fn address(fd: BorrowedFd<'_>) -> SocketAddrV6 {
    let mut bound = Address::default();
    let mut len = ADDRESS_LEN as u32;
    let (place, room) = (
        (&raw mut bound).expose_provenance(),
        (&raw mut len).expose_provenance(),
    );
    // SAFETY: the structure is as long as said. Where the call fails the family stays 0.
    unsafe { arch::syscall(number::GETSOCKNAME, [descriptor::argument(fd), place, room]) };
    let [mut first, mut second] = bound.ipv6;
    if bound.family == AF_INET {
        (first, second) = (0, u64::from(bound.ipv4) << 32 | u64::from(MAPPED));
    }
    let number = u128::from(second) << 64 | u128::from(first);
    let address = Ipv6Addr::from_octets(number.to_ne_bytes());
    SocketAddrV6::new(address, u16::from_be(bound.port), 0, 0)
}
