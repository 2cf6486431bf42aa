//! A lowered expression beside the `regex` crate and the built-in format: `lowering/<case>/<engine>`, in bytes of log.
//!
//! `lowered`, `engine` and `builtin` read the log to Arrow columns; `engine` is the same expression where the text behind
//! the match is asked for, which is not lowered. `crate` finds the places of all groups in each line and keeps none of
//! them; `crate-arrow` copies them to string columns. Rows and the length of all user agents are checked before.

use std::hint::black_box;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringBuilder};
use criterion::{Criterion, Throughput};
use logarrow::format::Extra;
use logarrow::{Format, Options, Scan, Source, named};

/// So many that making a plan takes little of the time.
const LINES: usize = 100_000;

/// The request in one part, and in three.
const CASES: [(&str, &str); 2] = [
    (
        "combined",
        r#"^(?<host>[^ ]+) (?<ident>[^ ]+) (?<user>[^ ]+) \[(?<time>[^\]]+)\] "(?<request>[^"]*)" (?<status>\d{3}) (?<bytes>\d+|-) "(?<referer>[^"]*)" "(?<user_agent>[^"]*)"$"#,
    ),
    (
        "combined-parts",
        r#"^(?<host>[^ ]+) (?<ident>[^ ]+) (?<user>[^ ]+) \[(?<time>[^\]]+)\] "(?<method>[A-Z]+) (?<path>[^" \\]*) (?<protocol>HTTP/[^" \\]*)" (?<status>[0-9]+) (?<bytes>[-0-9]+) "(?<referer>[^"\\]*)" "(?<user_agent>[^"\\]*)"$"#,
    ),
];

/// Lines whose fields have lengths of their own.
fn log() -> String {
    let agents = ["curl/8.9", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "-"];
    let users = ["-", "ana", "-", "bo"];
    let mut out = String::new();
    for i in 0..LINES {
        let (a, b, second) = (i * 7 % 251, i * 13 % 97, i / 40 % 60);
        let path = &"/shop/items/lantern/details/and/more"[..6 + i % 30];
        let (user, agent) = (users[i % 4], agents[i * 5 % 3]);
        let status = [200, 200, 304, 404, 503][i % 5];
        out += &format!(
            "192.0.{a}.{b} - {user} [05/Mar/2026:10:00:{second:02} +0900] \"GET {path}?n={i} HTTP/1.1\" {status} {} \"https://example.org/{b}\" \"{agent}\"\n",
            i * 31 % 70_000,
        );
    }
    out
}

/// Rows, and bytes of user agents.
type Sum = (usize, usize);

fn scan(log: &Arc<[u8]>, format: &Arc<Format>, extra: Option<Extra>) -> Sum {
    let options = Options { threads: 1, extra, ..Options::default() };
    let scan = Scan::new(Source::bytes("log", log.clone()), format.clone()).with_options(options);
    let mut sum = (0, 0);
    for batch in scan.read().expect("the options are good") {
        let batch = batch.expect("the log is good");
        let agents = batch.column_by_name("user_agent").expect("a column").as_string::<i32>();
        sum.0 += batch.num_rows();
        sum.1 += agents.value_data().len();
        black_box(batch);
    }
    sum
}

fn captures(regex: &regex::Regex, log: &str) -> Sum {
    let mut places = regex.capture_locations();
    let last = places.len() - 1;
    let mut sum = (0, 0);
    for line in log.lines().filter(|line| !line.is_empty()) {
        if regex.captures_read(&mut places, line).is_some() {
            let (start, end) = places.get(last).unwrap_or_default();
            sum = (sum.0 + 1, sum.1 + end - start);
        }
    }
    sum
}

fn columns(regex: &regex::Regex, log: &str) -> Sum {
    let mut places = regex.capture_locations();
    let mut builders: Vec<StringBuilder> = (1..places.len()).map(|_| StringBuilder::new()).collect();
    for line in log.lines().filter(|line| !line.is_empty()) {
        if regex.captures_read(&mut places, line).is_some() {
            for (group, builder) in builders.iter_mut().enumerate() {
                builder.append_option(places.get(group + 1).map(|(start, end)| &line[start..end]));
            }
        }
    }
    let columns: Vec<ArrayRef> = builders.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef).collect();
    let agents = columns.last().map(|column| column.as_string::<i32>());
    black_box(&columns);
    agents.map_or((0, 0), |agents| (agents.len(), agents.value_data().len()))
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let text = log();
    let bytes: Arc<[u8]> = text.as_bytes().into();
    for (case, pattern) in CASES {
        let mut format = Format::regex(&[pattern]).expect("a good pattern");
        format.columns.iter_mut().for_each(|column| column.null.clear());
        let (format, builtin) = (Arc::new(format), named("apache.combined").expect("a builtin format"));
        let regex = regex::Regex::new(pattern).expect("a good pattern");
        let want = captures(&regex, &text);
        assert_eq!(want.0, LINES);
        let engines: [(&str, &dyn Fn() -> Sum); 5] = [
            ("lowered", &|| scan(&bytes, &format, None)),
            ("engine", &|| scan(&bytes, &format, Some(Extra::Count))),
            ("builtin", &|| scan(&bytes, &builtin, None)),
            ("crate", &|| captures(&regex, &text)),
            ("crate-arrow", &|| columns(&regex, &text)),
        ];
        let mut group = criterion.benchmark_group(format!("lowering/{case}"));
        group.throughput(Throughput::Bytes(text.len() as u64));
        for (engine, run) in engines {
            let got = run();
            assert_eq!(got.0, want.0, "{case}/{engine}");
            // What is "-" is null in the built-in format.
            assert!(got.1 == want.1 || engine == "builtin" && got.1 < want.1, "{case}/{engine}: {got:?} {want:?}");
            group.bench_function(engine, |b| b.iter(run));
        }
        group.finish();
    }
    criterion.final_summary();
}
