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

use core::net::{Ipv4Addr, Ipv6Addr, SocketAddrV6};

use rustix::fd::{BorrowedFd, OwnedFd};
use rustix::io::Errno;

use super::arch::{self, number, outcome};
use super::descriptor::{self, lend};
use crate::limits::UNSENT_MAX;

const AF_INET: u16 = 2;
const AF_INET6: u16 = 10;

const SOCK_STREAM: usize = 1;
const NONBLOCK_CLOEXEC: usize = 0o2_004_000;

const SOL_SOCKET: usize = 1;
const SO_REUSEADDR: usize = 2;
const SO_REUSEPORT: usize = 15;
const IPPROTO_TCP: usize = 6;
const TCP_NODELAY: usize = 1;
const TCP_NOTSENT_LOWAT: usize = 25;
const IPPROTO_IPV6: usize = 41;
const IPV6_V6ONLY: usize = 26;

/// What an IPv4 address begins with when it is mapped.
const MAPPED: [u8; 12] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/// `struct sockaddr_in6`, and as its beginning `struct sockaddr_in`.
#[repr(C)]
#[derive(Default)]
struct Address {
    family: u16,
    port: [u8; 2],
    /// The address. In IPv6's structure, the flow.
    ipv4: [u8; 4],
    ipv6: [u8; 16],
    scope: u32,
}

/// A non-blocking socket that listens at `address`, or the call that failed and its error.
#[inline(never)]
pub(crate) fn open(
    address: Ipv6Addr,
    port: u16,
    backlog: u32,
) -> Result<OwnedFd, (&'static str, Errno)> {
    let failed = |step| move |errno| (step, errno);
    let mut bound = Address {
        family: AF_INET6,
        port: port.to_be_bytes(),
        ipv6: address.octets(),
        ..Address::default()
    };
    if let Some(ipv4) = ipv4(&bound.ipv6) {
        bound.ipv4 = ipv4;
        bound.family = AF_INET;
    }
    let family = usize::from(bound.family);
    // SAFETY: the call takes numbers, and opens a descriptor.
    let fd =
        unsafe { descriptor::open(number::SOCKET, family, SOCK_STREAM | NONBLOCK_CLOEXEC, 0, 0) }
            .map_err(failed("socket"))?;
    let socket = descriptor::argument(lend(&fd));
    // Discarded: it fails only for a socket of IPv4, which has no other protocol.
    let _ = set(socket, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    set(socket, SOL_SOCKET, SO_REUSEADDR, 1)
        .and_then(|()| set(socket, SOL_SOCKET, SO_REUSEPORT, 1))
        // An accepted socket inherits these two.
        .and_then(|()| set(socket, IPPROTO_TCP, TCP_NODELAY, 1))
        .and_then(|()| set(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, UNSENT_MAX))
        .map_err(failed("setsockopt"))?;
    let address = (&raw const bound).expose_provenance();
    // SAFETY: the structure is as long as said, and is only read. IPv4's may be longer than it is.
    outcome(unsafe { arch::syscall3(number::BIND, socket, address, size_of::<Address>()) })
        .map_err(failed("bind"))?;
    // SAFETY: the call takes numbers. It takes a backlog of more than it allows for as much as it allows.
    outcome(unsafe { arch::syscall3(number::LISTEN, socket, backlog as usize, 0) })
        .map_err(failed("listen"))?;
    Ok(fd)
}

/// Sets an option that is one integer.
#[inline(never)]
fn set(socket: usize, level: usize, option: usize, value: i32) -> Result<(), Errno> {
    let (address, len) = ((&raw const value).expose_provenance(), size_of::<i32>());
    // SAFETY: the option's value is one integer, which is only read.
    outcome(unsafe { arch::syscall5(number::SETSOCKOPT, [socket, level, option, address, len]) })
        .map(drop)
}

/// The IPv4 address that is mapped, if one is.
fn ipv4(octets: &[u8; 16]) -> Option<[u8; 4]> {
    octets.strip_prefix(&MAPPED)?.first_chunk().copied()
}

/// The next connection of the queue: non-blocking, closed on exec.
pub(crate) fn accept(fd: BorrowedFd<'_>) -> Result<OwnedFd, Errno> {
    let listener = descriptor::argument(fd);
    // SAFETY: no address is asked for; the call opens a descriptor.
    unsafe { descriptor::open(number::ACCEPT4, listener, 0, 0, NONBLOCK_CLOEXEC) }
}

/// Where a TCP socket is bound.
#[inline(never)]
#[must_use]
pub fn address(fd: BorrowedFd<'_>) -> Option<SocketAddrV6> {
    let mut bound = Address::default();
    let mut len = size_of::<Address>() as u32;
    let (address, room) = (
        (&raw mut bound).expose_provenance(),
        (&raw mut len).expose_provenance(),
    );
    // SAFETY: the structure is as long as said. Where the call fails the family stays 0.
    unsafe { arch::syscall3(number::GETSOCKNAME, descriptor::argument(fd), address, room) };
    if bound.family == AF_INET {
        bound.ipv6 = Ipv4Addr::from_octets(bound.ipv4).to_ipv6_mapped().octets();
    } else if bound.family != AF_INET6 {
        return None;
    }
    let (address, port) = (
        Ipv6Addr::from_octets(bound.ipv6),
        u16::from_be_bytes(bound.port),
    );
    Some(SocketAddrV6::new(address, port, 0, 0))
}
