//! Data goes one way, and so do imports.

use super::source::{CFG_TEST, Source, Token};

/// A room, the rooms that it may import, and the crates.
type Edges = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

/// The house. An edge is added here in a commit of its own, with its reason.
const HOUSE: [Edges; 9] = [
    ("limits", &[], &[]),
    ("sys", &["limits"], &["rustix", "heapless"]),
    ("epoll", &["limits", "sys"], &["rustix"]),
    ("socket", &["limits", "sys"], &["rustix"]),
    ("request", &["limits"], &["heapless"]),
    ("response", &["limits"], &["heapless"]),
    (
        "resource",
        &["limits", "request", "response"],
        &["heapless"],
    ),
    (
        "router",
        &["limits", "request", "response", "resource"],
        &[],
    ),
    (
        "server",
        &[
            "limits", "sys", "epoll", "socket", "request", "response", "resource", "router",
        ],
        &["rustix", "heapless"],
    ),
];

/// Crates that a room needs a permit for; the last three nothing may have that ships.
const CRATES: [&str; 5] = ["rustix", "heapless", "std", "alloc", "libc"];

fn edges(source: &Source) -> Option<&'static Edges> {
    let room = source.room()?;
    HOUSE.iter().find(|edges| edges.0 == room)
}

/// A room imports those that the house lets it.
pub(super) fn between_rooms(source: &Source) -> Vec<(usize, String)> {
    let Some((room, allowed, _)) = edges(source) else {
        return Vec::new();
    };
    let mut complaints = Vec::new();
    for import in from_the_top(source) {
        let name = import.text.as_str();
        if name == *room || allowed.contains(&name) {
            continue;
        }
        let advice = if HOUSE.iter().any(|edges| edges.0 == name) {
            format!(
                "`{room}` may not import `{name}`: let the caller pass what is needed, or return it"
            )
        } else {
            format!("`crate::{name}` does not show its room: write `crate::ROOM::{name}`")
        };
        complaints.push((import.line, advice));
    }
    complaints
}

/// A room uses those crates that the house lets it, and nothing that ships uses an allocator or a C library.
pub(super) fn of_crates(source: &Source) -> Vec<(usize, String)> {
    if !source.path.starts_with("src/") || source.path == "src/build.rs" {
        return Vec::new();
    }
    let allowed = match edges(source) {
        Some((_, _, crates)) => crates,
        // What is not a room of the library is of the binary.
        None => &["rustix", "heapless"][..],
    };
    let mut complaints = Vec::new();
    for at in code(source) {
        let Token { text, line } = &source.tokens[at];
        let is_path =
            source.follows(at + 1, &[":", ":"]) && !(at > 1 && source.follows(at - 2, &[":", ":"]));
        let is_extern = at > 1 && source.follows(at - 2, &["extern", "crate"]);
        if CRATES.contains(&text.as_str())
            && !allowed.contains(&text.as_str())
            && (is_path || is_extern)
        {
            complaints.push((
                *line,
                format!("`{text}` does not belong here: ask the room that has it, or do without"),
            ));
        }
    }
    complaints
}

/// What is used is named where it is imported.
pub(super) fn without_globs(source: &Source) -> Vec<(usize, String)> {
    let mut complaints = Vec::new();
    // Whichever architecture it is, all of it is meant.
    if source.path == "src/sys/arch/mod.rs" {
        return complaints;
    }
    let mut in_use = false;
    for (at, token) in source.tokens.iter().enumerate() {
        match token.text.as_str() {
            "use" => in_use = true,
            ";" => in_use = false,
            "*" if in_use && at > 0 && source.follows(at - 1, &[":"]) => {
                complaints.push((
                    token.line,
                    "a glob import hides what is used: name it".to_owned(),
                ));
            }
            _ => {}
        }
    }
    complaints
}

/// Positions of the tokens that ship: not in a module of tests.
fn code(source: &Source) -> Vec<usize> {
    if !source.ships {
        return Vec::new();
    }
    let mut positions = Vec::new();
    let mut at = 0;
    while at < source.tokens.len() {
        if source.follows(at, &CFG_TEST) {
            let mut end = at + CFG_TEST.len();
            while end < source.tokens.len()
                && !matches!(source.tokens[end].text.as_str(), "{" | ";")
            {
                end += 1;
            }
            at = if source.follows(end, &["{"]) {
                source.close(end)
            } else {
                end
            } + 1;
            continue;
        }
        positions.push(at);
        at += 1;
    }
    positions
}

/// The first names behind `crate::`, and behind as many `super::` as lead to the top.
fn from_the_top(source: &Source) -> Vec<&Token> {
    let mut names = Vec::new();
    let mut inline = Vec::new();
    for at in code(source) {
        inline.retain(|end| at < *end);
        if source.follows(at, &["mod"]) && source.follows(at + 2, &["{"]) {
            inline.push(source.close(at + 2));
        }
        let is_first = at == 0 || !source.follows(at - 1, &[":"]);
        // In a macro it is the path of whoever calls it.
        let is_local = at == 0 || !source.follows(at - 1, &["$"]);
        if source.follows(at, &["crate", ":", ":"]) && is_local {
            names.extend(heads(source, at + 3));
        } else if source.follows(at, &["super", ":", ":"]) && is_first {
            let mut end = at;
            while source.follows(end, &["super", ":", ":"]) {
                end += 3;
            }
            if (end - at) / 3 >= source.depth() + inline.len() {
                names.extend(heads(source, end));
            }
        }
    }
    names
}

/// The names that a path goes on with: one, or the first of each in braces.
fn heads(source: &Source, at: usize) -> Vec<&Token> {
    if !source.follows(at, &["{"]) {
        return source.tokens.get(at).into_iter().collect();
    }
    let mut heads = Vec::new();
    let mut at = at + 1;
    let mut is_head = true;
    while !source.follows(at, &["}"]) && at < source.tokens.len() {
        if is_head {
            heads.push(&source.tokens[at]);
        }
        is_head = source.follows(at, &[","]);
        at = if source.follows(at, &["{"]) {
            source.close(at)
        } else {
            at
        } + 1;
    }
    heads
}
