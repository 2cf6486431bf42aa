//! Keyword arguments to [`Options`].

use std::collections::HashMap;
use std::sync::Arc;

use pyo3::exceptions::{PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::expr::{PyLookupTable, condition};
use super::format::PyFormat;
use super::schema::schema_of;
use crate::error::{did_you_mean, quoted};
use crate::filter::{Expr, LookupTable};
use crate::format::Extra;
use crate::options::{Include, Inner, OnError, Options, RejectRaw, Strings, TimeUnit};
use crate::simd::Level;
use crate::source::{Compression, Encoding};

/// Every option of a scan.
const NAMES: [&str; 25] = [
    "columns",
    "where",
    "derive",
    "tables",
    "schema",
    "extra",
    "inner",
    "limit",
    "on_error",
    "timezone",
    "reference_time_us",
    "time_unit",
    "include",
    "batch_rows",
    "chunk_bytes",
    "memory_bytes",
    "threads",
    "ordered",
    "strings",
    "max_record_bytes",
    "compression",
    "encoding",
    "rejects_to",
    "reject_raw",
    "simd",
];

/// The options of a scan. One that is `None` is as if it were not there.
pub(super) fn options(given: Option<&Bound<'_, PyDict>>) -> PyResult<Options> {
    let mut options = Options::default();
    for (name, value) in given.into_iter().flatten() {
        let name: String = name.extract()?;
        if !NAMES.contains(&name.as_str()) {
            return Err(unknown(&name, &NAMES));
        }
        if !value.is_none() {
            set(&mut options, &name, &value)?;
        }
    }
    Ok(options)
}

/// Removes an option that is not a scan's own.
pub(super) fn take<'py>(given: Option<&Bound<'py, PyDict>>, name: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
    let Some(given) = given else { return Ok(None) };
    let value = given.get_item(name)?;
    if value.is_some() {
        given.del_item(name)?;
    }
    Ok(value.filter(|value| !value.is_none()))
}

/// The error for an option nobody knows.
pub(super) fn unknown(name: &str, known: &[&str]) -> PyErr {
    let hint = did_you_mean(name, known.iter().copied()).unwrap_or_else(|| format!("options are {}", known.join(", ")));
    PyTypeError::new_err(format!("no option is called {}\nhint: {hint}", quoted(name.as_bytes())))
}

fn set(options: &mut Options, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
    match name {
        "columns" => options.columns = Some(get(name, value, "a list of column names")?),
        "where" => options.filter = Some(condition(value, name)?),
        "derive" => options.derive = derive(value)?,
        "tables" => options.tables = tables(value)?,
        "schema" => options.schema = Some(schema_of(value)?),
        "extra" => {
            let words = [("reject", Extra::Reject), ("column", Extra::Column), ("count", Extra::Count)];
            options.extra = Some(choice(name, value, &words)?);
        }
        "inner" => options.inner = inner(value)?,
        "limit" => options.limit = Some(get(name, value, "a number of rows")?),
        "on_error" => {
            let words = [
                ("reject", OnError::Reject),
                ("skip", OnError::Skip),
                ("null", OnError::Null),
                ("raise", OnError::Raise),
            ];
            options.on_error = choice(name, value, &words)?;
        }
        "timezone" => options.timezone = get(name, value, "the name of a time zone")?,
        "reference_time_us" => options.reference_time_us = Some(get(name, value, "microseconds since 1970")?),
        "time_unit" => {
            let words = [("us", TimeUnit::Microsecond), ("ns", TimeUnit::Nanosecond)];
            options.time_unit = choice(name, value, &words)?;
        }
        "include" => {
            let words: Vec<Bound<'_, PyAny>> = get(name, value, "a list of path, line, offset or raw")?;
            let words = words.iter().map(|word| choice(name, word, &Include::NAMES));
            options.include = words.collect::<PyResult<_>>()?;
        }
        "batch_rows" => options.batch_rows = get(name, value, "a number of rows")?,
        "chunk_bytes" => options.chunk_bytes = get(name, value, "a number of bytes")?,
        "memory_bytes" => options.memory_bytes = get(name, value, "a number of bytes")?,
        "threads" => options.threads = get(name, value, "a number of threads")?,
        "ordered" => options.ordered = get(name, value, "True or False")?,
        "strings" => {
            let words = [
                ("utf8", Strings::Utf8),
                ("view", Strings::View),
                ("large", Strings::Large),
                ("dictionary", Strings::Dictionary),
            ];
            options.strings = choice(name, value, &words)?;
        }
        "max_record_bytes" => options.max_record_bytes = get(name, value, "a number of bytes")?,
        "compression" => {
            options.compression = choice(name, value, &Compression::ALL.map(|known| (known.name(), known)))?;
        }
        "encoding" => {
            let words = [
                ("auto", Encoding::Auto),
                ("utf-8", Encoding::Utf8),
                ("utf8", Encoding::Utf8),
                ("latin-1", Encoding::Latin1),
                ("iso-8859-1", Encoding::Latin1),
                ("utf-16", Encoding::Utf16),
            ];
            options.encoding = choice(name, value, &words)?;
        }
        "rejects_to" => options.rejects_to = Some(get(name, value, "a path")?),
        "reject_raw" => {
            let words = [("full", RejectRaw::Full), ("prefix", RejectRaw::Prefix), ("none", RejectRaw::None)];
            options.reject_raw = choice(name, value, &words)?;
        }
        "simd" => {
            let level = choice(name, value, &Level::NAMES)?;
            if !level.is_available() {
                let names: Vec<_> = Level::available().map(Level::name).collect();
                let message = format!("option \"simd\": this machine has only {}", names.join(", "));
                return Err(PyValueError::new_err(message));
            }
            options.simd = level;
        }
        _ => return Err(unknown(name, &NAMES)),
    }
    Ok(())
}

