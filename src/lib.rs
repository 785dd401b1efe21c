//! An HTTP/1.1 origin server for constant resources, without allocator or libc.
#![no_std]

#[cfg(test)]
extern crate std;

pub mod epoll;
pub mod limits;
pub mod request;
pub mod socket;
pub mod sys;

// Tested here because a freestanding binary has no test harness.
#[cfg(test)]
#[path = "rt/memory.rs"]
mod memory_functions;
