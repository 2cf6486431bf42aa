//! Layouts of application logs end to end: PatternLayout, Python's logging, VPC flow logs.
#![allow(missing_docs)]

mod common;

use std::sync::Arc;

use common::{assert_balanced, cells, levels, options, read_bytes};
use logarrow::{Format, Options};
use proptest::prelude::*;

/// The named cells of all rows, and the numbers of rows, rejects, skipped lines and bad values; the same for every cut.
fn read(format: &Format, log: &str, columns: &[&str]) -> (Vec<Vec<String>>, [u64; 4]) {
    let format = Arc::new(format.clone());
    let once = |options: Options| {
        let whole = read_bytes(log.as_bytes(), &format, options).unwrap();
        assert_balanced(&whole.report);
        let counts = &whole.report.counts;
        let all: Vec<_> = columns.iter().map(|column| cells(&whole.rows, column)).collect();
        let cell = |column: &Vec<Option<String>>, row: usize| column[row].clone().unwrap_or_else(|| "NULL".into());
        let rows = (0..whole.rows.num_rows()).map(|row| all.iter().map(|column| cell(column, row)).collect()).collect();
        (rows, [counts.rows, counts.rejected, counts.skipped, counts.bad_values])
    };
    let want: (Vec<Vec<String>>, _) = once(options());
    for simd in levels() {
        for chunk_bytes in [1, 7, 64, 100] {
            assert_eq!(once(Options { simd, chunk_bytes, ..options() }), want, "{chunk_bytes} {simd:?}");
        }
    }
    want
}

fn log4j(pattern: &str, log: &str, columns: &[&str]) -> (Vec<Vec<String>>, [u64; 4]) {
    let format = Format::log4j(pattern).unwrap_or_else(|err| panic!("{pattern}: {err}"));
    read(&format, log, columns)
}

/// One record: its cells.
fn one(pattern: &str, record: &str, want: &[(&str, &str)]) {
    let columns: Vec<_> = want.iter().map(|(name, _)| *name).collect();
    let (rows, counts) = log4j(pattern, record, &columns);
    assert_eq!(counts, [1, 0, 0, 0], "{pattern} on {record:?}");
    let values: Vec<_> = want.iter().map(|(_, value)| *value).collect();
    assert_eq!(rows, [values], "{pattern} on {record:?}");
}

const TRACE: &str = "java.io.IOException: gone\n\tat a.B.c(B.java:7)\n\nCaused by: x\n\t... 3 more";

#[test]
fn traces_belong_to_the_message_that_ends_a_pattern() {
    let log = format!(
        "lost head\n2026-03-05 10:00:01,123 INFO  [main] a.B - one\n2026-03-05 10:00:02,123 ERROR [http 1] a.B - two\n\
         {TRACE}\n\n2026-03-05 10:00:03,123 WARN\n2026-03-05 10:00:04,123 WARN  [] a - \n"
    );
    for pattern in ["%d %-5p [%t] %c{1} - %m%n", "%d{ISO8601} %-5level [%thread] %logger{36} - %msg%n%ex{full}"] {
        let (rows, counts) = log4j(pattern, &log, &["time", "level", "thread", "logger", "message"]);
        assert_eq!(counts, [3, 2, 1, 0], "{pattern}");
        assert_eq!(rows[0], ["2026-03-05T10:00:01.123Z", "INFO", "main", "a.B", "one"]);
        assert_eq!(rows[1][..4], ["2026-03-05T10:00:02.123Z", "ERROR", "http 1", "a.B"]);
        assert_eq!(rows[1][4], format!("two\n{TRACE}"));
        assert_eq!(rows[2], ["2026-03-05T10:00:04.123Z", "WARN", "", "a", ""]);
    }
}

