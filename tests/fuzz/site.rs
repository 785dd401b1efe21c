//! What the fuzz targets ask for: one of each kind of route.

use vanillin::{Coding, Route, Router, Status, routes};

const TEXT: &str = "text/plain; charset=utf-8";

pub static SITE: Router = Router::new(routes![
    Route::text("/", "home"),
    Route::text("/a", "0123456789").modified(784_111_777),
    Route::text("/b", "identity, the longest")
        .encoded(Coding::Gzip, b"gzip")
        .encoded(Coding::Brotli, b"brotli")
        .encoded(Coding::Zstd, b"zstandard"),
    Route::text("/c", "").any_method(),
    Route::no_content("/d"),
    Route::redirect("/e", Status::FOUND, "/a"),
    Route::text("/caf%C3%A9", "encoded"),
    Route::fallback(Status::NOT_FOUND, TEXT, b"not here"),
    Route::error(Status::BAD_REQUEST, TEXT, b"pardon?"),
]);
