//! One Parquet file, wherever its bytes go.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ::parquet::arrow::ArrowSchemaConverter;
use ::parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowLeafColumn, ArrowRowGroupWriterFactory, compute_leaves,
};
use ::parquet::errors::ParquetError;
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::types::SchemaDescriptor;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use rayon::ThreadPool;

use super::ParquetOptions;
use super::properties::properties;
use crate::error::{Error, ErrorKind, Result};
use crate::sink::choose::{Choice, choose};

/// Encodes batches as a Parquet file into `out`.
pub(in crate::sink) struct ParquetWriter<W: Write + Send> {
    options: ParquetOptions,
    name: PathBuf,
    schema: SchemaRef,
    descriptor: SchemaDescriptor,
    file: SerializedFileWriter<W>,
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

/// The columns as Parquet has them.
///
/// **Errors**: `TypeMismatch` for a schema that Parquet cannot hold.
pub(in crate::sink) fn descriptor(schema: &SchemaRef) -> Result<SchemaDescriptor> {
    ArrowSchemaConverter::new()
        .convert(schema)
        .map_err(|cause| Error::new(ErrorKind::TypeMismatch, cause.to_string()).with_cause(cause))
}

impl<W: Write + Send> ParquetWriter<W> {
    /// Starts a file; errors call it `name`.
    pub(in crate::sink) fn new(name: &Path, out: W, schema: SchemaRef, options: &ParquetOptions) -> Result<Self> {
        let descriptor = descriptor(&schema)?;
        let properties = Arc::new(properties(options, &schema, &[])?);
        let file = SerializedFileWriter::new(out, descriptor.root_schema_ptr(), properties)
            .map_err(|cause| failed(name, cause))?;
        Ok(Self { options: options.clone(), name: name.into(), schema, descriptor, file, group: None, rows: 0 })
    }

    /// Rows written so far.
    pub(in crate::sink) fn rows(&self) -> u64 {
        self.rows
    }

    /// About how long the file is so far, with what is still in memory.
    pub(in crate::sink) fn bytes(&self) -> u64 {
        let group = self.group.as_ref().map_or(0, |group| group.sum(ArrowColumnWriter::get_estimated_total_bytes));
        self.file.bytes_written() as u64 + group as u64
    }

    /// Memory held for rows that are not written yet.
    pub(in crate::sink) fn memory_bytes(&self) -> usize {
        self.group.as_ref().map_or(0, |group| group.sum(ArrowColumnWriter::memory_size))
    }

    /// Where the bytes go.
    pub(in crate::sink) fn out(&self) -> &W {
        self.file.inner()
    }

    /// Adds rows, a group at a time.
    pub(in crate::sink) fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let mut from = 0;
        while from < batch.num_rows() {
            let room = self.options.row_group_rows - self.group.as_ref().map_or(0, |group| group.rows);
            let len = room.min(batch.num_rows() - from);
            self.write_part(&batch.slice(from, len))?;
            from += len;
        }
        Ok(())
    }

    /// Ends the file and gives back what it was written to.
    pub(in crate::sink) fn finish(mut self) -> Result<W> {
        self.close_group()?;
        let Self { name, file, .. } = self;
        file.into_inner().map_err(|cause| failed(&name, cause))
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

    /// Ends the row group.
    pub(in crate::sink) fn close_group(&mut self) -> Result<()> {
        let Some(group) = self.group.take() else { return Ok(()) };
        let costs: Vec<usize> = group.columns.iter().map(|column| lock(column).sum(|w| w.memory_size())).collect();
        for_each_column(&group, self.pool(), &costs, |_, column| column.close())?;
        let named = |cause| failed(&self.name, cause);
        let mut out = self.file.next_row_group().map_err(named)?;
        for column in group.columns {
            for chunk in column.into_inner().unwrap_or_else(PoisonError::into_inner).chunks {
                chunk.append_to_row_group(&mut out).map_err(named)?;
            }
        }
        out.close().map(drop).map_err(named)
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
