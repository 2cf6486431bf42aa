//! Records that stand in a column of other records: a line of Apache's in a message of Docker's, say.
//!
//! In: the rows of a tape. Out: columns of as many rows. The texts of the column are put together as lines, and go the way
//! that chunks go: a tokenizer cuts them, decoders take their fields, and further records may stand in those. Where a text
//! is no record, its row is null in all of these columns, and the text a bad value of its own column.

use std::mem::take;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};

use super::faults::{Faults, keep_raw};
use super::recipe::{InnerRecipe, Recipe};
use super::stage::{Notes, Places, Stage, decoder_of, placed};
use super::texts::TextRules;
use crate::decode::{Block, Decode, Findings, PlainText};
use crate::error::{Fault, Reason, Result};
use crate::report::Reject;
use crate::simd::{Field, Pool, Row, Text};
use crate::tokenize::{Malformed, Tape, Tokenize};

/// Decodes the records of one column.
pub(super) struct Inner {
    source: Source,
    /// The field of the column in its own rows.
    field: Field,
    column: Arc<str>,
    format: Arc<str>,
    rules: TextRules,
    tokenizer: Box<dyn Tokenize>,
    has_extra: bool,
    tape: Tape,
    /// The texts as lines.
    bytes: Vec<u8>,
    /// What became of each row's text.
    texts: Vec<Content>,
    rows: Vec<Row>,
    misfits: Vec<Misfit>,
    stage: Stage,
    /// The predicate has judged the texts.
    is_judged: bool,
    /// Place of its first column among the decoded ones, for order.
    first: usize,
}

/// Where the texts come from.
enum Source {
    Plain(PlainText),
    Decoded(Box<dyn Decode>),
}

/// A row's text.
#[derive(Clone, Copy)]
enum Content {
    /// Nothing that could be a record.
    None,
    /// The record that starts on this line.
    Line(u32),
}

/// A text that is no record.
struct Misfit {
    row: usize,
    reason: String,
    raw: Option<Box<[u8]>>,
}

impl Inner {
    /// For the records that `recipe` tells of, in rows of `outer`.
    ///
    /// **Errors**: if a decoder cannot be made.
    pub(super) fn new(
        recipe: &InnerRecipe,
        scan: &Recipe,
        outer: &dyn Tokenize,
        pool: &Pool,
        (first, faults): (&mut usize, &mut Faults),
    ) -> Result<Self> {
        let spec = placed(&recipe.source, outer).unwrap_or_else(|| recipe.source.spec.clone());
        let source = match PlainText::new(&spec) {
            Some(plain) => Source::Plain(plain),
            None => Source::Decoded(decoder_of(&recipe.source, &spec, outer, pool)?),
        };
        let grammar = TextRules::grammar(&recipe.grammar);
        let tokenizer = grammar.tokenizer(scan.level);
        let own = *first;
        let stage = Stage::new((&recipe.tasks, &recipe.inner), scan, &*tokenizer, pool, (first, faults))?;
        Ok(Self {
            source,
            field: spec.field,
            column: recipe.column.clone(),
            format: recipe.format.clone(),
            rules: TextRules::new(&grammar),
            has_extra: grammar.rules().extra,
            tokenizer,
            tape: Tape::default(),
            bytes: Vec::new(),
            texts: Vec::new(),
            rows: Vec::new(),
            misfits: Vec::new(),
            stage,
            is_judged: recipe.source.is_judged,
            first: own,
        })
    }

    /// Appends the cells of `rows`.
    pub(super) fn decode(
        &mut self,
        block: &Block,
        rows: &[Row],
        places: &Places,
        recipe: &Recipe,
        notes: &mut Notes,
    ) -> Result<()> {
        self.misfits.clear();
        self.collect(block, rows, recipe)?;
        let text = Text::from_vec(take(&mut self.bytes));
        let mut tape = take(&mut self.tape);
        // No header comes.
        self.tokenizer.start(Some(&[]));
        let inner_text = self.tokenizer.tokenize(&text, 0, text.len(), 0, &mut tape);
        self.align(&text, &mut tape, recipe);
        let places = Places { within: places.within.or(Some(self.field)), ..*places };
        if !self.is_judged {
            self.note_misfits(&places, notes);
            notes.duplicates += tape.duplicates;
        }
        if self.has_extra {
            let extra = self.tokenizer.extra();
            notes.extra += self.rows.iter().filter(|row| extra.span(&tape.positions, **row).is_some()).count() as u64;
        }
        let block = Block {
            text: inner_text,
            positions: &tape.positions,
            children: &tape.children,
            conflicts: &tape.conflicts,
            level: block.level,
            reference_us: block.reference_us,
        };
        let done = self.stage.decode(&block, &self.rows, &places, recipe, notes);
        self.tape = tape;
        self.bytes = text.into_vec();
        done
    }

