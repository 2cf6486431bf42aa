//! Reports as dictionaries.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::report::{Counts, Report};

/// The report of a scan.
pub(super) fn report<'py>(py: Python<'py>, report: &Report) -> PyResult<Bound<'py, PyDict>> {
    let out = PyDict::new(py);
    counts(&out, &report.counts)?;
    out.set_item("seconds", report.elapsed.as_secs_f64())?;
    out.set_item("complete", report.complete)?;
    let nulls = PyDict::new(py);
    for (name, count) in &report.nulls {
        nulls.set_item(name, count)?;
    }
    out.set_item("nulls", nulls)?;
    let reasons = PyList::empty(py);
    for ((column, reason), count) in &report.reasons {
        let entry = PyDict::new(py);
        entry.set_item("column", column.as_deref())?;
        entry.set_item("reason", reason)?;
        entry.set_item("count", count)?;
        reasons.append(entry)?;
    }
    out.set_item("reasons", reasons)?;
    let files = PyList::empty(py);
    for file in &report.files {
        let entry = PyDict::new(py);
        entry.set_item("name", &*file.name)?;
        counts(&entry, &file.counts)?;
        entry.set_item("stored_bytes", file.stored_bytes)?;
        entry.set_item("damage", &file.damage)?;
        entry.set_item("reference_time_us", file.reference_time_us)?;
        entry.set_item("encoding", file.encoding)?;
        files.append(entry)?;
    }
    out.set_item("files", files)?;
    out.set_item("reference_time_us", report.reference_time_us)?;
    Ok(out)
}

/// Adds the counts to a dictionary.
pub(super) fn counts(out: &Bound<'_, PyDict>, counts: &Counts) -> PyResult<()> {
    counts.named().into_iter().try_for_each(|(name, count)| out.set_item(name, count))
}
