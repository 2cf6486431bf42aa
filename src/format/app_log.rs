//! What the pattern languages of application logs share.
//!
//! In: the pieces that a pattern was cut into. Out: a [`Format`] whose records begin with each line that begins as the
//! pattern does. The lines that follow, a stack trace for the most part, belong to the message where it ends the
//! pattern, and are a column of their own where something stands behind it.

mod build;
mod padding;
mod start;

use super::web;
use super::{Class, Column, Escape, Format, Framing, Layout, time_pattern};
use crate::error::Result;
use build::Build;
pub(super) use start::{ANY, LEVEL, NUMBER, WORD};

/// A piece of a pattern.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    /// As it is; newlines too.
    Text(String),
    Field(Box<Field>),
    Time(Time),
    /// There together or not at all.
    Optional(Vec<Piece>),
    /// Spaces, or none, that fill a group up to its width.
    Padding,
    /// A stack trace, or nothing; its place in the pattern.
    Trace(usize),
}

/// A value that becomes a column.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    pub(super) column: Column,
    /// What it may hold unless quotes around it say better.
    pub(super) usual: Option<Class>,
    /// A regular expression for its texts, by which lines are told that start a record.
    pub(super) like: &'static str,
    /// It is the message, which may hold anything.
    pub(super) is_message: bool,
    /// The least width it is padded to.
    pub(super) width: Option<u8>,
    pub(super) side: Side,
    pub(super) escape: Option<Escape>,
    /// Its place in the pattern.
    pub(super) at: usize,
}

/// Where the spaces of a padded field stand.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Side {
    Before,
    Behind,
    #[default]
    Both,
}

/// A time, or a part of one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Time {
    pub(super) what: What,
    pub(super) width: Option<u8>,
    pub(super) at: usize,
}

/// How a time is written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum What {
    /// In the manner of strftime.
    Pattern(String),
    /// By a word for its format; its texts have so many bytes, if they all have as many.
    Word(&'static str, Option<u8>),
    /// By this pattern, which none of ours can say.
    Unread(String),
}

/// Who wrote the log, for the format and its errors.
pub(super) struct Language {
    /// What errors call it.
    pub(super) name: &'static str,
    /// The column of the lines behind a record whose pattern does not end with its message, and its doc.
    pub(super) trace: (&'static str, &'static str),
    /// A pattern that could be written instead.
    pub(super) example: &'static str,
}

impl Field {
    /// A field whose texts look like `like`.
    pub(super) fn new(column: Column, like: &'static str, at: usize) -> Self {
        let usual = match like {
            ANY => Some(Class::Any),
            WORD => Some(Class::Word),
            _ => None,
        };
        Self { column, usual, like, is_message: false, width: None, side: Side::Both, escape: None, at }
    }

    /// What its capture may hold where spaces stand around it, up to `width` together with it.
    fn padded(&self, width: u8) -> Class {
        // Where nothing was written there are only spaces.
        if matches!(self.like, ANY | WORD) { Class::Trimmed(width) } else { Class::Padded(width) }
    }

    fn takes_rest(&self) -> bool {
        self.is_message || self.like == ANY && self.column.dtype.is_text() && self.width.is_none()
    }
}

/// A format out of the pieces of `text`, at which errors point.
pub(super) fn format(pieces: Vec<Piece>, text: &str, language: &Language) -> Result<Format> {
    let mut pieces = merge(pieces);
    strip(&mut pieces);
    if Build::new("\n", language, &pieces).outputs.is_empty() {
        let hint = format!("write a pattern such as {}", language.example);
        return Err(web::at(language.name, text, 0, "nothing in the pattern becomes a column", hint));
    }
    let framing = start::rule(&pieces).map_or(Framing::Lines, Framing::Start);
    let takes_rest = matches!(pieces.last(), Some(Piece::Field(field)) if field.takes_rest());
    let open = (framing != Framing::Lines && !takes_rest).then(|| open_message(&pieces)).flatten();
    if framing != Framing::Lines && !takes_rest {
        pieces.push(Piece::Optional(vec![Piece::Text("\n".into()), Piece::Trace(text.len())]));
    }
    // Both ways to end a line, where one ends in the midst of a record.
    let has_newline = has_newline(&pieces);
    if has_newline && framing == Framing::Lines {
        let at = text.find("%n").or_else(|| text.find('\n')).unwrap_or(0);
        let hint = "begin the pattern with what tells the first line of a record, such as a time";
        return Err(web::at(language.name, text, at, "a newline inside a record that begins like any line", hint));
    }
    if !has_newline {
        pieces = padding::spread(pieces);
    }
    let ends: &[&str] = if has_newline { &["\r\n", "\n"] } else { &["\n"] };
    let ways = ends.iter().map(|end| (*end, pieces.as_slice())).chain(open.as_deref().map(|open| ("\n", open)));
    let mut all = Vec::new();
    let mut whole = None;
    for (end, pieces) in ways {
        let build = Build::new(end, language, pieces);
        let format = web::format(&build.drafts, build.outputs, Escape::None, text, language.name)?;
        if let Layout::Pattern(patterns) = &format.layout {
            all.extend(patterns.iter().cloned());
        }
        whole = whole.or(Some(format));
    }
    let whole = whole.ok_or_else(|| web::at(language.name, text, 0, "the pattern is empty", language.example))?;
    Ok(Format { layout: Layout::Pattern(all), framing, ..whole })
}

