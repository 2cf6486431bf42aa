//! Lists of values in one field.

use std::sync::Arc;

use arrow::array::{ArrayRef, ListArray};
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
use arrow::datatypes::FieldRef;

use super::{Bad, Block, Decode, Escape, Findings, Kind, NullTexts, Spec, decoder};
use crate::error::{Error, ErrorKind, Result};
use crate::simd::{Bits, Field, Pool, Row};

/// Cuts cells at separators and hands the items of all rows to the decoder of their kind at once. A null text as the
/// whole cell is a null list, an empty cell an empty list, a null text between separators a null item.
pub(super) struct List {
    field: Field,
    null: NullTexts,
    /// The longer ones first: the longest that fits at a place is the one meant.
    separators: Vec<Box<[u8]>>,
    /// Takes away the meaning of the byte behind it.
    escape: Option<u8>,
    items: Box<dyn Decode>,
    item_field: FieldRef,
    /// Where each row's items end, counted in items; one entry a row, and a first one.
    offsets: Vec<i32>,
    validity: Bits,
    /// The items of a call: their starts and ends in turn, and where those stand.
    positions: Vec<u32>,
    item_rows: Vec<Row>,
    found: Findings,
}

impl List {
    /// **Errors**: `FormatSyntax` without separators or with an empty one; those of the item's decoder.
    pub(super) fn new(spec: &Spec, pool: &Pool, item: &Kind, separators: &[Box<str>]) -> Result<Self> {
        if separators.is_empty() || separators.iter().any(|text| text.is_empty()) {
            return Err(Error::new(ErrorKind::FormatSyntax, "a list needs the texts that separate its items")
                .with_hint("for example separators = [\", \"]; none of them may be empty"));
        }
        if matches!(item, Kind::List { .. }) {
            return Err(Error::new(ErrorKind::TypeMismatch, "a list cannot hold lists"));
        }
        let field = Field { start_slot: 0, end_slot: 1, start_add: 0, end_add: 0 };
        let item_spec = Spec { field, kind: item.clone(), ..spec.clone() };
        let mut separators: Vec<Box<[u8]>> = separators.iter().map(|text| text.as_bytes().into()).collect();
        separators.sort_by_key(|text| std::cmp::Reverse(text.len()));
        Ok(Self {
            field: spec.field,
            null: spec.null.clone(),
            separators,
            escape: match spec.escape {
                Escape::Byte(escape) | Escape::Lazy(escape) => Some(escape),
                _ => None,
            },
            items: decoder(&item_spec, pool)?,
            item_field: Kind::item_field(item, spec.strings),
            offsets: vec![0],
            validity: Bits::default(),
            positions: Vec::new(),
            item_rows: Vec::new(),
            found: Findings::default(),
        })
    }

    fn push_item(&mut self, start: usize, end: usize, row: Row) {
        let base = self.positions.len() as u32;
        self.positions.extend_from_slice(&[start as u32, end as u32]);
        self.item_rows.push(Row::new(base, row.line).with_escapes(row.has_escapes()));
    }

    /// Cuts `bytes`, which stand at `start`, into items.
    fn cut(&mut self, bytes: &[u8], start: u32, row: Row) {
        let start = start as usize;
        let mut item_start = 0;
        let mut at = 0;
        while at < bytes.len() {
            if self.escape == Some(bytes[at]) {
                at += 2;
                continue;
            }
            match self.separators.iter().find(|text| bytes[at..].starts_with(text)) {
                Some(separator) => {
                    let behind = at + separator.len();
                    self.push_item(start + item_start, start + at, row);
                    (item_start, at) = (behind, behind);
                }
                None => at += 1,
            }
        }
        self.push_item(start + item_start, start + bytes.len(), row);
    }
}

impl Decode for List {
    fn decode(&mut self, block: &Block, rows: &[Row], found: &mut Findings) {
        self.positions.clear();
        self.item_rows.clear();
        let first_row = self.offsets.len();
        let items_before = self.offsets.last().copied().unwrap_or_default();
        for row in rows {
            let span = self.field.span(block.positions, *row);
            let cell = span.map(|(start, end)| (block.text.text().span(start, end), start));
            let cell = cell.filter(|(bytes, _)| !self.null.holds(bytes));
            if let Some((bytes, start)) = cell
                && !bytes.is_empty()
            {
                self.cut(bytes, start, *row);
            }
            self.validity.push(cell.is_some());
            // Each item takes a byte of a chunk below 2 GiB.
            self.offsets.push(items_before + self.item_rows.len() as i32);
        }
        self.found.bad.clear();
        let inner = Block { positions: &self.positions, ..*block };
        self.items.decode(&inner, &self.item_rows, &mut self.found);
        found.replaced += std::mem::take(&mut self.found.replaced);
        // One bad cell a row, shown whole, however many of its items are bad.
        let ends = &self.offsets[first_row..];
        let mut last = None;
        for bad in &self.found.bad {
            let item = items_before + bad.row as i32;
            let row = ends.partition_point(|end| *end <= item);
            if last != Some(row)
                && let Some(span) = rows.get(row).and_then(|row| self.field.span(block.positions, *row))
            {
                found.bad.push(Bad { row: row as u32, column: 0, start: span.0, end: span.1 });
                last = Some(row);
            }
        }
    }

    fn finish(&mut self) -> Result<Vec<ArrayRef>> {
        let items = self.items.finish()?;
        let offsets = std::mem::replace(&mut self.offsets, vec![0]);
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        let validity = self.validity.finish();
        items
            .into_iter()
            .map(|items| {
                let list = ListArray::try_new(self.item_field.clone(), offsets.clone(), items, validity.clone())?;
                Ok(Arc::new(list) as ArrayRef)
            })
            .collect()
    }
}
