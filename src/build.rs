//! Link arguments of the freestanding binaries. Test binaries have a libc and are not concerned.

/// No C run-time, no libraries, no loader; then what a server has no use for.
const ARGUMENTS: [&str; 8] = [
    "-nostartfiles",
    "-nostdlib",
    "-static",
    "-no-pie",
    "-Wl,--build-id=none",
    "-Wl,--no-eh-frame-hdr",
    "-Wl,-z,norelro",
    "-Wl,-z,max-page-size=4096",
];

/// Where everything lies in the ELF.
const LAYOUT: &str = "src/rt/layout.ld";

fn main() {
    println!("cargo::rerun-if-changed=src/build.rs");
    println!("cargo::rerun-if-changed={LAYOUT}");
    let root = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    for binary in ["vanillin", "echo"] {
        for argument in ARGUMENTS {
            println!("cargo::rustc-link-arg-bin={binary}={argument}");
        }
        println!("cargo::rustc-link-arg-bin={binary}=-T{root}/{LAYOUT}");
    }
}
