//! Real logs of other projects with the values those projects state. The folder is no part of the repository: without
//! it (`LOGARROW_CORPUS`, else `../shared/corpus` beside the repository) the test has nothing to do and passes.
//! `tests/corpus/` holds a file for each folder: the formats of its lines, and stated values that are excepted.
#![allow(missing_docs)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use common::json::{Json, parse};
use common::{all_columns, cells, lines, numbers, read_bytes, traced};
use jiff::civil::DateTime;
use jiff::{Timestamp, tz::TimeZone};
use logarrow::format::{Framing, GrokOptions, Layout, named};
use logarrow::{Format, Options};

/// What a file of `tests/corpus/` says about the corpus folder of its name.
#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Folder {
    /// The formats a line may have.
    #[serde(default)]
    formats: Vec<String>,
    /// A format of the test's own, as its file: for logs that the library has no format for.
    own: Option<String>,
    /// The pattern language of the cases, each of which has a pattern.
    language: Option<String>,
    /// Patterns that are errors, as they are where the language is from.
    #[serde(default)]
    refused: Vec<String>,
    #[serde(default, rename = "except")]
    exceptions: Vec<Exception>,
}

/// Stated values that name no field of the line, or another thing than ours.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    /// The end of the case's name; all cases without.
    #[serde(default)]
    case: String,
    /// A line; all of them without.
    line: Option<i64>,
    /// The start of the key.
    key: String,
    /// Why it is not found.
    #[expect(dead_code, reason = "for people")]
    why: String,
}

/// The files of `tests/corpus/`, by name.
fn folders() -> BTreeMap<String, Folder> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let files = std::fs::read_dir(here).unwrap().map(|entry| entry.unwrap().path());
    files
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let folder = toml::from_str(&text).unwrap_or_else(|err| panic!("{}: {err}", path.display()));
            (path.file_stem().unwrap().to_str().unwrap().to_owned(), folder)
        })
        .collect()
}

fn corpus() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let folder = std::env::var_os("LOGARROW_CORPUS").map_or(beside, PathBuf::from);
    folder.is_dir().then_some(folder)
}

/// The formats whose lines a case may hold.
fn formats(folder: &Folder, case: &Json) -> Vec<Arc<Format>> {
    let Some(language) = &folder.language else {
        let own = folder.own.iter().map(|text| Arc::new(Format::from_toml(text, "own.toml").unwrap()));
        return folder.formats.iter().map(|name| named(name).unwrap()).chain(own).collect();
    };
    let pattern = case.get("pattern").and_then(Json::text).unwrap();
    let format = match language.as_str() {
        "apache" => Format::apache(pattern),
        "dissect" => Format::dissect(pattern, case.get("append_separator").and_then(Json::text)),
        "grok" => {
            let ecs = case.get("pattern_set").and_then(Json::text) != Some("legacy");
            Format::grok_with(&[pattern], &GrokOptions { ecs, ..GrokOptions::default() })
        }
        "hive" => Format::hive(case.get("table_ddl").and_then(Json::text).unwrap()),
        other => panic!("no language is called {other}"),
    };
    match format {
        Ok(format) => vec![Arc::new(format)],
        // What the language refuses too: every record is one that it does not read.
        Err(err) if folder.refused.iter().any(|refused| refused == pattern) => {
            assert_eq!(err.kind(), logarrow::ErrorKind::FormatSyntax);
            Vec::new()
        }
        Err(err) => panic!("{pattern}: {err}"),
    }
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
        Json::Bool(truth) => spellings(&truth.to_string()),
        Json::Number(number) => spellings(&number.to_string()),
        // Our protocol says which one; theirs only the version.
        Json::Text(text) if matches!(key, "httpversion" | "http_version") => spellings(&format!("HTTP/{text}")),
        Json::Text(text) => spellings(text),
        other => panic!("{key}: {other:?}"),
    }
}

fn wanted_text(value: &Json) -> BTreeSet<String> {
    match value {
        Json::Number(number) => spellings(&number.to_string()),
        other => spellings(other.text().unwrap_or_default()),
    }
}

