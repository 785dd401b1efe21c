//! The application's part: what answers a request.

use heapless::Vec;

use crate::limits::CONTENT_MAX;
use crate::request::Request;
use crate::resource::Moment;
use crate::response::Response;
use crate::router::Router;

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
///     if request.content.is_empty() {
///         return Err(HandlerError("a POST without content"));
///     }
///     buffer.extend_from_slice(b"You said: ").and_then(|()| buffer.extend_from_slice(request.content))
///         .map_err(|_| HandlerError("too much to repeat"))?;
///     Ok(Response::Written { status: Status::OK, content_type: "text/plain; charset=utf-8", content: buffer })
/// }
/// let handler = Handler::Function(answer);
/// ```
#[derive(Clone, Copy, Debug)]
pub enum Handler {
    /// Constants by target. The content of requests is read and thrown away.
    Router(&'static Router),
    /// A function of the program's own.
    Function(Function),
}

/// A function that answers requests. It must not block: the worker's other connections wait for it.
pub type Function =
    for<'a> fn(&Request<'a>, Moment, &'a mut Buffer) -> Result<Response<'a>, HandlerError>;

impl Handler {
    /// Whether the content of requests is of interest.
    pub(super) const fn wants_content(&self) -> bool {
        matches!(self, Self::Function(_))
    }

    /// The response, or what the log says about there being none.
    #[inline]
    pub(super) fn respond<'a>(
        &self,
        request: &Request<'a>,
        moment: Moment,
        buffer: &'a mut Buffer,
    ) -> Result<Response<'a>, HandlerError> {
        match self {
            Self::Router(router) => Ok(router.respond(request, moment)),
            Self::Function(function) => {
                buffer.clear();
                function(request, moment, buffer)
            }
        }
    }

    /// Puts the program's own page in the place of an error that has one.
    #[inline(never)]
    pub(super) fn put_page(&self, response: &mut Response<'_>) {
        if let (Self::Router(router), Response::Error(status)) = (self, &*response)
            && let Some(page) = router.page(*status)
        {
            *response = Response::Message(page);
        }
    }
}
