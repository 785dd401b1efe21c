//! An ordinary program, with std and threads of std, that has the server inside it. How many workers it has, is its argument.

use std::net::Ipv6Addr;
use std::{env, thread};

use vanillin::{Errno, Handler, Place, Route, Router, Seat, Server, StartError, routes};

static SITE: Router = Router::new(routes![Route::text("/", "from within\n")]);

fn main() -> Result<(), StartError> {
    let workers = env::args().nth(1).and_then(|workers| workers.parse().ok());
    let server = Server {
        place: Place::new(Ipv6Addr::UNSPECIFIED, 0),
        workers: workers.unwrap_or(0),
        on_ready: announce,
        ..Server::new(Handler::Router(&SITE), spawn)
    };
    server.run()?;
    println!("stopped");
    Ok(())
}

fn spawn(seat: Seat) -> Result<(), Errno> {
    let thread = thread::Builder::new().name("worker".to_owned());
    thread
        .spawn(move || seat.work())
        .map(drop)
        .map_err(|_| Errno::AGAIN)
}

fn announce(place: &Place, workers: u32) {
    println!("{} {workers}", place.port());
}
