use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use ::parquet::file::metadata::ParquetMetaData;
use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int16Array, Int64Array, ListArray, StringArray, StructArray,
    TimestampMicrosecondArray,
};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Field, Int32Type, Schema, SchemaRef};
use arrow::ipc::reader::{FileReader, StreamReader};
use arrow::record_batch::RecordBatch;
use tempfile::tempdir;

use super::*;
use crate::error::ErrorKind;

/// Columns of many kinds; `from` makes batches differ.
fn batch(from: i64, rows: i64) -> RecordBatch {
    let ids = || from..from + rows;
    let nested = StructArray::from(vec![
        (Arc::new(Field::new("x", DataType::Int64, true)), Arc::new(Int64Array::from_iter(ids())) as ArrayRef),
        (
            Arc::new(Field::new("y", DataType::Utf8, true)),
            Arc::new(StringArray::from_iter(ids().map(|i| (i % 3 > 0).then(|| format!("y{i}"))))) as ArrayRef,
        ),
    ]);
    let list = ListArray::from_iter_primitive::<Int32Type, _, _>(ids().map(|i| Some((0..i as i32 % 3).map(Some))));
    let columns: [(&str, ArrayRef); 8] = [
        ("path", Arc::new(StringArray::from_iter(ids().map(|i| (i % 7 > 0).then(|| format!("/item/{i}")))))),
        ("method", Arc::new(StringArray::from_iter(ids().map(|i| Some(["GET", "POST"][i as usize % 2]))))),
        ("time", Arc::new(TimestampMicrosecondArray::from_iter(ids().map(|i| Some(i * 1000))).with_timezone("UTC"))),
        ("status", Arc::new(Int16Array::from_iter(ids().map(|i| (i % 5 > 0).then_some(200 + (i % 4) as i16))))),
        ("share", Arc::new(Float64Array::from_iter(ids().map(|i| i as f64 / 3.0)))),
        ("ok", Arc::new(BooleanArray::from_iter(ids().map(|i| Some(i % 2 == 0))))),
        ("nested", Arc::new(nested)),
        ("list", Arc::new(list)),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).unwrap()
}

fn batches() -> Vec<RecordBatch> {
    vec![batch(0, 1000), batch(1000, 0), batch(1000, 500), batch(1500, 3000)]
}

fn joined(batches: &[RecordBatch]) -> RecordBatch {
    concat_batches(&batches[0].schema(), batches).unwrap()
}

fn two_threads() -> Option<Arc<rayon::ThreadPool>> {
    Some(Arc::new(rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap()))
}

fn write_all(mut sink: impl Sink + 'static, batches: &[RecordBatch]) -> Written {
    for batch in batches {
        sink.write(batch).unwrap();
    }
    Box::new(sink).finish().unwrap().remove(0)
}

fn parquet(path: &Path) -> (RecordBatch, Arc<ParquetMetaData>) {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let (schema, metadata) = (builder.schema().clone(), builder.metadata().clone());
    let batches: Vec<RecordBatch> = builder.build().unwrap().map(Result::unwrap).collect();
    (concat_batches(&schema, &batches).unwrap(), metadata)
}

