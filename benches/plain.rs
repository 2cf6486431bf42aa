//! What a careful user would write by hand: memchr from delimiter to delimiter, Arrow's builders, one pass.
//!
//! It knows the combined log and nothing else: escapes stay as written, odd requests are cut at their first and last
//! space, malformed lines are dropped. Memory is used again, since the allocator is told not to give it back.

use std::borrow::Cow;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int16Builder, Int64Builder, StringBuilder, TimestampMicrosecondBuilder};
use memchr::{memchr, memmem, memrchr};

const CHUNK_BYTES: usize = 4 << 20;
/// Room for a chunk's texts and rows, so that builders never grow.
const ROWS: usize = 1 << 15;

/// The columns of one chunk.
struct Columns {
    text: [StringBuilder; 8],
    time: TimestampMicrosecondBuilder,
    status: Int16Builder,
    bytes: Int64Builder,
}

impl Columns {
    fn new() -> Self {
        Self {
            text: std::array::from_fn(|_| StringBuilder::with_capacity(ROWS, CHUNK_BYTES / 2)),
            time: TimestampMicrosecondBuilder::with_capacity(ROWS),
            status: Int16Builder::with_capacity(ROWS),
            bytes: Int64Builder::with_capacity(ROWS),
        }
    }

    fn finish(mut self) -> Vec<ArrayRef> {
        let text = self.text.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef);
        let mut out: Vec<ArrayRef> = text.collect();
        out.push(Arc::new(self.time.finish()));
        out.push(Arc::new(self.status.finish()));
        out.push(Arc::new(self.bytes.finish()));
        out
    }

    /// One line; `None` if it is malformed.
    fn push(&mut self, line: &str) -> Option<()> {
        let (host, rest) = cut(line, b' ')?;
        let (ident, rest) = cut(rest, b' ')?;
        let at = memmem::find(rest.as_bytes(), b" [")?;
        let (user, rest) = (&rest[..at], &rest[at + 2..]);
        let (time, rest) = cut(rest, b']')?;
        let (request, rest) = quoted(rest.strip_prefix(' ')?)?;
        let (status, rest) = cut(rest.strip_prefix(' ')?, b' ')?;
        let (bytes, rest) = cut(rest, b' ')?;
        let (referer, rest) = quoted(rest)?;
        let (agent, _) = quoted(rest.strip_prefix(' ')?)?;
        let ends = memchr(b' ', request.as_bytes()).zip(memrchr(b' ', request.as_bytes()));
        let (method, path, protocol) = match ends.filter(|(first, last)| first < last) {
            Some((first, last)) => (&request[..first], &request[first + 1..last], &request[last + 1..]),
            None => ("-", request, "-"),
        };
        let cells = [host, ident, user, method, path, protocol, referer, agent];
        for (column, cell) in self.text.iter_mut().zip(cells) {
            column.append_option((cell != "-").then_some(cell));
        }
        self.time.append_option(micros(time.as_bytes()));
        self.status.append_option(number(status.as_bytes()).map(|status| status as i16));
        self.bytes.append_option(number(bytes.as_bytes()));
        Some(())
    }
}

fn cut(text: &str, delimiter: u8) -> Option<(&str, &str)> {
    let at = memchr(delimiter, text.as_bytes())?;
    Some((&text[..at], &text[at + 1..]))
}

fn quoted(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_prefix('"')?;
    let bytes = text.as_bytes();
    let mut from = 0;
    loop {
        let at = from + memchr(b'"', &bytes[from..])?;
        if at == 0 || bytes[at - 1] != b'\\' || bytes[..at].iter().rev().take_while(|b| **b == b'\\').count() % 2 == 0 {
            return Some((&text[..at], &text[at + 1..]));
        }
        from = at + 1;
    }
}

fn number(bytes: &[u8]) -> Option<i64> {
    if bytes.is_empty() || bytes.len() > 18 {
        return None;
    }
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| i64::from(byte - b'0'));
    bytes.iter().try_fold(0, |sum, byte| Some(10 * sum + digit(byte)?))
}

/// `05/Mar/2026:10:00:01 +0900` in microseconds.
fn micros(text: &[u8]) -> Option<i64> {
    const MONTHS: &[u8] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
    let digits = |range: std::ops::Range<usize>| number(text.get(range)?);
    let month = MONTHS.chunks(3).position(|month| text.get(3..6) == Some(month))? as i64 + 1;
    let (day, year) = (digits(0..2)?, digits(7..11)?);
    let (year_from_march, month_from_march) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year_from_march + year_from_march / 4 - year_from_march / 100
        + year_from_march / 400
        + (153 * month_from_march + 2) / 5
        + day
        - 719_469;
    let zone = digits(22..24)? * 3600 + digits(24..26)? * 60;
    let zone = if text[21] == b'-' { -zone } else { zone };
    Some((days * 86_400 + digits(12..14)? * 3600 + digits(15..17)? * 60 + digits(18..20)? - zone) * 1_000_000)
}

/// Reads the whole file, chunk by chunk; gives rows, the sum of bytes and the last time.
pub(crate) fn read(path: &Path) -> (u64, i64, i64) {
    use arrow::array::AsArray;
    use arrow::datatypes::{Int64Type, TimestampMicrosecondType};

    let mut file = File::open(path).expect("the log was made");
    let mut buf = vec![0; CHUNK_BYTES + (1 << 20)];
    let (mut filled, mut rows, mut sum, mut last) = (0, 0, 0, 0);
    loop {
        let read = file.read(&mut buf[filled..]).expect("the log can be read");
        filled += read;
        let whole = if read == 0 { filled } else { memrchr(b'\n', &buf[..filled]).map_or(0, |at| at + 1) };
        let mut columns = Columns::new();
        // Checked once: simdutf8 runs at the speed of memory.
        let text = match simdutf8::basic::from_utf8(&buf[..whole]) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => String::from_utf8_lossy(&buf[..whole]),
        };
        let mut rest = &*text;
        while !rest.is_empty() {
            let end = memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
            columns.push(&rest[..end]);
            rest = &rest[(end + 1).min(rest.len())..];
        }
        let columns = columns.finish();
        rows += columns[0].len() as u64;
        sum += arrow::compute::sum(columns[10].as_primitive::<Int64Type>()).unwrap_or(0);
        let times = columns[8].as_primitive::<TimestampMicrosecondType>();
        last = times.values().last().copied().unwrap_or(last);
        buf.copy_within(whole..filled, 0);
        filled -= whole;
        if read == 0 {
            return (rows, sum, last);
        }
    }
}
