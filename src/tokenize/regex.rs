//! The tokenizer for regular expressions: each record is searched by a linear-time engine.
//!
//! Expressions are over characters. Bytes that are no UTF-8 count as U+FFFD, one for each that a text column would show;
//! such records are searched as that text, and the places found are carried back.

use std::mem::swap;
use std::sync::Arc;

use regex_automata::meta::{Cache, Config, Regex};
use regex_automata::util::primitives::NonMaxUsize;
use regex_automata::util::syntax;
use regex_automata::{Anchored as From, Input};

use super::grammar::Rules;
use super::lowered::Lowered;
use super::tape::{Malformed, Tape, Tokenize};
use crate::error::{Fault, Reason};
use crate::simd::{self, Field, Index, Level, Row, Structurals, Text, TextBlock};

/// Where a match must stand in its record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Anchored {
    /// Anywhere; the leftmost counts.
    #[default]
    No,
    /// At the start.
    Start,
    /// It is the whole record.
    Full,
}

/// Compiled expressions that fill numbered captures.
#[derive(Clone, Debug)]
pub struct RegexProgram {
    expressions: Arc<[Expression]>,
    texts: Vec<String>,
    anchored: Anchored,
    captures: usize,
    rules: Rules,
    lowered: Result<Arc<Lowered>, &'static str>,
}

#[derive(Debug)]
struct Expression {
    regex: Regex,
    /// Capture and group; of several groups of a capture the first that takes part counts.
    groups: Vec<(u16, u32)>,
}

impl PartialEq for RegexProgram {
    fn eq(&self, other: &Self) -> bool {
        (&self.texts, self.anchored, &self.rules) == (&other.texts, other.anchored, &other.rules)
    }
}

impl RegexProgram {
    /// Memory of one compiled expression, at most; what the regex crate allows.
    const MAX_BYTES: usize = 10 << 20;

    /// Compiles `texts`, which are tried in order. `capture` numbers the names of groups; a group `name[2]` is another
    /// place of the capture `name`.
    ///
    /// **Errors**: what is wrong with an expression, in words: its syntax or its size.
    pub fn new(
        texts: &[String],
        anchored: Anchored,
        mut capture: impl FnMut(&str) -> usize,
        rules: Rules,
    ) -> Result<Self, String> {
        let mut captures = 0;
        let mut expressions = Vec::with_capacity(texts.len());
        for text in texts {
            let whole = if anchored == Anchored::Full { format!(r"\A(?:{text})\z") } else { text.clone() };
            let config = Config::new().nfa_size_limit(Some(Self::MAX_BYTES)).utf8_empty(true);
            let regex = Regex::builder().configure(config).syntax(syntax::Config::new()).build(&whole).map_err(
                |err| match err.syntax_error() {
                    Some(err) => err.to_string(),
                    None => format!("compiled, the expression is larger than {} bytes", Self::MAX_BYTES),
                },
            )?;
            let names = regex.group_info().pattern_names(regex_automata::PatternID::ZERO);
            let mut groups = Vec::new();
            for (group, name) in names.enumerate() {
                if let Some(name) = name {
                    let index = capture(name.split('[').next().unwrap_or(name));
                    captures = captures.max(index + 1);
                    groups.push((index as u16, group as u32));
                }
            }
            expressions.push(Expression { regex, groups });
        }
        let lowered = Err("nobody asked for it");
        Ok(Self { expressions: expressions.into(), texts: texts.to_vec(), anchored, captures, rules, lowered })
    }

    /// The same with what the first expression was lowered to, or why it was not.
    #[must_use]
    pub fn with_lowered(self, lowered: Result<Lowered, &'static str>) -> Self {
        Self { lowered: lowered.map(Arc::new), ..self }
    }

    /// What the first expression was lowered to, or why it was not.
    pub fn lowered(&self) -> Result<&Arc<Lowered>, &'static str> {
        self.lowered.as_ref().map_err(|why| *why)
    }

    /// How many captures there are.
    pub fn captures(&self) -> usize {
        self.captures
    }

    /// What holds for all records.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }
}

