//! A dataset: Parquet files in a directory, on HDFS or in a bucket, all there at once or none.
//!
//! Comes in: record batches. Goes out: `key=value/part-<job>-<attempt>-<n>.parquet`, and beside them, under `_logarrow/`,
//! the record of each commit, which is the truth. Which rows go where is [`partition`]; where the bytes go, [`place`];
//! how they come to be there, [`commit`]. A reader that lists the files may, for the seconds of a commit, see those that
//! are replaced beside the new ones; one that asks [`committed`] never does.

mod commit;
mod fail;
mod lock;
mod partition;
mod place;
mod record;

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use arrow::compute::{SortColumn, SortOptions, concat_batches, lexsort_to_indices, take_record_batch};
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use serde::{Deserialize, Serialize};

use self::commit::Attempt;
pub use self::fail::FAIL_POINTS;
use self::fail::reached;
use self::partition::Partitioner;
use self::place::{Part, Place, Sealed};
pub use self::record::committed;
use super::parquet::{ParquetWriter, prepare};
use super::{ParquetOptions, Sink, Written};
use crate::error::{Error, ErrorKind, Result};
use crate::store::StorageOptions;

/// What becomes of files that are there already. In every mode a job replaces what it wrote before, so that running it
/// again doubles no row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Mode {
    /// Files of others are an error, before anything is read.
    #[default]
    Error,
    /// All Parquet files are replaced.
    Overwrite,
    /// The Parquet files of those partitions are replaced that get rows; others stay, also the job's own.
    OverwritePartitions,
    /// Files of others stay.
    Append,
}

/// How to write a dataset.
///
/// ```
/// use logarrow::sink::{DatasetOptions, Mode};
/// let options = DatasetOptions { partition_by: vec!["dt".into()], mode: Mode::Append, ..DatasetOptions::default() };
/// assert_eq!(options.target_file_bytes, 256 << 20);
/// ```
#[derive(Clone, Debug)]
pub struct DatasetOptions {
    /// Columns that name the directories, outermost first; they are not in the files.
    pub partition_by: Vec<String>,
    /// Columns by which the rows of each file are sorted, nulls first. A file then holds what fits in memory.
    pub sort_by: Vec<String>,
    /// A file ends at about this many bytes.
    pub target_file_bytes: u64,
    /// At most so many files are written at a time; for another one, the largest is ended.
    pub max_open_files: usize,
    /// More partitions than this are an error: a column of free text would make a directory of every row.
    pub max_partitions: usize,
    /// What becomes of files that are there.
    pub mode: Mode,
    /// What tells this job from others, in file names; running it again replaces what it wrote.
    pub job_id: String,
    /// Options of the store.
    pub storage_options: StorageOptions,
    /// How the files are written. `memory_bytes` is for all of them together.
    pub parquet: ParquetOptions,
}

impl Default for DatasetOptions {
    fn default() -> Self {
        Self {
            partition_by: Vec::new(),
            sort_by: Vec::new(),
            target_file_bytes: 256 << 20,
            max_open_files: 64,
            max_partitions: 10_000,
            mode: Mode::default(),
            job_id: "0".into(),
            storage_options: StorageOptions::default(),
            parquet: ParquetOptions::default(),
        }
    }
}

/// Sorted files are encoded when their rows are all there, in memory; text of a log becomes about a fifth of that.
const SORTED_TO_ENCODED: u64 = 5;

/// Writes a dataset.
///
/// ```
/// use std::sync::Arc;
/// use arrow::array::{ArrayRef, Int64Array, StringArray};
/// use arrow::record_batch::RecordBatch;
/// use logarrow::sink::{DatasetOptions, DatasetSink, Sink};
/// let dir = tempfile::tempdir().unwrap();
/// let n = Arc::new(Int64Array::from(vec![1, 2])) as ArrayRef;
/// let day = Arc::new(StringArray::from(vec!["2026-03-05", "2026-03-06"])) as ArrayRef;
/// let batch = RecordBatch::try_from_iter([("n", n), ("dt", day)])?;
/// let options = DatasetOptions { partition_by: vec!["dt".into()], job_id: "daily".into(), ..DatasetOptions::default() };
/// let mut sink = DatasetSink::create(dir.path().to_str().unwrap(), batch.schema(), &options)?;
/// sink.write(&batch)?;
/// let files = Box::new(sink).finish()?;
/// assert!(files[0].path.ends_with("dt=2026-03-05/part-daily-00001-00000.parquet"));
/// # Ok::<(), logarrow::Error>(())
/// ```
pub struct DatasetSink {
    options: DatasetOptions,
    schema: SchemaRef,
    file_schema: SchemaRef,
    /// The places of `sort_by` in the files.
    sort_by: Vec<usize>,
    partitioner: Partitioner,
    open: HashMap<String, Open>,
    /// All directories so far.
    seen: HashSet<String>,
    sealed: Vec<(Sealed, u64)>,
    next: u32,
    report: Option<String>,
    batches: u64,
    attempt: Attempt,
}

