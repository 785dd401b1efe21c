//! How responses are worded that are no constants.
//!
//! What no response of a program needs is not linked: a program refers to one wording or to both.

use super::{Outbox, Response, Status, status};
use crate::limits::{CONTENT_MAX, CONTENT_TYPE_MAX};

/// What is needed to word the responses of a program.
#[derive(Debug)]
pub struct Wording {
    pub(super) lines: &'static [u8],
    pub(super) put_written: fn(&mut Outbox, &Response<'_>),
}

impl Wording {
    /// For constants, and what the server answers of itself.
    pub const OWN: Self = Self {
        lines: status::OWN,
        put_written: put_nothing,
    };

    /// For every response.
    pub const ALL: Self = Self {
        lines: status::ALL,
        put_written,
    };

    /// The code of a status and, where it is among the lines, the reason; then their length.
    #[inline(never)]
    pub(super) fn line<'a>(&'a self, status: &'a Status) -> (&'a [u8], &'a [u8]) {
        status.line(self.lines)
    }
}

/// The field line of the methods that a resource answers unless it says otherwise, the CRLF before it included.
pub const ALLOW: &str = "\r\nAllow: GET, HEAD, OPTIONS";

/// Nothing is written where no function answers.
fn put_nothing(_: &mut Outbox, _: &Response<'_>) {}

/// What a function has written.
fn put_written(outbox: &mut Outbox, response: &Response<'_>) {
    match *response {
        Response::Written {
            status,
            content_type,
            content,
        } if content.len() <= CONTENT_MAX && content_type.len() <= CONTENT_TYPE_MAX => {
            outbox.begin(Wording::ALL.line(&status).0, b"\r\nCache-Control: no-cache");
            if status.forbids_content() {
                outbox.end();
                return;
            }
            outbox.put(b"\r\nContent-Type: ");
            outbox.put(content_type.as_bytes());
            outbox.put_length(content.len());
            if outbox.end() {
                outbox.put(content);
            }
        }
        // Too long for the outbox.
        _ => {
            let error = Response::Error(Status::INTERNAL_SERVER_ERROR);
            outbox.put_response(&error, &Wording::ALL);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::string::String;

    use super::{Outbox, Response, Status, Wording};
    use crate::limits::{CONTENT_MAX, CONTENT_TYPE_MAX};

    /// At a bound, within it and beyond it.
    #[test]
    fn what_a_function_writes_is_bounded() {
        let mut outbox = Outbox::new(crate::sys::memory::zeroed().unwrap());
        for (type_len, content_len, is_good) in [
            (CONTENT_TYPE_MAX - 1, CONTENT_MAX - 1, true),
            (CONTENT_TYPE_MAX, CONTENT_MAX, true),
            (CONTENT_TYPE_MAX + 1, 0, false),
            (0, CONTENT_MAX + 1, false),
        ] {
            outbox.clear();
            let written = Response::Written {
                status: Status::OK,
                content_type: "a".repeat(type_len).leak(),
                content: &[b'c'; CONTENT_MAX + 1][..content_len],
            };
            assert!(outbox.put_response(&written, &Wording::ALL).is_empty());
            let text = String::from_utf8(outbox.octets().to_vec()).unwrap();
            let (head, content) = text.split_once("\r\n\r\n").unwrap();
            assert_eq!(head.starts_with("HTTP/1.1 200 OK\r\n"), is_good);
            assert_eq!(
                head.starts_with("HTTP/1.1 500 Internal Server Error\r\n"),
                !is_good
            );
            assert_eq!(content.len() == content_len, is_good, "{head}");
        }
    }
}
