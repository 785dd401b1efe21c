//! Routes to finished octets, at compile time.

use super::route::{Route, Variant};
use super::tag::{TAG_LEN, entity_tag};
use super::{Coding, Representation};
use crate::limits::BODY_COPY_MAX;
use crate::response::{self, Message, Paper, Status};

/// Where the pieces of one representation lie on the paper.
#[derive(Clone, Copy, Debug)]
struct Mark {
    start: usize,
    head_len: usize,
    end: usize,
    vary_len: usize,
    kept_end: usize,
    repeated_end: usize,
    tag_end: usize,
    modified_at: usize,
}

/// Where field lines of a route's own belong.
#[derive(Clone, Copy)]
enum Kind {
    Vary,
    Kept,
    Other,
}

impl Kind {
    const fn of(name: &str) -> Self {
        if name.eq_ignore_ascii_case("vary") {
            Self::Vary
        } else if name.eq_ignore_ascii_case("expires")
            || name.eq_ignore_ascii_case("content-location")
        {
            Self::Kept
        } else {
            Self::Other
        }
    }
}

const NOWHERE: Mark = Mark {
    start: 0,
    head_len: 0,
    end: 0,
    vary_len: 0,
    kept_end: 0,
    repeated_end: 0,
    tag_end: 0,
    modified_at: 0,
};

/// The octets of all responses and where each begins. With lengths of 0 it only measures.
#[derive(Clone, Copy, Debug)]
pub struct Rendered<const OCTETS: usize, const REPRESENTATIONS: usize> {
    /// Heads and short bodies.
    pub paper: Paper<OCTETS>,
    marks: [Mark; REPRESENTATIONS],
    /// How many representations there are, drained ones included.
    pub representations: usize,
}

impl<const OCTETS: usize, const REPRESENTATIONS: usize> Rendered<OCTETS, REPRESENTATIONS> {
    /// Renders every route in order; each representation of a route in order; a drained one last.
    #[must_use]
    pub const fn new(routes: &[Route]) -> Self {
        let mut rendered = Self {
            paper: Paper::new(),
            marks: [NOWHERE; REPRESENTATIONS],
            representations: 0,
        };
        let mut at = 0;
        while at < routes.len() {
            let route = &routes[at];
            if OCTETS == 0 {
                route.check();
            }
            let mut variant = 0;
            while variant < route.variants.len() {
                if let Some(variant) = &route.variants[variant] {
                    rendered.representation(route, variant);
                }
                variant += 1;
            }
            if let Some(body) = route.drained {
                rendered.drained(route, body);
            }
            at += 1;
        }
        rendered
    }

    const fn mark(&mut self, mark: Mark) {
        if REPRESENTATIONS > 0 {
            self.marks[self.representations] = mark;
        }
        self.representations += 1;
    }

    const fn drained(&mut self, route: &Route, body: &'static [u8]) {
        let start = self.paper.len;
        response::write_status(&mut self.paper, Status::SERVICE_UNAVAILABLE);
        self.paper
            .field(b"Content-Type", b"text/plain; charset=utf-8");
        self.paper.field(b"Cache-Control", b"no-store");
        self.vary(route);
        self.content_length(body.len());
        let head_len = self.paper.len - start;
        self.paper.put(body);
        self.mark(Mark {
            start,
            head_len,
            end: self.paper.len,
            ..NOWHERE
        });
    }

    const fn content_length(&mut self, len: usize) {
        self.paper.put(b"Content-Length: ");
        self.paper.number(len);
        self.paper.put(b"\r\n\r\n");
    }

    const fn representation(&mut self, route: &Route, variant: &Variant) {
        let start = self.paper.len;
        let mut mark = NOWHERE;
        mark.start = start;
        response::write_status(&mut self.paper, route.status);
        self.fields_kept_by_304(route, variant, &mut mark);
        mark.kept_end = self.paper.len - start;
        self.fields_of_content(route, variant, &mut mark);
        mark.repeated_end = self.paper.len - start;
        if route.status.forbids_content() {
            self.paper.put(b"\r\n");
        } else {
            self.content_length(variant.body.len());
        }
        mark.head_len = self.paper.len - start;
        if variant.body.len() <= BODY_COPY_MAX {
            self.paper.put(variant.body);
        }
        mark.end = self.paper.len;
        if mark.head_len > crate::limits::RESPONSE_HEAD_MAX {
            super::fail(
                route.name(),
                "has more field lines than RESPONSE_HEAD_MAX octets",
            );
        }
        self.mark(mark);
    }

