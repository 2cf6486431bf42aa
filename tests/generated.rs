//! The generated logs of `benches/generate/` are what they say they are, to the formats they are made for.
#![allow(missing_docs)]

mod common;
#[path = "../benches/generate.rs"]
mod generate;

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, AsArray};
use arrow::compute::{cast, sum};
use arrow::datatypes::{DataType, Int64Type};
use common::{cells, options, read_bytes};
use generate::Format::{self, Alb, Cloudfront, Log4j, Logfmt, Ltsv, Rfc3164, Rfc5424, VpcFlow};
use logarrow::format::{Column, From, JsonOptions, JsonSchema, TypeSpec, named};

/// Format, generator, the column that is counted, the one that is summed, and rows in a hundred that are to be fast: of
/// aws.alb IPv6 clients and requests without a target are not, and log4j has no fast path yet.
const FAMILIES: [(&str, Format, &str, &str, u64); 8] = [
    ("aws.alb", Alb, "elb_status_code", "sent_bytes", 85),
    ("aws.cloudfront", Cloudfront, "sc_status", "sc_bytes", 99),
    ("aws.vpc_flow", VpcFlow, "", "bytes", 99),
    ("syslog.rfc5424", Rfc5424, "severity", "message", 99),
    ("syslog.rfc3164", Rfc3164, "severity", "message", 99),
    ("logfmt", Logfmt, "status", "bytes", 99),
    ("ltsv", Ltsv, "status", "size", 99),
    ("log4j", Log4j, "level", "message", 0),
];

#[test]
fn every_record_is_a_row_of_its_format() {
    for (name, kind, counted, summed, fast) in FAMILIES {
        let mut log = Vec::new();
        let counts = generate::write(&mut log, kind, 1_000_000, 5).unwrap();
        assert_eq!((log.len() as u64, lines_of(&log)), (counts.bytes_written, counts.lines), "{name}");
        assert_eq!(counts.lines, counts.rows + counts.header + counts.continued, "{name}");
        assert!((1..=counts.rows / 150).contains(&counts.odd), "{name}: {counts:?}");
        let whole = read_bytes(&log, &named(name).unwrap(), options()).unwrap();
        let found = &whole.report.counts;
        assert_eq!((found.rows, found.skipped, found.malformed), (counts.rows, counts.header, 0), "{name}");
        assert_eq!(found.bad_values, 0, "{name}: {:?}", whole.report.reasons);
        assert!(found.fast_records * 100 >= found.rows * fast, "{name}: {found:?}");
        let column = whole.rows.column_by_name(summed).unwrap();
        let total: i64 = match column.data_type() {
            DataType::Utf8 if summed == "message" => {
                cells(&whole.rows, summed).iter().flatten().map(|text| text.len() as i64).sum()
            }
            _ => sum(cast(column, &DataType::Int64).unwrap().as_primitive::<Int64Type>()).unwrap_or(0),
        };
        assert_eq!(total as u64, counts.sum_bytes, "{name}: {summed}");
        if !counted.is_empty() {
            let mut statuses = BTreeMap::new();
            for cell in cells(&whole.rows, counted).into_iter().flatten() {
                let place = ["INFO", "DEBUG", "WARN", "ERROR"].iter().position(|level| *level == cell);
                *statuses.entry(place.map_or_else(|| cell.parse().unwrap(), |place| place as u16)).or_insert(0) += 1;
            }
            assert_eq!(statuses, counts.status, "{name}: {counted}");
        }
    }
}

/// JSON lines, the member that is counted, those that are summed, and their type.
const JSON: [(Format, &str, &[&str], &str); 4] = [
    (Format::JsonApp, "http.status", &["http.bytes"], "int64"),
    (Format::JsonShuffled, "http.status", &["http.bytes"], "int64"),
    (Format::JsonWide, "", &WIDE_COUNTS, "int64"),
    (Format::JsonLong, "", &["stack"], "utf8"),
];
const WIDE_COUNTS: [&str; 18] = [
    "cpu_user_count",
    "cpu_system_count",
    "cpu_wait_count",
    "disk_read_count",
    "disk_write_count",
    "net_in_count",
    "net_out_count",
    "heap_young_count",
    "heap_old_count",
    "gc_minor_count",
    "gc_major_count",
    "pool_wait_count",
    "pool_use_count",
    "queue_in_count",
    "queue_out_count",
    "cache_get_count",
    "cache_put_count",
    "http_serve_count",
];

