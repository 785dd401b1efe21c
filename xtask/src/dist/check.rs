//! What is promised of the ELF, each promise as one check.
//!
//! Invariant: a check looks at the bytes that ship. Only what those cannot show, what their code is called, is read
//! from the symbols of the same binary before it was stripped.

use std::env;
use std::fmt::{self, Display, Formatter};

use object::LittleEndian;
use object::elf::{
    EM_X86_64, ET_EXEC, PF_R, PF_W, PF_X, PT_DYNAMIC, PT_GNU_STACK, PT_INTERP, PT_LOAD,
};
use object::read::elf::{FileHeader, ProgramHeader};

use crate::compile;
use crate::elf::{Elf, Symbol};
use crate::origin::{By, Origins};

/// Octets that the ELF may have without its site.
pub(super) const SIZE_MAX: usize = 24 * 1024;

/// Octets that it is to stay within.
const SIZE_GOAL: usize = 16 * 1024;

/// Names the static that holds the rendered heads and the bodies of a site.
const SITE_SYMBOL: &str = "::VANILLIN_SHEET";

/// Texts that the standard library's panics leave behind, and the end of a source file's name, which is where one is.
const PANIC_TEXTS: [&str; 9] = [
    "index out of bounds",
    "attempt to ",
    "called `Option",
    "called `Result",
    "out of range for slice",
    "entered unreachable code",
    "assertion ",
    "overflow",
    ".rs",
];

/// What an allocator or a C library is called.
const FOREIGN: [&str; 10] = [
    "malloc",
    "calloc",
    "realloc",
    "free",
    "printf",
    "__errno_location",
    "__libc_start_main",
    "__tls_get_addr",
    "pthread_create",
    "_dl_start",
];

/// One promise and what became of it.
pub(super) struct Check {
    what: &'static str,
    verdict: Verdict,
    found: String,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Verdict {
    Ok,
    GoalMissed,
    Failed,
}

impl Check {
    pub(super) fn ok(what: &'static str, found: impl Display) -> Self {
        Self::new(what, Verdict::Ok, found)
    }

    pub(super) fn failed(what: &'static str, found: impl Display) -> Self {
        Self::new(what, Verdict::Failed, found)
    }

    fn new(what: &'static str, verdict: Verdict, found: impl Display) -> Self {
        let found = found.to_string();
        Self {
            what,
            verdict,
            found,
        }
    }

    /// Nothing of what must not be was found.
    fn none(what: &'static str, found: &[String]) -> Self {
        match found {
            [] => Self::ok(what, "none"),
            found => Self::failed(what, found.join(", ")),
        }
    }

    fn holds(what: &'static str, holds: bool, found: impl Display) -> Self {
        let verdict = if holds { Verdict::Ok } else { Verdict::Failed };
        Self::new(what, verdict, found)
    }

    pub(super) fn has_failed(&self) -> bool {
        self.verdict == Verdict::Failed
    }
}

impl Display for Check {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let verdict = match self.verdict {
            Verdict::Ok => "ok",
            Verdict::GoalMissed => "goal missed",
            Verdict::Failed => "FAILED",
        };
        let Self { what, found, .. } = self;
        write!(formatter, "{verdict:<12}{what}: {found}")
    }
}

/// All checks of the ELF that ships; `whole` is the same with its symbols.
pub(super) fn all(elf: &Elf<'_>, bytes: &[u8], whole: &Elf<'_>, size_max: usize) -> Vec<Check> {
    let symbols = whole.symbols();
    let site = symbols
        .iter()
        .filter(|symbol| symbol.name.ends_with(SITE_SYMBOL));
    let mut program = bytes.to_vec();
    let mut site_len = 0;
    for symbol in site {
        elf.erase(symbol, &mut program);
        site_len += symbol.len as usize;
    }
    let mut checks = size(bytes.len(), site_len, size_max);
    checks.push(kind(elf));
    checks.extend(linkage(elf, whole));
    checks.extend(protection(elf));
    checks.push(entry(elf));
    checks.extend(panics(&program, whole, &symbols));
    checks.push(Check::none("allocator and C library", &foreign(&symbols)));
    checks.push(Check::none(
        "paths and names of this machine",
        &traces(&program),
    ));
    checks
}

