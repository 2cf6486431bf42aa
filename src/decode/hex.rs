//! Integers in hexadecimal digits.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::Int64Type;

use super::{Block, Decode, Findings, NullTexts, Spec, extend_fixed};
use crate::error::Result;
use crate::simd::{Field, FixedColumn, Pool, Row};

/// Reads hexadecimal digits, perhaps behind `0x`; a number of 64 bits or more is bad.
#[derive(Debug)]
pub(super) struct Hex {
    field: Field,
    null: NullTexts,
    column: FixedColumn<Int64Type>,
}

impl Hex {
    pub(super) fn new(spec: &Spec, pool: &Pool) -> Self {
        Self { field: spec.field, null: spec.null.clone(), column: FixedColumn::new(pool.clone()) }
    }
}

impl Decode for Hex {
    fn decode(&mut self, block: &Block, rows: &[Row], found: &mut Findings) {
        extend_fixed((self.field, &self.null, &mut self.column), (block, rows, found), |_, _, _| None, parse_hex);
    }

    fn finish(&mut self) -> Result<Vec<ArrayRef>> {
        Ok(vec![Arc::new(self.column.finish())])
    }
}

fn parse_hex(bytes: &[u8]) -> Option<i64> {
    let digits = match bytes {
        [b'0', b'x' | b'X', digits @ ..] => digits,
        digits => digits,
    };
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_i64, |value, byte| {
        let digit = char::from(*byte).to_digit(16)?;
        value.checked_mul(16)?.checked_add(i64::from(digit))
    })
}
