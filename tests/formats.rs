//! The samples of each built-in format are its tests: each gives exactly its row, each reject is refused for its reason.
#![allow(missing_docs)]

mod common;

use std::sync::Arc;

use arrow::array::RecordBatch;
use common::{all_columns, cells, levels, options, read_bytes};
use logarrow::format::{Extra, Format, From, Header, Layout, RequestPart, builtin_formats, named};
use logarrow::{OnError, Options};

/// As written, and as it comes back from its own file.
fn twice(format: &Arc<Format>) -> [Arc<Format>; 2] {
    let back = Format::from_toml(&format.to_toml(), "back.toml").unwrap();
    [format.clone(), Arc::new(back)]
}

fn expected(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Array(items) => format!("[{}]", items.iter().map(expected).collect::<Vec<_>>().join(", ")),
        toml::Value::Table(members) => {
            let members = members.iter().map(|(name, value)| format!("{name}: {}", expected(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// Compares every column of row `at`, those on demand too, with what the sample says; left out means null.
fn check_row(format: &Format, rows: &RecordBatch, at: usize, row: &toml::Table, what: &str) {
    if has_first_header(format) || finds_columns(format) {
        for field in rows.schema().fields() {
            let cell = cells(rows, field.name())[at].clone();
            assert_eq!(cell, row.get(field.name()).map(expected), "{what}: column {}", field.name());
        }
        assert!(row.keys().all(|name| rows.column_by_name(name).is_some()), "{what}: {}", rows.schema());
        return;
    }
    for name in row.keys() {
        let is_column = format.columns.iter().any(|column| column.name == *name);
        assert!(is_column || format.wants_keys(), "{what}: no column {name}");
    }
    let own = format.columns.iter().map(|column| &column.name);
    for name in own.chain(row.keys().filter(|name| is_key(format, name))) {
        let cell = cells(rows, name)[at].clone();
        let want = row.get(name).map(expected);
        if want.is_none() && (is_whole_request(format, name) || is_all_pairs(format, name)) {
            continue;
        }
        assert_eq!(cell, want, "{what}: column {name}");
    }
}

/// Whether a sample's value is that of a key for which the format has no column of its own.
fn is_key(format: &Format, name: &str) -> bool {
    !format.columns.iter().any(|column| column.name == *name)
}

/// The columns of a format, and those of the keys in its samples.
fn sample_columns(format: &Format) -> Vec<String> {
    let mut out = all_columns(format);
    for name in format.samples.iter().flat_map(|sample| sample.row.keys()) {
        if !out.contains(name) {
            out.push(name.clone());
        }
    }
    out
}

/// Whether a column is all pairs, which are columns too.
fn is_all_pairs(format: &Format, name: &str) -> bool {
    let column = format.columns.iter().find(|column| column.name == name);
    column.is_some_and(|column| column.dtype.name.starts_with("map"))
}

/// Whether the first record of a file names the columns: samples begin with one.
fn has_first_header(format: &Format) -> bool {
    matches!(&format.layout, Layout::Delimited(delimited) if delimited.header == Header::First)
}

/// Whether the columns are found in a sample of the source.
fn finds_columns(format: &Format) -> bool {
    matches!(&format.layout, Layout::Json(json) if json.find_columns)
}

/// Whether a column is the request line whose parts are columns too: it repeats them.
fn is_whole_request(format: &Format, name: &str) -> bool {
    let Some(column) = format.columns.iter().find(|column| column.name == name) else { return false };
    let From::Capture(capture) = &column.from else { return false };
    column.on_demand
        && format.columns.iter().any(|other| other.from == From::Request(capture.clone(), RequestPart::Path))
}

#[test]
fn samples_give_exactly_their_rows() {
    assert!(builtin_formats().len() >= 7);
    for format in builtin_formats() {
        assert!(format.samples.len() >= 3 && !format.rejects.is_empty(), "{}", format.name);
        for format in twice(format) {
            for sample in &format.samples {
                for end in ["\n", "\r\n", ""] {
                    for level in levels() {
                        let what = format!("{} {sample:?} {end:?} {level:?}", format.name);
                        let text = format!("{}{end}", sample.line);
                        let columns = Some(sample_columns(&format))
                            .filter(|_| !has_first_header(&format) && !finds_columns(&format));
                        let whole = read_bytes(text.as_bytes(), &format, Options { columns, simd: level, ..options() })
                            .unwrap();
                        let counts = &whole.report.counts;
                        let header = u64::from(has_first_header(&format));
                        assert_eq!((counts.records, counts.rows, counts.bad_values), (1 + header, 1, 0), "{what}");
                        assert_eq!(counts.skipped, header, "{what}");
                        check_row(&format, &whole.rows, 0, &sample.row, &what);
                    }
                }
            }
        }
    }
}

/// What `docs/formats.md` is made of is there for every format.
#[test]
fn formats_and_columns_are_described() {
    const UNITS: [&str; 6] = ["B", "s", "ms", "us", "ns", "kbit/s"];
    let mut wrong = Vec::new();
    for format in builtin_formats() {
        let name = &format.name;
        let mut check = |is_good: bool, what: &str| {
            if !is_good {
                wrong.push(format!("{name}: {what}"));
            }
        };
        check(format.samples.len() >= 3, "fewer than three samples");
        check(!format.rejects.is_empty(), "no reject");
        check(!format.title.is_empty(), "no title");
        check(format.source.starts_with("https://"), "no source document");
        for sample in &format.samples {
            check(!sample.row.is_empty(), &format!("a sample without values: {}", sample.line));
        }
        for column in &format.columns {
            let name = &column.name;
            let ends_well = !column.doc.ends_with('.') || column.doc.ends_with("...");
            check(!column.doc.is_empty() && ends_well, &format!("doc of column {name}"));
            let unit = column.unit.as_deref();
            check(unit.is_none_or(|unit| UNITS.contains(&unit)), &format!("unit {unit:?} of column {name}"));
            let is_number = column.dtype.name.starts_with("int") || column.dtype.name.starts_with("float");
            let is_size = is_number && (name == "bytes" || name.ends_with("_bytes"));
            check(!is_size || unit == Some("B"), &format!("no unit B at column {name}"));
        }
        if format.name.starts_with("aws.") {
            // AWS adds fields at the end; text behind the last one is no reason to lose a row.
            let is_open = format.extra != Extra::Reject || !matches!(&format.layout, Layout::Pattern(_));
            check(is_open || name == "aws.cloudwatch_export", "a line that grows is a reject");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn samples_stand_together() {
    for format in builtin_formats().iter().filter(|format| !has_first_header(format)) {
        for level in levels() {
            for end in ["\n", "\r\n"] {
                // Each after each, with rejects between: what a record leaves behind must not reach the next.
                let mut text = String::new();
                let mut want = Vec::new();
                for first in &format.samples {
                    for second in &format.samples {
                        let reject = &format.rejects[want.len() % format.rejects.len()];
                        text += &[&first.line, end, &second.line, end, &reject.line, end].concat();
                        want.extend([first, second]);
                    }
                }
                let columns = Some(sample_columns(format)).filter(|_| !finds_columns(format));
                let whole = read_bytes(text.as_bytes(), format, Options { columns, simd: level, ..options() }).unwrap();
                assert_eq!(whole.rows.num_rows(), want.len(), "{}", format.name);
                assert_eq!(whole.report.counts.rejected as usize, want.len() / 2, "{}", format.name);
                for (at, sample) in want.iter().enumerate().step_by(7) {
                    check_row(format, &whole.rows, at, &sample.row, &format!("{} row {at}", format.name));
                }
            }
        }
    }
}

#[test]
fn rejects_are_refused_for_their_reason() {
    let mut wrong = Vec::new();
    for format in builtin_formats() {
        for format in twice(format) {
            for reject in &format.rejects {
                for end in ["\n", "\r\n", ""] {
                    for level in levels() {
                        let text = format!("{}{end}", reject.line);
                        let options = Options { simd: level, ..options() };
                        let whole = read_bytes(text.as_bytes(), &format, options.clone()).unwrap();
                        let counts = &whole.report.counts;
                        let header = u64::from(has_first_header(&format));
                        let got = (counts.records, counts.rejected);
                        assert_eq!(got, (1 + header, 1), "{} {reject:?}", format.name);
                        let reason = cells(&whole.rejects, "reason")[0].clone().unwrap();
                        // The whole reason: a reject that is refused for something else tests nothing.
                        if reason != reject.why {
                            wrong.push(format!("{} {:?}: {reason:?}, not {:?}", format.name, reject.line, reject.why));
                        }
                        let line =
                            reject.line.split_once('\n').filter(|_| header > 0).map_or(&*reject.line, |(_, line)| line);
                        assert_eq!(cells(&whole.rejects, "raw")[0].as_deref(), Some(line));
                        let raise = Options { on_error: OnError::Raise, ..options };
                        let err = read_bytes(text.as_bytes(), &format, raise).unwrap_err();
                        assert!(err.message().starts_with(&reason), "{err}");
                    }
                }
            }
        }
    }
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const COMMON: &str = r#"%h %l %u %t "%r" %>s %b"#;
const NGINX: &str = r#"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent""#;

/// What the compilers make of the servers' own strings gives the rows of the named formats.
#[test]
fn compiled_strings_equal_the_named_formats() {
    let combined = format!(r#"{COMMON} "%{{Referer}}i" "%{{User-Agent}}i""#);
    // Samples that only the named format takes: other writers' lines, for which it has a second line.
    let cases = [
        ("apache.common", Format::apache(COMMON), 0),
        ("apache.common", Format::apache("common"), 0),
        ("apache.combined", Format::apache(&combined), 0),
        ("apache.combined", Format::apache("combined"), 0),
        ("apache.vhost_combined", Format::apache(&format!("%v:%p {combined}")), 1),
        ("nginx.combined", Format::nginx(NGINX), 2),
        ("nginx.combined", Format::nginx("combined"), 2),
        ("nginx.main", Format::nginx(&format!(r#"{NGINX} "$http_x_forwarded_for""#)), 2),
    ];
    for (name, compiled, wanted_misses) in cases {
        let (format, compiled) = (named(name).unwrap(), Arc::new(compiled.unwrap()));
        let shared: Vec<String> =
            all_columns(&format).into_iter().filter(|name| all_columns(&compiled).contains(name)).collect();
        let missing: Vec<_> = all_columns(&format).into_iter().filter(|name| !shared.contains(name)).collect();
        assert!(missing.iter().all(|column| column == "ident"), "{name}: {missing:?}");
        let mut misses = 0;
        for sample in &format.samples {
            let options = || Options { columns: Some(shared.clone()), ..options() };
            let want = read_bytes(sample.line.as_bytes(), &format, options()).unwrap().rows;
            let got = read_bytes(sample.line.as_bytes(), &compiled, options()).unwrap().rows;
            if got.num_rows() == 0 {
                misses += 1;
            } else {
                assert_eq!(got, want, "{name}: {}", sample.line);
            }
        }
        assert_eq!(misses, wanted_misses, "{name}");
        for reject in &format.rejects {
            assert_eq!(read_bytes(reject.line.as_bytes(), &compiled, options()).unwrap().rows.num_rows(), 0);
        }
    }
}
