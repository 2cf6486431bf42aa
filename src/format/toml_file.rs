//! Formats from TOML text.
//!
//! The keys of a file: `name`, `aliases`, `title`, `source`, `line` (a text, or alternatives that are tried in turn;
//! their syntax is in `line.rs`), `escape` (`none`, `httpd`, `nginx`, `json`), `null` (texts that mean null in every
//! column), `extra` (`reject`, `column`, `count`), `comment`, `timezone`, `[columns]`, `[[sample]]` with `line` and
//! `row`, `[[reject]]` with `line` and `why`.
//!
//! A column has `type` (`utf8` unless said), `format`, `separators`, `null`, `unit`, `doc`, `on_demand`. A capture that
//! holds an HTTP request line has `parts = "{method} {path} {protocol}"` and `otherwise = "path"` (and, if `query` is
//! not the name wanted, `query`): it gives these columns, and on demand the query string and its whole text. Columns
//! come in the order in which the lines name them, then the others in the order of the file.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::line::{self, Around};
use super::{Column, Escape, Extra, Format, From, Layout, RejectSample, RequestPart, Sample, TypeSpec, names};
use crate::error::{Error, ErrorKind, Position, Result};

const KEYS: [&str; 13] = [
    "name", "aliases", "title", "source", "line", "escape", "null", "extra", "comment", "timezone", "columns",
    "sample", "reject",
];
const COLUMN_KEYS: [&str; 10] =
    ["type", "format", "separators", "null", "unit", "doc", "on_demand", "parts", "otherwise", "query"];

impl Format {
    /// Reads a format from TOML text; `origin_name` is what errors call it (a path, usually).
    ///
    /// **Errors**: [`ErrorKind::FormatSyntax`], with line and column in the text.
    ///
    /// ```
    /// let format = logarrow::format::Format::from_toml(r#"
    ///     name = "own.access"
    ///     line = '{host} [{time}] {status}'
    ///     [columns]
    ///     time   = { type = "timestamp", format = "%Y-%m-%d %H:%M:%S" }
    ///     status = { type = "int16" }
    /// "#, "own.toml")?;
    /// assert_eq!(format.columns.len(), 3);
    /// # Ok::<(), logarrow::Error>(())
    /// ```
    pub fn from_toml(text: &str, origin_name: &str) -> Result<Self> {
        let file = File { text, origin: origin_name };
        let root = DeTable::parse(text).map_err(|err| {
            let hint = "the text must be TOML (https://toml.io)";
            file.error(err.span().unwrap_or(0..0), err.message().to_lowercase().replace('\n', ", "), hint)
        })?;
        file.load(root.get_ref())
    }
}

type Value<'t> = Spanned<DeValue<'t>>;

/// One entry of `[columns]`.
#[derive(Clone, Default)]
struct Entry {
    name: String,
    span: Range<usize>,
    dtype: TypeSpec,
    null: Option<Vec<String>>,
    unit: Option<String>,
    doc: String,
    on_demand: Option<bool>,
    parts: Option<Parts>,
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

/// The text, and what errors call it.
struct File<'t> {
    text: &'t str,
    origin: &'t str,
}

