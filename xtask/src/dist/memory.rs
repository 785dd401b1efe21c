//! The most memory that the server can come to use, from the constants that it is built with.

use object::LittleEndian;
use object::elf::PT_LOAD;
use object::read::elf::ProgramHeader;
use vanillin::limits;

use crate::elf::Elf;

/// Octets of one connection's state, of one chunk with its link, and of one event.
const CONNECTION_LEN: usize = 64;
const CHUNK_LEN: usize = limits::READ_CHUNK + 4;
const EVENT_LEN: usize = 12;
const ARRIVAL_LEN: usize = 4;

/// The shares of one worker's memory.
const SHARES: [(&str, usize); 10] = [
    ("connections", limits::CONNECTIONS_MAX * CONNECTION_LEN),
    ("chunks", limits::CHUNKS_MAX * CHUNK_LEN),
    ("desk", limits::DESK_ROOM),
    ("outbox", limits::OUTBOX_LEN),
    ("memo", limits::MEMO_LEN),
    ("path", limits::TARGET_MAX),
    ("content of a handler", limits::CONTENT_MAX),
    ("events", limits::EVENTS_MAX * EVENT_LEN),
    ("arrivals", limits::ARRIVALS_MAX * ARRIVAL_LEN),
    ("stack", limits::STACK_LEN),
];

/// Prints the worst case in bytes: workers x everything, and the ELF itself.
pub(super) fn print(elf: &Elf<'_>) {
    let loaded = elf.segments().iter();
    let loaded = loaded.filter(|segment| segment.p_type(LittleEndian) == PT_LOAD);
    let image: u64 = loaded.map(|segment| segment.p_memsz(LittleEndian)).sum();
    let worker: usize = SHARES.iter().map(|share| share.1).sum();
    println!("\nmemory in the worst case, every page touched:");
    for (what, len) in SHARES {
        println!("{len:>12} bytes  {what} of one worker");
    }
    println!("{image:>12} bytes  image of the ELF");
    for workers in [1, 2, limits::WORKERS_MAX] {
        let all = image + (worker * workers) as u64;
        println!(
            "{all:>12} bytes  with {workers} worker{}",
            if workers == 1 { "" } else { "s" }
        );
    }
}
