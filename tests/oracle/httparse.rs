//! The parser against `httparse`, where both want the same.

use httparse::{Request, Status};
use vanillin::limits::{METHOD_MAX, REQUEST_HEAD_MAX, TARGET_MAX};
use vanillin::request::{self, Parsed, Plain};

use super::mutation::{corpus, mutated};
use super::reference;
use crate::support::random::Random;

/// What `httparse` takes for a head, taken apart.
struct Theirs<'a> {
    len: usize,
    octets: &'a [u8],
    method: &'a str,
    target: &'a str,
    fields: &'a [httparse::Header<'a>],
}

impl Theirs<'_> {
    fn head(&self) -> &[u8] {
        &self.octets[..self.len]
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        let named = self.fields.iter();
        let named = named.filter(move |field| field.name.eq_ignore_ascii_case(name));
        named.map(|field| field.value)
    }

    fn has(&self, name: &str) -> bool {
        self.values(name).next().is_some()
    }
}

/// A reason for us to refuse what `httparse` takes.
type Reason = (&'static str, fn(&Theirs<'_>) -> bool);

/// Reviewed: each is a requirement of an RFC, or a choice that they leave, that `httparse` leaves to its caller.
const REFUSED_BY_US: &[Reason] = &[
    // RFC 9112 section 2.2: a bare LF may be taken for a line's end; a proxy may think otherwise.
    ("bare LF", |theirs| {
        let head = theirs.head();
        head.first() == Some(&b'\n')
            || head
                .windows(2)
                .any(|two| two[1] == b'\n' && two[0] != b'\r')
    }),
    // RFC 9112 section 2.2: at least one empty line is ignored. We ignore one.
    ("several empty lines", |theirs| {
        theirs.octets.starts_with(b"\r\n\r\n")
    }),
    // RFC 3986 section 2: the octets of a URI. Theirs is any octet but control octets and spaces.
    ("octets of the target", |theirs| {
        let is_uri =
            |octet: u8| octet.is_ascii_alphanumeric() || b"-._~:/?[]@!$&'()*+,;=%".contains(&octet);
        !theirs.target.bytes().all(is_uri)
    }),
    // RFC 9112 section 3.2: the forms of a target, and what method each is for.
    ("form of the target", |theirs| {
        !theirs.target.starts_with('/')
            && !matches!(
                reference::judge(theirs.octets).verdict,
                reference::Verdict::Head(_)
            )
    }),
    ("length of the target", |theirs| {
        theirs.target.len() > TARGET_MAX
    }),
    ("length of the method", |theirs| {
        theirs.method.len() > METHOD_MAX
    }),
    ("length of the head", |theirs| theirs.len > REQUEST_HEAD_MAX),
    // RFC 9112 section 3.2: one Host, and valid; its grammar is `tests/hosts.rs`'.
    ("Host", |theirs| {
        let ok = |value: &&[u8]| {
            let probe = [b"GET / HTTP/1.1\r\nHost: ", *value, b"\r\n\r\n"].concat();
            matches!(
                reference::judge(&probe).verdict,
                reference::Verdict::Head(_)
            )
        };
        let count = theirs.values("host").count();
        count > 1
            || theirs.values("host").any(|value| !ok(&value))
            || count == 0
                && theirs
                    .head()
                    .windows(9)
                    .any(|at| at == b"HTTP/1.1\r" || at == b"HTTP/1.1\n")
    }),
    // RFC 9112 sections 6.1 and 6.3: framing is not what `httparse` is about.
    ("Content-Length", |theirs| {
        let ok = |value: &[u8]| {
            std::str::from_utf8(value).is_ok_and(|text| {
                text.parse::<u64>().is_ok_and(|len| len < u64::MAX) && !text.starts_with('+')
            })
        };
        theirs.values("content-length").count() > 1 || !theirs.values("content-length").all(ok)
    }),
    ("Transfer-Encoding", |theirs| {
        theirs.has("transfer-encoding")
    }),
    // RFC 9110 section 10.1.1: what is expected is known, or 417.
    ("Expect", |theirs| {
        theirs
            .values("expect")
            .any(|value| !value.eq_ignore_ascii_case(b"100-continue"))
    }),
];

/// Whether `httparse` refuses, for a reviewed reason, what we take.
fn is_taken_by_us(octets: &[u8]) -> bool {
    // RFC 9110 section 2.5: a higher minor version is processed as 1.1. Theirs knows 1.0 and 1.1.
    octets
        .windows(8)
        .any(|at| at.starts_with(b"HTTP/1.") && matches!(at[7], b'2'..=b'9'))
}

/// Compares the two and says by which reasons they differ.
fn check(octets: &[u8], seen: &mut [usize]) {
    let mut fields = vec![httparse::EMPTY_HEADER; REQUEST_HEAD_MAX / 4];
    let mut theirs = Request::new(&mut fields);
    let theirs = theirs.parse(octets).map(|status| match status {
        Status::Partial => None,
        Status::Complete(len) => Some(Theirs {
            len,
            octets,
            method: theirs.method.unwrap_or_default(),
            target: theirs.path.unwrap_or_default(),
            fields: theirs.headers,
        }),
    });
    let shown = octets.escape_ascii();
    match (request::parse::<Plain>(octets), theirs) {
        (Parsed::Head(ours), Ok(Some(theirs))) => {
            assert_eq!(ours.len, theirs.len, "{shown}");
            assert_eq!(
                ours.request.method_token(),
                theirs.method.as_bytes(),
                "{shown}"
            );
            assert_eq!(ours.request.target(), theirs.target.as_bytes(), "{shown}");
            let fields = theirs.fields.iter();
            let fields = fields.map(|field| (field.name.as_bytes(), field.value));
            assert!(ours.request.fields().iter().eq(fields), "{shown}");
        }
        (Parsed::Head(_), theirs) => {
            assert!(theirs.is_err() && is_taken_by_us(octets), "{shown}");
        }
        (Parsed::Refused(refusal), Ok(Some(theirs))) => {
            let mut reasons = REFUSED_BY_US.iter().zip(seen);
            let reason = reasons.find(|((_, holds), _)| holds(&theirs));
            let Some((_, seen)) = reason else {
                panic!("refused with {refusal:?}, and no reason is known: {shown}");
            };
            *seen += 1;
        }
        (Parsed::Incomplete, Ok(Some(_))) => panic!("no end was found: {shown}"),
        (Parsed::Incomplete | Parsed::Refused(_), _) => {}
    }
}

#[test]
fn differences_to_httparse_are_the_reviewed_ones() {
    let mut random = Random::new();
    let mut corpus = corpus();
    let mut seen = [0; REFUSED_BY_US.len()];
    for octets in &corpus {
        check(octets, &mut seen);
    }
    corpus.retain(|octets| octets.len() < 400);
    for _ in 0..50_000 {
        check(&mutated(&mut random, &corpus), &mut seen);
    }
    for ((name, _), seen) in REFUSED_BY_US.iter().zip(seen) {
        assert!(seen > 0, "nothing is refused for its {name} any more");
    }
}