#[test]
fn traces_behind_something_else_are_a_column() {
    for end in ["\n", "\r\n"] {
        let trace = TRACE.replace('\n', end);
        let log =
            ["05 Mar 2026 10:00:01,123 one [id=7]", "05 Mar 2026 10:00:02,123 two ]x [id=]", &trace, ""].join(end);
        let columns = ["time", "message", "mdc_id", "stack_trace"];
        let (rows, counts) = log4j("%d{DATE} %m [id=%X{id}]%n", &log, &columns);
        assert_eq!(counts, [2, 0, 0, 0], "{end:?}");
        assert_eq!(rows[0], ["2026-03-05T10:00:01.123Z", "one", "7", "NULL"]);
        assert_eq!(rows[1], ["2026-03-05T10:00:02.123Z", "two ]x", "NULL", &trace]);
    }
}

#[test]
fn contexts_with_spaces_end_where_their_braces_do() {
    let log = "05 Mar 2026 10:00:01,123 {user=Ana B, id=3} one {two}\n05 Mar 2026 10:00:02,123 {} three\n05 Mar 2026 \
               10:00:03,123 user=Ana B four\n";
    let (rows, counts) = log4j("%d{DATE} %X %m%n", log, &["mdc", "message"]);
    assert_eq!(rows, [["user=Ana B, id=3", "one {two}"], ["NULL", "three"]]);
    // Logback's are no rows that are cut in the wrong place.
    assert_eq!(counts, [2, 1, 0, 0]);
    let (rows, _) =
        log4j("%d{DATE} [%X] %m%n", "05 Mar 2026 10:00:01,123 [user=Ana B, id=3] one\n", &["mdc", "message"]);
    assert_eq!(rows, [["user=Ana B, id=3", "one"]]);
}

#[test]
fn kafka() {
    let log = "[2026-03-05 10:00:01,123] INFO one (a) (kafka.log.Log)\n[2026-03-05 10:00:02,123] INFO values:\n\ta = b\n \
               (kafka.server.KafkaConfig)\n[2026-03-05 10:00:03,123] ERROR lost (kafka.log.Log)\njava.io.IOException\n";
    let names = ["time", "level", "message", "logger", "stack_trace"];
    let (rows, counts) = log4j("[%d] %p %m (%c)%n", log, &names);
    assert_eq!(counts, [3, 0, 0, 0]);
    assert_eq!(rows[0], ["2026-03-05T10:00:01.123Z", "INFO", "one (a)", "kafka.log.Log", "NULL"]);
    assert_eq!(rows[1][2..], ["values:\n\ta = b\n (kafka.server.KafkaConfig)", "NULL", "NULL"]);
    assert_eq!(rows[2][2..], ["lost", "kafka.log.Log", "java.io.IOException"]);
    assert_eq!((rows, counts), read(&logarrow::format::named("kafka.server").unwrap(), log, &names));
}

#[test]
fn line_ends_inside_a_record() {
    for end in ["\n", "\r\n"] {
        let lines = [
            "Mar 5, 2026 10:00:01 AM a.B run",
            "INFO: one",
            "",
            "Mar 5, 2026 1:00:02 PM a.B run",
            "SEVERE: two",
            "\tat x",
            "",
        ];
        let log = lines.join(end);
        let pattern = "%d{MMM d, yyyy h:mm:ss a} %c %M%n%p: %m%n";
        let (rows, counts) = log4j(pattern, &log, &["time", "logger", "method", "level", "message"]);
        assert_eq!(counts, [2, 0, 1, 0], "{end:?}");
        assert_eq!(rows[0], ["2026-03-05T10:00:01Z", "a.B", "run", "INFO", "one"]);
        assert_eq!(rows[1], ["2026-03-05T13:00:02Z", "a.B", "run", "SEVERE", &format!("two{end}\tat x")]);
    }
}