#[test]
fn every_json_record_is_a_row() {
    for (kind, counted, summed, dtype) in JSON {
        let (log, counts) = generate::log(kind, 1_000_000, 5);
        assert_eq!((log.len() as u64, lines_of(&log)), (counts.bytes_written, counts.lines), "{kind:?}");
        let members = [(counted, "int16"), ("level", "utf8"), ("message", "utf8")].into_iter();
        let members = members.filter(|(keys, _)| !keys.is_empty()).chain(summed.iter().map(|keys| (*keys, dtype)));
        let format = json(&members.collect::<Vec<_>>(), &[]);
        let whole = read_bytes(&log, &format, options()).unwrap();
        let found = &whole.report.counts;
        assert_eq!((found.rows, found.malformed, found.bad_values), (counts.rows, 0, 0), "{kind:?}");
        let summed = summed.iter().flat_map(|name| cells(&whole.rows, name)).flatten();
        let sum: u64 = summed.map(|cell| if dtype == "utf8" { cell.len() as u64 } else { cell.parse().unwrap() }).sum();
        assert_eq!(sum, counts.sum_bytes, "{kind:?}");
        if kind == Format::JsonWide {
            continue;
        }
        let noted = |name: &str| counts.noted.get(name).copied().unwrap_or(0);
        let errors = cells(&whole.rows, "level").into_iter().flatten().filter(|level| level == "ERROR").count();
        assert_eq!(errors as u64, noted("ERROR"), "{kind:?}");
        // Decoded, so that texts that were escaped are seen too.
        let texts = cells(&whole.rows, "message").into_iter().flatten();
        let decoded = texts.filter(|text| text.contains("café \u{1F680}")).count() as u64;
        assert!((1..noted("escaped")).contains(&decoded), "{kind:?}: {decoded}");
        if !counted.is_empty() {
            let mut statuses = BTreeMap::new();
            for cell in cells(&whole.rows, counted).into_iter().flatten() {
                *statuses.entry(cell.parse().unwrap()).or_insert(0) += 1;
            }
            assert_eq!(statuses, counts.status, "{kind:?}");
        }
    }
}

/// A format with a column for each of these members, which dots lead to.
fn json(members: &[(&str, &str)], records: &[&str]) -> Arc<logarrow::Format> {
    let column = |(keys, dtype): &(&str, &str)| Column {
        name: (*keys).into(),
        from: From::Member(keys.split('.').map(str::to_owned).collect()),
        dtype: TypeSpec { name: (*dtype).into(), ..TypeSpec::default() },
        ..Column::default()
    };
    let schema = JsonSchema { columns: members.iter().map(column).collect(), ..JsonSchema::default() };
    let records = Some(records.iter().map(ToString::to_string).collect());
    let options = JsonOptions { schema: Some(schema), records, ..JsonOptions::default() };
    Arc::new(logarrow::Format::json(options).unwrap())
}

#[test]
fn lists_and_events_are_whole() {
    let (log, counts) = generate::log(Format::JsonNested, 1_000_000, 5);
    let whole =
        read_bytes(&log, &json(&[("order.items", "list<struct<qty: int64, tags: list<utf8>>>")], &[]), options());
    let whole = whole.unwrap();
    assert_eq!((whole.rows.num_rows() as u64, whole.report.counts.malformed), (counts.rows, 0));
    let items = whole.rows.column(0).as_list::<i32>().values().as_struct().clone();
    assert_eq!(items.len() as u64, counts.noted["items"]);
    assert_eq!(sum(items.column(0).as_primitive::<Int64Type>()).unwrap() as u64, counts.sum_bytes);

    let (log, counts) = generate::log(Format::Cloudtrail, 1_000_000, 5);
    assert_eq!((log.len() as u64, lines_of(&log), counts.lines), (counts.bytes_written, 0, 1));
    let members = [("errorCode", "utf8"), ("readOnly", "bool"), ("additionalEventData.bytesTransferredOut", "int64")];
    for format in [json(&members, &["Records"]), named("aws.cloudtrail").unwrap()] {
        let whole = read_bytes(&log, &format, options()).unwrap();
        let found = &whole.report.counts;
        assert_eq!((found.rows, found.malformed, found.bad_values), (counts.rows, 0, 0), "{}", format.name);
        let [errors, reads] = [[members[0].0, "error_code"], [members[1].0, "read_only"]]
            .map(|names| names.iter().find_map(|name| whole.rows.column_by_name(name)).unwrap());
        assert_eq!((errors.len() - errors.null_count()) as u64, counts.noted["errors"], "{}", format.name);
        assert_eq!(reads.as_boolean().true_count() as u64, counts.noted["reads"], "{}", format.name);
        if let Some(sent) = whole.rows.column_by_name(members[2].0) {
            assert_eq!(sum(sent.as_primitive::<Int64Type>()).unwrap() as u64, counts.sum_bytes);
        }
    }
}

fn lines_of(log: &[u8]) -> u64 {
    log.iter().filter(|byte| **byte == b'\n').count() as u64
}

/// What is recorded in `benches/record/` can be made again.
#[test]
fn the_same_seed_gives_the_same_bytes() {
    for (name, kind) in Format::ALL {
        let make = |seed| {
            let mut log = Vec::new();
            generate::write(&mut log, kind, 100_000, seed).unwrap();
            log
        };
        assert!(make(7) == make(7) && make(7) != make(8), "{name}");
    }
}
