//! Scans and what they give: a reader, batches.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow::array::{ArrayRef, RecordBatch, StructArray};
use arrow::datatypes::{Field, FieldRef, SchemaRef};
use arrow::error::ArrowError;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict, PyTuple};
use pyo3_arrow::ffi::{ArrayReader, to_array_pycapsules, to_schema_pycapsule, to_stream_pycapsule};

use super::error::{OrRaise, to_py};
use super::format::{PyFormat, PySchema};
use super::gil::{Signals, without_gil};
use super::job::{self, PyFinished};
use super::options::options;
use super::report;
use super::source::PySource;
use crate::error::{Error, ErrorKind};
use crate::job::Reading;
use crate::reader::Scan;
use crate::store::StorageOptions;

/// What to read, as what, and how.
#[pyclass(frozen, name = "Scan", module = "logarrow._logarrow")]
pub(super) struct PyScan(pub(super) Scan);

#[pymethods]
impl PyScan {
    #[new]
    #[pyo3(signature = (source, format, **given))]
    fn new(source: &PySource, format: &PyFormat, given: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        Ok(Self(Scan::new(source.0.clone(), format.0.clone()).with_options(options(given)?)))
    }

    #[getter]
    fn schema(&self) -> PyResult<PySchema> {
        self.0.schema().or_raise().map(PySchema)
    }

    fn explain(&self) -> PyResult<String> {
        self.0.plan().and_then(|plan| plan.explain()).or_raise()
    }

    fn read(&self, py: Python<'_>) -> PyResult<PyReader> {
        let signals = Signals::new();
        let reading = py.detach(|| Reading::start(&self.0, false, &StorageOptions::default())).or_raise()?;
        let schema = reading.reader.schema();
        let shared = Shared {
            reading: Mutex::new(reading.with_interrupt(signals.interrupt())),
            signals,
            failure: Mutex::new(None),
        };
        Ok(PyReader { shared: Arc::new(shared), schema, is_taken: AtomicBool::new(false) })
    }

    #[pyo3(signature = (path, options, progress=None))]
    fn write_parquet(
        &self,
        py: Python<'_>,
        path: PathBuf,
        options: &Bound<'_, PyAny>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<PyFinished> {
        job::write_parquet(py, &self.0, path, options, progress)
    }

    /// `sources` are the patterns that name the job, where the options do not.
    #[pyo3(signature = (dest, sources, options, progress=None))]
    fn write_dataset(
        &self,
        py: Python<'_>,
        dest: &str,
        sources: Option<Vec<String>>,
        options: &Bound<'_, PyAny>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<PyFinished> {
        job::write_dataset(py, &self.0, dest, sources, options, progress)
    }

    #[pyo3(signature = (path, format, options, progress=None))]
    fn write_text(
        &self,
        py: Python<'_>,
        path: PathBuf,
        format: &str,
        options: &Bound<'_, PyAny>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<PyFinished> {
        job::write_text(py, &self.0, path, format, options, progress)
    }

    #[pyo3(signature = (path, options, progress=None))]
    fn write_ipc(
        &self,
        py: Python<'_>,
        path: PathBuf,
        options: &Bound<'_, PyAny>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<PyFinished> {
        job::write_ipc(py, &self.0, path, options, progress)
    }
}

/// A record batch.
#[pyclass(frozen, name = "Batch", module = "logarrow._logarrow")]
pub(super) struct PyBatch(pub(super) RecordBatch);

#[pymethods]
impl PyBatch {
    #[getter]
    fn num_rows(&self) -> usize {
        self.0.num_rows()
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        Ok(to_schema_pycapsule(py, self.0.schema_ref().as_ref())?)
    }

    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let array = StructArray::from(self.0.clone());
        Ok(to_array_pycapsules(py, row_field(&self.0.schema()), &array, requested_schema)?)
    }
}

/// A row as a struct, which is how batches cross.
fn row_field(schema: &SchemaRef) -> FieldRef {
    Arc::new(Field::new_struct("", schema.fields().clone(), false).with_metadata(schema.metadata().clone()))
}

