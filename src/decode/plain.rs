//! Texts of a column as the bytes that their writer had, for records inside records.

use super::{Block, Escape, Kind, NullTexts, Spec, unescape};
use crate::simd::{Field, Row};

/// Reads the texts of a column that is one span, with its escapes decoded.
#[derive(Debug)]
pub struct PlainText {
    field: Field,
    null: NullTexts,
    escape: Escape,
}

impl PlainText {
    /// For the column of `spec`; `None` if its texts are made in another way.
    pub fn new(spec: &Spec) -> Option<Self> {
        let is_plain = spec.kind == Kind::Utf8 && spec.joined.is_empty();
        is_plain.then(|| Self { field: spec.field, null: spec.null.clone(), escape: spec.escape })
    }

    /// Appends the text of a row to `out`; false, and nothing, if it is null.
    ///
    /// **Cost**: one copy.
    #[inline]
    pub fn append(&self, block: &Block, row: Row, out: &mut Vec<u8>) -> bool {
        let Some((start, end)) = self.field.span(block.positions, row) else { return false };
        let text = block.text.text();
        let bytes = text.span(start, end);
        if self.null.holds(bytes) {
            return false;
        }
        let may_hold = row.has_escapes() || !self.escape.is_marked();
        if may_hold && self.escape.applies(text.as_bytes(), start as usize) {
            unescape(self.escape, bytes, out);
        } else {
            out.extend_from_slice(bytes);
        }
        true
    }
}
