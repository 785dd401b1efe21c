//! Peers from crates.io: libraries in a small program of ours, and a program as it is published.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::ensure;

use super::{Peer, Place, Source, prepare};

/// A library and the program around it.
pub(super) struct Wrapped {
    /// The crate whose version is reported.
    library: &'static str,
    dependencies: &'static str,
    program: &'static str,
}

pub(super) const PEERS: &[Peer] = &[
    Peer {
        name: "may_minihttp",
        source: Source::Crate(&Wrapped {
            library: "may_minihttp",
            dependencies: "may = { version = \"0.3\", default-features = false }\nmay_minihttp = \"0.1\"\n",
            program: include_str!("programs/may_minihttp.rs"),
        }),
        arguments: port_and_workers,
        validates: false,
        scales: true,
        version: &[],
    },
    Peer {
        name: "hyper",
        source: Source::Crate(&Wrapped {
            library: "hyper",
            dependencies: "bytes = \"1\"\nhttp-body-util = \"0.1\"\nhyper = { version = \"1\", features = [\"http1\", \"server\"] }\n\
                           hyper-util = { version = \"0.1\", features = [\"tokio\"] }\n\
                           tokio = { version = \"1\", features = [\"net\", \"rt-multi-thread\", \"time\"] }\n",
            program: include_str!("programs/hyper.rs"),
        }),
        arguments: port_and_workers,
        validates: false,
        scales: true,
        version: &[],
    },
    Peer {
        name: "actix-web",
        source: Source::Crate(&Wrapped {
            library: "actix-web",
            dependencies: "actix-web = { version = \"4\", default-features = false }\n",
            program: include_str!("programs/actix_web.rs"),
        }),
        arguments: port_and_workers,
        validates: false,
        scales: true,
        version: &[],
    },
    Peer {
        name: "static-web-server",
        source: Source::Install {
            package: "static-web-server",
        },
        arguments: static_web_server,
        validates: true,
        scales: true,
        version: &["--version"],
    },
];

/// Builds the program around `wrapped`, optimised as vanillin's library is.
pub(super) fn build(
    name: &str,
    wrapped: &Wrapped,
    place: &Place,
    install: bool,
) -> anyhow::Result<PathBuf> {
    let folder = place.folder.join("peers").join(name);
    let program = folder.join("target").join("release").join(name);
    if program.is_file() {
        return Ok(program);
    }
    ensure!(install, "not built (--install builds it from crates.io)");
    eprintln!("building {name}");
    fs::create_dir_all(&folder)?;
    fs::write(
        folder.join("Cargo.toml"),
        format!(
            "[package]\nname = \"peer-{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[[bin]]\nname = \"{name}\"\n\
             path = \"main.rs\"\n\n[dependencies]\n{}\n[profile.release]\nlto = \"fat\"\ncodegen-units = 1\n\
             panic = \"abort\"\n\n[workspace]\n",
            wrapped.dependencies
        ),
    )?;
    fs::write(folder.join("main.rs"), wrapped.program)?;
    prepare(
        cargo()
            .args(["build", "--release", "--target-dir", "target"])
            .current_dir(&folder),
    )?;
    Ok(program)
}

/// The version of the library that the program was built with.
pub(super) fn version(name: &str, wrapped: &Wrapped, place: &Place) -> Option<String> {
    let lock = fs::read_to_string(place.folder.join("peers").join(name).join("Cargo.lock")).ok()?;
    let (_, after) = lock.split_once(&format!("name = \"{}\"\nversion = \"", wrapped.library))?;
    Some(format!("{} {}", wrapped.library, after.split('"').next()?))
}

/// Installs a published program into the bench's folder.
pub(super) fn install(package: &str, place: &Place, install: bool) -> anyhow::Result<PathBuf> {
    let folder = place.folder.join("peers");
    let program = folder.join("bin").join(package);
    if program.is_file() {
        return Ok(program);
    }
    ensure!(install, "not built (--install builds it from crates.io)");
    eprintln!("building {package}");
    let root = folder.to_string_lossy().into_owned();
    prepare(cargo().args([
        "install",
        package,
        "--locked",
        "--no-default-features",
        "--root",
        &root,
    ]))?;
    Ok(program)
}

/// Cargo without what the Cargo above it set for this program.
fn cargo() -> Command {
    let mut command = Command::new(Path::new(env!("CARGO")));
    command
        .env_remove("CARGO_TARGET_DIR")
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    command
}

// The signature is that of every peer, of which others write a file.
#[allow(clippy::unnecessary_wraps)]
fn port_and_workers(_place: &Place, port: u16, workers: usize) -> anyhow::Result<Vec<String>> {
    Ok(vec![port.to_string(), workers.to_string()])
}

// As above.
#[allow(clippy::unnecessary_wraps)]
fn static_web_server(place: &Place, port: u16, _workers: usize) -> anyhow::Result<Vec<String>> {
    // It starts a thread for every CPU that it may use.
    let (port, site) = (port.to_string(), place.site());
    let site = site.to_string_lossy();
    let words = [
        ("--host", "127.0.0.1"),
        ("--port", &port),
        ("--root", &site),
        ("--log-level", "error"),
        ("--cache-control-headers", "false"),
    ];
    Ok(words
        .iter()
        .flat_map(|(name, value)| [(*name).to_owned(), (*value).to_owned()])
        .collect())
}
