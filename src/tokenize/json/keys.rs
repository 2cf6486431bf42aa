//! Keys: which member of an object one names, and which comes next.
//!
//! Writers repeat themselves: a key stands behind the one that it stood behind in the record before. So the text up to a
//! colon is held against what was there last time, white space and quotes included, and only where it differs is it
//! looked up, and only where that is new is it read.

use std::collections::HashMap;

use super::{JsonNode, Want};
use crate::simd::Text;

/// Texts learned of one kind of object; more of them come from keys that are data.
const MAX_LEARNED: usize = 1024;
/// A longer text is read each time.
const MAX_LEARNED_BYTES: usize = 256;
/// Places for their numbers.
const PLACES: usize = 2 * MAX_LEARNED;
/// Places that are looked at for one text.
const MAX_PROBES: usize = 8;
/// Bytes that are compared a word at a time.
const WORD_BYTES: usize = 32;

/// A text in front of a colon that was met before.
#[derive(Debug)]
struct Known {
    text: Box<[u8]>,
    /// The first bytes of the text as words, and which bits of them count.
    words: [u64; WORD_BYTES / 8],
    masks: [u64; WORD_BYTES / 8],
    want: Want,
    /// What stood behind it last time.
    next: u32,
}

/// What is known of one kind of object.
#[derive(Debug, Default)]
pub(super) struct Keys {
    known: Vec<Known>,
    /// The numbers of the texts, each at or behind the place that its hash tells; empty until there is one.
    places: Vec<u32>,
    /// What came first last time.
    first: u32,
    members: HashMap<Box<[u8]>, Want>,
    /// What a key that is none of the members is wanted for.
    other: Want,
    ignore_case: bool,
}

/// No known text.
pub(super) const NEW: u32 = u32::MAX;

impl Keys {
    pub(super) fn new(node: &JsonNode, ignore_case: bool) -> Self {
        let members = node.members.iter().map(|(key, want)| (folded(key, ignore_case).into(), *want)).collect();
        Self { members, other: node.other, ignore_case, first: NEW, ..Self::default() }
    }

    /// Where to look first in an object.
    #[inline(always)]
    pub(super) fn first(&self) -> u32 {
        self.first
    }

    /// Whether `from..to` is the text `expected`; if so, what its value is wanted for, and what to expect behind it.
    #[inline(always)]
    pub(super) fn expect(&self, text: &Text, from: u32, to: u32, expected: u32) -> Option<(Want, u32)> {
        let known = self.known.get(expected as usize)?;
        let len = (to - from) as usize;
        if len != known.text.len() {
            return None;
        }
        let differs = |i: u32| (text.word(from + 8 * i) ^ known.words[i as usize]) & known.masks[i as usize];
        let mut different = differs(0);
        if len > 8 {
            different |= differs(1);
        }
        if len > 16 {
            different |= differs(2) | differs(3);
            if len > WORD_BYTES && text.span(from, to) != &*known.text {
                return None;
            }
        }
        (different == 0).then_some((known.want, known.next))
    }

    /// What the value behind the text `from..to` is wanted for, and the text's number, if it is one to remember; `None`
    /// if the text is no key. `before` is the number of the text before it in the object.
    pub(super) fn find(&mut self, text: &Text, from: u32, to: u32, before: u32) -> Option<(Want, u32)> {
        let place = place(text, from, to);
        let number = match self.look_up(text, from, to, place) {
            Some(number) => number,
            None => {
                let bytes = text.span(from, to);
                let want = self.read(bytes)?;
                if self.known.len() >= MAX_LEARNED || bytes.len() > MAX_LEARNED_BYTES {
                    return Some((want, NEW));
                }
                self.learn(bytes, want, place)
            }
        };
        match self.known.get_mut(before as usize) {
            Some(before) => before.next = number,
            None => self.first = number,
        }
        Some((self.known[number as usize].want, number))
    }

    /// What stood behind the text of this number last time.
    #[inline(always)]
    pub(super) fn next(&self, number: u32) -> u32 {
        self.known.get(number as usize).map_or(NEW, |known| known.next)
    }

