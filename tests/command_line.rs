//! The command line of the shipped binary: arguments in, what to do or one line of complaint out.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use vanillin::limits;

#[path = "../src/main/options.rs"]
mod options;

use options::Options;

/// What the arguments and `PORT` ask for.
#[derive(Debug)]
enum Action {
    Serve(Options<'static>),
    Text(&'static [u8]),
}

/// Reads the arguments, or says what is complained of.
fn parse(arguments: &[&str], port: Option<&str>) -> Result<Action, String> {
    let leak = |text: &str| text.to_owned().leak().as_bytes();
    let arguments: Vec<&[u8]> = arguments.iter().map(|argument| leak(argument)).collect();
    let port = port.map(|port| format!("PORT={port}"));
    let environment = [
        "PORTS=1",
        "HOME=/",
        port.as_deref().unwrap_or("PORT"),
        "PORT=1",
    ];
    let environment = environment
        .into_iter()
        .take(2 + 2 * usize::from(port.is_some()));
    let mut options = Options::unset();
    if options
        .read(arguments.into_iter(), environment.map(leak))
        .is_none()
    {
        let mut line = heapless::Vec::<u8, 256>::new();
        options.complain(&mut line);
        return Err(String::from_utf8(line.to_vec()).unwrap());
    }
    Ok(options.text().map_or(Action::Serve(options), Action::Text))
}

/// The arguments of a command line that is written with single spaces.
fn words(line: &str) -> Vec<&str> {
    line.split(' ').filter(|word| !word.is_empty()).collect()
}

#[track_caller]
fn serve(line: &str, port: Option<&str>) -> Options<'static> {
    match parse(&words(line), port) {
        Ok(Action::Serve(options)) => options,
        other => panic!("{line}: {other:?}"),
    }
}

#[track_caller]
fn refuse(line: &str, port: Option<&str>, complaint: &str) {
    let result = parse(&words(line), port);
    assert_eq!(result.unwrap_err(), complaint, "{line}");
}

#[test]
fn without_flags_the_limits_hold() {
    let options = serve("", None);
    assert_eq!(options.address(), Ipv6Addr::UNSPECIFIED);
    assert_eq!(options.port(), limits::PORT);
    assert_eq!(options.workers(), 0);
    assert_eq!(options.connections(), 0);
    assert_eq!(options.backlog(), limits::BACKLOG);
    assert_eq!(options.head_seconds(), limits::HEAD_SECONDS);
    assert_eq!(options.content_seconds(), limits::CONTENT_SECONDS);
    assert_eq!(options.idle_seconds(), limits::IDLE_SECONDS);
    assert_eq!(options.progress_seconds(), limits::PROGRESS_SECONDS);
    assert_eq!(options.drain_seconds(), 0);
    assert!(options.sandbox());
}

#[test]
fn every_form_of_a_flag_is_read() {
    for line in ["-p8080", "-p 8080", "--port 8080", "--port=8080"] {
        assert_eq!(serve(line, None).port(), 8080, "{line}");
    }
    let options = serve(
        "-w 3 --connections=7 --backlog 9 --head-timeout 11 --content-timeout 12 --idle-timeout 13 \
         --progress-timeout 14 --drain 15 --no-sandbox",
        None,
    );
    assert_eq!(options.workers(), 3);
    assert_eq!(options.connections(), 7);
    assert_eq!(options.backlog(), 9);
    assert_eq!(options.head_seconds(), 11);
    assert_eq!(options.content_seconds(), 12);
    assert_eq!(options.idle_seconds(), 13);
    assert_eq!(options.progress_seconds(), 14);
    assert_eq!(options.drain_seconds(), 15);
    assert!(!options.sandbox());
}

#[test]
fn the_last_flag_wins_and_a_flag_wins_over_the_environment() {
    assert_eq!(serve("-p 1 -p 2", None).port(), 2);
    assert_eq!(serve("-p 1 -a :2", None).port(), 2);
    assert_eq!(serve("", Some("4")).port(), 4);
    assert_eq!(serve("-a ::1", Some("4")).port(), 4);
    assert_eq!(serve("-p 0", Some("4")).port(), 0);
    assert_eq!(serve("-a :5", Some("nonsense")).port(), 5);
}

#[test]
fn help_and_version_are_asked_for() {
    for line in ["-h", "--help", "-p 1 --help --nonsense"] {
        assert!(
            matches!(parse(&words(line), Some("nonsense")), Ok(Action::Text(text)) if *text == options::HELP),
            "{line}"
        );
    }
    for line in ["-V", "--version"] {
        assert!(
            matches!(parse(&words(line), None), Ok(Action::Text(text)) if text == options::VERSION),
            "{line}"
        );
    }
    let version = concat!("vanillin ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(options::VERSION, version.as_bytes());
    let help = str::from_utf8(&options::HELP).unwrap();
    assert!(help.starts_with(version));
    let width = |line: &str| 24 + line.rsplit('\t').next().unwrap_or_default().len();
    assert!(help.lines().skip(3).all(|line| width(line) <= 80), "{help}");
    assert!(help.contains("\n--port -p\t\tTCP port"), "{help}");
    assert!(help.contains("(3000; 0-65535)\n"), "{help}");
    assert!(help.contains("(1-64)\n"), "{help}");
}

#[test]
fn bounds_are_exact() {
    for (line, port) in [("-p 0", 0), ("-p 1", 1), ("-p 65535", 65535)] {
        assert_eq!(serve(line, None).port(), port);
    }
    refuse(
        "-p 65536",
        None,
        "\"65536\" is not accepted: --port -p  TCP port, else $PORT; 0: a free one (3000; 0-65535)",
    );
    assert_eq!(serve("-w 1", None).workers(), 1);
    assert_eq!(serve("-w 64", None).workers(), 64);
    refuse(
        "-w 0",
        None,
        "\"0\" is not accepted: --workers -w  threads, else one per CPU (1-64)",
    );
    refuse(
        "-w65",
        None,
        "\"65\" is not accepted: --workers -w  threads, else one per CPU (1-64)",
    );
    assert_eq!(serve("--drain=3600", None).drain_seconds(), 3600);
    refuse(
        "--drain 3601",
        None,
        "\"3601\" is not accepted: --drain   to serve on after SIGTERM (0; 0-3600 s)",
    );
}

#[test]
fn what_is_not_a_number_is_refused() {
    let accepted =
        "is not accepted: --port -p  TCP port, else $PORT; 0: a free one (3000; 0-65535)";
    for value in [
        "99999",
        "4294967296",
        "99999999999999999999",
        "x",
        "-1",
        "+1",
        "0x50",
        "8 0",
        "a",
        "",
    ] {
        let line = format!("--port={value}");
        let expected = format!("\"{value}\" {accepted}");
        assert_eq!(parse(&[&line], None).unwrap_err(), expected);
        assert_eq!(parse(&[], Some(value)).unwrap_err(), expected);
    }
    refuse("-p", None, &format!("\"\" {accepted}"));
    refuse(
        "-w --port",
        None,
        "\"--port\" is not accepted: --workers -w  threads, else one per CPU (1-64)",
    );
}

#[test]
fn what_is_not_a_flag_is_refused() {
    for argument in [
        "x", "-", "--", "-x", "--prot", "--por", "--ports", "--=", "-=", "---port", "8080",
        "--PORT", "- ",
    ] {
        let expected = format!("\"{argument}\" is not accepted: --help -h  list what is accepted");
        assert_eq!(parse(&[argument], None).unwrap_err(), expected);
    }
    refuse(
        "--help=0",
        None,
        "\"0\" is not accepted: --help -h  list what is accepted",
    );
    refuse(
        "--no-sandbox=0",
        None,
        "\"0\" is not accepted: --no-sandbox  without seccomp and Landlock",
    );
    refuse(
        "--no-sandbox=",
        None,
        "\"\" is not accepted: --no-sandbox  without seccomp and Landlock",
    );
    refuse(
        "-hV",
        None,
        "\"V\" is not accepted: --help -h  list what is accepted",
    );
}

#[test]
fn a_complaint_is_one_bounded_line_of_ascii() {
    refuse(
        "--port=\"\u{1b}[2J\n\u{7f}\u{e4}\\",
        None,
        "\"\"?[2J????\\\" is not accepted: --port -p  TCP port, else $PORT; 0: a free one (3000; 0-65535)",
    );
    for len in [64, 65, 4096] {
        let shown = "7".repeat(64);
        refuse(
            &format!("-w{}", "7".repeat(len)),
            None,
            &format!("\"{shown}\" is not accepted: --workers -w  threads, else one per CPU (1-64)"),
        );
    }
    let mut options = Options::unset();
    let read = options.read([b"x".as_slice()].into_iter(), std::iter::empty());
    assert_eq!(read, None);
    let mut short = heapless::Vec::<u8, 12>::new();
    options.complain(&mut short);
    assert_eq!(short, b"\"x\" is not a");
}

#[test]
fn addresses_are_read() {
    let cases: [(&str, Option<&str>, Option<u16>); 14] = [
        ("127.0.0.1", Some("127.0.0.1"), None),
        ("127.0.0.1:8080", Some("127.0.0.1"), Some(8080)),
        ("0.0.0.0:0", Some("0.0.0.0"), Some(0)),
        ("255.255.255.255", Some("255.255.255.255"), None),
        (":8080", None, Some(8080)),
        ("::1", Some("::1"), None),
        ("[::1]", Some("::1"), None),
        ("[::1]:8080", Some("::1"), Some(8080)),
        ("::", None, None),
        ("[::]:65535", None, Some(65535)),
        ("2001:DB8::a:0:1", Some("2001:db8::a:0:1"), None),
        ("1:2:3:4:5:6:7:8", Some("1:2:3:4:5:6:7:8"), None),
        ("::ffff:7f00:1", Some("127.0.0.1"), None),
        ("[64:ff9b::102:304]:9", Some("64:ff9b::102:304"), Some(9)),
    ];
    for (text, address, port) in cases {
        let line = format!("--address={text}");
        let options = serve(&line, None);
        assert_eq!(
            options.address().to_canonical(),
            address.unwrap_or("::").parse::<IpAddr>().unwrap(),
            "{text}"
        );
        assert_eq!(options.port(), port.unwrap_or(limits::PORT), "{text}");
    }
}

#[test]
fn what_is_not_an_address_is_refused() {
    let values = [
        "",
        ":",
        "[",
        "[]",
        "[]:80",
        "[:]",
        "[::1",
        "[::1]8080",
        "[::1]:",
        "[::1]:x",
        "[::1]:65536",
        "::1]:80",
        "127.0.0.1:",
        "127.0.0.1:x",
        "127.0.0.1:65536",
        "127.0.0",
        "127.0.0.0.1",
        "127.0.0.256",
        "127.0.0.01",
        "127.0..1",
        ".0.0.1",
        "[127.0.0.1]",
        "localhost",
        "*",
        "*:80",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7:8::",
        "::1:2:3:4:5:6:7:8",
        ":::",
        "1:::2",
        "::1::2",
        ":1",
        "1:",
        ":1:2",
        "1::2:",
        "12345::",
        "g::",
        "::1%lo",
        "1.2.3.4::",
        "::1.2.3.4:5",
        "::1.2.3",
        "1:2:3:4:5:6:7:1.2.3.4",
        "fe80::1%eth0",
        "80",
    ];
    for value in values {
        let line = format!("--address={value}");
        let result = parse(&[&line], None);
        // `:1` is a port.
        assert_eq!(result.is_ok(), value == ":1", "{value}");
    }
    refuse(
        "-a localhost",
        None,
        "\"localhost\" is not accepted: --address -a  listen only there (127.0.0.1, [::1]:8080 or :8080)",
    );
}

/// Every address that the standard library reads is read here as the same, and nothing else is; except that
/// an IPv6 address in which IPv4 is spelt out is not read, and leading zeros of a group are not counted.
#[test]
fn addresses_are_those_of_the_standard_library() {
    const ALPHABET: &[u8] = b"::::0127af..F";
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut accepted = 0;
    for _ in 0..400_000 {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let mut rest = random;
        let mut text = String::new();
        for _ in 0..random >> 60 {
            text.push(char::from(
                ALPHABET[(rest % ALPHABET.len() as u64) as usize],
            ));
            rest /= ALPHABET.len() as u64;
        }
        let is_long = text.split(':').any(|group| group.len() > 4);
        if text.contains(':') && (text.contains('.') || is_long) {
            continue;
        }
        let expected = text.parse::<IpAddr>().map(|address| address.to_canonical());
        let bracketed = if text.contains(':') {
            format!("[{text}]")
        } else {
            text
        };
        let read = match parse(&["-a", &bracketed], None) {
            Ok(Action::Serve(options)) => Some(options.address().to_canonical()),
            _ => None,
        };
        assert_eq!(read, expected.ok(), "{bracketed}");
        accepted += u32::from(read.is_some());
    }
    assert!(
        accepted > 1000,
        "only {accepted} of the texts were addresses"
    );
}

/// The address as the server has it.
fn mapped(address: SocketAddr) -> Ipv6Addr {
    match address.ip() {
        IpAddr::V4(ip) => ip.to_ipv6_mapped(),
        IpAddr::V6(ip) => ip,
    }
}

#[test]
fn addresses_are_written() {
    for text in [
        "127.0.0.1:80",
        "0.0.0.0:0",
        "10.200.255.1:65535",
        "[::]:3000",
        "[::1]:3000",
        "[1::]:1",
        "[1:2:3:4:5:6:7:8]:10",
        "[2001:db8::1:0:0:1]:100",
        "[2001:0:1::1]:1000",
        "[1:0:2:0:3:0:4:0]:9",
        "[abcd:ef01:2345:6789::f]:1",
        "[::1:0:0:1:2]:1",
        "[0:1::]:1",
    ] {
        let address: SocketAddr = text.parse().unwrap();
        let mut line = heapless::Vec::<u8, 64>::new();
        options::write_address(&mut line, mapped(address), address.port());
        assert_eq!(
            str::from_utf8(&line).unwrap(),
            address.to_string(),
            "{text}"
        );
    }
}

#[test]
fn numbers_are_written() {
    for number in [0, 1, 9, 10, 99, 100, 3000, 65535, 1_000_000_000, u32::MAX] {
        let mut line = heapless::Vec::<u8, 16>::new();
        options::write_number(&mut line, number);
        assert_eq!(str::from_utf8(&line).unwrap(), number.to_string());
    }
}
