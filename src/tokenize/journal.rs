//! The tokenizer for entries of the systemd journal's export.
//!
//! Fields stand in any order, and any of them may be missing or there again: each is looked up by its name, and the first
//! one of a name counts. What no column reads is extra text.

use std::collections::HashMap;

use memchr::memchr_iter;

use super::grammar::Rules;
use super::matcher::MISSING;
use super::tape::{Malformed, Tape, Tokenize};
use crate::error::{Fault, Reason};
use crate::simd::{Field, Row, Text, TextBlock};
use crate::split::Framing;
use crate::split::journal::{Element, behind_data, element, is_name};

/// What an entry is cut by.
#[derive(Clone, Debug, PartialEq)]
pub struct Journal {
    /// The names that have a field.
    pub keys: Vec<Box<[u8]>>,
    /// Each record is a line of its own: an entry of one field.
    pub by_line: bool,
    /// What holds for all records.
    pub rules: Rules,
}

/// What stands for the expected among the literals of a fault.
const FIELD: u16 = 0;
const WHOLE_DATA: u16 = 1;
const BEHIND_DATA: u16 = 2;
const KNOWN: u16 = 3;

/// Runs a [`Journal`].
#[derive(Debug)]
pub struct JournalTokenizer {
    journal: Journal,
    numbers: HashMap<Box<[u8]>, usize>,
    fields: Vec<Field>,
    record: Field,
    extra: Field,
    /// A row of which nothing is there.
    blank: Vec<u32>,
    /// The pieces of extra text of a record: start and end in turn.
    pieces: Vec<u32>,
}

impl JournalTokenizer {
    /// A tokenizer for `journal`.
    pub fn new(journal: Journal) -> Self {
        let pair = |i: usize| Field { start_slot: 2 * i as u16, end_slot: 2 * i as u16 + 1, ..Field::default() };
        let count = journal.keys.len();
        Self {
            numbers: journal.keys.iter().enumerate().map(|(number, key)| (key.clone(), number)).collect(),
            fields: (1..=count).map(pair).collect(),
            record: pair(0),
            extra: pair(count + 1),
            blank: [MISSING.0, MISSING.1].repeat(count + 2),
            pieces: Vec::new(),
            journal,
        }
    }

    /// Where the record that starts `bytes` ends, with the line that ends it.
    fn len(&self, bytes: &[u8]) -> usize {
        let framing = if self.journal.by_line { Framing::Lines } else { Framing::Entries };
        framing.first_end(bytes, true).unwrap_or(bytes.len())
    }

    /// Takes the record between two places.
    fn take(&mut self, text: &Text, line: u32, start: u32, end: u32, tape: &mut Tape) {
        let base = tape.positions.len();
        tape.positions.extend_from_slice(&self.blank);
        self.pieces.clear();
        let bytes = text.span(start, end);
        let cut = self.cut(bytes, start, base, tape);
        // Without the line that ends it.
        let own = match cut {
            Ok(len) => len,
            Err(_) if self.journal.by_line => bytes.len() - 1,
            Err(_) => without_end(bytes),
        };
        let cut = if own > self.journal.rules.max_record_bytes {
            Err(Fault { reason: Reason::TooLong, at: 0 })
        } else {
            cut.map(drop)
        };
        let record_end = start + own as u32;
        match cut {
            Ok(()) if own == 0 => {
                tape.positions.truncate(base);
                tape.skipped += 1;
            }
            Ok(()) => {
                (tape.positions[base], tape.positions[base + 1]) = (start, record_end);
                if !self.pieces.is_empty() {
                    let first = tape.positions.len();
                    tape.positions.extend_from_slice(&self.pieces);
                    tape.positions[base + usize::from(self.extra.start_slot)] = first as u32;
                    tape.positions[base + usize::from(self.extra.end_slot)] = tape.positions.len() as u32;
                }
                tape.rows.push(Row::new(base as u32, line));
            }
            Err(fault) => {
                tape.positions.truncate(base);
                let rows_before = tape.rows.len() as u32;
                tape.malformed.push(Malformed { line, start, end: record_end, fault, rows_before });
            }
        }
    }

