//! What fails the build, and ten thousand routes that do not: crates are generated, and the compiler is asked.
//!
//! Invariant: a message is looked at for the route that it names, never for where the compiler found it.

use std::env;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use vanillin::limits;

/// Seconds of CPU time that the compiler may take for anything here. Ten thousand routes take it a minute.
const CPU_SECONDS_MAX: u32 = 180;

/// Routes in a table of their own, and what the build says of them.
const FAILURES: &[(&str, &str)] = &[
    // What a target is.
    (
        r#"Route::text("/twice", "a"), Route::text("/once", "b"), Route::text("/twice", "c")"#,
        r#"route "/twice": is declared twice"#,
    ),
    (
        r#"Route::text("relative", "a")"#,
        r#"route "relative": does not begin with /"#,
    ),
    (
        r#"Route::text("", "a")"#,
        r#"route "": does not begin with /"#,
    ),
    (
        r#"Route::text("/spa ce", "a")"#,
        r#"route "/spa ce": has an octet that does not belong"#,
    ),
    (
        r#"Route::text("/query?a=b", "a")"#,
        r#"route "/query?a=b": has an octet that does not belong"#,
    ),
    (
        r#"Route::text("/fragment#a", "a")"#,
        r#"route "/fragment#a": has an octet that does not belong"#,
    ),
    (
        r#"Route::text("/caf\u{e9}", "a")"#,
        "route \"/caf\u{e9}\": has an octet that does not belong",
    ),
    (
        r#"Route::text("/line\nfeed", "a")"#,
        "has an octet that does not belong",
    ),
    // What can never be reached, since no look-up is for it.
    (
        r#"Route::text("/dots/../a", "a")"#,
        r#"route "/dots/../a": has a segment . or .."#,
    ),
    (
        r#"Route::text("/dot/.", "a")"#,
        r#"route "/dot/.": has a segment . or .."#,
    ),
    (
        r#"Route::text("/lower%c3", "a")"#,
        r#"route "/lower%c3": has a % without two upper-case hexadecimal digits"#,
    ),
    (
        r#"Route::text("/percent%2", "a")"#,
        r#"route "/percent%2": has a % without two"#,
    ),
    (
        r#"Route::text("/tilde%7E", "a")"#,
        r#"route "/tilde%7E": percent-encodes a letter"#,
    ),
    (
        r#"Route::error(Status::NOT_FOUND, TEXT, b"a"), Route::error(Status::NOT_FOUND, TEXT, b"b")"#,
        r#"route "Not Found": has two error pages"#,
    ),
    (
        r#"Route::fallback(Status::OK, TEXT, b"a"), Route::fallback(Status::OK, TEXT, b"b")"#,
        r#"route "(fallback)": is declared twice"#,
    ),
    (
        r#"Route::fallback(Status::NOT_FOUND, TEXT, b"a"), Route::error(Status::NOT_FOUND, TEXT, b"b")"#,
        r#"route "Not Found": can never be reached: there is a fallback"#,
    ),
    (
        r#"Route::error(Status::GONE, TEXT, b"a")"#,
        r#"route "Gone": can never be reached"#,
    ),
    (
        r#"Route::error(Status::RANGE_NOT_SATISFIABLE, TEXT, b"a")"#,
        r#"route "Range Not Satisfiable": can never be reached"#,
    ),
    // Field lines.
    (
        r#"Route::text("/name", "a").field("Not A Token", "b")"#,
        r#"route "/name": a field name is not a token"#,
    ),
    (
        r#"Route::text("/nameless", "a").field("", "b")"#,
        r#"route "/nameless": a field name is empty"#,
    ),
    (
        r#"Route::text("/colon", "a").field("X:", "b")"#,
        r#"route "/colon": a field name is not a token"#,
    ),
    (
        r#"Route::text("/cr", "a").field("X", "b\rc")"#,
        r#"route "/cr": a field value has a control octet"#,
    ),
    (
        r#"Route::text("/lf", "a").field("X", "b\nc")"#,
        r#"route "/lf": a field value has a control octet"#,
    ),
    (
        r#"Route::text("/nul", "a").field("X", "b\0c")"#,
        r#"route "/nul": a field value has a control octet"#,
    ),
    (
        r#"Route::new("/type", "text/plain\r\nX: y", b"a")"#,
        r#"route "/type": a field value has a control octet"#,
    ),
    (
        r#"Route::text("/cache", "a").cache_control("no-store\r\n")"#,
        r#"route "/cache": a field value has a control octet"#,
    ),
    (
        r#"Route::redirect("/split", Status::FOUND, "/\r\nX: y")"#,
        r#"route "/split": a field value has a control octet"#,
    ),
    (
        r#"Route::text("/blank", "a").field("X", " b")"#,
        r#"route "/blank": a field value has white space around it"#,
    ),
    (
        r#"Route::text("/length", "a").field("Content-Length", "1")"#,
        r#"route "/length": a field of its own repeats one that the server renders"#,
    ),
    (
        r#"Route::text("/length-in-lower-case", "a").field("content-length", "1")"#,
        r#"route "/length-in-lower-case": a field of its own repeats one"#,
    ),
    (
        r#"Route::text("/coding", "a").field("Transfer-Encoding", "chunked")"#,
        r#"route "/coding": a field of its own repeats one"#,
    ),
    (
        r#"Route::text("/repeated", "a").field("X", "a").field("x", "b")"#,
        r#"route "/repeated": a field name appears twice"#,
    ),
    // Statuses and contents.
    (
        r#"Route::text("/204", "a").status(Status::NO_CONTENT)"#,
        r#"route "/204": 204, 205 and 304 have no content"#,
    ),
    (
        r#"Route::text("/304", "a").status(Status::NOT_MODIFIED)"#,
        r#"route "/304": 204, 205 and 304 have no content"#,
    ),
    (
        r#"Route::text("/205", "a").status(Status::new(205))"#,
        r#"route "/205": 204, 205 and 304 have no content"#,
    ),
    (
        r#"Route::text("/206", "a").status(Status::PARTIAL_CONTENT)"#,
        r#"route "/206": 206 is a part"#,
    ),
    (
        r#"Route::text("/401", "a").status(Status::UNAUTHORIZED)"#,
        r#"route "/401": 401 needs a WWW-Authenticate"#,
    ),
    (
        r#"Route::redirect("/no-redirect", Status::OK, "/")"#,
        r#"route "/no-redirect": content needs a Content-Type"#,
    ),
    (
        r#"Route::text("/nowhere", "a").status(Status::FOUND)"#,
        r#"route "/nowhere": a redirect needs a Location"#,
    ),
    (
        r#"Route::redirect("/emptiness", Status::SEE_OTHER, "")"#,
        r#"route "/emptiness": a redirect needs a Location"#,
    ),
    (
        r#"Route::new("/typeless", "", b"a")"#,
        r#"route "/typeless": content needs a Content-Type"#,
    ),
    (
        r#"Route::text("/both", "a").encoded(Coding::Gzip, b"b").encoded(Coding::Gzip, b"c")"#,
        r#"route "/both": has two representations of one content coding"#,
    ),
    (
        r#"Route::text("/forms", "a").encoded(Coding::Gzip, b"b").status(Status::GONE)"#,
        r#"route "/forms": only a response of status 200 has representations"#,
    ),
    (
        r#"Route::text("/tag", "a").tag("unquoted")"#,
        r#"route "/tag": an entity tag is no strong one"#,
    ),
    (
        r#"Route::text("/tag-in-two", "a").tag("\"a\r\nX: y\"")"#,
        r#"route "/tag-in-two": an entity tag is no strong one"#,
    ),
    (
        r#"Route::text("/weak", "a").tag("W/\"a\"")"#,
        r#"route "/weak": an entity tag is no strong one"#,
    ),
    (
        r#"Route::text("/shared", "a").tag("\"a\"").encoded(Coding::Gzip, b"b").tag("\"a\"")"#,
        r#"route "/shared": two representations have one entity tag"#,
    ),
];

