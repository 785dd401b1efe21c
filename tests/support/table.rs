//! The table: a case is a request and what has to come back, and it is sent in every way that bytes can arrive.
//!
//! Invariant: all of a stream is judged, up to its end. An octet too many is as wrong as one too few.

use crate::support::reply::{self, Reply, shown};
use crate::support::server::{Elf, Launch};
use crate::support::wait;
use crate::support::wire::Wire;
use std::net::SocketAddr;
use std::time::Duration;
use vanillin::limits;

/// What the connection does after the reply.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Then {
    /// The next request is answered.
    Keep,
    /// It is announced and done: nothing more is answered.
    Close,
    /// Either, as long as it does what it announces.
    Either,
}

/// What has to come back for a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expect<'a> {
    statuses: &'a [u16],
    then: Then,
    fields: &'a [(&'a str, &'a str)],
    content: Option<&'a [u8]>,
    interim: bool,
}

/// 400 and a close: the framing of the connection cannot be trusted any more.
pub(crate) const BAD: Expect = Expect::new(&[400], Then::Close);

impl<'a> Expect<'a> {
    pub(crate) const fn new(statuses: &'a [u16], then: Then) -> Self {
        Self {
            statuses,
            then,
            fields: &[],
            content: None,
            interim: false,
        }
    }

    pub(crate) const fn keep(statuses: &'a [u16]) -> Self {
        Self::new(statuses, Then::Keep)
    }

    pub(crate) const fn close(statuses: &'a [u16]) -> Self {
        Self::new(statuses, Then::Close)
    }

    pub(crate) const fn either(statuses: &'a [u16]) -> Self {
        Self::new(statuses, Then::Either)
    }

    pub(crate) const fn fields(mut self, fields: &'a [(&'a str, &'a str)]) -> Self {
        self.fields = fields;
        self
    }

    pub(crate) const fn content(mut self, content: &'a [u8]) -> Self {
        self.content = Some(content);
        self
    }

    /// `100 Continue` may come before the final response.
    pub(crate) const fn interim(mut self) -> Self {
        self.interim = true;
        self
    }

    /// Whether a reply with this status may be the right one.
    pub(crate) fn accepts(&self, status: u16) -> bool {
        self.statuses.contains(&status)
    }

    /// Whether the connection goes on after this reply, or why the reply is wrong.
    fn judge(&self, reply: &Reply) -> Result<bool, String> {
        let wrong = |what: String| Err(format!("{what}, in `{}`", reply.head.escape_debug()));
        if !self.accepts(reply.status) {
            return wrong(format!("{} is not {:?}", reply.status, self.statuses));
        }
        for (name, value) in self.fields {
            if reply.field(name) != Some(value) {
                return wrong(format!("{name} is not `{value}`"));
            }
        }
        if let Some(content) = self.content
            && content != reply.content
        {
            let (got, want) = (shown(&reply.content), shown(content));
            return wrong(format!("the content is `{got}`, not `{want}`"));
        }
        if reply.status >= 400 && reply.is_bare() {
            return wrong("an error without a text".into());
        }
        match (self.then, reply.closes()) {
            (Then::Keep, true) => wrong("Connection: close without need".into()),
            (Then::Close, false) => wrong("no Connection: close".into()),
            (_, closes) => Ok(!closes),
        }
    }
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case<'a> {
    name: &'a str,
    request: &'a [u8],
    expect: Expect<'a>,
}

pub(crate) const fn case<'a>(name: &'a str, request: &'a [u8], expect: Expect<'a>) -> Case<'a> {
    Case {
        name,
        request,
        expect,
    }
}

/// A valid request and its content, which stands before and behind the case.
#[derive(Clone, Copy)]
pub(crate) struct Lead {
    request: &'static [u8],
    /// The same, asking for the connection to be closed.
    last: &'static [u8],
    content: &'static [u8],
}

/// The lead for a server that has `/plaintext`.
pub(crate) const SITE: Lead = Lead {
    request: b"GET /plaintext HTTP/1.1\r\nHost: lead\r\n\r\n",
    last: b"GET /plaintext HTTP/1.1\r\nHost: lead\r\nConnection: close\r\n\r\n",
    content: b"Hello, World!",
};

/// The lead for `echo`.
const MIRROR: Lead = Lead {
    request: b"POST / HTTP/1.1\r\nHost: lead\r\nContent-Length: 4\r\n\r\nlead",
    last: b"POST / HTTP/1.1\r\nHost: lead\r\nConnection: close\r\nContent-Length: 4\r\n\r\nlead",
    content: b"lead",
};

