//! Formats to TOML text, in the form that `toml_file` reads.

use std::fmt::Write as _;

use super::json::member_value;
use super::line::{self, Around};
use super::path;
use super::{
    Anchored, Column, Delimited, Escape, Extra, Format, Framing, From, Layout, Pairs, Part, Pattern, RequestPart, regex,
};

impl Format {
    /// The format as TOML text; [`Format::from_toml`] makes the same format of it.
    ///
    /// ```
    /// use logarrow::format::Format;
    /// let format = Format::from_toml("name = 'own'\nline = '{host} {message:any}'", "own.toml")?;
    /// assert_eq!(Format::from_toml(&format.to_toml(), "again")?, format);
    /// # Ok::<(), logarrow::Error>(())
    /// ```
    pub fn to_toml(&self) -> String {
        let mut out = String::new();
        let mut key = |name: &str, value: String| _ = writeln!(out, "{name} = {value}");
        key("name", quote(&self.name));
        if !self.aliases.is_empty() {
            key("aliases", array(&self.aliases));
        }
        for (name, text) in [("title", &self.title), ("source", &self.source)] {
            if !text.is_empty() {
                key(name, quote(text));
            }
        }
        let escape = self.usual_escape();
        let (of_lines, lines) = match &self.layout {
            Layout::Pattern(patterns) => ("line", self.lines(patterns, escape)),
            Layout::Regex(regexes) => ("regex", regexes.patterns.clone()),
            Layout::Journal => ("journal", vec!["export".to_owned()]),
            Layout::Syslog(dialects) => ("syslog", vec![dialects.name().to_owned()]),
            Layout::Delimited(delimited) => {
                key("delimited", inline(&delimited_table(delimited)));
                ("line", Vec::new())
            }
            Layout::Json(json) => {
                self.json_keys(json).into_iter().for_each(|(name, value)| key(name, inline_value(&value)));
                ("line", Vec::new())
            }
        };
        match lines.as_slice() {
            [] => {}
            [only] => key(of_lines, quote(only)),
            all => key(
                of_lines,
                format!("[\n  {},\n]", all.iter().map(|line| quote(line)).collect::<Vec<_>>().join(",\n  ")),
            ),
        }
        if let Layout::Regex(regexes) = &self.layout
            && regexes.anchored != Anchored::No
        {
            key("anchored", quote(regexes.anchored.name()));
        }
        match escape {
            Escape::None => {}
            Escape::Httpd => key("escape", quote("httpd")),
            Escape::Nginx => key("escape", quote("nginx")),
            Escape::Json => key("escape", quote("json")),
            Escape::Cef => key("escape", quote("cef")),
            Escape::Percent => key("escape", quote("percent")),
        }
        match &self.framing {
            Framing::Lines => {}
            Framing::Parts(marks, column) => {
                key("parts", format!("{{ column = {}, marks = {} }}", quote(column), quote(marks.name())));
            }
            Framing::Octets => key("framing", quote("octets")),
            Framing::Values(_) => {}
            Framing::Start(rule) => key("multiline", format!("{{ start = {} }}", quote(rule))),
            Framing::Led(rule, leads) => {
                key("multiline", format!("{{ start = {}, leads = {} }}", quote(rule), quote(leads)));
            }
            Framing::Continue(rule) => key("multiline", format!("{{ continue = {} }}", quote(rule))),
        }
        let null = match &self.layout {
            Layout::Delimited(delimited) => &delimited.null,
            _ => self.usual_null(),
        };
        if !null.is_empty() {
            key("null", one_or_array(null));
        }
        match self.extra {
            Extra::Count if self.is_json() => {}
            Extra::Reject if self.is_json() => key("extra", quote("reject")),
            Extra::Reject => {}
            Extra::Column => key("extra", quote("column")),
            Extra::Count => key("extra", quote("count")),
        }
        if !self.comments.is_empty() {
            key("comment", one_or_array(&self.comments));
        }
        if self.skip_lines > 0 {
            key("skip_lines", self.skip_lines.to_string());
        }
        if let Some(inner) = &self.inner {
            let format = inner.format.as_ref().map_or(String::new(), |format| format!(", format = {}", quote(format)));
            key("inner", format!("{{ column = {}{format} }}", quote(&inner.column)));
        }
        if !self.notes.is_empty() {
            key("notes", one_or_array(&self.notes));
        }
        if let Some(timezone) = &self.timezone {
            key("timezone", quote(timezone));
        }
        let order = self.order();
        if !order.is_empty() {
            key("order", array(&order));
        }
        let templates = self.columns.iter().find_map(|column| match &column.from {
            From::Path(templates, _) => Some(templates),
            _ => None,
        });
        if let Some(templates) = templates {
            key("path", one_or_array(&templates.iter().map(|template| path::text(template)).collect::<Vec<_>>()));
        }
        if let Some(pairs) = self.pairs() {
            out.push_str(&table(pairs));
        }
        if !self.columns.is_empty() {
            out.push_str("\n[columns]\n");
        }
        for column in &self.columns {
            _ = writeln!(out, "{} = {}", toml_key(&column.name), self.entry(column, null));
        }
        for sample in &self.samples {
            _ = writeln!(out, "\n[[sample]]\nline = {}\nrow = {}", quote(&sample.line), inline(&sample.row));
        }
        for reject in &self.rejects {
            _ = writeln!(out, "\n[[reject]]\nline = {}\nwhy = {}", quote(&reject.line), quote(&reject.why));
        }
        out
    }

