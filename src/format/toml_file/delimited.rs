//! The key `delimited`.

use toml::de::DeTable;

use super::super::Escape;
use super::super::delimited::{Delimited, Escaping, Header};
use super::keys::File;
use crate::error::Result;

const KEYS: [&str; 9] =
    ["delimiter", "quote", "quote_escape", "escaping", "newlines", "header", "fields", "exact", "named"];

impl File<'_> {
    /// The delimited layout, if the file has one.
    pub(super) fn delimited(&self, root: &DeTable<'_>, escape: Escape, null: &[String]) -> Result<Option<Delimited>> {
        let Some(value) = root.get("delimited") else { return Ok(None) };
        if root.contains_key("line") {
            let hint = "a format has a line, or is delimited";
            return Err(self.error(value.span(), "keys \"line\" and \"delimited\" do not go together", hint));
        }
        let table = value.get_ref().as_table().ok_or_else(|| self.expected("delimited", value, "a table"))?;
        self.known_keys(table, " of delimited", &KEYS)?;
        let byte = |key: &str| {
            let text = self.text(table, key)?.unwrap_or_default();
            match text.as_bytes() {
                [] => Ok(None),
                [byte] => Ok(Some(*byte)),
                _ => {
                    let span = table.get(key).unwrap_or(value).span();
                    Err(self.error(span, format!("key \"{key}\": expected one ASCII character"), "\"\" is for none"))
                }
            }
        };
        let flag = |key: &str| match table.get(key) {
            None => Ok(false),
            Some(value) => value.get_ref().as_bool().ok_or_else(|| self.expected(key, value, "true or false")),
        };
        let delimited = Delimited {
            delimiter: self.required(table, value.span(), "delimiter", " of delimited")?,
            quote: byte("quote")?,
            quote_escape: byte("quote_escape")?,
            escaping: self.choice(table, "escaping", Escaping::Usual, &Delimited::ESCAPINGS)?,
            newlines: flag("newlines")?,
            header: self.choice(table, "header", Header::None, &Delimited::HEADERS)?,
            fields: self.texts(table, "fields")?.unwrap_or_default(),
            exact: flag("exact")?,
            named: flag("named")?,
            escape,
            null: null.to_vec(),
        };
        delimited.check().map_err(|(key, message, hint)| {
            let span = table.get(key).or(root.get(key)).unwrap_or(value).span();
            self.error(span, format!("key \"{key}\": {message}"), hint)
        })?;
        Ok(Some(delimited))
    }
}
