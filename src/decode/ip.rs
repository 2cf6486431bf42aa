//! IP addresses, as text.

use std::net::IpAddr;

use arrow::array::ArrayRef;

use super::utf8::TextOut;
use super::{Bad, Block, Decode, Findings, NullTexts, Spec};
use crate::error::Result;
use crate::simd::{Field, Pool, Row};

/// Copies spans that are IPv4 or IPv6 addresses, as they are written; others are bad.
#[derive(Debug)]
pub(super) struct Ip {
    field: Field,
    null: NullTexts,
    text: TextOut,
}

impl Ip {
    pub(super) fn new(spec: &Spec, pool: &Pool) -> Self {
        Self { field: spec.field, null: spec.null.clone(), text: TextOut::new(spec, pool) }
    }

    fn is_good(&self, bytes: &[u8]) -> bool {
        let address = std::str::from_utf8(bytes).ok().and_then(|text| text.parse::<IpAddr>().ok());
        address.is_some() || self.null.holds(bytes)
    }
}

impl Decode for Ip {
    fn decode(&mut self, block: &Block, rows: &[Row], found: &mut Findings) {
        let text = block.text.text();
        // Runs of good rows go through the kernel at once.
        let mut run_start = 0;
        for (index, row) in rows.iter().enumerate() {
            let Some((start, end)) = self.field.span(block.positions, *row) else { continue };
            if self.is_good(text.span(start, end)) {
                continue;
            }
            found.bad.push(Bad { row: index as u32, column: 0, start, end });
            self.text.extend(block, self.field, &rows[run_start..index], found);
            self.text.push(None, false, found);
            run_start = index + 1;
        }
        self.text.extend(block, self.field, &rows[run_start..], found);
    }

    fn finish(&mut self) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.text.finish()?])
    }
}
