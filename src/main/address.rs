//! Addresses and numbers as text, in both directions.
//!
//! Invariant: no name is resolved and no zone named. What is written is read back as the same address.
#![forbid(unsafe_code)]

use core::net::Ipv6Addr;
use core::num::NonZeroU32;

use heapless::VecView;
use vanillin::request;

const TEN: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// No separator before the digits.
const NONE: u8 = 0;
/// What the first 96 bits of an IPv4 address are when it is mapped into IPv6's.
const MAPPED: u128 = 0xffff;

const SIXTEEN: NonZeroU32 = NonZeroU32::new(16).unwrap();

/// Reads `ADDRESS`, `:PORT`, `ADDRESS:PORT` or `[ADDRESS]:PORT`, IPv4 mapped into IPv6 (RFC 4291 section 2.5.5.2).
/// A port needs brackets around an IPv6 address.
pub(super) fn socket_address(text: &[u8], address: &mut [u8; 16], port: &mut u32) -> Option<()> {
    let (mut rest, is_bracketed) = match text {
        [b'[', rest @ ..] => (rest, true),
        _ => (text, false),
    };
    let is_ipv6 = is_bracketed || text.iter().filter(|&&octet| octet == b':').nth(1).is_some();
    if is_ipv6 || !matches!(rest, [b':', ..]) {
        request::ip(&mut rest, is_ipv6, address)?;
    }
    if is_bracketed {
        rest = rest.strip_prefix(b"]")?;
    }
    match rest {
        [] => {}
        [b':', digits @ ..] if is_bracketed == is_ipv6 => *port = number(digits, 0xffff)?,
        _ => return None,
    }
    Some(())
}

/// Reads a whole decimal number of at most `max`.
pub(super) fn number(text: &[u8], max: u32) -> Option<u32> {
    request::number(text, max)
}

/// Appends `ADDRESS:PORT`, an IPv6 address in brackets and with the first run of zeros as `::`.
pub(crate) fn write_address(line: &mut VecView<u8>, address: Ipv6Addr, port: u16) {
    let number = address.to_bits();
    if number >> 32 == MAPPED {
        write_ipv4(line, number as u32);
    } else {
        write_ipv6(line, number);
    }
    write_digits(line, b':', port.into(), TEN);
}

fn write_ipv4(line: &mut VecView<u8>, mut number: u32) {
    let mut separator = NONE;
    for _ in 0..4 {
        write_digits(line, separator, number >> 24, TEN);
        number <<= 8;
        separator = b'.';
    }
}

/// What two colons stand for: the first groups of zeros, if they are two at least.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    Ahead,
    Here,
    Behind,
}

fn write_ipv6(line: &mut VecView<u8>, mut number: u128) {
    let (mut gap, mut separator) = (Gap::Ahead, NONE);
    put(line, b'[');
    for left in (0..8).rev() {
        let group = (number >> 112) as u32;
        number <<= 16;
        if group != 0 || gap == Gap::Behind {
            if gap == Gap::Here {
                gap = Gap::Behind;
            }
            write_digits(line, separator, group, SIXTEEN);
        } else if gap == Gap::Ahead {
            if left > 0 && number >> 112 == 0 {
                gap = Gap::Here;
                put(line, b':');
            } else {
                write_digits(line, separator, group, SIXTEEN);
            }
        }
        separator = b':';
    }
    if gap == Gap::Here {
        put(line, b':');
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
