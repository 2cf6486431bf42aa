//! JSON records: a walk over the structural bytes that stage 1 has found, guided by the columns that are wanted.
//!
//! A record is looked at once. Each of its values is checked, and those that a column asks for are written into a row: the
//! span of a string between its quotes, of a number as it stands. The elements of a list, and the members of an object
//! whose keys are data, are rows of a table of their own; the list's span in its row tells which. Everything else is passed
//! over, but checked as well, so that whether a record is JSON does not depend on what is wanted of it.

mod explode;
mod frames;
mod keys;
mod object;
mod scalar;
mod seen;
mod walk;

use super::grammar::Rules;
use super::tape::{Malformed, Tape, Tokenize};
use crate::error::{Fault, Reason};
use crate::simd::{Field, JsonIndex, Level, Row, Text, TextBlock, json_index};
use crate::split::Values;
pub use explode::Explode;
use explode::Record;
use keys::Keys;
use object::Outer;
use scalar::bad_escape;
use walk::{MISSING, Piece, Walk};

/// What is wanted of JSON records.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonGrammar {
    /// What is wanted of a record as a whole: [`JsonGrammar::ROOT`], and perhaps its text.
    pub root: Want,
    /// The kinds of objects whose keys are known.
    pub nodes: Vec<JsonNode>,
    /// The tables of child rows.
    pub tables: Vec<JsonTable>,
    /// Captures a row.
    pub captures: usize,
    /// Keys are matched without regard to case.
    pub ignore_case: bool,
    /// Whether the text of members that no column knows is wanted; else only whether a record has any.
    pub keeps_extra: bool,
    /// How records follow one another, if they are not lines.
    pub values: Option<Values>,
    /// The array whose elements are the rows, if it is not the records themselves.
    pub explode: Option<Explode>,
    /// The slot of a text, and the one that tells a record to be skipped.
    pub skip: Option<(u16, Box<[u8]>)>,
    /// What holds for any layout.
    pub rules: Rules,
}

/// A kind of object whose keys are known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JsonNode {
    /// Its members by key.
    pub members: Vec<(Box<[u8]>, Want)>,
    /// What members of other keys are wanted for: nothing, but they may be extra.
    pub other: Want,
}

/// A table whose rows are the elements of lists, or the members of objects whose keys are data.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonTable {
    /// What is wanted of an element, or of a member's value.
    pub item: Want,
    /// Spans a row; those of a map begin with the key.
    pub slots: u16,
    /// Whether its rows are members.
    pub is_map: bool,
}

/// No slot, node or table.
pub const NONE: u16 = u16::MAX;

/// What a value is wanted for. Slots count the spans of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Want {
    /// Where the span of a scalar goes; of a string, what lies between its quotes.
    pub text: u16,
    /// Where the span of any value goes, as it is written.
    pub raw: u16,
    /// Where the span of a container goes that `node` or `table` takes apart: of an object with known keys its own, else
    /// that of its child rows.
    pub inside: u16,
    /// The kind of object it is.
    pub node: u16,
    /// The table of its elements or members.
    pub table: u16,
    /// The member is one that no column knows.
    pub is_extra: bool,
}

impl Default for Want {
    fn default() -> Self {
        Self { text: NONE, raw: NONE, inside: NONE, node: NONE, table: NONE, is_extra: false }
    }
}

impl Want {
    /// Whether the value is only checked.
    #[inline(always)]
    fn is_idle(self) -> bool {
        self.text & self.raw & self.inside == NONE
    }

    /// A slot that tells whether the value was there before.
    #[inline(always)]
    fn any_slot(self) -> u16 {
        self.text.min(self.raw).min(self.inside)
    }
}

/// The slot of the record itself.
const RECORD_SLOT: u16 = JsonGrammar::RECORD_SLOT;
/// The slot of the pieces of extra text.
const EXTRA_SLOT: u16 = 1;
/// The slots of a row before its captures.
const OWN_SLOTS: usize = 2;

/// A position for each piece of extra text: its start, its end, and the object it is a member of.
pub const PIECE_POSITIONS: usize = 3;

/// Objects and arrays within one another, at most.
const MAX_DEPTH: u32 = 128;

/// Positions a tape can hold: rows have 30 bits for where they begin.
const MAX_POSITIONS: usize = 1 << 29;

impl JsonGrammar {
    /// What is wanted of every record: that it is an object, of node 0.
    pub const ROOT: Want = Want { text: NONE, raw: NONE, inside: RECORD_SLOT, node: 0, table: NONE, is_extra: false };

    /// The slot of the record itself.
    pub const RECORD_SLOT: u16 = 0;

