//! Maps: what is copied many spans at a time is what one cell after the other gives.

use arrow::array::{Array, ArrayRef};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use proptest::prelude::*;

use super::{Cells, REFERENCE_US, column, kind, runner, spec};
use crate::decode::{Escape, Kind, Spec, decoder};
use crate::simd::Pool;
use crate::tokenize::Dialect;

fn texts(array: &ArrayRef) -> Vec<String> {
    let format = ArrayFormatter::try_new(array, &FormatOptions::default()).unwrap();
    (0..array.len()).map(|i| if array.is_null(i) { "~".to_owned() } else { format.value(i).to_string() }).collect()
}

/// The same cells in a text with a byte that is no UTF-8 behind them, which is read cell by cell.
fn is_the_same_by_hand(spec: &Spec, cells: &[String]) -> Result<(), TestCaseError> {
    let (array, bad) = column(spec, cells);
    let mut all = Cells::new(cells);
    all.text.extend_from_slice(b"\xff");
    let mut by_hand = decoder(spec, &Pool::default()).unwrap();
    let bad_by_hand = all.decode(&mut *by_hand, usize::MAX, REFERENCE_US);
    prop_assert_eq!(texts(&by_hand.finish().unwrap().remove(0)), texts(&array), "{:?}", cells);
    prop_assert_eq!(bad_by_hand.iter().map(|bad| bad.row as usize).collect::<Vec<_>>(), bad, "{:?}", cells);
    Ok(())
}

#[test]
fn structured_data_is_a_map_of_maps() {
    let cells = [
        r#"[a b="c" d=""][e]"#,
        "-",
        r#"[a b="1" b="2" c="3" b="4"][a][a]"#,
        r#"[a b="x \"y\" [z\] \\ \q"]"#,
        r#"[long-name-1 b="2"][long-name-2 b="3"]"#,
        "[a b=c]",
        r#"[a  b="c" ]"#,
    ];
    let (array, bad) = column(&spec(kind("structured_data", None)), &cells);
    let want = [
        "{a: {b: c, d: }, e: {}}",
        "~",
        "{a: {b: 1, b_2: 2, c: 3, b_3: 4}, a_2: {}, a_3: {}}",
        r#"{a: {b: x "y" [z] \ \q}}"#,
        "{long-name-1: {b: 2}, long-name-2: {b: 3}}",
        "~",
        "{a: {b: c}}",
    ];
    assert_eq!(texts(&array), want);
    assert_eq!(bad, [5]);
}

#[test]
fn structured_data_is_the_same_by_hand() {
    let part = prop::sample::select(vec![
        "[a",
        "[a@1",
        "]",
        " b=\"c\"",
        " b=\"é\"",
        " longer-name=\"x\"",
        " longer-name-2=\"\\\"\"",
        "]",
        "][",
        "=",
        "\"",
        "-",
        " ",
    ]);
    let cell = prop::collection::vec(part, 0..8).prop_map(|parts| parts.concat());
    let spec = spec(kind("structured_data", None));
    let cells = prop::collection::vec(cell, 1..6);
    runner(2000).run(&cells, |cells| is_the_same_by_hand(&spec, &cells)).unwrap();
}

#[test]
fn pairs_are_the_same_by_hand() {
    let dialect = Dialect {
        separators: b" ".to_vec(),
        assign: b'=',
        quotes: b"\"".to_vec(),
        nested: None,
        escapes: true,
        until_key: false,
        bare: true,
        strict: true,
        labels: false,
    };
    let kind = Kind::Map { dialect: dialect.into(), separator: None };
    let spec = Spec { escape: Escape::JsonQuoted, ..spec(kind) };
    let part = prop::sample::select(vec![
        "a=1 ",
        "bare ",
        "longer-key=x ",
        "longer-key-2=\"two words\" ",
        "b=\"\\\"\\u00e9\" ",
        "c= ",
        "d=- ",
        "é=é ",
        "a=2 ",
    ]);
    let cell = prop::collection::vec(part, 1..8).prop_map(|parts| parts.concat());
    let cells = prop::collection::vec(cell, 1..6);
    runner(1000).run(&cells, |cells| is_the_same_by_hand(&spec, &cells)).unwrap();
    let (array, _) = column(&spec, &["a=1 b=\"x\\ty\" a=2 c d=-", ""]);
    assert_eq!(texts(&array), ["{a: 1, b: x\\ty, c: , d: }", "{}"]);
}
