//! What a lowered expression asks of the spans that a delimiter program finds.
//!
//! A record whose literals stand where the program wants them has the matches of the expression if each span holds what
//! its element may hold. A record of which that is not so is left to the expression itself.

use regex_automata::meta::{Config, Regex};
use regex_automata::util::syntax;

use super::automaton::{Automaton, Matches};
use super::program::{Op, Program};
use super::variants::Variants;

/// What a regular expression was lowered to.
#[derive(Debug)]
pub struct Lowered {
    /// The ways to cut a record, as alternatives. Its captures are those of the expression, then one for each element
    /// that is no capture by itself.
    pub(super) program: Program,
    pub(super) elements: Vec<Element>,
    /// All matches have their literals in the same places, counted by the structural bytes of the record.
    pub(super) is_whole: bool,
    /// It may be asked about text that is no UTF-8.
    pub(super) is_bytewise: bool,
    /// The captures that are groups in elements.
    pub(super) inner_captures: Vec<u16>,
    /// Bytes of which a record that matches has at least so many.
    required: Vec<(u8, u32)>,
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
    /// What one of several expressions matches, the first that does.
    Branches {
        /// These.
        branches: Vec<Branch>,
        /// All of them as one, which may match less than all.
        prefix: Option<String>,
    },
}

/// One of several expressions for an element.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    /// The capture that is all of it.
    pub capture: Option<u16>,
    /// The expression.
    pub pattern: String,
    /// It is these bytes.
    pub literal: Option<Vec<u8>>,
    /// It matches any text of these bytes, the empty one too.
    pub any_of: Vec<u8>,
}

/// An element of a program: what stands between two literals.
#[derive(Clone, Debug, PartialEq)]
pub struct LoweredPart {
    /// Its capture in the program.
    pub capture: u16,
    /// A capture that begins so many bytes before it, and ends so many behind it.
    pub outer: Option<(u16, u8, u8)>,
    /// Expressions: the text from the element's start on begins like none of them.
    pub unlike: Vec<String>,
    /// What it may hold.
    pub holds: Holds,
}

#[derive(Debug)]
pub(super) struct Element {
    pub(super) capture: u16,
    outer: Option<(u16, u8, u8)>,
    /// For each beginning that it must not have, an automaton.
    pub(super) unlike: Vec<Automaton>,
    /// Any text of these bytes will do, but for its length.
    pub(super) any_of: Box<[bool; 256]>,
    pub(super) test: Test,
}

#[derive(Debug)]
pub(super) enum Test {
    /// Bytes that will do, at least and at most so many.
    Bytes { min: u32, max: u32 },
    /// An automaton that matches all of it.
    Automaton(Automaton),
    /// An expression, its groups, and the captures they fill.
    Expression { regex: Box<Regex>, groups: Vec<(u32, u16)> },
    /// The first of these that holds; and an automaton for all of them.
    Branches(Vec<BranchTest>, Option<Automaton>),
}

/// What tells a branch, and the number of its inner capture.
#[derive(Debug)]
pub(super) struct BranchTest {
    pub(super) inner: Option<usize>,
    pub(super) kind: BranchKind,
}

#[derive(Debug)]
pub(super) enum BranchKind {
    Literal(Box<[u8]>),
    /// Text of these bytes will do, else the automaton tells.
    AnyOf(Box<[bool; 256]>, Automaton),
    Automaton(Automaton),
}

fn set(bytes: &[u8]) -> Box<[bool; 256]> {
    let mut out = Box::new([false; 256]);
    bytes.iter().for_each(|byte| out[usize::from(*byte)] = true);
    out
}