#[test]
fn times_of_java() {
    for (option, text, want) in [
        ("{ISO8601}", "2026-03-05T10:00:01,123", "2026-03-05T10:00:01.123Z"),
        ("{ISO8601}{+09:00}", "2026-03-05 10:00:01,123", "2026-03-05T01:00:01.123Z"),
        ("{ISO8601_BASIC}", "20260305T100001,123", "2026-03-05T10:00:01.123Z"),
        ("{ISO8601_OFFSET_DATE_TIME_HH}", "2026-03-05T10:00:01,123+09", "2026-03-05T01:00:01.123Z"),
        ("{ISO8601_OFFSET_DATE_TIME_HHMM}", "2026-03-05T10:00:01,123+0930", "2026-03-05T00:30:01.123Z"),
        ("{ISO8601_OFFSET_DATE_TIME_HHCMM}", "2026-03-05T10:00:01,123Z", "2026-03-05T10:00:01.123Z"),
        ("{COMPACT}", "20260305100001123", "2026-03-05T10:00:01.123Z"),
        ("{DATE}{Asia/Tokyo}", "05 Mar 2026 10:00:01,123", "2026-03-05T01:00:01.123Z"),
        ("{DEFAULT_MICROS}", "2026-03-05 10:00:01,123456", "2026-03-05T10:00:01.123456Z"),
        ("{UNIX}", "1772704801", "2026-03-05T10:00:01Z"),
        ("{UNIX_MILLIS}", "1772704801123", "2026-03-05T10:00:01.123Z"),
        ("{ABSOLUTE}", "10:00:01,123", "10:00:01,123"),
        ("{EEE MMM dd HH:mm:ss z yyyy}", "Thu Mar 05 10:00:01 UTC 2026", "2026-03-05T10:00:01Z"),
        ("{yyyy-MM-dd HH:mm:ss, America/New_York}", "2026-03-05 10:00:01", "2026-03-05T15:00:01Z"),
        ("{yyyy-MM-dd}T%d{HH:mm:ss.SSSSSS}", "2026-03-05T10:00:01.123456", "2026-03-05T10:00:01.123456Z"),
        ("{dd.MM.yy 'at' H:mm}", "05.03.26 at 9:07", "2026-03-05T09:07:00Z"),
        ("{KK:mm zzzz}", "10:00 Central European Time", "10:00 Central European Time"),
    ] {
        let pattern = format!("%d{option} [%p] %m%n");
        one(&pattern, &format!("{text} [INFO] a b"), &[("time", want), ("level", "INFO"), ("message", "a b")]);
    }
    for (pattern, record) in [
        ("%-30d{DEFAULT}|%m", "2026-03-05 10:00:01,123       |x"),
        ("%30d{ISO8601} %m", "       2026-03-05T10:00:01,123 x"),
    ] {
        one(pattern, record, &[("time", "2026-03-05T10:00:01.123Z"), ("message", "x")]);
    }
}

#[test]
fn padding_is_trimmed() {
    one("%-6p|%10.10c|%m", "INFO  |  a.b.Cdef|x", &[("level", "INFO"), ("logger", "a.b.Cdef"), ("message", "x")]);
    one(
        "%r %-12t %-8c %m",
        "12 http nio 1   a.B      x  y",
        &[("relative_ms", "12"), ("thread", "http nio 1"), ("logger", "a.B"), ("message", "x  y")],
    );
    one(
        "%5r %-12t %-8c %m",
        "   12 main         a.B      x",
        &[("relative_ms", "12"), ("thread", "main"), ("logger", "a.B")],
    );
    one(
        "%d{UNIX} %-20(%p [%t]) %c %m",
        "1772704801 INFO [main]          a.B x",
        &[("level", "INFO"), ("thread", "main"), ("logger", "a.B"), ("message", "x")],
    );
    one(
        "%d{UNIX} %-8(%p) %12(%c): %m",
        "1772704801 INFO              a.B: x",
        &[("level", "INFO"), ("logger", "a.B"), ("message", "x")],
    );
    // Log4j 2's root logger has no name.
    one("%p %-10c - %m", "INFO            - x", &[("logger", ""), ("message", "x")]);
}

