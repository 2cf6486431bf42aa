//! One thread's work: a chunk in, batches out.

use std::collections::BTreeMap;
use std::mem::take;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, RecordBatch, RecordBatchOptions};
use arrow::compute::nullif;

use super::provenance::Origins;
use super::recipe::{Derived, Input, Policy, Predicate, Recipe, RejectRaw, Task};
use super::rejects::RejectLog;
use crate::decode::{Block, Decode, Findings, Kind, decoder, extra_decoder, note_conflicts, request_decoder};
use crate::error::{Reason, Result};
use crate::report::{Counts, Reject};
use crate::simd::{Bits, Field, Pool, Row, Text, TextBlock};
use crate::tokenize::{Malformed, Tape, Tokenize};

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
    decoders: Vec<Decoder>,
    origins: Origins,
    predicate: Vec<Decoder>,
    predicate_origins: Origins,
    found: Findings,
    /// Rows in the batch under way.
    batch_rows: usize,
    /// Under `on_error="null"`, a clear bit for each of them that stands for a malformed record.
    blank_rows: Bits,
    /// Bad cells and malformed records of the sub-block, to be put in order.
    faults: Vec<(u32, usize, Reject)>,
}

struct Decoder {
    decode: Box<dyn Decode>,
    /// Its columns and those inside them, with what their cells should have been, for messages.
    labels: Vec<(Arc<str>, String)>,
    /// Where its field is in a row.
    field: Field,
    /// Its cells were judged, and those with replaced bytes counted, when the predicate read them.
    is_judged: bool,
    /// Place of its first column among the decoded ones, for order.
    first: usize,
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
        let decoders = make_decoders(&recipe.tasks, &*tokenizer, pool)?;
        let predicate_tasks = recipe.predicate.as_ref().map_or(&[][..], |predicate| &predicate.tasks);
        let predicate = make_decoders(predicate_tasks, &*tokenizer, pool)?;
        Ok(Self {
            tokenizer,
            tape: Tape::default(),
            decoders,
            origins: make_origins(&recipe.tasks, &recipe),
            predicate,
            predicate_origins: make_origins(predicate_tasks, &recipe),
            found: Findings::default(),
            batch_rows: 0,
            blank_rows: Bits::default(),
            faults: Vec::new(),
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

    /// One sub-block: which rows, then their cells. Gives its end, which is earlier than `end` if the limit is reached.
    fn sub_block(
        &mut self,
        work: &Work,
        start: usize,
        end: usize,
        line: u32,
        tape: &mut Tape,
        out: &mut Outcome,
    ) -> Result<usize> {
        let mut end = end;
        let mut text = self.tokenizer.tokenize(work.text, start, end, line, tape);
        let mut records = self.select(&text, work, tape)?;
        if let Some(room) = work.limit.map(|limit| limit - out.counts.rows)
            && tape.rows.len() as u64 >= room
            && let Some(last) = tape.rows.get((room as usize).saturating_sub(1))
        {
            // Only what stands up to the last row counts: do it again, up to there.
            let (_, record_end) = self.tokenizer.record().span_of_any(&tape.positions, *last).unwrap_or_default();
            let text_end = (record_end as usize).saturating_sub(start);
            let behind = self.recipe.framing.end_behind(&work.text.as_bytes()[start..end], text_end);
            end = behind.map_or(end, |at| start + at);
            self.faults.clear();
            self.found.replaced = 0;
            text = self.tokenizer.tokenize(work.text, start, end, line, tape);
            records = self.select(&text, work, tape)?;
        }
        let rows = take(&mut tape.rows);
        self.decode(&self.block(text, tape, work), &rows, work, out)?;
        let malformed = tape.malformed.len() as u64;
        let gives_rows = self.recipe.policy == Policy::Null;
        for bad in &tape.malformed {
            let reject = self.malformed(work, bad);
            self.faults.push((bad.line, usize::MAX, reject));
        }
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
        counts.duplicate_keys += u64::from(tape.duplicates);
        counts.replaced += take(&mut self.found.replaced);
        self.settle(out);
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
        for decoder in &mut self.predicate {
            decoder.decode.decode(&block, &tape.rows, &mut self.found);
            note_conflicts(&block, &tape.rows, decoder.field, &mut self.found);
            columns.extend(decoder.decode.finish()?);
            note_bad_cells(decoder, &block, record, &tape.rows, work, &recipe, &mut self.found, &mut self.faults);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(tape.rows.len()));
        self.predicate_origins.extend(block.positions, record, work.offset, &tape.rows);
        columns.extend(self.predicate_origins.finish(work.source));
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
            for decoder in &mut self.decoders {
                let replaced = self.found.replaced;
                decoder.decode.decode(block, now, &mut self.found);
                note_conflicts(block, now, decoder.field, &mut self.found);
                if decoder.is_judged {
                    self.found.bad.clear();
                    self.found.replaced = replaced;
                }
                note_bad_cells(decoder, block, record, now, work, &recipe, &mut self.found, &mut self.faults);
            }
            self.origins.extend(block.positions, record, work.offset, now);
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
        for decoder in &mut self.decoders {
            columns.extend(decoder.decode.finish()?);
        }
        columns.extend(self.origins.finish(work.source));
        let decoded = RecordBatch::try_new_with_options(self.recipe.decoded.clone(), columns, &options)?;
        let blank = self.blank_rows.finish().map(|blank| BooleanArray::new(!blank.inner(), None));
        let all = with_derived(decoded, &self.recipe.derived, blank.as_ref())?;
        let output = self.recipe.output.iter().map(|place| all.column(*place).clone());
        out.batches.push(RecordBatch::try_new_with_options(self.recipe.schema.clone(), output.collect(), &options)?);
        Ok(())
    }

    /// The reject of a malformed record.
    fn malformed(&self, work: &Work, bad: &Malformed) -> Reject {
        let mut end = bad.end;
        let hint = match bad.fault.reason {
            Reason::TooLong => {
                // How much more of it is at hand depends on the chunk.
                end = end.min(bad.start.saturating_add(self.recipe.grammar.rules().max_record_bytes as u32));
                "raise max_record_bytes to read longer records"
            }
            _ if is_utf16(work.text.span(bad.start, end)) => "set encoding to \"utf-16\": every second byte is zero",
            _ => "check that the format is the right one, or set on_error to \"null\" to keep a row for it",
        };
        Reject {
            line: u64::from(bad.line) + 1,
            byte: work.offset + u64::from(bad.start),
            at: bad.fault.at,
            at_end: bad.fault.at == bad.end - bad.start,
            column: None,
            reason: self.tokenizer.describe(bad.fault),
            hint,
            raw: keep_raw(&self.recipe, work.text.span(bad.start, end)),
            kind: bad.fault.reason,
        }
    }

    /// Puts the faults of a sub-block in order and counts them.
    fn settle(&mut self, out: &mut Outcome) {
        self.faults.sort_by_key(|(line, column, _)| (*line, *column));
        for (_, _, reject) in self.faults.drain(..) {
            if self.recipe.policy == Policy::Raise {
                out.raised.get_or_insert(reject);
                continue;
            }
            out.counts.bad_values += u64::from(reject.column.is_some());
            *out.reasons.entry((reject.column.clone(), reject.reason.clone())).or_default() += 1;
            if self.recipe.policy != Policy::Skip
                && (self.recipe.all_rejects || out.rejects.len() < RejectLog::MAX_ROWS)
            {
                out.rejects.push(reject);
            }
        }
    }
}

fn make_decoders(tasks: &[Task], tokenizer: &dyn Tokenize, pool: &Pool) -> Result<Vec<Decoder>> {
    let mut out = Vec::new();
    let mut first = 0;
    for task in tasks {
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
            Input::Provenance(_) => continue,
        };
        spec.joined = task.joined.iter().map(|(before, index)| (before.clone(), tokenizer.fields()[*index])).collect();
        if let Kind::Map { separator, .. } = &mut spec.kind {
            *separator = tokenizer.separator();
        }
        let decode = match tokenizer.extra_joint() {
            Some(joint) if task.input == Input::Extra => extra_decoder(&spec, joint),
            _ if task.parts.is_empty() => decoder(&spec, pool)?,
            _ => request_decoder(&spec, &task.parts, pool),
        };
        let labels = match &*task.names {
            [name] => spec.labels(name),
            names => names.iter().map(|name| (name.clone(), spec.kind.expected())).collect(),
        };
        out.push(Decoder { decode, labels, field: spec.field, is_judged: task.is_judged, first });
        first += task.names.len();
    }
    Ok(out)
}

/// Collects what tasks want to know of a row's place.
fn make_origins(tasks: &[Task], recipe: &Recipe) -> Origins {
    let wanted = tasks.iter().filter_map(|task| match task.input {
        Input::Provenance(what) => Some(what),
        _ => None,
    });
    Origins::new(wanted.collect(), recipe.path.clone())
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

/// Turns the bad cells a decoder found into rejects.
#[expect(clippy::too_many_arguments, reason = "the parts of the assembler that a call may borrow at once")]
fn note_bad_cells(
    decoder: &Decoder,
    block: &Block,
    record: Field,
    rows: &[Row],
    work: &Work,
    recipe: &Recipe,
    found: &mut Findings,
    faults: &mut Vec<(u32, usize, Reject)>,
) {
    for bad in found.bad.drain(..) {
        let row = rows[bad.row as usize];
        let (start, _) = record.span_of_any(block.positions, row).unwrap_or_default();
        let bytes = block.text.text().span(bad.start, bad.end);
        let column = usize::from(bad.column);
        let reject = Reject {
            line: u64::from(row.line) + 1,
            byte: work.offset + u64::from(start),
            at: bad.start.saturating_sub(start),
            at_end: false,
            column: Some(decoder.labels[column].0.clone()),
            reason: format!("expected {}", decoder.labels[column].1),
            hint: "read the column as text with types={column: \"utf8\"}, or name its null texts in the format",
            raw: keep_raw(recipe, bytes),
            kind: Reason::BadValue,
        };
        faults.push((row.line, decoder.first + column, reject));
    }
}

/// Whether a line looks like UTF-16 that was cut at newline bytes: ASCII, and zeros between.
fn is_utf16(line: &[u8]) -> bool {
    const LOOKED_AT_BYTES: usize = 32;
    let head = &line[..line.len().min(LOOKED_AT_BYTES)];
    let zeros = |first: usize| head.iter().skip(first).step_by(2).all(|byte| *byte == 0);
    let texts = |first: usize| head.iter().skip(first).step_by(2).all(|byte| *byte != 0);
    head.len() >= 4 && (zeros(0) && texts(1) || zeros(1) && texts(0))
}

/// As much of a text as the scan keeps.
fn keep_raw(recipe: &Recipe, bytes: &[u8]) -> Option<Box<[u8]>> {
    const PREFIX_BYTES: usize = 80;
    let kept = match recipe.reject_raw {
        _ if recipe.policy == Policy::Skip => return None,
        RejectRaw::None => return None,
        RejectRaw::Prefix => PREFIX_BYTES,
        RejectRaw::Full if recipe.all_rejects => usize::MAX,
        RejectRaw::Full => RejectLog::MAX_RAW_BYTES,
    };
    Some(bytes[..bytes.len().min(kept)].into())
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
