//! Tables of expressions and what they must give.

mod errors;
mod parse;
mod values;

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::*;
use arrow::datatypes::{DataType, Field, Int32Type, TimeUnit};
use arrow::util::display::array_value_to_string;

use super::{Bound, Context, Expr, LookupTable};
use crate::Result;

/// A batch of three rows, the last of them null in each column.
fn batch() -> RecordBatch {
    let micros = [1_772_672_401_123_456, 1_772_755_200_000_000]; // 2026-03-05T01:00:01.123456Z, 2026-03-06T00:00:00Z
    let decimal = Decimal128Array::from(vec![Some(1050), Some(-200), None]).with_precision_and_scale(10, 2).unwrap();
    let mut list = ListBuilder::new(Int64Builder::new());
    list.append_value([Some(1)]);
    list.append_value([]);
    list.append_null();
    let texts = vec![Some("GET"), Some("Größe"), None];
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("i8", Arc::new(Int8Array::from(vec![Some(6), Some(-1), None]))),
        ("status", Arc::new(Int16Array::from(vec![Some(200), Some(503), None]))),
        ("i32", Arc::new(Int32Array::from(vec![Some(7), Some(i32::MIN), None]))),
        ("i64", Arc::new(Int64Array::from(vec![Some(7), Some(i64::MIN), None]))),
        ("f32", Arc::new(Float32Array::from(vec![Some(0.1), Some(-2.5), None]))),
        ("f64", Arc::new(Float64Array::from(vec![Some(0.1), Some(f64::NAN), None]))),
        ("dec", Arc::new(decimal)),
        ("ok", Arc::new(BooleanArray::from(vec![Some(true), Some(false), None]))),
        ("method", Arc::new(StringArray::from(texts.clone()))),
        ("large", Arc::new(LargeStringArray::from(texts.clone()))),
        ("view", Arc::new(StringViewArray::from(texts.clone()))),
        ("dict", Arc::new(texts.into_iter().collect::<DictionaryArray<Int32Type>>())),
        ("number", Arc::new(StringArray::from(vec![Some("404"), Some("x"), None]))),
        (
            "time",
            Arc::new(
                TimestampMicrosecondArray::from(vec![Some(micros[0]), Some(micros[1]), None]).with_timezone("UTC"),
            ),
        ),
        ("second", Arc::new(TimestampSecondArray::from(vec![Some(1_772_672_401), Some(-1), None]))),
        (
            "nano",
            Arc::new(
                TimestampNanosecondArray::from(vec![Some(micros[0] * 1000), Some(-1), None])
                    .with_timezone("Asia/Tokyo"),
            ),
        ),
        ("day_of", Arc::new(Date32Array::from(vec![Some(20_517), Some(-1), None]))),
        ("took", Arc::new(DurationMillisecondArray::from(vec![Some(1500), Some(-1), None]))),
        ("raw", Arc::new(BinaryArray::from(vec![Some(b"ab".as_slice()), Some(b"\xff"), None]))),
        ("list", Arc::new(list.finish())),
        ("nothing", new_null_array(&DataType::Null, 3)),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true))).unwrap()
}

fn context(zone: &str) -> Context {
    let words = LookupTable::from_pairs([("GET", "read"), ("PUT", "write")]).unwrap();
    Context { timezone: zone.into(), tables: HashMap::from([("verbs".to_owned(), Arc::new(words))]) }
}

/// The values of an expression over [`batch`], as text joined by spaces, null as `-`.
fn values(text: &str, zone: &str) -> Result<String> {
    let batch = batch();
    let bound = Bound::bind(&Expr::parse(text)?, &batch.schema(), &context(zone))?;
    let array = bound.evaluate(&batch)?;
    assert_eq!(array.data_type(), bound.data_type(), "{text}");
    assert_eq!(array.len(), batch.num_rows(), "{text}");
    // No rows, and one row, give the same type and values.
    let none = bound.evaluate(&batch.slice(0, 0))?;
    assert_eq!((none.len(), none.data_type()), (0, bound.data_type()), "{text}");
    assert_eq!(&bound.evaluate(&batch.slice(1, 1))?, &array.slice(1, 1), "{text}");
    let shown = (0..array.len()).map(|idx| match array.is_null(idx) || array.data_type() == &DataType::Null {
        true => "-".to_owned(),
        false => array_value_to_string(&array, idx).unwrap(),
    });
    Ok(shown.collect::<Vec<_>>().join(" "))
}

#[test]
fn schema_has_what_the_tables_say() {
    let schema = batch().schema();
    let zone = Some("UTC".into());
    assert_eq!(
        schema.field_with_name("time").unwrap(),
        &Field::new("time", DataType::Timestamp(TimeUnit::Microsecond, zone), true)
    );
}
