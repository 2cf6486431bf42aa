//! Syslog messages that count their bytes (RFC 6587): the same rows however the bytes are cut.
#![allow(missing_docs)]

mod common;

use std::sync::Arc;

use common::{cells, levels, options, read_bytes, traced};
use logarrow::format::{Format, named};
use logarrow::{OnError, Options};

/// A message behind its length.
fn counted(message: &str) -> String {
    format!("{} {message}", message.len())
}

/// Messages side by side, on lines of their own, with newlines inside, counted with their line end, and uncounted.
fn log() -> String {
    [
        counted("<34>1 2026-03-05T10:00:01Z web1 shop 1 - - one"),
        counted("<34>1 2026-03-05T10:00:02Z web1 shop 1 - - two\n\tat a.B\n\n9 <1>x\r\n"),
        counted("<13>Mar  5 10:00:03 web1 cron[7]: three") + "\n",
        "<13>Mar  5 10:00:04 web1 cron[7]: four\n".to_owned(),
        "\n4 nothing of the kind\n".to_owned(),
        counted("<99") + "\r\n",
        counted("<34>1 2026-03-05T10:00:05Z web1 shop 1 - - five\n"),
        "60 <34>1 2026-03-05T10:00:06Z web1 shop 1 - - cut off".to_owned(),
    ]
    .concat()
}

fn shown(text: &str, options: Options) -> String {
    let whole = read_bytes(text.as_bytes(), &named("syslog.auto").unwrap(), options).unwrap();
    let column = |name| cells(&whole.rows, name).into_iter().map(Option::unwrap_or_default).collect::<Vec<_>>();
    let reject = |name| cells(&whole.rejects, name).into_iter().map(Option::unwrap_or_default).collect::<Vec<_>>();
    let counts = &whole.report.counts;
    format!(
        "{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{} {} {} {}",
        column("message"),
        column("_line"),
        column("_offset"),
        reject("line"),
        reject("reason"),
        counts.records,
        counts.skipped,
        counts.lines,
        counts.bytes
    )
}

#[test]
fn rows_do_not_depend_on_the_cut() {
    let log = log();
    let want = shown(&log, traced());
    assert_eq!(
        want,
        format!(
            "{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n9 1 9 {}",
            ["one", "two\n\tat a.B\n\n9 <1>x", "three", "four", "five"],
            ["1", "2", "3", "4", "8"],
            ["3", "52", "119", "159", "231"],
            ["6", "7", "9"],
            [
                "expected a priority from <0> to <191>",
                "expected a priority from <0> to <191>",
                "expected as many bytes as the message counts before it"
            ],
            log.len()
        )
    );
    for simd in levels() {
        for chunk_bytes in 1..log.len() + 2 {
            assert_eq!(shown(&log, Options { chunk_bytes, simd, ..traced() }), want, "{chunk_bytes} {simd:?}");
        }
    }
    for threads in [2, 3] {
        assert_eq!(shown(&log, Options { chunk_bytes: 50, threads, ..traced() }), want);
    }
}

#[test]
fn a_message_over_the_limit_is_passed_over_to_where_it_ends() {
    let long = "<34>1 2026-03-05T10:00:02Z web1 shop 1 - - ".to_owned() + &"ab\n".repeat(100);
    for end in ["", "\n", "\r\n"] {
        let log = counted("<34>1 2026-03-05T10:00:01Z web1 shop 1 - - one") + &counted(&long) + end;
        let log = log + &counted("<34>1 2026-03-05T10:00:03Z web1 shop 1 - - three") + "<13>Mar  5 10:00:04 b c: d";
        let limited = || Options { max_record_bytes: 100, ..traced() };
        let want = shown(&log, limited());
        assert!(want.starts_with("[\"one\", \"three\", \"d\"]\n[\"1\", \"3\", \"4\"]"), "{want}");
        assert!(want.contains("[\"2\"]\n[\"the record is longer than 100 bytes\"]"), "{want}");
        for chunk_bytes in 1..log.len() + 2 {
            assert_eq!(shown(&log, Options { chunk_bytes, ..limited() }), want, "{chunk_bytes}");
        }
    }
}

#[test]
fn a_limit_stops_behind_its_last_row() {
    let log = log();
    for (limit, bytes, records) in [(1, 49, 1), (2, 116, 2), (3, 159, 3), (4, 198, 4), (5, 278, 8)] {
        let whole =
            read_bytes(log.as_bytes(), &named("syslog").unwrap(), Options { limit: Some(limit), ..traced() }).unwrap();
        let counts = &whole.report.counts;
        assert_eq!((counts.rows, counts.records), (limit, records), "{limit}");
        assert!(counts.bytes == bytes || limit == 5, "{limit}: {} bytes", counts.bytes);
    }
    let nulls = Options { on_error: OnError::Null, ..options() };
    let whole = read_bytes(log.as_bytes(), &named("syslog").unwrap(), nulls).unwrap();
    assert_eq!((whole.rows.num_rows(), whole.report.counts.skipped), (8, 1));
}

#[test]
fn the_key_says_so() {
    let own = |more: &str| Format::from_toml(&format!("name = 'own'\n{more}"), "own.toml");
    let format = Arc::new(own("syslog = 'rfc5424'\nframing = 'octets'\n[columns]\nmessage = {}").unwrap());
    assert_eq!(Format::from_toml(&format.to_toml(), "back.toml").unwrap(), *format);
    let rows = read_bytes(b"13 <1>1 - - - - - - a", &format, options()).unwrap().rows;
    assert_eq!(rows.num_rows(), 0);
    let rows = read_bytes(b"18 <1>1 - - - - - - a18 <1>1 - - - - - - b", &format, options()).unwrap().rows;
    assert_eq!(cells(&rows, "message"), [Some("a".to_owned()), Some("b".to_owned())]);
    let err = own("line = '{a}'\nframing = 'octets'").unwrap_err();
    assert_eq!(
        err.to_string(),
        "own.toml:3:11: key \"framing\": octets are counted before messages of key \"syslog\" only\n\
         hint: leave it out, or write syslog = \"auto\""
    );
}

/// A count that cannot be is no count: the lines behind it are read.
#[test]
fn damaged_counts_take_no_lines_along() {
    let format = logarrow::format::named("syslog.auto").unwrap();
    let log = b"999999999 <34>1 2026-03-05T10:00:01Z a b - - - lost\n<34>1 2026-03-05T10:00:01Z a b - - - kept\n";
    let got = common::read_bytes(log, &format, common::options()).unwrap();
    let counts = &got.report.counts;
    assert_eq!((counts.records, counts.rows, counts.rejected), (2, 1, 1));
}
