//! Structured data of RFC 5424 as a map of maps.
//!
//! **Source**: RFC 5424, section 6.3: in values `\"`, `\\` and `\]` are escapes, any other backslash is itself.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{ArrayRef, MapArray, StructArray};
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Field as ArrowField, Fields};

use super::texts::Texts;
use super::{Bad, Block, Decode, Findings, NullTexts, Spec};
use crate::error::Result;
use crate::simd::{Bits, Coding, Field, Pool, Row, Text};
use crate::tokenize::{Part, regular_elements};

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
    ids: Texts,
    names: Texts,
    values: Texts,
    /// Elements and parameters so far, those that wait to be copied too.
    elements: i32,
    params: i32,
    /// Ends of the rows' elements, and of the elements' parameters.
    row_ends: Vec<i32>,
    element_ends: Vec<i32>,
    validity: Bits,
}

impl StructuredData {
    pub(super) fn new(spec: &Spec, pool: &Pool) -> Self {
        let texts = || Texts::new(pool);
        Self {
            field: spec.field,
            null: spec.null.clone(),
            ids: texts(),
            names: texts(),
            values: texts(),
            elements: 0,
            params: 0,
            row_ends: vec![0],
            element_ends: vec![0],
            validity: Bits::default(),
        }
    }

    /// Appends the elements of a regular text without escapes, in which no name comes twice. Says whether it was one;
    /// else nothing is appended.
    #[inline(always)]
    fn append_regular(&mut self, text: &Text, start: u32, end: u32) -> bool {
        let Self { ids, names, values, element_ends, .. } = self;
        let (first_id, first_name) = (ids.waiting(), names.waiting());
        let ends = element_ends.len();
        let (mut params, mut plain) = (self.params, true);
        // Parameters of the element under way.
        let mut own_names = first_name;
        let found = regular_elements(text, start, end, |part| match part {
            Part::Element(id) => {
                if ids.waiting() > first_id {
                    element_ends.push(params);
                }
                plain &= !ids.may_hold(text, first_id, id);
                own_names = names.waiting();
                ids.add(id);
            }
            Part::Param { name, value, escaped } => {
                plain &= !escaped && !names.may_hold(text, own_names, name);
                names.add(name);
                values.add(value);
                params += 1;
            }
        });
        if found != Some(end) || !plain {
            ids.forget_from(first_id);
            names.forget_from(first_name);
            // As many values as names.
            values.forget_from(values.waiting() - (params - self.params) as usize);
            element_ends.truncate(ends);
            return false;
        }
        element_ends.push(params);
        self.params = params;
        self.elements += (element_ends.len() - ends) as i32;
        true
    }

    fn append(&mut self, block: &Block, elements: &[Element<'_>], replaced: &mut bool) {
        let mut text = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            *replaced |= matches!(String::from_utf8_lossy(bytes), Cow::Owned(_));
            text
        };
        let mut ids = Vec::new();
        for element in elements {
            self.ids.push(block, Some(&own_name(text(element.id), &mut ids)));
            let mut names = Vec::new();
            for (name, value) in &element.params {
                self.names.push(block, Some(&own_name(text(name), &mut names)));
                self.values.push(block, Some(&text(&unescaped(value))));
            }
            self.params += element.params.len() as i32;
            self.element_ends.push(self.params);
        }
        self.elements += elements.len() as i32;
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
        let text = block.text.text();
        let is_text = block.text.coding() != Coding::Broken;
        for (index, row) in rows.iter().enumerate() {
            let span = self.field.span(block.positions, *row);
            let span = span.filter(|(start, end)| !self.null.holds(text.span(*start, *end)));
            let mut valid = span.is_some();
            if let Some((start, end)) = span
                && !(is_text && self.append_regular(text, start, end))
            {
                match parse(text.span(start, end)) {
                    Some(elements) => {
                        let mut replaced = false;
                        self.append(block, &elements, &mut replaced);
                        found.replaced += u64::from(replaced);
                    }
                    None => {
                        valid = false;
                        found.bad.push(Bad { row: index as u32, column: 0, start, end });
                    }
                }
            }
            self.row_ends.push(self.elements);
            self.validity.push(valid);
        }
        for texts in [&mut self.ids, &mut self.names, &mut self.values] {
            texts.flush(block);
        }
    }

    fn finish(&mut self) -> Result<Vec<ArrayRef>> {
        (self.elements, self.params) = (0, 0);
        let offsets = |ends: &mut Vec<i32>| OffsetBuffer::new(ScalarBuffer::from(std::mem::replace(ends, vec![0])));
        let entries = |fields: Fields| Arc::new(ArrowField::new("entries", DataType::Struct(fields), false));
        let params = StructArray::try_new(
            inner_fields(),
            vec![Arc::new(self.names.finish()), Arc::new(self.values.finish())],
            None,
        )?;
        let inner = MapArray::try_new(entries(inner_fields()), offsets(&mut self.element_ends), params, None, false)?;
        let elements = StructArray::try_new(outer_fields(), vec![Arc::new(self.ids.finish()), Arc::new(inner)], None)?;
        let validity = self.validity.finish();
        let outer = MapArray::try_new(entries(outer_fields()), offsets(&mut self.row_ends), elements, validity, false)?;
        Ok(vec![Arc::new(outer)])
    }
}