/// Where cases are sent to.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    pub(crate) lead: Lead,
}

/// A way of sending a case.
type Way = fn(&Target, &Case<'_>) -> Result<(), String>;

impl Target {
    /// Returns when the server has read everything that was sent before.
    ///
    /// One worker takes connections and readiness in the order of their arrival, so it answers this one after it has
    /// looked at the others. That makes splits real; no verdict depends on it.
    fn settle(&self) -> Result<(), String> {
        let wire = Wire::try_connect(self.address).map_err(|why| why.to_string())?;
        wire.send(self.lead.last);
        wire.whole().map(|_| ())
    }

    /// Sends the case in every way.
    pub(crate) fn check(&self, case: &Case<'_>) -> Result<(), String> {
        let modes: [(&str, Way); 6] = [
            ("whole", Self::whole),
            ("before the end of the stream", Self::half_closed),
            ("in front of a request", |to, case| {
                to.pipelined(case, false)
            }),
            ("between two requests", |to, case| to.pipelined(case, true)),
            ("split", Self::split),
            ("piece by piece", Self::dribble),
        ];
        for (mode, send) in modes {
            send(self, case).map_err(|why| explain(case, mode, &why))?;
        }
        Ok(())
    }

    /// Sends the case once: the reply, then the next request if the reply lets it.
    pub(crate) fn check_whole(&self, case: &Case<'_>) -> Result<(), String> {
        self.whole(case).map_err(|why| explain(case, "whole", &why))
    }

    fn whole(&self, case: &Case<'_>) -> Result<(), String> {
        let mut wire = Wire::try_connect(self.address).map_err(|why| why.to_string())?;
        wire.send(case.request);
        let mut reply = wire.try_reply(case.to_head())?;
        while case.expect.interim && reply.status == 100 {
            reply = wire.try_reply(case.to_head())?;
        }
        if case.expect.judge(&reply)? {
            wire.send(self.lead.last);
            return self.judge_last(&wire.whole()?);
        }
        let rest = wire.whole()?;
        ensure_empty(&rest)
    }

    fn half_closed(&self, case: &Case<'_>) -> Result<(), String> {
        let wire = Wire::try_connect(self.address).map_err(|why| why.to_string())?;
        wire.send(case.request);
        wire.half_close();
        let bytes = wire.whole()?;
        let replies = reply::all(&bytes, &[case.to_head()])?;
        let mut replies = replies.iter().skip_while(|reply| {
            let interim = case.expect.interim;
            interim && reply.status == 100
        });
        let reply = replies.next().ok_or("no reply")?;
        let expect = match case.expect.then {
            // The server may say that it closes, now that the client has ended its side.
            Then::Keep => Expect {
                then: Then::Either,
                ..case.expect
            },
            _ => case.expect,
        };
        expect.judge(reply)?;
        match replies.next() {
            None => Ok(()),
            Some(extra) => Err(format!("a second reply `{}`", extra.head.escape_debug())),
        }
    }

    fn pipelined(&self, case: &Case<'_>, behind: bool) -> Result<(), String> {
        let lead: &[u8] = if behind { self.lead.request } else { b"" };
        let wire = Wire::try_connect(self.address).map_err(|why| why.to_string())?;
        wire.send(&[lead, case.request, self.lead.last].concat());
        self.judge(&wire.whole()?, case, behind)
    }

    /// One connection per split point; all of a batch have sent their first part before any sends its second.
    fn split(&self, case: &Case<'_>) -> Result<(), String> {
        let points = split_points(case.request.len());
        // No more unfinished octets at a time than half a worker's pool has room for.
        let room = limits::CHUNKS_MAX * limits::READ_CHUNK / 2;
        for batch in points.chunks(room.div_ceil(case.request.len() + limits::READ_CHUNK)) {
            self.split_at(case, batch)?;
        }
        Ok(())
    }

    fn split_at(&self, case: &Case<'_>, points: &[usize]) -> Result<(), String> {
        let mut wires = Vec::new();
        for point in points {
            let wire = Wire::try_connect(self.address).map_err(|why| why.to_string())?;
            wire.send(&case.request[..*point]);
            wires.push((*point, wire));
        }
        self.settle()?;
        for (point, wire) in &wires {
            wire.send(&[&case.request[*point..], self.lead.last].concat());
        }
        for (point, wire) in wires {
            wire.whole()
                .and_then(|bytes| self.judge(&bytes, case, false))
                .map_err(|why| format!("at {point}: {why}"))?;
        }
        Ok(())
    }

    fn dribble(&self, case: &Case<'_>) -> Result<(), String> {
        let wire = Wire::try_connect(self.address).map_err(|why| why.to_string())?;
        let mut pace = Wire::try_connect(self.address).map_err(|why| why.to_string())?;
        let mut rest = case.request;
        while !rest.is_empty() {
            let len = pace_at(case.request.len(), rest.len());
            wire.send(&rest[..len]);
            rest = &rest[len..];
            pace.send(self.lead.request);
            pace.try_reply(false)?;
        }
        pace.reset();
        wire.send(self.lead.last);
        self.judge(&wire.whole()?, case, false)
    }

    /// Judges a whole stream: the lead if it was sent, the case, and the last request if the connection goes on.
    fn judge(&self, bytes: &[u8], case: &Case<'_>, behind: bool) -> Result<(), String> {
        let heads = [false, case.to_head(), false];
        let replies = reply::all(bytes, &heads[usize::from(!behind)..])?;
        let mut replies = replies.into_iter().peekable();
        if behind {
            let reply = replies.next().ok_or("no reply to the request in front")?;
            self.expect_lead(Then::Keep).judge(&reply)?;
        }
        while case.expect.interim && replies.next_if(|reply| reply.status == 100).is_some() {}
        let reply = replies.next().ok_or("no reply")?;
        if case.expect.judge(&reply)? {
            let reply = replies.next().ok_or("no reply to the request behind")?;
            self.expect_lead(Then::Close).judge(&reply)?;
        }
        match replies.next() {
            None => Ok(()),
            Some(extra) => Err(format!(
                "one reply too many: `{}`",
                extra.head.escape_debug()
            )),
        }
    }

    fn judge_last(&self, bytes: &[u8]) -> Result<(), String> {
        let replies = reply::all(bytes, &[false])?;
        match replies.as_slice() {
            [reply] => self.expect_lead(Then::Close).judge(reply).map(|_| ()),
            _ => Err(format!("{} replies to the request behind", replies.len())),
        }
    }

    fn expect_lead(&self, then: Then) -> Expect<'_> {
        Expect::new(&[200], then).content(self.lead.content)
    }
}

