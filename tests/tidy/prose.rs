//! What is written for people.

use super::source::Source;

/// Words of work that is not done; they stand in two pieces, so that this file does not have them.
const REMINDERS: [&str; 5] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("#[ig", "nore"),
    concat!("todo", "!("),
];

/// A file says in its first line what it is, and a room what is deliberately absent from it.
pub(super) fn introduction(source: &Source) -> Vec<(usize, String)> {
    let docs: Vec<&str> = source
        .text
        .lines()
        .take_while(|line| line.starts_with("//!"))
        .collect();
    let mut complaints = Vec::new();
    if docs.is_empty() {
        complaints.push((
            1,
            "begin with `//!` and one sentence that says what this file is".to_owned(),
        ));
    }
    let is_room = source.path.starts_with("src/") && source.is_root();
    let is_program = matches!(
        source.path.as_str(),
        "src/lib.rs" | "src/main.rs" | "src/build.rs"
    );
    if is_room && !is_program && !docs.iter().any(|line| line.starts_with("//! Invariant: ")) {
        complaints.push((
            1,
            "say under `//! Invariant: ` what this room deliberately does not have".to_owned(),
        ));
    }
    complaints
}

/// A module is a better heading than a row of dashes.
pub(super) fn without_banners(source: &Source) -> Vec<(usize, String)> {
    let is_banner = |line: &str| {
        let comment = line.trim_start().strip_prefix("//");
        comment.is_some_and(|comment| {
            ["----", "====", "****", "////", "####"]
                .iter()
                .any(|row| comment.contains(row))
        })
    };
    let lines = source.text.lines().enumerate();
    let banners = lines.filter(|(_, line)| is_banner(line));
    banners
        .map(|(at, _)| {
            (
                at + 1,
                "a part that wants a banner wants a file of its own".to_owned(),
            )
        })
        .collect()
}

/// What is to be done is done, or is an issue.
pub(super) fn without_reminders(source: &Source) -> Vec<(usize, String)> {
    let mut complaints = Vec::new();
    for (at, line) in source.text.lines().enumerate() {
        if let Some(word) = REMINDERS.iter().find(|word| line.contains(**word)) {
            complaints.push((at + 1, format!("`{word}`: do it now, or open an issue")));
        }
    }
    complaints
}
