//! When to parse again a head that comes in small pieces.

use crate::limits::REQUEST_HEAD_MAX;

/// Watches the octets of an incomplete head go by and tells when parsing can say something new: at the end of
/// the head, at an octet that ends no line properly, whenever the head has doubled, and at its bound. So a head that
/// comes one octet at a time costs linear work, while what is wrong with it is still found before it is complete.
#[derive(Clone, Copy, Debug)]
pub struct Gate {
    /// The last two octets; at the beginning those of a line's end.
    last: [u8; 2],
    parse_at: u16,
}

impl Gate {
    /// For the beginning of a head.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            last: *b"\r\n",
            parse_at: 0,
        }
    }

    /// Lets octets pass, up to `len` of the head in total; `true` where it is time to parse.
    pub fn pass(&mut self, octets: &[u8], len: usize) -> bool {
        let mut opens = len >= usize::from(self.parse_at);
        for octet in octets {
            let [_, before] = self.last;
            opens |= self.last == *b"\n\r" || (before == b'\r') != (*octet == b'\n');
            self.last = [before, *octet];
        }
        if opens {
            self.parse_at = (len * 2).min(REQUEST_HEAD_MAX) as u16;
        }
        opens
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self::new()
    }
}
