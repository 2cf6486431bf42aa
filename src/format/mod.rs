//! What a log format is, as plain data.
//!
//! In: a TOML file, or one of the pattern languages beside this file. Out: a [`Format`], which says how a record is laid
//! out ([`Layout`]), which columns it gives ([`Column`]), and carries its own sample records. Nothing here reads a log
//! or names an Arrow type: `plan` turns a format and the caller's options into a tokenizer and decoders.

mod apache;
mod app_log;
mod builtin;
mod cloudfront;
mod delimited;
mod dissect;
mod explain;
mod grok;
mod hive;
mod json;
mod line;
mod log4j;
mod names;
mod nginx;
mod pairs;
mod path;
mod python_logging;
mod regex;
mod schema;
mod spelling;
mod syslog;
mod time_pattern;
mod toml_file;
mod toml_write;
mod types;
mod vpc_flow;
mod web;

pub use builtin::{all as builtin_formats, named};
pub use delimited::{Delimited, Escaping, Header};
pub use grok::GrokOptions;
pub use hive::Semantics;
pub use json::{Json, JsonOptions, JsonSchema, JsonType, Member, Skip};
pub(crate) use names::RESERVED;
pub use pairs::Pairs;
pub use path::{PathPart, PathTemplates};
pub use regex::{Anchored, RegexOptions, Regexes};
pub(crate) use vpc_flow::{column as vpc_flow_column, fields as vpc_flow_fields};

#[cfg(test)]
mod tests;

/// A log format: how a record is laid out, and the columns it gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Format {
    /// `family.variant`, for example `apache.combined`.
    pub name: String,
    /// Other names it is found under.
    pub aliases: Vec<String>,
    /// One line for people.
    pub title: String,
    /// The document that defines it.
    pub source: String,
    /// How a record is laid out.
    pub layout: Layout,
    /// Where a record ends.
    pub framing: Framing,
    /// The columns, in schema order. Columns with [`Column::on_demand`] are made only when named.
    pub columns: Vec<Column>,
    /// What happens to text after the last known field.
    pub extra: Extra,
    /// Lines that start with one of these are skipped and counted.
    pub comments: Vec<String>,
    /// So many lines at the start of each file are skipped and counted.
    pub skip_lines: u32,
    /// The column that holds records of another format.
    pub inner: Option<Payload>,
    /// What a reader of the format should know: where it differs from what it was made of. Shown by `explain()`.
    pub notes: Vec<String>,
    /// The zone of times without one, when the format fixes it (an IANA name or `UTC`).
    pub timezone: Option<String>,
    /// Records with the row they must give; run as tests.
    pub samples: Vec<Sample>,
    /// Records that must be refused; run as tests.
    pub rejects: Vec<RejectSample>,
}

/// Where an envelope holds what was put into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload {
    /// The column.
    pub column: String,
    /// The name of the format that it is usually in, if there is one such format.
    pub format: Option<String>,
}

/// How the bytes of a record are cut into captures.
#[derive(Clone, Debug, PartialEq)]
pub enum Layout {
    /// Literals and captures in a fixed order. The alternatives are tried in turn; the first that fits wins.
    Pattern(Vec<Pattern>),
    /// Regular expressions.
    Regex(Regexes),
    /// A syslog message of one of these kinds.
    Syslog(Dialects),
    /// Fields with a delimiter between them, perhaps named by the file itself.
    Delimited(Delimited),
    /// Entries of the systemd journal's export, of lines `NAME=value` and of data behind their length; a blank line ends
    /// each. Columns read fields by their names.
    Journal,
    /// A JSON object.
    Json(Json),
}

/// Which kinds of syslog message there may be; where both, RFC 5424 is tried first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialects {
    /// RFC 5424.
    pub rfc5424: bool,
    /// RFC 3164, and what devices make of it.
    pub rfc3164: bool,
}

/// Where a record ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Framing {
    /// With its line.
    #[default]
    Lines,
    /// Before the next line that starts as this regular expression says.
    Start(String),
    /// Before the next line that starts as the first regular expression says, but for the one behind a line that starts
    /// as the second says: that line leads, and takes the next along.
    Led(String, String),
    /// Before the next line that does not start as this regular expression says.
    Continue(String),
    /// With its line, but that the text of this column goes on in a later line where the line says so.
    Parts(PartMarks, String),
    /// As many bytes behind its start as it says itself, in digits before its first one (RFC 6587); with its line, if it
    /// says nothing. Syslog only.
    Octets,
    /// With its JSON value: values stand one behind the other, whatever white space is between. Where keys are given, the
    /// array that stands under them in a value holds the records; without keys, one that is the whole value does.
    Values(Vec<String>),
}

/// How lines say that a message goes on in a later line of the same stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartMarks {
    /// `P` or `F` behind time and stream, as container runtimes of Kubernetes write.
    Cri,
    /// Docker's json-file: a log without a newline at its end goes on.
    Docker,
}

