//! Addresses and numbers as text, in both directions.
//!
//! Invariant: no name is resolved and no zone named. What is written is read back as the same address.
#![forbid(unsafe_code)]

use core::net::Ipv6Addr;
use core::num::NonZeroU32;

use heapless::VecView;
use vanillin::request;

const TEN: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// No separator before the digits, and no octet that ends a text: there is none of it in any.
const NONE: u8 = 0;
/// What the first 96 bits of an IPv4 address are when it is mapped into IPv6's.
const MAPPED: u128 = 0xffff;

const SIXTEEN: NonZeroU32 = NonZeroU32::new(16).unwrap();

/// Reads `ADDRESS`, `:PORT`, `ADDRESS:PORT` or `[ADDRESS]:PORT`, IPv4 mapped into IPv6 (RFC 4291 section 2.5.5.2).
/// A port needs brackets around an IPv6 address.
#[inline]
pub(super) fn socket_address(
    mut rest: &[u8],
    address: &mut [u8; 16],
    port: &mut u32,
) -> Option<()> {
    let is_bracketed = request::eat(&mut rest, b'[');
    let colons = rest.iter().filter(|&&octet| octet == b':').count();
    let is_ipv6 = is_bracketed || colons > 1;
    if is_ipv6 || !matches!(rest, [b':', ..]) {
        request::ip(&mut rest, is_ipv6, address)?;
    }
    if is_bracketed && !request::eat(&mut rest, b']') {
        return None;
    }
    if is_bracketed == is_ipv6 && request::eat(&mut rest, b':') {
        *port = request::number(rest, 0xffff)?;
        return Some(());
    }
    rest.is_empty().then_some(())
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

/// Two colons stand for the first groups of zeros, if they are two at least.
fn write_ipv6(line: &mut VecView<u8>, mut number: u128) {
    let (mut left, mut separator, mut is_whole) = (8_u32, NONE, true);
    put(line, b'[');
    while left > 0 {
        if is_whole && left > 1 && number >> 96 == 0 {
            is_whole = false;
            separator = NONE;
            write(line, b"::");
            while left > 0 && number >> 112 == 0 {
                number <<= 16;
                left -= 1;
            }
        } else {
            write_digits(line, separator, (number >> 112) as u32, SIXTEEN);
            separator = b':';
            number <<= 16;
            left -= 1;
        }
    }
    put(line, b']');
}

/// Appends a number in decimal.
pub(crate) fn write_number(line: &mut VecView<u8>, number: u32) {
    write_digits(line, NONE, number, TEN);
}

/// Appends a text.
#[inline(never)]
pub(crate) fn write(line: &mut VecView<u8>, text: &[u8]) {
    write_until(line, text, 0, NONE);
}

/// Appends what follows this offset of a text, up to the end of the line.
pub(crate) fn write_line(line: &mut VecView<u8>, text: &[u8], at: usize) {
    write_until(line, text, at, b'\n');
}

/// Appends what follows this offset of a text, up to its end or to the octet that ends what is meant.
#[inline(never)]
fn write_until(line: &mut VecView<u8>, text: &[u8], mut at: usize, end: u8) {
    while let Some(octet) = text.get(at)
        && *octet != end
    {
        put(line, *octet);
        at += 1;
    }
}

/// Appends an octet if it fits: the line is for people, and one cut short says more than none.
#[inline(never)]
fn put(line: &mut VecView<u8>, octet: u8) {
    // Full: the rest of the line is dropped.
    let _ = line.push(match octet {
        b' '..=b'~' => octet,
        b'\t' => b' ',
        _ => b'?',
    });
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
