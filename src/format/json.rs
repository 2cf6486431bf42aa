//! JSON layouts: what a record's members are, and the types of nested columns.

mod file;
mod schema;
mod text;

use super::{Column, Extra, Format, Framing, From, Layout, TypeSpec};
use crate::error::Result;
pub(super) use file::member_value;
pub use schema::JsonSchema;

/// Records that are JSON objects.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Json {
    /// Keys are matched without regard to case (ASCII).
    pub ignore_case: bool,
    /// How values follow one another is found in each source: a line each, one behind the other, in an array, or in an
    /// array under a key.
    pub find_framing: bool,
    /// The columns are found in a sample of the source.
    pub find_columns: bool,
    /// Where attribute values of DynamoDB stand, which are the columns that are found: what stands before their names, and the
    /// keys of the object that holds them.
    pub attributes: Vec<(String, Vec<String>)>,
    /// The keys, from the outside in, of an array whose elements are a row each; columns outside of it have the same value in
    /// all of them. Without keys a record is one row.
    pub explode: Vec<String>,
    /// Keys that each record has, by which sniffing knows the format.
    pub sniff: Vec<String>,
    /// Which records are skipped.
    pub skip: Option<Skip>,
}

/// Records that are none for a reader, such as control messages: the text of a member tells them.
#[derive(Clone, Debug, PartialEq)]
pub struct Skip {
    /// The keys of the member, from the outside in.
    pub member: Vec<String>,
    /// Its text, as it is written between its quotes.
    pub value: String,
}

/// The type of a value in a JSON layout.
#[derive(Clone, Debug, PartialEq)]
pub enum JsonType {
    /// A text, number, truth value or time: what a column of this type reads from the value's text. `json` is the value as
    /// it is written, whatever it is.
    Scalar(TypeSpec),
    /// An object whose keys are known.
    Struct(Vec<Member>),
    /// An array.
    List(Box<JsonType>),
    /// An object whose keys are data.
    Map(Box<JsonType>),
}

/// How [`Format::json`] reads JSON.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JsonOptions {
    /// The columns; `None` to find them in a sample of each source.
    pub schema: Option<JsonSchema>,
    /// The keys under which each value holds an array of records, from the outside in; none for values that are records,
    /// or arrays of them. `None` to find out.
    pub records: Option<Vec<String>>,
    /// Keys are matched without regard to case (ASCII).
    pub ignore_case: bool,
}

impl Format {
    /// A format whose records are JSON objects; unknown keys are counted.
    ///
    /// **Errors**: as [`Format::with_schema`].
    ///
    /// ```
    /// use logarrow::Format;
    /// use logarrow::format::{JsonOptions, JsonSchema};
    /// let schema = JsonSchema::of_types(&[("id", "int64"), ("user", "struct<name: utf8, tags: list<utf8>>")])?;
    /// let options = JsonOptions { schema: Some(schema), records: Some(vec!["Records".into()]), ..JsonOptions::default() };
    /// assert_eq!(Format::json(options)?.columns.len(), 2);
    /// # Ok::<(), logarrow::Error>(())
    /// ```
    pub fn json(options: JsonOptions) -> Result<Self> {
        let format = Self {
            name: "json".into(),
            aliases: Vec::new(),
            title: "JSON objects".into(),
            source: String::new(),
            layout: Layout::Json(Json {
                ignore_case: options.ignore_case,
                find_framing: options.records.is_none(),
                find_columns: true,
                ..Json::default()
            }),
            framing: options.records.map_or(Framing::Lines, Framing::Values),
            columns: Vec::new(),
            extra: Extra::Count,
            comments: Vec::new(),
            skip_lines: 0,
            inner: None,
            notes: Vec::new(),
            timezone: None,
            samples: Vec::new(),
            rejects: Vec::new(),
        };
        match options.schema {
            Some(schema) => format.with_schema(&schema),
            None => Ok(format),
        }
    }

    /// Whether its records are JSON.
    pub fn is_json(&self) -> bool {
        matches!(self.layout, Layout::Json(_))
    }

    /// Whether one record may be several rows.
    pub fn explodes(&self) -> bool {
        matches!(&self.layout, Layout::Json(json) if !json.explode.is_empty())
    }

    /// The same format with further columns, found in a sample of a source, behind its own. A column of its own keeps its
    /// type, wherever it reads from; one on demand is then shown. One of another place gets another name.
    pub fn with_found(mut self, found: Vec<Column>) -> Self {
        let Layout::Json(json) = &mut self.layout else { return self };
        json.find_columns = false;
        let own = self.columns.len();
        let mut shown = Vec::new();
        for mut column in found {
            if let Some(at) = self.columns[..own].iter().position(|known| known.from == column.from) {
                if self.columns[at].on_demand {
                    shown.push(at);
                    self.columns.push(Column { on_demand: false, ..self.columns[at].clone() });
                }
                continue;
            }
            while self.columns.iter().any(|known| known.name == column.name) {
                column.name.push('_');
            }
            self.columns.push(column);
        }
        let mut at = 0;
        self.columns.retain(|_| {
            at += 1;
            !shown.contains(&(at - 1))
        });
        self
    }

    /// The column of this name of a JSON format that has none such: the member of the name, or the attribute value.
    pub(crate) fn member_called(&self, name: &str) -> Column {
        let Layout::Json(json) = &self.layout else { return Column::default() };
        let places = json.attributes.iter().filter(|(prefix, _)| name.starts_with(prefix.as_str()));
        match places.max_by_key(|(prefix, _)| prefix.len()) {
            Some((prefix, keys)) => Column::attribute(name, keys, &name[prefix.len()..], None),
            None => Column::member(name, vec![name.to_owned()], &JsonType::default()),
        }
    }
}

impl Column {
    /// A column that reads the value under these keys of a JSON record.
    pub(crate) fn member(name: &str, keys: Vec<String>, dtype: &JsonType) -> Self {
        Self { name: name.to_owned(), from: From::Member(keys), dtype: dtype.spec(), ..Self::default() }
    }
}

impl Column {
    /// A column that reads an attribute value of DynamoDB, one of those under `keys`, as the type of this text.
    pub(crate) fn attribute(name: &str, keys: &[String], key: &str, held: Option<String>) -> Self {
        let keys = keys.iter().cloned().chain([key.to_owned()]).collect();
        let dtype = TypeSpec { name: super::types::ATTRIBUTE.into(), format: held, separators: Vec::new() };
        Self::member(name, keys, &JsonType::Scalar(dtype))
    }
}

impl Default for JsonType {
    fn default() -> Self {
        Self::Scalar(TypeSpec::default())
    }
}

/// A member of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Its key in the log.
    pub key: String,
    /// Its name in the schema.
    pub name: String,
    /// Its type.
    pub dtype: JsonType,
}
