//! Why a request is refused.

/// The status that a request is refused with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Refusal {
    /// 400 Bad Request: octets that the grammar does not know.
    BadRequest = 400,
    /// 408 Request Timeout: it did not arrive in time.
    Late = 408,
    /// 413 Content Too Large.
    ContentTooLarge = 413,
    /// 414 URI Too Long.
    TargetTooLong = 414,
    /// 417 Expectation Failed.
    ExpectationFailed = 417,
    /// 431 Request Header Fields Too Large.
    FieldsTooLarge = 431,
    /// 501 Not Implemented.
    NotImplemented = 501,
    /// 503 Service Unavailable: the memory for unfinished requests is used up.
    NoMemory = 503,
    /// 505 HTTP Version Not Supported.
    VersionNotSupported = 505,
}
