//! The authority of a request: `uri-host [ ":" port ]`, as in Host and in a target in absolute-form.
//!
//! Invariant: an authority is judged here and an address read, but never compared or resolved.

#[cfg(test)]
mod tests;

use core::mem;

use crate::request::octet;

/// Whether this is an authority that an `http` URI may have: its host is not empty, and there is no userinfo.
///
/// IP-literals of a future version are refused: nobody knows how to address them (RFC 3986 section 3.2.2).
#[must_use]
pub fn is_valid(mut authority: &[u8]) -> bool {
    parts(&mut authority) > 0 && authority.is_empty()
}

/// Takes an authority off the front: whether it is host and port, 2, or the host alone, 1; nought where it is none.
#[inline(never)]
fn parts(rest: &mut &[u8]) -> u32 {
    let is_host = if octet::eat(rest, b'[') {
        ip(rest, true, &mut [0; 16]).is_some() && octet::eat(rest, b']')
    } else {
        reg_name(rest)
    };
    if !is_host {
        return 0;
    }
    if !octet::eat(rest, b':') {
        return 1;
    }
    let port = octet::span(rest, octet::HEX);
    if port.is_empty() {
        return 1;
    }
    let is_port = port.len() <= 5 && octet::decimal(port).is_some_and(|port| port < 1 << 16);
    u32::from(is_port) * 2
}

/// Takes a reg-name that is not empty off the front.
// reg-name = *( unreserved / pct-encoded / sub-delims )
fn reg_name(rest: &mut &[u8]) -> bool {
    let len = rest.len();
    loop {
        octet::span(rest, octet::REG_NAME);
        if !octet::eat(rest, b'%') {
            return rest.len() < len;
        }
        if octet::encoded(rest).is_none() {
            return false;
        }
    }
}

/// The value of a decimal number of at most `max`. It starts with 0 only if it is 0: some read octal.
#[inline(never)]
#[must_use]
pub fn number(digits: &[u8], max: u32) -> Option<u32> {
    let number = octet::decimal(digits)?;
    (number <= u64::from(max) && !matches!(digits, [b'0', _, ..])).then_some(number as u32)
}

/// Takes an IP address off the front; one of IPv4 comes mapped into IPv6 (RFC 4291 section 2.5.5.2).
///
/// IPv6's has eight groups, or fewer and one "::" in place of at least one. In place of the last two there may be an
/// address of IPv4: four numbers from 0 to 255.
#[inline(never)]
pub fn ip(rest: &mut &[u8], is_ipv6: bool, address: &mut [u8; 16]) -> Option<()> {
    *address = [0; 16];
    let mut at = 0;
    // Octets are decimal numbers between dots, groups hexadecimal ones between colons.
    let mut separator = b':';
    if !is_ipv6 {
        (address[10], address[11], at) = (0xff, 0xff, 12);
        separator = b'.';
    }
    let mut decimals = 0;
    // Where octets are left out, and how often there is no group between colons, or between a colon and an end.
    let (mut gap, mut empty) = (address.len(), 0);
    loop {
        let digits = octet::span(rest, octet::HEX);
        if let [b'.', ..] = rest {
            separator = b'.';
        }
        if separator == b'.' {
            decimals += 1;
            *address.get_mut(at)? = number(digits, 0xff)? as u8;
            at += 1;
        } else if digits.is_empty() {
            if gap < at {
                return None;
            }
            (gap, empty) = (at, empty + 1);
        } else if digits.len() <= 4 {
            let group = octet::number(digits, 16)? as u16;
            *address.get_mut(at..)?.first_chunk_mut()? = group.to_be_bytes();
            at += 2;
        } else {
            return None;
        }
        if !octet::eat(rest, separator) {
            break;
        }
    }
    // A gap at an end has two colons on one side.
    let mut expected = 0;
    if at < address.len() {
        expected = 1 + u32::from(gap == 0) + u32::from(gap == at);
    }
    if empty != expected || !matches!(decimals, 0 | 4) {
        return None;
    }
    // What follows the gap moves to the end, where it is already without one.
    let mut to = address.len();
    while at > gap {
        (at, to) = (at - 1, to - 1);
        let octet = mem::take(address.get_mut(at)?);
        *address.get_mut(to)? = octet;
    }
    Some(())
}

/// Takes scheme and authority of a target in absolute-form off the front, if it is an `http` or `https` URI and the
/// authority is valid; or all of a target in authority-form, if it is valid and has a port (RFC 9110 section 9.3.6).
/// `absolute-form = absolute-URI` (RFC 9112 section 3.2.2)
pub(super) fn skip(rest: &mut &[u8], is_authority: bool) -> bool {
    if !is_authority {
        let scheme = octet::span(rest, octet::TOKEN);
        if octet::which(scheme, SCHEMES) > 1 || !octet::eat_all(rest, const { octet::form(b"://") })
        {
            return false;
        }
    }
    if parts(rest) <= u32::from(is_authority) {
        return false;
    }
    match rest {
        [] => true,
        [b'/' | b'?', ..] => !is_authority,
        _ => false,
    }
}

const SCHEMES: &[u8] = &octet::names(b" http https");
