//! Text columns.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringViewArray};
use arrow::compute::cast;

use super::fit::Fit;
use super::{Block, Decode, Escape, Findings, NullTexts, Spec, Strings, unescape};
use crate::error::Result;
use crate::simd::{Field, Gather, Pool, Row, Utf8Column, gather_utf8};

/// Copies spans; decodes escapes and replaces what is no UTF-8 on the way.
#[derive(Debug)]
pub(super) struct Utf8 {
    field: Field,
    text: TextOut,
}

/// Where text goes: a column, with what a cell must pass through. Shared with the parts of request lines.
#[derive(Debug)]
pub(super) struct TextOut {
    column: Utf8Column,
    null: NullTexts,
    escape: Escape,
    strings: Strings,
    /// The length that texts are brought to.
    fit: Option<Fit>,
    padded: String,
    scratch: Vec<u8>,
}

impl Utf8 {
    pub(super) fn new(spec: &Spec, pool: &Pool) -> Self {
        Self { field: spec.field, text: TextOut::new(spec, pool) }
    }
}

impl Decode for Utf8 {
    fn decode(&mut self, block: &Block, rows: &[Row], found: &mut Findings) {
        self.text.extend(block, self.field, rows, found);
    }

    fn finish(&mut self) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.text.finish()?])
    }
}

impl TextOut {
    pub(super) fn new(spec: &Spec, pool: &Pool) -> Self {
        Self {
            column: Utf8Column::new(pool.clone()),
            null: spec.null.clone(),
            escape: spec.escape,
            strings: spec.strings,
            fit: Fit::of(&spec.kind),
            padded: String::new(),
            scratch: Vec::new(),
        }
    }

    /// Appends the field of each row: by the kernel where it can, by hand where it stops.
    pub(super) fn extend(&mut self, block: &Block, field: Field, rows: &[Row], found: &mut Findings) {
        if self.fit.is_some() {
            for row in rows {
                let escaped = row.has_escapes() && self.is_escaped(block, field, *row);
                self.push(block.bytes(field, *row), escaped, found);
            }
            return;
        }
        let stop_anywhere = !self.escape.is_marked();
        let (positions, null, stop_at) = (block.positions, self.null.fast, self.escape.byte());
        let gather = Gather { positions, field, null, stop_at, stop_anywhere };
        let by_hand = self.escape != Escape::None && stop_at.is_none();
        let mut rest = rows;
        while !rest.is_empty() {
            // Where two bytes may escape something, the kernel is given the rows without either.
            let first = by_hand.then(|| rest.iter().position(|row| row.has_escapes())).flatten();
            let run = &rest[..first.unwrap_or(rest.len())];
            let done = gather_utf8(block.level, &block.text, &gather, run, &mut self.column);
            rest = &rest[done..];
            let Some((row, behind)) = rest.split_first() else { break };
            let escaped = row.has_escapes() && self.is_escaped(block, field, *row);
            self.push(block.bytes(field, *row), escaped, found);
            rest = behind;
            // Where one cell holds the byte, the next ones do more often than not: a call for each costs more.
            while stop_anywhere
                && let Some((row, behind)) = rest.split_first()
                && let Some(bytes) = block.bytes(field, *row)
                && stop_at.is_some_and(|byte| memchr::memchr(byte, bytes).is_some())
            {
                self.push(Some(bytes), true, found);
                rest = behind;
            }
        }
    }

    /// Whether a backslash in the field means something.
    fn is_escaped(&self, block: &Block, field: Field, row: Row) -> bool {
        let span = field.span(block.positions, row);
        span.is_some_and(|(start, _)| self.escape.applies(block.text.text().as_bytes(), start as usize))
    }

    /// Appends one cell.
    pub(super) fn push(&mut self, bytes: Option<&[u8]>, has_escapes: bool, found: &mut Findings) {
        let Some(mut bytes) = bytes.filter(|bytes| !self.null.holds(bytes)) else {
            self.column.push(None);
            return;
        };
        if (has_escapes || !self.escape.is_marked()) && self.escape != Escape::None {
            self.scratch.clear();
            unescape(self.escape, bytes, &mut self.scratch);
            bytes = &self.scratch;
        }
        let lossy;
        let text = match simdutf8::basic::from_utf8(bytes) {
            Ok(text) => text,
            Err(_) => {
                lossy = String::from_utf8_lossy(bytes);
                found.replaced += u64::from(matches!(lossy, Cow::Owned(_)));
                &lossy
            }
        };
        let text = self.fit.map_or(text, |fit| fit.apply(text, &mut self.padded));
        self.column.push(Some(text));
    }

    pub(super) fn finish(&mut self) -> Result<ArrayRef> {
        let text = self.column.finish();
        Ok(match self.strings {
            Strings::Utf8 => Arc::new(text),
            // Shares the bytes of texts over twelve bytes.
            Strings::View => Arc::new(StringViewArray::from(&text)),
            Strings::Large | Strings::Dictionary => cast(&text, &self.strings.data_type())?,
        })
    }
}
