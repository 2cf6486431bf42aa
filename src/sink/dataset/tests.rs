use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanArray, Date32Array, Float64Array, Int64Array, StringArray};
use arrow::datatypes::Int64Type;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tempfile::{TempDir, tempdir};

use super::partition::segment;
use super::*;

fn batch(rows: std::ops::Range<i64>) -> RecordBatch {
    let n: Int64Array = rows.clone().map(Some).collect();
    let day: StringArray = rows.clone().map(|n| (n % 5 != 4).then(|| format!("d{}", n % 5 / 2))).collect();
    let back: Int64Array = rows.map(|n| Some(n * 7919 % 1000)).collect();
    let columns: [(&str, ArrayRef); 3] = [("n", Arc::new(n)), ("day", Arc::new(day)), ("back", Arc::new(back))];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).unwrap()
}

fn options(mode: Mode, job: &str) -> DatasetOptions {
    DatasetOptions { mode, job_id: job.into(), partition_by: vec!["day".into()], ..DatasetOptions::default() }
}

fn write(dir: &Path, options: &DatasetOptions, batches: &[RecordBatch]) -> Result<Vec<Written>> {
    let mut sink = DatasetSink::create(dir.to_str().unwrap(), batches[0].schema(), options)?;
    batches.iter().try_for_each(|batch| sink.write(batch))?;
    Box::new(sink).finish()
}

/// All files below a folder, by their paths in it.
fn tree(dir: &Path) -> Vec<String> {
    let mut files = Place::Local(dir.into()).list("").unwrap();
    files.sort();
    files
}

/// The files that readers see.
fn visible(dir: &Path) -> Vec<String> {
    tree(dir).into_iter().filter(|path| !path.starts_with('_')).collect()
}

fn column(path: &Path, name: &str) -> Vec<i64> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(fs::File::open(path).unwrap()).unwrap().build().unwrap();
    reader.flat_map(|batch| batch.unwrap()[name].as_primitive::<Int64Type>().values().to_vec()).collect()
}

fn numbers(files: &[Written]) -> Vec<i64> {
    let mut out: Vec<i64> = files.iter().flat_map(|file| column(&file.path, "n")).collect();
    out.sort_unstable();
    out
}

fn committed_numbers(dir: &TempDir) -> Vec<i64> {
    numbers(&committed(dir.path().to_str().unwrap(), &StorageOptions::default()).unwrap())
}

#[test]
fn ok_values_are_escaped_as_hive_does() {
    let cases = [
        (Some("2026-03-05"), "k=2026-03-05"),
        (Some("a/b"), "k=a%2Fb"),
        (Some(".."), "k=.."),
        (Some("../../etc"), "k=..%2F..%2Fetc"),
        (Some("10:00 = 100%?"), "k=10%3A00 %3D 100%25%3F"),
        (Some("\x01\n\x7f\\{[]^#*'\""), "k=%01%0A%7F%5C%7B%5B%5D%5E%23%2A%27%22"),
        (Some("é }|~"), "k=é }|~"),
        (Some(""), "k=__HIVE_DEFAULT_PARTITION__"),
        (None, "k=__HIVE_DEFAULT_PARTITION__"),
    ];
    for (value, want) in cases {
        assert_eq!(segment("k", value), want);
    }
    assert_eq!(segment("a/b", Some("1")), "a%2Fb=1");
}

#[test]
fn ok_rows_go_to_their_partitions() {
    let dir = tempdir().unwrap();
    let written = write(dir.path(), &options(Mode::Error, "job"), &[batch(0..100), batch(100..105)]).unwrap();
    let want = ["day=__HIVE_DEFAULT_PARTITION__", "day=d0", "day=d1"].map(|day| format!("{day}/part-job-00001-"));
    let found = visible(dir.path());
    assert_eq!(found.len(), 3);
    assert!(found.iter().zip(&want).all(|(found, want)| found.starts_with(want)), "{found:?}");
    assert_eq!(numbers(&written), (0..105).collect::<Vec<_>>());
    for file in &written {
        assert_eq!(file.rows, column(&file.path, "n").len() as u64);
        assert_eq!(file.bytes, fs::metadata(&file.path).unwrap().len());
    }
    assert_eq!(column(&dir.path().join(&found[0]), "n"), (0..105).filter(|n| n % 5 == 4).collect::<Vec<_>>());
    let left: Vec<_> = tree(dir.path()).into_iter().filter(|path| path.starts_with('_')).collect();
    assert_eq!(left, ["_logarrow/commits/job-00001.json"]);
}

#[test]
fn ok_values_of_all_types_name_directories() {
    let columns: [(&str, ArrayRef); 4] = [
        ("n", Arc::new(Int64Array::from(vec![1, 2]))),
        ("code", Arc::new(Int64Array::from(vec![Some(404), None]))),
        ("at", Arc::new(Date32Array::from(vec![20_517, 20_518]))),
        ("ok", Arc::new(BooleanArray::from(vec![true, false]))),
    ];
    let rows = RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).unwrap();
    let dir = tempdir().unwrap();
    let by = ["code", "at", "ok"].map(str::to_owned).to_vec();
    let options = DatasetOptions { partition_by: by, ..DatasetOptions::default() };
    write(dir.path(), &options, &[rows]).unwrap();
    assert_eq!(
        visible(dir.path()),
        [
            "code=404/at=2026-03-05/ok=true/part-0-00001-00000.parquet",
            "code=__HIVE_DEFAULT_PARTITION__/at=2026-03-06/ok=false/part-0-00001-00001.parquet",
        ]
    );
}

