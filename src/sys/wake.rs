//! A nudge from one thread to another, as something to read.
//!
//! Invariant: nothing is carried but the fact; what is to be done lies elsewhere.
#![forbid(unsafe_code)]

use rustix::event::{EventfdFlags, eventfd};
use rustix::fd::{AsFd, OwnedFd};
use rustix::io::Errno;

/// A descriptor to be nudged; non-blocking, closed on exec.
///
/// # Errors
/// EMFILE, ENFILE, ENOMEM: eventfd(2).
pub fn create() -> Result<OwnedFd, Errno> {
    eventfd(0, EventfdFlags::NONBLOCK.union(EventfdFlags::CLOEXEC))
}

/// Makes it readable, and a new edge of an edge-triggered epoll.
pub fn notify(fd: impl AsFd) {
    // Discarded: it fails only where the counter is full of nudges that were not read yet.
    let _ = rustix::io::write(fd, &1_u64.to_ne_bytes());
}

/// Forgets the nudges so far; whether there was one.
pub fn drain(fd: impl AsFd) -> bool {
    let mut count = [0; 8];
    rustix::io::read(fd, count.as_mut_slice()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{create, drain, notify};

    #[test]
    fn nudges_are_drained_together() {
        let fd = create().unwrap();
        assert!(!drain(&fd));
        notify(&fd);
        notify(&fd);
        assert!(drain(&fd));
        assert!(!drain(&fd));
    }
}
