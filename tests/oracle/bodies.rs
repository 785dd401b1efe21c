//! Chunked bodies: `request::Chunked`, fed whole and in pieces.

use vanillin::limits::{CHUNK_EXTENSIONS_MAX, TRAILERS_MAX};
use vanillin::request::{Chunked, Step};

use super::coding::{self, Body};
use super::guard::Guard;
use super::mutation;
use crate::support::random::Random;

const CORPUS: &[&[u8]] = &[
    b"0\r\n\r\n",
    b"5\r\nhello\r\n0\r\n\r\nGET /",
    b"00000a\r\n0123456789\r\n1\r\nx\r\n000\r\n\r\n",
    b"000000000000001\r\nx\r\n0\r\n\r\n",
    b"0000000000000001\r\nx\r\n0\r\n\r\n",
    b"3;a;b=c ; d = \"e\\\"f;\" \t;g\r\nabc\r\n0;h\r\n\r\n",
    b"3;a \r\nabc\r\n0\r\n\r\n",
    b"3 \r\nabc\r\n0\r\n\r\n",
    b"3;\r\nabc\r\n0\r\n\r\n",
    b"3\nabc\r\n0\r\n\r\n",
    b"3\r\nabcd\r\n0\r\n\r\n",
    b"0\r\nA: b\r\nC:\r\nD:\t \xff\r\n\r\n",
    b"0\r\nA : b\r\n\r\n",
    b"0\r\n: b\r\n\r\n",
    b"0\r\nA: b\r\n c\r\n\r\n",
    b"F\r\n0123456789abcde\r\nf\r\n0123456789abcde\r\n0\r\n\r\n",
    b"7fffffffffffffff\r\nabc",
    b"-1\r\nx",
    b"0x1\r\nx",
];

fn corpus() -> Vec<Vec<u8>> {
    let mut corpus: Vec<Vec<u8>> = CORPUS.iter().map(|one| one.to_vec()).collect();
    for more in 0..3 {
        let extension = "e".repeat(CHUNK_EXTENSIONS_MAX / 2 + more - 2);
        let half = "f".repeat(CHUNK_EXTENSIONS_MAX / 2 - 1);
        corpus.push(format!("1;{half}\r\nx\r\n0;{extension}\r\n\r\n").into_bytes());
        let trailer = "t".repeat(TRAILERS_MAX / 2 + more - 6);
        let half = "u".repeat(TRAILERS_MAX / 2 - 3);
        corpus.push(format!("0\r\nA:{half}\r\nB: {trailer}\r\n\r\n").into_bytes());
    }
    corpus
}

/// Feeds the octets in pieces, each right before the guard page.
fn decode(
    guard: &mut Guard,
    octets: &[u8],
    mut piece: impl FnMut(usize) -> usize,
) -> (Body, Vec<u8>) {
    let mut chunked = Chunked::new();
    let (mut start, mut content) = (0, Vec::new());
    while start < octets.len() {
        let end = start + piece(octets.len() - start);
        let place = guard.place(&octets[start..end]);
        let mut at = 0;
        while at < place.len() {
            match chunked.step(&place[at..]) {
                Step::More => at = place.len(),
                Step::Data { skip, len } => {
                    assert!(len > 0);
                    content.extend_from_slice(&place[at + skip..at + skip + len]);
                    at += skip + len;
                }
                Step::Done { used } => return (Body::Whole(start + at + used), content),
                Step::Refused(refusal) => return (Body::Refused(refusal.code()), content),
            }
        }
        start = end;
    }
    (Body::Incomplete, content)
}

fn check(guard: &mut Guard, random: &mut Random, octets: &[u8]) {
    let (wanted, content, decided_at) = coding::judge(octets);
    let wanted = (wanted, content);
    let shown = || octets.escape_ascii();
    assert_eq!(decode(guard, octets, |left| left), wanted, "{}", shown());
    assert_eq!(decode(guard, octets, |_| 1), wanted, "{}", shown());
    let max = 1 + random.below(9);
    let pieces = decode(guard, octets, |left| (1 + random.below(max)).min(left));
    assert_eq!(pieces, wanted, "{}", shown());
    if wanted.0 != Body::Incomplete {
        let decided = decode(guard, &octets[..decided_at], |left| left);
        assert_eq!(decided, wanted, "{}", shown());
        let before = decode(guard, &octets[..decided_at - 1], |left| left);
        assert_eq!(before.0, Body::Incomplete, "{}", shown());
    }
}

#[test]
fn every_prefix_of_the_corpus_is_decoded_as_the_grammar_says() {
    let mut random = Random::new();
    let mut guard = Guard::new(4 * TRAILERS_MAX);
    for octets in corpus() {
        for len in (0..=octets.len()).filter(|len| *len < 100 || octets.len() - len < 20) {
            check(&mut guard, &mut random, &octets[..len]);
        }
    }
}

#[test]
fn mutations_are_decoded_as_the_grammar_says() {
    let mut random = Random::new();
    let mut guard = Guard::new(4 * TRAILERS_MAX);
    let mut corpus = corpus();
    for _ in 0..1_000 {
        let octets = mutation::mutated(&mut random, &corpus);
        check(&mut guard, &mut random, &octets);
    }
    corpus.retain(|octets| octets.len() < 100);
    for _ in 0..100_000 {
        let octets = mutation::mutated(&mut random, &corpus);
        check(&mut guard, &mut random, &octets);
    }
}
