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
