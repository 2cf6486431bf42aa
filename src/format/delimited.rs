//! Delimited layouts: what stands between fields, how they are quoted, and where their names come from.

use super::{Capture, Column, Escape, Extra, Format, From, Layout};
use crate::error::{Error, ErrorKind, Result};

/// Fields with a delimiter between them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Delimited {
    /// What stands between fields; one byte or more.
    pub delimiter: String,
    /// What may stand around a field, twice for itself inside one. Means something only at the start of a field.
    pub quote: Option<u8>,
    /// Takes away the meaning of the byte behind it, as `escaping` says.
    pub quote_escape: Option<u8>,
    /// What the escape does.
    pub escaping: Escaping,
    /// Quoted fields may hold newlines.
    pub newlines: bool,
    /// Where a file names its fields.
    pub header: Header,
    /// The fields of a record by the captures they feed, in order; with a header, those of a file without.
    pub fields: Vec<String>,
    /// A record with fewer fields is malformed; else those that are missing are null.
    pub exact: bool,
    /// Only the columns of the format are columns, whatever a header names.
    pub named: bool,
    /// How the writer escapes bytes in fields, beside quotes.
    pub escape: Escape,
    /// Texts that mean null in fields that a header names and no column describes.
    pub null: Vec<String>,
}

/// What the escape of delimited fields does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Escaping {
    /// It takes away the meaning of the byte behind it, between quotes and elsewhere; a doubled quote stays two quotes.
    #[default]
    Usual,
    /// As opencsv reads it: between quotes it does so, and a doubled quote stands for one; elsewhere it means nothing
    /// and is left out.
    Opencsv,
    /// As Hive's LazySimpleSerDe reads it: the usual, but that behind it `n` and `r` are line ends.
    Lazy,
}

/// Where a file names its fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Header {
    /// Nowhere: the format does.
    #[default]
    None,
    /// In its first record.
    First,
    /// In `#Fields:` lines, which may change in mid-file.
    W3c,
    /// In `#fields` lines, with `#separator` and `#types`.
    Zeek,
    /// In its first record, if that has names of fields of VPC flow logs; else the format does.
    Vpc,
}

