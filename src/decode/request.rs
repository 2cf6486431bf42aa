//! The parts of an HTTP request line: `METHOD target PROTOCOL`.

use arrow::array::ArrayRef;
use memchr::{memchr, memrchr};

use super::utf8::TextOut;
use super::{Block, Decode, Findings, Spec};
use crate::error::Result;
use crate::simd::{Field, Pool, Row};

/// A part of a request line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RequestPart {
    /// `GET`; null if the line is no request line.
    Method,
    /// The target with its query string; the whole line if that is no request line.
    Path,
    /// `HTTP/1.1`; null if the line is no request line.
    Protocol,
    /// The target behind its first `?`; null if it has none.
    Query,
}

/// The decoder of the parts of the request line that `spec` locates, one column a part, in this order.
pub fn request_decoder(spec: &Spec, parts: &[RequestPart], pool: &Pool) -> Box<dyn Decode> {
    let outs = parts.iter().map(|part| (*part, TextOut::new(spec, pool))).collect();
    Box::new(Request { field: spec.field, outs, rows: Vec::new(), positions: Vec::new() })
}

/// Cuts a request line into method, target and protocol; `None` if it has another shape.
///
/// **Source**: RFC 9112, section 3, for the shape; RFC 9110, section 5.6.2, for the method's characters. Spaces inside
/// the target are kept: servers log what clients sent.
///
/// ```
/// use logarrow::decode::split_request;
/// assert_eq!(split_request(b"GET /a b HTTP/1.1"), Some((&b"GET"[..], &b"/a b"[..], &b"HTTP/1.1"[..])));
/// assert_eq!(split_request(b"GET /"), None);
/// ```
pub fn split_request(line: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let first = memchr(b' ', line)?;
    let last = memrchr(b' ', line)?;
    let (method, protocol) = (&line[..first], &line[last + 1..]);
    let good = first + 1 < last && is_method(method) && is_protocol(protocol);
    good.then(|| (method, &line[first + 1..last], protocol))
}

fn is_method(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}

/// A name, a slash, digits, and perhaps a dot and digits: `HTTP/1.1`, `HTTP/2`, `RTSP/1.0`.
fn is_protocol(bytes: &[u8]) -> bool {
    let Some(slash) = memchr(b'/', bytes) else { return false };
    let (name, version) = (&bytes[..slash], &bytes[slash + 1..]);
    let is_number = |digits: &[u8]| !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let version_is_good = match memchr(b'.', version) {
        Some(dot) => is_number(&version[..dot]) && is_number(&version[dot + 1..]),
        None => is_number(version),
    };
    !name.is_empty() && name.iter().all(u8::is_ascii_alphabetic) && version_is_good
}

/// Cuts each row's request line once, then copies the parts column by column.
struct Request {
    field: Field,
    outs: Vec<(RequestPart, TextOut)>,
    /// The rows of a call, pointing into `positions`.
    rows: Vec<Row>,
    positions: Vec<u32>,
}

/// Positions a row takes: the starts and ends of method, target and protocol in turn, then the query's start. A part
/// that is not there starts behind its end.
const SLOTS: usize = 7;
/// Such a start and end.
const MISSING: (u32, u32) = (1, 0);

impl RequestPart {
    fn field(self) -> Field {
        let field = |start_slot, end_slot| Field { start_slot, end_slot, start_add: 0, end_add: 0 };
        match self {
            Self::Method => field(0, 1),
            Self::Path => field(2, 3),
            Self::Protocol => field(4, 5),
            Self::Query => field(6, 3),
        }
    }
}

impl Request {
    /// Writes the positions of one row.
    #[inline(always)]
    fn cut(&mut self, block: &Block, row: Row, wants_query: bool) {
        let text = block.text.text();
        let Some((start, end)) = self.field.span(block.positions, row) else {
            self.positions.extend_from_slice(&[1, 0, 1, 0, 1, 0, 1]);
            return;
        };
        let cut = fast_cut(text, start, end).or_else(|| {
            let (method, path, _) = split_request(text.span(start, end))?;
            let method_end = start + method.len() as u32;
            Some((method_end, method_end + 1 + path.len() as u32))
        });
        let (method, path, protocol) = match cut {
            Some((method_end, path_end)) => ((start, method_end), (method_end + 1, path_end), (path_end + 1, end)),
            None => (MISSING, (start, end), MISSING),
        };
        let query = if wants_query { query_start(text.span(path.0, path.1), path.0) } else { u32::MAX };
        self.positions.extend_from_slice(&[method.0, method.1, path.0, path.1, protocol.0, protocol.1, query]);
    }
}

/// Where the query starts, or a place behind any end.
#[inline(always)]
fn query_start(path: &[u8], start: u32) -> u32 {
    memchr(b'?', path).map_or(u32::MAX, |at| start + at as u32 + 1)
}

/// The ends of method and target of the usual request line: a method of two to seven capitals, and a protocol of eight
/// bytes that starts with `HTTP/`.
#[inline(always)]
fn fast_cut(text: &crate::simd::Text, start: u32, end: u32) -> Option<(u32, u32)> {
    const SPACES: u64 = 0x2020_2020_2020_2020;
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // "GET / HTTP/1.1" is the shortest.
    if end.wrapping_sub(start) < 14 {
        return None;
    }
    let word = text.word(start);
    let from_space = word ^ SPACES;
    // The lowest set bit is exact: the first byte that is a space.
    let space = from_space.wrapping_sub(ONES) & !from_space & HIGH;
    let method_len = space.trailing_zeros() / 8;
    if !(2..8).contains(&method_len) {
        return None;
    }
    // Each byte from A to Z: adding moves the bounds to the high bit.
    let mask = (1_u64 << (8 * method_len)) - 1;
    let capitals = word & mask;
    let low = capitals.wrapping_add((0x8080_8080_8080_8080 - 0x4141_4141_4141_4141) & mask);
    let high = capitals.wrapping_add((0x8080_8080_8080_8080 - 0x5b5b_5b5b_5b5b_5b5b) & mask);
    if (low & !high & !capitals) & HIGH & mask != HIGH & mask {
        return None;
    }
    let protocol = text.word(end - 8);
    let is_http = protocol & 0x0000_00ff_ffff_ffff == u64::from_le_bytes(*b"HTTP/\0\0\0");
    let version = (protocol >> 40) as u32;
    let digit = |byte: u32| byte.wrapping_sub(48) < 10;
    let good = is_http & digit(version & 0xff) & (version >> 8 & 0xff == u32::from(b'.')) & digit(version >> 16 & 0xff);
    let path_end = end - 9;
    let method_end = start + method_len;
    (good && text.byte(path_end) == b' ' && method_end + 1 < path_end).then_some((method_end, path_end))
}

impl Decode for Request {
    fn decode(&mut self, block: &Block, rows: &[Row], found: &mut Findings) {
        self.positions.clear();
        self.rows.clear();
        let wants_query = self.outs.iter().any(|(part, _)| *part == RequestPart::Query);
        for (i, row) in rows.iter().enumerate() {
            self.cut(block, *row, wants_query);
            self.rows.push(Row::new((i * SLOTS) as u32, row.line).with_escapes(row.has_escapes()));
        }
        let block = Block { positions: &self.positions, ..*block };
        for (part, out) in &mut self.outs {
            let field = part.field();
            let rows = &self.rows;
            out.extend(&block, field, rows, found);
        }
    }

    fn finish(&mut self) -> Result<Vec<ArrayRef>> {
        self.outs.iter_mut().map(|(_, out)| out.finish()).collect()
    }
}
