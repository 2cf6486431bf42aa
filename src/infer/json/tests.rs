use proptest::prelude::*;

use super::*;
use crate::format::{Framing, From};

fn types<T: AsRef<[u8]>>(records: &[T]) -> Vec<(String, String)> {
    let columns = json_columns(records.iter().map(AsRef::as_ref), false);
    columns.into_iter().map(|column| (column.name, column.dtype.name)).collect()
}

/// The type of the key `a` over these values.
fn of(values: &[&str]) -> String {
    let records: Vec<String> = values.iter().map(|value| format!("{{\"a\":{value}}}")).collect();
    let mut types = types(&records);
    assert_eq!((types.len(), types[0].0.as_str()), (1, "a"), "{values:?}");
    types.remove(0).1
}

#[test]
fn each_rule() {
    let deep = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    let lists = |depth: usize, item: &str| format!("{}{item}{}", "list<".repeat(depth), ">".repeat(depth));
    for (values, want) in [
        (&["null"][..], ""),
        (&["1", "null"], "int64"),
        (&["-9223372036854775808", "9223372036854775807"], "int64"),
        (&["9223372036854775808"], "decimal(38,0)"),
        (&["18446744073709551616", "1"], "decimal(38,0)"),
        (&["-99999999999999999999999999999999999999"], "decimal(38,0)"),
        (&["100000000000000000000000000000000000000"], ""),
        (&["-100000000000000000000000000000000000000"], ""),
        (&["1234567890123456789012345678901234567890", "1"], ""),
        (&["1", "1.5"], "float64"),
        (&["1e3"], "float64"),
        (&["9007199254740993", "1.5"], ""),
        (&["100000000000000000000", "1.5"], "float64"),
        (&["100000000000000000000000000000000000000000", "1.5"], ""),
        (&["1e400", "1"], ""),
        (&["-1e999"], ""),
        (&["true", "false"], "bool"),
        (&["\"x\""], ""),
        (&["\"2026-03-05T10:00:01.123Z\"", "\"2026-03-05T10:00:01+09:00\"", "null"], "timestamp"),
        (&["\"2026-03-05T10:00:01.123Z\"", "\"2026-03-05\""], ""),
        (&["\"2026-03-05T10:00:01.123Z\"", "\"\""], ""),
        (&["\"2026-03-05T10:00:01.123Z\"", "1"], ""),
        (&["\"x\"", "1"], ""),
        (&["true", "1"], ""),
        (&["[1]", "[]", "null", "[2.5, null]"], "list<float64>"),
        (&["[]", "null"], "json"),
        (&["[null]"], "list<utf8>"),
        (&["[[]]"], "list<json>"),
        (&["[1, [2]]"], "list<json>"),
        (&["[\"2026-03-05T10:00:01Z\"]"], "list<timestamp>"),
        (&["1", "[1]"], "json"),
        (&["{\"b\":1}", "1"], "json"),
        (&["{\"b\":1}", "[{\"b\":1}]"], "json"),
        (&["{}", "null"], "json"),
        (&["{}", "{\"b\":{}}"], "struct<b: json>"),
        (
            &["{\"b\":1,\"c\":[{\"d\":\"x\"}]}", "{\"e\":true,\"b\":0.5}"],
            "struct<b: float64, c: list<struct<d: utf8>>, e: bool>",
        ),
        (
            &["{\"b c\":1,\"\":2,\"_\":3,\"n\\u0000\":4}"],
            r#"struct<"b c": int64, "" as __: int64, _: int64, "n\u0000" as n_: int64>"#,
        ),
        (&["{\"b\":1,\"b\":\"x\"}"], "struct<b: utf8>"),
        (&[&deep(32)], &lists(32, "int64")),
        (&[&deep(33)], &lists(32, "json")),
        (&[&deep(100)], &lists(32, "json")),
    ] {
        assert_eq!(of(values), want, "{values:?}");
    }
}