    fn lines(&self, patterns: &[Pattern], escape: Escape) -> Vec<String> {
        let dtype = |name: &str| {
            let fed = |column: &&Column| matches!(&column.from, From::Capture(from) if from == name);
            self.columns.iter().find(fed).map(|column| column.dtype.clone())
        };
        let pairs = self.pairs().cloned().unwrap_or_default();
        let around = Around { dtype: &dtype, escape, extra: self.extra, pairs: &pairs };
        patterns.iter().map(|pattern| line::render(pattern, &around)).collect()
    }

    /// The first escape rule in use: other ones are written at their captures.
    fn usual_escape(&self) -> Escape {
        fn find(parts: &[Part]) -> Option<Escape> {
            parts.iter().find_map(|part| match part {
                Part::Literal(_) | Part::Again | Part::Pairs(_) => None,
                Part::Capture(capture) => Some(capture.escape).filter(|escape| *escape != Escape::None),
                Part::Optional(inner) | Part::Tail(inner) => find(inner),
            })
        }
        let patterns = match &self.layout {
            Layout::Pattern(patterns) => patterns,
            Layout::Delimited(delimited) => return delimited.escape,
            _ => return Escape::None,
        };
        patterns.iter().find_map(|pattern| find(&pattern.parts)).unwrap_or_default()
    }

    /// The names of the columns, where regular expressions name them in another order.
    fn order(&self) -> Vec<String> {
        let Layout::Regex(regexes) = &self.layout else { return Vec::new() };
        let mut natural: Vec<String> = Vec::new();
        for pattern in &regexes.patterns {
            let found = regex::read(pattern, regexes.anchored, &[]).map(|found| found.names).unwrap_or_default();
            natural.extend(found.into_iter().filter(|name| !natural.contains(name)).collect::<Vec<_>>());
        }
        let mut of_line = self.columns.iter().filter(|column| !matches!(column.from, From::Folder(_)));
        let names = of_line.clone().map(|column| &column.name);
        let captures = of_line.all(|column| matches!(&column.from, From::Capture(from) if *from == column.name));
        if !captures || names.clone().eq(natural.iter()) { Vec::new() } else { names.cloned().collect() }
    }

    /// The null texts that most columns share.
    fn usual_null(&self) -> &[String] {
        let count = |null: &[String]| self.columns.iter().filter(|column| column.null == null).count();
        self.columns.iter().map(|column| column.null.as_slice()).max_by_key(|null| count(null)).unwrap_or_default()
    }

    fn entry(&self, column: &Column, usual_null: &[String]) -> String {
        let mut fields = Vec::new();
        let mut field = |name: &str, value: String| fields.push(format!("{name} = {value}"));
        if !column.dtype.name.is_empty() {
            field("type", quote(&column.dtype.name));
        }
        if let Some(format) = &column.dtype.format {
            field("format", quote(format));
        }
        if !column.dtype.separators.is_empty() {
            field("separators", array(&column.dtype.separators));
        }
        let parts = match &column.from {
            From::Capture(name) => self.parts_of(name),
            From::Request(..) | From::Key(_) | From::Joined(_) | From::Path(..) | From::Folder(_) | From::Member(_) => {
                None
            }
        };
        if let From::Joined(parts) = &column.from {
            field("join", quote(&line::join_text(parts)));
        }
        if let Some(value) = member_value(&column.name, &column.from) {
            field("member", inline_value(&value));
        }
        if let From::Key(key) = &column.from
            && *key != column.name
        {
            field("key", quote(key));
        }
        if let From::Folder(key) = &column.from {
            field("folder", quote(key));
        }
        if let Some([method, path, protocol, query]) = &parts {
            field("parts", quote(&format!("{{{method}}} {{{path}}} {{{protocol}}}")));
            field("otherwise", quote(path));
            if query != "query" {
                field("query", quote(query));
            }
        }
        if column.null != usual_null {
            field("null", one_or_array(&column.null));
        }
        let usually_on_demand = parts.is_some()
            || matches!(&column.from, From::Request(_, RequestPart::Query) | From::Path(..))
            || matches!(&column.from, From::Key(_)) && self.wants_keys();
        if column.on_demand != usually_on_demand {
            field("on_demand", column.on_demand.to_string());
        }
        if let Some(unit) = &column.unit {
            field("unit", quote(unit));
        }
        if !column.doc.is_empty() {
            field("doc", quote(&column.doc));
        }
        if fields.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", fields.join(", ")) }
    }

