//! The parser against the reference: whatever octets there are, both say the same of them, at the same octet.
//!
//! Invariant: every octet that the parser reads lies right before a page that nobody may read.

mod guard;

mod reference;

mod coding;

mod parser;

mod mutation;

mod heads;

mod bodies;

mod httparse;
