//! Where the next record starts behind a broken one, in JSON text.
//!
//! What stands behind the damage may be read the wrong way round, as if strings were outside strings. So it is looked at
//! as plain bytes, for what seldom stands within a value: a brace that begins a line no deeper than the broken record
//! did; `}{`; another object with the key that the broken record begins with, behind a value and, in an array, a comma.

use memchr::memchr3_iter;

use super::{Place, Text, is_blank};

/// A place that may as well be within the broken record is taken if no better one shows up within so many bytes. Records
/// are seldom longer; each kilobyte costs up to a dozen good ones where keys come in any order.
const PREFERENCE_BYTES: usize = 4096;

/// And within so many braces and brackets.
const PREFERENCE_PLACES: u32 = 100;

/// Longer keys are not compared.
const MAX_KEY_BYTES: usize = 256;

/// Where a record may start.
struct Candidate {
    /// Where the frame before it ends: there, or at the comma before.
    end: usize,
    /// It is hardly within another record.
    is_strong: bool,
}

impl Text<'_> {
    /// Where the frame of the broken value at `place` ends, whose damage was noticed at `at`; `None` if more bytes are
    /// needed. If the place of the damage is not known, whatever may be within the value is passed over.
    pub(super) fn next_record(&self, place: Place, at: usize, is_placed: bool) -> Option<usize> {
        let max = self.values.max_record_bytes;
        let from = at.max(place.start + 1).min(self.bytes.len());
        let limit = self.bytes.len().min(from.saturating_add(max));
        let is_cut = self.bytes.len() - from > max;
        let (mut weak, mut places) = (None, 0);
        for found in memchr3_iter(b'{', b'[', 0x1e, &self.bytes[from..limit]) {
            if let Some(weak) = weak.filter(|_| found > PREFERENCE_BYTES || places > PREFERENCE_PLACES) {
                return Some(weak);
            }
            places += u32::from(weak.is_some());
            if self.bytes[from + found] == 0x1e {
                return Some(from + found);
            }
            match self.candidate(place, from + found)? {
                Some(Candidate { end, is_strong: true }) => return Some(end),
                Some(Candidate { end, .. }) if is_placed => _ = weak.get_or_insert(end),
                _ => {}
            }
        }
        let is_enough = self.is_all || is_cut;
        match weak {
            Some(weak) => (is_enough || self.bytes.len() - from > PREFERENCE_BYTES).then_some(weak),
            None => is_enough.then_some(limit),
        }
    }

    /// Whether the line behind the newline at `newline`, which stands in a string, starts a record. (JSON has no newlines
    /// in strings, but careless writers have.)
    pub(super) fn starts_record_behind(&self, place: Place, newline: usize) -> Option<bool> {
        let limit = self.bytes.len().min(newline.saturating_add(self.values.max_record_bytes));
        let rest = &self.bytes[newline + 1..limit.max(newline + 1)];
        let is_indent = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b',');
        let indent = rest.iter().take_while(|byte| is_indent(byte)).count();
        match rest.get(indent) {
            None if limit == self.bytes.len() && !self.is_all => None,
            Some(b'{') => {
                self.candidate(place, newline + 1 + indent).map(|found| found.is_some_and(|found| found.is_strong))
            }
            _ => Some(false),
        }
    }

    /// Whether a record may start at the brace or bracket at `at`.
    fn candidate(&self, place: Place, at: usize) -> Option<Option<Candidate>> {
        let kind = self.bytes[at];
        let max = self.values.max_record_bytes;
        let rest = &self.bytes[at + 1..];
        let blank = rest.iter().take(max.saturating_add(1)).take_while(|byte| is_blank(**byte)).count();
        let is_own_kind = kind == self.bytes[place.start];
        match rest.get(blank) {
            _ if blank > max => return Some(None),
            None if !self.is_all => return None,
            Some(b'"') if kind == b'{' => {}
            // An array of records, or an array where records are arrays.
            Some(b'{') if kind == b'[' => {}
            Some(_) if kind == b'[' && is_own_kind => {}
            _ => return Some(None),
        }
        let first = place.start + 1;
        let (mut before, newline) = self.blank_start(first, at);
        let (mut end, mut newline) = (at, newline);
        let is_behind_comma = before > first && self.bytes[before - 1] == b',';
        if is_behind_comma {
            end = before - 1;
            let (start, earlier) = self.blank_start(first, end);
            (before, newline) = (start, newline.or(earlier));
        }
        let last = self.bytes[before - 1];
        let is_behind_value = before > first && !matches!(last, b':' | b',' | b'[' | b'{');
        let is_line = newline.is_some_and(|newline| at - newline - 1 <= place.column);
        let is_strong = is_line
            || kind == b'{' && last == b'}' && !is_behind_comma
            || is_behind_value
                && (!is_behind_comma || place.is_element && place.is_compact)
                && self.has_same_key(place.start, at)?;
        let is_any = is_strong || (is_own_kind || kind == b'{') && (is_behind_value || newline.is_some());
        Some(is_any.then_some(Candidate { end, is_strong }))
    }

    /// Where the white space before `at` starts, at `first` or behind it, and the last newline in it.
    fn blank_start(&self, first: usize, at: usize) -> (usize, Option<usize>) {
        let (mut start, mut newline) = (at, None);
        while start > first && is_blank(self.bytes[start - 1]) {
            start -= 1;
            if self.bytes[start] == b'\n' {
                newline = newline.or(Some(start));
            }
        }
        (start, newline)
    }

    /// Whether the objects at both places begin with the same key.
    fn has_same_key(&self, one: usize, other: usize) -> Option<bool> {
        if self.bytes[one] != b'{' || self.bytes[other] != b'{' {
            return Some(false);
        }
        let Some(key) = self.first_key(one)? else { return Some(false) };
        Some(self.first_key(other)? == Some(key))
    }

    /// The first key of the object at `at`, if it is short and nothing but white space stands before it.
    fn first_key(&self, at: usize) -> Option<Option<&[u8]>> {
        let open = |text: &[u8]| if text.len() < MAX_KEY_BYTES && !self.is_all { None } else { Some(None) };
        let rest = &self.bytes[at + 1..];
        let Some(quote) = rest.iter().take(MAX_KEY_BYTES).position(|byte| !is_blank(*byte)) else { return open(rest) };
        let text = &rest[quote + 1..];
        if rest[quote] != b'"' {
            return Some(None);
        }
        match text.iter().take(MAX_KEY_BYTES).position(|byte| *byte == b'"') {
            None => open(text),
            Some(len) => Some(Some(&text[..len])),
        }
    }
}
