//! Record batches to files.
//!
//! Comes in: record batches of one schema, in order. Goes out: Parquet, Arrow IPC, CSV or JSON lines, in a file or an
//! object that appears under its name only when it is complete, or on a stream; or a dataset of many Parquet files that
//! appear together. This stage never reads logs and never changes a value.

mod choose;
mod dataset;
mod ipc;
mod output;
mod parquet;
mod staged;
mod text;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;

pub use self::dataset::{DatasetOptions, DatasetSink, FAIL_POINTS, Mode, committed};
pub use self::ipc::{IpcCompression, IpcOptions, IpcSink};
pub use self::parquet::{ParquetCompression, ParquetOptions, ParquetSink, Statistics};
pub use self::text::{TextCompression, TextFormat, TextOptions, TextSink};
use crate::error::{Error, ErrorKind, Result};

/// A finished file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Its path, as given when the sink was made.
    pub path: PathBuf,
    /// Rows in it.
    pub rows: u64,
    /// Its length.
    pub bytes: u64,
}

/// Takes record batches until it is finished. Dropped before that, it removes what it wrote.
pub trait Sink: Send {
    /// Writes a batch.
    ///
    /// **Errors**: `TypeMismatch` if the schema is another one, `Io` where the system refuses. After an error the sink
    /// can only be dropped.
    fn write(&mut self, batch: &RecordBatch) -> Result<()>;

    /// Completes the files, puts them in place and says which they are.
    fn finish(self: Box<Self>) -> Result<Vec<Written>>;

    /// Takes what is to be kept beside the rows, where a sink keeps such: the report of the job so far, as JSON.
    fn describe(&mut self, _report: &dyn Fn() -> String) {}

    /// Memory held for rows that are not in the file yet.
    fn memory_bytes(&self) -> usize {
        0
    }

    /// Writes out what is held in memory, where that can be done early (it costs a row group).
    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

/// Refuses a batch whose columns are not those of the sink.
fn same_schema(schema: &SchemaRef, batch: &RecordBatch) -> Result<()> {
    if schema.fields() == batch.schema_ref().fields() {
        return Ok(());
    }
    Err(Error::new(ErrorKind::TypeMismatch, "the batch has other columns than the file")
        .with_hint("all batches of a sink share the schema that it was made with"))
}
