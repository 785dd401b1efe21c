//! The client: it says its octets in pieces, and takes answers as it pleases.

use vanillin::server::fuzzing::{Client, Stage};
use vanillin::socket::{Received, Sent};

/// What a client does, in this order.
#[derive(Default)]
pub struct Script {
    octets: Vec<u8>,
    /// How many octets have been said, and how many the server has received of them.
    said: usize,
    received: usize,
    has_ended: bool,
    /// Lengths of pieces, one after the other and again.
    lens: Vec<usize>,
    /// Octets that the socket takes at each send. Then it takes everything.
    appetites: Vec<usize>,
    is_blocked: bool,
    answers: Vec<u8>,
}

impl Script {
    /// Everything at once.
    pub fn whole(octets: &[u8]) -> Self {
        Self::cut(octets, &[])
    }

    /// Pieces of these lengths. An even length is also an appetite.
    pub fn cut(octets: &[u8], lens: &[u8]) -> Self {
        let len = |len: &u8| usize::from(*len).max(1);
        let evens = lens.iter().filter(|len| len.is_multiple_of(2));
        Self {
            octets: octets.to_vec(),
            lens: lens.iter().map(len).collect(),
            appetites: evens.rev().map(|len| usize::from(*len)).collect(),
            ..Self::default()
        }
    }

    /// Says the next piece; `false` where there is none.
    fn say(&mut self, turn: usize) -> bool {
        let left = self.octets.len() - self.said;
        let len = match self.lens.len() {
            0 => left,
            count => self.lens[turn % count].min(left),
        };
        self.said += len;
        len > 0
    }
}

impl Client for Script {
    fn give(&mut self, place: &mut [u8]) -> Received {
        assert!(!place.is_empty(), "nothing can be received into nothing");
        let there = &self.octets[self.received..self.said];
        let len = there.len().min(place.len());
        place[..len].copy_from_slice(&there[..len]);
        self.received += len;
        match len {
            0 if self.has_ended => Received::EndOfFile,
            0 => Received::WouldBlock,
            len => Received::Octets(len),
        }
    }

    fn take(&mut self, parts: [&[u8]; 2]) -> Sent {
        let octets = parts.concat();
        let appetite = self.appetites.pop().unwrap_or(usize::MAX);
        let taken = &octets[..octets.len().min(appetite)];
        self.answers.extend_from_slice(taken);
        self.is_blocked = taken.len() < octets.len();
        match taken.len() {
            0 if self.is_blocked => Sent::WouldBlock,
            len => Sent::Octets(len),
        }
    }
}

/// Plays the script to its end and returns the answers.
pub fn converse(stage: &mut Stage<Script>, script: Script) -> Vec<u8> {
    *stage.client() = script;
    stage.client().say(0);
    stage.begin();
    for turn in 1.. {
        if !stage.is_open() {
            break;
        }
        let client = stage.client();
        // A client that does not take what it is given may say more all the same.
        if client.is_blocked && turn % 2 == 0 {
            client.is_blocked = false;
            stage.happen(false, true, false);
        } else if client.say(turn) {
            stage.happen(true, false, false);
        } else if !client.has_ended {
            client.has_ended = true;
            stage.happen(true, false, true);
        } else if client.is_blocked {
            client.is_blocked = false;
            stage.happen(false, true, false);
        } else {
            panic!("the client has ended, and the server does not");
        }
    }
    std::mem::take(&mut stage.client().answers)
}
