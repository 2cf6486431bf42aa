//! Rows of the application's log, and the columns that the peers without columns of their own build from them.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Float64Builder, Int16Builder, Int64Builder, RecordBatch, StringBuilder, StructArray,
    TimestampMicrosecondBuilder,
};
use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit};
use serde::Deserialize;

/// Rows a batch; what the peers are quickest with, of 2^11 to 2^16.
pub(crate) const BATCH_ROWS: usize = 8192;
/// Bytes of text that a batch has room for in each column, so that builders never grow.
const TEXT_BYTES: usize = BATCH_ROWS * 128;

/// All columns.
pub(crate) fn full_schema() -> SchemaRef {
    let http = vec![text("method"), text("path"), status(), int("bytes")];
    Arc::new(Schema::new(vec![
        time(),
        text("level"),
        text("service"),
        text("host"),
        int("pid"),
        text("trace_id"),
        int("user_id"),
        Field::new("http", DataType::Struct(Fields::from(http)), true),
        Field::new("duration_ms", DataType::Float64, true),
        text("client_ip"),
        Field::new("cached", DataType::Boolean, true),
        text("message"),
    ]))
}

/// Three columns, one of them in the object.
pub(crate) fn three_schema() -> SchemaRef {
    let http = DataType::Struct(Fields::from(vec![status()]));
    Arc::new(Schema::new(vec![time(), text("level"), Field::new("http", http, true)]))
}

fn time() -> Field {
    Field::new("ts", DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())), true)
}

fn text(name: &str) -> Field {
    Field::new(name, DataType::Utf8, true)
}

fn int(name: &str) -> Field {
    Field::new(name, DataType::Int64, true)
}

fn status() -> Field {
    Field::new("status", DataType::Int16, true)
}

/// A text that may be null, borrowed where nothing is escaped in it.
#[derive(Default)]
pub(crate) struct Text<'a>(pub(crate) Option<Cow<'a, str>>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Text<'de>;

            fn expecting(&self, to: &mut std::fmt::Formatter) -> std::fmt::Result {
                to.write_str("a text or null")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Some(Cow::Borrowed(text))))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Some(Cow::Owned(text.to_owned()))))
            }

            fn visit_unit<E>(self) -> Result<Text<'de>, E> {
                Ok(Text(None))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Row<'a> {
    #[serde(borrow)]
    pub(crate) ts: Text<'a>,
    #[serde(borrow)]
    pub(crate) level: Text<'a>,
    #[serde(borrow)]
    pub(crate) service: Text<'a>,
    #[serde(borrow)]
    pub(crate) host: Text<'a>,
    pub(crate) pid: Option<i64>,
    #[serde(borrow)]
    pub(crate) trace_id: Text<'a>,
    pub(crate) user_id: Option<i64>,
    #[serde(borrow)]
    pub(crate) http: Http<'a>,
    pub(crate) duration_ms: Option<f64>,
    #[serde(borrow)]
    pub(crate) client_ip: Text<'a>,
    pub(crate) cached: Option<bool>,
    #[serde(borrow)]
    pub(crate) message: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Http<'a> {
    #[serde(borrow)]
    pub(crate) method: Text<'a>,
    #[serde(borrow)]
    pub(crate) path: Text<'a>,
    pub(crate) status: Option<i16>,
    pub(crate) bytes: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct ThreeRow<'a> {
    #[serde(borrow)]
    pub(crate) ts: Text<'a>,
    #[serde(borrow)]
    pub(crate) level: Text<'a>,
    pub(crate) http: Status,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Status {
    pub(crate) status: Option<i16>,
}

/// Columns under way.
pub(crate) struct Full {
    time: TimestampMicrosecondBuilder,
    /// level, service, host, trace_id, method, path, client_ip, message
    text: [StringBuilder; 8],
    /// pid, user_id, bytes
    ints: [Int64Builder; 3],
    status: Int16Builder,
    duration: Float64Builder,
    cached: BooleanBuilder,
    rows: usize,
}

/// The three columns under way.
pub(crate) struct Three {
    time: TimestampMicrosecondBuilder,
    level: StringBuilder,
    status: Int16Builder,
    rows: usize,
}

fn times() -> TimestampMicrosecondBuilder {
    TimestampMicrosecondBuilder::with_capacity(BATCH_ROWS).with_timezone("UTC")
}

fn texts() -> StringBuilder {
    StringBuilder::with_capacity(BATCH_ROWS, TEXT_BYTES)
}

/// What both have: rows go in, batches come out.
pub(crate) trait Columns: Sized {
    type Row<'a>: Default + Deserialize<'a>;

