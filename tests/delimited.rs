//! Delimited records: the fast path equals the exact one, and no cut of the input changes an answer.
#![allow(missing_docs)]

mod common;

use std::sync::Arc;

use common::{cells, levels, options, read, read_bytes, traced};
use logarrow::format::{Format, named};
use logarrow::{Options, Source};
use proptest::prelude::*;

/// The plainest reading of RFC 4180: records of fields, `None` for a malformed one.
fn plain(text: &str, width: usize) -> Vec<Option<Vec<Option<String>>>> {
    let mut out = Vec::new();
    let mut rest: &str = text;
    while !rest.is_empty() {
        let line_end = rest.find('\n').map_or(rest.len(), |at| at + 1);
        let (fields, len) = record(rest).unwrap_or((None, line_end));
        if rest[..len].trim_end_matches(['\n']).is_empty() {
            rest = &rest[len..];
            continue;
        }
        rest = &rest[len..];
        out.push(fields.filter(|fields| fields.len() <= width).map(|fields: Vec<String>| {
            let cells = fields.into_iter().map(|field| Some(field).filter(|field| !field.is_empty()));
            cells.chain(std::iter::repeat(None)).take(width).collect()
        }));
    }
    out
}

/// The first record, if its quotes close, and its length.
fn record(text: &str) -> Option<(Option<Vec<String>>, usize)> {
    let bytes: Vec<char> = text.chars().collect();
    let (mut fields, mut at, mut good) = (Vec::new(), 0, true);
    loop {
        let mut field = String::new();
        if bytes.get(at) == Some(&'"') {
            at += 1;
            loop {
                match (bytes.get(at)?, bytes.get(at + 1)) {
                    ('"', Some('"')) => {
                        field.push('"');
                        at += 2;
                    }
                    ('"', _) => break,
                    (c, _) => {
                        field.push(*c);
                        at += 1;
                    }
                }
            }
            at += 1;
            good &= matches!(bytes.get(at), None | Some(',' | '\n'));
        }
        while let Some(c) = bytes.get(at).filter(|c| !matches!(c, ',' | '\n')) {
            field.push(*c);
            at += 1;
        }
        fields.push(field);
        at += 1;
        if bytes.get(at - 1) != Some(&',') {
            let len: usize = bytes[..at.min(bytes.len())].iter().map(|c| c.len_utf8()).sum();
            return Some((good.then_some(fields), len));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn every_path_reads_alike(text in "([ab\\\\]|\"|\"\"|\n|,|,\"|\",|\"\n|é){0,60}") {
        let format = Arc::new(Format::delimited(",", Some('"'), &["x", "y", "z"]).unwrap());
        let want = plain(&text, 3);
        for level in levels() {
            for chunk_bytes in [1, 7, 1 << 20] {
                let options = Options { simd: level, chunk_bytes, ..options() };
                let whole = read_bytes(text.as_bytes(), &format, options).unwrap();
                let columns = ["x", "y", "z"].map(|name| cells(&whole.rows, name));
                let got: Vec<Vec<_>> = (0..whole.rows.num_rows())
                    .map(|row| columns.iter().map(|column| column[row].clone()).collect()).collect();
                let rows: Vec<_> = want.iter().flatten().cloned().collect();
                prop_assert_eq!(&got, &rows, "{:?} {:?} {}", text, level, chunk_bytes);
                prop_assert_eq!(whole.report.counts.rejected as usize, want.len() - rows.len(), "{:?}", text);
            }
        }
    }
}

const IIS: &str = "\
#Software: x
#Fields: date time cs-method sc-status
2026-03-05 10:00:01 GET 200
2026-03-05 10:00:02 GET 201
#Fields: date time sc-status x-new cs-method
2026-03-05 10:00:03 202 n PUT
2026-03-05 10:00:04 203
#Fields: time cs-method
10:00:05 POST
";

#[test]
fn headers_in_mid_file() {
    let format = named("iis.w3c").unwrap();
    for chunk_bytes in [1, 30, 60, 100, 1 << 20] {
        for (level, threads) in levels().into_iter().flat_map(|level| [(level, 1), (level, 3)]) {
            let options =
                Options { chunk_bytes, simd: level, threads, extra: Some(logarrow::format::Extra::Column), ..traced() };
            let files = ["a.log", "b.log"].map(|name| Source::bytes(name, IIS.as_bytes().to_vec()));
            for file in files {
                let whole = read(file, &format, options.clone()).unwrap();
                let column = |name: &str| {
                    cells(&whole.rows, name).into_iter().map(Option::unwrap_or_default).collect::<Vec<_>>().join(" ")
                };
                assert_eq!(column("cs_method"), "GET GET PUT POST", "{chunk_bytes}");
                assert_eq!(column("sc_status"), "200 201 202 ");
                assert_eq!(column("date"), "2026-03-05 2026-03-05 2026-03-05 ");
                assert_eq!(column("_extra"), "  n ");
                assert_eq!(column("_line"), "3 4 6 9");
                assert_eq!((whole.report.counts.skipped, whole.report.counts.rejected), (4, 1));
            }
        }
    }
}

#[test]
fn a_first_record_names_columns_once() {
    let format = named("csv").unwrap();
    let text = "\n\"a b\",c\r\n1,\"x\r\ny\"\r\n\r\n2,\"un\"\"quoted\"\n3\n";
    for chunk_bytes in [1, 5, 20, 1 << 20] {
        for limit in [None, Some(1), Some(2)] {
            let options = Options { chunk_bytes, limit, ..options() };
            let whole = read_bytes(text.as_bytes(), &format, options).unwrap();
            let count = limit.unwrap_or(3) as usize;
            let some = |texts: [&str; 3]| -> Vec<_> {
                texts.iter().take(count).map(|text| Some((*text).to_owned()).filter(|text| !text.is_empty())).collect()
            };
            assert_eq!(cells(&whole.rows, "a b"), some(["1", "2", "3"]));
            assert_eq!(cells(&whole.rows, "c"), some(["x\r\ny", "un\"quoted", ""]));
        }
    }
}

#[test]
fn zeek_types_and_separator() {
    let text = "#separator |\n#set_separator|;\n#unset_field|~\n#path|x\n#fields|ts|id.orig_h|tags|note\n\
        #types|time|addr|set[string]|string\n1772704801.5|192.0.2.7|a;b|~\n1772704802.5|~|~|\\x7c\\\\\n#close|x\n";
    let whole = read_bytes(text.as_bytes(), &named("zeek.tsv").unwrap(), options()).unwrap();
    assert_eq!(cells(&whole.rows, "tags"), [Some("[a, b]".into()), None]);
    assert_eq!(cells(&whole.rows, "note"), [None, Some("|\\".into())]);
    assert_eq!(cells(&whole.rows, "id_orig_h"), [Some("192.0.2.7".into()), None]);
    assert_eq!(whole.report.counts.skipped, 7);
}

#[test]
fn sniffing_leaves_other_logs_alone() {
    let choose = |text: &str| {
        let source = Source::bytes("a.log", text.as_bytes().to_vec());
        logarrow::infer::choose(&source, &options()).map(|format| format.name.clone())
    };
    assert_eq!(choose("a,b\n1,2\n").unwrap(), "csv");
    assert_eq!(choose("a\tb\n1\t2\n3\t4\n").unwrap(), "tsv");
    let iis = IIS.replace("2026-03-05 10:00:04 203\n", "");
    assert_eq!(choose(&iis).unwrap(), "iis.w3c");
    assert!(choose("buy milk, bread\n").is_err());
    assert!(choose("one\ntwo\n").is_err());
}

#[test]
fn an_unclosed_quote_costs_one_line() {
    let format = Arc::new(Format::delimited(",", Some('"'), &["x", "y"]).unwrap());
    let text = format!("1,\"open\n{}", "2,b\n".repeat(500));
    for max_record_bytes in [64, 1 << 20] {
        for chunk_bytes in [1, 100, 1 << 20] {
            let options = Options { max_record_bytes, chunk_bytes, ..options() };
            let whole = read_bytes(text.as_bytes(), &format, options).unwrap();
            assert_eq!((whole.report.counts.rows, whole.report.counts.rejected), (500, 1), "{chunk_bytes}");
        }
    }
}

/// Doubled quotes beside an escape, as opencsv reads both.
#[test]
fn quotes_are_doubled_or_escaped() {
    let text = r#"
name = "own"
delimited = { delimiter = ",", quote = '"', quote_escape = '\', escaping = "opencsv", fields = ["a", "b"] }
"#;
    let format = Arc::new(Format::from_toml(text, "own.toml").unwrap());
    assert_eq!(Format::from_toml(&format.to_toml(), "again").unwrap(), *format);
    let log = br#""a""b",c\d
"a\"b","x""y\\z"
pl\\ain,"quoted"
a""b\,"\"q"
"a,b",""""
"q"x,1
\"a,"""
"#;
    for simd in levels() {
        let whole = read_bytes(log, &format, Options { simd, ..options() }).unwrap();
        let [a, b] = ["a", "b"].map(|name| cells(&whole.rows, name).into_iter().flatten().collect::<Vec<_>>());
        assert_eq!(a, ["a\"b", "a\"b", "plain", "a\"\"b", "a,b"], "{simd:?}");
        assert_eq!(b, ["cd", "x\"y\\z", "quoted", "\"q", "\""], "{simd:?}");
        let reasons = cells(&whole.rejects, "reason").into_iter().flatten().collect::<Vec<_>>();
        assert_eq!(reasons, ["expected \",\" behind the closing quote", "expected a closing \""]);
    }
    let wrong = text.replace("quote_escape = '\\', ", "");
    let err = Format::from_toml(&wrong, "own.toml").unwrap_err();
    assert!(err.message().contains("the rule of escapes does not go with the quotes"), "{err}");
}
