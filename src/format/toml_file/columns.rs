//! `[columns]`: entries, request lines, and the order of columns.

use std::ops::Range;

use toml::de::DeTable;

use super::super::{Column, From, Pairs, PathTemplates, RequestPart, TypeSpec};
use super::super::{line, path, spelling};
use super::keys::{File, Value};
use crate::error::Result;

const COLUMN_KEYS: [&str; 14] = [
    "type",
    "folder",
    "format",
    "separators",
    "null",
    "unit",
    "doc",
    "on_demand",
    "key",
    "member",
    "parts",
    "otherwise",
    "query",
    "join",
];

/// One entry of `[columns]`.
#[derive(Clone, Default)]
pub(super) struct Entry {
    pub(super) name: String,
    span: Range<usize>,
    pub(super) dtype: TypeSpec,
    null: Option<Vec<String>>,
    unit: Option<String>,
    doc: String,
    on_demand: Option<bool>,
    key: Option<String>,
    pub(super) folder: Option<String>,
    member: Option<Vec<String>>,
    parts: Option<Parts>,
    join: Option<Vec<(String, String)>>,
}

/// The columns of a request line.
#[derive(Clone)]
struct Parts {
    method: String,
    path: String,
    protocol: String,
    query: String,
}

impl Entry {
    fn column(&self, from: From, on_demand: bool, null: &[String]) -> Column {
        Column {
            name: self.name.clone(),
            from,
            dtype: self.dtype.clone(),
            null: self.null.clone().unwrap_or_else(|| null.to_vec()),
            on_demand: self.on_demand.unwrap_or(on_demand),
            unit: self.unit.clone(),
            doc: self.doc.clone(),
        }
    }
}