/// A file that takes rows.
enum Open {
    File(Writing),
    /// Rows to be sorted.
    Rows {
        batches: Vec<RecordBatch>,
        bytes: usize,
    },
}

struct Writing {
    writer: Box<ParquetWriter<Part>>,
    temporary: String,
}

impl Open {
    fn memory_bytes(&self) -> usize {
        match self {
            Self::File(file) => file.writer.memory_bytes() + file.writer.out().memory_bytes(),
            Self::Rows { bytes, .. } => *bytes,
        }
    }

    /// About how long the file will be.
    fn file_bytes(&self) -> u64 {
        match self {
            Self::File(file) => file.writer.bytes(),
            Self::Rows { bytes, .. } => *bytes as u64 / SORTED_TO_ENCODED,
        }
    }
}

impl DatasetSink {
    /// Starts to write at `dest`, a directory or the URL of a prefix. Undoes what a dead job left there.
    ///
    /// **Errors**: `UnknownColumn`, `TypeMismatch`, `Option` for what the options name; `Io(AlreadyExists)` under mode
    /// `error`; `Io(ResourceBusy)` while another job writes there; other `Io` kinds.
    pub fn create(dest: &str, schema: SchemaRef, options: &DatasetOptions) -> Result<Self> {
        let mut options = options.clone();
        let limits = [
            ("target_file_bytes", options.target_file_bytes),
            ("max_open_files", options.max_open_files as u64),
            ("max_partitions", options.max_partitions as u64),
        ];
        if let Some((name, _)) = limits.iter().find(|(_, value)| *value == 0) {
            return Err(Error::new(ErrorKind::Option, format!("{name} is 0")).with_hint("give a positive number"));
        }
        commit::check_job(&options.job_id)?;
        let partitioner = Partitioner::new(&schema, &options.partition_by)?;
        let file_schema = partitioner.file_schema(&schema)?;
        let sort_by =
            options.sort_by.iter().map(|name| partition::column(&file_schema, name)).collect::<Result<_>>()?;
        let target = usize::try_from(options.target_file_bytes).unwrap_or(usize::MAX);
        options.parquet.row_group_bytes = options.parquet.row_group_bytes.min(target);
        options.parquet.sorted_by = options.sort_by.clone();
        prepare(&options.parquet, &file_schema)?;
        let place = Place::open(dest, &options.storage_options)?;
        let attempt = Attempt::begin(place, &options.job_id, &options)?;
        Ok(Self {
            options,
            schema,
            file_schema,
            sort_by,
            partitioner,
            open: HashMap::new(),
            seen: HashSet::new(),
            sealed: Vec::new(),
            next: 0,
            report: None,
            batches: 0,
            attempt,
        })
    }

    /// Adds rows to the file of a directory.
    fn add(&mut self, directory: String, batch: RecordBatch) -> Result<()> {
        if !self.open.contains_key(&directory) {
            if self.open.len() >= self.options.max_open_files {
                self.end_largest(Open::file_bytes)?;
            }
            self.check_partitions(&directory)?;
            let file = match self.sort_by.is_empty() {
                true => Open::File(self.start(&directory)?),
                false => Open::Rows { batches: Vec::new(), bytes: 0 },
            };
            self.open.insert(directory.clone(), file);
        }
        let Some(file) = self.open.get_mut(&directory) else { return Ok(()) };
        match file {
            Open::File(file) => file.writer.write(&batch)?,
            Open::Rows { batches, bytes } => {
                *bytes += batch.get_array_memory_size();
                batches.push(batch);
            }
        }
        match file.file_bytes() >= self.options.target_file_bytes {
            true => self.end(&directory),
            false => Ok(()),
        }
    }

