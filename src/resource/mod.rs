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

use crate::request::{Fields, Method, Request};
use crate::response::{self, Message, Response, Status};
use condition::Conditions;

/// One form of a resource's content, with everything that is sent of it.
#[derive(Clone, Copy, Debug)]
pub struct Representation {
    message: Message,
    /// Where the entity tag ends in the head; 0 where there is none.
    tag_end: u16,
    /// Where the date of the last modification begins in the head; 0 where there is none.
    modified_at: u16,
    coding: Coding,
}

impl Representation {
    pub(crate) const NONE: Self = Self {
        message: Message::NONE,
        tag_end: 0,
        modified_at: 0,
        coding: Coding::Identity,
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

/// What some resource of a site needs in order to be chosen from; what none needs is not linked.
#[derive(Clone, Copy, Debug)]
pub struct Means {
    /// Where a resource has several representations.
    represent: fn(&'static [Representation], Fields<'_>) -> Option<&'static Representation>,
    /// Where a resource has a date of its last modification.
    order: condition::Order,
}

impl Means {
    /// What these routes need.
    #[must_use]
    pub const fn of(routes: &[Route]) -> Self {
        let mut means = Self {
            represent: first,
            order: condition::no_order,
        };
        let mut at = 0;
        while at < routes.len() {
            if routes[at].variants[1].is_some() {
                means.represent = represent;
            }
            if routes[at].modified != 0 {
                means.order = condition::order;
            }
            at += 1;
        }
        means
    }
}

/// What a target stands for.
#[derive(Clone, Copy, Debug)]
pub struct Resource {
    target: &'static str,
    /// The drained one is the last.
    representations: &'static [Representation],
    has_drained: bool,
    any_method: bool,
}

impl Resource {
    /// The resource of a route, with the representations that were rendered for it.
    pub(crate) const fn new(route: &Route, representations: &'static [Representation]) -> Self {
        Self {
            target: match route.place {
                Place::Target(target) => target,
                _ => "",
            },
            representations,
            has_drained: route.drained.is_some(),
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

    /// The same where there is no other.
    #[inline]
    pub(crate) const fn only(&self) -> Option<&'static Message> {
        match self.representations {
            [only] => Some(&only.message),
            _ => None,
        }
    }

    /// RFC 9110 section 13.2.1: the method first, then the representation, then conditions, then the range.
    pub(crate) fn choose(
        &self,
        request: &Request<'_>,
        moment: Moment,
        means: &Means,
    ) -> Response<'static> {
        let reads = matches!(request.method, Method::Get | Method::Head);
        if !self.any_method
            && !reads
            && let Some(message) = self.message()
        {
            return match request.method {
                Method::Options => Response::Options(message),
                _ => Response::Refused(message, Status::METHOD_NOT_ALLOWED),
            };
        }
        let mut representations = self.representations;
        if self.has_drained
            && let Some((drained, others)) = representations.split_last()
        {
            if moment.draining {
                return Response::Message(&drained.message);
            }
            representations = others;
        }
        let fields = request.fields();
        match (means.represent)(representations, fields) {
            Some(chosen) if reads && chosen.tag_end != 0 => {
                let conditions = Conditions {
                    fields,
                    chosen,
                    now: moment.unix,
                    order: means.order,
                };
                conditions.select(request.method)
            }
            Some(chosen) => Response::Message(&chosen.message),
            // No resource is without one.
            None => Response::Error(Status::NOT_FOUND),
        }
    }
}

/// Where no resource has several.
fn first(
    representations: &'static [Representation],
    _: Fields<'_>,
) -> Option<&'static Representation> {
    representations.first()
}

fn represent(
    representations: &'static [Representation],
    fields: Fields<'_>,
) -> Option<&'static Representation> {
    encoding::choose(fields, representations, |one| {
        (one.coding, one.message.body().len())
    })
}

impl Representation {
    /// The entity tag, quotes included; empty where there is none.
    fn tag(&self) -> &'static [u8] {
        self.message.fields("\r\nETag: ".len(), self.tag_end)
    }

    /// The date of the last modification; of no meaning where there is none.
    fn modified(&self) -> &'static [u8] {
        let at = usize::from(self.modified_at);
        self.message.part(at, at + response::date::LEN)
    }
}

impl Conditions<'_> {
    fn select(&self, method: Method) -> Response<'static> {
        let message = &self.chosen.message;
        match self.evaluate() {
            condition::Verdict::Proceed => {}
            condition::Verdict::NotModified => return Response::NotModified(message),
            condition::Verdict::Failed => {
                return Response::Refused(message, Status::PRECONDITION_FAILED);
            }
        }
        if method == Method::Get {
            let len = message.body().len();
            match range::select(self, len as u64) {
                range::Selection::Whole => {}
                range::Selection::Part { first, last } => {
                    return Response::Part {
                        of: message,
                        first: first as usize,
                        last: last as usize,
                    };
                }
                range::Selection::Unsatisfiable => {
                    return Response::Refused(message, Status::RANGE_NOT_SATISFIABLE);
                }
            }
        }
        Response::Message(message)
    }
}

#[cfg(test)]
impl Representation {
    /// One that is told from others by these.
    fn known_by(tag: &str, modified: Option<u64>) -> &'static Self {
        let start = "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nETag: ";
        let mut head = std::format!("{start}{tag}\r\n");
        let tag_end = head.len() - 2;
        let mut modified_at = 0;
        if let Some(unix) = modified {
            head += "Last-Modified: ";
            modified_at = head.len();
            head.extend(response::date::format(unix).map(char::from));
        }
        let octets: &'static [u8] = head.leak().as_bytes();
        std::boxed::Box::leak(std::boxed::Box::new(Self {
            message: Message::new(Status::OK, octets, octets.len(), b""),
            tag_end: tag_end as u16,
            modified_at: modified_at as u16,
            coding: Coding::Identity,
        }))
    }
}
