//! The native module `logarrow._logarrow`: conversion between Python and the library, and nothing else.
//!
//! Its contract is `python/logarrow/_logarrow.pyi`. Only this folder imports pyo3.

mod error;
mod expr;
mod format;
mod gil;
mod job;
mod options;
mod parse;
mod report;
mod scan;
mod schema;
mod sink_options;
mod source;
mod toml;

use pyo3::prelude::*;

use self::expr::{PyExpr, PyLookupTable};
use self::format::{PyFormat, PySchema};
use self::job::PyFinished;
use self::scan::{PyBatch, PyReader, PyScan};
use self::source::PySource;

/// The kernels in use.
#[pyfunction]
fn simd_level() -> &'static str {
    crate::simd::Level::current().name()
}

/// The names that `lookup` knows by itself.
#[pyfunction]
fn builtin_tables() -> Vec<&'static str> {
    crate::filter::builtin_tables()
}

/// The formats that come with the library.
#[pyfunction]
fn formats() -> Vec<PyFormat> {
    crate::format::builtin_formats().iter().cloned().map(PyFormat).collect()
}

#[pymodule]
fn _logarrow(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    error::register(module)?;
    module.add_class::<PyFormat>()?;
    module.add_class::<PySchema>()?;
    module.add_class::<PyBatch>()?;
    module.add_class::<PyLookupTable>()?;
    module.add_class::<PyExpr>()?;
    module.add_class::<PySource>()?;
    module.add_class::<PyScan>()?;
    module.add_class::<PyReader>()?;
    module.add_class::<PyFinished>()?;
    module.add_function(wrap_pyfunction!(parse::parse, module)?)?;
    module.add_function(wrap_pyfunction!(parse::sniff, module)?)?;
    module.add_function(wrap_pyfunction!(parse::choose, module)?)?;
    module.add_function(wrap_pyfunction!(toml::parse_toml, module)?)?;
    module.add_function(wrap_pyfunction!(job::committed, module)?)?;
    module.add_function(wrap_pyfunction!(job::fail_points, module)?)?;
    module.add_function(wrap_pyfunction!(simd_level, module)?)?;
    module.add_function(wrap_pyfunction!(builtin_tables, module)?)?;
    module.add_function(wrap_pyfunction!(formats, module)?)
}
