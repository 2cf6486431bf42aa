//! Truth values, hexadecimal numbers, addresses, bytes, days, times without a zone.

use arrow::array::AsArray;
use arrow::datatypes::{DataType, Date32Type, Int64Type, TimestampMicrosecondType};

use super::{column, kind, spec};
use crate::decode::{Spec, Strings};

#[test]
fn truth_values() {
    let cells: [&[u8]; 18] = [
        b"true",
        b"YES",
        b"On",
        b"1",
        b"T",
        b"y",
        b"False",
        b"no",
        b"OFF",
        b"0",
        b"f",
        b"N",
        b"-",
        b"",
        b"2",
        b"truee",
        b"falsehood",
        b"\xe9",
    ];
    let (array, bad) = column(&spec(kind("bool", None)), &cells);
    let values: Vec<_> = array.as_boolean().iter().collect();
    assert_eq!(values[..6], [Some(true); 6]);
    assert_eq!(values[6..12], [Some(false); 6]);
    assert_eq!((&values[12..], bad), (&[None; 6][..], vec![13, 14, 15, 16, 17]));
    // All true: the bitmap without a clear bit.
    assert_eq!(column(&spec(kind("bool", None)), &["1"; 70]).0.as_boolean().true_count(), 70);
}

#[test]
fn hexadecimal_numbers() {
    let cells =
        ["ff", "0xFF", "0X0", "7fffffffffffffff", "8000000000000000", "-", "", "0x", "-1", "g", "00000000000000000001"];
    let (array, bad) = column(&spec(kind("hex", None)), &cells);
    let values: Vec<_> = array.as_primitive::<Int64Type>().iter().collect();
    let expected = [Some(255), Some(255), Some(0), Some(i64::MAX), None, None, None, None, None, None, Some(1)];
    assert_eq!((&values[..], bad), (&expected[..], vec![4, 6, 7, 8, 9]));
}

#[test]
fn addresses() {
    let cells: [&[u8]; 13] = [
        b"192.0.2.7",
        b"::1",
        b"2001:DB8::7",
        b"-",
        b"",
        b"::ffff:192.0.2.7",
        b"192.0.2.256",
        b"192.0.2",
        b"[::1]",
        b"192.0.2.7:80",
        b"\xff",
        b"10.0.0.1",
        b"fe80::1%eth0",
    ];
    for strings in [Strings::Utf8, Strings::Large, Strings::View, Strings::Dictionary] {
        let (array, bad) = column(&super::Spec { strings, ..spec(kind("ip", None)) }, &cells);
        let array = arrow::compute::cast(&array, &arrow::datatypes::DataType::Utf8).unwrap();
        let values: Vec<_> = array.as_string::<i32>().iter().collect();
        let good = [Some("192.0.2.7"), Some("::1"), Some("2001:DB8::7"), None, None, Some("::ffff:192.0.2.7")];
        assert_eq!(values[..6], good);
        assert_eq!((values[11], bad), (Some("10.0.0.1"), vec![4, 6, 7, 8, 9, 10, 12]));
    }
}

