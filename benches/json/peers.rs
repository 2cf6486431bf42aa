//! The Rust crates that read JSON, each in the way that was quickest of those its documentation offers.
//!
//! All take the whole log and give batches of the same columns. What they leave unchecked is said beside them.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit};
use simd_json::{Buffers, Node, StaticNode, Tape};
use sonic_rs::JsonValueTrait;

use super::rows::{BATCH_ROWS, Columns, Full, Http, Row, Status, Text, Three, ThreeRow};

/// Takes batches as they come.
pub(crate) type Give<'a> = &'a mut dyn FnMut(RecordBatch);

/// arrow-json's push decoder. It knows the zone by its offset.
pub(crate) fn arrow_json(log: &[u8], schema: &SchemaRef, give: Give) {
    let time = Field::new("ts", DataType::Timestamp(TimeUnit::Microsecond, Some("+00:00".into())), true);
    let fields = std::iter::once(Arc::new(time)).chain(schema.fields().iter().skip(1).cloned());
    let schema = Arc::new(Schema::new(fields.collect::<Fields>()));
    let builder = arrow_json::ReaderBuilder::new(schema).with_batch_size(BATCH_ROWS);
    let mut decoder = builder.build_decoder().expect("types that it reads");
    let mut rest = log;
    while !rest.is_empty() {
        let used = decoder.decode(rest).expect("the log is JSON");
        rest = &rest[used..];
        if let Some(batch) = decoder.flush().expect("the types fit") {
            give(batch);
        }
    }
}

fn lines(log: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut from = 0;
    memchr::memchr_iter(b'\n', log).map(move |end| {
        let line = &log[from..end];
        from = end + 1;
        line
    })
}

/// Bytes that are copied at a time for a parser that writes into its input.
const BLOCK_BYTES: usize = 64 * 1024;

/// simd-json's tape, walked for each record. It unescapes in place: the log is copied block by block.
pub(crate) fn simd_json<C: TapeRow>(log: &[u8], give: Give) {
    let mut columns = C::new();
    let (mut buffers, mut spare) = (Buffers::new(BLOCK_BYTES), Tape::null());
    let (mut block, mut rest) = (Vec::with_capacity(2 * BLOCK_BYTES), log);
    while !rest.is_empty() {
        let wanted = BLOCK_BYTES.min(rest.len()) - 1;
        let end = wanted + memchr::memchr(b'\n', &rest[wanted..]).map_or(rest.len() - wanted, |at| at + 1);
        block.clear();
        block.extend_from_slice(&rest[..end]);
        block.resize(end + simd_json::INPUT_PADDING, 0);
        let mut from = 0;
        // The places of newlines are those of the log: the copy is written to.
        for newline in memchr::memchr_iter(b'\n', &rest[..end]) {
            let mut tape = spare.reset();
            simd_json::fill_tape_padded(&mut block[from..], newline - from, &mut buffers, &mut tape)
                .expect("the log is JSON");
            columns.push(&C::of_tape(&tape.0));
            columns.flush_full(give);
            spare = tape.reset();
            from = newline + 1;
        }
        rest = &rest[end..];
    }
    give(columns.finish());
}

/// Columns whose rows can be taken from a tape.
pub(crate) trait TapeRow: Columns {
    fn of_tape<'a>(tape: &[Node<'a>]) -> Self::Row<'a>;
}

impl TapeRow for Full {
    fn of_tape<'a>(tape: &[Node<'a>]) -> Row<'a> {
        let mut row = Row::default();
        members(tape, |key, value| match key {
            "ts" => row.ts = text(value[0]),
            "level" => row.level = text(value[0]),
            "service" => row.service = text(value[0]),
            "host" => row.host = text(value[0]),
            "pid" => row.pid = int(value[0]),
            "trace_id" => row.trace_id = text(value[0]),
            "user_id" => row.user_id = int(value[0]),
            "http" => row.http = http(value),
            "duration_ms" => row.duration_ms = float(value[0]),
            "client_ip" => row.client_ip = text(value[0]),
            "cached" => row.cached = flag(value[0]),
            "message" => row.message = text(value[0]),
            _ => {}
        });
        row
    }
}

impl TapeRow for Three {
    fn of_tape<'a>(tape: &[Node<'a>]) -> ThreeRow<'a> {
        let mut row = ThreeRow::default();
        members(tape, |key, value| match key {
            "ts" => row.ts = text(value[0]),
            "level" => row.level = text(value[0]),
            "http" => members(value, |key, value| {
                if key == "status" {
                    row.http = Status { status: int(value[0]).and_then(|status| status.try_into().ok()) };
                }
            }),
            _ => {}
        });
        row
    }
}

fn http<'a>(tape: &[Node<'a>]) -> Http<'a> {
    let mut http = Http::default();
    members(tape, |key, value| match key {
        "method" => http.method = text(value[0]),
        "path" => http.path = text(value[0]),
        "status" => http.status = int(value[0]).and_then(|status| status.try_into().ok()),
        "bytes" => http.bytes = int(value[0]),
        _ => {}
    });
    http
}

