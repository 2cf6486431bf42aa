//! Records that stand in columns of other records.
#![allow(missing_docs)]

mod common;

use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use common::{Whole, cells, options, read_bytes};
use logarrow::filter::Expr;
use logarrow::format::{Column, From, Json, Layout, named};
use logarrow::options::Inner;
use logarrow::{ErrorKind, Format, OnError, Options, values};
use proptest::prelude::*;

const LINE: &str = r#"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "GET /a?b=1 HTTP/1.1" 200 512 "-" "curl/8.9""#;

fn format(toml: &str) -> Arc<Format> {
    Arc::new(Format::from_toml(toml, "own.toml").unwrap_or_else(|err| panic!("{err}")))
}

/// Time, tag and record, with tabs between.
fn tabs() -> Arc<Format> {
    format("name = 'own.tabs'\nline = '{time}\t{tag}\t{record:any}'\ninner = { column = 'record' }")
}

/// JSON objects with these members, all texts.
fn json(name: &str, members: &[&str]) -> Arc<Format> {
    let mut format = Format::clone(&format(&format!("name = '{name}'\nline = '{{a}}'")));
    format.layout = Layout::Json(Json::default());
    let column =
        |name: &&str| Column { name: (*name).into(), from: From::Member(vec![(*name).into()]), ..Column::default() };
    format.columns = members.iter().map(column).collect();
    Arc::new(format)
}

fn docker() -> Arc<Format> {
    json("own.docker", &["log", "stream", "time"])
}

