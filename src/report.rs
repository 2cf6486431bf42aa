//! What a scan did: every record accounted for.

mod json;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::error::{Error, Reason};

/// Counts of a scan or of one of its files.
///
/// `records = rows + filtered + rejected + skipped`, always.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Would-be rows: records, and the lines that are none.
    pub records: u64,
    /// Rows given.
    pub rows: u64,
    /// Records that `where` left out.
    pub filtered: u64,
    /// Malformed records that gave no row.
    pub rejected: u64,
    /// Blank lines, headers, comments.
    pub skipped: u64,
    /// Malformed records, whether or not they gave a row of nulls.
    pub malformed: u64,
    /// Cells that did not decode.
    pub bad_values: u64,
    /// Cells in which bytes that are no UTF-8 became U+FFFD: each decoded cell once, those that `where` reads for every
    /// record it judges.
    pub replaced: u64,
    /// Rows with text behind the last known field.
    pub extra: u64,
    /// Keys that a JSON object had twice; the last of them counts.
    pub duplicate_keys: u64,
    /// Records that took the fast path.
    pub fast_records: u64,
    /// Bytes of decompressed text.
    pub bytes: u64,
    /// Lines.
    pub lines: u64,
}

impl Counts {
    /// Adds the counts of another part.
    pub fn add(&mut self, other: &Self) {
        self.records += other.records;
        self.rows += other.rows;
        self.filtered += other.filtered;
        self.rejected += other.rejected;
        self.skipped += other.skipped;
        self.malformed += other.malformed;
        self.bad_values += other.bad_values;
        self.replaced += other.replaced;
        self.extra += other.extra;
        self.duplicate_keys += other.duplicate_keys;
        self.fast_records += other.fast_records;
        self.bytes += other.bytes;
        self.lines += other.lines;
    }

    /// Each count with its name, as all doors spell it.
    pub fn named(&self) -> [(&'static str, u64); 13] {
        [
            ("records", self.records),
            ("rows", self.rows),
            ("filtered", self.filtered),
            ("rejected", self.rejected),
            ("skipped", self.skipped),
            ("malformed", self.malformed),
            ("bad_values", self.bad_values),
            ("replaced", self.replaced),
            ("extra", self.extra),
            ("duplicate_keys", self.duplicate_keys),
            ("fast_records", self.fast_records),
            ("bytes", self.bytes),
            ("lines", self.lines),
        ]
    }

    /// Whether every record is accounted for.
    pub fn is_balanced(&self) -> bool {
        self.records == self.rows + self.filtered + self.rejected + self.skipped
    }
}

/// What became of one source.
#[derive(Clone, Debug)]
pub struct FileReport {
    /// Its name.
    pub name: Arc<str>,
    /// Its counts.
    pub counts: Counts,
    /// Bytes as stored, where known.
    pub stored_bytes: Option<u64>,
    /// The damage that ended it early.
    pub damage: Option<String>,
    /// The time that its texts without a year were held against, in microseconds since 1970 UTC.
    pub reference_time_us: i64,
    /// The encoding it was read in, once it has ended: UTF-16 may have been found by its mark.
    pub encoding: Option<&'static str>,
}

/// What a scan did, so far or in all.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The sum over all files.
    pub counts: Counts,
    /// Each file, in order.
    pub files: Vec<FileReport>,
    /// Nulls by column, of the columns given.
    pub nulls: BTreeMap<String, u64>,
    /// Malformed records (no column) and bad values, by column and reason.
    pub reasons: BTreeMap<(Option<Arc<str>>, String), u64>,
    /// Time since the scan began, until it ended.
    pub elapsed: Duration,
    /// The time that texts without a year were held against, in microseconds since 1970 UTC, if it was the same for all
    /// files; else each file has its own.
    pub reference_time_us: Option<i64>,
    /// Whether all input was read.
    pub complete: bool,
}

impl Report {
    /// Decompressed megabytes (10^6) a second.
    pub fn megabytes_per_second(&self) -> f64 {
        self.counts.bytes as f64 / 1e6 / self.elapsed.as_secs_f64().max(1e-9)
    }

    /// Whether a file ended early because it is damaged.
    pub fn is_damaged(&self) -> bool {
        self.files.iter().any(|file| file.damage.is_some())
    }
}

/// One rejected record or cell.
#[derive(Clone, Debug)]
pub struct Reject {
    /// Its line, counted from the start of the chunk, then of the file.
    pub line: u64,
    /// Where its record starts, in bytes from the start of the file.
    pub byte: u64,
    /// Where in the record the fault is, in bytes.
    pub at: u32,
    /// Whether that is where the record ends.
    pub at_end: bool,
    /// The column, if it is about one cell.
    pub column: Option<Arc<str>>,
    /// What was expected, or what is wrong.
    pub reason: Arc<str>,
    /// What to do about it.
    pub hint: &'static str,
    /// The record's text, or the cell's; cut.
    pub raw: Option<Box<[u8]>>,
    /// Why, to branch on.
    pub kind: Reason,
}

impl Reject {
    /// The same as an error, for `on_error="raise"`.
    pub fn to_error(&self, source: &Arc<str>, lines_known: bool) -> Error {
        use crate::error::{ErrorKind, Position};
        let kind = match self.kind {
            Reason::BadValue => ErrorKind::BadValue,
            Reason::TooLong => ErrorKind::TooLong,
            Reason::Corrupt => ErrorKind::Corrupt,
            Reason::ExpectedLiteral(_) | Reason::ExpectedQuote | Reason::TrailingText | Reason::NoMatch => {
                ErrorKind::Malformed
            }
        };
        let position = Position {
            source: Some(source.clone()),
            line: lines_known.then_some(self.line),
            column: Some(u64::from(self.at) + 1),
            byte: Some(self.byte + u64::from(self.at)),
        };
        let is_misfit = matches!(
            self.kind,
            Reason::ExpectedLiteral(_) | Reason::ExpectedQuote | Reason::TrailingText | Reason::NoMatch
        );
        let found = match (&self.column, &self.raw) {
            (Some(_), Some(raw)) => Some(crate::error::quoted(raw)),
            (None, _) if is_misfit && self.at_end => Some("the end of the record".to_owned()),
            // Where the text is cut before the place, what stands there is not known.
            (None, Some(raw)) if is_misfit => {
                raw.get(self.at as usize..).filter(|rest| !rest.is_empty()).map(crate::error::quoted)
            }
            _ => None,
        };
        let message = match found {
            Some(found) => format!("{}, found {found}", self.reason),
            None => self.reason.to_string(),
        };
        let err = Error::new(kind, message).with_position(position).with_hint(self.hint);
        match &self.column {
            Some(name) => err.with_column(&**name),
            None => err,
        }
    }
}
