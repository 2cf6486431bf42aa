//! The members of JSON objects that no column knows: one object text of them.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringBuilder};
use arrow::compute::cast;

use super::{Block, Decode, Findings, Spec, Strings};
use crate::error::Result;
use crate::simd::{Field, Row};
use crate::tokenize::PIECE_POSITIONS;

/// Writes the pieces of each row as the members of one object. The field gives places in the tape's positions, between
/// which the pieces stand: each its start, its end and the number of the object that it is a member of.
pub(super) struct Members {
    field: Field,
    /// For each object, the keys that lead to it, as they stand in a JSON string, each with a dot behind it.
    prefixes: Arc<[Box<str>]>,
    strings: Strings,
    column: StringBuilder,
    scratch: Vec<u8>,
}

impl Members {
    pub(super) fn new(spec: &Spec, prefixes: &Arc<[Box<str>]>) -> Self {
        Self {
            field: spec.field,
            prefixes: prefixes.clone(),
            strings: spec.strings,
            column: StringBuilder::new(),
            scratch: Vec::new(),
        }
    }

    fn write(&mut self, block: &Block, pieces: &[u32]) {
        self.scratch.clear();
        self.scratch.push(b'{');
        for (number, piece) in pieces.chunks_exact(PIECE_POSITIONS).enumerate() {
            if number > 0 {
                self.scratch.push(b',');
            }
            let member = block.text.text().span(piece[0], piece[1]);
            // The key goes on behind its opening quote.
            self.scratch.push(b'"');
            self.scratch
                .extend_from_slice(self.prefixes.get(piece[2] as usize).map_or(b"", |prefix| prefix.as_bytes()));
            self.scratch.extend_from_slice(member.get(1..).unwrap_or_default());
        }
        self.scratch.push(b'}');
    }
}

impl Decode for Members {
    fn decode(&mut self, block: &Block, rows: &[Row], found: &mut Findings) {
        for row in rows {
            let Some((first, last)) = self.field.span(block.positions, *row) else {
                self.column.append_null();
                continue;
            };
            self.write(block, block.positions.get(first as usize..last as usize).unwrap_or_default());
            let text = String::from_utf8_lossy(&self.scratch);
            found.replaced += u64::from(matches!(text, Cow::Owned(_)));
            self.column.append_value(&text);
        }
    }

    fn finish(&mut self) -> Result<Vec<ArrayRef>> {
        let text: ArrayRef = Arc::new(self.column.finish());
        Ok(vec![if self.strings == Strings::Utf8 { text } else { cast(&text, &self.strings.data_type())? }])
    }
}
