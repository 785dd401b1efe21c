//! The grammar of a chunked body, written for the eye: RFC 9112 section 7.1 and the bounds.
//!
//! Invariant: as in `reference`, nothing is shared with the decoder but the bounds.

use vanillin::limits::{CHUNK_EXTENSIONS_MAX, CHUNK_SIZE_DIGITS_MAX, TRAILERS_MAX};

use super::reference::{Reader, Stop, is_tchar, is_text, require};

/// What octets are as the beginning of a chunked body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    Incomplete,
    Refused(u16),
    /// It ends behind so many octets.
    Whole(usize),
}

/// The body, the content as far as it has come, and at which octet it is known.
pub(crate) fn judge(octets: &[u8]) -> (Body, Vec<u8>, usize) {
    let mut reader = Reader { octets, at: 0 };
    let mut content = Vec::new();
    let body = match read(&mut reader, &mut content) {
        Ok(()) => Body::Whole(reader.at),
        Err(Stop::Incomplete) => Body::Incomplete,
        Err(Stop::Refused(status)) => Body::Refused(status),
    };
    (body, content, reader.at)
}

fn read(reader: &mut Reader<'_>, content: &mut Vec<u8>) -> Result<(), Stop> {
    let mut extensions = 0;
    loop {
        let size = size(reader)?;
        self::extensions(reader, &mut extensions)?;
        reader.expect(b"\r\n")?;
        if size == 0 {
            break;
        }
        for _ in 0..size {
            content.push(reader.next()?);
        }
        reader.expect(b"\r\n")?;
    }
    let mut spent = 0;
    while reader.peek()? != b'\r' {
        trailer(reader, &mut spent)?;
    }
    reader.expect(b"\r\n")
}

// chunk-size = 1*HEXDIG
fn size(reader: &mut Reader<'_>) -> Result<u64, Stop> {
    let (mut size, mut digits) = (0, 0);
    while let Some(digit) = char::from(reader.peek()?).to_digit(16) {
        reader.at += 1;
        size = size * 16 + u64::from(digit);
        digits += 1;
        require(digits <= CHUNK_SIZE_DIGITS_MAX)?;
    }
    if digits == 0 {
        reader.next()?;
    }
    require(digits > 0)?;
    Ok(size)
}

/// One octet of an extension, of which there is a bound.
fn spend(reader: &mut Reader<'_>, spent: &mut usize) -> Result<u8, Stop> {
    let octet = reader.next()?;
    *spent += 1;
    require(*spent <= CHUNK_EXTENSIONS_MAX)?;
    Ok(octet)
}

/// Optional white space; what comes behind it is not read.
fn blanks(reader: &mut Reader<'_>, spent: &mut usize) -> Result<usize, Stop> {
    let start = reader.at;
    while matches!(reader.peek()?, b' ' | b'\t') {
        spend(reader, spent)?;
    }
    Ok(reader.at - start)
}

fn token(reader: &mut Reader<'_>, spent: &mut usize) -> Result<(), Stop> {
    let start = reader.at;
    while is_tchar(reader.peek()?) {
        spend(reader, spent)?;
    }
    if reader.at == start {
        reader.at += 1;
        return Err(Stop::Refused(400));
    }
    Ok(())
}

// chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
fn extensions(reader: &mut Reader<'_>, spent: &mut usize) -> Result<(), Stop> {
    loop {
        let gap = blanks(reader, spent)?;
        if reader.peek()? != b';' {
            if gap > 0 {
                reader.at += 1;
            }
            return require(gap == 0);
        }
        spend(reader, spent)?;
        blanks(reader, spent)?;
        token(reader, spent)?;
        let before = (reader.at, *spent);
        blanks(reader, spent)?;
        if reader.peek()? != b'=' {
            // The white space belongs to the next extension.
            (reader.at, *spent) = before;
            continue;
        }
        spend(reader, spent)?;
        blanks(reader, spent)?;
        if reader.peek()? == b'"' {
            quoted(reader, spent)?;
        } else {
            token(reader, spent)?;
        }
    }
}

// quoted-string = DQUOTE *( qdtext / quoted-pair ) DQUOTE
fn quoted(reader: &mut Reader<'_>, spent: &mut usize) -> Result<(), Stop> {
    spend(reader, spent)?;
    loop {
        if !is_text(reader.peek()?) {
            reader.at += 1;
            return Err(Stop::Refused(400));
        }
        match spend(reader, spent)? {
            b'"' => return Ok(()),
            b'\\' => {
                if !is_text(reader.peek()?) {
                    reader.at += 1;
                    return Err(Stop::Refused(400));
                }
                spend(reader, spent)?;
            }
            _ => {}
        }
    }
}

// field-line CRLF, with a bound for the whole section
fn trailer(reader: &mut Reader<'_>, spent: &mut usize) -> Result<(), Stop> {
    let mut take = |reader: &mut Reader<'_>, belongs: fn(u8) -> bool| {
        let octet = reader.next()?;
        require(belongs(octet))?;
        *spent += 1;
        if *spent > TRAILERS_MAX {
            return Err(Stop::Refused(431));
        }
        Ok(octet)
    };
    take(reader, is_tchar)?;
    while take(reader, |octet| octet == b':' || is_tchar(octet))? != b':' {}
    while take(reader, |octet| octet == b'\r' || is_text(octet))? != b'\r' {}
    take(reader, |octet| octet == b'\n')?;
    Ok(())
}
