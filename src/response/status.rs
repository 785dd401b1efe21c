//! Status codes and their reason phrases.

use super::Paper;

/// A status code of RFC 9110 section 15, or another three-digit one: its digits and a space, as a status line has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status(pub(super) [u8; 4]);

macro_rules! statuses {
    ($lines:ident: $($name:ident $code:literal $reason:literal)*) => {
        impl Status {
            $(#[doc = concat!("`", $code, " ", $reason, "`")] pub const $name: Self = Self::of($code);)*
        }

        /// Codes and reasons, one a line.
        macro_rules! $lines {
            () => { concat!($($code, " ", $reason, "\n"),*) };
        }
    };
}

// What the server answers of itself.
statuses! { own:
    BAD_REQUEST 400 "Bad Request"
    NOT_FOUND 404 "Not Found"
    METHOD_NOT_ALLOWED 405 "Method Not Allowed"
    REQUEST_TIMEOUT 408 "Request Timeout"
    PRECONDITION_FAILED 412 "Precondition Failed"
    CONTENT_TOO_LARGE 413 "Content Too Large"
    URI_TOO_LONG 414 "URI Too Long"
    RANGE_NOT_SATISFIABLE 416 "Range Not Satisfiable"
    EXPECTATION_FAILED 417 "Expectation Failed"
    FIELDS_TOO_LARGE 431 "Request Header Fields Too Large"
    NO_RESPONSE 444 "No Response"
    NOT_IMPLEMENTED 501 "Not Implemented"
    SERVICE_UNAVAILABLE 503 "Service Unavailable"
    VERSION_NOT_SUPPORTED 505 "HTTP Version Not Supported"
}

// What routes and handlers answer besides.
statuses! { others:
    OK 200 "OK"
    NO_CONTENT 204 "No Content"
    PARTIAL_CONTENT 206 "Partial Content"
    MOVED_PERMANENTLY 301 "Moved Permanently"
    FOUND 302 "Found"
    SEE_OTHER 303 "See Other"
    NOT_MODIFIED 304 "Not Modified"
    TEMPORARY_REDIRECT 307 "Temporary Redirect"
    PERMANENT_REDIRECT 308 "Permanent Redirect"
    UNAUTHORIZED 401 "Unauthorized"
    FORBIDDEN 403 "Forbidden"
    GONE 410 "Gone"
    TOO_MANY_REQUESTS 429 "Too Many Requests"
    INTERNAL_SERVER_ERROR 500 "Internal Server Error"
    BAD_GATEWAY 502 "Bad Gateway"
    GATEWAY_TIMEOUT 504 "Gateway Timeout"
}

/// The statuses that the server answers of itself.
pub(super) static OWN: &[u8] = &measured::<{ measured::<0>(own!()).len }>(own!()).octets;

/// All that have a name, the most frequent first.
pub(super) static ALL: &[u8] =
    &measured::<{ measured::<0>(concat!(others!(), own!())).len }>(concat!(others!(), own!()))
        .octets;

/// The lines, with their lengths in two digits behind them: what the Content-Length is of such a line as a text, which has a line
/// feed at its end.
const fn measured<const LEN: usize>(lines: &str) -> Paper<LEN> {
    let mut paper = Paper::new();
    let (mut rest, mut len) = (lines.as_bytes(), 0);
    while let Some((line, [octet, behind @ ..])) = rest.split_at_checked(len) {
        len += 1;
        if *octet == b'\n' {
            paper.put(line);
            paper.put(&[b'0' + (len / 10) as u8, b'0' + (len % 10) as u8, b'\n']);
            (rest, len) = (behind, 0);
        }
    }
    paper
}

impl Status {
    /// A status by its code, from 200 to 599; others fail the build.
    ///
    /// # Panics
    /// Where the code is out of range, which at compile time is a failed build.
    #[must_use]
    pub const fn new(code: u16) -> Self {
        assert!(
            code >= 200 && code <= 599,
            "a final status code is from 200 to 599"
        );
        Self::of(code)
    }

    /// A status by the three digits of its code and a space.
    pub(crate) const fn of_octets(octets: [u8; 4]) -> Self {
        Self(octets)
    }

    /// A status whose code is known to be right.
    const fn of(code: u16) -> Self {
        let mut digits = *b"000 ";
        let (mut at, mut rest) = (3, code);
        while at > 0 {
            at -= 1;
            digits[at] += (rest % 10) as u8;
            rest /= 10;
        }
        Self(digits)
    }

    /// The three digits as a number.
    #[must_use]
    pub const fn code(self) -> u16 {
        let [hundreds, tens, ones, _] = self.0;
        (hundreds - b'0') as u16 * 100 + (tens - b'0') as u16 * 10 + (ones - b'0') as u16
    }

    /// Whether it is this one.
    pub(super) const fn is(self, other: Self) -> bool {
        u32::from_le_bytes(self.0) == u32::from_le_bytes(other.0)
    }

    /// The digits and a space.
    pub(super) const fn octets(&self) -> &[u8] {
        &self.0
    }

    /// The reason phrase; empty for a code that no RFC names.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        let Some([_, _, _, _, reason @ .., _, _]) = self.find(ALL) else {
            return "";
        };
        match core::str::from_utf8(reason) {
            Ok(reason) => reason,
            Err(_) => "",
        }
    }

    /// The code and, where it is among the lines, the reason; then the length of the two as a line of text, in digits.
    pub(super) fn line<'a>(&'a self, lines: &'a [u8]) -> (&'a [u8], &'a [u8]) {
        let found = self.find(lines).and_then(<[u8]>::split_last_chunk::<2>);
        found.map_or((&self.0, b"5"), |(line, len)| (line, len))
    }

    /// The one among measured lines that begins with this code.
    const fn find(self, lines: &[u8]) -> Option<&[u8]> {
        let (mut rest, mut len) = (lines, 0);
        while let Some((line, [octet, behind @ ..])) = rest.split_at_checked(len) {
            len += 1;
            if *octet == b'\n' {
                if let Some(code) = line.first_chunk()
                    && u32::from_le_bytes(*code) == u32::from_le_bytes(self.0)
                {
                    return Some(line);
                }
                (rest, len) = (behind, 0);
            }
        }
        None
    }

    /// Whether a program may have its own page for it: the server answers it of itself, always with the same content.
    pub(crate) const fn may_have_page(self) -> bool {
        self.find(OWN).is_some() && !matches!(self, Self::RANGE_NOT_SATISFIABLE | Self::NO_RESPONSE)
    }

    /// RFC 9110 sections 15.2, 15.3.5 and 15.4.5: these never have content.
    #[must_use]
    pub const fn forbids_content(self) -> bool {
        matches!(self, Self::NO_CONTENT | Self::NOT_MODIFIED)
    }
}
