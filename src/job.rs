//! Reader to sink: a scan into a file, and its rejects beside it.
//!
//! In: a [`Scan`] and where its rows go. Out: files that are whole, or none. Where nothing can be written nothing is
//! read: the destinations are made first. With more than one thread the columns are encoded by a pool of as many
//! threads as parse; with one, everything is done in turn in the caller's.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arrow::array::RecordBatch;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::batch::reject_schema;
use crate::error::{Error, ErrorKind, Result};
use crate::options::Options;
use crate::reader::{Interrupt, Reader, Scan};
use crate::report::{Counts, Report};
use crate::sink::{
    DatasetOptions, DatasetSink, IpcOptions, IpcSink, Mode, ParquetOptions, ParquetSink, Sink, TextOptions, TextSink,
    Written,
};
use crate::store::{StorageOptions, Store};

#[cfg(test)]
mod tests;

/// How far a job is.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// The counts so far.
    pub counts: Counts,
    /// Bytes as stored that have been read,
    pub stored_bytes: u64,
    /// and how many there are, where that is known.
    pub total_bytes: Option<u64>,
    /// Time since the scan began.
    pub elapsed: Duration,
    /// The files are in place.
    pub complete: bool,
}

/// Is told now and then how far a job is.
pub type OnProgress<'a> = &'a mut dyn FnMut(&Progress);

/// What a job left behind.
#[derive(Clone, Debug)]
pub struct Finished {
    /// The files of rows.
    pub files: Vec<Written>,
    /// The file of rejects, where one was asked for.
    pub reject_file: Option<Written>,
    /// What was done.
    pub report: Report,
    /// The first 10,000 rejects.
    pub rejects: RecordBatch,
}

/// Writes a scan's rows to a Parquet file.
///
/// Of the scan's `memory_bytes` one half is the reader's, the other the sink's.
///
/// **Errors**: `Io(AlreadyExists)` if the file exists and is not to be replaced, before anything is read; those of the
/// scan, of [`ParquetSink::create`] and of writing. After an error there is no file.
///
/// ```
/// use logarrow::sink::ParquetOptions;
/// use logarrow::{Scan, Source, job, named};
///
/// let dir = tempfile::tempdir().unwrap();
/// let path = dir.path().join("access.parquet");
/// let log = *b"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] \"GET /a HTTP/1.1\" 200 512\n";
/// let scan = Scan::new(Source::bytes("access.log", log), named("apache.common")?);
/// let finished = job::write_parquet(&scan, &path, &ParquetOptions::default(), None, None)?;
/// assert_eq!((finished.files[0].rows, finished.report.counts.rows), (1, 1));
/// # Ok::<(), logarrow::Error>(())
/// ```
pub fn write_parquet(
    scan: &Scan,
    path: &Path,
    options: &ParquetOptions,
    progress: Option<OnProgress>,
    interrupt: Option<Interrupt>,
) -> Result<Finished> {
    let half = share(scan);
    let mut options = options.clone();
    options.memory_bytes = options.memory_bytes.min(half.options().memory_bytes);
    options.pool = match options.pool {
        Some(pool) => Some(pool),
        None => encoders(half.options())?,
    };
    refuse_same(path, scan.options())?;
    let sink = Box::new(ParquetSink::create(path, half.schema()?, &options)?);
    run(&half, sink, options.overwrite, &options.storage_options, progress, interrupt)
}

/// Writes a scan's rows as a dataset of Parquet files at `dest`, a directory or the URL of a prefix.
///
/// **Errors**: those of the scan, of [`DatasetSink::create`] and of writing. After an error the dataset is as before, or
/// the next job on it makes it so.
pub fn write_dataset(
    scan: &Scan,
    dest: &str,
    options: &DatasetOptions,
    progress: Option<OnProgress>,
    interrupt: Option<Interrupt>,
) -> Result<Finished> {
    let half = share(scan);
    let mut options = options.clone();
    let parquet = &mut options.parquet;
    parquet.memory_bytes = parquet.memory_bytes.min(half.options().memory_bytes);
    parquet.pool = match parquet.pool.take() {
        Some(pool) => Some(pool),
        None => encoders(half.options())?,
    };
    let sink = Box::new(DatasetSink::create(dest, half.schema()?, &options)?);
    let overwrite = options.mode != Mode::Error;
    run(&half, sink, overwrite, &options.storage_options, progress, interrupt)
}

