//! Which SerDe a table has.

use super::super::regex::Bad;
use super::ddl::Table;
use super::token::bad;

/// What makes columns of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Serde {
    /// Groups of a regular expression; if lenient, there may be fewer or more of them than columns.
    Regex { is_lenient: bool },
    /// Fields of a grok pattern.
    Grok,
    /// Comma-separated values, with quotes.
    Csv,
    /// Delimited fields without quotes; the delimiter may have several bytes.
    Lazy { is_multi: bool },
}

/// Classes we read.
const KNOWN: [(&str, Serde); 8] = [
    ("org.apache.hadoop.hive.serde2.RegexSerDe", Serde::Regex { is_lenient: false }),
    ("org.apache.hadoop.hive.contrib.serde2.RegexSerDe", Serde::Regex { is_lenient: true }),
    ("com.amazonaws.glue.serde.GrokSerDe", Serde::Grok),
    ("org.apache.hadoop.hive.serde2.OpenCSVSerde", Serde::Csv),
    ("com.bizo.hive.serde.csv.CSVSerde", Serde::Csv),
    ("org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", Serde::Lazy { is_multi: false }),
    ("org.apache.hadoop.hive.serde2.MultiDelimitSerDe", Serde::Lazy { is_multi: true }),
    ("org.apache.hadoop.hive.contrib.serde2.MultiDelimitSerDe", Serde::Lazy { is_multi: true }),
];

/// Ends of the classes of formats that are JSON, and of those that are no text.
const JSON: [&str; 5] = ["jsonserde", "cloudtrailserde", "ionhiveserde", "cloudtrailinputformat", "jsonfile"];
const BINARY: [&str; 6] = ["parquet", "orc", "avro", "sequencefile", "rcfile", "columnar"];

impl Serde {
    /// The SerDe of a table.
    pub(super) fn of(table: &Table) -> Result<Self, Bad> {
        for class in [&table.serde, &table.stored].into_iter().flatten() {
            let text = class.text.to_lowercase();
            if JSON.iter().any(|end| text.ends_with(end)) {
                let message = format!("{} reads JSON, and JSON layouts are not in yet", shown(&class.text));
                let hint = "until they are, read the lines with another reader of JSON";
                return Err(bad(class.at, message, hint));
            }
            if BINARY.iter().any(|part| text.contains(part)) {
                let message = format!("{} is no table of text lines", shown(&class.text));
                let hint = "such files hold columns already: read them with pyarrow, DuckDB or Spark";
                return Err(bad(class.at, message, hint));
            }
        }
        if let Some(stored) = &table.stored
            && !stored.text.to_lowercase().ends_with("textinputformat")
            && stored.text != "textfile"
        {
            let message = format!("an unknown input format, {}", shown(&stored.text));
            return Err(bad(stored.at, message, "known are TEXTFILE and org.apache.hadoop.mapred.TextInputFormat"));
        }
        let Some(serde) = &table.serde else { return Ok(Self::Lazy { is_multi: false }) };
        KNOWN.iter().find(|(class, _)| class.eq_ignore_ascii_case(&serde.text)).map(|(_, known)| *known).ok_or_else(
            || {
                let classes = KNOWN.iter().map(|(class, _)| *class);
                let hint = super::super::names::suggest(&serde.text, classes);
                bad(serde.at, format!("an unknown SerDe, {}", shown(&serde.text)), hint)
            },
        )
    }

    /// What people call it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Regex { is_lenient: false } => "RegexSerDe",
            Self::Regex { is_lenient: true } => "contrib's RegexSerDe",
            Self::Grok => "GrokSerDe",
            Self::Csv => "OpenCSVSerde (with the types that Athena gives its columns)",
            Self::Lazy { is_multi: false } => "LazySimpleSerDe",
            Self::Lazy { is_multi: true } => "MultiDelimitSerDe",
        }
    }
}

/// The name of a class without its package.
fn shown(class: &str) -> String {
    crate::error::quoted(class.rsplit('.').next().unwrap_or(class).as_bytes())
}
