//! Who takes part: the floor, vanillin, and what people would otherwise use.
//!
//! Every server is set up for its fair best case: unlimited keep-alive, no access log, one worker, files
//! cached where the server can.

mod crates;
mod debian;
mod floor;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

use super::load::{Load, Mode};
use super::server::Launch;
use super::workload::{Target, Workload};

/// Sizes of the large bodies and the names of their files and routes.
pub(crate) const BODIES: &[(usize, &str)] =
    &[(10 << 10, "10k"), (100 << 10, "100k"), (1 << 20, "1m")];

/// Where the bench keeps what it makes: a folder under `target/`.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) folder: PathBuf,
}

impl Place {
    /// Creates the folder with the site that file servers serve.
    pub(crate) fn prepare(folder: &Path) -> anyhow::Result<Self> {
        for name in ["site", "etc", "log", "peers"] {
            fs::create_dir_all(folder.join(name))
                .with_context(|| format!("create {}", folder.display()))?;
        }
        let site = folder.join("site");
        for name in ["plaintext", "validated"] {
            fs::write(site.join(name), "Hello, World!")?;
        }
        for (size, name) in BODIES {
            fs::write(site.join(name), vec![b'x'; *size])?;
        }
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    pub(crate) fn site(&self) -> PathBuf {
        self.folder.join("site")
    }

    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.folder.join("log").join(name)
    }

    /// Writes the configuration file `name` and returns its path as an argument.
    fn configure(&self, name: &str, text: &str) -> anyhow::Result<String> {
        let path = self.folder.join("etc").join(name);
        fs::write(&path, text)?;
        Ok(path.to_string_lossy().into_owned())
    }
}

/// The files under test.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Elves {
    /// The server under test.
    #[arg(long, default_value = "dist/vanillin", value_name = "PATH")]
    pub(crate) elf: PathBuf,
    /// The same server with the routes /10k, /100k and /1m.
    #[arg(long, default_value = "target/elf/testbed", value_name = "PATH")]
    pub(crate) testbed: PathBuf,
    /// The same server with 10 routes: `cargo xtask routes --count 10`.
    #[arg(long, default_value = "target/elf/routes10", value_name = "PATH")]
    pub(crate) routes_10: PathBuf,
    /// The same server with 10,000 routes: `cargo xtask routes --count 10000`.
    #[arg(long, default_value = "target/elf/routes10000", value_name = "PATH")]
    pub(crate) routes_10000: PathBuf,
}

/// How a contender is started and where it has what is asked for.
enum Kind {
    Floor { sendfile: bool },
    Vanillin(Elves),
    Peer(&'static Peer),
}

/// A server that others write.
struct Peer {
    name: &'static str,
    source: Source,
    /// The arguments with which it serves.
    arguments: fn(&Place, port: u16, workers: usize) -> anyhow::Result<Vec<String>>,
    /// Whether it answers If-None-Match, at /validated.
    validates: bool,
    /// Whether it can be told to use more than one worker.
    scales: bool,
    /// Asks the program for its version.
    version: &'static [&'static str],
}

enum Source {
    /// A program of a Debian package.
    Debian {
        package: &'static str,
        program: &'static str,
    },
    /// A program of ours around a published crate.
    Crate(&'static crates::Wrapped),
    /// A published program.
    Install { package: &'static str },
}

/// A server that takes part.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    pub(crate) version: String,
    pub(crate) program: PathBuf,
    kind: Kind,
}

/// Those that take part, and for the others why they do not.
pub(crate) struct Field {
    pub(crate) contenders: Vec<Contender>,
    pub(crate) missing: Vec<(String, String)>,
}

/// Finds, and with `install` installs or builds, everyone whose name passes `wanted`.
pub(crate) fn gather(
    place: &Place,
    elves: &Elves,
    install: bool,
    wanted: impl Fn(&str) -> bool,
) -> anyhow::Result<Field> {
    let program = floor::build(place)?;
    let version = first_line("gcc", &["--version"]).unwrap_or_default();
    let mut contenders = vec![Contender {
        name: "floor",
        version,
        program: program.clone(),
        kind: Kind::Floor { sendfile: false },
    }];
    let mut missing = Vec::new();
    if wanted("floor-sendfile") {
        let kind = Kind::Floor { sendfile: true };
        contenders.push(Contender {
            name: "floor-sendfile",
            version: "as floor".to_owned(),
            program,
            kind,
        });
    }
    let hints = [
        (&elves.elf, "vanillin"),
        (&elves.testbed, "vanillin with large bodies"),
        (&elves.routes_10, "vanillin with 10 routes"),
        (&elves.routes_10000, "vanillin with 10,000 routes"),
    ];
    for (path, name) in hints {
        if !path.is_file() {
            missing.push((
                name.to_owned(),
                format!("{} does not exist", path.display()),
            ));
        }
    }
    if elves.elf.is_file() {
        let program = fs::canonicalize(&elves.elf)?;
        let version = format!("{} bytes", fs::metadata(&program)?.len());
        contenders.push(Contender {
            name: "vanillin",
            version,
            program,
            kind: Kind::Vanillin(elves.clone()),
        });
    }
    for peer in debian::PEERS
        .iter()
        .chain(crates::PEERS)
        .filter(|peer| wanted(peer.name))
    {
        match peer.find(place, install) {
            Ok(program) => {
                let version = peer.version(place, &program);
                contenders.push(Contender {
                    name: peer.name,
                    version,
                    program,
                    kind: Kind::Peer(peer),
                });
            }
            Err(reason) => missing.push((peer.name.to_owned(), format!("{reason:#}"))),
        }
    }
    Ok(Field {
        contenders,
        missing,
    })
}

impl Peer {
    fn find(&self, place: &Place, install: bool) -> anyhow::Result<PathBuf> {
        match &self.source {
            Source::Debian { package, program } => debian::find(package, program, install),
            Source::Crate(wrapped) => crates::build(self.name, wrapped, place, install),
            Source::Install { package } => crates::install(package, place, install),
        }
    }

