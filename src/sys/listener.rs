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

use core::net::Ipv6Addr;
use core::ptr;

use rustix::fd::{BorrowedFd, OwnedFd};

use super::arch::{self, done, number};
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

/// Where to listen, and then where that is: `struct sockaddr_in6`, and as its beginning `struct sockaddr_in`. All but the
/// family is in network order.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Place {
    family: u16,
    port: u16,
    /// The address. In IPv6's structure, the flow.
    ipv4: u32,
    /// Both halves of the address. Of IPv4's structure the first one is a part, of zeros; the other one nobody looks at.
    ipv6: [u64; 2],
    scope: u32,
}

impl Place {
    /// A port of this address.
    #[inline]
    #[must_use]
    pub const fn new(address: Ipv6Addr, port: u16) -> Self {
        let number = u128::from_ne_bytes(address.octets());
        Self {
            family: AF_INET6,
            port: port.to_be(),
            ipv4: 0,
            ipv6: [number as u64, (number >> 64) as u64],
            scope: 0,
        }
    }

    /// The address, which is mapped if it is IPv4's.
    #[inline]
    #[must_use]
    pub const fn address(&self) -> Ipv6Addr {
        let [first, second] = self.ipv6;
        let number = (second as u128) << 64 | first as u128;
        Ipv6Addr::from_octets(number.to_ne_bytes())
    }

    /// The port.
    #[inline]
    #[must_use]
    pub const fn port(&self) -> u16 {
        u16::from_be(self.port)
    }
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

/// A non-blocking socket that listens at `place`, which tells the port then. Every address is every one of IPv4 where there
/// is no IPv6.
///
/// # Errors
/// What socket(2), bind(2) and listen(2) say.
#[inline(never)]
pub(crate) fn open(place: &mut Place, backlog: u32) -> Result<OwnedFd, Errno> {
    let [first, second] = place.ipv6;
    if first == 0 && second as u32 == MAPPED {
        place.family = AF_INET;
        place.ipv4 = (second >> 32) as u32;
    }
    loop {
        match listen(place, backlog) {
            // The kernel has no IPv6, or none of its interfaces.
            Err(errno)
                if place.ipv6 == [0, 0]
                    && matches!(errno, Errno::AFNOSUPPORT | Errno::ADDRNOTAVAIL) =>
            {
                place.family = AF_INET;
                place.ipv6 = [0, MAPPED.into()];
            }
            outcome => return outcome,
        }
    }
}

/// Opens a socket that listens.
fn listen(place: &mut Place, backlog: u32) -> Result<OwnedFd, Errno> {
    let family = usize::from(place.family);
    // SAFETY: the call takes numbers, and opens a descriptor.
    let fd = unsafe {
        descriptor::adopt(arch::syscall(
            number::SOCKET,
            [family, SOCK_STREAM | NONBLOCK_CLOEXEC, 0],
        ))
    }?;
    let socket = descriptor::argument(lend(&fd));
    for (level, option, value) in &OPTIONS {
        let (value, len) = (ptr::from_ref(value).expose_provenance(), size_of::<u32>());
        let (level, option) = (usize::from(*level), usize::from(*option));
        // SAFETY: the option's value is one integer, which is only read.
        // Discarded: a socket of IPv4 has no other protocol to be open for, and a kernel that knows less than this
        // serves all the same.
        unsafe { arch::syscall(number::SETSOCKOPT, [socket, level, option, value, len]) };
    }
    let mut len = ADDRESS_LEN as u32;
    let (place, room) = (
        (&raw mut *place).expose_provenance(),
        (&raw mut len).expose_provenance(),
    );
    // SAFETY: the structure is as long as said, and is only read. IPv4's may be longer than it is.
    done(unsafe { arch::syscall(number::BIND, [socket, place, ADDRESS_LEN]) })?;
    // SAFETY: the call takes numbers. It takes a backlog of more than it allows for as much as it allows.
    done(unsafe { arch::syscall(number::LISTEN, [socket, backlog as usize]) })?;
    // SAFETY: the structure is as long as said.
    // Discarded: it does not fail for a socket that listens.
    unsafe { arch::syscall(number::GETSOCKNAME, [socket, place, room]) };
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
