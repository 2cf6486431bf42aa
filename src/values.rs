//! Records that are values of an array already: the door for columns of log lines.
//!
//! In: an array of texts or bytes, each value one record. Out: a struct array of the same length. The values are put
//! together as lines and go the way that files go, a chunk at a time. What cannot be a line (nulls, empty values, values
//! with a newline inside) is left out of that text and put back as null.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanBufferBuilder, StringArray, StructArray, UInt32Array};
use arrow::buffer::NullBuffer;
use arrow::compute::{cast, concat, take};
use arrow::datatypes::{DataType, Field, Fields};

use crate::batch::{Assembler, Work};
use crate::error::{Error, ErrorKind, Position, Reason, Result, quoted};
use crate::format::Format;
use crate::options::{Include, OnError, Options, RejectRaw};
use crate::plan::Plan;
use crate::reader::{Interrupt, now_us};
use crate::report::Reject;
use crate::simd::{Pool, Text};
use crate::source::{Compression, Encoding};

#[cfg(test)]
mod tests;

/// The name of the column that says what is wrong with a value.
const ERROR_COLUMN: &str = "_error";
/// What stands for the file's name in errors.
const SOURCE: &str = "values";

/// Parses each of `values` as one record of `format`.
///
/// A value that does not fit gives a null struct, as a null does; a cell that does not decode is null. One line end at
/// the end of a value is no part of it. With `errors` the struct has a last field `_error`; then only nulls give null
/// structs, and a value that does not fit gives one in which `_error` alone is set.
///
/// **Errors**: `Option` for options that drop, join or place records (`where`, `limit`, `include`, `rejects_to`,
/// `compression`, `encoding`, `on_error="skip"`); `TypeMismatch` if the array holds no texts or bytes; under
/// `on_error="raise"`, the first value that cannot be used, with its number (from 1) as the line; otherwise as
/// [`Plan::new`].
///
/// **Cost**: one copy of the text more than reading a file.
///
/// ```
/// use std::sync::Arc;
/// use arrow::array::{Array, ArrayRef, StringArray};
/// use logarrow::{Options, named, values};
/// let log = [Some("192.0.2.7 - - [05/Mar/2026:10:00:01 +0900] \"GET / HTTP/1.1\" 200 5"), None, Some("odd")];
/// let log: ArrayRef = Arc::new(StringArray::from(log.to_vec()));
/// let rows = values::parse(&log, &named("apache.common")?, &Options::default(), false, None)?;
/// assert_eq!((rows.len(), rows.null_count()), (3, 2));
/// # Ok::<(), logarrow::Error>(())
/// ```
pub fn parse(
    values: &ArrayRef,
    format: &Arc<Format>,
    options: &Options,
    errors: bool,
    interrupt: Option<&Interrupt>,
) -> Result<StructArray> {
    check(options)?;
    if format.explodes() {
        let message = format!("format \"{}\" makes several rows of a value", format.name);
        return Err(Error::new(ErrorKind::Option, message)
            .with_hint("read the values as a file, or their array as a list in a format of your own"));
    }
    let options = Options {
        on_error: if options.on_error == OnError::Raise { OnError::Raise } else { OnError::Null },
        // All rejects are wanted, however many; they go nowhere but here.
        rejects_to: Some(Default::default()),
        reject_raw: if errors || options.on_error == OnError::Raise { RejectRaw::Prefix } else { RejectRaw::None },
        batch_rows: usize::MAX,
        threads: 1,
        ..options.clone()
    };
    let plan = Plan::new(format, &options)?;
    let mut fields: Vec<_> = plan.schema().fields().iter().cloned().collect();
    if errors {
        fields.push(Arc::new(Field::new(ERROR_COLUMN, DataType::Utf8, true)));
    }
    let parser = Parser {
        assembler: Assembler::new(Arc::new(plan.recipe().by_line()), &Pool::default())?,
        fields: fields.into(),
        errors,
        interrupt,
        comments: &format.comments,
        text: Text::default(),
        lines: 0,
        len: 0,
        odd: Vec::new(),
        before: 0,
        done: Vec::new(),
        reference_us: options.reference_time_us.unwrap_or_else(now_us),
        options,
    };
    parser.run(values)
}

fn check(options: &Options) -> Result<()> {
    let refused = [
        ("where", options.filter.is_some()),
        ("limit", options.limit.is_some()),
        ("include", !options.include.is_empty()),
        ("rejects_to", options.rejects_to.is_some()),
        ("compression", !matches!(options.compression, Compression::Auto | Compression::None)),
        ("encoding", !matches!(options.encoding, Encoding::Auto | Encoding::Utf8)),
        ("on_error=\"skip\"", options.on_error == OnError::Skip),
    ];
    if let Some((name, _)) = refused.iter().find(|(_, is_given)| *is_given) {
        return Err(Error::new(ErrorKind::Option, format!("option {name} does not go with values"))
            .with_hint("each value gives one row; filter before or after parsing"));
    }
    let places = [Include::Path, Include::Line, Include::Offset].map(Include::column);
    let derived = options.derive.iter().flat_map(|(_, expr)| expr.columns());
    let mut named = options.columns.iter().flatten().map(String::as_str).chain(derived);
    match named.find(|name| places.contains(name)) {
        Some(name) => Err(Error::new(ErrorKind::UnknownColumn, format!("values have no column \"{name}\""))
            .with_hint("a value is in no file; keep its place in a column of your own")),
        None => Ok(()),
    }
}

