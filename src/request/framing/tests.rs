//! What requests with all kinds of field lines come to.

use std::format;
use std::string::String;

use crate::request::{Framing, Parsed, Plain, Refusal, parse};

type Outcome = Result<(Framing, bool, bool), Refusal>;

/// Framing, whether the connection stays open and whether the client waits, by the values of all lines of a field.
fn outcome(minor: u8, field: &str, values: &[&str], others: &str) -> Outcome {
    let lines = values.iter().map(|value| format!("{field}:{value}\r\n"));
    let lines: String = lines.collect();
    let head = format!("GET / HTTP/1.{minor}\r\nHost: a\r\n{others}{lines}\r\n");
    match parse::<Plain>(head.as_bytes()) {
        Parsed::Head(head) => Ok((head.framing, head.is_persistent, head.expects)),
        Parsed::Refused(refusal) => Err(refusal),
        Parsed::Incomplete => panic!("{head} is incomplete"),
    }
}

#[test]
fn lengths() {
    let table: [(&str, Option<Framing>); 15] = [
        ("0", Some(Framing::None)),
        ("00", Some(Framing::None)),
        ("10", Some(Framing::Length(10))),
        (" \t10\t ", Some(Framing::Length(10))),
        ("18446744073709551614", Some(Framing::Length(u64::MAX - 1))),
        ("18446744073709551615", None),
        ("18446744073709551616", None),
        ("", None),
        ("-1", None),
        ("+1", None),
        ("1 0", None),
        ("1,1", None),
        ("1, 1", None),
        ("0x1", None),
        ("1.0", None),
    ];
    for (value, framing) in table {
        let expected = framing.map(|framing| (framing, true, false));
        let found = outcome(1, "content-length", &[value], "");
        assert_eq!(found, expected.ok_or(Refusal::BadRequest), "{value}");
    }
    let twice = outcome(1, "content-length", &["1", "1"], "");
    assert_eq!(twice, Err(Refusal::BadRequest));
}

#[test]
fn codings() {
    let chunked = Ok((Framing::Chunked, true, false));
    let bad = Err(Refusal::BadRequest);
    let unknown = Err(Refusal::NotImplemented);
    let table: &[(&[&str], Outcome)] = &[
        (&[], Ok((Framing::None, true, false))),
        (&["chunked"], chunked),
        (&["CHUNKED"], chunked),
        (&["\tChunked "], chunked),
        (&[""], bad),
        (&[","], bad),
        (&["chunked,"], bad),
        (&[",chunked"], bad),
        (&["chunked", ""], bad),
        (&["", "chunked"], bad),
        (&["", "gzip"], bad),
        (&["gzip", ""], bad),
        (&["chunked, chunked"], bad),
        (&["chunked", "chunked"], bad),
        (&["chunked, gzip"], bad),
        (&["chunked, gzip, gzip"], bad),
        (&["chunked", "identity"], bad),
        (&["chunked", "close"], bad),
        (&["gzip, chunked, chunked"], bad),
        (&["chunked;a=b"], bad),
        (&["chunked ; a"], bad),
        (&["chunked;"], bad),
        (&["gzip, chunked;a"], bad),
        (&["gzip,, chunked"], bad),
        (&[";a"], bad),
        (&["gzip, ;a"], bad),
        (&["gzip a"], bad),
        (&["\"chunked\""], bad),
        (&["chunked chunked"], bad),
        (&["chun ked"], bad),
        (&["=chunked"], bad),
        (&["gzip"], unknown),
        (&["identity"], unknown),
        (&["xchunked"], unknown),
        (&["chunked-not"], unknown),
        (&["close"], unknown),
        (&["100-continue"], unknown),
        (&["gzip;a"], unknown),
        (&["gzip \t; a"], unknown),
        (&["close;a, chunked"], unknown),
        (&["gzip, chunked"], unknown),
        (&["gzip", "chunked"], unknown),
        (&["gzip;level=\"a,chunked\", chunked"], unknown),
    ];
    for (values, expected) in table {
        let found = outcome(1, "Transfer-Encoding", values, "");
        assert_eq!(found, *expected, "{values:?}");
    }
    for (minor, others) in [
        (0, ""),
        (1, "content-length: 1\r\n"),
        (1, "content-length: a\r\n"),
    ] {
        for values in [["chunked"], ["gzip"], [""]] {
            let found = outcome(minor, "transfer-encoding", &values, others);
            assert_eq!(found, bad, "{minor} {values:?} {others:?}");
        }
    }
}

#[test]
fn expectations() {
    let table: [(&[&str], Option<bool>); 15] = [
        (&[], Some(false)),
        (&[""], Some(false)),
        (&[" , ,"], Some(false)),
        (&["100-continue"], Some(true)),
        (&["100-Continue , "], Some(true)),
        (&["100-continue", "100-continue"], Some(true)),
        (&["100-continue;a"], None),
        (&["100-continue=1"], None),
        (&["100-continue, more"], None),
        (&["more", "100-continue"], None),
        (&["200-ok"], None),
        (&["close"], None),
        (&["chunked"], None),
        (&["chunked, 100-continue"], None),
        (&["a=\",100-continue\""], None),
    ];
    for (values, expected) in table {
        let length = "content-length: 1\r\n";
        let expects = expected.ok_or(Refusal::ExpectationFailed);
        let found = outcome(1, "expect", values, length);
        let framing = Framing::Length(1);
        assert_eq!(
            found,
            expects.map(|expects| (framing, true, expects)),
            "{values:?}"
        );
        // Nothing is waited for where there is no content, and nothing at all in HTTP/1.0.
        let found = outcome(1, "expect", values, "");
        assert_eq!(
            found,
            expects.map(|_| (Framing::None, true, false)),
            "{values:?}"
        );
        let found = outcome(0, "expect", values, length);
        assert_eq!(found, Ok((framing, false, false)), "{values:?}");
        // What is wrong with the length is found first.
        let found = outcome(1, "expect", values, "content-length: a\r\n");
        assert_eq!(found, Err(Refusal::BadRequest), "{values:?}");
    }
}

#[test]
fn options() {
    let table: [(&[&str], bool, bool); 19] = [
        (&[], false, false),
        (&[""], false, false),
        (&["close"], true, false),
        (&[" keep-alive"], false, true),
        (&["keep-alive"], false, true),
        (&["Keep-Alive"], false, true),
        (&["CLOSE, upgrade ,keep-alive"], true, true),
        (&[" ,, close,"], true, false),
        (&["keep-alive", "close"], true, true),
        (&[" keep-alive", " close"], true, true),
        (&[" close", " keep-alive"], true, true),
        (&["te\t,\tclose\t"], true, false),
        (&["chunked, close"], true, false),
        (&["closed"], false, false),
        (&["clos"], false, false),
        (&["not close"], false, false),
        (&["close;a"], false, false),
        (&["\"close\""], false, false),
        (&["close=1, keep_alive"], false, false),
    ];
    for (values, close, keep_alive) in table {
        let found = outcome(1, "connection", values, "");
        assert_eq!(found, Ok((Framing::None, !close, false)), "{values:?}");
        let found = outcome(0, "connection", values, "");
        let stays = keep_alive && !close;
        assert_eq!(found, Ok((Framing::None, stays, false)), "{values:?}");
    }
}
