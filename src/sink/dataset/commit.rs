//! How files come to be there all at once, or not at all.
//!
//! Under the lock of the dataset: what dead jobs left is undone or ended; an *intent* says what is about to be done; files
//! are written where nobody looks; the intent then names them and what they replace; they get their names; the *record*
//! is written, once, and from then on they are the dataset's; what they replace is removed, then the intent. Killed before
//! the record, a job leaves an intent that the next one undoes; behind it, one that the next one ends.

use std::collections::{BTreeSet, HashSet};
use std::io;

use super::fail::reached;
use super::lock::Lock;
use super::place::{Place, Sealed};
use super::record::{self, FOLDER, FileEntry, Intent, Record};
use super::{DatasetOptions, Mode};
use crate::error::{Error, ErrorKind, Result};
use crate::sink::Written;

/// Where files lie that are not whole, in a file system.
const TEMPORARY: &str = "_temporary";

/// An attempt of a job at a dataset, under its lock. Dropped before it is committed, it is undone.
pub(super) struct Attempt {
    pub(super) place: Place,
    lock: Lock,
    mode: Mode,
    job: String,
    attempt: u32,
    partition_by: Vec<String>,
    /// What is to be undone; none once the record is there.
    intent: Option<Intent>,
    /// The dataset's folder was made for it.
    made: bool,
}

impl Attempt {
    /// **Errors**: `Io(ResourceBusy)` while another job writes there; `Io(AlreadyExists)` under mode `error` if there are
    /// files of others; other `Io` kinds.
    pub(super) fn begin(place: Place, job: &str, options: &DatasetOptions) -> Result<Self> {
        let mut made = false;
        if let Place::Local(root) = &place {
            made = !root.exists();
            std::fs::create_dir_all(root).map_err(|cause| Error::io(root.display(), cause))?;
        }
        let lock = Lock::take(&place, job)?;
        let mut attempt = Self {
            place,
            lock,
            mode: options.mode,
            job: job.to_owned(),
            attempt: 0,
            partition_by: options.partition_by.clone(),
            intent: Some(Intent::default()),
            made,
        };
        reached("after_lock")?;
        recover(&attempt.place)?;
        reached("after_recovery")?;
        if options.mode == Mode::Error {
            attempt.refuse_others()?;
        }
        let known = record::record_paths(&attempt.place)?;
        let own = known.iter().filter_map(|path| record::attempt_of(path)).filter(|(known, _)| *known == job);
        attempt.attempt = own.map(|(_, number)| number).max().unwrap_or(0) + 1;
        attempt.note(Intent::default())?;
        reached("after_intent")?;
        Ok(attempt)
    }

    /// Writes down what is about to be done.
    fn note(&mut self, intent: Intent) -> Result<()> {
        let intent = Intent { job: self.job.clone(), attempt: self.attempt, ..intent };
        self.place.put(&record::intent_path(&self.job, self.attempt), record::bytes(&intent)?, true)?;
        self.intent = Some(intent);
        Ok(())
    }

    fn refuse_others(&self) -> Result<()> {
        let own: HashSet<String> = record::records(&self.place, |job| job == self.job)?
            .into_iter()
            .flat_map(|record| record.files)
            .map(|file| file.path)
            .collect();
        let other = self.place.list("")?.into_iter().find(|path| is_visible(path) && !own.contains(path));
        match other {
            None => Ok(()),
            Some(path) => {
                let message = format!("{}: there are files here", self.place.full("").display());
                Err(Error::new(ErrorKind::Io(io::ErrorKind::AlreadyExists), message).with_hint(format!(
                    "such as {}; set mode to \"append\", \"overwrite\" or \"overwrite_partitions\"",
                    self.place.full(&path).display()
                )))
            }
        }
    }

    /// The name of the next file of a partition, and where it lies until it is whole.
    pub(super) fn name(&self, directory: &str, number: u32) -> (String, String) {
        let slash = if directory.is_empty() { "" } else { "/" };
        let path = format!("{directory}{slash}part-{}-{:05}-{number:05}.parquet", self.job, self.attempt);
        let temporary = format!("{TEMPORARY}/{}/{path}", self.job);
        (temporary, path)
    }

    /// Keeps the lock alive.
    pub(super) fn renew(&mut self) -> Result<()> {
        self.lock.renew(false)
    }

    /// Makes the files the dataset's, with the report of the job as JSON.
    pub(super) fn commit(mut self, mut files: Vec<(Sealed, u64)>, report: Option<&str>) -> Result<Vec<Written>> {
        files.sort_by(|(a, _), (b, _)| a.path.cmp(&b.path));
        let entries: Vec<FileEntry> = files
            .iter()
            .map(|(file, rows)| FileEntry { path: file.path.clone(), rows: *rows, bytes: file.bytes })
            .collect();
        self.lock.renew(true)?;
        let intent = self.replaced(&entries)?;
        self.note(intent.clone())?;
        reached("after_plan")?;
        for (idx, (file, _)) in files.iter_mut().enumerate() {
            self.place.publish(file)?;
            self.lock.renew(false)?;
            if idx == 0 {
                reached("after_first_publish")?;
            }
        }
        reached("after_publish")?;
        let record = Record {
            version: 1,
            job: self.job.clone(),
            attempt: self.attempt,
            mode: self.mode,
            partition_by: self.partition_by.clone(),
            rows: entries.iter().map(|file| file.rows).sum(),
            bytes: entries.iter().map(|file| file.bytes).sum(),
            files: entries,
            removed: intent.removed.clone(),
            report: report.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default(),
        };
        let written = record::written(&self.place, &record.files);
        if let Err(err) = self.place.put(&record.path(), record::bytes(&record)?, false) {
            // Whether it is there decides; where that cannot be told, the next job finds out.
            if !matches!(self.place.get(&record.path()), Ok(None)) {
                self.intent = None;
            }
            return Err(err);
        }
        self.intent = None;
        reached("after_record")?;
        let done = finish(&self.place, &Intent { job: self.job.clone(), attempt: self.attempt, ..intent });
        done.map_err(|err| {
            Error::new(
                err.kind(),
                format!("the rows are committed, but not all they replace is removed: {}", err.message()),
            )
            .with_hint("run the job again, or another one on this dataset, and it will be")
        })?;
        self.lock.release();
        reached("after_unlock")?;
        Ok(written)
    }

