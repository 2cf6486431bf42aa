//! The shared vocabulary of web access logs, whichever server wrote them, and what their pattern languages share.

use super::line::{self, Around, Draft};
use super::{Class, Column, Escape, Extra, Format, Framing, From, Layout, Pairs, RequestPart, TypeSpec};
use crate::error::{Error, ErrorKind, Position, Result};

/// The time of the common log format.
pub(super) const CLF_TIME: &str = "%d/%b/%Y:%H:%M:%S %z";

/// Name, type, unit and doc of columns that several servers write. Types with a format are `type:format`.
const SHARED: &[(&str, &str, &str, &str)] = &[
    ("remote_host", "", "", "client host name or address"),
    ("ident", "", "", "user name told by identd"),
    ("user", "", "", "user name of the authentication"),
    ("request", "", "", "first line of the request"),
    ("method", "", "", "method of the request"),
    ("path", "", "", "target of the request with its query string, or the whole line when it is no request line"),
    ("protocol", "", "", "protocol of the request"),
    ("query", "", "", "query string of the request: what follows the first ?"),
    ("status", "int16", "", "status of the response"),
    ("bytes", "int64", "B", "bytes sent to the client, without headers"),
    ("referer", "", "", "request header Referer"),
    ("user_agent", "", "", "request header User-Agent"),
];

/// A column without a source yet; an empty type is `utf8`.
pub(super) fn column(name: &str, dtype: &str, unit: &str, doc: impl Into<String>, null: &[&str]) -> Column {
    let dtype = match dtype.split_once(':') {
        Some((name, format)) => TypeSpec { format: Some(format.to_owned()), ..TypeSpec::plain(name) },
        None => TypeSpec::plain(dtype),
    };
    Column {
        name: name.to_owned(),
        dtype,
        unit: Some(unit.to_owned()).filter(|unit| !unit.is_empty()),
        doc: doc.into(),
        null: null.iter().map(|text| (*text).to_owned()).collect(),
        ..Column::default()
    }
}

/// A column of the shared vocabulary.
pub(super) fn shared(name: &str, null: &[&str]) -> Column {
    let found = SHARED.iter().find(|(shared, ..)| *shared == name);
    let (name, dtype, unit, doc) = found.copied().unwrap_or((name, "", "", ""));
    column(name, dtype, unit, doc, null)
}

/// What an unquoted request header holds: addresses with `, ` between them, or any text.
pub(super) fn header_class(name: &str) -> Class {
    let is_list = ["x-forwarded-for", "x_forwarded_for"].iter().any(|list| name.eq_ignore_ascii_case(list));
    if is_list { Class::List } else { Class::Any }
}

/// Lets a list of addresses that ends the line hold any text: nothing behind it can be mistaken for a part of it.
pub(super) fn free_last(drafts: &mut [Draft], outputs: &[Output]) {
    if let (Some(Draft::Capture(slot)), Some(Output::One(column))) = (drafts.last_mut(), outputs.last())
        && slot.usual == Some(Class::List)
        && column.dtype.is_text()
        && column.dtype.separators.is_empty()
    {
        slot.usual = Some(Class::Any);
    }
}

/// The columns of a capture.
pub(super) enum Output {
    /// One of the capture's own name.
    One(Column),
    /// Those of a request line: the three parts, and on demand the whole line and the query string.
    Request {
        /// Method, path, protocol.
        parts: Box<[Column; 3]>,
        /// The whole line, of the capture's own name.
        whole: Box<Column>,
        /// The query string.
        query: Box<Column>,
    },
}

impl Output {
    pub(super) fn request(null: &[&str]) -> Self {
        let on_demand = |name| Box::new(Column { on_demand: true, ..shared(name, null) });
        Self::Request {
            parts: Box::new(["method", "path", "protocol"].map(|name| shared(name, null))),
            whole: on_demand("request"),
            query: on_demand("query"),
        }
    }

    /// The column that has the capture's name.
    pub(super) fn own(&self) -> &Column {
        match self {
            Self::One(column) => column,
            Self::Request { whole, .. } => whole,
        }
    }

    /// All columns, the capture's own last but for the query string.
    pub(super) fn columns_mut(&mut self) -> Vec<&mut Column> {
        match self {
            Self::One(column) => vec![column],
            Self::Request { parts, whole, query } => parts.iter_mut().chain([whole.as_mut(), query.as_mut()]).collect(),
        }
    }
}

/// Columns in schema order: as the line has them, what is made on demand at the end.
pub(super) fn arrange(outputs: Vec<Output>) -> Vec<Column> {
    let mut columns = Vec::new();
    let mut on_demand = Vec::new();
    for output in outputs {
        match output {
            Output::One(column) => columns.push(Column { from: From::Capture(column.name.clone()), ..column }),
            Output::Request { parts, whole, query } => {
                let capture = whole.name.clone();
                let kinds = [RequestPart::Method, RequestPart::Path, RequestPart::Protocol];
                for (column, part) in parts.into_iter().zip(kinds) {
                    columns.push(Column { from: From::Request(capture.clone(), part), ..column });
                }
                on_demand.push(Column { from: From::Capture(capture.clone()), ..*whole });
                on_demand.push(Column { from: From::Request(capture, RequestPart::Query), ..*query });
            }
        }
    }
    columns.extend(on_demand);
    columns
}

/// A format with one line, from what a pattern language was read into.
pub(super) fn format(
    drafts: &[Draft],
    outputs: Vec<Output>,
    escape: Escape,
    text: &str,
    language: &str,
) -> Result<Format> {
    let columns = arrange(outputs);
    let dtype = |name: &str| {
        let fed = |column: &&Column| matches!(&column.from, From::Capture(from) if from == name);
        columns.iter().find(fed).map(|column| column.dtype.clone())
    };
    let pairs = Pairs::default();
    let around = Around { dtype: &dtype, escape, extra: Extra::Reject, pairs: &pairs };
    let pattern = line::resolve(drafts, &around).map_err(|bad| at(language, text, bad.at, bad.message, bad.hint))?;
    Ok(Format {
        name: String::new(),
        aliases: Vec::new(),
        title: String::new(),
        source: String::new(),
        layout: Layout::Pattern(vec![pattern]),
        framing: Framing::Lines,
        columns,
        extra: Extra::Reject,
        comments: Vec::new(),
        skip_lines: 0,
        inner: None,
        notes: Vec::new(),
        timezone: None,
        samples: Vec::new(),
        rejects: Vec::new(),
    })
}

/// An error at a byte of a format string.
#[cold]
pub(super) fn at(language: &str, text: &str, at: usize, message: impl Into<String>, hint: impl Into<String>) -> Error {
    let head = text.get(..at).unwrap_or(text);
    let begin = head.rfind('\n').map_or(0, |at| at + 1);
    Error::new(ErrorKind::FormatSyntax, message).with_hint(hint).with_position(Position {
        source: Some(language.into()),
        line: Some(head.matches('\n').count() as u64 + 1),
        column: Some((head.len() - begin) as u64 + 1),
        byte: None,
    })
}

/// A name that no other column has: `wanted`, or with `_2`, `_3` and so on behind it.
pub(super) fn free_name(wanted: &str, taken: &[String]) -> String {
    let is_free = |name: &String| !taken.contains(name);
    std::iter::once(wanted.to_owned())
        .chain((2..).map(|count| format!("{wanted}_{count}")))
        .find(is_free)
        .unwrap_or_default()
}
