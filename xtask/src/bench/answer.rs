//! One response read in full and understood: how the generator learns what to expect, and whether a server
//! can do a workload at all.
//!
//! Invariant: nothing here runs while something is measured.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddrV4, TcpStream};
use std::os::fd::AsFd;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use nix::sys::socket::{setsockopt, sockopt};

/// The longest time that a single answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a first response taught.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Length of head and content together, in bytes.
    pub(crate) length: u64,
    /// The entity-tag, as it stands in the field.
    pub(crate) etag: Option<String>,
}

/// Connects to the server under test.
pub(crate) fn connect(port: u16) -> anyhow::Result<TcpStream> {
    let stream =
        TcpStream::connect(SocketAddrV4::new(Ipv4Addr::LOCALHOST, port)).context("connect")?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    reset_on_close(&stream)?;
    Ok(stream)
}

/// Makes closing send a reset, so that no port stays behind in TIME-WAIT.
pub(crate) fn reset_on_close(socket: &impl AsFd) -> anyhow::Result<()> {
    setsockopt(
        socket,
        sockopt::Linger,
        &libc::linger {
            l_onoff: 1,
            l_linger: 0,
        },
    )?;
    Ok(())
}

/// Sends `request` and reads the one response to it.
pub(crate) fn exchange(stream: &mut TcpStream, request: &[u8]) -> anyhow::Result<Answer> {
    stream.write_all(request)?;
    let mut seen = Vec::new();
    let mut piece = vec![0; 1 << 16];
    loop {
        let count = stream.read(&mut piece)?;
        seen.extend_from_slice(&piece[..count]);
        if let Some(answer) = understand(&seen, count == 0)? {
            return Ok(answer);
        }
    }
}

/// Waits for the end of the stream.
pub(crate) fn end(stream: &mut TcpStream) -> anyhow::Result<()> {
    ensure!(stream.read(&mut [0])? == 0, "more comes");
    Ok(())
}

/// The answer in `seen`, or nothing while more must come; `ended` says that nothing more can.
fn understand(seen: &[u8], ended: bool) -> anyhow::Result<Option<Answer>> {
    let Some(head_len) = seen
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .map(|at| at + 4)
    else {
        return if ended {
            bail!("the connection ended before a response head")
        } else {
            Ok(None)
        };
    };
    let head = std::str::from_utf8(&seen[..head_len]).context("response head")?;
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|word| word.parse().ok())
        .context("status")?;
    let length = match (
        status,
        field(head, "content-length"),
        field(head, "transfer-encoding"),
    ) {
        (204 | 304, ..) => head_len as u64,
        (_, Some(length), _) => {
            head_len as u64 + length.parse::<u64>().context("content-length")?
        }
        (_, None, Some("chunked")) if seen.ends_with(b"\r\n0\r\n\r\n") => seen.len() as u64,
        (_, None, None) if ended => seen.len() as u64,
        _ if ended => bail!("the connection ended within a response"),
        _ => return Ok(None),
    };
    match length.cmp(&(seen.len() as u64)) {
        std::cmp::Ordering::Less => bail!("more came than the response"),
        std::cmp::Ordering::Greater if ended => bail!("the connection ended within a response"),
        std::cmp::Ordering::Greater => Ok(None),
        std::cmp::Ordering::Equal => Ok(Some(Answer {
            status,
            length,
            etag: field(head, "etag").map(str::to_owned),
        })),
    }
}

fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(candidate, _)| candidate.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use super::understand;

    fn check(seen: &[u8], ended: bool, expected: Option<(u16, u64)>) {
        let answer = understand(seen, ended).unwrap();
        assert_eq!(
            answer.map(|answer| (answer.status, answer.length)),
            expected
        );
    }

    #[test]
    fn lengths_of_responses() {
        check(b"HTTP/1.1 200 OK\r\nContent-Le", false, None);
        check(
            b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nh",
            false,
            None,
        );
        check(
            b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi",
            false,
            Some((200, 40)),
        );
        check(
            b"HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n",
            false,
            Some((304, 40)),
        );
        check(
            b"HTTP/1.1 404 \r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
            false,
            Some((404, 56)),
        );
        check(b"HTTP/1.0 200 OK\r\n\r\nhi", true, Some((200, 21)));
    }
}
