//! What a caller may ask of a scan.
//!
//! Spelled alike in Rust, Python and on the command line, with three exceptions: `where` is a word of Rust's, so the
//! field is `filter`; `reference_time` takes a datetime in Python and microseconds here; and the
//! command line says `--input-compression`, since it also compresses output.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

pub use crate::decode::{Strings, TimeUnit};
use crate::error::{Error, ErrorKind, Result};
use crate::filter::{Expr, LookupTable};
use crate::format::{Extra, Format, JsonSchema};
use crate::simd::Level;
use crate::source::{Compression, Encoding};

/// The options of a scan; [`Options::default`] reads everything, safely, on all cores.
#[derive(Clone, Debug)]
pub struct Options {
    /// The columns wanted, in this order; `None` for all but those on demand. Derived columns follow, unless some of them
    /// are named here: then only those are given.
    pub columns: Option<Vec<String>>,
    /// Only rows for which this is true; called `where` elsewhere. May read derived columns, and those that say where a row
    /// comes from but `_line`.
    pub filter: Option<Expr>,
    /// Columns computed from others; each may read those before it.
    pub derive: Vec<(String, Expr)>,
    /// Tables that `lookup` finds by name, besides the built-in ones.
    pub tables: HashMap<String, Arc<LookupTable>>,
    /// Columns and their types, as [`Format::with_schema`] takes them: the columns themselves where the format finds them in
    /// the log, so that no sample is taken for them; else other types for columns that it has. Of the outermost format.
    pub schema: Option<JsonSchema>,
    /// Text behind the last known field; `None` for the format's own rule.
    pub extra: Option<Extra>,
    /// Columns whose texts are records of other formats, in the order in which they are taken apart: a column may be one
    /// that an earlier one gives. The columns of those records stand beside the others, under `<column>_<name>` where
    /// their name is taken; the column itself is then on demand. A text that is no such record is a bad value.
    pub inner: Vec<Inner>,
    /// At most so many rows. Reads on one thread and stops early.
    pub limit: Option<u64>,
    /// What happens to records and cells that cannot be used.
    pub on_error: OnError,
    /// The zone of times without one (IANA name or offset), and of `date()` and `hour()`.
    pub timezone: String,
    /// For times without a year, in microseconds since 1970 UTC; `None` for when each file was changed, or now.
    pub reference_time_us: Option<i64>,
    /// The unit of timestamp columns.
    pub time_unit: TimeUnit,
    /// Columns that say where a row comes from.
    pub include: Vec<Include>,
    /// Rows a batch, at most.
    pub batch_rows: usize,
    /// Bytes a thread works on at a time.
    pub chunk_bytes: usize,
    /// Memory of ours, on top of the process: chunks and the queue of finished batches.
    pub memory_bytes: usize,
    /// Threads; 0 for one a core.
    pub threads: usize,
    /// Rows in input order.
    pub ordered: bool,
    /// How text columns are laid out.
    pub strings: Strings,
    /// Longer records are rejected.
    pub max_record_bytes: usize,
    /// The codec of compressed sources; by magic bytes unless given.
    pub compression: Compression,
    /// The encoding of the text; UTF-8 unless given or marked as UTF-16.
    pub encoding: Encoding,
    /// Where all rejects are written (Parquet), beside the first ones that are kept in memory.
    pub rejects_to: Option<PathBuf>,
    /// How much of a rejected record's text is kept.
    pub reject_raw: RejectRaw,
    /// Which kernels run.
    pub simd: Level,
}

/// A column whose texts are records.
#[derive(Clone, Debug)]
pub struct Inner {
    /// Its name; `None` for the one that the format names for it, or its only text.
    pub column: Option<String>,
    /// The format of the records; `None` if they are only texts, whatever the format says.
    pub format: Option<Arc<Format>>,
}

impl Inner {
    /// Records of `format` in the column of this name.
    pub fn new(column: impl Into<String>, format: Arc<Format>) -> Self {
        Self { column: Some(column.into()), format: Some(format) }
    }
}

/// What happens to a record that does not fit, or a cell that does not decode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// A bad record is left out and kept among the rejects; a bad cell is null and kept among the rejects.
    #[default]
    Reject,
    /// As `Reject`, but only counted; its text is not kept.
    Skip,
    /// A bad record is a row of nulls; it and bad cells are kept among the rejects.
    Null,
    /// The first one is an error.
    Raise,
}

