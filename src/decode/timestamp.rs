//! Points in time.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{Int64Type, TimestampMicrosecondType, TimestampNanosecondType};

use super::int::short_digits;
use super::number::scaled;
use super::time_memo::Memo;
use super::time_parts::{Instant, Parts, Place};
use super::time_pattern::{TimePattern, read_iso8601, read_java, read_syslog};
use super::zone::{Zone, is_utc};
use super::{Bad, Block, Decode, Findings, Kind, NullTexts, Spec, TimeUnit};
use crate::error::Result;
use crate::simd::{Field, FixedColumn, Pool, Row, Text};

/// **Errors**: `FormatSyntax` for a bad pattern, `Option` for an unknown zone.
pub(super) fn decoder(spec: &Spec, pool: &Pool) -> Result<Box<dyn Decode>> {
    let Kind::Timestamp { pattern, zone, unit, .. } = &spec.kind else {
        return Err(super::wrong_kind(spec));
    };
    let exponent = match unit {
        TimeUnit::Microsecond => 6,
        TimeUnit::Nanosecond => 9,
    };
    let zone = Zone::parse(zone)?;
    let texts = |syntax, is_regular| Texts {
        syntax,
        is_regular,
        zone,
        per_second: 10_i64.pow(exponent),
        limit: Instant::limit(0),
        memo: Memo::new(exponent),
    };
    let exponent = exponent as i32;
    Ok(match &**pattern {
        "java" => boxed(spec, pool, texts(Syntax::Java(TimePattern::new("%Y-%m-%d %H:%M:%S%.f")?), true)),
        "epoch" => boxed(spec, pool, Epoch::new(exponent)),
        "epoch_ms" => boxed(spec, pool, Epoch::new(exponent - 3)),
        "epoch_us" => boxed(spec, pool, Epoch::new(exponent - 6)),
        "epoch_ns" => boxed(spec, pool, Epoch::new(exponent - 9)),
        "auto" => {
            let epochs = [0, 3, 6, 9].map(|less| Epoch::new(exponent - less));
            boxed(spec, pool, Auto { epochs, texts: texts(Syntax::Iso8601, true) })
        }
        pattern => {
            let all = pattern.split(TimePattern::OR).map(syntax).collect::<Result<Vec<_>>>()?;
            let is_regular = all.iter().all(|(_, is_regular)| *is_regular);
            boxed(spec, pool, texts(Syntax::Any(all.into_iter().map(|(syntax, _)| syntax).collect()), is_regular))
        }
    })
}

/// How one kind of text is read, and whether the memo may serve it.
///
/// **Errors**: `FormatSyntax` for a bad pattern.
fn syntax(pattern: &str) -> Result<(Syntax, bool)> {
    Ok(match pattern {
        "iso8601" => (Syntax::Iso8601, true),
        "syslog" => (Syntax::Syslog, true),
        pattern => {
            let pattern = TimePattern::new(pattern)?;
            let is_regular = pattern.is_regular();
            (Syntax::Pattern(pattern), is_regular)
        }
    })
}

fn boxed<R: ReadTime + 'static>(spec: &Spec, pool: &Pool, reader: R) -> Box<dyn Decode> {
    let (unit, zone) = match &spec.kind {
        Kind::Timestamp { unit, is_local, .. } => (*unit, (!is_local).then(|| "UTC".into())),
        _ => (TimeUnit::default(), Some("UTC".into())),
    };
    let column = FixedColumn::new(pool.clone());
    Box::new(Timestamp { field: spec.field, null: spec.null.clone(), column, unit, zone, reader })
}

/// Reads one kind of time text, in units of the column.
trait ReadTime: Send {
    /// The usual text, quickly. `None` says nothing about the text.
    fn fast(&mut self, text: &Text, start: u32, end: u32) -> Option<i64>;

    /// Holds the texts that follow against this time, where they need one.
    fn hold_against(&mut self, _reference_us: i64) {}

    /// Any text; `None` if it is bad.
    fn exact(&mut self, text: &Text, start: u32, end: u32) -> Option<i64>;
}