    /// The number of the text `from..to`, which would be found at or behind `place`.
    #[inline(always)]
    fn look_up(&self, text: &Text, from: u32, to: u32, place: usize) -> Option<u32> {
        (0..MAX_PROBES).find_map(|probe| {
            let number = *self.places.get((place + probe) % PLACES)?;
            self.expect(text, from, to, number).map(|_| number)
        })
    }

    fn learn(&mut self, bytes: &[u8], want: Want, place: usize) -> u32 {
        let (mut words, mut masks) = ([0; WORD_BYTES / 8], [0; WORD_BYTES / 8]);
        for (i, byte) in bytes.iter().enumerate().take(WORD_BYTES) {
            words[i / 8] |= u64::from(*byte) << (8 * (i % 8));
            masks[i / 8] |= 0xff << (8 * (i % 8));
        }
        let number = self.known.len() as u32;
        self.known.push(Known { text: bytes.into(), words, masks, want, next: NEW });
        if self.places.is_empty() {
            self.places.resize(PLACES, NEW);
        }
        // Where all places are taken the text is read each time, as those are that somebody made collide.
        let free = (0..MAX_PROBES).map(|probe| (place + probe) % PLACES).find(|at| self.places[*at] == NEW);
        if let Some(free) = free {
            self.places[free] = number;
        }
        number
    }

    /// What the member is wanted for whose key, with white space around, is `bytes`; `None` if that is no string.
    fn read(&self, bytes: &[u8]) -> Option<Want> {
        let key = bytes.trim_ascii().strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        let mut decoded = Vec::new();
        let key = if key.contains(&b'\\') {
            unescape_key(key, &mut decoded);
            decoded.as_slice()
        } else {
            key
        };
        let found = self.members.get(&*folded(key, self.ignore_case));
        Some(found.copied().unwrap_or(self.other))
    }
}

/// Where the number of the text `from..to` is looked for: a hash of its first and last bytes and its length.
#[inline(always)]
fn place(text: &Text, from: u32, to: u32) -> usize {
    let len = to - from;
    let kept = if len >= 8 { u64::MAX } else { (1 << (8 * len)) - 1 };
    let first = text.word(from) & kept;
    let last = if len > 8 { text.word(to - 8) } else { 0 };
    let middle = if len > 16 { text.word(from + len / 2) } else { 0 };
    let mixed = first ^ last.rotate_left(23) ^ middle.rotate_left(41) ^ u64::from(len);
    (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - PLACES.trailing_zeros())) as usize
}

fn folded(key: &[u8], ignore_case: bool) -> std::borrow::Cow<'_, [u8]> {
    if ignore_case { key.to_ascii_lowercase().into() } else { key.into() }
}

/// Appends a key with its escapes decoded; what is no escape stays, and the record is refused for it.
fn unescape_key(mut key: &[u8], out: &mut Vec<u8>) {
    while let Some((byte, rest)) = key.split_first() {
        if *byte != b'\\' {
            out.push(*byte);
            key = rest;
            continue;
        }
        let plain = |byte: &u8| match byte {
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            other => *other,
        };
        key = match rest {
            [b'u', digits @ ..] => {
                let unit = |digits: &[u8]| {
                    let text = std::str::from_utf8(digits.get(..4)?).ok()?;
                    u16::from_str_radix(text, 16).ok()
                };
                let low = digits.get(4..).and_then(|rest| rest.strip_prefix(b"\\u")).and_then(unit);
                let units = [unit(digits), low];
                let mut decoded = char::decode_utf16(units.into_iter().flatten());
                match decoded.next() {
                    Some(Ok(c)) => {
                        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                        digits.get(if c.len_utf16() == 2 { 10 } else { 4 }..).unwrap_or_default()
                    }
                    _ => {
                        out.push(*byte);
                        rest
                    }
                }
            }
            [next, rest @ ..] => {
                out.push(plain(next));
                rest
            }
            [] => &[],
        };
    }
}
