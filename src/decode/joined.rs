//! Text columns made of several spans.

use arrow::array::ArrayRef;

use super::utf8::TextOut;
use super::{Block, Decode, Findings, Spec};
use crate::error::Result;
use crate::simd::{Field, Pool, Row};

/// Joins spans, each behind a text of its own. A span that is not there leaves its text out too, and what stands behind
/// it does not begin with one; where none is there, the cell is null.
#[derive(Debug)]
pub(super) struct Joined {
    parts: Vec<(Box<[u8]>, Field)>,
    out: TextOut,
    scratch: Vec<u8>,
}

impl Joined {
    pub(super) fn new(spec: &Spec, pool: &Pool) -> Self {
        Self { parts: spec.joined.clone(), out: TextOut::new(spec, pool), scratch: Vec::new() }
    }
}

impl Decode for Joined {
    fn decode(&mut self, block: &Block, rows: &[Row], found: &mut Findings) {
        for row in rows {
            self.scratch.clear();
            let mut any = false;
            for (number, (before, field)) in self.parts.iter().enumerate() {
                if let Some(bytes) = block.bytes(*field, *row) {
                    if any || number == 0 {
                        self.scratch.extend_from_slice(before);
                    }
                    self.scratch.extend_from_slice(bytes);
                    any = true;
                }
            }
            self.out.push(any.then_some(&self.scratch), row.has_escapes(), found);
        }
    }

    fn finish(&mut self) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.out.finish()?])
    }
}