/// Collects values as lines, and parses them a chunk at a time.
struct Parser<'a> {
    options: Options,
    reference_us: i64,
    assembler: Assembler,
    fields: Fields,
    errors: bool,
    interrupt: Option<&'a Interrupt>,
    comments: &'a [String],
    text: Text,
    /// Lines in the text.
    lines: u32,
    /// Values of the chunk: those lines and the odd ones.
    len: u32,
    /// Values that are no lines: which of the chunk, and why; no reason for nulls.
    odd: Vec<(u32, Option<String>)>,
    /// Values of the chunks before.
    before: u64,
    done: Vec<StructArray>,
}

impl Parser<'_> {
    fn run(mut self, values: &ArrayRef) -> Result<StructArray> {
        match values.data_type() {
            DataType::Utf8 => self.push_all(values.as_string::<i32>().iter().map(|v| v.map(str::as_bytes)))?,
            DataType::LargeUtf8 => self.push_all(values.as_string::<i64>().iter().map(|v| v.map(str::as_bytes)))?,
            DataType::Utf8View => self.push_all(values.as_string_view().iter().map(|v| v.map(str::as_bytes)))?,
            DataType::Binary => self.push_all(values.as_binary::<i32>().iter())?,
            DataType::LargeBinary => self.push_all(values.as_binary::<i64>().iter())?,
            DataType::BinaryView => self.push_all(values.as_binary_view().iter())?,
            DataType::FixedSizeBinary(_) => self.push_all(values.as_fixed_size_binary().iter())?,
            DataType::Null => self.push_all(std::iter::repeat_n(None, values.len()))?,
            DataType::Dictionary(_, inner) => {
                let plain = cast(values, inner)?;
                return self.run(&plain);
            }
            other => {
                return Err(Error::new(ErrorKind::TypeMismatch, format!("expected texts or bytes, found {other}"))
                    .with_hint("hand over the column that holds the log lines"));
            }
        }
        if self.len > 0 || self.done.is_empty() {
            self.flush()?;
        }
        if let [_] = self.done[..]
            && let Some(only) = self.done.pop()
        {
            return Ok(only);
        }
        let parts: Vec<&dyn Array> = self.done.iter().map(|part| part as &dyn Array).collect();
        Ok(concat(&parts)?.as_struct().clone())
    }

    fn push_all<'v>(&mut self, values: impl Iterator<Item = Option<&'v [u8]>>) -> Result<()> {
        values.into_iter().try_for_each(|value| self.push(value))
    }

    #[inline]
    fn push(&mut self, value: Option<&[u8]>) -> Result<()> {
        let Some(value) = value else { return self.push_odd(None) };
        let bytes = value.strip_suffix(b"\n").unwrap_or(value);
        let is_blank = bytes.is_empty() || bytes == b"\r";
        if is_blank || bytes.len() > self.options.max_record_bytes || memchr::memchr(b'\n', bytes).is_some() {
            return self.push_unfit(bytes);
        }
        if self.comments.iter().any(|comment| bytes.starts_with(comment.as_bytes())) {
            return self.push_odd(Some("a comment, which is no record".into()));
        }
        if self.text.len() + bytes.len() >= self.options.chunk_bytes && self.len > 0 {
            self.flush()?;
        }
        self.text.extend_from_slice(bytes);
        self.text.extend_from_slice(b"\n");
        self.lines += 1;
        self.len += 1;
        Ok(())
    }

    #[cold]
    fn push_unfit(&mut self, bytes: &[u8]) -> Result<()> {
        let limit = self.options.max_record_bytes;
        self.push_odd(Some(match memchr::memchr(b'\n', bytes) {
            _ if bytes.len() > limit => format!("the record is longer than {limit} bytes"),
            Some(at) => format!("a newline at byte {at}: the value is more than one line"),
            None => "the value is empty".into(),
        }))
    }

    fn push_odd(&mut self, why: Option<String>) -> Result<()> {
        if self.options.on_error == OnError::Raise
            && let Some(why) = why
        {
            // What stands before it may be worse.
            let number = self.before + u64::from(self.len) + 1;
            self.flush()?;
            let position = Position { source: Some(SOURCE.into()), line: Some(number), ..Position::default() };
            return Err(Error::new(ErrorKind::Malformed, why).with_position(position));
        }
        self.odd.push((self.len, why));
        self.len += 1;
        // Nulls alone fill no text.
        if self.odd.len() >= 1 << 20 { self.flush() } else { Ok(()) }
    }

    /// Parses what has been collected.
    fn flush(&mut self) -> Result<()> {
        if self.interrupt.is_some_and(|interrupt| interrupt()) {
            return Err(Error::new(ErrorKind::Interrupted, "parsing was interrupted"));
        }
        let name: Arc<str> = SOURCE.into();
        let reference_us = self.reference_us;
        let work = Work {
            text: &self.text,
            skip: 0,
            header: Some([].into()),
            passed: 0,
            offset: 0,
            source: &name,
            reference_us,
            limit: None,
            counts_only: false,
        };
        let outcome = self.assembler.run(&work)?;
        if let Some(mut reject) = outcome.raised {
            reject.line = self.before + u64::from(self.value_of(reject.line as u32 - 1)) + 1;
            reject.byte = 0;
            return Err(reject.to_error(&name, true));
        }
        let len = self.len as usize;
        let mut is_fit = BooleanBufferBuilder::new(len);
        is_fit.append_n(len, true);
        let mut why: BTreeMap<u32, String> = BTreeMap::new();
        for reject in &outcome.rejects {
            let value = self.value_of(reject.line as u32 - 1);
            if reject.kind != Reason::BadValue {
                is_fit.set_bit(value as usize, false);
            }
            if self.errors {
                add(why.entry(value).or_default(), reject);
            }
        }
        let has_misfits = !outcome.rejects.is_empty();
        let mut is_given = self.errors.then(|| BooleanBufferBuilder::new(len));
        if let Some(is_given) = &mut is_given {
            is_given.append_n(len, true);
        }
        for (value, reason) in &mut self.odd {
            is_fit.set_bit(*value as usize, false);
            match (reason.take(), &mut is_given) {
                (Some(reason), Some(_)) => _ = why.insert(*value, reason),
                (None, Some(is_given)) => is_given.set_bit(*value as usize, false),
                (_, None) => {}
            }
        }
        let is_fit = NullBuffer::new(is_fit.finish());
        let columns: Vec<ArrayRef> = match outcome.batches.first() {
            Some(batch) => batch.columns().to_vec(),
            None => {
                let fields = self.fields.iter().take(self.fields.len() - usize::from(self.errors));
                fields.map(|field| arrow::array::new_empty_array(field.data_type())).collect()
            }
        };
        // Rows of misfits are null already, but for columns computed from those nulls.
        let is_spread = self.lines as usize == len && (!has_misfits || self.options.derive.is_empty());
        let mut columns = if is_spread { columns } else { self.spread(&columns, &is_fit)? };
        let validity = match is_given {
            Some(mut is_given) => {
                let errors: StringArray = (0..self.len).map(|value| why.get(&value).map(String::as_str)).collect();
                columns.push(Arc::new(errors));
                NullBuffer::new(is_given.finish())
            }
            None => is_fit,
        };
        let validity = Some(validity).filter(|validity| validity.null_count() > 0);
        self.done.push(StructArray::try_new_with_length(self.fields.clone(), columns, validity, len)?);
        self.text.clear();
        self.odd.clear();
        self.before += u64::from(self.len);
        (self.lines, self.len) = (0, 0);
        Ok(())
    }

    /// The value that a line of the text is.
    fn value_of(&self, line: u32) -> u32 {
        // Odd values are in order: those before it push it back, one each.
        let (mut low, mut high) = (0, self.odd.len());
        while low < high {
            let middle = (low + high) / 2;
            if self.odd[middle].0 - middle as u32 <= line { low = middle + 1 } else { high = middle }
        }
        line + low as u32
    }

    /// The columns with a null wherever a value does not fit.
    fn spread(&self, columns: &[ArrayRef], is_fit: &NullBuffer) -> Result<Vec<ArrayRef>> {
        let mut odd = self.odd.iter().map(|(value, _)| *value).peekable();
        let mut line = 0;
        let index = |(value, is_fit): (u32, bool)| {
            if odd.next_if_eq(&value).is_some() {
                return None;
            }
            line += 1;
            is_fit.then_some(line - 1)
        };
        let indices: UInt32Array = (0..).zip(is_fit.iter()).map(index).collect();
        columns.iter().map(|column| Ok(take(column, &indices, None)?)).collect()
    }
}

/// Adds a reject to what is said about a value.
fn add(text: &mut String, reject: &Reject) {
    if !text.is_empty() {
        text.push_str("; ");
    }
    match (&reject.column, &reject.raw) {
        (Some(column), Some(raw)) => {
            text.push_str(&format!("column \"{column}\": {}, found {}", reject.reason, quoted(raw)));
        }
        _ => text.push_str(&format!("{} at byte {}", reject.reason, reject.at)),
    }
}
