//! The table of flags, and the help text that is rendered from it.
//!
//! Invariant: what a flag is called and what it accepts is written down once, in `FLAGS`. At run time the
//! names and bounds are read where they stand in `HELP`.
#![forbid(unsafe_code)]

use vanillin::limits;

/// Seconds of the longest deadline that may be asked for.
const SECONDS_MAX: u32 = 3600;

/// Connections that all workers together can hold.
const CONNECTIONS_MAX: u32 = (limits::WORKERS_MAX * limits::CONNECTIONS_MAX) as u32;

/// One flag of the command line, as it is written down here.
pub(super) struct Flag {
    letter: Option<u8>,
    name: &'static str,
    takes: Takes,
    help: &'static str,
}

pub(super) enum Takes {
    Nothing,
    Address,
    /// A number from `min` to `max`. A `default` that is less means one chosen at start.
    Number {
        min: u8,
        max: u32,
        default: u32,
        /// What the help text has behind the numbers.
        unit: &'static str,
    },
}

const SECONDS: &str = " s";

const fn seconds(name: &'static str, default: u32, help: &'static str) -> Flag {
    Flag {
        letter: None,
        name,
        takes: Takes::Number {
            min: 1,
            max: SECONDS_MAX,
            default,
            unit: SECONDS,
        },
        help,
    }
}

pub(super) const FLAGS: [Flag; 13] = [
    Flag {
        letter: Some(b'p'),
        name: "port",
        takes: Takes::Number {
            min: 0,
            max: u16::MAX as u32,
            default: limits::PORT as u32,
            unit: "",
        },
        help: "TCP port, else $PORT; 0: a free one",
    },
    Flag {
        letter: Some(b'a'),
        name: "address",
        takes: Takes::Address,
        help: "listen only there",
    },
    Flag {
        letter: Some(b'w'),
        name: "workers",
        takes: Takes::Number {
            min: 1,
            max: limits::WORKERS_MAX as u32,
            default: 0,
            unit: "",
        },
        help: "threads, else one per CPU",
    },
    Flag {
        letter: None,
        name: "connections",
        takes: Takes::Number {
            min: 1,
            max: CONNECTIONS_MAX,
            default: 0,
            unit: "",
        },
        help: "at once, else by descriptors",
    },
    Flag {
        letter: None,
        name: "backlog",
        takes: Takes::Number {
            min: 1,
            max: u16::MAX as u32,
            default: limits::BACKLOG,
            unit: "",
        },
        help: "connections that may wait",
    },
    seconds("head-timeout", limits::HEAD_SECONDS, "for a head"),
    seconds("content-timeout", limits::CONTENT_SECONDS, "for content"),
    seconds("idle-timeout", limits::IDLE_SECONDS, "between requests"),
    seconds(
        "progress-timeout",
        limits::PROGRESS_SECONDS,
        "while a client takes nothing",
    ),
    Flag {
        letter: None,
        name: "drain",
        takes: Takes::Number {
            min: 0,
            max: SECONDS_MAX,
            default: 0,
            unit: SECONDS,
        },
        help: "to serve on after SIGTERM",
    },
    Flag {
        letter: None,
        name: "no-sandbox",
        takes: Takes::Nothing,
        help: "without seccomp and Landlock",
    },
    Flag {
        letter: Some(b'h'),
        name: "help",
        takes: Takes::Nothing,
        help: "list what is accepted",
    },
    Flag {
        letter: Some(b'V'),
        name: "version",
        takes: Takes::Nothing,
        help: "print the version",
    },
];

pub(super) const PORT: usize = position("port");
pub(super) const ADDRESS: usize = position("address");
pub(super) const WORKERS: usize = position("workers");
pub(super) const CONNECTIONS: usize = position("connections");
pub(super) const BACKLOG: usize = position("backlog");
pub(super) const HEAD: usize = position("head-timeout");
pub(super) const CONTENT: usize = position("content-timeout");
pub(super) const IDLE: usize = position("idle-timeout");
pub(super) const PROGRESS: usize = position("progress-timeout");
pub(super) const DRAIN: usize = position("drain");
pub(super) const NO_SANDBOX: usize = position("no-sandbox");
pub(super) const HELP_ASKED: usize = position("help");
pub(super) const VERSION_ASKED: usize = position("version");

/// Where a flag stands in `FLAGS`.
const fn position(name: &str) -> usize {
    let mut index = 0;
    while index < FLAGS.len() {
        if is_same(FLAGS[index].name.as_bytes(), name.as_bytes()) {
            return index;
        }
        index += 1;
    }
    panic!("no flag has this name");
}

const fn is_same(left: &[u8], right: &[u8]) -> bool {
    match (left, right) {
        ([], []) => true,
        ([a, left @ ..], [b, right @ ..]) => *a == *b && is_same(left, right),
        _ => false,
    }
}

/// What holds where no flag says otherwise.
pub(super) const DEFAULTS: [u32; FLAGS.len()] = defaults();

const fn defaults() -> [u32; FLAGS.len()] {
    let mut numbers = [0; FLAGS.len()];
    let mut index = 0;
    while index < FLAGS.len() {
        if let Takes::Number { default, .. } = FLAGS[index].takes {
            numbers[index] = default;
        }
        index += 1;
    }
    numbers
}

