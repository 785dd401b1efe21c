//! `may_minihttp` with constants: `program PORT WORKERS`.

use std::env;
use std::io;

use may_minihttp::{HttpServer, HttpService, Request, Response};

static LARGE: [u8; 1 << 20] = [b'x'; 1 << 20];

#[derive(Clone)]
struct Constants;

impl HttpService for Constants {
    fn call(&mut self, request: Request, response: &mut Response) -> io::Result<()> {
        response.header("Content-Type: text/plain");
        match request.path() {
            "/plaintext" => response.body("Hello, World!"),
            "/10k" => response.body_mut().extend_from_slice(&LARGE[..10 << 10]),
            "/100k" => response.body_mut().extend_from_slice(&LARGE[..100 << 10]),
            "/1m" => response.body_mut().extend_from_slice(&LARGE),
            _ => {
                response.status_code(404, "Not Found");
                response.body("Not Found");
            }
        }
        Ok(())
    }
}

fn main() {
    let mut words = env::args().skip(1).map(|word| word.parse::<u16>().expect("a number"));
    let (port, workers) = (words.next().expect("a port"), words.next().expect("a count of workers"));
    may::config().set_workers(usize::from(workers)).set_pool_capacity(1000).set_stack_size(0x1000);
    let server = HttpServer(Constants).start(("127.0.0.1", port)).expect("bind");
    server.join().expect("a server that goes on");
}
