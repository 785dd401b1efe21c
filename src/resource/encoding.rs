//! Accept-Encoding and the choice among the representations of a resource (RFC 9110 section 12.5.3).
//!
//! Invariant: some representation is always chosen. That none is acceptable is no reason for a 406.

#[cfg(test)]
mod tests;

use crate::request::{Fields, Name, list, octet};

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
/// `form_of` gives the coding and the octets of the body of each; the first one is not encoded. It is served also where
/// the client accepts none, and where it wants nothing else more.
pub fn choose<'a, T>(
    fields: Fields<'_>,
    representations: &'a [T],
    form_of: impl Fn(&T) -> (Coding, usize),
) -> Option<&'a T> {
    let weights = weights(fields);
    let [.., others] = weights;
    let mut chosen = representations.first();
    let mut best = NOT_ACCEPTABLE;
    let mut smallest = 0;
    for representation in representations {
        let (coding, len) = form_of(representation);
        let weight = match weights[coding as usize] {
            UNLISTED => others,
            weight => weight,
        };
        if weight > best || weight == best && len < smallest {
            chosen = Some(representation);
            best = weight;
            smallest = len;
        }
    }
    chosen
}

/// The names of the codings in the order of [`Coding`], `*` for what is not listed, and the other name of gzip.
const NAMES: &[u8] = &octet::names(b" identity gzip br zstd * x-gzip");
const X_GZIP: usize = 5;

/// What no member of the list speaks of.
const UNLISTED: u64 = 0;
const NOT_ACCEPTABLE: u64 = 1;
const MOST: u64 = NOT_ACCEPTABLE + 1000;

/// What each coding is worth to the client in thousandths and one more, and last what those are that are not listed.
// Accept-Encoding = #( codings [ weight ] )
fn weights(fields: Fields<'_>) -> [u64; X_GZIP] {
    let mut weights = [UNLISTED; X_GZIP];
    for member in list::of(fields, Name::AcceptEncoding) {
        let mut rest = member;
        let before = octet::take(&mut rest, b';');
        let name = octet::trim(before.unwrap_or(rest));
        let slot = match octet::which(name, NAMES) {
            X_GZIP => Coding::Gzip as usize,
            slot => slot,
        };
        let weight = match before {
            Some(_) => thousandths(rest),
            None => MOST,
        };
        if let Some(slot) = weights.get_mut(slot)
            && weight != UNLISTED
        {
            *slot = weight;
        }
    }
    weights
}

/// A weight in thousandths and one more; [`UNLISTED`] for what is none.
// weight = OWS ";" OWS "q=" qvalue
// qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )
fn thousandths(weight: &[u8]) -> u64 {
    let weight = octet::trim(weight);
    let [b'q' | b'Q', value @ ..] = weight else {
        return UNLISTED;
    };
    let mut numbers = [0; 8];
    octet::numbers(value, b"=0.000", &mut numbers);
    let [weight, ..] = numbers;
    if value.len().wrapping_sub(2) > 4 || weight >= MOST {
        return UNLISTED;
    }
    weight + NOT_ACCEPTABLE
}
