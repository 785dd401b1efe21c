//! Black-box tests of the ELF that ships.

// The command line, in and out.
mod command_line;
