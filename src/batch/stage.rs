//! The decoders of one set of columns: those that are given, or those that the predicate reads.

use std::sync::Arc;

use arrow::array::ArrayRef;

use super::faults::{Cell, Faults, keep_raw};
use super::inner::Inner;
use super::recipe::{Input, Recipe, Task};
use crate::decode::{Block, Decode, Findings, Kind, Spec, decoder, extra_decoder, note_conflicts, request_decoder};
use crate::error::{Reason, Result};
use crate::report::Reject;
use crate::simd::{Field, Pool, Row};
use crate::tokenize::Tokenize;

/// Decodes columns of a tape, and those of the records that stand in its columns.
pub(super) struct Stage {
    decoders: Vec<Decoder>,
    inner: Vec<Inner>,
}

struct Decoder {
    decode: Box<dyn Decode>,
    /// Its columns and those inside them, with what their cells should have been, for messages.
    labels: Vec<(Arc<str>, String)>,
    /// What stands for its first column among the faults; the others follow.
    first_label: u32,
    /// Where its field is in a row.
    field: Field,
    /// Its cells were judged, and those with replaced bytes counted, when the predicate read them.
    is_judged: bool,
    /// Place of its first column among the decoded ones, for order.
    first: usize,
}

/// What decoding finds besides values.
#[derive(Default)]
pub(super) struct Notes {
    pub(super) found: Findings,
    pub(super) faults: Faults,
    /// Inner records with extra text, of rows that are given.
    pub(super) extra: u64,
    /// Keys that inner records had twice.
    pub(super) duplicates: u32,
}

impl Notes {
    /// Forgets what the sub-block gave so far.
    pub(super) fn clear(&mut self) {
        self.faults.clear();
        (self.found.replaced, self.duplicates) = (0, 0);
    }
}

/// Where the records are that rows come from.
#[derive(Clone, Copy)]
pub(super) struct Places<'a> {
    pub(super) rows: &'a [Row],
    pub(super) positions: &'a [u32],
    /// How a record's span follows from its row.
    pub(super) record: Field,
    /// Where the chunk starts in its source.
    pub(super) offset: u64,
    /// The field that all cells are in, where the text of the cells is not that of the chunk.
    pub(super) within: Option<Field>,
}

impl Places<'_> {
    /// Where the record of a row starts in the text of the chunk.
    fn start(&self, row: usize) -> u32 {
        self.record.span_of_any(self.positions, self.rows[row]).unwrap_or_default().0
    }

    /// The reject of a cell whose text starts at `start`, but for what is wrong.
    pub(super) fn reject(&self, row: usize, start: u32, column: &Arc<str>) -> Reject {
        let record = self.start(row);
        let start = match self.within {
            Some(field) => field.span(self.positions, self.rows[row]).map_or(record, |(start, _)| start),
            None => start,
        };
        Reject {
            line: u64::from(self.rows[row].line) + 1,
            byte: self.offset + u64::from(record),
            at: start.saturating_sub(record),
            at_end: false,
            column: Some(column.clone()),
            reason: Arc::default(),
            hint: "",
            raw: None,
            kind: Reason::BadValue,
        }
    }
}

impl Stage {
    /// The decoders of `tasks` and of the `inner` records' own; `first` is the place of their first column, and is moved
    /// behind their last.
    ///
    /// **Errors**: if a decoder cannot be made.
    pub(super) fn new(
        (tasks, inner): (&[Task], &[super::recipe::InnerRecipe]),
        recipe: &Recipe,
        tokenizer: &dyn Tokenize,
        pool: &Pool,
        (first, faults): (&mut usize, &mut Faults),
    ) -> Result<Self> {
        let decoders = make_decoders(tasks, tokenizer, pool, first, faults)?;
        let inner = inner.iter().map(|inner| Inner::new(inner, recipe, tokenizer, pool, (first, faults)));
        Ok(Self { decoders, inner: inner.collect::<Result<_>>()? })
    }

    /// Columns of its own decoders, but for those of one decoder.
    pub(super) fn len(&self) -> usize {
        self.decoders.len()
    }

