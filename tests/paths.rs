//! Columns that come from the path of the source.
#![allow(missing_docs)]

mod common;

use std::sync::Arc;

use common::{cells, options, read};
use logarrow::filter::Expr;
use logarrow::format::named;
use logarrow::{Format, Options, Source};

/// What `columns` hold in the first row of the format's first sample, in a source of this path.
fn parts(format: &str, path: &str, columns: &[&str]) -> Vec<String> {
    let format = named(format).unwrap();
    let source = Source::bytes(path, format!("{}\n", format.samples[0].line).into_bytes());
    let columns: Vec<String> = columns.iter().map(|column| (*column).to_owned()).collect();
    let rows = read(source, &format, Options { columns: Some(columns.clone()), ..options() }).unwrap().rows;
    columns.iter().map(|column| cells(&rows, column)[0].clone().unwrap_or_else(|| "-".to_owned())).collect()
}

const DATE: [&str; 5] = ["account", "region", "year", "month", "day"];

#[test]
fn aws_puts_files_where_it_says() {
    let file = "111122223333_elasticloadbalancing_eu-west-1_app.shop.50dc6c495c0c9188_20260305T1000Z_192.0.2.7_2soosksi.log.gz";
    let path = format!("s3://logs/prod/AWSLogs/111122223333/elasticloadbalancing/eu-west-1/2026/03/05/{file}");
    assert_eq!(parts("aws.alb", &path, &DATE), ["111122223333", "eu-west-1", "2026", "03", "05"]);
    assert_eq!(
        parts("aws.alb", &path, &["load_balancer", "file_end_time", "node_ip"]),
        ["shop.50dc6c495c0c9188", "20260305T1000Z", "192.0.2.7"]
    );
    let renamed = path.replace(file, "all.log");
    assert_eq!(parts("aws.alb", &renamed, &["region", "load_balancer"]), ["eu-west-1", "-"]);
    assert_eq!(parts("aws.alb", "all.log", &["region", "load_balancer"]), ["-", "-"]);
    let nlb = path.replace("_app.", "_net.").replace("_192.0.2.7", "");
    assert_eq!(parts("aws.nlb", &nlb, &["day", "load_balancer"]), ["05", "shop.50dc6c495c0c9188"]);
    let classic = path.replace("_app.shop.50dc6c495c0c9188", "_shop").replace(".gz", "");
    assert_eq!(parts("aws.elb_classic", &classic, &["load_balancer", "node_ip"]), ["shop", "192.0.2.7"]);
    let access = "logs/111122223333/eu-west-1/site/2026/03/05/2026-03-05-10-00-01-1A2B";
    assert_eq!(parts("aws.s3_access", access, &["source_bucket", "year", "hour"]), ["site", "2026", "-"]);
    assert_eq!(parts("aws.s3_access", "logs/2026-03-05-10-00-01-1A2B", &["year", "hour"]), ["2026", "10"]);
    assert_eq!(parts("aws.s3_access", "log-2026-03-05-10-00-01-1A2B", &["year", "hour"]), ["-", "-"]);
    let standard = "cdn/E2EXAMPLE.2026-03-05-10.a1b2.gz";
    let all = ["account", "distribution", "year", "hour"];
    assert_eq!(parts("aws.cloudfront", standard, &all), ["-", "E2EXAMPLE", "2026", "10"]);
    let newer = format!("AWSLogs/111122223333/CloudFront/E2EXAMPLE/2026/03/05/11/{standard}").replace("cdn/", "");
    assert_eq!(parts("aws.cloudfront", &newer, &all), ["111122223333", "E2EXAMPLE", "2026", "11"]);
    let export = "exports/7a7d-1/i-0abc/000000.gz";
    assert_eq!(parts("aws.cloudwatch_export", export, &["task_id", "log_stream"]), ["7a7d-1", "i-0abc"]);
}

/// A header names the columns of the lines, not those of the path.
#[test]
fn a_header_leaves_the_path_alone() {
    let log = "#Fields: date time c-ip cs(User-Agent) distribution\n2026-03-05\t10:00:01\t192.0.2.7\ta%2520b\tx\n";
    let source = || Source::bytes("cdn/E2EXAMPLE.2026-03-05-10.a1b2.gz", log.as_bytes().to_vec());
    let format = named("aws.cloudfront_fields").unwrap();
    let columns = Some(["c_ip", "cs_user_agent", "hour"].map(str::to_owned).to_vec());
    let rows = read(source(), &format, Options { columns, ..options() }).unwrap().rows;
    assert_eq!(cells(&rows, "cs_user_agent"), [Some("a%20b".to_owned())]);
    assert_eq!(cells(&rows, "hour"), [Some("10".to_owned())]);
}

