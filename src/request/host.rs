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
        [b'[', literal @ ..] => {
            let mut rest = literal;
            match octet::take(&mut rest, b']') {
                Some(address) if is_ipv6(address) => rest,
                _ => return false,
            }
        }
        _ => reg_name(authority),
    };
    match rest {
        _ if rest.len() == authority.len() => false,
        [] => true,
        [b':', port @ ..] if port.len() <= 5 => match octet::decimal(port) {
            Some(port) => port <= 65535,
            None => port.is_empty(),
        },
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

/// Added to the number of octets where some are elided.
const ELIDED: u32 = 256;

/// Whether this is an IPv6 address.
///
/// It has eight groups, or fewer and one "::" in place of at least one. The last two may be written as IPv4 address.
fn is_ipv6(mut rest: &[u8]) -> bool {
    let mut octets = 0;
    loop {
        match rest {
            [] => return octets == 16 || (ELIDED..ELIDED + 16).contains(&octets),
            [b':', b':', after @ ..] if octets < ELIDED => {
                octets += ELIDED;
                rest = after;
                if rest.is_empty() {
                    continue;
                }
            }
            [b':', after @ ..] if octets > 0 => rest = after,
            _ if octets > 0 => return false,
            _ => {}
        }
        let len = octet::run(rest, octet::HEX);
        let after = rest.get(len..).unwrap_or_default();
        rest = if !matches!(after, [b'.', ..]) {
            if len.wrapping_sub(1) > 3 {
                return false;
            }
            octets += 2;
            after
        } else {
            if !is_ipv4(rest) {
                return false;
            }
            octets += 4;
            &[]
        };
    }
}

/// Whether this is an IPv4 address: four numbers from 0 to 255 without leading zeros.
fn is_ipv4(mut rest: &[u8]) -> bool {
    let mut dots = 0;
    loop {
        let before = octet::take(&mut rest, b'.');
        let number = before.unwrap_or(rest);
        if matches!(number, [b'0', _, ..])
            || octet::decimal(number).is_none_or(|number| number > 255)
        {
            return false;
        }
        if before.is_none() {
            return dots == 3;
        }
        dots += 1;
    }
}

/// Where the path or the query of a target in absolute-form begins, if it is an `http` or `https` URI with a valid authority.
/// `absolute-form = absolute-URI` (RFC 9112 section 3.2.2)
pub(super) fn path_of(target: &[u8]) -> Option<usize> {
    let mut rest = target;
    let scheme = octet::take(&mut rest, b':')?;
    let [b'/', b'/', rest @ ..] = rest else {
        return None;
    };
    if octet::which(scheme, SCHEMES) > 1 {
        return None;
    }
    let len = rest
        .iter()
        .position(|octet| matches!(octet, b'/' | b'?'))
        .unwrap_or(rest.len());
    is_valid(rest.get(..len)?).then_some(scheme.len() + 3 + len)
}

const SCHEMES: &[u8] = &octet::names(b" http https");
