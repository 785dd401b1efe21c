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

use core::net::Ipv6Addr;

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
    /// `::` is every address, an IPv4 address is mapped.
    address: [u8; 16],
    numbers: [u32; FLAGS.len()],
}

/// Why the command line is not followed: `option: "value" is not accepted: what is`.
#[derive(Debug)]
pub(crate) struct Complaint<'a> {
    option: &'static [u8],
    value: &'a [u8],
    row: Option<&'static Row>,
}

/// Reads the arguments behind the program's name, and the `PORT` of the environment where no flag names one.
pub(crate) fn parse<'a>(
    arguments: impl Iterator<Item = &'a [u8]>,
    port_environment: Option<&'a [u8]>,
) -> Result<Action, Complaint<'a>> {
    let mut complaint = Complaint {
        option: b"",
        value: b"",
        row: None,
    };
    let action = complaint.read(arguments, port_environment);
    action.ok_or(complaint)
}

impl<'a> Complaint<'a> {
    /// Reads all arguments, or leaves in `self` what is wrong with one of them.
    #[inline(never)]
    fn read(
        &mut self,
        mut arguments: impl Iterator<Item = &'a [u8]>,
        port_environment: Option<&'a [u8]>,
    ) -> Option<Action> {
        let mut options = Options::UNSET;
        while let Some(argument) = arguments.next() {
            self.option = b"argument";
            self.value = argument;
            self.row = None;
            let (index, row, attached) = find(argument)?;
            self.option = row.name();
            self.row = Some(row);
            self.value = match attached {
                Some(value) => value,
                None if row.max == 1 => b"1",
                None => arguments.next().unwrap_or_default(),
            };
            options.set(index, row, self.value)?;
            match index {
                HELP_ASKED => return Some(Action::Help),
                VERSION_ASKED => return Some(Action::Version),
                _ => {}
            }
        }
        if options.numbers[PORT] == PORT_UNSET {
            options.numbers[PORT] = u32::from(limits::PORT);
            if let Some(value) = port_environment {
                self.option = b"PORT";
                self.value = value;
                self.row = Some(&ROWS[PORT]);
                options.set(PORT, &ROWS[PORT], value)?;
            }
        }
        Some(Action::Serve(options))
    }
}

impl Options {
    const UNSET: Self = Self {
        address: [0; 16],
        numbers: {
            let mut numbers = defaults();
            numbers[PORT] = PORT_UNSET;
            numbers
        },
    };

    /// The address to listen on: `::` is every address the host has, an IPv4 address is mapped.
    pub(crate) const fn address(&self) -> Ipv6Addr {
        Ipv6Addr::from_octets(self.address)
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
        write(line, b"vanillin: ");
        write(line, self.option);
        write(line, b": \"");
        write(
            line,
            self.value.get(..VALUE_SHOWN_MAX).unwrap_or(self.value),
        );
        write(line, b"\" is not accepted: ");
        let (kind, bounds) = match self.row {
            None => (b"--help lists what is".as_slice(), b"".as_slice()),
            Some(row) => row.accepted(),
        };
        write(line, kind);
        write(line, bounds);
        // Full: the line was cut before.
        let _ = line.push(b'\n');
    }
}

/// Finds the flag that an argument names, and the value attached to it: `--name`, `--name=value`, `-n`, `-nvalue`.
fn find(argument: &[u8]) -> Option<(usize, &'static Row, Option<&[u8]>)> {
    for (index, row) in ROWS.iter().enumerate() {
        if let Some(rest) = argument.strip_prefix(row.name()) {
            match rest {
                [] => return Some((index, row, None)),
                [b'=', value @ ..] => return Some((index, row, Some(value))),
                _ => {}
            }
        }
        if let [b'-', letter, value @ ..] = argument
            && *letter == row.letter
        {
            return Some((index, row, Some(value).filter(|value| !value.is_empty())));
        }
    }
    None
}
