//! Octets in and out: the listener, and what is done with an accepted stream.
//!
//! Invariant: nothing here knows what the octets mean, or waits; every outcome that a running server meets is a
//! variant, and only opening a listener can be an error.
#![forbid(unsafe_code)]

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::io::{Errno, IoSlice};
use rustix::net::{self, AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, sockopt};
use static_assertions::assert_eq_size;

use crate::sys::descriptor::lend;
use crate::sys::{address, zerocopy};

pub use crate::sys::zerocopy::Completions;

/// A socket that connections arrive at.
#[derive(Debug)]
pub struct Listener {
    fd: OwnedFd,
}

/// Where to listen.
#[derive(Clone, Copy, Debug)]
pub struct ListenOptions {
    /// Any of this machine's, in both protocols where it speaks both, if `None`.
    pub address: Option<IpAddr>,
    /// A free one if 0.
    pub port: u16,
    /// Connections that the kernel keeps waiting.
    pub backlog: u32,
}

/// Why there is no listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenError {
    /// The system call that failed.
    pub step: &'static str,
    /// Its error.
    pub errno: Errno,
}

/// What came of an accept.
#[derive(Debug)]
pub enum Accepted {
    /// A connection: non-blocking, closed on exec, without Nagle's delay.
    Connection(OwnedFd),
    /// The queue is empty.
    Empty,
    /// Descriptors or memory are short, here or in the system: accept again after a while, not at once.
    Exhausted,
    /// This one connection failed before it was ours, or a firewall forbids it: accept again at once.
    Retry,
    /// The descriptor is no listener: a fault of the program, and for good.
    Broken(Errno),
}

/// What came of a receive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// So many, at least one, at the beginning of the buffer.
    Octets(usize),
    /// The peer sends no more.
    EndOfFile,
    /// Nothing yet.
    WouldBlock,
    /// The connection is lost.
    Failed,
}

/// What came of a send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// So many were taken, which may be fewer than offered.
    Octets(usize),
    /// None now.
    WouldBlock,
    /// The connection is lost.
    Failed,
}

assert_eq_size!(Listener, i32);
assert_eq_size!(Accepted, u64);

