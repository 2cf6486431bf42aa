//! Texts of messages that stand in several records.

use arrow::array::ArrayRef;

use super::utf8::TextOut;
use super::{Block, Decode, Findings, PlainText, Spec};
use crate::error::Result;
use crate::simd::{Field, Pool, Row};

/// Joins the texts of a row and of its parts; rows without parts are the kernel's.
struct Pieces {
    field: Field,
    plain: PlainText,
    out: TextOut,
    scratch: Vec<u8>,
}

/// The decoder of a text column, one span a row, whose rows may have parts; `None` for other columns.
pub fn pieces_decoder(spec: &Spec, pool: &Pool) -> Option<Box<dyn Decode>> {
    let plain = PlainText::new(spec)?.with_parts();
    Some(Box::new(Pieces { field: spec.field, plain, out: TextOut::new(spec, pool), scratch: Vec::new() }))
}

impl Decode for Pieces {
    fn decode(&mut self, block: &Block, rows: &[Row], found: &mut Findings) {
        let mut rest = rows;
        while !rest.is_empty() {
            let has_parts = |row: &Row| !block.parts_of(*row).is_empty();
            let first = if block.parts.is_empty() { None } else { rest.iter().position(has_parts) };
            let (whole, behind) = rest.split_at(first.unwrap_or(rest.len()));
            self.out.extend(block, self.field, whole, found);
            let Some((row, behind)) = behind.split_first() else { break };
            self.scratch.clear();
            let is_there = self.plain.append(block, *row, &mut self.scratch);
            self.out.push_plain(is_there.then_some(&self.scratch), found);
            rest = behind;
        }
    }

    fn finish(&mut self) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.out.finish()?])
    }
}
