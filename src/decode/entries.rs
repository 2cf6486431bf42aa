//! Keys and values in one field, apart by two bytes, as a map.

use std::sync::Arc;

use arrow::array::{ArrayBuilder, ArrayRef, StringBuilder};

use super::map::array;
use super::{Block, Decode, Escape, Findings, NullTexts, Spec, unescape};
use crate::error::Result;
use crate::simd::{Bits, Field};

/// Cuts a cell into items and each of those at its first `assign`: into a key and a value, or a key alone, whose value is
/// null. A key that repeats keeps its first value. A null text is a null as a cell and as a value; an empty cell that is
/// no null is an empty map.
#[derive(Debug)]
pub(super) struct Entries {
    field: Field,
    null: NullTexts,
    escape: Escape,
    between: u8,
    assign: u8,
    keys: StringBuilder,
    values: StringBuilder,
    offsets: Vec<i32>,
    validity: Bits,
    /// Keys of the row under way.
    seen: Vec<Box<str>>,
    scratch: Vec<u8>,
}

impl Entries {
    pub(super) fn new(spec: &Spec, between: u8, assign: u8) -> Self {
        Self {
            field: spec.field,
            null: spec.null.clone(),
            escape: spec.escape,
            between,
            assign,
            keys: StringBuilder::new(),
            values: StringBuilder::new(),
            offsets: vec![0],
            validity: Bits::default(),
            seen: Vec::new(),
            scratch: Vec::new(),
        }
    }

    /// The first `wanted` that is not escaped.
    fn find(&self, wanted: u8, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while at < bytes.len() {
            match bytes[at] {
                byte if byte == wanted => return Some(at),
                byte if matches!(self.escape, Escape::Byte(escape) | Escape::Lazy(escape) if escape == byte) => at += 2,
                _ => at += 1,
            }
        }
        None
    }

    /// A text without its escapes.
    fn text(&mut self, bytes: &[u8], found: &mut Findings) -> String {
        self.scratch.clear();
        unescape(self.escape, bytes, &mut self.scratch);
        let text = String::from_utf8_lossy(&self.scratch);
        found.replaced += u64::from(matches!(text, std::borrow::Cow::Owned(_)));
        text.into_owned()
    }

    fn cut(&mut self, bytes: &[u8], found: &mut Findings) {
        // Past this many keys, looking each up among those before would take too long; a later one then stays double.
        const MAX_SEEN: usize = 256;
        self.seen.clear();
        let mut rest = Some(bytes);
        while let Some(bytes) = rest {
            let (item, behind) = match self.find(self.between, bytes) {
                Some(at) => (&bytes[..at], Some(&bytes[at + 1..])),
                None => (bytes, None),
            };
            rest = behind;
            let (key, value) = match self.find(self.assign, item) {
                Some(at) => (&item[..at], Some(&item[at + 1..])),
                None => (item, None),
            };
            let key = self.text(key, found);
            if self.seen.iter().any(|seen| **seen == *key) {
                continue;
            }
            self.keys.append_value(&key);
            if self.seen.len() < MAX_SEEN {
                self.seen.push(key.into());
            }
            let value = value.filter(|value| value.is_empty() || !self.null.holds(value));
            let value = value.map(|value| self.text(value, found));
            self.values.append_option(value);
        }
    }
}

impl Decode for Entries {
    fn decode(&mut self, block: &Block, rows: &[crate::simd::Row], found: &mut Findings) {
        for row in rows {
            let cell = block.bytes(self.field, *row).filter(|bytes| !self.null.holds(bytes));
            if let Some(bytes) = cell.filter(|bytes| !bytes.is_empty()) {
                self.cut(bytes, found);
            }
            self.validity.push(cell.is_some());
            self.offsets.push(self.keys.len() as i32);
        }
    }

    fn finish(&mut self) -> Result<Vec<ArrayRef>> {
        let (keys, values) = (Arc::new(self.keys.finish()), Arc::new(self.values.finish()));
        array(keys, values, std::mem::replace(&mut self.offsets, vec![0]), self.validity.finish())
    }
}