fn names(dir: &Path) -> Vec<String> {
    fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn ok_parquet_reads_back_equal() {
    let dir = tempdir().unwrap();
    let compressions = [
        ParquetCompression::Zstd(1),
        ParquetCompression::Zstd(9),
        ParquetCompression::Snappy,
        ParquetCompression::Lz4Raw,
        ParquetCompression::None,
    ];
    for (idx, compression) in compressions.into_iter().enumerate() {
        for delta_encodings in [true, false] {
            let path = dir.path().join(format!("{idx}-{delta_encodings}.parquet"));
            let options = ParquetOptions { compression, delta_encodings, ..ParquetOptions::default() };
            let batches = batches();
            let written = write_all(ParquetSink::create(&path, batches[0].schema(), &options).unwrap(), &batches);
            assert_eq!(written, Written { path: path.clone(), rows: 4500, bytes: fs::metadata(&path).unwrap().len() });
            let (back, metadata) = parquet(&path);
            assert_eq!(back, joined(&batches));
            assert_eq!(metadata.num_row_groups(), 1);
            let created_by = metadata.file_metadata().created_by().unwrap();
            assert_eq!(created_by, concat!("logarrow ", env!("CARGO_PKG_VERSION")));
            let encodings = format!("{:?}", metadata.row_group(0).column(0).encodings().collect::<Vec<_>>());
            assert_eq!(encodings.contains("DELTA"), delta_encodings, "{encodings}");
        }
    }
}

#[test]
fn ok_parallel_and_serial_bytes_are_the_same() {
    let dir = tempdir().unwrap();
    let files = [None, two_threads()].map(|pool| {
        let path = dir.path().join(if pool.is_some() { "parallel" } else { "serial" });
        let options = ParquetOptions { pool, row_group_rows: 1300, ..ParquetOptions::default() };
        write_all(ParquetSink::create(&path, batches()[0].schema(), &options).unwrap(), &batches());
        fs::read(path).unwrap()
    });
    assert!(files[0] == files[1]);
}

#[test]
fn ok_row_groups_end_at_each_limit() {
    let dir = tempdir().unwrap();
    let groups = |name: &str, options: ParquetOptions| -> Vec<i64> {
        let path = dir.path().join(name);
        write_all(ParquetSink::create(&path, batches()[0].schema(), &options).unwrap(), &batches());
        let (back, metadata) = parquet(&path);
        assert_eq!(back, joined(&batches()));
        metadata.row_groups().iter().map(|group| group.num_rows()).collect()
    };
    let default = ParquetOptions::default;
    assert_eq!(groups("rows", ParquetOptions { row_group_rows: 1200, ..default() }), [1200, 1200, 1200, 900]);
    assert_eq!(groups("bytes", ParquetOptions { row_group_bytes: 1, ..default() }), [1000, 500, 3000]);
    assert_eq!(groups("memory", ParquetOptions { memory_bytes: 1, ..default() }), [1000, 500, 3000]);
    assert_eq!(groups("large", default()), [4500]);
}

#[test]
fn ok_memory_is_told_and_flushed() {
    let dir = tempdir().unwrap();
    let mut sink =
        ParquetSink::create(&dir.path().join("a"), batch(0, 1).schema(), &ParquetOptions::default()).unwrap();
    assert_eq!(sink.memory_bytes(), 0);
    sink.write(&batch(0, 2000)).unwrap();
    assert!(sink.memory_bytes() > 10_000);
    sink.flush().unwrap();
    assert_eq!((sink.memory_bytes(), sink.rows()), (0, 2000));
}

#[test]
fn ok_options_of_parquet() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("a.parquet");
    let options = ParquetOptions {
        statistics: Statistics::Chunk,
        dictionary: vec![("path".into(), true), ("method".into(), false)],
        bloom_filters: vec!["path".into()],
        metadata: vec![("who".into(), "me".into())],
        ..ParquetOptions::default()
    };
    write_all(ParquetSink::create(&path, batches()[0].schema(), &options).unwrap(), &batches());
    let (back, metadata) = parquet(&path);
    assert_eq!(back.columns(), joined(&batches()).columns());
    let group = metadata.row_group(0);
    assert!(group.column(0).dictionary_page_offset().is_some() && group.column(1).dictionary_page_offset().is_none());
    assert!(group.column(0).bloom_filter_offset().is_some() && group.column(1).bloom_filter_offset().is_none());
    assert!(group.column(0).statistics().is_some() && group.column(0).column_index_offset().is_none());
    let pairs = metadata.file_metadata().key_value_metadata().unwrap();
    assert!(pairs.iter().any(|pair| pair.key == "who" && pair.value.as_deref() == Some("me")));
}

#[test]
fn err_options_of_parquet() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("a.parquet");
    let default = ParquetOptions::default;
    let cases = [
        (ParquetOptions { compression: ParquetCompression::Zstd(99), ..default() }, ErrorKind::Option),
        (ParquetOptions { row_group_rows: 0, ..default() }, ErrorKind::Option),
        (ParquetOptions { bloom_filters: vec!["no".into()], ..default() }, ErrorKind::UnknownColumn),
        (ParquetOptions { dictionary: vec![("no".into(), true)], ..default() }, ErrorKind::UnknownColumn),
    ];
    for (options, kind) in cases {
        let err = ParquetSink::create(&path, batch(0, 1).schema(), &options).err().unwrap();
        assert_eq!(err.kind(), kind);
        assert!(err.hint().is_some());
    }
    assert!(names(dir.path()).is_empty());
}

#[test]
fn ok_ipc_reads_back_equal() {
    let dir = tempdir().unwrap();
    for (idx, compression) in [IpcCompression::None, IpcCompression::Lz4, IpcCompression::Zstd].into_iter().enumerate()
    {
        let path = dir.path().join(format!("{idx}.arrow"));
        let options = IpcOptions { compression, ..IpcOptions::default() };
        let written = write_all(IpcSink::create(&path, batches()[0].schema(), &options).unwrap(), &batches());
        assert_eq!((written.rows, written.bytes), (4500, fs::metadata(&path).unwrap().len()));
        let reader = FileReader::try_new(File::open(&path).unwrap(), None).unwrap();
        assert_eq!(joined(&reader.map(Result::unwrap).collect::<Vec<_>>()), joined(&batches()));
    }
}

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn ok_ipc_stream() {
    let shared = Shared::default();
    let options = IpcOptions::default();
    let mut sink = IpcSink::stream("-", Box::new(shared.clone()), batches()[0].schema(), &options).unwrap();
    sink.write(&batch(0, 10)).unwrap();
    sink.flush().unwrap();
    assert!(shared.0.lock().unwrap().len() > 100, "flushed for the reader of a pipe");
    let written = Box::new(sink).finish().unwrap().remove(0);
    let bytes = shared.0.lock().unwrap().clone();
    assert_eq!((written.rows, written.bytes), (10, bytes.len() as u64));
    let reader = StreamReader::try_new(&bytes[..], None).unwrap();
    assert_eq!(joined(&reader.map(Result::unwrap).collect::<Vec<_>>()), batch(0, 10));
}

