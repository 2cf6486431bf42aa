use proptest::prelude::*;

use super::*;

fn shown(text: &str) -> String {
    JsonType::from_text(text).unwrap_or_else(|err| panic!("{text}: {err}")).to_string()
}

fn message(text: &str) -> String {
    JsonType::from_text(text).unwrap_err().to_string()
}

#[test]
fn ours_and_arrows() {
    for (text, want) in [
        ("utf8", "utf8"),
        (" int64 ", "int64"),
        ("json", "json"),
        ("struct<a:int64,b:list<utf8>>", "struct<a: int64, b: list<utf8>>"),
        ("struct<a: int64, b: list<item: string>>", "struct<a: int64, b: list<utf8>>"),
        ("struct<a: int64 not null, b: list<element: double not null> not null>", "struct<a: int64, b: list<float64>>"),
        ("map<string, int64>", "map<utf8,int64>"),
        ("map<utf8,map<string, list<bool>>>", "map<utf8,map<utf8,list<bool>>>"),
        ("map", "map<utf8,utf8>"),
        ("large_list<item: large_string>", "list<large_utf8>"),
        ("list<timestamp[us, tz=UTC]>", "list<timestamp[us]>"),
        ("struct<t: timestamp[ns, tz=UTC]>", "struct<t: timestamp[ns]>"),
        ("list<dictionary<values=string, indices=int32, ordered=0>>", "list<dictionary>"),
        ("list<decimal128(10, 2)>", "list<decimal(10,2)>"),
        ("list<decimal(10,2)( rounded )>", "list<decimal(10,2)(rounded)>"),
        ("timestamp", "timestamp"),
        ("timestamp(iso8601)", "timestamp"),
        ("timestamp:epoch_ms", "timestamp(epoch_ms)"),
        ("timestamp:%H:%M", "timestamp(%H:%M)"),
        ("date(\"%Y (%d)\")", "date(\"%Y (%d)\")"),
        ("struct<@timestamp: date, user-agent: ip, a.b: hex>", "struct<@timestamp: date, user-agent: ip, a.b: hex>"),
        ("struct<as: utf8>", "struct<as: utf8>"),
        ("struct<as as as: utf8>", "struct<as: utf8>"),
        ("struct<a as \"b c\": utf8>", "struct<a as \"b c\": utf8>"),
        (r#"struct<"a\u0041\n\"\/": utf8>"#, r#"struct<"aA\u000a\"/": utf8>"#),
        (r#"struct<"": utf8, "月": utf8>"#, r#"struct<"": utf8, 月: utf8>"#),
        ("struct<m: map>", "struct<m: map<utf8,utf8>>"),
    ] {
        assert_eq!(shown(text), want, "{text}");
    }
}

#[test]
fn the_option_of_a_column_is_the_top_scalars() {
    let spec = |name: &str, format: Option<&str>| TypeSpec {
        name: name.into(),
        format: format.map(str::to_owned),
        separators: Vec::new(),
    };
    let dtype = JsonType::parse(&spec("timestamp", Some("epoch_ms"))).unwrap();
    assert_eq!(dtype, JsonType::Scalar(spec("timestamp", Some("epoch_ms"))));
    assert_eq!(dtype.spec(), spec("timestamp", Some("epoch_ms")));
    assert_eq!(JsonType::parse(&spec("", None)).unwrap(), JsonType::Scalar(spec("utf8", None)));
    assert_eq!(JsonType::from_text("utf8").unwrap().spec(), TypeSpec::default());
    assert_eq!(JsonType::parse(&spec("date", None)).unwrap().spec(), spec("date", Some("iso8601")));
    assert_eq!(JsonType::from_text("list<string>").unwrap().spec(), spec("list<utf8>", None));
    let err = |spec: TypeSpec| JsonType::parse(&spec).unwrap_err().to_string();
    assert!(err(spec("list<timestamp>", Some("epoch_ms"))).starts_with(
        "option \"epoch_ms\" does not go with type \"list<timestamp>\"\nhint: write the option behind its scalar"
    ));
    assert!(err(spec("timestamp(epoch)", Some("epoch_ms"))).starts_with("type \"timestamp\" has two options"));
    let separated = TypeSpec { separators: vec![",".into()], ..spec("list<utf8>", None) };
    assert!(err(separated).starts_with("separators do not go with JSON"));
}

#[test]
fn err_texts_that_are_no_type() {
    let hint = format!("\nhint: {HINT}");
    for (text, want) in [
        ("", "type \"\", byte 0: expected a type, found the end"),
        ("struct<a int64>", "type \"struct<a int64>\", byte 14: expected a colon behind the key, found \">\""),
        ("struct<a: int64", "type \"struct<a: int64\", byte 15: expected \",\", found the end"),
        ("struct<: int64>", "type \"struct<: int64>\", byte 7: expected a key, found \":\""),
        ("list<int64>>", "type \"list<int64>>\", byte 11: expected the end, found \">\""),
        ("list<>", "type \"list<>\", byte 5: expected a type, found \">\""),
        ("timestamp(epoch", "type \"timestamp(epoch\", byte 10: expected a \")\" behind the option, found \"e\""),
        ("decimal(10", "type \"decimal(10\", byte 7: expected a \")\" behind this, found \"(\""),
    ] {
        assert_eq!(message(text), format!("{want}{hint}"), "{text}");
    }
    assert!(message("struct<\"a: int64>").contains("expected a closing quote, found the end"));
    assert!(message("struct<\"\\ud83d\": int64>").contains("byte 8: expected an escape"));
    assert!(message("struct<\"\\u+123\": int64>").contains("byte 8: expected an escape"));
    assert!(message("struct<\"\\").contains("expected an escape"));
}

#[test]
fn err_types_that_cannot_be() {
    for (text, want) in [
        ("int65", "unknown type \"int65\"\nhint: did you mean \"int64\""),
        ("list<strukt>", "unknown type \"strukt\"\nhint: "),
        ("struct<>", "a struct without members"),
        ("struct<a: utf8, a as b: utf8>", "two members have the key \"a\""),
        ("struct<a: utf8, b as a: utf8>", "two members are called \"a\""),
        ("struct<\"a\\u0000\": utf8>", "\"a\\x00\" cannot name a member"),
        ("map<int64,utf8>", "keys of a map are utf8, not int64"),
        ("structured_data", "type \"structured_data\" is one of syslog messages"),
        ("list<timestamp(%Q)>", "time format \"%Q\": unknown token"),
        ("list<duration>", "type \"duration\" needs its unit"),
        ("json(x)", "format \"x\" does not go with type \"json\""),
        ("list<timestamp[us, tz=Asia/Tokyo]>", "timestamps are UTC, not \"Asia/Tokyo\""),
    ] {
        assert!(message(text).starts_with(want), "{text}: {}", message(text));
    }
}

#[test]
fn err_nested_too_deep() {
    let nested = |depth: usize| format!("{}utf8{}", "list<".repeat(depth), ">".repeat(depth));
    assert_eq!(shown(&nested(64)), nested(64));
    assert!(message(&nested(65)).starts_with("types are nested more than 64 deep\nhint: "));
    // Far more than a stack would take.
    assert!(message(&"list<".repeat(1 << 20)).starts_with("types are nested more than 64 deep"));
}

fn scalars() -> impl Strategy<Value = JsonType> {
    let plain =
        prop::sample::select(vec!["utf8", "json", "int8", "int64", "float64", "bool", "ip", "hex", "dictionary"]);
    let of = |(name, format): (&str, Option<&str>)| {
        JsonType::Scalar(TypeSpec { format: format.map(str::to_owned), ..TypeSpec::plain(name) })
    };
    let options = vec![
        ("timestamp", Some("iso8601")),
        ("timestamp[ns]", Some("epoch_ms")),
        ("timestamp", Some("%d/%b/%Y:%H:%M:%S %z")),
        ("timestamp_ntz", Some(" %Y \"(%d)\" \\\t")),
        ("date", Some("epoch_days")),
        ("duration", Some("s.ms")),
        ("bool", Some("strict")),
        ("decimal(38,0)", None),
        ("decimal(10,2)", Some("rounded")),
    ];
    prop_oneof![plain.prop_map(move |name| of((name, None))), prop::sample::select(options).prop_map(of)]
}

fn types() -> impl Strategy<Value = JsonType> {
    let key = prop_oneof!["[a-z_@.-]{1,5}", "[ -~]{0,6}", "\\PC{0,4}", Just("as".to_owned()), Just("a\n\"\\".into())];
    let member = (key.clone(), prop::option::of(key));
    scalars().prop_recursive(5, 40, 5, move |inner| {
        let members = prop::collection::vec((member.clone(), inner.clone()), 1..5).prop_map(|members| {
            let mut out: Vec<Member> = Vec::new();
            for ((key, name), dtype) in members {
                let name = name.unwrap_or_else(|| key.clone());
                if !out.iter().any(|other| other.key == key || other.name == name) {
                    out.push(Member { key, name, dtype });
                }
            }
            JsonType::Struct(out)
        });
        prop_oneof![
            members,
            inner.clone().prop_map(|item| JsonType::List(Box::new(item))),
            inner.prop_map(|value| JsonType::Map(Box::new(value))),
        ]
    })
}

proptest! {
    #[test]
    fn texts_come_back(dtype in types()) {
        let text = dtype.to_string();
        let again = JsonType::from_text(&text).map_err(|err| TestCaseError::fail(format!("{text}: {err}")))?;
        prop_assert_eq!(&again, &dtype, "{}", text);
        prop_assert_eq!(JsonType::parse(&dtype.spec()).unwrap(), dtype);
    }

    #[test]
    fn any_text_is_a_type_or_an_error(text in "[a-z<>(),:\"\\\\ é]{0,24}") {
        if let Ok(dtype) = JsonType::from_text(&text) {
            prop_assert_eq!(JsonType::from_text(&dtype.to_string()).unwrap(), dtype);
        }
    }
}
