//! Lookup tables: what turns a code into a word.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, OnceLock};

use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Int64Type};

use super::display::Quoted;
use crate::error::{quoted, suggest};
use crate::{Error, ErrorKind, Position, Result};

/// The built-in tables. Each file names its source at the top.
const BUILTIN: &[(&str, &str)] = &[
    ("cloudfront_result", include_str!("tables/cloudfront_result.csv")),
    ("http_status", include_str!("tables/http_status.csv")),
    ("http_status_class", include_str!("tables/http_status_class.csv")),
    ("iana_protocol", include_str!("tables/iana_protocol.csv")),
    ("log_level", include_str!("tables/log_level.csv")),
    ("syslog_facility", include_str!("tables/syslog_facility.csv")),
    ("syslog_severity", include_str!("tables/syslog_severity.csv")),
    ("tcp_flags", include_str!("tables/tcp_flags.csv")),
    ("vpc_flow_action", include_str!("tables/vpc_flow_action.csv")),
];

/// A table of codes, all whole numbers or all texts, each once, and the word for each.
#[derive(Clone, Debug, PartialEq)]
pub struct LookupTable {
    keys: Keys,
    words: StringArray,
}

#[derive(Clone, Debug, PartialEq)]
enum Keys {
    Int(Vec<i64>),
    Text(Vec<String>),
}

/// A key of a [`LookupTable`].
#[derive(Clone, Debug, PartialEq)]
pub enum Key {
    /// A whole number.
    Int(i64),
    /// A text.
    Text(String),
}

impl From<i64> for Key {
    fn from(key: i64) -> Self {
        Self::Int(key)
    }
}

impl From<i32> for Key {
    fn from(key: i32) -> Self {
        Self::Int(key.into())
    }
}

impl From<String> for Key {
    fn from(key: String) -> Self {
        Self::Text(key)
    }
}

impl From<&str> for Key {
    fn from(key: &str) -> Self {
        Self::Text(key.to_owned())
    }
}

impl LookupTable {
    /// A table of these keys and words; the keys are whole numbers if all of them are, else texts.
    ///
    /// **Errors**: [`ErrorKind::Option`] when a key stands twice.
    ///
    /// ```
    /// use logarrow::filter::LookupTable;
    /// let table = LookupTable::from_pairs([("ACCEPT", "let through"), ("REJECT", "refused")])?;
    /// assert_eq!(table.len(), 2);
    /// assert_eq!(LookupTable::from_pairs([(1, "a"), (1, "b")]).unwrap_err().message(), "lookup table: the key 1 stands twice");
    /// # Ok::<(), logarrow::Error>(())
    /// ```
    pub fn from_pairs<K: Into<Key>, V: Into<String>>(pairs: impl IntoIterator<Item = (K, V)>) -> Result<Self> {
        Self::from_optional(pairs.into_iter().map(|(key, word)| (key.into(), Some(word.into()))))
    }

    /// [`LookupTable::from_pairs`] with words that may be null.
    pub(super) fn from_optional(pairs: impl IntoIterator<Item = (Key, Option<String>)>) -> Result<Self> {
        let (keys, words): (Vec<Key>, Vec<Option<String>>) = pairs.into_iter().unzip();
        let ints: Option<Vec<i64>> = keys
            .iter()
            .map(|key| match key {
                Key::Int(key) => Some(*key),
                Key::Text(_) => None,
            })
            .collect();
        let keys = match ints {
            Some(ints) => Keys::Int(ints),
            None => Keys::Text(
                keys.into_iter()
                    .map(|key| match key {
                        Key::Int(key) => key.to_string(),
                        Key::Text(key) => key,
                    })
                    .collect(),
            ),
        };
        Self::new(keys, StringArray::from(words))
    }

