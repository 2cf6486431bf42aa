//! Days.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::Date32Type;

use super::int::parse_int;
use super::time_parts::Instant;
use super::time_pattern::{TimePattern, read_java};
use super::{Block, Decode, Findings, NullTexts, Spec, extend_fixed};
use crate::error::Result;
use crate::simd::{Field, FixedColumn, Pool, Row};

/// Reads dates by a pattern, or days since 1970. A time of day and a zone in the pattern are checked and do not change the day.
#[derive(Debug)]
pub(super) struct Date {
    field: Field,
    null: NullTexts,
    column: FixedColumn<Date32Type>,
    days: Days,
    /// For texts without a year.
    limit: Instant,
    /// The text before and its day: logs write long runs of one date.
    last: (Vec<u8>, i32),
}

#[derive(Debug)]
enum Days {
    Pattern(TimePattern),
    Java,
    /// Since 1970.
    Number,
}

impl Date {
    /// **Errors**: `FormatSyntax` for a bad pattern.
    pub(super) fn new(spec: &Spec, pool: &Pool, pattern: &str) -> Result<Self> {
        Ok(Self {
            field: spec.field,
            null: spec.null.clone(),
            column: FixedColumn::new(pool.clone()),
            days: match pattern {
                "epoch_days" => Days::Number,
                "java" => Days::Java,
                "iso8601" => Days::Pattern(TimePattern::new("%Y-%m-%d")?),
                pattern => Days::Pattern(TimePattern::new(pattern)?),
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
                let day = match &self.days {
                    Days::Pattern(pattern) => pattern.read(bytes)?.date(self.limit)?,
                    Days::Java => read_java(bytes, true)?.date(self.limit)?,
                    Days::Number => parse_int(bytes)?,
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