#[test]
fn a_column_of_the_path_is_one_like_others() {
    let text = "name = 'own'\nline = '{a}'\npath = ['{site}/{:digits}.log', '{site}/x-{day:digits}.log']\n[columns]\nsite = { on_demand = false }\n";
    let format = Arc::new(Format::from_toml(text, "own.toml").unwrap());
    assert_eq!(Format::from_toml(&format.to_toml(), "back.toml").unwrap(), *format);
    let source = || {
        let files = ["a/1.log", "b/x-2.log", "c/y.log"].map(|path| Source::bytes(path, b"1\n2\n".to_vec()));
        files.map(|source| read(source, &format, options()).unwrap().rows)
    };
    let sites = source().map(|rows| cells(&rows, "site"));
    assert_eq!(sites.map(|cells| cells[1].clone()), [Some("a".to_owned()), Some("b".to_owned()), None]);
    let filter = Some(Expr::parse("day = '2' and a = '2'").unwrap());
    let found = Options { filter, columns: Some(vec!["day".into(), "a".into()]), ..options() };
    let rows = read(Source::bytes("b/x-2.log", b"1\n2\n".to_vec()), &format, found).unwrap().rows;
    assert_eq!((rows.num_rows(), cells(&rows, "day")), (1, vec![Some("2".to_owned())]));
}

#[test]
fn errors_name_the_key() {
    let error = |more: &str| {
        Format::from_toml(&format!("name = 'own'\nline = '{{a}}'\n{more}"), "own.toml").unwrap_err().to_string()
    };
    const HINT: &str = "write path = \"logs/{region}/{year}/{}\" or the like";
    assert_eq!(error("path = 'logs'"), format!("own.toml:3:8: key \"path\": no capture\nhint: {HINT}"));
    assert_eq!(
        error("path = '{x:any}'"),
        format!("own.toml:3:8: key \"path\": a path has text, and captures of text or digits\nhint: {HINT}")
    );
    let apart = "put text between them, and give each its own name or none: {}";
    assert_eq!(
        error("path = '{x}/{x}'"),
        format!("own.toml:3:8: key \"path\": a capture is there twice\nhint: {apart}")
    );
    assert_eq!(
        error("path = '{x}{y}'"),
        format!("own.toml:3:8: key \"path\": nothing stands between two captures\nhint: {apart}")
    );
    assert_eq!(
        error("path = '{x}/a'\n[columns]\nx = { type = 'int16' }"),
        "own.toml:5:1: column \"x\": a part of the path is text\nhint: leave its type out, and cast the result"
    );
    assert!(error("path = '{a}/b'").starts_with("own.toml"), "{}", error("path = '{a}/b'"));
}

const TABLE: &str = "CREATE TABLE t (b string, a int) PARTITIONED BY (dt date, `day-hr` int COMMENT 'hour', r string)
                     ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe'
                     WITH SERDEPROPERTIES ('input.regex' = '(\\\\S+) (\\\\d+)')";

