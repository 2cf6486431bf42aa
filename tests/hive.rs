//! Hive's tables end to end: what each SerDe is documented to make of a line.
#![allow(missing_docs)]

mod common;

use std::sync::Arc;

use common::{Whole, cells, options, read_bytes};
use logarrow::format::Semantics;
use logarrow::{Format, Options};
use proptest::prelude::*;

/// Reads a log; the rows as text.
fn rows(format: &Format, log: &str) -> (Vec<Vec<String>>, Whole) {
    let whole = read_bytes(log.as_bytes(), &Arc::new(format.clone()), options()).unwrap();
    let schema = whole.rows.schema();
    let columns: Vec<_> = schema.fields().iter().map(|field| cells(&whole.rows, field.name())).collect();
    let row = |at: usize| columns.iter().map(|column| column[at].clone().unwrap_or_else(|| "NULL".into())).collect();
    ((0..whole.rows.num_rows()).map(row).collect(), whole)
}

fn reasons(whole: &Whole) -> Vec<String> {
    cells(&whole.rejects, "reason").into_iter().flatten().collect()
}

/// A table in the shape of Athena's for VPC flow logs: a space between fields, a header line, `-` where nothing is.
#[test]
fn vpc_flow_logs_by_lazy_simple_serde() {
    let ddl = "CREATE EXTERNAL TABLE IF NOT EXISTS `vpc_flow` (
        version int, account_id string, interface_id string, srcaddr string, dstaddr string, srcport int, dstport int,
        protocol bigint, packets bigint, bytes bigint, start bigint, `end` bigint, action string, log_status string)
      PARTITIONED BY (`date` date)
      ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
      LOCATION 's3://bucket/prefix/vpcflowlogs/'
      TBLPROPERTIES (\"skip.header.line.count\"=\"1\");";
    let log = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action \
               log-status\n\
               2 123456789012 eni-1 10.0.0.5 192.0.2.9 443 49152 6 20 4249 1772704800 1772704860 ACCEPT OK\n\
               2 123456789012 eni-1 - - - - - - - 1772704800 1772704860 - NODATA\n\
               3 123456789012 eni-1 10.0.0.5 192.0.2.9 443 99999999999 6 20 4249 1772704800 1772704860 REJECT OK x y\n\
               2 123456789012\n";
    let (got, whole) = rows(&Format::hive(ddl).unwrap(), log);
    let row = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(
        got,
        [
            row("2 123456789012 eni-1 10.0.0.5 192.0.2.9 443 49152 6 20 4249 1772704800 1772704860 ACCEPT OK NULL"),
            row("2 123456789012 eni-1 - - NULL NULL NULL NULL NULL 1772704800 1772704860 - NODATA NULL"),
            row("3 123456789012 eni-1 10.0.0.5 192.0.2.9 443 NULL 6 20 4249 1772704800 1772704860 REJECT OK NULL"),
            row("2 123456789012 NULL NULL NULL NULL NULL NULL NULL NULL NULL NULL NULL NULL NULL"),
        ]
    );
    // Hive's silent NULLs are told: five dashes and a port that is too large; so are the fields past the last column.
    let counts = &whole.report.counts;
    assert_eq!((counts.bad_values, counts.extra, counts.skipped, counts.rejected), (6, 1, 1, 0));
    let (got, whole) = rows(&Format::hive_with(ddl, Semantics::Logarrow).unwrap(), log);
    assert_eq!(got[1][3..5], ["NULL", "NULL"]);
    assert_eq!((got[2].last().map(String::as_str), whole.report.counts.bad_values), (Some("x y"), 1));
}

