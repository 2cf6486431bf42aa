//! The option `schema`: the columns where a format finds them in the log, other types where it has them.
#![allow(missing_docs)]

mod common;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Int32Type, Int64Type};
use common::{options, read_bytes};
use logarrow::format::{JsonSchema, JsonType};
use logarrow::plan::{Plan, json_schema};
use logarrow::{ErrorKind, Format, Options, Report, Scan, Source, format, infer, named};

fn with(types: &[(&str, &str)]) -> Options {
    Options { schema: Some(JsonSchema::of_types(types).unwrap()), ..options() }
}

fn read(name: &str, log: &str, options: &Options) -> (RecordBatch, Report) {
    let whole = read_bytes(log.as_bytes(), &named(name).unwrap(), options.clone()).unwrap();
    (whole.rows, whole.report)
}

fn fields(batch: &RecordBatch) -> Vec<(String, String)> {
    let shown = |field: &arrow::datatypes::FieldRef| (field.name().clone(), field.data_type().to_string());
    batch.schema().fields().iter().map(shown).collect()
}

fn texts(batch: &RecordBatch, column: usize) -> Vec<Option<&str>> {
    batch.column(column).as_string::<i32>().iter().collect()
}

#[test]
fn columns_of_each_kind_of_log_that_names_them() {
    let types = with(&[("n", "int32"), ("absent", "utf8"), ("s", "utf8")]);
    for (format, log) in [
        ("json.lines", "{\"s\":\"x\",\"n\":1,\"other\":true}\n{\"n\":\"y\",\"s\":null}\n"),
        ("json.lines", "[{\"s\":\"x\",\"n\":1},\n{\"n\":\"y\"}]"),
        ("csv", "s,other,n\nx,1,1\n,2,y\n"),
        ("tsv", "n\ts\n1\tx\ny\t\n"),
        ("logfmt", "s=x n=1 other=2\nn=y\n"),
        ("ltsv", "s:x\tother:2\tn:1\nn:y\n"),
        ("w3c.extended", "#Fields: s n\nx 1\n- y\n"),
    ] {
        let (batch, report) = read(format, log, &types);
        let shown = fields(&batch);
        let want = [("n", "Int32"), ("absent", "Utf8"), ("s", "Utf8")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(shown[..3], want, "{format}");
        assert!(shown[3..].iter().all(|(name, _)| name == "_extra"), "{format}: {shown:?}");
        let numbers: Vec<_> = batch.column(0).as_primitive::<Int32Type>().iter().collect();
        assert_eq!(numbers, [Some(1), None], "{format}");
        assert_eq!((texts(&batch, 1), texts(&batch, 2)), (vec![None, None], vec![Some("x"), None]), "{format}");
        assert_eq!((report.counts.rows, report.counts.bad_values), (2, 1), "{format}");
    }
}

#[test]
fn files_whose_headers_differ_have_the_columns_of_the_schema() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.csv"), "s,n\nx,1\n").unwrap();
    std::fs::write(folder.path().join("b.csv"), "n,t,s\n2,?,y\n").unwrap();
    let source = Source::paths(&[folder.path().to_str().unwrap()]).unwrap();
    let whole = common::read(source, &named("csv").unwrap(), with(&[("n", "int64"), ("s", "utf8")])).unwrap();
    let numbers: Vec<_> = whole.rows.column(0).as_primitive::<Int64Type>().iter().collect();
    assert_eq!((numbers, texts(&whole.rows, 1)), (vec![Some(1), Some(2)], vec![Some("x"), Some("y")]));
}

#[test]
fn no_sample_is_taken_for_columns() {
    let format = Format::from_toml("name = 'own'\njson = { columns = 'found' }", "own.toml").unwrap();
    // A source of which nothing can be read: looking at it would be an error.
    let source = Source::bytes("log.gz", *b"\x1f\x8b broken");
    let scan = Scan::new(source, format.into());
    assert!(scan.schema().is_err());
    let schema = scan.with_options(with(&[("n", "int32")])).schema().unwrap();
    assert_eq!((schema.fields().len(), schema.field(0).data_type()), (1, &DataType::Int32));
}

#[test]
fn columns_of_a_format_have_other_types() {
    let line = "192.0.2.7 - - [05/Mar/2026:10:00:01 +0900] \"GET /a HTTP/1.1\" 200 512\n";
    let (batch, report) = read("apache.common", line, &with(&[("bytes", "int32"), ("status", "utf8")]));
    let (plain, _) = read("apache.common", line, &options());
    assert_eq!(batch.num_columns(), plain.num_columns());
    assert_eq!(batch.column_by_name("bytes").unwrap().as_primitive::<Int32Type>().value(0), 512);
    assert_eq!(batch.column_by_name("status").unwrap().as_string::<i32>().value(0), "200");
    assert_eq!(batch.column_by_name("time"), plain.column_by_name("time"));
    assert_eq!(report.counts.bad_values, 0);
    let scan = Scan::new(Source::bytes("log", *b""), named("apache.common").unwrap());
    let err = scan.with_options(with(&[("staus", "utf8")])).schema().unwrap_err();
    assert_eq!(err.kind(), ErrorKind::UnknownColumn);
    assert!(err.to_string().contains("did you mean \"status\"?"), "{err}");
}

