//! Looks into the elements of records: whether they hold what a lowered expression wants of them.
//!
//! Most of it is told by where the elements stand: what stage 1 found between quotes has no quotes, a word no space. Bytes
//! that are rare in logs and not structural, as backslashes are, are listed for a sub-block at once: a record without any
//! need not be asked for them. What is left is looked at eight bytes at a time, or 64.

use std::sync::Arc;

use regex_automata::meta::Cache;
use regex_automata::util::primitives::NonMaxUsize;
use regex_automata::{Anchored, Input};

use super::lowered::{BranchKind, BranchTest, Element, Lowered, Test};
use super::program::{Class, Op};
use super::variants::Variants;
use crate::simd::{Field, Row, Structurals, Text};

/// Looks at the elements of records. Belongs to one thread.
#[derive(Debug)]
pub(super) struct Guards {
    lowered: Arc<Lowered>,
    /// One for each element, where it has an expression.
    caches: Vec<Option<Cache>>,
    slots: Vec<Option<NonMaxUsize>>,
    /// For each of the inner captures, its span in the record looked at last.
    pub(super) inner: Vec<(u32, u32)>,
    ways: Vec<Way>,
    /// Bytes that are listed.
    rare: Vec<u8>,
    /// The places of these in the sub-block, and how many of them are passed.
    places: Vec<u32>,
    passed: usize,
    /// A tab is structural.
    has_tabs: bool,
    /// The sub-block has no control characters, but newlines and tabs that are structural.
    is_plain: bool,
}

/// What one way asks of its elements.
#[derive(Debug)]
struct Way {
    /// The slot of the end of the record.
    end_slot: usize,
    /// Elements that may hold any text of some bytes.
    bytes: Vec<Guard>,
    /// All others.
    others: Vec<Guard>,
}

/// What is asked of an element in one way.
#[derive(Debug)]
struct Guard {
    element: usize,
    field: Field,
    min: u32,
    max: u32,
    told: Told,
}

/// What tells that an element has only bytes that will do.
#[derive(Clone, Debug, PartialEq)]
enum Told {
    /// In a plain sub-block, that these are not in it, nor one of those that are listed; often there are none.
    Absent { bytes: [u8; 3], count: usize, rare: bool },
    /// That each is in one of these ranges.
    Ranges(Ranges),
    /// A look at each byte.
    Each,
    /// Nothing does.
    Nothing,
}

impl Guards {
    pub(super) fn new(lowered: Arc<Lowered>, variants: &mut Variants) -> Self {
        let regex = |element: &Element| match &element.test {
            Test::Expression { regex, .. } => Some(regex.clone()),
            Test::Bytes { .. } | Test::Automaton(_) | Test::Branches(..) => None,
        };
        let slots = lowered.elements.iter().filter_map(regex).map(|regex| regex.group_info().slot_len()).max();
        let structurals = variants.structurals.clone();
        let mut rare = Vec::new();
        let alternatives = &lowered.program.alternatives;
        let ways = alternatives.iter().zip(&mut variants.all).map(|(ops, variant)| {
            let signature = &mut variant.signature;
            let mut way = Way { end_slot: signature.newline_slot, bytes: Vec::new(), others: Vec::new() };
            for (number, element) in lowered.elements.iter().enumerate() {
                let capture = usize::from(element.capture);
                if signature.stops[capture].is_none() {
                    continue;
                }
                let missing = missing(element, ops, &structurals, signature.strict_end(capture));
                let told = Told::new(element, &missing, &mut rare, alternatives);
                let mut guard =
                    Guard { element: number, field: signature.fields[capture], min: 0, max: u32::MAX, told };
                match element.test {
                    Test::Bytes { min, max } if element.unlike.is_empty() => {
                        (guard.min, guard.max) = (min, max);
                        way.bytes.push(guard);
                    }
                    _ => way.others.push(guard),
                }
            }
            way
        });
        Self {
            ways: ways.collect(),
            caches: lowered.elements.iter().map(|element| regex(element).map(|regex| regex.create_cache())).collect(),
            slots: vec![None; slots.unwrap_or(0)],
            inner: vec![super::matcher::MISSING; lowered.inner_captures.len()],
            rare,
            places: Vec::new(),
            passed: 0,
            has_tabs: structurals.delimiters.contains(&b'\t'),
            is_plain: false,
            lowered,
        }
    }

    /// Whether it may be asked about text that is no UTF-8.
    pub(super) fn is_bytewise(&self) -> bool {
        self.lowered.is_bytewise
    }

