//! Peers from Debian.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::ensure;

use super::{Peer, Place, Source, prepare};

pub(super) const PEERS: &[Peer] = &[
    Peer {
        name: "nginx",
        source: Source::Debian {
            package: "nginx-light",
            program: "nginx",
        },
        arguments: nginx,
        validates: true,
        scales: true,
        version: &["-v"],
    },
    Peer {
        name: "h2o",
        source: Source::Debian {
            package: "h2o",
            program: "h2o",
        },
        arguments: h2o,
        validates: true,
        scales: true,
        version: &["--version"],
    },
    Peer {
        name: "lighttpd",
        source: Source::Debian {
            package: "lighttpd",
            program: "lighttpd",
        },
        arguments: lighttpd,
        validates: true,
        scales: true,
        version: &["-v"],
    },
    Peer {
        name: "busybox",
        source: Source::Debian {
            package: "busybox",
            program: "busybox",
        },
        arguments: busybox,
        validates: true,
        scales: false,
        version: &["--help"],
    },
];

/// Finds `program`, installing its package first where that is asked for.
pub(super) fn find(package: &str, program: &str, install: bool) -> anyhow::Result<PathBuf> {
    if let Some(path) = search(program) {
        return Ok(path);
    }
    ensure!(
        install,
        "not installed (--install, as root, installs the Debian package {package})"
    );
    ensure!(
        nix::unistd::geteuid().is_root(),
        "installing {package} needs root"
    );
    // A package's own service would run beside the measurements.
    let refuse = Path::new("/usr/sbin/policy-rc.d");
    ensure!(
        refuse.exists() || !Path::new("/run/systemd/system").exists(),
        "{package}: its service would be started; install it by hand"
    );
    prepare(
        Command::new("apt-get")
            .args(["install", "--yes", "--no-install-recommends", package])
            .env("DEBIAN_FRONTEND", "noninteractive"),
    )?;
    search(program).ok_or_else(|| anyhow::anyhow!("{package} has no {program}"))
}

fn search(program: &str) -> Option<PathBuf> {
    [
        "/usr/sbin",
        "/usr/bin",
        "/sbin",
        "/bin",
        "/usr/local/sbin",
        "/usr/local/bin",
    ]
    .iter()
    .map(|folder| Path::new(folder).join(program))
    .find(|path| path.is_file())
}

fn nginx(place: &Place, port: u16, workers: usize) -> anyhow::Result<Vec<String>> {
    let (folder, site) = (place.folder.display(), place.site());
    let site = site.display();
    // With one worker there is no master beside it, as with the other servers.
    let master = if workers > 1 { "on" } else { "off" };
    let text = format!(
        "daemon off; master_process {master}; worker_processes {workers}; pid {folder}/etc/nginx.pid;
error_log stderr crit; worker_rlimit_nofile 16384; user root;
events {{ worker_connections 12000; multi_accept on; }}
http {{
  access_log off; default_type text/plain; sendfile on; tcp_nopush on; etag on;
  keepalive_requests 1000000000; keepalive_timeout 3600s; open_file_cache max=100; open_file_cache_valid 3600s;
  client_body_temp_path {folder}/etc; proxy_temp_path {folder}/etc; fastcgi_temp_path {folder}/etc;
  uwsgi_temp_path {folder}/etc; scgi_temp_path {folder}/etc;
  server {{
    listen 127.0.0.1:{port} backlog=4096; root {site};
    location = /plaintext {{ return 200 \"Hello, World!\"; }}
    location / {{ log_not_found off; }}
  }}
}}
"
    );
    let path = place.configure("nginx.conf", &text)?;
    Ok(vec![
        "-p".to_owned(),
        folder.to_string(),
        "-e".to_owned(),
        "stderr".to_owned(),
        "-c".to_owned(),
        path,
    ])
}

fn h2o(place: &Place, port: u16, workers: usize) -> anyhow::Result<Vec<String>> {
    let text = format!(
        "num-threads: {workers}\nmax-connections: 12000\nhttp1-request-timeout: 3600\nuser: root\nlisten:\n  host: 127.0.0.1\n  port: {port}\nhosts:\n  default:\n    paths:\n      /:\n        file.dir: {}\n        file.send-compressed: OFF\n",
        place.site().display()
    );
    Ok(vec!["-c".to_owned(), place.configure("h2o.conf", &text)?])
}

fn lighttpd(place: &Place, port: u16, workers: usize) -> anyhow::Result<Vec<String>> {
    let extra = if workers > 1 {
        format!("server.max-worker = {workers}\n")
    } else {
        String::new()
    };
    let text = format!(
        "server.document-root = \"{}\"\nserver.bind = \"127.0.0.1\"\nserver.port = {port}\nserver.max-fds = 20400\nserver.max-connections = 10200\nserver.max-keep-alive-requests = 1000000000\nserver.max-keep-alive-idle = 3600\nserver.listen-backlog = 4096\nserver.max-read-idle = 3600\nmimetype.assign = ( \"\" => \"text/plain\" )\n{extra}",
        place.site().display()
    );
    Ok(vec![
        "-D".to_owned(),
        "-f".to_owned(),
        place.configure("lighttpd.conf", &text)?,
    ])
}

// The signature is that of every peer, of which others write a file.
#[allow(clippy::unnecessary_wraps)]
fn busybox(place: &Place, port: u16, _workers: usize) -> anyhow::Result<Vec<String>> {
    let site = place.site().to_string_lossy().into_owned();
    Ok(vec![
        "httpd".to_owned(),
        "-f".to_owned(),
        "-p".to_owned(),
        format!("127.0.0.1:{port}"),
        "-h".to_owned(),
        site,
    ])
}
