//! `[pairs]`: how key-value pairs are written.

use toml::de::DeTable;

use super::super::{Escape, Pairs};
use super::keys::File;
use crate::error::Result;

const PAIRS_KEYS: [&str; 11] = [
    "separator",
    "separator_from",
    "assign",
    "quotes",
    "nested",
    "escape",
    "values",
    "bare",
    "strict",
    "labels",
    "keys",
];

impl File<'_> {
    /// The settings of the `{:pairs}` that end a line; the usual ones without a table.
    pub(super) fn pairs(&self, root: &DeTable<'_>) -> Result<Pairs> {
        let usual = Pairs::default();
        let Some(value) = root.get("pairs") else { return Ok(usual) };
        let table = value.get_ref().as_table().ok_or_else(|| self.expected("pairs", value, "a table"))?;
        self.known_keys(table, " of pairs", &PAIRS_KEYS)?;
        let byte = |key: &str| match self.text(table, key)?.as_deref().map(str::as_bytes) {
            None => Ok(None),
            Some([byte]) => Ok(Some(*byte)),
            Some(_) => Err(self.error(value.span(), format!("key \"{key}\" of pairs is one byte"), "write \"=\"")),
        };
        let truth = |key: &str, usual: bool| match table.get(key) {
            None => Ok(usual),
            Some(value) => value.get_ref().as_bool().ok_or_else(|| self.expected(key, value, "true or false")),
        };
        let escapes = [("none", Escape::None), ("json", Escape::Json), ("cef", Escape::Cef)];
        let pairs = Pairs {
            name: String::new(),
            separator: self.text(table, "separator")?.unwrap_or(usual.separator),
            separator_from: self.text(table, "separator_from")?,
            assign: byte("assign")?.unwrap_or(usual.assign),
            quotes: self.text(table, "quotes")?.unwrap_or(usual.quotes),
            nested: byte("nested")?,
            escape: self.choice(table, "escape", usual.escape, &escapes)?,
            until_key: self.choice(table, "values", false, &[("until_separator", false), ("until_key", true)])?,
            bare: truth("bare", usual.bare)?,
            strict: truth("strict", usual.strict)?,
            labels: truth("labels", usual.labels)?,
            found: self.choice(table, "keys", false, &[("named", false), ("found", true)])?,
        };
        match pairs.wrong() {
            Some(wrong) => {
                Err(self.error(value.span(), format!("table \"pairs\": {wrong}"), "see docs/adding-a-format.md"))
            }
            None => Ok(pairs),
        }
    }
}
