//! Log to Parquet, beside the parquet crate's own writer fed with ready batches: what reading and our sink add or save.
//! `parquet/combined/<variant>`, one thread, zstd 3, MB of log.
//!
//! The rows of each file are counted before a case is timed; both write to a file in the same folder.

#[path = "generate.rs"]
mod generate;

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use criterion::{Criterion, Throughput};
use logarrow::job::write_parquet;
use logarrow::sink::{ParquetCompression, ParquetOptions};
use logarrow::{Format, Options, Scan, Source, named};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

const LOG_BYTES: usize = 64 << 20;
const SEED: u64 = 1;

fn scan(path: &Path, format: &Arc<Format>) -> Scan {
    let source = Source::paths(&[path.to_str().expect("a plain path")]).expect("the log was made");
    Scan::new(source, format.clone()).with_options(Options { threads: 1, ..Options::default() })
}

fn job(log: &Path, format: &Arc<Format>, out: &Path) {
    let options = ParquetOptions { compression: ParquetCompression::Zstd(3), overwrite: true, ..Default::default() };
    write_parquet(&scan(log, format), out, &options, None, None).expect("the log can be written");
}

fn writer_alone(batches: &[RecordBatch], out: &Path) {
    let level = ZstdLevel::try_new(3).expect("zstd has a level 3");
    let properties = WriterProperties::builder().set_compression(Compression::ZSTD(level)).build();
    let file = File::create(out).expect("room for the file");
    let mut writer = ArrowWriter::try_new(file, batches[0].schema(), Some(properties)).expect("a plain schema");
    for batch in batches {
        writer.write(batch).expect("a batch of the schema");
    }
    writer.into_inner().expect("the file can be ended").sync_all().expect("the file can be synced");
}

fn rows(path: &Path) -> i64 {
    let file = File::open(path).expect("the file was written");
    ParquetRecordBatchReaderBuilder::try_new(file).expect("it is Parquet").metadata().file_metadata().num_rows()
}

fn main() {
    let dir = tempfile::tempdir().expect("a place for the log");
    let (log, out) = (dir.path().join("access.log"), dir.path().join("access.parquet"));
    std::fs::write(&log, generate::combined(LOG_BYTES, SEED)).expect("room for the log");
    let format = named("apache.combined").expect("a builtin format");
    let reader = scan(&log, &format).read().expect("the log can be read");
    let batches: Vec<RecordBatch> = reader.map(|batch| batch.expect("a batch")).collect();
    let expected: usize = batches.iter().map(RecordBatch::num_rows).sum();

    job(&log, &format, &out);
    let ours = std::fs::metadata(&out).expect("it was written").len();
    assert_eq!(rows(&out), expected as i64);
    writer_alone(&batches, &out);
    let theirs = std::fs::metadata(&out).expect("it was written").len();
    assert_eq!(rows(&out), expected as i64);
    println!("{ours} bytes from the log, {theirs} from ready batches by the parquet crate's writer");

    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("parquet/combined");
    let bytes = std::fs::metadata(&log).expect("the log was made").len();
    group.throughput(Throughput::Bytes(bytes)).sample_size(10);
    group.bench_function("log-to-parquet", |b| b.iter(|| job(&log, &format, &out)));
    group.bench_function("writer-fed-with-batches", |b| b.iter(|| writer_alone(&batches, &out)));
    group.finish();
    criterion.final_summary();
}
