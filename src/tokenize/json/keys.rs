//! Keys: which member of an object one names, and which comes next.
//!
//! Writers repeat themselves: a key stands behind the one that it stood behind in the record before. So the text from one
//! structural byte to the next value, such as `,"level": `, is held against what was there last time, white space and
//! quotes included; only where it differs is it looked up, and only where that is new is it read.

use std::collections::HashMap;

use super::scalar::trimmed;
use super::{JsonGrammar, NONE, Want};
use crate::simd::Text;

/// Texts that are learned, at most; more of them come from keys that are data, and all are learned anew then.
const MAX_LEARNED: usize = 2048;
/// A longer text is read each time.
const MAX_LEARNED_BYTES: usize = 256;
/// Places for their numbers.
const PLACES: usize = 2 * MAX_LEARNED;
/// Places that are looked at for one text.
const MAX_PROBES: usize = 8;
/// Bytes that are compared as words.
const WORD_BYTES: usize = 32;

/// What is done with the value behind a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A scalar is written down; anything else is out of the ordinary.
    Text,
    /// It is checked only.
    Idle,
    /// The members of an object are walked.
    Object,
    /// Whatever it is, there is more to be done.
    Any,
}

impl Kind {
    fn of(want: Want, keeps_extra: bool) -> Self {
        if want.is_extra && keeps_extra || want.raw != NONE {
            Self::Any
        } else if want.is_idle() {
            Self::Idle
        } else if want.inside == NONE {
            Self::Text
        } else if want.node != NONE && want.text == NONE {
            Self::Object
        } else {
            Self::Any
        }
    }
}

/// A text in front of a value that was met before.
#[derive(Debug)]
pub(super) struct Key {
    /// The first bytes of the text as words, and which bits of them count.
    words: [u64; WORD_BYTES / 8],
    masks: [u64; WORD_BYTES / 8],
    /// Bytes of the text.
    pub(super) len: u32,
    /// What is expected behind its value, and within it.
    next: [u32; 2],
    /// What stood there instead the last time that something else did.
    other: [u32; 2],
    /// Where the span of its value goes, in positions from where the row begins.
    pub(super) place: u32,
    pub(super) want: Want,
    pub(super) kind: Kind,
    /// The kind of object it is a key of.
    node: u16,
    /// The rest of the text.
    tail: Box<[u8]>,
}

impl Key {
    fn new(text: &[u8], node: u16, want: Want, kind: Kind) -> Self {
        let (mut words, mut masks) = ([0; WORD_BYTES / 8], [0; WORD_BYTES / 8]);
        for (i, byte) in text.iter().enumerate().take(WORD_BYTES) {
            words[i / 8] |= u64::from(*byte) << (8 * (i % 8));
            masks[i / 8] |= 0xff << (8 * (i % 8));
        }
        let slot = match kind {
            Kind::Text => want.text,
            Kind::Object => want.inside,
            Kind::Idle | Kind::Any => 0,
        };
        Self {
            words,
            masks,
            len: text.len() as u32,
            next: [NEW; 2],
            other: [NEW; 2],
            place: 2 * u32::from(slot),
            want,
            kind,
            node,
            tail: text.get(WORD_BYTES..).unwrap_or_default().into(),
        }
    }

    /// The number of the key that stood behind the value last time.
    #[inline(always)]
    pub(super) fn next(&self) -> u32 {
        self.next[0]
    }

    /// Whether the text begins at `before`, a structural byte. Then its colon is the next one: the same text has the same
    /// structure.
    #[inline(always)]
    pub(super) fn is_at(&self, text: &Text, before: u32) -> bool {
        let bytes: &[u8; WORD_BYTES] = text.bytes_at(before);
        let mut different = 0;
        for (i, (word, mask)) in self.words.iter().zip(self.masks).enumerate() {
            let there = bytes[8 * i..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
            different |= (there ^ word) & mask;
        }
        different == 0
            && (self.len as usize <= WORD_BYTES
                || text.span(before + WORD_BYTES as u32, before + self.len) == &*self.tail)
    }
}

/// A place in the order of keys: behind one of them, or within its object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    key: u32,
    is_within: bool,
}

impl Place {
    /// Behind the value of a key.
    #[inline(always)]
    pub(super) fn behind(key: u32) -> Self {
        Self { key, is_within: false }
    }

    /// Within the object of a key.
    #[inline(always)]
    pub(super) fn within(key: u32) -> Self {
        Self { key, is_within: true }
    }
}

/// What is known of the keys of a grammar.
#[derive(Debug)]
pub(super) struct Keys {
    /// For each kind of object one that stands for it where no key does; then one that stands for a text that is not
    /// learned; then those learned.
    known: Vec<Key>,
    /// The numbers of the texts, each at or behind the place that its hash tells.
    places: Vec<u32>,
    nodes: Vec<Node>,
    ignore_case: bool,
    keeps_extra: bool,
}

/// A kind of object.
#[derive(Debug)]
struct Node {
    members: HashMap<Box<[u8]>, Want>,
    /// What a key that is none of the members is wanted for.
    other: Want,
}

/// No known text.
const NEW: u32 = u32::MAX;

