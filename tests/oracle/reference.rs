//! The grammar of a request, written for the eye: what any octets are as the beginning of a request, and how many
//! of them it takes to know.
//!
//! Invariant: nothing here is fast, and nothing here is shared with the parser but the bounds. Elements are read one
//! after the other as RFC 9112 names them; a fault is found at its octet, what an element means at its end.

use std::net::Ipv6Addr;

use vanillin::limits::{METHOD_MAX, REQUEST_HEAD_MAX, TARGET_MAX};

/// What octets are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The beginning of a request, as far as they go.
    Incomplete,
    /// No request: the status.
    Refused(u16),
    /// They begin with a whole head.
    Head(Box<Head>),
}

/// A verdict and how many octets it needs: every longer input has the same one, every shorter one is incomplete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Judgement {
    pub(crate) verdict: Verdict,
    pub(crate) decided_at: usize,
}

/// A whole head.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)]
pub(crate) struct Head {
    pub(crate) method: Vec<u8>,
    pub(crate) target: Vec<u8>,
    pub(crate) path: Vec<u8>,
    /// Names in lower case, values without the white space around them.
    pub(crate) fields: Vec<(String, Vec<u8>)>,
    pub(crate) minor: u8,
    pub(crate) framing: Framing,
    pub(crate) is_persistent: bool,
    pub(crate) asks_to_keep_alive: bool,
    pub(crate) is_conditional: bool,
    pub(crate) expects: bool,
}

/// How long the content is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    None,
    Length(u64),
    Chunked,
}

/// Judges octets as the beginning of a request.
pub(crate) fn judge(octets: &[u8]) -> Judgement {
    let bounded = &octets[..octets.len().min(REQUEST_HEAD_MAX)];
    let mut reader = Reader {
        octets: bounded,
        at: 0,
    };
    let verdict = match head(&mut reader) {
        Ok(head) => Verdict::Head(Box::new(head)),
        Err(Stop::Refused(status)) => Verdict::Refused(status),
        Err(Stop::Incomplete) if octets.len() >= REQUEST_HEAD_MAX => {
            reader.at = REQUEST_HEAD_MAX;
            Verdict::Refused(431)
        }
        Err(Stop::Incomplete) => Verdict::Incomplete,
    };
    Judgement {
        verdict,
        decided_at: reader.at,
    }
}

/// Why reading ends before the end of the head.
#[derive(Debug)]
pub(super) enum Stop {
    Incomplete,
    Refused(u16),
}

/// Octets and how many of them have been read.
pub(super) struct Reader<'a> {
    pub(super) octets: &'a [u8],
    pub(super) at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn peek(&self) -> Result<u8, Stop> {
        self.octets.get(self.at).copied().ok_or(Stop::Incomplete)
    }

    pub(super) fn next(&mut self) -> Result<u8, Stop> {
        let octet = self.peek()?;
        self.at += 1;
        Ok(octet)
    }

    /// Reads exactly these octets.
    pub(super) fn expect(&mut self, wanted: &[u8]) -> Result<(), Stop> {
        for octet in wanted {
            if self.next()? != *octet {
                return Err(Stop::Refused(400));
            }
        }
        Ok(())
    }

    /// Reads octets of a class and the first one that is not of it, which has to be `end`.
    /// One octet more than `max` is refused with a status.
    pub(super) fn run(
        &mut self,
        class: fn(u8) -> bool,
        end: u8,
        (max, status): (usize, u16),
    ) -> Result<&'a [u8], Stop> {
        let start = self.at;
        loop {
            let octet = self.next()?;
            let len = self.at - 1 - start;
            if !class(octet) {
                if octet != end {
                    return Err(Stop::Refused(400));
                }
                return Ok(&self.octets[start..start + len]);
            }
            if len == max {
                return Err(Stop::Refused(status));
            }
        }
    }
}

fn head(reader: &mut Reader<'_>) -> Result<Head, Stop> {
    // RFC 9112 section 2.2: one empty line is ignored.
    if reader.peek()? == b'\r' {
        reader.expect(b"\r\n")?;
    }
    let method = reader.run(is_tchar, b' ', (METHOD_MAX, 400))?;
    require(!method.is_empty())?;
    let target = reader.run(is_uri, b' ', (TARGET_MAX, 414))?;
    let path = path(method, target).ok_or(Stop::Refused(400))?;
    let minor = version(reader)?;
    let mut fields = Vec::new();
    while reader.peek()? != b'\r' {
        let field = field(reader)?;
        let repeats = fields.iter().any(|(name, _)| *name == field.0);
        match field.0.as_str() {
            "host" => require(!repeats && is_authority(&field.1))?,
            "content-length" => require(!repeats)?,
            _ => {}
        }
        fields.push(field);
    }
    reader.expect(b"\r\n")?;
    let head = Head {
        method: method.to_vec(),
        target: target.to_vec(),
        path: path.to_vec(),
        fields,
        minor,
        framing: Framing::None,
        is_persistent: false,
        asks_to_keep_alive: false,
        is_conditional: false,
        expects: false,
    };
    settle(head)
}

