//! Whatever happens to a log, every record is accounted for, and every line is found again.
#![allow(missing_docs)]

mod common;

use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::concat_batches;
use common::{Whole, all_columns, cells, line_formats, lines, numbers, options, read_bytes, traced};
use logarrow::filter::Expr;
use logarrow::format::named;
use logarrow::simd::Level;
use logarrow::{ErrorKind, Format, Include, OnError, Options, Scan, Source};
use proptest::prelude::*;

fn everything(format: &Format) -> Options {
    Options { columns: Some(all_columns(format)), ..traced() }
}

/// Every line is a row, a malformed reject, or blank; in order, with its own text.
fn check_lines(log: &[u8], whole: &Whole, is_json: bool, what: &str) {
    let column = whole.rejects.column_by_name("column").unwrap();
    let (rows, raws) = (numbers(&whole.rows, "_line"), cells(&whole.rows, "_raw"));
    let mut found: Vec<(i64, Option<String>)> = rows.into_iter().zip(raws).collect();
    // Of a reject, the first 4 KiB are kept.
    const KEPT_BYTES: usize = 4096;
    let rejects = numbers(&whole.rejects, "line").into_iter().zip(cells(&whole.rejects, "raw"));
    found.extend(rejects.enumerate().filter(|(i, _)| column.is_null(*i)).map(|(_, reject)| reject));
    found.sort();
    let mut want = Vec::new();
    let mut blank = 0;
    for (i, (_, text)) in lines(log).into_iter().enumerate() {
        // Of JSON, a line of white space holds no value.
        if text.is_empty() || is_json && text.iter().all(|byte| b" \t\r".contains(byte)) {
            blank += 1;
        } else {
            want.push((i as i64 + 1, Some(String::from_utf8_lossy(text).into_owned())));
        }
    }
    for (found, want) in found.iter().zip(&mut want) {
        let is_cut = |want: &String| found.1.as_ref().is_some_and(|kept| want.starts_with(kept.as_str()));
        if want.1.as_ref().is_some_and(|text| text.len() > KEPT_BYTES && is_cut(text)) {
            want.1.clone_from(&found.1);
        }
    }
    assert_eq!(found, want, "{what}");
    assert_eq!(whole.report.counts.skipped, blank, "{what}");
    assert_eq!(whole.report.counts.lines, want.len() as u64 + blank, "{what}");
}

/// The malformed rejects, without the bad cells.
fn malformed(whole: &Whole) -> RecordBatch {
    let column = whole.rejects.column_by_name("column").unwrap();
    arrow::compute::filter_record_batch(&whole.rejects, &arrow::compute::is_null(column).unwrap()).unwrap()
}