    /// Puts the fields of an entry that starts at `start` into the row at `base`; gives its length without its end.
    fn cut(&mut self, bytes: &[u8], start: u32, base: usize, tape: &mut Tape) -> Result<usize, Fault> {
        let fault = |literal, at: usize| Err(Fault { reason: Reason::ExpectedLiteral(literal), at: at as u32 });
        let mut at = 0;
        loop {
            let rest = &bytes[at..];
            let (name, value, next) = match element(rest) {
                Element::End(_) => return Ok(at),
                Element::Text { assign, len } => (assign, (assign + 1, len - 1), len),
                Element::Data { end, .. } if end >= rest.len() => return fault(WHOLE_DATA, at),
                Element::Data { end, .. } if rest[end] != b'\n' => return fault(BEHIND_DATA, at + end),
                Element::Data { name, start, end } => (name, (start, end), behind_data(rest, end)),
                Element::Open if rest.is_empty() => return Ok(at),
                Element::Open => return fault(WHOLE_DATA, at),
                Element::Other(_) => return fault(FIELD, at),
            };
            if !is_name(&rest[..name]) {
                return fault(FIELD, at);
            }
            let place = |from: usize| start + (at + from) as u32;
            let slot = self.numbers.get(&rest[..name]).map(|number| base + 2 * (number + 1));
            match slot {
                Some(slot) if tape.positions[slot] > tape.positions[slot + 1] => {
                    (tape.positions[slot], tape.positions[slot + 1]) = (place(value.0), place(value.1));
                }
                _ if !self.journal.rules.extra => return fault(KNOWN, at),
                // A line is one piece, data are two.
                _ if value.0 == name + 1 => self.pieces.extend([place(0), place(value.1)]),
                _ => self.pieces.extend([place(0), place(name), place(value.0), place(value.1)]),
            }
            at += next;
            if self.journal.by_line {
                return Ok(at - 1);
            }
        }
    }
}

/// The length of an entry without the blank line that ends it, if one does.
fn without_end(bytes: &[u8]) -> usize {
    let ends = [&b"\n\n"[..], b"\n\r\n"].into_iter().find(|end| bytes.ends_with(end));
    bytes.len() - ends.map_or(0, |end| end.len() - 1)
}

impl Tokenize for JournalTokenizer {
    fn tokenize<'t>(&mut self, text: &'t Text, start: usize, end: usize, line: u32, tape: &mut Tape) -> TextBlock<'t> {
        tape.clear();
        let mut at = start;
        while at < end {
            let rest = text.span(at as u32, end as u32);
            let len = self.len(rest);
            let newlines = memchr_iter(b'\n', &rest[..len]).count() as u32;
            self.take(text, line + tape.lines, at as u32, (at + len) as u32, tape);
            tape.lines += newlines;
            at += len;
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
        Some(b"\n")
    }

    fn null_row(&self, malformed: &Malformed, tape: &mut Tape) -> Row {
        let base = tape.positions.len();
        tape.positions.extend_from_slice(&self.blank);
        (tape.positions[base], tape.positions[base + 1]) = (malformed.start, malformed.end);
        Row::new(base as u32, malformed.line).all_null()
    }

    fn describe(&self, fault: Fault) -> String {
        match fault.reason {
            Reason::ExpectedLiteral(WHOLE_DATA) => "expected a name, the length of its data, and all of them".into(),
            Reason::ExpectedLiteral(BEHIND_DATA) => "expected a newline behind data".into(),
            Reason::ExpectedLiteral(KNOWN) => "expected a field that the format knows, and once".into(),
            Reason::TooLong => format!("the record is longer than {} bytes", self.journal.rules.max_record_bytes),
            _ => "expected NAME=value, or a name and its data".into(),
        }
    }

    fn explain(&self) -> String {
        format!("entries of the journal, field by field ({} names)", self.numbers.len())
    }
}
