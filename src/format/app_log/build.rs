//! Pieces to the drafts of a line and the columns they give.

use super::start::time_like;
use super::{Field, Language, Piece, Time, What};
use crate::format::line::{Draft, Slot, push_literal};
use crate::format::time_pattern;
use crate::format::web::{self, Output};
use crate::format::{Class, Column};

/// A line under way.
pub(super) struct Build<'l> {
    pub(super) drafts: Vec<Draft>,
    pub(super) outputs: Vec<Output>,
    /// How lines end inside a record.
    end: &'l str,
    language: &'l Language,
    taken: Vec<String>,
    /// Spaces of a padded group may stand here.
    padding: bool,
}

impl<'l> Build<'l> {
    pub(super) fn new(end: &'l str, language: &'l Language, pieces: &[Piece]) -> Self {
        let mut build =
            Self { drafts: Vec::new(), outputs: Vec::new(), end, language, taken: Vec::new(), padding: false };
        let mut drafts = Vec::new();
        build.pieces(pieces, &mut drafts);
        build.drafts = drafts;
        build
    }

    fn pieces(&mut self, pieces: &[Piece], out: &mut Vec<Draft>) {
        for piece in pieces {
            match piece {
                Piece::Text(text) => self.text(text, out),
                Piece::Field(field) => self.field(field, out),
                Piece::Time(time) => self.time(time, out),
                Piece::Trace(at) => {
                    let (name, doc) = self.language.trace;
                    self.capture(
                        web::column(name, "", "", doc, &[""]),
                        Slot { at: *at, usual: Some(Class::Any), ..Slot::default() },
                        out,
                    );
                }
                Piece::Padding => {
                    if let Some(Draft::Capture(slot)) = out.last_mut()
                        && slot.class.is_none()
                    {
                        slot.class = Some(Class::Trimmed(0));
                    }
                    self.padding = true;
                }
                Piece::Optional(inner) => {
                    let has_text = inner.iter().any(|piece| matches!(piece, Piece::Text(_)));
                    let mut drafts = Vec::new();
                    self.pieces(inner, if has_text { &mut drafts } else { &mut *out });
                    if has_text {
                        out.push(Draft::Optional(drafts));
                    }
                }
            }
        }
    }

    fn text(&mut self, text: &str, out: &mut Vec<Draft>) {
        // Padding before blanks is taken by the next capture.
        if self.padding && !text.trim_matches(' ').is_empty() {
            self.padding = false;
            if matches!(out.last(), Some(Draft::Literal(_))) {
                out.push(Draft::Capture(Slot { class: Some(Class::Any), ..Slot::default() }));
            }
        }
        push_literal(out, text.replace('\n', self.end).as_bytes());
    }

    fn field(&mut self, field: &Field, out: &mut Vec<Draft>) {
        let padding = std::mem::take(&mut self.padding);
        let class = match field.width {
            // The spaces of a group stand before it: it does not end with the first of them.
            None if padding && !field.is_message => Some(Class::Padded(0)),
            width => width.or(padding.then_some(0)).map(|width| field.padded(width)),
        };
        let slot = Slot { usual: field.usual, class, escape: field.escape, at: field.at, ..Slot::default() };
        self.capture(field.column.clone(), slot, out);
    }

    fn time(&mut self, time: &Time, out: &mut Vec<Draft>) {
        let (column, class) = column(&time.what);
        let padding = std::mem::take(&mut self.padding).then_some(0);
        // Its own spaces must not end it.
        let least = match &time.what {
            What::Pattern(pattern) => u8::try_from(time_like(pattern).1).unwrap_or(u8::MAX),
            What::Word(_, len) => len.unwrap_or(0),
            What::Unread(_) => 0,
        };
        let width = time.width.filter(|width| *width > least || *width > 0 && least == 0).or(padding);
        let padded = width.map(|width| Class::Trimmed(width.max(least)));
        let fixed = match &time.what {
            What::Word(_, Some(len)) => Some(Class::Bytes(*len)),
            _ => None,
        };
        let slot = Slot { class: padded.or(fixed), usual: class, at: time.at, ..Slot::default() };
        self.capture(column, slot, out);
    }

    fn capture(&mut self, mut column: Column, slot: Slot, out: &mut Vec<Draft>) {
        column.name = web::free_name(&column.name, &self.taken);
        self.taken.push(column.name.clone());
        out.push(Draft::Capture(Slot { name: column.name.clone(), ..slot }));
        self.outputs.push(Output::One(column));
    }
}

/// The column of a time, and what its capture may hold where its type does not say.
fn column(what: &What) -> (Column, Option<Class>) {
    let own = |dtype: &str| web::column("time", dtype, "", "when it was logged", &[]);
    let text = |pattern: &str, class| {
        let doc = format!("text of the time pattern {pattern}, which tells no full date");
        (web::column("time", "", "", doc, &[]), Some(class))
    };
    match what {
        What::Word(word, _) => (own(&format!("timestamp:{word}")), Some(Class::Word)),
        What::Unread(pattern) => text(pattern, Class::Any),
        What::Pattern(pattern) => match pattern.as_str() {
            "%s" | "%s.%3f" | "%s.%6f" => (own("timestamp:epoch"), Some(Class::Word)),
            // Digits of a fraction right behind those of the seconds: a count of smaller units.
            "%s%3f" => (own("timestamp:epoch_ms"), Some(Class::Word)),
            "%s%6f" => (own("timestamp:epoch_us"), Some(Class::Word)),
            "%3f" => (web::column("msecs", "int16", "ms", "milliseconds of the time", &[]), Some(Class::Digits)),
            pattern if time_pattern::has_day(pattern) => (own(&format!("timestamp:{pattern}")), None),
            pattern => text(
                pattern,
                match time_pattern::spaces(pattern) {
                    Some(0) => Class::Word,
                    Some(count) => Class::Spaces(count),
                    None => Class::Any,
                },
            ),
        },
    }
}
