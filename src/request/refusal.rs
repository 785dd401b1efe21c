//! Why a request is refused.

/// The status that a request is refused with: the digits of its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Refusal {
    /// 400 Bad Request: octets that the grammar does not know.
    BadRequest = digits(*b"400 "),
    /// 408 Request Timeout: it did not arrive in time.
    Late = digits(*b"408 "),
    /// 413 Content Too Large.
    ContentTooLarge = digits(*b"413 "),
    /// 414 URI Too Long.
    TargetTooLong = digits(*b"414 "),
    /// 417 Expectation Failed.
    ExpectationFailed = digits(*b"417 "),
    /// 431 Request Header Fields Too Large.
    FieldsTooLarge = digits(*b"431 "),
    /// 501 Not Implemented.
    NotImplemented = digits(*b"501 "),
    /// 503 Service Unavailable: the memory for unfinished requests is used up.
    NoMemory = digits(*b"503 "),
    /// 505 HTTP Version Not Supported.
    VersionNotSupported = digits(*b"505 "),
}

const fn digits(code: [u8; 4]) -> u32 {
    u32::from_le_bytes(code)
}

impl Refusal {
    /// The digits of the code, and a space.
    #[must_use]
    pub const fn octets(self) -> [u8; 4] {
        (self as u32).to_le_bytes()
    }

    /// The code.
    #[must_use]
    pub const fn code(self) -> u16 {
        let [hundreds, tens, ones, _] = self.octets();
        (hundreds - b'0') as u16 * 100 + (tens - b'0') as u16 * 10 + (ones - b'0') as u16
    }
}
