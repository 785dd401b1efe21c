//! Accept-Encoding and the choice among the representations of a resource (RFC 9110 section 12.5.3).
//!
//! Invariant: some representation is always chosen. That none is acceptable is no reason for a 406.

#[cfg(test)]
mod tests;

use crate::request::{Fields, list};

/// A content coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Coding {
    /// None.
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 7932.
    Brotli,
    /// RFC 8878.
    Zstd,
}

impl Coding {
    /// Its name in Accept-Encoding and Content-Encoding.
    #[must_use]
    pub const fn token(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }
}

/// Chooses the representation that the client prefers; among equals the one with the smaller body, then the first.
///
/// `representation` gives the coding and the octets of the body of each, by index; the first one is not encoded. It is
/// served also where the client accepts none.
pub fn choose(
    fields: Fields<'_>,
    representation: impl Fn(usize) -> Option<(Coding, usize)>,
) -> usize {
    if representation(1).is_none() {
        return 0;
    }
    let weights = weights(fields);
    let mut chosen = 0;
    let mut best = (0, usize::MAX);
    let mut index = 0;
    while let Some((coding, len)) = representation(index) {
        let weight = weights[coding as usize];
        if weight > best.0 || weight == best.0 && weight > 0 && len < best.1 {
            best = (weight, len);
            chosen = index;
        }
        index += 1;
    }
    chosen
}

/// The names of the codings in the order of [`Coding`], `*` for what is not listed, and another name of the second.
const NAMES: &[u8] = b"identity,gzip,br,zstd,*,x-gzip";
const OTHERS: usize = 4;
const X_GZIP: usize = 5;

/// What no member of the list speaks of.
const UNLISTED: u16 = u16::MAX;

/// What each coding is worth to the client: two thousandths per thousandth of its weight, 0 where it is not acceptable.
/// Identity is acceptable without being listed, but worth less than all that is.
// Accept-Encoding = #( codings [ OWS ";" OWS "q=" qvalue ] )
fn weights(fields: Fields<'_>) -> [u16; OTHERS + 1] {
    let mut weights = [UNLISTED; OTHERS + 1];
    for member in list::of(fields, "accept-encoding") {
        let end = member.iter().position(|&octet| octet == b';');
        let (name, weight) = member.split_at(end.unwrap_or(member.len()));
        let name = name.trim_ascii_end();
        let slot = list::members(NAMES).position(|known| known.eq_ignore_ascii_case(name));
        let slot = slot.map(|slot| {
            if slot == X_GZIP {
                Coding::Gzip as usize
            } else {
                slot
            }
        });
        if let Some(slot) = slot.and_then(|slot| weights.get_mut(slot))
            && let Some(weight) = thousandths(weight)
        {
            *slot = 2 * weight;
        }
    }
    let [listed @ .., others] = &mut weights;
    for (index, weight) in listed.iter_mut().enumerate() {
        if *weight == UNLISTED {
            *weight = match *others {
                UNLISTED => u16::from(index == Coding::Identity as usize),
                others => others,
            };
        }
    }
    weights
}

/// What a weight is, where there is one, in thousandths.
// weight = OWS ";" OWS "q=" qvalue
// qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )
fn thousandths(weight: &[u8]) -> Option<u16> {
    let Some((_, weight)) = weight.split_first() else {
        return Some(1000);
    };
    let [b'q' | b'Q', b'=', units @ (b'0' | b'1'), decimals @ ..] = weight.trim_ascii_start()
    else {
        return None;
    };
    let decimals = match decimals {
        [] => decimals,
        [b'.', decimals @ ..] => decimals,
        _ => return None,
    };
    let mut value = u16::from(units - b'0') * 1000;
    let mut unit = 100;
    for &octet in decimals {
        let digit = octet.wrapping_sub(b'0');
        if digit > 9 || unit == 0 {
            return None;
        }
        value += u16::from(digit) * unit;
        unit /= 10;
    }
    (value <= 1000).then_some(value)
}
