//! The strict reading of replies: what any response of an origin server has to satisfy, whatever was asked.
//!
//! Invariant: lenience has no place here. A reply that a careful client could stumble over is an error.

use crate::support::date;

/// One response, taken from the wire.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// The head as it came, with the value of `Date` blanked after it was checked.
    pub(crate) head: String,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) content: Vec<u8>,
}

/// Fields that a response has at most once.
const SINGLETONS: [&str; 14] = [
    "accept-ranges",
    "allow",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-location",
    "content-range",
    "content-type",
    "date",
    "etag",
    "last-modified",
    "location",
    "retry-after",
];

impl Reply {
    /// Takes the first response off `bytes`: how long it is, or `None` when more has to come.
    ///
    /// `to_head` says that it answers a HEAD request and therefore has no content.
    pub(crate) fn take(bytes: &[u8], to_head: bool) -> Result<Option<(Self, usize)>, String> {
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
            return Ok(None);
        };
        let head = &bytes[..end + 4];
        let text = std::str::from_utf8(head).map_err(|_| malformed("not ASCII", head))?;
        let (status, fields) = parse_head(text)?;
        let mut reply = Self {
            status,
            head: text.to_owned(),
            fields,
            content: Vec::new(),
        };
        let len = reply.content_len(to_head)?;
        let Some(content) = bytes[end + 4..].get(..len) else {
            return Ok(None);
        };
        reply.content = content.to_vec();
        reply
            .judge(to_head)
            .map_err(|why| malformed(&why, &bytes[..end + 4]))?;
        if let Some(value) = reply.field("date") {
            reply.head = reply.head.replace(value, "-");
        }
        Ok(Some((reply, end + 4 + len)))
    }

    /// The value of the field with this lower-case name.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|field| field.0.eq_ignore_ascii_case(name))
            .map(|field| field.1.as_str())
    }

    /// Whether the reply announces that the connection closes after it.
    pub(crate) fn closes(&self) -> bool {
        self.lists("connection", "close")
    }

    /// Whether nothing is said beside the status.
    pub(crate) fn is_bare(&self) -> bool {
        self.field("content-length") == Some("0")
    }

    /// Whether the comma-separated list in this field has this member.
    pub(crate) fn lists(&self, name: &str, member: &str) -> bool {
        self.field(name).is_some_and(|value| {
            value
                .split(',')
                .any(|found| found.trim().eq_ignore_ascii_case(member))
        })
    }

    /// The content as text, for messages and comparisons.
    pub(crate) fn text(&self) -> String {
        self.content.escape_ascii().to_string()
    }

    fn content_len(&self, to_head: bool) -> Result<usize, String> {
        let without = self.status < 200 || self.status == 204;
        match self.field("content-length") {
            Some(_) if without => Err(malformed(
                "Content-Length in 1xx or 204",
                self.head.as_bytes(),
            )),
            None if without || self.status == 304 => Ok(0),
            None => Err(malformed("no Content-Length", self.head.as_bytes())),
            Some(digits) => {
                let len: usize = digits
                    .parse()
                    .map_err(|_| malformed("Content-Length", self.head.as_bytes()))?;
                if len.to_string() != digits {
                    return Err(malformed("Content-Length", self.head.as_bytes()));
                }
                Ok(if to_head || self.status == 304 {
                    0
                } else {
                    len
                })
            }
        }
    }

    /// What holds for every response of this server.
    fn judge(&self, to_head: bool) -> Result<(), String> {
        for name in SINGLETONS {
            let count = self
                .fields
                .iter()
                .filter(|field| field.0.eq_ignore_ascii_case(name))
                .count();
            ensure(count <= 1, &format!("{name} comes {count} times"))?;
        }
        ensure(self.field("server").is_none(), "a Server field")?;
        ensure(
            self.field("transfer-encoding").is_none(),
            "a Transfer-Encoding field",
        )?;
        if self.status < 200 {
            return ensure(self.fields.is_empty(), "fields in an interim response");
        }
        ensure(
            self.field("date").is_some_and(date::is_recent),
            "Date is missing, malformed or wrong",
        )?;
        if let Some(value) = self.field("content-type") {
            ensure(
                !value.starts_with("text/") || value.contains("; charset=utf-8"),
                "text without charset",
            )?;
        } else {
            ensure(self.content.is_empty(), "content without Content-Type")?;
        }
        ensure(
            self.field("content-encoding").is_none() || self.lists("vary", "accept-encoding"),
            "Content-Encoding without Vary: Accept-Encoding",
        )?;
        self.judge_status(to_head)
    }

    /// What holds for a response because of its status.
    fn judge_status(&self, to_head: bool) -> Result<(), String> {
        let has = |name| self.field(name).is_some();
        let type_of_error = self
            .field("content-type")
            .is_some_and(|value| value.starts_with("text/"));
        match self.status {
            204 => ensure(!has("content-type"), "204 with Content-Type"),
            206 => ensure(
                has("content-range")
                    || self
                        .field("content-type")
                        .is_some_and(|value| value.starts_with("multipart/byteranges")),
                "206 without Content-Range",
            ),
            301 | 302 | 303 | 307 | 308 => ensure(has("location"), "a redirect without Location"),
            304 => ensure(
                !has("content-type") && !has("content-encoding"),
                "304 with metadata of a representation",
            ),
            405 => ensure(has("allow"), "405 without Allow").and_then(|()| {
                ensure(
                    type_of_error && (to_head || !self.content.is_empty()),
                    "an error without a text",
                )
            }),
            416 => ensure(
                self.field("content-range")
                    .is_some_and(|value| value.starts_with("bytes */")),
                "416 without Content-Range",
            ),
            // The ancestor's minimal answers, for the errors of a handler and for a request of nothing.
            400 | 444 if self.is_bare() => {
                ensure(self.closes(), "a bare error that keeps the connection")
            }
            400.. => ensure(
                type_of_error && (to_head || !self.content.is_empty()),
                "an error without a text",
            ),
            _ => Ok(()),
        }
    }
}