/// A line as Docker writes it.
fn in_docker(line: &str) -> String {
    let quoted = line.replace('\\', "\\\\").replace('"', "\\\"").replace('\t', "\\t").replace('\n', "\\n");
    format!(r#"{{"log":"{quoted}\n","stream":"stdout","time":"2026-03-05T01:00:02Z"}}"#)
}

fn inner(entries: &[(&str, &Arc<Format>)]) -> Options {
    let entries = entries.iter().map(|(column, format)| Inner::new(*column, (*format).clone()));
    Options { inner: entries.collect(), ..options() }
}

fn combined() -> Arc<Format> {
    named("apache.combined").unwrap()
}

fn names(batch: &RecordBatch) -> Vec<String> {
    batch.schema().fields().iter().map(|field| field.name().clone()).collect()
}

/// The same without those of extra text.
fn own_names(batch: &RecordBatch) -> Vec<String> {
    names(batch).into_iter().filter(|name| !name.ends_with("_extra")).collect()
}

fn read(log: &str, format: &Arc<Format>, options: Options) -> Whole {
    read_bytes(log.as_bytes(), format, options).unwrap_or_else(|err| panic!("{err}"))
}

fn texts(found: &[Option<String>]) -> Vec<&str> {
    found.iter().map(|text| text.as_deref().unwrap_or("null")).collect()
}

#[test]
fn inner_columns_stand_beside_the_others() {
    let log = format!("t1\ta.b\t{LINE}\nt2\ta.c\tno such line\nt3\ta.d\t{LINE}\n");
    let whole = read(&log, &tabs(), inner(&[("record", &combined())]));
    let own = ["time", "tag"].into_iter().map(str::to_owned);
    let given = names(&read(LINE, &combined(), options()).rows);
    let given = given.into_iter().map(|name| if name == "time" { "record_time".into() } else { name });
    assert_eq!(names(&whole.rows), own.chain(given).collect::<Vec<_>>());
    assert_eq!(texts(&cells(&whole.rows, "tag")), ["a.b", "a.c", "a.d"]);
    assert_eq!(texts(&cells(&whole.rows, "status")), ["200", "null", "200"]);
    assert_eq!(texts(&cells(&whole.rows, "path")), ["/a?b=1", "null", "/a?b=1"]);
    assert_eq!(texts(&cells(&whole.rows, "record_time"))[0], "2026-03-05T01:00:01Z");
    let counts = &whole.report.counts;
    assert_eq!((counts.rows, counts.rejected, counts.bad_values), (3, 0, 1));
    assert_eq!(cells(&whole.rejects, "column"), [Some("record".to_owned())]);
    assert_eq!(cells(&whole.rejects, "raw"), [Some("no such line".to_owned())]);
    assert_eq!(texts(&cells(&whole.rejects, "line")), ["2"]);
    // The text stands at the seventh byte of its record.
    assert_eq!(texts(&cells(&whole.rejects, "at")), ["7"]);
    let reason = cells(&whole.rejects, "reason")[0].clone().unwrap();
    assert!(reason.starts_with("expected a record of apache.combined: "), "{reason}");
}

#[test]
fn a_line_in_docker_in_a_file_of_tabs() {
    let bad = in_docker("started").replace("stdout", "stderr");
    let log = format!("t1\tkube\t{}\nt2\tkube\t{bad}\nt3\tkube\tnot JSON\n", in_docker(LINE));
    let whole = read(&log, &tabs(), inner(&[("record", &docker()), ("log", &combined())]));
    assert_eq!(texts(&cells(&whole.rows, "time")), ["t1", "t2", "t3"]);
    assert_eq!(texts(&cells(&whole.rows, "stream")), ["stdout", "stderr", "null"]);
    assert_eq!(texts(&cells(&whole.rows, "record_time"))[..2], ["2026-03-05T01:00:02Z"; 2]);
    assert_eq!(texts(&cells(&whole.rows, "log_time")), ["2026-03-05T01:00:01Z", "null", "null"]);
    assert_eq!(texts(&cells(&whole.rows, "user_agent")), ["curl/8.9", "null", "null"]);
    // One bad value where Docker's record is none, and one where Apache's is none; what is null holds none.
    let found = cells(&whole.rejects, "column");
    assert_eq!(texts(&found), ["log", "record"]);
    assert_eq!(whole.report.counts.bad_values, 2);
    assert_eq!(whole.report.counts.rows, 3);
}

#[test]
fn conditions_read_inner_columns() {
    let lines: Vec<_> = (0..100)
        .map(|i| format!("t{i}\tx\t{}\n", if i % 10 == 3 { "bad".into() } else { LINE.replace("512", &i.to_string()) }))
        .collect();
    let base = inner(&[("record", &combined())]);
    let filter = Some(Expr::parse("bytes >= 50 AND path LIKE '/a%'").unwrap());
    let derive = vec![("twice".to_owned(), Expr::parse("bytes + bytes").unwrap())];
    for columns in [None, Some(vec!["tag".to_owned()]), Some(vec!["bytes".to_owned(), "time".to_owned()])] {
        let scan = Options { filter: filter.clone(), derive: derive.clone(), columns: columns.clone(), ..base.clone() };
        let whole = read(&lines.concat(), &tabs(), scan.clone());
        let counts = &whole.report.counts;
        // Those of 50 and more, but for 53, 63, 73, 83, 93. All ten are judged, once.
        assert_eq!((counts.rows, counts.filtered, counts.bad_values), (45, 55, 10), "{columns:?}");
        assert_eq!(whole.rejects.num_rows(), 10);
        let twice = cells(&whole.rows, "twice");
        assert_eq!((twice[0].as_deref(), twice[44].as_deref()), (Some("100"), Some("198")));
        let limited = read(&lines.concat(), &tabs(), Options { limit: Some(2), ..scan });
        assert_eq!(texts(&cells(&limited.rows, "twice")), ["100", "102"]);
        // What stands behind the second row counts nowhere.
        let counts = &limited.report.counts;
        assert_eq!((counts.records, counts.filtered, counts.bad_values), (52, 50, 5), "{columns:?}");
    }
    let none = read(&lines.concat(), &tabs(), Options { filter: Some(Expr::parse("status IS NULL").unwrap()), ..base });
    assert_eq!(texts(&cells(&none.rows, "time"))[..2], ["t3", "t13"]);
}

#[test]
fn columns_that_nobody_reads_are_not_judged() {
    let log = "t1\ta\tbad\n";
    let scan = Options { columns: Some(vec!["tag".into()]), ..inner(&[("record", &combined())]) };
    assert_eq!(read(log, &tabs(), scan).report.counts.bad_values, 0);
    // The text itself is there when it is named, whether it is a record or not.
    let scan = Options { columns: Some(vec!["record".into(), "status".into()]), ..inner(&[("record", &combined())]) };
    let whole = read(log, &tabs(), scan);
    assert_eq!(texts(&cells(&whole.rows, "record")), ["bad"]);
    assert_eq!(whole.report.counts.bad_values, 1);
}

#[test]
fn nothing_in_a_column_is_no_bad_value() {
    let log = format!("t1\ta\t\nt2\ta\t{LINE}\n");
    let whole = read(&log, &tabs(), inner(&[("record", &combined())]));
    assert_eq!(texts(&cells(&whole.rows, "status")), ["null", "200"]);
    assert_eq!(whole.report.counts.bad_values, 0);
    let log = "{\"stream\":\"stdout\"}\n{\"log\":null}\n{\"log\":\"\\n\"}\n{\"log\":\"# a comment\\n\"}\n";
    let commented = format("name = 'own.commented'\nline = '{first} {second}'\ncomment = '#'");
    let whole = read(log, &docker(), inner(&[("log", &commented)]));
    assert_eq!(texts(&cells(&whole.rows, "first")), ["null"; 4]);
    assert_eq!(whole.report.counts.bad_values, 0);
}

#[test]
fn what_happens_to_bad_texts_is_what_happens_to_bad_values() {
    let log = format!("t1\ta\t{LINE}\nt2\ta\tbad\n");
    let scan = |on_error| Options { on_error, ..inner(&[("record", &combined())]) };
    let err = read_bytes(log.as_bytes(), &tabs(), scan(OnError::Raise)).unwrap_err();
    assert_eq!(err.kind(), ErrorKind::BadValue);
    let text = err.to_string();
    assert!(text.starts_with("a.log:2:6 (byte "), "{text}");
    assert!(
        text.contains("column \"record\": expected a record of apache.combined") && text.contains("found \"bad\""),
        "{text}"
    );
    let null = read(&log, &tabs(), scan(OnError::Null));
    assert_eq!(texts(&cells(&null.rows, "time")), ["t1", "t2"]);
    // A record that is malformed itself holds no text.
    let whole = read("no tab\n", &tabs(), scan(OnError::Null));
    assert_eq!((whole.report.counts.rows, whole.report.counts.bad_values, whole.report.counts.malformed), (1, 0, 1));
    assert_eq!(read(&log, &tabs(), scan(OnError::Skip)).rejects.num_rows(), 0);
}

#[test]
fn bad_cells_of_inner_records_say_where_they_are() {
    let typed = format("name = 'own.typed'\nline = '{name} {count}'\n[columns]\ncount = { type = 'int32' }");
    let log = format!("{}\n{}\n", in_docker("a 1"), in_docker("b\\x c2"));
    let whole = read(&log, &docker(), inner(&[("log", &typed)]));
    assert_eq!(texts(&cells(&whole.rows, "name")), ["a", "b\\x"]);
    assert_eq!(texts(&cells(&whole.rows, "count")), ["1", "null"]);
    assert_eq!(texts(&cells(&whole.rejects, "column")), ["count"]);
    assert_eq!(texts(&cells(&whole.rejects, "raw")), ["c2"]);
    assert_eq!(texts(&cells(&whole.rejects, "line")), ["2"]);
    // The text of its column begins there.
    assert_eq!(texts(&cells(&whole.rejects, "at")), ["8"]);
}

#[test]
fn the_usual_column_needs_no_name() {
    let unnamed = |format: &Arc<Format>| Options {
        inner: vec![Inner { column: None, format: Some(format.clone()) }],
        ..options()
    };
    let log = format!("t1\ta\t{LINE}\n");
    assert_eq!(texts(&cells(&read(&log, &tabs(), unnamed(&combined())).rows, "status")), ["200"]);
    let alone = format("name = 'own.alone'\nline = '{count} {text:any}'\n[columns]\ncount = { type = 'int64' }");
    assert_eq!(texts(&cells(&read(&format!("1 {LINE}\n"), &alone, unnamed(&combined())).rows, "status")), ["200"]);
    let err = read_bytes(b"", &docker(), unnamed(&combined())).unwrap_err();
    assert_eq!(err.kind(), ErrorKind::Option);
    assert!(err.to_string().contains("texts are log, stream, time"), "{err}");
}

#[test]
fn a_format_may_know_what_is_inside() {
    let toml = "name = 'own.tabs'\nline = '{time}\t{tag}\t{record:any}'\ninner = { column = 'record', format = 'apache.combined' }";
    let own = format(toml);
    assert_eq!(Format::from_toml(&own.to_toml(), "again").unwrap(), *own);
    let log = format!("t1\ta\t{LINE}\n");
    assert_eq!(texts(&cells(&read(&log, &own, options()).rows, "status")), ["200"]);
    let text = Options { inner: vec![Inner { column: Some("record".into()), format: None }], ..options() };
    assert_eq!(names(&read(&log, &own, text).rows), ["time", "tag", "record"]);
    let words = format("name = 'own.words'\nline = '{first} {rest:any}'");
    assert_eq!(texts(&cells(&read(&log, &own, inner(&[("record", &words)])).rows, "first")), ["192.0.2.7"]);
    // What is told of an inner column leaves the usual one as it is.
    let whole = read(&log, &own, inner(&[("referer", &words)]));
    assert_eq!(texts(&cells(&whole.rows, "status")), ["200"]);
    // Two levels that know.
    let outer =
        format(&toml.replace("own.tabs", "own.outer").replace("record", "whole").replace("'apache.combined'", "'cef'"));
    assert_eq!(outer.inner.as_ref().unwrap().format.as_deref(), Some("cef"));
    let whole = read(&format!("t0\tb\t{log}"), &outer, inner(&[("whole", &own)]));
    assert_eq!(texts(&cells(&whole.rows, "status")), ["200"]);
    assert_eq!(texts(&cells(&whole.rows, "whole_tag")), ["a"]);
}

#[test]
fn columns_of_inner_pairs_are_found() {
    let log = "t1\ta\tlevel=info msg=\"it is\" user=7\nt2\ta\tlevel=warn size=3\n";
    let whole = read(log, &tabs(), inner(&[("record", &named("logfmt").unwrap())]));
    assert_eq!(own_names(&whole.rows), ["time", "tag", "level", "msg", "user", "size"]);
    assert_eq!(texts(&cells(&whole.rows, "size")), ["null", "3"]);
    // Of what was found in one, another is found.
    let nested = "t1\ta\tmsg=\"a=1 b=2\"\n";
    let logfmt = named("logfmt").unwrap();
    let whole = read(nested, &tabs(), inner(&[("record", &logfmt), ("msg", &logfmt)]));
    assert_eq!(own_names(&whole.rows), ["time", "tag", "a", "b"]);
    assert!(names(&whole.rows).contains(&"_extra".to_owned()) && names(&whole.rows).contains(&"msg__extra".to_owned()));
    // A key that is not in the sample has a column if it is named.
    let scan = Options { columns: Some(vec!["tag".into(), "rare".into()]), ..inner(&[("record", &logfmt)]) };
    assert_eq!(names(&read(log, &tabs(), scan).rows), ["tag", "rare"]);
}

#[test]
fn records_of_several_lines_are_texts_with_newlines() {
    let log4j = format("name = 'own.traced'\nline = '{day} {level} {message:any}'\nmultiline = { start = '\\d{4}-' }");
    let log = [
        "2026-03-05 ERROR it failed\n\tat a.B\n\tat c.D",
        "2026-03-06 INFO fine",
        "no start",
        "2026-03-07 A b\n2026-03-08 C d",
    ];
    let log: String = log.iter().map(|text| in_docker(text) + "\n").collect();
    let whole = read(&log, &docker(), inner(&[("log", &log4j)]));
    assert_eq!(texts(&cells(&whole.rows, "message")), ["it failed\n\tat a.B\n\tat c.D", "fine", "null", "null"]);
    assert_eq!(texts(&cells(&whole.rejects, "line")), ["3", "4"]);
    let lines = in_docker("a\nb") + "\n" + &in_docker("c") + "\n";
    let word = format("name = 'own.word'\nline = '{word}'");
    let whole = read(&lines, &docker(), inner(&[("log", &word)]));
    assert_eq!(texts(&cells(&whole.rows, "word")), ["null", "c"]);
    assert_eq!(whole.report.counts.bad_values, 1);
}

#[test]
fn json_may_be_written_over_lines() {
    let log = r#"{"log":"{\n \"a\": \"x\",\n \"b\": \"y\\nz\"\n}\n"}"#.to_owned()
        + "\n"
        + r#"{"log":"{\"a\": \"x\ny\"}"}"#
        + "\n";
    let whole = read(&log, &docker(), inner(&[("log", &json("own.ab", &["a", "b"]))]));
    assert_eq!(texts(&cells(&whole.rows, "a")), ["x", "null"]);
    assert_eq!(texts(&cells(&whole.rows, "b")), ["y\nz", "null"]);
    // A newline is no part of a string.
    assert_eq!(whole.report.counts.bad_values, 1);
}

#[test]
fn an_open_quote_does_not_reach_the_next_text() {
    let log = "t1\ta\tx,\"y\nt2\ta\tz\",w\nt3\ta\t1,\"2\"\n";
    let pairs = format(
        "name = 'own.csv'\ndelimited = { delimiter = ',', quote = '\"', newlines = true, fields = ['one', 'two'] }",
    );
    let whole = read(log, &tabs(), inner(&[("record", &pairs)]));
    assert_eq!(texts(&cells(&whole.rows, "one")), ["null", "z\"", "1"]);
    assert_eq!(texts(&cells(&whole.rows, "two")), ["null", "w", "2"]);
}

#[test]
fn what_cannot_be_is_said() {
    let refused = |options: Options| read_bytes(b"", &tabs(), options).unwrap_err();
    let err = refused(inner(&[("recrod", &combined())]));
    assert_eq!(err.kind(), ErrorKind::UnknownColumn);
    assert!(err.to_string().contains("columns here are time, tag, record"), "{err}");
    let err = refused(inner(&[("record", &combined()), ("status", &combined())]));
    assert_eq!(err.kind(), ErrorKind::TypeMismatch, "{err}");
    let err = refused(inner(&[("record", &combined()), ("path", &combined())]));
    assert_eq!(err.kind(), ErrorKind::TypeMismatch, "{err}");
    let err = refused(inner(&[("record", &combined()), ("record", &docker())]));
    assert_eq!(err.kind(), ErrorKind::Option, "{err}");
    let err = refused(inner(&[("record", &named("csv").unwrap())]));
    assert_eq!(err.kind(), ErrorKind::Option, "{err}");
    let err = refused(Options { columns: Some(vec!["nothing".into()]), ..inner(&[("record", &combined())]) });
    assert_eq!(err.kind(), ErrorKind::UnknownColumn);
    assert!(err.to_string().contains("record_time") && err.to_string().contains("user_agent"), "{err}");
}

#[test]
fn values_hold_inner_records_too() {
    let log: arrow::array::ArrayRef = Arc::new(arrow::array::StringArray::from(vec![
        Some(format!("t1\ta\t{LINE}")),
        None,
        Some("bad".to_owned()),
        Some("t2\ta\tbad".to_owned()),
    ]));
    let scan = Options { include: Vec::new(), ..inner(&[("record", &combined())]) };
    let rows = values::parse(&log, &tabs(), &scan, true, None).unwrap();
    let status = rows.column_by_name("status").unwrap();
    assert_eq!((rows.len(), status.null_count()), (4, 3));
    let why = rows.column_by_name("_error").unwrap().as_string::<i32>();
    assert!(why.value(3).starts_with("column \"record\": expected a record of apache.combined"), "{}", why.value(3));
}

/// Texts that are records, are none, or are nothing.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (0..999_u32).prop_map(|bytes| LINE.replace("512", &bytes.to_string())),
        1 => Just(LINE.replace("curl", "café\\xe9\\\"")),
        1 => Just(String::new()),
        2 => "[ -~]{0,12}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// A scan with inner records gives what parsing the texts gives, whatever it is cut into.
    #[test]
    fn inner_records_are_those_of_their_texts(all in prop::collection::vec(text(), 1..120), chunk in 1_usize..3000, rows in 1_usize..50) {
        let log: String = all.iter().map(|text| in_docker(text) + "\n").collect();
        let array: arrow::array::ArrayRef = Arc::new(arrow::array::StringArray::from(all.clone()));
        let want = values::parse(&array, &combined(), &options(), false, None).unwrap();
        let base = inner(&[("log", &combined())]);
        let bad = all.iter().enumerate().filter(|(at, text)| !text.is_empty() && want.is_null(*at)).count() as u64;
        for options in [
            base.clone(),
            Options { chunk_bytes: chunk, batch_rows: rows, ..base.clone() },
            Options { chunk_bytes: chunk, threads: 2, ..base.clone() },
        ] {
            let whole = read(&log, &docker(), options);
            for name in ["remote_host", "status", "bytes", "user_agent"] {
                let (found, want) = (whole.rows.column_by_name(name).unwrap(), want.column_by_name(name).unwrap());
                prop_assert_eq!(found, want);
            }
            prop_assert_eq!(whole.report.counts.bad_values, bad);
        }
    }
}