/// Joins texts, and times with only text between them that tell different parts of one time.
fn merge(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    for piece in pieces {
        if let Piece::Time(Time { what: What::Pattern(right), width: None, .. }) = &piece {
            let (joined, between) = match out.as_mut_slice() {
                [.., Piece::Time(Time { what: What::Pattern(left), width: None, .. }), Piece::Text(between)] => {
                    (join(left, between, right), 1)
                }
                [.., Piece::Time(Time { what: What::Pattern(left), width: None, .. })] => (join(left, "", right), 0),
                _ => (false, 0),
            };
            if joined {
                out.truncate(out.len() - between);
                continue;
            }
        }
        match (piece, out.last_mut()) {
            (Piece::Text(text), _) if text.is_empty() => {}
            (Piece::Text(text), Some(Piece::Text(last))) => last.push_str(&text),
            (piece, _) => out.push(piece),
        }
    }
    out
}

fn join(left: &mut String, between: &str, right: &str) -> bool {
    let joined = time_pattern::join(left, between, right);
    let is_joined = joined.is_some();
    if let Some(joined) = joined {
        *left = joined;
    }
    is_joined
}

/// Drops what parts records from one another, blank lines too, and the traces at the end: the lines behind a record hold
/// them. Spaces before these are no part of the last field.
fn strip(pieces: &mut Vec<Piece>) {
    if let Some(Piece::Text(first)) = pieces.first_mut() {
        *first = first.trim_start_matches(['\r', '\n']).to_owned();
    }
    let mut is_trimmed = false;
    loop {
        let before_trace = pieces.len() >= 2 && matches!(pieces.last(), Some(Piece::Trace(_)));
        match pieces.last_mut() {
            Some(Piece::Trace(_)) => {
                pieces.pop();
                if let Some(Piece::Text(text)) = pieces.last_mut()
                    && before_trace
                {
                    let len = text.trim_end_matches([' ', '\t']).len();
                    is_trimmed |= len < text.len();
                    text.truncate(len);
                }
            }
            Some(Piece::Text(text)) if text.ends_with(['\r', '\n']) || text.is_empty() => {
                let len = text.trim_end_matches(['\r', '\n']).len();
                text.truncate(len);
                if len > 0 {
                    break;
                }
                pieces.pop();
            }
            Some(Piece::Padding) => {
                pieces.pop();
            }
            _ => break,
        }
    }
    if let (Some(Piece::Field(field)), true) = (pieces.last_mut(), is_trimmed) {
        field.width = field.width.or(Some(0));
    }
}

/// The pieces up to a message that has more behind it: of a message of several lines nobody can tell where it ends. Quotes
/// around it do.
fn open_message(pieces: &[Piece]) -> Option<Vec<Piece>> {
    let at = pieces.iter().position(|piece| matches!(piece, Piece::Field(field) if field.is_message))?;
    let is_quoted = at > 0 && matches!(&pieces[at - 1], Piece::Text(text) if text.ends_with(['"', '\'']));
    (!is_quoted && at + 1 < pieces.len()).then(|| pieces[..=at].to_vec())
}

fn has_newline(pieces: &[Piece]) -> bool {
    pieces.iter().any(|piece| match piece {
        Piece::Text(text) => text.contains('\n'),
        Piece::Optional(inner) => has_newline(inner),
        _ => false,
    })
}
