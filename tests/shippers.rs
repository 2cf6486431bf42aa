//! Logs in the envelopes that services and agents send them in.
#![allow(missing_docs)]

mod common;

use std::sync::Arc;

use arrow::array::RecordBatch;
use common::{Whole, cells, options, read_bytes, traced};
use logarrow::filter::Expr;
use logarrow::format::{builtin_formats, named};
use logarrow::options::Inner;
use logarrow::{ErrorKind, Format, Options, Source, infer, values};
use proptest::prelude::*;

fn read(log: &str, format: &str, options: Options) -> Whole {
    read_bytes(log.as_bytes(), &named(format).unwrap(), options).unwrap_or_else(|err| panic!("{err}"))
}

fn texts(batch: &RecordBatch, column: &str) -> Vec<String> {
    cells(batch, column).into_iter().map(|text| text.unwrap_or_else(|| "null".into())).collect()
}

fn inner(format: &str) -> Options {
    Options { inner: vec![Inner { column: None, format: Some(named(format).unwrap()) }], ..options() }
}

/// Records, rows, rejected, skipped.
fn counts(whole: &Whole) -> (u64, u64, u64, u64) {
    let counts = &whole.report.counts;
    (counts.records, counts.rows, counts.rejected, counts.skipped)
}

#[test]
fn samples_are_sniffed_as_their_format() {
    // The samples of these are lines of others too.
    let others = ["aws.cloudfront_fields", "nginx.combined", "w3c.extended"];
    let mut found = Vec::new();
    for format in builtin_formats().iter() {
        let end = if format.name == "firehose" { "" } else { "\n" };
        let log: String = format.samples.iter().map(|sample| sample.line.clone() + end).collect();
        let guesses = infer::sniff(&Source::bytes("a.log", log.as_bytes()), &options()).unwrap();
        let best = guesses.iter().take(3).map(|guess| (&*guess.format.name, guess.matched)).collect::<Vec<_>>();
        if best[0].0 != format.name {
            found.push(format.name.as_str());
        }
    }
    assert_eq!(found, others);
}

const CLOUDWATCH: &str = "aws.cloudwatch_subscription";

/// A document of CloudWatch's with these events.
fn document(stream: &str, events: &[&str]) -> String {
    let events: Vec<_> = events.iter().enumerate().map(|(id, message)| event(id, message)).collect();
    format!(
        r#"{{"messageType":"DATA_MESSAGE","owner":"1","logGroup":"g","logStream":"{stream}","subscriptionFilters":["f"],"logEvents":[{}]}}"#,
        events.join(",")
    )
}

