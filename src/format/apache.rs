//! Apache httpd's `LogFormat`.
//!
//! **Source**: <https://httpd.apache.org/docs/current/mod/mod_log_config.html>, and the C source of httpd for what the
//! page leaves open (which values are escaped, which request of an internal redirect a directive looks at).

mod directive;
mod time;

use super::line::{Draft, Slot, push_literal};
use super::web::{self, Output};
use super::{Escape, Format, names};
use crate::error::{Error, Result};
use directive::Mark;
use time::Time;

const LANGUAGE: &str = "LogFormat";
const SOURCE: &str = "https://httpd.apache.org/docs/current/mod/mod_log_config.html#formats";

/// Names of formats that httpd's own configuration files define.
const NICKNAMES: &[(&str, &str)] = &[
    ("common", "%h %l %u %t \"%r\" %>s %b"),
    ("combined", "%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\""),
    ("vhost_combined", "%v:%p %h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\""),
    ("combinedio", "%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\" %I %O"),
    ("referer", "%{Referer}i -> %U"),
    ("agent", "%{User-agent}i"),
];

/// A piece of a LogFormat.
#[derive(Debug, PartialEq)]
enum Item {
    Literal(String),
    Time(Time),
    Directive(Directive),
}

/// Everything between a percent sign and its letter, and the letter.
#[derive(Clone, Debug, Default, PartialEq)]
struct Directive {
    at: usize,
    /// `<` or `>`.
    mark: Mark,
    /// Written only for some statuses, otherwise `-`.
    by_status: bool,
    arg: Option<String>,
    /// `h`, or `^FB`.
    letter: String,
}

impl Format {
    /// Reads a `LogFormat` string of Apache httpd, or one of its nicknames (`common`, `combined`, `vhost_combined`,
    /// `combinedio`, `referer`, `agent`). Backslashes may stand as in httpd.conf (`\"`, `\t`, `\\`), or not at all.
    ///
    /// Columns have the names of the shared web vocabulary where it has one. Where two directives would give columns of
    /// one name, those marked `<` and `>` get `_original` and `_final` behind it, others `_2`, `_3` and so on. Time
    /// directives with only text between them become one time. `%q` keeps its leading `?`.
    ///
    /// **Errors**: [`crate::ErrorKind::FormatSyntax`], with the column in the string.
    ///
    /// ```
    /// let format = logarrow::format::Format::apache(r#"%h %{%F %T}t.%{msec_frac}t "%r" %>s %D"#)?;
    /// let names: Vec<_> = format.columns.iter().map(|column| column.name.as_str()).collect();
    /// assert_eq!(names[..7], ["remote_host", "time", "method", "path", "protocol", "status", "duration_us"]);
    /// # Ok::<(), logarrow::Error>(())
    /// ```
    pub fn apache(log_format: &str) -> Result<Self> {
        let nickname = NICKNAMES.iter().find(|(name, _)| *name == log_format);
        let text = nickname.map_or(log_format, |(_, text)| text);
        let items = time::merge(items(text)?);
        let (drafts, outputs) = drafts(items, text)?;
        let format = web::format(&drafts, outputs, Escape::Httpd, text, LANGUAGE)?;
        Ok(Self {
            name: nickname.map_or_else(|| "apache.log_format".to_owned(), |(name, _)| format!("apache.{name}")),
            title: format!("Apache HTTP Server, {text}"),
            source: SOURCE.to_owned(),
            ..format
        })
    }
}

#[cold]
fn error(text: &str, at: usize, message: impl Into<String>, hint: impl Into<String>) -> Error {
    web::at(LANGUAGE, text, at, message, hint)
}

/// Cuts a LogFormat into text and directives.
fn items(text: &str) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        match c {
            '%' => {
                let (directive, len) = directive(text, at)?;
                match directive.letter.as_str() {
                    "%" => items.push(Item::Literal("%".into())),
                    "t" if !directive.by_status => items.extend(time::directive(directive.arg.as_deref(), at)),
                    _ => items.push(Item::Directive(directive)),
                }
                at += len;
            }
            '\\' => {
                let next = text[at + 1..].chars().next();
                let (meant, len) = match next {
                    Some('n') => ('\n', 2),
                    Some('r') => ('\r', 2),
                    Some('t') => ('\t', 2),
                    Some(c @ ('"' | '\'' | '\\')) => (c, 2),
                    _ => ('\\', 1),
                };
                items.push(Item::Literal(meant.into()));
                at += len;
            }
            c => {
                items.push(Item::Literal(c.into()));
                at += c.len_utf8();
            }
        }
    }
    Ok(items)
}