#[test]
fn ok_a_rerun_replaces_its_own_rows_and_no_others() {
    let dir = tempdir().unwrap();
    write(dir.path(), &options(Mode::Append, "a"), &[batch(0..50)]).unwrap();
    write(dir.path(), &options(Mode::Append, "b"), &[batch(50..60)]).unwrap();
    write(dir.path(), &options(Mode::Append, "a"), &[batch(0..40)]).unwrap();
    let want: Vec<i64> = (0..40).chain(50..60).collect();
    assert_eq!(committed_numbers(&dir), want);
    assert_eq!(visible(dir.path()).len(), 6, "{:?}", visible(dir.path()));
    assert!(visible(dir.path())[0].contains("part-a-00002-"));
    // The same job may run again under mode error; another may not.
    let err = write(dir.path(), &options(Mode::Error, "a"), &[batch(0..40)]).unwrap_err();
    assert_eq!(err.kind(), ErrorKind::Io(std::io::ErrorKind::AlreadyExists));
    assert!(err.hint().unwrap().contains("part-b-"), "{err}");
}

#[test]
fn ok_modes_replace_what_they_say() {
    let dir = tempdir().unwrap();
    let foreign = dir.path().join("day=d0/old.parquet");
    fs::create_dir_all(foreign.parent().unwrap()).unwrap();
    fs::write(&foreign, "old").unwrap();
    fs::write(dir.path().join("README.md"), "kept").unwrap();
    write(dir.path(), &options(Mode::Append, "a"), &[batch(0..50)]).unwrap();
    assert!(foreign.exists());
    // Only day=d0 gets rows.
    let few = batch(0..2);
    write(dir.path(), &options(Mode::OverwritePartitions, "b"), std::slice::from_ref(&few)).unwrap();
    assert!(!foreign.exists());
    let want: Vec<i64> = (0..50).filter(|n| *n < 2 || n % 5 >= 2).collect();
    assert_eq!(committed_numbers(&dir), want);
    // What b replaced of a stays replaced when b's own record goes.
    write(dir.path(), &options(Mode::OverwritePartitions, "c"), std::slice::from_ref(&few)).unwrap();
    assert_eq!(committed_numbers(&dir), want);
    let records: Vec<_> = tree(dir.path()).into_iter().filter(|path| path.starts_with("_logarrow")).collect();
    assert_eq!(records, ["_logarrow/commits/a-00001.json", "_logarrow/commits/c-00001.json"]);
    write(dir.path(), &options(Mode::Overwrite, "d"), &[batch(7..9)]).unwrap();
    assert_eq!(committed_numbers(&dir), [7, 8]);
    assert_eq!(visible(dir.path()).iter().filter(|path| path.ends_with(".parquet")).count(), 1);
    assert!(dir.path().join("README.md").exists());
}

#[test]
fn ok_abort_leaves_nothing() {
    let dir = tempdir().unwrap();
    let dest = dir.path().join("new/deep");
    let mut sink =
        DatasetSink::create(dest.to_str().unwrap(), batch(0..1).schema(), &options(Mode::Error, "a")).unwrap();
    sink.write(&batch(0..500)).unwrap();
    assert!(tree(&dest).iter().all(|path| path.starts_with('_')), "{:?}", tree(&dest));
    drop(sink);
    assert!(!dest.exists());
    // And of an earlier run, all.
    write(&dest, &options(Mode::Error, "a"), &[batch(0..50)]).unwrap();
    let before = tree(&dest);
    let mut sink =
        DatasetSink::create(dest.to_str().unwrap(), batch(0..1).schema(), &options(Mode::Error, "a")).unwrap();
    sink.write(&batch(0..500)).unwrap();
    drop(sink);
    assert_eq!(tree(&dest), before);
}

#[test]
fn err_two_live_jobs() {
    let dir = tempdir().unwrap();
    let dest = dir.path().to_str().unwrap();
    let first = DatasetSink::create(dest, batch(0..1).schema(), &options(Mode::Append, "a")).unwrap();
    let err = DatasetSink::create(dest, batch(0..1).schema(), &options(Mode::Append, "b")).err().unwrap();
    assert_eq!(err.kind(), ErrorKind::Io(std::io::ErrorKind::ResourceBusy));
    drop(first);
    DatasetSink::create(dest, batch(0..1).schema(), &options(Mode::Append, "b")).unwrap();
}

