//! An HTTP/1.1 origin server for constant resources, without allocator or libc.
#![no_std]

#[cfg(test)]
extern crate std;

pub mod limits;

pub mod request;

pub mod router;

pub mod resource;

pub mod response;

pub mod socket;

pub mod epoll;

pub mod server;

pub mod sys;

pub use request::{Method, Request};
pub use resource::{Coding, Moment, Route};
pub use response::{Response, Status};
pub use router::Router;
pub use server::{
    Buffer, Carriage, Deadlines, Errno, Handler, HandlerError, Sandbox, Seat, Server, StartError,
};
pub use socket::Place;

/// What [`routes!`] puts together; nothing here is called by hand.
#[doc(hidden)]
pub mod parts {
    pub use crate::resource::{Rendered, Representation, Resource};
    pub use crate::router::{Routes, Table, buckets, count_pages, pages, resources, slots};
}

// Tested here because a freestanding binary has no test harness.
#[cfg(test)]
#[path = "rt/memory.rs"]
mod memory_functions;
