//! TOML texts as Python values, with the places of their keys: what job files are read by.

use ::toml::Spanned;
use ::toml::de::{DeTable, DeValue};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};

use super::error::OrRaise;
use crate::error::{Error, ErrorKind, Position};

/// The tables of a text in the order it has them, and the line of each key: `{("sink", "path"): 7}`. Items of arrays have
/// their index for a key.
#[pyfunction]
pub(super) fn parse_toml<'py>(
    py: Python<'py>,
    text: &str,
    origin: &str,
) -> PyResult<(Bound<'py, PyDict>, Bound<'py, PyDict>)> {
    let file = File { text, origin, lines: PyDict::new(py) };
    let parsed = DeTable::parse(text).map_err(|err| {
        let at = err.span().map_or(0, |span| span.start);
        Error::new(ErrorKind::FormatSyntax, err.message()).with_position(file.position(at))
    });
    let parsed = parsed.or_raise()?;
    let values = file.table(py, parsed.get_ref(), &mut Vec::new())?;
    Ok((values, file.lines))
}

struct File<'t, 'py> {
    text: &'t str,
    origin: &'t str,
    lines: Bound<'py, PyDict>,
}

/// A step from a value into one in it.
type Step<'py> = Bound<'py, PyAny>;

impl<'py> File<'_, 'py> {
    fn position(&self, at: usize) -> Position {
        let head = self.text.get(..at).unwrap_or(self.text);
        let begin = head.rfind('\n').map_or(0, |newline| newline + 1);
        Position {
            source: Some(self.origin.into()),
            line: Some(self.line(at)),
            column: Some((head.len() - begin) as u64 + 1),
            byte: None,
        }
    }

    fn line(&self, at: usize) -> u64 {
        self.text.get(..at).unwrap_or(self.text).matches('\n').count() as u64 + 1
    }

    fn table(&self, py: Python<'py>, table: &DeTable<'_>, path: &mut Vec<Step<'py>>) -> PyResult<Bound<'py, PyDict>> {
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        let dict = PyDict::new(py);
        for (key, item) in entries {
            path.push(key.get_ref().into_bound_py_any(py)?);
            self.lines.set_item(PyTuple::new(py, path.iter())?, self.line(key.span().start))?;
            dict.set_item(key.get_ref(), self.value(py, item, path)?)?;
            path.pop();
        }
        Ok(dict)
    }

    fn value(
        &self,
        py: Python<'py>,
        value: &Spanned<DeValue<'_>>,
        path: &mut Vec<Step<'py>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let wrong = |what: &str| {
            let err = Error::new(ErrorKind::FormatSyntax, format!("{what} is out of range"));
            Err(err.with_position(self.position(value.span().start))).or_raise()
        };
        match value.get_ref() {
            DeValue::String(text) => text.into_bound_py_any(py),
            DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
                Ok(number) => number.into_bound_py_any(py),
                Err(_) => wrong("the number"),
            },
            DeValue::Float(number) => match number.as_str().parse::<f64>() {
                Ok(number) => number.into_bound_py_any(py),
                Err(_) => wrong("the number"),
            },
            DeValue::Boolean(truth) => truth.into_bound_py_any(py),
            // As it is written: jobs take dates for text.
            DeValue::Datetime(time) => time.to_string().into_bound_py_any(py),
            DeValue::Array(items) => {
                let list = PyList::empty(py);
                for (at, item) in items.iter().enumerate() {
                    path.push(at.into_bound_py_any(py)?);
                    self.lines.set_item(PyTuple::new(py, path.iter())?, self.line(item.span().start))?;
                    list.append(self.value(py, item, path)?)?;
                    path.pop();
                }
                Ok(list.into_any())
            }
            DeValue::Table(table) => Ok(self.table(py, table, path)?.into_any()),
        }
    }
}
