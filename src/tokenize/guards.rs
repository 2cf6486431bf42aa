//! Looks into the elements of records: whether they hold what a lowered expression wants of them.

use std::sync::Arc;

use regex_automata::meta::Cache;
use regex_automata::util::primitives::NonMaxUsize;
use regex_automata::{Anchored, Input};

use super::lowered::{BranchKind, BranchTest, Element, Lowered, Test};
use super::program::{Class, Op};
use super::signature::Signature;
use crate::simd::{Row, Structurals, Text};

/// Looks at the elements of records. Belongs to one thread.
#[derive(Debug)]
pub(super) struct Guards {
    lowered: Arc<Lowered>,
    /// One for each element, where it has an expression.
    caches: Vec<Option<Cache>>,
    slots: Vec<Option<NonMaxUsize>>,
    /// For each of the inner captures, its span in the record looked at last.
    pub(super) inner: Vec<(u32, u32)>,
    /// For each way, the numbers of its elements, and what tells in a plain sub-block that their bytes will do.
    missing: Vec<Vec<(usize, Missing)>>,
    /// A tab is structural.
    has_tabs: bool,
    /// The sub-block has no control characters, but newlines and tabs that are structural.
    is_plain: bool,
}

impl Guards {
    pub(super) fn new(lowered: Arc<Lowered>, structurals: &Structurals) -> Self {
        let regex = |element: &Element| match &element.test {
            Test::Expression { regex, .. } => Some(regex.clone()),
            Test::Bytes { .. } | Test::Automaton(_) | Test::Branches(..) => None,
        };
        let slots = lowered.elements.iter().filter_map(regex).map(|regex| regex.group_info().slot_len()).max();
        let ways = &lowered.program.alternatives;
        let missing = |ops: &[Op]| {
            let own = lowered.elements.iter().enumerate();
            own.filter_map(|(idx, element)| Some((idx, Missing::new(element, ops, structurals)?))).collect()
        };
        Self {
            caches: lowered.elements.iter().map(|element| regex(element).map(|regex| regex.create_cache())).collect(),
            slots: vec![None; slots.unwrap_or(0)],
            inner: Vec::new(),
            missing: ways.iter().map(|ops| missing(ops)).collect(),
            has_tabs: structurals.delimiters.contains(&b'\t'),
            is_plain: false,
            lowered,
        }
    }

    /// Whether it may be asked about text that is no UTF-8.
    pub(super) fn is_bytewise(&self) -> bool {
        self.lowered.is_bytewise
    }

    /// A sub-block begins.
    pub(super) fn start(&mut self, block: &[u8]) {
        let also = if self.has_tabs { b'\t' } else { b'\n' };
        let control = |byte: u8| byte < b' ' && byte != b'\n' && byte != also;
        let controls = |bytes: &[u8]| bytes.iter().fold(0, |all, byte| all | u8::from(control(*byte)));
        self.is_plain = block.chunks(4096).all(|chunk| controls(chunk) == 0);
    }

    /// Whether the elements of a record, cut in the way of number `way`, hold what they may. The record's positions are
    /// `positions` from `base` on, as `signature` counts them.
    #[inline(always)]
    pub(super) fn hold(
        &mut self,
        text: &Text,
        (way, signature): (usize, &Signature),
        positions: &[u32],
        base: usize,
    ) -> bool {
        self.inner.clear();
        self.inner.resize(self.lowered.inner_captures.len(), super::matcher::MISSING);
        let lowered = &*self.lowered;
        for (idx, missing) in &self.missing[way] {
            let element = &lowered.elements[*idx];
            let field = signature.fields[usize::from(element.capture)];
            let Some((start, end)) = field.span(positions, Row::new(base as u32, 0)) else { return false };
            // With the byte behind it, which is a literal's, or the newline's.
            if !element.unlike.iter().all(|own| own.matches_none(text.span(start, end + 1))) {
                return false;
            }
            let is_simple = match missing {
                Missing::All => false,
                missing if self.is_plain => missing.are_none(text, start, end, &element.any_of),
                _ => are_all(text, start, end, &element.any_of),
            };
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
                    let (span, Some(cache)) = (text.span(start, end), &mut self.caches[*idx]) else { return false };
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

/// Whether each byte of a span is allowed. A short one is looked at as eight bytes, whatever its length: a loop of any
/// length is guessed wrong more often than not.
#[inline(always)]
fn are_all(text: &Text, start: u32, end: u32, allowed: &[bool; 256]) -> bool {
    let len = end - start;
    if len > 8 {
        return text.span(start, end).iter().fold(true, |all, byte| all & allowed[usize::from(*byte)]);
    }
    let bytes = text.word(start).to_le_bytes();
    (0..8).fold(true, |all, i| all & ((i >= len) | allowed[usize::from(bytes[i as usize])]))
}

/// What tells that a span has only bytes that will do, in a sub-block without control characters.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Missing {
    /// Its place among the structural bytes.
    Nothing,
    /// That none of these is there.
    Some([u8; 3]),
    /// A look at each byte.
    Many,
    /// Nothing does.
    All,
}

impl Missing {
    /// What tells it of `element` in a record that is cut as `ops` say; `None` if that has no such element.
    fn new(element: &Element, ops: &[Op], structurals: &Structurals) -> Option<Self> {
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
                return Some(Self::All);
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
            let some: Vec<u8> = all.filter(|byte| !is_plain(*byte) && !is_absent(*byte)).collect();
            return Some(match some[..] {
                [] => Self::Nothing,
                [a] => Self::Some([a; 3]),
                [a, b] => Self::Some([a, b, b]),
                [a, b, c] => Self::Some([a, b, c]),
                _ => Self::Many,
            });
        }
        None
    }

    /// Whether `span` has only bytes that will do.
    #[inline(always)]
    fn are_none(&self, text: &Text, start: u32, end: u32, any_of: &[bool; 256]) -> bool {
        match self {
            Self::Nothing => true,
            Self::Some(_) if end - start <= 8 => are_all(text, start, end, any_of),
            Self::Some([a, b, _]) if a == b => memchr::memchr(*a, text.span(start, end)).is_none(),
            Self::Some([a, b, c]) => memchr::memchr3(*a, *b, *c, text.span(start, end)).is_none(),
            Self::Many => are_all(text, start, end, any_of),
            Self::All => false,
        }
    }
}