    /// Whether a record cannot match, so that the expression need not be asked.
    pub(super) fn rules_out(&self, record: &[u8]) -> bool {
        self.lowered.lacks_bytes(record)
    }

    /// A sub-block begins.
    pub(super) fn start(&mut self, text: &Text, (start, end): (usize, usize)) {
        let block = text.span(start as u32, end as u32);
        let also = if self.has_tabs { b'\t' } else { b'\n' };
        let control = |byte: u8| byte < b' ' && byte != b'\n' && byte != also;
        let controls = |bytes: &[u8]| bytes.iter().fold(0, |all, byte| all | u8::from(control(*byte)));
        self.is_plain = block.chunks(4096).all(|chunk| controls(chunk) == 0);
        self.places.clear();
        self.passed = 0;
        let place = |at: usize| (start + at) as u32;
        match self.rare[..] {
            [] => {}
            [a] => self.places.extend(memchr::memchr_iter(a, block).map(place)),
            [a, b] => self.places.extend(memchr::memchr2_iter(a, b, block).map(place)),
            [a, b, c, ..] => self.places.extend(memchr::memchr3_iter(a, b, c, block).map(place)),
        }
    }

    /// Whether the record has one of the bytes that are listed. Records come in order.
    #[inline(always)]
    fn has_rare(&mut self, start: u32, end: u32) -> bool {
        while self.places.get(self.passed).is_some_and(|place| *place < start) {
            self.passed += 1;
        }
        self.places.get(self.passed).is_some_and(|place| *place < end)
    }

    /// Whether the elements of a record, cut in the way of number `number`, hold what they may. The record's positions are
    /// `positions` from `base` on.
    #[inline(always)]
    pub(super) fn hold(&mut self, text: &Text, number: usize, positions: &[u32], base: usize) -> bool {
        let start = positions[base].wrapping_add(1);
        let has_rare = !self.places.is_empty() && self.has_rare(start, positions[base + self.ways[number].end_slot]);
        let Self { lowered, ways, is_plain, .. } = self;
        let way = &ways[number];
        let row = Row::new(base as u32, 0);
        let state = (*is_plain, has_rare);
        for guard in &way.bytes {
            let Some((start, end)) = guard.field.span(positions, row) else { return false };
            let len = end - start;
            if !(guard.min <= len
                && len <= guard.max
                && guard.told.holds(text, (start, end), state, &lowered.elements[guard.element].any_of))
            {
                return false;
            }
        }
        way.others.is_empty() || self.hold_others(text, number, positions, base, has_rare)
    }

    fn hold_others(&mut self, text: &Text, number: usize, positions: &[u32], base: usize, has_rare: bool) -> bool {
        self.inner.fill(super::matcher::MISSING);
        let lowered = &*self.lowered;
        for guard in &self.ways[number].others {
            let element = &lowered.elements[guard.element];
            let Some((start, end)) = guard.field.span(positions, Row::new(base as u32, 0)) else { return false };
            // With the byte behind it, which is a literal's, or the newline's.
            if !element.unlike.iter().all(|own| own.matches_none(text.span(start, end + 1))) {
                return false;
            }
            let is_simple = guard.told.holds(text, (start, end), (self.is_plain, has_rare), &element.any_of);
            match &element.test {
                Test::Bytes { min, max } => {
                    if !is_simple || end - start < *min || *max < end - start {
                        return false;
                    }
                }
                _ if is_simple => {}
                Test::Automaton(automaton) => {
                    if !automaton.matches_all(text.span(start, end)) {
                        return false;
                    }
                }
                Test::Branches(branches, whole) => {
                    let span = text.span(start, end);
                    let Some(branch) = branches.iter().find(|branch| branch.holds(span)) else { return false };
                    if whole.as_ref().is_some_and(|whole| !whole.matches_all(span)) {
                        return false;
                    }
                    if let Some(inner) = branch.inner {
                        self.inner[inner] = (start, end);
                    }
                }
                Test::Expression { regex, groups } => {
                    let (span, Some(cache)) = (text.span(start, end), &mut self.caches[guard.element]) else {
                        return false;
                    };
                    let slots = &mut self.slots[..regex.group_info().slot_len()];
                    let input = Input::new(span).anchored(Anchored::Yes);
                    let found = regex.search_slots_with(cache, &input, slots);
                    if found.is_none() || slots.get(1).copied().flatten().map(NonMaxUsize::get) != Some(span.len()) {
                        return false;
                    }
                    for (group, capture) in groups {
                        let own = lowered.inner_captures.iter().position(|inner| inner == capture);
                        let place = |at: usize| Some(start + slots.get(at).copied().flatten()?.get() as u32);
                        let (from, to) = (place(2 * *group as usize), place(2 * *group as usize + 1));
                        if let (Some(own), Some(span)) = (own, from.zip(to))
                            && self.inner[own] == super::matcher::MISSING
                        {
                            self.inner[own] = span;
                        }
                    }
                }
            }
        }
        true
    }
}

