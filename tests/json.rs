//! JSON records against another reader of JSON: the same values, and the same verdict on damaged ones.
#![allow(missing_docs)]

mod common;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use common::{options, read_bytes};
use logarrow::format::{Column, Extra, Format, From, Json, Layout, TypeSpec};
use logarrow::{Options, simd::Level};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// A format of JSON lines with these columns: name, keys, type.
fn format(columns: &[(&str, &[&str], &str)]) -> Format {
    let mut format = Format::from_toml("name = 'test.json'\nline = '{a}'\n", "test.toml").unwrap();
    format.layout = Layout::Json(Json::default());
    format.extra = Extra::Column;
    let column = |(name, keys, dtype): &(&str, &[&str], &str)| Column {
        name: (*name).to_owned(),
        from: From::Member(keys.iter().map(|key| (*key).to_owned()).collect()),
        dtype: TypeSpec { name: (*dtype).to_owned(), ..TypeSpec::default() },
        ..Column::default()
    };
    format.columns = columns.iter().map(column).collect();
    format
}

/// Columns of every kind.
fn everything() -> Format {
    format(&[
        ("a", &["a"], "int64"),
        ("b", &["b"], "utf8"),
        ("c", &["c"], "struct<x: float64, yy as y: utf8, z: struct<w: bool>>"),
        ("cx", &["c", "x"], "utf8"),
        ("d", &["d"], "list<int64>"),
        ("e", &["e"], "list<struct<k: utf8, v: json>>"),
        ("f", &["f"], "map<utf8,list<utf8>>"),
        ("g", &["g"], "json"),
        ("h", &["h"], "bool"),
        ("w", &["we.\"ird"], "utf8"),
    ])
}

/// What a column makes of a value.
enum Wanted {
    Int,
    Float,
    Bool,
    Text,
    Raw,
    Struct(Vec<(&'static str, &'static str, Wanted)>),
    List(Box<Wanted>),
    Map(Box<Wanted>),
}

/// The columns of [`everything`], with the keys that lead to each.
fn wanted() -> Vec<(&'static str, Vec<&'static str>, Wanted)> {
    use Wanted::*;
    let inner = Struct(vec![("w", "w", Bool)]);
    vec![
        ("a", vec!["a"], Int),
        ("b", vec!["b"], Text),
        ("c", vec!["c"], Struct(vec![("x", "x", Float), ("yy", "y", Text), ("z", "z", inner)])),
        ("cx", vec!["c", "x"], Text),
        ("d", vec!["d"], List(Box::new(Int))),
        ("e", vec!["e"], List(Box::new(Struct(vec![("k", "k", Text), ("v", "v", Raw)])))),
        ("f", vec!["f"], Map(Box::new(List(Box::new(Text))))),
        ("g", vec!["g"], Raw),
        ("h", vec!["h"], Bool),
        ("w", vec!["we.\"ird"], Text),
    ]
}

/// The value as the column should have it.
fn expected(value: &Value, wanted: &Wanted) -> Value {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        _ => String::new(),
    };
    let is_scalar = !matches!(value, Value::Null | Value::Array(_) | Value::Object(_));
    match (wanted, value) {
        (Wanted::Raw, Value::Null) => Value::Null,
        (Wanted::Raw, value) => value.clone(),
        (Wanted::Text, _) if is_scalar => json!(text),
        (Wanted::Int, _) if is_scalar => text.parse::<i64>().map_or(Value::Null, |number| json!(number)),
        (Wanted::Float, _) if is_scalar => {
            let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
            text.parse::<f64>().ok().filter(|_| is_number).map_or(Value::Null, |number| json!(number))
        }
        (Wanted::Bool, _) if is_scalar => match &*text.to_ascii_lowercase() {
            "true" | "1" | "t" | "y" => json!(true),
            "false" | "0" | "f" | "n" => json!(false),
            _ => Value::Null,
        },
        (Wanted::Struct(members), Value::Object(object)) => {
            let member = |(key, name, wanted): &(&str, &str, Wanted)| {
                let value = object.get(*key).map_or(Value::Null, |value| expected(value, wanted));
                ((*name).to_owned(), value)
            };
            Value::Object(members.iter().map(member).collect())
        }
        (Wanted::List(item), Value::Array(items)) => items.iter().map(|value| expected(value, item)).collect(),
        (Wanted::Map(item), Value::Object(object)) => {
            Value::Object(object.iter().map(|(key, value)| (key.clone(), expected(value, item))).collect())
        }
        _ => Value::Null,
    }
}

