//! What every freestanding binary does around its handler: read the command line, serve, say what went wrong.
#![forbid(unsafe_code)]

use core::net::SocketAddrV6;

use heapless::{Vec, VecView};
use rustix::io::Errno;
use vanillin::sys::process;
use vanillin::{Deadlines, Handler, Sandbox, Seat, Server, StartError};

use crate::options::{self, Action, Complaint, Options, write, write_address, write_number};
use crate::rt;

/// Octets of one line for the operator.
const LINE_MAX: usize = 256;

/// Serves `handler` as the command line says and returns the exit code.
pub(crate) fn run(handler: Handler, arguments: rt::Arguments, environment: &rt::Environment) -> u8 {
    let options = match options::parse(arguments, environment.get(b"PORT=")) {
        Ok(Action::Serve(options)) => options,
        Ok(Action::Help) => {
            process::write_stdout(&options::HELP);
            return 0;
        }
        Ok(Action::Version) => {
            process::write_stdout(options::VERSION);
            return 0;
        }
        Err(complaint) => return complain(&complaint),
    };
    match server(handler, &options).run() {
        Ok(()) => 0,
        Err(error) => explain(error),
    }
}

fn server(handler: Handler, options: &Options) -> Server {
    Server {
        address: options.address(),
        port: options.port(),
        backlog: options.backlog(),
        workers: options.workers().unwrap_or(0) as u32,
        connections: options.connections().unwrap_or(0),
        deadlines: Deadlines {
            head: options.head_seconds(),
            content: options.content_seconds(),
            idle: options.idle_seconds(),
            progress: options.progress_seconds(),
        },
        drain_seconds: options.drain_seconds(),
        sandbox: if options.sandbox() {
            Sandbox::Full
        } else {
            Sandbox::Off
        },
        on_ready: announce,
        ..Server::new(handler, spawn)
    }
}

fn spawn(seat: Seat) -> Result<(), Errno> {
    rt::spawn(move || seat.work())
}

const LISTENING: &str = concat!(
    "vanillin ",
    env!("CARGO_PKG_VERSION"),
    " listening on http://"
);

/// `vanillin X.Y.Z listening on http://[::]:3000 (2 workers)`
fn announce(address: SocketAddrV6, workers: u32) {
    let mut line = Vec::<u8, LINE_MAX>::new();
    write(&mut line, LISTENING.as_bytes());
    write_address(&mut line, address);
    write(&mut line, b" (");
    write_number(&mut line, workers);
    write(
        &mut line,
        if workers == 1 {
            b" worker)"
        } else {
            b" workers)"
        },
    );
    print(&mut line, process::write_stdout);
}

/// Ends the line and writes it.
fn print(line: &mut VecView<u8>, to: fn(&[u8])) {
    // Full: the line was cut before.
    let _ = line.push(b'\n');
    to(line);
}

fn complain(complaint: &Complaint<'_>) -> u8 {
    let mut line = Vec::<u8, LINE_MAX>::new();
    complaint.write(&mut line);
    process::write_stderr(&line);
    1
}

/// `vanillin: bind: error 98 (address in use)`
#[inline(never)]
fn explain(error: StartError) -> u8 {
    let why: &[u8] = match error.errno {
        Errno::ADDRINUSE => b" (address in use)",
        Errno::ADDRNOTAVAIL => b" (no such address here)",
        Errno::ACCESS | Errno::PERM => b" (not permitted)",
        Errno::MFILE => b" (descriptor limit reached)",
        Errno::NOMEM => b" (out of memory)",
        Errno::AGAIN => b" (limit of threads reached)",
        _ => b"",
    };
    let mut line = Vec::<u8, LINE_MAX>::new();
    write(&mut line, b"vanillin: ");
    write(&mut line, error.step.as_bytes());
    write(&mut line, b": error ");
    write_number(&mut line, error.errno.raw_os_error().cast_unsigned());
    write(&mut line, why);
    print(&mut line, process::write_stderr);
    1
}