/// The modes agree on what is wrong and differ only in what they do about it.
fn check_modes(log: &[u8], format: &Arc<Format>, what: &str) {
    let read = |on_error| read_bytes(log, format, Options { on_error, ..everything(format) });
    let reject = read(OnError::Reject).unwrap();
    check_lines(log, &reject, format.is_json(), what);
    let counts = &reject.report.counts;
    assert_eq!(counts.malformed, counts.rejected, "{what}");
    assert_eq!(malformed(&reject).num_rows() as u64, counts.malformed, "{what}");
    let bad_cells = reject.rejects.num_rows() as u64 - counts.malformed;
    assert_eq!(bad_cells, counts.bad_values, "{what}");

    let skip = read(OnError::Skip).unwrap();
    assert_eq!((&skip.rows, &skip.report.counts), (&reject.rows, counts), "{what}");
    assert_eq!(skip.report.reasons, reject.report.reasons, "{what}");
    assert_eq!(skip.rejects.num_rows(), 0, "{what}: skip keeps no text");

    let null = read(OnError::Null).unwrap();
    let nulls = &null.report.counts;
    assert_eq!(nulls.rows, nulls.records - nulls.skipped, "{what}: a row for each record");
    assert_eq!((nulls.malformed, nulls.rejected), (counts.malformed, 0), "{what}");
    assert_eq!(null.rejects, reject.rejects, "{what}");
    let is_bad = numbers(&malformed(&reject), "line");
    let own: Vec<usize> = (0..format.columns.len()).collect();
    let (mut good, mut at) = (Vec::new(), 0);
    for (i, line) in numbers(&null.rows, "_line").iter().enumerate() {
        if is_bad.binary_search(line).is_ok() {
            let row = null.rows.slice(i, 1).project(&own).unwrap();
            assert!(row.columns().iter().all(|column| column.is_null(0)), "{what}: line {line}");
            at += 1;
        } else {
            good.push(null.rows.slice(i, 1));
        }
    }
    assert_eq!(at, is_bad.len(), "{what}");
    assert_eq!(concat_batches(&null.rows.schema(), &good).unwrap(), reject.rows, "{what}");

    match read(OnError::Raise) {
        Ok(whole) => {
            assert_eq!(reject.rejects.num_rows(), 0, "{what}: nothing was raised");
            assert_eq!(whole.rows, reject.rows, "{what}");
        }
        Err(err) => {
            assert!(reject.rejects.num_rows() > 0, "{what}: raised without a reject: {err}");
            let text = |name: &str| cells(&reject.rejects, name)[0].clone();
            let place = err.position();
            assert_eq!(place.source.as_deref(), Some("a.log"));
            assert_eq!(place.line, Some(numbers(&reject.rejects, "line")[0] as u64), "{what}");
            let at = numbers(&reject.rejects, "at")[0] as u64;
            assert_eq!(place.column, Some(at + 1), "{what}");
            assert_eq!(place.byte, Some(numbers(&reject.rejects, "byte")[0] as u64 + at), "{what}");
            assert_eq!(err.column_name(), text("column").as_deref(), "{what}");
            assert_eq!(err.hint(), text("hint").as_deref(), "{what}");
            assert!(err.message().starts_with(&text("reason").unwrap()), "{what}");
            let kind = if err.column_name().is_some() { ErrorKind::BadValue } else { ErrorKind::Malformed };
            assert_eq!(err.kind(), kind, "{what}");
        }
    }
}

/// Replaced, inserted, deleted, cut off: at every byte of every sample.
#[test]
fn damage_to_every_byte() {
    for format in &line_formats() {
        for sample in &format.samples {
            let line = sample.line.as_bytes();
            let mut log = Vec::new();
            // Of long lines not every byte, so that all rejects are kept.
            for at in (0..=line.len()).step_by(1 + line.len() / 400) {
                let (before, behind) = line.split_at(at);
                log.extend([before, b"\r\n"].concat());
                log.extend([before, &behind[1.min(behind.len())..], b"\n"].concat());
                for byte in [b' ', b'"', b'\\', b'[', b'\n', b'\r', b'-', b'x', 0, 0xff] {
                    log.extend([before, &[byte], behind, b"\n"].concat());
                    log.extend([before, &[byte], &behind[1.min(behind.len())..], b"\n"].concat());
                }
            }
            log.extend_from_slice(line);
            let what = format!("{} {}", format.name, sample.line);
            let whole = read_bytes(&log, format, everything(format)).unwrap();
            assert!(whole.report.counts.malformed > 10 || format.layout_takes_anything(), "{what}");
            assert!(whole.rejects.num_rows() < 10_000);
            check_modes(&log, format, &what);
        }
    }
}

trait Takes {
    fn layout_takes_anything(&self) -> bool;
}

impl Takes for Format {
    fn layout_takes_anything(&self) -> bool {
        self.name.ends_with(".error")
    }
}

/// `where` and `derive` that read columns of their own, for each format.
fn conditions(format: &Format) -> Vec<String> {
    // One on each type there is.
    let first = |is_of: &dyn Fn(&str) -> bool| format.columns.iter().find(|column| is_of(&column.dtype.name));
    let timed = first(&|name| name == "timestamp").map(|column| format!("hour({}) >= 10", column.name));
    let text = first(&|name| name.is_empty() || name == "utf8").map(|column| format!("{} LIKE '%e%'", column.name));
    let number = first(&|name| name.starts_with("int")).map(|column| format!("{} < 300", column.name));
    let negated = number.as_ref().map(|number| format!("NOT ({number})"));
    timed.into_iter().chain(text).chain(number).chain(negated).chain(["1 = 2".into()]).collect()
}

