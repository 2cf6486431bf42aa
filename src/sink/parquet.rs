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

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ::parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowLeafColumn, ArrowRowGroupWriterFactory, compute_leaves,
};
use ::parquet::arrow::{ArrowSchemaConverter, add_encoded_arrow_schema_to_metadata};
use ::parquet::basic::{Compression, Encoding, ZstdLevel};
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::{EnabledStatistics, WriterProperties};
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::types::{ColumnPath, SchemaDescriptor};
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use rayon::ThreadPool;

use super::choose::{Choice, choose};
use super::staged::Staged;
use super::{Sink, Written};
use crate::error::{Error, ErrorKind, Result};

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
    /// Whether an existing file is replaced; if not, it is an error before anything is read.
    pub overwrite: bool,
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
            overwrite: false,
            pool: None,
        }
    }
}

/// A dictionary that grows past this gives way to plain values. With the library's 1 MiB the paths of a log give up their
/// dictionary early in a row group: 128 MB of combined log at zstd 3 became 7.42 MB with 1 MiB, 6.78 with 4 and 5.81 with
/// 8, in the same time.
const DICTIONARY_BYTES: usize = 8 << 20;

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
    options: ParquetOptions,
    path: PathBuf,
    schema: SchemaRef,
    descriptor: SchemaDescriptor,
    file: SerializedFileWriter<Staged>,
    group: Option<Group>,
    rows: u64,
}

/// The row group in progress.
struct Group {
    /// For each top-level column, the writers of its leaves.
    columns: Vec<Mutex<Column>>,
    rows: usize,
}

#[derive(Default)]
struct Column {
    writers: Vec<ArrowColumnWriter>,
    chunks: Vec<ArrowColumnChunk>,
    outcome: Option<Error>,
}

impl ParquetSink {
    /// Starts the file `path`.
    ///
    /// **Errors**: `Io(AlreadyExists)` if it exists and `overwrite` is not set; `Option` for a level, a limit or a column
    /// name that makes no sense; `TypeMismatch` for a schema that Parquet cannot hold; other `Io` kinds.
    pub fn create(path: &Path, schema: SchemaRef, options: &ParquetOptions) -> Result<Self> {
        check(options, &schema)?;
        let descriptor = ArrowSchemaConverter::new()
            .convert(&schema)
            .map_err(|cause| Error::new(ErrorKind::TypeMismatch, cause.to_string()).with_cause(cause))?;
        let properties = Arc::new(properties(options, &schema, &[])?);
        let staged = Staged::create(path, options.overwrite)?;
        let file = SerializedFileWriter::new(staged, descriptor.root_schema_ptr(), properties)
            .map_err(|cause| failed(path, cause))?;
        Ok(Self { options: options.clone(), path: path.into(), schema, descriptor, file, group: None, rows: 0 })
    }

    /// Rows written so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    fn start_group(&self, batch: &RecordBatch) -> Result<Group> {
        let choices: Vec<Choice> =
            batch.columns().iter().map(|column| choose(column, self.options.delta_encodings)).collect();
        let properties = Arc::new(properties(&self.options, &self.schema, &choices)?);
        // The factory takes its properties from a file writer; one that writes nowhere carries this group's.
        let carrier = SerializedFileWriter::new(std::io::sink(), self.descriptor.root_schema_ptr(), properties)?;
        let factory = ArrowRowGroupWriterFactory::new(&carrier, self.schema.clone());
        let mut writers = factory.create_column_writers(self.file.flushed_row_groups().len())?.into_iter();
        let mut columns: Vec<Column> = self.schema.fields().iter().map(|_| Column::default()).collect();
        for leaf in 0..self.descriptor.num_columns() {
            columns[self.descriptor.get_column_root_idx(leaf)].writers.extend(writers.next());
        }
        Ok(Group { columns: columns.into_iter().map(Mutex::new).collect(), rows: 0 })
    }

    fn pool(&self) -> Option<&ThreadPool> {
        self.options.pool.as_deref().filter(|pool| pool.current_num_threads() > 1)
    }

    fn write_part(&mut self, batch: &RecordBatch) -> Result<()> {
        let mut group = match self.group.take() {
            Some(group) => group,
            None => self.start_group(batch)?,
        };
        let schema = &self.schema;
        for_each_column(&group, self.pool(), &costs(batch), |idx, column| {
            let leaves = compute_leaves(schema.field(idx), batch.column(idx))?;
            column.write(&leaves)
        })?;
        group.rows += batch.num_rows();
        self.rows += batch.num_rows() as u64;
        let full = group.rows >= self.options.row_group_rows
            || group.sum(ArrowColumnWriter::get_estimated_total_bytes) >= self.options.row_group_bytes
            || group.sum(ArrowColumnWriter::memory_size) >= self.options.memory_bytes;
        self.group = Some(group);
        if full { self.close_group() } else { Ok(()) }
    }

    fn close_group(&mut self) -> Result<()> {
        let Some(group) = self.group.take() else { return Ok(()) };
        let costs: Vec<usize> = group.columns.iter().map(|column| lock(column).sum(|w| w.memory_size())).collect();
        for_each_column(&group, self.pool(), &costs, |_, column| column.close())?;
        let named = |cause| failed(&self.path, cause);
        let mut out = self.file.next_row_group().map_err(named)?;
        for column in group.columns {
            for chunk in column.into_inner().unwrap_or_else(PoisonError::into_inner).chunks {
                chunk.append_to_row_group(&mut out).map_err(named)?;
            }
        }
        out.close().map(drop).map_err(named)
    }
}

