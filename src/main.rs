//! The shipped binary: configuration to server.
#![no_std]
#![no_main]

mod rt;

use rustix::event::{PollFd, PollFlags, poll};
use vanillin::sys::{process, signal, wake};

fn main(arguments: rt::Arguments, environment: &rt::Environment) -> u8 {
    process::fill_standard_descriptors();
    signal::block();
    for argument in arguments {
        process::write_stdout(argument);
        process::write_stdout(b"\n");
    }
    if let Some(port) = environment.get(b"PORT") {
        process::write_stdout(port);
        process::write_stdout(b"\n");
    }
    let Ok(nudge) = wake::create() else { return 1 };
    let Ok(watch) = rustix::io::dup(&nudge) else {
        return 1;
    };
    let thread = move || {
        process::write_stdout(b"vanillin: a thread runs\n");
        wake::notify(&nudge);
    };
    if rt::spawn(thread).is_err() {
        return 1;
    }
    let woken = poll(&mut [PollFd::new(&watch, PollFlags::IN)], None).is_ok();
    u8::from(!woken)
}
