//! Requests to responses, written into the outbox.
//!
//! Invariant: the scribe sees no connection and no descriptor.

use heapless::Vec;

use super::handler::{Buffer, Handler};
use crate::limits::TARGET_MAX;
use crate::request::{self, Head, Method, Request};
use crate::resource::Moment;
use crate::response::{Manner, Message, Outbox, Persistence, Response, Status, Wording};

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

    /// The response to a GET of this target, if it is a constant as it is.
    #[inline(always)]
    pub(super) fn find_plain(&self, target: &[u8]) -> Option<&'static Message> {
        match &self.handler {
            Handler::Router(router) => router.plain(target),
            Handler::Function(_) => None,
        }
    }

    /// Writes the response to any request, and says in the head whether the connection stays open. What is left to be sent
    /// behind it.
    #[inline(never)]
    pub(super) fn answer<'a>(&'a mut self, head: &mut Head<'a>) -> &'static [u8] {
        let response = if let Some(path) = normal(&head.request, self.path) {
            head.request.path = path;
            self.handler
                .respond(&head.request, self.moment, self.buffer)
        } else {
            head.is_persistent = false;
            Response::Error(Status::BAD_REQUEST)
        };
        head.is_persistent &= !self.is_stopping && !matches!(response, Response::Empty(_));
        let persistence = if !head.is_persistent {
            Persistence::Close
        } else if head.request.minor == 0 {
            Persistence::KeepAlive
        } else {
            Persistence::Implied
        };
        self.outbox.set_manner(Manner {
            head_only: head.request.method == Method::Head,
            persistence,
        });
        put(&mut self.outbox, &self.handler, response)
    }

    /// Writes the last response of a connection.
    pub(super) fn answer_last(&mut self, response: Response<'_>, head_only: bool) -> &'static [u8] {
        self.outbox.set_manner(Manner {
            head_only,
            persistence: Persistence::Close,
        });
        put(&mut self.outbox, &self.handler, response)
    }
}

/// Writes any response; the program's own page in the place of an error that has one.
#[inline(never)]
fn put(outbox: &mut Outbox, handler: &Handler, mut response: Response<'_>) -> &'static [u8] {
    outbox.set_about(&response);
    let wording = match handler {
        Handler::Router(router) => {
            if let Response::Error(status) | Response::Refused(_, status) = response
                && let Some(page) = router.page(status)
            {
                response = Response::Message(page);
            }
            &Wording::OWN
        }
        Handler::Function(author) => author.wording,
    };
    outbox.put_response(&response, wording)
}

/// The path of a request in normal form, which is written where it was not seen at once that it is.
#[inline(never)]
fn normal<'a>(request: &Request<'a>, place: &'a mut Path) -> Option<&'a [u8]> {
    match (request.path, request.method) {
        // RFC 9112 section 3.2.4: an absolute-form without path is about the server where OPTIONS asks.
        ([], Method::Options) => Some(b"*"),
        ([], _) => Some(b"/"),
        (path @ [b'/', ..], _) => {
            request::normalise(path, place).ok()?;
            Some(place)
        }
        (path, _) => Some(path),
    }
}
