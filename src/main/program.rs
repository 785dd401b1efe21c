//! What every freestanding binary does around its handler: read the command line, serve, say what went wrong.
#![forbid(unsafe_code)]

use core::net::Ipv6Addr;
use core::slice;

use heapless::{Vec, VecView};
use vanillin::sys::process;
use vanillin::{Deadlines, Errno, Handler, Sandbox, Seat, Server, StartError};

use crate::options::{Options, write, write_address, write_number};
use crate::rt;

/// Octets of one line for the operator.
const LINE_MAX: usize = 256;

/// Serves `handler` as the command line says and returns the exit code.
pub(crate) fn run(handler: Handler, arguments: rt::Arguments, environment: rt::Environment) -> u8 {
    let mut options = Options::UNSET;
    let mut line = Vec::<u8, LINE_MAX>::new();
    write(&mut line, b"vanillin: ");
    if options.read(arguments, environment).is_none() {
        options.complain(&mut line);
    } else if let Some(text) = options.text() {
        process::write_stdout(text);
        return 0;
    } else if let Err(error) = server(handler, &options).run() {
        explain(error, &mut line);
    } else {
        return 0;
    }
    print(&mut line, process::write_stderr);
    1
}

fn server(handler: Handler, options: &Options<'_>) -> Server {
    Server {
        address: options.address(),
        port: options.port(),
        backlog: options.backlog(),
        workers: options.workers(),
        connections: options.connections(),
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
fn announce(address: Ipv6Addr, port: u16, workers: u32) {
    let mut line = Vec::<u8, LINE_MAX>::new();
    write(&mut line, LISTENING.as_bytes());
    write_address(&mut line, address, port);
    write(&mut line, b" (");
    write_number(&mut line, workers);
    write(&mut line, b" worker");
    if workers != 1 {
        write(&mut line, b"s");
    }
    write(&mut line, b")");
    print(&mut line, process::write_stdout);
}

/// Ends the line and writes it.
#[inline(never)]
fn print(line: &mut VecView<u8>, to: fn(&[u8])) {
    // Full: the line was cut before.
    let _ = line.push(b'\n');
    to(line);
}

/// What the errors of a start mean, each behind its number with the eighth bit set: EADDRINUSE, EADDRNOTAVAIL, EACCES,
/// EPERM, EMFILE, ENOMEM, EAGAIN, ECANCELED.
const REASONS: &[u8] =
    b"\xe2: address in use\xe3: no such address here\x8d: not permitted\x81: not permitted\
    \x98: no more descriptors\x8c: out of memory\x8b: no more threads\xfd: a worker has stopped";

/// `cannot listen: error 98: address in use`
fn explain(error: StartError, line: &mut VecView<u8>) {
    write(line, b"cannot ");
    write(
        line,
        if error.is_listening {
            b"listen"
        } else {
            b"serve"
        },
    );
    write(line, b": error ");
    let number = error.errno.number();
    write_number(line, number);
    let mut is_meant = false;
    for octet in REASONS {
        if octet.is_ascii() {
            if is_meant {
                write(line, slice::from_ref(octet));
            }
        } else {
            is_meant = u32::from(octet ^ 0x80) == number;
        }
    }
}
