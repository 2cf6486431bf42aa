//! The same log gives the same answer, however it is read.
#![allow(missing_docs)]

mod common;
#[path = "../benches/generate.rs"]
mod generate;

use std::io;
use std::sync::{Arc, LazyLock};

use arrow::array::{Array, AsArray, BooleanArray, Int64Array, RecordBatch, StringArray};
use arrow::compute::kernels::cmp::{eq, gt_eq, lt};
use arrow::compute::kernels::comparison::ends_with;
use arrow::compute::{and_kleene, cast, filter_record_batch, is_null, or_kleene, prep_null_mask_filter};
use arrow::datatypes::DataType;
use common::{Whole, all_columns, cells, levels, lines, numbers, read, read_bytes, traced};
use logarrow::filter::Expr;
use logarrow::format::{Header, Layout, builtin_formats, named};
use logarrow::{Counts, Format, Include, OnError, Options, Source};

/// Bytes that are hard somewhere: at block edges, in quotes, behind escapes.
const NASTY: [&[u8]; 34] = [
    b"\n\n\n",
    b"\r\n\r\r\n",
    b"\"\n",
    b"\\\n",
    b"\\\"\n",
    b"\0\n",
    b"\xff\xfe\xfd\n",
    b"\xef\xbb\xbf\n",
    b" \n",
    b"- - -\n",
    br#"192.0.2.1 - - [05/Mar/2026:10:00:01 +0900] "GET /a HTTP/1.1" 200 512 "-" "never closed"#,
    b"\n",
    br#"192.0.2.1 - - [05/Mar/2026:10:00:01 +0900] "GET /a" b HTTP/1.1" 200 512 "-" "-""#,
    b"\n",
    br#"192.0.2.1 - - [05/Mar/2026:10:00:01 +0900] "GET /\" HTTP/1.1" 200 512 "\"" "\\""#,
    b"\r\n",
    br#"192.0.2.1 - - [05/Mar/2026:10:00:01 +0900] "\"" 200 512 "\\\\" "\\\"""#,
    b"\n",
    br#"192.0.2.1 - - [05/Mar/2026:10:00:01 +0900] "GET /a HTTP/1.1" 200 512 "-" "ends in \"#,
    b"\n",
    br#"192.0.2.1 - - [05/Mar/2026:10:00:01 +0900] "GET /a HTTP/1.1" 2OO 5l2 "-" "bad numbers""#,
    b"\n",
    br#"192.0.2.1 - - [31/Feb/2026:10:00:01 +0900] "GET /a HTTP/1.1" 99999 -1 "-" "bad time""#,
    b"\n",
    b"192.0.2.1 - - [05/Mar/2026:10:00:01 +0900] \"GET /\0\r\x1b HTTP/1.1\" 200 512 \"\xc3\" \"\xe6\x9c\xff\"\n",
    b"192.0.2.1 - a b c [05/Mar/2026:10:00:01 +0900] \"\" 200 - \"\" \"\"\r\n",
    b"  192.0.2.1 - - [05/Mar/2026:10:00:01 +0900] \"GET / HTTP/1.1\" 200 512 \"-\" \"two spaces first\"\n",
    b"192.0.2.1 - - [05/Mar/2026:10:00:01 +0900] \"GET / HTTP/1.1\" 200 512 \"-\" \"-\" more\n",
    b"192.0.2.1 - - [05/Mar/2026:10:00:01 +0900] \"GET / HTTP/1.1\" 200 512 \"-\" \"-\" \n",
    b"192.0.2.1 - - [05/Mar/2026:10:00:01 +0900] \"GET / HTTP/1.1\"  200 512 \"-\" \"-\"\n",
    b"192.0.2.1 - - [05/Mar/2026:10:00:01 +0900]\"GET / HTTP/1.1\" 200 512 \"-\" \"-\"\n",
    b"192.0.2.1 - - [05/Mar/2026:10:00:01 +0900] \"\\x16\\x03\\x\\xg0\\xe6\\x9c\\x88\\n\\q\" 400 512 \"-\" \"-\"\n",
    b"192.0.2.1 - - [] \"\" - - \"-\" \"-\"\n",
    b"192.0.2.1 - - [05/Mar/2026:10:00:01 +0900] \"GET /a HTTP/1.1\" \n",
];