impl Keys {
    pub(super) fn new(grammar: &JsonGrammar) -> Self {
        let ignore_case = grammar.ignore_case;
        let mut nodes: Vec<_> = grammar
            .nodes
            .iter()
            .map(|node| Node {
                members: node.members.iter().map(|(key, want)| (folded(key, ignore_case).into(), *want)).collect(),
                other: node.other,
            })
            .collect();
        // Objects that are not wanted.
        nodes.push(Node { members: HashMap::new(), other: Want::default() });
        let stand_ins = (0..=nodes.len()).map(|node| Key::new(b"", node as u16, Want::default(), Kind::Idle));
        Self {
            known: stand_ins.collect(),
            places: vec![NEW; PLACES],
            nodes,
            ignore_case,
            keeps_extra: grammar.keeps_extra,
        }
    }

    /// The kind of an object that is not wanted.
    #[inline(always)]
    pub(super) fn idle_node(&self) -> u16 {
        (self.nodes.len() - 1) as u16
    }

    /// The key whose text is not learned.
    fn unlearned(&self) -> u32 {
        self.nodes.len() as u32
    }

    /// Forgets what was learned if there is no more room. Only between records: they hold numbers.
    #[inline(always)]
    pub(super) fn make_room(&mut self) {
        if self.known.len() > MAX_LEARNED {
            self.forget();
        }
    }

    #[cold]
    fn forget(&mut self) {
        self.known.truncate(self.nodes.len() + 1);
        self.known.iter_mut().for_each(|key| (key.next, key.other) = ([NEW; 2], [NEW; 2]));
        self.places.fill(NEW);
    }

    /// Where an object of this kind begins that no key stands in front of.
    #[inline(always)]
    pub(super) fn start(&self, node: u16) -> Place {
        Place::within(u32::from(node))
    }

    /// The key of this number.
    #[inline(always)]
    pub(super) fn get(&self, number: u32) -> Option<&Key> {
        self.known.get(number as usize)
    }

    /// The number of the key that stood at this place last time.
    #[inline(always)]
    pub(super) fn next(&self, place: Place) -> u32 {
        self.get(place.key).map_or(NEW, |key| key.next[usize::from(place.is_within)])
    }

    /// The number of the key of an object of kind `node` that stands between `before` and `colon`; `None` if that is no
    /// key. Its value ends at `end` at the latest. The key is expected at `place` if it was there before.
    pub(super) fn find(
        &mut self,
        text: &Text,
        node: u16,
        (before, colon, end): (u32, u32, u32),
        place: Place,
    ) -> Option<u32> {
        let number = match self.look_up(text, node, before, colon) {
            Some(number) => number,
            None => {
                let want = self.read(node, text.span(before + 1, colon))?;
                let kind = Kind::of(want, self.keeps_extra);
                let (value, _) = trimmed(text, colon + 1, end);
                let bytes = text.span(before, value);
                if self.known.len() > MAX_LEARNED || bytes.len() > MAX_LEARNED_BYTES {
                    let unlearned = self.unlearned();
                    self.known[unlearned as usize] = Key { len: value - before, ..Key::new(b"", node, want, kind) };
                    return Some(unlearned);
                }
                self.learn(Key::new(bytes, node, want, kind), hash(text, before + 1, colon, node))
            }
        };
        if let Some(key) = self.known.get_mut(place.key as usize) {
            // Once is no habit: one record whose keys are in another order does not make all after it unexpected.
            let at = usize::from(place.is_within);
            if key.other[at] == number || key.next[at] == NEW {
                (key.next[at], key.other[at]) = (number, key.next[at]);
            } else {
                key.other[at] = number;
            }
        }
        Some(number)
    }

    /// The number of the key of an object of kind `node` that stands between `before` and `colon`, if its text is known.
    #[inline(always)]
    pub(super) fn look_up(&self, text: &Text, node: u16, before: u32, colon: u32) -> Option<u32> {
        let hash = hash(text, before + 1, colon, node);
        for probe in 0..MAX_PROBES {
            let number = self.places[(hash + probe) % PLACES];
            let key = self.get(number)?;
            if key.is_at(text, before) && key.node == node {
                return Some(number);
            }
        }
        None
    }

    fn learn(&mut self, key: Key, hash: usize) -> u32 {
        let number = self.known.len() as u32;
        self.known.push(key);
        // Where all places are taken the text is read each time, as those are that somebody made collide.
        let free = (0..MAX_PROBES).map(|probe| (hash + probe) % PLACES).find(|at| self.places[*at] == NEW);
        if let Some(free) = free {
            self.places[free] = number;
        }
        number
    }

    /// What the member is wanted for whose key, with white space around, is `bytes`; `None` if that is no string.
    fn read(&self, node: u16, bytes: &[u8]) -> Option<Want> {
        let key = bytes.trim_ascii().strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        let mut decoded = Vec::new();
        let key = if key.contains(&b'\\') {
            unescape_key(key, &mut decoded);
            decoded.as_slice()
        } else {
            key
        };
        let node = self.nodes.get(usize::from(node))?;
        let found = node.members.get(&*folded(key, self.ignore_case));
        Some(found.copied().unwrap_or(node.other))
    }
}

/// Where the number of the text `from..to` is looked for: a hash of some of its bytes, its length and the kind of object.
#[inline(always)]
fn hash(text: &Text, from: u32, to: u32, node: u16) -> usize {
    let len = to - from;
    let kept = if len >= 8 { u64::MAX } else { (1 << (8 * len)) - 1 };
    let first = text.word(from) & kept;
    let last = if len > 8 { text.word(to - 8) } else { 0 };
    let middle = if len > 16 { text.word(from + len / 2) } else { 0 };
    let mixed = first ^ last.rotate_left(23) ^ middle.rotate_left(41) ^ u64::from(len) ^ u64::from(node) << 32;
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
