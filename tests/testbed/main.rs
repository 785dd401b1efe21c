//! Serves one of everything that a site can have. Built as the shipped binary is; for tests and measurements.
#![no_std]
#![no_main]

#[path = "../../src/rt/mod.rs"]
mod rt;

#[path = "../../src/main/options.rs"]
mod options;

#[path = "../../src/main/program.rs"]
mod program;

use vanillin::{Handler, Route, Router, routes};

const BINARY: &str = "application/octet-stream";

/// Octets of which every place shows where it is.
macro_rules! pattern {
    ($name:literal) => {
        include_bytes!(concat!(env!("OUT_DIR"), "/", $name))
    };
}

static SITE: Router = Router::new(routes![
    Route::text("/plaintext", "Hello, World!"),
    Route::new("/10k", BINARY, pattern!("10k")),
    Route::new("/100k", BINARY, pattern!("100k")),
    Route::new("/1m", BINARY, pattern!("1m")).tag("\"one-mebibyte\""),
    Route::new("/4m", BINARY, pattern!("4m")).tag("\"four-mebibytes\""),
]);

fn main(arguments: rt::Arguments, environment: &rt::Environment) -> u8 {
    program::run(Handler::Router(&SITE), arguments, environment)
}