    /// A table of the two columns of a CSV text. Its first line is a header and is not read; lines before it
    /// that start with `#` are comments. The keys are whole numbers if all of them are written like one, else texts.
    ///
    /// **Errors**: [`ErrorKind::Option`] with the line, when it has not two fields, a quote stays open or a key stands
    /// twice.
    ///
    /// ```
    /// use logarrow::filter::LookupTable;
    /// let table = LookupTable::from_csv("code,word\n1,one\n2,\"two, or \"\"2\"\"\"\n")?;
    /// assert_eq!(table.to_string(), "MAP {1: 'one', 2: 'two, or \"2\"'}");
    /// # Ok::<(), logarrow::Error>(())
    /// ```
    pub fn from_csv(text: &str) -> Result<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let (mut keys, mut words) = (Vec::new(), Vec::new());
        let mut header = true;
        for (idx, line) in text.lines().enumerate() {
            if line.is_empty() || (header && line.starts_with('#')) {
                continue;
            }
            if std::mem::take(&mut header) {
                continue;
            }
            let (key, word) = two_fields(line).ok_or_else(|| bad_line(idx as u64 + 1, line))?;
            keys.push(key);
            words.push(word);
        }
        let ints: Option<Vec<i64>> =
            keys.iter().map(|key| key.parse().ok().filter(|int: &i64| int.to_string() == *key)).collect();
        Self::new(ints.map_or(Keys::Text(keys), Keys::Int), StringArray::from(words))
    }

    /// A table of two columns of equal length; rows without a key are left out, a null word gives null.
    ///
    /// **Errors**: [`ErrorKind::TypeMismatch`] when the keys are neither whole numbers nor texts or the words have no
    /// text form, [`ErrorKind::Option`] when the lengths differ or a key stands twice.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use arrow::array::{ArrayRef, Int32Array, StringArray};
    /// use logarrow::filter::LookupTable;
    /// let keys: ArrayRef = Arc::new(Int32Array::from(vec![6, 17]));
    /// let words: ArrayRef = Arc::new(StringArray::from(vec!["TCP", "UDP"]));
    /// assert_eq!(LookupTable::from_arrays(&keys, &words)?.len(), 2);
    /// # Ok::<(), logarrow::Error>(())
    /// ```
    pub fn from_arrays(keys: &ArrayRef, values: &ArrayRef) -> Result<Self> {
        if keys.len() != values.len() {
            let message = format!("lookup table: {} keys, but {} words", keys.len(), values.len());
            return Err(Error::new(ErrorKind::Option, message));
        }
        let exact = CastOptions { safe: false, ..Default::default() };
        let words = cast_with_options(values, &DataType::Utf8, &exact)?;
        let kept: Vec<usize> = match keys.logical_nulls() {
            Some(nulls) => nulls.valid_indices().collect(),
            None => (0..keys.len()).collect(),
        };
        let keys = if keys.data_type().is_integer() {
            let ints = cast_with_options(keys, &DataType::Int64, &exact)?;
            let ints = ints.as_primitive::<Int64Type>();
            Keys::Int(kept.iter().map(|idx| ints.value(*idx)).collect())
        } else if super::types::is_text(keys.data_type()) {
            let texts = cast_with_options(keys, &DataType::Utf8, &exact)?;
            let texts = texts.as_string::<i32>();
            Keys::Text(kept.iter().map(|idx| texts.value(*idx).to_owned()).collect())
        } else {
            let message = format!("lookup table: its keys are {}", super::types::type_name(keys.data_type()));
            return Err(Error::new(ErrorKind::TypeMismatch, message)
                .with_hint("keys are whole numbers or texts; cast the column first"));
        };
        let words = words.as_string::<i32>();
        Self::new(keys, kept.iter().map(|idx| words.is_valid(*idx).then(|| words.value(*idx))).collect())
    }

    fn new(keys: Keys, words: StringArray) -> Result<Self> {
        let twice = match &keys {
            Keys::Int(keys) => first_twice(keys).map(ToString::to_string),
            Keys::Text(keys) => first_twice(keys).map(|key| quoted(key.as_bytes())),
        };
        match twice {
            None => Ok(Self { keys, words }),
            Some(key) => Err(Error::new(ErrorKind::Option, format!("lookup table: the key {key} stands twice"))
                .with_hint("keep one word for each key")),
        }
    }

    /// The number of keys.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether it has no keys.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The words, in the order of the keys.
    pub(super) fn words(&self) -> &StringArray {
        &self.words
    }

    /// Row by key, where the keys are whole numbers or (`parse`) texts that are all written like one.
    pub(super) fn by_int(&self, parse: bool) -> Option<HashMap<i64, u32>> {
        match &self.keys {
            Keys::Int(keys) => Some(keys.iter().copied().zip(0..).collect()),
            Keys::Text(keys) if parse => {
                let ints = keys.iter().map(|key| key.parse().ok()).collect::<Option<Vec<i64>>>()?;
                Some(ints.into_iter().zip(0..).collect())
            }
            Keys::Text(_) => None,
        }
    }

    /// Row by key, where the keys are texts.
    pub(super) fn by_text(&self) -> Option<HashMap<Box<str>, u32>> {
        match &self.keys {
            Keys::Text(keys) => Some(keys.iter().map(|key| key.as_str().into()).zip(0..).collect()),
            Keys::Int(_) => None,
        }
    }
}

