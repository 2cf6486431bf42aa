//! Bytes.

use std::mem::take;
use std::sync::Arc;

use arrow::array::{ArrayRef, BinaryBuilder};

use super::escape::unescape_bytes;
use super::{Block, Decode, Escape, Findings, NullTexts, Spec};
use crate::error::Result;
use crate::simd::{Field, Row};

/// Copies spans; every escape becomes the bytes it stands for.
#[derive(Debug)]
pub(super) struct Binary {
    field: Field,
    null: NullTexts,
    escape: Escape,
    column: BinaryBuilder,
    scratch: Vec<u8>,
}

impl Binary {
    pub(super) fn new(spec: &Spec) -> Self {
        Self {
            field: spec.field,
            null: spec.null.clone(),
            escape: spec.escape,
            column: BinaryBuilder::new(),
            scratch: Vec::new(),
        }
    }
}

impl Decode for Binary {
    fn decode(&mut self, block: &Block, rows: &[Row], _found: &mut Findings) {
        for row in rows {
            let start = self.field.span(block.positions, *row).map_or(0, |(start, _)| start as usize);
            let applies = (row.has_escapes() || !self.escape.is_marked())
                && self.escape.applies(block.text.text().as_bytes(), start);
            match block.bytes(self.field, *row).filter(|bytes| !self.null.holds(bytes)) {
                None => self.column.append_null(),
                Some(bytes) if applies => {
                    self.scratch.clear();
                    unescape_bytes(self.escape, bytes, &mut self.scratch);
                    self.column.append_value(&self.scratch);
                }
                Some(bytes) => self.column.append_value(bytes),
            }
        }
    }

    fn finish(&mut self) -> Result<Vec<ArrayRef>> {
        Ok(vec![Arc::new(take(&mut self.column).finish())])
    }
}
