//! Error numbers of the kernel.
//!
//! rustix's are of 16 bits, beside which a descriptor does not stay in its register. These are kept as system calls return
//! them, below 0.
//!
//! Invariant: there is no error 0.

use core::num::NonZeroI32;
use core::{error, fmt};

/// An error number, as errno(3) lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Errno(NonZeroI32);

macro_rules! errnos {
    ($($name:ident = $number:literal,)*) => {
        impl Errno {
            $(
                #[doc = concat!("`E", stringify!($name), "`")]
                pub const $name: Self = Self(NonZeroI32::new(-$number).unwrap());
            )*
        }
    };
}

errnos! {
    PERM = 1,
    INTR = 4,
    BADF = 9,
    AGAIN = 11,
    NOMEM = 12,
    INVAL = 22,
    NFILE = 23,
    MFILE = 24,
    NOSYS = 38,
    NONET = 64,
    PROTO = 71,
    NOTSOCK = 88,
    NOPROTOOPT = 92,
    OPNOTSUPP = 95,
    AFNOSUPPORT = 97,
    ADDRNOTAVAIL = 99,
    NETDOWN = 100,
    NETUNREACH = 101,
    CONNABORTED = 103,
    NOBUFS = 105,
    HOSTDOWN = 112,
    HOSTUNREACH = 113,
    CANCELED = 125,
}

impl Errno {
    /// The error of this number, unless it is 0.
    #[inline]
    #[must_use]
    pub const fn new(number: u32) -> Option<Self> {
        Self::returned(number.cast_signed().wrapping_neg())
    }

    /// The error that a system call returned, unless it is 0.
    #[inline]
    pub(super) const fn returned(returned: i32) -> Option<Self> {
        match NonZeroI32::new(returned) {
            Some(returned) => Some(Self(returned)),
            None => None,
        }
    }

    /// It as a system call returns it.
    #[inline]
    pub(super) const fn as_returned(self) -> i32 {
        self.0.get()
    }

    /// Its number.
    #[inline]
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0.get().wrapping_neg().cast_unsigned()
    }
}

impl From<rustix::io::Errno> for Errno {
    fn from(errno: rustix::io::Errno) -> Self {
        Self::new(errno.raw_os_error().cast_unsigned()).unwrap_or(Self::INVAL)
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "error {}", self.number())
    }
}

impl error::Error for Errno {}
