//! Spans to typed columns.
//!
//! In: a tape and the text it points into. Out: one Arrow array a column. Each decoder takes one field of all rows of a
//! sub-block in one call; nothing is dispatched per row. A decoder never fails on log bytes: what does not decode is a
//! null and a [`Bad`]. A new column type is one file here, one arm in [`Kind::parse`] and one in [`decoder`].

mod attribute;
mod binary;
mod boolean;
mod calendar;
mod date;
mod decimal;
mod duration;
mod entries;
mod escape;
mod escaped;
mod extra;
mod fit;
mod float;
mod hex;
mod int;
mod ip;
mod joined;
mod journal_text;
mod kind;
mod list;
mod map;
mod members;
mod nested;
mod null;
mod number;
mod pieces;
mod plain;
mod priority;
mod request;
mod structured_data;
mod texts;
mod time_memo;
mod time_parts;
mod time_pattern;
mod timestamp;
mod utf8;
mod zone;

#[cfg(test)]
mod tests;

use arrow::array::{ArrayRef, ArrowPrimitiveType};

pub use escape::{Escape, unescape};
pub use extra::extra_decoder;
pub use kind::{Bytes, Kind, KindOptions, NumberUnit, Numbers, Strings, TimeUnit, Truth};
pub use nested::Nested;
pub use null::NullTexts;
pub use pieces::pieces_decoder;
pub use plain::PlainText;
pub use request::{RequestPart, request_decoder, split_request};
pub use time_pattern::TimePattern;
pub(crate) use {calendar::civil_date, nested::note_conflicts, zone::time_zone};

use crate::error::{Error, ErrorKind, Result};
use crate::simd::{Field, FixedColumn, Level, Pool, Row, Text, TextBlock};
use crate::tokenize::Conflict;

/// The rows of a sub-block, as a decoder sees them.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    /// The text, with what is known about its bytes.
    pub text: TextBlock<'a>,
    /// The tape's positions.
    pub positions: &'a [u32],
    /// The rows of the tape's tables.
    pub children: &'a [Vec<Row>],
    /// Values of another kind than their column wants.
    pub conflicts: &'a [Conflict],
    /// Rows whose text goes on with that of another, by where that one's positions begin.
    pub parts: &'a [(u32, Row)],
    /// Which kernels run.
    pub level: Level,
    /// What times without a year are held against, in microseconds since 1970 UTC.
    pub reference_us: i64,
}

impl<'a> Block<'a> {
    /// The field's bytes in a row; `None` if it is not there.
    #[inline(always)]
    pub fn bytes(&self, field: Field, row: Row) -> Option<&'a [u8]> {
        let (start, end) = field.span(self.positions, row)?;
        Some(self.text.text().span(start, end))
    }

    /// The rows whose text goes on with that of a row.
    pub fn parts_of(&self, row: Row) -> &'a [(u32, Row)] {
        let base = row.base() as u32;
        let first = self.parts.partition_point(|(head, _)| *head < base);
        let own = self.parts[first..].iter().take_while(|(head, _)| *head == base).count();
        &self.parts[first..first + own]
    }
}

/// A cell that fits the layout but does not decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bad {
    /// Its row, as an index into the rows of the call.
    pub row: u32,
    /// Its column, as an index into the decoder's columns, or into [`Spec::labels`].
    pub column: u16,
    /// Where its bytes start in the text.
    pub start: u32,
    /// Where they end.
    pub end: u32,
}

/// What decoders find besides values. Reused.
#[derive(Debug, Default)]
pub struct Findings {
    /// Cells that do not decode.
    pub bad: Vec<Bad>,
    /// Cells in which bytes that are no UTF-8 became U+FFFD.
    pub replaced: u64,
}

/// Turns one field of many rows into one column (or a few: the parts of a request line).
pub trait Decode: Send {
    /// Appends the cells of `rows`.
    fn decode(&mut self, block: &Block, rows: &[Row], found: &mut Findings);

    /// The columns so far, as arrays; leaves empty columns.
    ///
    /// **Errors**: if Arrow refuses a column (a dictionary with too many keys).
    fn finish(&mut self) -> Result<Vec<ArrayRef>>;
}

/// All that a decoder needs to know of its column.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// How its span follows from a row.
    pub field: Field,
    /// Its type.
    pub kind: Kind,
    /// The texts that mean null.
    pub null: NullTexts,
    /// How its bytes are escaped.
    pub escape: Escape,
    /// The spans that are joined, each with the text before it; empty for a column of one span.
    pub joined: Vec<(Box<[u8]>, Field)>,
    /// How text columns are laid out.
    pub strings: Strings,
}

