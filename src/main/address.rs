//! Addresses and numbers as text, in both directions.
//!
//! Invariant: no name is resolved and no zone named. What is written is read back as the same address.
#![forbid(unsafe_code)]

use core::net::SocketAddrV6;
use core::num::NonZeroU32;

use heapless::VecView;

const TEN: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// What an IPv4 address begins with when it is mapped into IPv6's.
const MAPPED: [u8; 12] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

const SIXTEEN: NonZeroU32 = NonZeroU32::new(16).unwrap();

/// Reads `ADDRESS`, `:PORT`, `ADDRESS:PORT` or `[ADDRESS]:PORT`, IPv4 mapped into IPv6 (RFC 4291 section 2.5.5.2).
/// A port needs brackets around an IPv6 address.
pub(super) fn socket_address(text: &[u8], address: &mut [u8; 16], port: &mut u32) -> Option<()> {
    let mut rest = Rest(text);
    let is_bracketed = rest.take(b'[');
    let is_ipv6 = is_bracketed || text.iter().filter(|&&octet| octet == b':').count() > 1;
    if is_ipv6 {
        *address = rest.ipv6()?;
    } else if text.first() != Some(&b':') {
        *address = rest.ipv4()?;
    }
    if is_bracketed && !rest.take(b']') {
        return None;
    }
    if is_bracketed == is_ipv6 && rest.take(b':') {
        *port = rest.number(10, 0xffff)?;
    }
    rest.0.is_empty().then_some(())
}

/// Reads a whole decimal number of at most `max`.
pub(super) fn number(text: &[u8], max: u32) -> Option<u32> {
    let mut rest = Rest(text);
    let number = rest.number(10, max);
    number.filter(|_| rest.0.is_empty())
}

/// What is left to read of a text.
#[derive(Clone, Copy)]
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    /// Takes the next octet if it is this one.
    #[inline(never)]
    fn take(&mut self, octet: u8) -> bool {
        match self.0 {
            [first, rest @ ..] if *first == octet => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    /// Takes `1*DIGIT` in base 10 or 16, worth at most `max`. A decimal starts with 0 only if it is 0: some read octal.
    #[inline(never)]
    fn number(&mut self, base: u32, max: u32) -> Option<u32> {
        let mut number = None;
        while let [octet, rest @ ..] = self.0 {
            let digit = match octet {
                b'0'..=b'9' => octet - b'0',
                _ => (octet | 0x20).wrapping_sub(b'a').saturating_add(10),
            };
            if u32::from(digit) >= base {
                break;
            }
            if base == 10 && number == Some(0) {
                return None;
            }
            let value = number.unwrap_or(0) * base + u32::from(digit);
            if value > max {
                return None;
            }
            number = Some(value);
            self.0 = rest;
        }
        number
    }

    /// RFC 3986: `dec-octet "." dec-octet "." dec-octet "." dec-octet`.
    fn ipv4(&mut self) -> Option<[u8; 16]> {
        let mut address = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0];
        let mut is_last = true;
        for octet in address.iter_mut().skip(12) {
            *octet = self.number(10, 255)? as u8;
            is_last = !self.take(b'.');
        }
        is_last.then_some(address)
    }

    /// RFC 4291 section 2.2: eight groups `1*4HEXDIG` with colons between, one run of zeros as `::`.
    fn ipv6(&mut self) -> Option<[u8; 16]> {
        let (mut front, mut back) = (0_u128, 0_u128);
        let (mut left, mut gap) = (8, 0);
        while left > 0 {
            if left < 8 && !self.take(b':') {
                break;
            }
            let mut group = self.number(16, 0xffff);
            if group.is_none() && gap == 0 && self.take(b':') {
                if left == 8 && !self.take(b':') {
                    break;
                }
                gap = left;
                (front, back) = (back, 0);
                group = self.number(16, 0xffff);
                if group.is_none() {
                    break;
                }
            }
            back = back << 16 | u128::from(group?);
            left -= 1;
        }
        if (gap == 0) != (left == 0) {
            return None;
        }
        while gap > 0 {
            front <<= 16;
            gap -= 1;
        }
        Some((front | back).to_be_bytes())
    }
}

/// Appends `ADDRESS:PORT`, an IPv6 address in brackets and with the first run of zeros as `::`.
pub(crate) fn write_address(line: &mut VecView<u8>, address: SocketAddrV6) {
    let octets = address.ip().octets();
    if let Some(ipv4) = octets.strip_prefix(&MAPPED) {
        let mut before: &[u8] = b"";
        for &octet in ipv4 {
            write(line, before);
            write_digits(line, octet.into(), TEN);
            before = b".";
        }
        write(line, b":");
    } else {
        write(line, b"[");
        write_ipv6(line, &octets);
        write(line, b"]:");
    }
    write_number(line, address.port().into());
}

fn write_ipv6(line: &mut VecView<u8>, octets: &[u8; 16]) {
    let mut before: &[u8] = b"";
    let (mut may_gap, mut is_gap) = (true, false);
    let mut rest = octets.as_slice();
    while let [high, low, behind @ ..] = rest {
        let group = u32::from(u16::from_be_bytes([*high, *low]));
        if may_gap && rest.starts_with(&[0; 4]) {
            write(line, b"::");
            (may_gap, is_gap) = (false, true);
            before = b"";
        }
        is_gap &= group == 0;
        if !is_gap {
            write(line, before);
            write_digits(line, group, SIXTEEN);
            before = b":";
        }
        rest = behind;
    }
}

/// Appends a number in decimal.
pub(crate) fn write_number(line: &mut VecView<u8>, number: u32) {
    write_digits(line, number, TEN);
}

/// Appends what fits: the line is for people, and one cut short says more than none.
#[inline(never)]
pub(crate) fn write(line: &mut VecView<u8>, text: &[u8]) {
    for &octet in text {
        let is_printable = matches!(octet, b' '..=b'~');
        // Full: the rest of the line is dropped.
        let _ = line.push(if is_printable { octet } else { b'?' });
    }
}

/// Appends the digits of a number, as deep as it has digits.
fn write_digits(line: &mut VecView<u8>, number: u32, base: NonZeroU32) {
    let before = number / base;
    if before > 0 {
        write_digits(line, before, base);
    }
    let digit = (number % base) as u8;
    let letters = if digit > 9 { b'a' - 10 } else { b'0' };
    write(line, &[letters + digit]);
}
