//! What nearly all requests are, sixteen octets at a time: a GET, a plain Host, field lines without an
//! octet that is rare.
//!
//! What lies at a position is looked at in whole blocks, and so are octets that may not have come yet: a line counts
//! only where it ends before `end`, as those do that have. Positions are of 32 bits, so that adding to them does not
//! overflow, and one comparison checks them.
//!
//! Invariant: nothing is refused here. What is not plain is judged by `parser`, one octet after the other.

use core::num::NonZeroU32;

use super::known;
use super::scan::{BLOCK, Scan};
use crate::limits::REQUEST_HEAD_MAX;

const CRLF: u16 = u16::from_le_bytes(*b"\r\n");

/// So many octets from `at` on.
#[inline(always)]
fn octets_at<const LEN: usize>(octets: &[u8], at: u32) -> Option<&[u8; LEN]> {
    let at = at as usize;
    octets.get(at..at + LEN)?.first_chunk()
}

#[inline(always)]
fn block(octets: &[u8], at: u32) -> Option<&[u8; BLOCK]> {
    octets_at(octets, at)
}

/// A run of a class ends at the first octet that stops it: where, and which octet that is. It begins at `at` with this
/// block.
#[inline(always)]
fn run<'a>(
    octets: &'a [u8],
    mut at: u32,
    mut block: &'a [u8; BLOCK],
    stops: impl Fn(&[u8; BLOCK]) -> u32,
) -> Option<(u32, u8)> {
    loop {
        let stops = stops(block);
        if stops != 0 {
            let len = stops.trailing_zeros();
            return Some((at + len, *block.get(len as usize)?));
        }
        at += BLOCK as u32;
        block = octets_at(octets, at)?;
    }
}

/// What is behind the CRLF at `at`.
#[inline(always)]
fn behind(octets: &[u8], at: u32, end: u32) -> Option<u32> {
    let crlf: &[u8; 2] = octets_at(octets, at)?;
    (at + 2 <= end && u16::from_le_bytes(*crlf) == CRLF).then_some(at + 2)
}

/// Octets before the target of a plain request.
pub const TARGET_AT: u32 = 4;

/// Of a request from `at` on: where its head and where its target ends, if it is a GET in HTTP/1.1 with a plain Host, and
/// has no other field that means anything here. The target is not judged: it has to be found among those that are known.
#[inline(always)]
#[must_use]
pub fn plain<S: Scan>(octets: &[u8], at: u32, end: u32) -> Option<(NonZeroU32, u32)> {
    // What is beyond the bound is not looked at, so that the answer does not depend on how much of it has come.
    let end = end.min(at + REQUEST_HEAD_MAX as u32);
    let target_end = request_line::<S>(octets, at)?;
    let mut at = host_line::<S>(octets, target_end + VERSION_LEN, end)?;
    // Many requests have no other line than the Host.
    if let Some(end) = behind(octets, at, end) {
        return Some((NonZeroU32::new(end)?, target_end));
    }
    loop {
        at = lines::<S>(octets, at, end);
        if let Some(end) = behind(octets, at, end) {
            return Some((NonZeroU32::new(end)?, target_end));
        }
        let line: &[u8; KEEP_ALIVE.len()] = octets_at(octets, at)?;
        if word(line, 0) != word(KEEP_ALIVE, 0)
            || word(line, 8) != word(KEEP_ALIVE, 8)
            || word(line, 16) != word(KEEP_ALIVE, 16)
        {
            return None;
        }
        at += KEEP_ALIVE.len() as u32;
    }
}

/// Eight octets of a line as a number.
#[inline(always)]
const fn word(line: &[u8; 24], at: usize) -> u64 {
    match line.split_at(at).1.first_chunk() {
        Some(octets) => u64::from_le_bytes(*octets),
        None => 0,
    }
}

/// What clients of HTTP/1.1 say of the connection that say anything, as it is meant anyway.
const KEEP_ALIVE: &[u8; 24] = b"Connection: keep-alive\r\n";

/// What is between a target and the host.
const VERSION_LEN: u32 = " HTTP/1.1\r\nHost: ".len() as u32;

/// `GET`, a target, `HTTP/1.1`, and on the next line `Host: ` in any case: where the target ends.
#[inline(always)]
fn request_line<S: Scan>(octets: &[u8], at: u32) -> Option<u32> {
    const GET: u32 = u32::from_le_bytes(*b"GET ");
    const VERSION: u64 = u64::from_le_bytes(*b"HTTP/1.1");
    const HOST: u64 = u64::from_le_bytes(*b"\r\nhost: ");
    const LOWER: u64 = u64::from_le_bytes(*b"\0\0    \0\0");
    let get = octets_at(octets, at)?;
    let target_at = at + TARGET_AT;
    let (target_end, _) = run(octets, target_at, block(octets, target_at)?, S::spaces)?;
    let [_, version @ ..]: &[u8; 17] = octets_at(octets, target_end)?;
    let is_plain = u32::from_le_bytes(*get) == GET
        && u64::from_le_bytes(*version.first_chunk()?) == VERSION
        && u64::from_le_bytes(*version.last_chunk()?) | LOWER == HOST;
    is_plain.then_some(target_end)
}

/// Letters, digits, hyphens and dots, maybe a port below 60000: what is behind the line.
#[inline(always)]
fn host_line<S: Scan>(octets: &[u8], host_at: u32, end: u32) -> Option<u32> {
    let (mut host_end, stop) = run(octets, host_at, block(octets, host_at)?, S::host_stops)?;
    if host_end == host_at {
        return None;
    }
    if stop == b':' {
        let port = block(octets, host_end + 1)?;
        let digits = S::digit_stops(port).trailing_zeros();
        if digits > 5 || digits == 5 && port[0] > b'5' {
            return None;
        }
        host_end += 1 + digits;
    }
    behind(octets, host_end, end)
}

/// Skips field lines of letters and hyphens, a colon, SP to `~`, whose names mean nothing here: where the first line is
/// that is another one.
#[inline(never)]
pub(super) fn lines<S: Scan>(octets: &[u8], mut at: u32, end: u32) -> u32 {
    while let Some(behind) = line::<S>(octets, at, end) {
        at = behind;
    }
    at
}

#[inline(always)]
fn line<S: Scan>(octets: &[u8], at: u32, end: u32) -> Option<u32> {
    let first = block(octets, at)?;
    let (colon, stop) = run(octets, at, first, S::name_stops)?;
    if stop != b':' || known::is_likely(first[0], colon - at) {
        return None;
    }
    let value_at = colon + 1;
    let (value_end, _) = run(octets, value_at, block(octets, value_at)?, S::value_stops)?;
    behind(octets, value_end, end)
}