    /// The columns so far; leaves empty ones.
    pub(super) fn finish(&mut self, columns: &mut Vec<ArrayRef>) -> Result<()> {
        self.stage.finish_own(columns)?;
        self.stage.finish_inner(columns)
    }

    /// Makes lines of the texts.
    fn collect(&mut self, block: &Block, rows: &[Row], recipe: &Recipe) -> Result<()> {
        self.bytes.clear();
        self.texts.clear();
        let texts = match &mut self.source {
            Source::Plain(_) => None,
            Source::Decoded(decode) => {
                // What it finds is noted where the column itself is decoded.
                decode.decode(block, rows, &mut Findings::default());
                decode.finish()?.pop()
            }
        };
        let texts = texts.as_ref().and_then(|texts| texts.as_string_opt::<i32>());
        let mut line = 0;
        for (number, row) in rows.iter().enumerate() {
            let start = self.bytes.len();
            let is_there = match (&self.source, texts) {
                (Source::Plain(plain), _) => plain.append(block, *row, &mut self.bytes),
                (_, Some(texts)) if texts.is_valid(number) => {
                    self.bytes.extend_from_slice(texts.value(number).as_bytes());
                    true
                }
                _ => false,
            };
            let content = match self.rules.close(&mut self.bytes, start) {
                _ if !is_there => Content::None,
                Ok(lines) => {
                    line += lines;
                    Content::Line(line - lines)
                }
                Err(unfit) => {
                    if !unfit.is_nothing() {
                        let raw = keep_raw(recipe, &self.bytes[start..]);
                        self.misfits.push(Misfit { row: number, reason: unfit.describe(), raw });
                    }
                    Content::None
                }
            };
            if matches!(content, Content::None) {
                self.bytes.truncate(start);
            }
            self.texts.push(content);
        }
        Ok(())
    }

    /// Finds the record of each row's text in the tape, or puts a row of nulls in its place.
    fn align(&mut self, text: &Text, tape: &mut Tape, recipe: &Recipe) {
        let nowhere =
            Malformed { line: 0, start: 0, end: 0, fault: Fault { reason: Reason::NoMatch, at: 0 }, rows_before: 0 };
        let blank = self.tokenizer.null_row(&nowhere, tape);
        self.rows.clear();
        let mut found = tape.rows.iter().copied().peekable();
        let mut malformed = tape.malformed.iter().peekable();
        for (number, content) in self.texts.iter().enumerate() {
            let Content::Line(line) = *content else {
                self.rows.push(blank);
                continue;
            };
            while found.next_if(|row| row.line < line).is_some() {}
            while malformed.next_if(|bad| bad.line < line).is_some() {}
            if let Some(bad) = malformed.next_if(|bad| bad.line == line) {
                let reason = format!("expected a record of {}: {}", self.format, self.tokenizer.describe(bad.fault));
                let raw = keep_raw(recipe, text.span(bad.start, bad.end));
                self.misfits.push(Misfit { row: number, reason, raw });
            }
            self.rows.push(found.next_if(|row| row.line == line).unwrap_or(blank));
        }
    }

    fn note_misfits(&mut self, places: &Places, notes: &mut Notes) {
        for misfit in self.misfits.drain(..) {
            let reject = Reject {
                reason: misfit.reason.into(),
                hint: "name the format of this text with inner={column: format}, or read it as text with inner={column: None}",
                raw: misfit.raw,
                ..places.reject(misfit.row, 0, &self.column)
            };
            notes.faults.push_reject(places.rows[misfit.row].line, self.first, reject);
        }
    }
}