/// A column that says where a row comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Include {
    /// `_path`: the source's name.
    Path,
    /// `_line`: the 1-based line its record starts on; null in a byte-range task.
    Line,
    /// `_offset`: the 0-based byte its record starts at.
    Offset,
    /// `_raw`: the record's text.
    Raw,
}

impl Include {
    /// All of them, by the word that asks for them.
    pub const NAMES: [(&'static str, Self); 4] =
        [("path", Self::Path), ("line", Self::Line), ("offset", Self::Offset), ("raw", Self::Raw)];

    /// The name of the column.
    pub fn column(self) -> &'static str {
        match self {
            Self::Path => "_path",
            Self::Line => "_line",
            Self::Offset => "_offset",
            Self::Raw => "_raw",
        }
    }
}

/// How much of a rejected record's text is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RejectRaw {
    /// All of it where rejects are written; 4 KiB in memory.
    #[default]
    Full,
    /// The first 80 bytes.
    Prefix,
    /// Nothing.
    None,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            columns: None,
            filter: None,
            derive: Vec::new(),
            tables: HashMap::new(),
            schema: None,
            extra: None,
            inner: Vec::new(),
            limit: None,
            on_error: OnError::default(),
            timezone: "UTC".into(),
            reference_time_us: None,
            time_unit: TimeUnit::default(),
            include: Vec::new(),
            // Sixteen thousand rows of a web log are a chunk; larger batches gained nothing from 2 to 32 MB.
            batch_rows: 1 << 16,
            chunk_bytes: 4 << 20,
            memory_bytes: 256 << 20,
            threads: 0,
            ordered: true,
            strings: Strings::default(),
            max_record_bytes: 16 << 20,
            compression: Compression::default(),
            encoding: Encoding::default(),
            rejects_to: None,
            reject_raw: RejectRaw::default(),
            simd: Level::current(),
        }
    }
}

impl Options {
    /// The most bytes a chunk may have: positions are 31-bit numbers, offsets of text columns too.
    const MAX_CHUNK_BYTES: usize = 512 << 20;

    /// Threads to run: at least one.
    pub(crate) fn thread_count(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        if self.limit.is_some() {
            1
        } else if self.threads == 0 {
            cores()
        } else {
            self.threads
        }
    }

    /// Checks what no later stage can.
    pub(crate) fn check(&self) -> Result<()> {
        let positive = [
            ("batch_rows", self.batch_rows),
            ("chunk_bytes", self.chunk_bytes),
            ("max_record_bytes", self.max_record_bytes),
            ("memory_bytes", self.memory_bytes),
        ];
        if let Some((name, _)) = positive.iter().find(|(_, value)| *value == 0) {
            return Err(Error::new(ErrorKind::Option, format!("option \"{name}\" must be at least 1, not 0"))
                .with_hint("leave it out to have the default"));
        }
        for (name, value) in [("chunk_bytes", self.chunk_bytes), ("max_record_bytes", self.max_record_bytes)] {
            if value > Self::MAX_CHUNK_BYTES {
                let message = format!("option \"{name}\" must be at most {}, not {value}", Self::MAX_CHUNK_BYTES);
                let hint = "positions in a chunk are 31-bit numbers; a larger one would gain nothing";
                return Err(Error::new(ErrorKind::Option, message).with_hint(hint));
            }
        }
        Ok(())
    }

    /// Bytes a thread works on at a time, so that all threads and their results stay within `memory_bytes`.
    pub(crate) fn fitting_chunk_bytes(&self) -> usize {
        // A chunk lives as text and, decoded, as about 1.3 times as many bytes; two of those wait per thread.
        let share = self.memory_bytes / (4 * self.thread_count());
        self.chunk_bytes.min((share / self.worst_growth()).max(1 << 16))
    }

    /// Bytes, decoded, that may wait until the files before theirs have ended.
    pub(crate) fn ahead_bytes(&self) -> usize {
        self.memory_bytes / 8
    }

    /// How many times its text a chunk may take, decoded, if all of it is malformed: a line of two bytes becomes a reject
    /// of some 250, or a row of nulls of some 70.
    pub(crate) fn worst_growth(&self) -> usize {
        match self.on_error {
            _ if self.rejects_to.is_some() => 128,
            OnError::Null => 32,
            _ => 1,
        }
    }
}
