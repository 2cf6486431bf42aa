//! Jobs over logs written for them.

use std::fs::File;
use std::sync::atomic::{AtomicUsize, Ordering};

use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::*;
use crate::{Source, named};

const GOOD: &str = "192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] \"GET /a HTTP/1.1\" 200 512\n";

fn scan(log: &str, options: Options) -> Scan {
    Scan::new(Source::bytes("test.log", log.as_bytes()), named("apache.common").unwrap()).with_options(options)
}

fn log(count: usize) -> String {
    (0..count).map(|i| if i % 10 == 9 { "odd\n" } else { GOOD }).collect()
}

fn rows(path: &Path) -> usize {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap().build().unwrap();
    reader.map(|batch| batch.unwrap().num_rows()).sum()
}

#[test]
fn ok_rows_and_rejects() {
    for threads in [1, 2] {
        let dir = tempfile::tempdir().unwrap();
        let (path, rejects) = (dir.path().join("rows.parquet"), dir.path().join("rejects.parquet"));
        let options =
            Options { threads, chunk_bytes: 1 << 16, rejects_to: Some(rejects.clone()), ..Options::default() };
        let mut told = Vec::new();
        let mut progress = |now: &Progress| told.push(now.clone());
        let scan = scan(&log(120_000), options);
        let done = write_parquet(&scan, &path, &ParquetOptions::default(), Some(&mut progress), None).unwrap();
        assert_eq!((done.files[0].rows, rows(&path)), (108_000, 108_000));
        assert_eq!((done.reject_file.unwrap().rows, rows(&rejects)), (12_000, 12_000));
        assert_eq!(done.rejects.num_rows(), 10_000);
        assert!(done.report.counts.is_balanced() && done.report.complete);
        let last = told.last().unwrap();
        assert!(last.complete && last.total_bytes == Some(last.stored_bytes) && told.len() > 5);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
    }
}

#[test]
fn err_exists() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.parquet");
    std::fs::write(&path, "mine").unwrap();
    let source = Source::reader("pipe", Box::new(GOOD.as_bytes()));
    let scan = Scan::new(source, named("apache.common").unwrap());
    let err = write_parquet(&scan, &path, &ParquetOptions::default(), None, None).unwrap_err();
    assert_eq!(err.kind(), ErrorKind::Io(std::io::ErrorKind::AlreadyExists));
    assert_eq!(std::fs::read(&path).unwrap(), b"mine");
    // The pipe was not touched.
    let overwrite = ParquetOptions { overwrite: true, ..ParquetOptions::default() };
    write_parquet(&scan, &path, &overwrite, None, None).unwrap();
    assert_eq!(rows(&path), 1);
}

#[test]
fn err_interrupted_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.arrow");
    let options = Options {
        threads: 1,
        chunk_bytes: 1 << 16,
        rejects_to: Some(dir.path().join("rejects.parquet")),
        ..Options::default()
    };
    let asked = AtomicUsize::new(0);
    let interrupt: Interrupt = Arc::new(move || asked.fetch_add(1, Ordering::Relaxed) > 3);
    let err = write_ipc(&scan(&log(100_000), options), &path, &IpcOptions::default(), None, Some(interrupt));
    assert_eq!(err.unwrap_err().kind(), ErrorKind::Interrupted);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn err_one_file_for_both() {
    let path = PathBuf::from("same.parquet");
    let options = Options { rejects_to: Some(path.clone()), ..Options::default() };
    let err = write_parquet(&scan(GOOD, options), &path, &ParquetOptions::default(), None, None).unwrap_err();
    assert_eq!(err.kind(), ErrorKind::Option);
}

#[test]
fn ok_reading_writes_rejects_at_its_end() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rejects.parquet");
    let options = Options { rejects_to: Some(path.clone()), ..Options::default() };
    let scan = scan(&log(100), options);
    let mut reading = Reading::start(&scan, false, &StorageOptions::default()).unwrap();
    reading.next().unwrap().unwrap();
    drop(reading);
    assert!(!path.exists());
    assert!(Reading::start(&scan, false, &StorageOptions::default()).unwrap().all(|batch| batch.is_ok()));
    assert_eq!(rows(&path), 10);
}
