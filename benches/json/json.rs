//! JSON lines in memory to Arrow, beside the Rust crates that read JSON: `json/<log>-<columns>/<reader>`.
//!
//! All columns of each reader are compared with ours, value by value, before anything is timed; batches are dropped as
//! they come. One thread, CPU time. sonic-rs asks for `RUSTFLAGS="-C target-cpu=native"`; the others choose as they run.

#[path = "../generate.rs"]
mod generate;
#[path = "../measure.rs"]
mod measure;
mod peers;
mod rows;

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StructArray};
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::{DataType, SchemaRef};
use criterion::{Criterion, Throughput};
use logarrow::format::{JsonOptions, JsonSchema};
use logarrow::simd::Level;
use logarrow::{Format, Options, Scan, Source};
use measure::{CpuTime, keep_memory};
use peers::Give;
use rows::{Full, Three};

/// Input and output of a pass leave every cache.
const LOG_BYTES: usize = 64 << 20;
const SEED: u64 = 1;

/// A log, and those who read it.
struct Case {
    name: &'static str,
    log: generate::Format,
    schema: SchemaRef,
    peers: Vec<(&'static str, Read)>,
}

type Read = Box<dyn Fn(&[u8], Give)>;

fn peer(read: impl Fn(&[u8], Give) + 'static) -> Read {
    Box::new(read)
}

fn cases() -> Vec<Case> {
    let full = |name, log| Case {
        name,
        log,
        schema: rows::full_schema(),
        peers: vec![
            ("arrow-json", peer(|log, give| peers::arrow_json(log, &rows::full_schema(), give))),
            ("simd-json-tape", peer(peers::simd_json::<Full>)),
            ("sonic-rs-serde", peer(peers::sonic_serde::<Full>)),
            ("sonic-rs-lazy", peer(peers::sonic_lazy)),
        ],
    };
    let three = Case {
        name: "app-three",
        log: generate::Format::JsonApp,
        schema: rows::three_schema(),
        peers: vec![
            ("arrow-json", peer(|log, give| peers::arrow_json(log, &rows::three_schema(), give))),
            ("simd-json-tape", peer(peers::simd_json::<Three>)),
            ("sonic-rs-serde", peer(peers::sonic_serde::<Three>)),
            ("sonic-rs-get-many", peer(peers::sonic_get_many)),
        ],
    };
    vec![full("app-full", generate::Format::JsonApp), three, full("shuffled-full", generate::Format::JsonShuffled)]
}

/// The format of a schema.
fn format(schema: &SchemaRef) -> Arc<Format> {
    let types: Vec<_> = schema.fields().iter().map(|field| (field.name(), spelled(field.data_type()))).collect();
    let schema = JsonSchema::of_types(&types).expect("types that we read");
    let options = JsonOptions { schema: Some(schema), ..JsonOptions::default() };
    Arc::new(Format::json(options).expect("a good schema"))
}

fn spelled(dtype: &DataType) -> String {
    match dtype {
        DataType::Struct(members) => {
            let members = members.iter().map(|member| format!("{}: {}", member.name(), spelled(member.data_type())));
            format!("struct<{}>", members.collect::<Vec<_>>().join(", "))
        }
        DataType::Timestamp(..) => "timestamp".into(),
        DataType::Boolean => "bool".into(),
        other => other.to_string().to_lowercase(),
    }
}

/// Reads all records on one thread.
fn ours(log: &Arc<[u8]>, format: &Arc<Format>, options: &Options, give: Give) {
    let scan = Scan::new(Source::bytes("app.json", log.clone()), format.clone()).with_options(options.clone());
    let mut reader = scan.read().expect("the options are good");
    for batch in &mut reader {
        give(batch.expect("the log can be read"));
    }
    let counts = &reader.report().counts;
    assert!(counts.is_balanced());
    assert_eq!((counts.rejected, counts.bad_values), (0, 0));
}

fn options(simd: Level) -> Options {
    Options { threads: 1, simd, ..Options::default() }
}

/// All batches in one, with the members of objects as columns.
fn collect(read: impl FnOnce(Give)) -> Vec<(String, ArrayRef)> {
    let mut batches: Vec<RecordBatch> = Vec::new();
    read(&mut |batch| batches.push(batch));
    let batch = concat_batches(&batches[0].schema(), &batches).expect("batches of one schema");
    let mut out = Vec::new();
    leaves("", &StructArray::from(batch), &mut out);
    out
}

fn leaves(prefix: &str, object: &StructArray, out: &mut Vec<(String, ArrayRef)>) {
    for (field, column) in object.fields().iter().zip(object.columns()) {
        let name = format!("{prefix}{}", field.name());
        match column.as_struct_opt() {
            // Every record has the objects, so that no null is lost.
            Some(inner) => {
                assert_eq!(inner.null_count(), 0, "{name}");
                leaves(&format!("{name}."), inner, out);
            }
            None => match column.data_type() {
                // A zone of the same times may have another name.
                DataType::Timestamp(unit, Some(_)) => {
                    let utc = DataType::Timestamp(*unit, Some("UTC".into()));
                    out.push((name, cast(column, &utc).expect("another name of the zone")));
                }
                _ => out.push((name, column.clone())),
            },
        }
    }
}

/// Reads and drops; the number of rows.
fn rows_of(read: impl FnOnce(Give)) -> usize {
    let mut rows = 0;
    read(&mut |batch| rows += std::hint::black_box(batch).num_rows());
    rows
}

fn main() {
    keep_memory();
    let mut criterion = Criterion::default().with_measurement(CpuTime).configure_from_args();
    for case in cases() {
        let (log, counts) = generate::log(case.log, LOG_BYTES, SEED);
        let log: Arc<[u8]> = log.into();
        let format = format(&case.schema);
        let (expected, rows) =
            (collect(|give| ours(&log, &format, &options(Level::current()), give)), counts.rows as usize);
        for (name, read) in &case.peers {
            for (ours, theirs) in expected.iter().zip(&collect(|give| read(&log, give))) {
                assert_eq!((&ours.0, ours.1.len()), (&theirs.0, rows), "{name}");
                assert!(*ours.1 == *theirs.1, "{name} has other values of {}", ours.0);
            }
        }
        drop(expected);
        let mut group = criterion.benchmark_group(format!("json/{}", case.name));
        group.throughput(Throughput::Bytes(log.len() as u64)).sample_size(10);
        for level in Level::available() {
            let name = format!("logarrow-{}", level.name());
            let once = || assert_eq!(rows_of(|give| ours(&log, &format, &options(level), give)), rows);
            group.bench_function(name, |b| b.iter(once));
        }
        for (name, read) in &case.peers {
            group.bench_function(*name, |b| b.iter(|| assert_eq!(rows_of(|give| read(&log, give)), rows)));
        }
        group.finish();
    }
    criterion.final_summary();
}
