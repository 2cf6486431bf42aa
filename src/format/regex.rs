//! Regular expressions with named groups, and the layout that they and grok patterns give.

mod class;
mod node;
mod prove;
mod syntax;

use std::collections::BTreeMap;

use super::{Column, Format, From, Layout};
use crate::error::{Error, ErrorKind, Result, quoted};
use node::{Greed, Node};
pub(super) use syntax::{Bad, Naming};

/// Regular expressions that are tried in turn; the first that matches gives the captures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Regexes {
    /// In the syntax of the `regex` crate, with one named group for each capture; `name[2]` is another place of `name`:
    /// of several the first that takes part counts. Made by [`Format::regex`], which writes the same meaning the same way.
    pub patterns: Vec<String>,
    /// Where a match must stand.
    pub anchored: Anchored,
}

/// Where a match must stand in its record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Anchored {
    /// Anywhere, and the leftmost counts: what `re.search`, grok, Fluentd and `grep` do.
    #[default]
    No,
    /// At the start: what `re.match` does.
    Start,
    /// It is the whole record: what Hive's RegexSerDe, `re.fullmatch` and Java's `matches()` do.
    Full,
}

impl Anchored {
    /// What format files call each.
    pub(super) const NAMES: [(&'static str, Self); 3] =
        [("no", Self::No), ("start", Self::Start), ("full", Self::Full)];

    /// Reads `no`, `start` or `full`.
    ///
    /// **Errors**: [`ErrorKind::Option`] for another word.
    pub fn parse(text: &str) -> Result<Self> {
        let found = Self::NAMES.iter().find(|(name, _)| *name == text).map(|(_, anchored)| *anchored);
        found.ok_or_else(|| {
            Error::new(ErrorKind::Option, format!("\"anchored\" cannot be {}", quoted(text.as_bytes())))
                .with_hint("use no, start or full")
        })
    }

    /// What format files call it.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, anchored)| *anchored == self).map_or("no", |(name, _)| name)
    }
}

/// How [`Format::regex_with`] reads patterns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RegexOptions {
    /// Where a match must stand.
    pub anchored: Anchored,
    /// Names for the groups that have none, in order.
    pub columns: Vec<String>,
}

/// A pattern that was read.
pub(super) struct Read {
    /// Its one spelling.
    pub(super) text: String,
    /// Its captures, in order.
    pub(super) names: Vec<String>,
}

/// Reads a pattern; groups without a name take those of `unnamed`.
pub(super) fn read(pattern: &str, anchored: Anchored, unnamed: &[String]) -> std::result::Result<Read, Bad> {
    compiled(syntax::read(pattern, unnamed)?, anchored)
}

/// Reads a pattern whose groups are called by `naming`.
pub(super) fn read_only(pattern: &str, anchored: Anchored, naming: Naming<'_>) -> std::result::Result<Read, Bad> {
    let (node, _) = syntax::read_as(pattern, naming, false, false)?;
    compiled(node, anchored)
}

/// Reads a pattern as Hive's RegexSerDe does: the whole record must match, `.` is a newline too, and groups are `names` by
/// their numbers. Names without a group are captures that never take part. Gives the number of groups, too.
pub(super) fn read_numbered(
    pattern: &str,
    names: &[String],
    any_case: bool,
) -> std::result::Result<(Read, usize), Bad> {
    let (node, groups) = syntax::read_as(pattern, Naming::Numbered(names), true, any_case)?;
    let nothing = || Box::new(Node::Class(r"[^\x{0}-\x{10FFFF}]".into(), false));
    let mut nodes = vec![node];
    for name in names.iter().skip(groups) {
        let node = Box::new(Node::Named(name.clone(), nothing()));
        nodes.push(Node::Repeat { node, min: 0, max: Some(1), greed: Greed::Greedy, at: 0 });
    }
    Ok((compiled(Node::concat(nodes), Anchored::Full)?, groups))
}

fn compiled(node: Node, anchored: Anchored) -> std::result::Result<Read, Bad> {
    let rest = if anchored == Anchored::Full { r"\z" } else { "" };
    let mut node = prove::plain(node, rest)?;
    node.tell_apart(&mut BTreeMap::new());
    let text = node.spell();
    if let Err(err) = regex_syntax::parse(&text) {
        let why = match err {
            regex_syntax::Error::Parse(err) => err.kind().to_string(),
            regex_syntax::Error::Translate(err) => err.kind().to_string(),
            other => other.to_string(),
        };
        return Err(Bad { at: 0, message: why, hint: "the syntax is that of the Rust regex crate".into() });
    }
    let mut names = Vec::new();
    node.names(&mut names);
    Ok(Read { text, names })
}