/// Searches records, one after the other. Belongs to one thread: the engine's memory is used again and again.
#[derive(Debug)]
pub(super) struct Search {
    program: RegexProgram,
    caches: Vec<Cache>,
    slots: Vec<Option<NonMaxUsize>>,
    shown: Shown,
}

impl Search {
    pub(super) fn new(program: RegexProgram) -> Self {
        let slots = program.expressions.iter().map(|expression| expression.regex.group_info().slot_len()).max();
        Self {
            caches: program.expressions.iter().map(|expression| expression.regex.create_cache()).collect(),
            slots: vec![None; slots.unwrap_or(0)],
            shown: Shown::default(),
            program,
        }
    }

    /// Searches a record; `spans` are then those of its captures, and of the text behind the match.
    pub(super) fn run(&mut self, record: &[u8], is_utf8: bool, spans: &mut Vec<(u32, u32)>) -> bool {
        let is_shown = !is_utf8 && self.shown.read(record);
        let haystack = if is_shown { self.shown.text.as_bytes() } else { record };
        let from = if self.program.anchored == Anchored::No { From::No } else { From::Yes };
        let input = Input::new(haystack).anchored(from);
        for (expression, cache) in self.program.expressions.iter().zip(&mut self.caches) {
            let slots = &mut self.slots[..expression.regex.group_info().slot_len()];
            if expression.regex.search_slots_with(cache, &input, slots).is_none() {
                continue;
            }
            let span = |group: u32| {
                let [start, end] =
                    [2 * group as usize, 2 * group as usize + 1].map(|at| slots.get(at).copied().flatten());
                let place = |at: NonMaxUsize| if is_shown { self.shown.place(at.get()) } else { at.get() as u32 };
                Some((place(start?), place(end?)))
            };
            spans.clear();
            spans.resize(self.program.captures + 1, MISSING);
            for (capture, group) in &expression.groups {
                let own = &mut spans[usize::from(*capture)];
                if *own == MISSING {
                    *own = span(*group).unwrap_or(MISSING);
                }
            }
            let (end, len) = (span(0).unwrap_or_default().1, record.len() as u32);
            if self.program.rules.extra && end < len {
                spans[self.program.captures] = (end, len);
            }
            return true;
        }
        false
    }

    /// What a fault means, for people.
    pub(super) fn describe(&self, fault: Fault) -> String {
        match fault.reason {
            Reason::TooLong => format!("the record is longer than {} bytes", self.program.rules.max_record_bytes),
            Reason::Corrupt => "the compressed stream is damaged here".into(),
            Reason::BadValue => "not a value of the column's type".into(),
            _ if self.program.texts.len() == 1 => "expected a match of the regular expression".into(),
            _ => format!("expected a match of one of {} regular expressions", self.program.texts.len()),
        }
    }

    /// What searches, and where.
    pub(super) fn explain(&self) -> String {
        let place = match self.program.anchored {
            Anchored::No => "searched for in each record",
            Anchored::Start => "at the start of each record",
            Anchored::Full => "the whole of each record",
        };
        match self.program.texts.len() {
            1 => format!("regular expression (regex-automata), {place}"),
            count => format!("{count} regular expressions in turn (regex-automata), {place}"),
        }
    }
}

/// Runs a [`RegexProgram`] that was not lowered.
#[derive(Debug)]
pub struct RegexTokenizer {
    program: RegexProgram,
    level: Level,
    search: Search,
    fields: Vec<Field>,
    record: Field,
    extra: Field,
    index: Index,
    /// Spans of the record's captures, then of the text behind the match.
    spans: Vec<(u32, u32)>,
}

/// A span that is not there.
const MISSING: (u32, u32) = (1, 0);

impl RegexTokenizer {
    /// A tokenizer for `program`; lines are found by kernels at `level`.
    pub fn new(program: RegexProgram, level: Level) -> Self {
        let pair = |i: usize| Field { start_slot: 2 * i as u16, end_slot: 2 * i as u16 + 1, ..Field::default() };
        Self {
            search: Search::new(program.clone()),
            fields: (0..program.captures).map(pair).collect(),
            extra: pair(program.captures),
            record: pair(program.captures + 1),
            index: Index::default(),
            spans: Vec::new(),
            program,
            level,
        }
    }

