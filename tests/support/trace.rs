//! What strace writes of a server.

use crate::support::server::{Launch, Server};
use crate::support::wait;
use std::path::PathBuf;
use std::process::Command;
use std::{env, fs, process};

/// A file of the trace, removed in the end.
pub(crate) struct Trace(PathBuf);

impl Trace {
    pub(crate) fn new(name: &str) -> Self {
        assert!(
            Command::new("strace").arg("-V").output().is_ok(),
            "strace is missing: install the package strace"
        );
        Self(env::temp_dir().join(format!("vanillin-{}-{name}", process::id())))
    }

    /// Starts the server under strace, which stays in the background, so that the server is the child.
    pub(crate) fn start(&self, launch: Launch, words: &[&str]) -> Server {
        let file = self.0.to_str().expect("a path in UTF-8");
        launch
            .wrapper(&["strace", "-D", "-f", "-qq", "-o", file])
            .wrapper(words)
            .start()
    }

    /// All of it, once the server has ended.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        wait::until("strace has written everything", || {
            text = fs::read_to_string(&self.0).unwrap_or_default();
            text.lines().any(|line| line.contains(" exit_group("))
        });
        text
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        let _may_not_exist = fs::remove_file(&self.0);
    }
}
