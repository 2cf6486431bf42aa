use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::{concat_batches, filter_record_batch};

use crate::filter::{Bound, Context, Expr};
use crate::report::Report;
use crate::{Include, OnError, Options, Scan, Source, named};

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

fn expr(text: &str) -> Expr {
    Expr::parse(text).unwrap()
}

fn derived(all: &[(&str, &str)]) -> Vec<(String, Expr)> {
    all.iter().map(|(name, text)| ((*name).to_owned(), expr(text))).collect()
}

fn refused(options: Options) -> String {
    let scan = Scan::new(Source::bytes("log", *b""), named("apache.common").unwrap()).with_options(options);
    scan.schema().unwrap_err().to_string()
}

/// Two files of a thousand records each, and the rows of a scan of them as one batch.
fn rows(options: Options) -> RecordBatch {
    let mut source = Source::default();
    for (name, status) in [("a.log", "200"), ("b.log", "500")] {
        let lines = (0..1000).map(|i| GOOD.replace("512", &i.to_string()).replace("200", status));
        source.extend(Source::bytes(name, lines.collect::<String>().into_bytes()));
    }
    let scan = Scan::new(source, named("apache.common").unwrap()).with_options(options);
    let batches: Vec<_> = scan.read().unwrap().map(Result::unwrap).collect();
    concat_batches(&scan.schema().unwrap(), &batches).unwrap()
}

#[test]
fn conditions_on_places() {
    let include = vec![Include::Path, Include::Offset, Include::Raw, Include::Line];
    let all = rows(Options { include: include.clone(), ..Options::default() });
    for condition in [
        "_path = 'b.log'",
        "_path LIKE 'a%' AND _offset BETWEEN 70 AND 9000",
        "_offset % 3 = 0 AND status = 500",
        "_raw LIKE '% 77%' OR _offset = 0",
    ] {
        let bound = Bound::bind(&expr(condition), &all.schema(), &Context::default()).unwrap();
        let want = filter_record_batch(&all, &bound.predicate(&all).unwrap()).unwrap();
        assert!((1..2000).contains(&want.num_rows()), "{condition}");
        for (threads, chunk_bytes, batch_rows) in [(1, 4 << 20, 1 << 16), (1, 1 << 16, 7), (3, 1 << 16, 100)] {
            let filter = Some(expr(condition));
            let base = || Options { filter: filter.clone(), threads, chunk_bytes, batch_rows, ..Options::default() };
            let got = rows(Options { include: include.clone(), ..base() });
            assert_eq!(got, want, "{condition} {threads}");
            // Also where they are not given.
            assert_eq!(rows(Options { columns: Some(vec!["bytes".into()]), ..base() }).num_rows(), want.num_rows());
            // And as a derived column.
            let again = derived(&[("it", condition), ("place", "_offset + 0")]);
            let got = rows(Options { derive: again, include: include.clone(), ..base() });
            assert_eq!(got.column_by_name("it").unwrap().as_boolean().true_count(), want.num_rows());
            assert_eq!(got.column_by_name("place").unwrap(), want.column_by_name("_offset").unwrap());
        }
    }
}

#[test]
fn derived_columns_read_those_before_them() {
    let chain = || {
        derived(&[
            ("class", "status / 100"),
            ("twice", "class + class"),
            ("word", "CASE WHEN twice > 9 THEN 'bad' ELSE 'good' END"),
            ("nothing", "NULL"),
        ])
    };
    let all = rows(Options { derive: chain(), ..Options::default() });
    let names: Vec<_> = all.schema().fields().iter().map(|field| field.name().clone()).collect();
    assert_eq!(names[names.len() - 4..], ["class", "twice", "word", "nothing"]);
    let words = all.column_by_name("word").unwrap().as_string::<i32>();
    assert_eq!((words.value(0), words.value(1999)), ("good", "bad"));

    // Columns that name derived ones choose among them; those behind the last are not computed.
    let last = Options { derive: chain(), columns: Some(vec!["word".into(), "bytes".into()]), ..Options::default() };
    let plan = Scan::new(Source::bytes("log", *b""), named("apache.common").unwrap()).with_options(last.clone()).plan();
    let plan = plan.unwrap();
    let recipe = plan.recipe();
    assert_eq!((recipe.derived.len(), recipe.decoded.fields().len()), (3, 2));
    let last = rows(last);
    assert_eq!(last.num_columns(), 2);
    assert_eq!(last.column(0), all.column_by_name("word").unwrap());
    // Columns that name none have all behind them.
    let behind = rows(Options { derive: chain(), columns: Some(vec!["bytes".into()]), ..Options::default() });
    assert_eq!(behind.num_columns(), 5);

    // A condition may read them, given or not.
    for columns in [None, Some(vec!["bytes".to_owned()]), Some(vec!["twice".to_owned()])] {
        for (condition, want) in [
            ("word = 'bad'", 1000),
            ("word = 'bad' AND bytes < 10", 10),
            ("twice = '4' AND class = 2", 1000),
            ("nothing IS NULL AND nothing", 0),
        ] {
            let filter = Some(expr(condition));
            let got = rows(Options { filter, derive: chain(), columns: columns.clone(), ..Options::default() });
            assert_eq!(got.num_rows(), want, "{condition} {columns:?}");
        }
    }
    // A row of nulls has no derived values, however long the chain.
    let scan = Scan::new(Source::bytes("log", *b"broken\n"), named("apache.common").unwrap()).with_options(Options {
        derive: derived(&[("a", "status IS NULL"), ("b", "a IS NULL")]),
        filter: Some(expr("b")),
        on_error: OnError::Null,
        ..Options::default()
    });
    let batch = scan.read().unwrap().next().unwrap().unwrap();
    assert!(["a", "b"].iter().all(|name| batch.column_by_name(name).unwrap().is_null(0)));
}

