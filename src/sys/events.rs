//! The array that an epoll wait fills.
//!
//! Invariant: it is only memory; what the events mean is known to `epoll`.
//!
//! # Safety
//! This file holds the permit because rustix's event may carry a pointer, and ours never does.
#![allow(unsafe_code)]

use rustix::event::epoll::Event;

use super::memory::Zeroed;
use crate::limits::EVENTS_MAX;

/// Room for the events of one wait.
#[repr(transparent)]
pub struct EventArray([Event; EVENTS_MAX]);

impl EventArray {
    /// Lends the array to the kernel, or what it wrote to a reader.
    #[inline]
    pub(crate) fn as_mut_slice(&mut self) -> &mut [Event] {
        self.0.as_mut_slice()
    }
}

// SAFETY: an event is two integers: no flags, and data of zero.
unsafe impl Zeroed for EventArray {}

// SAFETY: the data that `epoll` registers are integers, never pointers, so that no thread reaches another's memory.
unsafe impl Send for EventArray {}
