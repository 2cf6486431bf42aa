//! The generated logs of `benches/generate/` are what they say they are, to the formats they are made for.
#![allow(missing_docs)]

mod common;
#[path = "../benches/generate.rs"]
mod generate;

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray};
use arrow::compute::{cast, sum};
use arrow::datatypes::{DataType, Int64Type};
use common::{cells, options, read_bytes};
use generate::Format::{self, Alb, Cloudfront, Log4j, Logfmt, Ltsv, Rfc3164, Rfc5424, VpcFlow};
use logarrow::format::named;

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