/// A cell as JSON; the text of a `json` column as what it says.
fn actual(column: &ArrayRef, row: usize, wanted: &Wanted) -> Value {
    if column.is_null(row) {
        return Value::Null;
    }
    match wanted {
        Wanted::Int => json!(column.as_primitive::<Int64Type>().value(row)),
        Wanted::Float => json!(column.as_primitive::<Float64Type>().value(row)),
        Wanted::Bool => json!(column.as_boolean().value(row)),
        Wanted::Text => json!(column.as_string::<i32>().value(row)),
        Wanted::Raw => serde_json::from_str(column.as_string::<i32>().value(row)).unwrap(),
        Wanted::Struct(members) => {
            let columns = column.as_struct();
            let member = |(_, name, wanted): &(&str, &str, Wanted)| {
                ((*name).to_owned(), actual(columns.column_by_name(name).unwrap(), row, wanted))
            };
            Value::Object(members.iter().map(member).collect())
        }
        Wanted::List(item) => {
            let items = column.as_list::<i32>().value(row);
            (0..items.len()).map(|at| actual(&items, at, item)).collect()
        }
        Wanted::Map(item) => {
            let entries = column.as_map().value(row);
            let (keys, values) = (entries.column(0).as_string::<i32>(), entries.column(1));
            (0..entries.len()).map(|at| (keys.value(at).to_owned(), actual(values, at, item))).collect()
        }
    }
}

/// What the columns of a record should be, and what is extra.
fn expected_row(record: &Map<String, Value>) -> (Vec<Value>, Map<String, Value>) {
    let columns = wanted();
    let find = |keys: &[&str]| {
        let whole = Value::Object(record.clone());
        keys.iter().try_fold(&whole, |value, key| value.get(*key).filter(|_| value.is_object())).cloned()
    };
    let row = columns.iter().map(|(_, keys, wanted)| find(keys).map_or(Value::Null, |value| expected(&value, wanted)));
    let mut extra = Map::new();
    for (key, value) in record {
        match (key.as_str(), value) {
            ("e", Value::Array(items)) => {
                for (key, value) in items.iter().filter_map(Value::as_object).flatten() {
                    if !matches!(key.as_str(), "k" | "v") {
                        extra.insert(format!("e.{key}"), value.clone());
                    }
                }
            }
            ("a" | "b" | "d" | "e" | "f" | "g" | "h" | "we.\"ird", _) => {}
            ("c", Value::Object(inner)) => {
                for (key, value) in inner {
                    match (key.as_str(), value) {
                        ("x" | "yy", _) => {}
                        ("z", Value::Object(inner)) => {
                            let others = inner.iter().filter(|(key, _)| *key != "w");
                            extra.extend(others.map(|(key, value)| (format!("c.z.{key}"), value.clone())));
                        }
                        ("z", _) => {}
                        _ => _ = extra.insert(format!("c.{key}"), value.clone()),
                    }
                }
            }
            ("c", _) => {}
            _ => _ = extra.insert(key.clone(), value.clone()),
        }
    }
    (row.collect(), extra)
}

/// Writes a value with white space and escapes that `choices` choose.
struct Writer<'a> {
    choices: std::iter::Cycle<std::slice::Iter<'a, u8>>,
    out: String,
}

