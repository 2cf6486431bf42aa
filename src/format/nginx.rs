//! nginx's `log_format`.
//!
//! **Source**: <https://nginx.org/en/docs/http/ngx_http_log_module.html#log_format>,
//! <https://nginx.org/en/docs/http/ngx_http_core_module.html#variables>,
//! <https://nginx.org/en/docs/http/ngx_http_upstream_module.html#variables>.

mod config;
mod variable;

use super::line::{Draft, Slot, push_literal};
use super::names::snake;
use super::web::{self, Output};
use super::{Escape, Format};
use crate::error::{Error, Result};

const LANGUAGE: &str = "log_format";
const SOURCE: &str = "https://nginx.org/en/docs/http/ngx_http_log_module.html#log_format";

/// The format that nginx knows without being told.
const COMBINED: &str = "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \
                        \"$http_referer\" \"$http_user_agent\"";

/// Text, or a variable with its place.
enum Item<'t> {
    Text(&'t str),
    Variable(&'t str, usize),
}

impl Format {
    /// Reads a `log_format` of nginx: its bare text, its quoted strings, or the whole directive
    /// (`log_format name escape=json '...' '...';`); `combined` is the one that nginx knows by itself.
    ///
    /// Bare text may have `escape=default`, `escape=json` or `escape=none` before it. Without, `default` holds, but
    /// `json` for text that starts with a brace. Columns have the names of the shared web vocabulary where it has one,
    /// else those of the variables; of two columns with one name the second has its variable's name, or `_2`, `_3` and
    /// so on behind it. Upstream variables give lists, an item per server tried.
    ///
    /// **Errors**: [`crate::ErrorKind::FormatSyntax`], with the column in the text.
    ///
    /// ```
    /// let format = logarrow::format::Format::nginx(r#"$remote_addr [$time_local] "$request" $upstream_status"#)?;
    /// let names: Vec<_> = format.columns.iter().map(|column| column.name.as_str()).collect();
    /// assert_eq!(names[..6], ["remote_host", "time", "method", "path", "protocol", "upstream_status"]);
    /// # Ok::<(), logarrow::Error>(())
    /// ```
    pub fn nginx(log_format: &str) -> Result<Self> {
        let found = config::read(if log_format.trim() == "combined" { COMBINED } else { log_format })?;
        let text = found.text.strip_suffix('\n').unwrap_or(&found.text);
        if let Some(at) = text.find('\n') {
            let hint = "one record is one line: leave \\n out, and read the lines with a format each";
            return Err(error(text, at, "a newline inside a record", hint));
        }
        let (drafts, outputs) = drafts(text, found.escape)?;
        let format = web::format(&drafts, outputs, found.escape, text, LANGUAGE)?;
        Ok(Self {
            name: format!("nginx.{}", found.name.as_deref().map_or_else(|| "log_format".to_owned(), snake)),
            title: format!("nginx, {text}"),
            source: SOURCE.to_owned(),
            ..format
        })
    }
}

#[cold]
fn error(text: &str, at: usize, message: impl Into<String>, hint: impl Into<String>) -> Error {
    web::at(LANGUAGE, text, at, message, hint)
}

/// Cuts a text into plain text and variables.
fn items(text: &str) -> Result<Vec<Item<'_>>> {
    let mut items = Vec::new();
    let mut at = 0;
    while let Some(next) = text[at..].find('$') {
        if next > 0 {
            items.push(Item::Text(&text[at..at + next]));
        }
        at += next;
        let rest = &text[at + 1..];
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let (name, len) = match rest.strip_prefix('{') {
            Some(inner) => match inner.find('}') {
                Some(end) => (&inner[..end], end + 3),
                None => return Err(error(text, at, "${ without }", "close the variable's name with }")),
            },
            None => {
                let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
                (&rest[..end], end + 1)
            }
        };
        if name.is_empty() || !name.chars().all(is_part) {
            let hint = "a log_format cannot write a dollar sign as such: nginx would refuse it too";
            return Err(error(text, at, "$ without a variable's name", hint));
        }
        items.push(Item::Variable(name, at));
        at += len;
    }
    if at < text.len() {
        items.push(Item::Text(&text[at..]));
    }
    Ok(items)
}

/// Turns a text into the drafts of a line and the columns they give.
fn drafts(text: &str, escape: Escape) -> Result<(Vec<Draft>, Vec<Output>)> {
    // What is not there is written as a dash, but as nothing by the other two rules; lists and ratios keep their dashes.
    let (null, null_number): (&[&str], &[&str]) =
        if escape == Escape::Nginx { (&["-"], &["-"]) } else { (&[""], &["", "-"]) };
    let items = items(text)?;
    let mut drafts = Vec::new();
    let mut outputs: Vec<Output> = Vec::new();
    let mut taken = Vec::new();
    let mut items = items.into_iter().peekable();
    while let Some(item) = items.next() {
        let (name, at) = match item {
            Item::Text(text) => {
                push_literal(&mut drafts, text.as_bytes());
                continue;
            }
            Item::Variable(name, at) => (name, at),
        };
        let behind = matches!(drafts.last(), Some(Draft::Capture(_)));
        let query = name == "is_args" && matches!(items.peek(), Some(Item::Variable("args" | "query_string", _)));
        let mut known = variable::meaning(name, null, null_number);
        if query {
            if escape == Escape::Nginx && behind {
                let hint = "without a query string nginx writes a dash here, as if it were part of the path; \
                            use $request_uri, which has both";
                return Err(error(text, at, "$is_args$args right behind another variable", hint));
            }
            let doc = "query string of the request with its leading ?, empty when there is none";
            known.output = Output::One(web::column("query", "", "", doc, null));
            items.next();
        }
        let own = if query { "query" } else { name };
        for column in known.output.columns_mut() {
            let wanted = if taken.contains(&column.name) && own != "request" { own } else { &column.name };
            column.name = web::free_name(wanted, &taken);
            taken.push(column.name.clone());
        }
        let lead = known.lead.filter(|_| behind || (query && escape != Escape::Nginx));
        drafts.push(Draft::Capture(Slot {
            name: known.output.own().name.clone(),
            usual: Some(known.class),
            lead,
            at,
            ..Slot::default()
        }));
        outputs.push(known.output);
    }
    if outputs.is_empty() {
        return Err(error(
            text,
            0,
            "no variable in the format",
            "write a log_format such as $remote_addr [$time_local]",
        ));
    }
    web::free_last(&mut drafts, &outputs);
    Ok((drafts, outputs))
}
