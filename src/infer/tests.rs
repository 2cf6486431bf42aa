//! Sniffing over lines written for it.

use super::*;

const COMBINED: &str = r#"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "GET /a HTTP/1.1" 200 512 "-" "curl/8.9""#;
const COMMON: &str = r#"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "GET /a HTTP/1.1" 200 512"#;
const VHOST: &str =
    r#"www.example.org:80 192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "GET /a HTTP/1.1" 200 5 "-" "x""#;
const NGINX: &str = r#"192.0.2.7 - - [05/Mar/2026:10:00:01 +0900] "GET /\xE6\x9C\x88 HTTP/1.1" 404 0 "-" "x""#;
const CLOSED: &str = r#"192.0.2.7 - - [05/Mar/2026:10:00:01 +0900] "GET /slow HTTP/1.1" 499 0 "-" "x""#;
const MAIN: &str = r#"192.0.2.7 - - [05/Mar/2026:10:00:01 +0900] "GET / HTTP/1.1" 200 9 "-" "x" "10.0.0.1""#;
const APACHE_ERROR: &str =
    "[Thu Mar 05 10:00:01.250731 2026] [core:error] [pid 811:tid 140] [client 192.0.2.7:51000] AH00035: denied";
const NGINX_ERROR: &str = "2026/03/05 10:00:01 [error] 811#812: *78 connect() failed, client: 192.0.2.7, server: x";

fn log(line: &str, count: usize) -> String {
    format!("{line}\n").repeat(count)
}

fn source(text: &str) -> Source {
    Source::bytes("test.log", text.as_bytes())
}

fn chosen(text: &str) -> Result<String> {
    choose(&source(text), &Options::default()).map(|format| format.name.clone())
}

#[test]
fn ok_each_kind() {
    let cases = [
        (COMBINED, "apache.combined"),
        (COMMON, "apache.common"),
        (VHOST, "apache.vhost_combined"),
        (NGINX, "nginx.combined"),
        (CLOSED, "nginx.combined"),
        (MAIN, "nginx.main"),
        (APACHE_ERROR, "apache.error"),
        (NGINX_ERROR, "nginx.error"),
        ("2026-03-05 10:00:01.123 PDT [147] LOG:  ready", "postgresql.stderr"),
        ("2026-03-05 10:00:01 GMT [147]: [1-1] LOG:  00000: ready", "postgresql.stderr"),
        ("2026-03-05 10:00:01,123 INFO [main] a.B: ready", "log4j"),
        (
            r#"Nov 24 10:00:01 lb haproxy[7]: 192.0.2.7:55 [24/Nov/2020:10:00:01.123] web be/s1 0/0/1/2/3 200 12 - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1""#,
            "haproxy.http",
        ),
        (
            r#"<134>Nov  4 10:00:01 haproxy[7]: 192.0.2.7:55 [04/Nov/2020:10:00:01.123] web be/s1 0/0/1/2/3 200 12 - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1""#,
            "haproxy.http",
        ),
        (
            "Nov  4 10:00:01 lb haproxy[7]: 192.0.2.7:55 [04/Nov/2020:10:00:01.123] web/1: SSL handshake failure",
            "haproxy.http",
        ),
        (
            "Nov  4 10:00:01 lb haproxy[7]: 192.0.2.7:55 [04/Nov/2020:10:00:01.123] db pg/p1 0/1/50 212 -- 5/4/3/2/0 1/0",
            "haproxy.tcp",
        ),
        // Fields of one's own behind.
        (
            r#"192.0.2.7 - - [05/Mar/2026:10:00:01 +0900] "GET / HTTP/1.1" 200 9 "-" "x" "10.0.0.1" 0.005 "a b""#,
            "web.access",
        ),
        ("<13>Mar  5 10:00:01 web1 cron[7]: done", "syslog.rfc3164"),
        ("Mar  5 10:00:01 web1 cron[7]: done", "syslog.rfc3164"),
        ("<34>1 2026-03-05T10:00:01Z web1 shop 1 ID4 - done", "syslog.rfc5424"),
        ("41 <34>1 2026-03-05T10:00:01Z web1 a 1 - - x", "syslog.auto"),
    ];
    for (line, name) in cases {
        assert_eq!(chosen(&log(line, 3)).unwrap(), name, "{line}");
    }
}

const TRAIL: &str = r#"{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","arn":"x"},"eventTime":"2026-03-05T10:00:01Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"x","eventID":"7"}"#;

#[test]
fn ok_json() {
    let own = r#"{"time":"2026-03-05T10:00:01Z","level":"info","message":"a=1 b=2","host":{"name":"x"}}"#;
    let pretty = own.replace(',', ",\n  ");
    for (text, name) in [
        (log(own, 3), "json.lines"),
        (log(&pretty, 3), "json.lines"),
        (own.repeat(3), "firehose"),
        (format!("[{own},\n{own}]\n"), "json.lines"),
        (format!("{{\"Records\":[{own}]}}"), "json.lines"),
        (log("{}", 3), "json.lines"),
        (format!("{{\"Records\":[{TRAIL},{TRAIL}]}}"), "aws.cloudtrail"),
        (format!("{{\n\"Records\": [\n{TRAIL},\n{TRAIL}\n]\n}}\n"), "aws.cloudtrail"),
    ] {
        assert_eq!(chosen(&text).unwrap(), name, "{text}");
    }
    let mut text = log(own, 19);
    text.push_str("{\"time\":\n");
    assert_eq!(chosen(&text).unwrap(), "json.lines");
    let guesses = sniff(&source(&text), &Options::default()).unwrap();
    assert_eq!((guesses[0].lines, guesses[0].matched), (20, 19));
    assert_eq!(guesses[0].why.as_deref(), Some("test.log: record 20 is no JSON"));
    assert!(chosen("1\n2\n").is_err());
}