/// A table in the shape of Athena's for CloudFront's standard logs: tabs and two header lines.
#[test]
fn cloudfront_logs_by_lazy_simple_serde() {
    let ddl = r"CREATE EXTERNAL TABLE cloudfront_standard (
        `date` DATE, time STRING, x_edge_location STRING, sc_bytes BIGINT, c_ip STRING, cs_method STRING, sc_status INT,
        time_taken FLOAT)
      ROW FORMAT DELIMITED FIELDS TERMINATED BY '\t'
      LOCATION 's3://bucket/' TBLPROPERTIES ('skip.header.line.count'='2')";
    let log = "#Version: 1.0\n#Fields: date time\n\
               2026-03-05\t10:00:01\tLHR62-C2\t2390282\t192.0.2.7\tGET\t200\t0.001\n\
               2026-03-05\t10:00:02\tLHR62-C2\t-\t-\t\t\t-\n\
               2026-13-05\t\t\\N\t 5\tx\ty\t2.5\t1e2\n";
    let (got, whole) = rows(&Format::hive(ddl).unwrap(), log);
    assert_eq!(got[0], ["2026-03-05", "10:00:01", "LHR62-C2", "2390282", "192.0.2.7", "GET", "200", "0.001"]);
    assert_eq!(got[1], ["2026-03-05", "10:00:02", "LHR62-C2", "NULL", "-", "", "NULL", "NULL"]);
    assert_eq!(got[2], ["NULL", "", "NULL", "NULL", "x", "y", "NULL", "100.0"]);
    assert_eq!((whole.report.counts.skipped, whole.report.counts.bad_values), (2, 5));
}

#[test]
fn escapes_nulls_arrays_and_times_of_lazy_simple_serde() {
    let ddl = r"CREATE TABLE t (a string, tags array<string>, n array<int>, ok boolean, at timestamp, price decimal(6,2))
      ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' ESCAPED BY '\\' COLLECTION ITEMS TERMINATED BY ';' NULL DEFINED AS 'nil'
      STORED AS TEXTFILE";
    let format = Format::hive(ddl).unwrap();
    let log = "x\\,y,p;q,1;2,TRUE,2026-03-05 10:00:01.5,12.50\n\
               nil,nil,1;nil,yes,2026-03-05,1.234\n\
               \"q\",,,false,2026-03-05 10:00:01,-1\n";
    let (got, whole) = rows(&format, log);
    assert_eq!(got[0], ["x,y", "[p, q]", "[1, 2]", "true", "2026-03-05T10:00:01.500", "12.50"]);
    assert_eq!(got[1], ["NULL", "NULL", "[1, ]", "NULL", "NULL", "1.23"]);
    assert_eq!(got[2], ["\"q\"", "[]", "[]", "false", "2026-03-05T10:00:01", "-1.00"]);
    assert_eq!(whole.report.counts.bad_values, 2);
    let (got, _) = rows(&format, "a\\nb\\\\n\\t,x\\;y;z\n");
    assert_eq!(got[0][..3], ["a\nb\\nt", "[x;y, z]", "NULL"]);
    let formats = ddl.to_owned() + " TBLPROPERTIES ('timestamp.formats' = 'dd/MMM/yyyy:HH:mm:ss Z')";
    let (got, _) = rows(&Format::hive(&formats).unwrap(), "x,,,true,05/Mar/2026:10:00:01 +0900,1\n");
    assert_eq!(got[0][4], "2026-03-05T01:00:01");
    let (got, _) = rows(&Format::hive_with(ddl, Semantics::Logarrow).unwrap(), "-,-,1,yes,2026-03-05T10:00:01Z,-\n");
    assert_eq!(got[0], ["NULL", "NULL", "[1]", "true", "2026-03-05T10:00:01Z", "NULL", "NULL"]);
}

