//! The shipped binary: configuration to server.
#![no_std]
#![no_main]

mod rt;

#[path = "main/options.rs"]
mod options;

#[path = "main/program.rs"]
mod program;

#[path = "main/site.rs"]
mod site;

use vanillin::Handler;

#[inline(always)]
fn main(arguments: rt::Arguments, environment: rt::Environment) -> u8 {
    program::run(Handler::Router(&site::SITE), arguments, environment)
}
