//! What a client sends, and what the sequential model says it is answered.

use std::format;
use std::rc::Rc;
use std::vec;
use std::vec::Vec;

use super::random::Random;
use super::site::{self, Answer, KNOWN, Persistence};
use super::writer::{Writer, plain};
use crate::server::handler::Handler;

/// What follows an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    Next,
    /// The connection is closed.
    Close,
    /// The same, but the client is given time to read.
    Linger,
}

/// What an answer may not come before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    /// Anything of the request.
    Start,
    Head,
    Whole,
    /// The client's last octet.
    EndOfFile,
    /// The beginning of the server's end.
    Stop,
}

/// One way to answer a request.
#[derive(Clone)]
pub(super) struct Choice {
    pub(super) answer: Answer,
    pub(super) then: Then,
    pub(super) after: After,
}

/// A request, or what is sent in place of one.
pub(super) struct Exchange {
    pub(super) octets: Vec<u8>,
    pub(super) head_len: usize,
    pub(super) is_head: bool,
    /// An interim response may come first.
    pub(super) may_continue: bool,
    /// The client stops in the midst of it.
    pub(super) is_cut: bool,
    pub(super) choices: Vec<Choice>,
}

/// How a client ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It says that it has sent everything.
    Half,
    /// It waits until the server closes.
    Wait,
    /// It resets the connection once so many octets are delivered.
    Reset(usize),
}

/// All that a client does.
#[derive(Clone)]
pub(super) struct Script {
    pub(super) octets: Rc<[u8]>,
    /// Where each exchange begins, and where the last one ends.
    pub(super) starts: Rc<[usize]>,
    pub(super) exchanges: Rc<[Exchange]>,
    pub(super) end: End,
}

impl Script {
    pub(super) fn new(random: &mut Random, handler: Handler, wants_huge: bool) -> Self {
        let mut exchanges = Vec::new();
        let count = random.pick(&[1, 1, 2, 3, 8, 40, 100]);
        let invalid = random.pick(&[0, 0, 5]);
        // One target again and again fills the outbox.
        let favourite = random.once_in(6).then(|| random.below(KNOWN.len()));
        let (mut octets, mut starts) = (Vec::new(), vec![0]);
        while exchanges.len() < count {
            let mut writer = Writer {
                random,
                handler,
                favourite,
            };
            let exchange = if writer.random.once_in(invalid) {
                writer.invalid()
            } else {
                writer.valid(wants_huge)
            };
            octets.extend_from_slice(&exchange.octets);
            starts.push(octets.len());
            let is_last = exchange.choices.iter().all(|one| one.then != Then::Next);
            exchanges.push(exchange);
            if is_last {
                // What comes behind is never answered.
                if random.once_in(4) {
                    let len = random.amount(300_000);
                    octets.extend((0..len).map(|at| b"GET / HTTP/1.1\r\n"[at % 16]));
                }
                break;
            }
        }
        if random.once_in(6) {
            cut(random, handler, &mut exchanges, &mut starts);
            octets.truncate(*starts.last().unwrap());
        }
        let end = match random.below(8) {
            0 => End::Reset(random.below(octets.len() + 1)),
            1..=3 => End::Wait,
            _ => End::Half,
        };
        Self::of(octets, starts, exchanges, end)
    }

    fn of(octets: Vec<u8>, starts: Vec<usize>, mut exchanges: Vec<Exchange>, end: End) -> Self {
        for exchange in &mut exchanges {
            exchange.octets = Vec::new();
        }
        Self {
            octets: octets.into(),
            starts: starts.into(),
            exchanges: exchanges.into(),
            end,
        }
    }

    /// So many octets of content, which nobody wants.
    pub(super) fn upload(len: usize) -> Self {
        let head = format!("POST /plain HTTP/1.1\r\nHost: a\r\nContent-Length: {len}\r\n\r\n");
        let answer = |persistence| site::error(405, false, persistence);
        let exchange = plain(head, &vec![b'x'; len], false, Persistence::Implied, &answer);
        let octets = exchange.octets.clone();
        let starts = vec![0, octets.len()];
        Self::of(octets, starts, vec![exchange], End::Half)
    }
}

/// The client stops in the midst of its last request.
fn cut(
    random: &mut Random,
    handler: Handler,
    exchanges: &mut Vec<Exchange>,
    starts: &mut Vec<usize>,
) {
    starts.pop();
    let is_first = exchanges.len() == 1;
    let (Some(last), Some(start)) = (exchanges.last_mut(), starts.last().copied()) else {
        return;
    };
    let len = random.below(last.octets.len());
    last.octets.truncate(len);
    last.is_cut = true;
    // An empty line is answered only where it is all that is said.
    if len == 0 || !is_first && last.octets == b"\r\n" {
        exchanges.pop();
        return;
    }
    starts.push(start + len);
    let is_head = last.is_head && len >= last.head_len;
    let answer = if last.octets == b"\r\n" {
        site::minimal("444 No Response")
    } else {
        site::error_page(handler, 400, is_head, Persistence::Close)
    };
    let choices = &mut last.choices;
    choices.retain(|one| matches!(one.after, After::Start | After::Head));
    choices.push(Choice {
        answer,
        then: Then::Close,
        after: After::EndOfFile,
    });
}
