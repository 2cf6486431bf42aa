//! Where records end.

use memchr::{memchr, memchr2, memchr3, memrchr};

/// What parts records from one another.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Framing {
    /// A newline ends each record.
    #[default]
    Lines,
    /// A newline outside quotes ends each record.
    Quoted(Quoting),
}

/// How fields are quoted that may hold newlines.
#[derive(Clone, Debug, PartialEq)]
pub struct Quoting {
    /// What stands between fields; a quote opens a field only behind it, or at the start of a record.
    pub delimiter: Box<[u8]>,
    /// What stands around a field; twice for itself.
    pub quote: u8,
    /// Takes away the meaning of the byte behind it.
    pub escape: Option<u8>,
    /// A quote that is not closed within so many bytes is no quote that holds newlines: the record is its first line.
    pub max_record_bytes: usize,
}

impl Framing {
    /// The end of the first record in `bytes`; `None` if they break off within it. `is_all` says that nothing follows.
    pub fn first_end(&self, bytes: &[u8], is_all: bool) -> Option<usize> {
        match self {
            Self::Lines => memchr(b'\n', bytes).map(|at| at + 1),
            Self::Quoted(quoting) => quoting.first_end(bytes, is_all),
        }
    }

    /// The end of the last whole record in `bytes`, which start with a record and may break off within one; `None` if they
    /// hold no whole record. There is none in the first `searched` bytes, if the caller knows that.
    pub fn last_end(&self, bytes: &[u8], searched: usize) -> Option<usize> {
        match self {
            Self::Lines => memrchr(b'\n', &bytes[searched..]).map(|at| searched + at + 1),
            Self::Quoted(quoting) => {
                let mut end = 0;
                while let Some(len) = quoting.first_end(&bytes[end..], false) {
                    end += len;
                }
                (end > 0).then_some(end)
            }
        }
    }

    /// Whether a search that found no end is worth repeating with this many bytes: it starts at the front where quotes
    /// count, and must not do so for every read.
    pub fn is_worth_searching(&self, searched: usize, len: usize, max_record_bytes: usize) -> bool {
        *self == Self::Lines || len >= 2 * searched || len > max_record_bytes
    }

    /// Where whole records that start at `bytes[0]` end, at or before `wanted`; behind it only if the first of them is
    /// longer. All records in `bytes` are whole.
    pub fn cut(&self, bytes: &[u8], wanted: usize) -> usize {
        if wanted >= bytes.len() {
            return bytes.len();
        }
        match self {
            Self::Lines => match self.last_end(&bytes[..wanted], 0) {
                Some(end) => end,
                None => memchr(b'\n', &bytes[wanted..]).map_or(bytes.len(), |at| wanted + at + 1),
            },
            Self::Quoted(quoting) => {
                let mut end = 0;
                while let Some(len) = quoting.first_end(&bytes[end..], true) {
                    if end > 0 && end + len > wanted {
                        break;
                    }
                    end += len;
                }
                if end == 0 { bytes.len() } else { end }
            }
        }
    }
}

impl Quoting {
    fn first_end(&self, bytes: &[u8], is_all: bool) -> Option<usize> {
        let window = &bytes[..bytes.len().min(self.max_record_bytes.saturating_add(1))];
        let mut at = 0;
        // Once around for each field.
        loop {
            if window.get(at) == Some(&self.quote) {
                match self.closing(window, at + 1) {
                    // Another quote may follow that was not read yet.
                    Some(close) if close + 1 == bytes.len() && !is_all && window.len() <= self.max_record_bytes => {
                        return None;
                    }
                    Some(close) => at = close + 1,
                    // The quote never closes.
                    None if is_all || window.len() > self.max_record_bytes => break,
                    None => return None,
                }
            }
            // To the end of the field; what stands behind a closing quote belongs to it.
            loop {
                let first = *self.delimiter.first()?;
                let escape = self.escape.unwrap_or(b'\n');
                match memchr3(b'\n', first, escape, window.get(at..)?).map(|found| at + found) {
                    None => return memchr(b'\n', bytes.get(at..)?).map(|found| at + found + 1),
                    Some(found) if window[found] == b'\n' => return Some(found + 1),
                    Some(found) if window[found..].starts_with(&self.delimiter) => {
                        at = found + self.delimiter.len();
                        break;
                    }
                    Some(found) if self.escape == Some(window[found]) && window.get(found + 1) != Some(&b'\n') => {
                        at = (found + 2).min(window.len());
                    }
                    Some(found) => at = found + 1,
                }
            }
        }
        memchr(b'\n', bytes).map(|at| at + 1)
    }

    /// Where the quote closes that opens before `from`.
    pub fn closing(&self, bytes: &[u8], from: usize) -> Option<usize> {
        let mut at = from;
        loop {
            let found = at + memchr2(self.quote, self.escape.unwrap_or(self.quote), bytes.get(at..)?)?;
            let is_escape = self.escape == Some(bytes[found]) && self.escape != Some(self.quote);
            if is_escape || bytes.get(found + 1) == Some(&self.quote) {
                at = found + 2;
            } else {
                return Some(found);
            }
        }
    }
}