impl BranchTest {
    #[inline(always)]
    fn holds(&self, span: &[u8]) -> bool {
        match &self.kind {
            BranchKind::Literal(literal) => span == &**literal,
            BranchKind::AnyOf(any_of, automaton) => {
                span.iter().fold(true, |all, byte| all & any_of[usize::from(*byte)]) || automaton.matches_all(span)
            }
            BranchKind::Automaton(automaton) => automaton.matches_all(span),
        }
    }
}

/// The bytes that will not do in `element` and may stand there, in a sub-block without control characters, in a record
/// that is cut as `ops` say; the element has none of `end`. `None` if only its expression can tell.
fn missing(element: &Element, ops: &[Op], structurals: &Structurals, end: Option<u8>) -> Option<Vec<u8>> {
    // Where backslashes take quotes along, a quote may stand anywhere behind one.
    let has_quotes = structurals.quotes && !structurals.escapes;
    let is_structural = |byte: u8| structurals.delimiters.contains(&byte) || byte == b'"' && has_quotes;
    let mut quotes = 0;
    for (at, op) in ops.iter().enumerate() {
        let (class, escapes) = match op {
            Op::Literal(bytes) => {
                quotes += bytes.iter().filter(|byte| **byte == b'"').count();
                continue;
            }
            Op::Capture { index, class, escapes, .. } if *index == element.capture => (*class, *escapes),
            _ => continue,
        };
        if !element.any_of.contains(&true) {
            return None;
        }
        let is_quoted = structurals.quotes && quotes % 2 == 1;
        let is_last = at + 1 == ops.len();
        let is_absent = |byte: u8| match class {
            Class::Word => is_structural(byte),
            Class::Spaces(_) => is_structural(byte) && byte != b' ',
            // What the backslashes take along is theirs.
            _ if is_quoted => byte == b'"' || escapes && byte == b'\\',
            _ => !is_last && is_structural(byte),
        };
        let is_plain = |byte: u8| byte < b' ' && !(byte == b'\t' && is_structural(byte));
        let all = (0..=u8::MAX).filter(|byte| !element.any_of[usize::from(*byte)]);
        return Some(all.filter(|byte| !is_plain(*byte) && !is_absent(*byte) && Some(*byte) != end).collect());
    }
    None
}

impl Told {
    /// More rare bytes than this are not listed: one pass looks for three.
    const MAX_RARE: usize = 3;

    fn new(element: &Element, missing: &Option<Vec<u8>>, rare: &mut Vec<u8>, ways: &[Vec<Op>]) -> Self {
        let Some(missing) = missing else { return Self::Nothing };
        let in_literals =
            |byte: u8| ways.iter().flatten().any(|op| matches!(op, Op::Literal(bytes) if bytes.contains(&byte)));
        let is_rare = |byte: u8| b"\\\t<>^`{|}~".contains(&byte) && !in_literals(byte);
        let mut out = ([0; 3], 0);
        let mut has_rare = false;
        for byte in missing {
            if is_rare(*byte) && (rare.contains(byte) || rare.len() < Self::MAX_RARE) && missing.len() <= 3 {
                has_rare = true;
                if !rare.contains(byte) {
                    rare.push(*byte);
                }
            } else if out.1 < 3 {
                out.0[out.1] = *byte;
                out.1 += 1;
            } else {
                return Ranges::new(&element.any_of).map_or(Self::Each, Self::Ranges);
            }
        }
        let (mut bytes, count) = out;
        // Unused places repeat the first.
        (count..3).for_each(|at| bytes[at] = bytes[0]);
        Self::Absent { bytes, count, rare: has_rare }
    }

    /// Whether `span` has only bytes that will do. `is_plain`: the sub-block has no control characters; `has_rare`: the
    /// record has one of the bytes that are listed.
    #[inline(always)]
    fn holds(
        &self,
        text: &Text,
        (start, end): (u32, u32),
        (is_plain, has_rare): (bool, bool),
        any_of: &[bool; 256],
    ) -> bool {
        match self {
            Self::Ranges(ranges) => ranges.have_all(text, start, end),
            Self::Absent { bytes, count, rare } if is_plain && !(*rare && has_rare) => match count {
                0 => true,
                1 => has_none(text, start, end, [bytes[0]]),
                _ => has_none(text, start, end, *bytes),
            },
            Self::Nothing => false,
            Self::Absent { .. } | Self::Each => are_all(text, start, end, any_of),
        }
    }
}

