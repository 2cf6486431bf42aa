//! Column types, from the text that names them to the Arrow type they give.

use std::sync::Arc;

use arrow::datatypes::{DataType, TimeUnit as ArrowUnit};

use crate::error::{Error, ErrorKind, Result};

/// What a column holds and how its text is read.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Kind {
    /// Text.
    Utf8,
    /// A signed integer.
    Int16,
    /// A signed integer.
    Int32,
    /// A signed integer.
    Int64,
    /// A point in time.
    Timestamp {
        /// A strftime-like pattern, or `iso8601`, `epoch`, `epoch_ms`, `epoch_us`, `epoch_ns`.
        pattern: Arc<str>,
        /// The zone of texts without one: an IANA name or an offset.
        zone: Arc<str>,
        /// The unit of the column.
        unit: TimeUnit,
        /// For texts without a year: the time to be close to, in microseconds since 1970 UTC.
        reference_us: i64,
    },
}

/// The unit of timestamp columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeUnit {
    /// Microseconds; what Spark and Redshift take.
    #[default]
    Microsecond,
    /// Nanoseconds.
    Nanosecond,
}

/// How text columns are laid out in Arrow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strings {
    /// `utf8`: what everything reads.
    #[default]
    Utf8,
    /// `utf8_view`: short texts inline.
    View,
    /// `large_utf8`: 64-bit offsets.
    Large,
    /// `dictionary<int32, utf8>`: each text once a batch.
    Dictionary,
}

impl Strings {
    /// The Arrow type of a text column.
    pub fn data_type(self) -> DataType {
        match self {
            Self::Utf8 => DataType::Utf8,
            Self::View => DataType::Utf8View,
            Self::Large => DataType::LargeUtf8,
            Self::Dictionary => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
        }
    }
}

/// What [`Kind::parse`] needs besides the type's name.
#[derive(Clone, Debug)]
pub struct KindOptions<'a> {
    /// The type's format text, where it has one.
    pub format: Option<&'a str>,
    /// For lists, the texts between items.
    pub separators: &'a [String],
    /// The zone of times without one.
    pub zone: &'a str,
    /// The unit of timestamp columns.
    pub unit: TimeUnit,
    /// For times without a year, in microseconds since 1970 UTC.
    pub reference_us: i64,
}

impl Kind {
    /// The kind that a format file or `with_types` calls `name`.
    ///
    /// **Errors**: `TypeMismatch` for an unknown name.
    pub fn parse(name: &str, options: &KindOptions) -> Result<Self> {
        Ok(match name {
            "" | "utf8" | "string" => Self::Utf8,
            "int16" => Self::Int16,
            "int32" => Self::Int32,
            "int64" => Self::Int64,
            "timestamp" => Self::Timestamp {
                pattern: options.format.unwrap_or("iso8601").into(),
                zone: options.zone.into(),
                unit: options.unit,
                reference_us: options.reference_us,
            },
            _ => {
                return Err(Error::new(ErrorKind::TypeMismatch, format!("\"{name}\" is no column type"))
                    .with_hint("types are utf8, int16, int32, int64, timestamp"));
            }
        })
    }

    /// What a cell of this kind should be, for messages: "a 16-bit integer".
    pub fn expected(&self) -> String {
        match self {
            Self::Utf8 => "text".into(),
            Self::Int16 => "a 16-bit integer".into(),
            Self::Int32 => "a 32-bit integer".into(),
            Self::Int64 => "a 64-bit integer".into(),
            Self::Timestamp { pattern, .. } => format!("a time like {pattern}"),
        }
    }

    /// The Arrow type of the column.
    pub fn data_type(&self, strings: Strings) -> DataType {
        match self {
            Self::Utf8 => strings.data_type(),
            Self::Int16 => DataType::Int16,
            Self::Int32 => DataType::Int32,
            Self::Int64 => DataType::Int64,
            Self::Timestamp { unit, .. } => {
                let unit = match unit {
                    TimeUnit::Microsecond => ArrowUnit::Microsecond,
                    TimeUnit::Nanosecond => ArrowUnit::Nanosecond,
                };
                DataType::Timestamp(unit, Some("UTC".into()))
            }
        }
    }
}
