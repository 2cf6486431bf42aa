//! The whole reader: file to batches, batches dropped as they come. `reader/<format>/<variant>`.
//!
//! Rows, the sum of `bytes` and the last time are checked before a case is timed, against the plain loop in `plain.rs`
//! that is timed beside it. The allocator is told to keep memory for both, so that neither pays for fresh pages; run with
//! `LOGARROW_BENCH_MALLOC=default` to see what that hides.

#[path = "generate.rs"]
mod generate;
#[path = "measure.rs"]
mod measure;
#[path = "plain.rs"]
mod plain;

use std::path::{Path, PathBuf};

use arrow::array::AsArray;
use arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use criterion::{Criterion, Throughput};
use logarrow::filter::Expr;
use logarrow::format::Extra;
use logarrow::simd::Level;
use logarrow::{Format, Options, Scan, Source, named};

/// Input and output of a pass leave every cache.
const LOG_BYTES: usize = 64 << 20;
const SEED: u64 = 1;
const COMBINED: &str = r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#;

/// Rows, the sum of `bytes`, the last time: as far as the columns are there.
fn read(path: &Path, format: &std::sync::Arc<Format>, options: &Options) -> (u64, i64, i64) {
    let source = Source::paths(&[path.to_str().expect("a plain path")]).expect("the log was made");
    let scan = Scan::new(source, format.clone()).with_options(options.clone());
    let mut reader = scan.read().expect("the options are good");
    let (mut rows, mut sum, mut last) = (0, 0, 0);
    for batch in &mut reader {
        let batch = batch.expect("the log can be read");
        rows += batch.num_rows() as u64;
        if let Some(bytes) = batch.column_by_name("bytes") {
            sum += arrow::compute::sum(bytes.as_primitive::<Int64Type>()).unwrap_or(0);
        }
        if let Some(time) = batch.column_by_name("time") {
            last = time.as_primitive::<TimestampMicrosecondType>().values().last().copied().unwrap_or(last);
        }
    }
    let counts = &reader.report().counts;
    assert!(counts.is_balanced());
    // A fast path that never hits is silent.
    assert!(counts.fast_records * 100 > (counts.rows + counts.filtered) * 99, "{counts:?}");
    (rows, sum, last)
}

/// `"` and what is escaped with a backslash, in each quoted field.
const LOWERED: &str = r#"^(?<remote_host>\S+) (?<ident>\S+) (?<user>\S+) \[(?<time>[^\]]+)\] "(?<request>(?:[^"\\]|\\.)*)" (?<status>\d{3}) (?<bytes>\S+) "(?<referer>(?:[^"\\]|\\.)*)" "(?<user_agent>(?:[^"\\]|\\.)*)"$"#;
fn regex(pattern: &str) -> std::sync::Arc<Format> {
    let format = Format::regex(&[pattern]).expect("a good expression");
    let types = [("time", "timestamp:%d/%b/%Y:%H:%M:%S %z"), ("status", "int16"), ("bytes", "int64")];
    std::sync::Arc::new(format.with_types(&types).expect("good types"))
}

/// Rows and the sum of `bytes`.
fn read_regex(path: &Path, format: &std::sync::Arc<Format>, options: &Options) -> (u64, i64) {
    let source = Source::paths(&[path.to_str().expect("a plain path")]).expect("the log was made");
    let scan = Scan::new(source, format.clone()).with_options(options.clone());
    let mut reader = scan.read().expect("the options are good");
    let (mut rows, mut sum) = (0, 0);
    for batch in &mut reader {
        let batch = batch.expect("the log can be read");
        rows += batch.num_rows() as u64;
        let bytes = batch.column_by_name("bytes").expect("a column");
        sum += arrow::compute::sum(bytes.as_primitive::<Int64Type>()).unwrap_or(0);
    }
    (rows, sum)
}

/// Groups found by the regex crate, nothing built.
fn captures(path: &Path) -> usize {
    let log = std::fs::read(path).expect("the log was made");
    let regex = regex::bytes::Regex::new(&LOWERED.replace(r"\S", "[^ ]")).expect("a good expression");
    let mut places = regex.capture_locations();
    let lines = log.split(|byte| *byte == b'\n');
    lines.filter(|line| regex.captures_read(&mut places, line).is_some()).count()
}

fn options(threads: usize) -> Options {
    Options { threads, ..Options::default() }
}

fn columns(names: &[&str]) -> Option<Vec<String>> {
    Some(names.iter().map(ToString::to_string).collect())
}

fn main() {
    measure::keep_memory();
    let dir = tempfile::tempdir().expect("a place for the log");
    let path: PathBuf = dir.path().join("access.log");
    std::fs::write(&path, generate::combined(LOG_BYTES, SEED)).expect("room for the log");
    let bytes = std::fs::metadata(&path).expect("the log was made").len();

    let expected = plain::read(&path);
    let named = named("apache.combined").expect("a builtin format");
    let compiled = std::sync::Arc::new(Format::apache(COMBINED).expect("a good LogFormat"));
    assert_eq!(read(&path, &named, &options(1)), expected);
    assert_eq!(read(&path, &compiled, &options(1)), expected);
    assert_eq!(read(&path, &named, &options(2)), expected);

    let filter = Some(Expr::parse("status >= 500").expect("a good condition"));
    let three = columns(&["time", "status", "path"]);
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("reader/combined");
    group.throughput(Throughput::Bytes(bytes)).sample_size(15);
    group.bench_function("plain-loop", |b| b.iter(|| assert_eq!(plain::read(&path), expected)));
    for level in Level::available() {
        let options = Options { simd: level, ..options(1) };
        let name = format!("full-{}", level.name());
        group.bench_function(name, |b| b.iter(|| assert_eq!(read(&path, &named, &options), expected)));
    }
    group.bench_function("full-logformat", |b| b.iter(|| assert_eq!(read(&path, &compiled, &options(1)), expected)));
    group.bench_function("full-2-threads", |b| b.iter(|| assert_eq!(read(&path, &named, &options(2)), expected)));
    // The same log by expressions, as people write them: each column typed as the builtin format's.
    // Who asks for the text behind the match gets the engine.
    let (format, engine) = (regex(LOWERED), Options { extra: Some(Extra::Count), ..options(1) });
    let expected_regex = read_regex(&path, &format, &engine);
    for (name, options) in [("full-regex-lowered", options(1)), ("full-regex-engine", engine)] {
        let once = || assert_eq!(read_regex(&path, &format, &options), expected_regex);
        group.bench_function(name, |b| b.iter(once));
    }
    group.bench_function("regex-crate-captures", |b| b.iter(|| captures(&path)));
    let cases = [
        ("three-columns", Options { columns: three.clone(), ..options(1) }),
        ("filter-all-columns", Options { filter: filter.clone(), ..options(1) }),
        ("filter-three-columns", Options { filter, columns: three, ..options(1) }),
    ];
    for (name, options) in cases {
        let expected = read(&path, &named, &options);
        assert!(expected.0 > 0);
        group.bench_function(name, |b| b.iter(|| assert_eq!(read(&path, &named, &options), expected)));
    }
    group.finish();
    criterion.final_summary();
}