/// Quotes, doubled and escaped, and Athena's types: numbers from text, times as milliseconds, dates as days.
#[test]
fn opencsv_serde() {
    let ddl = r#"CREATE EXTERNAL TABLE t (name string, n bigint, price double, ok boolean, day date, at timestamp)
      ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'
      WITH SERDEPROPERTIES ("separatorChar" = ",", "quoteChar" = "\"", "escapeChar" = "\\")
      LOCATION 's3://bucket/' TBLPROPERTIES ("skip.header.line.count" = "1")"#;
    let log = "name,n,price,ok,day,at\n\
               \"a \"\"b\"\", c\",\"12\",0.5,true,20517,1772704800123\n\
               \"x\\\"y\\\\z\",,\"\",\"FALSE\",,\n\
               plain,1\n\
               p,1,2,true,3,4,more\n\
               \"open,1,2,true,3,4\n";
    let (got, whole) = rows(&Format::hive(ddl).unwrap(), log);
    assert_eq!(got[0], ["a \"b\", c", "12", "0.5", "true", "2026-03-05", "2026-03-05T10:00:00.123"]);
    assert_eq!(got[1], ["x\"y\\z", "NULL", "NULL", "false", "NULL", "NULL"]);
    assert_eq!(got[2], ["plain", "1", "NULL", "NULL", "NULL", "NULL"]);
    assert_eq!(got[3], ["p", "1", "2.0", "true", "1970-01-04", "1970-01-01T00:00:00.004"]);
    // Athena fails for an empty number; here it is told. A quote that never closes is no field.
    let counts = &whole.report.counts;
    assert_eq!((counts.bad_values, counts.extra, counts.rejected), (4, 1, 1));
    assert!(reasons(&whole).contains(&"expected a closing \"".to_owned()));
}

#[test]
fn maps_of_lazy_simple_serde() {
    let ddl = r"CREATE TABLE t (m map<string,string>, a string) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' ESCAPED BY '\\'
      COLLECTION ITEMS TERMINATED BY ';' MAP KEYS TERMINATED BY ':'";
    let format = Format::hive(ddl).unwrap();
    assert_eq!(Format::from_toml(&format.to_toml(), "again").unwrap(), format);
    let (got, whole) = rows(&format, "k:v;l:w:x;m;n:;k:z,1\n\\N,2\n,3\na\\;b\\:c:d;e:\\N,4\n");
    assert_eq!(got[0][0], "{k: v, l: w:x, m: , n: }");
    assert_eq!((got[1][0].as_str(), got[2][0].as_str(), got[3][0].as_str()), ("NULL", "{}", "{a;b:c: d, e: }"));
    assert_eq!(whole.report.counts.bad_values, 0);
    let same = ddl.replace("BY ':'", "BY ';'");
    assert!(
        Format::hive(&same).unwrap_err().to_string().contains("column \"m\": the separators of a map are two bytes")
    );
}

#[test]
fn grok_serde() {
    let ddl = r#"CREATE EXTERNAL TABLE mail (syslogbase string, queue_id string, size int, syslog_message string)
      PARTITIONED BY (day string)
      ROW FORMAT SERDE 'com.amazonaws.glue.serde.GrokSerDe'
      WITH SERDEPROPERTIES ('input.grokCustomPatterns' = 'QUEUE [0-9A-F]{7,12}',
        'input.format' = '%{SYSLOGBASE} %{QUEUE:queue_id}: (?:size=%{NUMBER:size}, )?%{GREEDYDATA:syslog_message}')
      STORED AS INPUTFORMAT 'org.apache.hadoop.mapred.TextInputFormat'
      OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
      LOCATION 's3://bucket/groksample/'"#;
    let log = "Mar  5 10:00:01 mx postfix/smtpd[12]: A0123456789: size=512, from=<a@example.org>\n\
               Mar  5 10:00:01 mx postfix/smtpd[12]: A0123456789: to\n\
               nothing of the kind\n";
    let format = Format::hive(ddl).unwrap();
    let (got, whole) = rows(&format, log);
    let base = "Mar  5 10:00:01 mx postfix/smtpd[12]:";
    assert_eq!(got[0], [base, "A0123456789", "512", "from=<a@example.org>", "NULL"]);
    assert_eq!(got[1], [base, "A0123456789", "NULL", "to", "NULL"]);
    assert_eq!((whole.report.counts.rejected, whole.report.counts.bad_values), (1, 0));
    assert!(format.notes.iter().any(|note| note.contains("such as key=value: day")));
}

