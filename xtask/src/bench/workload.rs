//! The work that every server is given.
//!
//! Invariant: a workload is data; no server is named here.

use super::load::{Load, Mode};

/// What is asked for. Each server has its own path for it, or none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Target {
    /// 13 bytes of text.
    Plaintext,
    /// Something that does not exist.
    Missing,
    /// Text with an entity-tag, asked for with that tag.
    Validated,
    /// A body of that many bytes.
    Body(usize),
    /// The last route of a server with that many.
    Route(usize),
}

/// One row of the report.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) target: Target,
    pub(crate) mode: Mode,
    pub(crate) connections: usize,
    pub(crate) idle: usize,
    pub(crate) depth: usize,
    pub(crate) browser: bool,
    /// No two connections ask in the same words.
    pub(crate) strangers: bool,
    pub(crate) workers: usize,
    /// Part of `--quick`.
    pub(crate) quick: bool,
}

/// 64 connections with short headers; the others differ from it where they say so.
pub(crate) const PLAIN: Workload = Workload {
    name: "keep-alive",
    about: "64 connections, short headers",
    target: Target::Plaintext,
    mode: Mode::Closed,
    connections: 64,
    idle: 0,
    depth: 1,
    browser: false,
    strangers: false,
    workers: 1,
    quick: false,
};

/// Every workload, in the order of the report.
pub(crate) const ALL: &[Workload] = &[
    Workload {
        quick: true,
        ..PLAIN
    },
    Workload {
        name: "browser",
        about: "64 connections, a request head of 508 bytes",
        browser: true,
        quick: true,
        ..PLAIN
    },
    Workload {
        name: "strangers",
        about: "64 connections with short headers, each with its own",
        strangers: true,
        ..PLAIN
    },
    Workload {
        name: "strange browsers",
        about: "64 connections, a request head of 508 bytes, each with its own",
        browser: true,
        strangers: true,
        ..PLAIN
    },
    Workload {
        name: "pipelined",
        about: "64 connections, 16 requests at a time",
        depth: 16,
        quick: true,
        ..PLAIN
    },
    Workload {
        name: "close",
        about: "a connection per request, 64 at a time",
        mode: Mode::Close,
        quick: true,
        ..PLAIN
    },
    Workload {
        name: "404",
        about: "a target that does not exist",
        target: Target::Missing,
        ..PLAIN
    },
    Workload {
        name: "304",
        about: "If-None-Match with the current entity-tag",
        target: Target::Validated,
        ..PLAIN
    },
    Workload {
        name: "10 KiB",
        about: "64 connections, a body of 10 KiB",
        target: Target::Body(10 << 10),
        ..PLAIN
    },
    Workload {
        name: "100 KiB",
        about: "16 connections, a body of 100 KiB",
        target: Target::Body(100 << 10),
        connections: 16,
        ..PLAIN
    },
    Workload {
        name: "1 MiB",
        about: "16 connections, a body of 1 MiB",
        target: Target::Body(1 << 20),
        connections: 16,
        quick: true,
        ..PLAIN
    },
    Workload {
        name: "1 connection",
        about: "one connection",
        connections: 1,
        ..PLAIN
    },
    Workload {
        name: "512 connections",
        about: "512 connections, all active",
        connections: 512,
        ..PLAIN
    },
    Workload {
        name: "10,000 connections",
        about: "64 active connections beside 9,936 idle ones",
        idle: 9936,
        ..PLAIN
    },
    Workload {
        name: "fixed rate",
        about: "64 connections, requests at fixed times",
        mode: Mode::Rate,
        ..PLAIN
    },
    Workload {
        name: "two workers",
        about: "128 connections, two workers",
        connections: 128,
        workers: 2,
        ..PLAIN
    },
    Workload {
        name: "10 routes",
        about: "the last of 10 routes",
        target: Target::Route(10),
        ..PLAIN
    },
    Workload {
        name: "10,000 routes",
        about: "the last of 10,000 routes",
        target: Target::Route(10_000),
        ..PLAIN
    },
];

impl Workload {
    /// The load on a server at `port` that offers the target at `path`.
    pub(crate) fn load(&self, port: u16, path: &str, seconds: f64, rate: f64) -> Load {
        Load {
            port,
            path: path.to_owned(),
            mode: self.mode,
            connections: self.connections,
            idle: self.idle,
            depth: self.depth,
            rate,
            seconds,
            warm_up: 0.15,
            browser: self.browser,
            strangers: self.strangers,
            validate: self.target == Target::Validated,
            status: match self.target {
                Target::Missing => 404,
                Target::Validated => 304,
                _ => 200,
            },
            server: None,
        }
    }
}