    fn write_row(&self, start: u32, end: u32, tape: &mut Tape) -> u32 {
        let base = tape.positions.len() as u32;
        for (from, to) in &self.spans {
            tape.positions.extend([start + from, start + to]);
        }
        tape.positions.extend([start, end]);
        base
    }
}

impl Tokenize for RegexTokenizer {
    fn tokenize<'t>(&mut self, text: &'t Text, start: usize, end: usize, line: u32, tape: &mut Tape) -> TextBlock<'t> {
        tape.clear();
        let block = simd::index(self.level, text, start, end, &Structurals::default(), &mut self.index);
        let mut lines = Vec::new();
        swap(&mut lines, &mut self.index.positions);
        let is_utf8 = block.coding() != simd::Coding::Broken;
        for (number, pair) in lines.windows(2).enumerate() {
            let (start, end) = (pair[0].wrapping_add(1), pair[1]);
            let end = end - u32::from(end > start && text.byte(end - 1) == b'\r');
            let record = text.span(start, end);
            let line = line + number as u32;
            tape.lines += 1;
            let too_long = record.len() > self.program.rules.max_record_bytes;
            if record.is_empty() || self.program.rules.is_comment(record) {
                tape.skipped += 1;
            } else if !too_long && self.search.run(record, is_utf8, &mut self.spans) {
                let base = self.write_row(start, end, tape);
                tape.rows.push(Row::new(base, line));
            } else {
                let reason = if too_long { Reason::TooLong } else { Reason::NoMatch };
                let rows_before = tape.rows.len() as u32;
                tape.malformed.push(Malformed { line, start, end, fault: Fault { reason, at: 0 }, rows_before });
            }
        }
        self.index.positions = lines;
        block
    }

    fn fields(&self) -> &[Field] {
        &self.fields
    }

    fn record(&self) -> Field {
        self.record
    }

    fn extra(&self) -> Field {
        self.extra
    }

    fn null_row(&self, malformed: &Malformed, tape: &mut Tape) -> Row {
        let base = tape.positions.len() as u32;
        for _ in 0..=self.program.captures {
            tape.positions.extend([MISSING.0, MISSING.1]);
        }
        tape.positions.extend([malformed.start, malformed.end]);
        Row::new(base, malformed.line).all_null()
    }

    fn describe(&self, fault: Fault) -> String {
        self.search.describe(fault)
    }

    fn explain(&self) -> String {
        let why = self.program.lowered().err().unwrap_or_default();
        format!("{}; not lowered to the delimiter program: {why}", self.search.explain())
    }
}

/// A record that is no UTF-8, as text columns show it.
#[derive(Debug, Default)]
struct Shown {
    text: String,
    /// Where runs of valid text start, in `text` and in the record; ascending.
    runs: Vec<(u32, u32)>,
}

impl Shown {
    /// Takes a record; false if it is UTF-8 as it is.
    fn read(&mut self, record: &[u8]) -> bool {
        self.text.clear();
        self.runs.clear();
        let mut at = 0;
        for chunk in record.utf8_chunks() {
            self.runs.push((self.text.len() as u32, at as u32));
            self.text.push_str(chunk.valid());
            at += chunk.valid().len();
            if !chunk.invalid().is_empty() {
                self.runs.push((self.text.len() as u32, at as u32));
                self.text.push(char::REPLACEMENT_CHARACTER);
                at += chunk.invalid().len();
            }
        }
        self.runs.push((self.text.len() as u32, at as u32));
        self.text.len() != record.len() || self.text.as_bytes() != record
    }

    /// The place in the record of a place in the text.
    fn place(&self, at: usize) -> u32 {
        // Places lie between characters, so none is inside a replacement.
        let run = self.runs.partition_point(|(shown, _)| *shown <= at as u32).saturating_sub(1);
        let (shown, own) = self.runs.get(run).copied().unwrap_or_default();
        own + (at as u32 - shown)
    }
}
