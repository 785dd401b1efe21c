//! The authority of a request: `uri-host [ ":" port ]`, as in Host and in a target in absolute-form.
//!
//! Invariant: an authority is judged here, never compared or resolved.

#[cfg(test)]
mod tests;

use crate::request::octet;

/// Whether this is an authority that an `http` URI may have: its host is not empty, and there is no userinfo.
///
/// IP-literals of a future version are refused: nobody knows how to address them (RFC 3986 section 3.2.2).
#[must_use]
pub fn is_valid(authority: &[u8]) -> bool {
    let rest = match authority {
        [b'[', literal @ ..] => ipv6(literal),
        _ => Some(reg_name(authority)).filter(|rest| rest.len() < authority.len()),
    };
    match rest {
        Some([] | [b':']) => true,
        Some([b':', port @ ..]) => {
            port.len() <= 5 && octet::decimal(port).is_some_and(|port| port <= 65535)
        }
        _ => false,
    }
}

/// What is behind the longest reg-name.
// reg-name = *( unreserved / pct-encoded / sub-delims )
fn reg_name(mut rest: &[u8]) -> &[u8] {
    loop {
        rest = match rest {
            [octet, after @ ..] if octet::is(*octet, octet::REG_NAME) => after,
            [_, _, _, after @ ..] if octet::encoded(rest).is_some() => after,
            _ => return rest,
        }
    }
}

/// What is behind an IPv6 address and its closing bracket.
///
/// It has eight groups, or fewer and one "::" in place of at least one. The last two may be written as IPv4 address:
/// four numbers from 0 to 255 without leading zeros.
fn ipv6(mut rest: &[u8]) -> Option<&[u8]> {
    // How much of the address has been read, and how much of it is elided: a "::" is more than none.
    let mut octets = 0;
    let mut dots = 0;
    let mut elided = false;
    // The digits of the current part behind a one, so that their number shows, and whether there is a letter.
    let mut part: u32 = 1;
    let mut letters = 0;
    // Whether a "::" is before the current part; at first whether one has to follow.
    let mut double = false;
    let mut is_first = true;
    loop {
        let (&octet, after) = rest.split_first()?;
        rest = after;
        if let Some(digit) = octet::hex(octet) {
            part = part << 4 | u32::from(digit);
            letters |= octet;
            if part > 0x1_ffff {
                return None;
            }
            continue;
        }
        let was_double = double;
        double = false;
        if let (b':', [b':', after @ ..]) = (octet, rest) {
            if elided {
                return None;
            }
            rest = after;
            elided = true;
            double = true;
        }
        if part == 1 {
            let may_be_empty = if octet == b']' {
                was_double
            } else {
                is_first && double
            };
            if !may_be_empty {
                return None;
            }
        } else if octet == b'.' || dots > 0 {
            let is_number =
                letters < b'A' && matches!(part, 0x10..=0x19 | 0x110..=0x199 | 0x1100..=0x1255);
            if !is_number {
                return None;
            }
            octets += 1;
        } else {
            octets += 2;
        }
        part = 1;
        letters = 0;
        is_first = false;
        match octet {
            b'.' => dots += 1,
            b':' if dots == 0 => {}
            b']' if dots == 0 || dots == 3 => {
                let complete = if elided { octets < 16 } else { octets == 16 };
                return complete.then_some(rest);
            }
            _ => return None,
        }
    }
}

/// Where the path or the query of a target in absolute-form begins, if it is an `http` or `https` URI with a valid authority.
/// `absolute-form = absolute-URI` (RFC 9112 section 3.2.2)
pub(super) fn path_of(target: &[u8]) -> Option<usize> {
    let (scheme, rest) = octet::split(target, b':');
    let [b'/', b'/', rest @ ..] = rest? else {
        return None;
    };
    if octet::which(scheme, SCHEMES, octet::is_name) > 1 {
        return None;
    }
    let len = rest
        .iter()
        .position(|octet| matches!(octet, b'/' | b'?'))
        .unwrap_or(rest.len());
    is_valid(rest.get(..len)?).then_some(scheme.len() + 3 + len)
}

const SCHEMES: &[u8] = &octet::names(b" http https");
