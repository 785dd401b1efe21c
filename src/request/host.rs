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
pub fn is_valid(mut authority: &[u8]) -> bool {
    port(&mut authority) <= PORTS && authority.is_empty()
}

/// How many ports there are.
const PORTS: u64 = 65536;

/// Takes an authority off the front. Its port and one more; nought where it has none, and more than [`PORTS`] where
/// it is no authority.
#[inline(never)]
fn port(rest: &mut &[u8]) -> u64 {
    let is_host = if octet::eat(rest, b'[') {
        ipv6(rest) && octet::eat(rest, b']')
    } else {
        reg_name(rest)
    };
    if !is_host {
        return u64::MAX;
    }
    if !octet::eat(rest, b':') {
        return 0;
    }
    let port = octet::span(rest, octet::HEX);
    match port.len() {
        0 => 0,
        1..=5 => octet::decimal(port).map_or(u64::MAX, |port| port + 1),
        _ => u64::MAX,
    }
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

/// Added to the number of octets for each "::".
const ELIDED: u32 = 256;

/// Takes an IPv6 address off the front.
///
/// It has eight groups, or fewer and one "::" in place of at least one. In place of the last two there may be an IPv4
/// address: four numbers from 0 to 255 without leading zeros.
fn ipv6(rest: &mut &[u8]) -> bool {
    let mut octets: u32 = 0;
    // Those that are written as decimal numbers.
    let mut decimals = 0;
    loop {
        if octet::eat(rest, if decimals == 0 { b':' } else { b'.' }) {
            if decimals == 0 && octet::eat(rest, b':') {
                octets += ELIDED;
                if let [b']', ..] = rest {
                    break;
                }
            } else if octets == 0 {
                return false;
            }
        } else if octets > 0 {
            break;
        }
        let digits = octet::span(rest, octet::HEX);
        if decimals > 0 || matches!(rest, [b'.', ..]) {
            if matches!(digits, [b'0', _, ..])
                || octet::decimal(digits).is_none_or(|octet| octet > 255)
            {
                return false;
            }
            decimals += 1;
            octets += 1;
        } else {
            if digits.len().wrapping_sub(1) > 3 {
                return false;
            }
            octets += 2;
        }
    }
    matches!(decimals, 0 | 4) && (octets == 16 || octets.wrapping_sub(ELIDED) < 16)
}

/// Takes scheme and authority of a target in absolute-form off the front, if it is an `http` or `https` URI and the
/// authority is valid; or all of a target in authority-form, if it is valid and has a port (RFC 9110 section 9.3.6).
/// `absolute-form = absolute-URI` (RFC 9112 section 3.2.2)
pub(super) fn skip(rest: &mut &[u8], is_authority: bool) -> bool {
    if !is_authority {
        let scheme = octet::span(rest, octet::TOKEN);
        if octet::which(scheme, SCHEMES) > 1 || !octet::eat_all(rest, b"://") {
            return false;
        }
    }
    let none = u64::from(is_authority);
    if port(rest).wrapping_sub(none) > PORTS - none {
        return false;
    }
    match rest {
        [] => true,
        [b'/' | b'?', ..] => !is_authority,
        _ => false,
    }
}

const SCHEMES: &[u8] = &octet::names(b" http https");
