//! The errors that the server answers with by itself.

use super::message::{error, write_status};
use super::{Message, Paper, Status};

/// The methods that a resource answers unless it says otherwise.
pub const ALLOW: &str = "Allow: GET, HEAD, OPTIONS\r\n";

/// The errors that a request can meet, one message each.
static ERRORS: [Message; 14] = [
    error!(Status::BAD_REQUEST),
    error!(Status::NOT_FOUND),
    error!(Status::METHOD_NOT_ALLOWED, ALLOW),
    error!(Status::REQUEST_TIMEOUT),
    error!(Status::PRECONDITION_FAILED),
    error!(Status::CONTENT_TOO_LARGE),
    error!(Status::URI_TOO_LONG),
    error!(Status::RANGE_NOT_SATISFIABLE),
    error!(Status::EXPECTATION_FAILED),
    error!(Status::FIELDS_TOO_LARGE),
    error!(Status::NOT_IMPLEMENTED),
    error!(Status::SERVICE_UNAVAILABLE, "Retry-After: 1\r\n"),
    error!(Status::VERSION_NOT_SUPPORTED),
    error!(Status::INTERNAL_SERVER_ERROR),
];

/// The message for an error of the server's own; for another status the one of 500.
#[must_use]
pub fn error_message(status: Status) -> &'static Message {
    let [.., last] = &ERRORS;
    ERRORS
        .iter()
        .find(|message| message.status() == status)
        .unwrap_or(last)
}

const fn write_minimal<const LEN: usize>(status: Status) -> Paper<LEN> {
    let mut paper = Paper::new();
    write_status(&mut paper, status);
    paper.field(b"Content-Length", b"0");
    paper.field(b"Connection", b"close");
    paper.put(b"\r\n");
    paper
}

macro_rules! minimal {
    ($status:expr) => {{
        const LEN: usize = write_minimal::<0>($status).len;
        const WRITTEN: Paper<LEN> = write_minimal($status);
        Message::new($status, &WRITTEN.octets, LEN, &[]).closing()
    }};
}

/// `400 Bad Request` without content, closing the connection: what a handler's error is answered with.
pub static BAD_REQUEST: Message = minimal!(Status::BAD_REQUEST);

/// `444 No Response` without content, closing the connection: what an empty request is answered with.
pub static NO_RESPONSE: Message = minimal!(Status::NO_RESPONSE);

const fn write_options<const LEN: usize>() -> Paper<LEN> {
    let mut paper = Paper::new();
    write_status(&mut paper, Status::NO_CONTENT);
    paper.put(ALLOW.as_bytes());
    paper.put(b"\r\n");
    paper
}

/// The answer to OPTIONS.
pub static OPTIONS: Message = {
    const LEN: usize = write_options::<0>().len;
    const WRITTEN: Paper<LEN> = write_options();
    Message::new(Status::NO_CONTENT, &WRITTEN.octets, LEN, &[])
};