    /// RFC 9110 section 15.4.5: these are in a 304 as they are in the 200.
    const fn fields_kept_by_304(&mut self, route: &Route, variant: &Variant, mark: &mut Mark) {
        if route.is_selectable() {
            self.paper.put(b"ETag: ");
            match variant.tag {
                Some(tag) => self.paper.put(tag.as_bytes()),
                None if OCTETS == 0 => self.paper.put(&[0; TAG_LEN]),
                None => self
                    .paper
                    .put(&entity_tag(variant.body, variant.coding as u64)),
            }
            mark.tag_end = self.paper.len - mark.start;
            self.paper.put(b"\r\n");
        }
        if !route.cache_control.is_empty() {
            self.paper
                .field(b"Cache-Control", route.cache_control.as_bytes());
        }
        self.own_fields(route, Kind::Kept);
        let before = self.paper.len;
        self.vary(route);
        mark.vary_len = self.paper.len - before;
        if mark.vary_len > u8::MAX as usize {
            super::fail(route.name(), "has Vary of more than 255 octets");
        }
    }

    /// RFC 9110 section 12.5.5: what a response might have been chosen by.
    const fn vary(&mut self, route: &Route) {
        if route.variants[1].is_some() {
            self.paper.field(b"Vary", b"Accept-Encoding");
        }
        self.own_fields(route, Kind::Vary);
    }

    const fn fields_of_content(&mut self, route: &Route, variant: &Variant, mark: &mut Mark) {
        if !route.content_type.is_empty() {
            self.paper
                .field(b"Content-Type", route.content_type.as_bytes());
        }
        if !matches!(variant.coding, Coding::Identity) {
            self.paper
                .field(b"Content-Encoding", variant.coding.token().as_bytes());
        }
        if route.modified != 0 {
            mark.modified_at = self.paper.len - mark.start + "Last-Modified: ".len();
            self.paper
                .field(b"Last-Modified", &response::date::format(route.modified));
        }
        if route.is_selectable() {
            self.paper.field(b"Accept-Ranges", b"bytes");
        }
        if matches!(route.status, Status::METHOD_NOT_ALLOWED) {
            let (_, line) = response::ALLOW.split_at("\r\n".len());
            self.paper.put(line.as_bytes());
            self.paper.put(b"\r\n");
        }
        self.own_fields(route, Kind::Other);
    }

    const fn own_fields(&mut self, route: &Route, kind: Kind) {
        let mut at = 0;
        while at < route.fields_len {
            let (name, value) = route.fields[at];
            if Kind::of(name) as u8 == kind as u8 {
                self.paper.field(name.as_bytes(), value.as_bytes());
            }
            at += 1;
        }
    }

    /// The representations, pointing into the octets that [`Rendered::paper`] was written with.
    #[must_use]
    pub const fn representations<const COUNT: usize>(
        &self,
        routes: &[Route],
        octets: &'static [u8],
    ) -> [Representation; COUNT] {
        let mut representations = [Representation::NONE; COUNT];
        let (mut count, mut at) = (0, 0);
        while at < routes.len() {
            let route = &routes[at];
            let mut variant = 0;
            while variant < route.variants.len() {
                if let Some(variant) = &route.variants[variant] {
                    representations[count] =
                        self.marks[count].representation(octets, route, variant);
                    count += 1;
                }
                variant += 1;
            }
            if route.drained.is_some() {
                representations[count] = self.marks[count].drained(octets);
                count += 1;
            }
            at += 1;
        }
        representations
    }
}

const fn slice(octets: &'static [u8], start: usize, end: usize) -> &'static [u8] {
    octets.split_at(end).0.split_at(start).1
}

impl Mark {
    const fn representation(
        &self,
        octets: &'static [u8],
        route: &Route,
        variant: &Variant,
    ) -> Representation {
        let long_body = if variant.body.len() <= BODY_COPY_MAX {
            &[]
        } else {
            variant.body
        };
        let octets = slice(octets, self.start, self.end);
        Representation {
            message: Message::new(route.status, octets, self.head_len, long_body).repeating(
                self.vary_len,
                self.kept_end,
                self.repeated_end,
            ),
            tag_end: self.tag_end as u16,
            modified_at: self.modified_at as u16,
            coding: variant.coding,
        }
    }

    const fn drained(&self, octets: &'static [u8]) -> Representation {
        Representation {
            message: Message::new(
                Status::SERVICE_UNAVAILABLE,
                slice(octets, self.start, self.end),
                self.head_len,
                &[],
            ),
            ..Representation::NONE
        }
    }
}
