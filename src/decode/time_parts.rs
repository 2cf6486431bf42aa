//! What a time text says, part by part, and the point in time that follows.

use super::calendar::{day_number, day_of_year_number, year_of};
use super::zone::{Zone, is_utc};

/// A text being read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    /// Bytes read.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn is_done(&self) -> bool {
        self.at == self.text.len()
    }

    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Passes over `len` bytes.
    pub(super) fn skip(&mut self, len: usize) {
        self.at = (self.at + len).min(self.text.len());
    }

    /// Passes over these bytes.
    #[inline]
    pub(super) fn literal(&mut self, bytes: &[u8]) -> Option<()> {
        self.rest().starts_with(bytes).then(|| self.skip(bytes.len()))
    }

    /// Passes over one of these bytes.
    #[inline]
    pub(super) fn one_of(&mut self, bytes: &[u8]) -> Option<u8> {
        let byte = self.peek().filter(|byte| bytes.contains(byte))?;
        self.at += 1;
        Some(byte)
    }

    /// Passes over all such bytes that follow and gives them.
    #[inline]
    pub(super) fn take_while(&mut self, good: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = self.rest();
        let len = rest.iter().position(|byte| !good(*byte)).unwrap_or(rest.len());
        self.at += len;
        &rest[..len]
    }

    /// A number of `min` to `max` digits (nine at most).
    #[inline]
    pub(super) fn number(&mut self, min: usize, max: usize) -> Option<u32> {
        let mut value = 0;
        let mut len = 0;
        while len < max
            && let Some(byte @ b'0'..=b'9') = self.peek()
        {
            value = value * 10 + u32::from(byte - b'0');
            self.at += 1;
            len += 1;
        }
        (len >= min).then_some(value)
    }

    /// A number of one or two digits in a range.
    #[inline]
    pub(super) fn two_digits(&mut self, range: std::ops::RangeInclusive<u32>) -> Option<u32> {
        self.number(1, 2).filter(|value| range.contains(value))
    }

    /// `Z`, `+09`, `+0900` or `+09:00`, in seconds east of UTC.
    pub(super) fn offset(&mut self) -> Option<i64> {
        let sign = match self.one_of(b"+-Zz")? {
            b'+' => 1,
            b'-' => -1,
            _ => return Some(0),
        };
        let hours = self.number(2, 2).filter(|hours| *hours < 24)?;
        let more = match self.peek() {
            Some(b':') => {
                self.at += 1;
                true
            }
            next => next.is_some_and(|byte| byte.is_ascii_digit()),
        };
        let minutes = if more { self.number(2, 2).filter(|minutes| *minutes < 60)? } else { 0 };
        Some(sign * i64::from(hours * 3600 + minutes * 60))
    }
}

/// What a text says of its offset from UTC.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Place<'a> {
    /// Nothing: the column's zone holds.
    #[default]
    Unsaid,
    /// Seconds east of UTC.
    Offset(i64),
    /// A name such as `JST`.
    Name(&'a [u8]),
}

/// The parts of a time text. All of them are in range, but the day may be one its month does not have.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Parts<'a> {
    pub(super) year: Option<u32>,
    /// From 1; 0 if unsaid.
    pub(super) month: u32,
    pub(super) day: u32,
    /// From 1; 0 if unsaid.
    pub(super) day_of_year: u32,
    pub(super) hour: u32,
    /// On a twelve-hour clock, with whether it is afternoon in `afternoon`.
    pub(super) hour12: Option<u32>,
    pub(super) afternoon: bool,
    pub(super) minute: u32,
    pub(super) second: u32,
    pub(super) nanos: u32,
    /// Digits other than zero were dropped behind the nanoseconds.
    pub(super) inexact: bool,
    pub(super) place: Place<'a>,
    /// Whole seconds since 1970, towards 1970, and whether it is before.
    pub(super) epoch: Option<(i64, bool)>,
    /// Where hours, and the digits of the fraction start in the text, and how many of the latter there are.
    pub(super) hour_at: usize,
    pub(super) fraction_at: usize,
    pub(super) fraction_len: usize,
}

/// A point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Instant {
    /// Seconds since 1970 UTC.
    pub(super) seconds: i64,
    /// Nanoseconds behind them, below a billion.
    pub(super) nanos: u32,
}