/// Whether none of `needles` stands in `start..end`.
#[inline(always)]
fn has_none<const N: usize>(text: &Text, start: u32, end: u32, needles: [u8; N]) -> bool {
    let mut at = start;
    while at < end {
        let len = end - at;
        let mask = text.mask(at, needles);
        let own = if len < 64 { mask & !(u64::MAX << len) } else { mask };
        if own != 0 {
            return false;
        }
        at += 64;
    }
    true
}

/// Whether each byte of a span is allowed. A short one is looked at as eight bytes, whatever its length: a loop of any
/// length is guessed wrong more often than not.
fn are_all(text: &Text, start: u32, end: u32, allowed: &[bool; 256]) -> bool {
    let len = end - start;
    if len > 8 {
        return text.span(start, end).iter().fold(true, |all, byte| all & allowed[usize::from(*byte)]);
    }
    let bytes = text.word(start).to_le_bytes();
    (0..8).fold(true, |all, i| all & ((i >= len) | allowed[usize::from(bytes[i as usize])]))
}

/// A set of ASCII bytes as a few ranges, which eight bytes are compared with at a time.
#[derive(Clone, Debug, PartialEq)]
struct Ranges {
    /// Of each range, its first and last byte, eight times.
    bounds: Vec<(u64, u64)>,
}

impl Ranges {
    /// More ranges than this are no quicker than a table.
    const MAX: usize = 4;
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;

    fn new(allowed: &[bool; 256]) -> Option<Self> {
        let mut bounds: Vec<(u64, u64)> = Vec::new();
        for byte in (0..=u8::MAX).filter(|byte| allowed[usize::from(*byte)]) {
            if byte > 0x7f {
                return None;
            }
            match bounds.last_mut() {
                Some((_, last)) if *last + 1 == u64::from(byte) => *last += 1,
                _ => bounds.push((byte.into(), byte.into())),
            }
        }
        let eight = |(first, last)| (first * Self::ONES, last * Self::ONES);
        (bounds.len() <= Self::MAX).then(|| Self { bounds: bounds.into_iter().map(eight).collect() })
    }

    /// Whether each byte of a span is in one of the ranges.
    #[inline(always)]
    fn have_all(&self, text: &Text, start: u32, end: u32) -> bool {
        let mut at = start;
        loop {
            let len = end - at;
            let word = text.word(at);
            let low = word & !Self::HIGH;
            let mut inside = 0;
            for (first, last) in &self.bounds {
                // No byte borrows from the next: its high bit is set before, and what is taken off is less.
                let above = (low | Self::HIGH) - first;
                let below = (last | Self::HIGH) - low;
                inside |= above & below;
            }
            let outside = (!inside | word) & Self::HIGH;
            if len <= 8 {
                let own = if len < 8 { outside & !(u64::MAX << (8 * len)) } else { outside };
                return own == 0;
            }
            if outside != 0 {
                return false;
            }
            at += 8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_what_the_table_says() {
        let sets: [&[u8]; 5] = [b"0123456789", b"-0123456789", b"abcXYZ_", b"\x00\x7f", b""];
        for set in sets {
            let mut allowed = [false; 256];
            set.iter().for_each(|byte| allowed[usize::from(*byte)] = true);
            let ranges = Ranges::new(&allowed).unwrap();
            for byte in 0..=u8::MAX {
                for len in 0..20_u32 {
                    let mut bytes = vec![set.first().copied().unwrap_or(b'x'); 40];
                    (0..40).step_by(7).for_each(|at| bytes[at] = byte);
                    let text = Text::copied(&bytes);
                    for start in 0..9 {
                        let end = start + len;
                        let want = text.span(start, end).iter().all(|byte| allowed[usize::from(*byte)]);
                        assert_eq!(ranges.have_all(&text, start, end), want, "{set:?} {byte} {start} {len}");
                        assert_eq!(are_all(&text, start, end, &allowed), want);
                        let none = !text.span(start, end).contains(&byte);
                        assert_eq!(has_none(&text, start, end, [byte]), none);
                    }
                }
            }
        }
        assert_eq!(Ranges::new(&[true; 256]), None);
    }
}
