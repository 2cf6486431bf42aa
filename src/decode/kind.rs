//! Column types, from the text that names them to the Arrow type they give.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, TimeUnit as ArrowUnit};

use super::map;
use super::time_pattern::TimePattern;
use crate::error::{Error, ErrorKind, Result};
use crate::tokenize::Dialect;

/// What a column holds and how its text is read.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Kind {
    /// Text.
    Utf8,
    /// Text of so many characters at most; what is longer is cut.
    Varchar(u16),
    /// Text of so many characters; what is longer is cut, what is shorter filled up with spaces.
    Char(u16),
    /// Text of a journal's field in JSON, which may be an array of bytes, or of several values.
    JournalText,
    /// Bytes, whatever they are.
    Binary(Bytes),
    /// A truth value.
    Bool(Truth),
    /// A signed integer.
    Int8,
    /// A signed integer.
    Int16,
    /// A signed integer.
    Int32,
    /// A signed integer.
    Int64,
    /// A decimal number, rounded to the nearest.
    Float32(Numbers),
    /// A decimal number, rounded to the nearest.
    Float64(Numbers),
    /// A decimal number, exact.
    Decimal {
        /// Digits in all, 1 to 38.
        precision: u8,
        /// Digits behind the point, at most `precision`.
        scale: i8,
        /// How texts are read.
        numbers: Numbers,
    },
    /// A point in time.
    Timestamp {
        /// A strftime-like pattern, `iso8601` or `syslog`, or several of these with `|` between them; or `java`, `epoch`,
        /// `epoch_ms`, `epoch_us`, `epoch_ns`, `auto`.
        pattern: Arc<str>,
        /// The zone of texts without one: an IANA name or an offset.
        zone: Arc<str>,
        /// The column has no zone: it holds the time as it is written, or in UTC where a text names a zone.
        is_local: bool,
        /// The unit of the column.
        unit: TimeUnit,
    },
    /// A day.
    Date {
        /// A strftime-like pattern, `iso8601`, `java`, or `epoch_days`.
        pattern: Arc<str>,
    },
    /// A length of time, in microseconds.
    Duration {
        /// What the number counts.
        unit: NumberUnit,
    },
    /// An attribute value of DynamoDB, and what it holds.
    Attribute(Box<Kind>),
    /// Hexadecimal digits, perhaps behind `0x`, as a signed 64-bit integer.
    Hex,
    /// An IPv4 or IPv6 address, kept as text.
    Ip,
    /// The facility of a syslog priority.
    Facility,
    /// The severity of a syslog priority.
    Severity,
    /// Structured data of RFC 5424: parameters by name, by the name of their element.
    StructuredData,
    /// Items of one kind.
    List {
        /// The kind of an item; no list.
        item: Box<Kind>,
        /// The texts that stand between items.
        separators: Arc<[Box<str>]>,
    },
    /// Keys and values, texts by text, of a field that holds nothing else.
    Entries {
        /// What stands between two of them.
        between: u8,
        /// What stands between a key and its value.
        assign: u8,
    },
    /// A JSON container.
    Nested(Arc<super::Nested>),
    /// The members of JSON objects that no column knows, as the text of one object; for each object, the keys that lead to
    /// it, each with a dot behind it.
    Members(Arc<[Box<str>]>),
    /// Key-value pairs, texts by text.
    Map {
        /// How they are written.
        dialect: Arc<Dialect>,
        /// How the span of what separates them follows from a row, where records say that; the assembler knows.
        separator: Option<crate::simd::Field>,
    },
}

/// Which texts are truth values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Truth {
    /// `true`, `yes`, `on`, `1`, `t`, `y` and their opposites, in any case.
    #[default]
    Usual,
    /// `true` and `false`, in any case.
    Strict,
    /// `true`, in any case; every other text is false (Java's `Boolean.valueOf`).
    Java,
}

/// How bytes are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bytes {
    /// As they are; escapes are decoded.
    #[default]
    Raw,
    /// In base64 where that is all they could be, else as they are, as Hive's LazySimpleSerDe reads binary columns.
    Base64OrRaw,
}

/// How the texts of numbers with a point are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Numbers {
    /// What is no plain number, or lies out of range, is bad.
    #[default]
    Usual,
    /// As Java's `Double.valueOf` and Hive's decimals: spaces around a number, `NaN`, `Infinity` and a type letter
    /// (`1.5d`) are taken, what is too large is infinite; decimals may have an exponent and are rounded.
    Java,
    /// The same for decimals, without spaces around them.
    Rounded,
}