#[test]
fn keys_that_are_data() {
    let object = |keys: std::ops::Range<usize>, value: &str| {
        let members: Vec<String> = keys.map(|key| format!("\"k{key}\":{value}")).collect();
        format!("{{{}}}", members.join(","))
    };
    let objects =
        |count: usize, value: &str| (0..count).map(|at| object(2 * at..2 * at + 2, value)).collect::<Vec<_>>();
    let of_all = |objects: &[String]| of(&objects.iter().map(String::as_str).collect::<Vec<_>>());
    // 64 keys are names; so are 66 where an object has 17.
    assert!(of_all(&objects(32, "1")).starts_with("struct<k0: int64, k1: "));
    assert_eq!(of_all(&objects(33, "1")), "map<utf8,int64>");
    let wide: Vec<String> = (0..4).map(|at| object(17 * at..17 * at + 17, "1")).collect();
    assert!(of_all(&wide).starts_with("struct<"));
    let wide: Vec<String> = (0..5).map(|at| object(17 * at..17 * at + 17, "1")).collect();
    assert_eq!(of_all(&wide), "map<utf8,int64>");
    assert!(of_all(&[object(0..1000, "1")]).starts_with("struct<"));
    // What the values give together.
    let with = |value: &str| [&objects(33, "1")[..], &[object(0..1, value)]].concat();
    for (value, want) in [
        ("1.5", "map<utf8,float64>"),
        ("null", "map<utf8,int64>"),
        ("\"x\"", "map<utf8,utf8>"),
        ("[1]", "json"),
        ("{\"b\":1}", "json"),
    ] {
        assert_eq!(of_all(&with(value)), want, "{value}");
    }
    assert_eq!(of_all(&objects(33, "{\"b\":[1]}")), "map<utf8,struct<b: list<int64>>>");
    assert_eq!(of_all(&objects(33, "[1]")), "json");
    // Records themselves are columns.
    assert_eq!(types(&objects(33, "1")).len(), 66);
}

