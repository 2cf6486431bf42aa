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
    /// Members of JSON objects, which for CloudTrail stand in an array.
    Json { is_trail: bool },
}

/// Classes we read.
const KNOWN: [(&str, Serde); 12] = [
    ("org.apache.hadoop.hive.serde2.RegexSerDe", Serde::Regex { is_lenient: false }),
    ("org.apache.hadoop.hive.contrib.serde2.RegexSerDe", Serde::Regex { is_lenient: true }),
    ("com.amazonaws.glue.serde.GrokSerDe", Serde::Grok),
    ("org.apache.hadoop.hive.serde2.OpenCSVSerde", Serde::Csv),
    ("com.bizo.hive.serde.csv.CSVSerde", Serde::Csv),
    ("org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", Serde::Lazy { is_multi: false }),
    ("org.apache.hadoop.hive.serde2.MultiDelimitSerDe", Serde::Lazy { is_multi: true }),
    ("org.apache.hadoop.hive.contrib.serde2.MultiDelimitSerDe", Serde::Lazy { is_multi: true }),
    ("org.apache.hive.hcatalog.data.JsonSerDe", Serde::Json { is_trail: false }),
    ("org.apache.hadoop.hive.serde2.JsonSerDe", Serde::Json { is_trail: false }),
    ("org.openx.data.jsonserde.JsonSerDe", Serde::Json { is_trail: false }),
    ("com.amazon.emr.hive.serde.CloudTrailSerde", Serde::Json { is_trail: true }),
];

/// What `STORED AS` says of JSON by lines, and the input format of CloudTrail.
const JSON_FILE: &str = "jsonfile";
const TRAIL: &str = "cloudtrailinputformat";
/// Parts of the classes of formats that are no text.
const BINARY: [&str; 6] = ["parquet", "orc", "avro", "sequencefile", "rcfile", "columnar"];

impl Serde {
    /// The SerDe of a table.
    pub(super) fn of(table: &Table) -> Result<Self, Bad> {
        for class in [&table.serde, &table.stored].into_iter().flatten() {
            let text = class.text.to_lowercase();
            if text.ends_with("ionhiveserde") {
                let message = format!("{} reads Ion, which is not known here", shown(&class.text));
                return Err(bad(
                    class.at,
                    message,
                    "where the lines are JSON too, name org.openx.data.jsonserde.JsonSerDe",
                ));
            }
            if BINARY.iter().any(|part| text.contains(part)) {
                let message = format!("{} is no table of text lines", shown(&class.text));
                let hint = "such files hold columns already: read them with pyarrow, DuckDB or Spark";
                return Err(bad(class.at, message, hint));
            }
        }
        let stored = |end: &str| table.stored.as_ref().filter(|stored| stored.text.to_lowercase().ends_with(end));
        let is_of_json = stored(JSON_FILE).or(stored(TRAIL));
        if let Some(stored) = &table.stored
            && is_of_json.is_none()
            && !stored.text.to_lowercase().ends_with("textinputformat")
            && stored.text != "textfile"
        {
            let message = format!("an unknown input format, {}", shown(&stored.text));
            return Err(bad(stored.at, message, "known are TEXTFILE and org.apache.hadoop.mapred.TextInputFormat"));
        }
        let Some(serde) = &table.serde else {
            return match is_of_json {
                None => Ok(Self::Lazy { is_multi: false }),
                Some(_) if stored(JSON_FILE).is_some() => Ok(Self::Json { is_trail: false }),
                Some(input) => {
                    let message = format!("{} is an input format of JSON, without a SerDe", shown(&input.text));
                    Err(bad(input.at, message, "add ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'"))
                }
            };
        };
        let known = KNOWN.iter().find(|(class, _)| class.eq_ignore_ascii_case(&serde.text)).map(|(_, known)| *known);
        match (known, is_of_json) {
            (Some(Self::Json { is_trail }), _) => Ok(Self::Json { is_trail: is_trail || stored(TRAIL).is_some() }),
            (Some(_), Some(input)) => {
                let message =
                    format!("{} is an input format of JSON, not of {}", shown(&input.text), shown(&serde.text));
                Err(bad(input.at, message, "leave STORED AS out, or name a SerDe of JSON"))
            }
            (Some(known), None) => Ok(known),
            (None, _) => {
                let classes = KNOWN.iter().map(|(class, _)| *class);
                let hint = super::super::names::suggest(&serde.text, classes);
                Err(bad(serde.at, format!("an unknown SerDe, {}", shown(&serde.text)), hint))
            }
        }
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
            Self::Json { is_trail: false } => "JsonSerDe",
            Self::Json { is_trail: true } => "CloudTrail's SerDe",
        }
    }
}

/// The name of a class without its package.
fn shown(class: &str) -> String {
    crate::error::quoted(class.rsplit('.').next().unwrap_or(class).as_bytes())
}
