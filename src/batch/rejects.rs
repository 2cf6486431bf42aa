//! The rejects of a scan, as a table.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Builder, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use crate::error::Result;
use crate::report::Reject;

/// The columns of rejects: where, which column, why, what to do, and the text.
pub fn reject_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("source", DataType::Utf8, true),
        Field::new("line", DataType::Int64, true),
        Field::new("byte", DataType::Int64, true),
        Field::new("at", DataType::Int64, true),
        Field::new("column", DataType::Utf8, true),
        Field::new("reason", DataType::Utf8, true),
        Field::new("hint", DataType::Utf8, true),
        Field::new("raw", DataType::Utf8, true),
    ]))
}

/// The first rejects of a scan, within bounds. Exact counts are in the report.
#[derive(Debug, Default)]
pub struct RejectLog {
    entries: Vec<(Arc<str>, bool, Reject)>,
    raw_bytes: usize,
}

impl RejectLog {
    /// Rejects kept in memory.
    pub const MAX_ROWS: usize = 10_000;
    /// Text kept of each of them.
    pub const MAX_RAW_BYTES: usize = 4096;
    /// Text kept in all.
    const MAX_ALL_RAW_BYTES: usize = 64 << 20;

    /// Keeps a reject of `source` if there is room. `line_known` is false where lines cannot be counted.
    pub fn push(&mut self, source: &Arc<str>, line_known: bool, mut reject: Reject) {
        if self.is_full() {
            return;
        }
        if let Some(raw) = reject.raw.as_mut().filter(|raw| raw.len() > Self::MAX_RAW_BYTES) {
            *raw = raw[..Self::MAX_RAW_BYTES].into();
        }
        self.raw_bytes += reject.raw.as_ref().map_or(0, |raw| raw.len());
        self.entries.push((source.clone(), line_known, reject));
    }

    /// Whether no more are kept.
    pub fn is_full(&self) -> bool {
        self.entries.len() >= Self::MAX_ROWS || self.raw_bytes >= Self::MAX_ALL_RAW_BYTES
    }

    /// Keeps a reject with all its text, however many there are.
    pub fn push_whole(&mut self, source: &Arc<str>, line_known: bool, reject: Reject) {
        self.entries.push((source.clone(), line_known, reject));
    }

    /// How many are kept.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// They as a table; keeps them.
    pub fn to_batch(&self) -> Result<RecordBatch> {
        let mut text: [StringBuilder; 5] = Default::default();
        let mut numbers: [Int64Builder; 3] = Default::default();
        for (source, line_known, reject) in &self.entries {
            let raw = reject.raw.as_ref().map(|raw| String::from_utf8_lossy(raw));
            let cells = [
                Some(&**source),
                reject.column.as_deref(),
                Some(&*reject.reason),
                Some(reject.hint).filter(|hint| !hint.is_empty()),
                raw.as_deref(),
            ];
            for (builder, cell) in text.iter_mut().zip(cells) {
                builder.append_option(cell);
            }
            let cells = [line_known.then_some(reject.line), Some(reject.byte), Some(u64::from(reject.at))];
            for (builder, cell) in numbers.iter_mut().zip(cells) {
                builder.append_option(cell.map(|cell| cell as i64));
            }
        }
        let [mut source, mut column, mut reason, mut hint, mut raw] = text;
        let [mut line, mut byte, mut at] = numbers;
        let columns: Vec<ArrayRef> = vec![
            Arc::new(source.finish()),
            Arc::new(line.finish()),
            Arc::new(byte.finish()),
            Arc::new(at.finish()),
            Arc::new(column.finish()),
            Arc::new(reason.finish()),
            Arc::new(hint.finish()),
            Arc::new(raw.finish()),
        ];
        Ok(RecordBatch::try_new(reject_schema(), columns)?)
    }
}