#[test]
fn keys_that_are_columns() {
    let names: Vec<_> = types(&[r#"{"b":1,"_raw":1}"#, r#"{"_raw_":1,"":1,"a\u0000":1,"a.b":{},"b":null}"#]);
    let want =
        [("b", "int64"), ("_raw__", "int64"), ("_raw_", "int64"), ("_", "int64"), ("a_", "int64"), ("a.b", "json")];
    assert_eq!(names, want.map(|(name, dtype)| (name.to_owned(), dtype.to_owned())));
    let columns = json_columns([&br#"{"a.b":1,"_path":2}"#[..]], false);
    assert_eq!(columns[0].from, From::Member(vec!["a.b".into()]));
    assert_eq!((&*columns[1].name, &columns[1].from), ("_path_", &From::Member(vec!["_path".into()])));
    let time = json_columns([&br#"{"t":"2026-03-05T10:00:01Z"}"#[..]], false);
    assert_eq!(time[0].dtype.format.as_deref(), Some("iso8601"));
}

#[test]
fn keys_without_regard_to_case() {
    let records = [r#"{"url":1,"o":{"B":1}}"#, r#"{"URL":"x","O":{"b":1.5}}"#];
    let columns = json_columns(records.map(str::as_bytes), true);
    let types: Vec<_> = columns.iter().map(|column| (&*column.name, &*column.dtype.name)).collect();
    assert_eq!(types, [("URL", ""), ("O", "struct<B: float64>")]);
    assert_eq!(json_columns(records.map(str::as_bytes), false).len(), 4);
}

#[test]
fn the_most_frequent_keys_are_columns() {
    let rare: Vec<String> = (0..2000).map(|at| format!("{{\"often\":1,\"k{:04}\":1}}", 1999 - at)).collect();
    let found = types(&rare);
    assert_eq!(found.len(), MAX_COLUMNS);
    let (first, second, last) = (&*found[0].0, &*found[1].0, &*found[MAX_COLUMNS - 1].0);
    assert_eq!((first, second, last), ("often", "k1022", "k0000"));
}

#[test]
fn records_that_are_no_objects() {
    let value = |records: &[&str]| {
        let columns = json_columns(records.iter().map(|record| record.as_bytes()), false);
        assert_eq!((columns.len(), &*columns[0].name, &columns[0].from), (1, "value", &From::Member(Vec::new())));
        columns[0].dtype.name.clone()
    };
    assert_eq!(value(&["1", "2.5"]), "float64");
    assert_eq!(value(&["[1]", "[]"]), "list<int64>");
    assert_eq!(value(&["1", "\"x\"", "{\"a\":1}"]), "json");
    assert_eq!(value(&["null"]), "");
    assert_eq!(types(&["1", "{\"a\":1}"]), [("a".to_owned(), "int64".to_owned())]);
}

#[test]
fn what_is_no_json_is_passed_over() {
    assert_eq!(types::<&str>(&[]), []);
    let odd =
        ["", "{", "{\"a\":}", "{\"a\":01234567890123456789012345678901234567890}", "\u{feff}", "{\"a\":1}x", "nul"];
    assert_eq!(types(&odd), []);
    assert_eq!(types(&[&b"{\"a\":\"\xff\"}"[..]]), []);
    assert_eq!(types(&[&odd[..], &["{\"b\":1}"]].concat()).len(), 1);
    // A digit in a string is no number.
    let long = "1".repeat(50);
    assert_eq!(types(&[format!("{{\"a\":\"\\\"{long}\",\"b\":{long}}}")]).len(), 2);
}

#[test]
fn how_values_follow_one_another() {
    let values = |keys: &[&str]| Framing::Values(keys.iter().map(|key| (*key).to_owned()).collect());
    for (head, want) in [
        ("", Framing::Lines),
        ("{\"a\":1}", Framing::Lines),
        ("{\"a\":1}\n", Framing::Lines),
        ("\n \n{\"a\":1}\r\n\n{\"b\":[{\"c\":1}]}\n{\"x\n", Framing::Lines),
        ("\u{feff}{\"a\":1}\n{\"a\":2}\n", Framing::Lines),
        ("1\n2\n", Framing::Lines),
        ("[1]\n[2]\n", Framing::Lines),
        ("time {\"a\":1}\n", Framing::Lines),
        // The first line is damaged.
        ("{\"a:1}\n{\"a\":2}\n{\"a\":2}\n", Framing::Lines),
        ("a\":1}\n{\"a\":2}\n{\"a\":2}\n", Framing::Lines),
        ("{\"a\":1}{\"a\":2}", values(&[])),
        ("{\"a\":1}{\"a\":2}\n{\"a\":1}{\"a\":2}\n", values(&[])),
        ("{\n\"a\": 1,\n\"b\": [1, 2]\n}\n{\n\"a\": 2\n}\n", values(&[])),
        ("[{\"a\":1},{\"a\":2}]\n", values(&[])),
        ("[\n{\"a\":1},\n{\"a\":2}\n]\n", values(&[])),
        ("[1,2]", values(&[])),
        ("[]", values(&[])),
        ("\u{1e}{\"a\":1}\n\u{1e}{\"a\":2}\n", values(&[])),
        ("{\"Records\":[{\"a\":1}]}", values(&["Records"])),
        ("{\"Records\":[{\"a\":1}]}\n{\"Records\":[]}\n", values(&["Records"])),
        ("{\"Records\": []}", values(&["Records"])),
        ("{\"x\":{\"y\":\"}]\"},\"logEvents\" : [ {\"id\":\"\\\"\"} ],\"z\":1}{\"m\":1}", values(&["logEvents"])),
        ("{\n  \"foo\": [\n    {\"a\": 1}\n  ]\n}\n", values(&["foo"])),
        ("{\"records\":[{\"a\":1}]}\n{\"records\":[{\"a\":1}]}\n", values(&["records"])),
        ("{\"events\":[{\"a\":1}],\"nextToken\":\"x\"}", values(&["events"])),
        // An array that is a part of the record.
        ("{\"foo\":[{\"a\":1}]}\n{\"b\":1}\n", Framing::Lines),
        ("{\"order\":1,\"items\":[{\"a\":1}]}\n{\"order\":2,\"items\":[{\"a\":1}]}\n", Framing::Lines),
        ("{\"user\":{\"x\":1},\"items\":[{\"a\":1}]}", Framing::Lines),
        ("{\"items\":[{\"a\":1}],\"events\":[{\"a\":1}]}", Framing::Lines),
        ("{\"id\":1,\"tags\":[{\"a\":1}]}", Framing::Lines),
        ("{\"tags\":[\"a\"]}", Framing::Lines),
        ("{\"tags\":[]}", Framing::Lines),
    ] {
        assert_eq!(find_framing(head.as_bytes(), true), want, "{head}");
    }
}

#[test]
fn how_values_follow_that_break_off() {
    let values = |keys: &[&str]| Framing::Values(keys.iter().map(|key| (*key).to_owned()).collect());
    for (head, want) in [
        ("{\"a\":1}\n{\"a\":", Framing::Lines),
        ("{\"a\":1,\"b\":\"", values(&[])),
        ("{\"Records\":[{\"a\":1},{\"b", values(&["Records"])),
        ("{\"x\":1,\"records\":[{\"a\":1},{\"b", values(&["records"])),
        ("{\"foo\":[{\"a\":1},{\"b", values(&["foo"])),
        ("{\"id\":1,\"foo\":[{\"a\":1},{\"b", values(&[])),
        ("[1,2,", values(&[])),
        ("{\"a", values(&[])),
        ("{", values(&[])),
    ] {
        assert_eq!(find_framing(head.as_bytes(), false), want, "{head}");
    }
}

#[test]
fn records_of_each_framing() {
    let of = |text: &str, keys: Option<&[&str]>| {
        let keys = keys.map(|keys| keys.iter().map(|key| (*key).to_owned()).collect());
        let framing = keys.map_or(Framing::Lines, Framing::Values);
        let records = framing::records(text.as_bytes(), &framing);
        records.into_iter().map(|record| String::from_utf8_lossy(record).into_owned()).collect::<Vec<_>>()
    };
    assert_eq!(of("\u{feff}{\"a\":1}\r\n\n 2 \n{", None), ["{\"a\":1}", "2", "{"]);
    assert_eq!(
        of("{\"a\":\"}\"}{}\n\u{1e}[1, [2], \"]\"]{\"b", Some(&[])),
        ["{\"a\":\"}\"}", "{}", "1", "[2]", "\"]\""]
    );
    assert_eq!(of("[{\"a\":1},\n{\"a\":2}, {\"a", Some(&[])), ["{\"a\":1}", "{\"a\":2}"]);
    let text = "{\"x\":[0],\"r\":{\"s\":[1,2]},\"y\":3}{\"r\":{\"s\":[]}} {\"s\":[1]}{\"r\":{\"s\":[5,6,{";
    assert_eq!(of(text, Some(&["r", "s"])), ["1", "2", "{\"s\":[1]}", "5", "6"]);
}

fn json() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "null",
        "true",
        "1",
        "-7",
        "2.5",
        "9007199254740993",
        "9223372036854775808",
        "1e400",
        "\"x\"",
        "\"2026-03-05T10:00:01Z\"",
        "[]",
        "{}",
    ]);
    leaf.prop_map(str::to_owned).prop_recursive(3, 24, 4, |inner| {
        let object = prop::collection::vec(("[a-dA-D]", inner.clone()), 0..4).prop_map(|members| {
            let members: Vec<String> = members.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
            format!("{{{}}}", members.join(","))
        });
        let array = prop::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(",")));
        prop_oneof![2 => object, 1 => array]
    })
}

/// The types with the members of structs in the order of their names.
fn sorted(columns: Vec<Column>) -> Vec<(String, String)> {
    fn sort(dtype: &mut crate::format::JsonType) {
        use crate::format::JsonType;
        match dtype {
            JsonType::Scalar(_) => {}
            JsonType::List(inner) | JsonType::Map(inner) => sort(inner),
            JsonType::Struct(members) => {
                members.iter_mut().for_each(|member| sort(&mut member.dtype));
                members.sort_by(|a, b| a.key.cmp(&b.key));
            }
        }
    }
    let shown = |column: Column| {
        let mut dtype = crate::format::JsonType::parse(&column.dtype).unwrap();
        sort(&mut dtype);
        (column.name, dtype.to_string())
    };
    let mut out: Vec<_> = columns.into_iter().map(shown).collect();
    out.sort();
    out
}

proptest! {
    #[test]
    fn the_order_of_records_does_not_matter(
        (records, shuffled) in prop::collection::vec(json(), 0..12).prop_flat_map(|records| {
            (Just(records.clone()), Just(records).prop_shuffle())
        }),
        ignore_case: bool,
    ) {
        let found = |records: &[String]| sorted(json_columns(records.iter().map(|record| record.as_bytes()), ignore_case));
        prop_assert_eq!(found(&records), found(&shuffled));
    }

    #[test]
    fn any_head_has_a_framing(head in "[{}\\[\\]\",:a1 \\\\\n]{0,40}", is_whole: bool) {
        let framing = find_framing(head.as_bytes(), is_whole);
        prop_assert!(matches!(framing, Framing::Lines | Framing::Values(_)));
        prop_assert!(framing::records(head.as_bytes(), &framing).len() <= head.len());
    }
}