    fn new() -> Self;
    fn push(&mut self, row: &Self::Row<'_>);
    fn rows(&self) -> usize;
    fn finish(self) -> RecordBatch;

    /// Hands over what is full.
    fn flush_full(&mut self, give: &mut dyn FnMut(RecordBatch)) {
        if self.rows() == BATCH_ROWS {
            give(std::mem::replace(self, Self::new()).finish());
        }
    }
}

impl Columns for Full {
    type Row<'a> = Row<'a>;

    fn new() -> Self {
        Self {
            time: times(),
            text: std::array::from_fn(|_| texts()),
            ints: std::array::from_fn(|_| Int64Builder::with_capacity(BATCH_ROWS)),
            status: Int16Builder::with_capacity(BATCH_ROWS),
            duration: Float64Builder::with_capacity(BATCH_ROWS),
            cached: BooleanBuilder::with_capacity(BATCH_ROWS),
            rows: 0,
        }
    }

    fn push(&mut self, row: &Row) {
        self.time.append_option(row.ts.0.as_deref().and_then(micros));
        let http = &row.http;
        let texts = [
            &row.level,
            &row.service,
            &row.host,
            &row.trace_id,
            &http.method,
            &http.path,
            &row.client_ip,
            &row.message,
        ];
        for (column, text) in self.text.iter_mut().zip(texts) {
            column.append_option(text.0.as_deref());
        }
        for (column, int) in self.ints.iter_mut().zip([row.pid, row.user_id, http.bytes]) {
            column.append_option(int);
        }
        self.status.append_option(http.status);
        self.duration.append_option(row.duration_ms);
        self.cached.append_option(row.cached);
        self.rows += 1;
    }

    fn rows(&self) -> usize {
        self.rows
    }

    fn finish(mut self) -> RecordBatch {
        let schema = full_schema();
        let [level, service, host, trace_id, method, path, client_ip, message] =
            self.text.each_mut().map(|column| Arc::new(column.finish()) as ArrayRef);
        let [pid, user_id, bytes] = self.ints.each_mut().map(|column| Arc::new(column.finish()) as ArrayRef);
        let status: ArrayRef = Arc::new(self.status.finish());
        let http = http(&schema, 7, vec![method, path, status, bytes]);
        let (time, duration, cached) = (self.time.finish(), self.duration.finish(), self.cached.finish());
        let (time, duration, cached) = (Arc::new(time), Arc::new(duration), Arc::new(cached));
        let columns: Vec<ArrayRef> =
            vec![time, level, service, host, pid, trace_id, user_id, http, duration, client_ip, cached, message];
        RecordBatch::try_new(schema, columns).expect("columns of the schema")
    }
}

impl Columns for Three {
    type Row<'a> = ThreeRow<'a>;

    fn new() -> Self {
        Self { time: times(), level: texts(), status: Int16Builder::with_capacity(BATCH_ROWS), rows: 0 }
    }

    fn push(&mut self, row: &ThreeRow) {
        self.time.append_option(row.ts.0.as_deref().and_then(micros));
        self.level.append_option(row.level.0.as_deref());
        self.status.append_option(row.http.status);
        self.rows += 1;
    }

    fn rows(&self) -> usize {
        self.rows
    }

    fn finish(mut self) -> RecordBatch {
        let schema = three_schema();
        let http = http(&schema, 2, vec![Arc::new(self.status.finish())]);
        let columns: Vec<ArrayRef> = vec![Arc::new(self.time.finish()), Arc::new(self.level.finish()), http];
        RecordBatch::try_new(schema, columns).expect("columns of the schema")
    }
}

/// The object, which every record has.
fn http(schema: &Schema, column: usize, members: Vec<ArrayRef>) -> ArrayRef {
    let DataType::Struct(fields) = schema.field(column).data_type() else { panic!("http is an object") };
    Arc::new(StructArray::new(fields.clone(), members, None))
}

/// `2026-03-05T10:00:01.123Z` in microseconds: this layout and no other, so as quick as can be.
fn micros(text: &str) -> Option<i64> {
    let text: &[u8; 24] = text.as_bytes().try_into().ok()?;
    let shape = [4, 7, 10, 13, 16, 19, 23].map(|at| text[at]);
    let digits =
        |range: std::ops::Range<usize>| text[range].iter().fold(0, |sum, byte| 10 * sum + i64::from(byte & 15));
    let is_digits = text.iter().filter(|byte| byte.is_ascii_digit()).count() == 17;
    if shape != *b"--T::.Z" || !is_digits {
        return None;
    }
    let (year, month, day) = (digits(0..4), digits(5..7), digits(8..10));
    let (years, months) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = years / 4 - years / 100 + years / 400;
    let days = 365 * years + leap_days + (153 * months + 2) / 5 + day - 719_469;
    let seconds = days * 86_400 + digits(11..13) * 3600 + digits(14..16) * 60 + digits(17..19);
    Some(seconds * 1_000_000 + digits(20..23) * 1_000)
}