/// What a number of a duration counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NumberUnit {
    /// Seconds.
    #[default]
    Second,
    /// Milliseconds.
    Millisecond,
    /// Microseconds.
    Microsecond,
    /// Nanoseconds.
    Nanosecond,
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
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
    /// The layout that the type `name`, or of a list its items', asks for; `None` where it leaves that to the options.
    pub fn of_type(name: &str) -> Option<Self> {
        match name.strip_prefix("list<").and_then(|rest| rest.strip_suffix('>')).unwrap_or(name) {
            "large_utf8" => Some(Self::Large),
            "utf8_view" => Some(Self::View),
            "dictionary" => Some(Self::Dictionary),
            _ => None,
        }
    }

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
    /// For maps, how pairs are written.
    pub pairs: Option<&'a Arc<Dialect>>,
}

impl Default for KindOptions<'_> {
    fn default() -> Self {
        Self { format: None, separators: &[], zone: "UTC", unit: TimeUnit::default(), pairs: None }
    }
}

/// All type names, for messages.
const NAMES: &str = "utf8, large_utf8, utf8_view, dictionary, binary, bool, int8, int16, int32, int64, float32, float64, decimal(precision,scale), varchar(n), char(n), timestamp, \
                     timestamp_ntz, date, duration, hex, ip, facility, severity, structured_data, list<type>, map<utf8,utf8>";

impl Kind {
    /// The kind that a format file or `with_types` calls `name`.
    ///
    /// **Errors**: `TypeMismatch` for an unknown name, `FormatSyntax` for a format text the type does not have.
    ///
    /// ```
    /// use logarrow::decode::{Kind, KindOptions};
    /// let kind = Kind::parse("decimal(10, 3)", &KindOptions::default()).unwrap();
    /// assert!(matches!(kind, Kind::Decimal { precision: 10, scale: 3, .. }));
    /// ```
    pub fn parse(name: &str, options: &KindOptions) -> Result<Self> {
        Ok(match name {
            "" | "utf8" | "large_utf8" | "utf8_view" | "dictionary" => Self::Utf8,
            "binary" => Self::Binary(Bytes::parse(options.format)?),
            "bool" => Self::Bool(Truth::parse(options.format)?),
            "int8" => Self::Int8,
            "int16" => Self::Int16,
            "int32" => Self::Int32,
            "int64" => Self::Int64,
            "float32" => Self::Float32(Numbers::parse(options.format)?),
            "float64" => Self::Float64(Numbers::parse(options.format)?),
            "timestamp" | "timestamp[us]" | "timestamp[ns]" | "timestamp_ntz" => Self::Timestamp {
                pattern: options.format.unwrap_or("iso8601").into(),
                zone: if name == "timestamp_ntz" { "UTC" } else { options.zone }.into(),
                is_local: name == "timestamp_ntz",
                unit: match name {
                    "timestamp[us]" => TimeUnit::Microsecond,
                    "timestamp[ns]" => TimeUnit::Nanosecond,
                    _ => options.unit,
                },
            },
            "date" => Self::Date { pattern: options.format.unwrap_or("iso8601").into() },
            "duration" => Self::Duration { unit: NumberUnit::parse(options.format.unwrap_or("s"))? },
            "facility" => Self::Facility,
            "severity" => Self::Severity,
            "structured_data" => Self::StructuredData,
            "attribute" => {
                let (name, format) = match options.format.and_then(|held| held.split_once(':')) {
                    Some((name, format)) => (name, Some(format)),
                    None => (options.format.unwrap_or_default(), None),
                };
                Self::Attribute(Box::new(Self::parse(name, &KindOptions { format, ..*options })?))
            }
            "hex" => Self::Hex,
            "ip" => Self::Ip,
            "map<utf8,utf8>" if !options.separators.is_empty() => match options.separators {
                [between, assign] if between != assign && between.len() + assign.len() == 2 => {
                    Self::Entries { between: between.as_bytes()[0], assign: assign.as_bytes()[0] }
                }
                _ => {
                    let message = "a map needs one byte between its entries, and another between key and value";
                    return Err(Error::new(ErrorKind::FormatSyntax, message)
                        .with_hint("for example separators = [\";\", \"=\"]"));
                }
            },
            "map<utf8,utf8>" => match options.pairs {
                Some(dialect) => Self::Map { dialect: dialect.clone(), separator: None },
                None => {
                    let message = "a map needs key-value pairs, which no line of the format has";
                    return Err(
                        Error::new(ErrorKind::TypeMismatch, message).with_hint("end the line with {name:pairs}")
                    );
                }
            },
            _ => return Self::parse_nested(name, options),
        })
    }

