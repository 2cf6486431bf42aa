//! The books of a scan: outcomes of chunks, put together in order.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow::array::{Array, AsArray, Int64Array, RecordBatch};
use arrow::datatypes::Int64Type;

use crate::batch::RejectLog;
use crate::error::{Reason, Result};
use crate::options::Include;
use crate::report::{FileReport, Report};
use crate::source::Item;

use super::RejectSink;
use super::chunks::{Job, Parsed};

/// Puts the outcomes of chunks together, in order.
pub(super) struct Ledger {
    pub(super) report: Report,
    pub(super) rejects: RejectLog,
    /// Where `_line` is among the columns, if it is.
    line_column: Option<usize>,
    pub(super) stored_bytes: u64,
    ended_bytes: u64,
    pub(super) total_bytes: Option<u64>,
    lines_known: bool,
    /// Tells the threads that no more rejects are kept.
    rejects_full: Arc<AtomicBool>,
}

impl Ledger {
    pub(super) fn new(job: &Job) -> Self {
        let files = job.items.iter().zip(&*job.references).map(|(item, reference_us)| FileReport {
            name: item.name(),
            counts: Default::default(),
            stored_bytes: item.size(),
            damage: None,
            reference_time_us: *reference_us,
            encoding: None,
        });
        let schema = job.plan.schema();
        let report = Report {
            files: files.collect(),
            reference_time_us: job
                .references
                .first()
                .copied()
                .filter(|first| job.references.iter().all(|us| us == first)),
            nulls: schema.fields().iter().map(|field| (field.name().clone(), 0)).collect(),
            ..Report::default()
        };
        Self {
            report,
            rejects: RejectLog::default(),
            line_column: schema.index_of(Include::Line.column()).ok(),
            stored_bytes: 0,
            ended_bytes: 0,
            total_bytes: job.items.iter().map(Item::size).sum(),
            lines_known: true,
            rejects_full: job.rejects_full.clone(),
        }
    }

    /// Enters a chunk's outcome: its lines follow those of the chunks before.
    pub(super) fn enter(
        &mut self,
        file: usize,
        parsed: Parsed,
        sink: Option<&mut RejectSink>,
    ) -> Result<Vec<RecordBatch>> {
        let Parsed { outcome, damage, stored_bytes } = parsed;
        self.stored_bytes = self.ended_bytes + stored_bytes;
        let entry = &mut self.report.files[file];
        let lines_before = entry.counts.lines;
        let name = entry.name.clone();
        if let Some(mut reject) = outcome.raised {
            reject.line += lines_before;
            return Err(match damage {
                Some(err) if reject.kind == Reason::Corrupt => err,
                _ => reject.to_error(&name, self.lines_known),
            });
        }
        entry.counts.add(&outcome.counts);
        entry.damage = damage.map(|err| err.to_string());
        self.report.counts.add(&outcome.counts);
        for (reason, count) in outcome.reasons {
            *self.report.reasons.entry(reason).or_default() += count;
        }
        let mut all = sink.is_some().then(RejectLog::default);
        for mut reject in outcome.rejects {
            reject.line += lines_before;
            if let Some(all) = &mut all {
                all.push_whole(&name, self.lines_known, reject.clone());
            }
            self.rejects.push(&name, self.lines_known, reject);
        }
        if self.rejects.is_full() {
            self.rejects_full.store(true, Ordering::Relaxed);
        }
        if let (Some(sink), Some(all)) = (sink, all)
            && !all.is_empty()
        {
            sink(&all.to_batch()?)?;
        }
        let mut batches = outcome.batches;
        for batch in &mut batches {
            if let Some(column) = self.line_column {
                *batch = move_lines(batch, column, lines_before as i64)?;
            }
            for (field, array) in batch.schema_ref().fields().iter().zip(batch.columns()) {
                if let Some(nulls) = self.report.nulls.get_mut(field.name()) {
                    *nulls += array.null_count() as u64;
                }
            }
        }
        Ok(batches)
    }

    /// Closes the books of a file.
    pub(super) fn end(&mut self, file: usize, stored_bytes: u64, text_bytes: u64) {
        let entry = &mut self.report.files[file];
        self.ended_bytes += entry.stored_bytes.unwrap_or(stored_bytes);
        // Chunks count the newline a last line lacks, and nothing that was passed over in an overlong record.
        self.report.counts.bytes = self.report.counts.bytes - entry.counts.bytes + text_bytes;
        entry.counts.bytes = text_bytes;
        self.stored_bytes = self.ended_bytes;
    }
}

/// The batch with `by` added to its column of lines.
fn move_lines(batch: &RecordBatch, column: usize, by: i64) -> Result<RecordBatch> {
    let lines = batch.column(column).as_primitive::<Int64Type>();
    let moved: Int64Array = lines.unary(|line| line + by);
    let mut columns = batch.columns().to_vec();
    columns[column] = Arc::new(moved);
    Ok(RecordBatch::try_new(batch.schema(), columns)?)
}
