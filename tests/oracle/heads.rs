//! Heads: `request::parse`, in both of its speeds, and `request::Gate`.

use vanillin::limits::REQUEST_HEAD_MAX;
use vanillin::request::{self, Gate, Plain};

use super::guard::Guard;
use super::mutation::{corpus, mutated};
use super::parser::{Fast, check_plain, said};
use super::reference::{self, Judgement, Verdict};
use crate::support::random::Random;

/// Room for the longest input.
fn guard() -> Guard {
    Guard::new(8 * REQUEST_HEAD_MAX)
}

/// Compares both speeds with the judgement for the first `len` octets.
fn check(guard: &mut Guard, octets: &[u8], len: usize, judgement: &Judgement) {
    let Judgement {
        verdict,
        decided_at,
    } = judgement;
    let (wanted, head_len) = match verdict {
        _ if len < *decided_at => (&Verdict::Incomplete, 0),
        Verdict::Head(_) => (verdict, *decided_at),
        _ => (verdict, 0),
    };
    let shown = || octets[..len].escape_ascii();
    let place = guard.place(&octets[..len]);
    let (plain, plain_len) = said(&request::parse::<Plain>(place));
    assert_eq!((&plain, plain_len), (wanted, head_len), "{}", shown());
    let (fast, fast_len) = said(&request::parse::<Fast>(place));
    assert_eq!((&fast, fast_len), (wanted, head_len), "SSE2: {}", shown());
    check_plain(place);
}

/// Feeds the octets in pieces as a worker does, and says at which ends of pieces the gate opened.
fn openings(octets: &[u8], mut piece: impl FnMut(usize) -> usize) -> Vec<usize> {
    let (mut gate, mut at, mut openings) = (Gate::new(), 0, Vec::new());
    while at < octets.len() {
        let len = piece(octets.len() - at);
        let next = at + len;
        if gate.pass(&octets[at..next], next) {
            openings.push(next);
        }
        at = next;
    }
    openings
}

/// What the gate promises: a whole head is seen at once, a fault before the head has doubled or ended, and the
/// octets that are parsed in vain are no more than a few times those that came.
fn check_gate(octets: &[u8], judgement: &Judgement, piece: impl FnMut(usize) -> usize) {
    let decided_at = match judgement.verdict {
        Verdict::Incomplete => octets.len() + 1,
        _ => judgement.decided_at,
    };
    let mut ends = Vec::new();
    let mut piece = piece;
    let openings = openings(octets, |left| {
        let len = piece(left);
        ends.push(ends.last().unwrap_or(&0) + len);
        len
    });
    let shown = octets.escape_ascii();
    if let Some(end) = ends.iter().find(|end| **end >= decided_at) {
        let opened = openings.iter().find(|opening| *opening >= end);
        let sure = match judgement.verdict {
            Verdict::Head(_) => decided_at,
            _ if decided_at == REQUEST_HEAD_MAX => decided_at,
            _ => 2 * decided_at,
        };
        if let Some(sure) = ends.iter().find(|end| **end >= sure) {
            assert!(opened.is_some_and(|opened| opened <= sure), "{shown}");
        }
    }
    let in_vain = openings.iter().filter(|opening| **opening < decided_at);
    let parsed: usize = in_vain.sum();
    assert!(parsed <= 3 * octets.len() + 8, "{parsed} octets: {shown}");
}

#[test]
fn every_prefix_of_the_corpus_is_judged_as_the_grammar_says() {
    let mut guard = guard();
    for octets in corpus() {
        let judgement = reference::judge(&octets);
        // Of long inputs the ends of elements, and every octet around them, are enough.
        let ends = [judgement.decided_at, octets.len()];
        for len in 0..=octets.len() {
            if len < 400 || ends.iter().any(|end| len.abs_diff(*end) < 40) {
                check(&mut guard, &octets, len, &judgement);
            }
        }
    }
}

#[test]
fn a_judgement_holds_for_every_longer_input() {
    for octets in corpus() {
        let Judgement {
            verdict,
            decided_at,
        } = reference::judge(&octets);
        for len in (0..=octets.len()).filter(|len| *len < 300 || len.abs_diff(decided_at) < 3) {
            let part = reference::judge(&octets[..len]);
            if len < decided_at {
                assert_eq!(part.verdict, Verdict::Incomplete);
            } else {
                assert_eq!(
                    (part.verdict, part.decided_at),
                    (verdict.clone(), decided_at)
                );
            }
        }
    }
}

#[test]
fn mutations_are_judged_as_the_grammar_says() {
    let mut random = Random::new();
    let mut guard = guard();
    let mut corpus = corpus();
    corpus.retain(|octets| octets.len() < 400);
    let (mut heads, mut refusals) = (0, 0);
    for turn in 0..300_000 {
        let octets = mutated(&mut random, &corpus);
        let judgement = reference::judge(&octets);
        match judgement.verdict {
            Verdict::Head(_) => heads += 1,
            Verdict::Refused(_) => refusals += 1,
            Verdict::Incomplete => {}
        }
        let decided_at = judgement.decided_at;
        check(&mut guard, &octets, octets.len(), &judgement);
        check(&mut guard, &octets, decided_at, &judgement);
        check(
            &mut guard,
            &octets,
            decided_at.saturating_sub(1),
            &judgement,
        );
        check(
            &mut guard,
            &octets,
            random.below(octets.len() + 1),
            &judgement,
        );
        if turn % 50 == 0 {
            for len in 0..octets.len() {
                check(&mut guard, &octets, len, &judgement);
            }
        }
    }
    // Where almost everything is refused at once, little has been tried.
    assert!(heads > 20_000 && refusals > 20_000, "{heads}, {refusals}");
}

#[test]
fn long_mutations_are_judged_as_the_grammar_says() {
    let mut random = Random::new();
    let mut guard = guard();
    let mut corpus = corpus();
    corpus.retain(|octets| octets.len() > 400);
    for _ in 0..2_000 {
        let octets = mutated(&mut random, &corpus);
        let judgement = reference::judge(&octets);
        for len in [
            octets.len(),
            judgement.decided_at,
            judgement.decided_at.saturating_sub(1),
        ] {
            check(&mut guard, &octets, len, &judgement);
        }
    }
}

#[test]
fn every_octet_everywhere_is_judged_as_the_grammar_says() {
    let mut guard = guard();
    let request = b"GET /a?b HTTP/1.1\r\nHost: a\r\nX-Y: 0123456789abcdef01\r\n\r\n";
    for at in 0..request.len() {
        for octet in 0..=u8::MAX {
            let mut octets = *request;
            octets[at] = octet;
            let judgement = reference::judge(&octets);
            for len in [octets.len(), judgement.decided_at, at + 1, at] {
                check(&mut guard, &octets, len, &judgement);
            }
        }
    }
}

#[test]
fn the_gate_opens_in_time_however_a_head_is_cut() {
    let mut random = Random::new();
    let corpus = corpus();
    for octets in &corpus {
        let judgement = reference::judge(octets);
        for len in [1, 2, 3, 7, 16, 139, 140, 8190, 12_000] {
            check_gate(octets, &judgement, |left| left.min(len));
        }
    }
    for _ in 0..20_000 {
        let octets = mutated(&mut random, &corpus);
        let judgement = reference::judge(&octets);
        let max = 1 + random.below(40);
        check_gate(&octets, &judgement, |left| {
            (1 + random.below(max)).min(left)
        });
    }
}
