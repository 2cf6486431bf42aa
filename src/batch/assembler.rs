//! One thread's work: a chunk in, batches out.

use std::collections::BTreeMap;
use std::mem::take;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, RecordBatch, RecordBatchOptions};
use arrow::compute::nullif;

use super::faults::{Faults, keep_raw};
use super::provenance::Origins;
use super::recipe::{Derived, Policy, Predicate, Recipe};
use super::stage::{Notes, Places, Stage};
use crate::decode::Block;
use crate::error::{Reason, Result};
use crate::report::{Counts, Reject};
use crate::simd::{Bits, Field, Pool, Row, Text, TextBlock};
use crate::tokenize::{Tape, Tokenize};

/// Text and index of a sub-block stay in the second-level cache: 16 to 128 KiB were equal, 1 MiB a quarter slower.
const SUB_BLOCK_BYTES: usize = 64 << 10;

/// A chunk, with what the assembler must know of its place.
#[derive(Debug)]
pub struct Work<'a> {
    /// Whole lines.
    pub text: &'a Text,
    /// Bytes at its start that are no records.
    pub skip: usize,
    /// Lines of its source right before it that are in no chunk.
    pub passed: u32,
    /// The header lines of its source before it; `None` if there were none.
    pub header: Option<Arc<[u8]>>,
    /// Where it starts in its source.
    pub offset: u64,
    /// The source's name.
    pub source: &'a Arc<str>,
    /// What times without a year are held against, in microseconds since 1970 UTC.
    pub reference_us: i64,
    /// At most so many rows are given; the records behind the last of them are not counted.
    pub limit: Option<u64>,
    /// Nobody will see more rejects, so that they are only counted; unless the recipe wants all of them.
    pub counts_only: bool,
}

impl<'a> Work<'a> {
    /// The start of a source, but for its first `skip` bytes.
    pub fn of_head(text: &'a Text, skip: usize, source: &'a Arc<str>) -> Self {
        Self {
            text,
            skip,
            source,
            passed: 0,
            header: None,
            offset: 0,
            reference_us: 0,
            limit: None,
            counts_only: false,
        }
    }
}

/// What became of a chunk.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The rows.
    pub batches: Vec<RecordBatch>,
    /// The counts.
    pub counts: Counts,
    /// The rejects, in order; lines count from the start of the chunk.
    pub rejects: Vec<Reject>,
    /// Malformed records and bad values, by column and reason.
    pub reasons: BTreeMap<(Option<Arc<str>>, String), u64>,
    /// Under `on_error="raise"`, the first reject; nothing behind it was done.
    pub raised: Option<Reject>,
}

/// Runs a recipe on chunks. Belongs to one thread; its buffers are used again.
pub struct Assembler {
    recipe: Arc<Recipe>,
    tokenizer: Box<dyn Tokenize>,
    tape: Tape,
    stage: Stage,
    origins: Origins,
    predicate: Stage,
    predicate_origins: Origins,
    notes: Notes,
    /// Rows in the batch under way.
    batch_rows: usize,
    /// Under `on_error="null"`, a clear bit for each of them that stands for a malformed record.
    blank_rows: Bits,
}

impl std::fmt::Debug for Assembler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Assembler").field("tokenizer", &self.tokenizer).finish_non_exhaustive()
    }
}