/// A value of a plain type.
pub(super) fn get<'py, T>(name: &str, value: &Bound<'py, PyAny>, expected: &str) -> PyResult<T>
where
    T: for<'a> FromPyObject<'a, 'py>,
    for<'a> <T as FromPyObject<'a, 'py>>::Error: Into<PyErr>,
{
    value.extract::<T>().map_err(|err| {
        let err: PyErr = err.into();
        let message = format!("option \"{name}\": expected {expected}, found {}", shown(value));
        match err.is_instance_of::<PyOverflowError>(value.py()) {
            true => PyValueError::new_err(message),
            false => PyTypeError::new_err(message),
        }
    })
}

/// One of a few words.
pub(super) fn choice<T: Copy>(name: &str, value: &Bound<'_, PyAny>, words: &[(&str, T)]) -> PyResult<T> {
    let word: String = get(name, value, "a word")?;
    let found = words.iter().find(|(known, _)| known.eq_ignore_ascii_case(&word));
    found.map(|(_, choice)| *choice).ok_or_else(|| {
        let words: Vec<_> = words.iter().map(|(known, _)| *known).collect();
        let message = format!("option \"{name}\": expected one of {}, found {}", words.join(", "), shown(value));
        PyValueError::new_err(message)
    })
}

/// A value in a message, cut.
fn shown(value: &Bound<'_, PyAny>) -> String {
    let text = value.repr().and_then(|text| text.extract::<String>()).unwrap_or_else(|_| "something else".into());
    match text.char_indices().nth(80) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text,
    }
}

/// `{name: expression}`, or pairs of those.
fn derive(value: &Bound<'_, PyAny>) -> PyResult<Vec<(String, Expr)>> {
    let pairs = if value.hasattr("items")? { value.call_method0("items")? } else { value.clone() };
    if pairs.is_instance_of::<PyString>() {
        return Err(PyTypeError::new_err("option \"derive\": expected {name: expression}, found text"));
    }
    let pair = |pair: PyResult<Bound<'_, PyAny>>| {
        let (name, value): (String, Bound<'_, PyAny>) = get("derive", &pair?, "{name: expression}")?;
        Ok((name, condition(&value, "derive")?))
    };
    pairs.try_iter()?.map(pair).collect()
}

/// Pairs of a column, or `None` for the usual one, and a format, or `None` for text.
fn inner(value: &Bound<'_, PyAny>) -> PyResult<Vec<Inner>> {
    let pair = |pair: PyResult<Bound<'_, PyAny>>| {
        let (column, format): (Option<String>, Bound<'_, PyAny>) = get("inner", &pair?, "pairs of column and format")?;
        let format = if format.is_none() { None } else { Some(format.cast::<PyFormat>()?.get().0.clone()) };
        Ok(Inner { column, format })
    };
    value.try_iter()?.map(pair).collect()
}

/// `{name: table}`, where a table is one or what makes one.
fn tables(value: &Bound<'_, PyAny>) -> PyResult<HashMap<String, Arc<LookupTable>>> {
    let mut out = HashMap::new();
    for pair in value.call_method0("items")?.try_iter()? {
        let (name, table): (String, Bound<'_, PyAny>) = get("tables", &pair?, "{name: table}")?;
        let table = match table.cast::<PyLookupTable>() {
            Ok(table) => table.get().0.clone(),
            Err(_) => PyLookupTable::from_dict(&table)?.0,
        };
        out.insert(name, table);
    }
    Ok(out)
}