fn size(len: usize, site_len: usize, size_max: usize) -> Vec<Check> {
    let own = len.saturating_sub(site_len);
    let what = "size without its site";
    let found = |bound| format!("{own} of {bound} bytes");
    vec![
        Check::ok(
            "size",
            format_args!("{len} bytes, {site_len} of them heads and bodies of its site"),
        ),
        Check::holds(what, own <= size_max, found(size_max)),
        if own <= SIZE_GOAL {
            Check::ok("size without its site, goal", found(SIZE_GOAL))
        } else {
            Check::new(
                "size without its site, goal",
                Verdict::GoalMissed,
                found(SIZE_GOAL),
            )
        },
    ]
}

fn kind(elf: &Elf<'_>) -> Check {
    let kind = elf.header().e_type(LittleEndian);
    let machine = elf.header().e_machine(LittleEndian);
    let holds = kind == ET_EXEC && machine == EM_X86_64;
    Check::holds(
        "executable for x86-64",
        holds,
        format_args!("type {kind}, machine {machine}"),
    )
}

/// It needs nobody to load it and nothing to be loaded with it.
fn linkage(elf: &Elf<'_>, whole: &Elf<'_>) -> [Check; 3] {
    let count = |kind| {
        let segments = elf.segments().iter();
        segments
            .filter(|segment| segment.p_type(LittleEndian) == kind)
            .count()
    };
    let none = |what, kind| match count(kind) {
        0 => Check::ok(what, "none"),
        found => Check::failed(what, found),
    };
    [
        none("interpreter", PT_INTERP),
        none("dynamic section", PT_DYNAMIC),
        Check::none("undefined symbols", &whole.undefined()),
    ]
}

fn protection(elf: &Elf<'_>) -> [Check; 3] {
    let mut loaded = Vec::new();
    let mut both = Vec::new();
    let mut stack = None;
    for segment in elf.segments() {
        let flags = segment.p_flags(LittleEndian).0;
        match segment.p_type(LittleEndian) {
            PT_LOAD => loaded.push(permissions(flags)),
            PT_GNU_STACK => stack = Some(flags),
            _ => {}
        }
        if permissions(flags).ends_with("wx") {
            both.push(format!("{:#x}", segment.p_vaddr(LittleEndian)));
        }
    }
    let stack = match stack {
        None => Check::failed("stack", "no PT_GNU_STACK: the kernel makes it executable"),
        Some(flags) => Check::holds("stack", flags & PF_X.0 == 0, permissions(flags)),
    };
    [
        Check::holds("segments", !loaded.is_empty(), loaded.join(", ")),
        Check::none("segments both writable and executable", &both),
        stack,
    ]
}

fn permissions(flags: u32) -> String {
    [(PF_R, 'r'), (PF_W, 'w'), (PF_X, 'x')]
        .map(|(flag, letter)| if flags & flag.0 != 0 { letter } else { '-' })
        .iter()
        .collect()
}

/// The first instruction lies in the file, in a segment that may be executed.
fn entry(elf: &Elf<'_>) -> Check {
    let entry = elf.header().e_entry(LittleEndian);
    let holds = elf.segments().iter().any(|segment| {
        let start = segment.p_vaddr(LittleEndian);
        let end = start + segment.p_filesz(LittleEndian);
        segment.p_type(LittleEndian) == PT_LOAD
            && segment.p_flags(LittleEndian).0 & PF_X.0 != 0
            && (start..end).contains(&entry)
    });
    Check::holds("entry point in code", holds, format_args!("{entry:#x}"))
}

/// Nothing is formatted and nothing panics.
fn panics(program: &[u8], whole: &Elf<'_>, symbols: &[Symbol]) -> [Check; 3] {
    let texts = PANIC_TEXTS.map(str::as_bytes);
    let texts = texts.iter().flat_map(|text| occurrences(program, text));
    let formats = |name: &str| name.contains("core::fmt");
    [
        Check::none("texts of panics", &texts.collect::<Vec<_>>()),
        Check::none("code that formats", &called(whole, symbols, formats)),
        Check::none("code that panics", &called(whole, symbols, is_panic)),
    ]
}

/// Names of symbols that `is_meant`, each with the lines that call it.
fn called(whole: &Elf<'_>, symbols: &[Symbol], is_meant: impl Fn(&str) -> bool) -> Vec<String> {
    let origins = Origins::new(whole);
    let line = |address: &u64| match &origins {
        Ok(origins) => origins.of_code(*address, By::Line).unwrap_or_default(),
        Err(_) => String::new(),
    };
    let calls = whole.calls();
    let mut found = Vec::new();
    for symbol in symbols.iter().filter(|symbol| is_meant(&symbol.name)) {
        let calls = calls.get(&symbol.address).map(Vec::as_slice);
        let mut callers: Vec<String> = calls.unwrap_or_default().iter().map(line).collect();
        callers.sort();
        callers.dedup();
        found.push(format!(
            "\n{:16}{} from {}",
            "",
            symbol.name,
            callers.join(" ")
        ));
    }
    found.sort();
    found
}

