//! Keyword arguments to the options of sinks.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

use super::options::{choice, get, unknown};
use crate::sink::{
    DatasetOptions, IpcCompression, IpcOptions, Mode, ParquetCompression, ParquetOptions, Statistics, TextCompression,
    TextFormat, TextOptions,
};
use crate::store::StorageOptions;

/// The options of Parquet files.
const PARQUET: [&str; 12] = [
    "compression",
    "compression_level",
    "row_group_rows",
    "row_group_bytes",
    "page_bytes",
    "statistics",
    "dictionary",
    "delta_encodings",
    "bloom_filters",
    "metadata",
    "overwrite",
    "storage_options",
];

/// Those of datasets besides, but for `overwrite`.
const DATASET: [&str; 7] =
    ["partition_by", "sort_by", "target_file_bytes", "max_open_files", "max_partitions", "mode", "job_id"];

type Items<'py> = Vec<(String, Bound<'py, PyAny>)>;

/// The options of a dataset, and the job's name if one is given.
pub(super) fn dataset_options(given: &Bound<'_, PyAny>) -> PyResult<(DatasetOptions, Option<String>)> {
    let mut options = DatasetOptions::default();
    let mut job_id = None;
    let mut rest = Vec::new();
    for (name, value) in items(given)? {
        match name.as_str() {
            "overwrite" => return Err(unknown("overwrite", &["mode"])),
            _ if value.is_none() => {}
            "partition_by" => options.partition_by = get(&name, &value, "a list of column names")?,
            "sort_by" => options.sort_by = get(&name, &value, "a list of column names")?,
            "target_file_bytes" => options.target_file_bytes = get(&name, &value, "a number of bytes")?,
            "max_open_files" => options.max_open_files = get(&name, &value, "a number of files")?,
            "max_partitions" => options.max_partitions = get(&name, &value, "a number of directories")?,
            "mode" => {
                let words = [
                    ("error", Mode::Error),
                    ("overwrite", Mode::Overwrite),
                    ("overwrite_partitions", Mode::OverwritePartitions),
                    ("append", Mode::Append),
                ];
                options.mode = choice(&name, &value, &words)?;
            }
            "job_id" => job_id = Some(get(&name, &value, "a text")?),
            _ => rest.push((name, value)),
        }
    }
    let known: Vec<&str> = DATASET.iter().chain(&PARQUET).filter(|&&name| name != "overwrite").copied().collect();
    options.parquet = parquet(rest, &known)?;
    options.storage_options = options.parquet.storage_options.clone();
    Ok((options, job_id))
}

/// The options of a Parquet file.
pub(super) fn parquet_options(given: &Bound<'_, PyAny>) -> PyResult<ParquetOptions> {
    parquet(items(given)?, &PARQUET)
}

fn parquet(given: Items<'_>, known: &[&str]) -> PyResult<ParquetOptions> {
    let mut options = ParquetOptions::default();
    let mut level = None;
    for (name, value) in given {
        let name = name.as_str();
        match name {
            _ if !known.contains(&name) => return Err(unknown(name, known)),
            _ if value.is_none() => {}
            "compression" => {
                let words = [
                    ("zstd", ParquetCompression::Zstd(1)),
                    ("snappy", ParquetCompression::Snappy),
                    ("lz4", ParquetCompression::Lz4Raw),
                    ("none", ParquetCompression::None),
                ];
                options.compression = choice(name, &value, &words)?;
            }
            "compression_level" => level = Some(get(name, &value, "a level")?),
            "row_group_rows" => options.row_group_rows = get(name, &value, "a number of rows")?,
            "row_group_bytes" => options.row_group_bytes = get(name, &value, "a number of bytes")?,
            "page_bytes" => options.page_bytes = get(name, &value, "a number of bytes")?,
            "statistics" => {
                let words = [("none", Statistics::None), ("chunk", Statistics::Chunk), ("page", Statistics::Page)];
                options.statistics = choice(name, &value, &words)?;
            }
            "dictionary" => {
                let pairs = items(&value)?.into_iter();
                let pairs = pairs.map(|(column, on)| Ok((column, get(name, &on, "{column: True or False}")?)));
                options.dictionary = pairs.collect::<PyResult<_>>()?;
            }
            "delta_encodings" => options.delta_encodings = get(name, &value, "True or False")?,
            "bloom_filters" => options.bloom_filters = get(name, &value, "a list of column names")?,
            "metadata" => {
                let pairs = items(&value)?.into_iter();
                options.metadata =
                    pairs.map(|(key, text)| Ok((key, get(name, &text, "{key: text}")?))).collect::<PyResult<_>>()?;
            }
            "storage_options" => options.storage_options = storage(&value)?,
            _ => options.overwrite = get(name, &value, "True or False")?,
        }
    }
    match (level, &mut options.compression) {
        (Some(given), ParquetCompression::Zstd(level)) => *level = given,
        (Some(_), _) => {
            return Err(PyValueError::new_err(
                "option \"compression_level\": only zstd has levels\nhint: leave it out, or set compression to \"zstd\"",
            ));
        }
        (None, _) => {}
    }
    Ok(options)
}

