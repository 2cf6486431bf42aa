//! What several test files share: a scan read to its end, and cells as text.
#![allow(dead_code, unreachable_pub, missing_docs)]

pub mod json;

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::{DataType, Field, Int64Type, Schema};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use logarrow::format::{Framing, Header, Layout, builtin_formats};
use logarrow::simd::Level;
use logarrow::{Counts, Error, Format, Include, Options, Report, Scan, Source};

/// A scan that was read to its end.
#[derive(Debug)]
pub struct Whole {
    /// All rows.
    pub rows: RecordBatch,
    /// Rows of each batch.
    pub batches: Vec<usize>,
    pub rejects: RecordBatch,
    pub report: Report,
}

/// One thread, no clock.
pub fn options() -> Options {
    Options { threads: 1, reference_time_us: Some(1_772_672_400_000_000), ..Options::default() }
}

/// [`options`] with all columns that say where a row comes from.
pub fn traced() -> Options {
    Options { include: Include::NAMES.map(|(_, include)| include).to_vec(), ..options() }
}

pub fn levels() -> Vec<Level> {
    Level::available().collect()
}

/// Reads to the end; whatever was read, every record is accounted for.
pub fn read(source: Source, format: &Arc<Format>, options: Options) -> Result<Whole, Error> {
    let scan = Scan::new(source, format.clone()).with_options(options);
    let mut reader = scan.read()?;
    let schema = reader.schema();
    let mut batches = Vec::new();
    for batch in reader.by_ref() {
        batches.push(batch?);
    }
    let report = reader.report().clone();
    assert!(report.complete);
    assert_balanced(&report);
    let rows = concat_batches(&schema, &batches)?;
    assert_eq!(report.counts.rows as usize, rows.num_rows());
    for (field, column) in schema.fields().iter().zip(rows.columns()) {
        assert_eq!(report.nulls[field.name()] as usize, column.null_count(), "nulls of {}", field.name());
    }
    let batches = batches.iter().map(RecordBatch::num_rows).collect();
    Ok(Whole { rows, batches, rejects: reader.rejects()?, report })
}

/// [`read`] of bytes in memory.
pub fn read_bytes(bytes: &[u8], format: &Arc<Format>, options: Options) -> Result<Whole, Error> {
    read(Source::bytes("a.log", bytes), format, options)
}

pub fn assert_balanced(report: &Report) {
    let mut sum = Counts::default();
    for file in &report.files {
        assert!(file.counts.is_balanced(), "{}: {:?}", file.name, file.counts);
        sum.add(&file.counts);
    }
    assert!(report.counts.is_balanced(), "{:?}", report.counts);
    assert_eq!(sum, report.counts);
    let by_reason = |bad: bool| -> u64 {
        report.reasons.iter().filter(|((column, _), _)| column.is_some() == bad).map(|(_, count)| count).sum()
    };
    assert_eq!(by_reason(false), report.counts.malformed, "{:?}", report.reasons);
    assert_eq!(by_reason(true), report.counts.bad_values, "{:?}", report.reasons);
}

/// Cells as text; `None` for null.
pub fn cells(batch: &RecordBatch, column: &str) -> Vec<Option<String>> {
    let array = batch.column_by_name(column).unwrap_or_else(|| panic!("no column {column}"));
    // Arrow shows named zones only with a feature we do without: as an offset UTC needs none.
    let array = match array.data_type() {
        DataType::Timestamp(unit, Some(zone)) => {
            assert_eq!(&**zone, "UTC", "{column}");
            &cast(array, &DataType::Timestamp(*unit, Some("+00:00".into()))).unwrap()
        }
        DataType::Struct(_) | DataType::List(_) => {
            return (0..array.len()).map(|row| array.is_valid(row).then(|| nested(array, row))).collect();
        }
        _ => array,
    };
    let format = ArrayFormatter::try_new(array, &FormatOptions::default()).unwrap();
    (0..array.len()).map(|i| array.is_valid(i).then(|| format.value(i).to_string())).collect()
}

/// A nested cell as text: members by name without those that are null, elements in order.
fn nested(array: &ArrayRef, row: usize) -> String {
    let inner = |array: &ArrayRef, row: usize| {
        let schema = Schema::new(vec![Field::new("cell", array.data_type().clone(), true)]);
        let batch = RecordBatch::try_new(schema.into(), vec![array.slice(row, 1)]).unwrap();
        cells(&batch, "cell").remove(0)
    };
    match array.data_type() {
        DataType::Struct(fields) => {
            let mut members: Vec<String> = fields
                .iter()
                .zip(array.as_struct().columns())
                .filter_map(|(field, column)| Some(format!("{}: {}", field.name(), inner(column, row)?)))
                .collect();
            members.sort();
            format!("{{{}}}", members.join(", "))
        }
        _ => {
            let items = array.as_list::<i32>().value(row);
            let shown = (0..items.len()).map(|at| inner(&items, at).unwrap_or_default());
            format!("[{}]", shown.collect::<Vec<_>>().join(", "))
        }
    }
}

/// The integers of a column without nulls.
pub fn numbers(batch: &RecordBatch, column: &str) -> Vec<i64> {
    batch.column_by_name(column).unwrap().as_primitive::<Int64Type>().values().to_vec()
}

/// The built-in formats whose records are lines, each one a record by itself: quotes may join lines, and a first record
/// may be a header (`tests/delimited.rs` has these).
pub fn line_formats() -> Vec<Arc<Format>> {
    let joins = |format: &&Arc<Format>| match &format.layout {
        Layout::Delimited(delimited) => delimited.newlines || delimited.header == Header::First,
        Layout::Journal => true,
        // One that names no column at all has nothing to ask for.
        Layout::Json(json) if json.find_framing || format.columns.is_empty() => true,
        _ => !matches!(format.framing, Framing::Lines | Framing::Octets),
    };
    builtin_formats().iter().filter(|format| !joins(format)).cloned().collect()
}

/// All columns of a format, those on demand too.
pub fn all_columns(format: &Format) -> Vec<String> {
    format.columns.iter().map(|column| column.name.clone()).collect()
}

/// The lines of a text as the rules have them: without LF or CRLF, blank ones too, with the byte each starts at.
pub fn lines(text: &[u8]) -> Vec<(usize, &[u8])> {
    let mut out = Vec::new();
    let mut start = if text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    while start < text.len() {
        let end = text[start..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |at| start + at);
        let line = &text[start..end];
        out.push((start, line.strip_suffix(b"\r").unwrap_or(line)));
        start = end + 1;
    }
    out
}

/// A source file of ours, with its path from the root.
pub struct SourceFile {
    pub path: String,
    pub text: String,
}

/// The Rust, Python and TOML files below a folder of the repository, sorted.
pub fn sources(folder: &str) -> Vec<SourceFile> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut out = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            let ends = |ends: &[&str]| path.extension().is_some_and(|end| ends.iter().any(|known| end == *known));
            if path.is_dir() && !path.ends_with("__pycache__") {
                folders.push(path);
            } else if ends(&["rs", "py", "pyi", "toml"]) {
                let text = std::fs::read_to_string(&path).unwrap();
                let path = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                out.push(SourceFile { path, text });
            }
        }
    }
    out.sort_by(|a, b| a.path.cmp(&b.path));
    out
}
