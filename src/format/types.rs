//! Column types as text: checking them, and changing them on a format that is already loaded.

use super::pairs::MAP;
use super::{Column, Format, From, JsonType, TypeSpec, names, spelling, time_pattern};
use crate::error::{Error, ErrorKind, Result};

const SCALARS: [&str; 28] = [
    "utf8",
    "large_utf8",
    "utf8_view",
    "dictionary",
    "binary",
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "float32",
    "float64",
    "decimal(p,s)",
    "varchar(n)",
    "char(n)",
    "timestamp",
    "timestamp[us]",
    "timestamp[ns]",
    "timestamp_ntz",
    "date",
    "duration",
    "hex",
    "ip",
    "facility",
    "severity",
    "structured_data",
    "list<T>",
    "map<utf8,utf8>",
];

/// What is wrong with a type, and what to do about it.
#[derive(Debug, PartialEq)]
pub(super) struct Wrong {
    pub(super) message: String,
    pub(super) hint: String,
}

pub(super) fn wrong(message: impl Into<String>, hint: impl Into<String>) -> Wrong {
    Wrong { message: message.into(), hint: hint.into() }
}

impl TypeSpec {
    /// A type without options.
    pub(super) fn plain(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Reads `type` or `type:option`: `int16`, `timestamp:%Y-%m-%d %H:%M:%S`, `duration:ms`, `list<int64>:,` (the
    /// option of a list is what separates its items). Also as Arrow prints them: `timestamp[us, tz=UTC]`, `date32[day]`,
    /// `decimal128(10, 2)`, `list<item: string>`.
    ///
    /// **Errors**: [`ErrorKind::TypeMismatch`] for an unknown type, or an option that does not go with it.
    ///
    /// ```
    /// let spec = logarrow::format::TypeSpec::parse("timestamp:%Y-%m-%d")?;
    /// assert_eq!((spec.name.as_str(), spec.format.as_deref()), ("timestamp", Some("%Y-%m-%d")));
    /// # Ok::<(), logarrow::Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self> {
        let spec = Self::split(text).and_then(|spec| spec.check().map(|()| spec));
        spec.map_err(|bad| Error::new(ErrorKind::TypeMismatch, bad.message).with_hint(bad.hint))
    }

    fn split(text: &str) -> Result<Self, Wrong> {
        // Colons inside brackets belong to the type.
        let mut depth = 0;
        let colon = text.find(|c| {
            depth += i32::from("<[(".contains(c)) - i32::from(">])".contains(c));
            c == ':' && depth == 0
        });
        let (name, option) = match colon {
            Some(at) => (&text[..at], Some(text[at + 1..].to_owned())),
            None => (text, None),
        };
        let name = spelling::ours(name)?;
        if name.starts_with("list<") {
            return Ok(Self { name, format: None, separators: option.into_iter().collect() });
        }
        Ok(Self { name, format: option, separators: Vec::new() })
    }

    /// The type of each value: the item's of a list, without a unit of its own.
    pub(super) fn base(&self) -> &str {
        let item = self.name.strip_prefix("list<").and_then(|rest| rest.strip_suffix('>'));
        base_name(item.unwrap_or(&self.name))
    }

    /// Whether values are times, so that the format says how they are written.
    pub(super) fn is_time(&self) -> bool {
        !self.name.starts_with("list<") && matches!(self.base(), "timestamp" | "date")
    }

    /// Whether values are text as written, so that the writer's escapes apply to them.
    pub(super) fn is_text(&self) -> bool {
        match self.base() {
            "" | "utf8" | "large_utf8" | "utf8_view" | "dictionary" => true,
            base if chars(base).is_some() => true,
            base => base == "binary" && self.name == base,
        }
    }

    /// Refuses unknown types, and options that do not go with the type.
    pub(super) fn check(&self) -> Result<(), Wrong> {
        let inner = self.name.strip_prefix("list<").and_then(|rest| rest.strip_suffix('>'));
        check_name(inner.unwrap_or(&self.name))?;
        let is_map_of_cell = self.name == MAP && !self.separators.is_empty();
        if is_map_of_cell {
            let [between, assign] = self.separators.as_slice() else {
                let message = "a map has two separators: between its entries, and between key and value";
                return Err(wrong(message, "write separators = [\";\", \"=\"], or leave them out for {name:pairs}"));
            };
            if between.len() != 1 || assign.len() != 1 || between == assign {
                let message = "the separators of a map are two bytes, one each, that differ";
                return Err(wrong(message, "write separators = [\";\", \"=\"]"));
            }
        } else if inner.is_some() == self.separators.is_empty() {
            return Err(match inner {
                Some(_) => wrong(
                    format!("type \"{}\" does not say what separates items", self.name),
                    "add separators = [\", \"]",
                ),
                None => wrong(
                    format!("separators do not go with type \"{}\"", self.shown()),
                    format!("write type = \"list<{}>\", or leave separators out", self.shown()),
                ),
            });
        }
        if self.separators.iter().any(String::is_empty) {
            return Err(wrong("a separator is empty", "leave the empty text out"));
        }
        match (self.base(), self.format.as_deref()) {
            ("date", Some(time_pattern::DAYS)) | ("timestamp" | "date", Some(time_pattern::JAVA)) => Ok(()),
            ("date", Some("auto")) => {
                Err(wrong("date format \"auto\": only times have it", "write type = \"timestamp\""))
            }
            ("date", Some(format)) if format.contains('|') => {
                Err(wrong(format!("date format \"{format}\": a date has one pattern"), "leave | out"))
            }
            ("timestamp" | "date", Some(format)) => check_time(format),
            ("timestamp" | "date", None) => Err(wrong(
                format!("type \"{}\" needs a format", self.name),
                format!("give a pattern such as \"%Y-%m-%d %H:%M:%S\", or one of {}", time_pattern::WORDS.join(", ")),
            )),
            ("duration", Some("s" | "ms" | "us" | "ns" | "s.ms")) => Ok(()),
            ("bool", None | Some("strict" | "java")) => Ok(()),
            ("bool", Some(format)) => {
                let hint = "rules are strict and java; leave format out for the usual words";
                Err(wrong(format!("\"{format}\" is no rule for truth values"), hint))
            }
            ("binary", Some("base64_or_raw")) => Ok(()),
            ("float32" | "float64", Some("java")) => Ok(()),
            (base, Some("java" | "rounded")) if base.starts_with("decimal(") => Ok(()),
            ("duration", _) => Err(wrong("type \"duration\" needs its unit as format", "use s, ms, us, ns or s.ms")),
            (_, None) => Ok(()),
            (_, Some(format)) => Err(wrong(
                format!("format \"{format}\" does not go with type \"{}\"", self.shown()),
                "only timestamp, date, duration and bool have a format",
            )),
        }
    }

    pub(super) fn shown(&self) -> &str {
        if self.name.is_empty() { "utf8" } else { &self.name }
    }

    /// This type of a text in place of another: a list keeps its separators, a time and a duration their format.
    pub(super) fn in_place_of(mut self, before: &Self) -> Result<Self, Wrong> {
        if self.name.starts_with("list<") && self.separators.is_empty() {
            self.separators.clone_from(&before.separators);
        }
        if self.format.is_none() && self.base() == before.base() {
            self.format.clone_from(&before.format);
        }
        self.check()?;
        Ok(self)
    }

    /// Whether the type of a schema says nothing about how the log writes values: no option, or the one that goes without
    /// saying.
    pub(super) fn says_nothing(&self) -> bool {
        matches!(self.format.as_deref(), None | Some("iso8601"))
    }

    /// Whether this is what values of another type come out as, so that a schema that names it asks for nothing else.
    pub(super) fn is_result_of(&self, other: &Self) -> bool {
        let result = match other.name.as_str() {
            "hex" => "int64",
            "facility" | "severity" => "int16",
            JSON => "utf8",
            "structured_data" => "map<utf8,map<utf8,utf8>>",
            name => name,
        };
        self.format.is_none() && self.shown() == result
    }
}

fn base_name(name: &str) -> &str {
    if matches!(name, "timestamp[us]" | "timestamp[ns]" | "timestamp_ntz") { "timestamp" } else { name }
}

/// What stands between the brackets of a text of a length.
fn chars(name: &str) -> Option<&str> {
    ["varchar(", "char("].iter().find_map(|word| name.strip_prefix(word)?.strip_suffix(')'))
}

fn check_name(name: &str) -> Result<(), Wrong> {
    let decimal = name.strip_prefix("decimal(").and_then(|rest| rest.strip_suffix(')'));
    if let Some((precision, scale)) = decimal.and_then(|args| args.split_once(',')) {
        if let (Ok(precision @ 1..=38), Ok(scale)) = (precision.parse::<u8>(), scale.parse::<u8>())
            && scale <= precision
        {
            return Ok(());
        }
        return Err(wrong(format!("type \"{name}\" is out of range"), "precision is 1 to 38, scale at most precision"));
    }
    if let Some(chars) = chars(name) {
        let hint = "write varchar(255) or the like: 1 to 65535 characters, of char 255 at most";
        let max = if name.starts_with("char") { 255 } else { u32::from(u16::MAX) };
        let is_length = chars.parse().is_ok_and(|chars| (1..=max).contains(&chars));
        return if is_length { Ok(()) } else { Err(wrong(format!("type \"{name}\" is out of range"), hint)) };
    }
    if name.is_empty() || (SCALARS.contains(&name) && (!name.ends_with(['>', ')']) || name == MAP)) {
        return Ok(());
    }
    if name == JSON || name == ATTRIBUTE || name.starts_with("struct<") || name.starts_with("map<") {
        let hint = "such values stand in JSON records: json = {} in a format file, or Format.json";
        return Err(wrong(format!("only JSON formats have columns of type \"{name}\""), hint));
    }
    Err(wrong(format!("unknown type \"{name}\""), names::suggest(name, SCALARS)))
}

/// The type of a value in a JSON record that is its text as written.
const JSON: &str = "json";
/// The format of such a value that stands for the text of a field of the systemd journal.
const JOURNAL: &str = "journal";

/// The type of an attribute value of DynamoDB; its option is the type of what it holds.
pub(super) const ATTRIBUTE: &str = "attribute";

/// Refuses what an attribute value cannot hold.
fn check_attribute(held: Option<&str>) -> Result<(), Wrong> {
    let Some(held) = held else { return Ok(()) };
    let hint = "write a scalar or a list of one, such as attribute(int64), attribute(list<utf8>)";
    let mut spec = TypeSpec::split(held)?;
    if let Some(item) = spec.name.strip_prefix("list<").and_then(|rest| rest.strip_suffix('>')) {
        spec = TypeSpec::split(item)?;
    }
    if spec.is_time() && spec.format.is_none() {
        spec.format = Some("iso8601".into());
    }
    check_name(&spec.name).map_err(|bad| Wrong { hint: hint.into(), ..bad })?;
    if spec.name.contains('<') || spec.name == "structured_data" {
        return Err(wrong(format!("an attribute value cannot be read as {held}"), hint));
    }
    spec.check()
}

/// Refuses types that no scalar of a JSON record has, and options that do not go with the type.
pub(super) fn check_scalar(spec: &TypeSpec) -> Result<(), Wrong> {
    match (spec.name.as_str(), spec.format.as_deref()) {
        (JSON, None | Some(JOURNAL)) => return Ok(()),
        (ATTRIBUTE, held) => return check_attribute(held),
        (JSON, Some(format)) => {
            let message = format!("format \"{format}\" does not go with type \"{JSON}\"");
            return Err(wrong(
                message,
                "leave it out: such a value is its text as written, or that of a field of the journal",
            ));
        }
        ("structured_data", _) => {
            let message = format!("type \"{}\" is one of syslog messages", spec.name);
            return Err(wrong(message, "write map<utf8,map<utf8,utf8>>"));
        }
        _ => {}
    }
    check_name(&spec.name).map_err(|bad| {
        if !bad.message.starts_with("unknown") {
            return bad;
        }
        let own = [JSON, ATTRIBUTE, "struct<key: type>", "list<type>", "map<utf8,type>"];
        let scalars = SCALARS.into_iter().filter(|name| !name.ends_with('>') && *name != "structured_data");
        Wrong { hint: names::suggest(&spec.name, scalars.chain(own)), ..bad }
    })?;
    spec.check()
}

fn check_time(format: &str) -> Result<(), Wrong> {
    let mut all = format.split('|');
    if let (Some(first), true) = (all.next(), format.contains('|')) {
        if let Some(number) = format.split('|').find(|part| part.starts_with("epoch") || *part == "auto") {
            let hint = "write patterns, iso8601 or syslog between the |";
            return Err(wrong(format!("time format \"{format}\": {number} stands alone"), hint));
        }
        return check_time(first).and_then(|()| all.try_for_each(check_time));
    }
    if time_pattern::WORDS.contains(&format) {
        return Ok(());
    }
    match time_pattern::fields(format) {
        Err(token) => Err(wrong(
            format!("time format \"{format}\": unknown token \"{token}\""),
            "known: %Y %y %m %b %B %d %e %j %H %I %p %M %S %f %1f to %9f %.f %s %z %Z %a %A %T %R %D %F %n %t %%",
        )),
        Ok(0) => Err(wrong(
            format!("time format \"{format}\" holds no part of a time"),
            format!("give a pattern such as \"%Y-%m-%d %H:%M:%S\", or one of {}", time_pattern::WORDS.join(", ")),
        )),
        Ok(_) => Ok(()),
    }
}

impl Format {
    /// The same format with other types for some columns; the layout stays as it is.
    ///
    /// The type is written as for [`TypeSpec::parse`], in JSON formats as for [`super::JsonType::from_text`]. A list keeps its
    /// separators when none are given; a time and a duration, which stay one, their format. Where any key may stand in a
    /// record, one without a column gets one.
    ///
    /// **Errors**: [`ErrorKind::UnknownColumn`], [`ErrorKind::TypeMismatch`].
    ///
    /// ```
    /// use logarrow::format::Format;
    /// let format = Format::from_toml("name = 'own'\nline = '{status} {path}'", "own.toml")?;
    /// let format = format.with_types(&[("status", "int16")])?;
    /// assert_eq!(format.columns[0].dtype.name, "int16");
    /// # Ok::<(), logarrow::Error>(())
    /// ```
    pub fn with_types<N: AsRef<str>, T: AsRef<str>>(mut self, types: &[(N, T)]) -> Result<Self> {
        for (name, text) in types {
            let (name, text) = (name.as_ref(), text.as_ref());
            let is_json = self.is_json();
            let column = self.column_mut(name)?;
            let of_json = || JsonType::replaced(text, &column.dtype).map(|dtype| dtype.spec());
            let of_text = || TypeSpec::split(text)?.in_place_of(&column.dtype);
            let spec = if is_json { of_json() } else { of_text() };
            column.dtype = spec.map_err(|bad| {
                Error::new(ErrorKind::TypeMismatch, bad.message).with_column(name).with_hint(bad.hint)
            })?;
        }
        Ok(self)
    }

    fn column_mut(&mut self, name: &str) -> Result<&mut Column> {
        match self.columns.iter().position(|column| column.name == name) {
            Some(at) => Ok(&mut self.columns[at]),
            None if self.pairs().is_some() || self.is_json() => {
                // Any key may be there: this one now has a column.
                let name_of_key = name.to_owned();
                let from = if self.is_json() { From::Member(vec![name_of_key]) } else { From::Key(name_of_key) };
                self.columns.push(Column { name: name.to_owned(), from, ..Column::default() });
                let last = self.columns.len() - 1;
                Ok(&mut self.columns[last])
            }
            None => {
                Err(Error::new(ErrorKind::UnknownColumn, format!("format \"{}\" has no column \"{name}\"", self.name))
                    .with_hint(names::suggest(name, self.columns.iter().map(|column| column.name.as_str()))))
            }
        }
    }
}
