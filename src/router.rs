//! From a target to its resource: a perfect hash that is built at compile time.
//!
//! Invariant: looking up costs one hash of the path and one comparison, however many routes there are.
#![forbid(unsafe_code)]

use crate::limits::SEND_MAX;
use crate::request::{Method, Request};
use crate::resource::{self, Means, Moment, Place, Representation, Resource, Route};
use crate::response::{Message, Response, Status};

const NONE: u16 = u16::MAX;

/// A 64-bit hash of a path, eight octets at a time; the last eight overlap those before.
const fn hash(path: &[u8]) -> u64 {
    let mut state = path.len() as u64;
    let (mut rest, mut last) = (path, 0);
    // Patterns, since a call costs the compiler a hundred times as much.
    if let [.., a, b, c, d, e, f, g, h] = path {
        last = u64::from_le_bytes([*a, *b, *c, *d, *e, *f, *g, *h]);
        while let [a, b, c, d, e, f, g, h, after @ ..] = rest {
            state = mix(state ^ u64::from_le_bytes([*a, *b, *c, *d, *e, *f, *g, *h]));
            rest = after;
        }
    } else {
        while let [octet, after @ ..] = rest {
            last = last << 8 | *octet as u64;
            rest = after;
        }
    }
    mix(state ^ last)
}

/// Multiplies to 128 bits and folds, so that every bit of the word reaches every bit of the result.
const fn mix(word: u64) -> u64 {
    let product = word as u128 * 0xd6e8_feb8_6659_fd93;
    product as u64 ^ (product >> 64) as u64
}

/// Where each target's resource is. `BUCKETS` and `SLOTS` are powers of two.
#[derive(Clone, Copy, Debug)]
pub struct Table<const BUCKETS: usize, const SLOTS: usize> {
    /// For each bucket of hashes the displacement under which none of its targets meets another.
    pub displacements: [u16; BUCKETS],
    /// For each slot the index of a resource.
    pub slots: [u16; SLOTS],
}

/// The number of buckets for that many routes.
#[must_use]
pub const fn buckets(routes: usize) -> usize {
    (routes / 3 + 1).next_power_of_two()
}

/// The number of slots for that many routes.
#[must_use]
pub const fn slots(routes: usize) -> usize {
    (routes + routes / 4 + 1).next_power_of_two()
}

#[inline]
const fn bucket_of(hash: u64, buckets: usize) -> usize {
    hash as usize & (buckets - 1)
}

/// A displacement is a factor.
#[inline]
const fn slot_of(hash: u64, displacement: u16, slots: usize) -> usize {
    (hash.wrapping_mul(displacement as u64) >> 32) as usize & (slots - 1)
}

impl<const BUCKETS: usize, const SLOTS: usize> Table<BUCKETS, SLOTS> {
    /// Finds a displacement for every bucket, the fullest first.
    ///
    /// # Panics
    /// Where two routes have one target, which at compile time is a failed build that names it.
    #[must_use]
    pub const fn new<const ROUTES: usize>(routes: &[Route]) -> Self {
        let mut table = Self {
            displacements: [0; BUCKETS],
            slots: [NONE; SLOTS],
        };
        let mut hashes = [0u64; ROUTES];
        let mut firsts = [NONE; BUCKETS];
        let mut nexts = [NONE; ROUTES];
        let mut counts = [0u16; BUCKETS];
        let (mut at, mut fullest) = (0, 0);
        while at < routes.len() {
            if let Place::Target(target) = routes[at].place {
                hashes[at] = hash(target.as_bytes());
                let bucket = bucket_of(hashes[at], BUCKETS);
                refuse_twin(routes, &hashes, &nexts, firsts[bucket], at, target);
                nexts[at] = firsts[bucket];
                firsts[bucket] = at as u16;
                counts[bucket] += 1;
                if counts[bucket] > fullest {
                    fullest = counts[bucket];
                }
            }
            at += 1;
        }
        while fullest > 0 {
            let mut bucket = 0;
            while bucket < BUCKETS {
                if counts[bucket] == fullest {
                    table.settle(bucket, firsts[bucket], &hashes, &nexts);
                }
                bucket += 1;
            }
            fullest -= 1;
        }
        table
    }

