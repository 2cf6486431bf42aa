//! Key-value formats end to end: columns from the keys of a log, what comes later, maps, and the same answer however the
//! log is cut.
#![allow(missing_docs)]

mod common;

use std::sync::Arc;

use common::{Whole, cells, levels, options, read_bytes, traced};
use logarrow::format::{Escape, Format, Pairs, builtin_formats, named};
use logarrow::{ErrorKind, OnError, Options, infer};

fn names(whole: &Whole) -> Vec<String> {
    whole.rows.schema().fields().iter().map(|field| field.name().clone()).collect()
}

fn column(whole: &Whole, name: &str) -> Vec<String> {
    cells(&whole.rows, name).into_iter().map(|cell| cell.unwrap_or_else(|| "-".into())).collect()
}

/// A log whose keys change after the lines that are looked at.
fn late_keys() -> Vec<u8> {
    let mut log = b"level=info msg=\"a b\"\n".repeat(1000);
    log.extend(b"level=warn late=1 msg=x level=again later=\"2 \\\" 3\"\n");
    log
}

#[test]
fn columns_are_the_keys_of_the_first_records() {
    let whole = read_bytes(&late_keys(), &named("logfmt").unwrap(), options()).unwrap();
    assert_eq!(names(&whole), ["level", "msg", "_extra"]);
    assert_eq!(column(&whole, "level")[999..], ["info", "warn"]);
    assert_eq!(column(&whole, "_extra")[999..], ["-", "late=1 level=again later=\"2 \\\" 3\""]);
    assert_eq!(whole.report.counts.extra, 1);
}

/// Arrow's C interface has no names with a NUL in them.
#[test]
fn names_hold_no_nul() {
    let whole = read_bytes(b"a=1 b\0c=2\n", &named("logfmt").unwrap(), options()).unwrap();
    assert_eq!((names(&whole), column(&whole, "_extra")), (vec!["a".into(), "_extra".into()], vec!["b\0c=2".into()]));
    let csv = read_bytes(b"a,b\0c\n1,2\n", &named("csv").unwrap(), options()).unwrap();
    assert_eq!((names(&csv), column(&csv, "b\u{fffd}c")), (vec!["a".into(), "b\u{fffd}c".into()], vec!["2".into()]));
}

#[test]
fn columns_may_be_named() {
    let format = named("logfmt").unwrap();
    let named = Options { columns: Some(vec!["late".into(), "level".into(), "never".into()]), ..options() };
    let whole = read_bytes(&late_keys(), &format, named).unwrap();
    assert_eq!(names(&whole), ["late", "level", "never"]);
    assert_eq!(column(&whole, "late")[999..], ["-", "1"]);
    let all = Options { columns: Some(vec!["fields".into()]), ..options() };
    let whole = read_bytes(&late_keys(), &format, all).unwrap();
    assert_eq!(column(&whole, "fields")[1000], "{level: warn, late: 1, msg: x, later: 2 \" 3}");
    let typed = Arc::new(Format::clone(&format).with_types(&[("late", "int16")]).unwrap());
    let whole = read_bytes(&late_keys(), &typed, options()).unwrap();
    assert_eq!(names(&whole), ["level", "msg", "late", "_extra"]);
    let extra = Options { extra: Some(logarrow::format::Extra::Reject), ..options() };
    let whole = read_bytes(&late_keys(), &format, extra).unwrap();
    assert_eq!(cells(&whole.rejects, "reason")[0].as_deref(), Some("expected a key that the format knows, and once"));
}

#[test]
fn an_empty_log_has_one_column_of_all_pairs() {
    let whole = read_bytes(b"", &named("logfmt").unwrap(), options()).unwrap();
    assert_eq!(names(&whole), ["fields"]);
}

#[test]
fn types_by_name_give_way_to_what_is_there() {
    let log = b"time:2026-03-05T10:00:01Z\tstatus:200\ttime_:1\n";
    let whole = read_bytes(log, &named("ltsv").unwrap(), options()).unwrap();
    assert_eq!(whole.report.counts.bad_values, 0);
    let types: Vec<String> = whole.rows.schema().fields().iter().map(|field| field.data_type().to_string()).collect();
    assert_eq!((names(&whole)[0].as_str(), types[0].as_str(), types[1].as_str()), ("time", "Utf8", "Int16"));
}

#[test]
fn pairs_behind_a_pattern() {
    let text = "name = 'own'\nline = '{time} {level}: {:pairs}'\nextra = 'column'\n[pairs]\nseparator = ','\n\
                [columns]\nlevel = { }\ntook = { type = 'int64' }\n\"odd name\" = { key = 'odd.key' }";
    let format = Format::from_toml(text, "own.toml").unwrap();
    assert_eq!(Format::from_toml(&format.to_toml(), "again").unwrap(), format, "{}", format.to_toml());
    let whole =
        read_bytes(b"t1 INFO: took=5, odd.key=\"a, b\",x=1\nt2 WARN: \n", &Arc::new(format), options()).unwrap();
    assert_eq!(names(&whole), ["time", "level", "took", "odd name", "_extra"]);
    assert_eq!(column(&whole, "odd name"), ["a, b", "-"]);
    assert_eq!(column(&whole, "_extra"), ["x=1", "-"]);
    assert_eq!(column(&whole, "took"), ["5", "-"]);
}

