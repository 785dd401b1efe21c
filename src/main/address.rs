//! Addresses and numbers as text, in both directions.
//!
//! Invariant: no name is resolved and no zone named. What is written is read back as the same address.
#![forbid(unsafe_code)]

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use core::num::NonZeroU32;

use heapless::VecView;

const TEN: NonZeroU32 = NonZeroU32::new(10).unwrap();
const SIXTEEN: NonZeroU32 = NonZeroU32::new(16).unwrap();

/// Reads `ADDRESS`, `:PORT`, `ADDRESS:PORT` or `[ADDRESS]:PORT`; a port needs brackets around an IPv6 address.
pub(super) fn socket_address(text: &[u8]) -> Option<(Option<IpAddr>, Option<u32>)> {
    let (mut host, mut port) = split_once(text, b':');
    let mut is_ipv6 = false;
    if let Some(bracketed) = text.strip_prefix(b"[") {
        let (address, rest) = split_once(bracketed, b']');
        is_ipv6 = true;
        host = address;
        port = match rest? {
            [] => None,
            [b':', port @ ..] => Some(port),
            _ => return None,
        };
    } else if port.is_some_and(|port| port.contains(&b':')) {
        is_ipv6 = true;
        host = text;
        port = None;
    }
    let address = match host {
        [] if port.is_some() && !is_ipv6 => None,
        host if is_ipv6 => Some(IpAddr::V6(Ipv6Addr::from_bits(ipv6(host)?))),
        host => Some(IpAddr::V4(Ipv4Addr::from_bits(ipv4(host)?))),
    };
    match port {
        None => Some((address, None)),
        Some(port) => Some((address, Some(number(port, 10, u32::from(u16::MAX))?))),
    }
}

/// RFC 3986: `dec-octet "." dec-octet "." dec-octet "." dec-octet`, without leading zeros: some read those as octal.
fn ipv4(text: &[u8]) -> Option<u32> {
    let (mut address, mut octets) = (0, 0);
    for octet in text.split(|&octet| octet == b'.') {
        if octet.len() > 1 && octet.starts_with(b"0") {
            return None;
        }
        address = address << 8 | number(octet, 10, 255)?;
        octets += 1;
    }
    (octets == 4).then_some(address)
}

/// RFC 4291 section 2.2: eight groups of `1*4HEXDIG`, one run of them as `::`, the last two as IPv4.
fn ipv6(text: &[u8]) -> Option<u128> {
    let (mut front, mut back) = (0_u128, 0_u128);
    let mut gap = None;
    let mut groups = 0;
    let mut rest = Some(text);
    if let Some(behind) = text.strip_prefix(b"::") {
        gap = Some(0);
        rest = Some(behind).filter(|behind| !behind.is_empty());
    }
    while let Some(text) = rest {
        let (group, behind) = split_once(text, b':');
        rest = behind;
        if behind.is_none()
            && let Some(address) = ipv4(group)
        {
            back = back << 32 | u128::from(address);
            groups += 2;
            break;
        }
        if group.len() > 4 {
            return None;
        }
        back = back << 16 | u128::from(number(group, 16, 0xffff)?);
        groups += 1;
        if let Some(behind) = behind.and_then(|behind| behind.strip_prefix(b":")) {
            if gap.is_some() {
                return None;
            }
            gap = Some(groups);
            (front, back) = (back, 0);
            rest = Some(behind).filter(|behind| !behind.is_empty());
        }
    }
    match gap {
        None => (groups == 8).then_some(back),
        Some(before) => (groups < 8).then(|| front.wrapping_shl(16 * (8 - before)) | back),
    }
}

/// Reads `1*DIGIT` in a base of up to 16, of at most `max`.
pub(super) fn number(text: &[u8], base: u32, max: u32) -> Option<u32> {
    let mut number = 0_u32;
    for &octet in text {
        let digit = match octet {
            b'0'..=b'9' => octet - b'0',
            b'a'..=b'f' => octet - b'a' + 10,
            b'A'..=b'F' => octet - b'A' + 10,
            _ => return None,
        };
        let digit = u32::from(digit);
        number = number.saturating_mul(base).saturating_add(digit);
        if digit >= base || number > max {
            return None;
        }
    }
    (!text.is_empty()).then_some(number)
}

/// Splits at the first `separator`; without one all is before it.
pub(super) fn split_once(text: &[u8], separator: u8) -> (&[u8], Option<&[u8]>) {
    match text.iter().position(|&octet| octet == separator) {
        None => (text, None),
        Some(at) => (text.get(..at).unwrap_or_default(), text.get(at + 1..)),
    }
}

/// Appends `http://ADDRESS:PORT`, an IPv6 address in brackets and in the form of RFC 5952.
pub(crate) fn write_address(line: &mut VecView<u8>, address: SocketAddr) {
    write(line, b"http://");
    match address.ip() {
        IpAddr::V4(address) => {
            let mut separator: &[u8] = b"";
            for octet in address.octets() {
                write(line, separator);
                write_number(line, u32::from(octet));
                separator = b".";
            }
        }
        IpAddr::V6(address) => write_ipv6(line, &address.segments()),
    }
    write(line, b":");
    write_number(line, u32::from(address.port()));
}

/// Appends a number in decimal.
pub(crate) fn write_number(line: &mut VecView<u8>, number: u32) {
    write_digits(line, number, TEN, 1_000_000_000);
}

/// Appends what fits: the line is for people, and one cut short says more than none.
pub(crate) fn write(line: &mut VecView<u8>, text: &[u8]) {
    for &octet in text {
        // Full: the rest of the line is dropped.
        let _ = line.push(octet);
    }
}

/// Appends the first longest run of two or more zero groups as `::`, the others in hexadecimal.
fn write_ipv6(line: &mut VecView<u8>, groups: &[u16; 8]) {
    let (mut gap, mut gap_len) = (8, 1);
    for start in 0..8 {
        let zeros = groups.iter().skip(start).take_while(|&&group| group == 0);
        let len = zeros.count();
        if len > gap_len {
            (gap, gap_len) = (start, len);
        }
    }
    write(line, b"[");
    let mut separator: &[u8] = b"";
    for (index, &group) in groups.iter().enumerate() {
        if index == gap {
            separator = b"::";
        } else if !(gap..gap + gap_len).contains(&index) {
            write(line, separator);
            write_digits(line, u32::from(group), SIXTEEN, 0x1000);
            separator = b":";
        }
    }
    if gap + gap_len == 8 {
        write(line, separator);
    }
    write(line, b"]");
}

/// Appends the digits of `number` from that worth `scale` down, without leading zeros.
fn write_digits(line: &mut VecView<u8>, number: u32, base: NonZeroU32, mut scale: u32) {
    while let Some(rest) = number.checked_div(scale) {
        if rest > 0 || scale == 1 {
            let digit = (rest % base) as u8;
            write(
                line,
                &[if digit < 10 {
                    b'0' + digit
                } else {
                    b'a' - 10 + digit
                }],
            );
        }
        scale /= base;
    }
}