#[test]
fn ok_columns_of_json_are_found() {
    let text = "{\"a\":1,\"o\":{\"b\":[1.5]},\"t\":\"2026-03-05T10:00:01Z\"}\n{\"a\":\"x\",\"o\":{\"c\":true}}\n";
    let resolve = |options: &Options| {
        let format = resolve_keys(&format::named("json.lines").unwrap(), &source(text), options).unwrap();
        let of = |column: &format::Column| (column.name.clone(), column.dtype.name.clone());
        format.columns.iter().map(of).collect::<Vec<_>>()
    };
    let own =
        |types: &[(&str, &str)]| types.iter().map(|(n, t)| ((*n).to_owned(), (*t).to_owned())).collect::<Vec<_>>();
    let found = [("a", ""), ("o", "struct<b: list<float64>, c: bool>"), ("t", "timestamp")];
    assert_eq!(resolve(&Options::default()), own(&found));
    let options = Options {
        columns: Some(vec!["a".into(), "more".into(), "_path".into(), "d".into()]),
        filter: Some(crate::filter::col("less").eq(crate::filter::lit("x"))),
        derive: vec![("t".into(), crate::filter::col("a")), ("d".into(), crate::filter::col("even"))],
        ..Options::default()
    };
    assert_eq!(resolve(&options), own(&[&found[..2], &[("more", ""), ("less", ""), ("even", "")]].concat()));
}

#[test]
fn ok_both_kinds_of_syslog() {
    let text = "<13>Mar  5 10:00:01 web1 cron[7]: done\n<34>1 2026-03-05T10:00:01Z web1 shop 1 ID4 - done\n";
    assert_eq!(chosen(text).unwrap(), "syslog.auto");
}

#[test]
fn ok_cloudfront_with_chosen_fields() {
    let head = "#Version: 1.0\n#Fields: date time c-ip cs-method cs(User-Agent) sc-status asn\n";
    let text = format!("{head}2026-03-05\t10:00:01\t192.0.2.7\tGET\ta%20b\t200\t64500\n");
    assert_eq!(chosen(&text).unwrap(), "aws.cloudfront_fields");
}

#[test]
fn ok_access_logs_of_several_shapes() {
    assert_eq!(chosen(&[COMBINED, COMMON, VHOST].map(|line| log(line, 2)).concat()).unwrap(), "web.access");
}

#[test]
fn ok_a_few_misfits() {
    let mut text = log(COMBINED, 95);
    text.push_str(&log("what is this", 5));
    assert_eq!(chosen(&text).unwrap(), "apache.combined");
    let guesses = sniff(&source(&text), &Options::default()).unwrap();
    assert_eq!((guesses[0].lines, guesses[0].matched), (100, 95));
    let why = guesses[0].why.as_deref().unwrap();
    assert!(why.starts_with("test.log:96:") && why.contains("expected"), "{why}");
}

#[test]
fn err_too_many_misfits() {
    let err = chosen(&(log(COMBINED, 5) + &log("what is this", 5))).unwrap_err();
    assert_eq!(err.kind(), ErrorKind::NoMatch);
    assert!(err.message().starts_with("no format fits the sample of 10 lines: apache.combined 50%"), "{err}");
    assert!(err.hint().unwrap().contains("format=\"apache.combined\""), "{err}");
    let err = chosen("buy milk\n").unwrap_err();
    assert_eq!(err.message(), "no format fits the sample of 1 lines: none matches a line");
}

#[test]
fn err_empty() {
    for text in ["", "\n\n"] {
        let err = chosen(text).unwrap_err();
        assert_eq!(
            (err.kind(), err.message()),
            (ErrorKind::NoMatch, "the source is empty, so its format cannot be found")
        );
    }
    assert!(choose(&Source::default(), &Options::default()).is_err());
}

#[test]
fn ok_bad_values_do_not_match() {
    let text = COMBINED.replace(" 200 ", " 2OO ") + "\n";
    let guesses = sniff(&source(&text), &Options::default()).unwrap();
    assert_eq!((guesses[0].lines, guesses[0].matched), (1, 0));
}

#[test]
fn ok_a_stream_keeps_its_bytes() {
    let text = log(COMBINED, 10_000);
    let source = Source::reader("pipe", Box::new(std::io::Cursor::new(text.clone().into_bytes())));
    let format = choose(&source, &Options::default()).unwrap();
    let options = Options { threads: 1, ..Options::default() };
    let reader = crate::Scan::new(source, format).with_options(options).read().unwrap();
    let rows: usize = reader.map(|batch| batch.unwrap().num_rows()).sum();
    assert_eq!(rows, 10_000);
}

#[test]
fn ok_long_samples_are_cut_at_lines() {
    let guesses = sniff(&source(&log(COMBINED, 50_000)), &Options::default()).unwrap();
    assert_eq!((guesses[0].lines, guesses[0].matched), (SAMPLE_LINES as u64, SAMPLE_LINES as u64));
    let long = COMBINED.replace("curl", &"x".repeat(10_000));
    let guesses = sniff(&source(&log(&long, 100)), &Options::default()).unwrap();
    assert!(guesses[0].lines > 20 && guesses[0].lines == guesses[0].matched);
}

#[test]
fn ok_several_items() {
    let mut both = source(&log(COMBINED, 10));
    both.extend(source(&log(NGINX_ERROR, 10)));
    let err = choose(&both, &Options::default()).unwrap_err();
    assert!(err.message().contains("apache.combined 50%") && err.message().contains("nginx.error 50%"), "{err}");
}
