//! Answers every request with its own content. Built as the shipped binary is.
#![no_std]
#![no_main]

#[path = "../../src/rt/mod.rs"]
mod rt;

#[path = "../../src/main/options.rs"]
mod options;

#[path = "../../src/main/program.rs"]
mod program;

use vanillin::{Buffer, Handler, HandlerError, Moment, Request, Response, Status};

fn main(arguments: rt::Arguments, environment: rt::Environment) -> u8 {
    program::run(Handler::function(echo), arguments, environment)
}

/// `/error` is refused, `/reverse` is written into the buffer, anything else comes back as it is.
fn echo<'a>(
    request: &Request<'a>,
    _: Moment,
    buffer: &'a mut Buffer,
) -> Result<Response<'a>, HandlerError> {
    let content = match request.path {
        b"/error" => return Err(HandlerError("asked for an error")),
        b"/reverse" => {
            for octet in request.content().iter().rev() {
                buffer
                    .push(*octet)
                    .map_err(|_| HandlerError("content too long"))?;
            }
            buffer
        }
        _ => request.content(),
    };
    Ok(Response::Written {
        status: Status::OK,
        content_type: "application/octet-stream",
        content,
    })
}
