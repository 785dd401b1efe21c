//! The paper that responses are written on at compile time.

/// Octets written one after another. A sheet of length 0 keeps none and only measures, so that the
/// same function first says how long its writing is and then writes it into an array of that length.
#[derive(Clone, Copy, Debug)]
pub struct Paper<const LEN: usize> {
    /// What was written.
    pub octets: [u8; LEN],
    /// How much was written, or would have been.
    pub len: usize,
}

/// Octets from which on copying costs the compiler less by calls than one by one: a call is a hundred steps to it.
const CALLS_PAY: usize = 256;

impl<const LEN: usize> Paper<LEN> {
    /// An empty sheet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            octets: [0; LEN],
            len: 0,
        }
    }

    /// Appends octets.
    ///
    /// # Panics
    /// Where the sheet is full, which at compile time is a failed build.
    pub const fn put(&mut self, octets: &[u8]) {
        let len = octets.len();
        if LEN == 0 {
            self.len += len;
        } else if len > CALLS_PAY {
            let (_, rest) = self.octets.split_at_mut(self.len);
            let (place, _) = rest.split_at_mut(len);
            place.copy_from_slice(octets);
            self.len += len;
        } else {
            let mut rest = octets;
            while let [octet, after @ ..] = rest {
                self.octets[self.len] = *octet;
                self.len += 1;
                rest = after;
            }
        }
    }

    /// Appends a field line.
    pub const fn field(&mut self, name: &[u8], value: &[u8]) {
        self.put(name);
        self.put(b": ");
        self.put(value);
        self.put(b"\r\n");
    }

    /// Appends a number in decimal digits.
    pub const fn number(&mut self, number: usize) {
        if number >= 10 {
            self.number(number / 10);
        }
        self.put(&[b'0' + (number % 10) as u8]);
    }
}

impl<const LEN: usize> Default for Paper<LEN> {
    fn default() -> Self {
        Self::new()
    }
}