/// A mark, a generated log, and nasty lines between its lines; one very long line; no newline at the end.
fn odd_log(format: generate::Format, bytes: u64, samples: &Format) -> Vec<u8> {
    let mut plain = Vec::new();
    generate::write(&mut plain, format, bytes, 7).unwrap();
    let mut out = b"\xef\xbb\xbf".to_vec();
    let mut nasty = NASTY.concat();
    for sample in &samples.samples {
        nasty.extend(sample.line.bytes());
        nasty.push(b'\n');
        // An escape and a quote at every place.
        for at in 0..sample.line.len() {
            for what in [b"\\" as &[u8], b"\"", b"\\\"", b"\n"] {
                if at % 3 == 0 || what == b"\\" {
                    nasty.extend([&sample.line.as_bytes()[..at], what, &sample.line.as_bytes()[at..], b"\n"].concat());
                }
            }
        }
    }
    let nasty: Vec<&[u8]> = nasty.split_inclusive(|byte| *byte == b'\n').collect();
    for (i, line) in plain.split_inclusive(|byte| *byte == b'\n').enumerate() {
        out.extend_from_slice(line);
        for k in 0..3 {
            out.extend_from_slice(nasty.get(3 * i + k).copied().unwrap_or_default());
        }
        if i == 40 {
            out.extend(samples.samples[0].line.replacen(['e', 'E'], &"long ".repeat(40_000), 1).bytes());
            out.push(b'\n');
        }
    }
    out.extend(samples.samples[1].line.bytes());
    out
}

static COMBINED: LazyLock<Vec<u8>> =
    LazyLock::new(|| odd_log(generate::Format::Combined, 200_000, &named("apache.combined").unwrap()));

fn logs() -> Vec<(&'static str, Vec<u8>)> {
    use generate::Format::{Alb, Logfmt, Rfc3164, Rfc5424, VpcFlow};
    use generate::Format::{ApacheError, Common, NginxError, NginxMain, VhostCombined};
    let others = [
        ("apache.common", Common),
        ("apache.vhost_combined", VhostCombined),
        ("apache.error", ApacheError),
        ("nginx.main", NginxMain),
        ("nginx.error", NginxError),
        ("aws.alb", Alb),
        ("aws.vpc_flow", VpcFlow),
        ("syslog.rfc5424", Rfc5424),
        ("syslog.rfc3164", Rfc3164),
        ("syslog.auto", Rfc5424),
        ("logfmt", Logfmt),
    ];
    let others = others.map(|(name, kind)| (name, odd_log(kind, 40_000, &named(name).unwrap())));
    let same = [("apache.combined", COMBINED.clone()), ("nginx.combined", COMBINED.clone())];
    same.into_iter().chain(others).collect()
}

/// Everything a user can see, but for batches and seconds.
fn assert_same(got: &Whole, want: &Whole, what: &str) {
    assert_eq!(got.report.counts, want.report.counts, "{what}");
    assert_eq!(got.report.reasons, want.report.reasons, "{what}");
    assert_eq!(got.rows.schema(), want.rows.schema(), "{what}");
    for field in want.rows.schema().fields() {
        let (got, want) = (cells(&got.rows, field.name()), cells(&want.rows, field.name()));
        let differs = got.iter().zip(&want).position(|(got, want)| got != want);
        assert_eq!(differs.map(|at| (at, &got[at], &want[at])), None, "{what}: column {}", field.name());
    }
    assert_eq!(got.rows, want.rows, "{what}");
    assert_same_rejects(&got.rejects, &want.rejects, what);
    let damage = |whole: &Whole| whole.report.files.iter().map(|file| file.damage.clone()).collect::<Vec<_>>();
    assert_eq!(damage(got), damage(want), "{what}");
}

fn assert_same_rejects(got: &RecordBatch, want: &RecordBatch, what: &str) {
    for name in ["source", "line", "byte", "at", "column", "reason", "hint", "raw"] {
        assert_eq!(cells(got, name), cells(want, name), "{what}: rejects, {name}");
    }
}

fn everything(format: &Format) -> Options {
    Options { columns: Some(all_columns(format)), chunk_bytes: 1 << 16, ..traced() }
}

/// A reader that gives a few bytes at a time.
struct Drip(Vec<u8>, usize, usize);

impl io::Read for Drip {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let len = self.2.min(buf.len()).min(self.0.len() - self.1);
        buf[..len].copy_from_slice(&self.0[self.1..self.1 + len]);
        self.1 += len;
        Ok(len)
    }
}

