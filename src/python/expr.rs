//! Expressions and lookup tables.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::compute::concat;
use pyo3::exceptions::{PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyFloat, PyString};
use pyo3_arrow::PyRecordBatchReader;

use super::error::OrRaise;
use crate::error::{Error, ErrorKind, quoted, suggest};
use crate::filter::{ArithmeticOp, CompareOp, Expr, Function, Key, Literal, LookupTable, TableRef};

/// A table of codes and words.
#[pyclass(frozen, name = "LookupTable", module = "logarrow._logarrow")]
pub(super) struct PyLookupTable(pub(super) Arc<LookupTable>);

#[pymethods]
impl PyLookupTable {
    #[staticmethod]
    pub(super) fn from_dict(pairs: &Bound<'_, PyAny>) -> PyResult<Self> {
        let mut entries: Vec<(Key, String)> = Vec::new();
        for pair in pairs.call_method0("items")?.try_iter()? {
            let (key, word): (Bound<'_, PyAny>, String) = pair?.extract()?;
            let key = match key.extract::<i64>() {
                Ok(key) => Key::Int(key),
                Err(_) => Key::Text(key.extract()?),
            };
            entries.push((key, word));
        }
        Self::new(LookupTable::from_pairs(entries))
    }

    #[staticmethod]
    fn from_csv(text: &str) -> PyResult<Self> {
        Self::new(LookupTable::from_csv(text))
    }

    #[staticmethod]
    fn from_arrow(table: PyRecordBatchReader) -> PyResult<Self> {
        let reader = table.into_reader()?;
        let types: Vec<_> = reader.schema().fields().iter().map(|field| field.data_type().clone()).collect();
        if types.len() != 2 {
            let message = format!("lookup table: expected two columns, key and word, found {}", types.len());
            return Err(PyValueError::new_err(message));
        }
        let batches = reader.collect::<Result<Vec<_>, _>>().map_err(Error::from).or_raise()?;
        let column = |at: usize| -> crate::Result<ArrayRef> {
            let parts: Vec<_> = batches.iter().map(|batch| batch.column(at).as_ref()).collect();
            match parts.is_empty() {
                true => Ok(arrow::array::new_empty_array(&types[at])),
                false => Ok(concat(&parts)?),
            }
        };
        Self::new(column(0).and_then(|keys| LookupTable::from_arrays(&keys, &column(1)?)))
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }
}

impl PyLookupTable {
    fn new(table: crate::Result<LookupTable>) -> PyResult<Self> {
        table.or_raise().map(|table| Self(Arc::new(table)))
    }
}

/// An expression of `where` and `derive`.
#[pyclass(frozen, name = "Expr", module = "logarrow._logarrow")]
pub(super) struct PyExpr(pub(super) Expr);

#[pymethods]
impl PyExpr {
    #[staticmethod]
    fn parse(sql: &str) -> PyResult<Self> {
        Expr::parse(sql).or_raise().map(Self)
    }

    #[staticmethod]
    fn col(name: String) -> Self {
        Self(Expr::Column(name))
    }

    #[staticmethod]
    fn lit(value: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self(Expr::Literal(literal(value)?)))
    }

    #[staticmethod]
    #[pyo3(signature = (key, table, default=None))]
    fn lookup(key: &Self, table: &Bound<'_, PyAny>, default: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let table = match table.cast::<PyLookupTable>() {
            Ok(table) => TableRef::Inline(table.get().0.clone()),
            Err(_) if table.is_instance_of::<PyString>() => TableRef::Named(table.extract()?),
            Err(_) => TableRef::Inline(PyLookupTable::from_dict(table)?.0),
        };
        let default = default.map(|value| operand(value).map(Box::new)).transpose()?;
        Ok(Self(Expr::Lookup { expr: Box::new(key.0.clone()), table, default }))
    }

    #[staticmethod]
    #[pyo3(signature = (branches, otherwise=None))]
    fn case(
        branches: Vec<(Bound<'_, PyAny>, Bound<'_, PyAny>)>,
        otherwise: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let branches = branches.iter().map(|(when, then)| Ok((operand(when)?, operand(then)?)));
        let branches = branches.collect::<PyResult<Vec<_>>>()?;
        let otherwise = otherwise.map(|value| operand(value).map(Box::new)).transpose()?;
        Ok(Self(Expr::Case { operand: None, branches, otherwise }))
    }

    fn compare(&self, op: &str, other: &Bound<'_, PyAny>) -> PyResult<Self> {
        let op = match op {
            "!=" => CompareOp::NotEq,
            "==" => CompareOp::Eq,
            op => known(op, CompareOp::ALL, CompareOp::as_str, "comparison")?,
        };
        let (left, right) = (Box::new(self.0.clone()), Box::new(operand(other)?));
        Ok(Self(Expr::Compare { op, left, right }))
    }

    fn arithmetic(&self, op: &str, other: &Bound<'_, PyAny>, reverse: bool) -> PyResult<Self> {
        let op = known(op, ArithmeticOp::ALL, ArithmeticOp::as_str, "operation")?;
        let (mut left, mut right) = (Box::new(self.0.clone()), Box::new(operand(other)?));
        if reverse {
            std::mem::swap(&mut left, &mut right);
        }
        Ok(Self(Expr::Arithmetic { op, left, right }))
    }

    fn and_(&self, other: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self(self.0.clone().and(operand(other)?)))
    }

    fn or_(&self, other: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self(self.0.clone().or(operand(other)?)))
    }

    fn not_(&self) -> Self {
        Self(Expr::Not(Box::new(self.0.clone())))
    }

    fn is_in(&self, values: &Bound<'_, PyAny>) -> PyResult<Self> {
        if values.is_instance_of::<PyString>() || values.is_instance_of::<PyBytes>() {
            return Err(PyTypeError::new_err("is_in takes a list of values, not one text"));
        }
        let values = values.try_iter()?.map(|value| operand(&value?)).collect::<PyResult<Vec<_>>>()?;
        Ok(Self(self.0.clone().is_in(values)))
    }

    fn between(&self, low: &Bound<'_, PyAny>, high: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self(self.0.clone().between(operand(low)?, operand(high)?)))
    }

    fn like(&self, pattern: String, ignore_case: bool) -> Self {
        let expr = self.0.clone();
        Self(if ignore_case { expr.ilike(pattern) } else { expr.like(pattern) })
    }

    /// With columns replaced by what a dict, name to expression, has in their place.
    fn replace_columns(&self, named: HashMap<String, Bound<'_, Self>>) -> Self {
        let named = named.iter().map(|(name, expr)| (name.as_str(), &expr.get().0)).collect();
        Self(self.0.replace_columns(&named))
    }

    fn is_null(&self) -> Self {
        Self(self.0.clone().is_null())
    }

    fn cast(&self, to: &str) -> PyResult<Self> {
        // The grammar of SQL text knows all types, decimals too.
        match Expr::parse(&format!("CAST(x AS {to})")) {
            Ok(Expr::Cast { expr, to }) if *expr == Expr::Column("x".into()) => Ok(Self(self.0.clone().cast(to))),
            _ => Err(Error::new(ErrorKind::Expression, format!("cannot cast to {}", quoted(to.as_bytes()))).with_hint(
                "types are bool, int8, int16, int32, int64, float32, float64, decimal(p, s), utf8, date, timestamp",
            )),
        }
        .or_raise()
    }

    fn call(&self, function: &str, args: Vec<Bound<'_, PyAny>>) -> PyResult<Self> {
        let name = known(function, Function::ALL, Function::as_str, "function")?;
        let args = args.iter().map(operand).collect::<PyResult<Vec<_>>>()?;
        Ok(Self(self.0.clone().call(name, args)))
    }

    fn columns(&self) -> Vec<String> {
        self.0.columns().into_iter().map(str::to_owned).collect()
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }
}

