//! The built-in site: what the first `curl` and the first browser see.
#![forbid(unsafe_code)]

use vanillin::{Route, Router, routes};

pub(crate) static SITE: Router = Router::new(routes![
    Route::html("/", include_bytes!("index.html"))
        .cache_control("max-age=300")
        .field(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'unsafe-inline'"
        )
        .field("X-Content-Type-Options", "nosniff"),
    Route::text("/health", "ok\n").cache_control("no-store"),
    Route::text("/livez", "ok\n").cache_control("no-store"),
    Route::text("/readyz", "ok\n")
        .cache_control("no-store")
        .drained("draining\n"),
    Route::text("/plaintext", "Hello, World!"),
]);
