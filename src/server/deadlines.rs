//! How long things may take.

use super::connection::{Connection, State};
use crate::limits;

/// Seconds that a client is given. Each is counted from the beginning of its phase; no octet extends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// For a whole head, from its first octet; also from the accept to that octet.
    pub head: u32,
    /// For the content, from the end of the head.
    pub content: u32,
    /// Between two requests.
    pub idle: u32,
    /// To take another octet of a response.
    pub progress: u32,
}

impl Deadlines {
    /// What [`limits`] says.
    pub const DEFAULT: Self = Self {
        head: limits::HEAD_SECONDS,
        content: limits::CONTENT_SECONDS,
        idle: limits::IDLE_SECONDS,
        progress: limits::PROGRESS_SECONDS,
    };
}

/// What is done about a connection whose time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overdue {
    No,
    /// Close without a word.
    Close,
    /// Answer that the request was late, then close.
    Refuse,
}

impl Deadlines {
    /// Whether a connection is late at this tick. Where the server stops, one that waits for nothing but another request
    /// is so from the next tick on.
    pub(super) fn judge<S>(
        &self,
        connection: &Connection<S>,
        tick: u32,
        is_stopping: bool,
    ) -> Overdue {
        let age = tick.wrapping_sub(connection.since);
        let (limit, has_begun) = match &connection.state {
            State::Open(_) if !connection.inbox.is_empty() => (self.head, true),
            State::Open(_) if is_stopping => (0, false),
            State::Open(_) if connection.marks.is_used => (self.idle, false),
            State::Open(_) => (self.head, false),
            State::Content(_) => (self.content, true),
            State::Lingering { .. } => (limits::LINGER_SECONDS, false),
            State::Sending { progress, sent, .. } => {
                let pause = u32::from((tick as u16).wrapping_sub(*progress));
                let due = u64::from(age.saturating_sub(self.progress)) * limits::RESPONSE_RATE_MIN;
                let is_slow = pause > self.progress || u64::from(*sent) < due;
                // One that is slow has begun before this tick.
                (if is_slow { 0 } else { u32::MAX }, false)
            }
        };
        match (age > limit, has_begun) {
            (false, _) => Overdue::No,
            (true, false) => Overdue::Close,
            (true, true) => Overdue::Refuse,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Connection, Deadlines, Overdue, State, limits};

    const BEGIN: u32 = 70_000;

    /// What is done at a tick about a response that began at another one, and of which so much has been taken.
    fn verdict(age: u32, pause: u32, sent: u32) -> Overdue {
        let mut connection = Connection::vacant(0);
        connection.begin((), BEGIN);
        let tick = BEGIN + age;
        connection.state = State::Sending {
            copied: 0,
            body: b"more",
            sent,
            progress: (tick - pause) as u16,
        };
        Deadlines::DEFAULT.judge(&connection, tick, false)
    }

    #[test]
    fn a_pause_is_bounded() {
        let most = limits::PROGRESS_SECONDS;
        assert_eq!(verdict(most, most, 0), Overdue::No);
        assert_eq!(verdict(most + 1, most + 1, u32::MAX), Overdue::Close);
        assert_eq!(verdict(100_000, 0, u32::MAX), Overdue::No);
    }

    #[test]
    fn a_rate_is_asked_for_behind_the_first_pause() {
        let rate = u32::try_from(limits::RESPONSE_RATE_MIN).unwrap();
        for seconds in [1, 2, 3600, 100_000] {
            let (age, due) = (limits::PROGRESS_SECONDS + seconds, seconds * rate);
            assert_eq!(verdict(age, 1, due), Overdue::No, "{seconds}");
            assert_eq!(verdict(age, 1, due - 1), Overdue::Close, "{seconds}");
        }
    }
}
