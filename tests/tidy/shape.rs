//! Names, and how long things are.

use super::source::{FILE_LINES_MAX, Source};

/// Lines of the longest function that ships.
pub(super) const FUNCTION_LINES_MAX: usize = 70;

/// Lines of the longest function that only people and tests run: a list of cases may be long.
const LIST_LINES_MAX: usize = 90;

/// Words that say nothing of what is named.
const WORDS: [&str; 10] = [
    "manager", "managers", "context", "contexts", "util", "utils", "common", "helper", "helpers",
    "data",
];

/// First words of names that would say as much without them.
const PREFIXES: [&str; 3] = ["do", "get", "process"];

/// Words that are followed by a name.
const DEFINE: [&str; 10] = [
    "fn",
    "struct",
    "enum",
    "union",
    "trait",
    "type",
    "mod",
    "const",
    "static",
    "macro_rules",
];

/// Names are the RFC's word, else Linux's, else a plain noun.
pub(super) fn names(source: &Source) -> Vec<(usize, String)> {
    let mut complaints = Vec::new();
    for (at, token) in source.tokens.iter().enumerate() {
        if !DEFINE.contains(&token.text.as_str()) || at > 0 && source.follows(at - 1, &["'"]) {
            continue;
        }
        let name = source.tokens[at + 1..]
            .iter()
            .find(|token| !matches!(token.text.as_str(), "!" | "mut" | "fn" | "unsafe"));
        let Some(name) =
            name.filter(|name| name.text.starts_with(|first: char| first.is_alphabetic()))
        else {
            continue;
        };
        let words = words(&name.text);
        let vague = words.iter().find(|word| WORDS.contains(&word.as_str()));
        let is_prefixed = words.len() > 1 && PREFIXES.contains(&words[0].as_str());
        if let Some(word) = vague.or(is_prefixed.then(|| &words[0])) {
            let name = &name.text;
            complaints.push((
                token.line,
                format!("`{name}`: name it by what it is, without `{word}`"),
            ));
        }
    }
    complaints
}

/// The words of a name, in lower case: of `snake_case`, `CamelCase` and `CAPITALS`.
fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    for part in name.split('_').filter(|part| !part.is_empty()) {
        let is_capitals = part.chars().all(|letter| !letter.is_lowercase());
        for letter in part.chars() {
            let starts = letter.is_uppercase() && !is_capitals;
            if starts || words.is_empty() {
                words.push(String::new());
            }
            words
                .last_mut()
                .expect("a word was begun")
                .extend(letter.to_lowercase());
        }
        words.push(String::new());
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A file is read at one sitting, a function at one glance.
pub(super) fn lengths(source: &Source) -> Vec<(usize, String)> {
    let mut complaints = Vec::new();
    let lines = source.text.lines().count();
    if lines > FILE_LINES_MAX {
        complaints.push((
            lines,
            format!("{lines} lines are two files of at most {FILE_LINES_MAX}"),
        ));
    }
    for at in 0..source.tokens.len() {
        if !source.follows(at, &["fn"]) || source.follows(at + 1, &["("]) {
            continue;
        }
        let first = source.tokens[at].line;
        let mut end = at;
        while end < source.tokens.len() && !matches!(source.tokens[end].text.as_str(), "{" | ";") {
            let is_group = matches!(source.tokens[end].text.as_str(), "(" | "[");
            end = if is_group { source.close(end) } else { end } + 1;
        }
        let last = source
            .tokens
            .get(source.close(end))
            .map_or(first, |close| close.line);
        let len = last + 1 - first;
        let most = if source.ships {
            FUNCTION_LINES_MAX
        } else {
            LIST_LINES_MAX
        };
        if source.follows(end, &["{"]) && len > most {
            complaints.push((
                first,
                format!("{len} lines are two functions of at most {most}"),
            ));
        }
    }
    complaints
}
