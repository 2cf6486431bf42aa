//! Records of several lines: the same rows and lines however the bytes are cut.
#![allow(missing_docs)]

mod common;

use std::sync::Arc;

use common::{assert_balanced, cells, levels, options, read_bytes};
use logarrow::format::{Header, Layout, builtin_formats, named};
use logarrow::{Format, Include, Options};

const LOG: &str = "lost head\n\tat x\n\n2026-03-05 10:00:01,123 INFO [main] a.B: one\n2026-03-05 10:00:02,123 ERROR [main] \
                   a.B: two\njava.io.IOException: x\n\tat a.B.c(B.java:1)\n\n\tat a.B.d(B.java:2)\n\n2026-03-05 \
                   10:00:03,123 INFO\n2026-03-05 10:00:04,123 WARN  [t 1] a.B: three\r\n\tat y\r\n\r\n2026-03-05 \
                   10:00:05,123 INFO [main] a.B: last\n\tat z";

fn shown(format: &Arc<Format>, text: &str, options: Options) -> String {
    let options = Options { include: vec![Include::Line], ..options };
    let whole = read_bytes(text.as_bytes(), format, options).unwrap();
    assert_balanced(&whole.report);
    let rows: Vec<_> = cells(&whole.rows, "_line").into_iter().zip(cells(&whole.rows, "message")).collect();
    let rejects: Vec<_> = cells(&whole.rejects, "line").into_iter().zip(cells(&whole.rejects, "raw")).collect();
    let counts = &whole.report.counts;
    format!("{rows:?} {rejects:?} {} {} {}", counts.records, counts.skipped, counts.lines)
}

