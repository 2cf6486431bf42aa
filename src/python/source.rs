//! Sources, Python's file objects among them.

use std::collections::HashMap;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyByteArray, PyBytes, PyString};

use super::error::OrRaise;
use crate::error::Error;
use crate::source::{Dates, Item, LocateOptions, Source};
use crate::store::Store;

/// A file that Python opens: its name, its size, when it was changed in seconds since 1970, and what opens it.
type Opener = (String, Option<u64>, Option<f64>, Py<PyAny>);

/// What to read.
#[pyclass(frozen, name = "Source", module = "logarrow._logarrow")]
pub(super) struct PySource(pub(super) Source);

#[pymethods]
impl PySource {
    #[staticmethod]
    #[pyo3(signature = (patterns, storage_options=None, dates=None))]
    fn paths(
        py: Python<'_>,
        patterns: Vec<String>,
        storage_options: Option<HashMap<String, String>>,
        dates: Option<(String, String)>,
    ) -> PyResult<Self> {
        let mut options =
            LocateOptions::default().with_storage(storage_options.unwrap_or_default().into_iter().collect());
        if let Some((first, last)) = dates {
            options = options.with_dates(Dates::new(&first, &last).or_raise()?);
        }
        py.detach(|| Source::locate(&patterns, &options)).or_raise().map(Self)
    }

    #[staticmethod]
    fn is_url(text: &str) -> bool {
        Store::is_url(text)
    }

    #[staticmethod]
    fn bytes(name: &str, data: PyBackedBytes) -> Self {
        Self(Source::bytes(name, data.as_ref()))
    }

    #[staticmethod]
    fn stdin() -> Self {
        Self(Source::reader("-", Box::new(Stdin(io::stdin()))))
    }

    #[staticmethod]
    fn openers(files: Vec<Opener>) -> Self {
        let mut source = Source::default();
        source.extend(files.into_iter().map(|(name, size, modified, open)| {
            let modified = modified.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
            let modified = modified.map(|since| UNIX_EPOCH + since);
            let shown = name.clone();
            let opener = move |start: u64| {
                let open = |py: Python<'_>| PyFile::new(&shown, open.bind(py).call1((start,))?.as_any());
                match Python::try_attach(open) {
                    Some(file) => file.map(|file| Box::new(file) as Box<dyn Read + Send>).map_err(io::Error::other),
                    None => Err(io::Error::other("the interpreter has ended")),
                }
                .map_err(|cause| Error::io(&shown, cause))
            };
            Item::opened(name, size, modified, Arc::new(opener))
        }));
        Self(source)
    }

    #[staticmethod]
    fn file_object(name: &str, file: &Bound<'_, PyAny>) -> PyResult<Self> {
        PyFile::new(name, file).map(|file| Self(Source::reader(name, Box::new(file))))
    }

    #[getter]
    fn items(&self) -> Vec<(String, Option<u64>)> {
        self.0.items().iter().map(|item| (item.name().to_string(), item.size())).collect()
    }

    #[getter]
    fn rerunnable(&self) -> bool {
        self.0.rerunnable()
    }
}

/// A file object. Each read takes the lock.
struct PyFile {
    file: Py<PyAny>,
    /// It has `read`, which gives its bytes with one copy fewer than `readinto` would here.
    reads: bool,
    /// Bytes it gave beyond what was asked, and how many of them are used.
    rest: Option<(PyBackedBytes, usize)>,
}

impl PyFile {
    /// **Errors**: `TypeError` for what is no file, or one that is open as text.
    fn new(name: &str, file: &Bound<'_, PyAny>) -> PyResult<Self> {
        let text_file = file.py().import("io")?.getattr("TextIOBase")?;
        if file.is_instance(&text_file)? {
            return Err(PyTypeError::new_err(format!(
                "{name}: the file is open as text, and a log is bytes\nhint: open it with mode \"rb\", or hand over its \
                 .buffer"
            )));
        }
        let can = |method: &str| file.getattr_opt(method).map(|found| found.is_some_and(|found| found.is_callable()));
        let reads = can("read")?;
        if !reads && !can("readinto")? {
            let found = file.get_type().name()?;
            return Err(PyTypeError::new_err(format!("{name}: expected an open file, found {found} without read()")));
        }
        Ok(Self { file: file.clone().unbind(), reads, rest: None })
    }
}

impl Read for PyFile {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if let Some((bytes, used)) = &mut self.rest {
            let len = out.len().min(bytes.len() - *used);
            out[..len].copy_from_slice(&bytes[*used..*used + len]);
            *used += len;
            if *used == bytes.len() {
                self.rest = None;
            }
            return Ok(len);
        }
        let read = Python::try_attach(|py| if self.reads { self.call_read(py, out) } else { self.readinto(py, out) });
        match read {
            // Whatever it is, it must not look like a call that is to be tried again.
            Some(read) => read.map_err(io::Error::other),
            None => Err(io::Error::other("the interpreter has ended")),
        }
    }
}

impl PyFile {
    fn call_read(&mut self, py: Python<'_>, out: &mut [u8]) -> PyResult<usize> {
        let given = self.file.bind(py).call_method1("read", (out.len(),))?;
        if given.is_none() {
            return Err(PyValueError::new_err("the file has no bytes yet: it is in non-blocking mode"));
        }
        if given.is_instance_of::<PyString>() {
            return Err(PyTypeError::new_err(
                "read() gave text, and a log is bytes\nhint: open the file with mode \"rb\"",
            ));
        }
        if let Ok(bytes) = given.cast::<PyBytes>()
            && bytes.as_bytes().len() <= out.len()
        {
            let bytes = bytes.as_bytes();
            out[..bytes.len()].copy_from_slice(bytes);
            return Ok(bytes.len());
        }
        let bytes: PyBackedBytes = given.extract()?;
        let len = bytes.len().min(out.len());
        out[..len].copy_from_slice(&bytes[..len]);
        self.rest = (len < bytes.len()).then_some((bytes, len));
        Ok(len)
    }

    fn readinto(&mut self, py: Python<'_>, out: &mut [u8]) -> PyResult<usize> {
        let buf = PyByteArray::new_with(py, out.len().min(1 << 20), |_| Ok(()))?;
        let len: Option<usize> = self.file.bind(py).call_method1("readinto", (&buf,))?.extract()?;
        let len = len.ok_or_else(|| PyValueError::new_err("the file has no bytes yet: it is in non-blocking mode"))?;
        let bytes = buf.to_vec();
        let bytes = bytes.get(..len).filter(|bytes| bytes.len() <= out.len());
        let bytes =
            bytes.ok_or_else(|| PyValueError::new_err("readinto() says it gave more bytes than it was asked"))?;
        out[..len].copy_from_slice(bytes);
        Ok(len)
    }
}

/// Standard input that answers Ctrl-C while it waits.
struct Stdin(io::Stdin);

impl Read for Stdin {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.0.read(out) {
                Err(err) if err.kind() == io::ErrorKind::Interrupted => {
                    if let Some(Err(raised)) = Python::try_attach(|py| py.check_signals()) {
                        return Err(io::Error::other(raised));
                    }
                }
                read => return read,
            }
        }
    }
}