/// RegexSerDe: a match of the whole line, missing groups, and cells that Java's `valueOf` refuses.
#[test]
fn regex_serde() {
    let ddl = |class: &str, columns: &str| {
        format!(
            r#"CREATE EXTERNAL TABLE t ({columns}) ROW FORMAT SERDE 'org.apache.hadoop.hive.{class}'
               WITH SERDEPROPERTIES ("input.regex" = "(\\w+) (-|\\S*)(?: (\\S+))? \"(.*)\"")"#
        )
    };
    let format = Format::hive(&ddl("serde2.RegexSerDe", "a string, n tinyint, t timestamp, q boolean")).unwrap();
    let log = "x 12 \"true\"\nx - 2026-03-05T10:00:00 \"yes\"\nx 300 \"\"\nx  \"q\" \nx 1 \"a\" b \"TRUE\"\n";
    let (got, whole) = rows(&format, log);
    let want = [
        ["x", "12", "NULL", "true"],
        ["x", "NULL", "NULL", "false"],
        ["x", "NULL", "NULL", "false"],
        ["x", "1", "NULL", "false"],
    ];
    assert_eq!(got, want);
    assert_eq!((whole.report.counts.rejected, whole.report.counts.bad_values), (1, 3));
    assert!(reasons(&whole).contains(&"expected a match of the regular expression".to_owned()));
    let format =
        Format::hive(&ddl("contrib.serde2.RegexSerDe", "a string, b string, c string, d string, e int")).unwrap();
    let (got, _) = rows(&format, log);
    assert_eq!(got[0], ["x", "12", "NULL", "true", "NULL"]);
    let format = Format::hive_with(&ddl("serde2.RegexSerDe", "a string, n tinyint, t timestamp"), Semantics::Logarrow);
    let (got, _) = rows(&format.unwrap(), "x - 2026-03-05T10:00:00+09:00 \"\"\n");
    assert_eq!(got[0], ["x", "NULL", "2026-03-05T01:00:00Z"]);
}

/// What `explain()` says, and that chunks and threads change nothing.
#[test]
fn explain_and_chunks() {
    let ddl = "CREATE TABLE logs.t (a string, n char(4)) PARTITIONED BY (dt string)
               ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' TBLPROPERTIES ('skip.header.line.count'='2')";
    let format = Arc::new(Format::hive(ddl).unwrap());
    let text = logarrow::plan::Plan::new(&format, &options()).and_then(|plan| plan.explain()).unwrap();
    for part in [
        "format   hive.t\n",
        "the first 2 lines of each file are skipped\n",
        "note     Hive table logs.t, read as LazySimpleSerDe does, with Hive's meaning of cells",
        "note     columns of partitions are read from folders of the path, such as key=value: dt\n",
        "note     char(n) is filled up with spaces, as in Hive: where= compares the whole: n\n",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    for (threads, chunk_bytes) in [(1, 1), (1, 7), (3, 5)] {
        let options = Options { threads, chunk_bytes, ..options() };
        let whole = read_bytes(b"h\nh\nx,1\ny,2\n\nz,3", &format, options).unwrap();
        assert_eq!(cells(&whole.rows, "a").into_iter().flatten().collect::<Vec<_>>(), ["x", "y", "z"]);
        assert_eq!(whole.report.counts.skipped, 3);
    }
}

/// Pieces of statements, whole and broken.
const PIECES: &str = "CREATE|TABLE|t|(|)|a|b|string|int|array<|>|,|COMMENT|'x'|\"y\"|'\\|\\|`|ROW FORMAT SERDE|    'org.apache.hadoop.hive.serde2.RegexSerDe'|'com.amazonaws.glue.serde.GrokSerDe'|WITH SERDEPROPERTIES|=|'input.regex'|    'input.format'|'(.*)'|'%{WORD:a}'|'(a'|ROW FORMAT DELIMITED|FIELDS TERMINATED BY|ESCAPED BY|TBLPROPERTIES|    'skip.header.line.count'|'1'|PARTITIONED BY|STORED AS|--|/*|é|\u{0}|;";

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    /// No statement, however broken, does more than fail; one that is read can be written and read again.
    #[test]
    fn statements_of_any_kind(pieces in prop::collection::vec(prop::sample::select(PIECES.split('|').collect::<Vec<_>>()), 0..30)) {
        for text in [pieces.join(" "), format!("CREATE TABLE t (a string, b int) {}", pieces.join(" "))] {
            if let Ok(format) = Format::hive(&text) {
                prop_assert_eq!(Format::from_toml(&format.to_toml(), "again").unwrap(), format, "{}", text);
            }
        }
    }
}
