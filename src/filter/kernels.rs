//! The loops that Arrow's kernels do not have: whole numbers beside a constant, arithmetic that never fails, texts.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, PrimitiveArray, StringArray, StringBuilder,
    UInt32Array,
};
use arrow::buffer::BooleanBuffer;
use arrow::compute::cast;
use arrow::datatypes::{ArrowPrimitiveType, DataType, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type};

use super::expr::{ArithmeticOp, CompareOp};
use crate::Result;

/// `values op literal` for int8 to int64; the literal is in the type's range.
pub(super) fn compare_int(array: &ArrayRef, op: CompareOp, literal: i64) -> Option<BooleanArray> {
    Some(match array.data_type() {
        DataType::Int8 => compare_as(array.as_primitive::<Int8Type>(), op, literal.try_into().ok()?),
        DataType::Int16 => compare_as(array.as_primitive::<Int16Type>(), op, literal.try_into().ok()?),
        DataType::Int32 => compare_as(array.as_primitive::<Int32Type>(), op, literal.try_into().ok()?),
        DataType::Int64 => compare_as(array.as_primitive::<Int64Type>(), op, literal),
        _ => return None,
    })
}

fn compare_as<T: ArrowPrimitiveType>(array: &PrimitiveArray<T>, op: CompareOp, literal: T::Native) -> BooleanArray
where
    T::Native: PartialOrd,
{
    // One loop for each operation, so that the choice is not made per value.
    match op {
        CompareOp::Eq => test_each(array, |value| value == literal),
        CompareOp::NotEq => test_each(array, |value| value != literal),
        CompareOp::Lt => test_each(array, |value| value < literal),
        CompareOp::LtEq => test_each(array, |value| value <= literal),
        CompareOp::Gt => test_each(array, |value| value > literal),
        CompareOp::GtEq => test_each(array, |value| value >= literal),
    }
}

fn test_each<T: ArrowPrimitiveType>(array: &PrimitiveArray<T>, test: impl Fn(T::Native) -> bool) -> BooleanArray {
    let values = array.values();
    BooleanArray::new(BooleanBuffer::collect_bool(values.len(), |idx| test(values[idx])), array.nulls().cloned())
}

/// Whole numbers looked for by `IN`.
#[derive(Clone, Debug)]
pub(super) struct IntSet(Vec<i64>);

/// Up to here a plain loop beats the binary search.
const SHORT_LIST: usize = 8;

impl IntSet {
    pub(super) fn new(mut values: Vec<i64>) -> Self {
        values.sort_unstable();
        values.dedup();
        Self(values)
    }

    /// Which values are in the set.
    pub(super) fn evaluate(&self, array: &ArrayRef) -> Option<BooleanArray> {
        Some(match array.data_type() {
            DataType::Int8 => self.evaluate_as(array.as_primitive::<Int8Type>()),
            DataType::Int16 => self.evaluate_as(array.as_primitive::<Int16Type>()),
            DataType::Int32 => self.evaluate_as(array.as_primitive::<Int32Type>()),
            DataType::Int64 => self.evaluate_as(array.as_primitive::<Int64Type>()),
            _ => return None,
        })
    }

    fn evaluate_as<T: ArrowPrimitiveType>(&self, array: &PrimitiveArray<T>) -> BooleanArray
    where
        T::Native: Into<i64>,
    {
        if self.0.len() <= SHORT_LIST {
            test_each(array, |value| {
                let value = value.into();
                self.0.iter().fold(false, |found, one| found | (*one == value))
            })
        } else {
            test_each(array, |value| self.0.binary_search(&value.into()).is_ok())
        }
    }
}