    fn check_partitions(&mut self, directory: &str) -> Result<()> {
        if self.seen.contains(directory) {
            return Ok(());
        }
        self.seen.insert(directory.to_owned());
        if self.seen.len() > self.options.max_partitions {
            let message = format!("partition_by makes more than {} directories", self.options.max_partitions);
            return Err(Error::new(ErrorKind::Option, message)
                .with_hint("take a column of few values, such as dt=date(time), or raise max_partitions"));
        }
        Ok(())
    }

    /// Holds less memory: the largest file writes out what it has, or ends where it has no more to write.
    fn relieve(&mut self) -> Result<()> {
        // Sorting holds the rows three times for a while.
        let share = if self.sort_by.is_empty() { 1 } else { 3 };
        while self.memory_bytes() > self.options.parquet.memory_bytes / share {
            let largest = self.open.values_mut().max_by_key(|file| file.memory_bytes());
            match largest {
                Some(Open::File(file)) if file.writer.memory_bytes() > 0 => file.writer.close_group()?,
                _ => self.end_largest(|file| file.memory_bytes() as u64)?,
            }
        }
        Ok(())
    }

    fn end_largest(&mut self, size: impl Fn(&Open) -> u64) -> Result<()> {
        let largest = self.open.iter().max_by_key(|(_, file)| size(file)).map(|(directory, _)| directory.clone());
        largest.map_or(Ok(()), |directory| self.end(&directory))
    }

    /// Ends the file of a directory.
    fn end(&mut self, directory: &str) -> Result<()> {
        match self.open.remove(directory) {
            None => Ok(()),
            Some(Open::File(file)) => self.seal(file),
            Some(Open::Rows { batches, .. }) => {
                let sorted = self.sorted(batches)?;
                let mut file = self.start(directory)?;
                file.writer.write(&sorted)?;
                self.seal(file)
            }
        }
    }

    fn sorted(&self, batches: Vec<RecordBatch>) -> Result<RecordBatch> {
        let rows = concat_batches(&self.file_schema, &batches)?;
        drop(batches);
        let options = Some(SortOptions { descending: false, nulls_first: true });
        let by = |&idx: &usize| SortColumn { values: rows.column(idx).clone(), options };
        let order = lexsort_to_indices(&self.sort_by.iter().map(by).collect::<Vec<_>>(), None)?;
        Ok(take_record_batch(&rows, &order)?)
    }

    fn start(&mut self, directory: &str) -> Result<Writing> {
        let (temporary, path) = self.attempt.name(directory, self.next);
        self.next += 1;
        let part = self.attempt.place.begin(&temporary, &path)?;
        let name = self.attempt.place.full(&path);
        let writer = ParquetWriter::new(&name, part, self.file_schema.clone(), &self.options.parquet)?;
        Ok(Writing { writer: Box::new(writer), temporary })
    }

    fn seal(&mut self, file: Writing) -> Result<()> {
        let Writing { writer, temporary } = file;
        let writer = *writer;
        // The last group is closed by now or when it finishes; all rows count.
        let rows = writer.rows();
        let sealed = self.attempt.place.seal(writer.finish()?, &temporary)?;
        self.sealed.push((sealed, rows));
        if self.sealed.len() == 1 {
            reached("after_first_file")?;
        }
        Ok(())
    }
}

impl Sink for DatasetSink {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        super::same_schema(&self.schema, batch)?;
        self.attempt.renew()?;
        for (directory, rows) in self.partitioner.split(batch)? {
            self.add(directory, rows)?;
            self.relieve()?;
        }
        self.batches += 1;
        if self.batches == 1 {
            reached("after_first_batch")?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<Written>> {
        let mut directories: Vec<String> = self.open.keys().cloned().collect();
        directories.sort();
        for directory in directories {
            self.end(&directory)?;
            self.attempt.renew()?;
        }
        if self.sealed.is_empty() && self.options.partition_by.is_empty() {
            // So that readers see the columns.
            let file = self.start("")?;
            self.seal(file)?;
        }
        reached("after_files")?;
        let Self { attempt, sealed, report, .. } = *self;
        attempt.commit(sealed, report.as_deref())
    }

    fn describe(&mut self, report: &dyn Fn() -> String) {
        self.report = Some(report());
    }

    fn memory_bytes(&self) -> usize {
        self.open.values().map(Open::memory_bytes).sum()
    }

    fn flush(&mut self) -> Result<()> {
        for file in self.open.values_mut() {
            if let Open::File(file) = file {
                file.writer.close_group()?;
            }
        }
        Ok(())
    }
}
