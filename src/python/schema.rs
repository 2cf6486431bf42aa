//! Schemas that callers give.

use arrow::datatypes::SchemaRef;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use super::error::OrRaise;
use crate::format::JsonSchema;
use crate::plan::json_schema;

/// The columns of a text, or of what has an Arrow schema.
pub(super) fn schema_of(schema: &Bound<'_, PyAny>) -> PyResult<JsonSchema> {
    if let Ok(text) = schema.extract::<String>() {
        return JsonSchema::parse(&text).or_raise();
    }
    if !schema.hasattr("__arrow_c_schema__")? {
        let found = schema.get_type().name()?;
        return Err(PyTypeError::new_err(format!(
            "a schema is a pyarrow.Schema, a dict of types by key, a CREATE TABLE statement or JSON text, not {found}"
        )));
    }
    let schema: SchemaRef = schema.extract::<pyo3_arrow::PySchema>()?.into_inner();
    json_schema(&schema).or_raise()
}