#[test]
fn pairs_that_cannot_be() {
    let err = |text: &str| Format::from_toml(&format!("name = 'own'\n{text}"), "own.toml").unwrap_err().to_string();
    assert!(err("line = '{:pairs} {x}'").contains("in the midst of a line"));
    assert!(err("line = '{x}{:pairs}'").contains("nothing stands between"));
    assert!(err("line = '{x}'\n[columns]\ny = { key = 'z' }").contains("no capture feeds column"));
    assert!(err("line = '{:pairs}'\n[pairs]\nseparator = '='").contains("must differ"));
    assert!(err("line = '{:pairs}'\n[pairs]\nnested = \"'\"").contains("among the quotes"));
    assert!(err("line = '{:pairs}'\n[pairs]\nvalues = 'until_key'").contains("no quotes"));
    let wrong = Format::key_value(Pairs { assign: b' ', ..Pairs::default() }).unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::FormatSyntax);
    let map = Format::from_toml("name = 'own'\nline = '{x}'\n[columns]\nx = { type = 'map<utf8,utf8>' }", "own.toml");
    let err = read_bytes(b"a\n", &Arc::new(map.unwrap()), options()).unwrap_err();
    assert_eq!(err.kind(), ErrorKind::TypeMismatch);
}

#[test]
fn a_dialect_of_ones_own() {
    let pairs = Pairs { separator: ",".into(), assign: b':', escape: Escape::Json, ..Pairs::default() };
    let format = Arc::new(Format::key_value(pairs).unwrap());
    let whole = read_bytes(b"a:1,b:\"x, y\"\nb:z\n", &format, options()).unwrap();
    assert_eq!(
        (column(&whole, "a"), column(&whole, "b")),
        (vec!["1".into(), "-".into()], vec!["x, y".into(), "z".into()])
    );
}

#[test]
fn other_logs_are_no_pairs() {
    let guess = |log: &[u8]| {
        let guesses = infer::sniff(&logarrow::Source::bytes("a.log", log), &Options::default()).unwrap();
        guesses
            .into_iter()
            .filter(|guess| guess.format.pairs().is_some() && guess.matched > 0)
            .map(|g| g.format.name.clone())
            .collect::<Vec<_>>()
    };
    assert!(guess(b"2026-03-05 10:00:01 INFO main.App: user=5 logged in from=x\n").is_empty());
    assert!(guess(b"10:00:01\tmain:start\tx\n").is_empty());
    assert!(guess(b"a=b\n").is_empty() && guess(b"time: 10:00\n").is_empty());
    assert!(guess(b"f(a=1, b=2) g(c=3)\n").is_empty());
    assert_eq!(guess(b"at=info method=GET\n"), ["logfmt"]);
    assert_eq!(guess(b"host:192.0.2.7\tstatus:200\n"), ["ltsv"]);
}

/// Samples with a byte replaced at every place, and lines of no format.
fn odd_log(format: &Format) -> Vec<u8> {
    let mut log = b"\xef\xbb\xbf".to_vec();
    for sample in format.samples.iter().chain(&format.samples) {
        let line = sample.line.as_bytes();
        for at in (0..line.len()).step_by(3) {
            for what in [b"" as &[u8], b"\"", b"\\", b" ", b"=", b"\r", b"\xff", b"'", b"\t", b"|", b"\n"] {
                log.extend([&line[..at], what, &line[at + 1..], b"\n", line, b"\r\n"].concat());
            }
        }
        log.extend([line, &line[line.len() / 2..].repeat(5000), b"\n\n"].concat());
    }
    log.extend(format.samples[0].line.bytes());
    log
}

#[test]
fn the_same_answer_however_it_is_cut() {
    for format in builtin_formats().iter().filter(|format| format.pairs().is_some()) {
        let log = odd_log(format);
        for on_error in [OnError::Reject, OnError::Null] {
            let options = || Options { on_error, chunk_bytes: 1 << 16, max_record_bytes: 1 << 15, ..traced() };
            let want = read_bytes(&log, format, options()).unwrap();
            assert!(want.report.counts.malformed > 10 && want.report.counts.rows > 1000, "{}", format.name);
            let others = levels().into_iter().map(|simd| Options { simd, ..options() }).chain([
                Options { threads: 2, ..options() },
                Options { chunk_bytes: 1 << 22, ..options() },
                Options { batch_rows: 7, ..options() },
            ]);
            for other in others {
                let what = format!("{} {other:?}", format.name);
                let got = read_bytes(&log, format, other).unwrap();
                assert_eq!(got.rows, want.rows, "{what}");
                assert_eq!(cells(&got.rejects, "reason"), cells(&want.rejects, "reason"), "{what}");
                assert_eq!(got.report.counts.records, want.report.counts.records, "{what}");
            }
        }
    }
}