impl fmt::Display for LookupTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MAP {")?;
        for idx in 0..self.len() {
            f.write_str(if idx == 0 { "" } else { ", " })?;
            match &self.keys {
                Keys::Int(keys) => write!(f, "{}: ", keys[idx])?,
                Keys::Text(keys) => write!(f, "{}: ", Quoted(&keys[idx]))?,
            }
            match self.words.is_valid(idx) {
                true => write!(f, "{}", Quoted(self.words.value(idx)))?,
                false => f.write_str("NULL")?,
            }
        }
        f.write_str("}")
    }
}

fn first_twice<T: std::hash::Hash + Eq>(keys: &[T]) -> Option<&T> {
    let mut seen = HashSet::with_capacity(keys.len());
    keys.iter().find(|key| !seen.insert(*key))
}

/// The fields of a CSV line, if they are two and well-formed.
fn two_fields(line: &str) -> Option<(String, String)> {
    let (key, rest) = field(line)?;
    let (word, rest) = field(rest.strip_prefix(',')?)?;
    rest.is_empty().then_some((key, word))
}

/// The first field and what follows it.
fn field(text: &str) -> Option<(String, &str)> {
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find(',').unwrap_or(text.len());
        return Some((text[..end].to_owned(), &text[end..]));
    };
    let mut out = String::new();
    loop {
        let (inside, after) = rest.split_once('"')?;
        out.push_str(inside);
        match after.strip_prefix('"') {
            Some(more) => {
                out.push('"');
                rest = more;
            }
            None => return Some((out, after)),
        }
    }
}

#[cold]
fn bad_line(line: u64, text: &str) -> Error {
    let message = format!("expected a key and a word, found {}", quoted(text.as_bytes()));
    Error::new(ErrorKind::Option, message)
        .with_position(Position { source: Some("lookup table".into()), line: Some(line), ..Default::default() })
        .with_hint("a table is CSV with a header and two columns")
}

/// The names of the built-in tables, sorted.
///
/// | table | from | to |
/// | --- | --- | --- |
/// | `cloudfront_result` | `Hit`, `OriginDnsError`, ... of CloudFront's edge (detailed) result types | what happened |
/// | `http_status` | status code | reason phrase; nginx's own codes too |
/// | `http_status_class` | status code, 100 to 599 | `Informational` to `Server Error` |
/// | `iana_protocol` | protocol number of IP | `TCP`, `UDP`, ... |
/// | `log_level` | `WARN`, `Warning`, `crit`, ... | OpenTelemetry's severity number, as text |
/// | `syslog_facility` | facility code | `kern` to `local7` |
/// | `syslog_severity` | severity code | `Emergency` to `Debug` |
/// | `tcp_flags` | bits of a TCP header, or of all in a flow | `SYN-ACK` for 18; `none` for 0 |
/// | `vpc_flow_action` | `ACCEPT`, `REJECT` | `accepted`, `rejected` |
///
/// ```
/// assert!(logarrow::filter::builtin_tables().contains(&"http_status"));
/// ```
pub fn builtin_tables() -> Vec<&'static str> {
    BUILTIN.iter().map(|(name, _)| *name).collect()
}

/// The table `name`: the caller's own before the built-in one.
pub(super) fn named(name: &str, own: &HashMap<String, Arc<LookupTable>>) -> Result<Arc<LookupTable>> {
    static PARSED: [OnceLock<Arc<LookupTable>>; BUILTIN.len()] = [const { OnceLock::new() }; BUILTIN.len()];
    if let Some(table) = own.get(name) {
        return Ok(table.clone());
    }
    if let Some(idx) = BUILTIN.iter().position(|(builtin, _)| *builtin == name) {
        if let Some(table) = PARSED[idx].get() {
            return Ok(table.clone());
        }
        let table = Arc::new(LookupTable::from_csv(BUILTIN[idx].1)?);
        return Ok(PARSED[idx].get_or_init(|| table).clone());
    }
    let mut names: Vec<&str> = own.keys().map(String::as_str).chain(builtin_tables()).collect();
    names.sort_unstable();
    names.dedup();
    let known = format!("tables are {}", names.join(", "));
    let hint = suggest(name, names, known);
    Err(Error::new(ErrorKind::Expression, format!("no lookup table is called {}", quoted(name.as_bytes())))
        .with_hint(hint))
}
