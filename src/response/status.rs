//! Status codes and their reason phrases.

/// What [`Status::line`] returns.
#[derive(Clone, Copy, Debug)]
pub enum StatusLine {
    /// Of a code that has a name.
    Named(&'static [u8]),
    /// Of one that has none.
    Nameless([u8; 5]),
}

impl StatusLine {
    /// The octets, a LF at their end.
    #[must_use]
    pub const fn octets(&self) -> &[u8] {
        match self {
            Self::Named(octets) => octets,
            Self::Nameless(octets) => octets,
        }
    }
}

/// A status code of RFC 9110 section 15, or another three-digit one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status(u16);

macro_rules! statuses {
    ($($name:ident $code:literal $reason:literal)*) => {
        impl Status {
            $(#[doc = concat!("`", $code, " ", $reason, "`")] pub const $name: Self = Self($code);)*
        }

        /// Every status that has a name, as it stands in a status line, one a line.
        static LINES: &str = concat!($($code, " ", $reason, "\n"),*);
    };
}

statuses! {
    OK 200 "OK"
    NOT_MODIFIED 304 "Not Modified"
    NO_CONTENT 204 "No Content"
    PARTIAL_CONTENT 206 "Partial Content"
    MOVED_PERMANENTLY 301 "Moved Permanently"
    FOUND 302 "Found"
    SEE_OTHER 303 "See Other"
    TEMPORARY_REDIRECT 307 "Temporary Redirect"
    PERMANENT_REDIRECT 308 "Permanent Redirect"
    BAD_REQUEST 400 "Bad Request"
    UNAUTHORIZED 401 "Unauthorized"
    FORBIDDEN 403 "Forbidden"
    NOT_FOUND 404 "Not Found"
    METHOD_NOT_ALLOWED 405 "Method Not Allowed"
    REQUEST_TIMEOUT 408 "Request Timeout"
    GONE 410 "Gone"
    PRECONDITION_FAILED 412 "Precondition Failed"
    CONTENT_TOO_LARGE 413 "Content Too Large"
    URI_TOO_LONG 414 "URI Too Long"
    RANGE_NOT_SATISFIABLE 416 "Range Not Satisfiable"
    EXPECTATION_FAILED 417 "Expectation Failed"
    TOO_MANY_REQUESTS 429 "Too Many Requests"
    FIELDS_TOO_LARGE 431 "Request Header Fields Too Large"
    NO_RESPONSE 444 "No Response"
    INTERNAL_SERVER_ERROR 500 "Internal Server Error"
    NOT_IMPLEMENTED 501 "Not Implemented"
    BAD_GATEWAY 502 "Bad Gateway"
    SERVICE_UNAVAILABLE 503 "Service Unavailable"
    GATEWAY_TIMEOUT 504 "Gateway Timeout"
    VERSION_NOT_SUPPORTED 505 "HTTP Version Not Supported"
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
        Self(code)
    }

    /// A status whose code is known to be right.
    pub(crate) const fn of(code: u16) -> Self {
        Self(code)
    }

    /// The three digits as a number.
    #[must_use]
    pub const fn code(self) -> u16 {
        self.0
    }

    /// The code and the reason phrase as they stand in a status line, and a LF: `404 Not Found`.
    /// A code that has no name is followed by the space alone, which RFC 9112 section 4 asks for.
    #[must_use]
    pub const fn line(self) -> StatusLine {
        let digits = [
            b'0' + (self.0 / 100) as u8,
            b'0' + (self.0 / 10 % 10) as u8,
            b'0' + (self.0 % 10) as u8,
        ];
        let mut rest = LINES.as_bytes();
        while let [a, b, c, ..] = rest {
            let mut after = rest;
            let mut len = 0;
            while let [octet, next @ ..] = after {
                after = next;
                len += 1;
                if *octet == b'\n' {
                    break;
                }
            }
            if *a == digits[0] && *b == digits[1] && *c == digits[2] {
                return StatusLine::Named(rest.split_at(len).0);
            }
            rest = after;
        }
        let [a, b, c] = digits;
        StatusLine::Nameless([a, b, c, b' ', b'\n'])
    }

    /// The reason phrase; empty for a code that no RFC names.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self.line() {
            StatusLine::Named(line) => {
                let (_, reason) = line.split_at(4);
                let (reason, _) = reason.split_at(reason.len() - 1);
                match core::str::from_utf8(reason) {
                    Ok(reason) => reason,
                    Err(_) => "",
                }
            }
            StatusLine::Nameless(_) => "",
        }
    }

    /// RFC 9110 sections 15.2, 15.3.5 and 15.4.5: these never have content.
    #[must_use]
    pub const fn forbids_content(self) -> bool {
        matches!(self.0, 204 | 304)
    }
}