#[test]
fn values_that_are_not_there() {
    one(
        "%p [%X{a}] [%x] (%F:%L) %marker- %m",
        "INFO [] [] (?:?) - x",
        &[("mdc_a", "NULL"), ("ndc", "NULL"), ("file", "NULL"), ("line", "NULL"), ("marker", "NULL"), ("message", "x")],
    );
    one(
        "%p [%X{a:-none}] (%F:%L) %M - %m",
        "INFO [none] (B.java:7) <init> - x",
        &[("mdc_a", "NULL"), ("file", "B.java"), ("line", "7"), ("method", "<init>")],
    );
    one("%p %notEmpty{[%marker] }%m", "INFO [M1] x", &[("marker", "M1"), ("message", "x")]);
    one("%p %notEmpty{[%marker] }%m", "INFO x", &[("marker", "NULL"), ("message", "x")]);
    one(
        r#"{"l":"%p","m":"%enc{%m}{JSON}"}%n"#,
        r#"{"l":"INFO","m":"a \"b\"\nc"}"#,
        &[("level", "INFO"), ("message", "a \"b\"\\nc")],
    );
}

#[test]
fn spring_boot() {
    let pattern = "%clr(%d{${LOG_DATEFORMAT_PATTERN:-yyyy-MM-dd'T'HH:mm:ss.SSSXXX}}){faint} %clr(${LOG_LEVEL_PATTERN:-%5p}) \
                   %clr(${PID:-}){magenta} %clr(---){faint} %clr([%15.15t]){faint} %clr(%-40.40logger{39}){cyan} \
                   %clr(:){faint} %m%n${LOG_EXCEPTION_CONVERSION_WORD:-%wEx}";
    let log = "#logback.classic pattern: %d %m\n\
               2026-03-05T10:00:01.123+09:00  INFO 4711 --- [           main] o.e.s.ShopApplication                    : Started in 1.5 s\n\
               2026-03-05T10:00:02.123+09:00 ERROR 4711 --- [nio-8080-exec-1] o.e.s.web.VeryLongControllerNameOfOurs   : lost\n\n\
               java.io.IOException: gone\n\tat a.B.c(B.java:7)\n";
    let (rows, counts) = log4j(pattern, log, &["time", "level", "pid", "thread", "logger", "message"]);
    assert_eq!(counts, [2, 0, 1, 0]);
    assert_eq!(
        rows[0],
        ["2026-03-05T01:00:01.123Z", "INFO", "4711", "main", "o.e.s.ShopApplication", "Started in 1.5 s"]
    );
    assert_eq!(rows[1][3..5], ["nio-8080-exec-1", "o.e.s.web.VeryLongControllerNameOfOurs"]);
    assert_eq!(rows[1][5], "lost\n\njava.io.IOException: gone\n\tat a.B.c(B.java:7)");
}

/// The built-in layouts, said as patterns, read their own samples alike.
#[test]
fn patterns_of_the_built_in_layouts() {
    for (name, pattern) in [
        ("spark.log4j", "%d{yy/MM/dd HH:mm:ss} %p %c{1}: %m%n%ex"),
        ("hdfs.log4j", "%d{yyMMdd HHmmss} %property{PID} %p %c: %m%n"),
    ] {
        let built_in = logarrow::format::named(name).unwrap();
        let format = Format::log4j(pattern).unwrap();
        for sample in &built_in.samples {
            let names: Vec<&str> = built_in.columns.iter().map(|column| column.name.as_str()).collect();
            assert_eq!(read(&format, &sample.line, &names), read(&built_in, &sample.line, &names), "{name}");
        }
        let types =
            |format: &Format| format.columns.iter().map(|c| (c.name.clone(), c.dtype.name.clone())).collect::<Vec<_>>();
        assert_eq!(types(&format), types(&built_in), "{name}");
    }
}

fn python(fmt: &str, style: &str, datefmt: Option<&str>) -> Format {
    Format::python_logging(fmt, style, datefmt).unwrap_or_else(|err| panic!("{fmt}: {err}"))
}

