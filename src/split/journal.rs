//! Entries of the systemd journal's export: fields, and a blank line behind the last.
//!
//! **Source**: <https://systemd.io/JOURNAL_EXPORT_FORMATS/>. A field is `NAME=value`, or, where the value may hold any byte, its
//! name, a newline, the length of the data in 64 bits (little-endian), the data, a newline. So a blank line ends an entry
//! only where it stands in no data. A length is believed up to a limit: what a damaged one counts goes with its entry.

use memchr::memchr;

/// What stands at the start of some bytes within an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    /// The line that ends the entry, of so many bytes.
    End(usize),
    /// `NAME=value`.
    Text {
        /// Where the `=` is.
        assign: usize,
        /// How long the line is with its newline.
        len: usize,
    },
    /// Data behind a name.
    Data {
        /// Where the name ends.
        name: usize,
        /// Where the data start.
        start: usize,
        /// Where they end, which may be behind the bytes at hand.
        end: usize,
    },
    /// A line that is none of these, with its newline.
    Other(usize),
    /// The bytes break off before that can be told.
    Open,
}

/// How far an entry that is passed over has been passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Passing {
    /// Up to the start of a field.
    #[default]
    Fields,
    /// Up to somewhere in a line.
    Line,
    /// Into data, of which so many bytes are left.
    Data(usize),
}

/// Names are no longer.
const MAX_NAME_BYTES: usize = 64;
/// Nor are data: the journal itself takes no larger fields as a rule, and a damaged length must not take all that follows.
const MAX_DATA_BYTES: u64 = 16 << 20;
const LENGTH_BYTES: usize = 8;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Whether a field can be called so.
pub fn is_name(bytes: &[u8]) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
    (1..=MAX_NAME_BYTES).contains(&bytes.len()) && bytes.iter().all(is_part)
}

/// What stands at the start of `bytes`.
pub fn element(bytes: &[u8]) -> Element {
    let Some(newline) = memchr(b'\n', bytes) else { return Element::Open };
    let (line, len) = (&bytes[..newline], newline + 1);
    if matches!(line, [] | [b'\r']) {
        return Element::End(len);
    }
    if let Some(assign) = memchr(b'=', line) {
        return Element::Text { assign, len };
    }
    if !is_name(line) {
        return Element::Other(len);
    }
    let Some(length) = bytes.get(len..).and_then(|rest| rest.first_chunk::<LENGTH_BYTES>()) else {
        return Element::Open;
    };
    match u64::from_le_bytes(*length) {
        length @ ..=MAX_DATA_BYTES => {
            let start = len + LENGTH_BYTES;
            Element::Data { name: newline, start, end: start + length as usize }
        }
        _ => Element::Other(len),
    }
}

/// Where data end that stand at `end`: behind their newline, if it is there.
pub fn behind_data(bytes: &[u8], end: usize) -> usize {
    end + usize::from(bytes.get(end) == Some(&b'\n'))
}

/// Where the first entry of `bytes` ends, or where it breaks off in a field, and what is there.
fn walk(bytes: &[u8]) -> (usize, Element) {
    // Before the first record of a source.
    let mut at = if bytes.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
    loop {
        match element(&bytes[at..]) {
            Element::Text { len, .. } | Element::Other(len) => at += len,
            Element::Data { end, .. } if at + end < bytes.len() => at = behind_data(bytes, at + end),
            other => return (at, other),
        }
    }
}

/// The end of the first entry, as [`super::Framing::first_end`] has it.
pub(super) fn first_end(bytes: &[u8], is_all: bool) -> Option<usize> {
    match walk(bytes) {
        (at, Element::End(len)) => Some(at + len),
        _ => is_all.then_some(bytes.len()),
    }
}

