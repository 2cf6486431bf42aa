//! What is written down beside the data: intents and commit records.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Mode;
use super::place::Place;
use crate::error::{Error, ErrorKind, Result};
use crate::sink::Written;
use crate::store::StorageOptions;

/// Where all of it lies; readers of Hive tables leave names out that begin with `_`.
pub(super) const FOLDER: &str = "_logarrow";
/// Records of what is committed.
const COMMITS: &str = "_logarrow/commits";
/// Notes of what is under way.
const INTENTS: &str = "_logarrow/intents";

/// A file of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileEntry {
    /// Below the dataset, with slashes.
    pub(super) path: String,
    pub(super) rows: u64,
    pub(super) bytes: u64,
}

/// What one attempt of a job added and removed: the truth, once it is there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) version: u32,
    pub(super) job: String,
    pub(super) attempt: u32,
    pub(super) mode: Mode,
    pub(super) partition_by: Vec<String>,
    pub(super) rows: u64,
    pub(super) bytes: u64,
    pub(super) files: Vec<FileEntry>,
    /// Files that are none of the dataset's any more.
    pub(super) removed: Vec<String>,
    pub(super) report: serde_json::Value,
}

/// What an attempt is about to do: enough to undo it while its record is not there, or to end it where it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Intent {
    pub(super) job: String,
    pub(super) attempt: u32,
    pub(super) files: Vec<String>,
    pub(super) removed: Vec<String>,
    /// Records that say nothing any more afterwards.
    pub(super) retired: Vec<String>,
}

/// The record of an attempt.
pub(super) fn record_path(job: &str, attempt: u32) -> String {
    format!("{COMMITS}/{job}-{attempt:05}.json")
}

/// The intent of an attempt.
pub(super) fn intent_path(job: &str, attempt: u32) -> String {
    format!("{INTENTS}/{job}-{attempt:05}.json")
}

/// Job and attempt of the path of a record or an intent.
pub(super) fn attempt_of(path: &str) -> Option<(&str, u32)> {
    let name = path.rsplit('/').next()?.strip_suffix(".json")?;
    let (job, attempt) = name.rsplit_once('-')?;
    Some((job, attempt.parse().ok()?))
}

/// Paths of all records, in their order by name.
pub(super) fn record_paths(place: &Place) -> Result<Vec<String>> {
    paths(place, COMMITS)
}

/// Paths of all intents.
pub(super) fn intent_paths(place: &Place) -> Result<Vec<String>> {
    paths(place, INTENTS)
}

fn paths(place: &Place, folder: &str) -> Result<Vec<String>> {
    let mut paths = place.list(folder)?;
    paths.retain(|path| attempt_of(path).is_some());
    paths.sort();
    Ok(paths)
}

/// Reads what is written down at `path`, if it is there.
pub(super) fn read<T: for<'de> Deserialize<'de>>(place: &Place, path: &str) -> Result<Option<T>> {
    let Some(bytes) = place.get(path)? else { return Ok(None) };
    serde_json::from_slice(&bytes).map(Some).map_err(|cause| {
        Error::new(ErrorKind::Corrupt, format!("{}: {cause}", place.full(path).display()))
            .with_hint("this is no record of logarrow; move it away")
            .with_cause(cause)
    })
}

/// As text for people and programs.
pub(super) fn bytes(value: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec_pretty(value)
        .map_err(|cause| Error::new(ErrorKind::Io(std::io::ErrorKind::Other), cause.to_string()).with_cause(cause))
}

/// The files of the dataset at `dest` (a directory or a URL) that jobs have committed, whatever else lies there.
///
/// **Errors**: `Io`; `Corrupt` for a record that cannot be read; `Option` for a URL or an option that is none.
pub fn committed(dest: &str, options: &StorageOptions) -> Result<Vec<Written>> {
    let place = Place::open(dest, options)?;
    let records = records(&place, |_| true)?;
    let removed: std::collections::HashSet<&str> =
        records.iter().flat_map(|record| record.removed.iter().map(String::as_str)).collect();
    let mut files: Vec<Written> = records
        .iter()
        .flat_map(|record| &record.files)
        .filter(|file| !removed.contains(&*file.path))
        .map(|file| Written { path: place.full(&file.path), rows: file.rows, bytes: file.bytes })
        .collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// The records whose job is wanted.
pub(super) fn records(place: &Place, wanted: impl Fn(&str) -> bool) -> Result<Vec<Record>> {
    let mut records = Vec::new();
    for path in record_paths(place)? {
        if attempt_of(&path).is_some_and(|(job, _)| wanted(job)) {
            // One that is gone since it was listed says nothing any more.
            records.extend(read(place, &path)?);
        }
    }
    Ok(records)
}

impl Record {
    /// Where it is written.
    pub(super) fn path(&self) -> String {
        record_path(&self.job, self.attempt)
    }
}

/// The files as a sink's caller wants them.
pub(super) fn written(place: &Place, files: &[FileEntry]) -> Vec<Written> {
    let path = |file: &FileEntry| -> PathBuf { place.full(&file.path) };
    files.iter().map(|file| Written { path: path(file), rows: file.rows, bytes: file.bytes }).collect()
}
