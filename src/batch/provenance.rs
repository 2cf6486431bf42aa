//! Columns that say where a row comes from.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Int64Array, StringArray, UInt32Array, new_null_array};
use arrow::compute::take;

use super::folder::{self, Value};
use super::path::PathRule;
use super::recipe::{Input, Provenance, Recipe, Task};
use crate::decode::{Block, Findings, Spec, decoder};
use crate::error::Result;
use crate::simd::{Field, Level, Pool, Row, Text, TextBlock};

/// Collects the columns a scan asked for.
#[derive(Debug)]
pub(super) struct Origins {
    wanted: Vec<Origin>,
    rule: Arc<PathRule>,
    level: Level,
    /// A folder that is not there is told, as rows hang on it.
    is_predicate: bool,
    /// The source that the cells of folders are of.
    path: Arc<str>,
    lines: Vec<i64>,
    offsets: Vec<i64>,
    rows: usize,
}

/// A column.
#[derive(Debug)]
struct Origin {
    what: Provenance,
    spec: Spec,
    name: Arc<str>,
    /// The predicate reads it too, and has judged its cells.
    is_judged: bool,
    /// Of a folder of the path: the one cell that all rows of a source have.
    cell: Option<ArrayRef>,
    /// Why that cell is null, and the text that does not decode.
    bad: Option<(String, Vec<u8>)>,
}

/// The cell of a folder that does not decode, in all rows of a source.
pub(super) struct BadOrigin<'a> {
    pub(super) name: &'a Arc<str>,
    pub(super) reason: &'a str,
    pub(super) text: &'a [u8],
    /// Its place among the columns.
    pub(super) place: usize,
}

impl Origins {
    /// The columns among `tasks` that are of this kind; whether they are those of the predicate.
    pub(super) fn new(tasks: &[Task], recipe: &Recipe, is_predicate: bool) -> Self {
        let origin = |task: &Task| match task.input {
            Input::Provenance(what) => Some(Origin {
                what,
                spec: task.spec.clone(),
                name: task.names.first().cloned().unwrap_or_default(),
                is_judged: task.is_judged,
                cell: None,
                bad: None,
            }),
            _ => None,
        };
        let wanted = tasks.iter().filter_map(origin).collect();
        let (rule, level) = (recipe.path.clone(), recipe.level);
        Self { wanted, rule, level, is_predicate, path: "".into(), lines: Vec::new(), offsets: Vec::new(), rows: 0 }
    }

    /// Says which source the next rows are of.
    ///
    /// **Errors**: if a decoder cannot be made.
    pub(super) fn start(&mut self, path: &Arc<str>, reference_us: i64) -> Result<()> {
        for origin in &mut self.wanted {
            let Provenance::Folder(number) = origin.what else { continue };
            if origin.cell.is_some() && *path == self.path {
                continue;
            }
            let key = self.rule.folders.get(number).map_or("", |key| key);
            let null = || new_null_array(&origin.spec.kind.data_type(origin.spec.strings), 1);
            let (cell, bad) = match folder::value(path, key) {
                Value::Null => (null(), None),
                Value::Missing => {
                    let reason = format!("expected a folder {key}=... in the path");
                    (null(), self.is_predicate.then_some((reason, Vec::new())))
                }
                Value::Text(value) => {
                    let (cell, is_bad) = decoded(&origin.spec, &value, self.level, reference_us)?;
                    let reason = || format!("expected {} in the folder's name", origin.spec.kind.expected());
                    (cell, is_bad.then(|| (reason(), value)))
                }
            };
            (origin.cell, origin.bad) = (Some(cell), bad);
        }
        self.path = path.clone();
        Ok(())
    }

    /// The cells that do not decode, but for those that were judged before.
    pub(super) fn bad(&self) -> impl Iterator<Item = BadOrigin<'_>> {
        self.wanted.iter().enumerate().filter(|(_, origin)| !origin.is_judged).filter_map(|(place, origin)| {
            let (reason, text) = origin.bad.as_ref()?;
            Some(BadOrigin { name: &origin.name, reason, text, place })
        })
    }

    /// Appends `rows`; `record` says where they start in a chunk that begins at byte `chunk_offset`. Lines count from 1
    /// at the start of the chunk; the reader, which sees chunks in order, adds the lines before.
    pub(super) fn extend(&mut self, positions: &[u32], record: Field, chunk_offset: u64, rows: &[Row]) {
        self.rows += rows.len();
        for origin in &self.wanted {
            match origin.what {
                Provenance::Path | Provenance::PathPart(_) | Provenance::Folder(_) => {}
                Provenance::Line => self.lines.extend(rows.iter().map(|row| i64::from(row.line) + 1)),
                Provenance::Offset => self.offsets.extend(rows.iter().map(|row| {
                    let start = record.span_of_any(positions, *row).map_or(0, |(start, _)| start);
                    (chunk_offset + u64::from(start)) as i64
                })),
            }
        }
    }

    /// The columns, in the order they were asked for.
    ///
    /// **Errors**: if Arrow cannot repeat a cell.
    pub(super) fn finish(&mut self, path: &str) -> Result<Vec<ArrayRef>> {
        let rows = std::mem::take(&mut self.rows);
        let reads_parts = self.wanted.iter().any(|origin| matches!(origin.what, Provenance::PathPart(_)));
        let parts = if reads_parts { self.rule.captures(path) } else { Vec::new() };
        let (lines, offsets) = (&mut self.lines, &mut self.offsets);
        let column = |origin: &Origin| -> Result<ArrayRef> {
            Ok(match origin.what {
                Provenance::Path => Arc::new(StringArray::from_iter_values(std::iter::repeat_n(path, rows))),
                Provenance::PathPart(number) => {
                    let part = parts.get(number).cloned().flatten();
                    Arc::new(StringArray::from_iter(std::iter::repeat_n(part.as_deref(), rows)))
                }
                Provenance::Folder(_) => match &origin.cell {
                    Some(cell) if cell.is_valid(0) => take(cell, &UInt32Array::from(vec![0; rows]), None)?,
                    _ => new_null_array(&origin.spec.kind.data_type(origin.spec.strings), rows),
                },
                Provenance::Line => Arc::new(Int64Array::from(std::mem::take(lines))),
                Provenance::Offset => Arc::new(Int64Array::from(std::mem::take(offsets))),
            })
        };
        self.wanted.iter().map(column).collect()
    }
}

/// A column of one cell that holds `value`, and whether that does not decode.
fn decoded(spec: &Spec, value: &[u8], level: Level, reference_us: i64) -> Result<(ArrayRef, bool)> {
    let mut text = Text::default();
    text.extend_from_slice(value);
    let field = Field { end_slot: 1, ..Field::default() };
    let mut decoder = decoder(&Spec { field, ..spec.clone() }, &Pool::default())?;
    let mut found = Findings::default();
    let positions = [0, value.len() as u32];
    let block = Block {
        text: TextBlock::new(&text, 0, text.len()),
        positions: &positions,
        children: &[],
        conflicts: &[],
        level,
        reference_us,
    };
    decoder.decode(&block, &[Row::new(0, 0)], &mut found);
    let cell = decoder.finish()?.into_iter().next();
    Ok((cell.unwrap_or_else(|| new_null_array(&spec.kind.data_type(spec.strings), 1)), !found.bad.is_empty()))
}
