//! Grok patterns: regular expressions put together from named ones.
//!
//! **Source**: <https://www.elastic.co/guide/en/logstash/current/plugins-filters-grok.html>.
//!
//! The patterns under the names of Logstash's sets are the files of `grok/`: written here, from what each name stands
//! for, for an engine that runs in linear time. A line is a name and its expression; `#` begins a comment.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use super::regex::{self, Anchored, Bad, Regexes};
use super::{Column, Format, From, TypeSpec, names};
use crate::error::Result;

const SOURCE: &str = "https://www.elastic.co/guide/en/logstash/current/plugins-filters-grok.html";

/// Patterns that both sets have.
const COMMON: [&str; 1] = [include_str!("grok/base.txt")];
/// Patterns with the field names of the older set.
const LEGACY: [&str; 1] = [include_str!("grok/legacy.txt")];
/// Patterns with the field names of the Elastic Common Schema.
const ECS: [&str; 1] = [include_str!("grok/ecs.txt")];

static LEGACY_SET: LazyLock<Set> = LazyLock::new(|| Set::of(&[&COMMON[..], &LEGACY[..]]));
/// Names that have no fields of their own, or none in that schema, are the older set's.
static ECS_SET: LazyLock<Set> = LazyLock::new(|| Set::of(&[&COMMON[..], &LEGACY[..], &ECS[..]]));

/// Patterns within patterns: more is a circle, or will not compile.
const MAX_DEPTH: usize = 50;
/// An expression put together, in bytes.
const MAX_BYTES: usize = 1 << 18;

/// Named expressions.
#[derive(Debug)]
struct Set(HashMap<&'static str, &'static str>);

impl Set {
    fn of(files: &[&[&'static str]]) -> Self {
        let lines = files.iter().copied().flatten().flat_map(|file| file.lines());
        Self(lines.filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(' ')).collect())
    }
}

/// How [`Format::grok_with`] reads patterns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GrokOptions {
    /// Patterns of the caller's own, by name; they go before the library's.
    pub definitions: BTreeMap<String, String>,
    /// Field names of the Elastic Common Schema, as Logstash's `ecs_compatibility`.
    pub ecs: bool,
}

impl Format {
    /// The format that a grok pattern describes, with the older field names and without definitions of its own.
    ///
    /// **Errors**: as [`Format::grok_with`].
    ///
    /// ```
    /// let format = logarrow::format::Format::grok("%{IP:client} %{NUMBER:bytes:int}")?;
    /// assert_eq!(format.columns[1].dtype.name, "int64");
    /// # Ok::<(), logarrow::Error>(())
    /// ```
    pub fn grok(pattern: &str) -> Result<Self> {
        Self::grok_with(&[pattern], &GrokOptions::default())
    }

    /// The format that grok patterns describe, which are tried in turn.
    ///
    /// `%{NAME}` stands for the pattern of this name, `%{NAME:field}` makes a column of what it matches, and
    /// `%{NAME:field:int}` (or `float`, `bool`, `string`) types it; `(?<field>...)` is taken too. A field `[a][b]` or `a.b`
    /// is the column `a_b`. Patterns without a field are no columns, and what is empty is null. The match is searched for
    /// in each record, as Logstash does; anchor it with `^` and `$`. A field that can be captured twice at once gives
    /// `field` and `field_2`; one that stands in alternatives is one column.
    ///
    /// **Errors**: [`crate::ErrorKind::FormatSyntax`]: an unknown pattern, an unknown type, or what [`Format::regex`] refuses.
    pub fn grok_with<T: AsRef<str>>(patterns: &[T], options: &GrokOptions) -> Result<Self> {
        let mut layout = Regexes { patterns: Vec::new(), anchored: Anchored::No };
        let mut columns: Vec<Column> = Vec::new();
        for pattern in patterns {
            let pattern = pattern.as_ref();
            let mut writer = Writer { options, out: String::new(), types: Vec::new() };
            let found = writer
                .expand(pattern, 0)
                .and_then(|()| {
                    // Places in what was put together are none of the pattern's.
                    regex::read(&writer.out, Anchored::No, &[]).map_err(|bad| Bad {
                        at: 0,
                        message: format!("{} (in {})", bad.message, excerpt(&writer.out, bad.at)),
                        hint: bad.hint,
                    })
                })
                .map_err(|bad| regex::error("grok", pattern, bad))?;
            if found.names.is_empty() {
                let hint = "name what should become a column: %{NUMBER:status:int}";
                let bad = Bad { at: 0, message: "no field in the pattern".into(), hint: hint.into() };
                return Err(regex::error("grok", pattern, bad));
            }
            layout.patterns.push(found.text);
            for name in found.names {
                if !columns.iter().any(|column| column.name == name) {
                    columns.push(Column {
                        from: From::Capture(name.clone()),
                        dtype: writer.dtype(&name),
                        null: vec![String::new()],
                        name,
                        ..Column::default()
                    });
                }
            }
        }
        let title = patterns.first().map_or("Grok pattern", AsRef::as_ref).to_owned();
        regex::finish("grok", &title, SOURCE, layout, columns)
    }
}

/// A grok pattern as the expression that it stands for.
pub(super) fn expanded(pattern: &str, options: &GrokOptions) -> std::result::Result<String, Bad> {
    let mut writer = Writer { options, out: String::new(), types: Vec::new() };
    writer.expand(pattern, 0)?;
    Ok(writer.out)
}

/// Puts an expression together.
struct Writer<'o> {
    options: &'o GrokOptions,
    out: String,
    /// Types that fields ask for.
    types: Vec<(String, &'static str)>,
}

