//! Literals as values of a column's type.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array, Int64Array,
    StringArray, new_null_array,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, TimeUnit};

use super::calendar::{Zone, exact_ticks, parse_date};
use super::expr::Literal;
use super::types::{is_int, is_text, per_second, type_name, unit_name};
use crate::{Error, ErrorKind, Result};

/// What became of a literal beside a column.
pub(super) enum Cast {
    /// One value of the column's type.
    Value(ArrayRef),
    /// A number that the column's type has no value for, though a comparison makes sense: compare as float64.
    Widen(f64),
    /// No value of that type.
    Refused,
}

/// The type a literal has by itself.
pub(super) fn natural_type(literal: &Literal) -> DataType {
    match literal {
        Literal::Null => DataType::Null,
        Literal::Bool(_) => DataType::Boolean,
        Literal::Int(_) => DataType::Int64,
        Literal::Float(_) => DataType::Float64,
        Literal::Text(_) => DataType::Utf8,
        Literal::Binary(_) => DataType::Binary,
        Literal::Date(_) => DataType::Date32,
        Literal::Timestamp(_) => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
    }
}

/// The literal as one value of its own type.
pub(super) fn natural(literal: &Literal, zone: &Zone) -> Result<ArrayRef> {
    let dtype = natural_type(literal);
    match cast_literal(literal, &dtype, zone)? {
        Cast::Value(value) => Ok(value),
        _ => Err(Error::new(ErrorKind::TypeMismatch, format!("{literal} is no {}", type_name(&dtype)))
            .with_hint(hint(literal, &dtype))),
    }
}

/// The literal as one value of `dtype`.
pub(super) fn cast_literal(literal: &Literal, dtype: &DataType, zone: &Zone) -> Result<Cast> {
    let dtype = match dtype {
        DataType::Dictionary(_, value) => value,
        other => other,
    };
    if matches!(literal, Literal::Null) {
        return Ok(Cast::Value(new_null_array(dtype, 1)));
    }
    let value: Option<ArrayRef> = match dtype {
        DataType::Boolean => bool_of(literal).map(|value| Arc::new(BooleanArray::from(vec![value])) as _),
        _ if is_text(dtype) => match literal {
            Literal::Text(text) => Some(Arc::new(StringArray::from(vec![text.as_str()])) as _),
            _ => None,
        },
        _ if is_int(dtype) => match literal {
            Literal::Float(value) if value.fract() != 0.0 || value.abs() >= 9.2e18 => return Ok(Cast::Widen(*value)),
            Literal::Float(value) => Some(Arc::new(Int64Array::from(vec![*value as i64])) as _),
            Literal::Int(value) => Some(Arc::new(Int64Array::from(vec![*value])) as _),
            Literal::Text(text) => {
                text.trim().parse().ok().map(|value: i64| Arc::new(Int64Array::from(vec![value])) as _)
            }
            _ => None,
        },
        // A float32 column beside 0.1 means the float32 nearest to it.
        DataType::Float32 => float_of(literal).map(|value| Arc::new(Float32Array::from(vec![value as f32])) as _),
        DataType::Float64 => float_of(literal).map(|value| Arc::new(Float64Array::from(vec![value])) as _),
        DataType::Decimal128(precision, scale) => {
            let text = match literal {
                Literal::Int(value) => value.to_string(),
                Literal::Float(value) => format!("{value}"),
                Literal::Text(text) => text.trim().to_owned(),
                _ => return Ok(Cast::Refused),
            };
            match decimal_digits(&text, *precision, *scale) {
                Some(value) => {
                    Some(Arc::new(Decimal128Array::from(vec![value]).with_precision_and_scale(*precision, *scale)?) as _)
                }
                None => None,
            }
        }
        DataType::Date32 => match literal {
            Literal::Text(text) | Literal::Date(text) => {
                parse_date(text).map(|day| Arc::new(Date32Array::from(vec![day])) as _)
            }
            _ => None,
        },
        DataType::Timestamp(unit, named) => {
            let utc = Zone::utc();
            let zone = if named.is_some() { zone } else { &utc };
            match literal {
                Literal::Text(text) | Literal::Date(text) | Literal::Timestamp(text) => {
                    zone.parse(text).and_then(|nanos| exact_ticks(nanos, *unit)).map(ticks)
                }
                _ => None,
            }
        }
        DataType::Duration(unit) => match literal {
            Literal::Text(text) => duration_nanos(text).and_then(|nanos| exact_ticks(nanos, *unit)).map(ticks),
            _ => None,
        },
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => match literal {
            Literal::Binary(bytes) => Some(Arc::new(BinaryArray::from(vec![bytes.as_slice()])) as _),
            Literal::Text(text) => Some(Arc::new(BinaryArray::from(vec![text.as_bytes()])) as _),
            _ => None,
        },
        _ => None,
    };
    let Some(value) = value else { return Ok(Cast::Refused) };
    let value = if value.data_type() == dtype { value } else { cast(&value, dtype)? };
    // A safe cast gives null for what does not fit.
    Ok(if value.is_null(0) { Cast::Refused } else { Cast::Value(value) })
}