/// A column of points in time. Holds values of either unit; the unit shows in the array's type alone.
struct Timestamp<R> {
    field: Field,
    null: NullTexts,
    column: FixedColumn<Int64Type>,
    unit: TimeUnit,
    /// That of the array's type.
    zone: Option<Arc<str>>,
    reader: R,
}

impl<R: ReadTime> Decode for Timestamp<R> {
    fn decode(&mut self, block: &Block, rows: &[Row], found: &mut Findings) {
        let text = block.text.text();
        self.reader.hold_against(block.reference_us);
        let mut index = 0;
        self.column.extend(rows, |row| {
            index += 1;
            let (start, end) = self.field.span(block.positions, *row)?;
            if let Some(value) = self.reader.fast(text, start, end) {
                return Some(value);
            }
            if self.null.holds(text.span(start, end)) {
                return None;
            }
            let value = self.reader.exact(text, start, end);
            if value.is_none() {
                found.bad.push(Bad { row: index - 1, column: 0, start, end });
            }
            value
        });
    }

    fn finish(&mut self) -> Result<Vec<ArrayRef>> {
        let values = self.column.finish();
        Ok(vec![match self.unit {
            TimeUnit::Microsecond => {
                let times = values.reinterpret_cast::<TimestampMicrosecondType>();
                Arc::new(times.with_timezone_opt(self.zone.clone()))
            }
            TimeUnit::Nanosecond => {
                let times = values.reinterpret_cast::<TimestampNanosecondType>();
                Arc::new(times.with_timezone_opt(self.zone.clone()))
            }
        }])
    }
}

/// Texts with date and time of day.
struct Texts {
    syntax: Syntax,
    /// See [`TimePattern::is_regular`].
    is_regular: bool,
    zone: Zone,
    per_second: i64,
    /// For texts without a year.
    limit: Instant,
    memo: Memo,
}

enum Syntax {
    Pattern(TimePattern),
    Syslog,
    Iso8601,
    /// The pattern is what such times look like with all their digits.
    Java(TimePattern),
    /// The first that fits.
    Any(Vec<Syntax>),
}

impl Syntax {
    fn read<'a>(&self, text: &'a [u8]) -> Option<Parts<'a>> {
        match self {
            Self::Pattern(pattern) | Self::Java(pattern) => pattern.read(text),
            Self::Syslog => read_syslog(text),
            Self::Iso8601 => read_iso8601(text),
            Self::Any(all) => all.iter().find_map(|syntax| syntax.read(text)),
        }
    }
}

impl ReadTime for Texts {
    #[inline(always)]
    fn fast(&mut self, text: &Text, start: u32, end: u32) -> Option<i64> {
        self.memo.read(text, start, end)
    }

    fn hold_against(&mut self, reference_us: i64) {
        let limit = Instant::limit(reference_us);
        if limit != self.limit {
            // The date of the memo may be one of another year.
            self.limit = limit;
            self.memo.forget();
        }
    }

    #[cold]
    fn exact(&mut self, text: &Text, start: u32, end: u32) -> Option<i64> {
        let bytes = text.span(start, end);
        let parts = match (&self.syntax, self.syntax.read(bytes)) {
            (_, Some(parts)) => parts,
            (Syntax::Java(_), None) => {
                let parts = read_java(bytes, false)?;
                return parts.instant(&mut self.zone, self.limit)?.scaled(self.per_second);
            }
            _ => return None,
        };
        let instant = parts.instant(&mut self.zone, self.limit)?;
        let value = instant.scaled(self.per_second)?;
        if self.is_regular
            && let Some(range) = self.alike(&parts, instant)
        {
            self.memo.learn(text, (start, end), &parts, value, range);
        }
        Some(value)
    }
}

impl Texts {
    /// The first and last value that a text of the same date and zone can have for its time of day to be all that
    /// tells it from this one. `None` if there are no such bounds.
    fn alike(&self, parts: &Parts, instant: Instant) -> Option<(i64, i64)> {
        let (from, to) = match parts.place {
            Place::Unsaid => self.zone.stretch()?,
            Place::Offset(_) => (i64::MIN, i64::MAX),
            Place::Name(name) if is_utc(name) => (i64::MIN, i64::MAX),
            Place::Name(_) => return None,
        };
        let from = from.saturating_mul(self.per_second);
        // The stretch ends before `to`.
        let to = to.saturating_mul(self.per_second).saturating_sub(1);
        if parts.year.is_some() {
            return Some((from, to));
        }
        // Up to the limit the year is the same, as long as no time of the day gives the year after.
        let is_near = self.limit.seconds - instant.seconds < 363 * 86_400;
        let limit = self.limit.scaled(self.per_second)?;
        is_near.then_some((from, to.min(limit)))
    }
}

