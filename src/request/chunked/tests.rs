//! The chunked transfer coding: tables, bounds, every split, and a decoder by recursive descent as the oracle.

use std::{format, string::String, vec, vec::Vec};

use crate::limits::{CHUNK_EXTENSIONS_MAX, CHUNK_SIZE_DIGITS_MAX, TRAILERS_MAX};
use crate::request::random::Random;
use crate::request::{Chunked, Refusal, Step};

/// What becomes of a body.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// Its content, and how many octets it takes.
    Done(Vec<u8>, usize),
    /// More octets are needed.
    More(Vec<u8>),
    Refused(Refusal),
}

fn decode(pieces: &[&[u8]]) -> End {
    let mut decoder = Chunked::new();
    let mut content = Vec::new();
    let mut used = 0;
    for piece in pieces {
        let mut rest = *piece;
        loop {
            match decoder.step(rest) {
                Step::More => {
                    used += rest.len();
                    break;
                }
                Step::Data { skip, len } => {
                    assert!(len > 0, "no empty content");
                    content.extend(&rest[skip..skip + len]);
                    used += skip + len;
                    rest = &rest[skip + len..];
                }
                Step::Done { used: last } => return End::Done(content, used + last),
                Step::Refused(refusal) => return End::Refused(refusal),
            }
        }
    }
    End::More(content)
}

/// The same by recursive descent over the whole body.
struct Oracle<'a> {
    body: &'a [u8],
    at: usize,
    extensions: usize,
}

enum Stop {
    Short,
    Refused(Refusal),
}

const BAD: Stop = Stop::Refused(Refusal::BadRequest);

impl Oracle<'_> {
    fn decode(body: &[u8]) -> End {
        let mut oracle = Oracle {
            body,
            at: 0,
            extensions: 0,
        };
        let mut content = Vec::new();
        match oracle.body(&mut content) {
            Ok(()) => End::Done(content, oracle.at),
            Err(Stop::Short) => End::More(content),
            Err(Stop::Refused(refusal)) => End::Refused(refusal),
        }
    }

    fn peek(&self) -> Result<u8, Stop> {
        self.body.get(self.at).copied().ok_or(Stop::Short)
    }

    fn expect(&mut self, octet: u8) -> Result<(), Stop> {
        if self.peek()? != octet {
            return Err(BAD);
        }
        self.at += 1;
        Ok(())
    }

    fn body(&mut self, content: &mut Vec<u8>) -> Result<(), Stop> {
        loop {
            let size = self.size()?;
            self.extensions()?;
            self.expect(b'\r')?;
            self.expect(b'\n')?;
            if size == 0 {
                return self.trailers();
            }
            for _ in 0..size {
                content.push(self.peek()?);
                self.at += 1;
            }
            self.expect(b'\r')?;
            self.expect(b'\n')?;
        }
    }

    fn size(&mut self) -> Result<u64, Stop> {
        let mut digits = String::new();
        while let digit = self.peek()?
            && digit.is_ascii_hexdigit()
        {
            digits.push(char::from(digit));
            self.at += 1;
            if digits.len() > CHUNK_SIZE_DIGITS_MAX as usize {
                return Err(BAD);
            }
        }
        u64::from_str_radix(&digits, 16).map_err(|_| BAD)
    }

    fn count(&mut self) -> Result<(), Stop> {
        self.at += 1;
        self.extensions += 1;
        if self.extensions > CHUNK_EXTENSIONS_MAX {
            return Err(BAD);
        }
        Ok(())
    }

    fn blanks(&mut self) -> Result<(), Stop> {
        while matches!(self.peek()?, b' ' | b'\t') {
            self.count()?;
        }
        Ok(())
    }

    fn token(&mut self) -> Result<(), Stop> {
        if !is_tchar(self.peek()?) {
            return Err(BAD);
        }
        while is_tchar(self.peek()?) {
            self.count()?;
        }
        Ok(())
    }

    fn extensions(&mut self) -> Result<(), Stop> {
        while self.peek()? != b'\r' {
            self.blanks()?;
            if self.peek()? != b';' {
                return Err(BAD);
            }
            self.count()?;
            self.blanks()?;
            self.token()?;
            let before_blanks = (self.at, self.extensions);
            self.blanks()?;
            if self.peek()? != b'=' {
                (self.at, self.extensions) = before_blanks;
                continue;
            }
            self.count()?;
            self.blanks()?;
            if self.peek()? == b'"' {
                self.quoted()?;
            } else {
                self.token()?;
            }
        }
        Ok(())
    }

    fn quoted(&mut self) -> Result<(), Stop> {
        self.count()?;
        loop {
            let octet = self.peek()?;
            if !is_text(octet) {
                return Err(BAD);
            }
            self.count()?;
            if octet == b'"' {
                return Ok(());
            }
            if octet == b'\\' {
                if !is_text(self.peek()?) {
                    return Err(BAD);
                }
                self.count()?;
            }
        }
    }

    fn trailers(&mut self) -> Result<(), Stop> {
        let start = self.at;
        let check = |at| {
            if at - start > TRAILERS_MAX {
                return Err(Stop::Refused(Refusal::FieldsTooLarge));
            }
            Ok(())
        };
        while self.peek()? != b'\r' {
            let mut name = 0;
            while self.peek()? != b':' {
                if !is_tchar(self.peek()?) {
                    return Err(BAD);
                }
                self.at += 1;
                name += 1;
                check(self.at)?;
            }
            if name == 0 {
                return Err(BAD);
            }
            self.at += 1;
            check(self.at)?;
            while self.peek()? != b'\r' {
                if !is_text(self.peek()?) {
                    return Err(BAD);
                }
                self.at += 1;
                check(self.at)?;
            }
            self.at += 1;
            check(self.at)?;
            self.expect(b'\n')?;
            check(self.at)?;
        }
        self.at += 1;
        self.expect(b'\n')
    }
}

