//! Arrow IPC: the file format (Feather version 2) and the stream format.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use arrow::datatypes::SchemaRef;
use arrow::ipc::CompressionType;
use arrow::ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use arrow::record_batch::RecordBatch;

use super::output::Output;
use super::{Sink, Written};
use crate::error::{Error, ErrorKind, Result};
use crate::store::StorageOptions;

/// How the buffers of a batch are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum IpcCompression {
    /// Not at all, so that readers can map the file.
    #[default]
    None,
    /// LZ4 frames.
    Lz4,
    /// Zstandard.
    Zstd,
}

/// How to write Arrow IPC.
#[derive(Clone, Debug, Default)]
pub struct IpcOptions {
    /// Buffer compression.
    pub compression: IpcCompression,
    /// Whether an existing file is replaced; if not, it is an error before anything is read.
    pub overwrite: bool,
    /// Options of the store, where the file is an object.
    pub storage_options: StorageOptions,
}

/// Writes Arrow IPC to a file or a stream.
///
/// ```
/// use std::sync::Arc;
/// use arrow::array::{ArrayRef, Int64Array};
/// use arrow::record_batch::RecordBatch;
/// use logarrow::sink::{IpcOptions, IpcSink, Sink};
/// let batch = RecordBatch::try_from_iter([("n", Arc::new(Int64Array::from(vec![1, 2])) as ArrayRef)])?;
/// let mut sink = IpcSink::stream("-", Box::new(std::io::sink()), batch.schema(), &IpcOptions::default())?;
/// sink.write(&batch)?;
/// assert_eq!(Box::new(sink).finish()?[0].rows, 2);
/// # Ok::<(), logarrow::Error>(())
/// ```
pub struct IpcSink {
    schema: SchemaRef,
    writer: Writer,
    name: PathBuf,
    rows: u64,
}

enum Writer {
    File(FileWriter<BufWriter<Output>>),
    Stream(StreamWriter<BufWriter<Counted>>),
}

/// Counts what passes.
struct Counted {
    inner: Box<dyn Write + Send>,
    bytes: u64,
}

impl IpcSink {
    /// Starts the file `path` in the IPC file format.
    ///
    /// **Errors**: `Io(AlreadyExists)` if it exists and `overwrite` is not set; other `Io` kinds; `TypeMismatch` for a
    /// schema that IPC cannot hold.
    pub fn create(path: &Path, schema: SchemaRef, options: &IpcOptions) -> Result<Self> {
        let staged = BufWriter::new(Output::create(path, options.overwrite, &options.storage_options)?);
        let writer = FileWriter::try_new_with_options(staged, &schema, write_options(options)?)?;
        Ok(Self { writer: Writer::File(writer), name: path.into(), schema, rows: 0 })
    }

    /// Starts the IPC stream format on `writer` (standard output, a pipe, a socket), called `name` in the outcome. What
    /// has been written there stays when the sink is dropped.
    ///
    /// **Errors**: as [`IpcSink::create`].
    pub fn stream(
        name: impl Into<PathBuf>,
        writer: Box<dyn Write + Send>,
        schema: SchemaRef,
        options: &IpcOptions,
    ) -> Result<Self> {
        let counted = BufWriter::new(Counted { inner: writer, bytes: 0 });
        let writer = StreamWriter::try_new_with_options(counted, &schema, write_options(options)?)?;
        Ok(Self { writer: Writer::Stream(writer), name: name.into(), schema, rows: 0 })
    }

    fn failed(&self, cause: arrow::error::ArrowError) -> Error {
        failed(&self.name, cause)
    }
}

impl Sink for IpcSink {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        super::same_schema(&self.schema, batch)?;
        let done = match &mut self.writer {
            Writer::File(writer) => writer.write(batch),
            Writer::Stream(writer) => writer.write(batch),
        };
        done.map_err(|cause| self.failed(cause))?;
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Vec<Written>> {
        let Self { writer, name, rows, .. } = *self;
        let named = |cause| failed(&name, cause);
        let unwrapped = |cause: std::io::Error| Error::io(name.display(), cause);
        let bytes = match writer {
            Writer::File(mut writer) => {
                writer.finish().map_err(named)?;
                let buffered = writer.into_inner().map_err(named)?;
                buffered.into_inner().map_err(|err| unwrapped(err.into_error()))?.commit()?
            }
            Writer::Stream(mut writer) => {
                writer.finish().map_err(named)?;
                let buffered = writer.into_inner().map_err(named)?;
                let mut counted = buffered.into_inner().map_err(|err| unwrapped(err.into_error()))?;
                counted.inner.flush().map_err(unwrapped)?;
                counted.bytes
            }
        };
        Ok(vec![Written { path: name, rows, bytes }])
    }

    /// Passes on what is buffered, so that the reader of a pipe sees it.
    fn flush(&mut self) -> Result<()> {
        let done = match &mut self.writer {
            Writer::File(writer) => writer.flush(),
            Writer::Stream(writer) => writer.flush(),
        };
        done.map_err(|cause| self.failed(cause))
    }
}

impl Write for Counted {
    fn write(&mut self, buf: &[u8]) -> std::io::Result<usize> {
        let len = self.inner.write(buf)?;
        self.bytes += len as u64;
        Ok(len)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

fn write_options(options: &IpcOptions) -> Result<IpcWriteOptions> {
    let compression = match options.compression {
        IpcCompression::None => None,
        IpcCompression::Lz4 => Some(CompressionType::LZ4_FRAME),
        IpcCompression::Zstd => Some(CompressionType::ZSTD),
    };
    Ok(IpcWriteOptions::default().try_with_compression(compression)?)
}

/// The library wraps what the system says; unwraps it, so that a broken pipe can be told from a wrong type.
#[cold]
fn failed(name: &Path, cause: arrow::error::ArrowError) -> Error {
    match cause {
        arrow::error::ArrowError::IoError(_, cause) => Error::io(name.display(), cause),
        other => Error::new(ErrorKind::TypeMismatch, format!("{}: {other}", name.display())).with_cause(other),
    }
}
