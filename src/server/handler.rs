//! The application's part: what answers a request.

use heapless::Vec;

use crate::limits::CONTENT_MAX;
use crate::request::Request;
use crate::resource::Moment;
use crate::response::{Response, Status, Wording};
use crate::router::Router;
use crate::sys::process;

/// Where a function writes the content of its response.
pub type Buffer = Vec<u8, CONTENT_MAX>;

/// Why a function has no response: `400 Bad Request` for the client, this line for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandlerError(pub &'static str);

/// What answers requests.
///
/// A router answers by itself:
/// ```
/// use vanillin::{Handler, Route, Router, routes};
/// static SITE: Router = Router::new(routes![Route::text("/", "Hello\n")]);
/// let handler = Handler::Router(&SITE);
/// ```
///
/// A function sees the method, the target, the field lines and the content, and returns a constant, something of
/// the request, or what it has written into the buffer:
/// ```
/// use vanillin::{Buffer, Handler, HandlerError, Method, Moment, Request, Response, Route, Router, Status, routes};
///
/// static SITE: Router = Router::new(routes![Route::text("/", "POST me something\n")]);
///
/// fn answer<'a>(
///     request: &Request<'a>,
///     moment: Moment,
///     buffer: &'a mut Buffer,
/// ) -> Result<Response<'a>, HandlerError> {
///     if request.method != Method::Post {
///         return Ok(SITE.respond(request, moment));
///     }
///     if request.content().is_empty() {
///         return Err(HandlerError("a POST without content"));
///     }
///     buffer.extend_from_slice(b"You said: ").and_then(|()| buffer.extend_from_slice(request.content()))
///         .map_err(|_| HandlerError("too much to repeat"))?;
///     Ok(Response::Written { status: Status::OK, content_type: "text/plain; charset=utf-8", content: buffer })
/// }
/// let handler = Handler::function(answer);
/// ```
#[derive(Clone, Copy, Debug)]
pub enum Handler {
    /// Constants by target. The content of requests is read and thrown away.
    Router(&'static Router),
    /// A function of the program's own: [`Handler::function`].
    Function(Author),
}

/// A function that answers requests. It must not block: the worker's other connections wait for it.
pub type Function =
    for<'a> fn(&Request<'a>, Moment, &'a mut Buffer) -> Result<Response<'a>, HandlerError>;

/// A function, and what is needed only where there is one.
#[derive(Clone, Copy, Debug)]
pub struct Author {
    function: Function,
    ask: for<'a> fn(Function, &Request<'a>, Moment, &'a mut Buffer) -> Response<'a>,
    pub(super) wording: &'static Wording,
}

impl Handler {
    /// What answers with this function.
    #[must_use]
    pub const fn function(function: Function) -> Self {
        Self::Function(Author {
            function,
            ask,
            wording: &Wording::ALL,
        })
    }

    /// Whether the content of requests is of interest.
    pub(super) const fn wants_content(&self) -> bool {
        matches!(self, Self::Function(_))
    }

    /// Whether there may be a body that does not leave at once.
    pub(super) const fn has_long_bodies(&self) -> bool {
        match self {
            Self::Router(router) => router.has_long_bodies(),
            Self::Function(_) => true,
        }
    }

    /// The response to a request.
    #[inline]
    pub(super) fn respond<'a>(
        &self,
        request: &Request<'a>,
        moment: Moment,
        buffer: &'a mut Buffer,
    ) -> Response<'a> {
        match self {
            Self::Router(router) => router.respond(request, moment),
            Self::Function(author) => (author.ask)(author.function, request, moment, buffer),
        }
    }
}

/// A function's response; for its error a line in the log, and the minimal 400.
fn ask<'a>(
    function: Function,
    request: &Request<'a>,
    moment: Moment,
    buffer: &'a mut Buffer,
) -> Response<'a> {
    buffer.clear();
    function(request, moment, buffer).unwrap_or_else(|error| {
        let mut line = Vec::<u8, 256>::new();
        for part in ["vanillin: handler: ", error.0, "\n"] {
            // Too long: what does not fit is left out.
            let _ = line.extend_from_slice(part.as_bytes());
        }
        process::log(&line);
        Response::Empty(Status::BAD_REQUEST)
    })
}
