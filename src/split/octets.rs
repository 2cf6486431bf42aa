//! Messages that say their own length: octet counting.
//!
//! **Source**: RFC 6587, section 3.4.1 (counting) and 3.4.2 (lines).

use memchr::memchr;

/// The count at the start of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// Where the message starts: behind the digits and their space.
    pub start: usize,
    /// Where it ends, as counted; that may be behind the bytes at hand.
    pub end: usize,
}

/// What stands at the start of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Head {
    Counted(Count),
    /// Something else: a line.
    Line,
    /// The bytes break off before that can be told.
    Open,
}

/// A longer run of digits counts nothing.
const MAX_DIGITS: usize = 9;
/// Nor does a larger number: no writer sends such messages, and a damaged one must not take all that follows along.
const MAX_COUNT: usize = 16 << 20;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

fn head(bytes: &[u8]) -> Head {
    // Before the first record of a source.
    if let Some(rest) = bytes.strip_prefix(BYTE_ORDER_MARK) {
        let moved = |at: usize| at + BYTE_ORDER_MARK.len();
        return match head_of_record(rest) {
            Head::Counted(count) => Head::Counted(Count { start: moved(count.start), end: moved(count.end) }),
            other => other,
        };
    }
    if BYTE_ORDER_MARK.starts_with(bytes) { Head::Open } else { head_of_record(bytes) }
}

fn head_of_record(bytes: &[u8]) -> Head {
    let digits = bytes.iter().take(MAX_DIGITS + 1).take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 && !bytes.is_empty() || digits > MAX_DIGITS || bytes.first() == Some(&b'0') {
        return Head::Line;
    }
    match &bytes[digits..] {
        // A message begins with its priority; so a line that begins with a number is none that is counted.
        [b' ', b'<', ..] => {
            let count = bytes[..digits].iter().fold(0, |count, byte| 10 * count + usize::from(byte - b'0'));
            if count > MAX_COUNT {
                return Head::Line;
            }
            Head::Counted(Count { start: digits + 1, end: digits + 1 + count })
        }
        [] | [b' '] => Head::Open,
        _ => Head::Line,
    }
}

/// The count that `bytes` start with, all of which are at hand; `None` for a line.
pub fn count(bytes: &[u8]) -> Option<Count> {
    match head(bytes) {
        Head::Counted(count) => Some(count),
        Head::Line | Head::Open => None,
    }
}

/// How long the line end at the start of `bytes` is: many writers send one that they do not count. `None` if more bytes
/// could tell.
pub(super) fn line_end(bytes: &[u8], is_all: bool) -> Option<usize> {
    match bytes {
        [b'\n', ..] => Some(1),
        [b'\r', b'\n', ..] => Some(2),
        [] | [b'\r'] if !is_all => None,
        _ => Some(0),
    }
}

/// The end of the first record, as [`super::Framing::first_end`] has it.
pub(super) fn first_end(bytes: &[u8], is_all: bool) -> Option<usize> {
    match head(bytes) {
        Head::Open if !is_all => None,
        Head::Counted(count) if count.end > bytes.len() => is_all.then_some(bytes.len()),
        Head::Counted(count) => line_end(&bytes[count.end..], is_all).map(|len| count.end + len),
        Head::Line | Head::Open => memchr(b'\n', bytes).map(|at| at + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_end_where_their_count_says() {
        let cases: [(&[u8], Option<usize>, Option<usize>); 16] = [
            // bytes, end while more may come, end when these are all
            (b"4 <1>a5 <1>bc", Some(6), Some(6)),
            (b"4 <1>a\n5 <1>bc", Some(7), Some(7)),
            (b"4 <1>a\r\n5", Some(8), Some(8)),
            (b"4 <1>a", None, Some(6)),
            (b"4 <1>a\r", None, Some(6)),
            (b"9 <1>a\nbcd\n", None, Some(11)),
            (b"9 <1>a\nb", None, Some(8)),
            (b"<1>a\nb", Some(5), Some(5)),
            (b"12", None, None),
            (b"12 ", None, None),
            (b"12 a\n", Some(5), Some(5)),
            (b"04 <1>a\n", Some(8), Some(8)),
            (b"1234567890 <1>a\n", Some(16), Some(16)),
            (b"2026-03-05 x\n", Some(13), Some(13)),
            (b"\xef\xbb\xbf4 <1>ax", Some(9), Some(9)),
            (b"\xef\xbb", None, None),
        ];
        for (bytes, open, all) in cases {
            let shown = String::from_utf8_lossy(bytes);
            assert_eq!(first_end(bytes, false), open, "{shown}");
            assert_eq!(first_end(bytes, true), all, "{shown}");
        }
        assert_eq!(count(b"12 <1>"), Some(Count { start: 3, end: 15 }));
    }
}