    /// The slot of the capture with this number.
    pub const fn slot(capture: usize) -> u16 {
        (OWN_SLOTS + capture) as u16
    }

    /// How a span follows from a row.
    pub fn field(slot: u16) -> Field {
        Field { start_slot: 2 * slot, end_slot: 2 * slot + 1, start_add: 0, end_add: 0 }
    }
}

/// All slots of its row that a value fills.
fn record_slots(grammar: &JsonGrammar, want: Want) -> Vec<u16> {
    let mut slots: Vec<u16> = [want.text, want.raw, want.inside].into_iter().filter(|slot| *slot != NONE).collect();
    if let Some(node) = grammar.nodes.get(usize::from(want.node)) {
        slots.extend(node.members.iter().flat_map(|(_, want)| record_slots(grammar, *want)));
    }
    slots
}

/// What is wrong with a record, and where in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wrong {
    what: u16,
    at: u32,
}

impl Wrong {
    const VALUE: u16 = 0;
    const SEPARATOR: u16 = 1;
    const QUOTE: u16 = 2;
    const NUMBER: u16 = 3;
    const DEPTH: u16 = 4;
    const KEY: u16 = 5;
    const COLON: u16 = 6;
    const BRACE: u16 = 7;
    const BRACKET: u16 = 8;
    const TRAILING: u16 = 9;
    const CONTROL: u16 = 10;
    const ESCAPE: u16 = 11;
    const OBJECT: u16 = 12;
    const ITEMS: u16 = 13;
    const CLOSED: u16 = 14;
    const OPENED: u16 = 15;
    const QUOTES: u16 = 16;
    const ROWS: u16 = 17;

    const TEXTS: [&str; 18] = [
        "expected a value",
        "expected a comma behind the value",
        "expected a closing quote",
        "expected a number",
        "expected at most 128 objects and arrays within one another",
        "expected a key in quotes",
        "expected a colon behind the key",
        "expected a comma or }",
        "expected a comma or ]",
        "expected the end of the record",
        "expected an escape in place of a control character",
        "expected an escape such as \\n or \\u0041",
        "expected an object",
        "expected fewer elements",
        "expected the end of a string, an object or an array",
        "expected no bracket that closes nothing",
        "expected as many quotes that open as close",
        "expected an array of the records inside",
    ];
}

/// Runs a [`JsonGrammar`].
#[derive(Debug)]
pub(super) struct JsonTokenizer {
    grammar: JsonGrammar,
    level: Level,
    index: JsonIndex,
    /// The index of a record by itself.
    own_index: JsonIndex,
    keys: Keys,
    outer: Vec<Outer>,
    pieces: Vec<Piece>,
    /// Rows of each table before the record under way.
    child_rows: Vec<usize>,
    fields: Vec<Field>,
    /// An empty row.
    blank: Vec<u32>,
}

impl JsonTokenizer {
    pub(super) fn new(grammar: JsonGrammar, level: Level) -> Self {
        let slots = OWN_SLOTS + grammar.captures;
        Self {
            keys: Keys::new(&grammar),
            outer: Vec::new(),
            fields: (0..grammar.captures).map(|capture| JsonGrammar::field(JsonGrammar::slot(capture))).collect(),
            blank: MISSING.repeat(slots),
            index: JsonIndex::default(),
            own_index: JsonIndex::default(),
            pieces: Vec::new(),
            child_rows: Vec::new(),
            level,
            grammar,
        }
    }

    /// Records that are lines.
    fn lines(&mut self, text: &Text, start: u32, end: u32, line: u32, tape: &mut Tape) {
        let index = std::mem::take(&mut self.index);
        let mut cursor = Cursor::default();
        let mut start = start;
        while start < end {
            let number = line + tape.lines;
            tape.lines += 1;
            let newline = self.record(text, &index, start, end, number, &mut cursor, tape);
            start = newline.unwrap_or(end) + 1;
        }
        self.index = index;
    }

