//! Responses that are finished before the first request: constants.

use super::slices::cut;
use super::{Paper, Status, date};

/// What is between the status line and the CRLF before the other field lines. The moment of sending puts its own date there.
pub(super) const DATE_LINE: &[u8] = b"\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT";

const BEFORE_DATE_LEN: usize = "\r\nDate: ".len();

/// A whole response as finished octets; only the date is filled in at the moment of sending.
#[derive(Clone, Copy, Debug)]
pub struct Message {
    /// The head and, where it is short, the body behind it.
    pub(super) octets: &'static [u8],
    /// The body where it is too long to be copied; else empty.
    pub(super) long_body: &'static [u8],
    head_len: u16,
    /// Where the field lines end that a 304 repeats, and those that a 206 repeats: before the CRLF of the last.
    kept_end: u16,
    repeated_end: u16,
    /// Of the lines that a 304 repeats, so many octets at the end are `Vary`.
    vary_len: u8,
    pub(super) date_at: u8,
}

impl Message {
    /// No message at all.
    pub(crate) const NONE: Self = Self {
        octets: b"",
        long_body: b"",
        head_len: 0,
        kept_end: 0,
        repeated_end: 0,
        vary_len: 0,
        date_at: 0,
    };

    /// Puts together what a [`Paper`] has been written with: a head of `head_len` octets and maybe a body behind it.
    #[must_use]
    pub(crate) const fn new(
        status: Status,
        octets: &'static [u8],
        head_len: usize,
        long_body: &'static [u8],
    ) -> Self {
        let status_line_len = "HTTP/1.1 200 ".len() + status.reason().len();
        Self {
            octets,
            long_body,
            head_len: head_len as u16,
            kept_end: 0,
            repeated_end: 0,
            vary_len: 0,
            date_at: (status_line_len + BEFORE_DATE_LEN) as u8,
        }
    }

    /// Says where the field lines end that a 304 and a 206 repeat, the last CRLF included, and how long the last ones of the
    /// first are, which every response of the resource repeats.
    #[must_use]
    pub(crate) const fn repeating(
        mut self,
        vary_len: usize,
        kept_end: usize,
        repeated_end: usize,
    ) -> Self {
        self.vary_len = vary_len as u8;
        self.kept_end = kept_end as u16 - 2;
        self.repeated_end = repeated_end as u16 - 2;
        self
    }

    /// Octets of the head from `start` to `end`.
    pub(crate) fn part(&self, start: usize, end: usize) -> &'static [u8] {
        cut(self.octets, start, end)
    }

    /// The status line but for the version: code and reason.
    pub(super) fn status_line(&self) -> &'static [u8] {
        let end = usize::from(self.date_at).wrapping_sub(BEFORE_DATE_LEN);
        self.part("HTTP/1.1 ".len(), end)
    }

    /// What is behind the date up to there, but for so many octets.
    #[inline(never)]
    pub(crate) fn fields(&self, skip: usize, end: u16) -> &'static [u8] {
        let start = usize::from(self.date_at) + date::LEN + skip;
        self.part(start, usize::from(end))
    }

    /// The field lines that a 304 repeats.
    pub(super) fn kept(&self) -> &'static [u8] {
        self.fields(0, self.kept_end)
    }

    /// The field lines that every response of the resource repeats: `Vary`.
    pub(super) fn vary(&self) -> &'static [u8] {
        let end = usize::from(self.kept_end);
        self.part(end.wrapping_sub(usize::from(self.vary_len)), end)
    }

    /// The field lines that a 206 repeats.
    pub(super) fn repeated(&self) -> &'static [u8] {
        self.fields(0, self.repeated_end)
    }

    /// The body that is copied; empty where it is long.
    pub(super) fn short_body(&self) -> &'static [u8] {
        self.part(usize::from(self.head_len), self.octets.len())
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

    /// Whether it has this status.
    #[must_use]
    pub fn has_status(&self, status: Status) -> bool {
        self.status_line().starts_with(status.octets())
    }
}

/// The beginning of every head: status line and `Date`.
pub(crate) const fn write_status<const LEN: usize>(paper: &mut Paper<LEN>, status: Status) {
    paper.put(b"HTTP/1.1 ");
    paper.put(status.octets());
    paper.put(status.reason().as_bytes());
    paper.put(DATE_LINE);
    paper.put(b"\r\n");
}