#[test]
fn derived_columns_that_stand_on_no_firm_ground_are_refused() {
    let of = |all: &[(&str, &str)]| refused(Options { derive: derived(all), ..Options::default() });
    assert_eq!(
        of(&[("a", "b + 1"), ("b", "status")]),
        "derived column \"a\" reads \"b\", which is given behind it\n\
         hint: a derived column may read those given before it"
    );
    assert_eq!(
        of(&[("a", "b + 1"), ("b", "c"), ("c", "a")]),
        "derived column \"a\" reads \"b\", which reads it in turn\nhint: write one of them without the other"
    );
    assert_eq!(
        of(&[("a", "a + 1")]),
        "derived column \"a\" reads itself\nhint: choose another name for what it reads, or for it"
    );
    assert_eq!(
        of(&[("a", "status"), ("a", "bytes")]),
        "\"derive\" names a column twice: \"a\"\nhint: choose another name"
    );
    assert_eq!(
        of(&[("a\0b", "status")]),
        "no column can be called \"a\\x00b\": its name holds a NUL\nhint: choose another name"
    );
    // Also in one that is neither given nor read.
    let unread = Some(vec!["status".into(), "b".into()]);
    let derive = derived(&[("a\0", "status"), ("b", "status")]);
    assert!(refused(Options { derive, columns: unread, ..Options::default() }).contains("holds a NUL"));
    let hidden = derived(&[("a", "status + path"), ("b", "status")]);
    let told = refused(Options { derive: hidden, columns: Some(vec!["b".into()]), ..Options::default() });
    assert!(told.starts_with("column \"a\": + takes numbers") || told.contains("path"), "{told}");
}

#[test]
fn what_cannot_be_computed_in_time_is_refused_when_planning() {
    let why = "cannot read \"_line\": lines are counted when the rows are chosen already\n\
               hint: \"_offset\" can be read; or include the line and use it on the result";
    let filter = Some(expr("_line > 3"));
    assert_eq!(refused(Options { filter, ..Options::default() }), format!("\"where\" {why}"));
    let derive = derived(&[("place", "_line + 1")]);
    let filter = Some(expr("place > 3"));
    assert_eq!(refused(Options { filter, derive, ..Options::default() }), format!("\"derive\" {why}"));

    let format = named("apache.common").unwrap().as_ref().clone().with_types(&[("method", "int32")]).unwrap();
    let scan = Scan::new(Source::bytes("log", *b""), std::sync::Arc::new(format));
    let text = "column \"method\": a part of a request line is text, not int32\n\
                hint: leave its type out, and cast the result";
    assert_eq!(scan.schema().unwrap_err().to_string(), text);
}

#[test]
fn the_rejects_kept_are_the_first_and_all_are_counted() {
    // Two faults, and a good line with a bad cell, in turn: in many chunks, of which the later ones keep nothing.
    let bad_cell = GOOD.replace("512", "x");
    let log: String = (0..14_000).map(|i| ["broken\n", &bad_cell, "a b c [d] \"e\n"][i % 3]).collect();
    for threads in [1, 3] {
        let options = Options { threads, chunk_bytes: 1 << 14, ..Options::default() };
        let source = Source::bytes("log", log.clone().into_bytes());
        let mut reader = Scan::new(source, named("apache.common").unwrap()).with_options(options).read().unwrap();
        reader.by_ref().for_each(|batch| drop(batch.unwrap()));
        let rejects = reader.rejects().unwrap();
        let lines = rejects.column(1).as_primitive::<arrow::datatypes::Int64Type>();
        assert!(lines.values().iter().copied().eq(1..=10_000), "{threads}");
        let Report { counts, reasons, .. } = reader.report();
        assert_eq!((counts.malformed, counts.rejected, counts.bad_values), (9_333, 9_333, 4_667));
        let mut by_reason: Vec<_> = reasons.values().copied().collect();
        by_reason.sort_unstable();
        assert_eq!(by_reason, [4_666, 4_667, 4_667]);
    }
}
