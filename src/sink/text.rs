//! CSV and JSON lines, for eyes, spreadsheets and pipes.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, StringArray};
use arrow::csv;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::json;
use arrow::record_batch::RecordBatch;

use super::output::Output;
use super::{Sink, Written};
use crate::error::{Error, ErrorKind, Result};
use crate::store::StorageOptions;

/// How rows are written as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TextFormat {
    /// RFC 4180 with a header, lines ended by `\n`; nothing stands for null, and JSON for lists, structs and maps.
    Csv,
    /// An object a line, with all columns.
    JsonLines,
}

/// How a text file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TextCompression {
    /// Not at all.
    None,
    /// Gzip.
    Gzip,
    /// Zstandard.
    Zstd,
}

/// How to write CSV or JSON lines. Times are ISO 8601.
#[derive(Clone, Debug)]
pub struct TextOptions {
    /// CSV or JSON.
    pub format: TextFormat,
    /// None for what the name says: `.gz`, `.zst`.
    pub compression: Option<TextCompression>,
    /// The first line of CSV names the columns.
    pub header: bool,
    /// What stands between two values of CSV.
    pub delimiter: u8,
    /// Whether an existing file is replaced; if not, it is an error before anything is read.
    pub overwrite: bool,
    /// Options of the store, where the file is an object.
    pub storage_options: StorageOptions,
}

impl TextOptions {
    /// The defaults for a format.
    pub fn new(format: TextFormat) -> Self {
        Self {
            format,
            compression: None,
            header: true,
            delimiter: b',',
            overwrite: false,
            storage_options: StorageOptions::default(),
        }
    }
}

/// Writes CSV or JSON lines to a file or an object.
///
/// ```
/// use std::sync::Arc;
/// use arrow::array::{ArrayRef, Int64Array};
/// use arrow::record_batch::RecordBatch;
/// use logarrow::sink::{Sink, TextFormat, TextOptions, TextSink};
/// let dir = tempfile::tempdir().unwrap();
/// let path = dir.path().join("n.csv");
/// let batch = RecordBatch::try_from_iter([("n", Arc::new(Int64Array::from(vec![1, 2])) as ArrayRef)])?;
/// let mut sink = TextSink::create(&path, batch.schema(), &TextOptions::new(TextFormat::Csv))?;
/// sink.write(&batch)?;
/// Box::new(sink).finish()?;
/// assert_eq!(std::fs::read_to_string(&path).unwrap(), "n\n1\n2\n");
/// # Ok::<(), logarrow::Error>(())
/// ```
pub struct TextSink {
    path: PathBuf,
    schema: SchemaRef,
    /// As written: nested columns of CSV are texts.
    shown: SchemaRef,
    codec: Codec,
    options: TextOptions,
    rows: u64,
}

enum Codec {
    None(BufWriter<Output>),
    Gzip(flate2::write::GzEncoder<Output>),
    Zstd(zstd::stream::write::Encoder<'static, Output>),
}

/// As the `gzip` command has it.
const GZIP_LEVEL: u32 = 6;

impl TextSink {
    /// Starts the file `path`, which may be the URL of an object.
    ///
    /// **Errors**: `Io(AlreadyExists)` if it exists and `overwrite` is not set; `Option` for a delimiter that is none; other
    /// `Io` kinds.
    pub fn create(path: &Path, schema: SchemaRef, options: &TextOptions) -> Result<Self> {
        if matches!(options.delimiter, b'"' | b'\n' | b'\r') {
            return Err(Error::new(ErrorKind::Option, "a delimiter is neither a quote nor the end of a line"));
        }
        let compression = options.compression.unwrap_or_else(|| by_name(path));
        let output = Output::create(path, options.overwrite, &options.storage_options)?;
        let codec = Codec::new(output, compression).map_err(|cause| Error::io(path.display(), cause))?;
        let shown = match options.format {
            TextFormat::Csv => {
                Arc::new(Schema::new(schema.fields().iter().map(|field| shown(field)).collect::<Vec<_>>()))
            }
            TextFormat::JsonLines => schema.clone(),
        };
        let mut sink = Self { path: path.into(), schema, shown, codec, options: options.clone(), rows: 0 };
        // The header also where no rows follow.
        sink.write_rows(&RecordBatch::new_empty(sink.shown.clone()))?;
        sink.options.header = false;
        Ok(sink)
    }

