//! Values other than text whose text is escaped: PHP writes the slashes of a date as `\/`.

use arrow::array::ArrayRef;

use super::{Bad, Block, Decode, Escape, Findings, Spec, unescape};
use crate::error::Result;
use crate::simd::{Field, Row, Text, TextBlock};

/// Hands a decoder what the escapes in a cell stand for. Few cells hold any; so each that does is a call of its own.
pub(super) struct Escaped {
    decode: Box<dyn Decode>,
    field: Field,
    escape: Escape,
}

impl Escaped {
    pub(super) fn new(spec: &Spec, decode: Box<dyn Decode>) -> Self {
        Self { decode, field: spec.field, escape: spec.escape }
    }

    fn decode_one(&mut self, block: &Block, row: Row, number: usize, found: &mut Findings) {
        let Some((start, end)) = self.field.span(block.positions, row) else { return };
        let mut bytes = Vec::new();
        unescape(self.escape, block.text.text().span(start, end), &mut bytes);
        let text = Text::copied(&bytes);
        let mut positions = vec![0; usize::from(self.field.end_slot.max(self.field.start_slot)) + 1];
        positions[usize::from(self.field.end_slot)] = text.len() as u32;
        let text = TextBlock::new(&text, 0, text.len());
        let first = found.bad.len();
        self.decode.decode(&Block { text, positions: &positions, ..*block }, &[Row::new(0, row.line)], found);
        for bad in &mut found.bad[first..] {
            *bad = Bad { row: number as u32, column: bad.column, start, end };
        }
    }
}

impl Decode for Escaped {
    fn decode(&mut self, block: &Block, rows: &[Row], found: &mut Findings) {
        let field = self.field;
        let is_escaped =
            |row: &Row| row.has_escapes() && block.bytes(field, *row).is_some_and(|bytes| bytes.contains(&b'\\'));
        let (mut rest, mut done) = (rows, 0);
        while let Some(at) = rest.iter().position(is_escaped) {
            self.plain(block, &rest[..at], done, found);
            self.decode_one(block, rest[at], done + at, found);
            (rest, done) = (&rest[at + 1..], done + at + 1);
        }
        self.plain(block, rest, done, found);
    }

    fn finish(&mut self) -> Result<Vec<ArrayRef>> {
        self.decode.finish()
    }
}

impl Escaped {
    /// Rows without escapes, before which `done` rows of the call are done.
    fn plain(&mut self, block: &Block, rows: &[Row], done: usize, found: &mut Findings) {
        let first = found.bad.len();
        self.decode.decode(block, rows, found);
        found.bad[first..].iter_mut().for_each(|bad| bad.row += done as u32);
    }
}