impl Assembler {
    /// An assembler for `recipe`; batches give their memory back to `pool`.
    ///
    /// **Errors**: if a decoder cannot be made.
    pub fn new(recipe: Arc<Recipe>, pool: &Pool) -> Result<Self> {
        let tokenizer = recipe.grammar.tokenizer(recipe.level);
        let mut faults = Faults::default();
        let stage = Stage::new((&recipe.tasks, &recipe.inner), &recipe, &*tokenizer, pool, (&mut 0, &mut faults))?;
        let (predicate_tasks, predicate_inner) = match &recipe.predicate {
            Some(predicate) => (&predicate.tasks[..], &predicate.inner[..]),
            None => (&[][..], &[][..]),
        };
        let predicate =
            Stage::new((predicate_tasks, predicate_inner), &recipe, &*tokenizer, pool, (&mut 0, &mut faults))?;
        Ok(Self {
            tokenizer,
            tape: Tape::default(),
            stage,
            origins: Origins::new(&recipe.tasks, &recipe, false),
            predicate,
            predicate_origins: Origins::new(predicate_tasks, &recipe, true),
            notes: Notes { faults, ..Notes::default() },
            batch_rows: 0,
            blank_rows: Bits::default(),
            recipe,
        })
    }

    /// How records are cut, in a line.
    pub fn explain(&self) -> String {
        self.tokenizer.explain()
    }

    /// As much of a rejected text as the scan keeps.
    pub(crate) fn kept_raw(&self, bytes: &[u8]) -> Option<Box<[u8]>> {
        keep_raw(&self.recipe, bytes)
    }

    /// Works through a chunk.
    ///
    /// **Errors**: if Arrow refuses a column, or an expression cannot be evaluated; never because of log bytes.
    pub fn run(&mut self, work: &Work) -> Result<Outcome> {
        let mut out = Outcome::default();
        self.tokenizer.start(work.header.as_deref());
        self.origins.start(work.source, work.reference_us)?;
        self.predicate_origins.start(work.source, work.reference_us)?;
        let mut start = work.skip;
        let mut line = work.passed;
        let mut tape = take(&mut self.tape);
        let is_full = |out: &Outcome| work.limit.is_some_and(|limit| out.counts.rows >= limit);
        while start < work.text.len() && out.raised.is_none() && !is_full(&out) {
            let end = start + self.recipe.framing.cut(&work.text.as_bytes()[start..], SUB_BLOCK_BYTES);
            let end = self.sub_block(work, start, end, line, &mut tape, &mut out)?;
            line += tape.lines;
            start = end;
        }
        self.tape = tape;
        self.flush(work, &mut out)?;
        out.counts.bytes = start as u64;
        out.counts.lines = u64::from(line);
        debug_assert!(out.counts.is_balanced() || out.raised.is_some());
        Ok(out)
    }

    /// One sub-block: which rows, then their cells. Gives its end, which is earlier than `end` where the tokenizer stopped
    /// or the limit is reached.
    fn sub_block(
        &mut self,
        work: &Work,
        start: usize,
        end: usize,
        line: u32,
        tape: &mut Tape,
        out: &mut Outcome,
    ) -> Result<usize> {
        let mut text = self.tokenizer.tokenize(work.text, start, end, line, tape);
        let mut end = text.end();
        let mut records = self.select(&text, work, tape)?;
        if let Some(room) = work.limit.map(|limit| limit - out.counts.rows)
            && tape.rows.len() as u64 >= room
            && let Some(last) = tape.rows.get((room as usize).saturating_sub(1))
        {
            // Only what stands up to the last row counts: do it again, up to there.
            let (_, record_end) = self.tokenizer.record().span_of_any(&tape.positions, *last).unwrap_or_default();
            let text_end = (record_end as usize).saturating_sub(start);
            let (bytes, is_all) = (&work.text.with_ahead()[start..], !work.text.has_ahead());
            let behind = self.recipe.framing.end_behind(bytes, end - start, text_end, is_all);
            end = behind.map_or(end, |at| start + at);
            self.notes.clear();
            text = self.tokenizer.tokenize(work.text, start, end, line, tape);
            records = self.select(&text, work, tape)?;
            // Where messages interleave, others may have begun before the last one ended.
            let behind = tape.rows.len().saturating_sub(room as usize);
            tape.rows.truncate(tape.rows.len() - behind);
            records -= behind as u64;
        }
        let rows = take(&mut tape.rows);
        self.decode(&self.block(text, tape, work), &rows, work, out)?;
        let malformed = tape.malformed.len() as u64;
        let gives_rows = self.recipe.policy == Policy::Null;
        let rejected = if gives_rows { 0 } else { malformed };
        if self.recipe.grammar.rules().extra {
            let extra = self.tokenizer.extra();
            out.counts.extra += rows.iter().filter(|row| extra.span(&tape.positions, **row).is_some()).count() as u64;
        }
        let counts = &mut out.counts;
        counts.rows += rows.len() as u64;
        counts.filtered += records - rows.len() as u64;
        counts.malformed += malformed;
        counts.rejected += rejected;
        counts.skipped += u64::from(tape.skipped);
        counts.records += records + rejected + u64::from(tape.skipped);
        counts.fast_records += u64::from(tape.fast_rows);
        counts.duplicate_keys += u64::from(tape.duplicates + take(&mut self.notes.duplicates));
        counts.replaced += take(&mut self.notes.found.replaced);
        counts.extra += take(&mut self.notes.extra);
        self.notes.faults.settle(&tape.malformed, &*self.tokenizer, &self.recipe, work, out);
        tape.rows = rows;
        Ok(end)
    }

