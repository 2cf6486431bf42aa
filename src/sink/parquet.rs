//! Parquet, with the columns of a row group encoded in parallel.
//!
//! The parquet crate encodes column by column; its `ArrowWriter` does so on one thread and with one set of properties.
//! Here each row group's column writers are made when its first batch is there: the batch shows which columns are worth a
//! dictionary. Then the columns of a batch are tasks of a pool, the longest first, since two or three text columns
//! are most of the work.
//!
//! Measured on 68 MB of generated combined log (10 columns, 288,000 rows, zstd 1, synced), MB/s of log, best/median of 7,
//! CPU time on a busy 2-core machine: `ArrowWriter` with its defaults 349/269 and 6.50 MB, this sink 458/386 and 5.74 MB.
//! With a user agent of its own on every row: 206/203 and 8.43 MB, 287/235 and 7.87 MB. Two threads, by wall clock where
//! one gave 450: 736 when the machine was quiet, 288 to 426 when it was not.

mod properties;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use rayon::ThreadPool;

use self::properties::check;
pub(super) use self::writer::{ParquetWriter, descriptor};
use super::output::Output;
use super::{Sink, Written};
use crate::error::Result;
use crate::store::StorageOptions;

/// How pages are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParquetCompression {
    /// Zstandard at a level from 1 to 22.
    Zstd(i32),
    /// Snappy.
    Snappy,
    /// LZ4 without frames.
    Lz4Raw,
    /// Not at all.
    None,
}

/// Which statistics readers get to skip data by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Statistics {
    /// None.
    None,
    /// Minimum, maximum and nulls of each column in each row group.
    Chunk,
    /// Of each page too.
    Page,
}

/// How to write Parquet.
///
/// ```
/// use logarrow::sink::{ParquetCompression, ParquetOptions};
/// let options = ParquetOptions { compression: ParquetCompression::Snappy, ..ParquetOptions::default() };
/// assert_eq!(options.row_group_rows, 1_000_000);
/// ```
#[derive(Clone, Debug)]
pub struct ParquetOptions {
    /// Page compression; by default zstd level 1 (limits.md section 8: level 3 costs a fifth of the speed).
    pub compression: ParquetCompression,
    /// A row group ends at this many rows,
    pub row_group_rows: usize,
    /// or when about this many encoded bytes are reached,
    pub row_group_bytes: usize,
    /// or when this much memory is held for it.
    pub memory_bytes: usize,
    /// A data page ends at about this many bytes.
    pub page_bytes: usize,
    /// Which statistics are written.
    pub statistics: Statistics,
    /// Whether a column has a dictionary; columns not named here are judged by their first rows.
    pub dictionary: Vec<(String, bool)>,
    /// Whether DELTA_LENGTH_BYTE_ARRAY and DELTA_BINARY_PACKED may be used. Readers older than about 2022 (Spark before
    /// 3.3, for one) lack them.
    pub delta_encodings: bool,
    /// Columns with a Bloom filter.
    pub bloom_filters: Vec<String>,
    /// Key-value metadata of the file.
    pub metadata: Vec<(String, String)>,
    /// The columns by which the rows come sorted, told to readers; nothing is sorted here.
    pub sorted_by: Vec<String>,
    /// Whether an existing file is replaced; if not, it is an error before anything is read.
    pub overwrite: bool,
    /// Options of the store, where the file is an object.
    pub storage_options: StorageOptions,
    /// Where columns are encoded in parallel; none, or a pool of one thread: in the caller's.
    pub pool: Option<Arc<ThreadPool>>,
}

impl Default for ParquetOptions {
    fn default() -> Self {
        Self {
            compression: ParquetCompression::Zstd(1),
            row_group_rows: 1_000_000,
            row_group_bytes: 128 << 20,
            memory_bytes: 256 << 20,
            page_bytes: 1 << 20,
            statistics: Statistics::Page,
            dictionary: Vec::new(),
            delta_encodings: true,
            bloom_filters: Vec::new(),
            metadata: Vec::new(),
            sorted_by: Vec::new(),
            overwrite: false,
            storage_options: StorageOptions::default(),
            pool: None,
        }
    }
}

/// Writes one Parquet file.
///
/// ```
/// use std::sync::Arc;
/// use arrow::array::{ArrayRef, Int64Array};
/// use arrow::record_batch::RecordBatch;
/// use logarrow::sink::{ParquetOptions, ParquetSink, Sink};
/// let dir = tempfile::tempdir().unwrap();
/// let batch = RecordBatch::try_from_iter([("n", Arc::new(Int64Array::from(vec![1, 2])) as ArrayRef)])?;
/// let mut sink = ParquetSink::create(&dir.path().join("n.parquet"), batch.schema(), &ParquetOptions::default())?;
/// sink.write(&batch)?;
/// assert_eq!(Box::new(sink).finish()?[0].rows, 2);
/// # Ok::<(), logarrow::Error>(())
/// ```
pub struct ParquetSink {
    path: PathBuf,
    schema: SchemaRef,
    writer: ParquetWriter<Output>,
}

impl ParquetSink {
    /// Starts the file `path`, which may be the URL of an object.
    ///
    /// **Errors**: `Io(AlreadyExists)` if it exists and `overwrite` is not set; `Option` for a level, a limit or a column
    /// name that makes no sense; `TypeMismatch` for a schema that Parquet cannot hold; other `Io` kinds.
    pub fn create(path: &Path, schema: SchemaRef, options: &ParquetOptions) -> Result<Self> {
        prepare(options, &schema)?;
        let output = Output::create(path, options.overwrite, &options.storage_options)?;
        let writer = ParquetWriter::new(path, output, schema.clone(), options)?;
        Ok(Self { path: path.into(), schema, writer })
    }

    /// Rows written so far.
    pub fn rows(&self) -> u64 {
        self.writer.rows()
    }
}

/// Refuses what could not be written, before anything is made.
pub(super) fn prepare(options: &ParquetOptions, schema: &SchemaRef) -> Result<()> {
    check(options, schema)?;
    descriptor(schema)?;
    properties::properties(options, schema, &[]).map(drop)
}

impl Sink for ParquetSink {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        super::same_schema(&self.schema, batch)?;
        self.writer.write(batch)
    }

    fn finish(self: Box<Self>) -> Result<Vec<Written>> {
        let rows = self.writer.rows();
        let bytes = self.writer.finish()?.commit()?;
        Ok(vec![Written { path: self.path, rows, bytes }])
    }

    fn memory_bytes(&self) -> usize {
        self.writer.memory_bytes()
    }

    fn flush(&mut self) -> Result<()> {
        self.writer.close_group()
    }
}