impl Sink for ParquetSink {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        super::same_schema(&self.schema, batch)?;
        let mut from = 0;
        while from < batch.num_rows() {
            let room = self.options.row_group_rows - self.group.as_ref().map_or(0, |group| group.rows);
            let len = room.min(batch.num_rows() - from);
            self.write_part(&batch.slice(from, len))?;
            from += len;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<Written>> {
        self.close_group()?;
        let Self { path, file, rows, .. } = *self;
        let named = |cause| failed(&path, cause);
        let (path, bytes) = file.into_inner().map_err(named)?.commit()?;
        Ok(vec![Written { path, rows, bytes }])
    }

    fn memory_bytes(&self) -> usize {
        self.group.as_ref().map_or(0, |group| group.sum(ArrowColumnWriter::memory_size))
    }

    fn flush(&mut self) -> Result<()> {
        self.close_group()
    }
}

impl Group {
    fn sum(&self, size: impl Fn(&ArrowColumnWriter) -> usize) -> usize {
        self.columns.iter().map(|column| lock(column).sum(&size)).sum()
    }
}

impl Column {
    fn sum(&self, size: impl Fn(&ArrowColumnWriter) -> usize) -> usize {
        self.writers.iter().map(size).sum()
    }

    fn write(&mut self, leaves: &[ArrowLeafColumn]) -> Result<()> {
        for (writer, leaf) in self.writers.iter_mut().zip(leaves) {
            writer.write(leaf)?;
        }
        Ok(())
    }

    fn close(&mut self) -> Result<()> {
        for writer in self.writers.drain(..) {
            self.chunks.push(writer.close()?);
        }
        Ok(())
    }
}

fn lock(column: &Mutex<Column>) -> std::sync::MutexGuard<'_, Column> {
    column.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does `work` on every column; in a pool, the costly ones first, each thread taking the next when it is done.
fn for_each_column(
    group: &Group,
    pool: Option<&ThreadPool>,
    costs: &[usize],
    work: impl Fn(usize, &mut Column) -> Result<()> + Sync,
) -> Result<()> {
    let Some(pool) = pool else {
        return group.columns.iter().enumerate().try_for_each(|(idx, column)| work(idx, &mut lock(column)));
    };
    let mut order: Vec<usize> = (0..group.columns.len()).collect();
    order.sort_by_key(|&idx| std::cmp::Reverse(costs[idx]));
    let next = AtomicUsize::new(0);
    let run = || {
        while let Some(&idx) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            let mut column = lock(&group.columns[idx]);
            let outcome = work(idx, &mut column);
            column.outcome = outcome.err();
        }
    };
    pool.scope(|scope| {
        for _ in 1..pool.current_num_threads().min(order.len()) {
            scope.spawn(|_| run());
        }
        run();
    });
    group.columns.iter().try_for_each(|column| lock(column).outcome.take().map_or(Ok(()), Err))
}