impl Listener {
    /// Opens a non-blocking listener that shares its port with others of the same user (`SO_REUSEPORT`).
    ///
    /// # Errors
    /// What the failed step's manual page says; EADDRINUSE and EACCES of bind(2) above all.
    pub fn open(options: &ListenOptions) -> Result<Self, OpenError> {
        let listen =
            |address| Self::listen(SocketAddr::new(address, options.port), options.backlog);
        match options.address {
            Some(address) => listen(address),
            None => match listen(IpAddr::V6(Ipv6Addr::UNSPECIFIED)) {
                // The kernel has no IPv6, or none of its interfaces.
                Err(OpenError {
                    errno: Errno::AFNOSUPPORT | Errno::ADDRNOTAVAIL,
                    ..
                }) => listen(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
                outcome => outcome,
            },
        }
    }

    fn listen(address: SocketAddr, backlog: u32) -> Result<Self, OpenError> {
        let failed = |step| move |errno| OpenError { step, errno };
        let (family, dual_stack) = match address {
            SocketAddr::V4(_) => (AddressFamily::INET, false),
            SocketAddr::V6(_) => (AddressFamily::INET6, true),
        };
        let flags = SocketFlags::NONBLOCK.union(SocketFlags::CLOEXEC);
        let fd =
            net::socket_with(family, SocketType::STREAM, flags, None).map_err(failed("socket"))?;
        let lent = lend(&fd);
        sockopt::set_socket_reuseaddr(lent, true)
            .and_then(|()| sockopt::set_socket_reuseport(lent, true))
            // An accepted socket inherits this one.
            .and_then(|()| sockopt::set_tcp_nodelay(lent, true))
            .and_then(|()| {
                if dual_stack {
                    sockopt::set_ipv6_v6only(lent, false)
                } else {
                    Ok(())
                }
            })
            .map_err(failed("setsockopt"))?;
        net::bind(lent, &address).map_err(failed("bind"))?;
        net::listen(lent, i32::try_from(backlog).unwrap_or(i32::MAX)).map_err(failed("listen"))?;
        Ok(Self { fd })
    }

    /// Takes over a listener that somebody else opened, and makes it non-blocking.
    ///
    /// # Errors
    /// ENOTSOCK, or EINVAL where it is a socket that does not listen.
    pub fn from_fd(fd: OwnedFd) -> Result<Self, OpenError> {
        let failed = |step| move |errno| OpenError { step, errno };
        if !sockopt::socket_acceptconn(lend(&fd)).map_err(failed("getsockopt"))? {
            return Err(failed("getsockopt")(Errno::INVAL));
        }
        set_blocking(lend(&fd), false);
        // Discarded: it fails only for a socket that is not TCP, which has no delay to be without.
        let _ = sockopt::set_tcp_nodelay(lend(&fd), true);
        Ok(Self { fd })
    }

    /// The address that is really listened on, unless the socket is of another family than TCP's two.
    #[must_use]
    pub fn local_address(&self) -> Option<SocketAddr> {
        address::local(lend(&self.fd))
    }

    /// The next connection of the queue.
    #[must_use]
    pub fn accept(&self) -> Accepted {
        let flags = SocketFlags::NONBLOCK.union(SocketFlags::CLOEXEC);
        match net::accept_with(lend(&self.fd), flags) {
            Ok(fd) => Accepted::Connection(fd),
            Err(Errno::AGAIN) => Accepted::Empty,
            Err(errno @ (Errno::BADF | Errno::INVAL | Errno::NOTSOCK | Errno::FAULT)) => {
                Accepted::Broken(errno)
            }
            Err(
                Errno::INTR
                | Errno::CONNABORTED
                | Errno::PERM
                // "Linux accept() passes already-pending network errors on the new socket": accept(2).
                | Errno::NETDOWN
                | Errno::PROTO
                | Errno::NOPROTOOPT
                | Errno::HOSTDOWN
                | Errno::NONET
                | Errno::HOSTUNREACH
                | Errno::OPNOTSUPP
                | Errno::NETUNREACH,
            ) => Accepted::Retry,
            // EMFILE, ENFILE, ENOBUFS, ENOMEM; and whatever is unknown, which neither ends the server nor spins.
            Err(_) => Accepted::Exhausted,
        }
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        lend(&self.fd)
    }
}

/// Receives into `buf`, which must not be empty: room for nothing looks like the end of file.
#[inline]
pub fn recv(fd: BorrowedFd<'_>, buf: &mut [u8]) -> Received {
    loop {
        return match net::recv(fd, &mut *buf, RecvFlags::DONTWAIT) {
            Ok((0, _)) => Received::EndOfFile,
            Ok((len, _)) => Received::Octets(len),
            Err(Errno::AGAIN) => Received::WouldBlock,
            Err(Errno::INTR) => continue,
            Err(_) => Received::Failed,
        };
    }
}

/// Sends from `octets` what the socket takes.
#[inline]
#[must_use]
pub fn send(fd: BorrowedFd<'_>, octets: &[u8]) -> Sent {
    loop {
        return match net::send(fd, octets, PLAIN) {
            Err(Errno::INTR) => continue,
            outcome => sent(outcome),
        };
    }
}

/// Sends from `head` and then from `body` what the socket takes, without gathering them first.
///
/// With `zerocopy` the kernel reads `body` and `head` where they lie after this returns, so that neither may change
/// until [`drain_completions`] has counted this send; where its memory for that is short, it copies.
#[must_use]
pub fn send_both(fd: BorrowedFd<'_>, head: &[u8], body: &[u8], zerocopy: bool) -> Sent {
    let parts = [IoSlice::new(head), IoSlice::new(body)];
    let mut flags = if zerocopy { ZEROCOPY } else { PLAIN };
    loop {
        return match net::sendmsg(fd, &parts, &mut net::SendAncillaryBuffer::default(), flags) {
            Err(Errno::INTR) => continue,
            Err(Errno::NOBUFS) if flags == ZEROCOPY => {
                flags = PLAIN;
                continue;
            }
            outcome => sent(outcome),
        };
    }
}

const PLAIN: SendFlags = SendFlags::NOSIGNAL.union(SendFlags::DONTWAIT);
const ZEROCOPY: SendFlags = PLAIN.union(SendFlags::from_bits_retain(0x0400_0000));

#[inline]
fn sent(outcome: Result<usize, Errno>) -> Sent {
    match outcome {
        Ok(len) => Sent::Octets(len),
        // ENOBUFS, ENOMEM: the kernel's memory is short; as with a full socket, a later try may do.
        Err(Errno::AGAIN) => Sent::WouldBlock,
        Err(_) => Sent::Failed,
    }
}

/// Lets [`send_both`] send without a copy; whether the kernel agrees.
#[must_use]
pub fn enable_zerocopy(fd: BorrowedFd<'_>) -> bool {
    zerocopy::enable(fd)
}

/// Takes from the error queue what it says of sends without a copy.
#[must_use]
pub fn drain_completions(fd: BorrowedFd<'_>) -> Completions {
    zerocopy::drain(fd)
}

/// Tells the peer that no more is sent, while what it still sends can be received.
pub fn shutdown_write(fd: BorrowedFd<'_>) {
    // Discarded: it fails only where the peer is gone, which the next receive says too.
    let _ = net::shutdown(fd, net::Shutdown::Write);
}

/// Makes calls on `fd` wait or not wait. The serving loop's own never wait either way.
pub fn set_blocking(fd: BorrowedFd<'_>, blocking: bool) {
    // Discarded: it fails only for what is no descriptor.
    let _ = rustix::io::ioctl_fionbio(fd, !blocking);
}

/// Closes at once and with a reset, whatever is still unsent.
pub fn abort(fd: OwnedFd) {
    // Discarded: where it fails the descriptor is closed in the ordinary way.
    let _ = sockopt::set_socket_linger(lend(&fd), Some(core::time::Duration::ZERO));
    drop(fd);
}
