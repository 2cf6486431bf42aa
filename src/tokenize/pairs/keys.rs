//! Keys that have a place in each row.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::simd::Text;

/// The known keys, and which came after which.
#[derive(Debug)]
pub(super) struct Keys {
    keys: Vec<Known>,
    numbers: HashMap<Box<[u8]>, u16, BuildHasherDefault<Words>>,
    /// What came last behind each key; the entry behind the last key is for the start of a record, and for unknown keys.
    next: Vec<u16>,
}

/// A key with its assignment behind it, ready to be compared eight bytes at a time.
#[derive(Debug)]
struct Known {
    len: u32,
    words: Box<[(u64, u64)]>,
}

impl Keys {
    pub(super) fn new(keys: &[Box<[u8]>], assign: u8) -> Self {
        let known = |key: &[u8]| {
            let text: Vec<u8> = key.iter().copied().chain([assign]).collect();
            let word = |part: &[u8]| {
                let byte = |at: usize| (u64::from(part[at]) << (8 * at), 0xff_u64 << (8 * at));
                (0..part.len()).map(byte).fold((0, 0), |all, one| (all.0 | one.0, all.1 | one.1))
            };
            Known { len: key.len() as u32, words: text.chunks(8).map(word).collect() }
        };
        let numbers = keys.iter().enumerate().map(|(number, key)| (key.clone(), number as u16)).collect();
        let start = keys.len() as u16;
        Self { keys: keys.iter().map(|key| known(key)).collect(), numbers, next: vec![start; keys.len() + 1] }
    }

    /// What stands for the start of a record and for unknown keys.
    pub(super) fn start(&self) -> u16 {
        self.keys.len() as u16
    }

    /// The number of a key.
    pub(super) fn number(&self, key: &[u8]) -> Option<u16> {
        self.numbers.get(key).copied()
    }

    /// The number of the key that came last behind `last`.
    pub(super) fn expected(&self, last: u16) -> u16 {
        self.next[usize::from(last)]
    }

    /// The key that came last behind `last`, and where its assignment is, if it stands at `at` again.
    #[inline(always)]
    pub(super) fn guess(&self, text: &Text, last: u16, at: u32) -> Option<(u16, u32)> {
        let guess = self.next[usize::from(last)];
        let known = self.keys.get(usize::from(guess))?;
        let mut place = at;
        for (want, mask) in &known.words {
            if text.word(place) & mask != *want {
                return None;
            }
            place += 8;
        }
        Some((guess, at + known.len))
    }

    /// `key` came behind `last`.
    #[inline(always)]
    pub(super) fn learn(&mut self, last: u16, key: u16) {
        self.next[usize::from(last)] = key;
    }
}

/// Eight bytes a step: byte by byte, hashing was a quarter of the exact parser. The keys that are stored are the plan's own,
/// so that nobody can choose them to collide.
#[derive(Debug, Default)]
struct Words(u64);

impl Hasher for Words {
    fn finish(&self) -> u64 {
        // Products are mixed at the top; the table looks at both ends.
        self.0 ^ (self.0 >> 32)
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let word = chunk.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
            self.0 = (self.0.rotate_left(29) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
    }
}
