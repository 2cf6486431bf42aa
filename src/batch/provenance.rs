//! Columns that say where a row comes from.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, StringArray};

use super::path::PathRule;
use super::recipe::Provenance;
use crate::simd::{Field, Row};

/// Collects the columns a scan asked for.
#[derive(Debug, Default)]
pub(super) struct Origins {
    wanted: Vec<Provenance>,
    path: Arc<PathRule>,
    lines: Vec<i64>,
    offsets: Vec<i64>,
    rows: usize,
}

impl Origins {
    pub(super) fn new(wanted: Vec<Provenance>, path: Arc<PathRule>) -> Self {
        Self { wanted, path, ..Self::default() }
    }

    /// Appends `rows`; `record` says where they start in a chunk that begins at byte `chunk_offset`. Lines count from 1
    /// at the start of the chunk; the reader, which sees chunks in order, adds the lines before.
    pub(super) fn extend(&mut self, positions: &[u32], record: Field, chunk_offset: u64, rows: &[Row]) {
        self.rows += rows.len();
        for wanted in &self.wanted {
            match wanted {
                Provenance::Path | Provenance::PathPart(_) => {}
                Provenance::Line => self.lines.extend(rows.iter().map(|row| i64::from(row.line) + 1)),
                Provenance::Offset => self.offsets.extend(rows.iter().map(|row| {
                    let start = record.span_of_any(positions, *row).map_or(0, |(start, _)| start);
                    (chunk_offset + u64::from(start)) as i64
                })),
            }
        }
    }

    /// The columns, in the order they were asked for.
    pub(super) fn finish(&mut self, path: &str) -> Vec<ArrayRef> {
        let rows = std::mem::take(&mut self.rows);
        let reads_parts = self.wanted.iter().any(|wanted| matches!(wanted, Provenance::PathPart(_)));
        let parts = if reads_parts { self.path.captures(path) } else { Vec::new() };
        let column = |wanted: &Provenance| -> ArrayRef {
            match wanted {
                Provenance::Path => Arc::new(StringArray::from_iter_values(std::iter::repeat_n(path, rows))),
                Provenance::PathPart(number) => {
                    let part = parts.get(*number).cloned().flatten();
                    Arc::new(StringArray::from_iter(std::iter::repeat_n(part.as_deref(), rows)))
                }
                Provenance::Line => Arc::new(Int64Array::from(std::mem::take(&mut self.lines))),
                Provenance::Offset => Arc::new(Int64Array::from(std::mem::take(&mut self.offsets))),
            }
        };
        self.wanted.iter().map(column).collect()
    }
}
