//! Unsafe code is in two places, and says why it is sound.

use super::source::Source;

/// What holds the permit. A test needs it for the page behind which every read faults.
const PERMITS: [&str; 4] = [
    "src/sys/",
    "src/rt/",
    "xtask/src/bench",
    "tests/oracle/guard.rs",
];

/// Rooms that no lint level inside them can let unsafe code into.
const FORBIDDEN: [&str; 7] = [
    "request", "router", "resource", "response", "server", "epoll", "socket",
];

/// Lines above an unsafe block that its reason may begin in.
const REASON_LINES_MAX: usize = 12;

/// Positions of the keyword.
fn keywords(source: &Source) -> impl Iterator<Item = usize> {
    let tokens = source.tokens.iter().enumerate();
    tokens
        .filter(|(_, token)| token.text == "unsafe")
        .map(|(at, _)| at)
}

/// Unsafe code lies behind the fence.
pub(super) fn is_fenced(source: &Source) -> Vec<(usize, String)> {
    if PERMITS.iter().any(|permit| source.path.starts_with(permit)) {
        return Vec::new();
    }
    let advice =
        "unsafe code belongs into `sys` (library) or `rt` (binary), behind a safe function";
    keywords(source)
        .map(|at| (source.tokens[at].line, advice.to_owned()))
        .collect()
}

/// A file behind the fence says why it is there, a block why it is sound, a function what it asks of its callers.
pub(super) fn is_explained(source: &Source) -> Vec<(usize, String)> {
    let mut complaints = Vec::new();
    if !source.path.starts_with("src/") {
        return complaints;
    }
    let lines: Vec<&str> = source.text.lines().map(str::trim_start).collect();
    if keywords(source).next().is_some()
        && !lines.iter().any(|line| line.starts_with("//! # Safety"))
    {
        complaints.push((
            1,
            "say under `//! # Safety` why this file holds the permit for unsafe code".to_owned(),
        ));
    }
    for at in keywords(source) {
        let line = source.tokens[at].line;
        let above = &lines[..line - 1];
        let is_function = source.follows(at + 1, &["fn"]) && !source.follows(at + 2, &["("])
            || source.follows(at + 1, &["extern"])
                && source.follows(at + 3, &["fn"])
                && !source.follows(at + 4, &["("]);
        if is_function {
            let docs = above
                .iter()
                .rev()
                .take_while(|line| line.starts_with("//") || line.starts_with("#["));
            // What has a symbol of C's has C's contract too.
            let says = |line: &&&str| **line == "/// # Safety" || line.contains("no_mangle");
            if !docs.into_iter().any(|line| says(&line)) {
                complaints.push((
                    line,
                    "list under `/// # Safety` what the caller has to see to".to_owned(),
                ));
            }
        } else if source.follows(at + 1, &["{"]) || source.follows(at + 1, &["impl"]) {
            // The reason stands above the statement, which may have begun some lines before the block.
            let near = above.iter().rev().take(REASON_LINES_MAX);
            let before = near.take_while(|line| !line.is_empty() && !line.starts_with('}'));
            if !before
                .into_iter()
                .any(|line| line.starts_with("// SAFETY: "))
            {
                complaints.push((
                    line,
                    "say above it in `// SAFETY: ` on what fact it rests".to_owned(),
                ));
            }
        }
    }
    complaints
}

/// A room that needs no unsafe code forbids it.
pub(super) fn is_forbidden(source: &Source) -> Vec<(usize, String)> {
    let is_meant = source.is_root() && source.room().is_some_and(|room| FORBIDDEN.contains(&room));
    if !is_meant
        || source
            .text
            .lines()
            .any(|line| line == "#![forbid(unsafe_code)]")
    {
        return Vec::new();
    }
    vec![(
        1,
        "write `#![forbid(unsafe_code)]` under the room's introduction".to_owned(),
    )]
}

/// Shared state is an atomic, or changes its owner.
pub(super) fn without_static_mut(source: &Source) -> Vec<(usize, String)> {
    let mut complaints = Vec::new();
    for (at, token) in source.tokens.iter().enumerate() {
        let is_lifetime = at > 0 && source.follows(at - 1, &["'"]);
        if source.follows(at, &["static", "mut"]) && !is_lifetime {
            complaints.push((
                token.line,
                "share an atomic, or hand the value over".to_owned(),
            ));
        }
    }
    complaints
}