fn event(id: usize, message: &str) -> String {
    format!(r#"{{"id":"{id}","timestamp":177270480{id}000,"message":"{message}"}}"#)
}

const CONTROL: &str = r#"{"messageType":"CONTROL_MESSAGE","owner":"CloudwatchLogs","logGroup":"","logStream":"","subscriptionFilters":[],"logEvents":[{"id":"","timestamp":1772704801123,"message":"CWL CONTROL MESSAGE: Checking health of destination Firehose."}]}"#;

#[test]
fn events_of_cloudwatch_are_rows() {
    let documents = [document("a", &["x", "y"]), CONTROL.to_owned(), document("b", &["z\\n"])];
    for between in ["", "\n", "\r\n", " \n\n", "\u{1e}"] {
        let whole = read(&documents.join(between), CLOUDWATCH, traced());
        assert_eq!(texts(&whole.rows, "message"), ["x", "y", "z\n"]);
        assert_eq!(texts(&whole.rows, "log_stream"), ["a", "a", "b"]);
        assert_eq!(texts(&whole.rows, "id"), ["0", "1", "0"]);
        assert_eq!(texts(&whole.rows, "subscription_filters"), ["[f]"; 3]);
        assert_eq!(texts(&whole.rows, "timestamp")[1], "2026-03-05T10:00:01Z");
        assert_eq!(counts(&whole), (4, 3, 0, 1), "{between:?}");
        // The event's own text, where it stands.
        assert_eq!(texts(&whole.rows, "_raw")[1], event(1, "y"));
        assert_eq!(texts(&whole.rows, "_offset")[1], documents[0].find(&event(1, "y")).unwrap().to_string());
    }
    let whole = read(&documents.join("\n"), CLOUDWATCH, traced());
    assert_eq!(texts(&whole.rows, "_line"), ["1", "1", "3"]);
    let pretty = document("a", &["x", "y"]).replace('{', "{\n").replace(',', "\n,");
    let whole = read(&pretty, CLOUDWATCH, traced());
    assert_eq!(texts(&whole.rows, "_line"), ["7", "11"]);
    assert_eq!(texts(&whole.rows, "message"), ["x", "y"]);
}

#[test]
fn what_holds_for_all_events_may_stand_behind_them() {
    let log = r#"{"logEvents":[{"message":"x"},{"message":"y"}],"owner":"1","logStream":"a"}{"logStream":"b","logEvents":[{"message":"z"}],"owner":2}"#;
    let whole = read(log, CLOUDWATCH, options());
    assert_eq!(texts(&whole.rows, "message"), ["x", "y", "z"]);
    assert_eq!(texts(&whole.rows, "log_stream"), ["a", "a", "b"]);
    assert_eq!(texts(&whole.rows, "owner"), ["1", "1", "2"]);
    // Of a key that stands twice the last counts.
    let log = r#"{"logEvents":[{"message":"x","n":1}],"owner":"1","logEvents":[{"message":"y","n":2},{"message":"z"}],"owner":"2"}"#;
    let whole = read(log, CLOUDWATCH, options());
    assert_eq!(texts(&whole.rows, "message"), ["y", "z"]);
    assert_eq!(texts(&whole.rows, "owner"), ["2", "2"]);
    assert_eq!(texts(&whole.rows, "_extra"), [r#"{"logEvents.n":2}"#, "null"]);
    assert_eq!(whole.report.counts.duplicate_keys, 2);
}

#[test]
fn documents_without_events_are_accounted_for() {
    let cases = [
        (r#"{"messageType":"DATA_MESSAGE","logEvents":[]}"#, (1, 0, 0, 1)),
        (r#"{"messageType":"CONTROL_MESSAGE"}"#, (1, 0, 0, 1)),
        (r#"{"messageType":"CONTROL_MESSAGE","logEvents":[{},{}]}"#, (1, 0, 0, 1)),
        (r#"{"messageType":"DATA_MESSAGE"}"#, (1, 0, 1, 0)),
        (r#"{"logEvents":null}"#, (1, 0, 1, 0)),
        (r#"{"logEvents":{"message":"x"}}"#, (1, 0, 1, 0)),
        (r#"{"logEvents":"[]"}"#, (1, 0, 1, 0)),
        ("[]", (0, 0, 0, 0)),
        ("7", (1, 0, 1, 0)),
        // Elements that are none cost themselves alone.
        (r#"{"logEvents":[1,{"message":"x"}, null,[{}], {},"x"]}"#, (6, 2, 4, 0)),
    ];
    for (log, want) in cases {
        for columns in [None, Some(vec!["owner".to_owned()]), Some(Vec::new())] {
            let whole = read(log, CLOUDWATCH, Options { columns, ..options() });
            assert_eq!(counts(&whole), want, "{log}");
        }
    }
    let whole = read(cases[9].0, CLOUDWATCH, traced());
    assert_eq!(texts(&whole.rejects, "raw"), ["1", "null", "[{}]", "\"x\""]);
    assert_eq!(texts(&whole.rejects, "reason"), ["expected an object"; 4]);
    assert_eq!(texts(&whole.rejects, "byte")[1], cases[9].0.find("null").unwrap().to_string());
    let whole = read(r#"{"logEvents":"[]"}"#, CLOUDWATCH, options());
    assert_eq!(texts(&whole.rejects, "reason"), ["expected an array of the records inside"]);
    let nulls = read(cases[9].0, CLOUDWATCH, Options { on_error: logarrow::OnError::Null, ..options() });
    assert_eq!(texts(&nulls.rows, "message"), ["null", "x", "null", "null", "null", "null"]);
}

#[test]
fn bad_values_of_a_document_are_those_of_each_event() {
    let log = r#"{"owner":{"a":1},"logEvents":[{"message":"x","timestamp":"soon"},{"message":["y"]}]}"#;
    let whole = read(log, CLOUDWATCH, options());
    assert_eq!(texts(&whole.rows, "owner"), ["null"; 2]);
    assert_eq!(texts(&whole.rows, "message"), ["x", "null"]);
    assert_eq!(texts(&whole.rejects, "column"), ["owner", "timestamp", "owner", "message"]);
    assert_eq!(texts(&whole.rejects, "raw"), [r#"{"a":1}"#, "soon", r#"{"a":1}"#, r#"["y"]"#]);
    let from = log.find(r#"{"message":["y"#).unwrap();
    assert_eq!(texts(&whole.rejects, "byte")[3], from.to_string());
    assert_eq!(texts(&whole.rejects, "at")[2..], ["0", "11"]);
}

#[test]
fn unknown_keys_stand_with_their_event() {
    let log = r#"{"new":1,"logEvents":[{"message":"x","more":[2]},{"message":"y"}],"newer":{"a":3}}"#;
    let whole = read(log, CLOUDWATCH, options());
    let extra = texts(&whole.rows, "_extra");
    assert_eq!(extra, [r#"{"new":1,"newer":{"a":3},"logEvents.more":[2]}"#, r#"{"new":1,"newer":{"a":3}}"#]);
    assert_eq!(whole.report.counts.extra, 2);
}

#[test]
fn events_hold_records_of_other_formats() {
    let flow =
        |port: u32| format!("2 1 eni-0a 192.0.2.7 192.0.2.8 {port} 443 6 10 840 1772704801 1772704861 ACCEPT OK");
    let log = document("eni-0a-all", &[&flow(1), "no flow", &flow(2)]) + &document("eni-0b-all", &[&flow(3)]);
    let whole = read(&log, CLOUDWATCH, inner("aws.vpc_flow"));
    assert_eq!(texts(&whole.rows, "srcport"), ["1", "null", "2", "3"]);
    assert_eq!(texts(&whole.rows, "log_stream"), ["eni-0a-all", "eni-0a-all", "eni-0a-all", "eni-0b-all"]);
    assert_eq!((whole.report.counts.rows, whole.report.counts.bad_values), (4, 1));
    let filter = Some(Expr::parse("srcport >= 2 AND log_stream LIKE 'eni-0a%'").unwrap());
    let whole = read(&log, CLOUDWATCH, Options { filter, ..inner("aws.vpc_flow") });
    assert_eq!(texts(&whole.rows, "srcport"), ["2"]);
    assert_eq!((whole.report.counts.filtered, whole.report.counts.bad_values), (3, 1));
    let json = document("s", &[r#"{\"level\":\"info\",\"took\":1.5}"#]);
    let whole = read(&json, CLOUDWATCH, inner("json.lines"));
    assert_eq!(texts(&whole.rows, "took"), ["1.5"]);
}

#[test]
fn a_limit_may_end_within_a_document() {
    let log = document("a", &["1", "2", "3"]) + CONTROL + &document("b", &["4", "5"]);
    for limit in 1..5_usize {
        for chunk_bytes in [1, 100, 1 << 20] {
            let whole = read(&log, CLOUDWATCH, Options { limit: Some(limit as u64), chunk_bytes, ..options() });
            assert_eq!(texts(&whole.rows, "message"), ["1", "2", "3", "4", "5"][..limit]);
        }
    }
}

#[test]
fn a_damaged_document_costs_itself_alone() {
    let documents: Vec<_> = (0..5).map(|i| document(&i.to_string(), &["x", "y \\\"z\\\" {"])).collect();
    for between in ["\n", ""] {
        for at in (1..documents[2].len()).step_by(3) {
            for what in ["", "\"", "}", "x", "\u{1}"] {
                let bad = documents[2].clone();
                let bad =
                    if what.is_empty() { bad[..at].to_owned() } else { bad[..at].to_owned() + what + &bad[at + 1..] };
                let all = [&documents[0], &documents[1], &bad, &documents[3], &documents[4]].map(String::as_str);
                let whole = read(&all.join(between), CLOUDWATCH, options());
                let mut streams = texts(&whole.rows, "log_stream");
                assert!(whole.report.counts.rejected <= 3, "{bad}: {:?}", whole.report.counts);
                streams.retain(|stream| ["0", "1", "4"].contains(&&**stream));
                assert_eq!(streams, ["0", "0", "1", "1", "4", "4"], "{between:?} {bad}");
            }
        }
    }
}

/// What each row repeats is bounded: a document of a megabyte must not become a terabyte.
#[test]
fn what_documents_repeat_is_bounded() {
    let log = |owner: usize, events: usize| {
        format!(r#"{{"owner":"{}","logEvents":[{}{{}}]}}"#, "x".repeat(owner), "{},".repeat(events - 1))
    };
    let whole = read(&(log(1 << 16, 5000) + &log(1 << 16, 20)), CLOUDWATCH, options());
    assert_eq!(counts(&whole), (21, 20, 1, 0));
    assert_eq!(texts(&whole.rejects, "reason"), ["expected fewer elements"]);
    let extra = format!(r#"{{{}"logEvents":[{}{{}}]}}"#, r#""a":1,"#.repeat(20_000), r#"{"b":1},"#.repeat(10_000));
    assert_eq!(counts(&read(&extra, CLOUDWATCH, options())), (1, 0, 1, 0));
    // The longest names that CloudWatch allows, beside the shortest events.
    let name = "n".repeat(512);
    let events = vec![
        r#"{"id":"39817492817498127498127498127498127498127498127498127498","timestamp":1772704801123,"message":"x"}"#;
        9000
    ];
    let log = format!(
        r#"{{"owner":"111122223333","logGroup":"{name}","logStream":"{name}","subscriptionFilters":["{name}","{name}"],"logEvents":[{}]}}"#,
        events.join(",")
    );
    assert_eq!(counts(&read(&log, CLOUDWATCH, options())), (9000, 9000, 0, 0));
}

#[test]
fn rows_that_are_several_stand_in_files_alone() {
    let log: arrow::array::ArrayRef = Arc::new(arrow::array::StringArray::from(vec![document("a", &["x"])]));
    let err = values::parse(&log, &named(CLOUDWATCH).unwrap(), &options(), false, None).unwrap_err();
    assert_eq!(err.kind(), ErrorKind::Option);
    let err = read_bytes(b"", &named("docker.json").unwrap(), inner(CLOUDWATCH)).unwrap_err();
    assert_eq!(err.kind(), ErrorKind::Option);
    let keys = |columns: &str| {
        let text = format!("name = 'own'\njson = {{ explode = 'a.b' }}\nframing = 'values'\n[columns]\n{columns}");
        Arc::new(Format::from_toml(&text, "own.toml").unwrap())
    };
    for columns in [
        "all = { member = 'a', type = 'json' }",
        "b = { member = 'a.b', type = 'json' }",
        "r = { member = [], type = 'json' }",
    ] {
        let err = read_bytes(b"", &keys(columns), options()).unwrap_err();
        assert!(err.to_string().contains("a column holds \"a.b\""), "{err}");
    }
    // Arrays deeper down, and what stands beside them on each level.
    let format = keys("v = {}\nw = { member = 'a.w' }\nx = { member = 'a.b.x.y', type = 'list<int64>' }");
    let log = r#"{"v":1,"a":{"w":2,"b":[{"x":{"y":[3,4]}},{"x":{"y":[]}},{}]}}{"a":{"b":[{"x":{"y":[5]}}]},"v":6}"#;
    let whole = read_bytes(log.as_bytes(), &format, options()).unwrap();
    assert_eq!(texts(&whole.rows, "v"), ["1", "1", "1", "6"]);
    assert_eq!(texts(&whole.rows, "w"), ["2", "2", "2", "null"]);
    assert_eq!(texts(&whole.rows, "x"), ["[3, 4]", "[]", "null", "[5]"]);
    let skips = Arc::new(
        Format::from_toml(
            "name = 'own'\njson = { skip = { member = 't.k', value = 'x' } }\nextra = 'column'\n[columns]\na = {}",
            "own.toml",
        )
        .unwrap(),
    );
    let log = "{\"a\":1,\"t\":{\"k\":\"x\"}}\n{\"a\":2,\"t\":{\"k\":\"y\"},\"z\":3}\n{\"a\":4}\n";
    let whole = read_bytes(log.as_bytes(), &skips, options()).unwrap();
    assert_eq!((texts(&whole.rows, "a"), counts(&whole)), (vec!["2".into(), "4".into()], (3, 2, 0, 1)));
    assert_eq!(texts(&whole.rows, "_extra")[0], r#"{"z":3}"#);
}

/// What is told of a format by its own log, under whatever name.
fn sniffed(log: &str) -> String {
    infer::choose(&Source::bytes("a.log", log.as_bytes()), &options())
        .unwrap_or_else(|err| panic!("{err}"))
        .name
        .clone()
}

#[test]
fn fluentd_writes_with_any_delimiter_with_or_without_time_and_tag() {
    let records = [
        r#"{"method":"GET","size":1}"#,
        r#"{"list":[{"a":1},{"b":2},3,{"c":"a, {\"b\", {"}],"text":"x\ty {z} ,{"}"#,
        "{}",
        r#"{"empty":{},"size":2}"#,
    ];
    let times = ["2026-03-05T10:00:01+09:00", "2026-03-05T01:00:01Z", "2026-03-05T01:00:01.000Z"];
    for delimiter in ["\t", ",", " "] {
        for (has_time, has_tag) in [(true, true), (true, false), (false, true)] {
            let line = |i: usize| {
                let head = [(has_time, times[i % 3]), (has_tag, ["app", "kube.var.log-2", "a/b_c"][i % 3])];
                let head = head.iter().filter(|(is_there, _)| *is_there).map(|(_, text)| format!("{text}{delimiter}"));
                head.collect::<String>() + records[i % 4] + "\n"
            };
            let log: String = (0..60).map(line).collect();
            let what = format!("{delimiter:?} {has_time} {has_tag}");
            assert_eq!(sniffed(&log), "fluentd.out_file", "{what}");
            let whole = read(&log, "fluentd.out_file", options());
            assert_eq!((whole.report.counts.rows, whole.report.counts.bad_values), (60, 0), "{what}");
            assert_eq!(texts(&whole.rows, "time")[1], if has_time { "2026-03-05T01:00:01Z" } else { "null" });
            assert_eq!(texts(&whole.rows, "tag")[1], if has_tag { "kube.var.log-2" } else { "null" });
            assert_eq!(texts(&whole.rows, "size")[..4], ["1", "null", "null", "2"]);
            let as_text = Options { inner: vec![Inner { column: None, format: None }], ..options() };
            assert_eq!(texts(&read(&log, "fluentd.out_file", as_text).rows, "record")[..4], records, "{what}");
        }
    }
    // A record alone is a line of JSON.
    let log = records.join("\n");
    assert_eq!(sniffed(&log), "json.lines");
    assert_eq!(read(&log, "fluentd.out_file", options()).report.counts.rejected, 4);
    // A message in JSON behind CloudWatch's time is no record of Fluentd's.
    let export: String = (0..9).map(|i| format!("2026-03-05T10:00:0{i}.123Z {{\"level\":\"info\"}}\n")).collect();
    assert_eq!(sniffed(&export), "aws.cloudwatch_export");
    let cri: String =
        (0..9).map(|i| format!("2026-03-05T10:00:0{i}.123456789Z stdout F {{\"level\":\"info\"}}\n")).collect();
    assert_eq!(sniffed(&cri), "k8s.cri");
}

/// A document: its stream, its messages (none for an element that is null), whether it is of control, the order of keys.
type Drawn = (String, Vec<Option<String>>, bool, usize);

fn drawn() -> impl Strategy<Value = Drawn> {
    let message = prop_oneof![8 => "[ -~é\n]{0,20}".prop_map(Some), 1 => Just(None)];
    ("[a-c\\\\\"]{0,3}", prop::collection::vec(message, 0..6), prop::bool::weighted(0.2), 0..6_usize)
}

/// A JSON string.
fn quoted(text: &str) -> String {
    let escaped = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        '\n' => "\\n".into(),
        c => c.to_string(),
    };
    format!("\"{}\"", text.chars().map(escaped).collect::<String>())
}

#[test]
fn firehose_leaves_nothing_between_records() {
    let records = [r#"{"a":1,"b":"x"}"#, r#"{"a":2,"c":{"d":[3]}}"#, "{\n \"a\": 4\n}", r#"{"b":"}{"}"#];
    assert_eq!(sniffed(&records.concat()), "firehose");
    assert_eq!(sniffed(&records[..2].join("\n")), "json.lines");
    assert_eq!(sniffed(&format!("[{}]", records.join(","))), "json.lines");
    for between in ["", "\n"] {
        let log = records.join(between);
        for chunk_bytes in (1..40).chain([1 << 20]) {
            let whole = read(&log, "firehose", Options { chunk_bytes, ..options() });
            assert_eq!(texts(&whole.rows, "a"), ["1", "2", "4", "null"]);
            assert_eq!(texts(&whole.rows, "c"), ["null", "{d: [3]}", "null", "null"]);
        }
        let log = [records[0], r#"{"a":2,"b":}"#, records[3]].join(between);
        assert_eq!(counts(&read(&log, "firehose", options())), (3, 2, 1, 0));
    }
}

#[test]
fn events_of_eventbridge_hold_details() {
    let event = |id: u32, detail: &str| {
        format!(
            r#"{{"version":"0","id":"{id}","detail-type":"t","source":"s","account":"1","time":"2026-03-05T10:00:01Z","region":"r","resources":["a"],"detail":{detail}}}"#
        )
    };
    let log = event(1, r#"{"state":"on","n":1.5}"#) + &event(2, r#"{"n":2,"id":"x"}"#) + &event(3, "null");
    assert_eq!(sniffed(&log), "aws.eventbridge");
    let whole = read(&log, "aws.eventbridge", inner("json.lines"));
    assert_eq!(texts(&whole.rows, "state"), ["on", "null", "null"]);
    assert_eq!(texts(&whole.rows, "n"), ["1.5", "2.0", "null"]);
    assert_eq!(texts(&whole.rows, "id"), ["1", "2", "3"]);
    assert_eq!(texts(&whole.rows, "detail_id"), ["null", "x", "null"]);
    assert_eq!(texts(&whole.rows, "resources"), ["[a]"; 3]);
    let filter = Some(Expr::parse("n > 1.5 AND source = 's'").unwrap());
    let whole = read(&log, "aws.eventbridge", Options { filter, ..inner("json.lines") });
    assert_eq!((texts(&whole.rows, "id"), whole.report.counts.filtered), (vec!["2".to_owned()], 2));
}

#[test]
fn fluent_bit_writes_its_date_in_several_ways() {
    let dates =
        ["\"2026-03-05T10:00:01.123456Z\"", "\"2026-03-05 10:00:01.123456\"", "1772704801.123456", "1772704801"];
    let line = |i: usize| format!("{{\"date\":{},\"log\":\"k=v{i} n={i}\",\"stream\":\"stdout\"}}\n", dates[i % 4]);
    let log: String = (0..40).map(line).collect();
    assert_eq!(sniffed(&log), "fluentbit.s3");
    let whole = read(&log, "fluentbit.s3", inner("logfmt"));
    let short = ["2026-03-05T10:00:01.123456Z", "2026-03-05T10:00:01Z"];
    assert_eq!(texts(&whole.rows, "date")[..4], [short[0], short[0], short[0], short[1]]);
    assert_eq!(texts(&whole.rows, "k")[39], "v39");
    assert_eq!((whole.report.counts.rows, whole.report.counts.bad_values), (40, 0));
    // Without the keys of Fluent Bit it is JSON as any other.
    assert_eq!(sniffed(&log.replace("\"log\"", "\"msg\"")), "json.lines");
}

#[test]
fn gelf_stands_between_newlines_or_nuls() {
    let message = |i: u32| {
        format!(r#"{{"version":"1.1","host":"h","short_message":"m{i}","timestamp":1772704801.25,"level":3,"_n":{i}}}"#)
    };
    for between in ["\n", "\0", "\0\n", "", "\r\n"] {
        let log: String = (0..9).map(|i| message(i) + between).collect();
        assert_eq!(sniffed(&log), "gelf", "{between:?}");
        for chunk_bytes in [1, 100, 1 << 20] {
            let whole = read(&log, "gelf", Options { chunk_bytes, ..options() });
            assert_eq!(texts(&whole.rows, "_n"), ["0", "1", "2", "3", "4", "5", "6", "7", "8"]);
            assert_eq!(texts(&whole.rows, "timestamp")[8], "2026-03-05T10:00:01.250Z");
            assert_eq!(counts(&whole), (9, 9, 0, 0), "{between:?}");
        }
    }
    // A NUL in a message is as wrong as in any JSON, and costs the message.
    let log = [message(1), message(2).replace("m2", "m\0"), message(3)].join("\0");
    let whole = read(&log, "gelf", options());
    assert_eq!((texts(&whole.rows, "_n"), counts(&whole)), (vec!["1".to_owned(), "3".to_owned()], (3, 2, 1, 0)));
}

#[test]
fn entries_of_the_journal_are_lines_pretty_or_a_sequence() {
    let entry = |i: u32, message: &str| {
        format!(
            r#"{{"__CURSOR":"c{i}","__REALTIME_TIMESTAMP":"177270480{i}000000","PRIORITY":"6","MESSAGE":{message},"OWN":"x"}}"#
        )
    };
    let messages = [r#""k=1 v=2""#, "[107,61,51,255]", "null", r#"["k=4","v=5"]"#, r#"{"k":6}"#];
    let entries: Vec<_> = messages.iter().zip(0..).map(|(message, i)| entry(i, message)).collect();
    let pretty: Vec<_> = entries.iter().map(|entry| entry.replace(",\"", ",\n\t\"").replace(":\"", " : \"")).collect();
    let sequence: String = entries.iter().map(|entry| format!("\u{1e}{entry}\n")).collect();
    for log in [entries.join("\n"), pretty.join("\n"), sequence] {
        assert_eq!(sniffed(&log), "journald.json");
        for chunk_bytes in [1, 77, 1 << 20] {
            let whole = read(&log, "journald.json", Options { chunk_bytes, ..options() });
            assert_eq!(texts(&whole.rows, "message"), ["k=1 v=2", "k=3\u{fffd}", "null", "k=4\nv=5", "null"]);
            assert_eq!(texts(&whole.rows, "realtime_timestamp")[4], "2026-03-05T10:00:04Z");
            assert_eq!(texts(&whole.rows, "_extra")[0].replace(' ', ""), r#"{"OWN":"x"}"#);
            let counts = &whole.report.counts;
            assert_eq!((counts.rows, counts.bad_values, counts.replaced), (5, 1, 1));
            assert_eq!(texts(&whole.rejects, "raw"), [r#"{"k":6}"#]);
        }
    }
    let whole = read(&entries[..2].join("\n"), "journald.json", inner("logfmt"));
    assert_eq!(texts(&whole.rows, "k"), ["1", "3\u{fffd}"]);
    // Server-sent events: an entry behind a word, and a blank line.
    let events: String = entries.iter().map(|entry| format!("data: {entry}\n\n")).collect();
    let sse = Format::from_toml(
        "name = 'own.sse'\nline = 'data: {entry:object}'\ninner = { column = 'entry', format = 'journald.json' }",
        "own.toml",
    );
    let whole = read_bytes(events.as_bytes(), &Arc::new(sse.unwrap()), options()).unwrap();
    assert_eq!((texts(&whole.rows, "cursor")[4].as_str(), counts(&whole)), ("c4", (10, 5, 0, 5)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn documents_give_their_events_however_they_are_cut(all in prop::collection::vec(drawn(), 1..20), chunk in 1_usize..400, space in "[ \n]{0,2}") {
        let (mut log, mut want, mut skipped, mut bad) = (String::new(), Vec::new(), 0, 0);
        for (stream, messages, is_control, order) in &all {
            let events = messages.iter().map(|message| match message {
                Some(message) => format!("{{\"message\":{space}{}}}", quoted(message)),
                None => "null".into(),
            });
            let events = events.collect::<Vec<_>>().join(&format!("{space},"));
            let kind = if *is_control { "CONTROL_MESSAGE" } else { "DATA_MESSAGE" };
            let keys = [
                format!("\"messageType\":\"{kind}\""),
                format!("\"logStream\":{}", quoted(stream)),
                format!("\"logEvents\":[{events}]{space}"),
            ];
            let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
            log += &format!("{{{}}}", orders[*order].map(|at| keys[at].as_str()).join(","));
            if *is_control || messages.is_empty() {
                skipped += 1;
            } else {
                bad += messages.iter().filter(|message| message.is_none()).count() as u64;
                want.extend(messages.iter().flatten().map(|message| (stream.clone(), message.clone())));
            }
        }
        let base = traced();
        for options in [base.clone(), Options { chunk_bytes: chunk, batch_rows: 3, ..base.clone() }, Options { chunk_bytes: chunk, threads: 3, ..base }] {
            let whole = read(&log, CLOUDWATCH, options);
            let found = texts(&whole.rows, "log_stream").into_iter().zip(texts(&whole.rows, "message"));
            prop_assert_eq!(found.collect::<Vec<_>>(), want.clone());
            prop_assert_eq!(counts(&whole), (want.len() as u64 + bad + skipped, want.len() as u64, bad, skipped));
        }
    }
}
