//! Facility and severity of a syslog priority.
//!
//! **Source**: RFC 5424, section 6.2.1: the priority is eight times the facility and the severity.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::Int16Type;

use super::int::{parse_int, short_digits};
use super::{Block, Decode, Findings, Kind, NullTexts, Spec, extend_fixed};
use crate::error::Result;
use crate::simd::{Field, FixedColumn, Pool, Row, Text};

/// Reads one of the two; a number over 191 is bad.
#[derive(Debug)]
pub(super) struct Priority {
    field: Field,
    null: NullTexts,
    is_facility: bool,
    column: FixedColumn<Int16Type>,
}

impl Priority {
    pub(super) fn new(spec: &Spec, pool: &Pool) -> Self {
        let is_facility = spec.kind == Kind::Facility;
        Self { field: spec.field, null: spec.null.clone(), is_facility, column: FixedColumn::new(pool.clone()) }
    }
}

impl Decode for Priority {
    fn decode(&mut self, block: &Block, rows: &[Row], found: &mut Findings) {
        let is_facility = self.is_facility;
        let half = |priority: i64| {
            let priority = u8::try_from(priority).ok().filter(|priority| *priority <= 191)?;
            Some(i16::from(if is_facility { priority / 8 } else { priority % 8 }))
        };
        let fast = |text: &Text, start, end: u32| half(short_digits(text.word(start), end - start)?);
        let read = |bytes: &[u8]| half(parse_int(bytes)?);
        extend_fixed((self.field, &self.null, &mut self.column), (block, rows, found), fast, read);
    }

    fn finish(&mut self) -> Result<Vec<ArrayRef>> {
        Ok(vec![Arc::new(self.column.finish())])
    }
}
