//! What a connection's octets are answered with, by the reference, and the strict reading of what came.

use vanillin::limits::{CONTENT_DISCARD_MAX, CONTENT_MAX, TARGET_MAX};
use vanillin::request;

use crate::coding::{self, Body};
use crate::reference::{self, Framing, Head, Verdict};

/// One answer, or what comes of the rest of the connection.
#[derive(Debug, PartialEq, Eq)]
pub enum Expected {
    /// A response of any status; what is asked of which is not judged here.
    Response { is_head: bool, is_last: bool },
    /// A refusal; no other answer follows. Whether it has content where it seems to refuse a HEAD is not judged.
    Refusal { statuses: [u16; 2] },
    /// Nothing more is certain: it depends on the pieces.
    Undecided,
}

/// The answers to these octets and the end of file behind them.
pub fn expected(mut octets: &[u8], wants_content: bool) -> Vec<Expected> {
    let mut expected = Vec::new();
    while !octets.is_empty() {
        let refusal = |statuses| Expected::Refusal { statuses };
        let judgement = reference::judge(octets);
        let (_, rest) = octets.split_at(judgement.decided_at);
        let head = match judgement.verdict {
            Verdict::Head(head) => head,
            // An empty line alone: the client has nothing to ask, or nothing more.
            Verdict::Incomplete if octets == b"\r\n" => {
                if expected.is_empty() {
                    expected.push(Expected::Response {
                        is_head: false,
                        is_last: true,
                    });
                }
                break;
            }
            Verdict::Incomplete => {
                expected.push(refusal([400; 2]));
                break;
            }
            Verdict::Refused(status) => {
                expected.push(refusal([status; 2]));
                break;
            }
        };
        let is_head = head.method == b"HEAD";
        if head.expects {
            // An interim or an early final response, unless the content is there already.
            expected.push(Expected::Undecided);
            break;
        }
        let after = match after(head.framing, rest, wants_content) {
            Ok(len) => len,
            Err(statuses) => {
                expected.push(refusal(statuses));
                break;
            }
        };
        octets = &rest[after..];
        if !has_path(&head) {
            expected.push(refusal([400; 2]));
            break;
        }
        let is_last = !head.is_persistent;
        expected.push(Expected::Response { is_head, is_last });
        if is_last {
            break;
        }
    }
    expected
}

/// Octets of the content with its framing, or the status that it is refused with.
fn after(framing: Framing, rest: &[u8], wants_content: bool) -> Result<usize, [u16; 2]> {
    let bound = match wants_content {
        true => CONTENT_MAX as u64,
        false => CONTENT_DISCARD_MAX,
    };
    match framing {
        Framing::None => Ok(0),
        Framing::Length(len) if len > bound => Err([413; 2]),
        Framing::Length(len) => match usize::try_from(len) {
            Ok(len) if len <= rest.len() => Ok(len),
            _ => Err([400; 2]),
        },
        Framing::Chunked => match coding::judge(rest) {
            (Body::Whole(len), content, _) if content.len() as u64 <= bound => Ok(len),
            // What a chunk announces counts before it has come.
            (Body::Incomplete, ..) => Err([400, 413]),
            (Body::Refused(status), ..) => Err([status, 413]),
            (Body::Whole(_), ..) => Err([413; 2]),
        },
    }
}

fn has_path(head: &Head) -> bool {
    let mut path = heapless::Vec::<u8, TARGET_MAX>::new();
    !head.path.starts_with(b"/") || request::normalise(&head.path, &mut path).is_ok()
}

/// Reads the answers strictly and compares them with what is expected. Returns how many octets come before a refusal.
pub fn check(answers: &[u8], expected: &[Expected], octets: &[u8]) -> usize {
    let mut at = 0;
    let shown = || format!("{} to {}", answers.escape_ascii(), octets.escape_ascii());
    for one in expected {
        let rest = &answers[at..];
        let (answer, is_last) = match one {
            Expected::Response { is_head, is_last } => (read(rest, *is_head), *is_last),
            Expected::Refusal { .. } => (read(rest, false).or_else(|| read(rest, true)), true),
            Expected::Undecided => return at,
        };
        let Some(answer) = answer else {
            panic!("no response: {}", shown());
        };
        assert_eq!(answer.closes, is_last, "close: {}", shown());
        if let Expected::Refusal { statuses } = one {
            let status = answer.status;
            assert!(
                statuses.contains(&status),
                "not one of {statuses:?}: {}",
                shown()
            );
            assert_eq!(answer.len, rest.len(), "more than a refusal: {}", shown());
            return at;
        }
        at += answer.len;
    }
    assert_eq!(at, answers.len(), "more than asked for: {}", shown());
    at
}

/// Whether these octets are one refusal for what was cut off by the end of file.
pub fn is_cut_off(answers: &[u8]) -> bool {
    let answer = read(answers, false).or_else(|| read(answers, true));
    answer
        .is_some_and(|answer| answer.status == 400 && answer.closes && answer.len == answers.len())
}

struct Answer {
    status: u16,
    closes: bool,
    len: usize,
}

// status-line = HTTP-version SP status-code SP [ reason-phrase ]
fn read(octets: &[u8], is_head: bool) -> Option<Answer> {
    let end = octets.windows(4).position(|at| at == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&octets[..end]).ok()?;
    let mut lines = head.split("\r\n");
    let status_line = lines.next()?.strip_prefix("HTTP/1.1 ")?;
    let (status, _) = status_line.split_once(' ')?;
    let status: u16 = status.parse().ok().filter(|_| status.len() == 3)?;
    let (mut content_len, mut closes, mut has_date) = (None, false, false);
    for line in lines {
        let (name, value) = line.split_once(": ")?;
        match name.to_ascii_lowercase().as_str() {
            "content-length" if content_len.is_some() => return None,
            "content-length" => content_len = Some(value.parse::<usize>().ok()?),
            "connection" => closes |= value == "close",
            "date" => has_date = true,
            "transfer-encoding" => return None,
            _ => {}
        }
    }
    let content_len = match (status, is_head) {
        (204 | 304, _) => 0,
        (_, true) => content_len.map(|_| 0)?,
        (_, false) => content_len?,
    };
    let len = end + 4 + content_len;
    (has_date && len <= octets.len()).then_some(Answer {
        status,
        closes,
        len,
    })
}
