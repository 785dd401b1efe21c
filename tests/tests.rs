//! Black-box tests of the ELF that ships.
