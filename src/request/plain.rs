//! What nearly all heads are made of, sixteen octets at a time: a GET of a plain path, a plain Host, field lines
//! without an octet that is rare.
//!
//! Each function says where the line that begins at `at` ends, if it is a plain one. It looks at whole blocks, and so
//! at octets that may not have come yet: a line counts only where it ends among the first `len`, which have.
//! Positions are of 32 bits, so that adding to them does not overflow, and one comparison checks them.
//!
//! Invariant: nothing is refused here. What is not plain is judged by `parser`, one octet after the other.

use super::scan::{BLOCK, Scan};
use super::{Method, Request};
use crate::limits::TARGET_MAX;

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

/// The octets that have come.
#[inline(always)]
fn come(octets: &[u8], len: u32) -> &[u8] {
    octets.get(..len as usize).unwrap_or(octets)
}

/// What is behind the CRLF at `at`.
#[inline(always)]
fn behind(octets: &[u8], at: u32) -> Option<u32> {
    let crlf: &[u8; 2] = octets_at(octets, at)?;
    (u16::from_le_bytes(*crlf) == CRLF).then_some(at + 2)
}

/// `GET`, a path of slashes, letters and digits, `HTTP/1.1`.
#[inline(always)]
pub(super) fn request_line<'a, S: Scan>(
    octets: &'a [u8],
    len: u32,
    request: &mut Request<'a>,
) -> Option<u32> {
    const GET: u32 = u32::from_le_bytes(*b"GET ");
    const VERSION: u64 = u64::from_le_bytes(*b" HTTP/1.");
    const ONE: u32 = u32::from_le_bytes(*b".1\r\n");
    const PATH_AT: u32 = 4;
    let [g, e, t, space, slash] = octets_at(octets, 0)?;
    let (path_end, _) = run(octets, PATH_AT, block(octets, PATH_AT)?, S::path_stops)?;
    let [version @ .., _, _, _] = octets_at::<11>(octets, path_end)?;
    let one = octets_at(octets, path_end + 7)?;
    let end = path_end + 11;
    let is_plain = u32::from_le_bytes([*g, *e, *t, *space]) == GET
        && *slash == b'/'
        && u64::from_le_bytes(*version) == VERSION
        && u32::from_le_bytes(*one) == ONE
        && path_end <= PATH_AT + TARGET_MAX as u32
        && end <= len;
    if !is_plain {
        return None;
    }
    request.path = octets.get(PATH_AT as usize..path_end as usize)?;
    request.method = Method::Get;
    request.target_at = PATH_AT as u16;
    request.target_end = path_end as u16;
    Some(end)
}

/// `Host: `, letters, digits, hyphens and dots, maybe a port below 60000.
#[inline(always)]
pub(super) fn host_line<S: Scan>(octets: &[u8], len: u32, at: u32) -> Option<u32> {
    const HOST: u32 = u32::from_le_bytes(*b"host");
    const COLON: u16 = u16::from_le_bytes(*b": ");
    let [h, o, s, t, colon, space] = octets_at(octets, at)?;
    if u32::from_le_bytes([*h, *o, *s, *t]) | 0x2020_2020 != HOST
        || u16::from_le_bytes([*colon, *space]) != COLON
    {
        return None;
    }
    let host_at = at + 6;
    let (mut end, stop) = run(octets, host_at, block(octets, host_at)?, S::host_stops)?;
    if end == host_at {
        return None;
    }
    if stop == b':' {
        let port: &[u8; BLOCK] = octets_at(octets, end + 1)?;
        let digits = S::digit_stops(port).trailing_zeros();
        if digits > 5 || digits == 5 && port[0] > b'5' {
            return None;
        }
        end += 1 + digits;
    }
    behind(come(octets, len), end)
}

/// Whether the empty line is at `at`, if there is a whole block.
#[inline(always)]
pub(super) fn ends_head(octets: &[u8], len: u32, at: u32) -> bool {
    block(octets, at).is_some_and(|block| u16::from_le_bytes([block[0], block[1]]) == CRLF)
        && at + 2 <= len
}

/// A field line: the first octet and the length of its name, and what is behind it.
pub(super) struct Line {
    pub(super) initial: u8,
    pub(super) name_len: u32,
    pub(super) end: u32,
}

/// Letters and hyphens or none, a colon, SP to `~`.
#[inline(always)]
pub(super) fn field_line<S: Scan>(octets: &[u8], len: u32, at: u32) -> Option<Line> {
    let first = block(octets, at)?;
    let (colon, stop) = run(octets, at, first, S::name_stops)?;
    if stop != b':' {
        return None;
    }
    let value_at = colon + 1;
    let (value_end, _) = run(octets, value_at, block(octets, value_at)?, S::value_stops)?;
    Some(Line {
        initial: first[0],
        name_len: colon - at,
        end: behind(come(octets, len), value_end)?,
    })
}
