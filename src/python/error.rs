//! The one place where an [`Error`] becomes a Python exception.

use std::io;

use pyo3::create_exception;
use pyo3::exceptions::{PyException, PyKeyboardInterrupt, PyMemoryError, PyOSError, PyValueError};
use pyo3::prelude::*;

use super::gil::Signals;
use crate::error::{Error, ErrorKind};

create_exception!(logarrow, LogarrowError, PyException, "What logarrow raises, other than built-in exceptions.");
create_exception!(logarrow, FormatError, LogarrowError, "A format is unknown, cannot be understood, or fits nothing.");
create_exception!(logarrow, DecodeError, LogarrowError, "The bytes of a log cannot be used as asked.");
create_exception!(logarrow, SchemaError, LogarrowError, "Columns, types or expressions do not go together.");

/// What an exception carries, besides its text.
const ATTRIBUTES: [&str; 6] = ["source", "line", "column", "column_byte", "byte", "hint"];

/// Adds the exceptions to the module.
pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    let base = py.get_type::<LogarrowError>();
    for name in ATTRIBUTES {
        // Those that a caller makes have them too.
        base.setattr(name, py.None())?;
    }
    module.add("LogarrowError", base)?;
    module.add("FormatError", py.get_type::<FormatError>())?;
    module.add("DecodeError", py.get_type::<DecodeError>())?;
    module.add("SchemaError", py.get_type::<SchemaError>())
}

/// A result whose error is an exception.
pub(super) trait OrRaise<T> {
    /// Maps the error.
    fn or_raise(self) -> PyResult<T>;
    /// Maps the error of a scan that `signals` may have stopped.
    fn or_raise_after(self, signals: &Signals) -> PyResult<T>;
}

impl<T> OrRaise<T> for Result<T, Error> {
    fn or_raise(self) -> PyResult<T> {
        self.map_err(|err| to_py(&err))
    }

    fn or_raise_after(self, signals: &Signals) -> PyResult<T> {
        self.map_err(|err| match err.kind() {
            ErrorKind::Interrupted => signals.take().unwrap_or_else(|| to_py(&err)),
            _ => to_py(&err),
        })
    }
}

/// The exception for an error.
#[cold]
pub(super) fn to_py(err: &Error) -> PyErr {
    Python::attach(|py| {
        if let Some(raised) = raised_by_python(py, err) {
            return raised;
        }
        let text = err.to_string();
        let made = match err.kind() {
            ErrorKind::Io(kind) => match (kind, os_code(err, kind)) {
                (io::ErrorKind::OutOfMemory, _) => PyMemoryError::new_err(text),
                // Python picks the subclass by the number.
                (_, Some(code)) => PyOSError::new_err((code, text)),
                (_, None) => PyOSError::new_err(text),
            },
            ErrorKind::Corrupt | ErrorKind::Malformed | ErrorKind::TooLong | ErrorKind::BadValue => {
                DecodeError::new_err(text)
            }
            ErrorKind::UnknownFormat | ErrorKind::FormatSyntax | ErrorKind::NoMatch => FormatError::new_err(text),
            ErrorKind::UnknownColumn | ErrorKind::TypeMismatch | ErrorKind::Expression => SchemaError::new_err(text),
            ErrorKind::Option => PyValueError::new_err(text),
            ErrorKind::Interrupted => return PyKeyboardInterrupt::new_err(()),
        };
        match decorate(made.value(py), err) {
            Ok(()) => made,
            Err(failed) => failed,
        }
    })
}

fn decorate(value: &Bound<'_, pyo3::exceptions::PyBaseException>, err: &Error) -> PyResult<()> {
    let position = err.position();
    value.setattr("source", position.source.as_deref())?;
    value.setattr("line", position.line)?;
    value.setattr("column", err.column_name())?;
    value.setattr("column_byte", position.column)?;
    value.setattr("byte", position.byte)?;
    value.setattr("hint", err.hint())
}

/// The exception of a file object or a signal handler, if that is the cause.
fn raised_by_python(py: Python<'_>, err: &Error) -> Option<PyErr> {
    let cause = std::error::Error::source(err)?;
    let cause = cause.downcast_ref::<io::Error>().and_then(|cause| cause.get_ref()).map_or(cause, |inner| inner as _);
    cause.downcast_ref::<PyErr>().map(|raised| raised.clone_ref(py))
}

/// The system's number for an error: its own, else the one that stands for its kind.
fn os_code(err: &Error, kind: io::ErrorKind) -> Option<i32> {
    let cause = std::error::Error::source(err).and_then(|cause| cause.downcast_ref::<io::Error>());
    cause.and_then(io::Error::raw_os_error).or(match kind {
        io::ErrorKind::NotFound => Some(2),
        io::ErrorKind::PermissionDenied => Some(13),
        io::ErrorKind::AlreadyExists => Some(17),
        io::ErrorKind::NotADirectory => Some(20),
        io::ErrorKind::IsADirectory => Some(21),
        io::ErrorKind::StorageFull => Some(28),
        io::ErrorKind::ReadOnlyFilesystem => Some(30),
        io::ErrorKind::BrokenPipe => Some(32),
        _ => None,
    })
}