/// The decoder of a column; its memory comes from `pool`.
///
/// **Errors**: `FormatSyntax` if a time pattern or a list's separators make no sense, `Option` for an unknown zone,
/// `TypeMismatch` for a decimal or a list that cannot be.
pub fn decoder(spec: &Spec, pool: &Pool) -> Result<Box<dyn Decode>> {
    let decode = plain_decoder(spec, pool)?;
    let is_text = matches!(
        spec.kind,
        Kind::Utf8 | Kind::Varchar(_) | Kind::Char(_) | Kind::Binary(_) | Kind::Nested(_) | Kind::Members(_)
    );
    Ok(match spec.escape {
        Escape::JsonText if !is_text => Box::new(escaped::Escaped::new(spec, decode)),
        _ => decode,
    })
}

/// The decoder of a column whose cells need not be unescaped first.
fn plain_decoder(spec: &Spec, pool: &Pool) -> Result<Box<dyn Decode>> {
    use arrow::datatypes::{Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type};
    Ok(match &spec.kind {
        Kind::Utf8 if !spec.joined.is_empty() => Box::new(joined::Joined::new(spec, pool)),
        Kind::Utf8 | Kind::Varchar(_) | Kind::Char(_) => Box::new(utf8::Utf8::new(spec, pool)),
        Kind::JournalText => Box::new(journal_text::JournalText::new(spec, pool)),
        Kind::Binary(bytes) => Box::new(binary::Binary::new(spec, *bytes)),
        Kind::Bool(truth) => Box::new(boolean::Bool::new(spec, *truth)),
        Kind::Int8 => Box::new(int::Int::<Int8Type>::new(spec, pool)),
        Kind::Int16 => Box::new(int::Int::<Int16Type>::new(spec, pool)),
        Kind::Int32 => Box::new(int::Int::<Int32Type>::new(spec, pool)),
        Kind::Int64 => Box::new(int::Int::<Int64Type>::new(spec, pool)),
        Kind::Float32(numbers) => Box::new(float::Float::<Float32Type>::new(spec, pool, *numbers)),
        Kind::Float64(numbers) => Box::new(float::Float::<Float64Type>::new(spec, pool, *numbers)),
        Kind::Decimal { precision, scale, numbers } => {
            Box::new(decimal::Decimal::new(spec, pool, (*precision, *scale), *numbers)?)
        }
        Kind::Timestamp { .. } => timestamp::decoder(spec, pool)?,
        Kind::Date { pattern } => Box::new(date::Date::new(spec, pool, pattern)?),
        Kind::Duration { unit } => Box::new(duration::Duration::new(spec, pool, *unit)),
        Kind::Hex => Box::new(hex::Hex::new(spec, pool)),
        Kind::Ip => Box::new(ip::Ip::new(spec, pool)),
        Kind::Entries { between, assign } => Box::new(entries::Entries::new(spec, *between, *assign)),
        Kind::Map { dialect, separator } => Box::new(map::Map::new(spec, dialect, *separator, pool)),
        Kind::Facility | Kind::Severity => Box::new(priority::Priority::new(spec, pool)),
        Kind::StructuredData => Box::new(structured_data::StructuredData::new(spec, pool)),
        Kind::Nested(nested) => nested::nested(spec, nested, pool)?,
        Kind::Members(prefixes) => Box::new(members::Members::new(spec, prefixes)),
        Kind::Attribute(kind) => Box::new(attribute::Attribute::new(spec, kind, pool)?),
        Kind::List { item, separators } => Box::new(list::List::new(spec, pool, item, separators)?),
    })
}

#[cold]
fn wrong_kind(spec: &Spec) -> Error {
    Error::new(ErrorKind::TypeMismatch, format!("no decoder of {:?} can be made here", spec.kind))
}

/// Appends a value for each row to `column`: what `fast` reads from the text between two places, else null for a null
/// text, else what `exact` reads from the bytes; a cell that neither reads is null and bad.
#[inline(always)]
fn extend_fixed<P: ArrowPrimitiveType>(
    (field, null, column): (Field, &NullTexts, &mut FixedColumn<P>),
    (block, rows, found): (&Block, &[Row], &mut Findings),
    fast: impl Fn(&Text, u32, u32) -> Option<P::Native>,
    mut exact: impl FnMut(&[u8]) -> Option<P::Native>,
) {
    let text = block.text.text();
    let mut index = 0;
    column.extend(rows, |row| {
        index += 1;
        let (start, end) = field.span(block.positions, *row)?;
        if let Some(value) = fast(text, start, end) {
            return Some(value);
        }
        let bytes = text.span(start, end);
        if null.holds(bytes) {
            return None;
        }
        let value = exact(bytes);
        if value.is_none() {
            found.bad.push(Bad { row: index - 1, column: 0, start, end });
        }
        value
    });
}
