//! Time zones: what turns a local time into a point in time. (`filter::calendar` goes the other way.)

use jiff::civil::{self, DateTime};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::time_parts::Cursor;
use crate::error::{Error, ErrorKind, Result, quoted};

/// A zone, with the span of local times around the last one asked for in which its offset stays the same.
#[derive(Clone, Debug)]
pub(super) struct Zone {
    /// `None` for a fixed offset.
    named: Option<TimeZone>,
    /// Seconds east of UTC of the local times from `from` up to `to`.
    offset: i64,
    from: i64,
    to: i64,
    /// Whether the local time last asked for is one of these.
    is_steady: bool,
}

impl Zone {
    /// **Errors**: as [`time_zone`].
    pub(super) fn parse(text: &str) -> Result<Self> {
        let zone = time_zone(text)?;
        Ok(match zone.to_fixed_offset() {
            Ok(offset) => Self { named: None, offset: seconds(offset), from: i64::MIN, to: i64::MAX, is_steady: true },
            // An empty span: the first time asked for is looked up.
            Err(_) => Self { named: Some(zone), offset: 0, from: 0, to: 0, is_steady: false },
        })
    }

    /// The point in time of a local one, both in seconds since 1970. A time that occurs twice is the earlier one; one
    /// that is skipped is as much later as the clock was put forward.
    #[inline]
    pub(super) fn utc_of(&mut self, local: i64) -> Option<i64> {
        if !(self.from..self.to).contains(&local) {
            self.look_up(local)?;
        }
        self.is_steady = (self.from..self.to).contains(&local);
        match &self.named {
            Some(zone) if !self.is_steady => Some(local - compatible(zone, local)?),
            _ => Some(local - self.offset),
        }
    }

    /// The points in time to which the offset of the last one asked for applies, in seconds: from the first to before
    /// the second. `None` next to a change of the clock.
    pub(super) fn stretch(&self) -> Option<(i64, i64)> {
        let ends = (self.from.saturating_sub(self.offset), self.to.saturating_sub(self.offset));
        match self.named {
            None => Some((i64::MIN, i64::MAX)),
            Some(_) => self.is_steady.then_some(ends),
        }
    }

    /// The point in time of a local one in the zone's time of that name (`JST`, `CEST`), `None` if it has none then. A
    /// fixed offset has no names: then it is the time that is called so everywhere.
    #[cold]
    pub(super) fn utc_as(&self, name: &[u8], local: i64) -> Option<i64> {
        let Some(zone) = &self.named else { return Some(local - offset_of_name(name)?) };
        let (first, second) = offsets(zone, local)?;
        [first, second].into_iter().find_map(|offset| {
            let utc = local - seconds(offset);
            let there = zone.to_offset_info(Timestamp::from_second(utc).ok()?);
            let same = there.offset() == offset && there.abbreviation().as_bytes().eq_ignore_ascii_case(name);
            same.then_some(utc)
        })
    }

    /// Finds the span around `local`, or an empty one next to a change of the clock.
    #[cold]
    fn look_up(&mut self, local: i64) -> Option<()> {
        let zone = self.named.as_ref()?;
        let offset = compatible(zone, local)?;
        let at = Timestamp::from_second(local - offset).ok();
        let Some((at, behind)) = at.zip(Timestamp::new(local - offset, 1).ok()) else {
            // The last day of the year 9999.
            (self.from, self.to) = (0, 0);
            return Some(());
        };
        // Around a change, the local times between its two offsets occur twice or never.
        self.from = zone.preceding(behind).next().map_or(i64::MIN, |change| {
            let before = change.timestamp().checked_sub(SignedDuration::from_nanos(1));
            let old = before.map_or(seconds(change.offset()), |before| seconds(zone.to_offset(before)));
            change.timestamp().as_second() + old.max(seconds(change.offset()))
        });
        self.to = zone.following(at).next().map_or(i64::MAX, |change| {
            change.timestamp().as_second() + seconds(zone.to_offset(at)).min(seconds(change.offset()))
        });
        self.offset = seconds(zone.to_offset(at));
        Some(())
    }
}

/// The zone of an IANA name, `UTC`, `GMT`, `Z`, or an offset such as `+09:00`.
///
/// **Errors**: `Option` if there is none.
pub(crate) fn time_zone(text: &str) -> Result<TimeZone> {
    let offset = fixed(text.as_bytes()).and_then(|east| Offset::from_seconds(i32::try_from(east).ok()?).ok());
    match offset {
        Some(Offset::UTC) => Ok(TimeZone::UTC),
        Some(offset) => Ok(TimeZone::fixed(offset)),
        None => TimeZone::get(text).map_err(|cause| {
            Error::new(ErrorKind::Option, format!("no time zone is called {}", quoted(text.as_bytes())))
                .with_hint("a time zone is an IANA name such as \"Asia/Tokyo\", or an offset such as \"+09:00\"")
                .with_cause(cause)
        }),
    }
}

fn seconds(offset: Offset) -> i64 {
    i64::from(offset.seconds())
}

/// The offset that the rule of [`Zone::utc_of`] picks.
fn compatible(zone: &TimeZone, local: i64) -> Option<i64> {
    offsets(zone, local).map(|(before, _)| seconds(before))
}

/// The offsets before and after the change of the clock that a local time falls into, or its offset twice.
fn offsets(zone: &TimeZone, local: i64) -> Option<(Offset, Offset)> {
    let since: DateTime = civil::date(1970, 1, 1).at(0, 0, 0, 0);
    let time = since.checked_add(SignedDuration::from_secs(local)).ok()?;
    Some(match zone.to_ambiguous_timestamp(time).offset() {
        AmbiguousOffset::Unambiguous { offset } => (offset, offset),
        AmbiguousOffset::Gap { before, after } | AmbiguousOffset::Fold { before, after } => (before, after),
    })
}

/// Seconds east of UTC.
fn fixed(text: &[u8]) -> Option<i64> {
    if is_utc(text) {
        return Some(0);
    }
    let mut cursor = Cursor::new(text);
    let offset = cursor.offset()?;
    cursor.is_done().then_some(offset)
}

/// Names that mean one offset wherever they are written, and its hours. `CST`, `IST`, `BST` and their like mean several, so
/// only a column's own zone can tell.
///
/// **Source**: RFC 5322, section 4.3, for North America; the tz database for the rest.
const NAMES: [(&str, i64); 22] = [
    ("EST", -5),
    ("EDT", -4),
    ("MST", -7),
    ("MDT", -6),
    ("PST", -8),
    ("PDT", -7),
    ("AKST", -9),
    ("AKDT", -8),
    ("HST", -10),
    ("WET", 0),
    ("WEST", 1),
    ("CET", 1),
    ("CEST", 2),
    ("EET", 2),
    ("EEST", 3),
    ("MSK", 3),
    ("JST", 9),
    ("KST", 9),
    ("AEST", 10),
    ("AEDT", 11),
    ("NZST", 12),
    ("NZDT", 13),
];

/// The seconds east of UTC of a name that means them everywhere.
fn offset_of_name(name: &[u8]) -> Option<i64> {
    NAMES.iter().find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(name)).map(|(_, hours)| hours * 3600)
}

/// Whether a text is a name of UTC.
pub(super) fn is_utc(text: &[u8]) -> bool {
    [&b"utc"[..], b"gmt", b"z"].iter().any(|name| name.eq_ignore_ascii_case(text))
}