pub(super) fn require(holds: bool) -> Result<(), Stop> {
    if holds {
        Ok(())
    } else {
        Err(Stop::Refused(400))
    }
}

// HTTP-version = "HTTP/" DIGIT "." DIGIT
fn version(reader: &mut Reader<'_>) -> Result<u8, Stop> {
    reader.expect(b"HTTP/")?;
    let major = reader.next()?;
    require(major.is_ascii_digit())?;
    reader.expect(b".")?;
    let minor = reader.next()?;
    require(minor.is_ascii_digit())?;
    reader.expect(b"\r\n")?;
    if major != b'1' {
        return Err(Stop::Refused(505));
    }
    Ok((minor - b'0').min(1))
}

// field-line = field-name ":" OWS field-value OWS
pub(super) fn field(reader: &mut Reader<'_>) -> Result<(String, Vec<u8>), Stop> {
    let name = reader.run(is_tchar, b':', (usize::MAX, 431))?;
    require(!name.is_empty())?;
    let name = String::from_utf8_lossy(name).to_ascii_lowercase();
    let value = reader.run(is_text, b'\r', (usize::MAX, 431))?;
    reader.expect(b"\n")?;
    Ok((name, trimmed(value).to_vec()))
}

/// The path of a target in one of the four forms of RFC 9112 section 3.2.
fn path<'a>(method: &[u8], target: &'a [u8]) -> Option<&'a [u8]> {
    if target.is_empty() {
        return None;
    }
    if target.starts_with(b"/") {
        return Some(before_query(target));
    }
    if method == b"OPTIONS" && target == b"*" {
        return Some(target);
    }
    if method == b"CONNECT" {
        // RFC 9110 section 9.3.6: with a port that is not empty.
        let (_, port) = split_port(target)?;
        return (port.is_some_and(|port| !port.is_empty()) && is_authority(target)).then_some(b"");
    }
    let text = std::str::from_utf8(target).ok()?;
    let (scheme, rest) = text.split_once("://")?;
    if !["http", "https"].contains(&scheme.to_ascii_lowercase().as_str()) {
        return None;
    }
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.as_bytes().split_at(end);
    is_authority(authority).then(|| before_query(path))
}

fn before_query(target: &[u8]) -> &[u8] {
    let len = target.iter().position(|octet| *octet == b'?');
    &target[..len.unwrap_or(target.len())]
}

/// `uri-host [ ":" port ]` with a host that is not empty, no IP-literal of the future, and a port that a port can be.
fn is_authority(value: &[u8]) -> bool {
    let Some((host, port)) = split_port(value) else {
        return false;
    };
    let port_is_valid = port.is_none_or(|port| {
        port.len() <= 5
            && port.iter().all(u8::is_ascii_digit)
            && String::from_utf8_lossy(port)
                .parse::<u32>()
                .unwrap_or_default()
                <= 65535
    });
    let host_is_valid = match host {
        [b'[', literal @ .., b']'] => {
            std::str::from_utf8(literal).is_ok_and(|text| text.parse::<Ipv6Addr>().is_ok())
        }
        _ => !host.is_empty() && is_reg_name(host),
    };
    host_is_valid && port_is_valid
}

/// Parts host and port. The colons of an IP-literal lie within brackets.
fn split_port(value: &[u8]) -> Option<(&[u8], Option<&[u8]>)> {
    let host_len = if value.starts_with(b"[") {
        value.iter().position(|octet| *octet == b']')? + 1
    } else {
        let colon = value.iter().position(|octet| *octet == b':');
        colon.unwrap_or(value.len())
    };
    let (host, rest) = value.split_at(host_len);
    match rest {
        [] => Some((host, None)),
        [b':', port @ ..] => Some((host, Some(port))),
        _ => None,
    }
}

// reg-name = *( unreserved / pct-encoded / sub-delims )
fn is_reg_name(host: &[u8]) -> bool {
    let mut at = 0;
    while at < host.len() {
        if host[at] == b'%' {
            match host.get(at + 1..at + 3) {
                Some(digits) if digits.iter().all(u8::is_ascii_hexdigit) => at += 3,
                _ => return false,
            }
        } else if is_unreserved(host[at]) || b"!$&'()*+,;=".contains(&host[at]) {
            at += 1;
        } else {
            return false;
        }
    }
    true
}

