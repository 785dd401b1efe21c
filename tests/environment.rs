//! Surroundings in which nothing can be relied on: no files, no descriptors, no rights, nobody who listens.
//!
//! Invariant: what needs root says so and runs only then; everything else runs always.

use crate::support::proc;
use crate::support::server::{Elf, Launch, Server};
use crate::support::wait;
use crate::support::wire::{self, Wire};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

fn is_served(server: &Server) {
    for _ in 0..4 {
        assert_eq!(
            server.connect().ask(&wire::get("/plaintext")).content,
            b"Hello, World!"
        );
    }
}

fn skip_unless_root() -> bool {
    let skip = !proc::root();
    if skip {
        println!("skipped: needs root");
    }
    skip
}

/// A folder with nothing in it but the ELF, readable by everybody; removed in the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, elf: Elf) -> Self {
        let path = std::env::temp_dir().join(format!("vanillin-{}-{name}", std::process::id()));
        fs::create_dir(&path).expect("a folder of its own");
        fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("chmod");
        let file = path.join("elf");
        fs::copy(elf.path(), &file).expect("a copy of the ELF");
        fs::set_permissions(&file, PermissionsExt::from_mode(0o555)).expect("chmod");
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("UTF-8")
    }

    fn elf(&self) -> String {
        format!("{}/elf", self.path())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _nothing_can_be_done = fs::remove_dir_all(&self.0);
    }
}

/// No `/proc`, `/dev` or `/etc`, as in an image that was built from nothing.
#[test]
fn empty_root() {
    if skip_unless_root() {
        return;
    }
    let folder = Folder::new("root", Elf::Vanillin);
    for flags in [[].as_slice(), &["-w", "2"]] {
        let server = Launch::new(Elf::Vanillin)
            .wrapper(&["chroot", folder.path()])
            .path("/elf")
            .flags(flags)
            .start();
        is_served(&server);
        server.stop();
    }
}

/// The shell in between takes descriptors away before it becomes the server.
fn shell(script: &str) -> [&str; 3] {
    ["sh", "-c", script]
}

/// Descriptors 0 to 2 closed: no client may become standard error.
#[test]
fn closed_descriptors() {
    for script in [
        "exec \"$0\" \"$@\" <&-",
        "exec \"$0\" \"$@\" 2>&-",
        "exec \"$0\" \"$@\" >&-",
        "exec \"$0\" \"$@\" <&- >&- 2>&-",
    ] {
        let launch = Launch::new(Elf::Echo).wrapper(&shell(script));
        let server = if script.contains('>') {
            launch.start_mute()
        } else {
            launch.start()
        };
        let wires: Vec<Wire> = (0..8).map(|_| server.connect()).collect();
        let reply = server.connect().ask(&wire::get("/"));
        assert_eq!(reply.status, 200, "{script}");
        for fd in 0..3 {
            let target = server.proc().fd(fd).unwrap_or_default();
            let harmless = !target.is_empty() && !target.starts_with("socket:");
            assert!(harmless, "{script}: descriptor {fd} is `{target}`");
        }
        // What the server says about this error must not reach a client.
        let reply = server.connect().ask(&wire::get("/error"));
        assert_eq!(reply.status, 400, "{script}");
        for mut wire in wires {
            assert!(!wire.gone() && wire.inbox().is_empty(), "{script}");
        }
        server.stop();
    }
}

/// In an empty root there is no `/dev/null` to fill the places of closed descriptors with.
#[test]
fn closed_descriptors_in_an_empty_root() {
    if skip_unless_root() {
        return;
    }
    let folder = Folder::new("closed", Elf::Echo);
    let script = format!("exec chroot {} \"$0\" \"$@\" <&- >&- 2>&-", folder.path());
    let server = Launch::new(Elf::Echo)
        .wrapper(&shell(&script))
        .path("/elf")
        .start_mute();
    let wires: Vec<Wire> = (0..8).map(|_| server.connect()).collect();
    assert_eq!(server.connect().ask(&wire::get("/error")).status, 400);
    assert_eq!(server.connect().ask(&wire::get("/")).status, 200);
    for mut wire in wires {
        assert!(
            !wire.gone() && wire.inbox().is_empty(),
            "a line for the operator"
        );
    }
    server.stop();
}

/// A disk that is full takes no line; that is no reason not to serve.
#[test]
fn full_output() {
    let script = "exec \"$0\" \"$@\" >/dev/full 2>&1";
    let server = Launch::new(Elf::Echo).wrapper(&shell(script)).start_mute();
    for _ in 0..3 {
        assert_eq!(server.connect().ask(&wire::get("/error")).status, 400);
        assert_eq!(server.connect().ask(&wire::get("/")).status, 200);
    }
    server.stop();
}

