//! Peers from crates.io: libraries in a small program of ours, and programs as they are published.

use std::path::PathBuf;

use anyhow::bail;

use super::{Peer, Place};

/// A library and the program around it.
pub(super) struct Wrapped {
    pub(super) version: &'static str,
}

pub(super) const PEERS: &[Peer] = &[];

pub(super) fn build(
    name: &str,
    _wrapped: &Wrapped,
    _place: &Place,
    _install: bool,
) -> anyhow::Result<PathBuf> {
    bail!("{name} is not built yet")
}

pub(super) fn install(package: &str, _place: &Place, _install: bool) -> anyhow::Result<PathBuf> {
    bail!("{package} is not installed")
}
