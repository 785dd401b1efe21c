//! hyper with constants: `program PORT WORKERS`.

use std::convert::Infallible;
use std::env;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue, SERVER};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::runtime::Builder;

static LARGE: [u8; 1 << 20] = [b'x'; 1 << 20];

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (status, body) = match request.uri().path() {
        "/plaintext" => (StatusCode::OK, &b"Hello, World!"[..]),
        "/10k" => (StatusCode::OK, &LARGE[..10 << 10]),
        "/100k" => (StatusCode::OK, &LARGE[..100 << 10]),
        "/1m" => (StatusCode::OK, &LARGE[..]),
        _ => (StatusCode::NOT_FOUND, &b"Not Found"[..]),
    };
    let mut response = Response::new(Full::new(Bytes::from_static(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(SERVER, HeaderValue::from_static("H"));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    Ok(response)
}

async fn serve(port: u16) {
    let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("bind");
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _ = stream.set_nodelay(true);
        tokio::spawn(async move {
            let connection = http1::Builder::new().pipeline_flush(true).serve_connection(TokioIo::new(stream), service_fn(answer));
            let _ = connection.await;
        });
    }
}

fn main() {
    let mut words = env::args().skip(1).map(|word| word.parse::<u16>().expect("a number"));
    let (port, workers) = (words.next().expect("a port"), words.next().expect("a count of workers"));
    let mut builder = if workers == 1 { Builder::new_current_thread() } else { Builder::new_multi_thread() };
    let runtime = builder.worker_threads(usize::from(workers)).enable_all().build().expect("a runtime");
    runtime.block_on(serve(port));
}