fn ticks(value: i64) -> ArrayRef {
    Arc::new(Int64Array::from(vec![value]))
}

fn bool_of(literal: &Literal) -> Option<bool> {
    match literal {
        Literal::Bool(value) => Some(*value),
        Literal::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Literal::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

fn float_of(literal: &Literal) -> Option<f64> {
    match literal {
        Literal::Int(value) => Some(*value as f64),
        Literal::Float(value) => Some(*value),
        Literal::Text(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The digits of a decimal number times ten to the `scale`, if it needs no more places and fits.
fn decimal_digits(text: &str, precision: u8, scale: i8) -> Option<i128> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = fraction.trim_end_matches('0');
    let all_digits = whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit());
    if !all_digits || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let places = u32::try_from(i64::from(scale) - fraction.len() as i64).ok()?;
    let value: i128 = format!("0{whole}{fraction}").parse().ok()?;
    let value = value.checked_mul(10i128.checked_pow(places)?)?;
    (value < 10i128.checked_pow(precision.into())?).then_some(sign * value)
}

/// Nanoseconds of `250ms`, `1.5s`, `2m`, `1h`, `3d`.
fn duration_nanos(text: &str) -> Option<i128> {
    let text = text.trim();
    let end = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(end);
    let second = 1_000_000_000;
    let unit: i128 = match unit {
        "ns" => 1,
        "us" => 1_000,
        "ms" => 1_000_000,
        "s" => second,
        "m" | "min" => 60 * second,
        "h" => 3_600 * second,
        "d" => 86_400 * second,
        _ => return None,
    };
    let scaled = decimal_digits(number.trim(), 27, 9)?.checked_mul(unit)?;
    (scaled % second == 0).then_some(scaled / second)
}

/// What to write instead of a literal that is no `dtype`.
pub(super) fn hint(literal: &Literal, dtype: &DataType) -> String {
    match dtype {
        DataType::Dictionary(_, value) => hint(literal, value),
        DataType::Boolean => "write TRUE or FALSE".into(),
        _ if is_text(dtype) => match literal {
            Literal::Int(_) => "write the literal in single quotes, or CAST the column to int64".into(),
            Literal::Float(_) => "write the literal in single quotes, or CAST the column to float64".into(),
            _ => "write the literal in single quotes".into(),
        },
        _ if is_int(dtype) => {
            let last = i64::MAX >> (64 - 8 * dtype.primitive_width().unwrap_or(8));
            format!("write a whole number from {} to {last}", -last - 1)
        }
        DataType::Float32 | DataType::Float64 => "write a number".into(),
        DataType::Decimal128(precision, scale) => {
            format!("write a number with at most {} digits, {scale} of them after the point", precision)
        }
        DataType::Date32 => "write a date like '2026-03-05'; date(column) gives the date of a time".into(),
        DataType::Timestamp(unit, _) => {
            let places = per_second(*unit).ilog10();
            format!("write a time like '2026-03-05 10:00:00' or '2026-03-05T10:00:00Z', with at most {places} decimals")
        }
        DataType::Duration(unit) => format!("write a duration like '1.5s' or '250ms', in whole {}", unit_name(*unit)),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => "write bytes as X'00ff'".into(),
        _ => "such a column can only be tested with IS NULL".into(),
    }
}