impl Delimited {
    /// The names of the headers, as format files have them.
    pub const HEADERS: [(&'static str, Header); 5] = [
        ("none", Header::None),
        ("first", Header::First),
        ("w3c", Header::W3c),
        ("zeek", Header::Zeek),
        ("vpc", Header::Vpc),
    ];

    /// The rules of escapes, as format files have them.
    pub const ESCAPINGS: [(&'static str, Escaping); 3] =
        [("usual", Escaping::Usual), ("opencsv", Escaping::Opencsv), ("lazy", Escaping::Lazy)];

    /// What is wrong with it, and what to do; for format files and constructors alike.
    pub(super) fn check(&self) -> Result<(), (&'static str, String, String)> {
        if self.delimiter.is_empty() || self.delimiter.contains(['\n', '\r']) {
            let hint = "write one character or more, such as \",\" or \"\\t\", without a line end";
            return Err(("delimiter", "the delimiter is empty or ends lines".into(), hint.into()));
        }
        let first = self.delimiter.as_bytes()[0];
        if self.quote.is_some_and(|quote| quote == first || quote == b'\n') {
            let hint = "choose another quote, or quote = \"\" for none";
            return Err(("quote", "the quote is the delimiter".into(), hint.into()));
        }
        if self.quote_escape.is_some_and(|escape| escape == first || Some(escape) == self.quote) {
            let hint = "a quote that stands twice needs no escape; leave it out";
            return Err(("quote_escape", "the escape is the delimiter or the quote".into(), hint.into()));
        }
        let is_rule_of_quotes = self.escaping == Escaping::Opencsv;
        let has_all = self.quote_escape.is_some() && self.quote.is_some() == is_rule_of_quotes;
        if self.escaping != Escaping::Usual && (!has_all || self.newlines) {
            let hint = "opencsv needs quote and quote_escape, lazy quote_escape alone; or leave it out";
            return Err(("escaping", "the rule of escapes does not go with the quotes".into(), hint.into()));
        }
        if self.newlines && self.quote.is_none() {
            return Err(("newlines", "newlines stand in quoted fields only".into(), "give a quote".into()));
        }
        if self.escape != Escape::None && (self.quote.is_some() || self.quote_escape.is_some()) {
            let hint = "set quote = \"\", or leave escape out";
            return Err(("escape", "escapes of a writer do not go with quotes".into(), hint.into()));
        }
        if matches!(self.header, Header::None | Header::Vpc) && self.fields.is_empty() {
            let hint = "name them in fields, or say with header where a file does: first, w3c, zeek";
            return Err(("fields", "nothing names the fields".into(), hint.into()));
        }
        if let Some(twice) = self.fields.iter().enumerate().find(|(at, name)| self.fields[..*at].contains(name)) {
            return Err(("fields", format!("two fields are called \"{}\"", twice.1), "give one another name".into()));
        }
        Ok(())
    }
}

impl Format {
    /// A delimited format: what stands between fields, what may stand around one (`None`: nothing), and the names of the
    /// fields, or none if the first record of each file has them. All columns are text; see [`Format::with_types`].
    /// With quotes, fields may hold newlines; an empty field is null; a record with more fields than there are names is
    /// malformed.
    ///
    /// **Errors**: [`ErrorKind::FormatSyntax`] for an empty delimiter, or one that is the quote, and fields of one name.
    ///
    /// ```
    /// use logarrow::Format;
    /// let format = Format::delimited(";", Some('"'), &["host", "status"])?.with_types(&[("status", "int16")])?;
    /// assert_eq!(format.columns[1].dtype.name, "int16");
    /// assert!(Format::delimited("", None, &[]).is_err());
    /// # Ok::<(), logarrow::Error>(())
    /// ```
    pub fn delimited(delimiter: &str, quote: Option<char>, fields: &[&str]) -> Result<Self> {
        let bad = |(key, message, hint): (&str, String, String)| {
            Error::new(ErrorKind::FormatSyntax, format!("\"{key}\": {message}")).with_hint(hint)
        };
        let quote = match quote {
            Some(quote) if !quote.is_ascii() => {
                return Err(bad(("quote", "a quote is one ASCII character".into(), "use '\"' or None".into())));
            }
            quote => quote.map(|quote| quote as u8),
        };
        let layout = Delimited {
            delimiter: delimiter.to_owned(),
            quote,
            newlines: quote.is_some(),
            header: if fields.is_empty() { Header::First } else { Header::None },
            fields: fields.iter().map(|name| (*name).to_owned()).collect(),
            null: vec![String::new()],
            ..Delimited::default()
        };
        layout.check().map_err(bad)?;
        let column = |name: &String| Column {
            name: name.clone(),
            from: From::Capture(name.clone()),
            null: layout.null.clone(),
            ..Column::default()
        };
        Ok(Self {
            name: "delimited".into(),
            aliases: Vec::new(),
            title: "delimited fields".into(),
            source: String::new(),
            columns: layout.fields.iter().map(column).collect(),
            layout: Layout::Delimited(layout),
            framing: super::Framing::Lines,
            extra: Extra::Reject,
            comments: Vec::new(),
            skip_lines: 0,
            inner: None,
            notes: Vec::new(),
            timezone: None,
            samples: Vec::new(),
            rejects: Vec::new(),
        })
    }

    /// Whether a file's own header says which columns there are.
    pub fn reads_header(&self) -> bool {
        matches!(&self.layout, Layout::Delimited(delimited) if delimited.header != Header::None)
    }
}

/// The layout for people.
pub(super) fn explain(delimited: &Delimited) -> String {
    let shown = |byte: u8| crate::error::quoted(&[byte]);
    let mut out = format!("delimited by {}", crate::error::quoted(delimited.delimiter.as_bytes()));
    match delimited.quote {
        None => out.push_str(", no quotes"),
        Some(quote) => {
            out.push_str(&format!(", quoted by {}", shown(quote)));
            out.push_str(if delimited.newlines { ", with newlines between quotes" } else { "" });
        }
    }
    if let Some(escape) = delimited.quote_escape {
        out.push_str(&format!(", escaped by {}", shown(escape)));
        out.push_str(match delimited.escaping {
            Escaping::Usual => "",
            Escaping::Opencsv => " or doubled, as in opencsv",
            Escaping::Lazy => ", as in Hive's LazySimpleSerDe",
        });
    }
    out.push_str(match delimited.header {
        Header::None => "",
        Header::First => ", named by the first record",
        Header::W3c => ", named by #Fields lines",
        Header::Zeek => ", named by #fields lines",
        Header::Vpc => ", named by the first record if it has names of fields",
    });
    out.push('\n');
    if !delimited.fields.is_empty() {
        out.push_str(&format!("  {}\n", delimited.fields.join(", ")));
    }
    out
}

/// The captures that columns may read.
pub(super) fn captures(delimited: &Delimited, columns: &[String]) -> Vec<String> {
    let more = columns.iter().filter(|name| !delimited.fields.contains(name));
    let all = delimited.fields.iter().chain(more);
    all.map(|name| Capture { name: name.clone(), ..Capture::default() }.name).collect()
}
