//! A job that is killed at any step of its commit, and run again: no row is lost, none is doubled, no part of a file is
//! seen.
#![allow(missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use arrow::array::AsArray;
use logarrow::filter::col;
use logarrow::sink::{DatasetOptions, FAIL_POINTS, Mode, committed};
use logarrow::store::StorageOptions;
use logarrow::{Options, Scan, Source, job, named};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

const DEST: &str = "LOGARROW_TEST_DEST";
const MODE: &str = "LOGARROW_TEST_MODE";

/// `rows` lines whose paths say which they are.
fn scan(rows: std::ops::Range<usize>) -> Scan {
    let line =
        |n: usize| format!("192.0.2.7 - - [05/Mar/2026:10:00:01 +0000] \"GET /{n} HTTP/1.1\" {} 5\n", 200 + n % 3);
    let text: String = rows.map(line).collect();
    let options = Options {
        columns: Some(vec!["path".into(), "code".into()]),
        derive: vec![("code".into(), col("status"))],
        batch_rows: 100,
        threads: 1,
        ..Options::default()
    };
    Scan::new(Source::bytes("access.log", text.into_bytes()), named("apache.common").unwrap()).with_options(options)
}

fn run(dest: &Path, rows: std::ops::Range<usize>, mode: Mode, id: &str) -> logarrow::Result<job::Finished> {
    let options = DatasetOptions {
        partition_by: vec!["code".into()],
        mode,
        job_id: id.into(),
        target_file_bytes: 2000,
        ..DatasetOptions::default()
    };
    job::write_dataset(&scan(rows), dest.to_str().unwrap(), &options, None, None)
}

fn mode(text: &str) -> Mode {
    match text {
        "error" => Mode::Error,
        "append" => Mode::Append,
        "overwrite" => Mode::Overwrite,
        _ => Mode::OverwritePartitions,
    }
}

/// Not a test of its own: what the others kill.
#[test]
fn worker() {
    let (Ok(dest), Ok(asked)) = (std::env::var(DEST), std::env::var(MODE)) else { return };
    run(Path::new(&dest), 0..600, mode(&asked), "daily").unwrap();
}

/// Runs the job in a process of its own, which ends or fails at `point`.
fn child(dest: &Path, mode: &str, point: &str) -> bool {
    let command = std::env::current_exe().unwrap();
    let mut command = Command::new(command);
    command.args(["worker", "--exact", "--test-threads=1"]).env(DEST, dest).env(MODE, mode);
    command.env("LOGARROW_FAIL_POINT", point).output().unwrap().status.success()
}

fn visible(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        match path.is_dir() {
            _ if name.starts_with(['_', '.']) => {}
            true => visible(&path, out),
            false => out.push(path),
        }
    }
}

/// The numbers of the rows in files, each of which must be whole.
fn numbers(files: impl IntoIterator<Item = PathBuf>) -> Vec<usize> {
    let mut out = Vec::new();
    for path in files {
        let reader = ParquetRecordBatchReaderBuilder::try_new(fs::File::open(&path).unwrap()).unwrap();
        for batch in reader.build().unwrap() {
            let batch = batch.unwrap();
            out.extend(
                batch["path"].as_string::<i32>().iter().map(|path| path.unwrap()[1..].parse::<usize>().unwrap()),
            );
        }
    }
    out.sort_unstable();
    out
}

fn seen(dir: &Path) -> Vec<usize> {
    let mut files = Vec::new();
    visible(dir, &mut files);
    numbers(files)
}

fn recorded(dir: &Path) -> Vec<usize> {
    numbers(committed(dir.to_str().unwrap(), &StorageOptions::default()).unwrap().into_iter().map(|file| file.path))
}

/// What there is before and after the job, which replaces its own earlier rows 0 to 300, and 900 to 950 of another if
/// its mode says so. The other's rows are in all partitions.
fn kill_at_every_step(mode_text: &str, ends: fn(&str) -> String) {
    for point in FAIL_POINTS {
        let dir = tempfile::tempdir().unwrap();
        let dest = dir.path().join("out");
        run(&dest, 0..300, Mode::Append, "daily").unwrap();
        let mut before: Vec<usize> = (0..300).collect();
        let mut after: Vec<usize> = (0..600).collect();
        if mode_text != "error" {
            run(&dest, 900..950, Mode::Append, "other").unwrap();
            before.extend(900..950);
            if mode_text == "append" {
                after.extend(900..950);
            }
        }
        let failed = !child(&dest, mode_text, &ends(point));
        assert!(failed, "{mode_text}: {point} was never reached");
        // Whoever asks the records sees all of the one or all of the other.
        let now = recorded(&dest);
        assert!(now == before || now == after, "{mode_text}: {point}: {} rows", now.len());
        // Every file that can be seen is whole.
        seen(&dest);
        // Again, and all is as if nothing had happened.
        assert!(child(&dest, mode_text, ""), "{mode_text}: {point}: the rerun failed");
        assert_eq!(seen(&dest), after, "{mode_text}: {point}");
        assert_eq!(recorded(&dest), after, "{mode_text}: {point}");
        assert!(!dest.join("_temporary").exists(), "{mode_text}: {point}");
        let records: Vec<_> = fs::read_dir(dest.join("_logarrow")).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(records, ["commits"], "{mode_text}: {point}");
    }
}

#[test]
fn ok_killed_under_error() {
    kill_at_every_step("error", str::to_owned);
}

#[test]
fn ok_killed_under_append() {
    kill_at_every_step("append", str::to_owned);
}

#[test]
fn ok_killed_under_overwrite() {
    kill_at_every_step("overwrite", str::to_owned);
}

#[test]
fn ok_killed_under_overwrite_partitions() {
    kill_at_every_step("overwrite_partitions", str::to_owned);
}

#[test]
fn ok_failed_under_append() {
    kill_at_every_step("append", |point| format!("{point}:error"));
}

/// Another job cleans up, too, and its rows and those of the dead one are all there or not.
#[test]
fn ok_another_job_after_the_dead_one() {
    for point in FAIL_POINTS {
        let dir = tempfile::tempdir().unwrap();
        let dest = dir.path().join("out");
        // Nothing is removed by the first job of all.
        assert_eq!(child(&dest, "append", point), point == "after_first_removal", "{point}");
        let was = recorded(&dest);
        run(&dest, 900..950, Mode::Append, "other").unwrap();
        let mut want = was.clone();
        want.extend(900..950);
        assert_eq!(seen(&dest), want, "{point}");
        assert_eq!(recorded(&dest), want, "{point}");
        assert!(was.is_empty() || was.len() == 600, "{point}");
    }
}
