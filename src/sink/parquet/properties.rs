//! What the parquet crate is told about a file.

use ::parquet::arrow::add_encoded_arrow_schema_to_metadata;
use ::parquet::basic::{Compression, Encoding, ZstdLevel};
use ::parquet::file::metadata::{KeyValue, SortingColumn};
use ::parquet::file::properties::{EnabledStatistics, WriterProperties};
use ::parquet::schema::types::ColumnPath;
use arrow::datatypes::SchemaRef;

use super::{ParquetCompression, ParquetOptions, Statistics};
use crate::error::{Error, ErrorKind, Result};
use crate::sink::choose::Choice;

/// A dictionary that grows past this gives way to plain values. With the library's 1 MiB the paths of a log give up their
/// dictionary early in a row group: 128 MB of combined log at zstd 3 became 7.42 MB with 1 MiB, 6.78 with 4 and 5.81 with
/// 8, in the same time.
const DICTIONARY_BYTES: usize = 8 << 20;

/// Refuses limits and names that make no sense.
pub(super) fn check(options: &ParquetOptions, schema: &SchemaRef) -> Result<()> {
    let limits = [
        ("row_group_rows", options.row_group_rows),
        ("row_group_bytes", options.row_group_bytes),
        ("memory_bytes", options.memory_bytes),
        ("page_bytes", options.page_bytes),
    ];
    if let Some((name, _)) = limits.iter().find(|(_, value)| *value == 0) {
        return Err(Error::new(ErrorKind::Option, format!("{name} is 0")).with_hint("give a positive number"));
    }
    let named = options.dictionary.iter().map(|(name, _)| name).chain(&options.bloom_filters).chain(&options.sorted_by);
    for name in named {
        if schema.column_with_name(name).is_none() {
            let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
            return Err(Error::new(ErrorKind::UnknownColumn, format!("no column is called \"{name}\""))
                .with_hint(format!("the columns are {}", names.join(", "))));
        }
    }
    Ok(())
}

/// The library's properties for `options`, with `choices` for the top-level columns (empty: none made yet).
pub(super) fn properties(options: &ParquetOptions, schema: &SchemaRef, choices: &[Choice]) -> Result<WriterProperties> {
    let compression = match options.compression {
        ParquetCompression::Zstd(level) => Compression::ZSTD(ZstdLevel::try_new(level).map_err(|cause| {
            Error::new(ErrorKind::Option, format!("zstd has no level {level}"))
                .with_hint("levels go from 1 to 22")
                .with_cause(cause)
        })?),
        ParquetCompression::Snappy => Compression::SNAPPY,
        ParquetCompression::Lz4Raw => Compression::LZ4_RAW,
        ParquetCompression::None => Compression::UNCOMPRESSED,
    };
    let statistics = match options.statistics {
        Statistics::None => EnabledStatistics::None,
        Statistics::Chunk => EnabledStatistics::Chunk,
        Statistics::Page => EnabledStatistics::Page,
    };
    let metadata = options.metadata.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone())).collect();
    let mut builder = WriterProperties::builder()
        .set_created_by(concat!("logarrow ", env!("CARGO_PKG_VERSION")).into())
        .set_compression(compression)
        .set_data_page_size_limit(options.page_bytes)
        .set_dictionary_page_size_limit(DICTIONARY_BYTES)
        .set_statistics_enabled(statistics)
        .set_sorting_columns(sorting_columns(options, schema))
        .set_key_value_metadata(Some(metadata));
    for (field, choice) in schema.fields().iter().zip(choices) {
        let path = ColumnPath::new(vec![field.name().clone()]);
        let forced = options.dictionary.iter().find(|(name, _)| name == field.name()).map(|(_, on)| *on);
        let dictionary = forced.unwrap_or(*choice == Choice::Dictionary);
        builder = builder.set_column_dictionary_enabled(path.clone(), dictionary);
        let encoding = match choice {
            Choice::DeltaLength => Encoding::DELTA_LENGTH_BYTE_ARRAY,
            Choice::DeltaPacked => Encoding::DELTA_BINARY_PACKED,
            Choice::Plain => Encoding::PLAIN,
            Choice::Dictionary => continue,
        };
        builder = builder.set_column_encoding(path, encoding);
    }
    for name in &options.bloom_filters {
        builder = builder.set_column_bloom_filter_enabled(ColumnPath::new(vec![name.clone()]), true);
    }
    let mut properties = builder.build();
    add_encoded_arrow_schema_to_metadata(schema, &mut properties);
    Ok(properties)
}

/// How the rows of each group are sorted, where that is known and the columns are flat: leaves are counted.
fn sorting_columns(options: &ParquetOptions, schema: &SchemaRef) -> Option<Vec<SortingColumn>> {
    if options.sorted_by.is_empty() || schema.fields().iter().any(|field| field.data_type().is_nested()) {
        return None;
    }
    let column = |name: &String| {
        let column_idx = schema.index_of(name).ok()?.try_into().ok()?;
        Some(SortingColumn { column_idx, descending: false, nulls_first: true })
    };
    options.sorted_by.iter().map(column).collect()
}