impl PartMarks {
    pub(crate) const NAMES: [(&'static str, Self); 2] = [("cri", Self::Cri), ("docker", Self::Docker)];

    /// Its name in a format file.
    pub(crate) fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, marks)| *marks == self).map_or("", |(name, _)| name)
    }
}

/// Literals and captures that follow one another, from the first byte of a record to its last.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pattern {
    /// The parts, in order. Two literals never stand side by side.
    pub parts: Vec<Part>,
}

/// One part of a [`Pattern`].
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// These bytes, exactly.
    Literal(Vec<u8>),
    /// A span that ends at the earliest place from which the rest of the pattern fits.
    Capture(Capture),
    /// Parts that are there together or not at all; there, if they can be.
    Optional(Vec<Part>),
    /// Parts at the end of the record, each of which begins at the last place that it can: what a writer adds behind a
    /// text that may hold anything, and so also what looks like these parts. A literal, a capture and perhaps a literal
    /// again, then optional parts of the same kind; right behind a capture of any text, which is all of the record where
    /// they are not there. Text behind them that begins like one of them, but with another name, is the extra text.
    Tail(Vec<Part>),
    /// Key-value pairs up to the end of the record; the last part.
    Pairs(Pairs),
    /// The literal right before it again, as often as it stands here.
    Again,
}

/// A named span of a record.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Capture {
    /// What columns refer to; empty for a span that is skipped.
    pub name: String,
    /// Which bytes it may hold.
    pub class: Class,
    /// How bytes are escaped in it. Between double quotes, an escaped quote does not end it.
    pub escape: Escape,
    /// It is either empty or starts with this byte (httpd's `%q` and its `?`): what ends a capture that stands right
    /// before it without a literal between.
    pub lead: Option<u8>,
}

/// Which bytes a capture may hold. It may be empty, unless said otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Class {
    /// Any byte but the newline.
    #[default]
    Any,
    /// No space.
    Word,
    /// No space and no double quote: what stands behind a quoted text whose writer does not escape quotes.
    Bare,
    /// ASCII digits, at least one.
    Digits,
    /// This many spaces, known beforehand (times: the spaces of their pattern).
    Spaces(u8),
    /// No space, but for those of the separators `, ` and ` : ` between items: an unquoted nginx list. It neither ends
    /// with a comma nor stands right before a ` : `.
    List,
    /// Any byte but the newline; a backslash takes the byte behind it along, so that this one ends nothing.
    Escaped,
    /// At least so many bytes: a word, and spaces at its ends that are no part of it.
    Padded(u8),
    /// At least so many bytes; spaces at its ends are no part of it.
    Trimmed(u8),
    /// Exactly so many bytes.
    Bytes(u8),
    /// What begins with a brace, as a JSON object does.
    Object,
    /// No space and no double quote, and a year and a hyphen at its start: a time of ISO 8601.
    Dated,
}

/// How a writer escapes bytes in a field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Escape {
    /// Not at all: a backslash is a backslash.
    #[default]
    None,
    /// httpd: `\"`, `\\`, `\b \n \r \t \v`, and `\xhh`.
    Httpd,
    /// nginx `escape=default`: `\xHH`.
    Nginx,
    /// JSON's escapes, between quotes (nginx `escape=json`).
    Json,
    /// CEF: `\\`, `\=`, `\|`, `\n`, `\r`.
    Cef,
    /// URLs: `%HH`, decoded once.
    Percent,
}

impl Escape {
    /// Whether it escapes with backslashes, which quotes are escaped with too.
    pub(crate) fn has_backslashes(self) -> bool {
        !matches!(self, Self::None | Self::Percent)
    }
}

/// A named, typed output.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Column {
    /// Its name in the schema.
    pub name: String,
    /// Where its bytes come from.
    pub from: From,
    /// Its type, with what decoding needs.
    pub dtype: TypeSpec,
    /// Texts that mean null. An empty text in the list means that an empty span is null.
    pub null: Vec<String>,
    /// Made only when named in `columns`, `where` or `derive`.
    pub on_demand: bool,
    /// Unit of its values (`B`, `us`, ...), where it has one.
    pub unit: Option<String>,
    /// What it holds, in a line.
    pub doc: String,
}

/// Where a column's bytes come from.
#[derive(Clone, Debug, PartialEq)]
pub enum From {
    /// The capture of this name.
    Capture(String),
    /// A part of an HTTP request line held by this capture.
    Request(String, RequestPart),
    /// The value of this key.
    Key(String),
    /// The value under these keys, from the outside in, of a JSON record.
    Member(Vec<String>),
    /// The texts of several captures, each behind a text of its own (dissect's `%{+name}`).
    Joined(Vec<(String, String)>),
    /// The capture of this name in the path of the source; the same in all rows of a file. All columns of a format that
    /// read the path have the same templates.
    Path(PathTemplates, String),
    /// The value of the folder `key=value` in the path of the source, as Hive calls the folders of partitions; the same in
    /// all rows of a file. Null where there is none, or it is `__HIVE_DEFAULT_PARTITION__`.
    Folder(String),
}