/// Whether a record is malformed never depends on what is asked of it.
#[test]
fn malformed_is_malformed_whatever_is_asked() {
    // Key-value pairs are in tests/pairs.rs.
    for format in line_formats().iter().filter(|format| format.pairs().is_none() && !format.reads_header()) {
        let mut log = Vec::new();
        for sample in &format.samples {
            let line = sample.line.as_bytes();
            for at in (0..line.len()).step_by(2) {
                for byte in b" \"x\n" {
                    log.extend([&line[..at], &[*byte], &line[at + 1..], b"\n"].concat());
                }
            }
        }
        for on_error in [OnError::Reject, OnError::Null] {
            let base = || Options { on_error, ..everything(format) };
            let want = read_bytes(&log, format, base()).unwrap();
            let bad = malformed(&want);
            // Damage to JSON seldom leaves JSON.
            let has_bad_values = want.report.counts.bad_values > 5 || format.is_json();
            assert!(bad.num_rows() > 20 && has_bad_values, "{}", format.name);
            let check = |options: Options, what: &str| {
                let got = read_bytes(&log, format, options).unwrap();
                assert_eq!(malformed(&got), bad, "{} {what}", format.name);
                let (counts, full) = (&got.report.counts, &want.report.counts);
                assert_eq!((counts.records, counts.malformed), (full.records, full.malformed), "{what}");
                if on_error == OnError::Null {
                    assert!(counts.rows >= counts.malformed, "{what}: rows of nulls bypass where");
                }
            };
            check(Options { columns: Some(vec![]), include: vec![], ..base() }, "no columns");
            let one = format.columns[0].name.clone();
            check(Options { columns: Some(vec![one]), ..base() }, "one column");
            for condition in conditions(format) {
                let expr = || Expr::parse(&condition).unwrap();
                check(Options { filter: Some(expr()), ..base() }, &condition);
                check(Options { filter: Some(expr()), columns: Some(vec![]), ..base() }, &condition);
                check(Options { derive: vec![("is_it".into(), expr())], ..base() }, &condition);
            }
        }
    }
}

