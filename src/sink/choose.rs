//! Which encoding a Parquet column gets, from a look at its first rows.

use std::collections::HashSet;

use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};

/// Rows looked at: few enough not to show, enough to see a log's paths come back (of 4,096 rows 60% are distinct, of
/// 16,384 40%).
const SAMPLE_ROWS: usize = 16_384;
/// A column whose sample has more distinct values than this share of its rows gets no dictionary. Chosen on combined
/// logs: user agents stay well under, paths and byte counts well over.
const MAX_DISTINCT_SHARE: f64 = 0.5;

/// What the columns of a row group are encoded with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// The library's default: a dictionary that gives way when it grows too large.
    Dictionary,
    /// No dictionary, values as they are.
    Plain,
    /// No dictionary, lengths first (strings).
    DeltaLength,
    /// No dictionary, packed differences (integers, times).
    DeltaPacked,
}

/// Looks at a column's first rows. `delta` says whether the delta encodings may be used.
pub(super) fn choose(column: &dyn Array, delta: bool) -> Choice {
    let head = column.slice(0, column.len().min(SAMPLE_ROWS));
    match head.data_type() {
        DataType::Utf8 => share(head.as_string::<i32>().iter().flatten()).map_or(Choice::Dictionary, text(delta)),
        DataType::LargeUtf8 => share(head.as_string::<i64>().iter().flatten()).map_or(Choice::Dictionary, text(delta)),
        DataType::Utf8View => share(head.as_string_view().iter().flatten()).map_or(Choice::Dictionary, text(delta)),
        DataType::Binary => share(head.as_binary::<i32>().iter().flatten()).map_or(Choice::Dictionary, text(delta)),
        DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::Date32
        | DataType::Time64(_)
        | DataType::Timestamp(_, _)
        | DataType::Duration(_) => {
            let Ok(wide) = cast(&head, &DataType::Int64) else { return Choice::Dictionary };
            let wide = wide.as_primitive::<Int64Type>();
            integers(wide.iter().flatten(), delta)
        }
        _ => Choice::Dictionary,
    }
}

fn text(delta: bool) -> impl Fn(f64) -> Choice {
    move |share| match share {
        share if share <= MAX_DISTINCT_SHARE => Choice::Dictionary,
        _ if delta => Choice::DeltaLength,
        _ => Choice::Plain,
    }
}

fn integers(values: impl Iterator<Item = i64> + Clone, delta: bool) -> Choice {
    // Times come nearly sorted, many to a second: their differences take fewer bits than a dictionary's indexes.
    let (mut rises, mut steps) = (0_usize, 0_usize);
    let mut last = None;
    for value in values.clone() {
        if let Some(last) = last.replace(value) {
            steps += 1;
            rises += usize::from(value >= last);
        }
    }
    let sorted = steps >= 16 && rises * 10 >= steps * 9;
    let varied = share(values.clone()).is_some_and(|share| share > MAX_DISTINCT_SHARE);
    let constant = share(values).is_some_and(|share| share * (steps + 1) as f64 <= 1.0);
    match (delta, sorted && !constant || varied) {
        (true, true) => Choice::DeltaPacked,
        (false, _) if varied => Choice::Plain,
        _ => Choice::Dictionary,
    }
}

/// Distinct values by values; none where there are too few to tell.
fn share<T: Eq + std::hash::Hash>(values: impl Iterator<Item = T>) -> Option<f64> {
    let mut count = 0_usize;
    let distinct: HashSet<T> = values.inspect(|_| count += 1).collect();
    (count > 0).then(|| distinct.len() as f64 / count as f64)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Float64Array, Int64Array, NullArray, StringArray, TimestampMicrosecondArray};

    use super::*;

    #[test]
    fn ok_choices() {
        let varied: StringArray = (0..5000).map(|i| Some(format!("/item/{i}"))).collect();
        let few: StringArray = (0..5000).map(|i| Some(["GET", "POST"][i % 2])).collect();
        let scattered: Int64Array = (0..5000_i64).map(|i| i * 7919 % 65_521).collect();
        let codes: Int64Array = (0..5000_i64).map(|i| [200, 404, 304][i as usize % 3]).collect();
        let times: TimestampMicrosecondArray = (0..5000_i64).map(|i| Some(i / 50 * 1_000_000)).collect();
        let nulls = StringArray::new_null(10);
        let cases: [(ArrayRef, Choice, Choice); 9] = [
            (Arc::new(varied), Choice::DeltaLength, Choice::Plain),
            (Arc::new(few), Choice::Dictionary, Choice::Dictionary),
            (Arc::new(scattered), Choice::DeltaPacked, Choice::Plain),
            (Arc::new(codes), Choice::Dictionary, Choice::Dictionary),
            (Arc::new(times), Choice::DeltaPacked, Choice::Dictionary),
            (Arc::new(nulls), Choice::Dictionary, Choice::Dictionary),
            (Arc::new(StringArray::from(Vec::<&str>::new())), Choice::Dictionary, Choice::Dictionary),
            (Arc::new(Float64Array::from(vec![1.5; 9])), Choice::Dictionary, Choice::Dictionary),
            (Arc::new(NullArray::new(3)), Choice::Dictionary, Choice::Dictionary),
        ];
        for (column, with, without) in cases {
            assert_eq!((choose(&column, true), choose(&column, false)), (with, without), "{:?}", column.data_type());
        }
    }
}