    /// Appends the cells of `rows`, which `places` tells the records of.
    pub(super) fn decode(
        &mut self,
        block: &Block,
        rows: &[Row],
        places: &Places,
        recipe: &Recipe,
        notes: &mut Notes,
    ) -> Result<()> {
        for decoder in &mut self.decoders {
            let replaced = notes.found.replaced;
            decoder.decode.decode(block, rows, &mut notes.found);
            note_conflicts(block, rows, decoder.field, &mut notes.found);
            if decoder.is_judged {
                notes.found.bad.clear();
                notes.found.replaced = replaced;
            }
            decoder.note_bad_cells(block, places, recipe, notes);
        }
        self.inner.iter_mut().try_for_each(|inner| inner.decode(block, rows, places, recipe, notes))
    }

    /// The columns of the tasks so far; leaves empty ones.
    pub(super) fn finish_own(&mut self, columns: &mut Vec<ArrayRef>) -> Result<()> {
        for decoder in &mut self.decoders {
            columns.extend(decoder.decode.finish()?);
        }
        Ok(())
    }

    /// The columns of inner records so far; leaves empty ones.
    pub(super) fn finish_inner(&mut self, columns: &mut Vec<ArrayRef>) -> Result<()> {
        self.inner.iter_mut().try_for_each(|inner| inner.finish(columns))
    }
}

impl Decoder {
    /// Notes the bad cells it found. Those that are not in the text of the chunk become rejects at once.
    fn note_bad_cells(&self, block: &Block, places: &Places, recipe: &Recipe, notes: &mut Notes) {
        for bad in notes.found.bad.drain(..) {
            let (row, column) = (bad.row as usize, usize::from(bad.column));
            let line = places.rows[row].line;
            if places.within.is_none() {
                let (record, label) = (places.start(row), self.first_label + column as u32);
                notes.faults.push(Cell { line, record, start: bad.start, end: bad.end, label });
                continue;
            }
            let (label, expected) = &self.labels[column];
            let reject = Reject {
                reason: format!("expected {expected}").into(),
                hint: "read the column as text with types={column: \"utf8\"}, or name its null texts in the format",
                raw: keep_raw(recipe, block.text.text().span(bad.start, bad.end)),
                ..places.reject(row, bad.start, label)
            };
            notes.faults.push_reject(line, self.first + column, reject);
        }
    }
}

fn make_decoders(
    tasks: &[Task],
    tokenizer: &dyn Tokenize,
    pool: &Pool,
    first: &mut usize,
    faults: &mut Faults,
) -> Result<Vec<Decoder>> {
    let mut out = Vec::new();
    for task in tasks {
        let Some(spec) = placed(task, tokenizer) else { continue };
        let labels = match &*task.names {
            [name] => spec.labels(name),
            names => names.iter().map(|name| (name.clone(), spec.kind.expected())).collect(),
        };
        let decode = decoder_of(task, &spec, tokenizer, pool)?;
        let first_label = faults.label(&labels, *first);
        let (field, is_judged) = (spec.field, task.is_judged);
        out.push(Decoder { decode, labels, first_label, field, is_judged, first: *first });
        *first += task.names.len();
    }
    Ok(out)
}

/// The decoder of a task's columns.
pub(super) fn decoder_of(task: &Task, spec: &Spec, tokenizer: &dyn Tokenize, pool: &Pool) -> Result<Box<dyn Decode>> {
    Ok(match tokenizer.extra_joint() {
        Some(joint) if task.input == Input::Extra => extra_decoder(spec, joint),
        _ if task.parts.is_empty() => decoder(spec, pool)?,
        _ => request_decoder(spec, &task.parts, pool),
    })
}

/// The spec of a task, with where the tokenizer puts its spans; `None` if it reads no text.
pub(super) fn placed(task: &Task, tokenizer: &dyn Tokenize) -> Option<Spec> {
    let mut spec = task.spec.clone();
    spec.field = match task.input {
        Input::Capture(index) => tokenizer.fields()[index],
        Input::Captures(first, last) => {
            let (first, last) = (tokenizer.fields()[first], tokenizer.fields()[last]);
            Field { end_slot: last.end_slot, end_add: last.end_add, ..first }
        }
        Input::Member => spec.field,
        Input::Extra => tokenizer.extra(),
        Input::Record => tokenizer.record(),
        Input::Provenance(_) => return None,
    };
    spec.joined = task.joined.iter().map(|(before, index)| (before.clone(), tokenizer.fields()[*index])).collect();
    if let Kind::Map { separator, .. } = &mut spec.kind {
        *separator = tokenizer.separator();
    }
    Some(spec)
}