    fn version(&self, place: &Place, program: &Path) -> String {
        match &self.source {
            Source::Crate(wrapped) => {
                crates::version(self.name, wrapped, place).unwrap_or_default()
            }
            _ => first_line(&program.to_string_lossy(), self.version).unwrap_or_default(),
        }
    }
}

impl Contender {
    /// How to serve `workload` at `port` and the path to ask for; nothing where the contender cannot.
    pub(crate) fn offer(
        &self,
        place: &Place,
        workload: &Workload,
        port: u16,
    ) -> anyhow::Result<Option<(Launch, String)>> {
        let (program, arguments, path) = match &self.kind {
            Kind::Floor { sendfile } => match floor::arguments(workload, *sendfile, port) {
                Some(arguments) => (self.program.clone(), arguments, "/plaintext".to_owned()),
                None => return Ok(None),
            },
            Kind::Vanillin(elves) => {
                let (program, path) = vanillin(elves, workload.target);
                ensure!(program.is_file(), "{} does not exist", program.display());
                (
                    fs::canonicalize(program)?,
                    serve_vanillin(port, workload.workers),
                    path,
                )
            }
            Kind::Peer(peer) => {
                let path = match workload.target {
                    Target::Plaintext => "/plaintext",
                    Target::Missing => "/nothing-here",
                    Target::Validated if peer.validates => "/validated",
                    Target::Body(size) => {
                        return self.body(place, peer, size, port, workload.workers);
                    }
                    Target::Validated | Target::Route(_) => return Ok(None),
                };
                if workload.workers > 1 && !peer.scales {
                    return Ok(None);
                }
                (
                    self.program.clone(),
                    (peer.arguments)(place, port, workload.workers)?,
                    path.to_owned(),
                )
            }
        };
        Ok(Some((Launch { program, arguments }, path)))
    }

    fn body(
        &self,
        place: &Place,
        peer: &Peer,
        size: usize,
        port: u16,
        workers: usize,
    ) -> anyhow::Result<Option<(Launch, String)>> {
        let Some((_, name)) = BODIES.iter().find(|(bytes, _)| *bytes == size) else {
            return Ok(None);
        };
        let launch = Launch {
            program: self.program.clone(),
            arguments: (peer.arguments)(place, port, workers)?,
        };
        Ok(Some((launch, format!("/{name}"))))
    }

    /// Whether it is the floor or a variant of it.
    pub(crate) fn is_floor(&self) -> bool {
        matches!(self.kind, Kind::Floor { .. })
    }

    /// The load of `workload` as far as this contender can tell it apart: the floor knows one answer and no
    /// entity-tags.
    pub(crate) fn adapt(&self, load: &mut Load) {
        if self.is_floor() {
            load.validate = false;
            load.status = 200;
        }
    }
}

fn vanillin(elves: &Elves, target: Target) -> (&Path, String) {
    match target {
        Target::Plaintext | Target::Validated => (&elves.elf, "/plaintext".to_owned()),
        Target::Missing => (&elves.elf, "/nothing-here".to_owned()),
        Target::Body(size) => {
            let name = BODIES
                .iter()
                .find(|(bytes, _)| *bytes == size)
                .map_or("", |(_, name)| name);
            (&elves.testbed, format!("/{name}"))
        }
        Target::Route(count) => {
            let program = if count > 10 {
                &elves.routes_10000
            } else {
                &elves.routes_10
            };
            (program, crate::routes::target(count - 1))
        }
    }
}

/// The arguments of vanillin and of everything built from it.
pub(crate) fn serve_vanillin(port: u16, workers: usize) -> Vec<String> {
    [
        "-a",
        "127.0.0.1",
        "-p",
        &port.to_string(),
        "-w",
        &workers.to_string(),
    ]
    .map(str::to_owned)
    .to_vec()
}

/// The first line that a program prints.
fn first_line(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = if output.stdout.is_empty() {
        output.stderr
    } else {
        output.stdout
    };
    let text = String::from_utf8_lossy(&text);
    Some(
        text.lines()
            .next()?
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" "),
    )
}

/// Runs a command that prepares something; its output is shown only when it fails.
fn prepare(command: &mut Command) -> anyhow::Result<()> {
    let output = command
        .output()
        .with_context(|| format!("run {command:?}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let first = said
        .lines()
        .find(|line| line.starts_with("error"))
        .or_else(|| said.lines().last());
    ensure!(
        output.status.success(),
        "{} failed: {}",
        command.get_program().display(),
        first.unwrap_or("without a word")
    );
    Ok(())
}

/// Whether a floor of its own exists for a mode of load.
fn closes(mode: Mode) -> bool {
    mode == Mode::Close
}
