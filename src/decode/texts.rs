//! A text column that is filled span by span and copied many spans at a time.

use std::borrow::Cow;

use arrow::array::StringArray;

use super::Block;
use crate::simd::{Field, Gather, NullText, Pool, Row, Text, Utf8Column, gather_utf8};

/// What stands for a null.
pub(super) const NULL: (u32, u32) = (1, 0);

/// The texts of a map's keys or values, in order. Spans wait until [`Texts::flush`], so that the kernel for text columns
/// copies them; only in a text that is UTF-8 as a whole, since nothing is replaced.
#[derive(Debug)]
pub(super) struct Texts {
    column: Utf8Column,
    /// Start and end of each span that waits, and the rows of two positions that point at them.
    positions: Vec<u32>,
    rows: Vec<Row>,
}

impl Texts {
    pub(super) fn new(pool: &Pool) -> Self {
        Self { column: Utf8Column::new(pool.clone()), positions: Vec::new(), rows: Vec::new() }
    }

    /// Appends a span, which cuts no character, or [`NULL`].
    #[inline(always)]
    pub(super) fn add(&mut self, (start, end): (u32, u32)) {
        self.positions.extend([start, end]);
    }

    /// Spans that wait.
    #[inline(always)]
    pub(super) fn waiting(&self) -> usize {
        self.positions.len() / 2
    }

    /// Whether one of the spans that wait, from number `from` on, may hold the same text as `span`: one of its length with
    /// its first eight bytes.
    #[inline(always)]
    pub(super) fn may_hold(&self, text: &Text, from: usize, span: (u32, u32)) -> bool {
        let len = span.1 - span.0;
        let kept = if len >= 8 { u64::MAX } else { (1 << (8 * len)) - 1 };
        let word = text.word(span.0);
        let spans = self.positions.get(2 * from..).unwrap_or_default();
        spans.chunks_exact(2).any(|known| known[1] - known[0] == len && (text.word(known[0]) ^ word) & kept == 0)
    }

    /// Forgets the spans that wait from number `from` on.
    pub(super) fn forget_from(&mut self, from: usize) {
        self.positions.truncate(2 * from);
    }

    /// Appends a text at once.
    pub(super) fn push(&mut self, block: &Block, text: Option<&str>) {
        self.flush(block);
        self.column.push(text);
    }

    /// Appends bytes at once, and says so if some of them are no UTF-8 and became U+FFFD.
    pub(super) fn push_lossy(&mut self, block: &Block, bytes: &[u8], replaced: &mut bool) {
        let text = String::from_utf8_lossy(bytes);
        *replaced |= matches!(text, Cow::Owned(_));
        self.push(block, Some(&text));
    }

    /// Copies what waits.
    pub(super) fn flush(&mut self, block: &Block) {
        if self.positions.is_empty() {
            return;
        }
        // The rows of the block before are the same, as far as they go.
        while self.rows.len() < self.positions.len() / 2 {
            self.rows.push(Row::new(2 * self.rows.len() as u32, 0));
        }
        let field = Field { end_slot: 1, ..Field::default() };
        let gather = Gather {
            positions: &self.positions,
            field,
            null: NullText::default(),
            stop_at: None,
            stop_anywhere: false,
        };
        let mut rest = &self.rows[..self.positions.len() / 2];
        while !rest.is_empty() {
            let done = gather_utf8(block.level, &block.text, &gather, rest, &mut self.column);
            rest = &rest[done..];
            let Some((row, behind)) = rest.split_first() else { break };
            let text = block.bytes(field, *row).map(String::from_utf8_lossy);
            self.column.push(text.as_ref().map(Cow::as_ref));
            rest = behind;
        }
        self.positions.clear();
    }

    /// The column as an array; leaves an empty one. All must have been copied.
    pub(super) fn finish(&mut self) -> StringArray {
        debug_assert!(self.positions.is_empty());
        self.column.finish()
    }
}
