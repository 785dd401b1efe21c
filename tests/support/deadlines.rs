//! Deadlines that a test can wait for.

/// All of them at the least value: one second.
pub(crate) const SHORT: [&str; 8] = [
    "--head-timeout",
    "1",
    "--content-timeout",
    "1",
    "--idle-timeout",
    "1",
    "--progress-timeout",
    "1",
];
