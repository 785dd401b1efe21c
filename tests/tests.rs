//! Black-box tests of the ELF that ships: bytes in, bytes out.
//!
//! Invariant: no test knows the inside of the server. `VANILLIN_ELF`, `VANILLIN_ECHO` and `VANILLIN_TESTBED` name
//! other binaries than those that Cargo has built, such as the one in `dist/`.

// What every test stands on: server, wire, strict reader, table.
mod support;

// The rules of the house that a machine can check.
mod tidy;

// The ELF as the only file of an image.
mod container;

// The harness itself, against a mock with faults.
mod harness;

// The request line: method, target, version and what parts them.
mod request_line;

// The four forms of a target, its octets, and its look-up in normal form.
mod targets;

// Host: one, and valid.
mod hosts;

// Field names, values and line ends.
mod fields;

// An octet at every place of parts of every length.
mod places;

// Content-Length and Transfer-Encoding, and what both together mean.
mod bodies;

// Chunk sizes, extensions, terminators and trailers.
mod chunked;

// Expect: 100-continue and others.
mod expectations;

// Every bound at N-1, N and N+1, and what never ends.
mod bounds;

// Who keeps a connection and who closes it.
mod connections;

// Many requests at once, and clients that do not read.
mod pipelines;

// The same request again and again.
mod repetition;

// GET, HEAD, OPTIONS, and every other method.
mod methods;

// Entity tags and dates.
mod conditions;

// Parts of representations.
mod ranges;

// Content codings and the client's preference.
mod negotiation;

// What routes declare, and the built-in site.
mod routes;

// The command line, in and out.
mod command_line;

// How the server starts, and what it says when it cannot.
mod starting;

// The library in an ordinary program.
mod embedded;

// SIGTERM and its kin, PID 1 included.
mod signals;

// Bad routes and the compiler; ten thousand good ones.
mod building;

// The parser against a reference of its grammar, at a guard page.
mod oracle;

// Clients that vanish, fall silent, or come in thousands.
mod faults;

// Clients that are slow on purpose.
mod slow;

// Good clients among others.
mod mixed;

// Memory, wake-ups and CPU.
mod resources;

// System calls per request, under strace.
mod syscalls;

// System calls that fail.
mod injected;

// Streams that chance has changed, whole and in segments.
mod mutations;

// curl in earnest.
mod browsing;

// No files, no rights, no descriptors, nobody who listens.
mod environment;

// What the server gives up before it serves.
mod confinement;

// What a client is given, and what happens then.
mod deadlines;

// Leaving without anybody noticing.
mod draining;
