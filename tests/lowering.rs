//! Expressions that are lowered to the delimiter program find what the `regex` crate finds, on every line.
#![allow(missing_docs)]

mod common;

use std::sync::Arc;

use common::{cells, levels, options, read_bytes};
use logarrow::format::{Anchored, GrokOptions, Layout, RegexOptions};
use logarrow::plan::Plan;
use logarrow::{Format, Options};
use proptest::prelude::*;

const COMBINED: &str = r#"^(?<host>\S+) (?<ident>\S+) (?<user>\S+) \[(?<time>[^\]]+)\] "(?<request>[^"]*)" (?<status>\d{3}) (?<size>\S+) "(?<referer>[^"]*)" "(?<agent>[^"]*)"$"#;

const GROK: &str = r#"%{IPORHOST:host} %{USER:ident} %{USER:user} \[%{HTTPDATE:time}\] "%{WORD:verb} %{NOTSPACE:path} HTTP/%{NUMBER:version}" %{INT:status:int} %{INT:size:int} %{GREEDYDATA:rest}"#;

fn regex(pattern: &str, anchored: Anchored) -> Format {
    let options = RegexOptions { anchored, ..RegexOptions::default() };
    Format::regex_with(&[pattern], &options).unwrap_or_else(|err| panic!("{pattern}: {err}"))
}

fn explain(format: &Format) -> String {
    Plan::new(&Arc::new(format.clone()), &options()).unwrap().explain().unwrap()
}

/// What the crate finds in `lines`, with the expression as the format spells it.
fn theirs(format: &Format, lines: &[String]) -> Vec<Vec<Option<String>>> {
    let Layout::Regex(layout) = &format.layout else { panic!("no expression") };
    let text = &layout.patterns[0];
    let text = match layout.anchored {
        Anchored::No => text.clone(),
        Anchored::Start => format!(r"\A(?:{text})"),
        Anchored::Full => format!(r"\A(?:{text})\z"),
    };
    let regex = regex::Regex::new(&text).unwrap();
    let names: Vec<Vec<&str>> = format
        .columns
        .iter()
        .map(|column| {
            let is_own = |name: &&str| *name == column.name || name.starts_with(&format!("{}[", column.name));
            regex.capture_names().flatten().filter(is_own).collect()
        })
        .collect();
    let row = |found: regex::Captures<'_>| {
        let cell = |names: &Vec<&str>| names.iter().find_map(|name| Some(found.name(name)?.as_str().to_owned()));
        names.iter().map(cell).collect()
    };
    lines.iter().filter(|line| !line.is_empty()).filter_map(|line| regex.captures(line).map(row)).collect()
}

/// What is read from `lines`, at each level.
fn check(format: &Format, lines: &[String]) {
    let want = theirs(format, lines);
    let log = lines.join("\n") + "\n";
    let format = Arc::new(format.clone());
    for simd in levels() {
        let got = read_bytes(log.as_bytes(), &format, Options { simd, ..options() }).unwrap();
        let columns: Vec<_> = format.columns.iter().map(|column| cells(&got.rows, &column.name)).collect();
        let rows: Vec<Vec<_>> =
            (0..got.rows.num_rows()).map(|row| columns.iter().map(|cells| cells[row].clone()).collect()).collect();
        assert_eq!(rows.len(), want.len(), "{}: {lines:?}", explain(&format));
        for (got, want) in rows.iter().zip(&want) {
            assert_eq!(got, want, "{}: {lines:?}", explain(&format));
        }
    }
}

