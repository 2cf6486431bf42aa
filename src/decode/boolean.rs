//! Truth values.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray};
use arrow::buffer::{BooleanBuffer, NullBuffer};

use super::{Bad, Block, Decode, Findings, NullTexts, Spec, Truth};
use crate::error::Result;
use crate::simd::{Bits, Field, Row};

/// Reads the words for true and false; anything else is bad, unless it counts as false.
#[derive(Debug)]
pub(super) struct Bool {
    field: Field,
    null: NullTexts,
    truth: Truth,
    /// No null text is one of JSON's words.
    has_words: bool,
    values: Bits,
    validity: Bits,
}

impl Bool {
    pub(super) fn new(spec: &Spec, truth: Truth) -> Self {
        let (values, validity) = (Bits::default(), Bits::default());
        let has_words = !spec.null.holds(b"true") && !spec.null.holds(b"false");
        Self { field: spec.field, null: spec.null.clone(), truth, has_words, values, validity }
    }
}

impl Decode for Bool {
    fn decode(&mut self, block: &Block, rows: &[Row], found: &mut Findings) {
        let text = block.text.text();
        for (index, row) in rows.iter().enumerate() {
            let span = self.field.span(block.positions, *row);
            if let Some((start, end)) = span
                && self.has_words
                && let Some(value) = word(text.word(start), end - start)
            {
                self.values.push(value);
                self.validity.push(true);
                continue;
            }
            let cell = span.filter(|(start, end)| !self.null.holds(text.span(*start, *end)));
            let value = cell.and_then(|(start, end)| {
                let value = parse_bool(text.span(start, end), self.truth);
                if value.is_none() {
                    found.bad.push(Bad { row: index as u32, column: 0, start, end });
                }
                value
            });
            self.values.push(value.unwrap_or_default());
            self.validity.push(value.is_some());
        }
    }

    fn finish(&mut self) -> Result<Vec<ArrayRef>> {
        let len = self.values.len();
        let values = self.values.finish().map_or_else(|| BooleanBuffer::new_set(len), NullBuffer::into_inner);
        Ok(vec![Arc::new(BooleanArray::new(values, self.validity.finish()))])
    }
}

/// `true` and `false` in small letters, the low `len` bytes of `word`.
#[inline(always)]
fn word(word: u64, len: u32) -> Option<bool> {
    const TRUE: u64 = u64::from_le_bytes(*b"true\0\0\0\0");
    const FALSE: u64 = u64::from_le_bytes(*b"false\0\0\0");
    match len {
        4 if word & 0xffff_ffff == TRUE => Some(true),
        5 if word & 0xff_ffff_ffff == FALSE => Some(false),
        _ => None,
    }
}

fn parse_bool(bytes: &[u8], truth: Truth) -> Option<bool> {
    let mut word = [0; 5];
    let word = match word.get_mut(..bytes.len()) {
        Some(word) => {
            word.copy_from_slice(bytes);
            word.make_ascii_lowercase();
            &*word
        }
        None => &[],
    };
    match word {
        b"true" => Some(true),
        b"false" => Some(false),
        _ if truth == Truth::Java => Some(false),
        b"yes" | b"on" | b"1" | b"t" | b"y" if truth == Truth::Usual => Some(true),
        b"no" | b"off" | b"0" | b"f" | b"n" if truth == Truth::Usual => Some(false),
        _ => None,
    }
}
