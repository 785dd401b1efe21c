//! Octets: the classes that the grammars of RFC 3986, 9110 and 9112 sort them into, and numbers.
//!
//! Invariant: this leaf knows octets only, neither fields nor messages.

/// `tchar`: what a token is made of (RFC 9110 section 5.6.2).
pub(crate) const TOKEN: u8 = 1;
/// `HTAB / SP / VCHAR / obs-text`: what a field value is made of (RFC 9110 section 5.5).
pub(crate) const TEXT: u8 = 2;
/// `ALPHA / DIGIT / "-" / "." / "_" / "~"` (RFC 3986 section 2.3).
pub(crate) const UNRESERVED: u8 = 4;
/// `unreserved / sub-delims`: a reg-name but for its percent-encodings (RFC 3986 section 3.2.2).
pub(crate) const REG_NAME: u8 = 8;
/// `unreserved / sub-delims / ":" / "@"`: `pchar` but for the percent-encodings (RFC 3986 section 3.3).
pub(crate) const SEGMENT: u8 = 16;

/// What a URI without fragment is made of: unreserved and reserved but `#`, and `%` (RFC 3986 section 2).
pub(crate) const URI: u8 = 32;

/// `HEXDIG`, in either case.
pub(crate) const HEX: u8 = 64;

/// What a URI without query and fragment is made of.
pub(crate) const PATH: u8 = 128;

static CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut octet: u8 = 0;
    loop {
        classes[octet as usize] = class(octet);
        if octet == u8::MAX {
            return classes;
        }
        octet += 1;
    }
}

const fn class(octet: u8) -> u8 {
    match octet {
        b'0'..=b'9' | b'A'..=b'F' | b'a'..=b'f' => {
            TOKEN | TEXT | UNRESERVED | REG_NAME | SEGMENT | URI | PATH | HEX
        }
        b'G'..=b'Z' | b'g'..=b'z' | b'-' | b'.' | b'_' | b'~' => {
            TOKEN | TEXT | UNRESERVED | REG_NAME | SEGMENT | URI | PATH
        }
        b'!' | b'$' | b'&' | b'\'' | b'*' | b'+' => TOKEN | TEXT | REG_NAME | SEGMENT | URI | PATH,
        b'(' | b')' | b',' | b';' | b'=' => TEXT | REG_NAME | SEGMENT | URI | PATH,
        b':' | b'@' => TEXT | SEGMENT | URI | PATH,
        b'/' | b'[' | b']' => TEXT | URI | PATH,
        b'?' => TEXT | URI,
        b'%' => TOKEN | TEXT | URI | PATH,
        b'#' | b'^' | b'`' | b'|' => TOKEN | TEXT,
        b'\t' | b' '..=b'~' | 0x80..=0xFF => TEXT,
        _ => 0,
    }
}

/// Whether the octet belongs to the class.
pub(crate) const fn is(octet: u8, class: u8) -> bool {
    CLASSES[octet as usize] & class != 0
}

/// The form of names that [`which`] takes: each behind its length, which the text has a space for.
pub(crate) const fn names<const LEN: usize>(text: &[u8; LEN]) -> [u8; LEN] {
    let mut names = *text;
    let (mut at, mut len) = (LEN, 0);
    while at > 0 {
        at -= 1;
        if names[at] == b' ' {
            names[at] = len;
            len = 0;
        } else {
            len += 1;
        }
    }
    names
}

/// Which of the names the octets are, counted from 0; of the names their number, where they are none. Letters of a name
/// that are in lower case stand for both cases.
///
/// The octets have no CTL but HTAB, so that nothing but a letter becomes an octet of a name by the bit that tells cases.
#[inline(never)]
pub(crate) fn which(octets: &[u8], mut names: &[u8]) -> usize {
    const LOWER: u8 = 0x20;
    let mut index = 0;
    while let [len, rest @ ..] = names
        && let Some((name, after)) = rest.split_at_checked(usize::from(*len))
    {
        let differ = |(octet, letter): (&u8, &u8)| octet | letter & LOWER != *letter;
        if octets.len() == name.len() && !octets.iter().zip(name).any(differ) {
            break;
        }
        index += 1;
        names = after;
    }
    index
}

/// Takes the octets of a class off the front, as many as there are.
#[inline(never)]
pub(crate) fn span<'a>(rest: &mut &'a [u8], class: u8) -> &'a [u8] {
    let other = rest.iter().position(|&octet| !is(octet, class));
    let len = other.unwrap_or(rest.len());
    let Some((span, behind)) = rest.split_at_checked(len) else {
        return &[];
    };
    *rest = behind;
    span
}

/// Takes this octet, which is no nought, off the front, if it is there.
#[inline(always)]
pub(crate) fn eat(rest: &mut &[u8], wanted: u8) -> bool {
    eat_all(rest, wanted.into())
}

/// The form of octets that [`eat_all`] takes: the first one in the lowest bits, nothing behind the last one.
pub(crate) const fn form(text: &[u8]) -> u64 {
    match text {
        [octet, rest @ ..] => form(rest) << 8 | *octet as u64,
        [] => 0,
    }
}

/// Takes octets of this form off the front, or as many of them as there are. A nought stands for any digit.
#[inline(never)]
pub(crate) fn eat_all(rest: &mut &[u8], mut form: u64) -> bool {
    while form > 0 {
        let part = form as u8;
        match *rest {
            [octet, behind @ ..] if *octet == part || part == b'0' && octet.is_ascii_digit() => {
                *rest = behind;
            }
            _ => return false,
        }
        form >>= 8;
    }
    true
}