fn is_tchar(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&octet)
}

fn is_text(octet: u8) -> bool {
    octet == b'\t' || octet >= b' ' && octet != 0x7F
}

/// Decodes the body whole, octet by octet and in two pieces of every size; all have to come to the same.
fn check(body: &[u8], end: &End) {
    let shown = || body.escape_ascii().take(300).collect::<Vec<_>>();
    assert_eq!(
        decode(&[body]),
        *end,
        "whole: {:?}",
        String::from_utf8(shown())
    );
    let octets: Vec<&[u8]> = body.chunks(1).collect();
    assert_eq!(
        decode(&octets),
        *end,
        "octet by octet: {:?}",
        String::from_utf8(shown())
    );
    let step = 1 + body.len() / 128;
    for at in (0..=body.len()).step_by(step) {
        let (front, back) = body.split_at(at);
        assert_eq!(
            decode(&[front, back]),
            *end,
            "split at {at}: {:?}",
            String::from_utf8(shown())
        );
        assert_eq!(decode(&[front, &[], back]), *end, "empty piece at {at}");
    }
}

#[test]
fn bodies() {
    let done: &[(&[u8], &[u8])] = &[
        (b"0\r\n\r\n", b""),
        (b"000\r\n\r\n", b""),
        (b"5\r\nhello\r\n0\r\n\r\n", b"hello"),
        (b"5\r\nhello\r\n1\r\n \r\n0\r\n\r\n", b"hello "),
        (
            b"a\r\n0123456789\r\nA\r\n\r\n\r\n\r\n\r\n\r\n\r\n0\r\n\r\n",
            b"0123456789\r\n\r\n\r\n\r\n\r\n",
        ),
        (b"000000000000001\r\nx\r\n000000000000000\r\n\r\n", b"x"),
        (b"1;a\r\nx\r\n0\r\n\r\n", b"x"),
        (
            b"1 ;\ta\t= b ; c;d\r\nx\r\n0;d=\"e;\\\" \xff\\\\\"\r\n\r\n",
            b"x",
        ),
        (b"1;a=\"\" ;b\r\nx\r\n0\r\n\r\n", b"x"),
        (b"0\r\nA:\r\n\r\n", b""),
        (
            b"0\r\nA:b\r\nTransfer-Encoding: c\t\xff:;\"\\ \r\n\r\n",
            b"",
        ),
    ];
    for (body, content) in done {
        check(body, &End::Done(content.to_vec(), body.len()));
        let pipelined = [*body, b"GET / HTTP/1.1\r\n"].concat();
        check(&pipelined, &End::Done(content.to_vec(), body.len()));
        for at in 0..body.len() {
            let end = Oracle::decode(&body[..at]);
            assert!(matches!(end, End::More(_)));
            assert_eq!(decode(&[&body[..at]]), end);
        }
    }
}

#[test]
fn refusals() {
    let refused: &[&[u8]] = &[
        b"\r\n",
        b"\n",
        b" 1\r\n",
        b"g\r\n",
        b"-1\r\n",
        b"+1\r\n",
        b"0x1\r\n",
        b"1_0\r\n",
        b"1 \r\n",
        b"1\t\r\n",
        b"1\n",
        b"1\rx",
        b"1\r\r\n",
        b"1;\r\n",
        b"1; \r\n",
        b"1;;a\r\n",
        b"1;a;\r\n",
        b"1;a \r\n",
        b"1;a=\r\n",
        b"1;a=b \r\n",
        b"1;a=b c\r\n",
        b"1;a b\r\n",
        b"1;a==b\r\n",
        b"1;a=\"b\"c\r\n",
        b"1;a=\"\n\"\r\n",
        b"1;a=\"\\\r\n",
        b"1;a=\"\x7f\"\r\n",
        b"1;\0\r\n",
        b"1;\xff\r\n",
        b"1;a\n",
        b"1,a\r\n",
        b"1:a\r\n",
        b"1\r\nxy",
        b"1\r\nx\n",
        b"1\r\nx\rx",
        b"1\r\nx\r\n\r\n",
        b"1\r\nx0\r\n\r\n",
        b"0\r\n\n",
        b"0\r\n\rx",
        b"0\r\n A: b\r\n",
        b"0\r\n:b\r\n",
        b"0\r\nA\r\n",
        b"0\r\nA : b\r\n",
        b"0\r\nA\t: b\r\n",
        b"0\r\nA: b\n",
        b"0\r\nA: b\rc",
        b"0\r\nA: b\r\n c\r\n",
        b"0\r\nA: \0\r\n",
        b"0\r\nA: \x7f\r\n",
        b"0\r\nA\xff: b\r\n",
        b"0000000000000001\r\n",
        b"ffffffffffffffff\r\n",
        b"10000000000000000\r\n",
    ];
    for body in refused {
        check(body, &End::Refused(Refusal::BadRequest));
    }
}