/// `left op right`, both int64 or both float64 and of equal length. What overflows is null.
pub(super) fn arithmetic(op: ArithmeticOp, left: &ArrayRef, right: &ArrayRef) -> ArrayRef {
    if left.data_type() == &DataType::Float64 {
        let apply = |a: f64, b: f64| match op {
            ArithmeticOp::Add => a + b,
            ArithmeticOp::Sub => a - b,
            ArithmeticOp::Mul => a * b,
            ArithmeticOp::Div => a / b,
            ArithmeticOp::Rem => a % b,
        };
        let pairs = left.as_primitive::<Float64Type>().iter().zip(right.as_primitive::<Float64Type>().iter());
        return Arc::new(pairs.map(|(a, b)| Some(apply(a?, b?)).filter(|v| v.is_finite())).collect::<Float64Array>());
    }
    let apply: fn(i64, i64) -> Option<i64> = match op {
        ArithmeticOp::Add => i64::checked_add,
        ArithmeticOp::Sub => i64::checked_sub,
        ArithmeticOp::Mul => i64::checked_mul,
        ArithmeticOp::Div => i64::checked_div,
        ArithmeticOp::Rem => i64::checked_rem,
    };
    let pairs = left.as_primitive::<Int64Type>().iter().zip(right.as_primitive::<Int64Type>().iter());
    Arc::new(pairs.map(|(a, b)| apply(a?, b?)).collect::<Int64Array>())
}

/// Rows of a lookup table by the keys in `array`: null where the key is null or missing.
#[derive(Clone, Debug)]
pub(super) enum Index {
    /// Small keys that are not negative: the row plus one, 0 for none.
    Dense(Vec<u32>),
    Int(std::collections::HashMap<i64, u32>),
    Text(std::collections::HashMap<Box<str>, u32>),
}

impl Index {
    /// Keys up to here index a plain vector: 16 KiB at most.
    const DENSE: i64 = 4096;

    pub(super) fn of_ints(keys: std::collections::HashMap<i64, u32>) -> Self {
        let last = keys.keys().max().copied().unwrap_or(0);
        if last >= Self::DENSE || keys.keys().any(|key| *key < 0) {
            return Self::Int(keys);
        }
        let mut rows = vec![0; last as usize + 1];
        for (key, row) in keys {
            rows[key as usize] = row + 1;
        }
        Self::Dense(rows)
    }

    fn of_int(&self, key: i64) -> Option<u32> {
        match self {
            Self::Dense(rows) => rows.get(usize::try_from(key).ok()?)?.checked_sub(1),
            Self::Int(rows) => rows.get(&key).copied(),
            Self::Text(_) => None,
        }
    }

    fn of_text(&self, key: &str) -> Option<u32> {
        match self {
            Self::Text(rows) => rows.get(key).copied(),
            _ => self.of_int(key.trim().parse().ok()?),
        }
    }

    /// The rows for int or text keys.
    pub(super) fn rows(&self, array: &ArrayRef) -> Result<UInt32Array> {
        Ok(match array.data_type() {
            DataType::Int8 => self.int_rows(array.as_primitive::<Int8Type>()),
            DataType::Int16 => self.int_rows(array.as_primitive::<Int16Type>()),
            DataType::Int32 => self.int_rows(array.as_primitive::<Int32Type>()),
            DataType::Int64 => self.int_rows(array.as_primitive::<Int64Type>()),
            DataType::Utf8 => array.as_string::<i32>().iter().map(|key| self.of_text(key?)).collect(),
            DataType::LargeUtf8 => array.as_string::<i64>().iter().map(|key| self.of_text(key?)).collect(),
            DataType::Utf8View => array.as_string_view().iter().map(|key| self.of_text(key?)).collect(),
            _ => self.rows(&cast(array, &DataType::Utf8)?)?,
        })
    }

    fn int_rows<T: ArrowPrimitiveType>(&self, array: &PrimitiveArray<T>) -> UInt32Array
    where
        T::Native: Into<i64>,
    {
        array.iter().map(|key| self.of_int(key?.into())).collect()
    }
}

/// Each text, a utf8 array's, in lower or upper case.
pub(super) fn change_case(array: &StringArray, upper: bool) -> StringArray {
    let mut out = StringBuilder::with_capacity(array.len(), array.value_data().len());
    let mut scratch = String::new();
    for text in array {
        let Some(text) = text else {
            out.append_null();
            continue;
        };
        if text.is_ascii() {
            scratch.clear();
            scratch.push_str(text);
            if upper {
                scratch.make_ascii_uppercase()
            } else {
                scratch.make_ascii_lowercase()
            }
            out.append_value(&scratch);
        } else {
            out.append_value(if upper { text.to_uppercase() } else { text.to_lowercase() });
        }
    }
    out.finish()
}