/// A job's name where nobody gives one: a hash of what it reads (`sources`, patterns rather than the files they match
/// today) and of what it makes of it. The same job has the same name tomorrow, however many threads it gets.
pub fn job_id(scan: &Scan, sources: &[String], partition_by: &[String]) -> String {
    let options = scan.options();
    let mut text = String::new();
    let mut add = |part: &dyn std::fmt::Display| {
        let part = part.to_string();
        text.push_str(&format!("{} {part}\n", part.len()));
    };
    sources.iter().chain(partition_by).for_each(|part| add(part));
    add(&scan.format().to_toml());
    options.columns.iter().flatten().for_each(|name| add(name));
    options.filter.iter().for_each(|filter| add(filter));
    for (name, expr) in &options.derive {
        add(name);
        add(expr);
    }
    for inner in &options.inner {
        add(&format!("{:?}", inner.column));
        inner.format.iter().for_each(|format| add(&format.to_toml()));
    }
    add(&options.timezone);
    let Options { extra, limit, on_error, time_unit, include, encoding, .. } = options;
    add(&format!("{extra:?} {limit:?} {on_error:?} {time_unit:?} {include:?} {encoding:?}"));
    // FNV-1a: short, and the same on every machine and in every version.
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    format!("{hash:016x}")
}

/// Writes a scan's rows to an Arrow IPC file (Feather version 2).
///
/// **Errors**: as [`write_parquet`].
pub fn write_ipc(
    scan: &Scan,
    path: &Path,
    options: &IpcOptions,
    progress: Option<OnProgress>,
    interrupt: Option<Interrupt>,
) -> Result<Finished> {
    refuse_same(path, scan.options())?;
    let sink = Box::new(IpcSink::create(path, scan.schema()?, options)?);
    run(scan, sink, options.overwrite, &options.storage_options, progress, interrupt)
}

/// Writes a scan's rows as CSV or JSON lines.
///
/// **Errors**: as [`write_parquet`].
pub fn write_text(
    scan: &Scan,
    path: &Path,
    options: &TextOptions,
    progress: Option<OnProgress>,
    interrupt: Option<Interrupt>,
) -> Result<Finished> {
    refuse_same(path, scan.options())?;
    let sink = Box::new(TextSink::create(path, scan.schema()?, options)?);
    run(scan, sink, options.overwrite, &options.storage_options, progress, interrupt)
}

/// Writes a scan's rows to any sink, and all its rejects to the scan's `rejects_to`, which may be the URL of an object;
/// then `storage_options` are its store's.
///
/// **Errors**: those of the scan and of the sink, which is dropped then.
pub fn run(
    scan: &Scan,
    mut sink: Box<dyn Sink>,
    overwrite: bool,
    storage_options: &StorageOptions,
    mut progress: Option<OnProgress>,
    interrupt: Option<Interrupt>,
) -> Result<Finished> {
    let mut reading = Reading::start(scan, overwrite, storage_options)?;
    if let Some(interrupt) = interrupt {
        reading.reader = reading.reader.with_interrupt(interrupt);
    }
    let mut tell = |reader: &Reader, complete| {
        if let Some(progress) = &mut progress {
            progress(&how_far(reader, complete));
        }
    };
    while let Some(batch) = reading.reader.next() {
        sink.write(&batch?)?;
        tell(&reading.reader, false);
    }
    sink.describe(&|| reading.reader.report().to_json());
    // The rows come last: where they are, the rest is.
    let reject_file = reading.finish_rejects()?;
    let files = sink.finish().inspect_err(|_| {
        if let Some(written) = &reject_file {
            // The first error is the one to tell.
            remove(&written.path, storage_options).ok();
        }
    })?;
    tell(&reading.reader, true);
    let Reading { reader, .. } = reading;
    Ok(Finished { files, reject_file, report: reader.report().clone(), rejects: reader.rejects()? })
}

/// A reader whose rejects go to the scan's `rejects_to`, if it has one: that file is complete when the iterator has
/// ended, and is not there if it is dropped before.
#[derive(Debug)]
pub struct Reading {
    /// The reader itself; what it gives beside rows is asked of it.
    pub reader: Reader,
    rejects: Option<RejectFile>,
}

