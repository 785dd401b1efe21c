//! actix-web with constants: `program PORT WORKERS`.

use std::env;
use std::time::Duration;

use actix_web::http::KeepAlive;
use actix_web::http::header::{ContentType, SERVER};
use actix_web::{App, HttpResponse, HttpServer, web};

static LARGE: [u8; 1 << 20] = [b'x'; 1 << 20];

async fn answer(body: &'static [u8]) -> HttpResponse {
    HttpResponse::Ok().insert_header((SERVER, "A")).insert_header(ContentType::plaintext()).body(web::Bytes::from_static(body))
}

fn main() -> std::io::Result<()> {
    let mut words = env::args().skip(1).map(|word| word.parse::<u16>().expect("a number"));
    let (port, workers) = (words.next().expect("a port"), words.next().expect("a count of workers"));
    let server = || {
        App::new()
            .route("/plaintext", web::get().to(|| answer(b"Hello, World!")))
            .route("/10k", web::get().to(|| answer(&LARGE[..10 << 10])))
            .route("/100k", web::get().to(|| answer(&LARGE[..100 << 10])))
            .route("/1m", web::get().to(|| answer(&LARGE[..])))
    };
    actix_web::rt::System::new().block_on(
        HttpServer::new(server)
            .workers(usize::from(workers))
            .keep_alive(KeepAlive::Timeout(Duration::from_secs(3600)))
            .client_request_timeout(Duration::from_secs(3600))
            .backlog(4096)
            .max_connections(12_000)
            .bind(("127.0.0.1", port))?
            .run(),
    )
}
