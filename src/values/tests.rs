//! Values to structs.

use arrow::array::{BinaryArray, BinaryViewArray, DictionaryArray, Int16Array, LargeStringArray, StringViewArray};
use arrow::datatypes::Int32Type;

use super::*;
use crate::filter::Expr;
use crate::named;

fn line(status: &str) -> String {
    format!("192.0.2.7 - - [05/Mar/2026:10:00:01 +0900] \"GET / HTTP/1.1\" {status} 5")
}

fn parse_common(values: ArrayRef, options: &Options, errors: bool) -> Result<StructArray> {
    parse(&values, &named("apache.common").unwrap(), options, errors, None)
}

fn statuses(rows: &StructArray) -> Vec<Option<i16>> {
    let status = rows.column_by_name("status").unwrap().as_any().downcast_ref::<Int16Array>().unwrap();
    (0..rows.len()).map(|i| (rows.is_valid(i) && status.is_valid(i)).then(|| status.value(i))).collect()
}

#[test]
fn ok_every_value_has_its_row() {
    let (a, b) = (line("200"), line("404"));
    let (crlf, lf, double) = (format!("{b}\r\n"), format!("{a}\n"), format!("{a}\n{b}"));
    let values = [
        Some(a.as_str()),
        None,
        Some(""),
        Some(&double),
        Some(&crlf),
        Some("odd"),
        Some(&lf),
        Some("\n"),
        Some(" "),
        Some(&b),
    ];
    let expected = [Some(200), None, None, None, Some(404), None, Some(200), None, None, Some(404)];
    for chunk_bytes in [1, 100, 200, 4 << 20] {
        let options = Options { chunk_bytes, ..Options::default() };
        let texts: StringArray = values.iter().collect();
        let arrays: [ArrayRef; 6] = [
            Arc::new(texts.clone()),
            Arc::new(values.iter().collect::<LargeStringArray>()),
            Arc::new(values.iter().collect::<StringViewArray>()),
            Arc::new(values.iter().map(|v| v.map(str::as_bytes)).collect::<BinaryArray>()),
            Arc::new(values.iter().map(|v| v.map(str::as_bytes)).collect::<BinaryViewArray>()),
            Arc::new(values.iter().copied().collect::<DictionaryArray<Int32Type>>()),
        ];
        for array in arrays {
            let rows = parse_common(array.clone(), &options, false).unwrap();
            assert_eq!(statuses(&rows), expected, "{chunk_bytes} {}", array.data_type());
            let rows = parse_common(array.slice(3, 4), &options, false).unwrap();
            assert_eq!(statuses(&rows), expected[3..7], "{chunk_bytes} {}", array.data_type());
        }
    }
}

#[test]
fn ok_errors() {
    let bad = line("2OO");
    let values: StringArray = [Some(bad.as_str()), None, Some("odd"), Some("a\nb"), Some("")].iter().collect();
    let rows = parse_common(Arc::new(values), &Options::default(), true).unwrap();
    let errors = rows.column_by_name(ERROR_COLUMN).unwrap().as_string::<i32>();
    assert_eq!(errors.value(0), "column \"status\": expected a 16-bit integer, found \"2OO\"");
    assert!(rows.is_null(1) && errors.is_null(1));
    assert!(rows.is_valid(2) && errors.value(2).starts_with("expected "), "{errors:?}");
    assert_eq!(errors.value(3), "a newline at byte 1: the value is more than one line");
    assert_eq!(errors.value(4), "the value is empty");
    assert!(rows.columns()[..9].iter().all(|column| (1..5).all(|i| column.is_null(i))));
}

#[test]
fn ok_derived_columns_of_misfits_are_null() {
    let derive = vec![("kind".to_owned(), Expr::parse("CASE WHEN status = 200 THEN 'good' ELSE 'bad' END").unwrap())];
    let options = Options { derive, ..Options::default() };
    let (good, bad) = (line("200"), line("500"));
    let values: StringArray = [Some(good.as_str()), Some("odd"), Some(&bad)].iter().collect();
    let rows = parse_common(Arc::new(values), &options, true).unwrap();
    let kinds: Vec<_> = rows.column_by_name("kind").unwrap().as_string::<i32>().iter().collect();
    assert_eq!(kinds, [Some("good"), None, Some("bad")]);
}

#[test]
fn ok_empty_and_null_arrays() {
    let rows = parse_common(Arc::new(StringArray::new_null(3)), &Options::default(), false).unwrap();
    assert_eq!((rows.len(), rows.null_count()), (3, 3));
    let rows = parse_common(Arc::new(StringArray::new_null(0)), &Options::default(), true).unwrap();
    assert_eq!((rows.len(), rows.num_columns()), (0, 10));
    let options = Options { columns: Some(vec![]), ..Options::default() };
    let values: StringArray = [Some(line("200")), None].iter().collect();
    let rows = parse_common(Arc::new(values), &options, false).unwrap();
    assert_eq!((rows.len(), rows.null_count()), (2, 1));
}

#[test]
fn err_raise_tells_the_value() {
    let good = line("200");
    let options = Options { on_error: OnError::Raise, ..Options::default() };
    for odd in ["odd", "a\nb", ""] {
        let values: StringArray = [None, Some(good.as_str()), Some(&good), Some(odd), Some("worse")].iter().collect();
        let err = parse_common(Arc::new(values), &options, false).unwrap_err();
        assert_eq!((err.kind(), err.position().line), (ErrorKind::Malformed, Some(4)), "{err}");
    }
    let (bad, values) = (line("2OO"), |bad: &str| [None, Some(bad.to_owned())].iter().collect::<StringArray>());
    let err = parse_common(Arc::new(values(&bad)), &options, false).unwrap_err();
    assert_eq!((err.kind(), err.position().line, err.column_name()), (ErrorKind::BadValue, Some(2), Some("status")));
}

#[test]
fn err_options_that_move_rows() {
    let values = || Arc::new(StringArray::new_null(1));
    let cases = [
        Options { limit: Some(1), ..Options::default() },
        Options { filter: Some(Expr::parse("status = 200").unwrap()), ..Options::default() },
        Options { include: vec![Include::Line], ..Options::default() },
        Options { on_error: OnError::Skip, ..Options::default() },
        Options { columns: Some(vec!["_line".into()]), ..Options::default() },
    ];
    for options in cases {
        assert!(parse_common(values(), &options, false).is_err(), "{options:?}");
    }
    let err = parse_common(Arc::new(Int16Array::from(vec![1])), &Options::default(), false).unwrap_err();
    assert_eq!(err.kind(), ErrorKind::TypeMismatch);
}

#[test]
fn ok_the_same_as_a_file() {
    let lines: Vec<_> = (0..50_000).map(|i| if i % 7 == 0 { format!("odd {i}") } else { line("200") }).collect();
    let values: ArrayRef = Arc::new(lines.iter().map(Some).collect::<StringArray>());
    let options = Options { chunk_bytes: 1 << 18, on_error: OnError::Null, threads: 1, ..Options::default() };
    let rows = parse_common(values, &options, false).unwrap();
    let source = crate::Source::bytes("x", lines.join("\n").into_bytes());
    let reader = crate::Scan::new(source, named("apache.common").unwrap()).with_options(options).read().unwrap();
    let schema = reader.schema();
    let batches: Vec<_> = reader.map(|batch| batch.unwrap()).collect();
    let batch = arrow::compute::concat_batches(&schema, &batches).unwrap();
    assert_eq!(rows.columns(), batch.columns());
    assert_eq!(rows.null_count(), 50_000_usize.div_ceil(7));
}
