//! Responses that are finished before the first request: constants.

use super::{Paper, Status};

/// Where the 29 octets of the date lie in a head: behind the status line and `Date: `.
#[must_use]
pub const fn date_offset(status: Status) -> usize {
    "HTTP/1.1 200 \r\nDate: ".len() + status.phrase().len()
}

/// Stands in a head until the moment of sending puts the date there.
pub const DATE_PLACEHOLDER: &[u8; 29] = b"Thu, 01 Jan 1970 00:00:00 GMT";

/// A whole response as finished octets; only the date is filled in at the moment of sending.
#[derive(Clone, Copy, Debug)]
pub struct Message {
    /// The head and, where it is short, the body behind it.
    octets: &'static [u8],
    /// The body where it is too long to be copied; else empty.
    long_body: &'static [u8],
    head_len: u16,
    date_at: u8,
    status: Status,
    /// The field lines that a 206 repeats: from here to there.
    repeated: (u16, u16),
    /// The head says `Connection: close`.
    closes: bool,
}

impl Message {
    /// No message at all.
    pub(crate) const NONE: Self = Self::new(Status::OK, b"", 0, b"");

    /// Puts together what a [`Paper`] has been written with: a head of `head_len` octets and maybe a body behind it.
    #[must_use]
    pub const fn new(
        status: Status,
        octets: &'static [u8],
        head_len: usize,
        long_body: &'static [u8],
    ) -> Self {
        Self {
            octets,
            long_body,
            head_len: head_len as u16,
            date_at: date_offset(status) as u8,
            status,
            repeated: (0, 0),
            closes: false,
        }
    }

    /// Says which octets of the head a 206 repeats.
    #[must_use]
    pub(crate) const fn repeating(mut self, start: usize, end: usize) -> Self {
        self.repeated = (start as u16, end as u16);
        self
    }

    /// Says that the head has `Connection: close`.
    #[must_use]
    pub(crate) const fn closing(mut self) -> Self {
        self.closes = true;
        self
    }

    /// Whether the head has `Connection: close`.
    #[must_use]
    pub const fn closes(&self) -> bool {
        self.closes
    }

    /// The field lines that a 206 repeats.
    #[must_use]
    pub fn repeated(&self) -> &'static [u8] {
        let (start, end) = self.repeated;
        cut(self.octets, usize::from(start), usize::from(end))
    }

    /// The status.
    #[must_use]
    pub const fn status(&self) -> Status {
        self.status
    }

    /// The offset of the date in the head.
    #[must_use]
    pub const fn date_at(&self) -> usize {
        self.date_at as usize
    }

    /// The octets that are copied: the head and a short body.
    #[must_use]
    pub const fn octets(&self) -> &'static [u8] {
        self.octets
    }

    /// The octets that are sent from where they lie: a long body.
    #[must_use]
    pub const fn long_body(&self) -> &'static [u8] {
        self.long_body
    }

    /// The field lines behind the date, but for the empty line.
    pub(super) fn fields(&self) -> &'static [u8] {
        let start = self.date_at() + DATE_PLACEHOLDER.len() + "\r\n".len();
        let end = usize::from(self.head_len).wrapping_sub("\r\n".len());
        cut(self.octets, start, end)
    }

    /// The body that is copied; empty where it is long.
    pub(super) fn short_body(&self) -> &'static [u8] {
        cut(self.octets, usize::from(self.head_len), self.octets.len())
    }

    /// The body, wherever it lies.
    #[must_use]
    pub fn body(&self) -> &'static [u8] {
        if self.long_body.is_empty() {
            self.short_body()
        } else {
            self.long_body
        }
    }
}

/// The beginning of every head: status line and `Date`.
pub const fn write_status<const LEN: usize>(paper: &mut Paper<LEN>, status: Status) {
    paper.put(b"HTTP/1.1 ");
    paper.number(status.code() as usize);
    paper.put(b" ");
    paper.put(status.phrase());
    paper.put(b"\r\n");
    paper.field(b"Date", DATE_PLACEHOLDER);
}

/// The octets from `start` to `end`; none where there are not so many.
#[inline(never)]
pub(super) fn cut(octets: &[u8], start: usize, end: usize) -> &[u8] {
    octets.get(start..end).unwrap_or_default()
}
