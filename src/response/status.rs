//! Status codes and their reason phrases.

/// A status code of RFC 9110 section 15, or another three-digit one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status(u16);

macro_rules! statuses {
    ($($name:ident $code:literal $reason:literal)*) => {
        impl Status {
            $(#[doc = concat!("`", $code, " ", $reason, "`")] pub const $name: Self = Self($code);)*
        }

        /// The codes that have a name.
        static CODES: &[u16] = &[$($code),*];

        /// Their names, one a line.
        static REASONS: &[u8] = concat!($($reason, "\n"),*).as_bytes();
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

    /// The reason phrase; empty for a code that no RFC names.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match core::str::from_utf8(self.phrase()) {
            Ok(reason) => reason,
            Err(_) => "",
        }
    }

    /// The same as octets.
    #[inline(never)]
    pub(super) const fn phrase(self) -> &'static [u8] {
        let (mut codes, mut rest, mut len) = (CODES, REASONS, 0);
        while let Some((reason, [octet, behind @ ..])) = rest.split_at_checked(len) {
            len += 1;
            if *octet == b'\n'
                && let [code, others @ ..] = codes
            {
                if *code == self.0 {
                    return reason;
                }
                (codes, rest, len) = (others, behind, 0);
            }
        }
        b""
    }

    /// RFC 9110 sections 15.2, 15.3.5 and 15.4.5: these never have content.
    #[must_use]
    pub const fn forbids_content(self) -> bool {
        matches!(self.0, 204 | 304)
    }
}