/// Where in an entry `bytes` break off; `None` if that shows only with more of them.
pub(super) fn broken(bytes: &[u8]) -> Option<Passing> {
    match walk(bytes) {
        (at, Element::Data { end, .. }) => Some(Passing::Data(at + end - bytes.len())),
        (at, Element::Open) => is_in_line(&bytes[at..]).then_some(Passing::Line),
        _ => Some(Passing::Fields),
    }
}

/// Whether an open element is a line of text for sure.
fn is_in_line(bytes: &[u8]) -> bool {
    memchr(b'\n', bytes).is_none() && !matches!(bytes, [] | [b'\r']) && !is_name(bytes)
}

impl Passing {
    /// Passes over more of an entry: gives how many bytes, and whether it has ended there.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> (usize, bool) {
        let mut at = 0;
        loop {
            match *self {
                Self::Data(left) if at + left < bytes.len() => {
                    at = behind_data(bytes, at + left);
                    *self = Self::Fields;
                }
                Self::Data(left) => {
                    // The byte behind the last one is looked at too.
                    *self = Self::Data(left - (bytes.len() - at));
                    return (bytes.len(), false);
                }
                Self::Line => match memchr(b'\n', &bytes[at..]) {
                    None => return (bytes.len(), false),
                    Some(newline) => {
                        at += newline + 1;
                        *self = Self::Fields;
                    }
                },
                Self::Fields => match element(&bytes[at..]) {
                    Element::End(len) => return (at + len, true),
                    Element::Text { len, .. } | Element::Other(len) => at += len,
                    Element::Data { start, end, .. } => {
                        at += start;
                        *self = Self::Data(end - start);
                    }
                    Element::Open if is_in_line(&bytes[at..]) => *self = Self::Line,
                    Element::Open => return (at, false),
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(name: &str, data: &[u8]) -> Vec<u8> {
        [name.as_bytes(), b"\n", &(data.len() as u64).to_le_bytes(), data, b"\n"].concat()
    }

    #[test]
    fn entries_end_with_a_blank_line_that_is_in_no_data() {
        let odd = data("B", b"x\n\ny=\n\n\0\xff");
        let entry = [b"A=1\n".as_slice(), &odd, b"C=\n\n"].concat();
        let whole = entry.len();
        for (bytes, open, all) in [
            ([entry.as_slice(), b"A=2\n"].concat(), Some(whole), Some(whole)),
            (entry[..whole - 1].to_vec(), None, Some(whole - 1)),
            ([b"\xef\xbb\xbf", entry.as_slice()].concat(), Some(whole + 3), Some(whole + 3)),
            ([b"\n", entry.as_slice()].concat(), Some(1), Some(1)),
            (b"A=1\n\r\nA=2\n".to_vec(), Some(6), Some(6)),
            // Names of no data, and lengths that cannot be.
            (b"no name\n\nA=1\n".to_vec(), Some(9), Some(9)),
            (b"B\nlongbytes\n\n".to_vec(), Some(13), Some(13)),
            // The length counts more than there is.
            ([b"B\n".as_slice(), &9_u64.to_le_bytes(), b"\n\nx"].concat(), None, Some(13)),
        ] {
            let shown = String::from_utf8_lossy(&bytes);
            assert_eq!(first_end(&bytes, false), open, "{shown}");
            assert_eq!(first_end(&bytes, true), all, "{shown}");
        }
        // However an entry is broken off, what is passed over ends where it does.
        let text = [entry.as_slice(), b"A=2\n\n"].concat();
        for cut in 0..whole {
            let Some(mut passing) = broken(&text[..cut]) else { continue };
            let mut at_once = passing;
            assert_eq!(at_once.pass(&text[cut..]), (whole - cut, true), "{cut}");
            // Byte by byte, and what is passed over is forgotten.
            let (mut at, mut end) = (cut, cut);
            loop {
                let (passed, done) = passing.pass(&text[at..end]);
                at += passed;
                if done {
                    break;
                }
                end += 1;
            }
            assert_eq!(at, whole, "{cut}");
        }
    }
}