/// Numbers since 1970 whose unit their size tells, or texts of ISO 8601.
struct Auto {
    /// Of seconds, milliseconds, microseconds and nanoseconds.
    epochs: [Epoch; 4],
    texts: Texts,
}

impl Auto {
    /// The unit that puts a time between 1973 and 5138, by the digits before the point; `None` for what is no number.
    #[inline(always)]
    fn epoch(&mut self, bytes: &[u8]) -> Option<&mut Epoch> {
        let bytes = bytes.strip_prefix(b"-").unwrap_or(bytes);
        let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 || !matches!(bytes.get(digits), None | Some(b'.')) {
            return None;
        }
        let at = match digits {
            ..=11 => 0,
            12..=14 => 1,
            15..=17 => 2,
            _ => 3,
        };
        Some(&mut self.epochs[at])
    }
}

impl ReadTime for Auto {
    #[inline(always)]
    fn fast(&mut self, text: &Text, start: u32, end: u32) -> Option<i64> {
        match self.epoch(text.span(start, end)) {
            Some(epoch) => epoch.fast(text, start, end),
            None => self.texts.fast(text, start, end),
        }
    }

    fn exact(&mut self, text: &Text, start: u32, end: u32) -> Option<i64> {
        match self.epoch(text.span(start, end)) {
            Some(epoch) => epoch.exact(text, start, end),
            None => self.texts.exact(text, start, end),
        }
    }
}

/// Numbers of seconds since 1970, or of parts of them.
struct Epoch {
    /// The number times ten to this power is the value.
    exponent: i32,
    /// What the last digit of a whole number, and of one with three decimals, is worth; 0 if less than a unit.
    whole_worth: i64,
    milli_worth: i64,
    /// The first eight of ten digits read last, and what they are worth: of seconds they hold for a hundred of them.
    head: u64,
    head_value: i64,
}

impl Epoch {
    fn new(exponent: i32) -> Self {
        let worth = |exponent| u32::try_from(exponent).map_or(0, |exponent| 10_i64.pow(exponent));
        Self {
            exponent,
            whole_worth: worth(exponent),
            milli_worth: worth(exponent - 3),
            head: u64::from_le_bytes(*b"00000000"),
            head_value: 0,
        }
    }
}

impl ReadTime for Epoch {
    /// Nine to sixteen digits, and perhaps a point and three more.
    #[inline(always)]
    fn fast(&mut self, text: &Text, start: u32, end: u32) -> Option<i64> {
        let len = end - start;
        if len == 10 && text.word(start) == self.head {
            // Where a unit is more than the digits are worth, the exact reader rounds.
            let low = short_digits(text.word(start + 8), 2).filter(|_| self.whole_worth > 0)?;
            return self.head_value.checked_add(low * self.whole_worth);
        }
        let has_point = len > 12 && text.byte(end - 4) == b'.';
        let digits = if has_point { len - 4 } else { len };
        if !(9..=16).contains(&digits) {
            return None;
        }
        let high = short_digits(text.word(start), digits - 8)?;
        let low = short_digits(text.word(start + digits - 8), 8)?;
        let whole = high * 100_000_000 + low;
        let (number, worth) = if has_point {
            (whole.checked_mul(1000)? + short_digits(text.word(end - 3), 3)?, self.milli_worth)
        } else {
            (whole, self.whole_worth)
        };
        let value = (worth > 0).then(|| number.checked_mul(worth))??;
        if len == 10 {
            (self.head, self.head_value) = (text.word(start), value - number % 100 * worth);
        }
        Some(value)
    }

    fn exact(&mut self, text: &Text, start: u32, end: u32) -> Option<i64> {
        scaled(text.span(start, end), self.exponent)
    }
}