/// An expression: itself, or a constant.
fn operand(value: &Bound<'_, PyAny>) -> PyResult<Expr> {
    match value.cast::<PyExpr>() {
        Ok(expr) => Ok(expr.get().0.clone()),
        Err(_) => Ok(Expr::Literal(literal(value)?)),
    }
}

/// An expression, or SQL text that is one.
pub(super) fn condition(value: &Bound<'_, PyAny>, option: &str) -> PyResult<Expr> {
    if let Ok(expr) = value.cast::<PyExpr>() {
        return Ok(expr.get().0.clone());
    }
    match value.cast::<PyString>() {
        Ok(text) => Expr::parse(&text.to_cow()?).or_raise(),
        Err(_) => {
            let found = value.get_type().name()?;
            Err(PyTypeError::new_err(format!("option \"{option}\": expected SQL text or an expression, found {found}")))
        }
    }
}

fn literal(value: &Bound<'_, PyAny>) -> PyResult<Literal> {
    let py = value.py();
    if value.is_none() {
        return Ok(Literal::Null);
    }
    if value.is_instance_of::<PyBool>() {
        return Ok(Literal::Bool(value.extract()?));
    }
    if value.is_instance_of::<PyString>() {
        return Ok(Literal::Text(value.extract()?));
    }
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(Literal::Binary(bytes.as_bytes().to_vec()));
    }
    if value.is_instance_of::<PyFloat>() {
        return Ok(Literal::Float(value.extract()?));
    }
    match value.extract::<i64>() {
        Ok(number) => return Ok(Literal::Int(number)),
        Err(err) if err.is_instance_of::<PyOverflowError>(py) => {
            return Err(PyValueError::new_err(format!("{} does not fit into 64 bits", value.str()?)));
        }
        Err(_) => {}
    }
    let times = py.import("datetime")?;
    if value.is_instance(&times.getattr("datetime")?)? {
        return Ok(Literal::Timestamp(value.call_method1("isoformat", (" ",))?.extract()?));
    }
    if value.is_instance(&times.getattr("date")?)? {
        return Ok(Literal::Date(value.call_method0("isoformat")?.extract()?));
    }
    if value.is_instance(&py.import("decimal")?.getattr("Decimal")?)? {
        // Beside a number column its text is read as such a number, exactly.
        return Ok(Literal::Text(value.str()?.extract()?));
    }
    if let Ok(number) = value.extract::<f64>() {
        return Ok(Literal::Float(number));
    }
    let found = value.get_type().name()?;
    Err(PyTypeError::new_err(format!(
        "an expression cannot hold a {found}\nhint: use None, bool, int, float, str, bytes, date or datetime"
    )))
}

/// One of the words of a list.
fn known<T: Copy>(word: &str, all: &[T], text: fn(T) -> &'static str, what: &str) -> PyResult<T> {
    let found = all.iter().find(|known| text(**known) == word);
    found
        .copied()
        .ok_or_else(|| {
            let words: Vec<_> = all.iter().map(|known| text(*known)).collect();
            let list = format!("there are {}", words.join(", "));
            Error::new(ErrorKind::Expression, format!("no {what} is called {}", quoted(word.as_bytes())))
                .with_hint(suggest(word, words, list))
        })
        .or_raise()
}
