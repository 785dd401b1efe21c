//! Where a socket is bound.
//!
//! rustix's answer asserts what the kernel guarantees, which leaves three panics.
//!
//! Invariant: only TCP's two families are known.
//!
//! # Safety
//! This file holds the permit for `getsockname`, which fills one structure.
#![allow(unsafe_code)]

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use rustix::fd::BorrowedFd;

use super::arch::{self, number};
use super::descriptor;

const AF_INET: u16 = 2;
const AF_INET6: u16 = 10;

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

/// The address that a TCP socket is bound to.
#[must_use]
pub fn local(fd: BorrowedFd<'_>) -> Option<SocketAddr> {
    let mut bound = Address::default();
    let mut len = size_of::<Address>() as u32;
    let (address, room) = (
        (&raw mut bound).expose_provenance(),
        (&raw mut len).expose_provenance(),
    );
    // SAFETY: the structure is as long as said. Where the call fails the family stays 0.
    unsafe { arch::syscall3(number::GETSOCKNAME, descriptor::argument(fd), address, room) };
    let address = match bound.family {
        AF_INET => IpAddr::V4(Ipv4Addr::from_octets(bound.ipv4)),
        AF_INET6 => IpAddr::V6(Ipv6Addr::from_octets(bound.ipv6)),
        _ => return None,
    };
    Some(SocketAddr::new(address, u16::from_be_bytes(bound.port)))
}
