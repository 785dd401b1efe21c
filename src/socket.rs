//! Octets in and out: the listener, and what is done with an accepted stream.
//!
//! Invariant: nothing here knows what the octets mean, or waits; every outcome that a running server meets is a
//! variant, and only opening a listener can be an error.
#![forbid(unsafe_code)]

use rustix::fd::{BorrowedFd, OwnedFd};
use rustix::net::{self, sockopt};
use static_assertions::assert_eq_size;

use crate::limits::SEND_MAX;
use crate::sys::descriptor::lend;
use crate::sys::errno::Errno;
use crate::sys::{listener, stream, zerocopy};

pub use crate::sys::listener::Place;
pub use crate::sys::zerocopy::Completions;

/// A socket that connections arrive at.
#[derive(Debug)]
pub struct Listener {
    fd: OwnedFd,
}

/// What came of an accept.
#[derive(Debug)]
pub enum Accepted {
    /// A connection: non-blocking, closed on exec, without Nagle's delay.
    Connection(OwnedFd),
    /// The queue is empty.
    Empty,
    /// Descriptors or memory are short, here or in the system, or the error is not known: accept again after a while, not
    /// at once.
    Exhausted,
    /// This one connection failed before it was ours, or a firewall forbids it: accept again at once.
    Retry,
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
    /// Opens a non-blocking listener that shares its port with others of the same user (`SO_REUSEPORT`), and for which
    /// the kernel keeps `backlog` connections. The place tells the port then, if it was 0 for a free one.
    ///
    /// # Errors
    /// What the manual pages of the steps say; EADDRINUSE and EACCES of bind(2) above all.
    #[inline]
    pub fn open(place: &mut Place, backlog: u32) -> Result<Self, Errno> {
        let fd = listener::open(place, backlog)?;
        Ok(Self { fd })
    }

    /// Takes over a listener that somebody else opened, and makes it non-blocking.
    ///
    /// # Errors
    /// ENOTSOCK, or EINVAL where it is a socket that does not listen.
    pub fn from_fd(fd: OwnedFd) -> Result<Self, Errno> {
        if !sockopt::socket_acceptconn(lend(&fd))? {
            return Err(Errno::INVAL);
        }
        set_blocking(lend(&fd), false);
        // Discarded: it fails only for a socket that is not TCP, which has no delay to be without.
        let _ = sockopt::set_tcp_nodelay(lend(&fd), true);
        Ok(Self { fd })
    }

    /// To wait for.
    #[inline]
    #[must_use]
    pub fn fd(&self) -> BorrowedFd<'_> {
        lend(&self.fd)
    }

    /// The next connection of the queue.
    #[inline]
    #[must_use]
    pub fn accept(&self) -> Accepted {
        match listener::accept(lend(&self.fd)) {
            Ok(fd) => Accepted::Connection(fd),
            Err(errno) => Accepted::refused(errno),
        }
    }
}

impl Accepted {
    fn refused(errno: Errno) -> Self {
        const AGAIN: u32 = Errno::AGAIN.number();
        const PERM: u32 = Errno::PERM.number();
        const INTR: u32 = Errno::INTR.number();
        const NONET: u32 = Errno::NONET.number();
        const NOBUFS: u32 = Errno::NOBUFS.number();
        const HOSTUNREACH: u32 = Errno::HOSTUNREACH.number();
        match errno.number() {
            AGAIN => Self::Empty,
            NOBUFS => Self::Exhausted,
            // "Linux accept() passes already-pending network errors on the new socket": accept(2), which lists some
            // from ENONET to EHOSTUNREACH.
            PERM | INTR | NONET..=HOSTUNREACH => Self::Retry,
            // EMFILE, ENFILE, ENOBUFS, ENOMEM; and whatever is unknown, which neither ends the server nor spins.
            _ => Self::Exhausted,
        }
    }
}

/// Receives into `buf`, which must not be empty: room for nothing looks like the end of file.
#[inline]
pub fn recv(fd: BorrowedFd<'_>, buf: &mut [u8]) -> Received {
    match stream::receive(fd, buf) {
        len @ 1.. => Received::Octets(len.cast_unsigned()),
        0 => Received::EndOfFile,
        WOULD_BLOCK => Received::WouldBlock,
        _ => Received::Failed,
    }
}

/// Sends from `octets` what the socket takes.
#[inline]
#[must_use]
pub fn send(fd: BorrowedFd<'_>, octets: &[u8]) -> Sent {
    sent(stream::send(fd, octets))
}

/// EAGAIN as a system call returns it.
const WOULD_BLOCK: isize = -11;

/// Sends from `head` and then from `body` what the socket takes, without gathering them first.
///
/// With `zerocopy` the kernel reads `body` and `head` where they lie after this returns, so that neither may change
/// until [`drain_completions`] has counted this send; where its memory for that is short, it copies.
#[must_use]
pub fn send_both(fd: BorrowedFd<'_>, head: &[u8], body: &[u8], zerocopy: bool) -> Sent {
    sent(stream::send_both(fd, head, body, zerocopy))
}