    /// The names of the columns made of a request line, where this capture holds one.
    fn parts_of(&self, capture: &str) -> Option<[String; 4]> {
        let name = |part: RequestPart| {
            let from = From::Request(capture.to_owned(), part);
            self.columns.iter().find(|column| column.from == from).map(|column| column.name.clone())
        };
        let parts = [RequestPart::Method, RequestPart::Path, RequestPart::Protocol, RequestPart::Query].map(name);
        let [Some(method), Some(path), Some(protocol), query] = parts else { return None };
        Some([method, path, protocol, query.unwrap_or_else(|| "query".to_owned())])
    }
}

/// `[pairs]`, without what is usual.
fn table(pairs: &Pairs) -> String {
    let usual = Pairs::default();
    let mut out = String::from("\n[pairs]\n");
    let mut key = |name: &str, value: String, is_usual: bool| {
        if !is_usual {
            _ = writeln!(out, "{name} = {value}");
        }
    };
    let byte = |byte: u8| quote(&char::from(byte).to_string());
    key("separator", quote(&pairs.separator), pairs.separator == usual.separator);
    key("separator_from", quote(pairs.separator_from.as_deref().unwrap_or_default()), pairs.separator_from.is_none());
    key("assign", byte(pairs.assign), pairs.assign == usual.assign);
    key("quotes", quote(&pairs.quotes), pairs.quotes == usual.quotes);
    key("nested", byte(pairs.nested.unwrap_or_default()), pairs.nested.is_none());
    let escape = if pairs.escape == Escape::Cef { "cef" } else { "json" };
    key("escape", quote(escape), pairs.escape == Escape::None);
    key("values", quote("until_key"), !pairs.until_key);
    key("bare", pairs.bare.to_string(), pairs.bare == usual.bare);
    key("strict", pairs.strict.to_string(), pairs.strict == usual.strict);
    key("labels", pairs.labels.to_string(), pairs.labels == usual.labels);
    key("keys", quote("found"), !pairs.found);
    out
}

/// What the key `delimited` holds.
fn delimited_table(delimited: &Delimited) -> toml::Table {
    let mut table = toml::Table::new();
    let text = |byte: u8| char::from(byte).to_string();
    table.insert("delimiter".into(), delimited.delimiter.clone().into());
    let bytes = [("quote", delimited.quote), ("quote_escape", delimited.quote_escape)];
    table.extend(bytes.into_iter().filter_map(|(key, byte)| Some((key.into(), text(byte?).into()))));
    let flags = [("newlines", delimited.newlines), ("exact", delimited.exact), ("named", delimited.named)];
    table.extend(flags.into_iter().filter(|(_, is_set)| *is_set).map(|(key, _)| (key.into(), true.into())));
    let escaping = Delimited::ESCAPINGS.iter().find(|(_, escaping)| *escaping == delimited.escaping);
    table.extend(escaping.filter(|(name, _)| *name != "usual").map(|(name, _)| ("escaping".into(), (*name).into())));
    let header = Delimited::HEADERS.iter().find(|(_, header)| *header == delimited.header);
    table.extend(header.filter(|(name, _)| *name != "none").map(|(name, _)| ("header".into(), (*name).into())));
    if !delimited.fields.is_empty() {
        table.insert("fields".into(), delimited.fields.clone().into());
    }
    table
}

/// A key of a table, in quotes where it needs them.
fn toml_key(name: &str) -> String {
    let is_bare = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if is_bare { name.to_owned() } else { quote(name) }
}

/// A TOML string: as it is between single quotes, where it can be.
fn quote(text: &str) -> String {
    if !text.contains(['"', '\\']) && !text.chars().any(char::is_control) {
        return format!("\"{text}\"");
    }
    if !text.contains('\'') && !text.chars().any(char::is_control) {
        return format!("'{text}'");
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => _ = write!(out, "\\u{:04X}", u32::from(c)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn array(texts: &[String]) -> String {
    format!("[{}]", texts.iter().map(|text| quote(text)).collect::<Vec<_>>().join(", "))
}

fn one_or_array(texts: &[String]) -> String {
    match texts {
        [only] => quote(only),
        all => array(all),
    }
}

/// A table on one line.
fn inline(table: &toml::Table) -> String {
    let fields: Vec<String> =
        table.iter().map(|(key, value)| format!("{} = {}", toml_key(key), inline_value(value))).collect();
    if fields.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", fields.join(", ")) }
}

fn inline_value(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => quote(text),
        toml::Value::Table(table) => inline(table),
        toml::Value::Array(items) => format!("[{}]", items.iter().map(inline_value).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}
