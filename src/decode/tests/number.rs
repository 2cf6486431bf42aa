//! Numbers with a point: floats, decimals, durations.

use arrow::array::AsArray;
use arrow::datatypes::{Decimal128Type, DurationMicrosecondType, Float32Type, Float64Type};
use proptest::prelude::*;

use super::{column, kind, runner, spec};
use crate::decode::number::scaled;

/// Texts that are numbers, or nearly.
fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[-+]?[0-9]{0,9}(\\.[0-9]{0,9})?",
        2 => "[-+]?[0-9]{0,30}(\\.[0-9]{0,30})?",
        3 => "[-+]?[0-9]{1,20}(\\.[0-9]{1,20})?([eE][-+]?[0-9]{1,3})?",
        2 => "[-+.eE0-9]{0,10}",
        1 => any::<f64>().prop_map(|value| value.to_string()),
        1 => any::<f32>().prop_map(|value| format!("{value:e}")),
    ]
}

#[test]
fn floats_are_what_the_standard_library_reads() {
    let (double, single) = (spec(kind("float64", None)), spec(kind("float32", None)));
    runner(3000)
        .run(&prop::collection::vec(number(), 1..6), |texts| {
            let known = |text: &&String| **text != "-" && !text.contains("inf") && !text.contains("NaN");
            let f64s = column(&double, &texts).0;
            let f32s = column(&single, &texts).0;
            for (row, text) in texts.iter().enumerate() {
                let expected =
                    Some(text).filter(known).and_then(|text| text.parse::<f64>().ok()).filter(|x| x.is_finite());
                let value = f64s.is_valid(row).then(|| f64s.as_primitive::<Float64Type>().value(row));
                prop_assert_eq!(value.map(f64::to_bits), expected.map(f64::to_bits), "{}", text);
                let expected =
                    Some(text).filter(known).and_then(|text| text.parse::<f32>().ok()).filter(|x| x.is_finite());
                let value = f32s.is_valid(row).then(|| f32s.as_primitive::<Float32Type>().value(row));
                prop_assert_eq!(value.map(f32::to_bits), expected.map(f32::to_bits), "{}", text);
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn floats() {
    let cells: [&[u8]; 14] = [
        b"0.123", b"-0.5", b".5", b"5.", b"1e3", b"-", b"", b".", b"inf", b"nan", b"1e999", b"0x1p3", b"1_0", b"\xff.5",
    ];
    let (array, bad) = column(&spec(kind("float64", None)), &cells);
    let values: Vec<_> = array.as_primitive::<Float64Type>().iter().take(6).collect();
    assert_eq!(values, [Some(0.123), Some(-0.5), Some(0.5), Some(5.0), Some(1000.0), None]);
    assert_eq!(bad, [6, 7, 8, 9, 10, 11, 12, 13]);
}

#[test]
fn decimals() {
    let (array, bad) = column(
        &spec(kind("decimal(5,2)", None)),
        &["1", "1.5", "-1.25", "999.99", "-", "", "1000", "1.250", "1e2", "0000001.10", "-0", ".5", "+.05", "\u{660}"],
    );
    let values: Vec<_> = array.as_primitive::<Decimal128Type>().iter().collect();
    let expected = [Some(100), Some(150), Some(-125), Some(99_999), None, None, None, None, None];
    assert_eq!(values[..9], expected);
    assert_eq!(values[9..], [Some(110), Some(0), Some(50), Some(5), None]);
    assert_eq!(bad, [5, 6, 7, 8, 13]);
    let nines = "9".repeat(38);
    let (array, bad) =
        column(&spec(kind("decimal(38)", None)), &[&nines, &format!("-{nines}"), &format!("1{nines}"), "1.0"]);
    let values = array.as_primitive::<Decimal128Type>();
    assert_eq!((values.value(0), values.value(1), bad), (10_i128.pow(38) - 1, 1 - 10_i128.pow(38), vec![2, 3]));
}

#[test]
fn durations() {
    let micros = |format, texts: &[&str]| {
        let (array, bad) = column(&spec(kind("duration", format)), texts);
        (array.as_primitive::<DurationMicrosecondType>().iter().collect::<Vec<_>>(), bad)
    };
    let (values, bad) = micros(None, &["0.123", "-1", "2", "0.0000019", "-0.0000001", "-", "1.5ms", "2h3m", "", "1e3"]);
    let expected = [Some(123_000), Some(-1_000_000), Some(2_000_000), Some(1), Some(-1), None, None, None, None, None];
    assert_eq!((&values[..], bad), (&expected[..], vec![6, 7, 8, 9]));
    assert_eq!(micros(Some("s.ms"), &["0.001"]).0, [Some(1000)]);
    assert_eq!(micros(Some("ms"), &["17", "17.0004", "0.5"]).0, [Some(17_000), Some(17_000), Some(500)]);
    assert_eq!(micros(Some("us"), &["9223372036854775807", "9223372036854775808"]).0, [Some(i64::MAX), None]);
    assert_eq!(micros(Some("ns"), &["1999", "-1", "5", "0"]).0, [Some(1), Some(-1), Some(0), Some(0)]);
}

#[test]
fn scaling_cuts_towards_the_negative() {
    runner(3000)
        .run(&(-1_000_000_000_000_i64..1_000_000_000_000, 0..9_usize, -9..10_i32), |(number, decimals, exponent)| {
            let sign = if number < 0 { "-" } else { "" };
            let digits = format!("{:0>1$}", number.unsigned_abs(), decimals + 1);
            let (whole, part) = digits.split_at(digits.len() - decimals);
            let power = exponent - decimals as i32;
            let scale = 10_i128.pow(power.unsigned_abs());
            let exact = i128::from(number);
            let expected = if power < 0 { exact.div_euclid(scale) } else { exact * scale };
            prop_assert_eq!(scaled(format!("{sign}{whole}.{part}").as_bytes(), exponent), i64::try_from(expected).ok());
            Ok(())
        })
        .unwrap();
}

#[test]
fn numbers_as_java_reads_them() {
    let cells: [&[u8]; 16] = [
        b" 1.5 ",
        b"1.",
        b".5",
        b"1d",
        b"-2.5F",
        b"NaN",
        b"-Infinity",
        b"1e400",
        b"1e3",
        b"nan",
        b"inf",
        b"0x10",
        b"1_0",
        b"d",
        b".",
        b"1 2",
    ];
    let (array, bad) = column(&spec(kind("float64", Some("java"))), &cells);
    let values: Vec<_> = array.as_primitive::<Float64Type>().iter().collect();
    let good = [1.5, 1.0, 0.5, 1.0, -2.5, f64::NAN, f64::NEG_INFINITY, f64::INFINITY, 1000.0];
    let texts = |values: &[Option<f64>]| format!("{values:?}");
    assert_eq!(texts(&values[..9]), texts(&good.map(Some)));
    assert_eq!(bad, (9..16).collect::<Vec<_>>());
}

#[test]
fn decimals_as_hive_reads_them() {
    let cells: [&[u8]; 12] = [
        b"1.235",
        b"-1.235",
        b"1.2349999",
        b"1e2",
        b"12.5E-1",
        b"0.004",
        b"1e-9",
        b"9999.995",
        b"10000",
        b"1e999999999999",
        b" 1 ",
        b"0e9",
    ];
    let values = |rule| {
        let (array, bad) = column(&spec(kind("decimal(6,2)", Some(rule))), &cells);
        (array.as_primitive::<Decimal128Type>().iter().collect::<Vec<_>>(), bad)
    };
    let good = [124, -124, 123, 10000, 125, 0, 0].map(Some);
    let (java, bad) = values("java");
    assert_eq!((&java[..7], &java[7..]), (&good[..], &[None, None, None, Some(100), Some(0)][..]));
    assert_eq!((bad, values("rounded").1), (vec![7, 8, 9], vec![7, 8, 9, 10]));
}