/// Sends from `head` and then from `body` what the socket takes, in pieces of [`SEND_MAX`].
#[must_use]
pub fn send_pieces(fd: BorrowedFd<'_>, mut head: &[u8], mut body: &[u8]) -> Sent {
    let mut all = 0;
    loop {
        let (piece, rest) = body.split_at_checked(SEND_MAX).unwrap_or((body, b""));
        let len = match send_both(fd, head, piece, false) {
            Sent::Octets(len) => len,
            outcome if all == 0 => return outcome,
            // What the rest of the socket's life is like, the next send says.
            _ => 0,
        };
        all += len;
        if len < head.len() + piece.len() || rest.is_empty() {
            return Sent::Octets(all);
        }
        (head, body) = (b"", rest);
    }
}

#[inline]
fn sent(returned: isize) -> Sent {
    match returned {
        len @ 0.. => Sent::Octets(len.cast_unsigned()),
        WOULD_BLOCK => Sent::WouldBlock,
        _ => Sent::Failed,
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

#[cfg(test)]
mod tests {
    use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
    use std::vec;

    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::fd::{AsFd, OwnedFd};
    use rustix::fs::{OFlags, fcntl_getfl};
    use rustix::io::{FdFlags, fcntl_getfd};
    use rustix::net::{self, sockopt};

    use super::{Accepted, Errno, Listener, Place, Received, SEND_MAX, Sent};

    static BODY: [u8; 20_000] = [b'x'; 20_000];

    const LOCAL: Ipv6Addr = Ipv4Addr::LOCALHOST.to_ipv6_mapped();

    fn opened(address: Ipv6Addr, port: u16) -> Result<(Listener, SocketAddr), Errno> {
        let mut place = Place::new(address, port);
        let listener = Listener::open(&mut place, 16)?;
        let address = place.address().to_canonical();
        Ok((listener, SocketAddr::new(address, place.port())))
    }

    fn listener(address: Ipv6Addr) -> (Listener, SocketAddr) {
        opened(address, 0).unwrap()
    }

    /// Waits as long as it takes, so that no test depends on time.
    fn wait(fd: impl AsFd, flags: PollFlags) {
        poll(&mut [PollFd::new(&fd, flags)], None).unwrap();
    }

    fn tcp(address: SocketAddr) -> OwnedFd {
        let family = if address.is_ipv4() {
            net::AddressFamily::INET
        } else {
            net::AddressFamily::INET6
        };
        net::socket(family, net::SocketType::STREAM, None).unwrap()
    }

    fn connect(ip: impl Into<IpAddr>, port: u16) -> OwnedFd {
        let address = SocketAddr::new(ip.into(), port);
        let fd = tcp(address);
        net::connect(&fd, &address).unwrap();
        fd
    }

    fn pair() -> (OwnedFd, OwnedFd) {
        let (listener, address) = listener(LOCAL);
        let client = connect(address.ip(), address.port());
        let Accepted::Connection(fd) = listener.accept() else {
            panic!("a connection that was made is in the queue");
        };
        (fd, client)
    }

    #[test]
    fn a_connection_is_what_was_asked_for() {
        let (fd, _client) = pair();
        assert!(sockopt::tcp_nodelay(&fd).unwrap());
        assert!(fcntl_getfl(&fd).unwrap().contains(OFlags::NONBLOCK));
        assert!(fcntl_getfd(&fd).unwrap().contains(FdFlags::CLOEXEC));
    }

    #[test]
    fn a_listener_shares_its_port() {
        let (first, address) = listener(LOCAL);
        let (_second, same) = opened(LOCAL, address.port()).unwrap();
        assert_eq!(same, address);
        assert!(sockopt::socket_reuseaddr(first.fd()).unwrap());
        assert!(fcntl_getfd(first.fd()).unwrap().contains(FdFlags::CLOEXEC));
        assert!(matches!(first.accept(), Accepted::Empty));
    }

    #[test]
    fn any_address_is_both_protocols() {
        let (listener, address) = listener(Ipv6Addr::UNSPECIFIED);
        let port = address.port();
        let _over_4 = connect(Ipv4Addr::LOCALHOST, port);
        assert!(matches!(listener.accept(), Accepted::Connection(_)));
        if address.is_ipv6() {
            let _over_6 = connect(Ipv6Addr::LOCALHOST, port);
            assert!(matches!(listener.accept(), Accepted::Connection(_)));
        }
    }

    #[test]
    fn an_address_of_nobody_is_an_error_of_bind() {
        let address = Ipv4Addr::new(192, 0, 2, 1).to_ipv6_mapped();
        let error = opened(address, 0).unwrap_err();
        assert_eq!(error, Errno::ADDRNOTAVAIL);
    }

    #[test]
    fn refusals_of_accept() {
        let outcome = |errno| match Accepted::refused(errno) {
            Accepted::Connection(_) => panic!("an error is no connection"),
            Accepted::Empty => "empty",
            Accepted::Exhausted => "exhausted",
            Accepted::Retry => "retry",
        };
        assert_eq!(outcome(Errno::AGAIN), "empty");
        for errno in [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM] {
            assert_eq!(outcome(errno), "exhausted");
        }
        for errno in [Errno::NOSYS, Errno::BADF, Errno::INVAL] {
            assert_eq!(outcome(errno), "exhausted");
        }
        for errno in [Errno::INTR, Errno::CONNABORTED, Errno::PROTO, Errno::PERM] {
            assert_eq!(outcome(errno), "retry");
        }
    }

    #[test]
    fn only_a_listener_is_taken_over() {
        let (fd, _client) = pair();
        assert_eq!(Listener::from_fd(fd).unwrap_err(), Errno::INVAL);
        let any = SocketAddr::new(LOCAL.to_canonical(), 0);
        let blocking = tcp(any);
        net::bind(&blocking, &any).unwrap();
        net::listen(&blocking, 1).unwrap();
        let taken = Listener::from_fd(blocking).unwrap();
        assert!(matches!(taken.accept(), Accepted::Empty));
    }

    #[test]
    fn octets_both_ways() {
        let (fd, peer) = pair();
        let (fd, peer_fd) = (fd.as_fd(), peer.as_fd());
        let mut buf = [0; 16];
        assert_eq!(super::recv(fd, &mut buf), Received::WouldBlock);
        assert_eq!(super::send(peer_fd, b"question"), Sent::Octets(8));
        wait(fd, PollFlags::IN);
        assert_eq!(super::recv(fd, &mut buf), Received::Octets(8));
        assert_eq!(buf.get(..8), Some(&b"question"[..]));
        assert_eq!(super::send_both(fd, b"an", b"swer", false), Sent::Octets(6));
        wait(peer_fd, PollFlags::IN);
        assert_eq!(super::recv(peer_fd, &mut buf), Received::Octets(6));
        assert_eq!(buf.get(..6), Some(&b"answer"[..]));
        super::shutdown_write(peer_fd);
        wait(fd, PollFlags::IN);
        assert_eq!(super::recv(fd, &mut buf), Received::EndOfFile);
    }

    #[test]
    fn a_full_socket_would_block_and_a_lost_one_fails() {
        let (fd, client) = pair();
        let octets = vec![0; 1 << 20];
        while let Sent::Octets(len) = super::send(fd.as_fd(), &octets) {
            assert!(len > 0);
        }
        assert_eq!(super::send(fd.as_fd(), &octets), Sent::WouldBlock);
        // Closed with input unread, which resets the connection; SIGPIPE would end the test.
        drop(client);
        wait(&fd, PollFlags::HUP);
        assert_eq!(super::send(fd.as_fd(), &octets), Sent::Failed);
    }

    #[test]
    fn an_abort_is_a_reset() {
        let (fd, peer) = pair();
        super::abort(fd);
        wait(&peer, PollFlags::HUP);
        assert_eq!(super::recv(peer.as_fd(), &mut [0; 8]), Received::Failed);
    }

    #[test]
    fn pieces_follow_one_another() {
        static LONG: [u8; 3 * SEND_MAX + 7] = [b'y'; 3 * SEND_MAX + 7];
        for len in [0, 1, SEND_MAX - 1, SEND_MAX, SEND_MAX + 1, LONG.len()] {
            let (fd, client) = pair();
            let body = &LONG[LONG.len() - len..];
            let (mut sent, mut received) = (0, vec![]);
            while received.len() < 4 + len {
                let head = &b"head"[sent.min(4)..];
                let rest = &body[sent.saturating_sub(4)..];
                if let Sent::Octets(more) = super::send_pieces(fd.as_fd(), head, rest) {
                    sent += more;
                }
                let mut place = vec![0; 100_000];
                wait(&client, PollFlags::IN);
                if let Received::Octets(more) = super::recv(client.as_fd(), &mut place) {
                    received.extend_from_slice(&place[..more]);
                }
            }
            assert_eq!(received, [b"head", body].concat(), "{len}");
            assert_eq!(sent, received.len(), "{len}");
        }
    }

    #[test]
    fn the_error_queue_says_that_loopback_copies() {
        let (fd, _client) = pair();
        let fd = fd.as_fd();
        assert_eq!(super::drain_completions(fd), super::Completions::default());
        assert!(super::enable_zerocopy(fd));
        for _ in 0..2 {
            assert_eq!(
                super::send_both(fd, b"head", &BODY, true),
                Sent::Octets(20_004)
            );
        }
        let mut count = 0;
        while count < 2 {
            wait(fd, PollFlags::ERR);
            let completions = super::drain_completions(fd);
            assert!(completions.copied);
            count += completions.count;
        }
        assert_eq!(count, 2);
        assert_eq!(super::drain_completions(fd).count, 0);
    }
}
