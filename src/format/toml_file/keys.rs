//! Reading the keys of a TOML file, each error with its place.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::super::names;
use crate::error::{Error, ErrorKind, Position, Result};

pub(in crate::format) type Value<'t> = Spanned<DeValue<'t>>;

/// The text, and what errors call it.
pub(in crate::format) struct File<'t> {
    pub(in crate::format) text: &'t str,
    pub(in crate::format) origin: &'t str,
}

impl File<'_> {
    #[cold]
    pub(in crate::format) fn error(
        &self,
        span: Range<usize>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Error {
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
    pub(in crate::format) fn entries<'v, 't>(
        &self,
        table: &'v DeTable<'t>,
    ) -> Vec<(&'v str, Range<usize>, &'v Value<'t>)> {
        let mut entries: Vec<_> =
            table.iter().map(|(key, value)| (key.get_ref().as_ref(), key.span(), value)).collect();
        entries.sort_by_key(|(_, span, _)| span.start);
        entries
    }

    pub(in crate::format) fn known_keys(&self, table: &DeTable<'_>, place: &str, known: &[&'static str]) -> Result<()> {
        match self.entries(table).into_iter().find(|(key, ..)| !known.contains(key)) {
            Some((key, span, _)) => Err(self.error(
                span,
                format!("unknown key \"{key}\"{place}"),
                names::suggest(key, known.iter().copied()),
            )),
            None => Ok(()),
        }
    }

    pub(in crate::format) fn expected(&self, key: &str, value: &Value<'_>, wanted: &str) -> Error {
        let found = value.get_ref().type_str();
        self.error(value.span(), format!("key \"{key}\": expected {wanted}, found {found}"), format!("write {wanted}"))
    }

    pub(in crate::format) fn text(&self, table: &DeTable<'_>, key: &str) -> Result<Option<String>> {
        match table.get(key) {
            None => Ok(None),
            Some(value) => match value.get_ref().as_str() {
                Some(text) => Ok(Some(text.to_owned())),
                None => Err(self.expected(key, value, "a string")),
            },
        }
    }

    /// A string, or an array of strings.
    pub(in crate::format) fn texts(&self, table: &DeTable<'_>, key: &str) -> Result<Option<Vec<String>>> {
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

    /// A whole number from 0.
    pub(in crate::format) fn number(&self, table: &DeTable<'_>, key: &str) -> Result<Option<u32>> {
        let Some(value) = table.get(key) else { return Ok(None) };
        let number = value.get_ref().as_integer().and_then(|number| number.as_str().parse().ok());
        number.map(Some).ok_or_else(|| self.expected(key, value, "a whole number from 0"))
    }

    pub(in crate::format) fn required(
        &self,
        table: &DeTable<'_>,
        span: Range<usize>,
        key: &str,
        place: &str,
    ) -> Result<String> {
        self.text(table, key)?
            .ok_or_else(|| self.error(span, format!("key \"{key}\"{place} is missing"), format!("add {key} = \"...\"")))
    }

    /// One word out of a few.
    pub(in crate::format) fn choice<T: Copy>(
        &self,
        table: &DeTable<'_>,
        key: &str,
        default: T,
        known: &[(&'static str, T)],
    ) -> Result<T> {
        let (Some(word), Some(value)) = (self.text(table, key)?, table.get(key)) else { return Ok(default) };
        known.iter().find(|(name, _)| *name == word).map(|(_, choice)| *choice).ok_or_else(|| {
            let hint = names::suggest(&word, known.iter().map(|(name, _)| *name));
            self.error(value.span(), format!("key \"{key}\": unknown value \"{word}\""), hint)
        })
    }

    /// The tables of an array of tables, which may be missing.
    pub(in crate::format) fn tables<'v, 't>(
        &self,
        root: &'v DeTable<'t>,
        key: &str,
    ) -> Result<Vec<(&'v DeTable<'t>, Range<usize>)>> {
        let Some(value) = root.get(key) else { return Ok(Vec::new()) };
        let wrong = || self.expected(key, value, "an array of tables");
        let items = value.get_ref().as_array().ok_or_else(wrong)?;
        items.iter().map(|item| item.get_ref().as_table().map(|table| (table, item.span())).ok_or_else(wrong)).collect()
    }
}