/// Partition columns of a Hive table have their types, in rows, `where` and `derive`; the line has none of them.
#[test]
fn folders_of_partitions_are_columns() {
    let format = Arc::new(Format::hive(TABLE).unwrap());
    assert_eq!(Format::from_toml(&format.to_toml(), "again").unwrap(), *format, "{}", format.to_toml());
    let read_from = |path: &str, options: Options| {
        read(Source::bytes(path, b"x 1\ny 2\nbad\n".to_vec()), &format, options).unwrap()
    };
    let path = "s3://b/t/dt=2026-3-5/day-hr=07/R=eu%2Fa b/f.log";
    let whole = read_from(path, options());
    let schema = whole.rows.schema();
    let types: Vec<_> = schema.fields().iter().map(|field| format!("{} {}", field.name(), field.data_type())).collect();
    assert_eq!(types, ["b Utf8", "a Int32", "dt Date32", "day_hr Int32", "r Utf8"]);
    assert_eq!(cells(&whole.rows, "dt"), [Some("2026-03-05".to_owned()), Some("2026-03-05".to_owned())]);
    assert_eq!(
        (cells(&whole.rows, "day_hr")[1].as_deref(), cells(&whole.rows, "r")[0].as_deref()),
        (Some("7"), Some("eu/a b"))
    );
    assert_eq!((whole.report.counts.rows, whole.report.counts.rejected, whole.report.counts.bad_values), (2, 1, 0));
    for (filter, rows) in [("dt = '2026-03-05' AND a > 1", 1), ("day_hr < 7", 0), ("r LIKE 'eu/%'", 2)] {
        let derive = vec![("next".to_owned(), Expr::parse("day_hr + 1").unwrap())];
        let options = Options { filter: Some(Expr::parse(filter).unwrap()), derive, ..options() };
        let whole = read_from(path, options);
        assert_eq!(whole.report.counts.rows, rows, "{filter}");
        assert!(cells(&whole.rows, "next").iter().all(|next| next.as_deref() == Some("8")));
    }
    let none = read_from("t/dt=__HIVE_DEFAULT_PARTITION__/f.log", options());
    assert!(["dt", "day_hr", "r"].iter().all(|name| cells(&none.rows, name) == [None, None]));
    assert_eq!(none.report.counts.bad_values, 0);
    // Where rows hang on a folder that is not there, this is told.
    let filter = Some(Expr::parse("day_hr = 7").unwrap());
    let none = read_from("t/2026/03/05/f.log", Options { filter, ..options() });
    assert_eq!((none.report.counts.rows, none.report.counts.filtered, none.report.counts.bad_values), (0, 2, 2));
    assert_eq!(cells(&none.rejects, "reason")[0].as_deref(), Some("expected a folder day-hr=... in the path"));
}

/// A folder that holds no value of the column's type is a bad value in each row, once however many read it.
#[test]
fn folders_that_hold_something_else_are_bad_values() {
    let format = Arc::new(Format::hive(TABLE).unwrap());
    for filter in [None, Some("dt IS NULL")] {
        for chunk_bytes in [1, 1 << 20] {
            let filter = filter.map(|filter| Expr::parse(filter).unwrap());
            let source = Source::bytes("t/dt=May/day-hr=7/f.log", b"x 1\ny 2\n".to_vec());
            let whole = read(source, &format, Options { filter, chunk_bytes, ..options() }).unwrap();
            assert_eq!((whole.report.counts.rows, whole.report.counts.bad_values), (2, 2));
            assert_eq!(cells(&whole.rejects, "raw"), [Some("May".to_owned()), Some("May".to_owned())]);
            assert_eq!(cells(&whole.rejects, "column")[1].as_deref(), Some("dt"));
            assert_eq!(cells(&whole.rejects, "line")[1].as_deref(), Some("2"));
            assert!(cells(&whole.rejects, "reason")[0].as_deref().unwrap().ends_with("in the folder's name"));
        }
    }
}

#[test]
fn format_files_name_folders() {
    let toml = "name = 'own'\nline = '{a} {b}'\n[columns]\nday = { folder = 'dt', type = 'date', format = 'iso8601' }";
    let format = Arc::new(Format::from_toml(toml, "own.toml").unwrap());
    let whole = read(Source::bytes("x/dt=2026-03-05/y/f.log", b"1 2\n".to_vec()), &format, options()).unwrap();
    assert_eq!(cells(&whole.rows, "day"), [Some("2026-03-05".to_owned())]);
    let toml_of_header = "name = 'own'\ndelimited = { delimiter = ',', header = 'first' }\n[columns]\n\
                          day = { folder = 'dt' }\nb = { type = 'int16' }";
    let format = Arc::new(Format::from_toml(toml_of_header, "own.toml").unwrap());
    assert_eq!(Format::from_toml(&format.to_toml(), "again").unwrap(), *format);
    let whole = read(Source::bytes("dt=5/f.csv", b"a,b\nx,7\n".to_vec()), &format, options()).unwrap();
    let names: Vec<_> = whole.rows.schema().fields().iter().map(|field| field.name().clone()).collect();
    assert_eq!((names.join(" "), cells(&whole.rows, "day")), ("a b day".to_owned(), vec![Some("5".to_owned())]));
    let err = Format::from_toml(&toml.replace("day =", "a ="), "own.toml").unwrap_err().to_string();
    assert!(err.contains("column \"a\" is of the line and of a folder"), "{err}");
}
