//! How responses are worded that are no constants.
//!
//! What no response of a program needs is not linked: a program refers to one wording or to both.

use super::{Outbox, Response, Status, status};
use crate::limits::CONTENT_MAX;

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

    /// The code of a status and, where it is among the lines, the reason.
    #[inline(never)]
    pub(super) fn line<'a>(&'a self, status: &'a Status) -> &'a [u8] {
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
        } if content.len() <= CONTENT_MAX && content_type.len() <= 256 => {
            outbox.begin(Wording::ALL.line(&status), b"\r\nCache-Control: no-cache");
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
