//! The command line: arguments in, what to do out.
//!
//! `FLAGS` is the one table of it. The help text is rendered from it at compile time; the parser finds a flag's name,
//! and the complaint about a bad value shows what is accepted, where they stand in that text. So what the operator
//! reads is what is checked.
//!
//! Invariant: nothing here reads the process, allocates, or formats with `core::fmt`. The first argument
//! that is not understood ends the parse.
#![forbid(unsafe_code)]

mod address;
mod flags;

use core::net::Ipv6Addr;

use heapless::VecView;
use vanillin::{limits, request};

pub(crate) use address::{write, write_address, write_line, write_number};
pub(crate) use flags::{HELP, VERSION};

use address::socket_address;
use flags::{
    ADDRESS, BACKLOG, CONNECTIONS, CONTENT, DEFAULTS, DRAIN, FLAGS, HEAD, HELP_ASKED, IDLE,
    NO_SANDBOX, PORT, PROGRESS, ROWS, Row, VERSION_ASKED, WORKERS,
};

/// Octets of a value that a complaint shows.
const VALUE_SHOWN_MAX: usize = 64;

/// Where the help text says what is accepted where no flag is named.
const NO_FLAG: usize = ROWS[HELP_ASKED].line();

/// The port of the options as long as no flag names one.
const PORT_UNSET: u32 = u32::MAX;

const _: () = assert!(
    HELP_ASKED < VERSION_ASKED && VERSION_ASKED + 1 == FLAGS.len(),
    "what ends the reading stands last"
);

const _: () = {
    let (unset, mut index) = (Options::unset(), 0);
    while index < FLAGS.len() {
        assert!(
            index == PORT || unset.numbers[index] == DEFAULTS[index],
            "what is set where the command line says nothing is what the help text says"
        );
        index += 1;
    }
};

/// What the command line asks for. Once it was read, every number lies within the bounds of its flag.
#[derive(Debug)]
pub(crate) struct Options<'a> {
    /// `::` is every address, an IPv4 address is mapped.
    address: [u8; 16],
    numbers: [u32; FLAGS.len()],
    /// The value that was read last, or the argument that is none of a flag.
    value: &'a [u8],
    /// Where the help text says what is accepted.
    line: usize,
}

impl<'a> Options<'a> {
    /// What holds where the command line says nothing.
    #[inline(always)]
    pub(crate) const fn unset() -> Self {
        // Most are 0. A constant of all of them, and of the rest, would be larger than what sets these.
        let mut numbers = [0; FLAGS.len()];
        numbers[PORT] = PORT_UNSET;
        numbers[BACKLOG] = DEFAULTS[BACKLOG];
        numbers[HEAD] = DEFAULTS[HEAD];
        numbers[CONTENT] = DEFAULTS[CONTENT];
        numbers[IDLE] = DEFAULTS[IDLE];
        numbers[PROGRESS] = DEFAULTS[PROGRESS];
        Self {
            address: [0; 16],
            numbers,
            value: b"",
            line: NO_FLAG,
        }
    }

    /// Reads the arguments behind the program's name, and the `PORT` of the environment where no flag names one.
    /// `None` where one of them is not understood.
    pub(crate) fn read(
        &mut self,
        mut arguments: impl Iterator<Item = &'a [u8]>,
        mut environment: impl Iterator<Item = &'a [u8]>,
    ) -> Option<()> {
        while let Some(argument) = arguments.next() {
            self.value = argument;
            self.line = NO_FLAG;
            let mut flags = ROWS.iter().copied().enumerate();
            let (index, row, rest) =
                flags.find_map(|(index, row)| Some((index, row, row.find(argument)?)))?;
            self.value = match rest {
                [b'=', value @ ..] => value,
                [] if row.takes_nothing() => b"1",
                [] => arguments.next().unwrap_or_default(),
                value => value,
            };
            self.set(index, row)?;
            if index >= HELP_ASKED {
                return Some(());
            }
        }
        if self.numbers[PORT] == PORT_UNSET {
            self.numbers[PORT] = u32::from(limits::PORT);
            let port = |variable: &'a [u8]| match variable.split_first_chunk() {
                Some((b"PORT=", value)) => Some(value),
                _ => None,
            };
            if let Some(value) = environment.find_map(port) {
                self.value = value;
                self.set(PORT, ROWS[PORT])?;
            }
        }
        Some(())
    }

    /// Takes the value of a flag, if it is one that the flag accepts.
    fn set(&mut self, index: usize, row: Row) -> Option<()> {
        self.line = row.line();
        if index == ADDRESS {
            return socket_address(self.value, &mut self.address, &mut self.numbers[PORT]);
        }
        let number = request::number(self.value, row.max())?;
        *self.numbers.get_mut(index)? = number;
        (number >= row.min()).then_some(())
    }

    /// Appends why the value that was read last is not accepted, in printable ASCII and cut where it is long.
    pub(crate) fn complain(&self, line: &mut VecView<u8>) {
        write(line, b"\"");
        write(
            line,
            self.value.get(..VALUE_SHOWN_MAX).unwrap_or(self.value),
        );
        write(line, b"\" is not accepted: ");
        write_line(line, &HELP, self.line);
    }

    /// The text that is asked for instead of a server.
    pub(crate) fn text(&self) -> Option<&'static [u8]> {
        if self.numbers[HELP_ASKED] != 0 {
            Some(&HELP)
        } else if self.numbers[VERSION_ASKED] != 0 {
            Some(VERSION)
        } else {
            None
        }
    }

    /// The address to listen on: `::` is every address the host has, an IPv4 address is mapped.
    pub(crate) const fn address(&self) -> Ipv6Addr {
        Ipv6Addr::from_octets(self.address)
    }

    /// The port to listen on; 0 asks the kernel for a free one.
    pub(crate) const fn port(&self) -> u16 {
        self.numbers[PORT] as u16
    }

    /// Workers to start, or 0 for one for each CPU this process may use.
    pub(crate) const fn workers(&self) -> u32 {
        self.numbers[WORKERS]
    }

    /// Connections of all workers together, or 0 for as many as the descriptor limit allows.
    pub(crate) const fn connections(&self) -> u32 {
        self.numbers[CONNECTIONS]
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
}
