//! How it looks on the wire: statuses, heads and whole messages, rendered at compile time.
//!
//! Invariant: nothing here knows a request, a route or a descriptor. At run time nothing is formatted but the date,
//! the range of a part and the head of what a handler has written.
#![forbid(unsafe_code)]

mod status;

mod paper;

mod message;

pub mod date;

mod outbox;

mod slices;

mod wording;

pub use message::Message;
pub use outbox::{Manner, Octets, Outbox, Persistence};
pub use paper::Paper;
pub(crate) use slices::{cut, paste};
pub use status::Status;
pub use wording::{ALLOW, Wording};

pub(crate) use message::write_status;

/// What a request is answered with.
#[derive(Clone, Copy, Debug)]
pub enum Response<'a> {
    /// A constant; for HEAD only its head.
    Message(&'static Message),
    /// `304 Not Modified`, with the field lines of a constant that belong there.
    NotModified(&'static Message),
    /// `206 Partial Content`: a part of a constant.
    Part {
        /// The whole.
        of: &'static Message,
        /// Position of the first octet.
        first: usize,
        /// Position of the last octet.
        last: usize,
    },
    /// `204 No Content` with the methods that a resource answers, which this constant is of; or any.
    Options(&'static Message),
    /// An error of the resource that this constant is of; where it is 416, of a range of it. Otherwise as
    /// [`Response::Error`].
    Refused(&'static Message, Status),
    /// An error without content, behind which the connection closes.
    Empty(Status),
    /// An error, with the program's own page for it or the server's.
    Error(Status),
    /// What a handler has written, or found in the request.
    Written {
        /// The status.
        status: Status,
        /// The value of `Content-Type`.
        content_type: &'static str,
        /// At most `limits::CONTENT_MAX` octets; more is answered with 500.
        content: &'a [u8],
    },
}
