//! Schemas that callers give, as text.

use simd_json::{Node, StaticNode};

use super::super::{Column, Format, From, Layout};
use super::{JsonType, Member};
use crate::error::{Error, ErrorKind, Result};

/// Columns and their types, as of JSON records; what [`Format::with_schema`] makes a format read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JsonSchema {
    /// The columns.
    pub columns: Vec<Column>,
    /// Keys are matched without regard to case (ASCII).
    pub ignore_case: bool,
}

impl JsonSchema {
    /// A column for each key, with its type as [`JsonType::from_text`] reads it.
    ///
    /// **Errors**: as [`JsonType::from_text`], with the column's name.
    pub fn of_types<N: AsRef<str>, T: AsRef<str>>(types: &[(N, T)]) -> Result<Self> {
        let column = |(name, text): &(N, T)| {
            let name = name.as_ref();
            let dtype = JsonType::from_text(text.as_ref()).map_err(|err| err.with_column(name))?;
            Ok(Column::member(name, vec![name.to_owned()], &dtype))
        };
        Ok(Self { columns: types.iter().map(column).collect::<Result<_>>()?, ignore_case: false })
    }

    /// The columns of a text: a `CREATE TABLE` statement as for [`Format::hive`], a type `struct<name: type, ...>`, or a JSON
    /// object of types by key, where an object stands for a struct and an array of one type for a list.
    ///
    /// **Errors**: [`ErrorKind::FormatSyntax`] for a text that is neither; those of [`Format::hive`] and
    /// [`JsonType::from_text`].
    ///
    /// ```
    /// use logarrow::format::JsonSchema;
    /// let text = r#"{"id": "int64", "user": {"name": "utf8", "tags": ["utf8"]}}"#;
    /// let schema = JsonSchema::parse(text)?;
    /// assert_eq!(schema.columns[1].dtype.name, "struct<name: utf8, tags: list<utf8>>");
    /// # Ok::<(), logarrow::Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        if text.get(..7).is_some_and(|head| head.eq_ignore_ascii_case("struct<")) {
            let dtype = JsonType::from_text(&format!("struct{}", &text[6..]))?;
            return Ok(Self::of_members(&dtype));
        }
        if !text.starts_with('{') {
            let format = Format::hive(text)?;
            let ignore_case = matches!(&format.layout, Layout::Json(json) if json.ignore_case);
            let columns = if format.is_json() { format.columns } else { types_alone(format.columns) };
            return Ok(Self { columns, ignore_case });
        }
        let mut bytes = text.as_bytes().to_vec();
        let tape = simd_json::to_tape(&mut bytes).map_err(|err| {
            Error::new(ErrorKind::FormatSyntax, "a schema in JSON cannot be read").with_hint(HINT).with_cause(err)
        })?;
        let mut nodes = tape.0.iter();
        let dtype = typed(&mut nodes, 0)?;
        let JsonType::Struct(members) = dtype else { return Err(wrong("no object")) };
        let column = |member: &Member| {
            // Checks what a struct's members are checked for.
            let dtype = JsonType::parse(&member.dtype.spec()).map_err(|err| err.with_column(&member.name))?;
            Ok(Column::member(&member.name, vec![member.key.clone()], &dtype))
        };
        Ok(Self { columns: members.iter().map(column).collect::<Result<_>>()?, ignore_case: false })
    }

    /// A column for each member of a struct.
    fn of_members(dtype: &JsonType) -> Self {
        let members = if let JsonType::Struct(members) = dtype { &members[..] } else { &[] };
        let column = |member: &Member| Column::member(&member.name, vec![member.key.clone()], &member.dtype);
        Self { columns: members.iter().map(column).collect(), ignore_case: false }
    }
}

const HINT: &str = "write {\"name\": \"type\"}, struct<name: type>, or a CREATE TABLE statement";

fn wrong(what: &str) -> Error {
    Error::new(ErrorKind::FormatSyntax, format!("a schema in JSON is an object of types by key; this is {what}"))
        .with_hint(HINT)
}

/// The columns of a table of lines: values of the same types under their names.
fn types_alone(columns: Vec<Column>) -> Vec<Column> {
    let member = |column: Column| Column { from: From::Member(vec![column.name.clone()]), ..column };
    columns.into_iter().map(member).collect()
}

