//! Lines of AWS services grow: older ones lack fields, newer ones have more, and some hold quotes that nobody escapes.
#![allow(missing_docs)]

mod common;

use common::{cells, options, read_bytes};
use logarrow::format::{Format, builtin_formats, named};
use logarrow::{Options, Source, infer};

/// The first sample, which has all fields.
fn newest(format: &Format) -> &str {
    &format.samples[0].line
}

fn read_one(name: &str, line: &str) -> arrow::array::RecordBatch {
    let whole = read_bytes(line.as_bytes(), &named(name).unwrap(), options()).unwrap();
    assert_eq!((whole.report.counts.rows, whole.report.counts.bad_values), (1, 0), "{name}: {line}");
    whole.rows
}

fn cell(rows: &arrow::array::RecordBatch, name: &str) -> Option<String> {
    cells(rows, name)[0].clone()
}

#[test]
fn future_fields_are_extra() {
    for name in ["aws.alb", "aws.s3_access", "aws.alb_connection", "aws.nlb", "aws.vpc_flow", "aws.global_accelerator"]
    {
        let format = named(name).unwrap();
        for extra in ["-", "f1 f2 f3", r#"a "b c" -"#, r#""" "" """#] {
            // A quote behind the user agent is taken for one inside it: so far S3 has added no quoted field.
            if name == "aws.s3_access" && extra.contains('"') {
                continue;
            }
            let rows = read_one(name, &format!("{} {extra}", newest(&format)));
            assert_eq!(cell(&rows, "_extra").as_deref(), Some(extra), "{name}");
            let plain = read_one(name, newest(&format));
            assert_eq!(cell(&plain, "_extra"), None, "{name}");
            for column in format.columns.iter().filter(|column| !column.on_demand) {
                assert_eq!(cells(&rows, &column.name), cells(&plain, &column.name), "{name} {}", column.name);
            }
        }
    }
    let newest = newest(&named("aws.cloudfront").unwrap()).to_owned() + "\t-\tC0NN3CT10N";
    let rows = read_one("aws.cloudfront", &format!("{newest}\tf1\t-\tf3"));
    assert_eq!(cell(&rows, "_extra").as_deref(), Some("f1\t-\tf3"));
}

#[test]
fn missing_newer_fields_are_null() {
    let alb = named("aws.alb").unwrap();
    let line = newest(&alb).strip_suffix(r#" "/b" "TransformSuccess""#).unwrap();
    let rows = read_one("aws.alb", line);
    assert_eq!(cell(&rows, "transformed_host").as_deref(), Some("new.example.org"));
    assert_eq!((cell(&rows, "transformed_uri"), cell(&rows, "_extra")), (None, None));
    // Every count of fields between the oldest and the newest.
    for (name, separator, oldest) in [("aws.s3_access", ' ', 18), ("aws.cloudfront", '\t', 12), ("aws.nlb", ' ', 18)] {
        let format = named(name).unwrap();
        let fields: Vec<&str> = newest(&format).split(separator).collect();
        let least = if name == "aws.s3_access" { fields.len() - 9 } else { oldest };
        for count in least..fields.len() {
            let line = fields[..count].join(&separator.to_string());
            assert_eq!(cell(&read_one(name, &line), "_extra"), None, "{name} {count}");
        }
    }
}

#[test]
fn quotes_inside_quotes_stay_where_they_are() {
    let format = named("aws.s3_access").unwrap();
    for agent in [r#"an "odd" agent"#, r#"""#, r#""""#, r#"a "b" c d e f"#, r#"a "b c" d"#, r#""all""#] {
        let line = newest(&format).replace("aws-cli/2.15", agent);
        let rows = read_one("aws.s3_access", &line);
        assert_eq!(cell(&rows, "user_agent").as_deref(), Some(agent));
        assert_eq!(cell(&rows, "source_region").as_deref(), Some("us-east-1"), "{agent}");
        let rows = read_one("aws.s3_access", &format!("{line} new1 new2"));
        assert_eq!(cell(&rows, "user_agent").as_deref(), Some(agent));
        assert_eq!(cell(&rows, "_extra").as_deref(), Some("new1 new2"), "{agent}");
    }
}

#[test]
fn headers_may_stand_anywhere() {
    let cases = [
        ("aws.cloudfront", "#Version: 1.0\n#Fields: date time x-edge-location\n"),
        ("aws.vpc_flow", "version account-id interface-id srcaddr dstaddr\n"),
    ];
    for (name, header) in cases {
        let format = named(name).unwrap();
        for end in ["\n", "\r\n"] {
            let text = format!("{header}{0}\n{header}{0}\n", newest(&format)).replace('\n', end);
            let counts = read_bytes(text.as_bytes(), &format, options()).unwrap().report.counts.clone();
            let lines = header.lines().count() as u64;
            assert_eq!((counts.rows, counts.skipped, counts.rejected), (2, 2 * lines, 0), "{name}");
        }
    }
}

#[test]
fn truncated_lines_never_panic() {
    for format in builtin_formats() {
        let line = newest(format);
        for end in (0..line.len()).filter(|end| line.is_char_boundary(*end)).step_by(3) {
            // Counts that do not add up are refused there.
            read_bytes(&line.as_bytes()[..end], format, options()).unwrap();
        }
    }
}

#[test]
fn each_format_is_found_by_its_own_lines() {
    for format in builtin_formats() {
        let family = format.name.split('.').next().unwrap();
        if !["aws", "squid", "envoy", "traefik"].contains(&family) && format.name != "nginx.ingress" {
            continue;
        }
        if ["aws.cloudwatch_export", "aws.cloudfront_fields"].contains(&format.name.as_str()) {
            // A time and any text, which may be the line of another format; a line of the standard log, where no header
            // says otherwise.
            continue;
        }
        for sample in &format.samples {
            let source = Source::bytes("sample.log", format!("{}\n", sample.line).into_bytes());
            let guesses = infer::sniff(&source, &Options::default()).unwrap();
            let best: Vec<_> = guesses.iter().take(2).map(|guess| (&*guess.format.name, guess.matched)).collect();
            assert_eq!(best[0], (&*format.name, 1), "{best:?}: {}", sample.line);
            assert!(infer::choose(&source, &Options::default()).is_ok(), "{best:?}");
        }
    }
}
