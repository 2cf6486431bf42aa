//! Integers.

use arrow::array::AsArray;
use arrow::datatypes::{Int16Type, Int32Type, Int64Type};
use proptest::prelude::*;

use super::{column, kind, runner, spec};
use crate::decode::int::{parse_int, short_digits};

#[test]
fn short_digits_are_what_parse_int_says() {
    let byte = prop_oneof![12 => b'0'..=b'9', 1 => any::<u8>()];
    let digits = prop::array::uniform8(byte);
    runner(4000)
        .run(&prop_oneof![digits, prop::array::uniform8(any::<u8>())], |bytes| {
            for len in 0..=8 {
                // A sign is not a digit here.
                let expected = parse_int(&bytes[..len]).filter(|_| bytes[..len].iter().all(u8::is_ascii_digit));
                prop_assert_eq!(short_digits(u64::from_le_bytes(bytes), len as u32), expected, "{:?} {}", bytes, len);
            }
            Ok(())
        })
        .unwrap();
    for len in [9, 16, 64, u32::MAX] {
        assert_eq!(short_digits(u64::from_le_bytes(*b"12345678"), len), None);
    }
    // Every byte at every place.
    for (at, byte) in (0..8).flat_map(|at| (0..=255).map(move |byte| (at, byte))) {
        let mut bytes = *b"90909090";
        bytes[at] = byte;
        let expected = parse_int(&bytes).filter(|_| byte.is_ascii_digit());
        assert_eq!(short_digits(u64::from_le_bytes(bytes), 8), expected, "{bytes:?}");
    }
}

#[test]
fn integers() {
    let cells: [&[u8]; 16] = [
        b"0",
        b"-",
        b"",
        b"32767",
        b"32768",
        b"-32768",
        b"-32769",
        b"+7",
        b"007",
        b"1.0",
        b"12a",
        b"\xff\xfe",
        b"+",
        b"--1",
        b"9223372036854775807",
        b"-9223372036854775808",
    ];
    let (array, bad) = column(&spec(kind("int16", None)), &cells);
    let expected = [Some(0), None, None, Some(32767), None, Some(-32768), None, Some(7), Some(7)];
    assert_eq!(array.as_primitive::<Int16Type>().iter().take(9).collect::<Vec<_>>(), expected);
    assert_eq!(bad, [2, 4, 6, 9, 10, 11, 12, 13, 14, 15]);
    let (array, bad) = column(&spec(kind("int32", None)), &cells);
    assert_eq!((array.as_primitive::<Int32Type>().value(4), bad), (32768, vec![2, 9, 10, 11, 12, 13, 14, 15]));
    let (array, bad) = column(&spec(kind("int64", None)), &cells);
    let array = array.as_primitive::<Int64Type>();
    assert_eq!((array.value(14), array.value(15), bad), (i64::MAX, i64::MIN, vec![2, 9, 10, 11, 12, 13]));
}
