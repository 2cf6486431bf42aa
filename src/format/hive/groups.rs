//! RegexSerDe and GrokSerDe: columns are groups of an expression.

use super::super::regex::{self, Anchored, Naming, Regexes};
use super::super::{GrokOptions, Layout, grok};
use super::ddl::Text;
use super::token::bad;
use super::types::Meaning;
use super::{Reader, Semantics, Wrong};

impl Reader<'_> {
    /// RegexSerDe: the expression must match the whole line, and its groups are the columns, by their numbers.
    pub(super) fn regex(&mut self, is_lenient: bool) -> Result<(Layout, Meaning), Wrong> {
        let text = self.required("input.regex", "'input.regex' = '([^ ]*) (.*)'")?;
        self.note_lost(&text);
        let any_case = self.is_true("input.regex.case.insensitive");
        let (found, groups) = regex::read_numbered(&text.text, &self.names, any_case)
            .map_err(|bad| Wrong::Expression(regex::error("input.regex", &text.text, bad)))?;
        let columns = self.names.len();
        if groups != columns && !is_lenient && self.semantics == Semantics::Hive {
            let message =
                format!("input.regex has {groups} groups for {columns} columns, which Hive's RegexSerDe refuses");
            let hint = "declare a column for each group and make the others (?:...); contrib's class, \
                        org.apache.hadoop.hive.contrib.serde2.RegexSerDe, gives NULL for missing groups and leaves out \
                        others, as Athena does";
            return Err(bad(text.at, message, hint).into());
        }
        if groups < columns {
            let missing = self.names[groups..].join(", ");
            self.notes.push(format!("the expression has no groups for these columns, which are null: {missing}"));
        } else if groups > columns {
            self.notes.push(format!("the last {} groups of the expression are no columns", groups - columns));
        }
        let meaning = Meaning { truth: "java", ..Meaning::java(self.semantics) };
        Ok((Layout::Regex(Regexes { patterns: vec![found.text], anchored: Anchored::Full }), meaning))
    }

    /// GrokSerDe: columns are the fields of their names.
    pub(super) fn grok(&mut self) -> Result<(Layout, Meaning), Wrong> {
        let text = self.required("input.format", "'input.format' = '%{IP:client} %{GREEDYDATA:rest}'")?;
        self.note_lost(&text);
        let mut options = GrokOptions::default();
        if let Some(custom) = self.property("input.grokCustomPatterns") {
            for line in custom.text.lines().map(str::trim).filter(|line| !line.is_empty()) {
                let Some((name, pattern)) = line.split_once(char::is_whitespace) else {
                    let message = format!("a custom pattern without an expression, \"{line}\"");
                    return Err(bad(custom.at, message, "write NAME expression, one a line").into());
                };
                options.definitions.insert(name.to_owned(), pattern.trim().to_owned());
            }
        }
        let pattern = self.with_fields(&text.text);
        let wrong = |bad| Wrong::Expression(regex::error("input.format", &pattern, bad));
        let expression = grok::expanded(&pattern, &options).map_err(wrong)?;
        let names = Naming::Only(&self.names);
        // Places in what was put together are none of the pattern's.
        let found =
            regex::read_only(&expression, Anchored::No, names).map_err(|bad| wrong(regex::Bad { at: 0, ..bad }))?;
        if let Some((missing, column)) =
            self.names.iter().zip(&self.table.columns).find(|(name, _)| !found.names.contains(name))
        {
            let message = format!("column \"{missing}\" is no field of input.format");
            let hint = "call a field so, as in %{WORD:name}, or leave the column out";
            return Err(bad(column.at, message, hint).into());
        }
        if let Some(twice) = found.names.iter().find(|name| !self.names.contains(name)) {
            let name = twice.rsplit_once('_').map_or(twice.as_str(), |(name, _)| name);
            let hint = "give one of them another name";
            return Err(bad(text.at, format!("two fields of input.format are called \"{name}\""), hint).into());
        }
        let null = match self.semantics {
            Semantics::Hive => vec![String::new()],
            Semantics::Logarrow => vec![String::new(), "-".into()],
        };
        let meaning = Meaning { null, has_lengths: false, ..Meaning::java(self.semantics) };
        Ok((Layout::Regex(Regexes { patterns: vec![found.text], anchored: Anchored::No }), meaning))
    }

    /// The pattern where `%{NAME}`, if a column is called so and no field is, is that field: GrokSerDe names what a
    /// pattern matches by the pattern.
    fn with_fields(&self, pattern: &str) -> String {
        let mut out = String::with_capacity(pattern.len());
        let mut rest = pattern;
        let is_field = |name: &str| {
            let explicit = [format!(":{name}}}"), format!(":{name}:"), format!("(?<{name}>")];
            let lower = pattern.to_lowercase();
            explicit.iter().any(|spelt| lower.contains(spelt.as_str()))
        };
        while let Some(at) = rest.find("%{") {
            let Some(len) = rest[at..].find('}') else { break };
            let name = rest[at + 2..at + len].to_lowercase();
            out.push_str(&rest[..at + len]);
            if self.names.contains(&name) && !is_field(&name) {
                out.push(':');
                out.push_str(&name);
            }
            out.push('}');
            rest = &rest[at + len + 1..];
        }
        out + rest
    }

    fn required(&self, name: &str, example: &str) -> Result<Text, Wrong> {
        self.property(name).cloned().ok_or_else(|| {
            let at = self.table.serde.as_ref().map_or(0, |serde| serde.at);
            let hint = format!("add WITH SERDEPROPERTIES ({example})");
            bad(at, format!("the SerDe needs the property \"{name}\""), hint).into()
        })
    }

    /// Notes what is hardly ever meant.
    fn note_lost(&mut self, text: &Text) {
        if let Some(c) = text.lost {
            self.notes.push(format!(
                "in a text of SQL \\{c} is the letter {c}, and this expression holds one: write \\\\{c} for the class of \
                 characters"
            ));
        }
    }
}