#[test]
fn tracebacks_of_python() {
    let trace = "Traceback (most recent call last):\n  File \"a.py\", line 1, in <module>\n    1 / 0\nZeroDivisionError: x\n\nKeyError: 'y'";
    let log = format!(
        "2026-03-05 10:00:01,123 INFO     shop.cart added - twice\n2026-03-05 10:00:02,123 ERROR    root failed\n{trace}\n\
         2026-03-05 10:00:03,123 CRITICAL root \n"
    );
    for (fmt, style) in [
        ("%(asctime)s %(levelname)-8s %(name)s %(message)s", "%"),
        ("{asctime} {levelname:<8} {name} {message}", "{"),
        ("{asctime!s} {levelname:8s} {name} {message}", "{"),
    ] {
        let (rows, counts) = read(&python(fmt, style, None), &log, &["time", "level", "name", "message"]);
        assert_eq!(counts, [3, 0, 0, 0], "{fmt}");
        assert_eq!(rows[0], ["2026-03-05T10:00:01.123Z", "INFO", "shop.cart", "added - twice"]);
        assert_eq!(rows[1], ["2026-03-05T10:00:02.123Z", "ERROR", "root", &format!("failed\n{trace}")]);
        assert_eq!(rows[2], ["2026-03-05T10:00:03.123Z", "CRITICAL", "root", ""]);
    }
    let log = format!("INFO:root:one\nERROR:shop.cart:two: 2\n{trace}\n");
    let (rows, counts) =
        read(&python("%(levelname)s:%(name)s:%(message)s", "%", None), &log, &["level", "name", "message"]);
    assert_eq!(counts, [2, 0, 0, 0]);
    assert_eq!(rows[1], ["ERROR", "shop.cart", &format!("two: 2\n{trace}")]);
    let log = format!("10:00:01 one (a.py:7)\n10:00:02 two (b c.py:8)\n{trace}\n");
    let format = python("$asctime $message ($filename:$lineno)", "$", Some("%H:%M:%S"));
    let (rows, _) = read(&format, &log, &["time", "message", "filename", "lineno", "traceback"]);
    assert_eq!(rows, [["10:00:01", "one", "a.py", "7", "NULL"], ["10:00:02", "two", "b c.py", "8", trace]]);
}

#[test]
fn attributes_of_python() {
    let one = |fmt: &str, datefmt: Option<&str>, record: &str, want: &[(&str, &str)]| {
        let columns: Vec<_> = want.iter().map(|(name, _)| *name).collect();
        let (rows, counts) = read(&python(fmt, "%", datefmt), record, &columns);
        assert_eq!(counts, [1, 0, 0, 0], "{fmt} on {record:?}");
        assert_eq!(rows[0], want.iter().map(|(_, value)| *value).collect::<Vec<_>>(), "{fmt} on {record:?}");
    };
    one(
        "%(created)f %(relativeCreated)d %(process)d %(thread)d %(message)s",
        None,
        "1772704801.123456 1234 4711 140231 x",
        &[
            ("created", "2026-03-05T10:00:01.123456Z"),
            ("relative_created", "1234"),
            ("process", "4711"),
            ("thread", "140231"),
            ("message", "x"),
        ],
    );
    one(
        "%(asctime)s.%(msecs)03d [%(threadName)-12.12s] %(taskName)s|%(message)s",
        Some("%Y-%m-%dT%H:%M:%S"),
        "2026-03-05T10:00:01.007 [MainThread  ] None|a|b",
        &[
            ("time", "2026-03-05T10:00:01.007Z"),
            ("thread_name", "MainThread"),
            ("task_name", "NULL"),
            ("message", "a|b"),
        ],
    );
    one(
        "%(asctime)s,%(msecs)d %(levelname)-8s [%(filename)s:%(lineno)d] %(message)s",
        Some("%Y-%m-%d:%H:%M:%S"),
        "2026-03-05:10:00:01,7 INFO     [a.py:12] x",
        &[("time", "2026-03-05T10:00:01Z"), ("msecs", "7"), ("level", "INFO"), ("filename", "a.py"), ("lineno", "12")],
    );
    one(
        "%(asctime)s%(msecs)03d %(levelno)-3d %(process)5d %(message)s",
        Some("%s"),
        "1772704801007 20   4711 x",
        &[("time", "2026-03-05T10:00:01.007Z"), ("message", "x")],
    );
    one(
        "[%(asctime)s] %(process)x %(pathname)s:%(lineno)05d %(requestId)s %(message)s",
        Some("%d/%b/%Y:%H:%M:%S %z"),
        "[05/Mar/2026:10:00:01 +0900] ff /a b/c.py:00012 r-7 x",
        &[
            ("time", "2026-03-05T01:00:01Z"),
            ("process", "255"),
            ("pathname", "/a b/c.py"),
            ("lineno", "12"),
            ("request_id", "r-7"),
        ],
    );
    one(
        "%(asctime)s %(message)s",
        Some("%c"),
        "Thu Mar  5 10:00:01 2026 x  y",
        &[("time", "2026-03-05T10:00:01Z"), ("message", "x  y")],
    );
    one(
        "%(asctime)s %(levelname)s\n%(message)s",
        None,
        "2026-03-05 10:00:01,123 INFO\nx\ny",
        &[("level", "INFO"), ("message", "x\ny")],
    );
}