impl Writer<'_> {
    fn choice(&mut self) -> u8 {
        self.choices.next().copied().unwrap_or_default()
    }

    fn blank(&mut self) {
        let blank = ["", "", "", "", "", " ", "\t", "  \r"][usize::from(self.choice() % 8)];
        self.out.push_str(blank);
    }

    fn text(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            let plain = serde_json::to_string(&c).unwrap();
            match self.choice() % 8 {
                0 => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| self.out.push_str(&format!("\\u{unit:04X}"))),
                1 if c == '/' => self.out.push_str("\\/"),
                _ => self.out.push_str(&plain[1..plain.len() - 1]),
            }
        }
        self.out.push('"');
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.text(text),
            Value::Array(items) => {
                self.out.push('[');
                self.blank();
                for (i, item) in items.iter().enumerate() {
                    self.out.push_str(if i > 0 { "," } else { "" });
                    self.blank();
                    self.value(item);
                    self.blank();
                }
                self.out.push(']');
            }
            Value::Object(members) => {
                self.out.push('{');
                self.blank();
                for (i, (key, value)) in members.iter().enumerate() {
                    self.out.push_str(if i > 0 { "," } else { "" });
                    self.blank();
                    self.text(key);
                    self.blank();
                    self.out.push(':');
                    self.blank();
                    self.value(value);
                    self.blank();
                }
                self.out.push('}');
            }
            plain => self.out.push_str(&plain.to_string()),
        }
    }
}

fn written(value: &Value, choices: &[u8]) -> String {
    let mut writer = Writer { choices: choices.iter().cycle(), out: String::new() };
    writer.blank();
    writer.value(value);
    writer.blank();
    writer.out
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(|truth| json!(truth)),
        any::<i64>().prop_map(|number| json!(number)),
        (-100_i64..100).prop_map(|number| json!(number)),
        (-1000_i64..1000).prop_map(|number| json!(number as f64 / 8.0)),
        "[a-z0-9 \"\\\\/\u{0}-\u{1f}é日😀{}\\[\\]:,]{0,12}".prop_map(|text| json!(text)),
        "[a-z ]{40,90}".prop_map(|text| json!(text)),
    ]
}

fn key() -> impl Strategy<Value = String> {
    let keys = ["a", "b", "c", "d", "e", "f", "g", "h", "k", "v", "w", "x", "yy", "z", "we.\"ird", "é\n", "other"];
    prop::sample::select(keys.to_vec()).prop_map(str::to_owned)
}

fn object(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::vec((key(), value), 0..8).prop_map(|members| members.into_iter().collect())
}

fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            object(inner).prop_map(Value::Object),
        ]
    })
}

