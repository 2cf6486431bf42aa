//! One pair after the other, byte by byte: what the settings of a dialect mean.
//!
//! Every byte is looked at a bounded number of times: a quote that is not closed is looked for once a record.

use memchr::{memchr, memchr2, memchr3};

use crate::error::{Fault, Reason};

/// What stands for "expected a pair" and the like among the literals of a fault.
pub(super) const EXPECTED_PAIR: u16 = u16::MAX;
pub(super) const EXPECTED_KEY: u16 = u16::MAX - 1;
pub(super) const EXPECTED_SEPARATOR: u16 = u16::MAX - 2;
pub(super) const EXPECTED_KNOWN_KEY: u16 = u16::MAX - 3;

/// How pairs are written; see `format::Pairs`.
#[derive(Clone, Debug, PartialEq)]
pub struct Dialect {
    /// Bytes between pairs.
    pub separators: Vec<u8>,
    /// The byte between key and value.
    pub assign: u8,
    /// Bytes a value may stand between.
    pub quotes: Vec<u8>,
    /// The one between which pairs stand.
    pub nested: Option<u8>,
    /// A backslash takes the byte behind it along: between quotes, or anywhere where values end before the next key.
    pub escapes: bool,
    /// Values end before the last word before the next assignment.
    pub until_key: bool,
    /// Keys may stand alone.
    pub bare: bool,
    /// Quotes must be closed, and keys not empty.
    pub strict: bool,
    /// Keys are letters, digits, `_`, `-`, `.`.
    pub labels: bool,
}

/// A pair, as places in the text it was found in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The key.
    pub key: (u32, u32),
    /// The value without its quotes; `None` where the key stands alone.
    pub value: Option<(u32, u32)>,
    /// The end of the pair with its quotes; it starts with its key.
    pub end: u32,
}

/// Where [`Dialect::next`] goes on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cursor {
    at: usize,
    /// The quote that ends the pairs within a pair.
    nested_end: Option<usize>,
    /// The key that ended the last value, and its assignment.
    found: Option<(usize, usize)>,
    /// Quotes of this kind are not closed from here on.
    unclosed: [Option<u8>; 2],
}

impl Cursor {
    /// One that goes on at byte `at`, between two pairs, where no quote was left open before.
    pub(super) fn at(at: u32) -> Self {
        Self { at: at as usize, ..Self::default() }
    }
}

impl Dialect {
    /// The next pair of `text`, `None` at its end.
    ///
    /// **Errors**: the fault, at its byte of `text`.
    pub fn next(&self, text: &[u8], cursor: &mut Cursor) -> Result<Option<Pair>, Fault> {
        if self.until_key { Ok(self.next_loose(text, cursor)) } else { self.next_tight(text, cursor) }
    }

    /// The dialect of a record that says what separates its pairs: a byte, or its hexadecimal digits behind `x` or `0x`.
    pub fn separated(&self, text: &[u8]) -> Option<Self> {
        let digits = text.strip_prefix(b"0x").or(text.strip_prefix(b"x")).or(text.strip_prefix(b"X"));
        let byte = match (text, digits) {
            ([byte], _) => *byte,
            (_, Some(digits @ ([_] | [_, _]))) => u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?,
            _ => return None,
        };
        (byte != self.assign).then(|| Self { separators: vec![byte], ..self.clone() })
    }

    /// Whether `byte` stands between pairs.
    #[inline(always)]
    pub(super) fn separates(&self, byte: u8) -> bool {
        self.separators.contains(&byte)
    }

    fn next_tight(&self, text: &[u8], cursor: &mut Cursor) -> Result<Option<Pair>, Fault> {
        // Where something else separates pairs, spaces before a key are for the eye.
        let skips_spaces = !self.labels;
        let mut at = cursor.at;
        loop {
            if cursor.nested_end == Some(at) {
                cursor.nested_end = None;
            } else if at >= text.len() {
                cursor.at = at;
                return Ok(None);
            } else if !(self.separates(text[at]) || skips_spaces && text[at] == b' ') {
                break;
            }
            at += 1;
        }
        let end = cursor.nested_end.unwrap_or(text.len());
        let start = at;
        let rest = &text[at..end];
        let key_len = match self.separators[..] {
            [separator] => memchr2(self.assign, separator, rest),
            _ => rest.iter().position(|byte| *byte == self.assign || self.separates(*byte)),
        };
        let key_len = key_len.unwrap_or(rest.len());
        let key = &rest[..key_len];
        let has_value = rest.get(key_len) == Some(&self.assign);
        let key_end = at + key_len;
        self.check_key(key, has_value, at)?;
        if !has_value || key.is_empty() {
            // Without a key, all up to the next separator is as it is.
            let len = if has_value { self.word_len(rest) } else { key_len };
            cursor.at = at + len;
            let end = (at + len) as u32;
            return Ok(Some(Pair { key: (start as u32, end), value: None, end }));
        }
        let value = key_end + 1;
        if let Some(quote) = text[value..end].first().filter(|byte| self.quotes.contains(byte))
            && let Some(close) = self.close(text, value, end, *quote, cursor)?
        {
            let is_nested = self.nested == Some(*quote) && cursor.nested_end.is_none();
            if is_nested {
                cursor.nested_end = Some(close);
            }
            cursor.at = if is_nested { value + 1 } else { close + 1 };
            let value = Some((value as u32 + 1, close as u32));
            return Ok(Some(Pair { key: (start as u32, key_end as u32), value, end: close as u32 + 1 }));
        }
        let value_end = value + self.word_len(&text[value..end]);
        cursor.at = value_end;
        let value = Some((value as u32, value_end as u32));
        Ok(Some(Pair { key: (start as u32, key_end as u32), value, end: value_end as u32 }))
    }