    /// `decimal(p,s)`, `varchar(n)`, `char(n)` and `list<T>`.
    fn parse_nested(name: &str, options: &KindOptions) -> Result<Self> {
        let unknown = || {
            let shown = crate::error::quoted(name.as_bytes());
            Error::new(ErrorKind::TypeMismatch, format!("{shown} is no column type"))
                .with_hint(format!("types are {NAMES}"))
        };
        if let Some(item) = name.strip_prefix("list<").and_then(|rest| rest.strip_suffix('>')) {
            // Before it is parsed: names come from users, and nesting must not eat the stack.
            if item.trim_start().starts_with("list") {
                return Err(Error::new(ErrorKind::TypeMismatch, "a list cannot hold lists"));
            }
            let item = Box::new(Self::parse(item.trim(), options)?);
            let separators = options.separators.iter().map(|text| text.as_str().into()).collect();
            return Ok(Self::List { item, separators });
        }
        let chars = |word: &str| name.strip_prefix(word)?.strip_prefix('(')?.strip_suffix(')')?.trim().parse().ok();
        if let Some(chars) = chars("varchar") {
            return Ok(Self::Varchar(chars));
        }
        if let Some(chars) = chars("char") {
            return Ok(Self::Char(chars));
        }
        let digits = name.strip_prefix("decimal(").and_then(|rest| rest.strip_suffix(')')).ok_or_else(unknown)?;
        let (precision, scale) = digits.split_once(',').unwrap_or((digits, "0"));
        let precision = precision.trim().parse().map_err(|_| unknown())?;
        let scale = scale.trim().parse().map_err(|_| unknown())?;
        check_decimal(precision, scale)?;
        Ok(Self::Decimal { precision, scale, numbers: Numbers::parse(options.format)? })
    }

    /// What a cell of this kind should be, for messages: "a 16-bit integer".
    pub fn expected(&self) -> String {
        match self {
            Self::Utf8 | Self::Varchar(_) | Self::Char(_) | Self::Binary(_) => "text".into(),
            Self::JournalText => "text, numbers of bytes, or an array of these".into(),
            Self::Bool(_) => "true or false".into(),
            Self::Int8 => "an 8-bit integer".into(),
            Self::Int16 => "a 16-bit integer".into(),
            Self::Int32 => "a 32-bit integer".into(),
            Self::Int64 => "a 64-bit integer".into(),
            Self::Float32(_) | Self::Float64(_) => "a number".into(),
            Self::Decimal { precision, scale, .. } => format!("a decimal({precision},{scale})"),
            Self::Timestamp { pattern, .. } => expected_time("time", pattern),
            Self::Date { pattern, .. } => expected_time("date", pattern),
            Self::Duration { .. } => "a length of time".into(),
            Self::Hex => "hexadecimal digits of a 64-bit integer".into(),
            Self::Facility | Self::Severity => "a priority from 0 to 191".into(),
            Self::StructuredData => "structured data".into(),
            Self::Ip => "an IP address".into(),
            Self::Map { .. } | Self::Entries { .. } => "key-value pairs".into(),
            Self::Nested(nested) => nested.expected().into(),
            Self::Members(_) => "members".into(),
            Self::Attribute(kind) => format!("an attribute value that holds {}", kind.expected()),
            Self::List { item, .. } => format!("items that are each {}", item.expected()),
        }
    }

    /// The Arrow type of the column.
    pub fn data_type(&self, strings: Strings) -> DataType {
        match self {
            Self::Utf8 | Self::Varchar(_) | Self::Char(_) | Self::JournalText | Self::Ip | Self::Members(_) => {
                strings.data_type()
            }
            Self::Nested(nested) => nested.data_type(),
            Self::Binary(_) => DataType::Binary,
            Self::Bool(_) => DataType::Boolean,
            Self::Int8 => DataType::Int8,
            Self::Attribute(kind) => kind.data_type(strings),
            Self::Int16 | Self::Facility | Self::Severity => DataType::Int16,
            Self::StructuredData => super::structured_data::data_type(),
            Self::Int32 => DataType::Int32,
            Self::Int64 | Self::Hex => DataType::Int64,
            Self::Float32(_) => DataType::Float32,
            Self::Float64(_) => DataType::Float64,
            Self::Decimal { precision, scale, .. } => DataType::Decimal128(*precision, *scale),
            Self::Timestamp { unit, is_local, .. } => {
                let unit = match unit {
                    TimeUnit::Microsecond => ArrowUnit::Microsecond,
                    TimeUnit::Nanosecond => ArrowUnit::Nanosecond,
                };
                DataType::Timestamp(unit, (!is_local).then(|| "UTC".into()))
            }
            Self::Date { .. } => DataType::Date32,
            Self::Duration { .. } => DataType::Duration(ArrowUnit::Microsecond),
            Self::Map { .. } | Self::Entries { .. } => map::data_type(),
            Self::List { item, .. } => DataType::List(Self::item_field(item, strings)),
        }
    }