/// The beginning of a generated program.
const PROLOGUE: &str = "//! Generated.\n#![allow(dead_code, unused_imports)]\n\
     use vanillin::{Coding, Route, Router, Status, routes};\n\
     const TEXT: &str = \"text/plain\";\n";

/// The head of a route whose own field has so many octets that it is as long as it may be.
const LONGEST_HEAD: &str = "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nETag: \"0123456789abcdef\"\r\n\
     Cache-Control: no-cache\r\nContent-Type: text/plain; charset=utf-8\r\nAccept-Ranges: bytes\r\nX: \r\n\
     Content-Length: 1\r\n\r\n";

/// A route at each bound of `limits`, or with so many octets or field lines more; and what the build says where it is
/// beyond it.
fn around_bounds(more: isize) -> [(String, &'static str); 4] {
    let to = |bound: usize| bound.checked_add_signed(more).expect("a length");
    let pad = |len| "a".repeat(len);
    let fields = (0..to(limits::ROUTE_FIELDS_MAX)).map(|at| format!(r#".field("X-{at}", "a")"#));
    let value = pad(to(limits::RESPONSE_HEAD_MAX) - LONGEST_HEAD.len());
    [
        (
            format!(
                r#"Route::text("/{}", "a")"#,
                pad(to(limits::TARGET_MAX) - 1)
            ),
            "a target longer than TARGET_MAX can never be reached",
        ),
        (
            format!(r#"Route::text("/many", "a"){}"#, fields.collect::<String>()),
            r#"route "/many": has more than ROUTE_FIELDS_MAX field lines of its own"#,
        ),
        (
            format!(r#"Route::text("/head", "a").field("X", "{value}")"#),
            r#"route "/head": has more field lines than RESPONSE_HEAD_MAX octets"#,
        ),
        (
            format!(
                r#"Route::text("/drained", "a").drained("{}")"#,
                pad(to(limits::BODY_COPY_MAX))
            ),
            r#"route "/drained": the text of a drained server is longer than BODY_COPY_MAX"#,
        ),
    ]
}

/// Makes a crate of one source file that depends on this one.
fn generate(name: &str, source: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).expect("a folder");
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = format!(
        "[package]\nname = \"{name}\"\nedition = \"2024\"\n[workspace]\n[[bin]]\nname = \"{name}\"\n\
         path = \"main.rs\"\n[dependencies]\nvanillin = {{ path = '{}' }}\n",
        here.display()
    );
    let write = |file: &str, text: &str| fs::write(folder.join(file), text).expect("a file");
    write("Cargo.toml", &manifest);
    write("main.rs", source);
    // The versions that everything else is built with: nothing is looked for on the net.
    fs::copy(here.join("Cargo.lock"), folder.join("Cargo.lock")).expect("Cargo.lock");
    folder
}

/// Runs cargo with a limit that kills what is slow by itself, and not what has to wait for the machine.
fn cargo(command: &str, folder: &Path) -> Output {
    Command::new("prlimit")
        .arg(format!("--cpu={CPU_SECONDS_MAX}"))
        .arg(env!("CARGO"))
        .args([command, "--offline", "--quiet", "--manifest-path"])
        .arg(folder.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("generated"))
        .env_remove("RUSTFLAGS")
        .output()
        .expect("prlimit of util-linux, and cargo")
}

#[test]
fn every_bad_route_fails_the_build_and_is_named() {
    let mut source = PROLOGUE.to_owned();
    let beyond = around_bounds(1);
    let beyond = beyond.iter().map(|(routes, message)| (&**routes, *message));
    let failures: Vec<(&str, &str)> = FAILURES.iter().copied().chain(beyond).collect();
    for (at, (routes, _)) in failures.iter().enumerate() {
        writeln!(
            source,
            "static BAD_{at}: Router = Router::new(routes![{routes}]);"
        )
        .expect("text");
    }
    source += "fn main() {}\n";
    let output = cargo("check", &generate("bad-routes", &source));
    assert!(!output.status.success(), "bad routes are built");
    let said = String::from_utf8_lossy(&output.stderr);
    for (routes, message) in &failures {
        assert!(
            said.contains(message),
            "{routes} does not lead to {message}: {said}"
        );
    }
}

#[test]
fn good_routes_that_look_like_bad_ones_are_built() {
    let source = PROLOGUE.to_owned()
        + r#"static GOOD: Router = Router::new(routes![
            Route::text("/%C3%A9/a:b@c;d=e,f!$&'()*+-._~", "a"),
            Route::text("//", "a"),
            Route::text("/...", "a"),
            Route::text("/%2F", "a"),
            Route::text("/once", "a").field("Set-Cookie", "a=b").field("Set-Cookie", "c=d"),
            Route::text("/empty", "").field("X!#$%&'*+-.^_`|~", "\t".trim_ascii()),
            Route::text("/tags", "a").tag("\"\"").encoded(Coding::Brotli, b"b").tag("\"b\""),
            Route::new("/moved", "text/plain", b"a").status(Status::FOUND).field("location", "/"),
            Route::text("/304", "").status(Status::NOT_MODIFIED),
            Route::no_content("/204").any_method(),
            Route::text("/205", "").status(Status::new(205)),
            Route::text("/401", "a").status(Status::UNAUTHORIZED).field("www-authenticate", "Basic realm=a"),
            Route::fallback(Status::OK, TEXT, b"a"),
            Route::error(Status::URI_TOO_LONG, TEXT, b"a"),
            Route::error(Status::VERSION_NOT_SUPPORTED, TEXT, b"a"),
        ]);
        fn main() {}
        "#;
    let mut source = source.replace(r#""\t".trim_ascii()"#, r#""b\tc""#);
    for (at, more) in [-1, 0].into_iter().enumerate() {
        let routes = around_bounds(more).map(|(routes, _)| routes).join(", ");
        writeln!(
            source,
            "static LARGE_{at}: Router = Router::new(routes![{routes}]);"
        )
        .expect("text");
    }
    let output = cargo("check", &generate("good-routes", &source));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

/// Ten thousand routes of ordinary length, of which each is found, and nothing between them.
#[test]
fn ten_thousand_routes_are_built_and_found() {
    const ROUTES: usize = 10_000;
    let target = |at: usize| format!("/articles/{}/chapter-{at}.html", at % 97);
    let mut source = PROLOGUE.to_owned();
    source += "static SITE: Router = Router::new(routes![\n";
    for at in 0..ROUTES {
        let target = target(at);
        writeln!(source, "Route::html({target:?}, b\"<p>{at}\"),").expect("text");
    }
    source += "]);\n";
    write!(
        source,
        r#"fn main() {{
            for at in 0..{ROUTES} {{
                let target = format!("/articles/{{}}/chapter-{{at}}.html", at % 97);
                assert!(SITE.find(target.as_bytes()).is_some_and(|found| found.target() == target));
                let target = format!("/articles/{{}}/chapter-{{at}}.html", (at + 1) % 97);
                assert!(SITE.find(target.as_bytes()).is_none());
            }}
            assert!(SITE.find(b"").is_none());
        }}"#
    )
    .expect("text");
    let folder = generate("many-routes", &source);
    let output = cargo("run", &folder);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", output.status);
}
