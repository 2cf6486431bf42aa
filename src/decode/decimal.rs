//! Exact decimal columns.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::Decimal128Type;

use super::int::parse_int;
use super::kind::check_decimal;
use super::number::{short_decimal, split_decimal, trimmed};
use super::{Block, Decode, Findings, NullTexts, Numbers, Spec, extend_fixed};
use crate::error::Result;
use crate::simd::{Field, FixedColumn, Pool, Row};

/// Reads decimal numbers without exponent; more digits than the type has, before or behind the point, are bad. Or as Hive does.
#[derive(Debug)]
pub(super) struct Decimal {
    field: Field,
    null: NullTexts,
    column: FixedColumn<Decimal128Type>,
    precision: u8,
    scale: i8,
    numbers: Numbers,
}

impl Decimal {
    /// **Errors**: `TypeMismatch` if there is no such decimal.
    pub(super) fn new(spec: &Spec, pool: &Pool, (precision, scale): (u8, i8), numbers: Numbers) -> Result<Self> {
        check_decimal(precision, scale)?;
        let column = FixedColumn::new(pool.clone());
        Ok(Self { field: spec.field, null: spec.null.clone(), column, precision, scale, numbers })
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
            |bytes| match self.numbers {
                Numbers::Usual => parse_decimal(bytes, usize::from(scale), bound),
                Numbers::Java => rounded(trimmed(bytes), scale, bound),
                Numbers::Rounded => rounded(bytes, scale, bound),
            },
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

/// The same of a number that may have an exponent, rounded to the nearest, halves away from zero.
fn rounded(bytes: &[u8], scale: u8, bound: i128) -> Option<i128> {
    /// Beyond it lies nothing but zero and what is too large.
    const MAX_EXPONENT: i64 = 1000;
    let (number, exponent) = match memchr::memchr2(b'e', b'E', bytes) {
        Some(at) => (&bytes[..at], parse_int(&bytes[at + 1..])?.clamp(-MAX_EXPONENT, MAX_EXPONENT)),
        None => (bytes, 0),
    };
    let (negative, whole, part) = split_decimal(number)?;
    let kept = i64::try_from(whole.len()).ok()? + exponent + i64::from(scale);
    let mut digits = whole.iter().chain(part).map(|byte| i128::from(byte - b'0'));
    let mut value = 0_i128;
    for _ in 0..kept.max(0) {
        value = value.checked_mul(10)?.checked_add(digits.next().unwrap_or(0))?;
    }
    if kept >= 0 && digits.next().is_some_and(|digit| digit >= 5) {
        value += 1;
    }
    (value < bound).then_some(if negative { -value } else { value })
}
