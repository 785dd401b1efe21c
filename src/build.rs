//! Link arguments of the freestanding binaries.

fn main() {
    println!("cargo::rerun-if-changed=src/build.rs");
}
