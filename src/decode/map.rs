//! Key-value pairs in one field, as a map.

use std::sync::Arc;

use arrow::array::{ArrayRef, MapArray, StringBuilder, StructArray};
use arrow::buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Field as ArrowField, FieldRef, Fields};

use super::{Block, Decode, Escape, Findings, NullTexts, Spec, unescape};
use crate::error::Result;
use crate::simd::{Bits, Field, Row};
use crate::tokenize::{Cursor, Dialect};

/// Cuts cells into pairs. A key that stands alone has a null; one that repeats keeps its first value, as its column does.
pub(super) struct Map {
    field: Field,
    null: NullTexts,
    escape: Escape,
    dialect: Dialect,
    separator: Option<Field>,
    keys: StringBuilder,
    values: StringBuilder,
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
    pub(super) fn new(spec: &Spec, dialect: &Dialect, separator: Option<Field>) -> Self {
        Self {
            field: spec.field,
            null: spec.null.clone(),
            escape: spec.escape,
            dialect: dialect.clone(),
            separator,
            keys: StringBuilder::new(),
            values: StringBuilder::new(),
            offsets: vec![0],
            validity: Bits::default(),
            seen: Vec::new(),
            scratch: Vec::new(),
        }
    }

    fn cut(&mut self, bytes: &[u8], separator: Option<&[u8]>, has_escapes: bool, found: &mut Findings) {
        // Past this many keys, looking each up among those before would take too long; a later one then stays double.
        const MAX_SEEN: usize = 256;
        let mut cursor = Cursor::default();
        let mut replaced = false;
        self.seen.clear();
        let own = separator.and_then(|text| self.dialect.separated(text));
        let dialect = own.as_ref().unwrap_or(&self.dialect);
        // The tokenizer has read these pairs: there is no fault in them.
        while let Ok(Some(pair)) = dialect.next(bytes, &mut cursor) {
            let span = |(start, end): (u32, u32)| &bytes[start as usize..end as usize];
            let key = span(pair.key);
            if self.seen.iter().any(|known| span(*known) == key) {
                continue;
            }
            if self.seen.len() < MAX_SEEN {
                self.seen.push(pair.key);
            }
            let text = String::from_utf8_lossy(key);
            replaced |= matches!(text, std::borrow::Cow::Owned(_));
            self.keys.append_value(&text);
            let Some(value) = pair.value else {
                self.values.append_null();
                continue;
            };
            let mut value_bytes = span(value);
            if has_escapes && self.escape.applies(bytes, value.0 as usize) {
                self.scratch.clear();
                unescape(self.escape, value_bytes, &mut self.scratch);
                value_bytes = &self.scratch;
            }
            if self.null.holds(value_bytes) && !value_bytes.is_empty() {
                self.values.append_null();
                continue;
            }
            let text = String::from_utf8_lossy(value_bytes);
            replaced |= matches!(text, std::borrow::Cow::Owned(_));
            self.values.append_value(&text);
        }
        found.replaced += u64::from(replaced);
    }

    fn len(&self) -> i32 {
        use arrow::array::ArrayBuilder;
        self.keys.len() as i32
    }
}

impl Decode for Map {
    fn decode(&mut self, block: &Block, rows: &[Row], found: &mut Findings) {
        for row in rows {
            let bytes = block.bytes(self.field, *row);
            if let Some(bytes) = bytes {
                let separator = self.separator.and_then(|field| block.bytes(field, *row));
                self.cut(bytes, separator, row.has_escapes(), found);
            }
            self.validity.push(bytes.is_some());
            self.offsets.push(self.len());
        }
    }

    fn finish(&mut self) -> Result<Vec<ArrayRef>> {
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