/// The built-in format, said as a format string, reads its own samples alike.
#[test]
fn python_has_a_built_in_format() {
    let built_in = logarrow::format::named("python.logging").unwrap();
    let format = python("%(asctime)s - %(name)s - %(levelname)s - %(message)s", "%", None);
    let names: Vec<&str> = built_in.columns.iter().map(|column| column.name.as_str()).collect();
    for sample in &built_in.samples {
        assert_eq!(read(&format, &sample.line, &names), read(&built_in, &sample.line, &names));
    }
}

const VPC: &str = "2 111122223333 eni-0a1b 192.0.2.7 10.0.0.9 20641 22 6 20 4249 1772704801 1772704861 ACCEPT OK";

#[test]
fn flow_logs_of_any_fields() {
    let format = Format::vpc_flow("${vpc-id} ${tcp-flags} ${start} ${bytes} ${new-field} ${ecs-task-id}").unwrap();
    assert_eq!(Format::from_toml(&format.to_toml(), "again").unwrap(), format, "{}", format.to_toml());
    let types: Vec<_> = format.columns.iter().map(|column| column.dtype.name.as_str()).collect();
    assert_eq!(types, ["", "int32", "timestamp", "int64", "", ""]);
    let columns = ["vpc_id", "tcp_flags", "start", "bytes", "new_field", "ecs_task_id", "_extra"];
    let header = "vpc-id tcp-flags start bytes new-field ecs-task-id";
    let row = ["vpc-1", "18", "2026-03-05T10:00:01Z", "4249", "x", "NULL", "NULL"];
    for log in
        ["vpc-1 18 1772704801 4249 x -\n".to_owned(), format!("{header}\nvpc-1 18 1772704801 4249 x -\n{header}\n")]
    {
        let (rows, counts) = read(&format, &log, &columns);
        assert_eq!(
            (rows, counts),
            (vec![row.map(str::to_owned).to_vec()], [1, 0, log.matches(header).count() as u64, 0])
        );
    }
    let (rows, counts) = read(&format, "vpc-1 - - - - - a b\nvpc-1 18\n", &columns);
    assert_eq!((rows[0].join(","), counts), ("vpc-1,NULL,NULL,NULL,NULL,NULL,a b".to_owned(), [1, 1, 0, 0]));
    // Another order in the file's own header holds.
    let (rows, _) = read(&format, "bytes vpc-id start\n7 vpc-1 1772704801\n", &["vpc_id", "bytes", "start"]);
    assert_eq!(rows, [["vpc-1", "7", "2026-03-05T10:00:01Z"]]);
}

