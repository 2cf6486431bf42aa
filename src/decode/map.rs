//! Key-value pairs in one field, as a map.

use std::sync::Arc;

use arrow::array::{ArrayRef, MapArray, StructArray};
use arrow::buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Field as ArrowField, FieldRef, Fields};

use super::texts::{NULL, Texts};
use super::{Block, Decode, Escape, Findings, NullTexts, Spec, unescape};
use crate::error::Result;
use crate::simd::{Bits, Coding, Field, Pool, Row};
use crate::tokenize::{Cursor, Dialect};

/// Cuts cells into pairs. A key that stands alone has a null; one that repeats keeps its first value, as its column does.
pub(super) struct Map {
    field: Field,
    null: NullTexts,
    escape: Escape,
    dialect: Dialect,
    separator: Option<Field>,
    keys: Texts,
    values: Texts,
    /// Pairs so far, those that wait to be copied too.
    pairs: i32,
    offsets: Vec<i32>,
    validity: Bits,
    /// Keys of the row under way.
    seen: Vec<(u32, u32)>,
    scratch: Vec<u8>,
}

/// The Arrow type of maps of texts.
pub(super) fn data_type() -> DataType {
    DataType::Map(entries_field(), false)
}

fn entry_fields() -> Fields {
    vec![ArrowField::new("key", DataType::Utf8, false), ArrowField::new("value", DataType::Utf8, true)].into()
}

fn entries_field() -> FieldRef {
    Arc::new(ArrowField::new("entries", DataType::Struct(entry_fields()), false))
}

impl Map {
    pub(super) fn new(spec: &Spec, dialect: &Dialect, separator: Option<Field>, pool: &Pool) -> Self {
        Self {
            field: spec.field,
            null: spec.null.clone(),
            escape: spec.escape,
            dialect: dialect.clone(),
            separator,
            keys: Texts::new(pool),
            values: Texts::new(pool),
            pairs: 0,
            offsets: vec![0],
            validity: Bits::default(),
            seen: Vec::new(),
            scratch: Vec::new(),
        }
    }

    /// Appends the pairs of the cell at `start..end`.
    fn cut(&mut self, block: &Block, (start, end): (u32, u32), row: Row, found: &mut Findings) {
        // Past this many keys, looking each up among those before would take too long; a later one then stays double.
        const MAX_SEEN: usize = 256;
        let text = block.text.text();
        let bytes = text.span(start, end);
        let is_text = block.text.coding() != Coding::Broken;
        let mut cursor = Cursor::default();
        let mut replaced = false;
        self.seen.clear();
        let separator = self.separator.and_then(|field| block.bytes(field, row));
        let own = separator.and_then(|text| self.dialect.separated(text));
        let dialect = own.as_ref().unwrap_or(&self.dialect);
        // The tokenizer has read these pairs: there is no fault in them.
        while let Ok(Some(pair)) = dialect.next(bytes, &mut cursor) {
            let span = |(start, end): (u32, u32)| &bytes[start as usize..end as usize];
            let place = |(from, to): (u32, u32)| (start + from, start + to);
            let key = span(pair.key);
            let (word, len) = (text.word(start + pair.key.0), key.len() as u32);
            let kept = if len >= 8 { u64::MAX } else { (1 << (8 * len)) - 1 };
            let is_same = |known: &(u32, u32)| {
                known.1 - known.0 == len && (text.word(start + known.0) ^ word) & kept == 0 && span(*known) == key
            };
            if self.seen.iter().any(is_same) {
                continue;
            }
            if self.seen.len() < MAX_SEEN {
                self.seen.push(pair.key);
            }
            self.pairs += 1;
            if is_text {
                self.keys.add(place(pair.key));
            } else {
                self.keys.push_lossy(block, key, &mut replaced);
            }
            let Some(value) = pair.value else {
                self.values.add(NULL);
                continue;
            };
            let mut value_bytes = span(value);
            let has_escapes = row.has_escapes() && self.escape.applies(bytes, value.0 as usize);
            if has_escapes {
                self.scratch.clear();
                unescape(self.escape, value_bytes, &mut self.scratch);
                value_bytes = &self.scratch;
            }
            if self.null.holds(value_bytes) && !value_bytes.is_empty() {
                self.values.add(NULL);
            } else if is_text && !has_escapes {
                self.values.add(place(value));
            } else {
                self.values.push_lossy(block, value_bytes, &mut replaced);
            }
        }
        found.replaced += u64::from(replaced);
    }
}

impl Decode for Map {
    fn decode(&mut self, block: &Block, rows: &[Row], found: &mut Findings) {
        for row in rows {
            let span = self.field.span(block.positions, *row);
            if let Some(span) = span {
                self.cut(block, span, *row, found);
            }
            self.validity.push(span.is_some());
            self.offsets.push(self.pairs);
        }
        self.keys.flush(block);
        self.values.flush(block);
    }

    fn finish(&mut self) -> Result<Vec<ArrayRef>> {
        self.pairs = 0;
        let (keys, values) = (Arc::new(self.keys.finish()), Arc::new(self.values.finish()));
        array(keys, values, std::mem::replace(&mut self.offsets, vec![0]), self.validity.finish())
    }
}

/// The array of a map of texts.
pub(super) fn array(
    keys: ArrayRef,
    values: ArrayRef,
    offsets: Vec<i32>,
    validity: Option<NullBuffer>,
) -> Result<Vec<ArrayRef>> {
    let entries = StructArray::try_new(entry_fields(), vec![keys, values], None)?;
    let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
    Ok(vec![Arc::new(MapArray::try_new(entries_field(), offsets, entries, validity, false)?)])
}
