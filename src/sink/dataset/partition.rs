//! Partitions: which rows go to which directory, and what it is called.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, UInt32Array};
use arrow::compute::take_record_batch;
use arrow::datatypes::{DataType, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use arrow::row::{RowConverter, SortField};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::error::{Error, ErrorKind, Result};

/// What Hive and Spark call the partition of nulls, and of empty texts.
const NULL: &str = "__HIVE_DEFAULT_PARTITION__";

/// Splits batches by the values of some columns.
pub(super) struct Partitioner {
    names: Vec<String>,
    /// The columns of the values, and those that stay in the files.
    keys: Vec<usize>,
    rest: Vec<usize>,
    converter: Option<RowConverter>,
}

impl Partitioner {
    /// **Errors**: `UnknownColumn`; `TypeMismatch` for types whose values name no directory; `Option` if no column is left.
    pub(super) fn new(schema: &SchemaRef, by: &[String]) -> Result<Self> {
        let mut keys = Vec::with_capacity(by.len());
        for name in by {
            let idx = column(schema, name)?;
            if keys.contains(&idx) {
                return Err(Error::new(ErrorKind::Option, format!("partition_by names \"{name}\" twice")));
            }
            let dtype = schema.field(idx).data_type();
            if !names_directory(dtype) {
                return Err(Error::new(
                    ErrorKind::TypeMismatch,
                    format!("partition_by: a value of type {dtype} names no directory"),
                )
                .with_column(name)
                .with_hint("derive a text, an integer or a date, such as dt=date(time)"));
            }
            keys.push(idx);
        }
        let rest: Vec<usize> = (0..schema.fields().len()).filter(|idx| !keys.contains(idx)).collect();
        if rest.is_empty() {
            return Err(Error::new(
                ErrorKind::Option,
                "partition_by takes all columns, and none is left for the files",
            )
            .with_hint("select one more column"));
        }
        let fields = keys.iter().map(|&idx| SortField::new(schema.field(idx).data_type().clone())).collect();
        let converter = if keys.is_empty() { None } else { Some(RowConverter::new(fields)?) };
        Ok(Self { names: by.to_vec(), keys, rest, converter })
    }

    /// The columns of the files.
    pub(super) fn file_schema(&self, schema: &SchemaRef) -> Result<SchemaRef> {
        Ok(Arc::new(schema.project(&self.rest)?))
    }

    /// The parts of a batch by directory (empty where nothing is partitioned), without the columns that name it.
    pub(super) fn split(&mut self, batch: &RecordBatch) -> Result<Vec<(String, RecordBatch)>> {
        let rest = batch.project(&self.rest)?;
        let Some(converter) = &mut self.converter else { return Ok(vec![(String::new(), rest)]) };
        if batch.num_rows() == 0 {
            return Ok(Vec::new());
        }
        let keys: Vec<ArrayRef> = self.keys.iter().map(|&idx| batch.column(idx).clone()).collect();
        let rows = converter.convert_columns(&keys)?;
        let mut groups: Vec<Vec<u32>> = Vec::new();
        let mut known: HashMap<&[u8], usize> = HashMap::new();
        // Logs come by time: a row is mostly in the partition of the row before it.
        let mut last: Option<(&[u8], usize)> = None;
        for (at, row) in rows.iter().enumerate() {
            let key = row.data();
            let group = match last {
                Some((last, group)) if last == key => group,
                _ => *known.entry(key).or_insert_with(|| {
                    groups.push(Vec::new());
                    groups.len() - 1
                }),
            };
            last = Some((key, group));
            // A batch has far fewer rows than 2^32.
            groups[group].push(at as u32);
        }
        let formats = FormatOptions::default();
        let texts: Vec<ArrayFormatter> =
            keys.iter().map(|key| ArrayFormatter::try_new(key, &formats)).collect::<Result<_, _>>()?;
        let mut out = Vec::with_capacity(groups.len());
        for group in groups {
            let (Some(&first), Some(&end)) = (group.first(), group.last()) else { continue };
            let value =
                |idx: usize| (!keys[idx].is_null(first as usize)).then(|| texts[idx].value(first as usize).to_string());
            let parts: Vec<String> =
                self.names.iter().enumerate().map(|(idx, name)| segment(name, value(idx).as_deref())).collect();
            let (first, len) = (first as usize, group.len());
            let rows = match end as usize + 1 - first == len {
                true => rest.slice(first, len),
                false => take_record_batch(&rest, &UInt32Array::from(group))?,
            };
            out.push((parts.join("/"), rows));
        }
        Ok(out)
    }
}

/// The place of a column.
pub(super) fn column(schema: &Schema, name: &str) -> Result<usize> {
    schema.index_of(name).map_err(|_| {
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        Error::new(ErrorKind::UnknownColumn, format!("no column is called \"{name}\""))
            .with_hint(format!("the columns are {}", names.join(", ")))
    })
}

fn names_directory(dtype: &DataType) -> bool {
    match dtype {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Boolean | DataType::Date32 => true,
        DataType::Dictionary(_, value) => names_directory(value),
        other => other.is_integer(),
    }
}

/// `name=value`, as Hive and Spark escape it.
pub(super) fn segment(name: &str, value: Option<&str>) -> String {
    let mut out = String::with_capacity(name.len() + value.map_or(0, str::len) + 1);
    escape(name, &mut out);
    out.push('=');
    match value {
        Some(value) if !value.is_empty() => escape(value, &mut out),
        _ => out.push_str(NULL),
    }
    out
}

/// What they escape: control characters, and what means something in a path, a URL or a shell.
fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '\0'..='\x1f'
            | '\x7f'
            | '"'
            | '#'
            | '%'
            | '\''
            | '*'
            | '/'
            | ':'
            | '='
            | '?'
            | '\\'
            | '{'
            | '['
            | ']'
            | '^' => {
                out.push_str(&format!("%{:02X}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
}
