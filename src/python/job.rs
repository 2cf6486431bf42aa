//! Writing scans to files.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use super::error::OrRaise;
use super::gil::Signals;
use super::options::{choice, get, unknown};
use super::report;
use super::scan::PyBatch;
use crate::job::{self, Finished, Progress};
use crate::reader::Scan;
use crate::sink::{IpcCompression, IpcOptions, ParquetCompression, ParquetOptions, Statistics};

/// How often a callback is told about progress.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// What a write left behind.
#[pyclass(frozen, name = "Finished", module = "logarrow._logarrow")]
pub(super) struct PyFinished(Finished);

#[pymethods]
impl PyFinished {
    #[getter]
    fn files<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let files = PyList::empty(py);
        for file in &self.0.files {
            let entry = PyDict::new(py);
            entry.set_item("path", file.path.as_os_str())?;
            entry.set_item("rows", file.rows)?;
            entry.set_item("bytes", file.bytes)?;
            files.append(entry)?;
        }
        Ok(files)
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

fn parquet_options(given: &Bound<'_, PyAny>) -> PyResult<ParquetOptions> {
    const NAMES: [&str; 11] = [
        "compression",
        "compression_level",
        "row_group_rows",
        "row_group_bytes",
        "page_bytes",
        "statistics",
        "dictionary",
        "delta_encodings",
        "bloom_filters",
        "metadata",
        "overwrite",
    ];
    let mut options = ParquetOptions::default();
    let mut level = None;
    for (name, value) in items(given)? {
        let name = name.as_str();
        match name {
            _ if !NAMES.contains(&name) => return Err(unknown(name, &NAMES)),
            _ if value.is_none() => {}
            "compression" => {
                let words = [
                    ("zstd", ParquetCompression::Zstd(1)),
                    ("snappy", ParquetCompression::Snappy),
                    ("lz4", ParquetCompression::Lz4Raw),
                    ("none", ParquetCompression::None),
                ];
                options.compression = choice(name, &value, &words)?;
            }
            "compression_level" => level = Some(get(name, &value, "a level")?),
            "row_group_rows" => options.row_group_rows = get(name, &value, "a number of rows")?,
            "row_group_bytes" => options.row_group_bytes = get(name, &value, "a number of bytes")?,
            "page_bytes" => options.page_bytes = get(name, &value, "a number of bytes")?,
            "statistics" => {
                let words = [("none", Statistics::None), ("chunk", Statistics::Chunk), ("page", Statistics::Page)];
                options.statistics = choice(name, &value, &words)?;
            }
            "dictionary" => {
                let pairs = items(&value)?.into_iter();
                let pairs = pairs.map(|(column, on)| Ok((column, get(name, &on, "{column: True or False}")?)));
                options.dictionary = pairs.collect::<PyResult<_>>()?;
            }
            "delta_encodings" => options.delta_encodings = get(name, &value, "True or False")?,
            "bloom_filters" => options.bloom_filters = get(name, &value, "a list of column names")?,
            "metadata" => {
                let pairs = items(&value)?.into_iter();
                options.metadata =
                    pairs.map(|(key, text)| Ok((key, get(name, &text, "{key: text}")?))).collect::<PyResult<_>>()?;
            }
            _ => options.overwrite = get(name, &value, "True or False")?,
        }
    }
    match (level, &mut options.compression) {
        (Some(given), ParquetCompression::Zstd(level)) => *level = given,
        (Some(_), _) => {
            return Err(pyo3::exceptions::PyValueError::new_err(
                "option \"compression_level\": only zstd has levels\nhint: leave it out, or set compression to \"zstd\"",
            ));
        }
        (None, _) => {}
    }
    Ok(options)
}

fn ipc_options(given: &Bound<'_, PyAny>) -> PyResult<IpcOptions> {
    const NAMES: [&str; 2] = ["compression", "overwrite"];
    let mut options = IpcOptions::default();
    for (name, value) in items(given)? {
        let name = name.as_str();
        match name {
            _ if !NAMES.contains(&name) => return Err(unknown(name, &NAMES)),
            _ if value.is_none() => {}
            "compression" => {
                let words =
                    [("none", IpcCompression::None), ("lz4", IpcCompression::Lz4), ("zstd", IpcCompression::Zstd)];
                options.compression = choice(name, &value, &words)?;
            }
            _ => options.overwrite = get(name, &value, "True or False")?,
        }
    }
    Ok(options)
}

/// The entries of a mapping with texts for keys.
fn items<'py>(mapping: &Bound<'py, PyAny>) -> PyResult<Vec<(String, Bound<'py, PyAny>)>> {
    if !mapping.hasattr("items")? {
        let found = mapping.get_type().name()?;
        return Err(PyTypeError::new_err(format!("expected a mapping, found {found}")));
    }
    mapping.call_method0("items")?.try_iter()?.map(|item| item?.extract()).collect()
}