/// The options of an Arrow IPC file.
pub(super) fn ipc_options(given: &Bound<'_, PyAny>) -> PyResult<IpcOptions> {
    const NAMES: [&str; 3] = ["compression", "overwrite", "storage_options"];
    let mut options = IpcOptions::default();
    for (name, value) in items(given)? {
        let name = name.as_str();
        match name {
            _ if !NAMES.contains(&name) => return Err(unknown(name, &NAMES)),
            _ if value.is_none() => {}
            "compression" => {
                let words =
                    [("none", IpcCompression::None), ("lz4", IpcCompression::Lz4), ("zstd", IpcCompression::Zstd)];
                options.compression = choice(name, &value, &words)?;
            }
            "storage_options" => options.storage_options = storage(&value)?,
            _ => options.overwrite = get(name, &value, "True or False")?,
        }
    }
    Ok(options)
}

/// The options of CSV and JSON lines.
pub(super) fn text_options(format: TextFormat, given: &Bound<'_, PyAny>) -> PyResult<TextOptions> {
    const NAMES: [&str; 5] = ["compression", "overwrite", "storage_options", "header", "delimiter"];
    let known = if format == TextFormat::Csv { &NAMES[..] } else { &NAMES[..3] };
    let mut options = TextOptions::new(format);
    for (name, value) in items(given)? {
        let name = name.as_str();
        match name {
            _ if !known.contains(&name) => return Err(unknown(name, known)),
            _ if value.is_none() => {}
            "compression" => {
                let words =
                    [("none", TextCompression::None), ("gzip", TextCompression::Gzip), ("zstd", TextCompression::Zstd)];
                options.compression = Some(choice(name, &value, &words)?);
            }
            "header" => options.header = get(name, &value, "True or False")?,
            "delimiter" => {
                let text: String = get(name, &value, "a character")?;
                let &[delimiter] = text.as_bytes() else {
                    let message = format!("option \"delimiter\": expected one ASCII character, found {text:?}");
                    return Err(PyValueError::new_err(message));
                };
                options.delimiter = delimiter;
            }
            "storage_options" => options.storage_options = storage(&value)?,
            _ => options.overwrite = get(name, &value, "True or False")?,
        }
    }
    Ok(options)
}

/// The options of a store. Texts, numbers and truth values will do.
pub(super) fn storage(given: &Bound<'_, PyAny>) -> PyResult<StorageOptions> {
    let pairs = items(given)?.into_iter().filter(|(_, value)| !value.is_none());
    let pairs = pairs.map(|(name, value)| {
        let text = value.str()?.to_string();
        let is_bool = value.is_instance_of::<pyo3::types::PyBool>();
        Ok((name, if is_bool { text.to_lowercase() } else { text }))
    });
    Ok(StorageOptions::from_iter(pairs.collect::<PyResult<Vec<_>>>()?))
}

/// The entries of a mapping with texts for keys.
fn items<'py>(mapping: &Bound<'py, PyAny>) -> PyResult<Items<'py>> {
    if !mapping.hasattr("items")? {
        let found = mapping.get_type().name()?;
        return Err(PyTypeError::new_err(format!("expected a mapping, found {found}")));
    }
    mapping.call_method0("items")?.try_iter()?.map(|item| item?.extract()).collect()
}
