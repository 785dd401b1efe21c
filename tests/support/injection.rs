//! Which system calls of the serving loop can fail, and how: what their manual pages say.
//!
//! Invariant: only what a kernel can do is in the table. That an argument is wrong (EBADF, EFAULT, EINVAL) would be a
//! fault of the program; the calls that have no other error are those of [`NEVER_FAIL`].

/// System calls, how many of them go well before the first fails, and the errors that they fail with.
pub(crate) type Fault = (&'static str, usize, &'static [&'static str]);

/// The start of a server with two workers makes fewer of these calls than are let go well.
pub(crate) const FAULTS: [Fault; 13] = [
    (
        "accept4",
        6,
        &[
            "EAGAIN",
            "EINTR",
            "ECONNABORTED",
            "EPROTO",
            "EPERM",
            "EMFILE",
            "ENFILE",
            "ENOBUFS",
            "ENOMEM",
            "ENETDOWN",
            "ENOPROTOOPT",
            "EHOSTDOWN",
            "ENONET",
            "EHOSTUNREACH",
            "EOPNOTSUPP",
            "ENETUNREACH",
            "ETIMEDOUT",
            "EPROTONOSUPPORT",
            "ESOCKTNOSUPPORT",
            "ENOSR",
        ],
    ),
    (
        "recvfrom",
        6,
        &[
            "EAGAIN",
            "EINTR",
            "ECONNRESET",
            "ECONNREFUSED",
            "ETIMEDOUT",
            "EHOSTUNREACH",
            "ENOTCONN",
            "ENOMEM",
            "EIO",
        ],
    ),
    ("sendto", 6, &SEND),
    ("sendmsg", 6, &SEND),
    ("recvmsg", 1, &["EAGAIN", "EINTR", "ENOMEM"]),
    ("epoll_ctl", 14, &["ENOMEM", "ENOSPC"]),
    ("epoll_wait,epoll_pwait,epoll_pwait2", 6, &["EINTR"]),
    ("read", 1, &["EAGAIN", "EINTR", "EIO"]),
    ("write", 6, &["EAGAIN", "EINTR"]),
    ("close", 20, &["EINTR", "EIO"]),
    ("shutdown", 1, &["ENOTCONN"]),
    ("setsockopt", 6, &["ENOPROTOOPT", "ENOMEM"]),
    ("fcntl", 1, &["EMFILE"]),
];

/// What is asked before a line is written, which only a handler's error is a reason for.
pub(crate) const SAYING: Fault = ("poll", 0, &["EINTR", "ENOMEM"]);

/// Calls that do what they are told.
const NEVER_FAIL: [&str; 4] = ["clock_gettime", "timerfd_settime", "exit", "exit_group"];

const SEND: [&str; 10] = [
    "EAGAIN",
    "EINTR",
    "EPIPE",
    "ECONNRESET",
    "ENOTCONN",
    "ETIMEDOUT",
    "EHOSTUNREACH",
    "ENOBUFS",
    "ENOMEM",
    "EIO",
];

/// Errors of accept(2) and others that a client never notices: the call is made again at once.
const PAUSES: [&str; 14] = [
    "EINTR",
    "ECONNABORTED",
    "EPROTO",
    "EPERM",
    "ENETDOWN",
    "ENOPROTOOPT",
    "EHOSTDOWN",
    "ENONET",
    "EHOSTUNREACH",
    "EOPNOTSUPP",
    "ENETUNREACH",
    "ETIMEDOUT",
    "EPROTONOSUPPORT",
    "ESOCKTNOSUPPORT",
];

/// Whether nobody may notice this fault. An eventfd is written without a wait, so that EINTR is a lost word there.
pub(crate) fn is_pause(call: &str, error: &str) -> bool {
    let is_accept = call == "accept4" && PAUSES.contains(&error);
    is_accept || error == "EINTR" && call != "write"
}

/// Whether it is known how this call of the serving loop fails, or that it does not.
pub(crate) fn is_covered(name: &str) -> bool {
    let mut calls = FAULTS.iter().chain([&SAYING]).map(|fault| fault.0);
    NEVER_FAIL.contains(&name) || calls.any(|call| call.split(',').any(|one| one == name))
}

/// Whether a short run may not come to the call that is to fail: the kernel gives notice when it likes, only what is
/// refused is shut down, and a socket that is sent without a copy is told so once.
pub(crate) fn is_rare(call: &str) -> bool {
    matches!(
        call,
        "recvmsg" | "read" | "shutdown" | "fcntl" | "setsockopt"
    )
}

/// Whether there are other descriptors afterwards: strace keeps a close from the kernel, and a reserve that could not be
/// had at the start is had later.
pub(crate) fn is_leak(call: &str) -> bool {
    matches!(call, "close" | "fcntl")
}

/// The words that put strace in front of a server: `-DD` leaves the server in the caller's hands, and strace out of
/// them, so that it writes everything to `trace` before it ends with the server.
pub(crate) fn strace(fault: &str, trace: &str) -> Vec<String> {
    let call = fault.split(':').next().unwrap_or_default();
    let (only, inject) = (format!("trace={call}"), format!("inject={fault}"));
    let words = ["strace", "-DD", "-f", "-q", "-s", "0", "-o", trace];
    let filters = ["-e", &only, "-e", &inject];
    words
        .iter()
        .chain(&filters)
        .map(|word| (*word).to_owned())
        .collect()
}
