//! The keys that say how a record is laid out.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeTable;

use super::super::line::{self, Around};
use super::super::{Anchored, Layout, Regexes, regex};
use super::keys::{File, Value};
use crate::error::Result;

impl File<'_> {
    /// The layout, and the names of its captures in order.
    pub(super) fn layout(&self, root: &DeTable<'_>, around: &Around<'_>) -> Result<(Layout, Vec<String>)> {
        if let Some(dialects) = self.syslog(root)? {
            let captures = super::super::syslog::CAPTURES.map(str::to_owned);
            return Ok((Layout::Syslog(dialects), captures.into()));
        }
        if self.choice(root, "journal", false, &[("export", true)])? {
            let other = ["line", "regex", "multiline", "pairs"].iter().find_map(|key| Some((key, root.get(*key)?)));
            if let Some((key, value)) = other {
                let message = format!("keys \"journal\" and \"{key}\" do not go together");
                return Err(self.error(value.span(), message, "an entry has its own parts: leave it out"));
            }
            return Ok((Layout::Journal, Vec::new()));
        }
        if let Some(value) = root.get("regex") {
            return self.regexes(root, value);
        }
        if let Some(value) = root.get("anchored") {
            return Err(self.error(value.span(), "key \"anchored\" needs key \"regex\"", "leave it out"));
        }
        let mut patterns = Vec::new();
        let mut captures = Vec::new();
        for (text, span) in self.lines(root)? {
            let at = |bad: line::Bad| {
                // A literal string holds the line as it is; in others the place can only be told to the string.
                let inside =
                    self.text.get(span.clone()).and_then(|quoted| quoted.find(&text)).map(|from| from + bad.at);
                let start = span.start + inside.unwrap_or(0);
                self.error(start..start, format!("key \"line\": {}", bad.message), bad.hint)
            };
            let drafts = line::parse(&text).map_err(at)?;
            collect_names(&drafts, &mut captures);
            patterns.push(line::resolve(&drafts, around).map_err(at)?);
        }
        Ok((Layout::Pattern(patterns), captures))
    }

    /// The expressions under `regex`.
    fn regexes(&self, root: &DeTable<'_>, value: &Value<'_>) -> Result<(Layout, Vec<String>)> {
        if let Some(line) = root.get("line") {
            return Err(self.error(line.span(), "keys \"line\" and \"regex\" exclude each other", "keep one of them"));
        }
        let anchored = self.choice(root, "anchored", Anchored::No, &Anchored::NAMES)?;
        let mut captures: Vec<String> = Vec::new();
        let mut patterns = Vec::new();
        for text in self.texts(root, "regex")?.unwrap_or_default() {
            let found = regex::read(&text, anchored, &[]).map_err(|bad| {
                let message = format!("key \"regex\", byte {}: {}", bad.at, bad.message);
                self.error(value.span(), message, bad.hint)
            })?;
            captures.extend(found.names.into_iter().filter(|name| !captures.contains(name)).collect::<Vec<_>>());
            patterns.push(found.text);
        }
        if captures.is_empty() {
            let hint = "write regex = '(?<status>[0-9]+)' or the like";
            return Err(self.error(value.span(), "key \"regex\": no named group", hint));
        }
        Ok((Layout::Regex(Regexes { patterns, anchored }), captures))
    }

    /// The alternatives under `line`, each with its place.
    fn lines(&self, root: &DeTable<'_>) -> Result<Vec<(String, Range<usize>)>> {
        let Some(value) = root.get("line") else {
            return Err(self.error(0..0, "key \"line\" is missing", "add line = '{host} {message:any}' or the like"));
        };
        let texts = self.texts(root, "line")?.unwrap_or_default();
        let spans: Vec<_> = match value.get_ref().as_array() {
            Some(items) => items.iter().map(Spanned::span).collect(),
            None => vec![value.span()],
        };
        if texts.is_empty() || texts.iter().any(String::is_empty) {
            return Err(self.error(value.span(), "key \"line\": a line is empty", "write what a record looks like"));
        }
        Ok(texts.into_iter().zip(spans).collect())
    }
}

/// The names of captures in order, each once.
fn collect_names(drafts: &[line::Draft], names: &mut Vec<String>) {
    for draft in drafts {
        match draft {
            line::Draft::Literal(_) | line::Draft::Again => {}
            line::Draft::Pairs(name, _) if name.is_empty() || names.contains(name) => {}
            line::Draft::Pairs(name, _) => names.push(name.clone()),
            line::Draft::Optional(inner) | line::Draft::Tail(inner) => collect_names(inner, names),
            line::Draft::Capture(slot) if slot.name.is_empty() || names.contains(&slot.name) => {}
            line::Draft::Capture(slot) => names.push(slot.name.clone()),
        }
    }
}