    /// The rows of a sub-block, as decoders see them.
    fn block<'b>(&self, text: TextBlock<'b>, tape: &'b Tape, work: &Work) -> Block<'b> {
        Block {
            text,
            positions: &tape.positions,
            children: &tape.children,
            conflicts: &tape.conflicts,
            parts: &tape.parts,
            level: self.recipe.level,
            reference_us: work.reference_us,
        }
    }

    /// Leaves in the tape the rows that are given; says how many there were.
    fn select(&mut self, text: &TextBlock, work: &Work, tape: &mut Tape) -> Result<u64> {
        if self.recipe.policy == Policy::Null {
            insert_null_rows(&*self.tokenizer, tape);
        }
        let records = tape.rows.len() as u64;
        let recipe = self.recipe.clone();
        let Some(Predicate { schema, derived, bound, .. }) = &recipe.predicate else { return Ok(records) };
        let block = self.block(*text, tape, work);
        let record = self.tokenizer.record();
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(schema.fields().len());
        let places = Places { rows: &tape.rows, positions: &tape.positions, record, offset: work.offset, within: None };
        self.predicate.decode(&block, &tape.rows, &places, &recipe, &mut self.notes)?;
        // Rows that are given count.
        self.notes.extra = 0;
        self.predicate.finish_own(&mut columns)?;
        let options = RecordBatchOptions::new().with_row_count(Some(tape.rows.len()));
        self.predicate_origins.extend(block.positions, record, work.offset, &tape.rows);
        columns.extend(self.predicate_origins.finish(work.source)?);
        let place = (record, work, self.predicate.len());
        note_bad_origins(&self.predicate_origins, place, block.positions, &tape.rows, &recipe, &mut self.notes.faults);
        self.predicate.finish_inner(&mut columns)?;
        let batch = RecordBatch::try_new_with_options(schema.clone(), columns, &options)?;
        let keep = bound.predicate(&with_derived(batch, derived, None)?)?;
        let mut index = 0;
        tape.rows.retain(|row| {
            let kept = row.is_null() || keep.is_valid(index) && keep.value(index);
            index += 1;
            kept
        });
        Ok(records)
    }

