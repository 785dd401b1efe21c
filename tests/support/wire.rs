//! A raw client: it sends the bytes it is told to, and every wait has a deadline.
//!
//! Invariant: the client never repairs, retries or reinterprets anything.

use crate::support::reply::{Reply, shown};
use crate::support::wait;
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::net::sockopt::{self, Timeout};
use rustix::net::{self, AddressFamily, RecvFlags, SendFlags, Shutdown, SocketFlags, SocketType};
use std::net::SocketAddr;
use std::time::Duration;

/// How long a read waits for the next octet before it is called silence.
pub(crate) const SILENCE: Duration = wait::PATIENCE;

/// A connection to the server.
pub(crate) struct Wire {
    fd: OwnedFd,
    inbox: Vec<u8>,
}

impl Wire {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        Self::try_connect(address).unwrap_or_else(|why| panic!("connect to {address}: {why}"))
    }

    pub(crate) fn try_connect(address: SocketAddr) -> Result<Self, Errno> {
        Self::unconnected(address).and_then(|wire| wire.reach(address))
    }

    /// A connection whose receive buffer does not grow, so that a client that does not read is soon felt.
    pub(crate) fn connect_narrow(address: SocketAddr) -> Self {
        Self::try_connect_narrow(address)
            .unwrap_or_else(|why| panic!("connect to {address}: {why}"))
    }

    pub(crate) fn try_connect_narrow(address: SocketAddr) -> Result<Self, Errno> {
        let wire = Self::unconnected(address)?;
        sockopt::set_socket_recv_buffer_size(&wire.fd, 128 * 1024)?;
        wire.reach(address)
    }

    fn unconnected(address: SocketAddr) -> Result<Self, Errno> {
        let family = if address.is_ipv4() {
            AddressFamily::INET
        } else {
            AddressFamily::INET6
        };
        let fd = net::socket_with(family, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
        sockopt::set_tcp_nodelay(&fd, true)?;
        sockopt::set_socket_timeout(&fd, Timeout::Recv, Some(SILENCE))?;
        sockopt::set_socket_timeout(&fd, Timeout::Send, Some(SILENCE))?;
        Ok(Self {
            fd,
            inbox: Vec::new(),
        })
    }

    fn reach(self, address: SocketAddr) -> Result<Self, Errno> {
        net::connect(&self.fd, &address).map(|()| self)
    }

    /// Sends everything. That the server has closed meanwhile shows in what is read, not here.
    pub(crate) fn send(&self, bytes: &[u8]) {
        let _judged_by_the_reader = self.try_send(bytes);
    }

    /// Sends everything, or says how much went before the peer was gone or took no more.
    pub(crate) fn try_send(&self, bytes: &[u8]) -> Result<(), (usize, Errno)> {
        let mut sent = 0;
        while sent < bytes.len() {
            match net::send(&self.fd, &bytes[sent..], SendFlags::NOSIGNAL) {
                Ok(count) => sent += count,
                Err(Errno::INTR) => {}
                Err(why) => return Err((sent, why)),
            }
        }
        Ok(())
    }

    /// Sends what the kernel takes at once, without waiting; says how much that was.
    pub(crate) fn send_now(&self, bytes: &[u8]) -> usize {
        let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
        net::send(&self.fd, bytes, flags).unwrap_or(0)
    }

    /// Ends the sending direction: what `nc` does at the end of its input.
    pub(crate) fn half_close(&self) {
        let _peer_may_be_gone = net::shutdown(&self.fd, Shutdown::Write);
    }

    /// Ends the connection with an RST.
    pub(crate) fn reset(self) {
        sockopt::set_socket_linger(&self.fd, Some(Duration::ZERO)).expect("SO_LINGER");
    }

    /// Reads some octets into the inbox: how many, zero at the end of the stream.
    pub(crate) fn read(&mut self) -> Result<usize, String> {
        let mut buf = [0; 16 * 1024];
        loop {
            match net::recv(&self.fd, &mut buf[..], RecvFlags::empty()) {
                Ok((len, _)) => {
                    self.inbox.extend_from_slice(&buf[..len]);
                    return Ok(len);
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Err(self.failure("silence")),
                Err(why) => return Err(self.failure(&why.to_string())),
            }
        }
    }

    fn failure(&self, what: &str) -> String {
        format!("{what} after `{}`", shown(&self.inbox))
    }

    /// What has arrived but was not taken as a reply.
    pub(crate) fn inbox(&self) -> &[u8] {
        &self.inbox
    }

    /// Everything up to the end of the stream, which has to be an orderly one.
    pub(crate) fn rest(&mut self) -> Result<Vec<u8>, String> {
        while self.read()? > 0 {}
        Ok(std::mem::take(&mut self.inbox))
    }

    /// The same, after which nothing is left of the connection: for tests that open tens of thousands of them, more
    /// than the kernel can remember for the minutes that it remembers those that end in peace.
    pub(crate) fn whole(mut self) -> Result<Vec<u8>, String> {
        let bytes = self.rest();
        self.reset();
        bytes
    }

    /// Whether the stream has ended, in whatever way, without a further octet.
    pub(crate) fn ends(&mut self) -> bool {
        matches!(self.read(), Ok(0)) && self.inbox.is_empty()
    }

    /// Whether the peer is gone, looked at without waiting. Octets that came stay in the inbox.
    pub(crate) fn gone(&mut self) -> bool {
        let mut buf = [0; 4096];
        match net::recv(&self.fd, &mut buf[..], RecvFlags::DONTWAIT) {
            Ok((0, _)) => true,
            Ok((len, _)) => {
                self.inbox.extend_from_slice(&buf[..len]);
                false
            }
            Err(why) => why != Errno::AGAIN && why != Errno::INTR,
        }
    }

    /// Sends and reads at the same time, whichever is possible, up to the end of the stream.
    pub(crate) fn exchange(&mut self, mut bytes: &[u8]) -> Result<Vec<u8>, String> {
        let limit = Timespec {
            tv_sec: SILENCE.as_secs().cast_signed(),
            tv_nsec: 0,
        };
        loop {
            let interest = if bytes.is_empty() {
                PollFlags::IN
            } else {
                PollFlags::IN | PollFlags::OUT
            };
            let mut fds = [PollFd::new(&self.fd, interest)];
            let ready =
                rustix::event::poll(&mut fds, Some(&limit)).map_err(|why| why.to_string())?;
            if ready == 0 {
                return Err(self.failure("silence"));
            }
            let events = fds[0].revents();
            if events.contains(PollFlags::OUT) {
                let piece = &bytes[..bytes.len().min(64 * 1024)];
                bytes = &bytes[self.send_now(piece)..];
            }
            if events.intersects(!PollFlags::OUT) && self.read()? == 0 {
                return Ok(std::mem::take(&mut self.inbox));
            }
        }
    }

    /// The next reply, which answers a HEAD request if `to_head` says so.
    pub(crate) fn try_reply(&mut self, to_head: bool) -> Result<Reply, String> {
        loop {
            if let Some((reply, len)) = Reply::take(&self.inbox, to_head)? {
                self.inbox.drain(..len);
                return Ok(reply);
            }
            if self.read()? == 0 {
                return Err(self.failure("the end of the stream"));
            }
        }
    }

    pub(crate) fn reply(&mut self) -> Reply {
        self.try_reply(false).unwrap_or_else(|why| panic!("{why}"))
    }

    /// Sends a request and returns the reply to it.
    pub(crate) fn ask(&mut self, request: &[u8]) -> Reply {
        self.send(request);
        let to_head = request.starts_with(b"HEAD ");
        self.try_reply(to_head)
            .unwrap_or_else(|why| panic!("{why}, asked `{}`", shown(request)))
    }
}

/// A GET of this target with this Host, the connection kept.
pub(crate) fn get(target: &str) -> Vec<u8> {
    request("GET", target, "")
}

/// A request with additional field lines, each with its CRLF.
pub(crate) fn request(method: &str, target: &str, lines: &str) -> Vec<u8> {
    format!("{method} {target} HTTP/1.1\r\nHost: a\r\n{lines}\r\n").into_bytes()
}
