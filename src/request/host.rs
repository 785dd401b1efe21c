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
            [b'%', high, low, after @ ..]
                if octet::is(*high, octet::HEX) && octet::is(*low, octet::HEX) =>
            {
                after
            }
            _ => return rest,
        }
    }
}

/// What is behind an IPv6 address and its closing bracket.
///
/// It has eight groups, or fewer and one "::" in place of at least one. The last two may be written as IPv4 address:
/// four numbers from 0 to 255 without leading zeros.
fn ipv6(literal: &[u8]) -> Option<&[u8]> {
    let mut octets = 0;
    let mut dots = 0;
    let mut start = 0;
    let mut elided = false;
    let mut elided_last = false;
    for (at, &octet) in literal.iter().enumerate() {
        if octet::is(octet, octet::HEX) {
            continue;
        }
        let part = literal.get(start..at)?;
        start = at + 1;
        if octet == b'.' || dots > 0 {
            if matches!(part, [b'0', _, ..]) || octet::decimal(part)? > 255 {
                return None;
            }
            octets += 1;
        } else if !part.is_empty() {
            if part.len() > 4 {
                return None;
            }
            octets += 2;
        } else if at == 0 {
            // The first colon of two.
            literal.strip_prefix(b"::")?;
        } else if octet == b':' {
            if elided {
                return None;
            }
            elided = true;
        } else if !elided_last {
            return None;
        }
        elided_last = part.is_empty();
        match octet {
            b'.' => dots += 1,
            b':' if dots == 0 => {}
            b']' if dots == 0 || dots == 3 => {
                let complete = if elided { octets < 16 } else { octets == 16 };
                return literal.get(start..).filter(|_| complete);
            }
            _ => return None,
        }
    }
    None
}

/// Where the path or the query of a target in absolute-form begins, if it is an `http` or `https` URI with a valid authority.
/// `absolute-form = absolute-URI` (RFC 9112 section 3.2.2)
pub(super) fn path_of(target: &[u8]) -> Option<usize> {
    let scheme = target.iter().position(|&octet| octet == b':')?;
    let (name, rest) = target.split_at_checked(scheme)?;
    if !name.eq_ignore_ascii_case(b"http") && !name.eq_ignore_ascii_case(b"https") {
        return None;
    }
    let rest = rest.strip_prefix(b"://")?;
    let len = rest
        .iter()
        .position(|octet| matches!(octet, b'/' | b'?'))
        .unwrap_or(rest.len());
    is_valid(rest.get(..len)?).then_some(scheme + 3 + len)
}
