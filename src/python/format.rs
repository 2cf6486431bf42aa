//! Formats and schemas.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict, PyList};
use pyo3_arrow::ffi::to_schema_pycapsule;

use super::error::OrRaise;
use super::schema::schema_of;
use crate::error::{Error, ErrorKind};
use crate::format::{self, Anchored, Escape, Format, GrokOptions, JsonOptions, Pairs, RegexOptions, Semantics};
use crate::options::Options;
use crate::plan::Plan;

/// The columns of something.
#[pyclass(frozen, name = "Schema", module = "logarrow._logarrow")]
pub(super) struct PySchema(pub(super) SchemaRef);

#[pymethods]
impl PySchema {
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        Ok(to_schema_pycapsule(py, self.0.as_ref())?)
    }
}

/// A log format.
#[pyclass(frozen, name = "Format", module = "logarrow._logarrow")]
pub(super) struct PyFormat(pub(super) Arc<Format>);

#[pymethods]
impl PyFormat {
    #[staticmethod]
    fn named(name: &str) -> PyResult<Self> {
        format::named(name).or_raise().map(Self)
    }

    #[staticmethod]
    fn apache(log_format: &str) -> PyResult<Self> {
        Format::apache(log_format).or_raise().map(Self::new)
    }

    #[staticmethod]
    fn nginx(log_format: &str) -> PyResult<Self> {
        Format::nginx(log_format).or_raise().map(Self::new)
    }

    #[staticmethod]
    #[expect(clippy::too_many_arguments, reason = "the keywords of the Python method, all with a default there")]
    fn key_value(
        separator: String,
        assign: &str,
        quotes: String,
        escape: &str,
        bare: bool,
        strict: bool,
        labels: bool,
        until_key: bool,
    ) -> PyResult<Self> {
        let escape = match escape {
            "none" => Ok(Escape::None),
            "json" => Ok(Escape::Json),
            "cef" => Ok(Escape::Cef),
            other => Err(Error::new(ErrorKind::FormatSyntax, format!("no escape rule of pairs is called \"{other}\""))
                .with_hint("known: none, json, cef")),
        };
        let [assign] = *assign.as_bytes() else {
            let err = Error::new(ErrorKind::FormatSyntax, "one byte stands between a key and its value");
            return Err(err.with_hint("for example assign=\"=\"")).or_raise();
        };
        let escape = escape.or_raise()?;
        let pairs = Pairs { separator, assign, quotes, escape, bare, strict, labels, until_key, ..Pairs::default() };
        Format::key_value(pairs).or_raise().map(Self::new)
    }

    #[staticmethod]
    fn regex(patterns: Vec<String>, anchored: &str, columns: Vec<String>) -> PyResult<Self> {
        let anchored = Anchored::parse(anchored).or_raise()?;
        Format::regex_with(&patterns, &RegexOptions { anchored, columns }).or_raise().map(Self::new)
    }

    #[staticmethod]
    fn grok(patterns: Vec<String>, definitions: BTreeMap<String, String>, ecs: bool) -> PyResult<Self> {
        Format::grok_with(&patterns, &GrokOptions { definitions, ecs }).or_raise().map(Self::new)
    }

    #[staticmethod]
    fn dissect(pattern: &str, append_separator: Option<&str>) -> PyResult<Self> {
        Format::dissect(pattern, append_separator).or_raise().map(Self::new)
    }

    #[staticmethod]
    fn hive(ddl: &str, semantics: &str) -> PyResult<Self> {
        let semantics = Semantics::parse(semantics).or_raise()?;
        Format::hive_with(ddl, semantics).or_raise().map(Self::new)
    }

    #[staticmethod]
    fn log4j(pattern: &str) -> PyResult<Self> {
        Format::log4j(pattern).or_raise().map(Self::new)
    }

    #[staticmethod]
    fn python_logging(fmt: &str, style: &str, datefmt: Option<&str>) -> PyResult<Self> {
        Format::python_logging(fmt, style, datefmt).or_raise().map(Self::new)
    }

    #[staticmethod]
    fn vpc_flow(format: &str) -> PyResult<Self> {
        Format::vpc_flow(format).or_raise().map(Self::new)
    }