/// Bad cells: the row is kept, the cell is null, the value is told; only cells that are decoded are judged, those of
/// `where` first.
#[test]
fn bad_values() {
    let line = |status: &str, bytes: &str| {
        format!("192.0.2.7 - - [05/Mar/2026:10:00:01 +0900] \"GET /a HTTP/1.1\" {status} {bytes}\n")
    };
    let log = [line("200", "1"), line("2OO", "5l2"), line("500", "x"), line("99999", "-")].concat();
    let format = named("apache.common").unwrap();
    let read = |options: Options| read_bytes(log.as_bytes(), &format, options).unwrap();
    let names = |whole: &Whole| -> Vec<(i64, String, String)> {
        let (columns, raws) = (cells(&whole.rejects, "column"), cells(&whole.rejects, "raw"));
        let lines = numbers(&whole.rejects, "line");
        (0..lines.len()).map(|i| (lines[i], columns[i].clone().unwrap(), raws[i].clone().unwrap())).collect()
    };
    let bad = |list: &[(i64, &str, &str)]| -> Vec<(i64, String, String)> {
        list.iter().map(|(line, column, raw)| (*line, column.to_string(), raw.to_string())).collect()
    };
    let all = bad(&[(2, "status", "2OO"), (2, "bytes", "5l2"), (3, "bytes", "x"), (4, "status", "99999")]);
    let whole = read(options());
    assert_eq!((whole.report.counts.rows, whole.report.counts.bad_values), (4, 4));
    assert_eq!(names(&whole), all);
    assert_eq!(cells(&whole.rows, "status"), [Some("200".into()), None, Some("500".into()), None]);
    assert_eq!(cells(&whole.rows, "bytes"), [Some("1".into()), None, None, None], "a null token is no bad value");
    assert_eq!(whole.report.reasons[&(Some("bytes".into()), "expected a 64-bit integer".into())], 2);

    let some = read(Options { columns: Some(vec!["path".into()]), ..options() });
    assert_eq!(some.report.counts.bad_values, 0, "cells nobody asked for are not judged");
    // A bad status is NULL to `where`, so its row goes; but it was judged, and its bytes were not.
    let filter = Some(Expr::parse("status >= 500").unwrap());
    let filtered = read(Options { filter: filter.clone(), ..options() });
    assert_eq!(names(&filtered), bad(&[(2, "status", "2OO"), (3, "bytes", "x"), (4, "status", "99999")]));
    assert_eq!((filtered.report.counts.rows, filtered.report.counts.filtered), (1, 3));
    let twice = Options { filter: Some(Expr::parse("status IS NULL OR status < 300").unwrap()), ..options() };
    assert_eq!(names(&read(twice)), bad(&[(2, "status", "2OO"), (2, "bytes", "5l2"), (4, "status", "99999")]));
    let derive = vec![("big".to_owned(), Expr::parse("bytes > 3").unwrap())];
    let derived = read(Options { derive, columns: Some(vec!["path".into()]), ..options() });
    assert_eq!(names(&derived), bad(&[(2, "bytes", "5l2"), (3, "bytes", "x")]), "derived columns judge what they read");
    assert_eq!(cells(&derived.rows, "big"), [Some("false".into()), None, None, None]);

    let raise = Options { on_error: OnError::Raise, filter, columns: Some(vec!["bytes".into()]), ..options() };
    let err = read_bytes(log.as_bytes(), &format, raise).unwrap_err();
    assert_eq!((err.kind(), err.column_name(), err.position().line), (ErrorKind::BadValue, Some("status"), Some(2)));
    for on_error in [OnError::Null, OnError::Skip] {
        let other = read(Options { on_error, ..options() });
        assert_eq!((&other.rows, &other.report.counts), (&whole.rows, &whole.report.counts));
    }
}

/// More rejects than are kept: the counts stay exact.
#[test]
fn rejects_are_counted_beyond_those_kept() {
    let log = "x\n".repeat(10_050) + "\n\n";
    for threads in [1, 2] {
        let options = Options { threads, chunk_bytes: 1 << 16, ..options() };
        let format = named("apache.common").unwrap();
        let whole = read_bytes(log.as_bytes(), &format, options.clone()).unwrap();
        assert_eq!((whole.rejects.num_rows(), whole.report.counts.rejected), (10_000, 10_050));
        assert_eq!(whole.report.counts.skipped, 2);
        // A sink gets all of them.
        let seen = Arc::new(std::sync::Mutex::new(0));
        let sink = seen.clone();
        let options = Options { rejects_to: Some("unused".into()), ..options };
        let scan = Scan::new(Source::bytes("a.log", log.as_bytes()), format).with_options(options);
        let reader = scan.read().unwrap().with_reject_sink(Box::new(move |batch| {
            *sink.lock().unwrap() += batch.num_rows();
            Ok(())
        }));
        assert_eq!(reader.map(|batch| batch.unwrap().num_rows()).sum::<usize>(), 0);
        assert_eq!(*seen.lock().unwrap(), 10_050);
    }
}

/// What replaces bytes that are no UTF-8 is counted by cell; in the text it is what the standard library gives.
#[test]
fn replaced_cells_are_counted() {
    let line = b"192.0.2.7 - \xff [05/Mar/2026:10:00:01 +0900] \"GET /\xc3 \xe6\x9c HTTP/1.1\" 200 1\n";
    let whole = read_bytes(&line.repeat(3), &named("apache.common").unwrap(), options()).unwrap();
    assert_eq!(cells(&whole.rows, "user")[1].as_deref(), Some("\u{fffd}"));
    assert_eq!(whole.report.counts.replaced, 6);
    let path = whole.rows.column_by_name("path").unwrap().as_string::<i32>();
    assert_eq!(path.value(2), String::from_utf8_lossy(b"/\xc3 \xe6\x9c"));
}