    /// The record that starts at `start`; gives where its newline is. A value that ends with its last brace: where that is,
    /// or nothing if it is not good.
    #[expect(clippy::too_many_arguments, reason = "what a call may borrow at once, in the loop over records")]
    fn record(
        &mut self,
        text: &Text,
        index: &JsonIndex,
        start: u32,
        end: u32,
        line: u32,
        cursor: &mut Cursor,
        tape: &mut Tape,
    ) -> Option<u32> {
        let before = Sizes::of(tape, &mut self.child_rows);
        let base = tape.positions.len();
        tape.positions.extend_from_slice(&self.blank);
        let positions = &index.positions[..];
        self.keys.make_room();
        let mut walk = Walk {
            text,
            index: positions,
            end,
            at: cursor.position.wrapping_sub(1),
            grammar: &self.grammar,
            keys: &mut self.keys,
            outer: &mut self.outer,
            tape,
            pieces: &mut self.pieces,
            depth: 0,
            is_value: cursor.is_value,
            has_extra: false,
        };
        let walked = walk.record(start, base);
        let has_extra = walk.has_extra;
        let is_object = walk.tape.positions[base] <= walk.tape.positions[base + 1];
        // A walk that fails at once has not moved.
        let mut at = if walk.at == cursor.position.wrapping_sub(1) { cursor.position } else { walk.at };
        let (newline, record_end, last);
        if cursor.is_value {
            let Some(brace) = positions.get(at.wrapping_sub(1)).filter(|_| walked.is_ok()) else {
                before.restore(tape, &self.child_rows);
                self.pieces.clear();
                return None;
            };
            (newline, record_end, last) = (brace + 1, brace + 1, *brace);
            cursor.position = at;
        } else {
            // A walk that fails stops early.
            newline = loop {
                match positions.get(at) {
                    None => break end,
                    Some(position) if text.byte(*position) == b'\n' => break *position,
                    Some(_) => at = at.wrapping_add(1),
                }
            };
            (record_end, last) = (newline - u32::from(newline > start && text.byte(newline - 1) == b'\r'), newline);
            cursor.position = at.wrapping_add(1);
        }
        let escapes = cursor.backslashes(index, newline);
        let fault = cursor.fault(index, last);
        let wrong = self.wrong(text, (start, newline), walked, fault, escapes, is_object);
        if let Some(reason_at) = wrong {
            before.restore(tape, &self.child_rows);
            self.pieces.clear();
            if cursor.is_value {
                return None;
            }
            self.refuse(text, (start, record_end), line, reason_at, tape);
            return Some(newline);
        }
        tape.positions[base..base + 2].copy_from_slice(&[start, record_end]);
        if self.grammar.has_other_rows() {
            self.other_rows(text, Record { base, line, has_escapes: !escapes.is_empty() }, tape);
            return Some(newline);
        }
        if has_extra {
            let first = tape.positions.len() as u32;
            tape.positions.extend(self.pieces.drain(..).flatten());
            let slot = base + 2 * usize::from(EXTRA_SLOT);
            let last = tape.positions.len() as u32;
            tape.positions[slot..slot + 2].copy_from_slice(&[first, last]);
        }
        tape.rows.push(Row::new(base as u32, line).with_escapes(!escapes.is_empty()));
        // There is one way for all: what keys are expected depends on where a chunk began.
        tape.fast_rows += 1;
        Some(newline)
    }

    /// What is wrong with a record: what stands farthest to the left.
    #[inline(always)]
    fn wrong(
        &self,
        text: &Text,
        (start, end): (u32, u32),
        walked: Result<(), Wrong>,
        fault: Option<u32>,
        escapes: &[u32],
        is_object: bool,
    ) -> Option<Wrong> {
        let bad = if escapes.is_empty() { None } else { bad_escape(text, escapes) };
        let is_long = (end - start) as usize > self.grammar.rules.max_record_bytes;
        let root = self.grammar.root;
        let is_other = !is_object && root.text & root.raw == NONE;
        if walked.is_ok() && fault.is_none() && bad.is_none() && !is_long && !is_other {
            return None;
        }
        Some(leftmost(text, start, walked, fault, bad, is_other))
    }

    /// Enters a record that is none: a blank line, a comment, or a malformed one.
    #[cold]
    fn refuse(&self, text: &Text, (start, end): (u32, u32), line: u32, wrong: Wrong, tape: &mut Tape) {
        let record = text.span(start, end);
        if record.iter().all(|byte| scalar::is_blank(*byte)) || self.grammar.rules.is_comment(record) {
            tape.skipped += 1;
            return;
        }
        let fault = if record.len() > self.grammar.rules.max_record_bytes {
            Fault { reason: Reason::TooLong, at: 0 }
        } else {
            Fault { reason: Reason::ExpectedLiteral(wrong.what), at: wrong.at.clamp(start, end) - start }
        };
        tape.malformed.push(Malformed { line, start, end, fault, rows_before: tape.rows.len() as u32 });
    }
}

