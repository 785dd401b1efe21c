//! Why a request is refused.

/// The status that a request is refused with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Refusal {
    /// 400 Bad Request: octets that the grammar does not know.
    BadRequest = 400,
    /// 414 URI Too Long.
    TargetTooLong = 414,
    /// 431 Request Header Fields Too Large.
    FieldsTooLarge = 431,
    /// 501 Not Implemented.
    NotImplemented = 501,
}