#[test]
fn flow_logs_are_named_by_their_header() {
    let format = logarrow::format::named("aws.vpc_flow").unwrap();
    let names = |log: &str| {
        let rows = read_bytes(log.as_bytes(), &format, options()).unwrap().rows;
        rows.schema().fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>().join(" ")
    };
    let usual = "version account_id interface_id srcaddr dstaddr srcport dstport protocol packets bytes start end action \
                 log_status _extra";
    // Without a header, as from CloudWatch Logs, and with the usual one.
    let header = usual.replace(" _extra", "").replace('_', "-");
    assert_eq!((names(VPC), names(&format!("{header}\n{VPC}\n"))), (usual.to_owned(), usual.to_owned()));
    let columns: Vec<&str> = usual.split(' ').collect();
    let plain = read(&format, &format!("{VPC}\n{VPC}\n"), &columns);
    let headed = read(&format, &format!("{header}\r\n{VPC}\r\n{VPC}\r\n"), &columns);
    assert_eq!((&plain.0, plain.1, headed.1), (&headed.0, [2, 0, 0, 0], [2, 0, 1, 0]));
    let other =
        "vpc-id pkt-srcaddr tcp-flags start future-field flow-direction\nvpc-1 192.0.2.7 2 1772704801 x egress\n";
    assert_eq!(names(other), "vpc_id pkt_srcaddr tcp_flags start future_field flow_direction _extra");
    let (rows, counts) = read(&format, other, &["tcp_flags", "start", "future_field", "flow_direction"]);
    assert_eq!((rows, counts[0]), (vec![["2", "2026-03-05T10:00:01Z", "x", "egress"].map(str::to_owned).to_vec()], 1));
    // Words that are no names of fields are data.
    let (rows, counts) = read(&format, "a b c d e f g h i j k l m n\n", &["account_id", "action"]);
    assert_eq!((rows, counts), (vec![vec!["b".to_owned(), "m".to_owned()]], [1, 0, 0, 8]));
}

#[test]
fn err_a_dot_between_names() {
    for (pattern, is_told) in
        [("%d %c.%M %m%n", false), ("%d %-5C{2}.%M - %m%n", false), ("%d %c{1}.%M %m%n", true), ("%d %c#%M %m%n", true)]
    {
        match Format::log4j(pattern) {
            Ok(_) => assert!(is_told, "{pattern}"),
            Err(err) => assert!(!is_told && err.to_string().contains("only a dot stands between"), "{pattern}: {err}"),
        }
    }
}

#[test]
fn err_flow_log_formats() {
    let error = |text: &str| Format::vpc_flow(text).unwrap_err().to_string();
    let hint = "write fields with a space between them: ${version} ${account-id} ${interface-id}";
    assert_eq!(error("${version} ${bytes"), format!("flow log format:1:12: \"${{bytes\" is no field\nhint: {hint}"));
    assert_eq!(
        error("${version},${bytes}"),
        format!("flow log format:1:1: \"${{version}},${{bytes}}\" is no field\nhint: {hint}")
    );
    assert!(error("version bytes version").starts_with("flow log format:1:15: field \"version\" is there twice"));
    assert!(error(" ").starts_with("flow log format:1:1: no field in the format"));
    let default = Format::vpc_flow("default").unwrap();
    let built_in = logarrow::format::named("aws.vpc_flow").unwrap();
    // The builtin format has columns of its files' paths besides.
    let fields = &built_in.columns[..default.columns.len()];
    assert_eq!((&default.layout, default.columns.as_slice()), (&built_in.layout, fields));
    assert!(built_in.columns[fields.len()..].iter().all(|column| column.on_demand));
}

