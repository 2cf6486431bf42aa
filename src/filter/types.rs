//! Which types go together, and what they are called.

use arrow::datatypes::{DataType, TimeUnit};

/// A type as users write it: `int16`, `timestamp[us, UTC]`.
pub(super) fn type_name(dtype: &DataType) -> String {
    match dtype {
        DataType::Boolean => "bool".into(),
        DataType::Utf8View => "utf8view".into(),
        DataType::LargeUtf8 => "large_utf8".into(),
        DataType::Timestamp(unit, None) => format!("timestamp[{}]", unit_name(*unit)),
        DataType::Timestamp(unit, Some(zone)) => format!("timestamp[{}, {zone}]", unit_name(*unit)),
        DataType::Duration(unit) => format!("duration[{}]", unit_name(*unit)),
        DataType::Decimal128(precision, scale) => format!("decimal128({precision}, {scale})"),
        DataType::Dictionary(key, value) => format!("dictionary<{}, {}>", type_name(key), type_name(value)),
        DataType::List(item) | DataType::LargeList(item) | DataType::ListView(item) => {
            format!("list<{}>", type_name(item.data_type()))
        }
        DataType::Struct(_) => "struct".into(),
        DataType::Map(..) => "map".into(),
        other => format!("{other:?}").to_lowercase(),
    }
}

/// Text, in any of Arrow's layouts.
pub(super) fn is_text(dtype: &DataType) -> bool {
    match dtype {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, value) => is_text(value),
        _ => false,
    }
}

/// int8 to int64.
pub(super) fn is_int(dtype: &DataType) -> bool {
    dtype.is_signed_integer()
}

/// Types that expressions compute with; of any other a column may only be tested with `IS NULL`.
pub(super) fn is_supported(dtype: &DataType) -> bool {
    is_text(dtype)
        || is_int(dtype)
        || matches!(
            dtype,
            DataType::Null
                | DataType::Boolean
                | DataType::Float32
                | DataType::Float64
                | DataType::Decimal128(..)
                | DataType::Timestamp(..)
                | DataType::Date32
                | DataType::Duration(_)
                | DataType::Binary
                | DataType::LargeBinary
                | DataType::BinaryView
        )
}

/// Numbers that arithmetic and a widening to float64 accept.
pub(super) fn is_number(dtype: &DataType) -> bool {
    is_int(dtype) || matches!(dtype, DataType::Float32 | DataType::Float64 | DataType::Decimal128(..))
}

/// The type both can be cast to and compared in, without losing what tells two values apart (but for int64 beside
/// float64).
pub(super) fn common_type(a: &DataType, b: &DataType) -> Option<DataType> {
    use DataType::*;
    if a == b {
        return Some(a.clone());
    }
    match (a, b) {
        (Null, other) | (other, Null) => Some(other.clone()),
        _ if is_text(a) && is_text(b) => Some(Utf8),
        _ if is_int(a) && is_int(b) => Some(if int_bits(a) >= int_bits(b) { a.clone() } else { b.clone() }),
        (Decimal128(p1, s1), Decimal128(p2, s2)) => {
            let scale = (*s1).max(*s2);
            let whole = (i16::from(*p1) - i16::from(*s1)).max(i16::from(*p2) - i16::from(*s2));
            Some(decimal(whole + i16::from(scale), scale))
        }
        (Decimal128(p, s), int) | (int, Decimal128(p, s)) if is_int(int) => {
            Some(decimal((i16::from(*p) - i16::from(*s)).max(19) + i16::from((*s).max(0)), (*s).max(0)))
        }
        _ if is_number(a) && is_number(b) => Some(Float64),
        (Timestamp(u1, z1), Timestamp(u2, z2)) if z1.is_some() == z2.is_some() => {
            Some(Timestamp(finer(*u1, *u2), z1.clone()))
        }
        (Duration(u1), Duration(u2)) => Some(Duration(finer(*u1, *u2))),
        (Binary | LargeBinary | BinaryView, Binary | LargeBinary | BinaryView) => Some(LargeBinary),
        _ => None,
    }
}

fn decimal(precision: i16, scale: i8) -> DataType {
    DataType::Decimal128(precision.clamp(1, 38) as u8, scale)
}

fn int_bits(dtype: &DataType) -> usize {
    dtype.primitive_width().unwrap_or(0)
}

fn finer(a: TimeUnit, b: TimeUnit) -> TimeUnit {
    if per_second(a) >= per_second(b) { a } else { b }
}

/// Ticks of a unit in a second.
pub(super) fn per_second(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => 1,
        TimeUnit::Millisecond => 1_000,
        TimeUnit::Microsecond => 1_000_000,
        TimeUnit::Nanosecond => 1_000_000_000,
    }
}

/// `us` for microseconds, and so on.
pub(super) fn unit_name(unit: TimeUnit) -> &'static str {
    match unit {
        TimeUnit::Second => "s",
        TimeUnit::Millisecond => "ms",
        TimeUnit::Microsecond => "us",
        TimeUnit::Nanosecond => "ns",
    }
}