    /// Gives the bucket the first displacement that puts all its members into free slots.
    const fn settle<const ROUTES: usize>(
        &mut self,
        bucket: usize,
        first: u16,
        hashes: &[u64; ROUTES],
        nexts: &[u16; ROUTES],
    ) {
        let mut displacement = 1;
        loop {
            let (mut member, mut fits) = (first, true);
            while member != NONE {
                let slot = slot_of(hashes[member as usize], displacement, SLOTS);
                if self.slots[slot] != NONE {
                    fits = false;
                    break;
                }
                self.slots[slot] = member;
                member = nexts[member as usize];
            }
            if fits {
                self.displacements[bucket] = displacement;
                return;
            }
            let mut placed = first;
            while placed != member {
                let slot = slot_of(hashes[placed as usize], displacement, SLOTS);
                self.slots[slot] = NONE;
                placed = nexts[placed as usize];
            }
            assert!(
                displacement < u16::MAX,
                "no displacement separates the targets"
            );
            displacement += 1;
        }
    }
}

const fn refuse_twin<const ROUTES: usize>(
    routes: &[Route],
    hashes: &[u64; ROUTES],
    nexts: &[u16; ROUTES],
    mut member: u16,
    at: usize,
    target: &str,
) {
    while member != NONE {
        if hashes[member as usize] == hashes[at] {
            let Place::Target(other) = routes[member as usize].place else {
                return;
            };
            if resource::equal(other.as_bytes(), target.as_bytes()) {
                resource::fail(target, "is declared twice");
            }
            resource::fail(target, "has the hash of another target: change it");
        }
        member = nexts[member as usize];
    }
}

/// How many error pages there are.
#[must_use]
pub const fn count_pages(routes: &[Route]) -> usize {
    let (mut at, mut count) = (0, 0);
    while at < routes.len() {
        count += matches!(routes[at].place, Place::Error) as usize;
        at += 1;
    }
    count
}

/// The indexes of the error pages.
#[must_use]
pub const fn pages<const PAGES: usize>(routes: &[Route]) -> [u16; PAGES] {
    let mut pages = [NONE; PAGES];
    let (mut at, mut page) = (0, 0);
    while at < routes.len() {
        if let Place::Error = routes[at].place {
            let status = routes[at].status;
            let mut other = 0;
            while other < page {
                if routes[pages[other] as usize].status.code() == status.code() {
                    resource::fail(status.reason(), "has two error pages");
                }
                other += 1;
            }
            pages[page] = at as u16;
            page += 1;
        }
        at += 1;
    }
    pages
}

const fn refuse_page_for_missing(routes: &[Route]) {
    let mut at = 0;
    while at < routes.len() {
        if matches!(routes[at].place, Place::Error) && routes[at].status.code() == 404 {
            resource::fail(
                routes[at].name(),
                "can never be reached: there is a fallback",
            );
        }
        at += 1;
    }
}

/// The resources of routes, each with its share of the representations.
#[must_use]
pub const fn resources<const ROUTES: usize>(
    routes: &[Route],
    mut representations: &'static [Representation],
) -> [Resource; ROUTES] {
    let mut resources = [Resource::new(&routes[0], &[]); ROUTES];
    let mut at = 0;
    while at < ROUTES {
        let mut count = routes[at].drained.is_some() as usize;
        let mut variant = 0;
        while variant < routes[at].variants.len() {
            count += routes[at].variants[variant].is_some() as usize;
            variant += 1;
        }
        let (own, others) = representations.split_at(count);
        resources[at] = Resource::new(&routes[at], own);
        representations = others;
        at += 1;
    }
    resources
}

/// Routes that are rendered and hashed: what [`routes!`](crate::routes) makes.
#[derive(Clone, Copy, Debug)]
pub struct Routes {
    resources: &'static [Resource],
    displacements: &'static [u16],
    slots: &'static [u16],
    pages: &'static [u16],
    fallback: u16,
    has_long_bodies: bool,
    means: Means,
    find_page: Option<fn(&Self, Status) -> Option<&'static Message>>,
}