#[test]
fn levels_threads_chunks_and_batches() {
    for (name, log) in logs() {
        let format = named(name).unwrap();
        for on_error in [OnError::Reject, OnError::Null, OnError::Skip] {
            let base = || Options { on_error, ..everything(&format) };
            let want = read_bytes(&log, &format, base()).unwrap();
            assert!(want.report.counts.rows > 100 && want.report.counts.malformed > 50, "{name}");
            let check = |options: Options, what: &str| {
                let got = read_bytes(&log, &format, options).unwrap();
                assert_same(&got, &want, &format!("{name} {on_error:?} {what}"));
                got
            };
            for level in levels() {
                check(Options { simd: level, ..base() }, level.name());
            }
            if on_error == OnError::Skip {
                continue;
            }
            for threads in [2, 4] {
                check(Options { threads, ..base() }, &format!("{threads} threads"));
            }
            for chunk_bytes in [1, 70_000, 100_001, 4 << 20] {
                for threads in [1, 3] {
                    check(Options { chunk_bytes, threads, ..base() }, &format!("{chunk_bytes} on {threads}"));
                }
            }
            for batch_rows in [1, 7, 1000] {
                let got = check(Options { batch_rows, ..base() }, &format!("batches of {batch_rows}"));
                assert!(got.batches.iter().all(|rows| *rows <= batch_rows && *rows > 0));
                if batch_rows == 1 {
                    assert_eq!(got.batches.len() as u64, want.report.counts.rows);
                }
            }
        }
    }
}

#[test]
fn streams_of_any_piece() {
    let (format, log) = (named("apache.combined").unwrap(), &COMBINED[..60_000]);
    let want = read_bytes(log, &format, everything(&format)).unwrap();
    for (piece, chunk_bytes) in [(1000, 1), (317, 1 << 10), (4096, 1), (60_001, 1)] {
        let source = Source::reader("a.log", Box::new(Drip(log.to_vec(), 0, piece)));
        let got = read(source, &format, Options { chunk_bytes, ..everything(&format) }).unwrap();
        assert_same(&got, &want, &format!("pieces of {piece}"));
    }
}