/// The type that a value of the schema stands for.
fn typed<'t>(nodes: &mut impl Iterator<Item = &'t Node<'t>>, depth: usize) -> Result<JsonType> {
    if depth > 64 {
        return Err(wrong("nested more than 64 deep"));
    }
    match nodes.next() {
        Some(Node::String(text)) => JsonType::from_text(text),
        Some(Node::Object { len, .. }) if *len > 0 => {
            let mut members = Vec::with_capacity(*len);
            for _ in 0..*len {
                let Some(Node::String(key)) = nodes.next() else { return Err(wrong("a key that is no text")) };
                let dtype = typed(nodes, depth + 1).map_err(|err| match err.column_name() {
                    Some(name) => {
                        let name = format!("{key}.{name}");
                        err.with_column(name)
                    }
                    None => err.with_column(*key),
                })?;
                members.push(Member { key: (*key).to_owned(), name: (*key).to_owned(), dtype });
            }
            Ok(JsonType::Struct(members))
        }
        Some(Node::Array { len: 1, .. }) => Ok(JsonType::List(Box::new(typed(nodes, depth + 1)?))),
        Some(Node::Object { .. }) => Err(wrong("an object without keys")),
        Some(Node::Array { .. }) => Err(wrong("an array of other than one type")),
        Some(Node::Static(StaticNode::Null)) => Err(wrong("null")),
        Some(Node::Static(_)) => Err(wrong("a number or truth value")),
        None => Err(wrong("nothing")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::{JsonOptions, TypeSpec};

    fn json(schema: JsonSchema) -> Format {
        Format::json(JsonOptions { schema: Some(schema), ..JsonOptions::default() }).unwrap()
    }

    #[test]
    fn types_by_key() {
        let text =
            r#" {"b": "bigserial", "a": {"x": ["int64"], "y": {"z": "map<string, string>"}}, "t.u": "timestamp"}"#;
        let err = JsonSchema::parse(text).unwrap_err();
        assert_eq!((err.kind(), err.column_name()), (ErrorKind::TypeMismatch, Some("b")));
        let schema = JsonSchema::parse(&text.replace("bigserial", "string")).unwrap();
        let types: Vec<_> = schema.columns.iter().map(|c| (c.name.as_str(), c.dtype.name.as_str())).collect();
        let nested = "struct<x: list<int64>, y: struct<z: map<utf8,utf8>>>";
        assert_eq!(types, [("b", ""), ("a", nested), ("t.u", "timestamp")]);
        assert_eq!(schema.columns[2].from, From::Member(vec!["t.u".into()]));
        assert_eq!(schema.columns[2].dtype.format.as_deref(), Some("iso8601"));
        let pairs = [("b", "string"), ("a", nested), ("t.u", "timestamp")];
        assert_eq!(JsonSchema::of_types(&pairs).unwrap(), schema);
        let text = format!(" STRUCT<b: string, a: {nested}, t.u: timestamp> ");
        assert_eq!(JsonSchema::parse(&text).unwrap(), schema);
        let renamed = JsonSchema::parse("struct<userName as user: utf8>").unwrap();
        assert_eq!(renamed.columns, [Column::member("user", vec!["userName".into()], &JsonType::default())]);
    }

    #[test]
    fn err_no_schema() {
        for (text, want) in [
            ("{\"a\"}", "a schema in JSON cannot be read"),
            ("{}", "this is an object without keys"),
            (r#"{"a": 1}"#, "column \"a\": a schema in JSON is an object of types by key; this is a number"),
            (r#"{"a": ["utf8", "utf8"]}"#, "this is an array of other than one type"),
            (r#"{"a": {"b": "int6"}}"#, "column \"a.b\": unknown type \"int6\""),
            (r#"{"a": {"b": "utf8", "b": "utf8"}}"#, "column \"a\": two members have the key \"b\""),
            ("id int64", "expected CREATE TABLE"),
            ("struct<>", "a struct without members"),
            ("struct<a: int6>", "unknown type \"int6\""),
            ("struct<a: utf8> b", "expected the end"),
        ] {
            let err = JsonSchema::parse(text).unwrap_err().to_string();
            assert!(err.contains(want), "{text}: {err}");
        }
        let deep = format!("{}\"utf8\"{}", "{\"a\":".repeat(100), "}".repeat(100));
        assert!(JsonSchema::parse(&deep).unwrap_err().to_string().contains("nested more than 64 deep"));
        let twice = JsonSchema::of_types(&[("a", "utf8"), ("a", "int64")]).unwrap();
        let err = Format::json(JsonOptions { schema: Some(twice), ..JsonOptions::default() }).unwrap_err();
        assert_eq!(err.message(), "two columns are called \"a\"");
    }

    #[test]
    fn types_of_json_columns_change() {
        let format = json(JsonSchema::of_types(&[("t", "timestamp(epoch_ms)"), ("l", "list<utf8>")]).unwrap());
        let format = format.with_types(&[("t", "timestamp[ns]"), ("l", "list<int64>"), ("m", "map")]).unwrap();
        let t = TypeSpec { name: "timestamp[ns]".into(), format: Some("epoch_ms".into()), separators: Vec::new() };
        assert_eq!(format.columns[0].dtype, t);
        assert_eq!(format.columns[1].dtype.name, "list<int64>");
        assert_eq!(format.columns[2].from, From::Member(vec!["m".into()]));
        let err = format.with_types(&[("l", "list<strin>")]).unwrap_err();
        assert_eq!((err.kind(), err.column_name()), (ErrorKind::TypeMismatch, Some("l")));
    }

    #[test]
    fn found_columns_stand_behind() {
        let options = JsonOptions::default();
        let format = Format::json(options).unwrap().with_types(&[("a", "int64")]).unwrap();
        let of = |name: &str| Column::member(name, vec![name.to_owned()], &JsonType::default());
        let odd = Column { from: From::Member(vec!["a".into(), "b".into()]), ..of("a") };
        let format = format.with_found(vec![of("a"), odd, of("c")]);
        let names: Vec<_> = format.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!((names, format.columns[0].dtype.name.as_str()), (vec!["a", "a_", "c"], "int64"));
        assert!(matches!(&format.layout, Layout::Json(json) if !json.find_columns));
    }
}
