//! An HTTP/1.1 origin server for constant resources, without allocator or libc.
#![no_std]

#[cfg(test)]
extern crate std;

pub mod limits;
pub mod request;
pub mod resource;
pub mod response;
pub mod router;
// mod server;

pub use request::{Method, Request};
pub use resource::{Coding, Route};
pub use response::Status;
pub use router::Router;

/// What [`routes!`] puts together; nothing here is called by hand.
#[doc(hidden)]
pub mod parts {
    pub use crate::resource::{Rendered, Representation, Resource};
    pub use crate::router::{Routes, Table, buckets, resources, slots};
}