#[test]
fn ok_files_end_at_their_target_and_few_are_open() {
    let dir = tempdir().unwrap();
    let small = DatasetOptions { target_file_bytes: 1024, partition_by: Vec::new(), ..options(Mode::Error, "a") };
    let batches: Vec<_> = (0..20).map(|i| batch(i * 1000..i * 1000 + 1000)).collect();
    let written = write(&dir.path().join("small"), &small, &batches).unwrap();
    assert!(written.len() > 4 && written.iter().all(|file| file.bytes < 10_000), "{written:?}");
    assert_eq!(numbers(&written), (0..20_000).collect::<Vec<_>>());
    let one = DatasetOptions { max_open_files: 1, ..options(Mode::Error, "a") };
    let written = write(&dir.path().join("one"), &one, &batches[..2]).unwrap();
    assert_eq!(written.len(), 6);
    assert_eq!(numbers(&written), (0..2000).collect::<Vec<_>>());
    let tight = ParquetOptions { memory_bytes: 1, ..ParquetOptions::default() };
    let tight = DatasetOptions { parquet: tight, ..options(Mode::Error, "a") };
    let mut sink =
        DatasetSink::create(dir.path().join("tight").to_str().unwrap(), batches[0].schema(), &tight).unwrap();
    sink.write(&batches[0]).unwrap();
    assert_eq!(sink.memory_bytes(), 0);
    assert_eq!(numbers(&Box::new(sink).finish().unwrap()), (0..1000).collect::<Vec<_>>());
}

#[test]
fn ok_rows_are_sorted_within_each_file() {
    let dir = tempdir().unwrap();
    let options = DatasetOptions { sort_by: vec!["back".into(), "n".into()], ..options(Mode::Error, "a") };
    let written = write(dir.path(), &options, &[batch(0..3000), batch(3000..4000)]).unwrap();
    assert_eq!(numbers(&written), (0..4000).collect::<Vec<_>>());
    for file in &written {
        assert!(column(&file.path, "back").is_sorted());
        let reader = ParquetRecordBatchReaderBuilder::try_new(fs::File::open(&file.path).unwrap()).unwrap();
        let sorting = reader.metadata().row_group(0).sorting_columns().unwrap();
        assert_eq!(sorting.iter().map(|column| column.column_idx).collect::<Vec<_>>(), [1, 0]);
    }
}

#[test]
fn ok_no_rows_are_one_empty_file_or_none() {
    let dir = tempdir().unwrap();
    let plain = DatasetOptions { partition_by: Vec::new(), ..options(Mode::Error, "a") };
    let written = write(&dir.path().join("plain"), &plain, &[batch(0..0)]).unwrap();
    assert_eq!((written.len(), written[0].rows), (1, 0));
    assert!(write(&dir.path().join("parts"), &options(Mode::Error, "a"), &[batch(0..0)]).unwrap().is_empty());
}

#[test]
fn err_options() {
    let dir = tempdir().unwrap();
    let floats = RecordBatch::try_from_iter([
        ("x", Arc::new(Float64Array::from(vec![1.5])) as ArrayRef),
        ("n", Arc::new(Int64Array::from(vec![1])) as ArrayRef),
    ])
    .unwrap();
    let with = |by: &[&str], job: &str, max_partitions: usize| DatasetOptions {
        partition_by: by.iter().map(|&name| name.to_owned()).collect(),
        job_id: job.into(),
        max_partitions,
        ..DatasetOptions::default()
    };
    let cases = [
        (with(&["x"], "a", 9), ErrorKind::TypeMismatch, "names no directory"),
        (with(&["z"], "a", 9), ErrorKind::UnknownColumn, "no column is called \"z\""),
        (with(&["n", "n"], "a", 9), ErrorKind::Option, "twice"),
        (with(&["n"], "../x", 9), ErrorKind::Option, "cannot be a part"),
        (with(&["n"], "", 9), ErrorKind::Option, "cannot be a part"),
        (with(&["n"], "a", 0), ErrorKind::Option, "max_partitions is 0"),
    ];
    for (options, kind, text) in cases {
        let err = write(dir.path(), &options, std::slice::from_ref(&floats)).unwrap_err();
        assert_eq!(err.kind(), kind, "{err}");
        assert!(err.to_string().contains(text), "{err}");
    }
    let all = floats.project(&[1]).unwrap();
    let err = write(dir.path(), &with(&["n"], "a", 9), &[all]).unwrap_err();
    assert!(err.to_string().contains("none is left"), "{err}");
    let many = DatasetOptions { partition_by: vec!["n".into()], max_partitions: 10, ..options(Mode::Error, "a") };
    let err = write(dir.path(), &many, &[batch(0..11)]).unwrap_err();
    assert!(err.to_string().contains("more than 10 directories"), "{err}");
    let long: StringArray = [Some("x".repeat(300))].into_iter().collect();
    let long = RecordBatch::try_from_iter([
        ("day", Arc::new(long) as ArrayRef),
        ("n", Arc::new(Int64Array::from(vec![1])) as ArrayRef),
    ]);
    let err = write(dir.path(), &options(Mode::Error, "a"), &[long.unwrap()]).unwrap_err();
    assert!(err.to_string().contains("longer than the name of a directory"), "{err}");
    assert!(tree(dir.path()).is_empty(), "{:?}", tree(dir.path()));
}
