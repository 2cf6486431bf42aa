//! Times: reading them from text, and their date and hour in a time zone.

use arrow::array::{Array, ArrayRef, AsArray, Date32Array, Int16Array, PrimitiveArray};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType,
};
use jiff::civil;
use jiff::tz::TimeZone;
use std::sync::Arc;

use super::types::per_second;
use crate::decode::{civil_date, time_zone};
use crate::error::Result;

const DAY_SECONDS: i64 = 86_400;

/// A time zone, looked up once; gives the offset of points in time (that of local times is `decode`'s).
#[derive(Clone, Debug)]
pub(super) struct Zone {
    tz: TimeZone,
    /// Seconds east of UTC, where that never changes.
    fixed: Option<i64>,
}

/// What is taken from a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Date,
    Year,
    Month,
    Day,
    Hour,
    Minute,
}

impl Part {
    pub(super) fn data_type(self) -> DataType {
        if self == Self::Date { DataType::Date32 } else { DataType::Int16 }
    }
}

impl Zone {
    pub(super) fn utc() -> Self {
        Self { tz: TimeZone::UTC, fixed: Some(0) }
    }

    /// The zone that option `timezone` says.
    ///
    /// **Errors**: as [`time_zone`].
    pub(super) fn named(name: &str) -> Result<Self> {
        let tz = time_zone(name)?;
        let fixed = tz.to_fixed_offset().ok().map(|offset| offset.seconds().into());
        Ok(Self { tz, fixed })
    }

    /// Nanoseconds since 1970 UTC of a text; without an offset it is local to the zone, without a time midnight.
    pub(super) fn parse(&self, text: &str) -> Option<i128> {
        let text = text.trim();
        if let Ok(ts) = text.parse::<jiff::Timestamp>() {
            return Some(ts.as_nanosecond());
        }
        let local: civil::DateTime = text.parse().ok()?;
        Some(self.tz.to_timestamp(local).ok()?.as_nanosecond())
    }

    /// Seconds east of UTC at `second`, and the seconds from and to which that holds. `None` outside the years -9999
    /// to 9999.
    fn offset_at(&self, second: i64) -> Option<(i64, std::ops::Range<i64>)> {
        let ts = jiff::Timestamp::from_second(second).ok()?;
        let offset = self.tz.to_offset(ts).seconds().into();
        // `preceding` excludes its argument, so a transition at this very second must be looked for one later.
        let later = ts.checked_add(jiff::SignedDuration::from_nanos(1)).ok()?;
        let from = self.tz.preceding(later).next().map_or(i64::MIN, |at| at.timestamp().as_second());
        let to = self.tz.following(ts).next().map_or(i64::MAX, |at| at.timestamp().as_second());
        Some((offset, from..to))
    }
}

/// Days since 1970 of `2026-03-05`.
pub(super) fn parse_date(text: &str) -> Option<i32> {
    let text = text.trim();
    if text.len() != 10 {
        return None;
    }
    let date: civil::Date = text.parse().ok()?;
    let midnight = date.to_datetime(civil::Time::midnight());
    let second = TimeZone::UTC.to_timestamp(midnight).ok()?.as_second();
    i32::try_from(second.div_euclid(DAY_SECONDS)).ok()
}

/// Ticks of `unit` in the nanoseconds, if they are a whole number that fits.
pub(super) fn exact_ticks(nanos: i128, unit: TimeUnit) -> Option<i64> {
    let tick = i128::from(1_000_000_000 / per_second(unit));
    (nanos % tick == 0).then(|| i64::try_from(nanos / tick).ok()).flatten()
}

/// `part` of each time; null where it is null or past the calendar. Times without a zone are taken as they are.
pub(super) fn take_part(array: &ArrayRef, part: Part, zone: &Zone) -> Option<ArrayRef> {
    let utc = Zone::utc();
    Some(match array.data_type() {
        DataType::Date32 => {
            let days = array.as_primitive::<Date32Type>();
            match part {
                Part::Date => array.clone(),
                _ => parts(days, part, &utc, |day| i64::from(day).checked_mul(DAY_SECONDS)),
            }
        }
        DataType::Timestamp(unit, named) => {
            let zone = if named.is_some() { zone } else { &utc };
            let ticks = per_second(*unit);
            match unit {
                TimeUnit::Second => parts(array.as_primitive::<TimestampSecondType>(), part, zone, Some),
                TimeUnit::Millisecond => {
                    parts(array.as_primitive::<TimestampMillisecondType>(), part, zone, |v| Some(v.div_euclid(ticks)))
                }
                TimeUnit::Microsecond => {
                    parts(array.as_primitive::<TimestampMicrosecondType>(), part, zone, |v| Some(v.div_euclid(ticks)))
                }
                TimeUnit::Nanosecond => {
                    parts(array.as_primitive::<TimestampNanosecondType>(), part, zone, |v| Some(v.div_euclid(ticks)))
                }
            }
        }
        _ => return None,
    })
}

fn parts<T: ArrowPrimitiveType>(
    array: &PrimitiveArray<T>,
    part: Part,
    zone: &Zone,
    second: impl Fn(T::Native) -> Option<i64>,
) -> ArrayRef {
    // Logs are in order of time, nearly always within one period of constant offset: it is remembered.
    let mut known = match zone.fixed {
        Some(offset) => (offset, i64::MIN..i64::MAX),
        None => (0, 0..0),
    };
    let local = |value: Option<T::Native>| {
        let second = second(value?)?;
        if !known.1.contains(&second) {
            known = zone.offset_at(second)?;
        }
        second.checked_add(known.0)
    };
    let local = array.iter().map(local);
    match part {
        Part::Date => {
            Arc::new(local.map(|second| i32::try_from(second?.div_euclid(DAY_SECONDS)).ok()).collect::<Date32Array>())
        }
        Part::Hour => int16(local.map(|second| Some(second?.rem_euclid(DAY_SECONDS) / 3600))),
        Part::Minute => int16(local.map(|second| Some(second?.rem_euclid(3600) / 60))),
        Part::Year => int16(local.map(|second| Some(civil_date(second?.div_euclid(DAY_SECONDS)).0))),
        Part::Month => int16(local.map(|second| Some(civil_date(second?.div_euclid(DAY_SECONDS)).1))),
        Part::Day => int16(local.map(|second| Some(civil_date(second?.div_euclid(DAY_SECONDS)).2))),
    }
}

fn int16(values: impl Iterator<Item = Option<i64>>) -> ArrayRef {
    Arc::new(values.map(|value| i16::try_from(value?).ok()).collect::<Int16Array>())
}
