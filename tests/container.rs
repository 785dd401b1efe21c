//! The ELF as the only file of an image, in a container that may do nothing but serve.
//!
//! Invariant: what a test has built or started in the engine, it removes, also when it fails.

use std::env;
use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use crate::support::server::Elf;
use crate::support::wait;

/// What `cargo xtask dist` puts beside the ELF.
const DOCKERFILE: &str = include_str!("../xtask/src/dist/Dockerfile");

/// Time that `docker stop` may take: the server's own time and the engine's.
const STOP_MAX: Duration = Duration::from_secs(1);

/// Containers that are stopped before the engine, and not the server, is held to be slow.
const STOPS: u32 = 8;

#[test]
fn it_is_all_that_an_image_needs() {
    if !has_engine() {
        return;
    }
    let _nothing_heavy_beside_it = wait::turn();
    let image = Image::build();
    let config = docker(&[
        "inspect",
        "-f",
        "{{.Config.User}} {{json .Config.Entrypoint}}",
        &image.0,
    ]);
    assert_eq!(config, r#"65532:65532 ["/vanillin"]"#);
    let mut times = Vec::new();
    for _ in 0..STOPS {
        let container = Container::run(&image);
        assert_eq!(container.mode(), 0o555);
        container.serves();
        times.push(container.stop());
        if times.iter().any(|time| *time < STOP_MAX) {
            return;
        }
    }
    panic!("docker stop took {times:?}");
}

/// Memory of the container. Without optimisation big values are built on the stack and copied to where they belong, so
/// that memory is touched which the ELF that ships does not touch.
fn memory() -> &'static str {
    let ships = env::var_os("VANILLIN_ELF").is_some() || !cfg!(debug_assertions);
    if ships { "8m" } else { "64m" }
}

/// An engine that can be used here; where `.ci/run` has started one, there has to be one.
fn has_engine() -> bool {
    let version = try_docker(&["version", "-f", "{{.Server.Version}}"]);
    if version.is_ok() {
        return true;
    }
    let is_debian = Path::new("/etc/debian_version").exists();
    let is_root = rustix::process::geteuid().is_root();
    let is_ci = env::var_os("CI").is_some_and(|value| value == "true");
    assert!(
        !(is_ci && is_root && is_debian),
        "there is no container engine: {version:?}"
    );
    // Past the harness, which keeps what a passing test prints to itself.
    let _nobody_reads = writeln!(std::io::stderr(), "skipped: no container engine");
    false
}

/// Runs docker and returns what it prints.
fn try_docker(arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("docker").args(arguments).output();
    let Output {
        status,
        stdout,
        stderr,
    } = output.map_err(|error| error.to_string())?;
    if !status.success() {
        return Err(format!("{status}: {}", String::from_utf8_lossy(&stderr)));
    }
    Ok(String::from_utf8_lossy(&stdout).trim().to_owned())
}

#[track_caller]
fn docker(arguments: &[&str]) -> String {
    try_docker(arguments).unwrap_or_else(|error| panic!("docker {arguments:?}: {error}"))
}

/// An image with the ELF under test, by its id.
struct Image(String);

impl Image {
    fn build() -> Self {
        let context = Path::new(env!("CARGO_TARGET_TMPDIR")).join("container");
        let elf = context.join("vanillin");
        let _there_may_be_none = fs::remove_dir_all(&context);
        fs::create_dir_all(&context).expect("a folder for the image");
        fs::copy(Elf::Vanillin.path(), &elf).expect("the ELF");
        fs::set_permissions(&elf, Permissions::from_mode(0o555)).expect("its mode");
        fs::write(context.join("Dockerfile"), DOCKERFILE).expect("the Dockerfile");
        Self(docker(&["build", "-q", &context.to_string_lossy()]))
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        let _shared_with_another_run = try_docker(&["rmi", &self.0]);
    }
}

/// A container, by its id.
struct Container(String);

impl Container {
    /// Runs the image with everything taken away from it that can be.
    fn run(image: &Image) -> Self {
        let limits = [
            "--read-only",
            "--cap-drop",
            "ALL",
            "--security-opt",
            "no-new-privileges",
            "-m",
            memory(),
        ];
        let arguments = [
            &["run", "-d", "-p", "127.0.0.1::3000"],
            &limits[..],
            &[&image.0],
        ];
        Self(docker(&arguments.concat()))
    }

    /// The mode of the ELF in the container, from the first header of a tar archive of it.
    fn mode(&self) -> u32 {
        let source = format!("{}:/vanillin", self.0);
        let archive = Command::new("docker")
            .args(["cp", &source, "-"])
            .output()
            .expect("docker");
        let mode = archive.stdout.get(100..107).expect("a tar header");
        let mode = u32::from_str_radix(str::from_utf8(mode).expect("octal").trim(), 8);
        // The engine writes the kind of file in front of it.
        mode.expect("octal") & 0o7777
    }

    /// curl gets the answer it is to get, through the port that the engine has published.
    fn serves(&self) {
        let state = || {
            let state = try_docker(&["inspect", "-f", "{{json .State}}", &self.0]);
            format!("{state:?}, {:?}", try_docker(&["logs", &self.0]))
        };
        let Ok(address) = try_docker(&["port", &self.0, "3000/tcp"]) else {
            panic!("the container has ended: {}", state());
        };
        let url = format!(
            "http://{}/health",
            address.lines().next().unwrap_or_default()
        );
        let mut last = None;
        let answers = wait::holds_within(wait::PATIENCE, || {
            let mut curl = Command::new("curl");
            curl.args(["-sS", "-m", "5", "--noproxy", "*", "--fail", &url]);
            let output = last.insert(curl.output().expect("curl"));
            output.status.success() && output.stdout.starts_with(b"ok")
        });
        assert!(answers, "{last:?}, {}", state());
    }

    /// Stops the container, which has to end by itself and in order, and says how long that took.
    fn stop(&self) -> Duration {
        let start = Instant::now();
        docker(&["stop", &self.0]);
        let time = start.elapsed();
        let end = docker(&[
            "inspect",
            "-f",
            "{{.State.ExitCode}} {{.State.OOMKilled}}",
            &self.0,
        ]);
        assert_eq!(end, "0 false", "after {time:?}");
        time
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let _what_is_left_shows_in_the_engine = try_docker(&["rm", "-f", &self.0]);
    }
}