#[test]
fn bytes() {
    let cells: [&[u8]; 7] = [br"\x16\x03", b"-", b"", b"\xff\xfe", br#"a\"\n\q\"#, br"\xzz\x4", b"plain"];
    let (array, bad) = column(&spec(kind("binary", None)), &cells);
    let values: Vec<_> = array.as_binary::<i32>().iter().collect();
    let expected: [Option<&[u8]>; 7] =
        [Some(b"\x16\x03"), None, Some(b""), Some(b"\xff\xfe"), Some(b"a\"\n\\q\\"), Some(br"\xzz\x4"), Some(b"plain")];
    assert_eq!((&values[..], bad), (&expected[..], vec![]));
}

#[test]
fn truth_values_by_rule() {
    let cells: [&[u8]; 6] = [b"TRUE", b"False", b"yes", b"", b"-", b"true "];
    let values = |rule| {
        let (array, bad) = column(&spec(kind("bool", Some(rule))), &cells);
        (array.as_boolean().iter().collect::<Vec<_>>(), bad)
    };
    let no = Some(false);
    assert_eq!(values("strict"), (vec![Some(true), no, None, None, None, None], vec![2, 3, 5]));
    assert_eq!(values("java"), (vec![Some(true), no, no, no, None, no], vec![]));
}

#[test]
fn days_since_1970() {
    let cells: [&[u8]; 5] = [b"0", b"-1", b"20517", b"2026-03-05", b"99999999999"];
    let (array, bad) = column(&spec(kind("date", Some("epoch_days"))), &cells);
    let values: Vec<_> = array.as_primitive::<Date32Type>().iter().collect();
    assert_eq!((values, bad), (vec![Some(0), Some(-1), Some(20517), None, None], vec![3, 4]));
}

#[test]
fn times_without_a_zone() {
    let cells: [&[u8]; 3] = [b"2026-03-05T10:00:00", b"2026-03-05T10:00:00.5+09:00", b"x"];
    let (array, bad) = column(&spec(kind("timestamp_ntz", None)), &cells);
    assert_eq!(*array.data_type(), DataType::Timestamp(arrow::datatypes::TimeUnit::Microsecond, None));
    let values: Vec<_> = array.as_primitive::<TimestampMicrosecondType>().iter().collect();
    let ten = 1_772_704_800_000_000;
    assert_eq!((values, bad), (vec![Some(ten), Some(ten - 9 * 3_600_000_000 + 500_000), None], vec![2]));
}

#[test]
fn times_and_days_as_java_reads_them() {
    let cells: [&[u8]; 8] = [
        b"2026-03-05 10:00:00",
        b" 2026-3-5 9:0:1.25 ",
        b"2026-03-05 10:00:01.5",
        b"2026-03-05",
        b"2026-03-05T10:00:00",
        b"2026-02-30 10:00:00",
        b"2026-03-05 10:00:00Z",
        b"2026-03-05 24:00:00",
    ];
    let (array, bad) = column(&spec(kind("timestamp_ntz", Some("java"))), &cells);
    let values: Vec<_> = array.as_primitive::<TimestampMicrosecondType>().iter().collect();
    let ten = 1_772_704_800_000_000;
    assert_eq!(values[..3], [Some(ten), Some(ten - 3_598_750_000), Some(ten + 1_500_000)]);
    assert_eq!(bad, [3, 4, 5, 6, 7]);
    let cells: [&[u8]; 5] = [b"2026-03-05", b"2026-3-5", b" 2026-03-05", b"2026-02-30", b"2026-03-05 10:00:00"];
    let (array, bad) = column(&spec(kind("date", Some("java"))), &cells);
    let values: Vec<_> = array.as_primitive::<Date32Type>().iter().collect();
    assert_eq!((&values[..2], bad), (&[Some(20517), Some(20517)][..], vec![2, 3, 4]));
}

#[test]
fn texts_of_a_length() {
    let cells: [&[u8]; 9] = [
        b"",
        b"a",
        b"abc",
        b"abcdef",
        b"ab    ",
        "äöüß".as_bytes(),
        "e\u{301}e\u{301}".as_bytes(),
        b"-",
        b"ab\xff\xfe",
    ];
    let cut = ["", "a", "abc", "abc", "ab ", "äöü", "e\u{301}e", "NULL", "ab\u{fffd}"];
    let padded = ["   ", "a  ", "abc", "abc", "ab ", "äöü", "e\u{301}e", "NULL", "ab\u{fffd}"];
    for (name, want) in [("varchar(3)", cut), ("char(3)", padded)] {
        let (array, bad) = column(&spec(kind(name, None)), &cells);
        let values: Vec<_> = array.as_string::<i32>().iter().map(|value| value.unwrap_or("NULL")).collect();
        assert_eq!((values, bad.len()), (want.to_vec(), 0), "{name}");
    }
    // Escapes are decoded before characters are counted, in items too.
    let (array, _) = column(&spec(kind("varchar(2)", None)), &[r"\x41\x42\x43"]);
    assert_eq!(array.as_string::<i32>().value(0), "AB");
    let (array, _) = column(&spec(kind("list<char(2)>", None)), &["abc, d"]);
    assert_eq!(array.as_list::<i32>().value(0).as_string::<i32>().iter().flatten().collect::<Vec<_>>(), ["ab", "d "]);
    let large = Spec { strings: Strings::Large, ..spec(kind("char(2)", None)) };
    assert_eq!(column(&large, &["a"]).0.as_string::<i64>().value(0), "a ");
}

/// What Spark's session of Hive's LazySimpleSerDe gave for each of these.
#[test]
fn base64_or_bytes() {
    let cells: [(&str, &[u8]); 20] = [
        ("aGVsbG8=", b"hello"),
        ("aGVsbG8", b"hello"),
        ("aGVs bG8=", b"hello"),
        (" aGVsbG8= ", b"hello"),
        ("aGVsbG8=aGVsbG8=", b"hello"),
        ("aGVsbG8=x", b"hello"),
        ("aG=Vs", b"h"),
        ("hello", b"\x85\xe9e"),
        ("abcde", b"i\xb7\x1d"),
        ("aaa", b"i\xa6"),
        ("ab===", b"i"),
        ("a-_b", b"k\xef\xdb"),
        ("a+/b", b"k\xef\xdb"),
        ("hel!o", b"hel!o"),
        (r"aGVs\bG8=", br"aGVs\bG8="),
        ("====", b"===="),
        ("a", b"a"),
        ("+", b"+"),
        ("", b""),
        ("ä", "ä".as_bytes()),
    ];
    let (array, bad) = column(&spec(kind("binary", Some("base64_or_raw"))), &cells.map(|(text, _)| text));
    assert!(bad.is_empty());
    for (at, (text, want)) in cells.iter().enumerate() {
        assert_eq!(array.as_binary::<i32>().value(at), *want, "{text}");
    }
    assert!(column(&spec(kind("binary", Some("base64_or_raw"))), &["-"]).0.is_null(0));
}