impl Routes {
    /// Puts together what the macro has computed.
    ///
    /// # Panics
    /// Where there are two fallbacks, or one and a page for what is missing: a failed build.
    #[must_use]
    pub const fn new<const BUCKETS: usize, const SLOTS: usize>(
        routes: &[Route],
        resources: &'static [Resource],
        table: &'static Table<BUCKETS, SLOTS>,
        pages: &'static [u16],
    ) -> Self {
        let (mut fallback, mut has_long_bodies) = (NONE, false);
        let mut at = 0;
        while at < routes.len() {
            has_long_bodies |= routes[at].body_len_max() > SEND_MAX;
            if let Place::Fallback = routes[at].place {
                if fallback != NONE {
                    resource::fail("(fallback)", "is declared twice");
                }
                fallback = at as u16;
            }
            at += 1;
        }
        if fallback != NONE {
            refuse_page_for_missing(routes);
        }
        Self {
            resources,
            displacements: &table.displacements,
            slots: &table.slots,
            pages,
            fallback,
            has_long_bodies,
            means: Means::of(routes),
            find_page: if pages.is_empty() {
                None
            } else {
                Some(Self::find_page)
            },
        }
    }

    fn find_page(&self, status: Status) -> Option<&'static Message> {
        let pages = self.pages.iter();
        pages
            .filter_map(|at| self.resources.get(usize::from(*at))?.message())
            .find(|message| message.has_status(status))
    }
}

/// Renders routes, which are constant expressions of type [`Route`], into the [`Routes`] that [`Router::new`] takes.
///
/// A macro, because every array is exactly as long as what the routes need, and a `const fn` cannot say so.
#[macro_export]
macro_rules! routes {
    ($($route:expr),+ $(,)?) => {{
        // The names are long because a route may be an expression with constants of the program's own.
        #![allow(long_running_const_eval, clippy::large_const_arrays, clippy::large_stack_arrays)]
        use $crate::parts as vanillin_parts;
        const VANILLIN_ROUTES: &[$crate::Route] = &[$($route),+];
        const VANILLIN_COUNT: usize = VANILLIN_ROUTES.len();
        const VANILLIN_MEASURED: vanillin_parts::Rendered<0, 0> = vanillin_parts::Rendered::new(VANILLIN_ROUTES);
        const VANILLIN_OCTETS: usize = VANILLIN_MEASURED.paper.len;
        const VANILLIN_REPRESENTATIONS: usize = VANILLIN_MEASURED.representations;
        const VANILLIN_RENDERED: vanillin_parts::Rendered<VANILLIN_OCTETS, VANILLIN_REPRESENTATIONS> =
            vanillin_parts::Rendered::new(VANILLIN_ROUTES);
        static VANILLIN_SHEET: [u8; VANILLIN_OCTETS] = VANILLIN_RENDERED.paper.octets;
        static VANILLIN_FORMS: [vanillin_parts::Representation; VANILLIN_REPRESENTATIONS] =
            VANILLIN_RENDERED.representations(VANILLIN_ROUTES, &VANILLIN_SHEET);
        static VANILLIN_RESOURCES: [vanillin_parts::Resource; VANILLIN_COUNT] =
            vanillin_parts::resources(VANILLIN_ROUTES, &VANILLIN_FORMS);
        static VANILLIN_TABLE: vanillin_parts::Table<
            { vanillin_parts::buckets(VANILLIN_COUNT) },
            { vanillin_parts::slots(VANILLIN_COUNT) },
        > = vanillin_parts::Table::new::<VANILLIN_COUNT>(VANILLIN_ROUTES);
        static VANILLIN_PAGES: [u16; vanillin_parts::count_pages(VANILLIN_ROUTES)] =
            vanillin_parts::pages(VANILLIN_ROUTES);
        vanillin_parts::Routes::new(VANILLIN_ROUTES, &VANILLIN_RESOURCES, &VANILLIN_TABLE, &VANILLIN_PAGES)
    }};
}

/// Maps requests to constant responses by target.
///
/// ```
/// use vanillin::{Route, Router, routes};
/// static SITE: Router = Router::new(routes![
///     Route::html("/", b"<!doctype html><title>Hello</title>"),
///     Route::text("/health", "ok\n"),
/// ]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Router {
    routes: Routes,
}