    /// By way of a buffer: the library makes texts of what the system says.
    fn write_rows(&mut self, rows: &RecordBatch) -> Result<()> {
        let mut text = Vec::with_capacity(rows.num_rows() * 128);
        let done = match self.options.format {
            TextFormat::Csv => {
                let builder = csv::WriterBuilder::new().with_header(self.options.header);
                builder.with_delimiter(self.options.delimiter).build(&mut text).write(rows)
            }
            TextFormat::JsonLines => json_lines(rows, &mut text),
        };
        done.map_err(|cause| {
            Error::new(ErrorKind::TypeMismatch, format!("{}: {cause}", self.path.display())).with_cause(cause)
        })?;
        self.codec.write_all(&text).map_err(|cause| Error::io(self.path.display(), cause))
    }
}

impl Sink for TextSink {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        super::same_schema(&self.schema, batch)?;
        let columns = batch.columns().iter().zip(self.shown.fields());
        let columns = columns.map(|(column, field)| as_shown(column, field)).collect::<Result<_>>()?;
        self.write_rows(&RecordBatch::try_new(self.shown.clone(), columns)?)?;
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Vec<Written>> {
        let Self { path, codec, rows, .. } = *self;
        let bytes = codec.finish().map_err(|cause| Error::io(path.display(), cause))?.commit()?;
        Ok(vec![Written { path, rows, bytes }])
    }
}

fn json_lines(rows: &RecordBatch, out: &mut Vec<u8>) -> Result<(), ArrowError> {
    let builder = json::WriterBuilder::new().with_explicit_nulls(true);
    let mut writer = builder.build::<_, json::writer::LineDelimited>(out);
    writer.write(rows)?;
    writer.finish()
}

impl Codec {
    fn new(output: Output, compression: TextCompression) -> std::io::Result<Self> {
        Ok(match compression {
            TextCompression::None => Self::None(BufWriter::with_capacity(1 << 16, output)),
            TextCompression::Gzip => {
                Self::Gzip(flate2::write::GzEncoder::new(output, flate2::Compression::new(GZIP_LEVEL)))
            }
            TextCompression::Zstd => Self::Zstd(zstd::stream::write::Encoder::new(output, 0)?),
        })
    }

    fn finish(self) -> std::io::Result<Output> {
        match self {
            Self::None(writer) => writer.into_inner().map_err(std::io::IntoInnerError::into_error),
            Self::Gzip(writer) => writer.finish(),
            Self::Zstd(writer) => writer.finish(),
        }
    }
}

impl Write for Codec {
    fn write(&mut self, buf: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::None(writer) => writer.write(buf),
            Self::Gzip(writer) => writer.write(buf),
            Self::Zstd(writer) => writer.write(buf),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::None(writer) => writer.flush(),
            Self::Gzip(writer) => writer.flush(),
            Self::Zstd(writer) => writer.flush(),
        }
    }
}

fn by_name(path: &Path) -> TextCompression {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    match ending.to_ascii_lowercase().as_str() {
        "gz" | "gzip" => TextCompression::Gzip,
        "zst" | "zstd" => TextCompression::Zstd,
        _ => TextCompression::None,
    }
}

/// A column as CSV has it.
fn shown(field: &Field) -> Field {
    match field.data_type().is_nested() {
        true => Field::new(field.name(), DataType::Utf8, true),
        false => field.clone(),
    }
}

fn as_shown(column: &ArrayRef, field: &Field) -> Result<ArrayRef> {
    if column.data_type() == field.data_type() || !column.data_type().is_nested() {
        return Ok(column.clone());
    }
    // An object with one key a row, of which the value is kept: the library writes whole rows only.
    const OPENING: &str = "{\"v\":";
    let rows = RecordBatch::try_from_iter_with_nullable([("v", column.clone(), true)])?;
    let mut text = Vec::with_capacity(column.len() * 32);
    json_lines(&rows, &mut text)?;
    let text = String::from_utf8(text)
        .map_err(|cause| Error::new(ErrorKind::BadValue, cause.to_string()).with_cause(cause))?;
    let value = |(row, line): (usize, &str)| {
        let value = line.strip_prefix(OPENING).and_then(|rest| rest.strip_suffix('}'));
        value.filter(|_| column.is_valid(row)).map(str::to_owned)
    };
    Ok(Arc::new(text.lines().enumerate().map(value).collect::<StringArray>()))
}
