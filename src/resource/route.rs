//! How a program declares what it serves: routes, as constants.

use super::{Coding, fail};
use crate::limits::ROUTE_FIELDS_MAX;
use crate::response::Status;

/// Representations of one route: one for each content coding.
pub(crate) const VARIANTS_MAX: usize = 4;

/// One representation as it is declared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Variant {
    pub(crate) coding: Coding,
    pub(crate) body: &'static [u8],
    pub(crate) tag: Option<&'static str>,
}

/// Which requests a route answers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// Those whose target is this one, in normal form.
    Target(&'static str),
    /// Those that no target answers.
    Fallback,
    /// Those that the server itself refuses with the route's status.
    Error,
}

/// What a target stands for, as a program declares it: a constant that [`routes!`](crate::routes) renders.
///
/// ```
/// use vanillin::{Route, Status};
/// const PAGE: Route = Route::new("/", "text/html; charset=utf-8", b"<!doctype html><title>x</title>")
///     .cache_control("max-age=300")
///     .field("Content-Security-Policy", "default-src 'self'");
/// const OLD: Route = Route::redirect("/old", Status::MOVED_PERMANENTLY, "/");
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Route {
    pub(crate) place: Place,
    pub(crate) status: Status,
    pub(crate) content_type: &'static str,
    pub(crate) variants: [Option<Variant>; VARIANTS_MAX],
    pub(crate) fields: [(&'static str, &'static str); ROUTE_FIELDS_MAX],
    pub(crate) fields_len: usize,
    pub(crate) cache_control: &'static str,
    pub(crate) modified: u64,
    pub(crate) any_method: bool,
    pub(crate) drained: Option<&'static [u8]>,
}

impl Route {
    const fn declare(
        place: Place,
        status: Status,
        content_type: &'static str,
        body: &'static [u8],
    ) -> Self {
        let identity = Variant {
            coding: Coding::Identity,
            body,
            tag: None,
        };
        Self {
            place,
            status,
            content_type,
            variants: [Some(identity), None, None, None],
            fields: [("", ""); ROUTE_FIELDS_MAX],
            fields_len: 0,
            cache_control: "no-cache",
            modified: 0,
            any_method: false,
            drained: None,
        }
    }

    /// A resource: GET and HEAD of `target` are answered with `200` and this body.
    /// The target is in the normal form of RFC 3986 section 6.2.2 and begins with `/`.
    pub const fn new(
        target: &'static str,
        content_type: &'static str,
        body: &'static [u8],
    ) -> Self {
        Self::declare(Place::Target(target), Status::OK, content_type, body)
    }

    /// A resource of plain text in UTF-8.
    pub const fn text(target: &'static str, body: &'static str) -> Self {
        Self::new(target, "text/plain; charset=utf-8", body.as_bytes())
    }

    /// A resource of HTML in UTF-8.
    pub const fn html(target: &'static str, body: &'static [u8]) -> Self {
        Self::new(target, "text/html; charset=utf-8", body)
    }

    /// A redirect with status 301, 302, 303, 307 or 308 to `location`.
    pub const fn redirect(target: &'static str, status: Status, location: &'static str) -> Self {
        Self::declare(Place::Target(target), status, "", b"").field("Location", location)
    }

    /// A resource that answers `204 No Content`.
    pub const fn no_content(target: &'static str) -> Self {
        Self::declare(Place::Target(target), Status::NO_CONTENT, "", b"")
    }

    /// What every request is answered with whose target no other route has, whatever its method:
    /// the error page of a default backend, the notice of a maintenance.
    pub const fn fallback(status: Status, content_type: &'static str, body: &'static [u8]) -> Self {
        Self::declare(Place::Fallback, status, content_type, body).any_method()
    }

    /// The body for an error of the server's own: 400, 404, 405, 408, 412, 413, 414, 417, 431, 501, 503 or 505. Where there
    /// is a fallback, nothing is answered with 404.
    pub const fn error(status: Status, content_type: &'static str, body: &'static [u8]) -> Self {
        Self::declare(Place::Error, status, content_type, body).cache_control("no-store")
    }

    /// Answers with another status than 200.
    pub const fn status(mut self, status: Status) -> Self {
        self.status = status;
        self
    }

    /// Octets of its longest body.
    pub(crate) const fn body_len_max(&self) -> usize {
        let mut max = match self.drained {
            Some(body) => body.len(),
            None => 0,
        };
        let mut at = 0;
        while at < VARIANTS_MAX {
            if let Some(Variant { body, .. }) = self.variants[at]
                && body.len() > max
            {
                max = body.len();
            }
            at += 1;
        }
        max
    }

    /// Adds a representation under a content coding; its octets are what the coding made of the body.
    ///
    /// # Panics
    /// Where there is one already, which at compile time is a failed build.
    pub const fn encoded(mut self, coding: Coding, body: &'static [u8]) -> Self {
        let mut at = 0;
        while let Some(variant) = self.variants[at] {
            if variant.coding as u8 == coding as u8 {
                fail(self.name(), "has two representations of one content coding");
            }
            at += 1;
        }
        self.variants[at] = Some(Variant {
            coding,
            body,
            tag: None,
        });
        self
    }

    /// Gives the representation that was added last this entity tag, quotes included, instead of one that is
    /// computed from its content: for bodies so large that the compiler takes long to hash them.
    pub const fn tag(mut self, tag: &'static str) -> Self {
        let mut at = VARIANTS_MAX;
        while at > 0 {
            at -= 1;
            if let Some(variant) = &mut self.variants[at] {
                variant.tag = Some(tag);
                break;
            }
        }
        self
    }

    /// Adds a field line to the response.
    ///
    /// # Panics
    /// Where there are too many, which at compile time is a failed build.
    pub const fn field(mut self, name: &'static str, value: &'static str) -> Self {
        if self.fields_len >= ROUTE_FIELDS_MAX {
            fail(
                self.name(),
                "has more than ROUTE_FIELDS_MAX field lines of its own",
            );
        }
        self.fields[self.fields_len] = (name, value);
        self.fields_len += 1;
        self
    }

    /// The value of `Cache-Control`; unless it is given, `no-cache`: stored, and validated on each use.
    pub const fn cache_control(mut self, value: &'static str) -> Self {
        self.cache_control = value;
        self
    }

    /// When the resource was modified last, in seconds since 1970: before anybody asks for it (RFC 9110 section 8.8.2.1).
    pub const fn modified(mut self, unix: u64) -> Self {
        self.modified = unix;
        self
    }

    /// Answers every method as it answers GET.
    pub const fn any_method(mut self) -> Self {
        self.any_method = true;
        self
    }

    /// Answers `503 Service Unavailable` with this plain text, of at most `limits::BODY_COPY_MAX` octets, while the server
    /// drains before it stops.
    pub const fn drained(mut self, body: &'static str) -> Self {
        self.drained = Some(body.as_bytes());
        self
    }
}