    fn word_len(&self, text: &[u8]) -> usize {
        let found = match self.separators[..] {
            [separator] => memchr(separator, text),
            _ => text.iter().position(|byte| self.separates(*byte)),
        };
        found.unwrap_or(text.len())
    }

    fn check_key(&self, key: &[u8], has_value: bool, at: usize) -> Result<(), Fault> {
        let fault = |literal, at| Err(Fault { reason: Reason::ExpectedLiteral(literal), at: at as u32 });
        if self.labels
            && let Some(odd) = key.iter().position(|byte| !is_label(*byte))
        {
            return fault(if has_value { EXPECTED_KEY } else { EXPECTED_PAIR }, at + odd);
        }
        if !has_value && !self.bare {
            return fault(EXPECTED_PAIR, at);
        }
        if self.strict && key.is_empty() {
            return fault(EXPECTED_KEY, at);
        }
        if self.strict
            && let Some(odd) = key.iter().position(|byte| self.quotes.contains(byte))
        {
            return fault(EXPECTED_KEY, at + odd);
        }
        Ok(())
    }

    /// The quote that closes the one at `open`; `None` where the value is to be kept as written.
    fn close(
        &self,
        text: &[u8],
        open: usize,
        end: usize,
        quote: u8,
        cursor: &mut Cursor,
    ) -> Result<Option<usize>, Fault> {
        let kind = self.quotes.iter().position(|known| *known == quote).unwrap_or(0);
        let slot = &mut cursor.unclosed[kind.min(1)];
        if *slot == Some(quote) {
            return Ok(None);
        }
        let is_outer = self.nested == Some(quote) && cursor.nested_end.is_none();
        let mut from = open + 1;
        let close = loop {
            let found =
                if self.escapes { unescaped(&text[..end], from, quote) } else { find(&text[..end], from, quote) };
            match found {
                // Pairs within may hold this quote too; the last of a pair has a separator or nothing behind it.
                Some(at) if is_outer && at + 1 < end && !self.separates(text[at + 1]) => from = at + 1,
                found => break found,
            }
        };
        match close {
            None if self.strict => Err(Fault { reason: Reason::ExpectedQuote, at: text.len() as u32 }),
            None => {
                // A search that ended at the end of nested pairs says nothing of what is behind them.
                if cursor.nested_end.is_none() {
                    *slot = Some(quote);
                }
                Ok(None)
            }
            Some(close) if close + 1 < end && !self.separates(text[close + 1]) => {
                if self.strict {
                    let reason = Reason::ExpectedLiteral(EXPECTED_SEPARATOR);
                    return Err(Fault { reason, at: close as u32 + 1 });
                }
                Ok(None)
            }
            close => Ok(close),
        }
    }

    /// Values up to the next key, less the spaces around them. What stands before the first key is a bare key.
    fn next_loose(&self, text: &[u8], cursor: &mut Cursor) -> Option<Pair> {
        let (key, assign) = match cursor.found.take() {
            Some(found) => found,
            None if cursor.at >= text.len() => return None,
            None => {
                let start = cursor.at + text[cursor.at..].iter().take_while(|byte| **byte == b' ').count();
                let found = self.next_key(text, start, true);
                let key = found.map_or(text.len(), |(key, _)| key);
                if key > start {
                    (cursor.at, cursor.found) = (key, found);
                    let end = (start + text[start..key].trim_ascii_end().len()) as u32;
                    return Some(Pair { key: (start as u32, end), value: None, end });
                }
                let Some(found) = found else {
                    cursor.at = text.len();
                    return None;
                };
                found
            }
        };
        let value = assign + 1;
        cursor.found = self.next_key(text, value, false);
        let end = cursor.found.map_or(text.len(), |(next, _)| next);
        cursor.at = end;
        let value_text = &text[value..end];
        let lead = value_text.iter().take_while(|byte| **byte == b' ').count();
        let value = value + lead;
        let kept = value_text[lead..].iter().rev().take_while(|byte| **byte == b' ').count();
        let end = (end - kept).max(value) as u32;
        Some(Pair { key: (key as u32, assign as u32), value: Some((value as u32, end)), end })
    }

    /// The first word at or behind `from` that an assignment follows, and where that is. A word that is no key, such as
    /// the address in `request=https://x/?a=b`, belongs to the value. `fresh` says that a word may begin at `from`.
    fn next_key(&self, text: &[u8], from: usize, fresh: bool) -> Option<(usize, usize)> {
        let mut word = fresh.then_some(from);
        let mut at = from;
        loop {
            at += memchr3(b' ', self.assign, b'\\', text.get(at..)?)?;
            match text[at] {
                b' ' => word = Some(at + 1),
                b'\\' if self.escapes => {
                    // Keys have no escapes.
                    word = None;
                    at += 1;
                }
                b'\\' => word = None,
                _ => {
                    if let Some(start) = word.take()
                        && start < at
                        && text[start..at].iter().all(|byte| is_label(*byte) || matches!(byte, b'[' | b']'))
                    {
                        return Some((start, at));
                    }
                }
            }
            at += 1;
        }
    }
}

/// Whether a label may hold this byte.
pub(super) fn is_label(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

fn find(text: &[u8], from: usize, quote: u8) -> Option<usize> {
    memchr(quote, &text[from..]).map(|at| from + at)
}

/// The first quote at or behind `from` that no backslash takes along.
fn unescaped(text: &[u8], from: usize, quote: u8) -> Option<usize> {
    let mut at = from;
    loop {
        at += memchr2(quote, b'\\', text.get(at..)?)?;
        if text[at] == quote {
            return Some(at);
        }
        at += 2;
    }
}