impl Instant {
    pub(super) fn from_micros(micros: i64) -> Self {
        Self { seconds: micros.div_euclid(1_000_000), nanos: micros.rem_euclid(1_000_000) as u32 * 1000 }
    }

    /// The last point in time that a text without a year can mean: a day behind the reference, since clocks differ.
    pub(super) fn limit(reference_us: i64) -> Self {
        Self::from_micros(reference_us.saturating_add(86_400_000_000))
    }

    /// In units of which a second has so many (a million, a billion), cut towards the past; `None` if it does not fit.
    #[inline]
    pub(super) fn scaled(self, per_second: i64) -> Option<i64> {
        let part = i128::from(self.nanos) / i128::from(1_000_000_000 / per_second);
        i64::try_from(i128::from(self.seconds) * i128::from(per_second) + part).ok()
    }
}

impl Parts<'_> {
    /// Reads `min` to `max` digits as the fraction of a second; those behind the ninth are dropped.
    #[inline]
    pub(super) fn read_fraction(&mut self, cursor: &mut Cursor, min: usize, max: usize) -> Option<()> {
        self.fraction_at = cursor.at();
        let nine = cursor.number(min.min(9), max.min(9))?;
        let len = cursor.at() - self.fraction_at;
        self.nanos = nine * 10_u32.pow(9 - len.min(9) as u32);
        if max > 9 {
            let dropped = cursor.take_while(|byte| byte.is_ascii_digit());
            self.inexact = dropped.iter().any(|byte| *byte != b'0');
        }
        self.fraction_len = cursor.at() - self.fraction_at;
        Some(())
    }

    /// The point in time they name. Without a year it is the closest one not after `limit`.
    pub(super) fn instant(&self, zone: &mut Zone, limit: Instant) -> Option<Instant> {
        if let Some((seconds, before)) = self.epoch {
            return Some(match (before, self.nanos + u32::from(self.inexact)) {
                (false, _) => Instant { seconds, nanos: self.nanos },
                (true, 0) => Instant { seconds: -seconds, nanos: 0 },
                (true, nanos) => Instant { seconds: -seconds - 1, nanos: 1_000_000_000 - nanos },
            });
        }
        if let Some(year) = self.year {
            return self.instant_in(i64::from(year), zone);
        }
        let newest = year_of(limit.seconds.div_euclid(86_400)) + 1;
        // At most eight years lie between leap years.
        (newest - 10..=newest).rev().find_map(|year| self.instant_in(year, zone).filter(|at| *at <= limit))
    }

    fn instant_in(&self, year: i64, zone: &mut Zone) -> Option<Instant> {
        let hour = match self.hour12 {
            Some(hour) => hour % 12 + if self.afternoon { 12 } else { 0 },
            None => self.hour,
        };
        let local = self.day_in(year)? * 86_400 + i64::from(hour * 3600 + self.minute * 60 + self.second);
        let seconds = match self.place {
            Place::Unsaid => zone.utc_of(local)?,
            Place::Offset(offset) => local - offset,
            Place::Name(name) if is_utc(name) => local,
            Place::Name(name) => zone.utc_as(name, local)?,
        };
        Some(Instant { seconds, nanos: self.nanos })
    }

    /// The date they name, as days since 1970-01-01, whatever the zone.
    pub(super) fn date(&self, limit: Instant) -> Option<i64> {
        let limit = limit.seconds.div_euclid(86_400);
        match (self.epoch, self.year) {
            (Some((seconds, before)), _) => {
                let seconds = if before { -seconds - i64::from(self.nanos > 0 || self.inexact) } else { seconds };
                Some(seconds.div_euclid(86_400))
            }
            (None, Some(year)) => self.day_in(i64::from(year)),
            (None, None) => {
                let newest = year_of(limit);
                (newest - 10..=newest).rev().find_map(|year| self.day_in(year).filter(|day| *day <= limit))
            }
        }
    }

    fn day_in(&self, year: i64) -> Option<i64> {
        match (self.month, self.day_of_year) {
            (0, day_of_year) => day_of_year_number(year, day_of_year),
            (month, 0) => day_number(year, month, self.day),
            (month, day_of_year) => {
                let day = day_number(year, month, self.day)?;
                (day_of_year_number(year, day_of_year)? == day).then_some(day)
            }
        }
    }
}