    /// The Arrow field of a list's items.
    pub(super) fn item_field(item: &Self, strings: Strings) -> FieldRef {
        Arc::new(Field::new_list_field(item.data_type(strings), true))
    }
}

impl Bytes {
    /// **Errors**: `FormatSyntax` for anything but `base64_or_raw`.
    fn parse(text: Option<&str>) -> Result<Self> {
        match text {
            None => Ok(Self::Raw),
            Some("base64_or_raw") => Ok(Self::Base64OrRaw),
            Some(other) => {
                let shown = crate::error::quoted(other.as_bytes());
                Err(Error::new(ErrorKind::FormatSyntax, format!("{shown} is no rule for bytes"))
                    .with_hint("the rule is base64_or_raw; leave it out for bytes as they are"))
            }
        }
    }
}

impl Truth {
    /// **Errors**: `FormatSyntax` for anything but `strict` and `java`.
    fn parse(text: Option<&str>) -> Result<Self> {
        match text {
            None => Ok(Self::Usual),
            Some("strict") => Ok(Self::Strict),
            Some("java") => Ok(Self::Java),
            Some(other) => {
                let shown = crate::error::quoted(other.as_bytes());
                Err(Error::new(ErrorKind::FormatSyntax, format!("{shown} is no rule for truth values"))
                    .with_hint("rules are strict and java; leave it out for the usual words"))
            }
        }
    }
}

impl Numbers {
    /// **Errors**: `FormatSyntax` for anything but `java` and `rounded`.
    fn parse(text: Option<&str>) -> Result<Self> {
        match text {
            None => Ok(Self::Usual),
            Some("java") => Ok(Self::Java),
            Some("rounded") => Ok(Self::Rounded),
            Some(other) => {
                let shown = crate::error::quoted(other.as_bytes());
                Err(Error::new(ErrorKind::FormatSyntax, format!("{shown} is no rule for numbers"))
                    .with_hint("rules are java and rounded; leave it out for plain numbers"))
            }
        }
    }
}

impl NumberUnit {
    /// **Errors**: `FormatSyntax` for anything but `s`, `ms`, `us`, `ns`, and `s.ms`, which is `s`.
    fn parse(text: &str) -> Result<Self> {
        Ok(match text {
            "s" | "s.ms" => Self::Second,
            "ms" => Self::Millisecond,
            "us" => Self::Microsecond,
            "ns" => Self::Nanosecond,
            _ => {
                let shown = crate::error::quoted(text.as_bytes());
                return Err(Error::new(ErrorKind::FormatSyntax, format!("{shown} is no unit of a duration"))
                    .with_hint("units are s, ms, us, ns"));
            }
        })
    }
}

/// **Errors**: `TypeMismatch` if no decimal has so many digits.
pub(super) fn check_decimal(precision: u8, scale: i8) -> Result<()> {
    if (1..=38).contains(&precision) && (0..=precision as i8).contains(&scale) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::TypeMismatch, format!("there is no decimal({precision},{scale})"))
        .with_hint("a decimal has 1 to 38 digits, of which none to all stand behind the point"))
}

/// What a cell of a time or a date should have been.
fn expected_time(what: &str, pattern: &str) -> String {
    if let Some((first, others)) = pattern.split_once(TimePattern::OR) {
        return format!("{} or {}", expected_time(what, first), expected_time(what, others));
    }
    match pattern {
        "syslog" => format!("a {what} like Mar  5 10:00:01 or of ISO 8601"),
        "iso8601" => format!("an ISO 8601 {what}"),
        "epoch" => "seconds since 1970".into(),
        "epoch_ms" => "milliseconds since 1970".into(),
        "epoch_us" => "microseconds since 1970".into(),
        "epoch_ns" => "nanoseconds since 1970".into(),
        "auto" => format!("a {what} of ISO 8601 or a number since 1970"),
        "java" => format!("a {what} as Java writes it"),
        "epoch_days" => "days since 1970".into(),
        _ => format!("a {what} like {pattern}"),
    }
}
