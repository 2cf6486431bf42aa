//! Real logs of other projects with the values those projects state. The folder is no part of the repository: without
//! it (`LOGARROW_CORPUS`, else `../shared/corpus` beside the repository) the test has nothing to do and passes.
#![allow(missing_docs)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use common::json::{Json, parse};
use common::{all_columns, cells, lines, numbers, read_bytes, traced};
use jiff::civil::DateTime;
use jiff::{Timestamp, tz::TimeZone};
use logarrow::format::named;
use logarrow::{Format, Options};

/// Stated values that name no field of the line, or another thing than ours: the end of the case's name, perhaps with a
/// line (or nothing for all of them); the start of the key; why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("", "program", "the name of the pipeline that read the file, not in the line"),
    ("", "EventId", "a label of log mining, not in the line"),
    ("", "EventTemplate", "a label of log mining, not in the line"),
    ("crowdsec-apache2-logs", "errorcode", "a part of the message, which is one column"),
    ("crowdsec-apache2-logs line 8", "message", "the message without its number; ours keeps it"),
    ("crowdsec-apache2-logs line 9", "message", "the message without its number; ours keeps it"),
    ("crowdsec-apache2-logs", "target_uri", "a part of the message, which is one column"),
    ("crowdsec-apache2-logs", "username", "a part of the message, which is one column"),
    ("Apache_head line 132", "Content", "the client is a column of ours, no part of the message"),
    ("crowdsec-nginx_req_limit_exceeded line 7", "request", NO_PROTOCOL),
    ("crowdsec-nginx_req_limit_exceeded line 8", "request", NO_PROTOCOL),
    ("crowdsec-nginx_req_limit_exceeded line 9", "request", NO_PROTOCOL),
    ("crowdsec-nginx_req_limit_exceeded line 7", "verb", NO_PROTOCOL),
    ("crowdsec-nginx_req_limit_exceeded line 8", "verb", NO_PROTOCOL),
    ("crowdsec-nginx_req_limit_exceeded line 9", "verb", NO_PROTOCOL),
    ("apachelogs-test_parse-011", "request_time_fields", "parts of the time that is a column"),
];

const NO_PROTOCOL: &str = "a request without a protocol is no request line: its whole text is the path";

fn corpus() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let folder = std::env::var_os("LOGARROW_CORPUS").map_or(beside, PathBuf::from);
    folder.is_dir().then_some(folder)
}

/// The formats whose lines a file of this folder may hold.
fn formats(folder: &str, case: &Json) -> Vec<Arc<Format>> {
    let names: &[&str] = match folder {
        "apache_logformat" => {
            let pattern = case.get("pattern").and_then(Json::text).unwrap();
            return vec![Arc::new(Format::apache(pattern).unwrap_or_else(|err| panic!("{pattern}: {err}")))];
        }
        "apache_access" => &["apache.combined", "apache.vhost_combined", "apache.common", "apache.error"],
        "apache_error" => &["apache.error"],
        "nginx_access" => &["nginx.combined", "nginx.main", "apache.vhost_combined", "nginx.error"],
        "nginx_error" => &["nginx.error"],
        other => panic!("no formats for the corpus folder {other}"),
    };
    names.iter().map(|name| named(name).unwrap()).collect()
}

/// The spellings a text may be compared in: as it is with single blanks, as a number, as a time.
fn spellings(text: &str) -> BTreeSet<String> {
    if text.is_empty() || text == "-" {
        return BTreeSet::from(["null".to_owned()]);
    }
    let mut out = BTreeSet::from([text.split_whitespace().collect::<Vec<_>>().join(" ")]);
    if let Ok(number) = text.parse::<f64>() {
        out.insert(format!("number {number:.6}"));
    }
    let zoned = |pattern: &str| jiff::fmt::strtime::parse(pattern, text).and_then(|time| time.to_timestamp()).ok();
    let civil = |pattern: &str| {
        DateTime::strptime(pattern, text)
            .and_then(|time| time.to_zoned(TimeZone::UTC))
            .map(|time| time.timestamp())
            .ok()
    };
    let time = zoned("%d/%b/%Y:%H:%M:%S %z")
        .or_else(|| text.parse::<Timestamp>().ok())
        .or_else(|| civil("%a %b %d %H:%M:%S%.f %Y"))
        .or_else(|| civil("%Y/%m/%d %H:%M:%S"));
    out.extend(time.map(|time| format!("time {}", time.as_millisecond())));
    out
}