/// Calls `each` with the members of the object that `tape` begins with: the key, and the tape from the value on.
#[inline(always)]
fn members<'t, 'a>(tape: &'t [Node<'a>], mut each: impl FnMut(&'a str, &'t [Node<'a>])) {
    let Some(Node::Object { len, .. }) = tape.first() else { return };
    let mut rest = &tape[1..];
    for _ in 0..*len {
        let [Node::String(key), value @ ..] = rest else { return };
        each(key, value);
        let nodes = match value[0] {
            Node::Object { count, .. } | Node::Array { count, .. } => count + 1,
            _ => 1,
        };
        rest = &value[nodes..];
    }
}

fn text<'a>(node: Node<'a>) -> Text<'a> {
    let Node::String(text) = node else { return Text(None) };
    Text(Some(Cow::Borrowed(text)))
}

fn int(node: Node) -> Option<i64> {
    match node {
        Node::Static(StaticNode::I64(int)) => Some(int),
        Node::Static(StaticNode::U64(int)) => int.try_into().ok(),
        _ => None,
    }
}

fn float(node: Node) -> Option<f64> {
    match node {
        Node::Static(StaticNode::F64(float)) => Some(float),
        other => int(other).map(|int| int as f64),
    }
}

fn flag(node: Node) -> Option<bool> {
    if let Node::Static(StaticNode::Bool(flag)) = node { Some(flag) } else { None }
}

/// sonic-rs by serde, into a struct that borrows from the line; what the struct lacks is skipped.
pub(crate) fn sonic_serde<C: Columns>(log: &[u8], give: Give) {
    let mut columns = C::new();
    // Checked once, so that no line has to be.
    let log = simdutf8::basic::from_utf8(log).expect("the log is UTF-8").as_bytes();
    for line in lines(log) {
        let row: C::Row<'_> = sonic_rs::from_slice(line).expect("the log is JSON");
        columns.push(&row);
        columns.flush_full(give);
    }
    give(columns.finish());
}

/// sonic-rs's lazy iteration over members; strings are unescaped when asked for.
pub(crate) fn sonic_lazy(log: &[u8], give: Give) {
    const KEYS: [&str; 12] = [
        "ts",
        "level",
        "service",
        "host",
        "pid",
        "trace_id",
        "user_id",
        "http",
        "duration_ms",
        "client_ip",
        "cached",
        "message",
    ];
    let mut columns = Full::new();
    for line in lines(log) {
        let members: [Lazy; 12] = lazy_members(line, &KEYS);
        let [ts, level, service, host, pid, trace_id, user_id, http, duration_ms, client_ip, cached, message] =
            &members;
        let http = http.as_ref().map_or("{}", |http| http.as_raw_str());
        let inner: [Lazy; 4] = lazy_members(http.as_bytes(), &["method", "path", "status", "bytes"]);
        let [method, path, status, bytes] = &inner;
        columns.push(&Row {
            ts: lazy_text(ts),
            level: lazy_text(level),
            service: lazy_text(service),
            host: lazy_text(host),
            pid: pid.as_ref().and_then(|value| value.as_i64()),
            trace_id: lazy_text(trace_id),
            user_id: user_id.as_ref().and_then(|value| value.as_i64()),
            http: Http {
                method: lazy_text(method),
                path: lazy_text(path),
                status: lazy_status(status),
                bytes: bytes.as_ref().and_then(|value| value.as_i64()),
            },
            duration_ms: duration_ms.as_ref().and_then(|value| value.as_f64()),
            client_ip: lazy_text(client_ip),
            cached: cached.as_ref().and_then(|value| value.as_bool()),
            message: lazy_text(message),
        });
        columns.flush_full(give);
    }
    give(columns.finish());
}

type Lazy<'a> = Option<sonic_rs::LazyValue<'a>>;

/// The values of the members with these keys.
fn lazy_members<'a, const N: usize>(object: &'a [u8], keys: &[&str; N]) -> [Lazy<'a>; N] {
    let mut found = std::array::from_fn(|_| None);
    for member in sonic_rs::to_object_iter(object) {
        let (key, value) = member.expect("the log is JSON");
        if let Some(at) = keys.iter().position(|known| *known == key) {
            found[at] = Some(value);
        }
    }
    found
}

fn lazy_text<'v>(value: &'v Lazy<'_>) -> Text<'v> {
    Text(value.as_ref().and_then(|value| value.as_str()).map(Cow::Borrowed))
}

fn lazy_status(value: &Lazy) -> Option<i16> {
    value.as_ref().and_then(|value| value.as_i64()).and_then(|status| status.try_into().ok())
}

/// sonic-rs's `get_many` for three columns. It stops at the last of them, so what follows is not checked.
pub(crate) fn sonic_get_many(log: &[u8], give: Give) {
    let mut tree = sonic_rs::PointerTree::new();
    tree.add_path(["ts"].iter());
    tree.add_path(["level"].iter());
    tree.add_path(["http", "status"].iter());
    let mut columns = Three::new();
    for line in lines(log) {
        let found = sonic_rs::get_many(line, &tree).expect("the log is JSON");
        let [ts, level, status] = &found[..] else { panic!("three paths") };
        let http = Status { status: lazy_status(status) };
        columns.push(&ThreeRow { ts: lazy_text(ts), level: lazy_text(level), http });
        columns.flush_full(give);
    }
    give(columns.finish());
}
