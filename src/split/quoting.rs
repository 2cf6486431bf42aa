//! Quotes that hold newlines.

use memchr::{memchr, memchr2, memchr3};

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

/// Quotes of one text that are never closed, by how far they stand from its end.
///
/// A search that comes to the end of the text for nothing went over quotes that opened fields. A later search that opens
/// one of them would go the same way: without this, each record behind an unclosed quote is searched for to the end.
#[derive(Clone, Debug, Default)]
pub struct Unclosed {
    /// A bit for each place.
    quotes: Vec<u64>,
    /// Those the search under way has opened.
    opened: Vec<usize>,
}

impl Unclosed {
    fn contains(&self, place: usize) -> bool {
        self.quotes.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 != 0)
    }

    /// Remembers those that were opened behind the first line: the next search starts there.
    fn keep(&mut self, line_end: usize) {
        for place in self.opened.drain(..).filter(|place| *place <= line_end) {
            if place / 64 >= self.quotes.len() {
                self.quotes.resize(place / 64 + 1, 0);
            }
            self.quotes[place / 64] |= 1 << (place % 64);
        }
    }
}

impl Quoting {
    pub(super) fn first_end(&self, bytes: &[u8], is_all: bool) -> Option<usize> {
        self.first_end_of(bytes, is_all, &mut Unclosed::default())
    }

    /// The end of the first record in `bytes`; `None` if they break off within it. `is_all` says that nothing follows, and
    /// `unclosed` what was found in longer parts of the same text with the same end.
    pub fn first_end_of(&self, bytes: &[u8], is_all: bool, unclosed: &mut Unclosed) -> Option<usize> {
        self.first_end_from(bytes, 0, is_all, unclosed)
    }

    /// The same where the field that starts at `from`, in the first line, is the first whose quote may not be closed.
    pub fn first_end_from(&self, bytes: &[u8], from: usize, is_all: bool, unclosed: &mut Unclosed) -> Option<usize> {
        unclosed.opened.clear();
        let window = &bytes[..bytes.len().min(self.max_record_bytes.saturating_add(1))];
        let is_whole = is_all && window.len() == bytes.len();
        let line_end = |from: usize| memchr(b'\n', bytes.get(from..)?).map(|at| from + at + 1);
        // Most records have no quote.
        match window.get(from..) {
            None => return line_end(from),
            Some([first, ..]) if *first == self.quote => {}
            Some(rest) => match memchr2(self.quote, b'\n', rest) {
                Some(at) if rest[at] == b'\n' => return Some(from + at + 1),
                _ => {}
            },
        }
        let mut at = from;
        // Once around for each field.
        loop {
            if window.get(at) == Some(&self.quote) {
                let place = bytes.len() - at;
                let is_known = is_whole && unclosed.contains(place);
                unclosed.opened.push(place);
                match if is_known { None } else { self.closing(window, at + 1) } {
                    // Another quote may follow that was not read yet.
                    Some(close) if close + 1 == bytes.len() && !is_all && window.len() <= self.max_record_bytes => {
                        return None;
                    }
                    Some(close) => at = close + 1,
                    // The quote never closes.
                    None if is_all || window.len() > self.max_record_bytes => {
                        let end = line_end(from);
                        if is_whole && (!is_known || unclosed.opened.len() > 1) {
                            unclosed.keep(end.map_or(0, |end| bytes.len() - end));
                        }
                        return end;
                    }
                    None => return None,
                }
            }
            // To the end of the field; what stands behind a closing quote belongs to it.
            loop {
                let first = *self.delimiter.first()?;
                let escape = self.escape.unwrap_or(b'\n');
                match memchr3(b'\n', first, escape, window.get(at..)?).map(|found| at + found) {
                    None => return line_end(at),
                    Some(found) if window[found] == b'\n' => return Some(found + 1),
                    Some(found)
                        if window[found] == first
                            && (self.delimiter.len() == 1 || window[found..].starts_with(&self.delimiter)) =>
                    {
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
    }

    fn closing(&self, bytes: &[u8], from: usize) -> Option<usize> {
        closing(self.quote, self.escape, bytes, from)
    }
}

/// Where the quote closes that opens before `from`.
pub(crate) fn closing(quote: u8, escape: Option<u8>, bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let found = at + memchr2(quote, escape.unwrap_or(quote), bytes.get(at..)?)?;
        let is_escape = escape == Some(bytes[found]) && escape != Some(quote);
        if is_escape || bytes.get(found + 1) == Some(&quote) {
            at = found + 2;
        } else {
            return Some(found);
        }
    }
}
