//! Integer columns.

use std::sync::Arc;

use arrow::array::{ArrayRef, ArrowPrimitiveType};

use super::{Bad, Block, Decode, Findings, NullTexts, Spec};
use crate::error::Result;
use crate::simd::{Field, FixedColumn, Pool, Row};

/// Reads decimal digits with an optional sign; anything else, or a value out of range, is bad.
#[derive(Debug)]
pub(super) struct Int<P: ArrowPrimitiveType> {
    field: Field,
    null: NullTexts,
    column: FixedColumn<P>,
}

impl<P: ArrowPrimitiveType> Int<P> {
    pub(super) fn new(spec: &Spec, pool: &Pool) -> Self {
        Self { field: spec.field, null: spec.null.clone(), column: FixedColumn::new(pool.clone()) }
    }
}

impl<P> Decode for Int<P>
where
    P: ArrowPrimitiveType + Send,
    P::Native: TryFrom<i64>,
{
    fn decode(&mut self, block: &Block, rows: &[Row], found: &mut Findings) {
        let text = block.text.text();
        let mut index = 0;
        self.column.extend(rows, |row| {
            index += 1;
            let (start, end) = self.field.span(block.positions, *row)?;
            let len = end - start;
            let word = text.word(start);
            if let Some(value) = short_digits(word, len)
                && let Ok(value) = P::Native::try_from(value)
            {
                return Some(value);
            }
            let bytes = text.span(start, end);
            if self.null.holds(bytes) {
                return None;
            }
            let value = parse_int(bytes).and_then(|value| P::Native::try_from(value).ok());
            if value.is_none() {
                found.bad.push(Bad { row: index - 1, column: 0, start, end });
            }
            value
        });
    }

    fn finish(&mut self) -> Result<Vec<ArrayRef>> {
        Ok(vec![Arc::new(self.column.finish())])
    }
}

/// One to eight digits held in the low bytes of `word`, first digit lowest.
///
/// Eight digits are summed pairwise in three multiplications; shorter ones are shifted up behind zeroes.
#[inline(always)]
pub(super) fn short_digits(word: u64, len: u32) -> Option<i64> {
    if len.wrapping_sub(1) > 7 {
        return None;
    }
    let digits = (word ^ 0x3030_3030_3030_3030) << (64 - 8 * len);
    // A digit is below ten: no high nibble, and none after adding six.
    let over = (digits | digits.wrapping_add(0x0606_0606_0606_0606)) & 0xf0f0_f0f0_f0f0_f0f0;
    if over != 0 {
        return None;
    }
    let pairs = (digits.wrapping_mul(10 << 8 | 1) >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(100 << 16 | 1) >> 16) & 0x0000_ffff_0000_ffff;
    Some((fours.wrapping_mul(10_000 << 32 | 1) >> 32) as i64)
}

/// A whole decimal integer: an optional sign, then digits only. `None` if it is none or does not fit.
#[inline]
pub(super) fn parse_int(bytes: &[u8]) -> Option<i64> {
    let (negative, digits) = match bytes {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if digits.is_empty() {
        return None;
    }
    let mut value = 0_i64;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        // Counted downwards, so that the smallest value fits.
        value = value.checked_mul(10)?.checked_sub(i64::from(digit))?;
    }
    if negative { Some(value) } else { value.checked_neg() }
}
