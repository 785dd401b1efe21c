//! Numbers that are said in prose, and what they are.

use vanillin::limits;

/// The bounds that prose may name.
const FACTS: [(&str, u64); 12] = [
    ("PORT", limits::PORT as u64),
    ("READ_CHUNK", limits::READ_CHUNK as u64),
    ("REQUEST_HEAD_MAX", limits::REQUEST_HEAD_MAX as u64),
    ("TARGET_MAX", limits::TARGET_MAX as u64),
    ("METHOD_MAX", limits::METHOD_MAX as u64),
    ("CONTENT_MAX", limits::CONTENT_MAX as u64),
    ("CONTENT_DISCARD_MAX", limits::CONTENT_DISCARD_MAX),
    ("OUTBOX_LEN", limits::OUTBOX_LEN as u64),
    ("EVENTS_MAX", limits::EVENTS_MAX as u64),
    ("CONNECTIONS_MAX", limits::CONNECTIONS_MAX as u64),
    ("CHUNKS_MAX", limits::CHUNKS_MAX as u64),
    ("WORKERS_MAX", limits::WORKERS_MAX as u64),
];

/// Each line that names a bound in backquotes has to have its value too, in one of the ways that people write it.
pub(super) fn wrong(prose: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for line in prose.lines() {
        for name in line
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|name| is_bound(name))
        {
            match FACTS.iter().find(|fact| fact.0 == name) {
                None => wrong.push(format!(
                    "`{name}`: add it to the facts of tests/tidy/facts.rs"
                )),
                Some((_, value)) if !says(line, *value) => {
                    wrong.push(format!(
                        "`{name}` is {value}, and its line has to say so: {line}"
                    ));
                }
                Some(_) => {}
            }
        }
    }
    wrong
}

/// Named as the constants of `limits` are.
fn is_bound(name: &str) -> bool {
    let text = include_str!("../../src/limits.rs");
    !name.is_empty() && text.contains(&format!("pub const {name}: "))
}

fn says(line: &str, value: u64) -> bool {
    let mut grouped = value.to_string();
    let mut at = grouped.len();
    while at > 3 {
        at -= 3;
        grouped.insert(at, ',');
    }
    let units = [(1024, "KiB"), (1024 * 1024, "MiB")];
    let in_units = units.iter().filter(|(unit, _)| value.is_multiple_of(*unit));
    let in_units = in_units.map(|(unit, name)| format!("{} {name}", value / unit));
    let mut ways = in_units.chain([grouped, value.to_string()]);
    ways.any(|way| holds_number(line, &way))
}

/// The text, with no digit directly before or behind it.
fn holds_number(line: &str, way: &str) -> bool {
    line.match_indices(way).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let behind = line[at + way.len()..].chars().next();
        ![before, behind].iter().flatten().any(char::is_ascii_digit)
    })
}
