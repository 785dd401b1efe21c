//! Source files as lines and as tokens.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Lines of the longest file.
pub(super) const FILE_LINES_MAX: usize = 500;

/// What is only for tests stands behind this.
pub(super) const CFG_TEST: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];

/// A file of this repository, by its path from the top.
pub(super) struct Source {
    pub(super) path: String,
    pub(super) text: String,
    /// It is not only for tests.
    pub(super) ships: bool,
    /// Every token in order, brackets included; no comments, but documentation as attributes.
    pub(super) tokens: Vec<Token>,
}

/// A word, a sign, a literal, or one end of a bracket.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) line: usize,
}

impl Source {
    pub(super) fn new(path: &str, text: &str) -> Self {
        let stream: TokenStream = text
            .parse()
            .unwrap_or_else(|error| panic!("{path}: {error}"));
        let mut tokens = Vec::new();
        flatten(stream, &mut tokens);
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            ships: path.starts_with("src/"),
            tokens,
        }
    }

    /// The room that a file of the library belongs to: `src/server/worker.rs` and `src/server.rs` are `server`.
    pub(super) fn room(&self) -> Option<&str> {
        let path = self.path.strip_prefix("src/")?;
        let (room, _) = path.split_once(['/', '.'])?;
        Some(room)
    }

    /// A file that is the whole room or its root.
    pub(super) fn is_root(&self) -> bool {
        let inside = self.path.strip_prefix("src/").unwrap_or_default();
        !inside.contains('/') || inside.ends_with("/mod.rs") && inside.matches('/').count() == 1
    }

    /// How many modules a file of the library is in, itself included.
    pub(super) fn depth(&self) -> usize {
        let inside = self.path.strip_prefix("src/").unwrap_or_default();
        inside.trim_end_matches("/mod.rs").matches('/').count() + 1
    }

    /// The files that modules may have which are declared here for tests only.
    fn modules_for_tests(&self) -> Vec<String> {
        let folder = match self.path.rsplit_once('/') {
            Some((folder, "mod.rs" | "lib.rs" | "main.rs")) => folder,
            _ => self.path.trim_end_matches(".rs"),
        };
        let starts = (0..self.tokens.len()).filter(|at| self.follows(*at, &CFG_TEST));
        let names = starts.filter_map(|at| {
            // A visibility may stand before the keyword.
            let behind = self.tokens[at + CFG_TEST.len()..].iter().take(8);
            let mut behind = behind.skip_while(|token| token.text != "mod").skip(1);
            let name = &behind.next()?.text;
            (behind.next()?.text == ";").then_some(name)
        });
        names
            .flat_map(|name| {
                [
                    format!("{folder}/{name}.rs"),
                    format!("{folder}/{name}/mod.rs"),
                ]
            })
            .collect()
    }

    /// The texts of tokens from `at` on.
    pub(super) fn follows(&self, at: usize, texts: &[&str]) -> bool {
        let tokens = self.tokens.get(at..at + texts.len());
        tokens.is_some_and(|tokens| {
            tokens
                .iter()
                .zip(texts)
                .all(|(token, text)| token.text == *text)
        })
    }

    /// Where the bracket that opens at `open` closes.
    pub(super) fn close(&self, open: usize) -> usize {
        let mut depth = 0_usize;
        for (at, token) in self.tokens.iter().enumerate().skip(open) {
            match token.text.as_str() {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return at;
            }
        }
        self.tokens.len()
    }
}

fn flatten(stream: TokenStream, tokens: &mut Vec<Token>) {
    for tree in stream {
        let line = tree.span().start().line;
        let TokenTree::Group(group) = tree else {
            let text = tree.to_string();
            tokens.push(Token { text, line });
            continue;
        };
        let (open, close) = match group.delimiter() {
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::Bracket => ("[", "]"),
            Delimiter::Brace | Delimiter::None => ("{", "}"),
        };
        let text = open.to_owned();
        tokens.push(Token { text, line });
        flatten(group.stream(), tokens);
        let line = group.span_close().start().line;
        let text = close.to_owned();
        tokens.push(Token { text, line });
    }
}

/// The top of the repository.
pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every source file that was written by hand.
pub(super) fn all() -> Vec<Source> {
    let mut paths = Vec::new();
    for folder in ["src", "tests", "xtask"] {
        walk(&root().join(folder), &mut paths);
    }
    paths.sort();
    let read = |path: &PathBuf| {
        let name = path
            .strip_prefix(root())
            .expect("a path inside")
            .to_string_lossy();
        Source::new(&name, &fs::read_to_string(path).expect("UTF-8"))
    };
    let mut sources: Vec<Source> = paths.iter().map(read).collect();
    let for_tests: Vec<String> = sources.iter().flat_map(Source::modules_for_tests).collect();
    for source in &mut sources {
        let is_for_tests = |root: &String| {
            let folder = root.trim_end_matches("/mod.rs").trim_end_matches(".rs");
            let inside = source.path.strip_prefix(folder);
            inside.is_some_and(|inside| inside.starts_with(['/', '.']))
        };
        source.ships &= !for_tests.iter().any(is_for_tests);
    }
    sources
}

fn walk(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.ends_with("target") {
            walk(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}
