//! The library in an ordinary program: `tests/embed/main.rs`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::wire::SILENCE;

/// Ends its program where a test fails before it has ended by itself.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _gone_already = self.0.kill();
        let _gone = self.0.wait();
    }
}

#[test]
fn a_program_with_std_serves_and_stops() {
    for workers in ["1", "2", "3"] {
        serves_and_stops(workers);
    }
}

fn serves_and_stops(expected: &str) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_embed"));
    command.arg(expected).stdout(Stdio::piped());
    let mut program = Program(command.spawn().expect("a program"));
    let mut lines = BufReader::new(program.0.stdout.take().expect("a pipe"));
    let mut line = String::new();
    lines.read_line(&mut line).expect("a line");
    let (port, workers) = line.trim_end().split_once(' ').expect("port and workers");
    assert_eq!(workers, expected);
    let address = (Ipv4Addr::LOCALHOST, port.parse::<u16>().expect("a port"));
    for _ in 0..8 {
        let mut stream = TcpStream::connect(address).expect("a connection");
        stream.set_read_timeout(Some(SILENCE)).expect("a timeout");
        stream
            .write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            .expect("a request");
        let mut reply = String::new();
        stream.read_to_string(&mut reply).expect("a reply");
        assert!(reply.starts_with("HTTP/1.1 200 OK\r\n"), "{reply}");
        assert!(reply.ends_with("\r\n\r\nfrom within\n"), "{reply}");
    }
    let pid = Pid::from_raw(program.0.id().cast_signed()).expect("a process");
    kill_process(pid, Signal::TERM).expect("a signal");
    line.clear();
    lines.read_line(&mut line).expect("a line");
    assert_eq!(line, "stopped\n");
    assert_eq!(program.0.wait().expect("an end").code(), Some(0));
}