/// All responses on a stream that has ended; `heads` says which of them answer HEAD requests.
pub(crate) fn all(mut bytes: &[u8], heads: &[bool]) -> Result<Vec<Reply>, String> {
    let mut replies = Vec::new();
    let mut heads = heads.iter().copied();
    let mut to_head = heads.next().unwrap_or(false);
    while !bytes.is_empty() {
        let Some((reply, len)) = Reply::take(bytes, to_head)? else {
            return Err(malformed("a truncated response", bytes));
        };
        bytes = &bytes[len..];
        if reply.status >= 200 {
            to_head = heads.next().unwrap_or(false);
        }
        replies.push(reply);
    }
    Ok(replies)
}

type Head = (u16, Vec<(String, String)>);

/// `HTTP/1.1 SP 3DIGIT SP reason-phrase CRLF *( token ": " value CRLF ) CRLF`, and nothing looser.
fn parse_head(text: &str) -> Result<Head, String> {
    let error = |why: &str| malformed(why, text.as_bytes());
    let mut lines = text.split_terminator("\r\n");
    let first = lines.next().unwrap_or_default();
    let rest = first
        .strip_prefix("HTTP/1.1 ")
        .ok_or_else(|| error("the status line does not begin with `HTTP/1.1 `"))?;
    let (code, reason) = rest
        .split_once(' ')
        .ok_or_else(|| error("no space behind the status code"))?;
    let status = code
        .parse()
        .ok()
        .filter(|status| code.len() == 3 && (100..600).contains(status))
        .ok_or_else(|| error("the status code"))?;
    if !reason
        .bytes()
        .all(|octet| octet == b' ' || octet.is_ascii_graphic())
    {
        return Err(error("the reason phrase"));
    }
    let mut fields = Vec::new();
    for line in lines.filter(|line| !line.is_empty()) {
        let (name, value) = line
            .split_once(": ")
            .ok_or_else(|| error("a line without `: `"))?;
        let good = !name.is_empty() && name.bytes().all(is_token) && value.trim() == value;
        if !good || value.bytes().any(|octet| octet.is_ascii_control()) {
            return Err(error("a field line"));
        }
        fields.push((name.to_owned(), value.to_owned()));
    }
    Ok((status, fields))
}

/// RFC 9110 section 5.6.2: `tchar`.
pub(crate) fn is_token(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&octet)
}

fn ensure(fact: bool, otherwise: &str) -> Result<(), String> {
    if fact {
        Ok(())
    } else {
        Err(otherwise.to_owned())
    }
}

fn malformed(why: &str, bytes: &[u8]) -> String {
    format!("{why}, in `{}`", shown(bytes))
}

/// Bytes as a message shows them: escaped, and the middle of long ones left out.
pub(crate) fn shown(bytes: &[u8]) -> String {
    if bytes.len() <= 600 {
        return bytes.escape_ascii().to_string();
    }
    let (start, end) = (&bytes[..400], &bytes[bytes.len() - 100..]);
    format!(
        "{} ... {} ({} octets)",
        start.escape_ascii(),
        end.escape_ascii(),
        bytes.len()
    )
}