/// What a reader and its stream share. The mutexes are only waited for without the interpreter's lock: their holder may
/// be about to ask for it.
struct Shared {
    reading: Mutex<Reading>,
    signals: Arc<Signals>,
    /// What ended the stream, which hands on only a text.
    failure: Mutex<Option<Error>>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Reading> {
        self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Iterates over the batches of a scan.
#[pyclass(frozen, name = "Reader", module = "logarrow._logarrow")]
pub(super) struct PyReader {
    shared: Arc<Shared>,
    schema: SchemaRef,
    is_taken: AtomicBool,
}

#[pymethods]
impl PyReader {
    #[getter]
    fn schema(&self) -> PySchema {
        PySchema(self.schema.clone())
    }

    fn __iter__(this: Bound<'_, Self>) -> Bound<'_, Self> {
        this
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<PyBatch>> {
        if self.is_taken.load(Ordering::Relaxed) {
            return Err(taken());
        }
        let next = py.detach(|| self.shared.lock().next());
        next.transpose().or_raise_after(&self.shared.signals).map(|batch| batch.map(PyBatch))
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        Ok(to_schema_pycapsule(py, self.schema.as_ref())?)
    }

    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        if self.is_taken.swap(true, Ordering::Relaxed) {
            return Err(taken());
        }
        let left = Left { shared: self.shared.clone(), field: row_field(&self.schema) };
        Ok(to_stream_pycapsule(py, Box::new(left), requested_schema)?)
    }

    /// The exception that ended the stream: its consumer knows only the text.
    fn error(&self, py: Python<'_>) -> Option<PyErr> {
        let failure = self.shared.failure.lock().unwrap_or_else(PoisonError::into_inner);
        let failure = failure.as_ref()?;
        let raised = if failure.kind() == ErrorKind::Interrupted { self.shared.signals.raised(py) } else { None };
        Some(raised.unwrap_or_else(|| to_py(failure)))
    }

    fn report<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let done = py.detach(|| self.shared.lock().reader.report().clone());
        report::report(py, &done)
    }

    fn rejects(&self, py: Python<'_>) -> PyResult<PyBatch> {
        py.detach(|| self.shared.lock().reader.rejects()).or_raise().map(PyBatch)
    }

    fn progress(&self, py: Python<'_>) -> (u64, Option<u64>) {
        py.detach(|| self.shared.lock().reader.progress())
    }
}

#[cold]
fn taken() -> PyErr {
    PyRuntimeError::new_err("the stream has been handed over already\nhint: call read() again for another one")
}

/// What is left of a reader, for Arrow's C stream. Called by whoever consumes it, on any thread, with or without the
/// interpreter's lock.
struct Left {
    shared: Arc<Shared>,
    field: FieldRef,
}

impl Iterator for Left {
    type Item = Result<ArrayRef, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let shared = &self.shared;
        // Nothing may unwind into the consumer's C code.
        let next = catch_unwind(AssertUnwindSafe(|| without_gil(|| shared.lock().next()))).unwrap_or_else(|_| {
            let err = Error::new(ErrorKind::Io(std::io::ErrorKind::Other), "the reader failed; this is a bug");
            Some(Err(err.with_hint("please report it, with the log line if you can")))
        });
        match next? {
            Ok(batch) => Some(Ok(Arc::new(StructArray::from(batch)))),
            Err(err) => Some(Err(self.fail(err))),
        }
    }
}

impl ArrayReader for Left {
    fn field(&self) -> FieldRef {
        self.field.clone()
    }
}

impl Left {
    /// Keeps the error for [`PyReader::error`], and gives the text.
    #[cold]
    fn fail(&self, err: Error) -> ArrowError {
        if err.kind() == ErrorKind::Interrupted {
            self.shared.signals.repeat();
        }
        // C strings end at a null byte.
        let text = err.to_string().replace('\0', "\\x00");
        let kind = err.kind();
        *self.shared.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(err);
        match kind {
            ErrorKind::Io(kind) => ArrowError::IoError(text.clone(), std::io::Error::new(kind, text)),
            _ => ArrowError::ExternalError(text.into()),
        }
    }
}
