//! Accept-Encoding and the choice among the representations of a resource (RFC 9110 section 12.5.3).
//!
//! Invariant: some representation is always chosen. That none is acceptable is no reason for a 406.

#[cfg(test)]
mod tests;

use crate::request::{Fields, list, octet};

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
/// served also where the client accepts none, and where it wants nothing else more.
pub fn choose(
    fields: Fields<'_>,
    representation: impl Fn(usize) -> Option<(Coding, usize)>,
) -> usize {
    if representation(1).is_none() {
        return 0;
    }
    let weights = weights(fields);
    let [.., others] = weights;
    let mut chosen = 0;
    let mut best = NOT_ACCEPTABLE;
    let mut smallest = 0;
    let mut index = 0;
    while let Some((coding, len)) = representation(index) {
        let weight = match weights[coding as usize] {
            UNLISTED => others,
            weight => weight,
        };
        if weight > best || weight == best && len < smallest {
            chosen = index;
            best = weight;
            smallest = len;
        }
        index += 1;
    }
    chosen
}

/// The names of the codings in the order of [`Coding`], `*` for what is not listed, and the other name of gzip.
const NAMES: [&str; 6] = ["identity", "gzip", "br", "zstd", "*", "x-gzip"];
const X_GZIP: usize = 5;

/// What no member of the list speaks of.
const UNLISTED: u32 = 0;
const NOT_ACCEPTABLE: u32 = u32::from_be_bytes(*b"0000");
const MOST: u32 = u32::from_be_bytes(*b"1000");

/// What each coding is worth to the client, and last what those are that are not listed: the four digits of the weight.
// Accept-Encoding = #( codings [ weight ] )
fn weights(fields: Fields<'_>) -> [u32; NAMES.len() - 1] {
    let mut weights = [UNLISTED; NAMES.len() - 1];
    for member in list::of(fields, "accept-encoding") {
        let mut parts = member.splitn(2, |&octet| octet == b';');
        let name = octet::trim(parts.next().unwrap_or_default());
        let weight = digits(octet::trim(parts.next().unwrap_or(b"q=1")));
        let slot = NAMES.iter().position(|known| octet::is_name(name, known));
        let slot = slot.map(|slot| {
            if slot == X_GZIP {
                Coding::Gzip as usize
            } else {
                slot
            }
        });
        if let (Some(slot), Some(weight)) = (slot, weight)
            && let Some(slot) = weights.get_mut(slot)
        {
            *slot = weight;
        }
    }
    weights
}

/// The digits of a weight, one before the point and three behind. Their order is the order of the weights.
// weight = OWS ";" OWS "q=" qvalue
// qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )
fn digits(weight: &[u8]) -> Option<u32> {
    const FORM: &[u8; 7] = b"q=0.000";
    if weight.len() < 3 || weight.len() > FORM.len() {
        return None;
    }
    let mut digits = 0;
    for (at, part) in FORM.iter().enumerate() {
        let octet = *weight.get(at).unwrap_or(part);
        if *part == b'0' {
            if !octet.is_ascii_digit() {
                return None;
            }
            digits = digits << 8 | u32::from(octet);
        } else if octet.to_ascii_lowercase() != *part {
            return None;
        }
    }
    (digits <= MOST).then_some(digits)
}
