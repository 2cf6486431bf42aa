//! Exact decimal columns.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::Decimal128Type;

use super::kind::check_decimal;
use super::number::{short_decimal, split_decimal};
use super::{Block, Decode, Findings, NullTexts, Spec, extend_fixed};
use crate::error::Result;
use crate::simd::{Field, FixedColumn, Pool, Row};

/// Reads decimal numbers without exponent; more digits than the type has, before or behind the point, are bad.
#[derive(Debug)]
pub(super) struct Decimal {
    field: Field,
    null: NullTexts,
    column: FixedColumn<Decimal128Type>,
    precision: u8,
    scale: i8,
}

impl Decimal {
    /// **Errors**: `TypeMismatch` if there is no such decimal.
    pub(super) fn new(spec: &Spec, pool: &Pool, precision: u8, scale: i8) -> Result<Self> {
        check_decimal(precision, scale)?;
        let column = FixedColumn::new(pool.clone());
        Ok(Self { field: spec.field, null: spec.null.clone(), column, precision, scale })
    }
}

impl Decode for Decimal {
    fn decode(&mut self, block: &Block, rows: &[Row], found: &mut Findings) {
        // 10^38 is below 2^127.
        let bound = 10_i128.pow(u32::from(self.precision));
        let scale = self.scale.unsigned_abs();
        extend_fixed(
            (self.field, &self.null, &mut self.column),
            (block, rows, found),
            |text, start, end| {
                let (digits, decimals) = short_decimal(text.word(start), end - start)?;
                let missing = u32::from(scale).checked_sub(decimals)?;
                let value = i128::from(digits).checked_mul(10_i128.pow(missing))?;
                (value < bound).then_some(value)
            },
            |bytes| parse_decimal(bytes, usize::from(scale), bound),
        );
    }

    fn finish(&mut self) -> Result<Vec<ArrayRef>> {
        let values = self.column.finish().with_precision_and_scale(self.precision, self.scale)?;
        Ok(vec![Arc::new(values)])
    }
}

/// The number times 10^scale; its size is below `bound`.
fn parse_decimal(bytes: &[u8], scale: usize, bound: i128) -> Option<i128> {
    let (negative, whole, part) = split_decimal(bytes)?;
    let missing = scale.checked_sub(part.len())?;
    let digits = whole.iter().chain(part).map(|byte| byte - b'0').chain(std::iter::repeat_n(0, missing));
    let mut value = 0_i128;
    for digit in digits {
        value = value.checked_mul(10)?.checked_add(i128::from(digit))?;
    }
    (value < bound).then_some(if negative { -value } else { value })
}