fn rows_of(text: &[u8], options: Options) -> RecordBatch {
    read_bytes(text, &everything().into(), options).unwrap().rows
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn records_have_the_values_another_reader_finds(
        records in prop::collection::vec(object(value()), 1..12),
        choices in prop::collection::vec(any::<u8>(), 1..60),
        repeats in 1..3_usize,
    ) {
        // The same records again are then of a known shape.
        let records: Vec<_> = std::iter::repeat_n(records, repeats).flatten().collect();
        let lines: Vec<String> =
            records.iter().map(|record| written(&Value::Object(record.clone()), &choices) + "\n").collect();
        let text = lines.concat();
        for level in Level::available() {
            let rows = rows_of(text.as_bytes(), Options { simd: level, ..options() });
            prop_assert_eq!(rows.num_rows(), records.len(), "{}", text);
            for (number, record) in records.iter().enumerate() {
                let (row, extra) = expected_row(record);
                for ((name, _, wanted), value) in wanted().iter().zip(row) {
                    let found = actual(rows.column_by_name(name).unwrap(), number, wanted);
                    prop_assert_eq!(found, value, "{} of {}", name, &lines[number]);
                }
                let found = actual(rows.column_by_name("_extra").unwrap(), number, &Wanted::Raw);
                let extra = if extra.is_empty() { Value::Null } else { Value::Object(extra) };
                prop_assert_eq!(found, extra, "extra of {}", &lines[number]);
            }
        }
    }

    #[test]
    fn damaged_records_are_refused_where_another_reader_refuses_them(
        records in prop::collection::vec(object(value()), 1..6),
        choices in prop::collection::vec(any::<u8>(), 1..60),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 0..4),
    ) {
        let mut lines: Vec<Vec<u8>> = records
            .iter()
            .map(|record| written(&Value::Object(record.clone()), &choices).into_bytes())
            .collect();
        for (at, byte, what) in damage {
            let line = at.get(&lines).clone();
            let number = lines.iter().position(|known| *known == line).unwrap();
            let line = &mut lines[number];
            let at = at.index(line.len());
            match what {
                0 => line[at] = byte,
                1 => _ = line.remove(at),
                2 => line.insert(at, b"{}[]:,\"\\0-e."[usize::from(byte) % 12]),
                _ => line.truncate(at),
            }
            line.retain(|byte| *byte != b'\n');
            if line.is_empty() {
                line.push(b'x');
            }
        }
        for line in &lines {
            // The other reader wants UTF-8 and whole surrogate pairs, and refuses numbers out of range; ours replaces and
            // keeps them.
            let has_surrogates = line.windows(3).any(|three| three.eq_ignore_ascii_case(b"\\ud"));
            let is_other = std::str::from_utf8(line).is_err() || has_surrogates;
            if is_other || line.trim_ascii().is_empty() {
                continue;
            }
            let text = [line, &b"\n"[..]].concat();
            let whole = read_bytes(&text, &everything().into(), options()).unwrap();
            let theirs = serde_json::from_slice::<Value>(line).is_ok_and(|value| value.is_object());
            let shown = String::from_utf8_lossy(line);
            let is_too_large = serde_json::from_slice::<Value>(line).is_err_and(|err| err.to_string().contains("out of range"));
            if is_too_large {
                continue;
            }
            prop_assert_eq!(whole.report.counts.rows == 1, theirs, "{} {:?}", shown, whole.report.reasons);
        }
        // One broken record costs that record alone.
        let text = lines.join(&b'\n');
        let whole = read_bytes(&text, &everything().into(), options()).unwrap();
        let singly = lines.iter().map(|line| {
            read_bytes(line, &everything().into(), options()).unwrap().report.counts.rows
        });
        prop_assert_eq!(whole.report.counts.rows, singly.sum::<u64>(), "{}", String::from_utf8_lossy(&text));
    }
}

#[test]
fn the_last_of_equal_keys_counts() {
    let text = r#"{"a":1,"a":2,"c":{"x":1,"yy":"p"},"c":{"x":2},"f":{"k":["a"],"k":["b"]},"d":[1],"d":null,"other":1}
{"a":null,"a":5}
{"a":7,"a":[1]}
"#;
    for repeats in 1..4 {
        let whole = read_bytes(text.repeat(repeats).as_bytes(), &everything().into(), options()).unwrap();
        let cell =
            |name: &str, row: usize, wanted: &Wanted| actual(whole.rows.column_by_name(name).unwrap(), row, wanted);
        for first in (0..3 * repeats).step_by(3) {
            assert_eq!(cell("a", first, &Wanted::Int), json!(2));
            let members = Wanted::Struct(vec![("x", "x", Wanted::Float), ("yy", "y", Wanted::Text)]);
            assert_eq!(cell("c", first, &members), json!({"x": 2.0, "y": null}));
            assert_eq!(
                cell("f", first, &Wanted::Map(Box::new(Wanted::List(Box::new(Wanted::Text))))),
                json!({"k": ["b"]})
            );
            assert_eq!(cell("d", first, &Wanted::List(Box::new(Wanted::Int))), Value::Null);
            assert_eq!(cell("a", first + 1, &Wanted::Int), json!(5));
            assert_eq!(cell("a", first + 2, &Wanted::Int), Value::Null);
        }
        let counts = &whole.report.counts;
        assert_eq!((counts.duplicate_keys, counts.bad_values), (6 * repeats as u64, repeats as u64));
    }
}