#[test]
fn rows_and_lines_do_not_depend_on_the_cut() {
    let format = named("log4j").unwrap();
    let want = shown(&format, LOG, options());
    assert!(want.contains(r#"(Some("4"), Some("one")), (Some("5"), Some("two\njava.io.IOException: x\n\tat a.B.c(B.java:1)\n\n\tat a.B.d(B.java:2)")), (Some("12"), Some("three\r\n\tat y")), (Some("15"), Some("last\n\tat z"))]"#), "{want}");
    assert!(
        want.contains(
            r#"[(Some("1"), Some("lost head\n\tat x")), (Some("11"), Some("2026-03-05 10:00:03,123 INFO"))]"#
        ),
        "{want}"
    );
    assert!(want.ends_with(" 9 3 16"), "{want}");
    for level in levels() {
        for chunk_bytes in 1..200 {
            for max_record_bytes in [300, 16 << 20] {
                let options = Options { chunk_bytes, max_record_bytes, simd: level, ..options() };
                assert_eq!(shown(&format, LOG, options), want, "{chunk_bytes} {level:?}");
            }
        }
    }
}

#[test]
fn a_record_over_the_limit_is_passed_over_with_all_its_lines() {
    let format = named("log4j").unwrap();
    let mut log =
        String::from("2026-03-05 10:00:01,123 INFO [main] a.B: one\n2026-03-05 10:00:02,123 INFO [main] a.B: two\n");
    for line in 0..300 {
        log += &format!("\tat a.B.c(B.java:{line})\n");
    }
    log += "2026-03-05 10:00:03,123 INFO [main] a.B: three\n";
    for chunk_bytes in [1, 50, 100, 1000, 5000, 100_000] {
        let options = Options { chunk_bytes, max_record_bytes: 400, ..options() };
        let got = shown(&format, &log, options);
        assert!(
            got.starts_with(r#"[(Some("1"), Some("one")), (Some("303"), Some("three"))] [(Some("2"), "#),
            "{chunk_bytes}: {got}"
        );
        assert!(got.ends_with(" 3 0 303"), "{chunk_bytes}: {got}");
    }
}

#[test]
fn a_rule_may_say_what_goes_on() {
    let text = "name = 'own'\nline = '{time} {message:any}'\nmultiline = { continue = '\\s' }\n";
    let format = Arc::new(Format::from_toml(text, "own.toml").unwrap());
    assert_eq!(Format::from_toml(&format.to_toml(), "back.toml").unwrap(), *format);
    for chunk_bytes in [1, 3, 5, 100] {
        let got = shown(&format, "a b\n c\n\td\ne f\n", Options { chunk_bytes, ..options() });
        assert!(got.starts_with(r#"[(Some("1"), Some("b\n c\n\td")), (Some("4"), Some("f"))]"#), "{got}");
    }
    let err = Format::from_toml(&text.replace("'\\s'", "3"), "own.toml").unwrap_err();
    assert!(err.to_string().contains("continue"), "{err}");
}

/// The samples of each format, one after the other: the same rows for any chunk and level.
#[test]
fn samples_do_not_depend_on_the_cut() {
    // A file whose first record is a header has but one.
    let has_header =
        |format: &Format| matches!(&format.layout, Layout::Delimited(delimited) if delimited.header == Header::First);
    for format in builtin_formats().iter().filter(|format| !has_header(format)) {
        let text: String = format.samples.iter().map(|sample| format!("{}\n", sample.line)).collect();
        let read = |options: Options| read_bytes(text.as_bytes(), format, options).unwrap().rows;
        let want = read(options());
        assert_eq!(want.num_rows(), format.samples.len(), "{}", format.name);
        for chunk_bytes in [1, 50, 100, 300] {
            for simd in levels() {
                assert_eq!(read(Options { chunk_bytes, simd, ..options() }), want, "{} {chunk_bytes}", format.name);
            }
        }
    }
}

/// A line that leads takes along one that would start a record by itself.
#[test]
fn a_line_may_take_the_next_along() {
    let text = "name = 'own'\nline = \"{?T {time}\\n?}U {user}\\n{message:any}\"\nmultiline = { start = 'T |U ', leads = 'T ' }\n";
    let format = Arc::new(Format::from_toml(text, "own.toml").unwrap());
    assert_eq!(Format::from_toml(&format.to_toml(), "back.toml").unwrap(), *format);
    let log = "x\nT 1\nU a\none\n\nU b\ntwo\nmore\nT 2\nU c\nthree\nT 3\nT 4\nU d\nU e\nfour";
    let want = shown(&format, log, options());
    assert!(want.starts_with(r#"[(Some("2"), Some("one")), (Some("6"), Some("two\nmore")), (Some("9"), Some("three")), (Some("15"), Some("four"))] [(Some("1"), Some("x")), (Some("12"), Some("T 3\nT 4\nU d"))]"#), "{want}");
    for simd in levels() {
        for chunk_bytes in 1..log.len() + 2 {
            for max_record_bytes in [40, 16 << 20] {
                let options = Options { chunk_bytes, max_record_bytes, simd, ..options() };
                assert_eq!(shown(&format, log, options), want, "{chunk_bytes} {simd:?}");
            }
        }
    }
    let limited = |chunk_bytes| Options { chunk_bytes, max_record_bytes: 12, ..options() };
    let want = shown(&format, log, limited(1000));
    for chunk_bytes in 1..log.len() + 2 {
        assert_eq!(shown(&format, log, limited(chunk_bytes)), want, "{chunk_bytes}");
    }
}

/// Airflow 2 has a formatter of its own, which writes another `asctime` than Python does where no `datefmt` is given.
#[test]
fn lines_that_start_no_record_are_told_why() {
    let log = "[2026-03-05T10:00:01.123+0900] {task.py:7} INFO - one\n[2026-03-05T10:00:02.123+0900] {task.py:8} INFO - two\n";
    let fmt = "[%(asctime)s] {%(filename)s:%(lineno)d} %(levelname)s - %(message)s";
    let hint = "it does not begin as records of the format do: check the time's pattern (datefmt of Python's logging, \
                %d{...} of Log4j) and the start rule";
    let format = Format::python_logging(fmt, "%", None).unwrap();
    assert!(format.notes[0].contains("give datefmt: \"%Y-%m-%dT%H:%M:%S.%f%z\" for Airflow 2"), "{:?}", format.notes);
    for max_record_bytes in [20, 16 << 20] {
        let options = Options { max_record_bytes, ..options() };
        let whole = read_bytes(log.as_bytes(), &Arc::new(format.clone()), options).unwrap();
        assert_eq!(cells(&whole.rejects, "hint"), [Some(hint.to_owned())]);
    }
    let format = Format::python_logging(fmt, "%", Some("%Y-%m-%dT%H:%M:%S.%f%z")).unwrap();
    assert!(format.notes.is_empty());
    let whole = read_bytes(log.as_bytes(), &Arc::new(format), options()).unwrap();
    assert_eq!(cells(&whole.rows, "time")[0].as_deref(), Some("2026-03-05T01:00:01.123Z"));
    assert_eq!(cells(&whole.rows, "message"), [Some("one".to_owned()), Some("two".to_owned())]);
}
