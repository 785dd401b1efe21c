//! The rules of the house that a machine can check; each complaint says what to do instead.
//!
//! Invariant: nothing is started or built here. Sources are read as text and as tokens; what is generated is not read.

// Files as lines and tokens.
mod source;

// Who may import whom.
mod imports;

// The unsafe fence.
mod unsafety;

// Names, and the length of files and functions.
mod shape;

// What is written for people in the sources.
mod prose;

// What the README says of limits.
mod facts;

use source::Source;

/// What one rule has to say of one file: a line, and what is to be done about it.
type Rule = fn(&Source) -> Vec<(usize, String)>;

const RULES: [Rule; 12] = [
    imports::between_rooms,
    imports::of_crates,
    imports::without_globs,
    unsafety::is_fenced,
    unsafety::is_explained,
    unsafety::is_forbidden,
    unsafety::without_static_mut,
    shape::names,
    shape::lengths,
    prose::introduction,
    prose::without_banners,
    prose::without_reminders,
];

#[test]
fn every_file_keeps_to_the_rules() {
    let sources = source::all();
    assert!(
        sources.len() > 20,
        "only {} files were found",
        sources.len()
    );
    let complaints: Vec<String> = sources.iter().flat_map(complaints).collect();
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

fn complaints(source: &Source) -> Vec<String> {
    let found = RULES.iter().flat_map(|rule| rule(source));
    found
        .map(|(line, complaint)| format!("{}:{line}: {complaint}", source.path))
        .collect()
}

/// Each rule finds what it is there to find, and nothing in a file that keeps to all of them.
#[test]
fn every_rule_can_be_broken() {
    for (rule, path, text) in OFFENCES {
        assert_ne!(rule(&Source::new(path, text)), [], "{path}: {text}");
    }
    for (path, text) in FAULTLESS {
        assert_eq!(complaints(&Source::new(path, text)), [""; 0]);
    }
}

#[test]
fn lengths_are_bounded() {
    for (lines, complaints) in [(source::FILE_LINES_MAX, 0), (source::FILE_LINES_MAX + 1, 1)] {
        let text = "\n".repeat(lines);
        assert_eq!(
            shape::lengths(&Source::new("src/a.rs", &text)).len(),
            complaints
        );
    }
    for (lines, complaints) in [
        (shape::FUNCTION_LINES_MAX, 0),
        (shape::FUNCTION_LINES_MAX + 1, 1),
    ] {
        let text = format!("fn f(a: [u8; 3]) {{{}}}", "\n".repeat(lines - 1));
        assert_eq!(
            shape::lengths(&Source::new("src/a.rs", &text)).len(),
            complaints
        );
    }
}

/// Files that break one rule each.
const OFFENCES: [(Rule, &str, &str); 28] = [
    (
        imports::between_rooms,
        "src/request/date.rs",
        "use crate::server::Worker;\n",
    ),
    (
        imports::between_rooms,
        "src/request/date.rs",
        "fn f() { m!(crate::socket::close()) }\n",
    ),
    (
        imports::between_rooms,
        "src/response/mod.rs",
        "use super::epoll::Epoll;\n",
    ),
    (
        imports::between_rooms,
        "src/response/date.rs",
        "use super::super::epoll::Epoll;\n",
    ),
    (
        imports::between_rooms,
        "src/router.rs",
        "use crate::{request::Request, sys::fd};\n",
    ),
    (
        imports::between_rooms,
        "src/router.rs",
        "fn f() -> crate::Status {}\n",
    ),
    (
        imports::between_rooms,
        "src/limits.rs",
        "use crate::sys::fd;\n",
    ),
    (
        imports::of_crates,
        "src/router.rs",
        "use rustix::fd::OwnedFd;\n",
    ),
    (imports::of_crates, "src/limits.rs", "use heapless::Vec;\n"),
    (
        imports::of_crates,
        "src/server/mod.rs",
        "extern crate alloc;\n",
    ),
    (imports::of_crates, "src/main.rs", "use std::io;\n"),
    (
        imports::without_globs,
        "src/socket.rs",
        "use crate::sys::{fd, address::*};\n",
    ),
    (
        unsafety::is_fenced,
        "src/epoll.rs",
        "fn f() { unsafe { g() } }\n",
    ),
    (
        unsafety::is_fenced,
        "tests/bounds.rs",
        "#[unsafe(no_mangle)]\nfn f() {}\n",
    ),
    (
        unsafety::is_explained,
        "src/sys/fd.rs",
        "//! # Safety\nfn f() {\n    unsafe { g() }\n}\n",
    ),
    (
        unsafety::is_explained,
        "src/sys/fd.rs",
        "//! # Safety\n/// Closes.\nunsafe fn f() {}\n",
    ),
    (
        unsafety::is_explained,
        "src/sys/fd.rs",
        "// SAFETY: none.\nunsafe impl Send for A {}\n",
    ),
    (unsafety::is_forbidden, "src/server/mod.rs", "mod worker;\n"),
    (
        unsafety::is_forbidden,
        "src/socket.rs",
        "#![deny(unsafe_code)]\n",
    ),
    (
        unsafety::without_static_mut,
        "src/sys/fd.rs",
        "static mut COUNT: u8 = 0;\n",
    ),
    (shape::names, "src/epoll.rs", "struct EventManager;\n"),
    (shape::names, "src/epoll.rs", "const WAIT_DATA: u8 = 0;\n"),
    (shape::names, "src/epoll.rs", "fn do_wait() {}\n"),
    (prose::introduction, "tests/bounds.rs", "use std::io;\n"),
    (
        prose::introduction,
        "src/server/mod.rs",
        "//! The only room that knows all the others.\n",
    ),
    (
        prose::without_banners,
        "src/epoll.rs",
        "// ---------- waiting ----------\n",
    ),
    (
        prose::without_reminders,
        "src/epoll.rs",
        concat!("// TO", "DO: wait\n"),
    ),
    (
        prose::without_reminders,
        "tests/bounds.rs",
        concat!("#[ig", "nore]\nfn f() {}\n"),
    ),
];

/// Files that keep to all rules.
const FAULTLESS: [(&str, &str); 3] = [
    (
        "src/server/mod.rs",
        "//! The room.\n//!\n//! Invariant: none.\n#![forbid(unsafe_code)]\n\
         use crate::response::{self, Status};\nuse rustix::fd::OwnedFd;\n\
         pub(crate) fn f(a: &'static mut u8) { g::<crate::limits::A>(a * 2) }\n",
    ),
    (
        "src/sys/fd.rs",
        "//! Descriptors.\n//!\n//! # Safety\n//! This file holds the permit.\n\
         /// Closes.\n///\n/// # Safety\n/// - It is open.\nunsafe fn close() {}\n\
         fn f() {\n    // SAFETY: it is open, which `open`\n    // has seen to.\n    let a = unsafe { close() };\n}\n\
         // SAFETY: nobody else has it.\nunsafe impl Send for A {}\n",
    ),
    (
        "src/request/date.rs",
        "//! Dates.\nuse super::octet;\nuse crate::limits::A;\n\
         #[cfg(test)]\nmod tests {\n    use std::vec::Vec;\n    use crate::server::Worker;\n}\n",
    ),
];

/// What is at the top stays little.
#[test]
fn nothing_is_added_at_the_top() {
    const TOP: [&str; 10] = [
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
        "dist",
        "src",
        "target",
        "tests",
        "xtask",
    ];
    let entries = std::fs::read_dir(source::root()).expect("the repository");
    let names = entries.map(|entry| {
        entry
            .expect("an entry")
            .file_name()
            .into_string()
            .expect("UTF-8")
    });
    let strangers: Vec<_> = names
        .filter(|name| !name.starts_with('.') && !TOP.contains(&&**name))
        .collect();
    assert!(
        strangers.is_empty(),
        "{strangers:?}: put it into src, tests or xtask"
    );
}

/// What the README says of a bound is what the bound is.
#[test]
fn the_readme_has_its_facts_from_limits() {
    let readme = std::fs::read_to_string(source::root().join("README.md")).expect("README.md");
    let wrong = facts::wrong(&readme);
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    assert_ne!(facts::wrong("at most `WORKERS_MAX` (65) workers"), [""; 0]);
    assert_ne!(facts::wrong("`REQUEST_HEAD_MAX`: 16 KiB"), [""; 0]);
    assert_eq!(
        facts::wrong("`WORKERS_MAX` (64), `OUTBOX_LEN`: 32000, `CONNECTIONS_MAX`: 16,384"),
        [""; 0]
    );
}