#[test]
fn values_of_another_kind_are_bad_and_named() {
    let text = r#"{"a":[1],"b":{"p":1},"c":"no object","d":{"q":1},"e":[{"k":[]},3],"f":[],"h":"maybe"}"#;
    let whole = read_bytes(text.as_bytes(), &everything().into(), options()).unwrap();
    let found: Vec<String> = whole
        .report
        .reasons
        .keys()
        .map(|(column, reason)| format!("{} {reason}", column.as_deref().unwrap_or_default()))
        .collect();
    let wanted = [
        "a expected a 64-bit integer",
        "b expected text",
        "c expected an object",
        "d expected an array",
        "e[] expected an object",
        "e[].k expected text",
        "f expected an object",
        "h expected true or false",
    ];
    assert_eq!(found, wanted);
}

#[test]
fn schemas_are_nested_as_asked() {
    let whole = read_bytes(b"{}\n", &everything().into(), options()).unwrap();
    let field = |name: &str| whole.rows.schema().field_with_name(name).unwrap().data_type().clone();
    assert!(matches!(field("c"), DataType::Struct(_)) && matches!(field("f"), DataType::Map(..)));
    assert!(matches!(field("e"), DataType::List(item) if matches!(item.data_type(), DataType::Struct(_))));
    assert_eq!((whole.report.counts.rows, whole.rows.column_by_name("c").unwrap().null_count()), (1, 1));
}

#[test]
fn broken_records_are_refused_each_by_itself() {
    for text in [
        "  \"a\" {}",
        "\\{}",
        "{} {}",
        "{}1",
        "[{}]",
        "{\"a\":1}}",
        "null",
        "{\"a\":1,}",
        "{,}",
        "{\"a\" 1}",
        "{\"a\":[1,]}",
    ] {
        let both = format!("{{\"a\":1}}\n{text}\n{{\"a\":2}}\n");
        let whole = read_bytes(both.as_bytes(), &everything().into(), options()).unwrap();
        assert_eq!((whole.report.counts.rows, whole.report.counts.rejected), (2, 1), "{text}");
        let alone = read_bytes(text.as_bytes(), &everything().into(), options()).unwrap();
        assert_eq!((alone.report.counts.rows, alone.report.counts.rejected), (0, 1), "{text}");
    }
}

/// What is nested too deep does not depend on whether the shape of the record is known.
#[test]
fn depth_is_counted_from_the_record() {
    for (depth, is_row) in [(126, true), (127, false), (128, false)] {
        let line = format!(r#"{{"c":{{"other":{}1{}}}}}"#, "[".repeat(depth), "]".repeat(depth)) + "\n";
        let shallow = "{\"c\":{\"other\":[1]}}\n";
        for text in [line.clone(), format!("{shallow}{shallow}{line}{shallow}")] {
            let whole = read_bytes(text.as_bytes(), &everything().into(), options()).unwrap();
            assert_eq!(whole.report.counts.rejected, u64::from(!is_row), "{depth}");
        }
    }
}

#[test]
fn what_a_broken_record_leaves_behind_is_no_shape_of_the_next() {
    let format = format(&[("id", &["Item", "id"], "json")]);
    let (good, broken) = (r#"{"Item":{"id":{"S":"a"},"p":1}}"#, r#"{"Item":{"id":{"S":"a"}}"#);
    for order in [[broken, broken, good], [good, broken, broken], [broken, good, broken]] {
        let text = format!("{}\n", order.join("\n"));
        for level in Level::available() {
            let whole =
                read_bytes(text.as_bytes(), &format.clone().into(), Options { simd: level, ..options() }).unwrap();
            assert_eq!((whole.report.counts.rows, whole.report.counts.rejected), (1, 2), "{text} {level:?}");
        }
    }
}
