//! A whole connection: the same octets, in one piece and in many, to a client that takes everything at once and to
//! one that does not, have the same answers, and those that the reference counts.
#![no_main]

#[path = "../oracle/reference.rs"]
#[allow(dead_code)]
mod reference;

#[path = "../oracle/coding.rs"]
mod coding;

mod site;

mod client;

mod answers;

use libfuzzer_sys::fuzz_target;
use std::cell::RefCell;

use vanillin::server::fuzzing::Stage;
use vanillin::{Buffer, Handler, HandlerError, Moment, Request, Response, Status};

use answers::Expected;
use client::Script;

/// A worker whose handler sees contents, and one for which they are thrown away.
struct House {
    router: Stage<Script>,
    function: Stage<Script>,
}

thread_local! {
    static HOUSE: RefCell<House> = RefCell::new(House {
        router: stage(Handler::Router(&site::SITE)),
        function: stage(Handler::function(echo)),
    });
}

fn stage(handler: Handler) -> Stage<Script> {
    Stage::new(handler, Script::default()).expect("memory")
}

fn echo<'a>(
    request: &Request<'a>,
    _: Moment,
    _: &'a mut Buffer,
) -> Result<Response<'a>, HandlerError> {
    Ok(Response::Written {
        status: Status::OK,
        content_type: "text/plain",
        content: request.content(),
    })
}

// The first octet says who answers and how many octets behind it are lengths of pieces and appetites.
fuzz_target!(|input: &[u8]| {
    let [manner, rest @ ..] = input else { return };
    let Some((lens, octets)) = rest.split_at_checked(usize::from(manner & 15)) else {
        return;
    };
    let wants_content = manner & 16 != 0;
    let expected = answers::expected(octets, wants_content);
    HOUSE.with_borrow_mut(|house| {
        let stage = match wants_content {
            true => &mut house.function,
            false => &mut house.router,
        };
        let whole = client::converse(stage, Script::whole(octets));
        let certain = answers::check(&whole, &expected, octets);
        let pieces = client::converse(stage, Script::cut(octets, lens));
        if expected.contains(&Expected::Undecided) || pieces == whole {
            return;
        }
        let (before, last) = pieces.split_at(certain.min(pieces.len()));
        let refuses = matches!(expected.last(), Some(Expected::Refusal { .. }));
        assert!(
            // What is wrong with a head is seen before it doubles; where the client ends before, it is unfinished.
            before == &whole[..certain] && refuses && answers::is_cut_off(last),
            "in pieces {lens:?}: {} instead of {} to {}",
            pieces.escape_ascii(),
            whole.escape_ascii(),
            octets.escape_ascii()
        );
    });
});
