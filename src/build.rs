//! Link arguments of the freestanding binaries. Test binaries have a libc and are not concerned.

/// No C run-time, no libraries, no loader; then what a server has no use for.
const ARGUMENTS: [&str; 7] = [
    "-nostartfiles",
    "-nostdlib",
    "-static",
    "-no-pie",
    "-Wl,--build-id=none",
    "-Wl,--no-eh-frame-hdr",
    "-Wl,-z,noseparate-code",
];

fn main() {
    println!("cargo::rerun-if-changed=src/build.rs");
    for binary in ["vanillin", "echo"] {
        for argument in ARGUMENTS {
            println!("cargo::rustc-link-arg-bin={binary}={argument}");
        }
    }
}
