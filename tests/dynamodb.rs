//! Attribute values of DynamoDB: what they hold comes out whole, and what does not fit is named.
#![allow(missing_docs)]

mod common;

use common::{cells, levels, options, read_bytes};
use logarrow::format::JsonSchema;
use logarrow::{Format, Options, named};

/// What a column of this type reads from attribute values, and the bad values.
fn values(dtype: &str, values: &[&str]) -> (Vec<Option<String>>, u64) {
    let text = format!("name = 'own'\njson = {{}}\n[columns]\na = {{ type = '{dtype}' }}");
    let format = Format::from_toml(&text, "own.toml").unwrap_or_else(|err| panic!("{err}")).into();
    let log: String = values.iter().map(|value| format!("{{\"a\":{value}}}\n")).collect();
    let mut out = None;
    for simd in levels() {
        for batch_rows in [2, 1 << 16] {
            let whole = read_bytes(log.as_bytes(), &format, Options { simd, batch_rows, ..options() }).unwrap();
            let got = (cells(&whole.rows, "a"), whole.report.counts.bad_values);
            assert_eq!(*out.get_or_insert_with(|| got.clone()), got, "{dtype}");
        }
    }
    out.unwrap()
}

fn texts(all: &[Option<&str>]) -> Vec<Option<String>> {
    all.iter().map(|text| text.map(str::to_owned)).collect()
}

#[test]
fn scalars() {
    let all = [
        r#"{"S":"a\tb \u6708"}"#,
        r#"{ "N" : "12345678901234567890.123456789012345678" }"#,
        r#"{"BOOL":false}"#,
        r#"{"NULL":true}"#,
        "null",
        r#"{"B":"AAEC/w=="}"#,
        r#"{"M":{"x":{"N":"1.10"},"y z":{"S":"\"q\""}}}"#,
        r#"{"L":[{"S":"a"},{"L":[]},{"NULL":true},{"N":"1E+2"},{"N":"x"}]}"#,
        r#"{"NS":["1","2.50"]}"#,
        r#"{"SS":[]}"#,
    ];
    let want = [
        Some("a\tb 月"),
        Some("12345678901234567890.123456789012345678"),
        Some("false"),
        None,
        None,
        Some("AAEC/w=="),
        Some(r#"{"x":1.10,"y z":"\"q\""}"#),
        Some(r#"["a",[],null,1E+2,"x"]"#),
        Some("[1,2.50]"),
        Some("[]"),
    ];
    assert_eq!(values("attribute", &all), (texts(&want), 0));
    let numbers =
        [r#"{"N":"7"}"#, r#"{"NULL":true}"#, r#"{"N":"7.5"}"#, r#"{"S":"x"}"#, r#"{"M":{}}"#, r#"{"N":"-8"}"#];
    assert_eq!(values("attribute(int64)", &numbers), (texts(&[Some("7"), None, None, None, None, Some("-8")]), 3));
    let long = "12345678901234567890123456789012345678";
    let got = values("attribute(\"decimal(38,0)\")", &[&format!("{{\"N\":\"{long}\"}}")]);
    assert_eq!(got, (texts(&[Some(long)]), 0));
    let bytes = [r#"{"B":"AAEC/w=="}"#, r#"{"B":""}"#, r#"{"B":"?"}"#, r#"{"S":"AAEC"}"#];
    assert_eq!(values("attribute(binary)", &bytes), (texts(&[Some("000102ff"), Some(""), None, None]), 2));
    let times = [r#"{"N":"1772704801"}"#, r#"{"S":"x"}"#];
    let got = values("attribute(timestamp:epoch)", &times);
    assert_eq!(got, (texts(&[Some("2026-03-05T10:00:01Z"), None]), 1));
}

#[test]
fn lists() {
    let all = [
        r#"{"SS":["a","b\n","c,d"]}"#,
        r#"{"NULL":true}"#,
        r#"{"L":[{"S":"x"},{"NULL":true},{"M":{"k":{"N":"1"}}}]}"#,
        r#"{"SS":[]}"#,
        r#"{"S":"x"}"#,
    ];
    let want = [Some("[a, b\n, c,d]"), None, Some(r#"[x, , {"k":1}]"#), Some("[]"), None];
    assert_eq!(values("attribute(list<utf8>)", &all), (texts(&want), 1));
    let all = [r#"{"NS":["1","-2"]}"#, r#"{"NS":["1","x","3"]}"#, r#"{"NS":[]}"#];
    assert_eq!(values("attribute(list<int64>)", &all), (texts(&[Some("[1, -2]"), Some("[1, , 3]"), Some("[]")]), 1));
    let all = [r#"{"BS":["AA==","/w=="]}"#];
    assert_eq!(values("attribute(list<binary>)", &all), (texts(&[Some("[00, ff]")]), 0));
}

#[test]
fn what_is_no_attribute_value_is_bad() {
    let all = [
        r#""x""#,
        "1",
        "[]",
        "{}",
        r#"{"Q":"x"}"#,
        r#"{"S":"x","N":"1"}"#,
        r#"{"S":1}"#,
        r#"{"M":{"a":1}}"#,
        r#"{"N":7}"#,
    ];
    let (cells, bad) = values("attribute", &all);
    assert_eq!((cells, bad), (vec![None; all.len()], all.len() as u64));
}

#[test]
fn err_types_that_no_attribute_value_holds() {
    for dtype in ["attribute(struct<a: utf8>)", "attribute(json)", "attribute(int6)", "attribute(list<list<utf8>>)"] {
        let text = format!("name = 'own'\njson = {{}}\n[columns]\na = {{ type = '{dtype}' }}");
        let err = Format::from_toml(&text, "own.toml").unwrap_err();
        assert!(err.hint().unwrap_or_default().contains("attribute(int64)"), "{dtype}: {err}");
    }
    let err =
        Format::from_toml("name = 'own'\nline = '{a}'\n[columns]\na = { type = 'attribute' }", "own.toml").unwrap_err();
    assert!(err.message().contains("only JSON formats"), "{err}");
}

#[test]
fn a_schema_names_attributes() {
    let types = [
        ("id", "utf8"),
        ("price", "decimal(10,2)"),
        ("old_price", "float64"),
        ("tags", "list<utf8>"),
        ("event_name", "utf8"),
    ];
    let schema = Some(JsonSchema::of_types(&types).unwrap());
    let log = "{\"eventName\":\"MODIFY\",\"dynamodb\":{\"NewImage\":{\"id\":{\"S\":\"a\"},\"price\":{\"N\":\"1.5\"},\"tags\":{\"SS\":[\"x\"]}},\
               \"OldImage\":{\"price\":{\"N\":\"2\"}}}}\n";
    let format = named("dynamodb.stream").unwrap();
    let whole = read_bytes(log.as_bytes(), &format, Options { schema, ..options() }).unwrap();
    let got: Vec<_> = types.iter().map(|(name, _)| cells(&whole.rows, name)[0].clone().unwrap_or_default()).collect();
    assert_eq!(got, ["a", "1.50", "2.0", "[x]", "MODIFY"]);
    let schema = Some(JsonSchema::of_types(&[("at", "struct<zip: utf8>")]).unwrap());
    let err = read_bytes(log.as_bytes(), &format, Options { schema, ..options() }).unwrap_err();
    assert_eq!(err.column_name(), Some("at"));
}