#[test]
fn cloudfront_logs_of_picked_fields() {
    let format =
        Format::cloudfront_realtime(&["sc-status", "timestamp", "new-field", "cs_uri_stem", "time-taken"]).unwrap();
    assert_eq!(Format::from_toml(&format.to_toml(), "again").unwrap(), format, "{}", format.to_toml());
    let columns = ["timestamp", "sc_status", "cs_uri_stem", "time_taken", "new_field", "_extra"];
    let log = "1772704801.123\t200\t/a b\t0.012\t-\n1772704801.123\t000\t-\t-\tx\tmore\n1772704801.123\t200\n";
    let (rows, counts) = read(&format, log, &columns);
    assert_eq!(counts, [2, 1, 0, 0]);
    assert_eq!(rows[0], ["2026-03-05T10:00:01.123Z", "200", "/a b", "0.012", "NULL", "NULL"]);
    assert_eq!(rows[1], ["2026-03-05T10:00:01.123Z", "0", "NULL", "NULL", "x", "more"]);
    let error = |fields: &[&str]| Format::cloudfront_realtime(fields).unwrap_err().to_string();
    assert_eq!(error(&["c-ip", "c_ip"]), "field \"c_ip\" is there twice\nhint: leave one of them out");
    assert_eq!(error(&[]), "a real-time log without fields\nhint: name those that were picked for it");
    assert!(error(&["(x)"]).starts_with("\"(x)\" is no field of a real-time log"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// What a layout writes comes back.
    #[test]
    fn what_is_written_is_read(
        records in prop::collection::vec(
            (prop::sample::select(vec!["INFO", "DEBUG", "A", "NOTICE"]), "[a-z \\]]{0,9}[a-z]", "[a-zA-Z.$]{1,9}", "( |\n\tat )?[ -~]{0,12}[!-~]"),
            1..6,
        ),
        which in 0_usize..6,
    ) {
        let patterns = [
            "%d{UNIX} %-5p [%t] %c - %m%n", "%d{UNIX} %5p [%t] %c: %m%n", "%d{UNIX} %-5p %c %m%n", "%d{UNIX} [%-5p] %c|%m%n",
            "%d{UNIX} %-6p %m%n", "%5p %d{UNIX} %m%n",
        ];
        let mut log = String::new();
        for (level, thread, logger, message) in &records {
            log += &match which {
                0 => format!("1772704801 {level:<5} [{thread}] {logger} - {message}\n"),
                1 => format!("1772704801 {level:>5} [{thread}] {logger}: {message}\n"),
                2 => format!("1772704801 {level:<5} {logger} {message}\n"),
                3 => format!("1772704801 [{level:<5}] {logger}|{message}\n"),
                4 => format!("1772704801 {level:<6} {message}\n"),
                _ => format!("{level:>5} 1772704801 {message}\n"),
            };
        }
        // A thread that ends like the layout goes on is cut there.
        prop_assume!(!records.iter().any(|(_, thread, ..)| thread.contains("] ")));
        let format = Format::log4j(patterns[which]).unwrap();
        let names: &[&str] = match which {
            0 | 1 => &["level", "message", "logger", "thread"],
            2 | 3 => &["level", "message", "logger"],
            _ => &["level", "message"],
        };
        let want: Vec<Vec<String>> = records.iter().map(|(level, thread, logger, message)| {
            [*level, message, logger, thread].iter().take(names.len()).map(|text| (*text).to_owned()).collect()
        }).collect();
        let (rows, counts) = read(&format, &log, names);
        prop_assert_eq!((rows, counts[1..].to_vec()), (want, vec![0, 0, 0]), "{} on {:?}", patterns[which], log);
    }

    /// Any text is a pattern or an error; a pattern is the same from its own file, and reads anything.
    #[test]
    fn any_pattern(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "%d", "%p", "%-5p", "%30.30t", "%c{1}", "%m", "%n", "%X{a:-b}", "%ex", "%notEmpty{", "%-9(", "%replace{", "${", ":-",
                "{", "}", "(", ")", "'", "\\", "%%", "%", " ", "[", "]", "\n", "HH:mm", "ISO8601", ", GMT+1", "GMT\u{e9}", "\u{e9}",
                "yyyy-MM-dd", "%(message)s", "%(asctime)-9s", "{levelname:<8}", "{msecs:03.0f}", "$name", "$$", "version", "${a-b}", "\"",
            ]),
            0..12,
        ),
        text in "[ A-Z0-9:,\\[\\]\n\r-]{0,60}",
    ) {
        let pattern = parts.concat();
        let formats = [
            Format::log4j(&pattern),
            Format::python_logging(&pattern, "%", None),
            Format::python_logging(&pattern, "{", Some(&pattern)),
            Format::python_logging(&pattern, "$", Some("%c")),
            Format::vpc_flow(&pattern),
        ];
        for format in formats.into_iter().flatten() {
            let back = Format::from_toml(&format.to_toml(), "again");
            prop_assert_eq!(back.as_ref().ok(), Some(&format), "{}: {:?}", pattern, back.as_ref().err());
            // A time that tells too little, or a zone that there is not, shows when a scan is planned.
            if let Ok(whole) = read_bytes(text.as_bytes(), &Arc::new(format), options()) {
                assert_balanced(&whole.report);
            }
        }
    }
}