impl Format {
    /// The format that regular expressions describe, which are tried in turn. Each named group, `(?<name>...)`,
    /// `(?P<name>...)` or `(?'name'...)`, is a text column; where a pattern has no named group, each group is, as `group_1`
    /// and so on. A group that takes no part in a match is null.
    ///
    /// The match is searched for in each record, which has no newline at its end; text around it is left alone
    /// ([`Format::regex_with`] can ask for a match of the whole record). `\d \s \w \b` are ASCII's, `.` is any character
    /// but a newline, `$` the end of the record. Bytes that are no UTF-8 count as U+FFFD. Atomic groups, possessive
    /// repetitions and look-ahead are taken where they can be rewritten with exactly the same meaning. One thing differs
    /// from engines that go back: where a round of a repetition matches nothing, they leave the repetition; here the next
    /// choice in it is tried, so `(?:x*|y)*` goes over `xy` as a whole.
    ///
    /// **Errors**: [`ErrorKind::FormatSyntax`], which names the construct and its byte.
    ///
    /// **Cost**: linear in the record, whether it matches or not.
    ///
    /// ```
    /// let format = logarrow::format::Format::regex(&[r"^(?P<host>\S+) (?P<status>\d{3})"])?;
    /// assert_eq!(format.columns[1].name, "status");
    /// # Ok::<(), logarrow::Error>(())
    /// ```
    pub fn regex<T: AsRef<str>>(patterns: &[T]) -> Result<Self> {
        Self::regex_with(patterns, &RegexOptions::default())
    }

    /// The same with options.
    ///
    /// **Errors**: as [`Format::regex`].
    pub fn regex_with<T: AsRef<str>>(patterns: &[T], options: &RegexOptions) -> Result<Self> {
        let mut layout = Regexes { patterns: Vec::new(), anchored: options.anchored };
        let mut columns: Vec<Column> = Vec::new();
        for pattern in patterns {
            let pattern = pattern.as_ref();
            let at = |bad: Bad| error("regex", pattern, bad);
            let mut found = read(pattern, options.anchored, &options.columns).map_err(at)?;
            if found.names.is_empty() {
                let count = syntax::unnamed_groups(pattern).map_err(at)?;
                let names: Vec<_> = (1..=count).map(|number| format!("group_{number}")).collect();
                found = read(pattern, options.anchored, &names).map_err(at)?;
            }
            if found.names.is_empty() {
                let hint = "name what should become a column: (?<status>[0-9]+)";
                let bad = Bad { at: 0, message: "no group in the pattern".into(), hint: hint.into() };
                return Err(error("regex", pattern, bad));
            }
            layout.patterns.push(found.text);
            add_columns(&mut columns, &found.names);
        }
        finish("regex", "Regular expression", "https://docs.rs/regex/latest/regex/#syntax", layout, columns)
    }
}

/// Appends a text column for each name that has none.
pub(super) fn add_columns(columns: &mut Vec<Column>, names: &[String]) {
    for name in names {
        if !columns.iter().any(|column| column.name == *name) {
            columns.push(Column { name: name.clone(), from: From::Capture(name.clone()), ..Column::default() });
        }
    }
}

/// The format of a layout.
///
/// **Errors**: without a pattern.
pub(super) fn finish(name: &str, title: &str, source: &str, layout: Regexes, columns: Vec<Column>) -> Result<Format> {
    if layout.patterns.is_empty() {
        return Err(Error::new(ErrorKind::FormatSyntax, format!("{name}: no pattern")).with_hint("give it one"));
    }
    Ok(Format {
        name: name.to_owned(),
        aliases: Vec::new(),
        title: title.to_owned(),
        source: source.to_owned(),
        layout: Layout::Regex(layout),
        framing: super::Framing::Lines,
        columns,
        extra: super::Extra::Reject,
        comments: Vec::new(),
        skip_lines: 0,
        inner: None,
        notes: Vec::new(),
        timezone: None,
        samples: Vec::new(),
        rejects: Vec::new(),
    })
}

/// An error at a byte of a pattern.
#[cold]
pub(super) fn error(language: &str, pattern: &str, bad: Bad) -> Error {
    super::web::at(language, pattern, bad.at, bad.message, bad.hint)
}

impl Regexes {
    /// The layout in words.
    pub(super) fn explain(&self) -> String {
        let place = match self.anchored {
            Anchored::No => "anywhere in the record",
            Anchored::Start => "at the start of the record",
            Anchored::Full => "the whole record",
        };
        let count = self.patterns.len();
        let mut out = format!("regular expression, {place}:\n");
        if count > 1 {
            out = format!("{count} regular expressions, {place}, tried in this order:\n");
        }
        for pattern in &self.patterns {
            out += &format!("  {pattern}\n");
        }
        out
    }
}