impl Case<'_> {
    fn to_head(self) -> bool {
        self.request.trim_ascii_start().starts_with(b"HEAD ")
    }
}

fn ensure_empty(rest: &[u8]) -> Result<(), String> {
    if rest.is_empty() {
        Ok(())
    } else {
        Err(format!("`{}` after the reply", shown(rest)))
    }
}

fn explain(case: &Case<'_>, mode: &str, why: &str) -> String {
    format!(
        "{} ({mode}): {why}\n    sent `{}`",
        case.name,
        shown(case.request)
    )
}

/// Every point inside a short message; of a long one the ends and 64 points between them.
fn split_points(len: usize) -> Vec<usize> {
    let between = if len > 400 { (len / 64).max(1) } else { 1 };
    (1..len)
        .filter(|point| *point < 100 || *point + 100 > len || point.is_multiple_of(between))
        .collect()
}

/// How much is sent next: one octet near the ends of the message, more in the middle of a long one.
fn pace_at(len: usize, left: usize) -> usize {
    if len <= 400 || len - left < 100 || left <= 100 {
        1
    } else {
        (len / 64).min(left - 100).max(1)
    }
}

/// Starts the ELF with one worker, sends every case in every way, and asserts that it ends well and leaks nothing.
pub(crate) fn check_all(elf: Elf, cases: &[Case<'_>]) {
    check_each(elf, cases, Target::check);
}

/// The same for large tables of one-octet variations: each is sent once.
pub(crate) fn check_all_whole(elf: Elf, cases: &[Case<'_>]) {
    check_each(elf, cases, Target::check_whole);
}

fn check_each(
    elf: Elf,
    cases: &[Case<'_>],
    check: impl Fn(&Target, &Case<'_>) -> Result<(), String>,
) {
    let server = Launch::new(elf).flags(&["-w", "1"]).start();
    let before = server.proc().fds();
    let lead = if elf == Elf::Echo { MIRROR } else { SITE };
    let target = Target {
        address: server.address,
        lead,
    };
    let mut failures = Vec::new();
    for case in cases {
        let Err(why) = check(&target, case) else {
            continue;
        };
        failures.push(why);
        if failures.len() == 30 || server.ends_within(Duration::ZERO) {
            failures.push(format!("no more cases; {}", server.fate()));
            break;
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {} cases\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );
    wait::until("the descriptors are those of the start", || {
        server.proc().fds() == before
    });
    server.stop();
}
