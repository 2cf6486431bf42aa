//! The tokenizer for key-value pairs.
//!
//! What stands before the pairs is cut by the exact parser of patterns, the pairs by [`Dialect`]: that is what a record
//! means. Records that are nothing but pairs apart by one byte have a fast path, which takes separators and quotes from
//! stage 1 and the keys from the record before: where the expected key stands at the expected place, nothing is looked
//! up. It gives the same spans wherever it accepts a record, and tests hold it to that.

mod dialect;
mod fast;
mod keys;
#[cfg(test)]
mod tests;

use memchr::memchr;

pub use dialect::{Cursor, Dialect, Pair};

use self::keys::Keys;
use super::grammar::Rules;
use super::matcher::{self, MISSING, Spans};
use super::program::Program;
use super::tape::{Malformed, Tape, Tokenize};
use crate::error::{Fault, Reason, quoted};
use crate::simd::{Field, Index, Level, Row, Structurals, Text, TextBlock};

/// Key-value pairs, perhaps behind a pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct PairsGrammar {
    /// What stands before the pairs, which are one of its captures: the last of an alternative.
    pub prefix: Program,
    /// That capture.
    pub pairs: u16,
    /// The capture that says what separates pairs.
    pub separator_from: Option<u16>,
    /// How pairs are written.
    pub dialect: Dialect,
    /// The keys that have a field: behind those of the captures, in this order.
    pub keys: Vec<Box<[u8]>>,
    /// No key is extra text, whichever have a field.
    pub open: bool,
    /// A record has at least one pair with a value.
    pub nonempty: bool,
    /// What holds for all records.
    pub rules: Rules,
}

/// Runs a [`PairsGrammar`].
#[derive(Debug)]
pub struct PairsTokenizer {
    grammar: PairsGrammar,
    level: Level,
    /// What stage 1 looks for, where there is a fast path; else why there is none.
    structurals: Result<Structurals, &'static str>,
    keys: Keys,
    fields: Vec<Field>,
    record: Field,
    extra: Field,
    /// A row of which nothing is there.
    blank: Vec<u32>,
    index: Index,
    spans: Spans,
    /// The pieces of extra text of a record: start and end in turn.
    pieces: Vec<u32>,
}

/// How far the pairs of a record have been taken.
#[derive(Clone, Copy, Debug)]
struct Reached {
    /// Where the next pair begins, in bytes from the start of the pairs.
    at: u32,
    /// The key of the last one.
    last: u16,
    has_value: bool,
}

impl PairsTokenizer {
    /// A tokenizer for `grammar` whose kernels run at `level`.
    pub fn new(grammar: PairsGrammar, level: Level) -> Self {
        let pair = |i: usize| Field { start_slot: 2 * i as u16, end_slot: 2 * i as u16 + 1, ..Field::default() };
        let count = grammar.prefix.captures + grammar.keys.len();
        let blank = [MISSING.0, MISSING.1].repeat(count + 2);
        Self {
            structurals: fast::structurals(&grammar),
            keys: Keys::new(&grammar.keys, grammar.dialect.assign),
            fields: (1..=count).map(pair).collect(),
            record: pair(0),
            extra: pair(count + 1),
            blank,
            grammar,
            level,
            index: Index::default(),
            spans: Spans::default(),
            pieces: Vec::new(),
        }
    }

    /// Takes a line, without its newline, to the exact parser, if it is a record. Its row starts at `base`: with the pairs up
    /// to the place that was `reached`, if any.
    fn any(
        &mut self,
        text: &Text,
        line: u32,
        (start, end): (u32, u32),
        (base, reached): (usize, Option<Reached>),
        tape: &mut Tape,
    ) {
        let end = end - u32::from(end > start && text.byte(end - 1) == b'\r');
        let record = text.span(start, end);
        if record.is_empty() || self.grammar.rules.is_comment(record) {
            tape.positions.truncate(base);
            tape.skipped += 1;
            return;
        }
        let cut = match reached {
            _ if record.len() > self.grammar.rules.max_record_bytes => Err(Fault { reason: Reason::TooLong, at: 0 }),
            Some(reached) => {
                let whole = base + 2 * (usize::from(self.grammar.pairs) + 1);
                (tape.positions[whole], tape.positions[whole + 1]) = (start, end);
                self.cut_pairs(record, (0, record.len() as u32), start, base, reached, tape)
            }
            None => self.cut(record, start, base, tape),
        };
        match cut {
            Ok(()) => {
                self.close_row(base, start, end, tape);
                let escaped = memchr(b'\\', record).is_some();
                tape.rows.push(Row::new(base as u32, line).with_escapes(escaped));
            }
            Err(fault) => {
                tape.positions.truncate(base);
                let rows_before = tape.rows.len() as u32;
                tape.malformed.push(Malformed { line, start, end, fault, rows_before });
            }
        }
    }

    /// Writes the row of a record that starts at `start`, but for its own place and the pieces.
    fn cut(&mut self, record: &[u8], start: u32, base: usize, tape: &mut Tape) -> Result<(), Fault> {
        tape.positions.truncate(base);
        tape.positions.extend_from_slice(&self.blank);
        self.pieces.clear();
        matcher::cut(&self.grammar.prefix, record, &mut self.spans)?;
        let captures = self.grammar.prefix.captures;
        for (i, (from, to)) in self.spans.spans[..captures].iter().enumerate() {
            if from <= to {
                let slot = base + 2 * (i + 1);
                tape.positions[slot] = start + from;
                tape.positions[slot + 1] = start + to;
            }
        }
        let (from, to) = self.spans.spans[usize::from(self.grammar.pairs)];
        if from > to {
            return Ok(());
        }
        let reached = Reached { at: 0, last: self.keys.start(), has_value: false };
        self.cut_pairs(record, (from, to), start, base, reached, tape)
    }

