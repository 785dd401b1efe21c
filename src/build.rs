//! Link arguments of the freestanding binaries. Test binaries have a libc and are not concerned.

/// No C run-time, no libraries, no loader; then what a server has no use for.
pub const ARGUMENTS: [&str; 8] = [
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
pub const LAYOUT: &str = "src/rt/layout.ld";

/// Bodies of the test binary, and their lengths: those around what is copied, and large ones.
const PATTERNS: [(&str, usize); 7] = [
    ("4095", 4095),
    ("4096", 4096),
    ("4097", 4097),
    ("10k", 10 << 10),
    ("100k", 100 << 10),
    ("1m", 1 << 20),
    ("4m", 4 << 20),
];

fn main() -> std::io::Result<()> {
    write_patterns()?;
    println!("cargo::rerun-if-changed=src/build.rs");
    println!("cargo::rerun-if-changed={LAYOUT}");
    let root = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    for binary in ["vanillin", "echo", "testbed"] {
        for argument in ARGUMENTS {
            println!("cargo::rustc-link-arg-bin={binary}={argument}");
        }
        println!("cargo::rustc-link-arg-bin={binary}=-T{root}/{LAYOUT}");
    }
    Ok(())
}

/// Each line of a pattern is the offset of its first octet.
fn write_patterns() -> std::io::Result<()> {
    let folder = std::path::PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default());
    for (name, len) in PATTERNS {
        let mut octets: Vec<u8> = (0..len.div_ceil(8))
            .flat_map(|line| format!("{:07x}\n", line * 8).into_bytes())
            .collect();
        octets.truncate(len);
        std::fs::write(folder.join(name), octets)?;
    }
    Ok(())
}