/// Reads a directive at a percent sign; its length comes too.
fn directive(text: &str, at: usize) -> Result<(Directive, usize)> {
    let mut found = Directive { at, ..Directive::default() };
    let mut rest = &text[at + 1..];
    loop {
        let Some(c) = rest.chars().next() else {
            return Err(error(text, at, "a directive without its letter", "write %% for a percent sign"));
        };
        rest = &rest[c.len_utf8()..];
        match c {
            '<' => found.mark = Mark::Original,
            '>' => found.mark = Mark::Final,
            '!' | ',' | '0'..='9' => found.by_status = true,
            '{' => {
                let Some(end) = rest.find('}') else {
                    return Err(error(text, at, "{ without } in a directive", "close the directive's argument with }"));
                };
                found.arg = Some(rest[..end].to_owned());
                rest = &rest[end + 1..];
            }
            '^' => {
                let two: String = rest.chars().take(2).collect();
                rest = &rest[two.len()..];
                found.letter = format!("^{two}");
                break;
            }
            letter => {
                found.letter = letter.to_string();
                break;
            }
        }
    }
    Ok((found, text.len() - at - rest.len()))
}

/// Turns items into the drafts of a line and the columns they give.
fn drafts(items: Vec<Item>, text: &str) -> Result<(Vec<Draft>, Vec<Output>)> {
    let mut drafts = Vec::new();
    let mut outputs = Vec::new();
    let mut marks = Vec::new();
    let last = items.len().saturating_sub(1);
    for (idx, item) in items.into_iter().enumerate() {
        let (output, mark, slot) = match item {
            Item::Literal(mut literal) => {
                if idx == last && literal.ends_with('\n') {
                    literal.pop();
                }
                if literal.contains('\n') {
                    let at = text.find("\\n").or_else(|| text.find('\n')).unwrap_or(0);
                    let hint = "one record is one line: leave \\n out, and read the lines with a format each";
                    return Err(error(text, at, "a newline inside a record", hint));
                }
                push_literal(&mut drafts, literal.as_bytes());
                continue;
            }
            Item::Time(time) => {
                let (column, usual) = time.column();
                let slot = Slot { usual, at: time.at, ..Slot::default() };
                (Output::One(column), Mark::None, slot)
            }
            Item::Directive(directive) => {
                let known = directive.meaning().ok_or_else(|| unknown(text, &directive))?;
                let slot = Slot { usual: Some(known.class), lead: known.lead, at: directive.at, ..Slot::default() };
                (known.output, directive.mark, slot)
            }
        };
        outputs.push(output);
        marks.push(mark);
        drafts.push(Draft::Capture(slot));
    }
    if outputs.is_empty() {
        return Err(error(
            text,
            0,
            "no directive in the format",
            "write a LogFormat such as %h %l %u %t \"%r\" %>s %b",
        ));
    }
    web::free_last(&mut drafts, &outputs);
    rename(&mut outputs, &marks);
    let mut own = outputs.iter().map(|output| output.own().name.clone());
    for draft in &mut drafts {
        if let Draft::Capture(slot) = draft {
            slot.name = own.next().unwrap_or_default();
        }
    }
    Ok((drafts, outputs))
}

#[cold]
fn unknown(text: &str, directive: &Directive) -> Error {
    let name =
        format!("%{}{}", directive.arg.as_ref().map(|arg| format!("{{{arg}}}")).unwrap_or_default(), directive.letter);
    let hint = match directive.letter.as_str() {
        "i" | "o" | "C" | "e" | "n" | "c" | "x" | "^ti" | "^to" => {
            format!("it needs a name: %{{name}}{}", directive.letter)
        }
        "T" => names::suggest(directive.arg.as_deref().unwrap_or_default(), ["s", "ms", "us"]),
        "p" => names::suggest(directive.arg.as_deref().unwrap_or_default(), ["canonical", "local", "remote"]),
        "P" => names::suggest(directive.arg.as_deref().unwrap_or_default(), ["pid", "tid", "hextid"]),
        _ => "see https://httpd.apache.org/docs/current/mod/mod_log_config.html#formats; write %% for a percent sign"
            .into(),
    };
    error(text, directive.at, format!("unknown directive {name}"), hint)
}

/// Gives each column a name of its own.
fn rename(outputs: &mut [Output], marks: &[Mark]) {
    let mut wanted: Vec<(String, Mark)> = Vec::new();
    for (output, mark) in outputs.iter_mut().zip(marks) {
        wanted.extend(output.columns_mut().into_iter().map(|column| (column.name.clone(), *mark)));
    }
    let mut taken: Vec<String> = Vec::new();
    for (name, mark) in &wanted {
        let rivals = wanted.iter().filter(|(other, _)| other == name);
        let marked = match mark {
            Mark::Original if rivals.clone().any(|(_, other)| other != mark) => format!("{name}_original"),
            Mark::Final if rivals.clone().any(|(_, other)| other != mark) => format!("{name}_final"),
            _ => name.clone(),
        };
        taken.push(web::free_name(&marked, &taken));
    }
    let columns = outputs.iter_mut().flat_map(Output::columns_mut);
    for (column, name) in columns.zip(taken) {
        column.name = name;
    }
}
