//! Requests to responses, written into the outbox.
//!
//! Invariant: the scribe sees no connection and no descriptor.

use heapless::Vec;

use super::handler::{Buffer, Handler, HandlerError};
use crate::limits::TARGET_MAX;
use crate::request::{self, Head, Method};
use crate::resource::Moment;
use crate::response::{BAD_REQUEST, Manner, Outbox, Persistence, Response, Status};
use crate::sys::process;

/// The memory of a path that is put into normal form.
pub(super) type Path = Vec<u8, TARGET_MAX>;

/// What answers the requests of one worker.
pub(super) struct Scribe {
    pub(super) handler: Handler,
    pub(super) moment: Moment,
    /// The server stops: every response is the last of its connection.
    pub(super) is_stopping: bool,
    pub(super) outbox: Outbox,
    path: &'static mut Path,
    buffer: &'static mut Buffer,
}

/// What is left to do when a response is in the outbox.
pub(super) struct Answered {
    /// A long body that has to be sent behind.
    pub(super) body: &'static [u8],
    /// Whether the connection stays open.
    pub(super) is_persistent: bool,
}

impl Answered {
    /// Nothing is left to do.
    pub(super) const PLAIN: Self = Self {
        body: &[],
        is_persistent: true,
    };

    #[inline]
    pub(super) const fn is_plain(&self) -> bool {
        self.body.is_empty() && self.is_persistent
    }
}

impl Scribe {
    pub(super) const fn new(
        handler: Handler,
        outbox: Outbox,
        path: &'static mut Path,
        buffer: &'static mut Buffer,
    ) -> Self {
        Self {
            handler,
            moment: Moment {
                unix: 0,
                draining: false,
            },
            is_stopping: false,
            outbox,
            path,
            buffer,
        }
    }

    /// Writes the response to a request.
    #[inline]
    pub(super) fn answer<'a>(&'a mut self, head: &mut Head<'a>) -> Answered {
        if !head.is_normal && self.normalise(head).is_err() {
            let head_only = head.request.method == Method::Head;
            return Answered {
                body: self.answer_last(Response::Error(Status::BAD_REQUEST), head_only),
                is_persistent: false,
            };
        }
        if !head.is_normal {
            head.request.path = self.path;
        }
        let is_persistent = head.is_persistent && !self.is_stopping;
        let manner = Manner {
            head_only: head.request.method == Method::Head,
            persistence: match (is_persistent, head.request.minor) {
                (false, _) => Persistence::Close,
                (true, 0) => Persistence::KeepAlive,
                (true, _) => Persistence::Implied,
            },
        };
        let handler = self.handler;
        let mut response = match handler.respond(&head.request, self.moment, self.buffer) {
            Ok(response) => response,
            Err(error) => refuse(error),
        };
        if !matches!(response, Response::Message(_)) {
            handler.put_page(&mut response);
        }
        let body = self.outbox.put_response(&response, manner);
        Answered {
            body,
            is_persistent: is_persistent && !closes(&response),
        }
    }

    /// Writes the last response of a connection.
    #[inline(never)]
    pub(super) fn answer_last(
        &mut self,
        mut response: Response<'_>,
        head_only: bool,
    ) -> &'static [u8] {
        let manner = Manner {
            head_only,
            persistence: Persistence::Close,
        };
        self.handler.put_page(&mut response);
        self.outbox.put_response(&response, manner)
    }

    /// Puts the path in normal form where it was not seen at once that it is.
    #[inline(never)]
    fn normalise(&mut self, head: &Head<'_>) -> Result<(), request::Refusal> {
        self.path.clear();
        let path = match (head.request.path, head.request.method) {
            // RFC 9112 section 3.2.4: an absolute-form without path is about the server where OPTIONS asks.
            ([], Method::Options) => b"*",
            ([], _) => b"/",
            (path @ [b'/', ..], _) => return request::normalise(path, self.path),
            (path, _) => path,
        };
        self.path
            .extend_from_slice(path)
            .map_err(|_| request::Refusal::BadRequest)
    }
}

/// A handler's error: a line in the log, and the minimal 400.
#[inline(never)]
fn refuse(error: HandlerError) -> Response<'static> {
    let mut line = Vec::<u8, 256>::new();
    for part in ["vanillin: handler: ", error.0, "\n"] {
        // Too long: what does not fit is left out.
        let _ = line.extend_from_slice(part.as_bytes());
    }
    process::log(&line);
    Response::Message(&BAD_REQUEST)
}

const fn closes(response: &Response<'_>) -> bool {
    match response {
        Response::Message(message) => message.closes(),
        _ => false,
    }
}
