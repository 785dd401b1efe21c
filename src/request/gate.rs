//! When to parse again a head that comes in small pieces.

use crate::limits::REQUEST_HEAD_MAX;

/// Watches the octets of an incomplete head go by and tells when parsing can say something new: at the end of
/// the head, at an octet that ends no line properly, whenever the head has doubled, and at its bound. So a head that
/// comes one octet at a time costs linear work, while what is wrong with it is still found before it is complete.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gate {
    line: Line,
    parse_at: u16,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Line {
    /// Behind a CRLF.
    #[default]
    Start,
    /// Within a line.
    Within,
    /// Behind the CR of a line.
    Return,
    /// Behind the CR of an empty line.
    LastReturn,
}

impl Gate {
    /// For the beginning of a head.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            line: Line::Start,
            parse_at: 0,
        }
    }

    /// Lets octets pass, up to `len` of the head in total; `true` where it is time to parse.
    pub fn pass(&mut self, octets: &[u8], len: usize) -> bool {
        let mut opens = false;
        for octet in octets {
            self.line = match (self.line, octet) {
                (Line::Return, b'\n') => Line::Start,
                (Line::LastReturn | Line::Return, _) | (_, b'\n') => {
                    opens = true;
                    Line::Start
                }
                (Line::Start, b'\r') => Line::LastReturn,
                (_, b'\r') => Line::Return,
                _ => Line::Within,
            };
        }
        if opens || len >= usize::from(self.parse_at) {
            self.parse_at = (len * 2).min(REQUEST_HEAD_MAX) as u16;
            return true;
        }
        false
    }
}
