//! Binary floating-point columns.

use std::str::FromStr;
use std::sync::Arc;

use arrow::array::{ArrayRef, ArrowPrimitiveType};

use super::number::{short_decimal, split_decimal, trimmed};
use super::{Block, Decode, Findings, NullTexts, Numbers, Spec, extend_fixed};
use crate::error::Result;
use crate::simd::{Field, FixedColumn, Pool, Row};

/// Reads decimal numbers, perhaps with an exponent, to the nearest value; what lies out of range is bad, and so are
/// `inf` and `nan`. Or as Java does.
#[derive(Debug)]
pub(super) struct Float<P: ArrowPrimitiveType> {
    field: Field,
    null: NullTexts,
    column: FixedColumn<P>,
    numbers: Numbers,
}

impl<P: ArrowPrimitiveType> Float<P> {
    pub(super) fn new(spec: &Spec, pool: &Pool, numbers: Numbers) -> Self {
        Self { field: spec.field, null: spec.null.clone(), column: FixedColumn::new(pool.clone()), numbers }
    }
}

impl<P> Decode for Float<P>
where
    P: ArrowPrimitiveType + Send,
    P::Native: Real,
{
    fn decode(&mut self, block: &Block, rows: &[Row], found: &mut Findings) {
        extend_fixed(
            (self.field, &self.null, &mut self.column),
            (block, rows, found),
            |text, start, end| {
                let (digits, decimals) = short_decimal(text.word(start), end - start)?;
                P::Native::exact_quotient(digits, decimals)
            },
            if self.numbers == Numbers::Usual { parse_float } else { parse_java },
        );
    }

    fn finish(&mut self) -> Result<Vec<ArrayRef>> {
        Ok(vec![Arc::new(self.column.finish())])
    }
}

/// What `f32` and `f64` have in common here.
pub(super) trait Real: FromStr + Copy {
    /// `digits / 10^decimals`, rounded once; `None` where either may not be exact by itself.
    ///
    /// **Source**: W. D. Clinger, "How to read floating point numbers accurately", PLDI 1990: with both operands
    /// exact, the one rounding of the division is the right one.
    fn exact_quotient(digits: i64, decimals: u32) -> Option<Self>;

    /// Takes the sign of a number with a `-`.
    fn negated(self) -> Self;

    fn is_finite(self) -> bool;
}

impl Real for f64 {
    #[inline(always)]
    fn exact_quotient(digits: i64, decimals: u32) -> Option<Self> {
        const POWERS: [f64; 23] = [
            1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
            1e19, 1e20, 1e21, 1e22,
        ];
        let power = POWERS.get(decimals as usize)?;
        (digits <= 1 << 53).then_some(digits as f64 / power)
    }

    fn negated(self) -> Self {
        -self
    }

    fn is_finite(self) -> bool {
        self.is_finite()
    }
}

impl Real for f32 {
    #[inline(always)]
    fn exact_quotient(digits: i64, decimals: u32) -> Option<Self> {
        const POWERS: [f32; 11] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10];
        let power = POWERS.get(decimals as usize)?;
        (digits <= 1 << 24).then_some(digits as f32 / power)
    }

    fn negated(self) -> Self {
        -self
    }

    fn is_finite(self) -> bool {
        self.is_finite()
    }
}

/// A whole decimal number.
fn parse_float<T: Real>(bytes: &[u8]) -> Option<T> {
    if let Some((negative, whole, part)) = split_decimal(bytes)
        && whole.len() + part.len() <= 15
    {
        let digits = whole.iter().chain(part).fold(0, |value, byte| value * 10 + i64::from(byte - b'0'));
        if let Some(value) = T::exact_quotient(digits, part.len() as u32) {
            return Some(if negative { value.negated() } else { value });
        }
    }
    // The standard library reads these bytes as numbers only; `inf` and `nan` are spelled with others.
    let all_known = bytes.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    let text = std::str::from_utf8(bytes).ok().filter(|_| all_known)?;
    text.parse().ok().filter(|value: &T| value.is_finite())
}

/// What Java's `Double.valueOf` and `Float.valueOf` take, but for hexadecimal digits.
fn parse_java<T: Real>(bytes: &[u8]) -> Option<T> {
    let text = trimmed(bytes);
    let unsigned = text.strip_prefix(b"-").or(text.strip_prefix(b"+")).unwrap_or(text);
    let number = match text {
        _ if matches!(unsigned, b"NaN" | b"Infinity") => text,
        [number @ .., b'd' | b'D' | b'f' | b'F'] => number,
        number => number,
    };
    let is_plain = number.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    if !is_plain && !matches!(unsigned, b"NaN" | b"Infinity") {
        return None;
    }
    std::str::from_utf8(number).ok()?.parse().ok()
}