impl Lowered {
    /// What `program`, of alternatives without choices, needs of its captures, so that it may stand for an expression.
    /// `is_whole`: each match of the expression has the literals of the alternatives, which are all the same.
    ///
    /// **Errors**: why the program would be of no use, in words.
    pub fn new(mut program: Program, parts: Vec<LoweredPart>, is_whole: bool) -> Result<Self, &'static str> {
        Variants::apart(&mut program)?;
        let is_ascii = program.alternatives.iter().flatten().all(|op| match op {
            Op::Literal(bytes) => bytes.is_ascii(),
            _ => true,
        });
        let is_bytes = |part: &LoweredPart| matches!(part.holds, Holds::Bytes { .. }) && part.unlike.is_empty();
        let is_bytewise = is_ascii && parts.iter().all(is_bytes);
        let mut inner_captures = Vec::new();
        let mut elements = Vec::with_capacity(parts.len());
        for LoweredPart { capture, outer, unlike, holds } in parts {
            let new: Vec<u16> = match &holds {
                Holds::Bytes { .. } => Vec::new(),
                Holds::Language { groups, .. } => groups.iter().map(|(_, capture)| *capture).collect(),
                Holds::Branches { branches, .. } => branches.iter().filter_map(|branch| branch.capture).collect(),
            };
            for capture in new {
                if !inner_captures.contains(&capture) {
                    inner_captures.push(capture);
                }
            }
            let any_of = match &holds {
                Holds::Bytes { set: own, .. } | Holds::Language { any_of: own, .. } => set(own),
                Holds::Branches { .. } => set(&[]),
            };
            let too_large = "a part of it is too large by itself";
            let unlike: Option<_> = unlike.iter().map(|text| Automaton::new(text, Matches::All)).collect();
            let (unlike, test) = unlike.zip(Test::new(holds, &inner_captures)).ok_or(too_large)?;
            elements.push(Element { capture, outer, unlike, any_of, test });
        }
        Ok(Self { program, elements, is_whole, is_bytewise, inner_captures, required: Vec::new() })
    }

    /// The same where each record that matches has at least so many of some bytes.
    #[must_use]
    pub fn with_required(self, required: Vec<(u8, u32)>) -> Self {
        Self { required, ..self }
    }

    /// Whether a record lacks bytes that it needs to match.
    pub(super) fn lacks_bytes(&self, record: &[u8]) -> bool {
        self.required.iter().any(|(byte, least)| memchr::memchr_iter(*byte, record).count() < *least as usize)
    }

    /// The ways of the program, with the captures around elements.
    pub(super) fn variants(&self) -> Result<Variants, &'static str> {
        let mut variants = Variants::apart(&mut self.program.clone())?;
        for element in &self.elements {
            if let Test::Bytes { .. } = element.test {
                let signatures = variants.all.iter_mut().map(|variant| &mut variant.signature);
                signatures.for_each(|own| own.end_strictly(usize::from(element.capture), &element.any_of));
            }
            let Some((capture, before, behind)) = element.outer else { continue };
            let (own, outer) = (usize::from(element.capture), usize::from(capture));
            for signature in variants.all.iter_mut().map(|variant| &mut variant.signature) {
                if signature.stops[own].is_some() {
                    let mut field = signature.fields[own];
                    field.start_add -= i32::from(before);
                    field.end_add += i32::from(behind);
                    signature.fields[outer] = field;
                    signature.stops[outer] = signature.stops[own];
                }
            }
        }
        Ok(variants)
    }
}

impl Test {
    fn new(holds: Holds, inner_captures: &[u16]) -> Option<Self> {
        match holds {
            Holds::Bytes { min, max, .. } => Some(Self::Bytes { min, max: max.unwrap_or(u32::MAX) }),
            Holds::Language { pattern, groups, prefix, .. } => {
                let matches = if prefix { Matches::Preferred } else { Matches::All };
                if let Some(automaton) = groups.is_empty().then(|| Automaton::new(&pattern, matches)).flatten() {
                    return Some(Self::Automaton(automaton));
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
            Holds::Branches { branches, prefix } => {
                let test = |branch: Branch| {
                    let kind = match branch.literal {
                        Some(literal) => BranchKind::Literal(literal.into()),
                        None if !branch.any_of.is_empty() => {
                            BranchKind::AnyOf(set(&branch.any_of), Automaton::new(&branch.pattern, Matches::All)?)
                        }
                        None => BranchKind::Automaton(Automaton::new(&branch.pattern, Matches::All)?),
                    };
                    let own = branch.capture;
                    let inner = inner_captures.iter().position(|inner| Some(*inner) == own);
                    Some(BranchTest { inner, kind })
                };
                let whole = match prefix {
                    Some(text) => Some(Automaton::new(&text, Matches::Preferred)?),
                    None => None,
                };
                Some(Self::Branches(branches.into_iter().map(test).collect::<Option<_>>()?, whole))
            }
        }
    }
}