impl File<'_> {
    #[cold]
    fn error(&self, span: Range<usize>, message: impl Into<String>, hint: impl Into<String>) -> Error {
        let head = self.text.get(..span.start).unwrap_or(self.text);
        let begin = head.rfind('\n').map_or(0, |at| at + 1);
        Error::new(ErrorKind::FormatSyntax, message).with_hint(hint).with_position(Position {
            source: Some(self.origin.into()),
            line: Some(head.matches('\n').count() as u64 + 1),
            column: Some((head.len() - begin) as u64 + 1),
            byte: None,
        })
    }

    /// The entries of a table in the order of the file.
    fn entries<'v, 't>(&self, table: &'v DeTable<'t>) -> Vec<(&'v str, Range<usize>, &'v Value<'t>)> {
        let mut entries: Vec<_> =
            table.iter().map(|(key, value)| (key.get_ref().as_ref(), key.span(), value)).collect();
        entries.sort_by_key(|(_, span, _)| span.start);
        entries
    }

    fn known_keys(&self, table: &DeTable<'_>, place: &str, known: &[&'static str]) -> Result<()> {
        match self.entries(table).into_iter().find(|(key, ..)| !known.contains(key)) {
            Some((key, span, _)) => Err(self.error(
                span,
                format!("unknown key \"{key}\"{place}"),
                names::suggest(key, known.iter().copied()),
            )),
            None => Ok(()),
        }
    }

    fn expected(&self, key: &str, value: &Value<'_>, wanted: &str) -> Error {
        let found = value.get_ref().type_str();
        self.error(value.span(), format!("key \"{key}\": expected {wanted}, found {found}"), format!("write {wanted}"))
    }

    fn text(&self, table: &DeTable<'_>, key: &str) -> Result<Option<String>> {
        match table.get(key) {
            None => Ok(None),
            Some(value) => match value.get_ref().as_str() {
                Some(text) => Ok(Some(text.to_owned())),
                None => Err(self.expected(key, value, "a string")),
            },
        }
    }

    /// A string, or an array of strings.
    fn texts(&self, table: &DeTable<'_>, key: &str) -> Result<Option<Vec<String>>> {
        let Some(value) = table.get(key) else { return Ok(None) };
        if let Some(text) = value.get_ref().as_str() {
            return Ok(Some(vec![text.to_owned()]));
        }
        let wrong = || self.expected(key, value, "a string or an array of strings");
        let items = value.get_ref().as_array().ok_or_else(wrong)?;
        items
            .iter()
            .map(|item| item.get_ref().as_str().map(str::to_owned).ok_or_else(wrong))
            .collect::<Result<_>>()
            .map(Some)
    }

    fn required(&self, table: &DeTable<'_>, span: Range<usize>, key: &str, place: &str) -> Result<String> {
        self.text(table, key)?
            .ok_or_else(|| self.error(span, format!("key \"{key}\"{place} is missing"), format!("add {key} = \"...\"")))
    }

    /// One word out of a few.
    fn choice<T: Copy>(&self, table: &DeTable<'_>, key: &str, default: T, known: &[(&'static str, T)]) -> Result<T> {
        let (Some(word), Some(value)) = (self.text(table, key)?, table.get(key)) else { return Ok(default) };
        known.iter().find(|(name, _)| *name == word).map(|(_, choice)| *choice).ok_or_else(|| {
            let hint = names::suggest(&word, known.iter().map(|(name, _)| *name));
            self.error(value.span(), format!("key \"{key}\": unknown value \"{word}\""), hint)
        })
    }

    fn load(&self, root: &DeTable<'_>) -> Result<Format> {
        self.known_keys(root, "", &KEYS)?;
        let name = self.required(root, 0..0, "name", "")?;
        let escapes =
            [("none", Escape::None), ("httpd", Escape::Httpd), ("nginx", Escape::Nginx), ("json", Escape::Json)];
        let extras = [("reject", Extra::Reject), ("column", Extra::Column), ("count", Extra::Count)];
        let escape = self.choice(root, "escape", Escape::None, &escapes)?;
        let extra = self.choice(root, "extra", Extra::Reject, &extras)?;
        let null = self.texts(root, "null")?.unwrap_or_default();
        let entries = self.columns(root)?;

        let dtype = |name: &str| entries.iter().find(|entry| entry.name == name).map(|entry| entry.dtype.clone());
        let around = Around { dtype: &dtype, escape, extra };
        let mut patterns = Vec::new();
        let mut captures = Vec::new();
        for (text, span) in self.lines(root)? {
            let at = |bad: line::Bad| {
                // A literal string holds the line as it is; in others the place can only be told to the string.
                let inside =
                    self.text.get(span.clone()).and_then(|quoted| quoted.find(&text)).map(|from| from + bad.at);
                let start = span.start + inside.unwrap_or(0);
                self.error(start..start, format!("key \"line\": {}", bad.message), bad.hint)
            };
            let drafts = line::parse(&text).map_err(at)?;
            collect_names(&drafts, &mut captures);
            patterns.push(line::resolve(&drafts, &around).map_err(at)?);
        }
        let mut format = Format {
            name,
            aliases: self.texts(root, "aliases")?.unwrap_or_default(),
            title: self.text(root, "title")?.unwrap_or_default(),
            source: self.text(root, "source")?.unwrap_or_default(),
            layout: Layout::Pattern(patterns),
            columns: self.arrange(&entries, &captures, &null)?,
            extra,
            comment: self.text(root, "comment")?,
            timezone: self.text(root, "timezone")?,
            samples: Vec::new(),
            rejects: Vec::new(),
        };
        self.load_samples(root, &mut format)?;
        Ok(format)
    }

    /// The alternatives under `line`, each with its place.
    fn lines(&self, root: &DeTable<'_>) -> Result<Vec<(String, Range<usize>)>> {
        let Some(value) = root.get("line") else {
            return Err(self.error(0..0, "key \"line\" is missing", "add line = '{host} {message:any}' or the like"));
        };
        let texts = self.texts(root, "line")?.unwrap_or_default();
        let spans: Vec<_> = match value.get_ref().as_array() {
            Some(items) => items.iter().map(Spanned::span).collect(),
            None => vec![value.span()],
        };
        if texts.is_empty() || texts.iter().any(String::is_empty) {
            return Err(self.error(value.span(), "key \"line\": a line is empty", "write what a record looks like"));
        }
        Ok(texts.into_iter().zip(spans).collect())
    }

    fn columns(&self, root: &DeTable<'_>) -> Result<Vec<Entry>> {
        let Some(value) = root.get("columns") else { return Ok(Vec::new()) };
        let table = value.get_ref().as_table().ok_or_else(|| self.expected("columns", value, "a table"))?;
        self.entries(table).into_iter().map(|(name, span, value)| self.column(name, span, value)).collect()
    }

    fn column(&self, name: &str, span: Range<usize>, value: &Value<'_>) -> Result<Entry> {
        let place = format!(" of column \"{name}\"");
        if !line::is_name(name) {
            return Err(self.error(span, format!("\"{name}\" cannot name a column"), "use letters, digits and _"));
        }
        let table =
            value.get_ref().as_table().ok_or_else(|| self.expected(&format!("columns.{name}"), value, "a table"))?;
        self.known_keys(table, &place, &COLUMN_KEYS)?;
        let dtype = TypeSpec {
            name: self.text(table, "type")?.unwrap_or_default().replace(' ', ""),
            format: self.text(table, "format")?,
            separators: self.texts(table, "separators")?.unwrap_or_default(),
        };
        dtype.check().map_err(|bad| {
            let at = ["format", "type", "separators"].iter().find_map(|key| table.get(*key)).unwrap_or(value);
            self.error(at.span(), bad.message, bad.hint).with_column(name)
        })?;
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
            parts,
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

    /// Puts the columns in order: as the lines name them, then as the file does.
    fn arrange(&self, entries: &[Entry], captures: &[String], null: &[String]) -> Result<Vec<Column>> {
        let entry = |name: &str| {
            let found = entries.iter().find(|entry| entry.name == name);
            found.cloned().unwrap_or_else(|| Entry { name: name.to_owned(), ..Entry::default() })
        };
        let mut columns: Vec<Column> = Vec::new();
        for capture in captures {
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
        for own in entries {
            if columns.iter().any(|column| column.name == own.name) {
                continue;
            }
            let of_query = entries.iter().find(|other| other.parts.as_ref().is_some_and(|p| p.query == own.name));
            if own.parts.is_some() && captures.contains(&own.name) {
                columns.push(own.column(From::Capture(own.name.clone()), true, null));
            } else if let Some(request) = of_query.filter(|request| captures.contains(&request.name)) {
                let from = From::Request(request.name.clone(), RequestPart::Query);
                columns.push(own.column(from, true, null));
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
        for (idx, column) in columns.iter().enumerate() {
            if columns[..idx].iter().any(|other| other.name == column.name) {
                let span = entries.iter().find(|entry| entry.parts.is_some()).map_or(0..0, |entry| entry.span.clone());
                let message = format!("two columns are called \"{}\"", column.name);
                return Err(self.error(span, message, "give the part, or the capture, another name"));
            }
        }
        Ok(columns)
    }

    fn load_samples(&self, root: &DeTable<'_>, format: &mut Format) -> Result<()> {
        let plain: toml::Table = toml::from_str(self.text)
            .map_err(|err| self.error(err.span().unwrap_or(0..0), err.message().to_owned(), "the text must be TOML"))?;
        for (idx, (table, span)) in self.tables(root, "sample")?.into_iter().enumerate() {
            self.known_keys(table, " of a sample", &["line", "row"])?;
            let line = self.required(table, span.clone(), "line", " of a sample")?;
            let row = plain.get("sample").and_then(|all| all.get(idx)).and_then(|one| one.get("row"));
            let Some(row) = row.and_then(toml::Value::as_table) else {
                return Err(self.error(span, "key \"row\" of a sample: expected a table", "write row = { ... }"));
            };
            if let Some(name) = row.keys().find(|name| !format.columns.iter().any(|column| column.name == **name)) {
                let hint = names::suggest(name, format.columns.iter().map(|column| column.name.as_str()));
                return Err(self.error(span, format!("key \"row\" of a sample: no column is called \"{name}\""), hint));
            }
            format.samples.push(Sample { line, row: row.clone() });
        }
        for (table, span) in self.tables(root, "reject")? {
            self.known_keys(table, " of a reject", &["line", "why"])?;
            let line = self.required(table, span.clone(), "line", " of a reject")?;
            let why = self.required(table, span, "why", " of a reject")?;
            format.rejects.push(RejectSample { line, why });
        }
        Ok(())
    }

    /// The tables of an array of tables, which may be missing.
    fn tables<'v, 't>(&self, root: &'v DeTable<'t>, key: &str) -> Result<Vec<(&'v DeTable<'t>, Range<usize>)>> {
        let Some(value) = root.get(key) else { return Ok(Vec::new()) };
        let wrong = || self.expected(key, value, "an array of tables");
        let items = value.get_ref().as_array().ok_or_else(wrong)?;
        items.iter().map(|item| item.get_ref().as_table().map(|table| (table, item.span())).ok_or_else(wrong)).collect()
    }
}

/// The names of captures in order, each once.
fn collect_names(drafts: &[line::Draft], names: &mut Vec<String>) {
    for draft in drafts {
        match draft {
            line::Draft::Literal(_) => {}
            line::Draft::Optional(inner) | line::Draft::Tail(inner) => collect_names(inner, names),
            line::Draft::Capture(slot) if slot.name.is_empty() || names.contains(&slot.name) => {}
            line::Draft::Capture(slot) => names.push(slot.name.clone()),
        }
    }
}