#[test]
fn a_schema_is_the_outermost_formats() {
    let log = "2026-03-05T10:00:01+00:00\tapp\t{\"n\":1}\n";
    let schema = JsonSchema::of_types(&[("n", "utf8")]).unwrap();
    let inner = Format::json(format::JsonOptions { schema: Some(schema), ..Default::default() }).unwrap();
    let inner = vec![logarrow::options::Inner::new("record", inner.into())];
    let (batch, _) = read("fluentd.out_file", log, &Options { inner, ..with(&[("tag", "dictionary")]) });
    assert!(matches!(batch.column_by_name("tag").unwrap().data_type(), DataType::Dictionary(..)));
    assert_eq!(batch.column_by_name("n").unwrap().as_string::<i32>().value(0), "1");
    let (found, _) = read("fluentd.out_file", log, &with(&[("tag", "dictionary")]));
    assert_eq!(*found.column_by_name("n").unwrap().data_type(), DataType::Int64);
}

/// What a format gives can be asked for again: its own Arrow schema, and its own types.
#[test]
fn the_schema_of_a_format_changes_nothing() {
    for format in format::builtin_formats() {
        let plan = Plan::new(format, &options()).unwrap();
        let schema = json_schema(plan.schema()).unwrap_or_else(|err| panic!("{}: {err}", format.name));
        let again = Plan::new(format, &Options { schema: Some(schema.clone()), ..options() });
        let again = again.unwrap_or_else(|err| panic!("{}: {err}", format.name));
        if !format.wants_keys() {
            assert_eq!(again.schema(), plan.schema(), "{}", format.name);
        }
        for sample in &format.samples {
            let with_schema = Options { schema: Some(schema.clone()), ..options() };
            let log = format!("{}\n", sample.line);
            if !format.wants_keys() && !format.reads_header() {
                let own = read_bytes(log.as_bytes(), format, options()).unwrap();
                let given = read_bytes(log.as_bytes(), format, with_schema).unwrap();
                assert_eq!(own.rows, given.rows, "{}", format.name);
            }
        }
    }
}

#[test]
fn what_is_found_can_be_given() {
    let log = "{\"id\":1,\"at\":\"2026-03-05T10:00:01Z\",\"u\":{\"tags\":[\"a\"],\"x\":null},\"f\":1.5}\n{\"m\":{}}\n";
    let source = Source::bytes("log", log.as_bytes());
    let found = infer::resolve_keys(&named("json.lines").unwrap(), &source, &options()).unwrap();
    let columns = found.columns.clone();
    let schema = JsonSchema { columns, ignore_case: false };
    let (a, _) = read("json.lines", log, &options());
    let (b, _) = read("json.lines", log, &Options { schema: Some(schema), ..options() });
    assert_eq!(a, b);
    let text: Vec<String> = found
        .columns
        .iter()
        .map(|column| format!("{}: {}", column.name, JsonType::parse(&column.dtype).unwrap()))
        .collect();
    let schema = JsonSchema::parse(&format!("struct<{}>", text.join(", "))).unwrap();
    let (b, _) = read("json.lines", log, &Options { schema: Some(schema), ..options() });
    assert_eq!(a, b);
}

/// Files of one source may be written in several ways; which comes first does not matter.
#[test]
fn files_are_sampled_whatever_their_order() {
    let contents = [
        "{\"a\":1,\"t\":\"2026-03-05T10:00:01Z\"}\n{\"a\":2}\n",
        "[{\"a\":2.5,\"l\":[1]},\n{\"t\":\"soon\",\"a\":null}]\n",
        "{\n \"a\": 7,\n \"u\": {\"x\": 1}\n}\n",
        "{\"a\":9,\"l\":[],\"u\":{\"y\":\"z\"}}{\"u\":null}\n",
    ];
    let mut all = Vec::new();
    for turn in 0..contents.len() {
        let folder = tempfile::tempdir().unwrap();
        for (at, text) in contents.iter().cycle().skip(turn).take(contents.len()).enumerate() {
            std::fs::write(folder.path().join(format!("{at}.json")), text).unwrap();
        }
        let source = Source::paths(&[folder.path().to_str().unwrap()]).unwrap();
        let whole = common::read(source, &named("json.lines").unwrap(), options()).unwrap();
        assert_eq!((whole.report.counts.rows, whole.report.counts.bad_values, whole.report.counts.rejected), (7, 0, 0));
        let mut shown = fields(&whole.rows);
        // The members of a struct stand in the order in which they are met.
        shown.iter_mut().filter(|(name, _)| name == "u").for_each(|(_, dtype)| {
            assert!(dtype.contains("\"x\": Int64") && dtype.contains("\"y\": Utf8"), "{dtype}");
            dtype.clear();
        });
        shown.sort();
        all.push(shown);
    }
    assert!(all.iter().all(|shown| *shown == all[0]), "{all:?}");
    let types: Vec<_> = all[0].iter().map(|(name, dtype)| (name.as_str(), dtype.as_str())).collect();
    assert!(types.contains(&("a", "Float64")) && types.contains(&("t", "Utf8")), "{types:?}");
}
