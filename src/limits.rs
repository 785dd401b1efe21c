//! Every bound of the system, as a named constant; relations between them are asserted here.
//!
//! Invariant: this room imports nothing. A bound that appears elsewhere as a literal is a fault.

/// Octets of one read chunk: requests are read in whole multiples of it.
pub const READ_CHUNK: usize = 140;

/// Chunks of a worker's desk, the contiguous buffer that requests are received into and parsed on.
pub const DESK_CHUNKS: usize = 235;

/// Octets of a worker's desk. A request with content that a handler sees lies on it whole.
pub const DESK_LEN: usize = DESK_CHUNKS * READ_CHUNK;

/// Octets of a worker's desk with room in front for an outbox that was parked, and behind for the parser to look at.
pub const DESK_ROOM: usize = OUTBOX_LEN + DESK_LEN + READ_CHUNK;

/// Octets of the longest request that a worker knows by heart.
pub const MEMO_LEN: usize = 1024;

/// Octets of a request's head: request line, field lines and the empty line. More is 431.
pub const REQUEST_HEAD_MAX: usize = 117 * READ_CHUNK;

/// Octets of a request-target. More is 414. RFC 9112 section 3 recommends at least 8000.
pub const TARGET_MAX: usize = 8000;

/// Octets of a method token. More is 400.
pub const METHOD_MAX: usize = 32;

/// Octets of content that a handler is offered. More is 413. One chunk of the desk is left, so that there is
/// always room to read the end of a chunked content into.
pub const CONTENT_MAX: usize = DESK_LEN - REQUEST_HEAD_MAX - READ_CHUNK;

/// Octets of content that are read and thrown away where nobody wants them. More is 413.
pub const CONTENT_DISCARD_MAX: u64 = 1024 * 1024;

/// Hexadecimal digits of one chunk-size, leading zeros included. More is 400.
pub const CHUNK_SIZE_DIGITS_MAX: u32 = 15;

/// Octets of all chunk extensions of one request together. More is 400.
pub const CHUNK_EXTENSIONS_MAX: usize = 1024;

/// Octets of the trailer section. More is 431.
pub const TRAILERS_MAX: usize = 4096;

/// Times one connection is read in a row before the others have their turn.
pub const READS_MAX: u32 = 4;

/// Octets a worker gathers before it sends. A larger body is sent from where it lies.
pub const OUTBOX_LEN: usize = 32_000;

/// Field lines that a route declares of its own. More fail the build.
pub const ROUTE_FIELDS_MAX: usize = 12;

/// Octets of the Content-Type of what a handler has written. More is 500.
pub const CONTENT_TYPE_MAX: usize = 256;

/// Octets of the head of a constant response. More fails the build.
pub const RESPONSE_HEAD_MAX: usize = 4096;

/// Octets of the largest body that is copied into the outbox behind its head.
pub const BODY_COPY_MAX: usize = 4096;

/// Octets of the longest response that is copied whole into the outbox.
pub const RESPONSE_COPY_MAX: usize = 21_000;

/// Octets of a body that are given to the kernel at a time. What it copies in one go has to lie in the processor's caches still
/// when it passes it on: 1 MiB at once leaves a third slower.
pub const SEND_MAX: usize = 192 * 1024;

/// Octets of the smallest rest of a body that is sent with `MSG_ZEROCOPY`.
pub const ZEROCOPY_MIN: usize = 2 * 1024 * 1024;

/// Octets that the kernel takes of a response beyond what it may send just now. A client that reads nothing would else
/// hold megabytes of its memory, of which it has as little as a few thousand such clients can hold.
pub const UNSENT_MAX: u32 = 64 * 1024;

/// Events taken from the kernel by one wait.
pub const EVENTS_MAX: usize = 1024;

/// Connections of one worker.
pub const CONNECTIONS_MAX: usize = 16 * 1024;

/// Chunks in one worker's pool, for requests that are incomplete and answers not taken yet.
pub const CHUNKS_MAX: usize = 8 * 1024;

/// Connections on their way from the acceptor to one worker.
pub const ARRIVALS_MAX: usize = 64;

/// Workers of one server.
pub const WORKERS_MAX: usize = 64;

/// Octets of a worker's stack.
pub const STACK_LEN: usize = 128 * 1024;

/// Connections the kernel keeps waiting for us, unless the operator says otherwise.
pub const BACKLOG: u32 = 1024;

/// The port that is listened on, unless the operator says otherwise.
pub const PORT: u16 = 3000;

/// Seconds from a connection's first octet of a head to the head's last, and from accept to the first request.
pub const HEAD_SECONDS: u32 = 10;

/// Seconds from a request's head to the last octet of its content.
pub const CONTENT_SECONDS: u32 = 30;

/// Seconds that a connection may be idle between two requests.
pub const IDLE_SECONDS: u32 = 60;

/// Seconds that a response may wait for the client to take another octet. That shows once half of `UNSENT_MAX` is gone,
/// or more where the client's kernel opens its window in larger steps: who takes less in this time is late too.
pub const PROGRESS_SECONDS: u32 = 20;

/// Octets a second that a client has to take of a response, once `PROGRESS_SECONDS` have passed.
pub const RESPONSE_RATE_MIN: u64 = 512;

/// Seconds that a connection is drained after an error response, so that the client can read it.
pub const LINGER_SECONDS: u32 = 2;

/// Octets that are drained after an error response.
pub const LINGER_MAX: u32 = 256 * 1024;

/// Seconds that requests in flight are given once the server stops.
pub const STOP_SECONDS: u32 = 10;

/// Milliseconds that an idle connection is left open once the server stops, for a request that is on its way.
pub const STOP_IDLE_MS: u32 = 50;

/// Milliseconds after which the acceptor tries again where it cannot accept for want of a descriptor.
pub const ACCEPT_RETRY_MS: i32 = 50;

/// Milliseconds after which the acceptor tries again where the queues of all workers are full.
pub const HANDOVER_RETRY_MS: i32 = 1;

/// Connections accepted in a row before signals have their turn.
pub const ACCEPTS_MAX: u32 = 256;

const _: () = assert!(
    DESK_LEN.is_multiple_of(READ_CHUNK),
    "the desk is whole chunks"
);
const _: () = assert!(
    REQUEST_HEAD_MAX + CONTENT_MAX + READ_CHUNK == DESK_LEN,
    "a request that is offered to a handler fits the desk"
);
const _: () = assert!(
    TARGET_MAX + METHOD_MAX + 64 < REQUEST_HEAD_MAX,
    "the longest request line leaves room for Host"
);
const _: () = assert!(
    DESK_ROOM <= u16::MAX as usize,
    "offsets on the desk fit 16 bits"
);
const _: () = assert!(
    CHUNKS_MAX < u16::MAX as usize,
    "a chunk's number fits 16 bits and leaves one that means none"
);
const _: () = assert!(
    CHUNKS_MAX * READ_CHUNK > 16 * (DESK_LEN + OUTBOX_LEN),
    "the pool holds what many connections can leave behind"
);
const _: () = assert!(
    2 * RESPONSE_HEAD_MAX + BODY_COPY_MAX < RESPONSE_COPY_MAX
        && CONTENT_MAX + RESPONSE_HEAD_MAX < RESPONSE_COPY_MAX
        && 3 * RESPONSE_COPY_MAX / 2 < OUTBOX_LEN,
    "any response that is copied fits the outbox behind a few others"
);