impl Reading {
    /// Starts reading. `overwrite` lets the file of rejects replace another; `storage_options` are those of the store where
    /// it is an object.
    ///
    /// **Errors**: as [`Scan::read`]; `Io` if the file of rejects cannot be made.
    pub fn start(scan: &Scan, overwrite: bool, storage_options: &StorageOptions) -> Result<Self> {
        let Some(path) = scan.options().rejects_to.clone() else {
            return Ok(Self { reader: scan.read()?, rejects: None });
        };
        // Made before anything is read, which the threads of a reader begin to do at once.
        scan.plan()?;
        let rejects = RejectFile::create(path, overwrite, storage_options)?;
        let sink = rejects.clone();
        let reader = scan.read()?.with_reject_sink(Box::new(move |batch| sink.write(batch)));
        Ok(Self { reader, rejects: Some(rejects) })
    }

    /// Stops when `interrupt` says so.
    #[must_use]
    pub fn with_interrupt(mut self, interrupt: Interrupt) -> Self {
        self.reader = self.reader.with_interrupt(interrupt);
        self
    }

    fn finish_rejects(&mut self) -> Result<Option<Written>> {
        self.rejects.take().map_or(Ok(None), |rejects| rejects.finish())
    }
}

impl Iterator for Reading {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.reader.next();
        match &next {
            Some(Ok(_)) => next,
            Some(Err(_)) => {
                self.rejects = None;
                next
            }
            None => self.finish_rejects().err().map(Err),
        }
    }
}

/// The file of rejects, shared with the reader that fills it. Dropped by both before it is finished, it is removed.
#[derive(Clone)]
struct RejectFile(Arc<Mutex<Option<ParquetSink>>>);

impl RejectFile {
    fn create(path: PathBuf, overwrite: bool, storage_options: &StorageOptions) -> Result<Self> {
        let storage_options = storage_options.clone();
        let options =
            ParquetOptions { overwrite, storage_options, memory_bytes: 16 << 20, ..ParquetOptions::default() };
        let sink = ParquetSink::create(&path, reject_schema(), &options)?;
        Ok(Self(Arc::new(Mutex::new(Some(sink)))))
    }

    fn write(&self, batch: &RecordBatch) -> Result<()> {
        let mut sink = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sink.as_mut().map_or(Ok(()), |sink| sink.write(batch))
    }

    fn finish(&self) -> Result<Option<Written>> {
        let sink = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let files = sink.map(|sink| Box::new(sink).finish()).transpose()?;
        Ok(files.and_then(|files| files.into_iter().next()))
    }
}

impl std::fmt::Debug for RejectFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RejectFile")
    }
}

/// The scan with half its memory.
fn share(scan: &Scan) -> Scan {
    let options = scan.options().clone();
    let memory_bytes = (options.memory_bytes / 2).max(1);
    scan.clone().with_options(Options { memory_bytes, ..options })
}

/// As many threads as parse; none where one does all.
fn encoders(options: &Options) -> Result<Option<Arc<ThreadPool>>> {
    let threads = options.thread_count();
    if threads < 2 {
        return Ok(None);
    }
    let pool = ThreadPoolBuilder::new().num_threads(threads).thread_name(|i| format!("logarrow-encode-{i}")).build();
    pool.map(|pool| Some(Arc::new(pool)))
        .map_err(|err| Error::new(ErrorKind::Io(std::io::ErrorKind::OutOfMemory), err.to_string()))
}

/// Removes a file or an object.
fn remove(path: &Path, storage_options: &StorageOptions) -> Result<()> {
    match path.to_str().filter(|text| Store::is_url(text)) {
        Some(url) => Store::open(url, storage_options).and_then(|(store, key)| store.delete(&key)),
        None => std::fs::remove_file(path).map_err(|cause| Error::io(path.display(), cause)),
    }
}

fn refuse_same(path: &Path, options: &Options) -> Result<()> {
    match &options.rejects_to {
        Some(rejects) if rejects == path => {
            Err(Error::new(ErrorKind::Option, format!("{}: rows and rejects cannot share a file", path.display()))
                .with_hint("give \"rejects_to\" another path"))
        }
        _ => Ok(()),
    }
}

fn how_far(reader: &Reader, complete: bool) -> Progress {
    let (stored_bytes, total_bytes) = reader.progress();
    let Report { counts, elapsed, .. } = reader.report();
    Progress { counts: counts.clone(), stored_bytes, total_bytes, elapsed: *elapsed, complete }
}