#[test]
fn bounds() {
    let digits = CHUNK_SIZE_DIGITS_MAX as usize;
    for len in digits - 1..=digits + 1 {
        let body = format!("{:0>len$}\r\nx\r\n0\r\n\r\n", 1);
        let end = if len <= digits {
            End::Done(b"x".to_vec(), body.len())
        } else {
            End::Refused(Refusal::BadRequest)
        };
        check(body.as_bytes(), &end);
    }
    for len in CHUNK_EXTENSIONS_MAX - 1..=CHUNK_EXTENSIONS_MAX + 1 {
        let one = format!("0;{}\r\n\r\n", "a".repeat(len - 1));
        let split = format!(
            "1; {}\r\nx\r\n0;{}\r\n\r\n",
            "a".repeat(10),
            "b".repeat(len - 13)
        );
        for (body, content) in [(one, ""), (split, "x")] {
            let end = if len <= CHUNK_EXTENSIONS_MAX {
                End::Done(content.into(), body.len())
            } else {
                End::Refused(Refusal::BadRequest)
            };
            check(body.as_bytes(), &end);
        }
    }
    let extension = format!(";{}", "e".repeat(CHUNK_EXTENSIONS_MAX - 1));
    for len in TRAILERS_MAX - 1..=TRAILERS_MAX + 1 {
        let one = format!("0{extension}\r\na:{}\r\n\r\n", "b".repeat(len - 4));
        let lines = format!(
            "0\r\n{}c:{}\r\n\r\n",
            "a:b\r\n".repeat(9),
            "d".repeat(len - 49)
        );
        for body in [one, lines] {
            let end = if len <= TRAILERS_MAX {
                End::Done(vec![], body.len())
            } else {
                End::Refused(Refusal::FieldsTooLarge)
            };
            check(body.as_bytes(), &end);
        }
    }
}

#[test]
fn large_chunks() {
    let mut decoder = Chunked::new();
    assert_eq!(decoder.pending(), 0);
    let body = b"fffffffffffffff\r\nabc";
    assert_eq!(decoder.step(body), Step::Data { skip: 17, len: 3 });
    assert_eq!(decoder.pending(), (1 << 60) - 4);
    assert_eq!(decoder.step(b""), Step::More);
    assert_eq!(
        decoder.step(&vec![0; 70000]),
        Step::Data {
            skip: 0,
            len: 70000
        }
    );
    assert_eq!(decoder.pending(), (1 << 60) - 70004);
}

#[test]
fn as_the_oracle() {
    let seeds: [&[u8]; 5] = [
        b"5\r\nhello\r\n0\r\n\r\n",
        b"1;a=b;c\r\nx\r\n02 ; d = \"e\\\"\"\r\nyz\r\n0\r\nA: b\r\nC:\r\n\r\n",
        b"00a;x=\"\"\r\n0123456789\r\n0;y\r\n\r\n",
        b"1\r\nx\r\n1\r\ny\r\n1\r\nz\r\n00\r\nTrailer: \xff\r\n\r\nGET",
        b"0\t;a\t=\tb\t;c\r\nx-y: z\t\r\n\r\n",
    ];
    let seed = 0x5eed_0001;
    let mut random = Random::new(seed);
    for round in 0..60_000 {
        let mut body = random.pick(&seeds).to_vec();
        for _ in 0..=random.below(4) {
            let (place, octet) = random.edit(body.len(), b"\r\n;=\"\\: \t0123afAF-,g");
            body.splice(place, octet);
        }
        let end = Oracle::decode(&body);
        let shown = body.escape_ascii();
        assert_eq!(
            decode(&[&body]),
            end,
            "seed {seed:#x}, round {round}: {shown}"
        );
        let octets: Vec<&[u8]> = body.chunks(1).collect();
        assert_eq!(
            decode(&octets),
            end,
            "seed {seed:#x}, round {round}: {shown}"
        );
    }
}
