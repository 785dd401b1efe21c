//! Addresses and numbers as text, in both directions.
//!
//! Invariant: no name is resolved and no zone named. What is written is read back as the same address.
#![forbid(unsafe_code)]

use core::mem;
use core::net::SocketAddrV6;
use core::num::NonZeroU32;

use heapless::VecView;

const TEN: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// No separator before the digits.
const NONE: u8 = 0;
/// What the first 96 bits of an IPv4 address are when it is mapped into IPv6's.
const MAPPED: u128 = 0xffff;

const SIXTEEN: NonZeroU32 = NonZeroU32::new(16).unwrap();

/// Reads `ADDRESS`, `:PORT`, `ADDRESS:PORT` or `[ADDRESS]:PORT`, IPv4 mapped into IPv6 (RFC 4291 section 2.5.5.2).
/// A port needs brackets around an IPv6 address.
pub(super) fn socket_address(text: &[u8], address: &mut [u8; 16], port: &mut u32) -> Option<()> {
    let mut rest = Rest(text);
    let is_bracketed = rest.take(b'[');
    let is_ipv6 = is_bracketed || text.iter().filter(|&&octet| octet == b':').count() > 1;
    if is_ipv6 || text.first() != Some(&b':') {
        rest.address(is_ipv6, address)?;
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

    /// RFC 3986: `dec-octet "." dec-octet "." dec-octet "." dec-octet`; or RFC 4291 section 2.2: eight groups
    /// `1*4HEXDIG` with colons between, one run of zeros as `::`.
    fn address(&mut self, is_ipv6: bool, address: &mut [u8; 16]) -> Option<()> {
        *address = [0; 16];
        let (mut at, base, max, separator) = if is_ipv6 {
            (0, 16, 0xffff, b':')
        } else {
            (address[10], address[11]) = (0xff, 0xff);
            (12, 10, 0xff, b'.')
        };
        let start = at;
        // Where the run of zeros belongs.
        let mut gap = address.len();
        while at < address.len() {
            if at > start && !self.take(separator) {
                break;
            }
            let mut group = self.number(base, max);
            if group.is_none() && is_ipv6 && gap == address.len() && self.take(b':') {
                if at == start && !self.take(b':') {
                    break;
                }
                gap = at;
                group = self.number(base, max);
                if group.is_none() {
                    break;
                }
            }
            let [_, _, high, low] = group?.to_be_bytes();
            if is_ipv6 {
                *address.get_mut(at)? = high;
                at += 1;
            }
            *address.get_mut(at)? = low;
            at += 1;
        }
        if (gap == address.len()) != (at == address.len()) {
            return None;
        }
        // What follows the run moves to the end.
        let mut to = address.len();
        while at > gap {
            (at, to) = (at - 1, to - 1);
            let octet = mem::take(address.get_mut(at)?);
            *address.get_mut(to)? = octet;
        }
        Some(())
    }
}

/// Appends `ADDRESS:PORT`, an IPv6 address in brackets and with the first run of zeros as `::`.
pub(crate) fn write_address(line: &mut VecView<u8>, address: SocketAddrV6) {
    let number = address.ip().to_bits();
    if number >> 32 == MAPPED {
        write_ipv4(line, number as u32);
    } else {
        write_ipv6(line, number);
    }
    write_digits(line, b':', address.port().into(), TEN);
}

fn write_ipv4(line: &mut VecView<u8>, mut number: u32) {
    let mut separator = NONE;
    for _ in 0..4 {
        write_digits(line, separator, number >> 24, TEN);
        number <<= 8;
        separator = b'.';
    }
}

fn write_ipv6(line: &mut VecView<u8>, mut number: u128) {
    let mut separator = b'[';
    let mut may_gap = true;
    let mut left = 8;
    while left > 0 {
        // Two groups of zeros, of those that are left.
        let is_gap = may_gap && left > 1 && number >> 96 == 0;
        if is_gap {
            may_gap = false;
            put(line, separator);
            if left == 8 {
                put(line, b':');
            }
            while left > 0 && number >> 112 == 0 {
                number <<= 16;
                left -= 1;
            }
            if left == 0 {
                put(line, b':');
            }
        } else {
            write_digits(line, separator, (number >> 112) as u32, SIXTEEN);
            number <<= 16;
            left -= 1;
        }
        separator = b':';
    }
    put(line, b']');
}

/// Appends a number in decimal.
pub(crate) fn write_number(line: &mut VecView<u8>, number: u32) {
    write_digits(line, NONE, number, TEN);
}

/// Appends what fits: the line is for people, and one cut short says more than none.
#[inline(never)]
pub(crate) fn write(line: &mut VecView<u8>, text: &[u8]) {
    for &octet in text {
        // Full: the rest of the line is dropped.
        let _ = line.push(match octet {
            b' '..=b'~' => octet,
            b'\t' => b' ',
            _ => b'?',
        });
    }
}

#[inline(never)]
fn put(line: &mut VecView<u8>, octet: u8) {
    write(line, &[octet]);
}

/// Appends the digits of a number, as deep as it has digits, behind a separator.
fn write_digits(line: &mut VecView<u8>, separator: u8, number: u32, base: NonZeroU32) {
    let before = number / base;
    if before > 0 {
        write_digits(line, separator, before, base);
    } else if separator != NONE {
        put(line, separator);
    }
    let digit = (number % base) as u8;
    let letters = if digit > 9 { b'a' - 10 } else { b'0' };
    put(line, letters + digit);
}
