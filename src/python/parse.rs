//! Functions over sources and values: sniffing, and parsing columns of text.

use std::sync::Arc;

use arrow::array::Array;
use arrow::datatypes::Field;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};
use pyo3_arrow::PyArray;
use pyo3_arrow::ffi::to_array_pycapsules;

use super::error::OrRaise;
use super::format::PyFormat;
use super::gil::Signals;
use super::options::{get, options, take};
use super::source::PySource;
use crate::options::OnError;
use crate::{infer, values};

/// Tries all formats on a sample.
#[pyfunction]
#[pyo3(signature = (source, **given))]
pub(super) fn sniff<'py>(
    py: Python<'py>,
    source: &PySource,
    given: Option<&Bound<'_, PyDict>>,
) -> PyResult<Bound<'py, PyList>> {
    let options = options(given)?;
    let guesses = py.detach(|| infer::sniff(&source.0, &options)).or_raise()?;
    let out = PyList::empty(py);
    for guess in guesses {
        let entry = PyDict::new(py);
        entry.set_item("name", &guess.format.name)?;
        entry.set_item("format", Py::new(py, PyFormat(guess.format))?)?;
        entry.set_item("share", guess.share)?;
        entry.set_item("lines", guess.lines)?;
        entry.set_item("matched", guess.matched)?;
        entry.set_item("why", guess.why)?;
        out.append(entry)?;
    }
    Ok(out)
}

/// The format of a source, if one fits well enough.
#[pyfunction]
#[pyo3(signature = (source, **given))]
pub(super) fn choose(py: Python<'_>, source: &PySource, given: Option<&Bound<'_, PyDict>>) -> PyResult<PyFormat> {
    let options = options(given)?;
    py.detach(|| infer::choose(&source.0, &options)).or_raise().map(PyFormat)
}

/// Parses each value as one record.
#[pyfunction]
#[pyo3(signature = (values, format, **given))]
pub(super) fn parse<'py>(
    py: Python<'py>,
    values: PyArray,
    format: &PyFormat,
    given: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyTuple>> {
    let errors = take(given, "error")?.map_or(Ok(false), |errors| get("error", &errors, "True or False"))?;
    let is_named = names_on_error(given)?;
    let options = options(given)?;
    if is_named && matches!(options.on_error, OnError::Reject | OnError::Skip) {
        return Err(PyValueError::new_err(
            "option \"on_error\": each value gives one row, so none can be left out\nhint: use \"null\" or \"raise\"",
        ));
    }
    let (array, _) = values.into_inner();
    let signals = Signals::new();
    let interrupt = signals.interrupt();
    let rows = py.detach(|| values::parse(&array, &format.0, &options, errors, Some(&interrupt)));
    let rows = rows.or_raise_after(&signals)?;
    let field = Arc::new(Field::new("", rows.data_type().clone(), true));
    Ok(to_array_pycapsules(py, field, &rows, None)?)
}

/// Whether the caller said what to do with errors, rather than left it at the default.
fn names_on_error(given: Option<&Bound<'_, PyDict>>) -> PyResult<bool> {
    match given {
        Some(given) => Ok(given.get_item("on_error")?.is_some_and(|value| !value.is_none())),
        None => Ok(false),
    }
}