/// What only `where` reads is counted for every record, what is given too once, whatever the chunks and threads.
#[test]
fn replaced_cells_of_a_condition_are_counted_once() {
    let line = |user: &str, status: u16| {
        let line = format!("192.0.2.7 - {user} [05/Mar/2026:10:00:01 +0900] \"GET /? HTTP/1.1\" {status} 1\n");
        line.into_bytes().into_iter().map(|byte| if byte == b'?' { 0xff } else { byte }).collect::<Vec<u8>>()
    };
    // Two cells replaced in the first, one in the second, one in the third.
    let log = [line("?", 200), line("ana", 200), line("bob", 500)].concat().repeat(3_000);
    let format = named("apache.common").unwrap();
    let cases: [(&str, Option<&[&str]>, u64); 6] = [
        ("user IS NOT NULL", Some(&["status"]), 3_000),
        ("user = 'bob'", Some(&["status"]), 3_000),
        ("user = 'bob'", None, 3_000 + 3_000),
        ("user = 'bob' AND path IS NOT NULL", None, 4 * 3_000),
        ("path IS NOT NULL AND status = 500", Some(&["path", "user"]), 3 * 3_000),
        ("status = 500", Some(&["path", "user"]), 3_000),
    ];
    for (condition, columns, want) in cases {
        for (threads, chunk_bytes, batch_rows) in [(1, 4 << 20, 1 << 16), (1, 1 << 16, 7), (3, 1 << 17, 1000)] {
            let columns = columns.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
            let filter = Some(Expr::parse(condition).unwrap());
            let asked = Options { filter, columns, threads, chunk_bytes, batch_rows, ..options() };
            let whole = read_bytes(&log, &format, asked).unwrap();
            assert_eq!(whole.report.counts.replaced, want, "{condition} {threads} {chunk_bytes}");
        }
    }
    // Records behind the last row asked for are not counted.
    let filter = Some(Expr::parse("user = 'bob'").unwrap());
    let limited = Options { filter, limit: Some(2), columns: Some(vec!["status".into()]), ..options() };
    assert_eq!(read_bytes(&log, &format, limited).unwrap().report.counts.replaced, 2);
}

#[derive(Clone, Debug)]
enum Damage {
    Replace(u8),
    Insert(u8),
    Delete,
    Truncate,
    Double,
}

fn damage() -> impl Strategy<Value = Damage> {
    let byte = || prop_oneof![prop::sample::select(b" \"\\\n\r[]-:,x0\0\xff".to_vec()), any::<u8>()];
    prop_oneof![
        byte().prop_map(Damage::Replace),
        byte().prop_map(Damage::Insert),
        Just(Damage::Delete),
        Just(Damage::Truncate),
        Just(Damage::Double),
    ]
}

fn spoil(log: &mut Vec<u8>, at: usize, damage: &Damage) {
    if log.is_empty() {
        return;
    }
    let at = at % log.len();
    let end = log[at..].iter().position(|byte| *byte == b'\n').map_or(log.len(), |end| at + end);
    match damage {
        Damage::Replace(byte) => log[at] = *byte,
        Damage::Insert(byte) => log.insert(at, *byte),
        Damage::Delete => drop(log.remove(at)),
        Damage::Truncate => drop(log.drain(at..end)),
        Damage::Double => {
            let copy = log[at..end].to_vec();
            log.splice(at..at, copy);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(11), ..ProptestConfig::default() })]

    #[test]
    fn random_damage(
        format in prop::sample::select(line_formats()),
        order in prop::collection::vec(any::<prop::sample::Index>(), 1..12),
        damages in prop::collection::vec((any::<usize>(), damage()), 0..20),
        level in prop::sample::select(Level::available().collect::<Vec<_>>()),
        ends_whole in any::<bool>(),
    ) {
        let mut log = Vec::new();
        for index in order {
            log.extend(index.get(&format.samples).line.bytes());
            log.push(b'\n');
        }
        if !ends_whole {
            log.pop();
        }
        for (at, damage) in &damages {
            spoil(&mut log, *at, damage);
        }
        check_modes(&log, &format, &format!("{} {:?}", format.name, String::from_utf8_lossy(&log)));
        // Widest and plain kernels, and two files.
        let options = || Options { simd: level, include: vec![Include::Raw, Include::Line], ..options() };
        let one = read_bytes(&log, &format, options()).unwrap();
        let plain = read_bytes(&log, &format, Options { simd: Level::Portable, ..options() }).unwrap();
        prop_assert_eq!(&one.rows, &plain.rows);
        prop_assert_eq!(&one.rejects, &plain.rejects);
    }
}

