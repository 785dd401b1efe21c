//! The memo: a request as it came, and the constant that is its answer. Clients repeat themselves.
//!
//! Invariant: what is equal to octets that were judged is not judged again. Nothing else is known by heart.

use core::ptr;

use crate::limits::MEMO_LEN;
use crate::response::{Message, paste};

/// The memory of a memo.
pub(super) type Octets = [u8; MEMO_LEN];

/// What a worker knows by heart.
pub(super) struct Memo {
    /// `None` where nothing is known.
    answer: Option<&'static Message>,
    octets: &'static mut Octets,
    /// How many of them are the request.
    len: u32,
    /// What the last request that was not known is told by: where its answer lies, and its length behind that.
    last: usize,
}

impl Memo {
    pub(super) const fn new(octets: &'static mut Octets) -> Self {
        Self {
            answer: None,
            octets,
            len: 0,
            last: 0,
        }
    }

    /// The answer to the request that these octets begin with, and the length of that request, if it is the known one.
    #[inline(always)]
    pub(super) fn recall(&self, octets: &[u8]) -> Option<(u32, &'static Message)> {
        let len = self.len as usize;
        if octets.get(..len)? == self.octets.get(..len)? {
            Some((self.len, self.answer?))
        } else {
            None
        }
    }

    /// Takes note of a request and its answer. It is learnt where the one before was as long and had the same answer: a copy
    /// is made only where it is likely to pay.
    #[inline(always)]
    pub(super) fn learn(&mut self, request: &[u8], answer: &'static Message) {
        let this = ptr::from_ref(answer).addr() + request.len();
        if this == self.last && request.len() <= MEMO_LEN {
            self.len = paste(self.octets, 0, request) as u32;
            self.answer = Some(answer);
        }
        self.last = this;
    }
}

#[cfg(test)]
mod tests {
    use super::{MEMO_LEN, Memo};
    use crate::response::Message;
    use crate::sys::memory;

    static ANSWERS: [Message; 2] = [Message::NONE; 2];

    fn memo() -> Memo {
        Memo::new(memory::zeroed().unwrap())
    }

    fn knows(memo: &Memo, octets: &[u8], request: &[u8]) -> bool {
        let known = memo.recall(octets);
        known.is_some_and(|(len, _)| octets.starts_with(request) && len as usize == request.len())
    }

    #[test]
    fn learns_what_is_like_the_one_before() {
        let [answer, other] = &ANSWERS;
        let mut memo = memo();
        assert!(memo.recall(b"").is_none());
        memo.learn(b"one", answer);
        assert!(memo.recall(b"one").is_none());
        memo.learn(b"two", other);
        assert!(memo.recall(b"two").is_none());
        memo.learn(b"six", other);
        assert!(memo.recall(b"one").is_none());
        assert!(memo.recall(b"two").is_none());
        assert!(knows(&memo, b"six", b"six"));
        assert!(knows(&memo, b"six and more", b"six"));
        assert!(memo.recall(b"si").is_none());
        memo.learn(b"seven", other);
        assert!(knows(&memo, b"six", b"six"));
    }

    #[test]
    fn what_is_too_long_is_not_learnt() {
        for len in [MEMO_LEN - 1, MEMO_LEN, MEMO_LEN + 1] {
            let mut memo = memo();
            let request = std::vec![b'x'; len];
            for _ in 0..3 {
                memo.learn(&request, &ANSWERS[0]);
            }
            assert_eq!(knows(&memo, &request, &request), len <= MEMO_LEN);
        }
    }
}
