//! Arrow schemas that callers give.

use arrow::datatypes::{DataType, Field, Schema, TimeUnit};

use crate::error::{Error, ErrorKind, Result};
use crate::format::{Column, JsonSchema, JsonType, Member, TypeSpec};

/// The columns that an Arrow schema describes: each field reads the key of its name.
///
/// A length of time has no unit in the log here; it can only be a type of a column that has one.
///
/// **Errors**: [`ErrorKind::TypeMismatch`] for types that columns cannot have, with the field's name.
pub fn json_schema(schema: &Schema) -> Result<JsonSchema> {
    let column = |field: &Field| {
        let keys = vec![field.name().clone()];
        if *field.data_type() == DataType::Duration(TimeUnit::Microsecond) {
            let dtype = TypeSpec { name: "duration".into(), ..TypeSpec::default() };
            return Ok(Column::member(field.name(), keys, &JsonType::Scalar(dtype)));
        }
        let dtype = JsonType::parse(&named(field)?.spec()).map_err(|err| err.with_column(field.name()))?;
        Ok(Column::member(field.name(), keys, &dtype))
    };
    let columns = schema.fields().iter().map(|field| column(field)).collect::<Result<_>>()?;
    Ok(JsonSchema { columns, ignore_case: false })
}

fn named(field: &Field) -> Result<JsonType> {
    json_type(field.data_type()).map_err(|err| match err.column_name() {
        Some(inner) => {
            let name = format!("{}.{inner}", field.name());
            err.with_column(name)
        }
        None => err.with_column(field.name()),
    })
}

fn json_type(dtype: &DataType) -> Result<JsonType> {
    let refused = |hint: &str| {
        let message = format!("columns cannot have Arrow's type {dtype}");
        Err(Error::new(ErrorKind::TypeMismatch, message).with_hint(hint))
    };
    let name = match dtype {
        DataType::Boolean => "bool",
        DataType::Int8 => "int8",
        DataType::Int16 => "int16",
        DataType::Int32 => "int32",
        DataType::Int64 => "int64",
        DataType::Float32 => "float32",
        DataType::Float64 => "float64",
        DataType::Utf8 => "utf8",
        DataType::LargeUtf8 => "large_utf8",
        DataType::Utf8View => "utf8_view",
        DataType::Binary => "binary",
        DataType::Date32 => "date",
        DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) if is_utc(zone) => "timestamp[us]",
        DataType::Timestamp(TimeUnit::Nanosecond, Some(zone)) if is_utc(zone) => "timestamp[ns]",
        DataType::Timestamp(_, Some(zone)) if !is_utc(zone) => {
            return refused("timestamps are UTC: write the zone UTC, and convert the result");
        }
        DataType::Timestamp(TimeUnit::Microsecond, None) => "timestamp_ntz",
        DataType::Timestamp(..) => return refused("write timestamp('us', 'UTC') or timestamp('ns', 'UTC')"),
        DataType::Dictionary(key, value) if (&**key, &**value) == (&DataType::Int32, &DataType::Utf8) => "dictionary",
        DataType::Decimal128(precision, scale) if *scale >= 0 => {
            let name = format!("decimal({precision},{scale})");
            return Ok(JsonType::Scalar(TypeSpec { name, ..TypeSpec::default() }));
        }
        DataType::List(item) | DataType::LargeList(item) => {
            return Ok(JsonType::List(Box::new(json_type(item.data_type())?)));
        }
        DataType::Struct(fields) => {
            let member = |field: &Field| {
                Ok(Member { key: field.name().clone(), name: field.name().clone(), dtype: named(field)? })
            };
            let members = fields.iter().map(|field| member(field)).collect::<Result<_>>()?;
            return Ok(JsonType::Struct(members));
        }
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(fields) if fields.len() == 2 && *fields[0].data_type() == DataType::Utf8 => {
                return Ok(JsonType::Map(Box::new(json_type(fields[1].data_type())?)));
            }
            _ => return refused("keys of JSON are strings: write map<string, ...>"),
        },
        DataType::UInt8 | DataType::UInt16 => return refused("there are no unsigned types: write int32"),
        DataType::UInt32 => return refused("there are no unsigned types: write int64"),
        DataType::UInt64 => return refused("there are no unsigned types: write decimal128(20, 0)"),
        DataType::Duration(_) => {
            return refused("write the type as text, with the unit that the log has: duration(ms)");
        }
        _ => return refused("write string to have the text of strings, or a type as text: json"),
    };
    Ok(JsonType::Scalar(TypeSpec { name: name.into(), ..TypeSpec::default() }))
}

fn is_utc(zone: &str) -> bool {
    matches!(zone, "UTC" | "+00:00")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::datatypes::Fields;

    use super::*;

    fn field(name: &str, dtype: DataType) -> Field {
        Field::new(name, dtype, true)
    }

    fn list(dtype: DataType) -> DataType {
        DataType::List(Arc::new(field("item", dtype)))
    }

    fn map(key: DataType, value: DataType) -> DataType {
        let entries = DataType::Struct(Fields::from(vec![field("key", key), field("value", value)]));
        DataType::Map(Arc::new(field("entries", entries)), false)
    }

    #[test]
    fn fields_are_columns() {
        let inner =
            DataType::Struct(Fields::from(vec![field("x y", DataType::Int8), field("t", list(DataType::Date32))]));
        let of = |unit, zone: Option<&str>| DataType::Timestamp(unit, zone.map(Into::into));
        let schema = Schema::new(vec![
            field("a", DataType::Utf8),
            field("b", list(inner)),
            field("c", map(DataType::Utf8, DataType::Decimal128(10, 2))),
            field("d", of(TimeUnit::Nanosecond, Some("UTC"))),
            field("e", of(TimeUnit::Microsecond, None)),
            field("f", DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))),
        ]);
        let columns = json_schema(&schema).unwrap().columns;
        let types: Vec<_> = columns.iter().map(|column| (&*column.name, &*column.dtype.name)).collect();
        let want = [
            ("a", ""),
            ("b", "list<struct<\"x y\": int8, t: list<date>>>"),
            ("c", "map<utf8,decimal(10,2)>"),
            ("d", "timestamp[ns]"),
            ("e", "timestamp_ntz"),
            ("f", "dictionary"),
        ];
        assert_eq!(types, want);
    }

    #[test]
    fn err_types_that_columns_cannot_have() {
        let error = |dtype: DataType| {
            let outer = DataType::Struct(Fields::from(vec![field("b", dtype)]));
            let err = json_schema(&Schema::new(vec![field("a", outer)])).unwrap_err();
            assert_eq!((err.kind(), err.column_name()), (ErrorKind::TypeMismatch, Some("a.b")));
            err.hint().unwrap_or_default().to_owned()
        };
        assert!(error(DataType::UInt64).contains("decimal128(20, 0)"));
        assert!(error(DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()))).contains("'us'"));
        assert!(error(DataType::Timestamp(TimeUnit::Microsecond, Some("Asia/Tokyo".into()))).contains("UTC"));
        assert!(error(DataType::Duration(TimeUnit::Millisecond)).contains("duration(ms)"));
        assert!(error(map(DataType::Int64, DataType::Utf8)).contains("map<string"));
        assert!(error(list(DataType::Float16)).contains("json"));
    }
}