/// The reader of standard output has gone: SIGPIPE is not the end.
#[test]
fn broken_output() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let server = Launch::new(Elf::Echo).errors_to(writer).start();
    for _ in 0..3 {
        assert_eq!(server.connect().ask(&wire::get("/error")).status, 400);
        assert_eq!(server.connect().ask(&wire::get("/")).status, 200);
    }
    server.stop();
}

/// Forty descriptors have to do.
#[test]
fn few_descriptors() {
    for workers in ["1", "2", "4"] {
        let server = Launch::new(Elf::Vanillin)
            .wrapper(&["prlimit", "--nofile=40:40"])
            .flags(&["-w", workers])
            .start();
        is_served(&server);
        let wires: Vec<Wire> = (0..60).map(|_| server.connect()).collect();
        drop(wires);
        wait::until("everybody is served", || {
            let mut wire = server.connect();
            wire.send(&wire::get("/plaintext"));
            wire.try_reply(false).is_ok_and(|reply| reply.status == 200)
        });
        server.stop();
    }
}

/// So few that nothing works: one line, and exit code 1.
#[test]
fn too_few_descriptors() {
    for limit in 3..12 {
        let end = Launch::new(Elf::Vanillin)
            .wrapper(&[
                "sh",
                "-c",
                &format!("ulimit -n {limit}; exec \"$0\" \"$@\" 3>&-"),
            ])
            .exactly(&["--version"])
            .outcome();
        assert_eq!(
            end.status.and_then(|status| status.code()),
            Some(0),
            "{limit}: {end:?}"
        );
    }
    let end = Launch::new(Elf::Vanillin)
        .wrapper(&["prlimit", "--nofile=6:6"])
        .flags(&["-w", "4"])
        .outcome();
    assert_eq!(
        end.status.and_then(|status| status.code()),
        Some(1),
        "{end:?}"
    );
    assert_eq!(end.errors.lines().count(), 1, "{end:?}");
}

/// Nothing in the environment, not even a PATH.
#[test]
fn empty_environment() {
    let server = Launch::new(Elf::Vanillin).wrapper(&["env", "-i"]).start();
    is_served(&server);
    server.stop();
}

/// Any numeric user and group, without a name for them, without a capability.
#[test]
fn any_user() {
    if skip_unless_root() {
        return;
    }
    let folder = Folder::new("user", Elf::Vanillin);
    for id in ["65534", "12345", "4294967294"] {
        let user = format!("--reuid={id}");
        let group = format!("--regid={id}");
        let server = Launch::new(Elf::Vanillin)
            .wrapper(&[
                "setpriv",
                &user,
                &group,
                "--clear-groups",
                "--no-new-privs",
                "--bounding-set=-all",
                "--inh-caps=-all",
            ])
            .path(&folder.elf())
            .start();
        is_served(&server);
        server.stop();
    }
}

/// Without the rights for a port it says so, in one line.
#[test]
fn port_without_rights() {
    let first = fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start");
    if first.is_ok_and(|first| first.trim() == "0") || skip_unless_root() {
        return;
    }
    let folder = Folder::new("port", Elf::Vanillin);
    let end = Launch::new(Elf::Vanillin)
        .wrapper(&[
            "setpriv",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "--bounding-set=-all",
        ])
        .path(&folder.elf())
        .exactly(&["-a", "127.0.0.1", "-p", "81"])
        .outcome();
    assert_eq!(
        end.status.and_then(|status| status.code()),
        Some(1),
        "{end:?}"
    );
    assert_eq!(end.errors.lines().count(), 1, "{end:?}");
    assert!(end.errors.contains("not permitted"), "{end:?}");
}

/// A root that can only be read, and a working directory that does not exist any more.
#[test]
fn read_only_root() {
    if skip_unless_root() {
        return;
    }
    let script = "mount --make-rprivate / && mount -o remount,ro,bind / && exec \"$0\" \"$@\"";
    let server = Launch::new(Elf::Vanillin)
        .wrapper(&["unshare", "--mount", "sh", "-c", script])
        .start();
    is_served(&server);
    server.stop();
    let script = "d=$(mktemp -d) && cd \"$d\" && rmdir \"$d\" && exec \"$0\" \"$@\"";
    let elf = fs::canonicalize(Elf::Vanillin.path()).expect("the ELF");
    let server = Launch::new(Elf::Vanillin)
        .wrapper(&shell(script))
        .path(elf.to_str().expect("UTF-8"))
        .start();
    is_served(&server);
    server.stop();
}

/// A host without IPv6 is served by IPv4 alone, and the line says so.
#[test]
fn no_ipv6() {
    if skip_unless_root() {
        return;
    }
    let script = "echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6; exec \"$0\" \"$@\"";
    let server = Launch::new(Elf::Vanillin)
        .wrapper(&["unshare", "--net", "sh", "-c", script])
        .exactly(&["-p", "0"])
        .start();
    let shown = server.address.to_string();
    assert!(
        shown.starts_with("0.0.0.0:") || shown.starts_with("[::]:"),
        "{shown}"
    );
    server.stop();
}
