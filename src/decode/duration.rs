//! Lengths of time.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::DurationMicrosecondType;

use super::number::{scaled, short_decimal};
use super::{Block, Decode, Findings, NullTexts, NumberUnit, Spec, extend_fixed};
use crate::error::Result;
use crate::simd::{Field, FixedColumn, Pool, Row};

/// Reads decimal numbers of one unit; parts of a microsecond are cut towards the negative.
#[derive(Debug)]
pub(super) struct Duration {
    field: Field,
    null: NullTexts,
    column: FixedColumn<DurationMicrosecondType>,
    /// The number times ten to this power is in microseconds.
    exponent: i32,
}

impl Duration {
    pub(super) fn new(spec: &Spec, pool: &Pool, unit: NumberUnit) -> Self {
        let exponent = match unit {
            NumberUnit::Second => 6,
            NumberUnit::Millisecond => 3,
            NumberUnit::Microsecond => 0,
            NumberUnit::Nanosecond => -3,
        };
        let column = FixedColumn::new(pool.clone());
        Self { field: spec.field, null: spec.null.clone(), column, exponent }
    }
}

impl Decode for Duration {
    fn decode(&mut self, block: &Block, rows: &[Row], found: &mut Findings) {
        // What the last digit is worth, by the number of decimals; 0 where it is less than a microsecond.
        let worth: [i64; 8] = std::array::from_fn(|decimals| {
            u32::try_from(self.exponent - decimals as i32).map_or(0, |exponent| 10_i64.pow(exponent))
        });
        let exponent = self.exponent;
        extend_fixed(
            (self.field, &self.null, &mut self.column),
            (block, rows, found),
            |text, start, end| {
                let (digits, decimals) = short_decimal(text.word(start), end - start)?;
                let worth = *worth.get(decimals as usize)?;
                (worth > 0).then_some(digits * worth)
            },
            |bytes| scaled(bytes, exponent),
        );
    }

    fn finish(&mut self) -> Result<Vec<ArrayRef>> {
        Ok(vec![Arc::new(self.column.finish())])
    }
}
