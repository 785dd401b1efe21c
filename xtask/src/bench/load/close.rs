//! A connection per request: connect, ask, read to the end of the stream.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::Instant;

use anyhow::bail;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};

use super::super::answer::reset_on_close;
use super::super::ring::Destination;
use super::{Learnt, Load, NAP, Outcome, Ring, Tally};

/// Failures after which the run is given up.
const LOST_MAX: u64 = 1000;
/// Marks the completion of a failed connect or send.
const FAILED: u64 = 1 << 32;

/// One of the connections that exist at a time.
struct Slot {
    socket: OwnedFd,
    received: u64,
    since: Instant,
}

impl Slot {
    fn open(now: Instant) -> anyhow::Result<Self> {
        let socket = socket(
            AddressFamily::Inet,
            SockType::Stream,
            SockFlag::SOCK_CLOEXEC,
            None,
        )?;
        reset_on_close(&socket)?;
        Ok(Self {
            socket,
            received: 0,
            since: now,
        })
    }
}

pub(super) fn run(load: &Load, learnt: &Learnt) -> anyhow::Result<Outcome> {
    let mut ring = Ring::new()?;
    let to = Destination::leak(SocketAddrV4::new(Ipv4Addr::LOCALHOST, load.port));
    let request: &'static [u8] = Vec::leak(learnt.request.clone());
    let mut tally = Tally::start(load);
    let mut now = Instant::now();
    let mut slots = Vec::with_capacity(load.connections);
    for index in 0..load.connections as u64 {
        let slot = Slot::open(now)?;
        ring.exchange(slot.socket.as_raw_fd(), &to, request, FAILED | index, index)?;
        slots.push(slot);
    }
    let mut completions = Vec::with_capacity(1 << 15);
    while tally.goes_on(now) {
        ring.wait(NAP)?;
        now = Instant::now();
        ring.take(&mut completions);
        for completion in &completions {
            if completion.token & FAILED != 0 {
                // The receive behind it is cancelled and reports that itself.
                continue;
            }
            let slot = &mut slots[completion.token as usize];
            if completion.result > 0 {
                slot.received += completion.result as u64;
                if !completion.more {
                    ring.receive(slot.socket.as_raw_fd(), completion.token)?;
                }
                continue;
            }
            if completion.result == -libc::ENOBUFS {
                ring.receive(slot.socket.as_raw_fd(), completion.token)?;
                continue;
            }
            if completion.result == 0 && slot.received == learnt.length {
                tally.answered(1, now - slot.since);
            } else {
                tally.lost += 1;
            }
            if tally.lost > LOST_MAX {
                bail!("more than {LOST_MAX} connections failed");
            }
            *slot = Slot::open(now)?;
            ring.exchange(
                slot.socket.as_raw_fd(),
                &to,
                request,
                FAILED | completion.token,
                completion.token,
            )?;
        }
    }
    Ok(tally.finish(now, learnt.length))
}