impl File<'_> {
    pub(super) fn columns(&self, root: &DeTable<'_>) -> Result<Vec<Entry>> {
        let Some(value) = root.get("columns") else { return Ok(Vec::new()) };
        let table = value.get_ref().as_table().ok_or_else(|| self.expected("columns", value, "a table"))?;
        let (is_json, any_name) = (root.contains_key("json"), root.contains_key("pairs"));
        self.entries(table)
            .into_iter()
            .map(|(name, span, value)| self.column(name, span, value, any_name, is_json))
            .collect()
    }

    fn column(
        &self,
        name: &str,
        span: Range<usize>,
        value: &Value<'_>,
        any_name: bool,
        is_json: bool,
    ) -> Result<Entry> {
        let place = format!(" of column \"{name}\"");
        // Keys are what their writer likes.
        let is_name =
            line::is_name(name) || (any_name || is_json) && !name.is_empty() && !name.chars().any(char::is_control);
        if !is_name {
            return Err(self.error(span, format!("\"{name}\" cannot name a column"), "use letters, digits and _"));
        }
        let table =
            value.get_ref().as_table().ok_or_else(|| self.expected(&format!("columns.{name}"), value, "a table"))?;
        self.known_keys(table, &place, &COLUMN_KEYS)?;
        let dtype = if is_json { self.json_type(name, value, table)?.spec() } else { self.dtype(name, value, table)? };
        let on_demand = match table.get("on_demand") {
            None => None,
            Some(value) => {
                Some(value.get_ref().as_bool().ok_or_else(|| self.expected("on_demand", value, "true or false"))?)
            }
        };
        let parts = self.parts(name, value, table)?;
        if parts.is_some() && !dtype.is_text() {
            let hint = "leave type out: types belong to the parts";
            return Err(self.error(span, "a request line is text", hint).with_column(name));
        }
        Ok(Entry {
            name: name.to_owned(),
            span,
            dtype,
            null: self.texts(table, "null")?,
            unit: self.text(table, "unit")?,
            doc: self.text(table, "doc")?.unwrap_or_default(),
            on_demand,
            key: self.text(table, "key")?,
            folder: self.text(table, "folder")?,
            member: self.keys(table, "member")?,
            parts,
            join: self.join(name, table)?,
        })
    }

    /// The type of a column that is not JSON.
    fn dtype(&self, name: &str, value: &Value<'_>, table: &DeTable<'_>) -> Result<TypeSpec> {
        let name_of_type = self.text(table, "type")?.unwrap_or_default();
        let name_of_type = spelling::ours(&name_of_type).map_err(|bad| {
            self.error(table.get("type").unwrap_or(value).span(), bad.message, bad.hint).with_column(name)
        })?;
        let dtype = TypeSpec {
            name: name_of_type,
            format: self.text(table, "format")?,
            separators: self.texts(table, "separators")?.unwrap_or_default(),
        };
        dtype.check().map_err(|bad| {
            let at = ["format", "type", "separators"].iter().find_map(|key| table.get(*key)).unwrap_or(value);
            self.error(at.span(), bad.message, bad.hint).with_column(name)
        })?;
        Ok(dtype)
    }

    /// The captures that a column joins.
    fn join(&self, name: &str, table: &DeTable<'_>) -> Result<Option<Vec<(String, String)>>> {
        let (Some(text), Some(value)) = (self.text(table, "join")?, table.get("join")) else { return Ok(None) };
        line::parse_join(&text).map(Some).ok_or_else(|| {
            let message = "key \"join\": expected captures with text before and between them";
            self.error(value.span(), message, "write join = \"{date} {time}\"").with_column(name)
        })
    }

    fn parts(&self, name: &str, value: &Value<'_>, table: &DeTable<'_>) -> Result<Option<Parts>> {
        const HINT: &str = "write parts = \"{method} {path} {protocol}\", otherwise = \"path\"";
        let (parts, otherwise) = (self.text(table, "parts")?, self.text(table, "otherwise")?);
        let query = self.text(table, "query")?;
        let wrong = |what: &str| Err(self.error(value.span(), what, HINT).with_column(name));
        let Some(text) = parts else {
            return match otherwise.or(query) {
                Some(_) => wrong("keys \"otherwise\" and \"query\" need key \"parts\""),
                None => Ok(None),
            };
        };
        let names: Option<Vec<&str>> = text
            .split(' ')
            .map(|part| part.strip_prefix('{')?.strip_suffix('}').filter(|name| line::is_name(name)))
            .collect();
        let Some([method, path, protocol]) = names.as_deref() else {
            return wrong("key \"parts\": expected three captures with a space between them");
        };
        if otherwise.as_deref() != Some(*path) {
            return wrong("key \"otherwise\" must name the second part: it holds what is not a request line");
        }
        Ok(Some(Parts {
            method: (*method).to_owned(),
            path: (*path).to_owned(),
            protocol: (*protocol).to_owned(),
            query: query.unwrap_or_else(|| "query".to_owned()),
        }))
    }

    /// The columns of a JSON format, in the order of the file, and those of the path.
    pub(super) fn members(
        &self,
        entries: &[Entry],
        null: &[String],
        path: Option<&PathTemplates>,
    ) -> Result<Vec<Column>> {
        let of_path: Vec<&str> = path.iter().flat_map(|templates| path::names(templates)).collect();
        let mut columns = Vec::with_capacity(entries.len());
        for own in entries {
            let wrong = |what: &str, hint: &str| Err(self.error(own.span.clone(), what, hint).with_column(&own.name));
            for (key, is_there) in
                [("key", own.key.is_some()), ("join", own.join.is_some()), ("parts", own.parts.is_some())]
            {
                if is_there {
                    return wrong(
                        &format!("key \"{key}\" does not go with JSON"),
                        "say with member where the value stands",
                    );
                }
            }
            let is_of_path = of_path.contains(&own.name.as_str());
            if is_of_path && own.member.is_some() {
                let what = format!("column \"{}\" reads the path, not a member", own.name);
                return wrong(&what, "give the capture of the path another name");
            }
            if let Some(key) = &own.folder {
                columns.push(own.column(From::Folder(key.clone()), true, null));
            } else if !is_of_path {
                let keys = own.member.clone().unwrap_or_else(|| vec![own.name.clone()]);
                columns.push(own.column(From::Member(keys), false, null));
            }
        }
        columns.extend(self.path_columns(entries, null, path)?);
        Ok(columns)
    }

    /// The columns that the path gives.
    fn path_columns(&self, entries: &[Entry], null: &[String], path: Option<&PathTemplates>) -> Result<Vec<Column>> {
        let mut columns = Vec::new();
        for name in path.iter().flat_map(|templates| path::names(templates)) {
            let own = entries.iter().find(|entry| entry.name == name).cloned();
            let own = own.unwrap_or_else(|| Entry { name: name.to_owned(), ..Entry::default() });
            if !own.dtype.is_text() {
                let what = format!("column \"{name}\": a part of the path is text");
                return Err(self.error(own.span, what, "leave its type out, and cast the result"));
            }
            let from = From::Path(path.cloned().unwrap_or_default(), name.to_owned());
            columns.push(own.column(from, true, null));
        }
        Ok(columns)
    }

    /// Puts the columns in order: as the lines name them, then as the file does.
    pub(super) fn arrange(
        &self,
        entries: &[Entry],
        captures: &[String],
        null: &[String],
        pairs: Option<&Pairs>,
        path: Option<PathTemplates>,
    ) -> Result<Vec<Column>> {
        let entry = |name: &str| {
            let found = entries.iter().find(|entry| entry.name == name);
            found.cloned().unwrap_or_else(|| Entry { name: name.to_owned(), ..Entry::default() })
        };
        let both = |own: &&Entry| own.folder.is_some() && (own.parts.is_some() || captures.contains(&own.name));
        if let Some(own) = entries.iter().find(both) {
            let message = format!("column \"{}\" is of the line and of a folder", own.name);
            return Err(self.error(own.span.clone(), message, "give one of them another name"));
        }
        let mut columns: Vec<Column> = Vec::new();
        for capture in captures {
            // Captures that are joined are no columns of their own; the joined one stands where its first capture does.
            let holds = |entry: &&Entry| entry.join.iter().flatten().any(|(_, part)| part == capture);
            if let Some(joined) = entries.iter().find(holds) {
                let parts = joined.join.clone().unwrap_or_default();
                let missing = parts.iter().find(|(_, part)| !captures.contains(part));
                if let Some((_, part)) = missing {
                    let message = format!("no capture \"{part}\" to join");
                    return Err(self.error(joined.span.clone(), message, "name captures of the line"));
                }
                if !columns.iter().any(|column| column.name == joined.name) {
                    columns.push(joined.column(From::Joined(parts), false, null));
                }
                continue;
            }
            let own = entry(capture);
            let Some(parts) = &own.parts else {
                columns.push(own.column(From::Capture(capture.clone()), false, null));
                continue;
            };
            let named = [
                (&parts.method, RequestPart::Method),
                (&parts.path, RequestPart::Path),
                (&parts.protocol, RequestPart::Protocol),
            ];
            for (name, part) in named {
                columns.push(entry(name).column(From::Request(capture.clone(), part), false, null));
            }
        }
        columns.extend(self.path_columns(entries, null, path.as_ref())?);
        for own in entries {
            if columns.iter().any(|column| column.name == own.name) {
                continue;
            }
            let of_query = entries.iter().find(|other| other.parts.as_ref().is_some_and(|p| p.query == own.name));
            if let Some(key) = &own.folder {
                columns.push(own.column(From::Folder(key.clone()), false, null));
            } else if own.parts.is_some() && captures.contains(&own.name) {
                columns.push(own.column(From::Capture(own.name.clone()), true, null));
            } else if let Some(request) = of_query.filter(|request| captures.contains(&request.name)) {
                let from = From::Request(request.name.clone(), RequestPart::Query);
                columns.push(own.column(from, true, null));
            } else if let Some(pairs) = pairs {
                let key = own.key.clone().unwrap_or_else(|| own.name.clone());
                columns.push(own.column(From::Key(key), pairs.found, null));
            } else {
                let message = format!("no capture feeds column \"{}\"", own.name);
                let hint = format!("name it in line as {{{}}}, or leave the column out", own.name);
                return Err(self.error(own.span.clone(), message, hint));
            }
        }
        for request in entries {
            if let Some(parts) = &request.parts {
                let from = From::Request(request.name.clone(), RequestPart::Query);
                if !columns.iter().any(|column| column.from == from) {
                    columns.push(entry(&parts.query).column(from, true, null));
                }
            }
        }
        if let Some(own) = entries.iter().find(|own| own.member.is_some()) {
            let hint = "write json = {} for records that are JSON, or leave member out";
            return Err(self.error(own.span.clone(), "key \"member\" without JSON", hint));
        }
        if pairs.is_none()
            && let Some(own) = entries.iter().find(|own| own.key.is_some())
        {
            let hint = "end the line with {:pairs}, and say in [pairs] how they are written";
            return Err(self.error(own.span.clone(), "key \"key\" without key-value pairs", hint));
        }
        for (idx, column) in columns.iter().enumerate() {
            if columns[..idx].iter().any(|other| other.name == column.name) {
                let span = entries.iter().find(|entry| entry.parts.is_some()).map_or(0..0, |entry| entry.span.clone());
                let message = format!("two columns are called \"{}\"", column.name);
                return Err(self.error(span, message, "give the part, or the capture, another name"));
            }
        }
        Ok(columns)
    }
}