    /// What the files replace.
    fn replaced(&self, files: &[FileEntry]) -> Result<Intent> {
        let mut removed: BTreeSet<String> = BTreeSet::new();
        let mut retired = Vec::new();
        match self.mode {
            Mode::Error | Mode::Append => {
                for record in record::records(&self.place, |job| job == self.job)? {
                    retired.push(record.path());
                    removed.extend(record.files.into_iter().map(|file| file.path));
                }
            }
            Mode::Overwrite => {
                retired = record::record_paths(&self.place)?;
                removed.extend(self.place.list("")?.into_iter().filter(|path| is_parquet(path)));
            }
            Mode::OverwritePartitions => {
                let folders: BTreeSet<&str> = files.iter().map(|file| folder(&file.path)).collect();
                for folder_of in folders {
                    let there = self.place.list(folder_of)?;
                    removed.extend(there.into_iter().filter(|path| is_parquet(path) && folder(path) == folder_of));
                }
                retired = retire(&record::records(&self.place, |_| true)?, &mut removed);
            }
        }
        let files = files.iter().map(|file| file.path.clone()).collect();
        Ok(Intent { files, removed: removed.into_iter().collect(), retired, ..Intent::default() })
    }

    /// As if nothing had been done.
    fn undo(&mut self) {
        if let Some(intent) = self.intent.take()
            && !intent.job.is_empty()
        {
            // What cannot be undone now is by the next job.
            undo(&self.place, &intent).ok();
        }
        self.lock.release();
        if let (Place::Local(root), true) = (&self.place, self.made) {
            // Only if it is empty.
            std::fs::remove_dir(root).ok();
        }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        self.undo();
    }
}

/// Undoes what dead jobs had not committed, and ends what they had.
fn recover(place: &Place) -> Result<()> {
    for path in record::intent_paths(place)? {
        let Some(intent) = record::read::<Intent>(place, &path)? else { continue };
        match place.get(&record::record_path(&intent.job, intent.attempt))? {
            Some(_) => finish(place, &intent)?,
            None => undo(place, &intent)?,
        }
    }
    // Small files that were not whole.
    for path in place.list(FOLDER)?.into_iter().filter(|path| path.ends_with(".tmp")) {
        place.remove(&path)?;
    }
    Ok(())
}

fn undo(place: &Place, intent: &Intent) -> Result<()> {
    for path in &intent.files {
        place.remove(path)?;
    }
    place.remove_all(&format!("{TEMPORARY}/{}", intent.job))?;
    place.remove(&record::intent_path(&intent.job, intent.attempt))
}

/// What is left to do behind the record.
fn finish(place: &Place, intent: &Intent) -> Result<()> {
    for (idx, path) in intent.removed.iter().enumerate() {
        place.remove(path)?;
        if idx == 0 {
            reached("after_first_removal")?;
        }
    }
    reached("after_removal")?;
    for path in &intent.retired {
        place.remove(path)?;
    }
    reached("after_retired")?;
    place.remove_all(&format!("{TEMPORARY}/{}", intent.job))?;
    place.remove(&record::intent_path(&intent.job, intent.attempt))?;
    reached("after_intent_removal")
}

/// The records that say nothing any more when `removed` is gone. What they say of the files of others is taken over.
fn retire(records: &[Record], removed: &mut BTreeSet<String>) -> Vec<String> {
    let gone: HashSet<&str> = records.iter().flat_map(|record| &record.removed).map(String::as_str).collect();
    let is_gone = |file: &FileEntry| removed.contains(&file.path) || gone.contains(&*file.path);
    let (retired, kept): (Vec<&Record>, Vec<&Record>) =
        records.iter().partition(|record| record.files.iter().all(is_gone));
    let named: HashSet<&str> = kept.iter().flat_map(|record| &record.files).map(|file| file.path.as_str()).collect();
    let taken: Vec<String> = retired
        .iter()
        .flat_map(|record| &record.removed)
        .filter(|path| named.contains(path.as_str()))
        .cloned()
        .collect();
    let paths = retired.iter().map(|record| record.path()).collect();
    removed.extend(taken);
    paths
}

/// Whether readers of Hive tables see the file.
fn is_visible(path: &str) -> bool {
    path.split('/').all(|name| !name.starts_with('.') && (!name.starts_with('_') || name.contains('=')))
}

fn is_parquet(path: &str) -> bool {
    is_visible(path) && path.ends_with(".parquet")
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Refuses what cannot stand in the name of a file.
pub(super) fn check_job(job: &str) -> Result<()> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if (1..=100).contains(&job.len()) && job.chars().all(is_plain) && !job.starts_with(['.', '-']) {
        return Ok(());
    }
    let shown = crate::error::quoted(job.as_bytes());
    Err(Error::new(ErrorKind::Option, format!("job_id {shown} cannot be a part of a file's name"))
        .with_hint("take up to 100 letters, digits, \"-\", \"_\" and \".\""))
}
