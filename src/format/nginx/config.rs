//! The text of a `log_format`, out of nginx configuration or as it is.

use crate::error::{Error, Result};
use crate::format::Escape;
use crate::format::web;

/// A log_format's text, and the rule its values are escaped by.
#[derive(Debug, PartialEq)]
pub(super) struct LogFormat {
    pub(super) name: Option<String>,
    pub(super) text: String,
    pub(super) escape: Escape,
}

#[cold]
fn error(text: &str, at: usize, message: impl Into<String>, hint: impl Into<String>) -> Error {
    web::at(super::LANGUAGE, text, at, message, hint)
}

/// Reads a whole directive (`log_format name escape=json '...' '...';`), its strings alone (`'...' '...'`), or the bare
/// text, before which `escape=...` may stand. Bare text that starts with a brace is taken as written by `escape=json`.
pub(super) fn read(config: &str) -> Result<LogFormat> {
    let trimmed = config.trim_start();
    let directive = trimmed.strip_prefix("log_format").filter(|rest| rest.starts_with(char::is_whitespace));
    if let Some(rest) = directive {
        return strings(config, config.len() - rest.len(), true);
    }
    if trimmed.starts_with('\'')
        && let Ok(found) = strings(config, config.len() - trimmed.len(), false)
    {
        return Ok(found);
    }
    if let Some(rest) = trimmed.strip_prefix("escape=") {
        let (word, text) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let escape = escape(config, config.len() - trimmed.len(), word)?;
        if text.trim_start().starts_with('\'') {
            let found = strings(config, config.len() - text.len(), false)?;
            return Ok(LogFormat { escape, ..found });
        }
        return Ok(LogFormat { name: None, text: text.to_owned(), escape });
    }
    let escape = if trimmed.starts_with('{') { Escape::Json } else { Escape::Nginx };
    Ok(LogFormat { name: None, text: config.to_owned(), escape })
}

fn escape(config: &str, at: usize, word: &str) -> Result<Escape> {
    match word {
        "default" => Ok(Escape::Nginx),
        "json" => Ok(Escape::Json),
        "none" => Ok(Escape::None),
        _ => Err(error(config, at, format!("unknown escape \"{word}\""), "known: default, json, none")),
    }
}

/// Reads configuration words from `at` up to the semicolon: a name, if there must be one, an escape rule, strings.
fn strings(config: &str, mut at: usize, named: bool) -> Result<LogFormat> {
    let mut found = LogFormat { name: None, text: String::new(), escape: Escape::Nginx };
    let mut texts = 0;
    loop {
        let rest = &config[at..];
        let blank = rest.len() - rest.trim_start().len();
        at += blank;
        let rest = &config[at..];
        match rest.chars().next() {
            None => break,
            Some(';') if rest[1..].trim().is_empty() => break,
            Some(';') => {
                return Err(error(
                    config,
                    at + 1,
                    "text after the directive's ;",
                    "hand over one log_format at a time",
                ));
            }
            Some('#') => at += rest.find('\n').unwrap_or(rest.len()),
            Some(quote @ ('\'' | '"')) => {
                let len = quoted(config, at, quote, &mut found.text)?;
                texts += 1;
                at += len;
            }
            Some(_) => {
                let len = rest.find(|c: char| c.is_whitespace() || c == ';').unwrap_or(rest.len());
                let word = &rest[..len];
                if let (Some(rule), 0) = (word.strip_prefix("escape="), texts) {
                    found.escape = escape(config, at, rule)?;
                } else if named && found.name.is_none() {
                    found.name = Some(word.to_owned());
                } else if named {
                    found.text.push_str(word);
                    texts += 1;
                } else {
                    return Err(error(config, at, "text outside of quotes", "put it between single quotes"));
                }
                at += len;
            }
        }
    }
    match texts {
        0 => Err(error(config, at, "log_format without its text", "write log_format name '$remote_addr ...';")),
        _ => Ok(found),
    }
}

/// Reads a quoted string at `at` into `out`, and gives its length with the quotes.
fn quoted(config: &str, at: usize, quote: char, out: &mut String) -> Result<usize> {
    let mut chars = config[at + 1..].char_indices();
    while let Some((idx, c)) = chars.next() {
        match c {
            c if c == quote => return Ok(idx + 2),
            '\\' => match chars.next().map(|(_, next)| next) {
                Some(next @ ('"' | '\'' | '\\')) => out.push(next),
                Some('t') => out.push('\t'),
                Some('r') => out.push('\r'),
                Some('n') => out.push('\n'),
                Some(next) => out.extend(['\\', next]),
                None => break,
            },
            c => out.push(c),
        }
    }
    Err(error(config, at, format!("{quote} without its end"), "close the string"))
}
