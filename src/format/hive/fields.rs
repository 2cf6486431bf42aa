//! LazySimpleSerDe, MultiDelimitSerDe and OpenCSVSerde: columns are fields between delimiters.

use super::super::regex::Bad;
use super::super::{Delimited, Escaping, Layout};
use super::ddl::Text;
use super::token::bad;
use super::types::Meaning;
use super::{Reader, Semantics, time};
use crate::error::quoted;

impl Reader<'_> {
    /// LazySimpleSerDe, which ROW FORMAT DELIMITED stands for, and MultiDelimitSerDe: no quotes.
    pub(super) fn delimited(&mut self, is_multi: bool) -> Result<(Layout, Meaning), Bad> {
        self.refuse_unknown()?;
        let delimiter = self.property("field.delim").or(self.property("serialization.format")).cloned();
        let delimiter = match delimiter {
            Some(text) if is_multi => text.text,
            Some(text) => byte(&text)?.to_string(),
            None => "\u{1}".into(),
        };
        let escape = self.table.properties.get("escape.delim").map(|text| match text.text.as_str() {
            "" => Ok('\\'),
            _ => byte(text),
        });
        let null = self.table.properties.get("serialization.null.format").map_or("\\N", |text| &text.text).to_owned();
        let items = ["collection.delim", "colelction.delim"].iter().find_map(|name| self.property(name));
        let items = items.map(byte).transpose()?.unwrap_or('\u{2}');
        let keys = self.property("mapkey.delim").map(byte).transpose()?.unwrap_or('\u{3}');
        let nested = Some([items.to_string(), keys.to_string()]);
        let usual = Meaning::java(self.semantics);
        let decimal = if self.semantics == Semantics::Hive { "rounded" } else { "" };
        let mut meaning = Meaning { nested, null: vec![null], decimal, has_binary: true, ..usual };
        if self.semantics == Semantics::Logarrow {
            meaning.null.extend(["-".into(), String::new()]);
            meaning.null.dedup();
        }
        if let Some(formats) = self.property("timestamp.formats") {
            meaning.timestamp =
                time::pattern(&formats.text).map_err(|(message, hint)| bad(formats.at, message, hint))?;
        }
        let escape = escape.transpose()?.map(|escape| escape as u8);
        let layout = Delimited {
            delimiter,
            quote_escape: escape,
            escaping: if escape.is_some() { Escaping::Lazy } else { Escaping::Usual },
            fields: self.names.clone(),
            null: meaning.null.clone(),
            ..Delimited::default()
        };
        self.checked(layout, meaning)
    }

    /// OpenCSVSerde, whose columns are text to Hive; Athena gives them types.
    pub(super) fn csv(&mut self) -> Result<(Layout, Meaning), Bad> {
        self.refuse_unknown()?;
        let one = |name: &str, usual: char| match self.property(name) {
            None => Ok(usual),
            Some(text) => match text.text.chars().next() {
                Some(c) if c.is_ascii() => Ok(c),
                _ => Err(bad(text.at, format!("\"{name}\" is one ASCII character"), "write ',' or the like")),
            },
        };
        let (separator, quote) = (one("separatorChar", ',')?, one("quoteChar", '"')?);
        // A quote as the escape is what opencsv takes for none given.
        let escape = Some(one("escapeChar", '\\')?).filter(|escape| *escape != '"').unwrap_or('\\');
        let null: Vec<String> = match self.semantics {
            Semantics::Hive => Vec::new(),
            Semantics::Logarrow => vec![String::new(), "-".into()],
        };
        let meaning = Meaning {
            timestamp: "epoch_ms".into(),
            date: "epoch_days",
            number: "",
            decimal: "",
            null,
            // To Athena it is an error, which is told as a bad value here.
            is_empty_null: false,
            has_lengths: false,
            ..Meaning::java(self.semantics)
        };
        let layout = Delimited {
            delimiter: separator.to_string(),
            quote: Some(quote as u8),
            quote_escape: Some(escape as u8),
            escaping: Escaping::Opencsv,
            fields: self.names.clone(),
            null: meaning.null.clone(),
            ..Delimited::default()
        };
        self.checked(layout, meaning)
    }

    fn checked(&self, layout: Delimited, meaning: Meaning) -> Result<(Layout, Meaning), Bad> {
        let at = self.table.serde.as_ref().map_or(0, |serde| serde.at);
        layout.check().map_err(|(_, message, hint)| bad(at, message, hint))?;
        Ok((Layout::Delimited(layout), meaning))
    }

    /// Refuses properties that change what a line means in ways that are not known here.
    pub(super) fn refuse_unknown(&self) -> Result<(), Bad> {
        if let Some(text) = self.property("line.delim").filter(|text| !matches!(&*text.text, "\n" | "10")) {
            let message = format!("lines end with a newline, not with {}", quoted(text.text.as_bytes()));
            return Err(bad(text.at, message, "leave LINES TERMINATED BY out; Hive knows no other either"));
        }
        if let Some(text) = self.property("serialization.encoding")
            && !["utf-8", "utf8", "us-ascii", "ascii"].contains(&&*text.text.to_lowercase())
        {
            let message = format!("the encoding {} is an option of scans", quoted(text.text.as_bytes()));
            return Err(bad(
                text.at,
                message,
                "leave it out here, and give encoding=\"latin-1\" or \"utf-16\" to scan",
            ));
        }
        if let Some(text) = self
            .property("serialization.last.column.takes.rest")
            .filter(|_| self.is_true("serialization.last.column.takes.rest"))
        {
            let hint = "leave it out; extra=\"column\" keeps the rest in _extra";
            return Err(bad(text.at, "a last column that takes the rest of the line is not known", hint));
        }
        Ok(())
    }
}

/// A delimiter as LazySimpleSerDe reads it: a byte's number, or the first character.
fn byte(text: &Text) -> Result<char, Bad> {
    let number = text.text.parse::<i8>().ok().map(|number| char::from(number as u8));
    number.or(text.text.chars().next()).filter(char::is_ascii).ok_or_else(|| {
        let message = format!("{} is no delimiter of one ASCII character", quoted(text.text.as_bytes()));
        bad(text.at, message, "write ',' or '\\t' or '\\001'; for longer ones there is MultiDelimitSerDe")
    })
}
