//! Spans to typed columns.
//!
//! In: a tape and the text it points into. Out: one Arrow array a column. Each decoder takes one field of all rows of a
//! sub-block in one call; nothing is dispatched per row. A decoder never fails on log bytes: what does not decode is a
//! null and a [`Bad`]. A new column type is one file here, one arm in [`Kind::parse`] and one in [`decoder`].

mod escape;
mod int;
mod kind;
mod null;
mod request;
mod timestamp;
mod utf8;

#[cfg(test)]
mod tests;

use arrow::array::ArrayRef;

pub use escape::{Escape, unescape};
pub use kind::{Kind, KindOptions, Strings, TimeUnit};
pub use null::NullTexts;
pub use request::{RequestPart, request_decoder, split_request};

use crate::error::Result;
use crate::simd::{Field, Level, Pool, Row, TextBlock};

/// The rows of a sub-block, as a decoder sees them.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    /// The text, with what is known about its bytes.
    pub text: TextBlock<'a>,
    /// The tape's positions.
    pub positions: &'a [u32],
    /// Which kernels run.
    pub level: Level,
}

impl<'a> Block<'a> {
    /// The field's bytes in a row; `None` if it is not there.
    #[inline(always)]
    pub fn bytes(&self, field: Field, row: Row) -> Option<&'a [u8]> {
        let (start, end) = field.span(self.positions, row)?;
        Some(self.text.text().span(start, end))
    }
}

/// A cell that fits the layout but does not decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bad {
    /// Its row, as an index into the rows of the call.
    pub row: u32,
    /// Its column, as an index into the decoder's columns.
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
#[derive(Clone, Debug)]
pub struct Spec {
    /// How its span follows from a row.
    pub field: Field,
    /// Its type.
    pub kind: Kind,
    /// The texts that mean null.
    pub null: NullTexts,
    /// How its bytes are escaped.
    pub escape: Escape,
    /// How text columns are laid out.
    pub strings: Strings,
}

/// The decoder of a column; its memory comes from `pool`.
///
/// **Errors**: `FormatSyntax` if a time pattern cannot be understood.
pub fn decoder(spec: &Spec, pool: &Pool) -> Result<Box<dyn Decode>> {
    Ok(match &spec.kind {
        Kind::Utf8 => Box::new(utf8::Utf8::new(spec, pool)),
        Kind::Int16 => Box::new(int::Int::<arrow::datatypes::Int16Type>::new(spec, pool)),
        Kind::Int32 => Box::new(int::Int::<arrow::datatypes::Int32Type>::new(spec, pool)),
        Kind::Int64 => Box::new(int::Int::<arrow::datatypes::Int64Type>::new(spec, pool)),
        Kind::Timestamp { .. } => timestamp::decoder(spec, pool)?,
    })
}
