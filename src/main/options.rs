//! The command line: arguments in, what to do out.
//!
//! `FLAGS` is the one table of it. The help text is rendered from it at compile time, and the parser and
//! the complaint about a bad value go by `ROWS`, which says where in that text each flag's name and bounds
//! stand. So what the operator reads is what is checked.
//!
//! Invariant: nothing here reads the process, allocates, or formats with `core::fmt`. The first argument
//! that is not understood ends the parse; there is no half-read configuration.
#![forbid(unsafe_code)]

mod address;
mod flags;

use core::net::IpAddr;

use heapless::VecView;
use vanillin::limits;

pub(crate) use address::{write, write_address, write_number};
pub(crate) use flags::{HELP, VERSION};

use address::{number, socket_address};
use flags::{
    ADDRESS, BACKLOG, CONNECTIONS, CONTENT, DRAIN, FLAGS, HEAD, HELP_ASKED, IDLE, NO_SANDBOX, PORT,
    PROGRESS, ROWS, Row, VERSION_ASKED, WORKERS, defaults,
};

/// Octets of a value that a complaint shows.
const VALUE_SHOWN_MAX: usize = 64;

/// The port of the options as long as no flag names one.
const PORT_UNSET: u32 = u32::MAX;

/// What the command line asks for.
#[derive(Debug)]
pub(crate) enum Action {
    /// Serve until told to stop.
    Serve(Options),
    /// Print `HELP` and end.
    Help,
    /// Print `VERSION` and end.
    Version,
}

/// How to serve. Every number lies within the bounds of its flag.
#[derive(Debug)]
pub(crate) struct Options {
    address: Option<IpAddr>,
    numbers: [u32; FLAGS.len()],
}

/// Why the command line is not followed: the option, its value, and what would be accepted.
#[derive(Debug)]
pub(crate) struct Complaint<'a>([&'a [u8]; 3]);

/// Reads the arguments behind the program's name, and the `PORT` of the environment where no flag names one.
pub(crate) fn parse<'a>(
    mut arguments: impl Iterator<Item = &'a [u8]>,
    port_environment: Option<&'a [u8]>,
) -> Result<Action, Complaint<'a>> {
    let mut options = Options::UNSET;
    loop {
        let (mut index, mut attached) = (PORT, port_environment);
        let argument = arguments.next();
        if let Some(argument) = argument {
            (index, attached) = find(argument);
        } else if options.numbers[PORT] != PORT_UNSET {
            return Ok(Action::Serve(options));
        } else {
            options.numbers[PORT] = u32::from(limits::PORT);
            if attached.is_none() {
                continue;
            }
        }
        let Some(row) = ROWS.get(index) else {
            let argument = argument.unwrap_or_default();
            return Err(Complaint([b"argument", argument, b"a flag of --help"]));
        };
        let value = match attached {
            Some(value) => value,
            None if row.max == 1 => b"1",
            None => arguments.next().unwrap_or_default(),
        };
        if options.set(index, row, value).is_none() {
            let option = if argument.is_some() {
                row.name()
            } else {
                b"PORT"
            };
            return Err(Complaint([option, value, row.accepted()]));
        }
        match index {
            HELP_ASKED => return Ok(Action::Help),
            VERSION_ASKED => return Ok(Action::Version),
            _ => {}
        }
    }
}

impl Options {
    const UNSET: Self = Self {
        address: None,
        numbers: {
            let mut numbers = defaults();
            numbers[PORT] = PORT_UNSET;
            numbers
        },
    };

    /// The address to listen on, or `None` for every address the host has.
    pub(crate) const fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// The port to listen on; 0 asks the kernel for a free one.
    pub(crate) const fn port(&self) -> u16 {
        self.numbers[PORT] as u16
    }

    /// Workers to start, or `None` for one for each CPU this process may use.
    pub(crate) const fn workers(&self) -> Option<usize> {
        match self.numbers[WORKERS] {
            0 => None,
            workers => Some(workers as usize),
        }
    }

    /// Connections of all workers together, or `None` for as many as the descriptor limit allows.
    pub(crate) const fn connections(&self) -> Option<u32> {
        match self.numbers[CONNECTIONS] {
            0 => None,
            connections => Some(connections),
        }
    }

    /// Connections the kernel keeps waiting for us.
    pub(crate) const fn backlog(&self) -> u32 {
        self.numbers[BACKLOG]
    }

    /// Seconds from a connection's first octet of a head to the head's last.
    pub(crate) const fn head_seconds(&self) -> u32 {
        self.numbers[HEAD]
    }

    /// Seconds from a request's head to the last octet of its content.
    pub(crate) const fn content_seconds(&self) -> u32 {
        self.numbers[CONTENT]
    }

    /// Seconds that a connection may be idle between two requests.
    pub(crate) const fn idle_seconds(&self) -> u32 {
        self.numbers[IDLE]
    }

    /// Seconds that a response may wait for the client to take another octet.
    pub(crate) const fn progress_seconds(&self) -> u32 {
        self.numbers[PROGRESS]
    }

    /// Seconds to serve on after the signal to stop.
    pub(crate) const fn drain_seconds(&self) -> u32 {
        self.numbers[DRAIN]
    }

    /// Whether the server locks itself into its sandbox.
    pub(crate) const fn sandbox(&self) -> bool {
        self.numbers[NO_SANDBOX] == 0
    }

    /// Takes a flag's value, if it is one that the flag accepts.
    fn set(&mut self, index: usize, row: &Row, value: &[u8]) -> Option<()> {
        if index == ADDRESS {
            return socket_address(value, &mut self.address, &mut self.numbers[PORT]);
        }
        let number = number(value, row.max)?;
        *self.numbers.get_mut(index)? = number;
        (number >= u32::from(row.min)).then_some(())
    }
}

impl Complaint<'_> {
    /// Appends the complaint as one line of printable ASCII, a long value cut.
    pub(crate) fn write(&self, line: &mut VecView<u8>) {
        let [option, value, accepted] = self.0;
        write(line, b"vanillin: ");
        write(line, option);
        write(line, b": \"");
        write(line, value.get(..VALUE_SHOWN_MAX).unwrap_or(value));
        write(line, b"\" is not accepted: ");
        write(line, accepted);
        // Full: the line was cut before.
        let _ = line.push(b'\n');
    }
}

/// Finds the flag that an argument names, and the value attached to it: `--name`, `--name=value`, `-n`, `-nvalue`.
/// Without one the index is that of no flag.
fn find(argument: &[u8]) -> (usize, Option<&[u8]>) {
    let mut index = 0;
    while let Some(row) = ROWS.get(index) {
        match argument.strip_prefix(row.name()) {
            Some([]) => return (index, None),
            Some([b'=', value @ ..]) => return (index, Some(value)),
            _ => {}
        }
        if let [b'-', letter, value @ ..] = argument
            && *letter == row.letter
        {
            return (index, Some(value).filter(|value| !value.is_empty()));
        }
        index += 1;
    }
    (index, None)
}