impl Default for From {
    fn default() -> Self {
        Self::Capture(String::new())
    }
}

/// The parts of an HTTP request line, `METHOD target PROTOCOL`. A line of another shape is all [`RequestPart::Path`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RequestPart {
    /// `GET`
    Method,
    /// `/a?b=1`, or the whole line when it is not a request line.
    Path,
    /// `HTTP/1.1`
    Protocol,
    /// `b=1`: the target after its first `?`; null without one.
    Query,
}

/// A column's type as text, with what decoding needs; `decode` gives it meaning.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TypeSpec {
    /// `utf8`, `binary`, `bool`, `int8`, `int16`, `int32`, `int64`, `float32`, `float64`, `decimal(p,s)`, `varchar(n)` (cut to so many
    /// characters), `char(n)` (cut, or filled up with spaces), `timestamp`,
    /// `timestamp_ntz` (without a zone: the time as written, in UTC where the text names a zone), `date`, `duration`, `hex` (int64), `ip` (utf8), `facility` and `severity` (int16, of a syslog priority),
    /// `structured_data` (a map of maps), `list<T>`, `map<utf8,utf8>` (key-value pairs). Empty means `utf8`. The
    /// layout of texts and the unit of timestamps are those of the options, unless a column has its own: `large_utf8`,
    /// `utf8_view`, `dictionary`, `timestamp[us]`, `timestamp[ns]`. Format files and [`TypeSpec::parse`] take Arrow's
    /// spellings too.
    pub name: String,
    /// For `timestamp` and `date`: a strftime-like pattern, or `iso8601`, `epoch` (seconds, with or without a
    /// fraction), `epoch_ms`, `epoch_us`, `epoch_ns`, or `auto` (such a number, whose unit its size tells, or ISO 8601); for `date` also `epoch_days`; `java` is what Java's `valueOf` takes. For `duration`: the unit of the number
    /// (`s`, `ms`, `us`, `ns`, or `s.ms` for seconds with a fraction). For `bool`, where not all usual words count:
    /// `strict` (`true` and `false` only) or `java` (`true`, and all else is false). For `float32`, `float64` and
    /// `decimal(p,s)`: `java`, what Java's `valueOf` and Hive take (`NaN`, exponents; decimals are rounded), for decimals
    /// also `rounded`, without spaces around them. For `binary`: `base64_or_raw`, base64 where the text can be that, else its
    /// bytes.
    ///
    /// Patterns, `iso8601` and `syslog` may stand side by side with `|` between them: the first that fits a text reads it
    /// (timestamps only). Tokens of a pattern; every other byte stands for itself:
    ///
    /// | token | meaning |
    /// | --- | --- |
    /// | `%Y` `%y` | year in four digits; in two (69 to 99 are 19xx) |
    /// | `%m` `%b` `%B` | month in two digits; English name in three letters; in full |
    /// | `%d` `%e` `%j` | day of the month in two digits; padded with a space; day of the year in three digits |
    /// | `%H` `%I` `%p` | hour 00 to 23; 01 to 12; `AM` or `PM` |
    /// | `%M` `%S` | minute; second (60 is read as the last microsecond of 59) |
    /// | `%f` `%1f` to `%9f` | fraction of the second: any number of digits; exactly so many |
    /// | `%.f` | a dot and a fraction, or nothing at all |
    /// | `%s` | seconds since 1970 UTC |
    /// | `%z` `%Z` | zone as `+0900`, `+09:00` or `Z`; abbreviation of the column's zone, or one that means the same everywhere (`UTC`, `PDT`, `JST`) |
    /// | `%a` `%A` | weekday, English, in three letters; in full; not checked |
    /// | `%T` `%R` `%D` `%F` | `%H:%M:%S`; `%H:%M`; `%m/%d/%y`; `%Y-%m-%d` |
    /// | `%n` `%t` `%%` | newline; tab; percent sign |
    pub format: Option<String>,
    /// For `list<T>`: the texts that separate items. The column's null texts apply to items too. For a `map<utf8,utf8>` of
    /// one field: the byte between entries, and the one between key and value.
    pub separators: Vec<String>,
}

/// What happens to text after the last known field of a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Extra {
    /// The record is malformed.
    #[default]
    Reject,
    /// It is kept in the column `_extra`.
    Column,
    /// It is dropped and counted.
    Count,
}

/// A record with the row it must give.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The record, without its newline.
    pub line: String,
    /// Expected values by column, as TOML has them (times as RFC 3339 text). Columns left out must be null.
    pub row: toml::Table,
}

/// A record that must be refused.
#[derive(Clone, Debug, PartialEq)]
pub struct RejectSample {
    /// The record, without its newline.
    pub line: String,
    /// Text that the error must contain.
    pub why: String,
}