impl<'o> Writer<'o> {
    fn definition(&self, name: &str) -> Option<&'o str> {
        let set = if self.options.ecs { &ECS_SET } else { &LEGACY_SET };
        self.options.definitions.get(name).map(String::as_str).or_else(|| set.0.get(name).copied())
    }

    /// Appends a pattern with all that it names.
    fn expand(&mut self, pattern: &str, depth: usize) -> std::result::Result<(), Bad> {
        let mut at = 0;
        while let Some(next) = self.next_mark(pattern, at) {
            if depth > MAX_DEPTH || self.out.len() > MAX_BYTES {
                let hint = "patterns must not name themselves, not even by others";
                return Err(Bad { at, message: "patterns nested too deep".into(), hint: hint.into() });
            }
            self.out.push_str(&pattern[at..next]);
            at = next;
            let rest = &pattern[at..];
            if let Some(inner) = rest.strip_prefix("(?<") {
                let len = inner.find('>').unwrap_or(inner.len());
                self.out += &format!("(?<{}", field_name(&inner[..len]));
                at += 3 + len;
                continue;
            }
            let Some(len) = rest.find('}') else {
                return Err(Bad { at, message: "%{ without }".into(), hint: "write \\%\\{ for the text".into() });
            };
            self.reference(&rest[2..len], at, depth)?;
            at += len + 1;
        }
        self.out.push_str(&pattern[at..]);
        Ok(())
    }

    /// The next `%{`, or `(?<` of a named group, that no backslash hides.
    fn next_mark(&self, pattern: &str, from: usize) -> Option<usize> {
        let bytes = pattern.as_bytes();
        let mut at = from;
        while at < bytes.len() {
            match bytes[at] {
                b'\\' => at += 1,
                b'%' if bytes.get(at + 1) == Some(&b'{') => return Some(at),
                b'(' if pattern[at..].starts_with("(?<") && !matches!(bytes.get(at + 3), Some(b'=' | b'!')) => {
                    return Some(at);
                }
                _ => {}
            }
            at += 1;
        }
        None
    }

    /// `NAME`, `NAME:field`, `NAME:field:type`, or `NAME=definition`.
    fn reference(&mut self, text: &str, at: usize, depth: usize) -> std::result::Result<(), Bad> {
        let (name, field, dtype) = {
            let mut parts = text.splitn(3, ':');
            (parts.next().unwrap_or_default(), parts.next(), parts.next())
        };
        let Some(definition) = self.definition(name) else {
            let set = if self.options.ecs { &ECS_SET } else { &LEGACY_SET };
            let known = set.0.keys().copied().chain(self.options.definitions.keys().map(String::as_str));
            let hint = crate::error::did_you_mean(name, known)
                .unwrap_or_else(|| "define it: definitions={\"NAME\": \"expression\"}".into());
            return Err(Bad { at, message: format!("no pattern is called \"{name}\""), hint });
        };
        let Some(field) = field.filter(|field| !field.is_empty()) else {
            self.out.push_str("(?:");
            self.expand(definition, depth + 1).map_err(|bad| inside(bad, name, at))?;
            self.out.push(')');
            return Ok(());
        };
        let column = field_name(field);
        if column.is_empty() {
            let hint = "use letters, digits and _";
            return Err(Bad { at, message: format!("\"{field}\" cannot name a field"), hint: hint.into() });
        }
        match dtype.map(str::trim) {
            None | Some("" | "string") => {}
            Some("int" | "integer" | "long") => self.types.push((column.clone(), "int64")),
            Some("float" | "double") => self.types.push((column.clone(), "float64")),
            Some("bool" | "boolean") => self.types.push((column.clone(), "bool")),
            Some(other) => {
                let hint = names::suggest(other, ["int", "float", "bool", "string"]);
                return Err(Bad { at, message: format!("no field has the type \"{other}\""), hint });
            }
        }
        self.out += &format!("(?<{column}>");
        self.expand(definition, depth + 1).map_err(|bad| inside(bad, name, at))?;
        self.out.push(')');
        Ok(())
    }

    fn dtype(&self, name: &str) -> TypeSpec {
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let base = match name.rsplit_once('_') {
            Some((base, count)) if is_digits(count) && self.types.iter().any(|(known, _)| known == base) => base,
            _ => name,
        };
        let found = self.types.iter().find(|(known, _)| known == name || known == base);
        found.map_or_else(TypeSpec::default, |(_, dtype)| TypeSpec::plain(dtype))
    }
}

/// What is wrong with a pattern that another names.
fn inside(bad: Bad, name: &str, at: usize) -> Bad {
    let message = if bad.message.contains(" (in ") { bad.message } else { format!("{} (in {name})", bad.message) };
    Bad { at, message, hint: bad.hint }
}

fn excerpt(text: &str, at: usize) -> String {
    let rest: String = text.get(at..).unwrap_or_default().chars().take(20).collect();
    crate::error::quoted(rest.as_bytes())
}

/// The column of a field: `[a][b]`, `a.b` and `@a-b` are `a_b`.
pub(super) fn field_name(field: &str) -> String {
    let mut out = String::new();
    for c in field.chars() {
        if c.is_alphanumeric() || c == '_' {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
    }
    let out = out.strip_suffix('_').filter(|_| !field.ends_with('_')).unwrap_or(&out).to_owned();
    if out.starts_with(|c: char| c.is_ascii_digit()) { format!("_{out}") } else { out }
}

/// The names of the library's patterns.
#[cfg(test)]
pub(super) fn library(ecs: bool) -> Vec<&'static str> {
    let set = if ecs { &ECS_SET } else { &LEGACY_SET };
    let mut names: Vec<_> = set.0.keys().copied().collect();
    names.sort_unstable();
    names
}
