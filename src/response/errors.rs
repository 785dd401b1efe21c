//! What the server answers by itself, without any resource.

use super::message::write_status;
use super::{Message, Paper, Status};

/// The methods that a resource answers unless it says otherwise.
pub const ALLOW: &str = "Allow: GET, HEAD, OPTIONS\r\n";

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