/// The leftmost of what is wrong with a record.
#[cold]
fn leftmost(
    text: &Text,
    start: u32,
    walked: Result<(), Wrong>,
    fault: Option<u32>,
    bad_escape: Option<u32>,
    is_other: bool,
) -> Wrong {
    let fault = fault.map(|at| match text.byte(at) {
        b'\n' => Wrong { what: Wrong::QUOTE, at },
        byte if byte < b' ' => Wrong { what: Wrong::CONTROL, at },
        _ => Wrong { what: Wrong::SEPARATOR, at },
    });
    let bad_escape = bad_escape.map(|at| Wrong { what: Wrong::ESCAPE, at });
    let other = is_other.then_some(Wrong { what: Wrong::OBJECT, at: start });
    let all = [walked.err(), fault, bad_escape].into_iter().flatten();
    all.min_by_key(|wrong| wrong.at).or(other).unwrap_or(Wrong { what: Wrong::VALUE, at: start })
}

/// How far the lists of an index are read.
#[derive(Default)]
struct Cursor {
    position: usize,
    backslash: usize,
    fault: usize,
    /// Records end with their last brace.
    is_value: bool,
}

impl Cursor {
    /// Passes over what stands before `start`.
    fn pass(&mut self, index: &JsonIndex, start: u32) {
        let pass = |list: &[u32], at: &mut usize| {
            while list.get(*at).is_some_and(|position| *position < start) {
                *at += 1;
            }
        };
        pass(&index.positions, &mut self.position);
        pass(&index.backslashes, &mut self.backslash);
        pass(&index.faults, &mut self.fault);
    }

    /// The backslashes before `end`.
    #[inline(always)]
    fn backslashes<'i>(&mut self, index: &'i JsonIndex, end: u32) -> &'i [u32] {
        let from = self.backslash;
        while index.backslashes.get(self.backslash).is_some_and(|at| *at < end) {
            self.backslash += 1;
        }
        &index.backslashes[from..self.backslash]
    }

    /// The first fault up to `end`, where a string that is open is one.
    #[inline(always)]
    fn fault(&mut self, index: &JsonIndex, end: u32) -> Option<u32> {
        let first = index.faults.get(self.fault).copied().filter(|at| *at <= end);
        while index.faults.get(self.fault).is_some_and(|at| *at <= end) {
            self.fault += 1;
        }
        first
    }
}

/// How much a tape held before a record, but for its child rows.
struct Sizes {
    positions: usize,
    conflicts: usize,
    duplicates: u32,
}

impl Sizes {
    #[inline(always)]
    fn of(tape: &Tape, child_rows: &mut Vec<usize>) -> Self {
        child_rows.clear();
        child_rows.extend(tape.children.iter().map(Vec::len));
        Self { positions: tape.positions.len(), conflicts: tape.conflicts.len(), duplicates: tape.duplicates }
    }

    fn restore(&self, tape: &mut Tape, child_rows: &[usize]) {
        tape.positions.truncate(self.positions);
        tape.conflicts.truncate(self.conflicts);
        tape.duplicates = self.duplicates;
        for (rows, len) in tape.children.iter_mut().zip(child_rows) {
            rows.truncate(*len);
        }
    }
}

impl Tokenize for JsonTokenizer {
    fn tokenize<'t>(&mut self, text: &'t Text, start: usize, end: usize, line: u32, tape: &mut Tape) -> TextBlock<'t> {
        tape.clear();
        tape.children.resize_with(self.grammar.tables.len(), Vec::new);
        if let Some(values) = self.grammar.values.clone() {
            let end = self.frames(&values, text, (start as u32, end as u32), line, tape);
            return TextBlock::new(text, start, end as usize);
        }
        let block = json_index(self.level, text, (start, end), true, &mut self.index);
        self.lines(text, start as u32, end as u32, line, tape);
        block
    }

    fn fields(&self) -> &[Field] {
        &self.fields
    }

    fn record(&self) -> Field {
        JsonGrammar::field(RECORD_SLOT)
    }

    fn extra(&self) -> Field {
        JsonGrammar::field(EXTRA_SLOT)
    }

    fn null_row(&self, malformed: &Malformed, tape: &mut Tape) -> Row {
        let base = tape.positions.len();
        tape.positions.extend_from_slice(&self.blank);
        tape.positions[base..base + 2].copy_from_slice(&[malformed.start, malformed.end]);
        Row::new(base as u32, malformed.line).all_null()
    }

    fn describe(&self, fault: Fault) -> String {
        match fault.reason {
            Reason::ExpectedLiteral(what) => Wrong::TEXTS[usize::from(what).min(Wrong::TEXTS.len() - 1)].into(),
            Reason::TooLong => {
                format!("expected a record of at most {} bytes", self.grammar.rules.max_record_bytes)
            }
            _ => "expected a JSON object".into(),
        }
    }

    fn explain(&self) -> String {
        "JSON, walked along its structure; keys are expected where the record before had them".into()
    }
}