fn wanted(key: &str, value: &Json) -> BTreeSet<String> {
    match value {
        Json::Null => spellings(""),
        Json::Number(number) => spellings(&number.to_string()),
        // Our protocol says which one; theirs only the version.
        Json::Text(text) if matches!(key, "httpversion" | "http_version") => spellings(&format!("HTTP/{text}")),
        Json::Text(text) => spellings(text),
        other => panic!("{key}: {other:?}"),
    }
}

/// Every value of a line, in all spellings: by each format that takes it.
fn found(bytes: &[u8], formats: &[Arc<Format>], what: &str) -> BTreeMap<i64, BTreeSet<String>> {
    let mut out: BTreeMap<i64, BTreeSet<String>> = BTreeMap::new();
    let count = lines(bytes).len() as u64;
    for format in formats {
        let options = Options { columns: Some(all_columns(format)), ..traced() };
        let whole = read_bytes(bytes, format, options).unwrap();
        let counts = &whole.report.counts;
        // `read_bytes` has checked that they add up.
        assert_eq!((counts.records, counts.lines), (count, count), "{what}: lines are missing");
        assert_eq!(whole.rejects.num_rows() as u64, (counts.malformed + counts.bad_values).min(10_000), "{what}");
        let line_numbers = numbers(&whole.rows, "_line");
        for field in whole.rows.schema().fields() {
            for (line, cell) in line_numbers.iter().zip(cells(&whole.rows, field.name())) {
                out.entry(*line).or_default().extend(spellings(cell.as_deref().unwrap_or_default()));
            }
        }
    }
    out
}

#[test]
fn stated_values_are_found() {
    let Some(corpus) = corpus() else { return };
    let (mut wrong, mut cases, mut values, mut used) = (Vec::new(), 0, 0, BTreeSet::new());
    for folder in ["apache_access", "apache_error", "apache_logformat", "nginx_access", "nginx_error"] {
        for entry in std::fs::read_dir(corpus.join(folder)).into_iter().flatten() {
            let path = entry.unwrap().path();
            let case = parse(&std::fs::read_to_string(path.join("case.json")).unwrap());
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let bytes = std::fs::read(path.join("input.log")).unwrap();
            let found = found(&bytes, &formats(folder, &case), &name);
            let stated = std::fs::read_to_string(path.join("expected.jsonl")).unwrap_or_default();
            cases += 1;
            for row in stated.lines().map(parse) {
                let Json::Map(row) = row else { panic!("{name}: no object") };
                let Some(Json::Number(line)) = row.get("_line") else { panic!("{name}: no line") };
                let nothing = BTreeSet::new();
                let have = found.get(&(*line as i64)).unwrap_or(&nothing);
                for (key, value) in
                    row.iter().filter(|(key, _)| !key.starts_with(['_']) && !key.starts_with("directives"))
                {
                    let place = format!("{name} line {line}");
                    let is_excepted = |(case, excepted, _): &(&str, &str, &str)| {
                        (name.ends_with(case) || place.ends_with(case)) && key.starts_with(excepted)
                    };
                    if let Some(at) = EXCEPTIONS.iter().position(is_excepted) {
                        used.insert(at);
                        continue;
                    }
                    values += 1;
                    if have.is_disjoint(&wanted(key, value)) {
                        wrong.push(format!("{folder}/{name} line {line}: {key} is {value:?}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {values} values:\n{}", wrong.len(), wrong.join("\n"));
    assert!(cases >= 20 && values > 800, "{cases} cases, {values} values: the corpus is not all there");
    assert_eq!(used.len(), EXCEPTIONS.len(), "an exception that excepts nothing");
}