/// Expressions as people write them, and whether they are lowered.
#[test]
fn what_is_lowered() {
    for (pattern, want) in [
        (COMBINED, Ok(())),
        (r"^(?<a>\S+) (?<b>\d+)$", Ok(())),
        (r"(?<a>\S+) (?<b>\S+)", Ok(())),
        (r"^(?<time>\S+ \S+) (?<level>[A-Z]+)\s+(?<logger>\S+): (?<message>.*)$", Ok(())),
        (r#"^(?<a>[^ ]*) "(?<m>GET|POST) (?<p>\S+)(?: HTTP/(?<v>[0-9.]+))?"(?: (?<n>\d+))?$"#, Ok(())),
        (r"^(?<a>.*?): (?<b>.*)$", Ok(())),
        (r"^(?<ip>[^:]+):(?<port>\d+) (?<rest>.*)$", Ok(())),
        (r"^(?<a>\S+)\s+(?<b>\S+)\s+(?<c>\S+)$", Ok(())),
        (r"(?i)^(?<a>get|post) (?<b>\S+)$", Ok(())),
        (r#"^(?<a>\S+) (?:"(?<b>[^"]*)"|-) (?<c>\d+)$"#, Ok(())),
        (r#"^(?<a>\S+) "(?:(?<m>\w+) (?<p>\S+)(?: HTTP/(?<v>[0-9.]+))?|(?<raw>.*?))" (?<n>\d+)$"#, Ok(())),
        (r#"^(?<a>"(?:[^"\\]|\\.)*"|'[^']*') (?<b>\d+)$"#, Ok(())),
        (r"(?<a>\S+) (?:-|(?<b>\d+))", Ok(())),
        (r"^(?<a>\d+)$", Err("no literal in it has a certain place")),
        (r"^(?<a>.*) (?<b>.*) (?<c>.*)$", Err("no literal in it has a certain place")),
        (r"(?<a>a|b)|(?<b>c)", Err("no literal in it has a certain place")),
        (r"^(?<a>\S+) (?<b>(?<c>\d+)(?<d>[a-z]+)(?<e>\d+))$", Err("most of its groups")),
    ] {
        let text = explain(&regex(pattern, Anchored::No));
        match want {
            Ok(()) => assert!(text.contains("delimiter program on SIMD positions"), "{text}"),
            Err(why) => assert!(text.contains("not lowered") && text.contains(why), "{text}"),
        }
    }
    let grok = Format::grok("%{IP:client} %{WORD:verb} %{NOTSPACE:path} %{NUMBER:took:float}").unwrap();
    assert!(explain(&grok).contains("delimiter program"), "{}", explain(&grok));
}

/// Where a preference of the expression shows: ends that are not the first, or not the only ones.
#[test]
fn preferences_stay() {
    let lines = |text: &[&str]| text.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
    for (pattern, texts) in [
        (r"^(?<a>\S+) (?<b>\S+)$", &["x y", "x  y", "x y z", " y", "x ", "x\ty z", "é ü"][..]),
        (r"(?<a>\S+) (?<b>\S+)", &["x y", "x y z", " y z", "\tx y", "x", "x  y z"]),
        (r"(?<a>\d+) (?<b>\d+)", &["1 2", "1 2x", "x1 2", "x 1 2", "1 x 2 3", "1 2 "]),
        (r"^(?<a>.*?): (?<b>.*)$", &["x: y: z", "x:y: z", ": ", "a b: c", "a:\tb: c"]),
        (r"^(?<a>.*?):\s+(?<b>.*)$", &["x: y: z", "x:\ty: z", "x:y: z", "x:  y"]),
        (r"^(?<a>.+?) (?<b>.*)$", &[" x", "  x", "a  b"]),
        (r"^(?<a>\S+)\s*:\s*(?<b>\S+)$", &["a : b", "a: b", "a:b", "a:b:c", "a  :  b", "a :b"]),
        (r#"^"(?<a>.*)" (?<b>\d+)$"#, &["\"x\" 1", "\"x\" 1\" 2", "\"x y\" 12", "\"\" 1", "\"x\" y\" 1"]),
        (r#"^"(?<a>.*)" "(?<b>.*)"$"#, &["\"x\" \"y\"", "\"x\" \"y\" \"z\"", "\"\" \"\""]),
        (
            r#"^(?<a>\S+) "(?<b>[^"]*)"(?: "(?<c>[^"]*)")?$"#,
            &["x \"y\"", "x \"y\" \"z\"", "x \"y\" \"z", "x y\" \"z\""],
        ),
        (r"^(?<a>\w+)(?: \[(?<b>\d+)\])?: (?<c>.*)$", &["a [1]: m", "a: m", "a [1]: [2]: x", "a [x]: m", "a [1] m"]),
        (r"x=(?<a>\S+)(?: (?<b>\d+))?", &["x=1 2", "x=1", "x=1 y", "x=1 2y", "yx=1 2", "x= 1"]),
        (r"^(?<a>[a-z]+?) ?(?<b>\d*)$", &["ab 12", "ab12", "ab", "ab "]),
        (r"\b(?<a>\w+)\b (?<b>\d+)", &["ab 1", "-ab 1", "ab 1x", "ab 1 2"]),
        (r"^(?<a>(?:a|ab)(?:c|bcd)?) (?<b>.*)$", &["abcd x", "ac x", "abc x", "ab x"]),
        (
            r#"^"(?<a>(?:[^"\\]|\\.)*)" (?<b>\d+)$"#,
            &["\"x\" 1", "\"x\\\" y\" 1", "\"x\\\\\" 1", "\"x\\\" 1", "\"x\\\\\\\" 1\" 2", "\"\" 1", "\"\\\" 1"],
        ),
        (
            r#"^(?<c>\S+) "(?<a>(?:\\.|[^"\\])*)" "(?<b>[^"]*)"$"#,
            &["x \"y\" \"z\"", "x \"y\\\"\" \"z\"", "x\\ \"y\" \"z\\\"", "x\\\" \"y\" \"z\"", "x \"y\\\" \"z\""],
        ),
        (
            r"^\[(?<t>[^\]]+)\] (?<b>\d+)(?<c>[a-z]+) (?<d>\S+) (?<e>\S+)$",
            &["[x] 1a y z", "[x y] 1a y z", "[x y z] 1a y z", "[x] 1a y  z", "[x y] 1 y z"],
        ),
        (r#"^(?<a>\S+)" (?<b>\d+)$"#, &["x\" 1", "x\"y\" 1", "\" 1", "x\"\" 1"]),
        (r"^x\s*(?<a>\b\w+) (?<b>\d+)$", &["xabc 1", "x abc 1"]),
        (
            r#"^(?<a>\S+) "(?:(?<m>\w+) (?<p>\S+)(?: HTTP/(?<v>[0-9.]+))?|(?<raw>.*?))" (?<n>\d+)$"#,
            &[
                r#"x "GET /a HTTP/1.1" 1"#,
                r#"x "GET /a" 1"#,
                r#"x "GET /a b" 1"#,
                r#"x "GET /a HTTP/x" 1"#,
                r#"x "GET" 1"#,
                r#"x "" 1"#,
                r#"x "-" 1"#,
                r#"x "- y" 1"#,
                r#"x "-" 1" 2"#,
                r#"x "GET /a" HTTP/1.1" 1"#,
                r#"x "GET /a" 1" 1"#,
            ],
        ),
        (
            r#"^(?<a>\S+) (?:"(?<b>[^"]*)"|-) (?<c>\d+)$"#,
            &["x \"y z\" 1", "x - 1", "x \"\" 1", "x \"-\" 1", "x \"y 1", "x -- 1"],
        ),
        (
            r#"^(?<c>\d+) (?<a>"(?:[^"\\]|\\.)*"|'[^']*') (?<b>"(?:[^"\\]|\\.)*"|'[^']*')$"#,
            &["1 \"x\" \"y\"", "1 'x' \"y\"", "1 \"x\" 'y'", "1 \"x\\\" z\" \"y\"", "1 \"x\\\" \"y\"", "1 \"\" \"\""],
        ),
        (r"(?<a>\S+) (?:-|(?<b>[+-]?\d+))", &["x -", "x 1", "x -1", "x +1", "x 1y", "x - y", "x"]),
        (
            r#"^(?<a>\S+) "(?:-|(?<b>.*?))" "(?:-|(?<c>.*?))""#,
            &[
                "x \"-\" \"y\"",
                "x \"y\" \"-\"",
                "x \"-y\" \"\"",
                "x \"y\" z\" \"w\"",
                "x \"-\" \"y\" \"z\"",
                "x \"y\" \"z",
            ],
        ),
        (r"^(?<a>[a-c]+) (?:(?<b>\d+) (?<c>\d+)|(?<d>\d+):(?<e>\d+))$", &["a 1 2", "a 1:2", "a 1:2 3", "a 1 2:3"]),
        (r#"^(?<c>[^"]*) "(?<a>(?:\\.|[^"\\])*)"$"#, &[r#"x\" "y""#, r#"x\ "y\"""#, r#"x "y""#]),
    ] {
        for anchored in [Anchored::No, Anchored::Start, Anchored::Full] {
            check(&regex(pattern, anchored), &lines(texts));
            texts.iter().for_each(|text| check(&regex(pattern, anchored), &[(*text).to_owned()]));
        }
    }
}

/// A newline in an expression is none of those between lines.
#[test]
fn newlines_stay_between_lines() {
    let rejected = |format: Format| {
        let got = read_bytes(b"a x\ny b c\n", &Arc::new(format), options()).unwrap();
        (got.rows.num_rows(), got.report.counts.rejected)
    };
    assert_eq!(rejected(regex(r"^(?<a>\S+) x\ny (?<b>.*)$", Anchored::No)), (0, 2));
    assert_eq!(rejected(Format::dissect("%{a} x\ny %{b}", None).unwrap()), (0, 2));
}

/// Each of several expressions fills its own columns, whichever is lowered.
#[test]
fn columns_of_other_expressions_are_null() {
    let format = Format::regex(&[r"^GET (?<path>\S+) (?<status>\d+)$", r"^(?<level>[A-Z]+): (?<message>.*)$"]).unwrap();
    let format = Arc::new(format);
    assert!(explain(&format).contains("delimiter program"));
    for simd in levels() {
        let got = read_bytes(b"GET /a 200\nWARN: b c\n", &format, Options { simd, ..options() }).unwrap();
        let row = |row: usize| {
            ["path", "status", "level", "message"].map(|name| cells(&got.rows, name)[row].clone().unwrap_or("-".into()))
        };
        assert_eq!(
            (row(0), row(1)),
            (["/a", "200", "-", "-"].map(str::to_owned), ["-", "-", "WARN", "b c"].map(str::to_owned))
        );
    }
}

/// Most records of a real log take the fast path: else lowering would be of no use.
#[test]
fn records_take_the_fast_path() {
    let line = r#"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "GET /a?b=1 HTTP/1.1" 200 512 "-" "curl/8.9 (x; y)""#;
    for format in [
        regex(COMBINED, Anchored::No),
        regex(COMBINED, Anchored::Full),
        Format::grok(GROK).unwrap(),
        grok("COMBINEDAPACHELOG", false),
        grok("COMBINEDAPACHELOG", true),
    ] {
        let plan = Plan::new(&Arc::new(format.clone()), &options()).unwrap();
        let mut tokenizer = plan.recipe().grammar.tokenizer(logarrow::simd::Level::current());
        let text = logarrow::simd::Text::copied(format!("{line}\n{line}\r\nx\n").as_bytes());
        let mut tape = logarrow::tokenize::Tape::default();
        tokenizer.tokenize(&text, 0, text.len(), 0, &mut tape);
        assert_eq!((tape.rows.len(), tape.malformed.len()), (2, 1));
        assert_eq!(tape.fast_rows, 2, "{}", explain(&format));
    }
}

/// The patterns of the world, in both sets of names: which are lowered.
#[test]
fn named_patterns_are_lowered() {
    for name in ["COMMONAPACHELOG", "COMBINEDAPACHELOG", "HTTPD_COMBINEDLOG"] {
        for ecs in [false, true] {
            let text = explain(&grok(name, ecs));
            assert!(text.contains("delimiter program on SIMD positions"), "{name} {ecs}: {text}");
        }
    }
}

fn grok(name: &str, ecs: bool) -> Format {
    let options = GrokOptions { ecs, ..GrokOptions::default() };
    let mut format = Format::grok_with(&[format!("%{{{name}}}")], &options).unwrap();
    // A group that matched nothing is not one that took no part.
    format.columns.iter_mut().for_each(|column| column.null.clear());
    format
}

/// Lines of web servers, and such that nearly are.
const WEB_LINES: [&str; 30] = [
    r#"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "GET /a?b=1 HTTP/1.1" 200 512 "-" "curl/8.9 (x; y)""#,
    r#"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "GET /a?b=1 HTTP/1.1" 200 512 "-" "curl/8.9 (x; y)" 17"#,
    r#"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "GET /a?b=1 HTTP/1.1" 200 512 "-" "-""#,
    r#"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "GET /a?b=1 HTTP/1.1" - - "x" "y""#,
    r#"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "GET /a?b=1 HTTP/1.1" 200 -"#,
    r#"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "GET /a?b=1 HTTP/1.1" 200 -5"#,
    r#"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "GET /a?b=1 HTTP/1.1" 200 512x"#,
    r#"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "GET /a?b=1 HTTP/1.1" 200 512.5"#,
    r#"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "GET /a" 200 512 "-" "curl""#,
    r#"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "GET /a HTTP/1.1x" 200 512 "-" "curl""#,
    r#"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "GET /a HTTP/" 200 512 "-" "curl""#,
    r#"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "GET /a b HTTP/1.1" 200 512 "-" "curl""#,
    r#"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "GET" 200 512 "-" "curl""#,
    r#"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "GET " 200 512 "-" "curl""#,
    r#"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "-" 408 - "-" "-""#,
    r#"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "" 400 0 "-" "-""#,
    r#"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "\x16\x03\x01" 400 226 "-" "-""#,
    r#"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "- x" 400 226 "-" "-""#,
    r#"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "GET /"a HTTP/1.1" 200 512 "-" "curl""#,
    r#"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "GET /a" HTTP/1.1" 200 512 "-" "curl""#,
    r#"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "GET /a" 200 5 HTTP/1.1" 200 512 "-" "curl""#,
    r#"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "GET /a HTTP/1.1" 200 512 "a\"b" "c\"""#,
    r#"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "GET /a HTTP/1.1" 200 512 "a\\" "c\\""#,
    r#"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "GET /a HTTP/1.1" 200 512 "-" 'curl'"#,
    r#"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "GET /a HTTP/1.1" 200 512 'x "y" z' "curl""#,
    r#"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "-" 200 5 "x" "y" 200 512 "-" "curl""#,
    r#"web-1.example.com - - [05/Mar/2026:10:00:01 +0900] "POST /é HTTP/2" 200 512 "-" "é""#,
    r#"x 192.0.2.7 - - [05/Mar/2026:10:00:01 +0900] "POST / HTTP/2" 200 512 "-" "é""#,
    r#"192.0.2.7 - ana@example.org [05/Mar/2026:10:00:01 +0900] "GET / HTTP/1.0" 200 512 "--" "-x""#,
    r#"2001:db8::1 - - [5/mar/26:1:00:01 0] "GET / HTTP/1.0" 200 512 "" """#,
];

/// Named patterns find what the crate finds, on lines as they are and with bytes changed.
#[test]
fn named_patterns_are_what_the_crate_says() {
    let lines: Vec<String> = WEB_LINES.iter().map(|line| (*line).to_owned()).collect();
    for (name, ecs) in [
        ("COMMONAPACHELOG", false),
        ("COMMONAPACHELOG", true),
        ("COMBINEDAPACHELOG", false),
        ("COMBINEDAPACHELOG", true),
    ] {
        let format = grok(name, ecs);
        check(&format, &lines);
        lines.iter().for_each(|line| check(&format, std::slice::from_ref(line)));
    }
}

/// A part of an expression between others.
fn part() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        r"\S+",
        r"\S*",
        r"\d+",
        r"[^ ]*",
        r#"[^"]*"#,
        r"[^\]]+",
        r".*?",
        r".*",
        r".+?",
        r"\w+",
        r"[a-c]{1,2}",
        r"a|ab|-",
        r"\d+|-",
        r"(?:a|b)+",
        r"[^,]+?",
        r"\b\w+\b",
        r"(?:\d+:)?\d+",
        r"(?i:ab)",
        r"é*",
        r"\w+ \w+",
        r"-|(?<gN>\d+)",
        r"-|(?<gN>.*?)",
        r"(?<gN>a\w*)|(?<hN>\w+)",
        r"a b|a|-",
        r#""[^"]*"|-"#,
        r#""(?:[^"\\]|\\.)*"|'[^']*'"#,
        r#""(?<gN>[^"]*)"|-"#,
        r"(?<gN>\w+) (?<hN>\S+)|(?<iN>.*?)",
        r"(?<gN>[a-b]+) (?<hN>\S+)(?: x(?<iN>\d+))?|-",
    ])
}

fn between() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        " ",
        " ",
        " ",
        ", ",
        ",",
        ": ",
        r#" ""#,
        r#"" "#,
        r#"" ""#,
        r"\] ",
        r" \[",
        r"\s+",
        r"\s*",
        r":\s*",
        " - ",
        "",
        r"(?: x)?",
        r"(?: \d+)? ",
        r#"(?: "[ab]*")?"#,
        r#" (?:"[ab]*"|-)"#,
        "(?: x|, )",
        r#"(?: |")"#,
    ])
}

/// `PROPTEST_CASES` may ask for more.
fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig { cases: default.cases.max(1500), ..default }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn lowered_is_what_the_crate_says(
        parts in prop::collection::vec((part(), between(), any::<bool>()), 1..6),
        (starts, ends) in (any::<bool>(), any::<bool>()),
        lines in prop::collection::vec(r#"[ab1 ,"\\\[\]:é-]{1,14}|[ab1]{1,2}( |, |: | "|\\"|" |\] | \[|  |\t)[ab1 ]{1,3}( |,|: |" |"|\] |)[ab1]{0,2}(" |"|( x)| |)[ab]{0,2}"#, 1..6),
    ) {
        let mut pattern = String::from(if starts { "^" } else { "" });
        for (number, (part, between, is_named)) in parts.iter().enumerate() {
            let is_named = *is_named || number == 0;
            let open = if is_named { format!("(?<f{number}>") } else { "(?:".to_owned() };
            // Each group has a name of its own.
            let part = part.replace("N>", &format!("{number}>"));
            pattern += &format!("{open}{part}){between}");
        }
        pattern += if ends { "$" } else { "" };
        let format = regex(&pattern, Anchored::No);
        check(&format, &lines);
    }

    /// Lines that match, but for some bytes.
    #[test]
    fn lowered_combined_is_what_the_crate_says(
        fields in prop::collection::vec(r#"[a-c0-9/:.]{1,6}|[a-c "\\\]\t]{0,6}|-"#, 9),
        cuts in prop::collection::vec((0..80_usize, any::<prop::sample::Index>()), 0..3),
        anchored in prop::sample::select(vec![Anchored::No, Anchored::Start, Anchored::Full]),
    ) {
        let [a, b, c, d, e, f, g, h, i] = <[String; 9]>::try_from(fields).unwrap();
        let mut grok_line = format!(r#"{a} {b} {c} [05/Mar/2026:10:00:01 +0900] "GET {e} HTTP/1.1" 200 512 "{h}""#);
        let mut line = format!(r#"{a} {b} {c} [{d}] "GET {e} HTTP/1.1" 20{f} {g} "{h}" "{i}""#);
        for line in [&mut line, &mut grok_line] {
            for (_, at) in &cuts {
                let at = at.index(line.len());
                if line.is_char_boundary(at) {
                    line.truncate(at.max(1));
                    line.push('"');
                }
            }
        }
        check(&regex(COMBINED, anchored), &[line.clone(), line]);
        let line = grok_line;
        // Who asks for the text behind the match gets the expression alone.
        let grok = Format::grok(GROK).unwrap();
        prop_assert!(explain(&grok).contains("delimiter program on SIMD positions"));
        let lowered = read_bytes((line.clone() + "\n").as_bytes(), &Arc::new(grok.clone()), options()).unwrap();
        let extra = Options { extra: Some(logarrow::format::Extra::Count), ..options() };
        let plain = read_bytes((line + "\n").as_bytes(), &Arc::new(grok), extra).unwrap();
        prop_assert_eq!(lowered.rows, plain.rows);
    }
}