/// What `--help` prints.
pub(crate) static HELP: [u8; RENDERED.0.len] = *RENDERED.0.octets.first_chunk().unwrap();

/// What `--version` prints: the help's first line.
pub(crate) static VERSION: &[u8] = HELP.split_at(VERSION_LEN).0;

/// What is known of each flag at run time, in the order of `FLAGS`.
pub(super) static ROWS: [Row; FLAGS.len()] = RENDERED.1;

const RENDERED: (Text, [Row; FLAGS.len()]) = render();

const VERSION_LINE: &str = concat!("vanillin ", env!("CARGO_PKG_VERSION"), "\n");
const VERSION_LEN: usize = VERSION_LINE.len();

/// The column of the help text that says what a flag is for.
const HELP_COLUMN: usize = 24;

/// Columns from one stop of a tabulator to the next.
const TAB: usize = 8;

/// Octets that the help text may grow to.
const HELP_MAX: usize = 2048;

/// What is known of a flag at run time, beside its line of the help text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// Offset of its line in `HELP`.
    line: u16,
    /// 0 where there is none: no argument contains that octet.
    letter: u8,
    /// The greatest number accepted, and in the lowest bit the least one.
    bounds: u32,
}

/// The bounds of a flag that takes no value: that it is there counts as 1.
const NOTHING: u32 = 1 << 1 | 1;

impl Row {
    /// Where the flag's line of the help text begins: how it is typed, what it is for and what it accepts.
    pub(super) const fn line(self) -> usize {
        self.line as usize
    }

    /// Whether it stands for itself.
    pub(super) const fn takes_nothing(self) -> bool {
        self.bounds == NOTHING
    }

    pub(super) const fn min(self) -> u32 {
        self.bounds & 1
    }

    pub(super) const fn max(self) -> u32 {
        self.bounds >> 1
    }

    /// What an argument has behind the name, or the letter, of this flag: nothing, or a value. A name has `=` between.
    pub(super) fn find(self, argument: &[u8]) -> Option<&[u8]> {
        if let [b'-', letter, rest @ ..] = argument
            && *letter == self.letter
        {
            return Some(rest);
        }
        let (mut at, mut rest) = (self.line(), argument);
        while let Some(expected @ b'!'..=b'~') = HELP.get(at) {
            rest = match rest {
                [octet, rest @ ..] if octet == expected => rest,
                _ => return None,
            };
            at += 1;
        }
        matches!(rest, [] | [b'=', ..]).then_some(rest)
    }
}

const fn render() -> (Text, [Row; FLAGS.len()]) {
    let mut text = Text::new();
    let mut rows = [Row {
        line: 0,
        letter: 0,
        bounds: 0,
    }; FLAGS.len()];
    text.push(VERSION_LINE);
    text.push("Serves the site inside it: vanillin [FLAG [VALUE]]...\n\n");
    let mut index = 0;
    while index < FLAGS.len() {
        let flag = &FLAGS[index];
        rows[index].line = text.len as u16;
        if let Some(letter) = flag.letter {
            rows[index].letter = letter;
        }
        rows[index].bounds = match flag.takes {
            Takes::Nothing => NOTHING,
            Takes::Address => 0,
            Takes::Number { min, max, .. } => {
                assert!(min < 2, "the least number accepted is one bit");
                max << 1 | min as u32
            }
        };
        render_flag(flag, &mut text);
        index += 1;
    }
    (text, rows)
}

/// One line of the help text: `--port -p   what it is for (default; what is accepted)`.
const fn render_flag(flag: &Flag, text: &mut Text) {
    let start = text.len;
    text.push("--");
    text.push(flag.name);
    if let Some(letter) = flag.letter {
        text.push_octets(&[b' ', b'-', letter]);
    }
    let mut column = text.len - start;
    while column < HELP_COLUMN {
        text.push("\t");
        column = (column / TAB + 1) * TAB;
    }
    text.push(flag.help);
    match flag.takes {
        Takes::Nothing => {}
        Takes::Address => text.push(" (127.0.0.1, [::1]:8080 or :8080)"),
        Takes::Number {
            min,
            max,
            default,
            unit,
        } => {
            text.push(" (");
            if default >= min as u32 {
                text.push_number(default);
                text.push("; ");
            }
            text.push_number(min as u32);
            text.push("-");
            text.push_number(max);
            text.push(unit);
            text.push(")");
        }
    }
    text.push("\n");
}

/// Text under construction at compile time.
struct Text {
    octets: [u8; HELP_MAX],
    len: usize,
}

impl Text {
    const fn new() -> Self {
        Self {
            octets: [0; HELP_MAX],
            len: 0,
        }
    }

    const fn push(&mut self, text: &str) {
        self.push_octets(text.as_bytes());
    }

    const fn push_octets(&mut self, mut octets: &[u8]) {
        while let [octet, rest @ ..] = octets {
            self.octets[self.len] = *octet;
            self.len += 1;
            octets = rest;
        }
    }

    const fn push_number(&mut self, number: u32) {
        if number > 9 {
            self.push_number(number / 10);
        }
        self.push_octets(&[b'0' + (number % 10) as u8]);
    }
}