/// Every value of a line, in all spellings: by each format that takes it.
fn found(bytes: &[u8], formats: &[Arc<Format>], what: &str) -> BTreeMap<i64, BTreeSet<String>> {
    let mut out: BTreeMap<i64, BTreeSet<String>> = BTreeMap::new();
    let count = lines(bytes).len() as u64;
    for format in formats {
        // Where the keys of the log are the columns, those are all.
        let columns = (!format.wants_keys() && !format.reads_header()).then(|| all_columns(format));
        let options = Options { columns, ..traced() };
        let whole = read_bytes(bytes, format, options).unwrap();
        let counts = &whole.report.counts;
        // `read_bytes` has checked that they add up.
        assert_eq!(counts.lines, count, "{what}: lines are missing");
        let has_newlines = matches!(&format.layout, Layout::Delimited(delimited) if delimited.newlines);
        let is_by_line = format.framing == Framing::Lines && !has_newlines;
        assert!(counts.records == count || !is_by_line, "{what}: records are missing");
        assert_eq!(whole.rejects.num_rows() as u64, (counts.malformed + counts.bad_values).min(10_000), "{what}");
        let line_numbers = numbers(&whole.rows, "_line");
        for field in whole.rows.schema().fields() {
            for (line, cell) in line_numbers.iter().zip(cells(&whole.rows, field.name())) {
                let spelt = spellings(cell.as_deref().unwrap_or_default());
                let own = out.entry(*line).or_default();
                own.extend(spelt.iter().map(|text| named_value(field.name(), text)));
                own.extend(spelt);
            }
        }
    }
    out
}

/// A value with the name of its column, in which only letters and digits count.
fn named_value(name: &str, text: &str) -> String {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("{}\0{text}", plain.to_ascii_lowercase())
}

#[test]
fn stated_values_are_found() {
    let Some(corpus) = corpus() else { return };
    let (mut wrong, mut cases, mut values, mut used) = (Vec::new(), 0, 0, BTreeSet::new());
    let mut folders = folders();
    let common = folders.remove("common").unwrap();
    for (folder, data) in &folders {
        for entry in std::fs::read_dir(corpus.join(folder)).into_iter().flatten() {
            let path = entry.unwrap().path();
            let case = parse(&std::fs::read_to_string(path.join("case.json")).unwrap());
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let bytes = std::fs::read(path.join("input.log")).unwrap();
            let found = found(&bytes, &formats(data, &case), &name);
            let stated = std::fs::read_to_string(path.join("expected.jsonl")).unwrap_or_default();
            cases += 1;
            for (number, row) in stated.lines().map(parse).enumerate() {
                let Json::Map(row) = row else { panic!("{name}: no object") };
                // Where no line is stated, records stand for rows in order.
                let by_number = Json::Number(found.keys().nth(number).map_or(-1.0, |line| *line as f64));
                let Json::Number(line) = row.get("_line").unwrap_or(&by_number) else { panic!("{name}: no line") };
                let nothing = BTreeSet::new();
                let have = found.get(&(*line as i64)).unwrap_or(&nothing);
                let taken =
                    data.exceptions.iter().find(|except| name.ends_with(&except.case) && except.key == "_reject");
                if row.contains_key("_reject")
                    && let Some(exception) = taken
                {
                    used.insert(std::ptr::from_ref(exception));
                } else if row.contains_key("_reject") && !have.is_empty() {
                    wrong.push(format!("{folder}/{name} line {line}: a row, and should be none"));
                }
                for (key, value) in
                    row.iter().filter(|(key, _)| !key.starts_with(['_']) && !key.starts_with("directives"))
                {
                    let is_excepted = |exception: &&Exception| {
                        name.ends_with(&exception.case)
                            && exception.line.is_none_or(|excepted| excepted == *line as i64)
                            && key.starts_with(&exception.key)
                    };
                    // Where a pattern names the fields, the column has that name.
                    let want = match data.language.as_deref() {
                        Some("dissect" | "grok" | "hive") => {
                            wanted_text(value).iter().map(|text| named_value(key, text)).collect()
                        }
                        _ => wanted(key, value),
                    };
                    if !have.is_disjoint(&want) {
                        values += 1;
                    } else if let Some(exception) = common.exceptions.iter().chain(&data.exceptions).find(is_excepted) {
                        used.insert(std::ptr::from_ref(exception));
                    } else {
                        wrong.push(format!("{folder}/{name} line {line}: {key} is {value:?}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {values} values:\n{}", wrong.len(), wrong.join("\n"));
    assert!(cases >= 20 && values > 800, "{cases} cases, {values} values: the corpus is not all there");
    let exceptions = folders.values().map(|folder| folder.exceptions.len()).sum::<usize>() + common.exceptions.len();
    let all = folders.iter().flat_map(|(folder, data)| data.exceptions.iter().map(move |except| (folder, except)));
    let idle: Vec<_> = all.filter(|(_, except)| !used.contains(&std::ptr::from_ref(*except))).collect();
    let idle: Vec<_> = idle.iter().map(|(folder, e)| format!("{folder} {} {:?} {}", e.case, e.line, e.key)).collect();
    assert_eq!(used.len(), exceptions, "exceptions that except nothing: {idle:#?}");
}