/// The panic handler, or a function of `core` that leads there: `slice_index_fail`, `panic_bounds_check`.
fn is_panic(name: &str) -> bool {
    let is_core = name.starts_with("core::") || name.starts_with('<');
    name.contains("rust_begin_unwind")
        || is_core && (name.contains("panic") || name.contains("_fail"))
}

fn foreign(symbols: &[Symbol]) -> Vec<String> {
    named(symbols, |name| {
        let is_crate = ["alloc::", "std::", "__rust_alloc", "__rust_dealloc"];
        FOREIGN.contains(&name) || is_crate.iter().any(|start| name.starts_with(start))
    })
}

/// Names of symbols that `is_meant`, each once.
fn named(symbols: &[Symbol], is_meant: impl Fn(&str) -> bool) -> Vec<String> {
    let names = symbols.iter().map(|symbol| symbol.name.clone());
    let mut names: Vec<String> = names.filter(|name| is_meant(name)).collect();
    names.sort();
    names.dedup();
    names
}

/// Where the program has a text, with what is around it.
fn occurrences(program: &[u8], text: &[u8]) -> Vec<String> {
    let found = program.windows(text.len()).enumerate();
    let found = found.filter(|(_, window)| *window == text);
    found
        .map(|(at, _)| {
            let around = &program[at.saturating_sub(24)..program.len().min(at + text.len() + 24)];
            format!("{:?} at {at:#x}", String::from_utf8_lossy(around))
        })
        .collect()
}

/// Whatever tells where and by whom this was built.
fn traces(program: &[u8]) -> Vec<String> {
    let mut texts = vec![
        compile::workspace().display().to_string(),
        "/home/".to_owned(),
        "/rustc/".to_owned(),
        ".cargo".to_owned(),
        ".rustup".to_owned(),
        compile::WORKSPACE_NAME.to_owned(),
        compile::CARGO_HOME_NAME.to_owned(),
    ];
    let home = env::var("HOME").ok().filter(|home| home.len() > 1);
    texts.extend(home);
    texts.extend(compile::cargo_home().map(|home| home.display().to_string()));
    // A name as common as `root` proves nothing by itself.
    let user = env::var("USER").ok().filter(|user| user.len() > 4);
    texts.extend(user);
    texts
        .iter()
        .flat_map(|text| occurrences(program, text.as_bytes()))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::all;
    use crate::elf::Elf;

    /// This very program is for a C library, is loaded by an interpreter, formats and panics: it has to fail.
    #[test]
    fn a_program_of_the_standard_library_is_not_fit_to_ship() {
        let bytes = fs::read("/proc/self/exe").expect("this program");
        let elf = Elf::parse(&bytes).expect("an ELF file");
        let checks = all(&elf, &bytes, &elf, super::SIZE_MAX);
        let failed: Vec<&str> = checks
            .iter()
            .filter(|check| check.has_failed())
            .map(|check| check.what)
            .collect();
        assert_eq!(
            failed,
            [
                "size without its site",
                "executable for x86-64",
                "interpreter",
                "dynamic section",
                "undefined symbols",
                "texts of panics",
                "code that formats",
                "code that panics",
                "allocator and C library",
                "paths and names of this machine",
            ]
        );
    }

    /// A segment that is writable and executable, and a stack that is executable, are found.
    #[test]
    fn loose_permissions_are_found() {
        let bytes = fs::read("/proc/self/exe").expect("this program");
        let mut loose = bytes.clone();
        let table = u64::from_le_bytes(bytes[32..40].try_into().expect("eight octets")) as usize;
        let count = u16::from_le_bytes([bytes[56], bytes[57]]) as usize;
        for segment in 0..count {
            // p_flags of an Elf64_Phdr
            loose[table + 56 * segment + 4] = 7;
        }
        let failed = |bytes: &[u8]| {
            let elf = Elf::parse(bytes).expect("an ELF file");
            super::protection(&elf).map(|check| check.has_failed())
        };
        assert_eq!(failed(&bytes), [false, false, false]);
        assert_eq!(failed(&loose), [false, true, true]);
    }
}
