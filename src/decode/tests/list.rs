//! Lists.

use arrow::array::{AsArray, ListArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;

use super::{column, decoder, kind, spec};
use crate::decode::{Kind, KindOptions, NullTexts, Spec, Strings};
use crate::simd::Pool;

/// The list column of these cells, each item as text (`~` for null), and the rows that are bad.
fn lists<C: AsRef<[u8]>>(spec: &Spec, cells: &[C]) -> (Vec<Option<String>>, Vec<usize>) {
    let (array, bad) = column(spec, cells);
    let lists: &ListArray = array.as_list();
    let texts = lists.iter().map(|items| {
        let items = cast(&items?, &DataType::Utf8).unwrap();
        let items: Vec<_> = items.as_string::<i32>().iter().map(|item| item.unwrap_or("~").to_owned()).collect();
        Some(items.join("|"))
    });
    (texts.collect(), bad)
}

fn some(texts: &[&str]) -> Vec<Option<String>> {
    texts.iter().map(|text| Some((*text).to_owned()).filter(|text| text != "null")).collect()
}

#[test]
fn upstream_lists_of_nginx() {
    let cells = ["0.001", "0.001, 0.002", "0.001, - : 0.5", "-", "", "-, -", "0.1,0.2", "x, 1, y", ", 1", "1, "];
    let (texts, bad) = lists(&spec(kind("list<float64>", None)), &cells);
    let expected = some(&["0.001", "0.001|0.002", "0.001|~|0.5", "null", "", "~|~", "~", "~|1.0|~", "~|1.0", "1.0|~"]);
    assert_eq!((texts, bad), (expected, vec![6, 7, 8, 9]));
    let cells = ["200", "502, 200 : 200", "99999", "504 : -"];
    for name in ["list<int16>", "list<int32>", "list< int64 >"] {
        let (texts, bad) = lists(&spec(kind(name, None)), &cells);
        assert_eq!((&texts[1], &texts[3]), (&Some("502|200|200".to_owned()), &Some("504|~".to_owned())));
        assert_eq!(bad, if name == "list<int16>" { vec![2] } else { vec![] });
    }
}

#[test]
fn items_of_other_kinds() {
    let cells: [&[u8]; 5] = [b"a, b", b"caf\\xc3\\xa9 : x\xff", b"-", b"", b"a,b :c, "];
    for strings in [Strings::Utf8, Strings::Large, Strings::View] {
        let (texts, bad) = lists(&Spec { strings, ..spec(kind("list<utf8>", None)) }, &cells);
        assert_eq!((texts, bad), (some(&["a|b", "café|x\u{fffd}", "null", "", "a,b :c|"]), vec![]));
    }
    let (texts, bad) = lists(&spec(kind("list<ip>", None)), &["::1, 10.0.0.1", "x, y"]);
    assert_eq!((texts, bad), (some(&["::1|10.0.0.1", "~|~"]), vec![1]));
    let (texts, bad) = lists(&spec(kind("list<date>", Some("%m/%d/%Y"))), &["01/01/1970, 03/05/2026, 3/32/2026"]);
    assert_eq!((texts, bad), (some(&["1970-01-01|2026-03-05|~"]), vec![0]));
}

#[test]
fn the_longest_separator_wins_and_an_empty_text_may_be_null() {
    let item = Box::new(Kind::Int32);
    let separators = [",", ",,"].map(Box::from).into();
    let mut spec = spec(Kind::List { item, separators });
    spec.null = NullTexts::new(&["", "none"]);
    assert_eq!(lists(&spec, &["1,,2,3", "", "none", "1,none,"]), (some(&["1|2|3", "null", "null", "1|~|~"]), vec![]));
}

#[test]
fn lists_need_separators() {
    for separators in [vec![], vec![String::new()]] {
        let options = KindOptions { separators: &separators, ..KindOptions::default() };
        let err = decoder(&spec(Kind::parse("list<utf8>", &options).unwrap()), &Pool::default()).err().unwrap();
        assert_eq!(err.message(), "a list needs the texts that separate its items");
    }
}
