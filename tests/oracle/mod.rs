//! The pure rooms against references of their own: whatever octets there are, both say the same of them, the parser at
//! the same octet.
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

mod lookups;
