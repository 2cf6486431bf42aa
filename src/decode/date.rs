//! Days.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::Date32Type;

use super::int::parse_int;
use super::time_parts::Instant;
use super::time_pattern::TimePattern;
use super::{Block, Decode, Findings, NullTexts, Spec, extend_fixed};
use crate::error::Result;
use crate::simd::{Field, FixedColumn, Pool, Row};

/// Reads dates by a pattern, or days since 1970. A time of day and a zone in the pattern are checked and do not change the day.
#[derive(Debug)]
pub(super) struct Date {
    field: Field,
    null: NullTexts,
    column: FixedColumn<Date32Type>,
    /// `None` for numbers of days.
    pattern: Option<TimePattern>,
    /// For texts without a year.
    limit: Instant,
    /// The text before and its day: logs write long runs of one date.
    last: (Vec<u8>, i32),
}

impl Date {
    /// **Errors**: `FormatSyntax` for a bad pattern.
    pub(super) fn new(spec: &Spec, pool: &Pool, pattern: &str) -> Result<Self> {
        Ok(Self {
            field: spec.field,
            null: spec.null.clone(),
            column: FixedColumn::new(pool.clone()),
            pattern: match pattern {
                "epoch_days" => None,
                "iso8601" => Some(TimePattern::new("%Y-%m-%d")?),
                pattern => Some(TimePattern::new(pattern)?),
            },
            limit: Instant::limit(0),
            last: (Vec::new(), 0),
        })
    }
}

impl Decode for Date {
    fn decode(&mut self, block: &Block, rows: &[Row], found: &mut Findings) {
        let limit = Instant::limit(block.reference_us);
        if limit != self.limit {
            // The day may be one of another year.
            self.limit = limit;
            self.last.0.clear();
        }
        extend_fixed(
            (self.field, &self.null, &mut self.column),
            (block, rows, found),
            |_, _, _| None,
            |bytes| {
                if bytes == self.last.0 && !bytes.is_empty() {
                    return Some(self.last.1);
                }
                let day = match &self.pattern {
                    Some(pattern) => pattern.read(bytes)?.date(self.limit)?,
                    None => parse_int(bytes)?,
                };
                let day = i32::try_from(day).ok()?;
                self.last.0.clear();
                self.last.0.extend_from_slice(bytes);
                self.last.1 = day;
                Some(day)
            },
        );
    }

    fn finish(&mut self) -> Result<Vec<ArrayRef>> {
        Ok(vec![Arc::new(self.column.finish())])
    }
}
