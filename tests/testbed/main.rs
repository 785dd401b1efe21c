//! Serves one of everything that a site can have. Built as the shipped binary is; for tests and measurements.
#![no_std]
#![no_main]

#[path = "../../src/rt/mod.rs"]
mod rt;

#[path = "../../src/main/options.rs"]
mod options;

#[path = "../../src/main/program.rs"]
mod program;

use vanillin::{Coding, Handler, Route, Router, Status, routes};

const HTML: &str = "text/html; charset=utf-8";

const BINARY: &str = "application/octet-stream";

/// Octets of which every place shows where it is.
macro_rules! pattern {
    ($name:literal) => {
        include_bytes!(concat!(env!("OUT_DIR"), "/", $name))
    };
}

static SITE: Router = Router::new(routes![
    Route::html("/", b"<!doctype html><title>Testbed</title>"),
    Route::text("/plaintext", "Hello, World!"),
    Route::text("/health", "ok\n"),
    Route::new("/4095", BINARY, pattern!("4095")),
    Route::new("/4096", BINARY, pattern!("4096")),
    Route::new("/4097", BINARY, pattern!("4097")),
    Route::new("/10k", BINARY, pattern!("10k")),
    Route::new("/100k", BINARY, pattern!("100k")),
    Route::new("/1m", BINARY, pattern!("1m")).tag("\"one-mebibyte\""),
    Route::new("/4m", BINARY, pattern!("4m")).tag("\"four-mebibytes\""),
    Route::html("/page", include_bytes!("page.html"))
        .encoded(Coding::Gzip, include_bytes!("page.html.gz"))
        .encoded(Coding::Brotli, include_bytes!("page.html.br"))
        .encoded(Coding::Zstd, include_bytes!("page.html.zst"))
        .cache_control("max-age=60"),
    Route::text("/dated", "modified once").modified(784_111_777),
    Route::redirect("/301", Status::MOVED_PERMANENTLY, "/plaintext"),
    Route::redirect("/302", Status::FOUND, "/plaintext"),
    Route::redirect("/303", Status::SEE_OTHER, "/plaintext"),
    Route::redirect("/307", Status::TEMPORARY_REDIRECT, "/plaintext"),
    Route::redirect(
        "/308",
        Status::PERMANENT_REDIRECT,
        "https://example.com/a?b=c"
    ),
    Route::no_content("/204"),
    Route::text("/fields", "look above")
        .field("X-One", "1")
        .field("X-Two", "two words, and a comma")
        .field("Content-Security-Policy", "default-src 'self'"),
    Route::text("/located", "elsewhere too")
        .field("Expires", "Sun, 06 Nov 1994 08:49:37 GMT")
        .field("Content-Location", "/located.txt")
        .field("Vary", "Accept-Language")
        .field("X-One", "1"),
    Route::text("/cached", "for a year").cache_control("public, max-age=31536000, immutable"),
    Route::text("/any", "whatever you say").any_method(),
    Route::html("/maintenance", b"<!doctype html><title>Back soon</title>")
        .status(Status::SERVICE_UNAVAILABLE)
        .field("Retry-After", "120")
        .any_method(),
    Route::text("/caf%C3%A9", "encoded"),
    Route::fallback(
        Status::NOT_FOUND,
        HTML,
        b"<!doctype html><title>Nothing here</title>"
    ),
    Route::error(
        Status::METHOD_NOT_ALLOWED,
        HTML,
        b"<!doctype html><title>Not that way</title>"
    ),
    Route::error(
        Status::BAD_REQUEST,
        HTML,
        b"<!doctype html><title>Pardon?</title>"
    ),
]);

fn main(arguments: rt::Arguments, environment: rt::Environment) -> u8 {
    program::run(Handler::Router(&SITE), arguments, environment)
}
