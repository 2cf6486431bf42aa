//! Extra text that is not in one place: its pieces, joined.

use std::sync::Arc;

use arrow::array::{ArrayRef, StringBuilder};
use arrow::compute::cast;

use super::{Block, Decode, Findings, Spec, Strings};
use crate::error::Result;
use crate::simd::{Field, Row};

/// Joins the pieces of each row. The field gives places in the tape's positions, between which each piece's start and end
/// stand in turn.
struct ExtraPieces {
    field: Field,
    joint: Box<[u8]>,
    strings: Strings,
    column: StringBuilder,
    scratch: Vec<u8>,
}

/// The decoder of extra text that `joint` joins.
pub fn extra_decoder(spec: &Spec, joint: &[u8]) -> Box<dyn Decode> {
    Box::new(ExtraPieces {
        field: spec.field,
        joint: joint.into(),
        strings: spec.strings,
        column: StringBuilder::new(),
        scratch: Vec::new(),
    })
}

impl Decode for ExtraPieces {
    fn decode(&mut self, block: &Block, rows: &[Row], found: &mut Findings) {
        for row in rows {
            let Some((first, last)) = self.field.span(block.positions, *row) else {
                self.column.append_null();
                continue;
            };
            self.scratch.clear();
            let pieces = block.positions.get(first as usize..last as usize).unwrap_or_default();
            for (number, piece) in pieces.chunks_exact(2).enumerate() {
                if number > 0 {
                    self.scratch.extend_from_slice(&self.joint);
                }
                self.scratch.extend_from_slice(block.text.text().span(piece[0], piece[1]));
            }
            let text = String::from_utf8_lossy(&self.scratch);
            found.replaced += u64::from(matches!(text, std::borrow::Cow::Owned(_)));
            self.column.append_value(&text);
        }
    }

    fn finish(&mut self) -> Result<Vec<ArrayRef>> {
        let text: ArrayRef = Arc::new(self.column.finish());
        Ok(vec![if self.strings == Strings::Utf8 { text } else { cast(&text, &self.strings.data_type())? }])
    }
}
