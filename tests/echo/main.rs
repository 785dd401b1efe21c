//! Answers every request with its own content. Built as the shipped binary is; for tests only.
#![no_std]
#![no_main]

#[path = "../../src/rt/mod.rs"]
mod rt;

fn main(_: rt::Arguments, _: &rt::Environment) -> u8 {
    0
}
