//! What the parser says, in the words of the reference.

use vanillin::limits::TARGET_MAX;
use vanillin::request::{self, Method, Parsed, Plain, TARGET_AT};
pub(crate) use vanillin::server::Fast;

use super::reference::{Framing, Head, Verdict};

/// The registry of methods: what is known by its name, and what is merely registered.
fn method(token: &[u8]) -> Method {
    const REGISTERED: &str = "ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT COPY LABEL LINK LOCK MERGE MKACTIVITY \
        MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE ORDERPATCH PRI PROPFIND PROPPATCH QUERY REBIND REPORT SEARCH \
        UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE UPDATEREDIRECTREF VERSION-CONTROL";
    match token {
        b"GET" => Method::Get,
        b"HEAD" => Method::Head,
        b"OPTIONS" => Method::Options,
        b"TRACE" => Method::Trace,
        b"CONNECT" => Method::Connect,
        b"POST" => Method::Post,
        b"PUT" => Method::Put,
        b"DELETE" => Method::Delete,
        b"PATCH" => Method::Patch,
        _ if REGISTERED.split(' ').any(|name| name.as_bytes() == token) => Method::Registered,
        _ => Method::Unknown,
    }
}

/// What the parser says, in the words of the reference.
pub(crate) fn said(parsed: &Parsed<'_>) -> (Verdict, usize) {
    let head = match parsed {
        Parsed::Incomplete => return (Verdict::Incomplete, 0),
        Parsed::Refused(refusal) => return (Verdict::Refused(refusal.code()), 0),
        Parsed::Head(head) => head,
    };
    let request = head.request;
    assert_eq!(request.method, method(request.method_token()));
    let fields = request.fields().iter();
    let said = Head {
        method: request.method_token().to_vec(),
        target: request.target().to_vec(),
        path: request.path.to_vec(),
        fields: fields
            .map(|(name, value)| {
                let name = String::from_utf8_lossy(name).to_ascii_lowercase();
                (name, value.to_vec())
            })
            .collect(),
        minor: request.minor,
        framing: match head.framing {
            request::Framing::None => Framing::None,
            request::Framing::Length(len) => Framing::Length(len),
            request::Framing::Chunked => Framing::Chunked,
        },
        is_persistent: head.is_persistent,
        asks_to_keep_alive: request.seen.asks_to_keep_alive(),
        is_conditional: request.seen.is_conditional(),
        expects: head.expects,
    };
    (Verdict::Head(Box::new(said)), head.len)
}

/// Whether a route can have this target.
fn is_declarable(target: &[u8]) -> bool {
    let mut normal = heapless::Vec::new();
    let of_a_path =
        |octet: &u8| octet.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@%".contains(octet);
    target.iter().all(of_a_path)
        && target.len() <= TARGET_MAX
        && request::normalise(target, &mut normal) == Ok(())
        && target == normal
}

/// Holds what is said of a plain request with the target of a route against what is said of any, whatever lies behind
/// its octets.
pub(crate) fn check_plain(octets: &[u8]) {
    let end = u32::try_from(octets.len()).expect("no such head");
    let plain = request::plain::<Fast>(octets, 0, end);
    assert_eq!(plain, request::plain::<Plain>(octets, 0, end));
    let behind = [octets, b"\r\nHost: a\r\n\r\n: \0 aaaaaaaaaaaaaaaaaaaaa"].concat();
    let with_more = request::plain::<Fast>(&behind, 0, end);
    assert!(
        plain.is_none() || with_more == plain,
        "{}",
        octets.escape_ascii()
    );
    let Some((end, target_end)) = with_more else {
        return;
    };
    let target = &octets[TARGET_AT as usize..target_end as usize];
    if !is_declarable(target) {
        return;
    }
    let Parsed::Head(head) = request::parse::<Plain>(octets) else {
        panic!("no head: {}", octets.escape_ascii());
    };
    let request = head.request;
    assert_eq!((target, target), (request.target(), request.path));
    assert_eq!((request.method, request.minor), (Method::Get, 1));
    assert_eq!(
        (head.len, head.framing),
        (end.get() as usize, request::Framing::None)
    );
    assert!(head.is_persistent && !head.expects && !request.seen.is_conditional());
}