/// A guess at what encoding each column of `batch` costs: its bytes.
fn costs(batch: &RecordBatch) -> Vec<usize> {
    let size = |column: &arrow::array::ArrayRef| column.to_data().get_slice_memory_size().unwrap_or_default();
    batch.columns().iter().map(size).collect()
}

fn check(options: &ParquetOptions, schema: &SchemaRef) -> Result<()> {
    let limits = [
        ("row_group_rows", options.row_group_rows),
        ("row_group_bytes", options.row_group_bytes),
        ("memory_bytes", options.memory_bytes),
        ("page_bytes", options.page_bytes),
    ];
    if let Some((name, _)) = limits.iter().find(|(_, value)| *value == 0) {
        return Err(Error::new(ErrorKind::Option, format!("{name} is 0")).with_hint("give a positive number"));
    }
    let named = options.dictionary.iter().map(|(name, _)| name).chain(&options.bloom_filters);
    for name in named {
        if schema.column_with_name(name).is_none() {
            let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
            return Err(Error::new(ErrorKind::UnknownColumn, format!("no column is called \"{name}\""))
                .with_hint(format!("the columns are {}", names.join(", "))));
        }
    }
    Ok(())
}

/// The library wraps what the system says; unwraps it, so that a full disk can be told from the rest.
#[cold]
fn failed(path: &Path, cause: ParquetError) -> Error {
    match cause {
        ParquetError::External(cause) => match cause.downcast::<std::io::Error>() {
            Ok(cause) => Error::io(path.display(), *cause),
            Err(cause) => ParquetError::External(cause).into(),
        },
        other => other.into(),
    }
}

/// The library's properties for `options`, with `choices` for the top-level columns (empty: none made yet).
fn properties(options: &ParquetOptions, schema: &SchemaRef, choices: &[Choice]) -> Result<WriterProperties> {
    let compression = match options.compression {
        ParquetCompression::Zstd(level) => Compression::ZSTD(ZstdLevel::try_new(level).map_err(|cause| {
            Error::new(ErrorKind::Option, format!("zstd has no level {level}"))
                .with_hint("levels go from 1 to 22")
                .with_cause(cause)
        })?),
        ParquetCompression::Snappy => Compression::SNAPPY,
        ParquetCompression::Lz4Raw => Compression::LZ4_RAW,
        ParquetCompression::None => Compression::UNCOMPRESSED,
    };
    let statistics = match options.statistics {
        Statistics::None => EnabledStatistics::None,
        Statistics::Chunk => EnabledStatistics::Chunk,
        Statistics::Page => EnabledStatistics::Page,
    };
    let metadata = options.metadata.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone())).collect();
    let mut builder = WriterProperties::builder()
        .set_created_by(concat!("logarrow ", env!("CARGO_PKG_VERSION")).into())
        .set_compression(compression)
        .set_data_page_size_limit(options.page_bytes)
        .set_dictionary_page_size_limit(DICTIONARY_BYTES)
        .set_statistics_enabled(statistics)
        .set_key_value_metadata(Some(metadata));
    for (field, choice) in schema.fields().iter().zip(choices) {
        let path = ColumnPath::new(vec![field.name().clone()]);
        let forced = options.dictionary.iter().find(|(name, _)| name == field.name()).map(|(_, on)| *on);
        let dictionary = forced.unwrap_or(*choice == Choice::Dictionary);
        builder = builder.set_column_dictionary_enabled(path.clone(), dictionary);
        let encoding = match choice {
            Choice::DeltaLength => Encoding::DELTA_LENGTH_BYTE_ARRAY,
            Choice::DeltaPacked => Encoding::DELTA_BINARY_PACKED,
            Choice::Plain => Encoding::PLAIN,
            Choice::Dictionary => continue,
        };
        builder = builder.set_column_encoding(path, encoding);
    }
    for name in &options.bloom_filters {
        builder = builder.set_column_bloom_filter_enabled(ColumnPath::new(vec![name.clone()]), true);
    }
    let mut properties = builder.build();
    add_encoded_arrow_schema_to_metadata(schema, &mut properties);
    Ok(properties)
}
