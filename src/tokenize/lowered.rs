//! What a lowered expression asks of the spans that a delimiter program finds.
//!
//! A record whose literals stand where the program wants them has the matches of the expression if each span holds what
//! its element may hold. A record of which that is not so is left to the expression itself.

use std::sync::Arc;

use regex_automata::dfa::{Automaton, dense};
use regex_automata::meta::{Cache, Config, Regex};
use regex_automata::nfa::thompson;
use regex_automata::util::primitives::NonMaxUsize;
use regex_automata::util::{start, syntax};
use regex_automata::{Anchored, Input, MatchKind};

use super::program::{Class, Op, Program};
use super::signature::Signature;
use super::variants::Variants;
use crate::simd::{Row, Structurals, Text};

/// What a regular expression was lowered to.
#[derive(Debug)]
pub struct Lowered {
    /// The ways to cut a record, as alternatives. Its captures are those of the expression, then one for each element
    /// that is no capture by itself.
    pub(super) program: Program,
    elements: Vec<Element>,
    /// All matches have their literals in the same places, counted by the structural bytes of the record.
    pub(super) is_whole: bool,
    /// It may be asked about text that is no UTF-8.
    pub(super) is_bytewise: bool,
    /// The captures that are groups in elements.
    pub(super) inner_captures: Vec<u16>,
}

/// What an element may hold; `lower` says what each means.
#[derive(Clone, Debug, PartialEq)]
pub enum Holds {
    /// At least `min` and at most `max` bytes, all of `set`.
    Bytes {
        /// The bytes.
        set: Vec<u8>,
        /// At least so many.
        min: u32,
        /// At most.
        max: Option<u32>,
    },
    /// What an expression matches.
    Language {
        /// The expression.
        pattern: String,
        /// Its groups' names and the captures they fill.
        groups: Vec<(String, u16)>,
        /// It matches any text of these bytes, the empty one too.
        any_of: Vec<u8>,
        /// It may match less than all; then the whole expression decides.
        prefix: bool,
    },
}

#[derive(Debug)]
struct Element {
    capture: u16,
    /// Any text of these bytes will do, but for its length.
    any_of: Box<[bool; 256]>,
    test: Test,
}

#[derive(Debug)]
enum Test {
    /// Bytes that will do, at least and at most so many.
    Bytes { min: u32, max: u32 },
    /// An automaton that matches all of it.
    Automaton(Box<dense::DFA<Vec<u32>>>),
    /// An expression, its groups, and the captures they fill.
    Expression { regex: Box<Regex>, groups: Vec<(u32, u16)> },
}

impl Lowered {
    /// Larger automata are left to the engine that builds them as it goes.
    const MAX_AUTOMATON_BYTES: usize = 1 << 18;

    /// What `program`, of alternatives without choices, needs of its captures, so that it may stand for an expression.
    /// `is_whole`: each match of the expression has the literals of the alternatives, which are all the same.
    ///
    /// **Errors**: why the program would be of no use, in words.
    pub fn new(mut program: Program, elements: Vec<(u16, Holds)>, is_whole: bool) -> Result<Self, &'static str> {
        Variants::apart(&mut program)?;
        let is_ascii = program.alternatives.iter().flatten().all(|op| match op {
            Op::Literal(bytes) => bytes.is_ascii(),
            _ => true,
        });
        let is_bytewise = is_ascii && elements.iter().all(|(_, holds)| matches!(holds, Holds::Bytes { .. }));
        let mut inner_captures = Vec::new();
        let mut compiled = Vec::with_capacity(elements.len());
        for (capture, holds) in elements {
            if let Holds::Language { groups, .. } = &holds {
                let new = groups.iter().map(|(_, capture)| *capture);
                inner_captures.extend(new.filter(|capture| !inner_captures.contains(capture)).collect::<Vec<_>>());
            }
            let mut any_of = Box::new([false; 256]);
            let (Holds::Bytes { set, .. } | Holds::Language { any_of: set, .. }) = &holds;
            set.iter().for_each(|byte| any_of[usize::from(*byte)] = true);
            let test = Test::new(holds).ok_or("a part of it is too large by itself")?;
            compiled.push(Element { capture, any_of, test });
        }
        Ok(Self { program, elements: compiled, is_whole, is_bytewise, inner_captures })
    }
}

impl Test {
    fn new(holds: Holds) -> Option<Self> {
        match holds {
            Holds::Bytes { min, max, .. } => Some(Self::Bytes { min, max: max.unwrap_or(u32::MAX) }),
            Holds::Language { pattern, groups, prefix, .. } => {
                let is_plain = groups.is_empty() && !prefix;
                if let Some(automaton) = is_plain.then(|| automaton(&pattern)).flatten() {
                    return Some(Self::Automaton(Box::new(automaton)));
                }
                let text = if prefix { pattern } else { format!(r"(?:{pattern})\z") };
                let config = Config::new().utf8_empty(true);
                let regex = Regex::builder().configure(config).syntax(syntax::Config::new()).build(&text).ok()?;
                let names = regex.group_info().pattern_names(regex_automata::PatternID::ZERO);
                let captures = names.enumerate().filter_map(|(group, name)| {
                    let (_, capture) = groups.iter().find(|(own, _)| Some(own.as_str()) == name)?;
                    Some((group as u32, *capture))
                });
                let groups = captures.collect();
                Some(Self::Expression { regex: Box::new(regex), groups })
            }
        }
    }
}

/// An automaton for whole texts, if it is small.
fn automaton(pattern: &str) -> Option<dense::DFA<Vec<u32>>> {
    let limit = Some(Lowered::MAX_AUTOMATON_BYTES);
    let config = dense::Config::new()
        .match_kind(MatchKind::All)
        .start_kind(regex_automata::dfa::StartKind::Anchored)
        .dfa_size_limit(limit)
        .determinize_size_limit(limit.map(|limit| 4 * limit));
    let nfa = thompson::Config::new().which_captures(thompson::WhichCaptures::None);
    dense::Builder::new().configure(config).thompson(nfa).syntax(syntax::Config::new()).build(pattern).ok()
}

/// Whether `automaton` matches all of `bytes`.
#[inline(always)]
fn matches_all(automaton: &dense::DFA<Vec<u32>>, bytes: &[u8]) -> bool {
    let Ok(mut state) = automaton.start_state(&start::Config::new().anchored(Anchored::Yes)) else { return false };
    for byte in bytes {
        state = automaton.next_state(state, *byte);
        // Dead, or one that gives up on a byte.
        if automaton.is_special_state(state) && (automaton.is_dead_state(state) || automaton.is_quit_state(state)) {
            return false;
        }
    }
    automaton.is_match_state(automaton.next_eoi_state(state))
}

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
            Test::Bytes { .. } | Test::Automaton(_) => None,
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
                    if !matches_all(automaton, text.span(start, end)) {
                        return false;
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
