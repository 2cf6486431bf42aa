use std::collections::BTreeMap;

use crate::format::{Format, GrokOptions, Layout};

fn columns(format: &Format) -> Vec<(String, String)> {
    format.columns.iter().map(|column| (column.name.clone(), column.dtype.name.clone())).collect()
}

fn pairs(want: &[(&str, &str)]) -> Vec<(String, String)> {
    want.iter().map(|(name, dtype)| ((*name).to_owned(), (*dtype).to_owned())).collect()
}

fn with(definitions: &[(&str, &str)]) -> GrokOptions {
    let definitions = definitions.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    GrokOptions { definitions: definitions.collect(), ecs: false }
}

#[test]
fn every_pattern_of_the_library_can_be_read() {
    for ecs in [false, true] {
        for name in super::super::grok::library(ecs) {
            let options = GrokOptions { definitions: BTreeMap::new(), ecs };
            let format = Format::grok_with(&[format!("%{{{name}:whole_}}")], &options);
            let format = format.unwrap_or_else(|err| panic!("{name}, ecs {ecs}: {err}"));
            let Layout::Regex(regexes) = &format.layout else { panic!("{name}") };
            regex::bytes::Regex::new(&regexes.patterns[0]).unwrap_or_else(|err| panic!("{name}: {err}"));
            assert_eq!(Format::from_toml(&format.to_toml(), name).unwrap(), format, "{name}");
        }
    }
}

#[test]
fn fields_and_types() {
    let format =
        Format::grok("%{IP:client} %{WORD} %{NUMBER:took:float} (?<rest>.*)%{INT:[http][status]:int}").unwrap();
    assert_eq!(columns(&format), pairs(&[("client", ""), ("took", "float64"), ("rest", ""), ("http_status", "int64")]));
    // In alternatives one column, one after the other two.
    let format = Format::grok("(?:%{INT:a:int}|x%{INT:a:int}) %{INT:b:int},%{INT:b:int}").unwrap();
    assert_eq!(columns(&format), pairs(&[("a", "int64"), ("b", "int64"), ("b_2", "int64")]));
    let both = Format::grok_with(&["^%{INT:a}$", "%{WORD:b}"], &GrokOptions::default()).unwrap();
    assert_eq!(columns(&both), pairs(&[("a", ""), ("b", "")]));
}

#[test]
fn definitions_of_ones_own() {
    let format = Format::grok_with(
        &["%{PAIR:pair} %{INT:n}"],
        &with(&[("PAIR", "%{KEY:key}=%{INT:value:int}"), ("KEY", "[a-z]+"), ("INT", r"\d")]),
    );
    assert_eq!(columns(&format.unwrap()), pairs(&[("pair", ""), ("key", ""), ("value", "int64"), ("n", "")]));
    let circle = Format::grok_with(&["%{A:a}"], &with(&[("A", "%{B}"), ("B", "x%{A}")])).unwrap_err();
    assert!(circle.to_string().contains("patterns nested too deep"), "{circle}");
    let wide = with(&[
        ("A", "%{B}%{B}%{B}%{B}%{B}%{B}%{B}%{B}%{B}%{B}"),
        ("B", "%{C}%{C}%{C}%{C}%{C}%{C}%{C}%{C}%{C}%{C}"),
        ("C", "%{D}%{D}%{D}%{D}%{D}%{D}%{D}%{D}%{D}%{D}"),
        ("D", "%{DATA}%{DATA}%{DATA}%{DATA}%{DATA}%{IPV6}%{IPV6}%{IPV6}%{IPV6}%{IPV6}"),
    ]);
    assert!(Format::grok_with(&["%{A:a}%{A}%{A}%{A}"], &wide).is_err());
}

#[test]
fn err_with_place_and_hint() {
    for (pattern, want) in [
        ("x %{IPV5:a}", "grok:1:3: no pattern is called \"IPV5\"\nhint: did you mean"),
        ("%{INT:a:intt}", "grok:1:1: no field has the type \"intt\"\nhint: did you mean \"int\"?"),
        ("%{INT", "grok:1:1: %{ without }"),
        ("%{INT}", "grok:1:1: no field in the pattern"),
        ("%{INT:a}(?=b)", "a look-ahead"),
    ] {
        let err = Format::grok(pattern).unwrap_err().to_string();
        assert!(err.contains(want), "{pattern}: {err}");
    }
}