    /// Takes the pairs at `from..to` of a record from the place that was reached.
    fn cut_pairs(
        &mut self,
        record: &[u8],
        (from, to): (u32, u32),
        start: u32,
        base: usize,
        reached: Reached,
        tape: &mut Tape,
    ) -> Result<(), Fault> {
        let captures = self.grammar.prefix.captures;
        let own = self.separator_in(record).and_then(|text| self.grammar.dialect.separated(text));
        let dialect = own.as_ref().unwrap_or(&self.grammar.dialect);
        let text = &record[from as usize..to as usize];
        let is_known = self.grammar.open || self.grammar.rules.extra;
        let at = |fault: Fault| Fault { at: fault.at + from, ..fault };
        let fault = |literal, at| Fault { reason: Reason::ExpectedLiteral(literal), at: at + from };
        let mut cursor = Cursor::at(reached.at);
        let Reached { mut last, mut has_value, .. } = reached;
        while let Some(pair) = dialect.next(text, &mut cursor).map_err(at)? {
            has_value |= pair.value.is_some();
            let key = &text[pair.key.0 as usize..pair.key.1 as usize];
            let expected = self.keys.expected(last);
            let is_expected = self.grammar.keys.get(usize::from(expected)).is_some_and(|known| **known == *key);
            let number = if is_expected { Some(expected) } else { self.keys.number(key) };
            let found = number.unwrap_or(self.keys.start());
            self.keys.learn(last, found);
            last = found;
            let slot = number.map(|number| base + 2 * (captures + 1 + usize::from(number)));
            match slot {
                Some(slot) if tape.positions[slot] > tape.positions[slot + 1] => {
                    // A key that stands alone has a value, which is empty.
                    let (value, value_end) = pair.value.unwrap_or((pair.key.1, pair.key.1));
                    tape.positions[slot] = start + from + value;
                    tape.positions[slot + 1] = start + from + value_end;
                }
                _ if !is_known => return Err(fault(dialect::EXPECTED_KNOWN_KEY, pair.key.0)),
                _ => self.pieces.extend([start + from + pair.key.0, start + from + pair.end]),
            }
        }
        if self.grammar.nonempty && !has_value {
            return Err(fault(dialect::EXPECTED_PAIR, 0));
        }
        Ok(())
    }

    /// What a record says of what separates its pairs.
    fn separator_in<'r>(&self, record: &'r [u8]) -> Option<&'r [u8]> {
        let (from, to) = self.spans.spans[usize::from(self.grammar.separator_from?)];
        record.get(from as usize..to as usize)
    }

    /// Puts in the place of the record, and behind the row the pieces of extra text.
    fn close_row(&mut self, base: usize, start: u32, end: u32, tape: &mut Tape) {
        tape.positions[base] = start;
        tape.positions[base + 1] = end;
        if !self.pieces.is_empty() && !self.grammar.open {
            let first = tape.positions.len();
            tape.positions.extend_from_slice(&self.pieces);
            tape.positions[base + usize::from(self.extra.start_slot)] = first as u32;
            tape.positions[base + usize::from(self.extra.end_slot)] = tape.positions.len() as u32;
        }
    }
}

impl Tokenize for PairsTokenizer {
    fn tokenize<'t>(&mut self, text: &'t Text, start: usize, end: usize, line: u32, tape: &mut Tape) -> TextBlock<'t> {
        tape.clear();
        if self.structurals.is_ok() {
            return self.tokenize_indexed(text, start, end, line, tape);
        }
        let mut line = line;
        let mut at = start;
        while let Some(len) = text.as_bytes().get(at..end).and_then(|rest| memchr(b'\n', rest)) {
            let base = tape.positions.len();
            self.any(text, line, (at as u32, (at + len) as u32), (base, None), tape);
            at += len + 1;
            line += 1;
            tape.lines += 1;
        }
        TextBlock::new(text, start, end)
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

    fn extra_joint(&self) -> Option<&[u8]> {
        Some(&self.grammar.dialect.separators[..1])
    }

    fn separator(&self) -> Option<Field> {
        self.grammar.separator_from.map(|index| self.fields[usize::from(index)])
    }

    fn null_row(&self, malformed: &Malformed, tape: &mut Tape) -> Row {
        let base = tape.positions.len();
        tape.positions.extend_from_slice(&self.blank);
        (tape.positions[base], tape.positions[base + 1]) = (malformed.start, malformed.end);
        Row::new(base as u32, malformed.line).all_null()
    }

    fn describe(&self, fault: Fault) -> String {
        let assign = char::from(self.grammar.dialect.assign);
        match fault.reason {
            Reason::ExpectedLiteral(dialect::EXPECTED_PAIR) => format!("expected a pair such as key{assign}value"),
            Reason::ExpectedLiteral(dialect::EXPECTED_KEY) => format!("expected a key before {assign}"),
            Reason::ExpectedLiteral(dialect::EXPECTED_SEPARATOR) => {
                format!("expected {} behind the closing quote", quoted(&self.grammar.dialect.separators[..1]))
            }
            Reason::ExpectedLiteral(dialect::EXPECTED_KNOWN_KEY) => {
                "expected a key that the format knows, and once".into()
            }
            _ => self.grammar.prefix.describe(fault),
        }
    }

    fn explain(&self) -> String {
        match &self.structurals {
            Ok(_) => "key-value pairs on SIMD positions, keys expected in the order of the record before".into(),
            Err(why) => format!("key-value pairs, record by record: {why}"),
        }
    }
}