/// Takes what is before the first such octet off the front, and that octet with it; nothing where there is none.
#[inline(never)]
pub(crate) fn take<'a>(rest: &mut &'a [u8], until: u8) -> Option<&'a [u8]> {
    let at = rest.iter().position(|&octet| octet == until)?;
    let (before, [_, behind @ ..]) = rest.split_at_checked(at)? else {
        return None;
    };
    *rest = behind;
    Some(before)
}

/// The octet that two `HEXDIG` in front stand for.
#[inline(never)]
pub(crate) fn encoded(octets: &[u8]) -> Option<u8> {
    Some(number(octets.get(..2)?, 16)? as u8)
}

/// The numbers that octets are made of by a form; what they are shorter than the form is as the form has it. Octets that
/// are not of this form have `u64::MAX` as the first number. All of them are nought before.
///
/// In the form 0 to 5 stand for a decimal digit of the number of that index, where that of 5 may be a space, and 6 and 7
/// for any octet, which is a digit to the base 256. Anything else stands for itself.
#[inline(never)]
pub(crate) fn numbers(octets: &[u8], form: &[u8], numbers: &mut [u64; 8]) {
    for (at, part) in form.iter().enumerate() {
        let octet = *octets.get(at).unwrap_or(part);
        let index = part.wrapping_sub(b'0');
        let mut fits = octet == *part;
        if let Some(number) = numbers.get_mut(usize::from(index)) {
            let mut digit = octet;
            fits = index > 5;
            if fits {
                *number <<= 8;
            } else {
                if index == 5 && octet == b' ' {
                    digit = b'0';
                }
                digit = digit.wrapping_sub(b'0');
                fits = digit < 10;
                *number *= 10;
            }
            *number += u64::from(digit);
        }
        if !fits {
            numbers[0] = u64::MAX;
            return;
        }
    }
}

/// The octets without the white space around them, of which HTAB is the only CTL. `OWS = *( SP / HTAB )`
#[inline(never)]
pub(crate) fn trim(mut octets: &[u8]) -> &[u8] {
    while let [..=b' ', rest @ ..] | [rest @ .., ..=b' '] = octets {
        octets = rest;
    }
    octets
}

/// The value of a `HEXDIG`.
pub(crate) const fn hex(octet: u8) -> Option<u8> {
    if is(octet, HEX) {
        Some(digit(octet))
    } else {
        None
    }
}

/// The value of an octet that is a `HEXDIG`.
pub(crate) const fn digit(octet: u8) -> u8 {
    // The lower bits of a digit are its value, those of a letter are behind it by nine; bit 6 tells them apart.
    (octet & 15) + (octet >> 6) * 9
}

/// The value of `1*DIGIT`. What exceeds 64 bits is `u64::MAX`.
pub(crate) fn decimal(digits: &[u8]) -> Option<u64> {
    number(digits, 10)
}

/// The value of digits, at least one, to the base 10 or 16. What exceeds 64 bits is `u64::MAX`.
#[inline(never)]
pub(crate) fn number(digits: &[u8], base: u64) -> Option<u64> {
    let mut value: u64 = 0;
    for &octet in digits {
        let digit = u64::from(hex(octet)?);
        if digit >= base {
            return None;
        }
        value = value.saturating_mul(base).saturating_add(digit);
    }
    (!digits.is_empty()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::{HEX, REG_NAME, SEGMENT, TEXT, TOKEN, UNRESERVED, decimal, hex, is};

    #[test]
    fn classes() {
        for octet in 0..=u8::MAX {
            let alphanumeric = octet.is_ascii_alphanumeric();
            let among = |others: &[u8]| alphanumeric || others.contains(&octet);
            assert_eq!(is(octet, TOKEN), among(b"!#$%&'*+-.^_`|~"), "{octet:#x}");
            assert_eq!(is(octet, UNRESERVED), among(b"-._~"), "{octet:#x}");
            assert_eq!(is(octet, REG_NAME), among(b"-._~!$&'()*+,;="), "{octet:#x}");
            assert_eq!(
                is(octet, SEGMENT),
                among(b"-._~!$&'()*+,;=:@"),
                "{octet:#x}"
            );
            let text = octet == b'\t' || octet == b' ' || octet.is_ascii_graphic() || octet > 0x7F;
            assert_eq!(is(octet, TEXT), text, "{octet:#x}");
            let digit = char::from(octet).to_digit(16);
            assert_eq!(is(octet, HEX), digit.is_some(), "{octet:#x}");
            assert_eq!(hex(octet).map(u32::from), digit, "{octet:#x}");
        }
    }

    #[test]
    fn numbers() {
        let table: [(&[u8], Option<u64>); 12] = [
            (b"0", Some(0)),
            (b"007", Some(7)),
            (b"18446744073709551614", Some(u64::MAX - 1)),
            (b"18446744073709551615", Some(u64::MAX)),
            (b"18446744073709551616", Some(u64::MAX)),
            (b"99999999999999999999999999999999", Some(u64::MAX)),
            (b"", None),
            (b"-1", None),
            (b"+1", None),
            (b"1 ", None),
            (b"1a", None),
            (b"99999999999999999999999999999999a", None),
        ];
        for (digits, expected) in table {
            assert_eq!(decimal(digits), expected, "{}", digits.escape_ascii());
        }
    }
}