    /// Decodes the cells of `rows`, and ends a batch wherever it is full.
    fn decode(&mut self, block: &Block, rows: &[Row], work: &Work, out: &mut Outcome) -> Result<()> {
        let recipe = self.recipe.clone();
        let record = self.tokenizer.record();
        let mut rest = rows;
        while !rest.is_empty() {
            let room = recipe.batch_rows - self.batch_rows;
            let (now, later) = rest.split_at(rest.len().min(room));
            let places = Places { rows: now, positions: block.positions, record, offset: work.offset, within: None };
            self.stage.decode(block, now, &places, &recipe, &mut self.notes)?;
            self.origins.extend(block.positions, record, work.offset, now);
            let place = (record, work, self.stage.len());
            note_bad_origins(&self.origins, place, block.positions, now, &recipe, &mut self.notes.faults);
            if recipe.policy == Policy::Null && !recipe.derived.is_empty() {
                now.iter().for_each(|row| self.blank_rows.push(!row.is_null()));
            }
            self.batch_rows += now.len();
            if self.batch_rows == recipe.batch_rows {
                self.flush(work, out)?;
            }
            rest = later;
        }
        Ok(())
    }

    /// Ends the batch under way.
    fn flush(&mut self, work: &Work, out: &mut Outcome) -> Result<()> {
        let rows = take(&mut self.batch_rows);
        if rows == 0 {
            return Ok(());
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.recipe.decoded.fields().len());
        self.stage.finish_own(&mut columns)?;
        columns.extend(self.origins.finish(work.source)?);
        self.stage.finish_inner(&mut columns)?;
        let decoded = RecordBatch::try_new_with_options(self.recipe.decoded.clone(), columns, &options)?;
        let blank = self.blank_rows.finish().map(|blank| BooleanArray::new(!blank.inner(), None));
        let all = with_derived(decoded, &self.recipe.derived, blank.as_ref())?;
        let output = self.recipe.output.iter().map(|place| all.column(*place).clone());
        out.batches.push(RecordBatch::try_new_with_options(self.recipe.schema.clone(), output.collect(), &options)?);
        Ok(())
    }
}

/// The batch with derived columns behind its own; those are null in the rows that `blank` marks.
fn with_derived(batch: RecordBatch, derived: &[Derived], blank: Option<&BooleanArray>) -> Result<RecordBatch> {
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    derived.iter().try_fold(batch, |batch, derived| {
        let mut column = derived.bound.evaluate(&batch)?;
        if let Some(blank) = blank {
            // An expression may make something of nulls; a row of nulls stays one.
            column = nullif(&column, blank)?;
        }
        let mut columns = batch.columns().to_vec();
        columns.push(column);
        Ok(RecordBatch::try_new_with_options(derived.schema.clone(), columns, &options)?)
    })
}

/// Notes each row whose path holds a value that does not decode; the columns come behind `columns` others.
fn note_bad_origins(
    origins: &Origins,
    (record, work, columns): (Field, &Work, usize),
    positions: &[u32],
    rows: &[Row],
    recipe: &Recipe,
    faults: &mut Faults,
) {
    for bad in origins.bad() {
        for row in rows.iter().filter(|row| !row.is_null()) {
            let (start, _) = record.span_of_any(positions, *row).unwrap_or_default();
            let reject = Reject {
                line: u64::from(row.line) + 1,
                byte: work.offset + u64::from(start),
                at: 0,
                at_end: false,
                column: Some(bad.name.clone()),
                reason: bad.reason.into(),
                hint: "read the column as text with types={column: \"utf8\"}; where folders are called otherwise, _path can be read",
                raw: keep_raw(recipe, bad.text),
                kind: Reason::BadValue,
            };
            faults.push_reject(row.line, columns + bad.place, reject);
        }
    }
}

/// Puts a row of nulls where each malformed record stands.
fn insert_null_rows(tokenizer: &dyn Tokenize, tape: &mut Tape) {
    if tape.malformed.is_empty() {
        return;
    }
    let malformed = take(&mut tape.malformed);
    let rows = take(&mut tape.rows);
    let mut done = 0;
    for bad in &malformed {
        let before = bad.rows_before as usize;
        tape.rows.extend_from_slice(&rows[done..before]);
        let row = tokenizer.null_row(bad, tape);
        tape.rows.push(row);
        done = before;
    }
    tape.rows.extend_from_slice(&rows[done..]);
    tape.malformed = malformed;
}
