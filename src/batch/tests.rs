use arrow::array::AsArray;

use crate::filter::Expr;
use crate::{OnError, Options, Scan, Source, named};

const GOOD: &str = "192.0.2.7 - - [05/Mar/2026:10:00:01 +0000] \"GET / HTTP/1.1\" 200 512\n";

#[test]
fn a_row_of_nulls_has_no_derived_values() {
    let log = format!("{GOOD}broken\n{GOOD}");
    let derive = Expr::parse("CASE WHEN status IS NULL THEN 'none' ELSE 'some' END").unwrap();
    let scan = Scan::new(Source::bytes("log", log.into_bytes()), named("apache.common").unwrap())
        .with_options(Options { derive: vec![("word".into(), derive)], on_error: OnError::Null, ..Options::default() });
    let batches: Vec<_> = scan.read().unwrap().map(Result::unwrap).collect();
    let words = batches[0].column_by_name("word").unwrap().as_string::<i32>();
    assert_eq!(words.iter().collect::<Vec<_>>(), [Some("some"), None, Some("some")]);
}

#[test]
fn many_small_files_come_in_order_on_many_threads() {
    let mut source = Source::default();
    for i in 0..500 {
        let line = GOOD.replace("512", &i.to_string());
        source.extend(Source::bytes(format!("{i}.log"), line.into_bytes()));
    }
    let scan = Scan::new(source, named("apache.common").unwrap()).with_options(Options {
        threads: 4,
        columns: Some(vec!["bytes".into()]),
        ..Options::default()
    });
    let mut reader = scan.read().unwrap();
    let mut found = Vec::new();
    for batch in &mut reader {
        let batch = batch.unwrap();
        found.extend_from_slice(batch.column(0).as_primitive::<arrow::datatypes::Int64Type>().values());
    }
    assert_eq!(found, (0..500).collect::<Vec<i64>>());
    assert_eq!(reader.report().files.len(), 500);
    assert!(reader.report().files.iter().all(|file| file.counts.rows == 1));
}

#[test]
fn what_cannot_be_computed_in_time_is_refused_when_planning() {
    let plan = |options: Options| {
        let scan = Scan::new(Source::bytes("log", *b""), named("apache.common").unwrap()).with_options(options);
        scan.schema().unwrap_err().to_string()
    };
    let expr = |text: &str| Expr::parse(text).unwrap();
    let hint = "hint: include the column and use it on the result";
    for name in ["_path", "_line", "_offset"] {
        let filter = Some(expr(&format!("{name} IS NOT NULL")));
        let text = format!("\"where\" cannot read \"{name}\", which is known only after the rows are chosen\n{hint}");
        assert_eq!(plan(Options { filter, ..Options::default() }), text);
    }
    let derive = vec![("place".into(), expr("_line + 1"))];
    let text = format!("\"derive\" cannot read \"_line\", which is known only after the rows are chosen\n{hint}");
    assert_eq!(plan(Options { derive, ..Options::default() }), text);

    let format = named("apache.common").unwrap().as_ref().clone().with_types(&[("method", "int32")]).unwrap();
    let scan = Scan::new(Source::bytes("log", *b""), std::sync::Arc::new(format));
    let text = "column \"method\": a part of a request line is text, not int32\n\
                hint: leave its type out, and cast the result";
    assert_eq!(scan.schema().unwrap_err().to_string(), text);
}
