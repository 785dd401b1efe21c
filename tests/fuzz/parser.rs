//! Octets as a request: head, path, fields, response and chunked content, each against its reference.
#![no_main]

#[path = "../oracle/reference.rs"]
#[allow(dead_code)]
mod reference;

#[path = "../oracle/coding.rs"]
mod coding;

#[path = "../oracle/parser.rs"]
mod parser;

mod site;

use libfuzzer_sys::fuzz_target;
use vanillin::limits::TARGET_MAX;
use vanillin::request::{self, Chunked, Parsed, Plain, Step};
use vanillin::{Moment, Response};

use parser::{Fast, check_plain, said};
use reference::Verdict;

fuzz_target!(|octets: &[u8]| {
    let judgement = reference::judge(octets);
    let len = match judgement.verdict {
        Verdict::Head(_) => judgement.decided_at,
        _ => 0,
    };
    let fast = request::parse::<Fast>(octets);
    assert_eq!(said(&fast), (judgement.verdict, len));
    assert_eq!(said(&request::parse::<Plain>(octets)), said(&fast));
    check_plain(octets);
    if let Parsed::Head(head) = &fast {
        answer(head);
    }
    decode(&octets[len..]);
});

/// The path has one normal form, and whatever is asked of the site has an answer.
fn answer(head: &request::Head<'_>) {
    let mut path = heapless::Vec::<u8, TARGET_MAX>::new();
    let mut request = head.request;
    if request.path.starts_with(b"/") {
        if request::normalise(request.path, &mut path).is_err() {
            return;
        }
        let mut again = heapless::Vec::new();
        assert_eq!(request::normalise(&path, &mut again), Ok(()));
        assert_eq!(path, again);
        request.path = &path;
    }
    let moment = Moment {
        unix: 784_111_777,
        draining: false,
    };
    match site::SITE.respond(&request, moment) {
        Response::Part { of, first, last } => {
            assert!(first <= last && last < of.body().len());
        }
        Response::Written { .. } => panic!("nobody wrote anything"),
        Response::Message(_)
        | Response::NotModified(_)
        | Response::Options(_)
        | Response::Refused(..)
        | Response::Empty(_)
        | Response::Error(_) => {}
    }
}

/// The same content and the same end, in one piece and in two.
fn decode(octets: &[u8]) {
    let (body, content, _) = coding::judge(octets);
    let middle = octets.len() / 2;
    for pieces in [[octets, &[]], octets.split_at(middle).into()] {
        let mut chunked = Chunked::new();
        let mut decoded = Vec::new();
        let mut end = coding::Body::Incomplete;
        let mut before = 0;
        'pieces: for piece in pieces {
            let mut at = 0;
            while at < piece.len() {
                match chunked.step(&piece[at..]) {
                    Step::More => at = piece.len(),
                    Step::Data { skip, len } => {
                        decoded.extend_from_slice(&piece[at + skip..at + skip + len]);
                        at += skip + len;
                    }
                    Step::Done { used } => {
                        end = coding::Body::Whole(before + at + used);
                        break 'pieces;
                    }
                    Step::Refused(refusal) => {
                        end = coding::Body::Refused(refusal.code());
                        break 'pieces;
                    }
                }
            }
            before += piece.len();
        }
        assert_eq!((&end, &decoded), (&body, &content));
    }
}
