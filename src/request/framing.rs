//! What the field lines say of the content that follows: Content-Length and Transfer-Encoding.
//!
//! Invariant: each field is judged alone. What they mean together is the parser's decision.

use crate::request::{Fields, Name, Refusal, list, octet};

/// The value of Content-Length, `1*DIGIT`. `u64::MAX` counts as overflow.
#[must_use]
pub fn content_length(value: &[u8]) -> Option<u64> {
    octet::decimal(value).filter(|&length| length != u64::MAX)
}

/// Whether Transfer-Encoding, where there is one, is `chunked`, exactly once.
///
/// # Errors
///
/// Where `chunked` is repeated, not the last coding or has parameters, and where a member is empty or malformed, the
/// message has no certain end: 400. A well-formed coding that nobody implements here is 501, also in front of `chunked`.
pub fn transfer_encoding(fields: Fields<'_>) -> Result<(), Refusal> {
    let mut chunked = false;
    let mut unknown = false;
    for member in list::of(fields, Name::TransferEncoding) {
        // transfer-coding = token *( OWS ";" OWS transfer-parameter )
        let mut rest = member;
        let before = octet::take(&mut rest, b';');
        let name = octet::trim(before.unwrap_or(rest));
        if chunked || name.is_empty() || octet::run(name, octet::TOKEN) < name.len() {
            return Err(Refusal::BadRequest);
        }
        chunked = octet::which(name, CHUNKED) == 0;
        unknown |= !chunked;
        if chunked && before.is_some() {
            return Err(Refusal::BadRequest);
        }
    }
    if unknown {
        return Err(Refusal::NotImplemented);
    }
    Ok(())
}

/// The only coding that is known here.
const CHUNKED: &[u8] = &octet::names(b" chunked");

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;

    use super::{content_length, transfer_encoding};
    use crate::request::{Fields, Refusal};

    #[test]
    fn lengths() {
        let table: [(&str, Option<u64>); 14] = [
            ("0", Some(0)),
            ("00", Some(0)),
            ("10", Some(10)),
            ("18446744073709551614", Some(u64::MAX - 1)),
            ("18446744073709551615", None),
            ("18446744073709551616", None),
            ("", None),
            ("-1", None),
            ("+1", None),
            ("1 0", None),
            ("1,1", None),
            ("1, 1", None),
            ("0x1", None),
            ("1.0", None),
        ];
        for (value, expected) in table {
            assert_eq!(content_length(value.as_bytes()), expected, "{value}");
        }
    }

    #[test]
    fn codings() {
        let bad = Err(Refusal::BadRequest);
        let unknown = Err(Refusal::NotImplemented);
        let table: &[(&[&str], Result<(), Refusal>)] = &[
            (&[], Ok(())),
            (&["chunked"], Ok(())),
            (&["CHUNKED"], Ok(())),
            (&["\tChunked "], Ok(())),
            (&[""], bad),
            (&[","], bad),
            (&["chunked,"], bad),
            (&[",chunked"], bad),
            (&["chunked", ""], bad),
            (&["", "chunked"], bad),
            (&["chunked, chunked"], bad),
            (&["chunked", "chunked"], bad),
            (&["chunked, gzip"], bad),
            (&["chunked", "identity"], bad),
            (&["gzip, chunked, chunked"], bad),
            (&["chunked;a=b"], bad),
            (&["chunked ; a"], bad),
            (&["chunked;"], bad),
            (&["gzip, chunked;a"], bad),
            (&["gzip,, chunked"], bad),
            (&["\"chunked\""], bad),
            (&["chunked chunked"], bad),
            (&["chun ked"], bad),
            (&["\u{b}chunked"], bad),
            (&["=chunked"], bad),
            (&["gzip"], unknown),
            (&["identity"], unknown),
            (&["xchunked"], unknown),
            (&["chunked-not"], unknown),
            (&["gzip, chunked"], unknown),
            (&["gzip", "chunked"], unknown),
            (&["gzip;level=\"a,chunked\", chunked"], unknown),
        ];
        for (values, expected) in table {
            let lines = values
                .iter()
                .map(|value| format!("Transfer-Encoding: {value}\r\n"));
            let section: String = lines.collect();
            let found = transfer_encoding(Fields::new(section.as_bytes()));
            assert_eq!(found, *expected, "{values:?}");
        }
    }
}
