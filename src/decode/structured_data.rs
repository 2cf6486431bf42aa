//! Structured data of RFC 5424 as a map of maps.
//!
//! **Source**: RFC 5424, section 6.3: in values `\"`, `\\` and `\]` are escapes, any other backslash is itself.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{ArrayRef, MapArray, StringBuilder, StructArray};
use arrow::buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Field as ArrowField, Fields};

use super::{Bad, Block, Decode, Findings, NullTexts, Spec};
use crate::error::Result;
use crate::simd::{Field, Row};

fn inner_fields() -> Fields {
    Fields::from(vec![ArrowField::new("key", DataType::Utf8, false), ArrowField::new("value", DataType::Utf8, true)])
}

fn inner_type() -> DataType {
    DataType::Map(Arc::new(ArrowField::new("entries", DataType::Struct(inner_fields()), false)), false)
}

fn outer_fields() -> Fields {
    Fields::from(vec![ArrowField::new("key", DataType::Utf8, false), ArrowField::new("value", inner_type(), true)])
}

/// `map<string, map<string, string>>`.
pub(super) fn data_type() -> DataType {
    DataType::Map(Arc::new(ArrowField::new("entries", DataType::Struct(outer_fields()), false)), false)
}

/// Reads `[id name="value" ...]...`. Where a name comes again, its later values are under `name_2`, `name_3` and so on,
/// since readers of maps keep one value a key; the same goes for elements.
pub(super) struct StructuredData {
    field: Field,
    null: NullTexts,
    ids: StringBuilder,
    names: StringBuilder,
    values: StringBuilder,
    /// Ends of the rows' elements, and of the elements' parameters.
    row_ends: Vec<i32>,
    element_ends: Vec<i32>,
    validity: Vec<bool>,
}

impl StructuredData {
    pub(super) fn new(spec: &Spec) -> Self {
        Self {
            field: spec.field,
            null: spec.null.clone(),
            ids: StringBuilder::new(),
            names: StringBuilder::new(),
            values: StringBuilder::new(),
            row_ends: vec![0],
            element_ends: vec![0],
            validity: Vec::new(),
        }
    }

    fn append(&mut self, elements: &[Element<'_>], replaced: &mut bool) {
        let mut text = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            *replaced |= matches!(String::from_utf8_lossy(bytes), Cow::Owned(_));
            text
        };
        let mut ids = Vec::new();
        for element in elements {
            self.ids.append_value(own_name(text(element.id), &mut ids));
            let mut names = Vec::new();
            for (name, value) in &element.params {
                self.names.append_value(own_name(text(name), &mut names));
                self.values.append_value(text(&unescaped(value)));
            }
            let params = self.element_ends.last().copied().unwrap_or_default() + element.params.len() as i32;
            self.element_ends.push(params);
        }
    }
}

struct Element<'a> {
    id: &'a [u8],
    params: Vec<(&'a [u8], &'a [u8])>,
}

/// `wanted`, or with a number behind it if it was there.
fn own_name(wanted: String, taken: &mut Vec<String>) -> String {
    // Elements have a handful of names; past this many a search would be quadratic, and names may then repeat.
    const SEARCHED: usize = 64;
    let is_taken = |name: &String| taken.iter().take(SEARCHED).any(|known| known == name);
    let mut name = wanted.clone();
    let mut count = 2;
    while is_taken(&name) {
        name = format!("{wanted}_{count}");
        count += 1;
    }
    taken.push(name.clone());
    name
}

fn unescaped(value: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\\', value).is_none() {
        return Cow::Borrowed(value);
    }
    let mut out = Vec::with_capacity(value.len());
    let mut bytes = value.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match bytes.peek() {
            Some(next @ (b'"' | b'\\' | b']')) if byte == b'\\' => {
                out.push(*next);
                bytes.next();
            }
            _ => out.push(byte),
        }
    }
    Cow::Owned(out)
}

/// Takes structured data apart; `None` if it is none.
fn parse(text: &[u8]) -> Option<Vec<Element<'_>>> {
    let mut elements = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        rest = rest.strip_prefix(b"[")?;
        let end = rest.iter().position(|byte| matches!(byte, b' ' | b']'))?;
        let mut element = Element { id: &rest[..end], params: Vec::new() };
        rest = &rest[end..];
        loop {
            rest = rest.trim_ascii_start();
            if let Some(behind) = rest.strip_prefix(b"]") {
                rest = behind;
                break;
            }
            let equals = memchr::memchr(b'=', rest)?;
            let name = &rest[..equals];
            rest = rest[equals + 1..].strip_prefix(b"\"")?;
            let mut at = 0;
            loop {
                at += memchr::memchr2(b'"', b'\\', rest.get(at..)?)?;
                if rest[at] == b'"' {
                    break;
                }
                at += 2;
            }
            element.params.push((name, &rest[..at]));
            rest = &rest[at + 1..];
        }
        elements.push(element);
    }
    Some(elements)
}

impl Decode for StructuredData {
    fn decode(&mut self, block: &Block, rows: &[Row], found: &mut Findings) {
        for (index, row) in rows.iter().enumerate() {
            let bytes = block.bytes(self.field, *row).filter(|bytes| !self.null.holds(bytes));
            let elements = bytes.and_then(parse);
            if let Some(elements) = &elements {
                let mut replaced = false;
                self.append(elements, &mut replaced);
                found.replaced += u64::from(replaced);
            } else if bytes.is_some()
                && let Some((start, end)) = self.field.span(block.positions, *row)
            {
                found.bad.push(Bad { row: index as u32, column: 0, start, end });
            }
            let elements = elements.map(|elements| elements.len());
            self.row_ends.push(self.row_ends.last().copied().unwrap_or_default() + elements.unwrap_or(0) as i32);
            self.validity.push(elements.is_some());
        }
    }

    fn finish(&mut self) -> Result<Vec<ArrayRef>> {
        let offsets = |ends: &mut Vec<i32>| OffsetBuffer::new(ScalarBuffer::from(std::mem::replace(ends, vec![0])));
        let entries = |fields: Fields| Arc::new(ArrowField::new("entries", DataType::Struct(fields), false));
        let params = StructArray::try_new(
            inner_fields(),
            vec![Arc::new(self.names.finish()), Arc::new(self.values.finish())],
            None,
        )?;
        let inner = MapArray::try_new(entries(inner_fields()), offsets(&mut self.element_ends), params, None, false)?;
        let elements = StructArray::try_new(outer_fields(), vec![Arc::new(self.ids.finish()), Arc::new(inner)], None)?;
        let validity = NullBuffer::from(std::mem::take(&mut self.validity));
        let outer =
            MapArray::try_new(entries(outer_fields()), offsets(&mut self.row_ends), elements, Some(validity), false)?;
        Ok(vec![Arc::new(outer)])
    }
}