#[test]
fn unordered_gives_the_same_set() {
    let (format, log) = (named("apache.combined").unwrap(), &*COMBINED);
    let want = read_bytes(log, &format, everything(&format)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let paths = cut_in_files(folder.path(), log, 5);
    let one = read(Source::paths(&paths).unwrap(), &format, everything(&format)).unwrap();
    assert_eq!(one.report.counts.rows, want.report.counts.rows);
    let options = Options { ordered: false, threads: 3, ..everything(&format) };
    let got = read(Source::paths(&paths).unwrap(), &format, options).unwrap();
    assert_eq!(got.report.counts, one.report.counts);
    assert_eq!(got.report.reasons, one.report.reasons);
    let sorted = |batch: &RecordBatch| {
        let columns: Vec<_> = batch.schema().fields().iter().map(|field| cells(batch, field.name())).collect();
        let mut rows: Vec<Vec<_>> =
            (0..batch.num_rows()).map(|row| columns.iter().map(|column| column[row].clone()).collect()).collect();
        rows.sort();
        rows
    };
    assert_eq!(sorted(&got.rows), sorted(&one.rows));
    assert_eq!(sorted(&got.rejects), sorted(&one.rejects));
}

/// Files `0.log`, `1.log`, ... that together hold `log`, cut behind newlines; every second ends without one.
fn cut_in_files(folder: &std::path::Path, log: &[u8], count: usize) -> Vec<String> {
    let mut start = 0;
    let mut paths = Vec::new();
    for i in 0..count {
        let wanted = log.len() * (i + 1) / count;
        let end = log[..wanted].iter().rposition(|byte| *byte == b'\n').map_or(wanted, |at| at + 1);
        let end = if i + 1 == count { log.len() } else { end };
        let path = folder.join(format!("{i}.log"));
        let text = &log[start..end];
        std::fs::write(&path, text.strip_suffix(b"\n").filter(|_| i % 2 == 0).unwrap_or(text)).unwrap();
        paths.push(path.to_str().unwrap().to_owned());
        start = end;
    }
    paths
}

#[test]
fn several_files_are_one_after_the_other() {
    let (format, log) = (named("apache.combined").unwrap(), &*COMBINED);
    let folder = tempfile::tempdir().unwrap();
    let mut paths = cut_in_files(folder.path(), log, 5);
    let empty = folder.path().join("3b.log");
    std::fs::write(&empty, b"").unwrap();
    paths.insert(4, empty.to_str().unwrap().to_owned());
    let alone: Vec<Whole> =
        paths.iter().map(|path| read(Source::paths(&[path]).unwrap(), &format, everything(&format)).unwrap()).collect();
    let join = |pick: &dyn Fn(&Whole) -> RecordBatch| {
        let batches: Vec<_> = alone.iter().map(pick).collect();
        arrow::compute::concat_batches(&batches[0].schema(), &batches).unwrap()
    };
    for threads in [1, 2, 4] {
        let options = Options { threads, ..everything(&format) };
        let got = read(Source::paths(&paths).unwrap(), &format, options).unwrap();
        assert_eq!(got.rows, join(&|whole| whole.rows.clone()), "{threads} threads");
        assert_same_rejects(&got.rejects, &join(&|whole| whole.rejects.clone()), "several files");
        let mut sum = Counts::default();
        for (file, alone) in got.report.files.iter().zip(&alone) {
            assert_eq!(file.counts, alone.report.counts);
            assert_eq!(file.name, alone.report.files[0].name);
            sum.add(&file.counts);
        }
        assert_eq!(sum, got.report.counts);
    }
}

#[test]
fn columns_are_a_projection() {
    for (name, log) in logs() {
        let format = named(name).unwrap();
        let want = read_bytes(&log, &format, everything(&format)).unwrap();
        let all: Vec<String> = want.rows.schema().fields().iter().map(|field| field.name().clone()).collect();
        let mut choices: Vec<Vec<String>> = all.iter().map(|name| vec![name.clone()]).collect();
        choices.push(all.iter().rev().cloned().collect());
        choices.push(all.iter().step_by(2).cloned().collect());
        choices.push(Vec::new());
        for columns in choices {
            let options = Options { columns: Some(columns.clone()), include: Vec::new(), ..everything(&format) };
            let got = read_bytes(&log, &format, options).unwrap();
            let projected: Vec<usize> = columns.iter().map(|name| want.rows.schema().index_of(name).unwrap()).collect();
            assert_eq!(got.rows, want.rows.project(&projected).unwrap(), "{name} {columns:?}");
            let (counts, full) = (&got.report.counts, &want.report.counts);
            assert_eq!((counts.records, counts.rows, counts.malformed), (full.records, full.rows, full.malformed));
            // Of the bad cells, those of the columns asked for.
            let column = want.rejects.column_by_name("column").unwrap().as_string::<i32>();
            let kept = |name: Option<&str>| name.is_none_or(|name| columns.iter().any(|column| column == name));
            let kept: BooleanArray = column.iter().map(|name| Some(kept(name))).collect();
            let rejects = filter_record_batch(&want.rejects, &kept).unwrap();
            if columns != all.iter().rev().cloned().collect::<Vec<_>>() {
                assert_same_rejects(&got.rejects, &rejects, &format!("{name} {columns:?}"));
            }
            assert_eq!(got.report.counts.bad_values, (kept.true_count() as u64) - full.malformed, "{name} {columns:?}");
        }
    }
}

#[test]
fn where_is_a_filter_of_all_rows() {
    let (format, log) = (named("apache.combined").unwrap(), &*COMBINED);
    let want = read_bytes(log, &format, everything(&format)).unwrap();
    let column = |name: &str| want.rows.column_by_name(name).unwrap().clone();
    let status = cast(&column("status"), &DataType::Int64).unwrap();
    let int = |value: i64| Int64Array::new_scalar(value);
    let text = |value: &str| StringArray::new_scalar(value);
    let at_least_500 = gt_eq(&status, &int(500)).unwrap();
    let post = eq(&column("method"), &text("POST")).unwrap();
    let cases = [
        ("status >= 500", at_least_500.clone()),
        ("bytes < 300", lt(&column("bytes"), &int(300)).unwrap()),
        ("status >= 500 OR method = 'POST'", or_kleene(&at_least_500, &post).unwrap()),
        ("NOT (status < 500) AND method = 'POST'", and_kleene(&at_least_500, &post).unwrap()),
        ("method IS NULL", is_null(&column("method")).unwrap()),
        ("path LIKE '%.html'", ends_with(&column("path"), &text(".html")).unwrap()),
        ("query IS NULL AND user_agent = '-'", BooleanArray::from(vec![false; want.rows.num_rows()])),
    ];
    for (filter, keep) in cases {
        let keep = if keep.null_count() > 0 { prep_null_mask_filter(&keep) } else { keep };
        let filtered = filter_record_batch(&want.rows, &keep).unwrap();
        for threads in [1, 2] {
            for columns in [all_columns(&format), vec!["path".into(), "user".into()]] {
                let what = format!("{filter} {threads} {columns:?}");
                let filter = Some(Expr::parse(filter).unwrap());
                let options = Options { filter, threads, columns: Some(columns), ..everything(&format) };
                let got = read_bytes(log, &format, options).unwrap();
                let schema = got.rows.schema();
                let places: Vec<usize> =
                    schema.fields().iter().map(|field| filtered.schema().index_of(field.name()).unwrap()).collect();
                assert_eq!(got.rows, filtered.project(&places).unwrap(), "{what}");
                let (counts, full) = (&got.report.counts, &want.report.counts);
                assert_eq!(counts.filtered, full.rows - counts.rows, "{what}");
                assert_eq!((counts.records, counts.rejected), (full.records, full.rejected), "{what}");
            }
        }
    }
}

#[test]
fn limit_is_a_prefix() {
    let (format, log) = (named("apache.combined").unwrap(), &*COMBINED);
    for filter in [None, Some("status >= 400")] {
        for on_error in [OnError::Reject, OnError::Null] {
            let filter = filter.map(|text| Expr::parse(text).unwrap());
            let base = || Options { filter: filter.clone(), on_error, ..everything(&format) };
            let want = read_bytes(log, &format, base()).unwrap();
            let lines_of = numbers(&want.rows, "_line");
            let total = want.rows.num_rows();
            for limit in [0, 1, 2, 9, 50, 201, total - 1, total, total + 1] {
                let mut first: Option<Whole> = None;
                for (chunk_bytes, batch_rows, threads) in [(1 << 16, 1000, 1), (1 << 20, 7, 4), (1 << 16, 1, 2)] {
                    let options = Options { limit: Some(limit as u64), chunk_bytes, batch_rows, threads, ..base() };
                    let got = read_bytes(log, &format, options).unwrap();
                    let what = format!("limit {limit} {on_error:?} {chunk_bytes}");
                    let rows = total.min(limit);
                    assert_eq!(got.rows, want.rows.slice(0, rows), "{what}");
                    if rows > 0 && rows < total {
                        let last = lines_of[rows - 1] as u64;
                        assert_eq!(got.report.counts.lines, last, "{what}: counts end with the last row");
                    }
                    if let Some(first) = &first {
                        assert_same(&got, first, &what);
                    }
                    first = Some(got);
                }
            }
        }
    }
}

/// `_offset` and `_raw` of rows, `byte` and `raw` of rejects: the very bytes of the file.
#[test]
fn provenance_points_at_the_bytes() {
    for (name, log) in logs() {
        let format = named(name).unwrap();
        for threads in [1, 2] {
            let whole = read_bytes(&log, &format, Options { threads, ..everything(&format) }).unwrap();
            let lines = lines(&log);
            let cut = |line: i64, raw: &str| {
                let (start, text) = lines[line as usize - 1];
                let want = String::from_utf8_lossy(&text[..text.len().min(4096 + 3)]);
                assert!(want.starts_with(raw.trim_end_matches('\u{fffd}')) || *raw == *String::from_utf8_lossy(text));
                start as i64
            };
            let (offsets, numbers_) = (numbers(&whole.rows, "_offset"), numbers(&whole.rows, "_line"));
            for (i, raw) in cells(&whole.rows, "_raw").into_iter().enumerate() {
                let raw = raw.unwrap();
                assert_eq!(offsets[i], cut(numbers_[i], &raw), "{name}");
                let (_, text) = lines[numbers_[i] as usize - 1];
                assert_eq!(raw, String::from_utf8_lossy(text), "{name}");
            }
            assert!(cells(&whole.rows, "_path").iter().all(|path| path.as_deref() == Some("a.log")));
            let (bytes, numbers_) = (numbers(&whole.rejects, "byte"), numbers(&whole.rejects, "line"));
            let (raws, columns) = (cells(&whole.rejects, "raw"), cells(&whole.rejects, "column"));
            let at = numbers(&whole.rejects, "at");
            for i in 0..raws.len() {
                let raw = raws[i].as_deref().unwrap();
                let (start, text) = lines[numbers_[i] as usize - 1];
                assert_eq!(bytes[i], start as i64, "{name}");
                assert!(at[i] as usize <= text.len(), "{name}");
                if columns[i].is_none() {
                    assert_eq!(bytes[i], cut(numbers_[i], raw), "{name}");
                } else {
                    let cell = String::from_utf8_lossy(&text[at[i] as usize..]);
                    assert!(cell.starts_with(raw), "{name}: {raw:?} is not at {} of {cell:?}", at[i]);
                }
            }
        }
    }
}

/// What an extra field changes, and what it does not.
#[test]
fn formats_of_one_field_agree_too() {
    for line in ["{message}", "{word:word}", "{a:digits}", "[{a}]", "{a},{b}", "{a} {b:any}", "\"{a}\""] {
        let format = Arc::new(Format::from_toml(&format!("name = 'own'\nline = '{line}'"), "own.toml").unwrap());
        let log = b"\n\r\na\n12\n\n1,2\r\n[x]\n[]\na b c\n\"q\"\n\"\"\n\\\n,\n,,\n \n\r\r\n".repeat(20);
        let blank = lines(&log).iter().filter(|(_, text)| text.is_empty()).count() as u64;
        let mut first: Option<Whole> = None;
        for level in levels() {
            let got = read_bytes(&log, &format, Options { simd: level, ..traced() }).unwrap();
            assert_eq!(got.report.counts.skipped, blank, "{line} {level:?}");
            if let Some(first) = &first {
                assert_same(&got, first, &format!("{line} {level:?}"));
            }
            first = Some(got);
        }
    }
    assert_eq!(Include::NAMES.len(), 4);
}

/// The formats without a generated log: their samples, damaged, the same way at every level, cut and number of threads.
#[test]
fn damaged_samples_of_every_format_agree() {
    let mut count = 0;
    for format in builtin_formats().iter().filter(|format| format.pairs().is_none()) {
        let has_first_header =
            matches!(&format.layout, Layout::Delimited(delimited) if delimited.header == Header::First);
        let mut log = Vec::new();
        for sample in format.samples.iter().filter(|_| !has_first_header) {
            let line = sample.line.as_bytes();
            for at in (0..line.len()).step_by(3) {
                for what in [b"" as &[u8], b" ", b"\"", b"\\"] {
                    log.extend([&line[..at], what, &line[at..], b"\n"].concat());
                }
            }
        }
        log.extend(format.samples[0].line.bytes());
        log.extend(NASTY.concat());
        let want = read_bytes(&log, format, Options { threads: 1, ..traced() }).unwrap();
        for level in levels() {
            for (threads, chunk_bytes, batch_rows) in [(1, 777, 65_536), (3, 2000, 100), (2, 1 << 20, 7)] {
                let options = Options { simd: level, threads, chunk_bytes, batch_rows, ..traced() };
                let what = format!("{} {level:?} {threads} {chunk_bytes}", format.name);
                assert_same(&read_bytes(&log, format, options).unwrap(), &want, &what);
            }
        }
        count += 1;
    }
    assert!(count >= 40, "{count} formats: the library is not all there");
}

/// Records over the limit, given in pieces: where the next one starts does not depend on how much of them was at hand.
#[test]
fn overlong_records_of_every_format_agree() {
    let mut overlong = 0;
    for format in builtin_formats() {
        let mut log = Vec::new();
        for sample in format.samples.iter().cycle().take(format.samples.len() * 2) {
            let at = log.len() % (sample.line.len() + 1);
            let at = (at..=sample.line.len()).find(|at| sample.line.is_char_boundary(*at)).unwrap_or_default();
            log.extend([&sample.line.as_bytes()[..at], b"long ".repeat(50).as_slice()].concat());
            log.extend([&sample.line.as_bytes()[at..], b"\n", sample.line.as_bytes(), b"\n"].concat());
        }
        for comment in &format.comments {
            log.extend([comment.as_bytes(), &b"long ".repeat(50), b"\n"].concat());
            log.extend([format.samples[0].line.as_bytes(), b"\n"].concat());
        }
        for max_record_bytes in [1, 9, 20, 90, 200] {
            let options = |chunk_bytes| Options { threads: 1, chunk_bytes, max_record_bytes, ..traced() };
            let want = read_bytes(&log, format, options(1 << 20)).unwrap();
            for piece in [1, 7, 100] {
                let source = Source::reader("a.log", Box::new(Drip(log.clone(), 0, piece)));
                let got = read(source, format, options(1)).unwrap();
                let what = format!("{}, {max_record_bytes} in pieces of {piece}", format.name);
                assert_same(&got, &want, &what);
            }
            let is_overlong = |reason: &str| reason.contains("is longer than");
            overlong += want.report.reasons.keys().filter(|(_, reason)| is_overlong(reason)).count();
        }
    }
    assert!(overlong > 100, "{overlong} are too few");
}
