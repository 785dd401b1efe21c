//! What every freestanding binary does around its handler: read the command line, serve, say what went wrong.
#![forbid(unsafe_code)]

use heapless::{Vec, VecView};
use vanillin::sys::process;
use vanillin::{Deadlines, Errno, Handler, Place, Sandbox, Seat, Server, StartError};

use crate::options::{Options, write, write_address, write_line, write_number};
use crate::rt;

/// Octets of one line for the operator.
const LINE_MAX: usize = 256;

/// Serves `handler` as the command line says and returns the exit code.
/// Inlined into what does not return, and so has nothing to restore.
#[inline(always)]
pub(crate) fn run(handler: Handler, arguments: rt::Arguments, environment: rt::Environment) -> u8 {
    let mut options = Options::unset();
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
        place: Place::new(options.address(), options.port()),
        workers: options.workers(),
        connections: options.connections(),
        backlog: options.backlog(),
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
fn announce(place: &Place, workers: u32) {
    let mut line = Vec::<u8, LINE_MAX>::new();
    write(&mut line, LISTENING.as_bytes());
    write_address(&mut line, place.address(), place.port());
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
#[inline(never)]
fn print(line: &mut VecView<u8>, to: fn(&[u8])) {
    // Full: the line was cut before.
    let _ = line.push(b'\n');
    to(line);
}

/// What the errors of a start mean, a line for each behind its number with the eighth bit set: EADDRINUSE,
/// EADDRNOTAVAIL, EACCES, EPERM, EMFILE, ENOMEM, EAGAIN, ECANCELED.
static REASONS: &[u8] = b"\
    \xe2: address in use\n\
    \xe3: no such address here\n\
    \x8d: not permitted\n\
    \x81: not permitted\n\
    \x98: no more descriptors\n\
    \x8c: out of memory\n\
    \x8b: no more threads\n\
    \xfd: a worker has stopped";

/// `cannot listen: error 98: address in use`
fn explain(error: StartError, line: &mut VecView<u8>) {
    write(
        line,
        if error.is_listening {
            b"cannot listen: error "
        } else {
            b"cannot serve: error "
        },
    );
    let number = error.errno.number();
    write_number(line, number);
    let meant = |octet: &u8| u32::from(octet ^ 0x80) == number;
    if let Some(at) = REASONS.iter().position(meant) {
        write_line(line, REASONS, at + 1);
    }
}