impl Router {
    /// The router of these routes.
    ///
    /// # Panics
    /// Where there are too many, which at compile time is a failed build.
    #[must_use]
    pub const fn new(routes: Routes) -> Self {
        assert!(
            routes.resources.len() < NONE as usize,
            "there are at most 65,534 routes"
        );
        Self { routes }
    }

    /// Whether a body does not leave at once.
    pub(crate) const fn has_long_bodies(&self) -> bool {
        self.routes.has_long_bodies
    }

    /// The resource whose target these octets are.
    // The numbers of buckets and slots are powers of two, so that neither is missed.
    #[must_use]
    #[inline(never)]
    pub fn find(&self, path: &[u8]) -> Option<&'static Resource> {
        let routes = &self.routes;
        let hash = hash(path);
        let bucket = bucket_of(hash, routes.displacements.len());
        let displacement = *routes.displacements.get(bucket)?;
        let slot = slot_of(hash, displacement, routes.slots.len());
        let resource = self.at(*routes.slots.get(slot)?)?;
        (resource.target().as_bytes() == path).then_some(resource)
    }

    fn at(&self, index: u16) -> Option<&'static Resource> {
        self.routes.resources.get(usize::from(index))
    }

    /// The response to a GET of this target, whatever octets those are, where there is nothing to choose.
    #[inline]
    pub(crate) fn plain(&self, target: &[u8]) -> Option<&'static Message> {
        self.find(target)?.only()
    }

    /// The response to a request.
    #[must_use]
    pub fn respond(&self, request: &Request<'_>, moment: Moment) -> Response<'static> {
        match request.method {
            Method::Unknown => return Response::Error(Status::NOT_IMPLEMENTED),
            Method::Trace | Method::Connect => {
                return Response::Error(Status::METHOD_NOT_ALLOWED);
            }
            Method::Options if request.path == b"*" => {
                return Response::Options(&Message::NONE);
            }
            _ => {}
        }
        let found = self.find(request.path);
        match found.or_else(|| self.at(self.routes.fallback)) {
            Some(resource) => resource.choose(request, moment, &self.routes.means),
            None => Response::Error(Status::NOT_FOUND),
        }
    }

    /// The program's own page for an error.
    pub(crate) fn page(&self, status: Status) -> Option<&'static Message> {
        (self.routes.find_page?)(&self.routes, status)
    }
}

#[cfg(test)]
mod tests {
    use std::format;

    use super::{NONE, Table, bucket_of, buckets, hash, slot_of, slots};
    use crate::request::random::Random;
    use crate::resource::Route;

    const ROUTES: usize = 5;

    /// Few slots are the hardest: whatever the targets, some displacement has to keep them apart.
    #[test]
    fn small_tables_hold_any_targets() {
        let seed = 0x5eed_0011;
        let mut random = Random::new(seed);
        for round in 0..5_000 {
            let routes: [Route; ROUTES] = core::array::from_fn(|at| {
                let name = random.next() >> random.below(60);
                Route::text(format!("/{at}{name:x}").leak(), "")
            });
            let table = Table::<{ buckets(ROUTES) }, { slots(ROUTES) }>::new::<ROUTES>(&routes);
            for (at, route) in routes.iter().enumerate() {
                let hash = hash(route.name().as_bytes());
                let displacement = table.displacements[bucket_of(hash, table.displacements.len())];
                let slot = slot_of(hash, displacement, table.slots.len());
                assert_eq!(
                    usize::from(table.slots[slot]),
                    at,
                    "seed {seed:#x}, round {round}"
                );
            }
            assert_eq!(
                table.slots.iter().filter(|slot| **slot != NONE).count(),
                ROUTES
            );
        }
    }

    #[test]
    fn every_octet_of_a_path_counts() {
        let path: [u8; 41] = core::array::from_fn(|at| b'a' + (at % 26) as u8);
        for len in 1..=path.len() {
            let (path, _) = path.split_at(len);
            assert_ne!(hash(path), hash(&path[1..]), "length {len}");
            for at in 0..len {
                let mut changed = path.to_vec();
                changed[at] ^= 1;
                assert_ne!(hash(&changed), hash(path), "length {len}, octet {at}");
            }
        }
    }
}
