//! What is served: a resource, its representations, and the pure choice among them.
//!
//! Invariant: nothing here knows a descriptor; the same request at the same moment always gets the same choice.
#![forbid(unsafe_code)]

mod route;

mod check;

mod tag;

mod render;

pub(crate) mod encoding;

pub(crate) mod condition;

pub(crate) mod range;

pub use encoding::Coding;
pub use render::Rendered;
pub use route::Route;

pub(crate) use check::{equal, fail};
pub(crate) use route::Place;
pub(crate) use tag::hash;

use crate::request::{Method, Request};
use crate::response::{self, Message, Response, Status};

/// One form of a resource's content, with everything that is sent of it.
#[derive(Clone, Copy, Debug)]
pub struct Representation {
    coding: Coding,
    /// The entity tag, quotes included; empty where the response has none.
    tag: &'static [u8],
    message: Message,
    not_modified: Message,
}

impl Representation {
    pub(crate) const NONE: Self = Self {
        coding: Coding::Identity,
        tag: b"",
        message: Message::NONE,
        not_modified: Message::NONE,
    };

    /// The response that carries the whole of it.
    #[must_use]
    pub const fn message(&self) -> &Message {
        &self.message
    }
}

/// What the moment of the request adds to what was known before.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Seconds since 1970.
    pub unix: u64,
    /// The server is about to stop.
    pub draining: bool,
}

/// What a target stands for.
#[derive(Clone, Copy, Debug)]
pub struct Resource {
    target: &'static str,
    representations: &'static [Representation],
    drained: Option<&'static Representation>,
    modified: u64,
    any_method: bool,
}

impl Resource {
    /// The resource of a route, with the representations that were rendered for it.
    pub(crate) const fn new(route: &Route, representations: &'static [Representation]) -> Self {
        let (representations, drained) = match route.drained {
            Some(_) => match representations.split_last() {
                Some((last, others)) => (others, Some(last)),
                None => (representations, None),
            },
            None => (representations, None),
        };
        Self {
            target: match route.place {
                Place::Target(target) => target,
                _ => "",
            },
            representations,
            drained,
            modified: route.modified,
            any_method: route.any_method,
        }
    }

    /// The target, in normal form.
    #[must_use]
    pub const fn target(&self) -> &'static str {
        self.target
    }

    /// The response that carries the whole of the first representation.
    #[must_use]
    pub(crate) fn message(&self) -> Option<&'static Message> {
        self.representations.first().map(|one| &one.message)
    }

    /// The response to a request for this resource.
    #[must_use]
    #[inline]
    pub fn respond(&'static self, request: &Request<'_>, moment: Moment) -> Response<'static> {
        let [only] = self.representations else {
            return self.choose(request, moment);
        };
        if request.method == Method::Get && !request.seen.is_conditional() && self.drained.is_none()
        {
            return Response::Message(&only.message);
        }
        self.choose(request, moment)
    }

    /// RFC 9110 section 13.2.1: the method first, then the representation, then conditions, then the range.
    #[inline(never)]
    fn choose(&'static self, request: &Request<'_>, moment: Moment) -> Response<'static> {
        let method = request.method;
        let reads = matches!(method, Method::Get | Method::Head);
        if !self.any_method && !reads {
            return match method {
                Method::Options => Response::Message(&response::OPTIONS),
                Method::Unknown => Response::Error(Status::NOT_IMPLEMENTED),
                _ => Response::Error(Status::METHOD_NOT_ALLOWED),
            };
        }
        let chosen = match (moment.draining, self.drained) {
            (true, Some(drained)) => Some(drained),
            _ => self.represent(request),
        };
        let Some(chosen) = chosen else {
            return Response::Error(Status::INTERNAL_SERVER_ERROR);
        };
        if reads && !chosen.tag.is_empty() {
            return self.select(chosen, request, moment);
        }
        Response::Message(&chosen.message)
    }

    fn represent(&self, request: &Request<'_>) -> Option<&'static Representation> {
        let representations = self.representations;
        if let [only] = representations {
            return Some(only);
        }
        encoding::choose(request.fields(), representations, |one| {
            (one.coding, one.message.body().len())
        })
    }

    fn select(
        &self,
        chosen: &'static Representation,
        request: &Request<'_>,
        moment: Moment,
    ) -> Response<'static> {
        let current = condition::Validators {
            tag: chosen.tag,
            modified: (self.modified != 0).then_some(self.modified),
            now: moment.unix,
        };
        match condition::evaluate(request.fields(), true, &current) {
            condition::Verdict::Proceed => {}
            condition::Verdict::NotModified => return Response::Message(&chosen.not_modified),
            condition::Verdict::Failed => return Response::Error(Status::PRECONDITION_FAILED),
        }
        let len = chosen.message.body().len() as u64;
        if request.method == Method::Get {
            match range::select(request.fields(), len, &current) {
                range::Selection::Whole => {}
                range::Selection::Part { first, last } => {
                    return Response::Part {
                        of: &chosen.message,
                        first: first as usize,
                        last: last as usize,
                    };
                }
                range::Selection::Unsatisfiable => {
                    return Response::Unsatisfiable { len: len as usize };
                }
            }
        }
        Response::Message(&chosen.message)
    }
}