#[test]
fn a_limit_counts_the_bytes_up_to_its_last_row() {
    let line = "192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] \"GET /a HTTP/1.1\" 200 512";
    for end in ["\n", "\r\n"] {
        for last in ["", "\n", "\r\n"] {
            let log = [[line; 9].join(end), last.to_owned()].concat();
            for threads in [1, 2] {
                for chunk_bytes in [4096, 1 << 20] {
                    for limit in 0..=9 {
                        let options = Options { limit: Some(limit), threads, chunk_bytes, ..options() };
                        let whole = read_bytes(log.as_bytes(), &named("apache.common").unwrap(), options).unwrap();
                        let wanted = if limit == 9 { log.len() } else { (line.len() + end.len()) * limit as usize };
                        let counts = &whole.report.counts;
                        assert_eq!((counts.rows, counts.lines), (limit, limit));
                        assert_eq!(counts.bytes, wanted as u64, "{end:?} {last:?} {limit}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_byte_order_mark_is_no_line() {
    let cases: [(&[u8], u64); 5] =
        [(b"", 0), (b"\xef\xbb\xbf", 0), (b"\xef\xbb\xbf\n", 1), (b"\xef\xbb\xbf\r\n", 1), (b"\xef\xbb\xbf\n\n", 2)];
    for (log, blank) in cases {
        for threads in [1, 2] {
            let whole = read_bytes(log, &named("apache.common").unwrap(), Options { threads, ..options() }).unwrap();
            let counts = &whole.report.counts;
            assert_eq!((counts.records, counts.skipped, counts.lines), (blank, blank, blank), "{log:?}");
            assert_eq!(counts.bytes, log.len() as u64, "{log:?}");
        }
    }
}

/// Lines that a format skips at the start of each file, whatever the chunks: counted, and counted as lines.
#[test]
fn first_lines_are_skipped() {
    let text = "name = 'own'\nline = '{a} {n}'\nskip_lines = 2\ncolumns.n = { type = 'int16' }";
    let format = Arc::new(Format::from_toml(text, "own.toml").unwrap());
    assert_eq!(Format::from_toml(&format.to_toml(), "again").unwrap(), *format);
    for chunk_bytes in [1, 5, 1 << 20] {
        for (log, rows, skipped, line) in [
            (&b"\xef\xbb\xbf# one\n\nx 1\ny z\n"[..], 2, 2, Some("4")),
            (b"x 1\ny 2", 0, 2, None),
            (b"x 1\n", 0, 1, None),
            (b"", 0, 0, None),
            (b"a\nb\n\nx 1\ny z\n", 2, 3, Some("5")),
        ] {
            let whole = read_bytes(log, &format, Options { chunk_bytes, ..traced() }).unwrap();
            let counts = &whole.report.counts;
            assert_eq!((counts.rows, counts.skipped), (rows, skipped), "{log:?}");
            assert_eq!(cells(&whole.rows, "_line").last().and_then(|cell| cell.as_deref()), line, "{log:?}");
            assert_eq!(cells(&whole.rejects, "line").first().and_then(|cell| cell.as_deref()), line, "{log:?}");
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let paths = ["a.log", "b.log"].map(|name| dir.path().join(name).to_string_lossy().into_owned());
    std::fs::write(&paths[0], "h\nh\nx 1\n").unwrap();
    std::fs::write(&paths[1], "h\nh\ny 2\n").unwrap();
    let whole = common::read(Source::paths(&paths).unwrap(), &format, options()).unwrap();
    assert_eq!(cells(&whole.rows, "a").iter().flatten().collect::<Vec<_>>(), ["x", "y"]);
}
