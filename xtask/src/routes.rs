//! `cargo xtask routes`: a freestanding binary with as many routes as are wanted, to measure that their number does
//! not matter.

use std::env;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, ensure};

use crate::compile;

/// Builds a server like the shipped one that has many routes, and says where it is.
///
/// Route N is `/articles/M/chapter-N.html` with M = N modulo 97, and `/plaintext` is there too.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How many routes.
    #[arg(long, default_value_t = 10_000)]
    count: usize,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let workspace = compile::workspace();
    let folder = workspace.join("target/routes");
    fs::create_dir_all(&folder)?;
    fs::copy(workspace.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    fs::write(folder.join("Cargo.toml"), manifest(workspace)?)?;
    fs::write(folder.join("build.rs"), build_script(workspace))?;
    fs::write(folder.join("main.rs"), program(workspace, arguments.count)?)?;
    let started = Instant::now();
    let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(&folder)
        .args(["build", "--profile", "dist", "--target", compile::TARGET])
        .arg("--target-dir")
        .arg(compile::folder())
        .env("CARGO_ENCODED_RUSTFLAGS", compile::flags().join("\x1f"))
        .env_remove("RUSTFLAGS")
        .status()
        .context("cargo cannot be started")?;
    ensure!(status.success(), "cargo build ended with {status}");
    let binary = compile::built().join("routes");
    let octets = fs::metadata(&binary)?.len();
    println!(
        "{} routes in {:.1} s: {}, {octets} bytes",
        arguments.count,
        started.elapsed().as_secs_f64(),
        binary.display()
    );
    Ok(())
}

/// With the dependencies and the profiles of the workspace.
fn manifest(workspace: &Path) -> anyhow::Result<String> {
    let own = fs::read_to_string(workspace.join("Cargo.toml"))?;
    let section = |from: &str, to: &str| {
        let (_, rest) = own.split_once(from)?;
        let (section, _) = rest.split_once(to)?;
        Some(format!("{}{section}\n", from.trim_start()))
    };
    let dependencies = section("\n[dependencies]", "\n[")
        .context("Cargo.toml has no dependencies before another section")?;
    let profiles = section("\n[profile.", "\n[lints]")
        .context("Cargo.toml has no profiles before its lints")?;
    Ok(format!(
        "[package]\nname = \"routes\"\nedition = \"2024\"\nbuild = \"build.rs\"\n[workspace]\n\
         [[bin]]\nname = \"routes\"\npath = \"main.rs\"\n{profiles}{dependencies}\
         vanillin = {{ path = '{}' }}\n",
        workspace.display()
    ))
}

/// Links as the workspace's own script says.
fn build_script(workspace: &Path) -> String {
    let root = workspace.display();
    format!(
        "#[path = \"{root}/src/build.rs\"]\n#[allow(dead_code)]\nmod original;\n\
         fn main() {{\n\
         for argument in original::ARGUMENTS {{ println!(\"cargo::rustc-link-arg-bins={{argument}}\"); }}\n\
         println!(\"cargo::rustc-link-arg-bins=-T{root}/{{}}\", original::LAYOUT);\n}}\n"
    )
}

fn program(workspace: &Path, count: usize) -> anyhow::Result<String> {
    let mut text = "#![no_std]\n#![no_main]\n".to_owned();
    for (name, path) in [
        ("rt", "src/rt/mod.rs"),
        ("options", "src/main/options.rs"),
        ("program", "src/main/program.rs"),
    ] {
        let path = workspace.join(path);
        writeln!(text, "#[path = \"{}\"]\nmod {name};", path.display())?;
    }
    text += "use vanillin::{Handler, Route, Router, routes};\n\
             static SITE: Router = Router::new(routes![Route::text(\"/plaintext\", \"Hello, World!\"),\n";
    for at in 1..count {
        let page = at % 97;
        writeln!(
            text,
            "Route::html(\"/articles/{page}/chapter-{at}.html\", b\"<p>{at}\"),"
        )?;
    }
    text += "]);\n\
             fn main(arguments: rt::Arguments, environment: rt::Environment) -> u8 {\n\
             program::run(Handler::Router(&SITE), arguments, environment)\n}\n";
    Ok(text)
}
