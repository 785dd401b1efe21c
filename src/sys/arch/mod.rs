//! What depends on the processor: numbers and conventions of system calls. One file per architecture.
//!
//! Invariant: nothing outside this folder and `rt` contains assembly.

use super::errno::Errno;

#[cfg(target_arch = "x86_64")]
mod x86_64;
#[cfg(target_arch = "x86_64")]
pub(super) use x86_64::*;

#[cfg(not(all(
    target_arch = "x86_64",
    target_os = "linux",
    target_pointer_width = "64"
)))]
compile_error!(
    "vanillin runs on Linux on x86_64; another architecture needs its own file in src/sys/arch"
);

/// The error of the greatest number, as a system call returns it.
const ERROR_MIN: isize = -4095;

/// What a system call returned that returns 0: that it is done, or an error number below 0.
#[inline(always)]
pub(super) const fn done(returned: isize) -> Result<(), Errno> {
    match Errno::returned(returned as i32) {
        None => Ok(()),
        Some(errno) => Err(errno),
    }
}

/// What a system call returned: a value, or an error number below 0.
#[inline(always)]
pub(super) const fn outcome(returned: isize) -> Result<usize, Errno> {
    if returned < 0
        && let Some(errno) = Errno::returned(returned as i32)
    {
        return Err(errno);
    }
    Ok(returned.cast_unsigned())
}
