//! Formats from TOML text.
//!
//! The keys of a file: `name`, `aliases`, `title`, `source`, `line` (a text, or alternatives that are tried in turn;
//! their syntax is in `line.rs`), `delimited` (a table: `delimiter`; `quote`, `quote_escape`, `escaping` (`usual`, `opencsv`,
//! `lazy`), `newlines` between quotes; `header`, which is `first`, `w3c`, `zeek`, `vpc` or `none`; `fields` by name; `exact`
//! where none may be missing) or
//! `json` (a table: `ignore_case`; `columns`, which are `named` or also `found` in the first records; `explode`, the keys of an
//! array whose elements are a row each; `skip`, which is `{ member = "type", value = "ping" }`: records that are none;
//! `sniff`: keys that every record has, by which it is known) or
//! `regex` (regular expressions likewise, with `anchored`: `no`, `start`, `full`), `escape` (`none`, `httpd`, `nginx`,
//! `json`, `cef`, `percent`), `null` (texts that mean null in every column), `multiline` (`{ start = 'regex' }` or `{ continue = 'regex'
//! }`: which lines start a record, or go on with one; with `leads = 'regex'` for lines that start one and take the next
//! line along), `framing` (`lines`, or for syslog `octets`: RFC 6587, or for JSON `values`, which follow one another in any way, or
//! `found`), `records` (of JSON: the keys, with dots between them, of the array in each value that holds the records), `syslog` instead of `line` (`rfc3164`, `rfc5424`, `auto`),
//! `journal` likewise (`export`; columns read the fields that they call `key`),
//! `parts` (`{ column = "log", marks = "docker" }`: a message that goes on in later lines, which say so as Docker or, `cri`,
//! Kubernetes writes), `extra` (`reject`, `column`, `count`), `comment`, `skip_lines` (how many at the start of each file are no records),
//! `inner` (`{ column = "log" }`: the column that holds records of another format; with `format = "json.lines"`, if they
//! usually are in that one), `notes` (texts for readers), `timezone`, `path` (templates for the end of a source's path, tried in turn, whose captures
//! are columns on demand: `logs/{region}/{year:digits}/{}`), `order` (names of columns that come first, in this order),
//! `[pairs]`, `[columns]`, `[[sample]]` with `line` and `row`, `[[reject]]` with `line` and `why`.
//!
//! A line that ends with `{:pairs}` has key-value pairs there, and `[pairs]` says how they are written (every key is
//! told under [`super::Pairs`]): `separator = " "`, `separator_from` (a capture), `assign = "="`, `quotes = '"'`, `nested`,
//! `escape` (`none`, `json`, `cef`), `values` (`until_separator`, `until_key`), `bare`, `strict`, `labels`, and `keys`:
//! `named` makes columns of the keys that `[columns]` names, `found` also of those in the first records. A column reads
//! the key of its name, or the one it calls `key`.
//!
//! A column of a JSON format reads the `member` of its name, or another: keys with dots between them, or an array of keys.
//!
//! A column has `type` (`utf8` unless said), `format`, `separators`, `null`, `unit`, `doc`, `on_demand`. A capture that
//! holds an HTTP request line has `parts = "{method} {path} {protocol}"` and `otherwise = "path"` (and, if `query` is
//! not the name wanted, `query`): it gives these columns, and on demand the query string and its whole text. Columns
//! come in the order in which the lines name them, then the others in the order of the file.

mod columns;
mod delimited;
pub(super) mod keys;
mod layout;
mod pairs;

use toml::de::DeTable;

use super::line::Around;
use super::{
    Column, Escape, Extra, Format, Framing, From, Layout, PartMarks, PathTemplates, Payload, RejectSample, Sample,
    names,
};
use crate::error::Result;
use columns::Entry;
pub(super) use keys::File;

const KEYS: [&str; 29] = [
    "delimited",
    "json",
    "records",
    "multiline",
    "framing",
    "parts",
    "path",
    "syslog",
    "name",
    "aliases",
    "title",
    "source",
    "line",
    "regex",
    "anchored",
    "escape",
    "null",
    "extra",
    "comment",
    "skip_lines",
    "inner",
    "notes",
    "timezone",
    "journal",
    "pairs",
    "columns",
    "order",
    "sample",
    "reject",
];

