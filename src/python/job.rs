//! Writing scans to files.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use super::error::OrRaise;
use super::gil::Signals;
use super::report;
use super::scan::PyBatch;
use super::sink_options::{dataset_options, ipc_options, parquet_options, storage, text_options};
use crate::job::{self, Finished, Progress};
use crate::reader::Scan;
use crate::sink::{self, TextFormat, Written};
use crate::store::StorageOptions;

/// How often a callback is told about progress.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// What a write left behind.
#[pyclass(frozen, name = "Finished", module = "logarrow._logarrow")]
pub(super) struct PyFinished(Finished);

#[pymethods]
impl PyFinished {
    #[getter]
    fn files<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        written(py, &self.0.files)
    }

    fn report<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        report::report(py, &self.0.report)
    }

    fn rejects(&self) -> PyBatch {
        PyBatch(self.0.rejects.clone())
    }
}

/// Writes a scan to a Parquet file.
pub(super) fn write_parquet(
    py: Python<'_>,
    scan: &Scan,
    path: PathBuf,
    options: &Bound<'_, PyAny>,
    progress: Option<Py<PyAny>>,
) -> PyResult<PyFinished> {
    let options = parquet_options(options)?;
    run(py, progress, |tell, signals| job::write_parquet(scan, &path, &options, tell, Some(signals.interrupt())))
}

/// Writes a scan to an Arrow IPC file.
pub(super) fn write_ipc(
    py: Python<'_>,
    scan: &Scan,
    path: PathBuf,
    options: &Bound<'_, PyAny>,
    progress: Option<Py<PyAny>>,
) -> PyResult<PyFinished> {
    let options = ipc_options(options)?;
    run(py, progress, |tell, signals| job::write_ipc(scan, &path, &options, tell, Some(signals.interrupt())))
}

/// Writes a scan as a dataset. Without a job_id, the job is named after `sources` and what is made of them; without
/// those, every run is a job of its own.
pub(super) fn write_dataset(
    py: Python<'_>,
    scan: &Scan,
    dest: &str,
    sources: Option<Vec<String>>,
    options: &Bound<'_, PyAny>,
    progress: Option<Py<PyAny>>,
) -> PyResult<PyFinished> {
    let (mut options, job_id) = dataset_options(options)?;
    options.job_id = match (job_id, sources) {
        (Some(given), _) => given,
        (None, Some(sources)) => job::job_id(scan, &sources, &options.partition_by),
        (None, None) => {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |now| now.as_nanos());
            format!("{now:x}-{:x}", std::process::id())
        }
    };
    run(py, progress, |tell, signals| job::write_dataset(scan, dest, &options, tell, Some(signals.interrupt())))
}

/// Writes a scan as CSV (`csv`) or JSON lines (`json`).
pub(super) fn write_text(
    py: Python<'_>,
    scan: &Scan,
    path: PathBuf,
    format: &str,
    options: &Bound<'_, PyAny>,
    progress: Option<Py<PyAny>>,
) -> PyResult<PyFinished> {
    let format = if format == "csv" { TextFormat::Csv } else { TextFormat::JsonLines };
    let options = text_options(format, options)?;
    run(py, progress, |tell, signals| job::write_text(scan, &path, &options, tell, Some(signals.interrupt())))
}

/// The files of a dataset that are committed.
#[pyfunction]
#[pyo3(signature = (dest, storage_options=None))]
pub(super) fn committed<'py>(
    py: Python<'py>,
    dest: &str,
    storage_options: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyList>> {
    let options = storage_options.map_or_else(|| Ok(StorageOptions::default()), storage)?;
    let files = py.detach(|| sink::committed(dest, &options)).or_raise()?;
    written(py, &files)
}

/// The steps of a commit at which tests end the process.
#[pyfunction]
pub(super) fn fail_points() -> Vec<&'static str> {
    sink::FAIL_POINTS.to_vec()
}

fn written<'py>(py: Python<'py>, files: &[Written]) -> PyResult<Bound<'py, PyList>> {
    let out = PyList::empty(py);
    for file in files {
        let entry = PyDict::new(py);
        entry.set_item("path", file.path.as_os_str())?;
        entry.set_item("rows", file.rows)?;
        entry.set_item("bytes", file.bytes)?;
        out.append(entry)?;
    }
    Ok(out)
}

/// Runs a job without the lock; takes it to tell how far it is.
fn run(
    py: Python<'_>,
    progress: Option<Py<PyAny>>,
    job: impl Send + FnOnce(Option<job::OnProgress>, &Arc<Signals>) -> crate::Result<Finished>,
) -> PyResult<PyFinished> {
    let signals = Signals::new();
    let mut last: Option<Instant> = None;
    let done = py.detach(|| {
        let mut tell = |now: &Progress| {
            let Some(callback) = &progress else { return };
            if now.complete || last.is_none_or(|last| last.elapsed() >= TELL_EVERY) {
                last = Some(Instant::now());
                if let Some(Err(err)) = Python::try_attach(|py| told(py, callback, now)) {
                    signals.raise(err);
                }
            }
        };
        let tell: job::OnProgress = &mut tell;
        job(progress.is_some().then_some(tell), &signals)
    });
    let done = done.or_raise_after(&signals)?;
    // The files are in place; what the last call of the callback raised is still the caller's.
    match signals.take() {
        Some(err) => Err(err),
        None => Ok(PyFinished(done)),
    }
}

fn told(py: Python<'_>, callback: &Py<PyAny>, now: &Progress) -> PyResult<()> {
    let entry = PyDict::new(py);
    report::counts(&entry, &now.counts)?;
    entry.set_item("stored_bytes", now.stored_bytes)?;
    entry.set_item("total_bytes", now.total_bytes)?;
    entry.set_item("seconds", now.elapsed.as_secs_f64())?;
    entry.set_item("complete", now.complete)?;
    callback.call1(py, (entry,)).map(drop)
}
