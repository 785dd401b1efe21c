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
                if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() =>
            {
                after
            }
            _ => return rest,
        }
    }
}

/// What is behind an IPv6 address and its closing bracket.
fn ipv6(literal: &[u8]) -> Option<&[u8]> {
    let end = literal.iter().position(|&octet| octet == b']')?;
    let (mut rest, after) = literal.split_at_checked(end)?;
    // Eight groups, or fewer and one "::" in place of at least one. The last two may be written as IPv4 address.
    let mut groups = 0;
    let mut elided = false;
    if let [b':', b':', after @ ..] = rest {
        elided = true;
        rest = after;
    }
    while !rest.is_empty() {
        let digits = rest
            .iter()
            .take_while(|octet| octet.is_ascii_hexdigit())
            .count();
        groups += 1;
        rest = match (digits, rest.get(digits..)?) {
            (1..=4, [b':', b':', after @ ..]) if !elided => {
                elided = true;
                after
            }
            (1..=4, [b':', after @ ..]) if !after.is_empty() => after,
            (1..=4, []) => &[],
            (_, [b'.', ..]) if is_ipv4(rest) => {
                groups += 1;
                &[]
            }
            _ => return None,
        };
    }
    if groups == 8 && !elided || groups < 8 && elided {
        after.get(1..)
    } else {
        None
    }
}

// IPv4address = dec-octet "." dec-octet "." dec-octet "." dec-octet
// dec-octet   = 0 to 255, without leading zeros
fn is_ipv4(address: &[u8]) -> bool {
    let mut parts = 0;
    for part in address.split(|&octet| octet == b'.') {
        let leading_zero = matches!(part, [b'0', _, ..]);
        if leading_zero || octet::decimal(part).is_none_or(|part| part > 255) {
            return false;
        }
        parts += 1;
    }
    parts == 4
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