impl Format {
    /// Reads a format from TOML text; `origin_name` is what errors call it (a path, usually).
    ///
    /// **Errors**: [`crate::ErrorKind::FormatSyntax`], with line and column in the text.
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

impl File<'_> {
    fn load(&self, root: &DeTable<'_>) -> Result<Format> {
        self.known_keys(root, "", &KEYS)?;
        let name = self.required(root, 0..0, "name", "")?;
        let escapes = [
            ("none", Escape::None),
            ("httpd", Escape::Httpd),
            ("nginx", Escape::Nginx),
            ("json", Escape::Json),
            ("cef", Escape::Cef),
            ("percent", Escape::Percent),
        ];
        let extras = [("reject", Extra::Reject), ("column", Extra::Column), ("count", Extra::Count)];
        let escape = self.choice(root, "escape", Escape::None, &escapes)?;
        let json = self.json(root)?;
        let usual = if json.is_some() { Extra::Count } else { Extra::Reject };
        let extra = self.choice(root, "extra", usual, &extras)?;
        let null = self.texts(root, "null")?.unwrap_or_default();
        let entries = self.columns(root)?;

        let dtype = |name: &str| entries.iter().find(|entry| entry.name == name).map(|entry| entry.dtype.clone());
        let pairs = self.pairs(root)?;
        let path = self.path(root)?;
        let around = Around { dtype: &dtype, escape, extra, pairs: &pairs };
        let (layout, framing, columns) = match json {
            Some((json, framing)) => (Layout::Json(json), framing, self.members(&entries, &null, path.as_ref())?),
            None => {
                let (layout, captures) = self.captures(root, &entries, &null, &path, &around)?;
                let has_keys = layout.pairs().is_some() || layout == Layout::Journal;
                let own = has_keys.then_some(&pairs);
                let columns = self.arrange(&entries, &captures, &null, own, path.clone())?;
                (layout, self.framing(root)?, columns)
            }
        };
        let framing = self.joined_lines(root, framing)?;
        let mut format = Format {
            name,
            aliases: self.texts(root, "aliases")?.unwrap_or_default(),
            title: self.text(root, "title")?.unwrap_or_default(),
            source: self.text(root, "source")?.unwrap_or_default(),
            layout,
            framing,
            columns,
            extra,
            comments: self.texts(root, "comment")?.unwrap_or_default(),
            skip_lines: self.number(root, "skip_lines")?.unwrap_or_default(),
            inner: self.inner(root)?,
            notes: self.texts(root, "notes")?.unwrap_or_default(),
            timezone: self.text(root, "timezone")?,
            samples: Vec::new(),
            rejects: Vec::new(),
        };
        format.type_pairs();
        if matches!(&format.layout, Layout::Delimited(delimited) if delimited.named) {
            // Fields of the layout that have no entry are none of its columns.
            let place = |column: &Column| entries.iter().position(|entry| entry.name == column.name);
            format.columns.retain(|column| place(column).is_some() || matches!(column.from, From::Path(..)));
            format.columns.sort_by_key(|column| place(column).unwrap_or(usize::MAX));
        }
        self.put_in_order(root, &mut format)?;
        self.load_samples(root, &mut format)?;
        Ok(format)
    }

    /// The framing where a message may stand in several lines.
    fn joined_lines(&self, root: &DeTable<'_>, framing: Framing) -> Result<Framing> {
        let Some(value) = root.get("parts") else { return Ok(framing) };
        let Some(table) = value.get_ref().as_table().filter(|_| framing == Framing::Lines) else {
            return Err(self.expected(
                "parts",
                value,
                "a table such as { column = \"log\", marks = \"docker\" }, of lines",
            ));
        };
        self.known_keys(table, " of parts", &["column", "marks"])?;
        let column = self.required(table, value.span(), "column", " of parts")?;
        self.required(table, value.span(), "marks", " of parts")?;
        Ok(Framing::Parts(self.choice(table, "marks", PartMarks::Cri, &PartMarks::NAMES)?, column))
    }

    /// Where an envelope holds records of another format. Which columns there are may be known only with the log.
    fn inner(&self, root: &DeTable<'_>) -> Result<Option<Payload>> {
        let Some(value) = root.get("inner") else { return Ok(None) };
        let Some(table) = value.get_ref().as_table() else {
            return Err(self.expected("inner", value, "a table such as { column = \"log\" }"));
        };
        self.known_keys(table, " of inner", &["column", "format"])?;
        let column = self.required(table, value.span(), "column", " of inner")?;
        Ok(Some(Payload { column, format: self.text(table, "format")? }))
    }

    /// The layout of records that are no JSON, and the names of its captures in order.
    fn captures(
        &self,
        root: &DeTable<'_>,
        entries: &[Entry],
        null: &[String],
        path: &Option<PathTemplates>,
        around: &Around<'_>,
    ) -> Result<(Layout, Vec<String>)> {
        let Some(delimited) = self.delimited(root, around.escape, null)? else { return self.layout(root, around) };
        // All but what the path says may be in a header.
        let of_path = path.iter().flat_map(|templates| super::path::names(templates)).collect::<Vec<_>>();
        let of_line = entries.iter().filter(|entry| entry.folder.is_none());
        let own = of_line.map(|entry| &entry.name).filter(|name| !of_path.contains(&name.as_str()));
        let named: Vec<String> = own.cloned().collect();
        let captures = super::delimited::captures(&delimited, &named);
        Ok((Layout::Delimited(delimited), captures))
    }

    /// Moves the columns that `order` names to the front.
    fn put_in_order(&self, root: &DeTable<'_>, format: &mut Format) -> Result<()> {
        let (Some(order), Some(value)) = (self.texts(root, "order")?, root.get("order")) else { return Ok(()) };
        let is_column = |name: &&String| format.columns.iter().any(|column| column.name == **name);
        if let Some(name) = order.iter().find(|name| !is_column(name)) {
            let hint = names::suggest(name, format.columns.iter().map(|column| column.name.as_str()));
            return Err(self.error(value.span(), format!("key \"order\": no column is called \"{name}\""), hint));
        }
        let place = |name: &String| order.iter().position(|known| known == name).unwrap_or(order.len());
        format.columns.sort_by_key(|column| place(&column.name));
        Ok(())
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
            let is_column = |name: &&String| format.columns.iter().any(|column| column.name == **name);
            let is_open = format.wants_keys() || format.reads_header() && format.columns.is_empty();
            if let Some(name) = row.keys().find(|name| !is_column(name) && !is_open) {
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
}