    #[staticmethod]
    fn cloudfront_realtime(fields: Vec<String>) -> PyResult<Self> {
        Format::cloudfront_realtime(&fields).or_raise().map(Self::new)
    }

    #[staticmethod]
    fn delimited(delimiter: &str, quote: Option<char>, fields: Vec<String>) -> PyResult<Self> {
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        Format::delimited(delimiter, quote, &fields).or_raise().map(Self::new)
    }

    #[staticmethod]
    fn json(schema: Option<&Bound<'_, PyAny>>, records: Option<Vec<String>>, ignore_case: bool) -> PyResult<Self> {
        let schema = schema.map(schema_of).transpose()?;
        Format::json(JsonOptions { schema, records, ignore_case }).or_raise().map(Self::new)
    }

    #[staticmethod]
    fn from_toml(text: &str, origin: &str) -> PyResult<Self> {
        Format::from_toml(text, origin).or_raise().map(Self::new)
    }

    #[getter]
    fn name(&self) -> &str {
        &self.0.name
    }

    #[getter]
    fn aliases(&self) -> Vec<String> {
        self.0.aliases.clone()
    }

    #[getter]
    fn title(&self) -> &str {
        &self.0.title
    }

    #[getter]
    fn source(&self) -> &str {
        &self.0.source
    }

    #[getter]
    fn schema(&self) -> PyResult<PySchema> {
        let plan = Plan::new(&self.0, &Options::default()).or_raise()?;
        Ok(PySchema(plan.schema().clone()))
    }

    #[getter]
    fn fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let fields = PyList::empty(py);
        for column in &self.0.columns {
            let field = PyDict::new(py);
            field.set_item("name", &column.name)?;
            field.set_item("type", if column.dtype.name.is_empty() { "utf8" } else { &column.dtype.name })?;
            field.set_item("on_demand", column.on_demand)?;
            field.set_item("unit", &column.unit)?;
            field.set_item("doc", &column.doc)?;
            fields.append(field)?;
        }
        Ok(fields)
    }

    #[getter]
    fn samples<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let samples = PyList::empty(py);
        for sample in &self.0.samples {
            let entry = PyDict::new(py);
            entry.set_item("line", &sample.line)?;
            entry.set_item("row", table(py, &sample.row)?)?;
            samples.append(entry)?;
        }
        Ok(samples)
    }

    fn with_types(&self, types: &Bound<'_, PyAny>) -> PyResult<Self> {
        let items = types.call_method0("items")?;
        let types = items.try_iter()?.map(|item| item?.extract()).collect::<PyResult<Vec<(String, String)>>>()?;
        Format::clone(&self.0).with_types(&types).or_raise().map(Self::new)
    }

    fn with_schema(&self, schema: &Bound<'_, PyAny>) -> PyResult<Self> {
        let schema = schema_of(schema)?;
        Format::clone(&self.0).with_schema(&schema).or_raise().map(Self::new)
    }

    fn to_toml(&self) -> String {
        self.0.to_toml()
    }

    fn explain(&self) -> PyResult<String> {
        Plan::new(&self.0, &Options::default()).and_then(|plan| plan.explain()).or_raise()
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| self.0 == other.get().0)
    }

    fn __hash__(&self) -> u64 {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        self.0.name.hash(&mut hasher);
        hasher.finish()
    }
}

impl PyFormat {
    fn new(format: Format) -> Self {
        Self(Arc::new(format))
    }
}

fn table<'py>(py: Python<'py>, table: &toml::Table) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (key, item) in table {
        dict.set_item(key, value(py, item)?)?;
    }
    Ok(dict)
}

fn value<'py>(py: Python<'py>, value: &toml::Value) -> PyResult<Bound<'py, PyAny>> {
    match value {
        toml::Value::String(text) => text.into_bound_py_any(py),
        toml::Value::Integer(number) => number.into_bound_py_any(py),
        toml::Value::Float(number) => number.into_bound_py_any(py),
        toml::Value::Boolean(truth) => truth.into_bound_py_any(py),
        toml::Value::Datetime(time) => time.to_string().into_bound_py_any(py),
        toml::Value::Array(items) => {
            let list = PyList::empty(py);
            for item in items {
                list.append(self::value(py, item)?)?;
            }
            Ok(list.into_any())
        }
        toml::Value::Table(inner) => Ok(table(py, inner)?.into_any()),
    }
}