#[test]
fn err_broken_pipe_keeps_its_kind() {
    struct Broken;
    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let schema = batch(0, 1).schema();
    let mut sink = IpcSink::stream("-", Box::new(Broken), schema, &IpcOptions::default()).unwrap();
    let err = (0..100).find_map(|i| sink.write(&batch(i, 1000)).err()).unwrap();
    assert_eq!(err.kind(), ErrorKind::Io(io::ErrorKind::BrokenPipe));
}

/// A Parquet and an IPC sink for the same file name.
fn both(dir: &Path, schema: &SchemaRef, overwrite: bool) -> [Result<Box<dyn Sink>>; 2] {
    let path = dir.join("out");
    let parquet = ParquetOptions { overwrite, ..ParquetOptions::default() };
    let ipc = IpcOptions { overwrite, ..IpcOptions::default() };
    [
        ParquetSink::create(&path, schema.clone(), &parquet).map(|sink| Box::new(sink) as _),
        IpcSink::create(&path, schema.clone(), &ipc).map(|sink| Box::new(sink) as _),
    ]
}

#[test]
fn ok_abort_leaves_nothing() {
    let dir = tempdir().unwrap();
    for sink in both(dir.path(), &batch(0, 1).schema(), false) {
        let mut sink = sink.unwrap();
        sink.write(&batch(0, 5000)).unwrap();
        sink.flush().unwrap();
        let seen = names(dir.path());
        assert!(seen.iter().all(|name| name.starts_with(".out.") && name.ends_with(".tmp")), "{seen:?}");
        drop(sink);
    }
    assert!(names(dir.path()).is_empty());
}

#[test]
fn err_existing_file_is_refused_or_replaced_whole() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("out");
    fs::write(&path, "precious").unwrap();
    for sink in both(dir.path(), &batch(0, 1).schema(), false) {
        let err = sink.err().unwrap();
        assert_eq!(err.kind(), ErrorKind::Io(io::ErrorKind::AlreadyExists));
        assert!(err.hint().unwrap().contains("overwrite"));
    }
    for sink in both(dir.path(), &batch(0, 1).schema(), true) {
        fs::write(&path, "precious").unwrap();
        let mut sink = sink.unwrap();
        sink.write(&batch(0, 10)).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"precious");
        sink.finish().unwrap();
        assert_ne!(fs::read(&path).unwrap(), b"precious");
    }
    assert_eq!(names(dir.path()), ["out"]);
}

#[test]
fn err_file_that_came_up_meanwhile_is_kept() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("out");
    for sink in both(dir.path(), &batch(0, 1).schema(), false) {
        fs::write(&path, "precious").unwrap();
        let err = sink.unwrap().finish().unwrap_err();
        assert_eq!(err.kind(), ErrorKind::Io(io::ErrorKind::AlreadyExists));
        assert_eq!(fs::read(&path).unwrap(), b"precious");
    }
    assert_eq!(names(dir.path()), ["out"]);
}

#[test]
fn ok_zero_batches_give_a_valid_file() {
    let dir = tempdir().unwrap();
    let schema = batch(0, 1).schema();
    let path = dir.path().join("a.parquet");
    write_all(ParquetSink::create(&path, schema.clone(), &ParquetOptions::default()).unwrap(), &[]);
    assert_eq!(parquet(&path).0, batch(0, 0));
    let path = dir.path().join("a.arrow");
    write_all(IpcSink::create(&path, schema.clone(), &IpcOptions::default()).unwrap(), &[]);
    let reader = FileReader::try_new(File::open(&path).unwrap(), None).unwrap();
    assert_eq!((reader.schema(), reader.count()), (schema, 0));
}

#[test]
fn err_other_columns_and_missing_directory() {
    let dir = tempdir().unwrap();
    let other = RecordBatch::new_empty(Arc::new(Schema::new(vec![Field::new("z", DataType::Utf8, true)])));
    for sink in both(dir.path(), &batch(0, 1).schema(), true) {
        assert_eq!(sink.unwrap().write(&other).unwrap_err().kind(), ErrorKind::TypeMismatch);
    }
    for sink in both(&dir.path().join("no"), &batch(0, 1).schema(), true) {
        assert_eq!(sink.err().unwrap().kind(), ErrorKind::Io(io::ErrorKind::NotFound));
    }
}