/// What the fields mean together, once there are no more of them.
fn settle(mut head: Head) -> Result<Head, Stop> {
    let values = |wanted: &str| -> Vec<&[u8]> {
        let named = head.fields.iter().filter(|(name, _)| name == wanted);
        named.map(|(_, value)| value.as_slice()).collect()
    };
    let members = |wanted: &str| -> Vec<&[u8]> {
        let values = values(wanted);
        values.into_iter().flat_map(list).collect()
    };
    let options = members("connection");
    let has = |option: &str| options.iter().any(|one| is(one, option));
    let (closes, keep_alive) = (has("close"), has("keep-alive"));
    let conditions = [
        "if-match",
        "if-none-match",
        "if-modified-since",
        "if-unmodified-since",
        "if-range",
        "range",
    ];
    let is_conditional = conditions.iter().any(|name| !values(name).is_empty());
    let is_old = head.minor == 0;

    require(is_old || !values("host").is_empty())?;
    let has_codings = !values("transfer-encoding").is_empty();
    let codings = has_codings.then(|| members("transfer-encoding"));
    let framing = framing(is_old, &values("content-length"), codings.as_deref())?;
    let mut expects = false;
    for expectation in members("expect").into_iter().filter(|one| !one.is_empty()) {
        if is_old {
            break;
        }
        if !is(expectation, "100-continue") {
            return Err(Stop::Refused(417));
        }
        expects = framing != Framing::None;
    }
    head.is_persistent = !closes && (!is_old || keep_alive);
    head.asks_to_keep_alive = keep_alive;
    head.is_conditional = is_conditional;
    head.framing = framing;
    head.expects = expects;
    Ok(head)
}

/// RFC 9112 section 6.3, every doubt decided against the message.
fn framing(is_old: bool, lengths: &[&[u8]], codings: Option<&[&[u8]]>) -> Result<Framing, Stop> {
    if let Some(codings) = codings {
        require(lengths.is_empty() && !is_old)?;
        for (at, coding) in codings.iter().enumerate() {
            let name = coding.split(|octet| *octet == b';').next();
            let name = trimmed(name.unwrap_or_default());
            require(!name.is_empty() && name.iter().all(|octet| is_tchar(*octet)))?;
            if is(name, "chunked") {
                require(at + 1 == codings.len() && name.len() == coding.len())?;
            }
        }
        return match codings.len() {
            1 if is(codings[0], "chunked") => Ok(Framing::Chunked),
            _ => Err(Stop::Refused(501)),
        };
    }
    match lengths {
        [length] => {
            require(!length.is_empty() && length.iter().all(u8::is_ascii_digit))?;
            let digits = String::from_utf8_lossy(length);
            match digits.parse::<u64>() {
                Ok(0) => Ok(Framing::None),
                Ok(length) if length < u64::MAX => Ok(Framing::Length(length)),
                _ => Err(Stop::Refused(400)),
            }
        }
        _ => Ok(Framing::None),
    }
}

/// The members of a list. A comma within DQUOTEs parts nothing, and a backslash escapes nothing.
fn list(value: &[u8]) -> Vec<&[u8]> {
    let mut members = Vec::new();
    let (mut start, mut quoted) = (0, false);
    for (at, octet) in value.iter().enumerate() {
        match octet {
            b'"' => quoted = !quoted,
            b',' if !quoted => {
                members.push(trimmed(&value[start..at]));
                start = at + 1;
            }
            _ => {}
        }
    }
    members.push(trimmed(&value[start..]));
    members
}

fn is(value: &[u8], word: &str) -> bool {
    value.eq_ignore_ascii_case(word.as_bytes())
}

/// Without SP and HTAB around it.
fn trimmed(value: &[u8]) -> &[u8] {
    let is_solid = |octet: &u8| *octet != b' ' && *octet != b'\t';
    match value.iter().position(is_solid) {
        Some(first) => {
            let last = value.iter().rposition(is_solid).unwrap_or(first);
            &value[first..=last]
        }
        None => &[],
    }
}

/// RFC 9110 section 5.6.2.
pub(super) fn is_tchar(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&octet)
}

/// RFC 9110 section 5.5: HTAB, SP, VCHAR and obs-text.
pub(super) fn is_text(octet: u8) -> bool {
    octet == b'\t' || (octet >= b' ' && octet != 0x7f)
}

/// RFC 3986 section 2.3.
fn is_unreserved(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"-._~".contains(&octet)
}

/// RFC 3986 section 2, without `#`: no fragment is ever sent.
fn is_uri(octet: u8) -> bool {
    is_unreserved(octet) || b":/?[]@!$&'()*+,;=%".contains(&octet)
}
